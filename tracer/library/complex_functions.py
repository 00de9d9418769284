"""Elementary functions of complex numbers, given and returned as a real and an imaginary part; they never raise.

Branch cuts and signed zeros follow Kahan, "Branch cuts for complex elementary functions" (1987); results for
infinities and NaNs follow C99, Annex G, in the choices that CPython makes (they are in cmath_special.py).
"""

from __future__ import annotations

import math
import sys
from typing import Any

from tracer.extending import out_of_line, primitive
from tracer.library import cmath_special as special
from tracer.library.floating import is_finite, scale

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

_LN2 = math.log(2.0)
_LARGE = sys.float_info.max / 4.0  # the square root of twice its square is still finite
_SQRT_LARGE = math.sqrt(_LARGE)
_LOG_LARGE = math.log(_LARGE)
_SMALLEST_NORMAL = sys.float_info.min
_SQRT_SMALLEST = math.sqrt(_SMALLEST_NORMAL)


def both_finite(x: Any, y: Any) -> Any:
    """Whether neither part is infinite or NaN."""
    return is_finite(primitive.fabs(x) * 0.0 + y * 0.0)


def _either_above(limit: float, x: Any, y: Any) -> Any:
    return primitive.or_(primitive.gt(primitive.fabs(x), limit), primitive.gt(primitive.fabs(y), limit))


def exp(x: Any, y: Any) -> Any:
    """exp of x + iy."""
    if not both_finite(x, y):
        return special.exp(x, y)
    # One factor of e apart, where exp(x) overflows before exp(x) * cos(y) does.
    large = primitive.gt(x, _LOG_LARGE)
    size = primitive.exp(primitive.select(large, x - 1.0, x))
    rest = primitive.select(large, math.e, 1.0)
    return size * primitive.cos(y) * rest, size * primitive.sin(y) * rest


def log(x: Any, y: Any) -> Any:
    """log of x + iy, not zero, cut along the negative real axis."""
    angle = primitive.atan2(y, x)
    if not both_finite(x, y):
        return special.log_modulus(x, y), angle
    return _log_of_modulus(primitive.fabs(x), primitive.fabs(y)), angle


def _log_of_modulus(a: Any, b: Any) -> Any:
    """`log(hypot(a, b))` without overflow, underflow, or cancellation near 1."""
    if _either_above(_LARGE, a, b):
        return primitive.log(primitive.hypot(a / 2.0, b / 2.0)) + _LN2
    if a < _SMALLEST_NORMAL and b < _SMALLEST_NORMAL:
        return primitive.log(primitive.hypot(a * 2.0**53, b * 2.0**53)) - 53.0 * _LN2
    modulus = primitive.hypot(a, b)
    if 0.71 <= modulus and modulus <= 1.73:
        larger = primitive.select(primitive.gt(a, b), a, b)
        smaller = primitive.select(primitive.gt(a, b), b, a)
        return primitive.log1p((larger - 1.0) * (larger + 1.0) + smaller * smaller) / 2.0
    return primitive.log(modulus)


@out_of_line
def sqrt(x: Any, y: Any) -> Any:
    """sqrt of x + iy."""
    if not both_finite(x, y):
        return special.sqrt(x, y)
    a, b = primitive.fabs(x), primitive.fabs(y)
    if primitive.and_(primitive.eq(a, 0.0), primitive.eq(b, 0.0)):
        return 0.0, y
    if a < _SMALLEST_NORMAL and b < _SMALLEST_NORMAL:
        a = a * 2.0**53
        size = scale(primitive.sqrt(a + primitive.hypot(a, b * 2.0**53)), -27)
    else:
        a = a / 8.0
        size = 2.0 * primitive.sqrt(a + primitive.hypot(a, b / 8.0))
    other = b / (2.0 * size)
    if x >= 0.0:
        return size, primitive.copysign(other, y)
    return other, primitive.copysign(size, y)


# --- hyperbolic functions


def cosh(x: Any, y: Any) -> Any:
    """cosh of x + iy."""
    if not both_finite(x, y):
        return special.cosh(x, y)
    reduced, rest = _reduced(x)
    return primitive.cos(y) * primitive.cosh(reduced) * rest, primitive.sin(y) * primitive.sinh(reduced) * rest


def sinh(x: Any, y: Any) -> Any:
    """sinh of x + iy."""
    if not both_finite(x, y):
        return special.sinh(x, y)
    reduced, rest = _reduced(x)
    return primitive.cos(y) * primitive.sinh(reduced) * rest, primitive.sin(y) * primitive.cosh(reduced) * rest


def _reduced(x: Any) -> Any:
    """x nearer to zero by 1 and a factor e where cosh(x) might overflow, else x and 1."""
    large = primitive.gt(primitive.fabs(x), _LOG_LARGE)
    return primitive.select(large, x - primitive.copysign(1.0, x), x), primitive.select(large, math.e, 1.0)


