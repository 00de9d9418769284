"""What Python and NumPy programs call, written in the DSL itself. Importing this package registers all of it."""

from tracer.library import operators_complex, operators_float, operators_int

__all__ = ["operators_complex", "operators_float", "operators_int"]
