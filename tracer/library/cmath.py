"""The functions of `cmath`: those of complex_functions.py with Python's exceptions.

Where a value is unbounded Python raises ValueError for a singularity and OverflowError for a finite result too large.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import Any

from tracer.extending import implements, out_of_line, primitive
from tracer.library import cmath_special as special
from tracer.library import complex_functions as functions
from tracer.library import messages
from tracer.library.complex_functions import both_finite
from tracer.library.operators_complex import complex_truediv, parts

_LN10 = math.log(10.0)


def _never(x: Any, y: Any) -> Any:
    return False


def _has_infinite_angle(x: Any, y: Any) -> Any:
    """Whether y, the angle of a function of x + iy, is infinite where the result depends on it."""
    return primitive.and_(primitive.eq(primitive.fabs(y), math.inf), primitive.eq(x, x))


def _exp_refuses(x: Any, y: Any) -> Any:
    return primitive.and_(_has_infinite_angle(x, y), primitive.gt(x, -math.inf))


def _tanh_refuses(x: Any, y: Any) -> Any:
    return primitive.and_(_has_infinite_angle(x, y), primitive.lt(primitive.fabs(x), math.inf))


def _is_pole(x: Any, y: Any) -> Any:
    return primitive.and_(primitive.eq(primitive.fabs(x), 1.0), primitive.eq(y, 0.0))


def _turned(refuses: Callable[..., Any]) -> Callable[..., Any]:
    def turned(x: Any, y: Any) -> Any:
        return refuses(-y, x)

    return turned


def _implement(function: Callable[..., Any], on_parts: Callable[..., Any], refuses: Callable[..., Any]) -> None:
    """`refuses` tells the arguments for which there is a ValueError."""

    @out_of_line
    def checked(x: Any, y: Any) -> Any:
        if refuses(x, y):
            raise ValueError(messages.CMATH_DOMAIN)
        real, imag = on_parts(x, y)
        if primitive.and_(_is_infinite(real, imag), both_finite(x, y)):
            raise OverflowError(messages.CMATH_RANGE)
        return real, imag

    def implementation(z: Any) -> Any:
        real, imag = checked(*parts(complex(z)))
        return primitive.complex_(real, imag)

    implements(function)(implementation)


for _function, _on_parts, _refuses in (
    (cmath.exp, functions.exp, _exp_refuses), (cmath.sqrt, functions.sqrt, _never),
    (cmath.cosh, functions.cosh, _has_infinite_angle), (cmath.cos, functions.cos, _turned(_has_infinite_angle)),
    (cmath.sinh, functions.sinh, _has_infinite_angle), (cmath.sin, functions.sin, _turned(_has_infinite_angle)),
    (cmath.tanh, functions.tanh, _tanh_refuses), (cmath.tan, functions.tan, _turned(_tanh_refuses)),
    (cmath.acos, functions.acos, _never), (cmath.acosh, functions.acosh, _never),
    (cmath.asinh, functions.asinh, _never), (cmath.asin, functions.asin, _never),
    (cmath.atanh, functions.atanh, _is_pole), (cmath.atan, functions.atan, _turned(_is_pole)),
):  # fmt: skip
    _implement(_function, _on_parts, _refuses)


# --- logarithms


@out_of_line
def _log(x: Any, y: Any) -> Any:
    return functions.log(x, y)


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
    if primitive.and_(primitive.eq(modulus, math.inf), both_finite(x, y)):
        raise OverflowError(messages.CMATH_RANGE)
    return modulus, primitive.atan2(y, x)


@implements(cmath.rect)
def rect(r: Any, phi: Any) -> Any:
    """The number with this modulus and angle."""
    real, imag = _rect(float(r), float(phi))
    return primitive.complex_(real, imag)


@out_of_line
def _rect(r: Any, phi: Any) -> Any:
    if not both_finite(r, phi):
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
    return both_finite(*parts(complex(z)))


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