def tanh(x: Any, y: Any) -> Any:
    """tanh of x + iy."""
    if not both_finite(x, y):
        return special.tanh(x, y)
    if primitive.fabs(x) > _LOG_LARGE:
        imag = 4.0 * primitive.sin(y) * primitive.cos(y) * primitive.exp(-2.0 * primitive.fabs(x))
        return primitive.copysign(1.0, x), imag
    tanh_x, tan_y, sech_x = primitive.tanh(x), primitive.tan(y), 1.0 / primitive.cosh(x)
    product = tanh_x * tan_y
    denominator = 1.0 + product * product
    return tanh_x * (1.0 + tan_y * tan_y) / denominator, ((tan_y / denominator) * sech_x) * sech_x


# --- inverse functions


def acos(x: Any, y: Any) -> Any:
    """acos of x + iy."""
    if not both_finite(x, y):
        return special.acos(x, y)
    if _either_above(_LARGE, x, y):
        size = primitive.log(primitive.hypot(x / 2.0, y / 2.0)) + 2.0 * _LN2
        return primitive.atan2(primitive.fabs(y), x), primitive.copysign(size, -y)
    (a, b), (c, d) = sqrt(1.0 - x, -y), sqrt(1.0 + x, y)
    return 2.0 * primitive.atan2(a, c), primitive.asinh(c * b - d * a)


def acosh(x: Any, y: Any) -> Any:
    """acosh of x + iy."""
    if not both_finite(x, y):
        return special.log_modulus(x, y), primitive.atan2(y, x)
    if _either_above(_LARGE, x, y):
        size = primitive.log(primitive.hypot(x / 2.0, y / 2.0)) + 2.0 * _LN2
        return size, primitive.atan2(y, x)
    (a, b), (c, d) = sqrt(x - 1.0, y), sqrt(x + 1.0, y)
    return primitive.asinh(a * c + b * d), 2.0 * primitive.atan2(b, c)


def asinh(x: Any, y: Any) -> Any:
    """asinh of x + iy."""
    if not both_finite(x, y):
        return special.asinh(x, y)
    if _either_above(_LARGE, x, y):
        size = primitive.log(primitive.hypot(x / 2.0, y / 2.0)) + 2.0 * _LN2
        return primitive.copysign(size, x), primitive.atan2(y, primitive.fabs(x))
    (a, b), (c, d) = sqrt(1.0 + y, -x), sqrt(1.0 - y, x)
    return primitive.asinh(a * d - c * b), primitive.atan2(y, a * c - b * d)


def atanh(x: Any, y: Any) -> Any:
    """atanh of x + iy: by symmetry for a real part that is not negative."""
    sign = primitive.select(primitive.eq(x, x), primitive.copysign(1.0, x), 1.0)
    real, imag = _atanh_of_right_half(primitive.fabs(x), sign * y)
    return sign * real, sign * imag


def _atanh_of_right_half(x: Any, y: Any) -> Any:
    if not both_finite(x, y):
        return special.atanh(x, y)
    size = primitive.fabs(y)
    if _either_above(_SQRT_LARGE, x, y):
        modulus = primitive.hypot(x / 2.0, y / 2.0)
        return x / 4.0 / modulus / modulus, primitive.copysign(math.pi / 2.0, y)
    if x == 1.0 and size < _SQRT_SMALLEST:
        if size == 0.0:
            return math.inf, y
        real = -primitive.log(primitive.sqrt(size) / primitive.sqrt(primitive.hypot(size, 2.0)))
        return real, primitive.copysign(primitive.atan2(2.0, -size) / 2.0, y)
    real = primitive.log1p(4.0 * x / ((1.0 - x) * (1.0 - x) + size * size)) / 4.0
    return real, -primitive.atan2(-2.0 * y, (1.0 - x) * (1.0 + x) - size * size) / 2.0


# --- the same functions turned by a quarter: sin(z) = -i sinh(iz) and so on


def sin(x: Any, y: Any) -> Any:
    """sin of x + iy."""
    real, imag = sinh(-y, x)
    return imag, -real


def cos(x: Any, y: Any) -> Any:
    """cos of x + iy."""
    return cosh(-y, x)


def tan(x: Any, y: Any) -> Any:
    """tan of x + iy."""
    real, imag = tanh(-y, x)
    return imag, -real


def asin(x: Any, y: Any) -> Any:
    """asin of x + iy."""
    real, imag = asinh(-y, x)
    return imag, -real


def atan(x: Any, y: Any) -> Any:
    """atan of x + iy."""
    real, imag = atanh(-y, x)
    return imag, -real
