"""The functions of `cmath`.

Branch cuts and signed zeros follow Kahan, "Branch cuts for complex elementary functions" (1987); results for
infinities and NaNs follow C99, Annex G, in the choices that CPython makes (they are in cmath_special.py). Where
a value is unbounded Python raises ValueError for a singularity and OverflowError for a finite result too large.
"""

from __future__ import annotations

import cmath
import math
import sys
from collections.abc import Callable
from typing import Any

from tracer.extending import implements, out_of_line, primitive
from tracer.library import cmath_special as special
from tracer.library import messages
from tracer.library.floating import is_finite, scale
from tracer.library.operators_complex import complex_truediv, parts

_LN2 = math.log(2.0)
_LN10 = math.log(10.0)
_LARGE = sys.float_info.max / 4.0  # the square root of twice its square is still finite
_SQRT_LARGE = math.sqrt(_LARGE)
_LOG_LARGE = math.log(_LARGE)
_SMALLEST_NORMAL = sys.float_info.min
_SQRT_SMALLEST = math.sqrt(_SMALLEST_NORMAL)


def _implement(function: Callable[..., Any], on_parts: Callable[..., Any]) -> None:
    def implementation(z: Any) -> Any:
        real, imag = on_parts(*parts(complex(z)))
        return primitive.complex_(real, imag)

    implements(function)(implementation)


def _both_finite(x: Any, y: Any) -> Any:
    return is_finite(primitive.fabs(x) * 0.0 + y * 0.0)


def _either_above(limit: float, x: Any, y: Any) -> Any:
    return primitive.or_(primitive.gt(primitive.fabs(x), limit), primitive.gt(primitive.fabs(y), limit))


def _in_range(real: Any, imag: Any) -> Any:
    """The result, unless a part is infinite: OverflowError."""
    infinite = primitive.eq(primitive.fabs(real), math.inf)
    if primitive.or_(infinite, primitive.eq(primitive.fabs(imag), math.inf)):
        raise OverflowError(messages.CMATH_RANGE)
    return real, imag


# --- exponential and logarithm


