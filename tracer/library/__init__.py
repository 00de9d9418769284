"""What Python and NumPy programs call, written in the DSL itself. Importing this package registers all of it."""

from tracer.library import (
    builtins, cmath, exact_sum, math, math_integers, math_norms, math_representation, methods, operators_complex, operators_float,
    operators_int, rounding,
)  # fmt: skip

__all__ = [
    "builtins", "cmath", "exact_sum", "math", "math_integers", "math_norms", "math_representation", "methods", "operators_complex",
    "operators_float", "operators_int", "rounding",
]  # fmt: skip
