"""The functions of `math` on floats: C's functions with Python's exceptions.

Each checks its domain by one comparison before the call, or for overflow by one after it, so that the common
path stays short: these bodies are traced into every caller.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

from ir.types import Boolean, Integer
from tracer.extending import implements, out_of_line, primitive
from tracer.library import messages
from tracer.library.floating import is_finite
from tracer.library.operators_float import int_from_float
from tracer.typeof import typeof

_REFUSES_INFINITE_POWER_OF_ZERO = sys.version_info < (3, 11)
_DEGREES_PER_RADIAN = 180.0 / math.pi
_RADIANS_PER_DEGREE = math.pi / 180.0


def _total(name: str, evaluate: Callable[[Any], Any]) -> None:
    """Implement a function that is defined everywhere."""

    def function(x: Any) -> Any:
        return evaluate(float(x))

    if hasattr(math, name):  # cbrt, exp2: from Python 3.11 on
        implements(getattr(math, name))(function)


def _with_domain(name: str, evaluate: Callable[[Any], Any], is_outside: Callable[[Any], Any]) -> None:
    """Implement a function that raises ValueError outside of its domain."""

    def function(x: Any) -> Any:
        value = float(x)
        if is_outside(value):
            raise ValueError(messages.DOMAIN)
        return evaluate(value)

    implements(getattr(math, name))(function)


def _with_overflow(name: str, evaluate: Callable[[Any], Any]) -> None:
    """Implement a function that raises OverflowError where a finite argument has an infinite result."""

    def function(x: Any) -> Any:
        value = float(x)
        result = evaluate(value)
        if primitive.and_(_is_infinite(result), primitive.lt(primitive.fabs(value), math.inf)):
            raise OverflowError(messages.RANGE)
        return result

    if hasattr(math, name):
        implements(getattr(math, name))(function)


def _is_infinite(x: Any) -> Any:
    return primitive.eq(primitive.fabs(x), math.inf)


def _is_negative(x: Any) -> Any:
    return primitive.lt(x, 0.0)


def _is_not_positive(x: Any) -> Any:
    return primitive.le(x, 0.0)


def _is_not_above_minus_one(x: Any) -> Any:
    return primitive.le(x, -1.0)


def _is_below_one(x: Any) -> Any:
    return primitive.lt(x, 1.0)


def _is_outside_of_unit(x: Any) -> Any:
    return primitive.gt(primitive.fabs(x), 1.0)


def _is_not_inside_of_unit(x: Any) -> Any:
    return primitive.ge(primitive.fabs(x), 1.0)


for _name in ("fabs", "atan", "asinh", "tanh", "erf", "erfc", "cbrt"):
    _total(_name, getattr(primitive, _name))
for _name in ("exp", "exp2", "expm1", "sinh", "cosh"):
    _with_overflow(_name, getattr(primitive, _name))
for _name, _condition in {
    "sin": _is_infinite, "cos": _is_infinite, "tan": _is_infinite, "sqrt": _is_negative, "log2": _is_not_positive,
    "log10": _is_not_positive, "log1p": _is_not_above_minus_one, "asin": _is_outside_of_unit,
    "acos": _is_outside_of_unit, "acosh": _is_below_one, "atanh": _is_not_inside_of_unit,
}.items():  # fmt: skip
    _with_domain(_name, getattr(primitive, _name), _condition)


@implements(math.log)
def log(x: Any, *base: Any) -> Any:
    """The natural logarithm, or the logarithm to a base."""
    if len(base) == 0:
        return _natural_log(x)
    return _natural_log(x) / _natural_log(*base)


def _natural_log(x: Any) -> Any:
    value = float(x)
    if _is_not_positive(value):
        raise ValueError(messages.DOMAIN)
    return primitive.log(value)


@implements(math.degrees)
def degrees(x: Any) -> Any:
    """Radians to degrees."""
    return float(x) * _DEGREES_PER_RADIAN


@implements(math.radians)
def radians(x: Any) -> Any:
    """Degrees to radians."""
    return float(x) * _RADIANS_PER_DEGREE


@implements(math.atan2)
def atan2(y: Any, x: Any) -> Any:
    """The angle of the point (x, y)."""
    return primitive.atan2(float(y), float(x))


@implements(math.copysign)
def copysign(x: Any, y: Any) -> Any:
    """The size of x with the sign of y."""
    return primitive.copysign(float(x), float(y))


@implements(math.pow)
def pow(x: Any, y: Any) -> Any:
    """`x ** y` as C's pow gives it, or an exception."""
    base, exponent = float(x), float(y)
    result = primitive.pow(base, exponent)
    if primitive.ne(primitive.sub(result, result), 0.0):
        _check_pow(base, exponent, result)
    return result


@out_of_line
def _check_pow(base: Any, exponent: Any, result: Any) -> None:
    if not is_finite(base) or not is_finite(exponent):
        if _REFUSES_INFINITE_POWER_OF_ZERO and base == 0.0 and exponent == -math.inf:
            raise ValueError(messages.DOMAIN)
        return
    if result != result or base == 0.0:
        raise ValueError(messages.DOMAIN)
    raise OverflowError(messages.RANGE)


