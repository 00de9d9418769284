"""Mathematical functions on floats, with IEEE 754 results and no exceptions.

Python's `math.sqrt` raises for negative numbers where these give NaN: the library wraps them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ir.opdef import Custom, Intrinsic, LibraryCall, Lowering, OpDef, register, same_types
from ir.types import Float, Type, class_of, dtype_of, float32, float64


def _function(name: str, doc: str, lowering: Lowering, reference: Callable[..., Any], arity: int = 1) -> OpDef:
    def rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
        return same_types(operands, arity, Float)

    def evaluate(attributes: dict[str, Any], *operands: Any) -> Any:
        type = attributes["type"]
        convert = dtype_of(type).type
        with np.errstate(all="ignore"):
            return class_of(type)(reference(*map(convert, operands)))

    samples = ((float64,) * arity, (float32,) * arity)
    return register(OpDef(name, doc, rule, reference=evaluate, lowering=lowering, samples=samples))


sqrt = _function("sqrt", "the square root, correctly rounded", Intrinsic("llvm.sqrt"), np.sqrt)
fabs = _function("fabs", "the absolute value", Intrinsic("llvm.fabs"), np.fabs)
floor = _function("floor", "rounded towards minus infinity", Intrinsic("llvm.floor"), np.floor)
ceil = _function("ceil", "rounded towards plus infinity", Intrinsic("llvm.ceil"), np.ceil)
trunc = _function("trunc", "rounded towards zero", Intrinsic("llvm.trunc"), np.trunc)
rint = _function("rint", "rounded to nearest, ties to even", Intrinsic("llvm.rint"), np.rint)
copysign = _function("copysign", "the size of a with the sign of b", Intrinsic("llvm.copysign"), np.copysign, 2)


fmaximum = _function("fmaximum", "the larger one, NaN if one is NaN; of two zeros either", Custom("maximum"), np.maximum, 2)
fmaximumnum = _function("fmaximumnum", "the larger one of those that are not NaN; of two zeros either", Custom("maxnum"), np.fmax, 2)
fminimumnum = _function("fminimumnum", "the smaller one of those that are not NaN; of two zeros either", Custom("minnum"), np.fmin, 2)
fminimum = _function("fminimum", "the smaller one, NaN if one is NaN; of two zeros either", Custom("minimum"), np.minimum, 2)


def _gamma(x: Any) -> float:
    """Python's gamma function with C's results at the poles and beyond the range of floats."""
    try:
        return math.gamma(x)
    except OverflowError:
        return math.copysign(math.inf, x)
    except ValueError:
        return math.copysign(math.inf, x) if x == 0 else math.nan


def _log_gamma(x: Any) -> float:
    """Python's logarithm of the gamma function with C's results at the poles and beyond the range of floats."""
    try:
        return math.lgamma(x)
    except (OverflowError, ValueError):
        return math.inf


# The C library's functions: NumPy's agree within a few units in the last place, so references are for
# tests with a tolerance, and folding leaves them alone.
_LIBRARY = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log2": np.log2, "log10": np.log10,
    "log1p": np.log1p, "cbrt": np.cbrt, "erf": math.erf, "erfc": math.erfc, "tgamma": _gamma, "lgamma": _log_gamma,
}  # fmt: skip
_BINARY_LIBRARY = {"atan2": np.arctan2, "pow": operator.pow, "hypot": np.hypot, "nextafter": np.nextafter}

for _name, _reference in _LIBRARY.items():
    _function(_name, f"C's {_name}", LibraryCall(_name, _name + "f"), _reference)
for _name, _reference in _BINARY_LIBRARY.items():
    _function(_name, f"C's {_name}", LibraryCall(_name, _name + "f"), _reference, arity=2)
