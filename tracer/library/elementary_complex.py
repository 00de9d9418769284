"""Elementary functions of NumPy's complex numbers: as those of `cmath`, with infinities and NaNs where Python raises.

complex64 is computed in double precision and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ir.types import complex128
from tracer.extending import out_of_line, primitive, ufunc_rule
from tracer.library import complex_functions as functions
from tracer.library.elementary_power import hypot
from tracer.library.operators_complex import parts
from tracer.typeof import typeof

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

_LN2 = math.log(2.0)
_LN10 = math.log(10.0)


def _register(ufunc: np.ufunc, on_parts: Callable[..., Any]) -> None:
    """Make a function of a real and an imaginary part the rule of a ufunc. The function never raises."""

    @out_of_line
    def computed(x: Any, y: Any) -> Any:
        return on_parts(x, y)

    def rule(z: Any) -> Any:
        real, imag = computed(*parts(primitive.cast(z, to=complex128)))
        return primitive.cast(primitive.complex_(real, imag), to=typeof(z))

    ufunc_rule(ufunc, "np.complex")(rule)


@ufunc_rule(np.absolute, "np.complex")
def absolute(z: Any) -> Any:
    """The modulus, without overflow or underflow on the way."""
    return hypot(primitive.real(z), primitive.imag(z))


def _log(x: Any, y: Any) -> Any:
    """log of x + iy; minus infinity, with an angle, for zero."""
    real, imag = functions.log(x, y)
    zero = primitive.and_(primitive.eq(x, 0.0), primitive.eq(y, 0.0))
    return primitive.select(zero, -math.inf, real), imag


def _log2(x: Any, y: Any) -> Any:
    real, imag = _log(x, y)
    return real / _LN2, imag / _LN2


def _log10(x: Any, y: Any) -> Any:
    real, imag = _log(x, y)
    return real / _LN10, imag / _LN10


def _log1p(x: Any, y: Any) -> Any:
    """log(1 + z), whose modulus is 1 + x * (2 + x) + y * y squared."""
    real, imag = _log(1.0 + x, y)
    small = primitive.lt(primitive.hypot(x, y), 0.5)
    return primitive.select(small, 0.5 * primitive.log1p(primitive.fma(x, 2.0 + x, y * y)), real), imag


def _exp2(x: Any, y: Any) -> Any:
    return functions.exp(x * _LN2, y * _LN2)


def _expm1(x: Any, y: Any) -> Any:
    """exp(z) - 1: cos(y) - 1 is -2 sin(y / 2)**2."""
    real, imag = functions.exp(x, y)
    half = primitive.sin(0.5 * y)
    near = primitive.fma(primitive.expm1(x), primitive.cos(y), -2.0 * half * half)
    moderate = primitive.lt(primitive.hypot(x, y), 100.0)
    return primitive.select(moderate, near, real - 1.0), imag


def _tanh(x: Any, y: Any) -> Any:
    """tanh of x + iy; the real part of tanh(0 + iy) is 0 for every y (C17, G.6.2.6)."""
    real, imag = functions.tanh(x, y)
    return primitive.select(primitive.eq(x, 0.0), x, real), imag


def _tan(x: Any, y: Any) -> Any:
    real, imag = _tanh(-y, x)
    return imag, -real


def _arccosh(x: Any, y: Any) -> Any:
    """acosh of x + iy; the angle of acosh(0 + i NaN) is a right one (C17, G.6.2.1)."""
    real, imag = functions.acosh(x, y)
    return real, primitive.select(primitive.and_(primitive.eq(x, 0.0), primitive.ne(y, y)), math.pi / 2.0, imag)


for _ufunc, _on_parts in {
    np.exp: functions.exp, np.exp2: _exp2, np.expm1: _expm1, np.log: _log, np.log2: _log2, np.log10: _log10, np.log1p: _log1p,
    np.sqrt: functions.sqrt, np.sin: functions.sin, np.cos: functions.cos, np.tan: _tan, np.sinh: functions.sinh,
    np.cosh: functions.cosh, np.tanh: _tanh, np.arcsin: functions.asin, np.arccos: functions.acos,
    np.arctan: functions.atan, np.arcsinh: functions.asinh, np.arccosh: _arccosh, np.arctanh: functions.atanh,
}.items():  # fmt: skip
    _register(_ufunc, _on_parts)
