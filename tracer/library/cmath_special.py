"""Functions of `cmath` on numbers with an infinite or NaN part (C99, Annex G.6, with CPython's choices of what
the standard leaves open). All take and return a real and an imaginary part; only `rect` raises."""

from __future__ import annotations

import math
from typing import Any

from tracer.extending import primitive
from tracer.library import messages
from tracer.library.floating import is_finite

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

_INF, _NAN = math.inf, math.nan


def _is_infinite(x: Any) -> Any:
    return primitive.eq(primitive.fabs(x), _INF)


def exp(x: Any, y: Any) -> Any:
    """exp of x + iy."""
    if is_finite(y):
        if x == _INF and y != 0.0:
            return primitive.copysign(_INF, primitive.cos(y)), primitive.copysign(_INF, primitive.sin(y))
        if x == -_INF:
            return primitive.copysign(0.0, primitive.cos(y)), primitive.copysign(0.0, primitive.sin(y))
        return x, primitive.select(primitive.eq(y, 0.0), y, _NAN)
    if x == -_INF:
        return 0.0, 0.0
    return primitive.select(primitive.eq(x, _INF), _INF, _NAN), _NAN


def log_modulus(x: Any, y: Any) -> Any:
    """The real part of log and acosh: infinite if a part is."""
    return primitive.select(primitive.or_(_is_infinite(x), _is_infinite(y)), _INF, _NAN)


def sqrt(x: Any, y: Any) -> Any:
    """sqrt of x + iy."""
    if _is_infinite(y):
        return _INF, y
    if x == _INF:
        return _INF, primitive.select(primitive.eq(y, y), primitive.copysign(0.0, y), _NAN)
    if x == -_INF:
        if y != y:
            return _NAN, _INF
        return 0.0, primitive.copysign(_INF, y)
    return _NAN, _NAN


def cosh(x: Any, y: Any) -> Any:
    """cosh of x + iy."""
    if is_finite(y):
        if x != x:
            return _NAN, primitive.select(primitive.eq(y, 0.0), 0.0, _NAN)
        sign = primitive.copysign(1.0, x)
        if y == 0.0:
            return _INF, sign * y
        return primitive.copysign(_INF, primitive.cos(y)), primitive.copysign(_INF, sign * primitive.sin(y))
    if _is_infinite(x):
        return _INF, _NAN
    return _NAN, primitive.select(primitive.eq(x, 0.0), 0.0, _NAN)


def sinh(x: Any, y: Any) -> Any:
    """sinh of x + iy."""
    if is_finite(y):
        if primitive.or_(primitive.ne(x, x), primitive.eq(y, 0.0)):
            return x, primitive.select(primitive.eq(y, 0.0), y, _NAN)
        sign = primitive.copysign(1.0, x)
        return primitive.copysign(_INF, sign * primitive.cos(y)), primitive.copysign(_INF, primitive.sin(y))
    if _is_infinite(x):
        return _INF, _NAN
    return primitive.select(primitive.eq(x, 0.0), 0.0, _NAN), _NAN


def tanh(x: Any, y: Any) -> Any:
    """tanh of x + iy."""
    if _is_infinite(x):
        imag = primitive.select(is_finite(y), primitive.copysign(0.0, primitive.sin(y) * primitive.cos(y)), 0.0)
        return primitive.copysign(1.0, x), imag
    zero = primitive.and_(primitive.eq(y, 0.0), primitive.ne(x, x))
    return _NAN, primitive.select(zero, y, _NAN)


def acos(x: Any, y: Any) -> Any:
    """acos of x + iy."""
    if primitive.and_(primitive.eq(x, 0.0), primitive.ne(y, y)):
        return math.pi / 2.0, _NAN
    angle = primitive.atan2(primitive.fabs(y), x)
    if y != y:
        return angle, primitive.select(_is_infinite(x), _INF, _NAN)
    infinite = primitive.or_(_is_infinite(x), _is_infinite(y))
    return angle, primitive.select(infinite, primitive.copysign(_INF, -y), _NAN)


def asinh(x: Any, y: Any) -> Any:
    """asinh of x + iy."""
    if x != x:
        zero = primitive.eq(y, 0.0)
        return primitive.select(_is_infinite(y), _INF, _NAN), primitive.select(zero, y, _NAN)
    infinite = primitive.or_(_is_infinite(x), _is_infinite(y))
    real = primitive.select(infinite, primitive.copysign(_INF, x), _NAN)
    return real, primitive.atan2(y, primitive.fabs(x))


def atanh(x: Any, y: Any) -> Any:
    """atanh of x + iy for x >= 0 or NaN."""
    if _is_infinite(y):
        return 0.0, primitive.copysign(math.pi / 2.0, y)
    if x == _INF:
        return 0.0, primitive.select(primitive.eq(y, y), primitive.copysign(math.pi / 2.0, y), _NAN)
    return primitive.select(primitive.eq(x, 0.0), 0.0, _NAN), _NAN


def rect(r: Any, phi: Any) -> Any:
    """The number with modulus r and angle phi."""
    if r == 0.0:
        return 0.0, 0.0
    if is_finite(phi):
        if r != r:
            return _NAN, primitive.select(primitive.eq(phi, 0.0), 0.0, _NAN)
        if phi == 0.0:
            return r, primitive.copysign(1.0, r) * phi
        sign = primitive.copysign(1.0, r)
        return primitive.copysign(_INF, sign * primitive.cos(phi)), primitive.copysign(_INF, sign * primitive.sin(phi))
    if primitive.and_(_is_infinite(phi), primitive.eq(r, r)):
        raise ValueError(messages.CMATH_DOMAIN)
    return primitive.select(_is_infinite(r), _INF, _NAN), _NAN
