"""What Python and NumPy programs call, written in the DSL itself.

The modules imported here are what nearly every program needs. All others in this folder are found and loaded together when
a program first calls something that is not registered yet: a new module needs no mention anywhere.
"""

import importlib

from ir.on_demand import OnDemand
from tracer.library import (
    builtins, cmath, exact_sum, math, math_integers, math_norms, math_representation, methods, operators_complex, operators_float,
    operators_int, rounding,
)  # fmt: skip

__all__ = [
    "builtins", "cmath", "exact_sum", "math", "math_integers", "math_norms", "math_representation", "methods", "operators_complex",
    "operators_float", "operators_int", "rounding",
]  # fmt: skip

pkgutil = OnDemand("pkgutil")

_rest_is_loaded = False


def load_rest() -> bool:
    """Register all of the library; whether that had not been done yet."""
    global _rest_is_loaded
    if _rest_is_loaded:
        return False
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    _rest_is_loaded = True
    return True