@out_of_line
def _exp(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.exp(x, y)
    # One factor of e apart, where exp(x) overflows before exp(x) * cos(y) does.
    large = primitive.gt(x, _LOG_LARGE)
    size = primitive.exp(primitive.select(large, x - 1.0, x))
    rest = primitive.select(large, math.e, 1.0)
    return _in_range(size * primitive.cos(y) * rest, size * primitive.sin(y) * rest)


@out_of_line
def _log(x: Any, y: Any) -> Any:
    angle = primitive.atan2(y, x)
    if not _both_finite(x, y):
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


@implements(cmath.log)
def log(z: Any, *base: Any) -> Any:
    """The natural logarithm, cut along the negative real axis, or the logarithm to a base."""
    if len(base) == 0:
        return _natural_log(z)
    return _quotient_of_logs(complex(z), complex(*base))


@out_of_line
def _quotient_of_logs(z: Any, base: Any) -> Any:
    numerator, denominator = primitive.complex_(*_log(*parts(z))), _natural_log(base)
    if denominator == 0.0:
        raise ValueError(messages.CMATH_DOMAIN)
    return complex_truediv(numerator, denominator)


def _natural_log(z: Any) -> Any:
    x, y = parts(complex(z))
    if primitive.and_(primitive.eq(x, 0.0), primitive.eq(y, 0.0)):
        raise ValueError(messages.CMATH_DOMAIN)
    real, imag = _log(x, y)
    return primitive.complex_(real, imag)


@implements(cmath.log10)
def log10(z: Any) -> Any:
    """The logarithm to base 10."""
    real, imag = parts(_natural_log(z))
    return primitive.complex_(real / _LN10, imag / _LN10)


@out_of_line
def _sqrt(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
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


@out_of_line
def _cosh(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.cosh(x, y)
    reduced, rest = _reduced(x)
    return _in_range(
        primitive.cos(y) * primitive.cosh(reduced) * rest, primitive.sin(y) * primitive.sinh(reduced) * rest
    )


@out_of_line
def _sinh(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.sinh(x, y)
    reduced, rest = _reduced(x)
    return _in_range(
        primitive.cos(y) * primitive.sinh(reduced) * rest, primitive.sin(y) * primitive.cosh(reduced) * rest
    )


def _reduced(x: Any) -> Any:
    """x nearer to zero by 1 and a factor e where cosh(x) might overflow, else x and 1."""
    large = primitive.gt(primitive.fabs(x), _LOG_LARGE)
    return primitive.select(large, x - primitive.copysign(1.0, x), x), primitive.select(large, math.e, 1.0)


@out_of_line
def _tanh(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.tanh(x, y)
    if primitive.fabs(x) > _LOG_LARGE:
        imag = 4.0 * primitive.sin(y) * primitive.cos(y) * primitive.exp(-2.0 * primitive.fabs(x))
        return primitive.copysign(1.0, x), imag
    tanh_x, tan_y, sech_x = primitive.tanh(x), primitive.tan(y), 1.0 / primitive.cosh(x)
    product = tanh_x * tan_y
    denominator = 1.0 + product * product
    return tanh_x * (1.0 + tan_y * tan_y) / denominator, ((tan_y / denominator) * sech_x) * sech_x


# --- inverse functions


@out_of_line
def _acos(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.acos(x, y)
    if _either_above(_LARGE, x, y):
        size = primitive.log(primitive.hypot(x / 2.0, y / 2.0)) + 2.0 * _LN2
        return primitive.atan2(primitive.fabs(y), x), primitive.copysign(size, -y)
    (a, b), (c, d) = _sqrt(1.0 - x, -y), _sqrt(1.0 + x, y)
    return 2.0 * primitive.atan2(a, c), primitive.asinh(c * b - d * a)


@out_of_line
def _acosh(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.log_modulus(x, y), primitive.atan2(y, x)
    if _either_above(_LARGE, x, y):
        size = primitive.log(primitive.hypot(x / 2.0, y / 2.0)) + 2.0 * _LN2
        return size, primitive.atan2(y, x)
    (a, b), (c, d) = _sqrt(x - 1.0, y), _sqrt(x + 1.0, y)
    return primitive.asinh(a * c + b * d), 2.0 * primitive.atan2(b, c)


@out_of_line
def _asinh(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.asinh(x, y)
    if _either_above(_LARGE, x, y):
        size = primitive.log(primitive.hypot(x / 2.0, y / 2.0)) + 2.0 * _LN2
        return primitive.copysign(size, x), primitive.atan2(y, primitive.fabs(x))
    (a, b), (c, d) = _sqrt(1.0 + y, -x), _sqrt(1.0 - y, x)
    return primitive.asinh(a * d - c * b), primitive.atan2(y, a * c - b * d)


@out_of_line
def _atanh(x: Any, y: Any) -> Any:
    """By symmetry for a real part that is not negative."""
    sign = primitive.select(primitive.eq(x, x), primitive.copysign(1.0, x), 1.0)
    real, imag = _atanh_of_right_half(primitive.fabs(x), sign * y)
    return sign * real, sign * imag


def _atanh_of_right_half(x: Any, y: Any) -> Any:
    if not _both_finite(x, y):
        return special.atanh(x, y)
    size = primitive.fabs(y)
    if _either_above(_SQRT_LARGE, x, y):
        modulus = primitive.hypot(x / 2.0, y / 2.0)
        return x / 4.0 / modulus / modulus, primitive.copysign(math.pi / 2.0, y)
    if x == 1.0 and size < _SQRT_SMALLEST:
        if size == 0.0:
            raise ValueError(messages.CMATH_DOMAIN)
        real = -primitive.log(primitive.sqrt(size) / primitive.sqrt(primitive.hypot(size, 2.0)))
        return real, primitive.copysign(primitive.atan2(2.0, -size) / 2.0, y)
    real = primitive.log1p(4.0 * x / ((1.0 - x) * (1.0 - x) + size * size)) / 4.0
    return real, -primitive.atan2(-2.0 * y, (1.0 - x) * (1.0 + x) - size * size) / 2.0


# --- the same functions turned by a quarter: sin(z) = -i sinh(iz) and so on


def _turned(on_parts: Callable[..., Any]) -> Callable[..., Any]:
    def function(x: Any, y: Any) -> Any:
        real, imag = on_parts(-y, x)
        return imag, -real

    return function


def _cos(x: Any, y: Any) -> Any:
    return _cosh(-y, x)


for _function, _on_parts in {
    cmath.exp: _exp, cmath.sqrt: _sqrt, cmath.cosh: _cosh, cmath.sinh: _sinh, cmath.tanh: _tanh, cmath.acos: _acos,
    cmath.acosh: _acosh, cmath.asinh: _asinh, cmath.atanh: _atanh, cmath.cos: _cos, cmath.sin: _turned(_sinh),
    cmath.tan: _turned(_tanh), cmath.asin: _turned(_asinh), cmath.atan: _turned(_atanh),
}.items():  # fmt: skip
    _implement(_function, _on_parts)


# --- polar coordinates and classification


@implements(cmath.phase)
def phase(z: Any) -> Any:
    """The angle, in [-pi, pi]. An angle too small is 0, where Python may report an OverflowError."""
    x, y = parts(complex(z))
    return primitive.atan2(y, x)


@implements(cmath.polar)
def polar(z: Any) -> Any:
    """The modulus and the angle."""
    x, y = parts(complex(z))
    modulus = primitive.hypot(x, y)
    if primitive.and_(primitive.eq(modulus, math.inf), _both_finite(x, y)):
        raise OverflowError(messages.CMATH_RANGE)
    return modulus, primitive.atan2(y, x)


@implements(cmath.rect)
def rect(r: Any, phi: Any) -> Any:
    """The number with this modulus and angle."""
    real, imag = _rect(float(r), float(phi))
    return primitive.complex_(real, imag)


@out_of_line
def _rect(r: Any, phi: Any) -> Any:
    if not _both_finite(r, phi):
        return special.rect(r, phi)
    if phi == 0.0:
        return r, r * phi
    return r * primitive.cos(phi), r * primitive.sin(phi)


@implements(cmath.isnan)
def isnan(z: Any) -> Any:
    """Whether a part is NaN."""
    x, y = parts(complex(z))
    return primitive.or_(primitive.ne(x, x), primitive.ne(y, y))


@implements(cmath.isinf)
def isinf(z: Any) -> Any:
    """Whether a part is infinite."""
    x, y = parts(complex(z))
    return _is_infinite(x, y)


@implements(cmath.isfinite)
def isfinite(z: Any) -> Any:
    """Whether both parts are neither infinite nor NaN."""
    return _both_finite(*parts(complex(z)))


def _is_infinite(x: Any, y: Any) -> Any:
    return primitive.or_(primitive.eq(primitive.fabs(x), math.inf), primitive.eq(primitive.fabs(y), math.inf))


@implements(cmath.isclose)
def isclose(a: Any, b: Any, *, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> Any:
    """Whether a and b differ by at most `rel_tol` of the larger one, or by `abs_tol`."""
    return _isclose(complex(a), complex(b), float(rel_tol), float(abs_tol))


@out_of_line
def _isclose(a: Any, b: Any, relative: Any, absolute: Any) -> Any:
    if relative < 0.0 or absolute < 0.0:
        raise ValueError(messages.NEGATIVE_TOLERANCE)
    if a == b:
        return True
    if primitive.or_(_is_infinite(*parts(a)), _is_infinite(*parts(b))):
        return False
    difference = primitive.hypot(*parts(a - b))
    near_b = primitive.le(difference, relative * primitive.hypot(*parts(b)))
    near_a = primitive.le(difference, relative * primitive.hypot(*parts(a)))
    return primitive.or_(primitive.or_(near_a, near_b), primitive.le(difference, absolute))
