"""What Python and NumPy programs call, written in the DSL itself.

The modules imported here are what nearly every program needs. All others in this folder are found and loaded when a program
first calls something that is not registered yet, those for `math` and `cmath` alone, the rest together: a new module needs
no mention anywhere.
"""

import importlib

from ir.on_demand import OnDemand
from tracer.library import (
    builtins, methods, operators_complex, operators_float, operators_int, rounding,
)  # fmt: skip

__all__ = ["builtins", "methods", "operators_complex", "operators_float", "operators_int", "rounding"]

pkgutil = OnDemand("pkgutil")

_FAMILIES = ("math", "cmath")
_rest_is_loaded = False
_loaded_families: set[str] = set()


def load_rest() -> bool:
    """Register all of the library; whether that had not been done yet."""
    global _rest_is_loaded
    if _rest_is_loaded:
        return False
    _load("")
    _rest_is_loaded = True
    return True


def load_family(name: str) -> bool:
    """Register what stands for the functions of `math` or `cmath`, in the files whose names begin so; whether that had
    not been done yet."""
    if name not in _FAMILIES or name in _loaded_families:
        return False
    _load(name)
    _loaded_families.add(name)
    return True


def _load(prefix: str) -> None:
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith(prefix):
            importlib.import_module(f"{__name__}.{module.name}")