@implements(math.fmod)
def fmod(x: Any, y: Any) -> Any:
    """The remainder of x / y with the sign of x."""
    a, b = float(x), float(y)
    result = primitive.fmod(a, b)
    neither_nan = primitive.and_(primitive.eq(a, a), primitive.eq(b, b))
    if primitive.and_(primitive.ne(result, result), neither_nan):
        raise ValueError(messages.DOMAIN)
    return result


@implements(math.remainder)
def remainder(x: Any, y: Any) -> Any:
    """The remainder of x / y with the quotient rounded to nearest, ties to even (IEEE 754, 5.3.1). Exact."""
    a, b = float(x), float(y)
    neither_nan = primitive.and_(primitive.eq(a, a), primitive.eq(b, b))
    undefined = primitive.or_(_is_infinite(a), primitive.eq(b, 0.0))
    if primitive.and_(neither_nan, undefined):
        raise ValueError(messages.DOMAIN)
    return _nearest_remainder(a, b)


@out_of_line
def _nearest_remainder(a: Any, b: Any) -> Any:
    if _is_infinite(b):
        return a
    dividend, divisor = primitive.fabs(a), primitive.fabs(b)
    below = primitive.fmod(dividend, divisor)
    above = divisor - below
    if below > above:
        below = -above
    elif below == above:
        # Halfway: the quotient's parity is that of (dividend - below) / divisor.
        below = below - 2.0 * primitive.fmod(0.5 * (dividend - below), divisor)
    return primitive.copysign(1.0, a) * below


# --- to integers


def _integer_by(name: str, round_float: Callable[[Any], Any]) -> None:
    def function(x: Any) -> Any:
        if isinstance(typeof(x), (Integer, Boolean)):
            return int(x)
        return int_from_float(round_float(float(x)))

    implements(getattr(math, name))(function)


_integer_by("floor", primitive.floor)
_integer_by("ceil", primitive.ceil)
_integer_by("trunc", primitive.trunc)


# --- classification


@implements(math.isnan)
def isnan(x: Any) -> Any:
    """Whether x is NaN."""
    value = float(x)
    return primitive.ne(value, value)


@implements(math.isinf)
def isinf(x: Any) -> Any:
    """Whether x is infinite."""
    return _is_infinite(float(x))


@implements(math.isfinite)
def isfinite(x: Any) -> Any:
    """Whether x is neither infinite nor NaN."""
    return primitive.lt(primitive.fabs(float(x)), math.inf)


@implements(math.isclose)
def isclose(a: Any, b: Any, *, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> Any:
    """Whether a and b differ by at most `rel_tol` of the larger one, or by `abs_tol`."""
    relative, absolute = float(rel_tol), float(abs_tol)
    if relative < 0.0 or absolute < 0.0:
        raise ValueError(messages.NEGATIVE_TOLERANCE)
    x, y = float(a), float(b)
    if x == y:
        return True
    if primitive.or_(_is_infinite(x), _is_infinite(y)):
        return False
    difference = primitive.fabs(y - x)
    largest = primitive.select(primitive.gt(primitive.fabs(x), primitive.fabs(y)), x, y)
    near = primitive.le(difference, primitive.fabs(relative * largest))
    return primitive.or_(near, primitive.le(difference, absolute))


# --- gamma functions


@implements(math.gamma)
def gamma(x: Any) -> Any:
    """The gamma function; exact for small integers. C's tgamma elsewhere: Python has its own, a few ulps apart."""
    value = float(x)
    if primitive.and_(primitive.eq(value, primitive.floor(value)), primitive.le(value, 23.0)):
        return _gamma_of_integer(value)
    result = primitive.tgamma(value)
    if primitive.and_(_is_infinite(result), primitive.lt(primitive.fabs(value), math.inf)):
        raise OverflowError(messages.RANGE)
    return result


@out_of_line
def _gamma_of_integer(x: Any) -> Any:
    """(x - 1)! for x <= 23, where it is exact; a pole for x <= 0 (minus infinity is one of them)."""
    if x <= 0.0:
        raise ValueError(messages.DOMAIN)
    result = 1.0
    while x > 2.0:
        x = x - 1.0
        result = result * x
    return result


@implements(math.lgamma)
def lgamma(x: Any) -> Any:
    """The logarithm of the absolute value of the gamma function: C's lgamma."""
    value = float(x)
    result = primitive.lgamma(value)
    if primitive.and_(_is_infinite(result), primitive.lt(primitive.fabs(value), math.inf)):
        if value <= 0.0:
            raise ValueError(messages.DOMAIN)
        raise OverflowError(messages.RANGE)
    return result


if sys.version_info >= (3, 13):

    @implements(math.fma)
    def fma(x: Any, y: Any, z: Any) -> Any:
        """`x * y + z` rounded once."""
        a, b, c = float(x), float(y), float(z)
        result = primitive.fma(a, b, c)
        if not is_finite(result):
            _check_fma(a, b, c, result)
        return result

    @out_of_line
    def _check_fma(a: Any, b: Any, c: Any, result: Any) -> None:
        if result != result:
            if a == a and b == b and c == c:
                raise ValueError(messages.FMA_INVALID)
        elif is_finite(a) and is_finite(b) and is_finite(c):
            raise OverflowError(messages.FMA_OVERFLOW)
