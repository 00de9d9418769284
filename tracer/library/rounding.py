"""round(): Python's numbers to the nearest decimal, ties to even, and NumPy's by scaling."""

from __future__ import annotations

from typing import Any

from ir.types import Boolean, Complex, Float, Integer, int64
from tracer.extending import implements, out_of_line, primitive, reject
from tracer.library import messages
from tracer.library.floating import fast_two_sum, is_finite, scale, two_product
from tracer.library.operators_float import int_from_float
from tracer.library.operators_int import power_by_squaring
from tracer.typeof import typeof

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

_EXACT_DIGITS = 22  # 10.0**22 is the largest exact power of ten
_MOST_DIGITS, _LEAST_DIGITS = 323, -308  # beyond, every float is rounded to itself, or to zero
_INTEGERS_ONLY = 2.0**53  # from here on, floats have no fraction


@implements(round)
def rounded(number: Any, ndigits: Any = None) -> Any:
    """The number rounded to `ndigits` decimals (default: to an int), ties to even.

    Python's floats are correctly rounded for |ndigits| <= 22. Beyond that, powers of ten are taken to 106 bits:
    the result can differ from Python's in the last bit where a decimal lies within 1e-14 of a tie, and for
    subnormal numbers.
    """
    kind = typeof(number)
    if isinstance(kind, Complex) or (isinstance(kind, Boolean) and not kind.weak):
        reject(f"round() is not defined for {kind}")
    if ndigits is None:
        return _to_integer(number)
    if isinstance(kind, Float):
        return _round_float(number, int(ndigits)) if kind.weak else _round_numpy_float(number, int(ndigits))
    return _round_integer(int(number), int(ndigits)) if kind.weak else _round_numpy_integer(number, int(ndigits))


def _to_integer(number: Any) -> Any:
    if isinstance(typeof(number), Float):
        return int_from_float(primitive.rint(number))
    return int(number)


@out_of_line
def _round_integer(number: Any, ndigits: Any) -> Any:
    """A multiple of 10**-ndigits; wraps as all integers do."""
    if ndigits >= 0:
        return number
    if ndigits < -18:
        beyond_half = primitive.or_(primitive.gt(number, 5 * 10**18), primitive.lt(number, -5 * 10**18))
        if ndigits == -19 and beyond_half:
            return 10**19 - 2**64 if number > 0 else 2**64 - 10**19
        return 0
    unit = power_by_squaring(10, -ndigits)
    quotient, remainder = primitive.floordiv(number, unit), primitive.mod(number, unit)
    twice = 2 * remainder
    if twice > unit or (twice == unit and primitive.ne(primitive.and_(quotient, 1), 0)):
        quotient = primitive.add(quotient, 1)
    return primitive.mul(quotient, unit)


@out_of_line
def _round_float(x: Any, ndigits: Any) -> Any:
    if not is_finite(x) or ndigits > _MOST_DIGITS:
        return x
    if ndigits < _LEAST_DIGITS:
        return 0.0 * x
    if primitive.or_(primitive.gt(ndigits, _EXACT_DIGITS), primitive.lt(ndigits, -_EXACT_DIGITS)):
        result = _round_to_many_digits(x, ndigits)
    else:
        result = _round_to_few_digits(x, ndigits)
    if not is_finite(result):
        raise OverflowError(messages.ROUNDED_TOO_LARGE)
    return result


def _round_to_few_digits(x: Any, ndigits: Any) -> Any:
    """Correctly rounded: scaling by an exact power of ten has one rounding error, which a fused multiply-add gives."""
    unit = primitive.pow(10.0, primitive.fabs(float(ndigits)))
    if ndigits >= 0:
        scaled, error = two_product(x, unit)
    else:
        scaled = primitive.div(x, unit)
        error = primitive.fma(-scaled, unit, x)
    # Neighbouring decimals are closer than neighbouring floats: x is its own nearest.
    if primitive.ge(primitive.fabs(scaled), _INTEGERS_ONLY):
        return x
    nearest = _nearest_integer(scaled, error)
    return primitive.div(nearest, unit) if ndigits >= 0 else nearest * unit


def _nearest_integer(x: Any, error: Any) -> Any:
    """`x + error` to the nearest integer, ties to even, for an error of at most half a unit in x's last place.

    Such an error matters only where x lies halfway between two integers.
    """
    nearest = primitive.rint(x)
    fraction = x - nearest
    upwards = primitive.and_(primitive.eq(fraction, 0.5), primitive.gt(error, 0.0))
    downwards = primitive.and_(primitive.eq(fraction, -0.5), primitive.lt(error, 0.0))
    return nearest + primitive.select(upwards, 1.0, primitive.select(downwards, -1.0, -0.0))


def _round_to_many_digits(x: Any, ndigits: Any) -> Any:
    """With 10**n as a power of five, to 106 bits, and an exact power of two."""
    high, low = _power_of_five(primitive.max_(ndigits, primitive.neg(ndigits)))
    shifted = scale(x, ndigits)
    if ndigits >= 0:
        scaled, error = two_product(shifted, high)
        scaled, error = fast_two_sum(scaled, error + shifted * low)
    else:
        scaled, error = _divide(shifted, high, low)
    if not primitive.lt(primitive.fabs(scaled), _INTEGERS_ONLY):
        return x
    nearest = _nearest_integer(scaled, error)
    if ndigits >= 0:
        quotient, correction = _divide(nearest, high, low)
        result = quotient + correction
    else:
        product, correction = two_product(nearest, high)
        result = product + (correction + nearest * low)
    return primitive.copysign(scale(result, primitive.neg(ndigits)), x)


def _divide(a: Any, high: Any, low: Any) -> Any:
    """`a / (high + low)` as a sum of two floats."""
    quotient = primitive.div(a, high)
    remainder = primitive.fma(-quotient, high, a) - quotient * low
    return fast_two_sum(quotient, primitive.div(remainder, high))


def _power_of_five(exponent: Any) -> Any:
    """`5 ** exponent` as a sum of two floats."""
    high, low = 1.0, 0.0
    for _ in range(exponent):
        product, error = two_product(high, 5.0)
        high, low = fast_two_sum(product, error + low * 5.0)
    return high, low


def _round_numpy_float(x: Any, ndigits: Any) -> Any:
    """As `numpy.round`: scaled by a power of ten, rounded, scaled back, in the precision of x."""
    unit = primitive.cast(_numpy_power_of_ten(primitive.max_(ndigits, primitive.neg(ndigits))), to=typeof(x))
    if ndigits >= 0:
        return primitive.div(primitive.rint(primitive.mul(x, unit)), unit)
    return primitive.mul(primitive.rint(primitive.div(x, unit)), unit)


def _round_numpy_integer(x: Any, ndigits: Any) -> Any:
    """As `numpy.round`, which scales integers in double precision."""
    if ndigits >= 0:
        return x
    unit = _numpy_power_of_ten(-ndigits)
    scaled = primitive.rint(primitive.div(float(x), unit)) * unit
    if isinstance(typeof(x), Integer) and typeof(x).bits == 64:
        return primitive.cast(scaled, to=typeof(x))
    return primitive.cast(primitive.cast(scaled, to=int64), to=typeof(x))


def _numpy_power_of_ten(exponent: Any) -> Any:
    """As NumPy computes it: by multiplication, with the errors of that beyond 10**22."""
    result = primitive.pow(10.0, float(primitive.min_(exponent, _EXACT_DIGITS)))
    for _ in range(_EXACT_DIGITS, primitive.min_(exponent, 400)):
        result = result * 10.0
    return result
