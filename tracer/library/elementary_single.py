"""Exponential, logarithm, power and tanh of float32, by the methods of the modules that these functions are in.

Vectors hold twice as many of these numbers, and half as many coefficients do. The power and tanh are computed in
float64, where their parts need not be sums of two numbers.
"""

from __future__ import annotations

import math
from typing import Any

from tracer.extending import out_of_line, primitive
from tracer.library.elementary_steps import (
    LN2, LOG2_E, SHIFT, SINGLE_SHIFT, SINGLE_SHIFT_BITS, bits_of, clamped, float_of, narrowed, polynomial, reduced_normal,
    times_power_of_two, widened,
)  # fmt: skip

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

SINGLE_EXPONENTIAL = (
    0.5000000013468379,
    0.16666666719031667,
    0.04166646491457949,
    0.008333298469721532,
    0.0013933650354190183,
    0.00019899285075584288,
)
SINGLE_LOGARITHM = (
    0.3333333333528314,
    -0.24999990090658653,
    0.19999991887526417,
    -0.16668007904530008,
    0.14287488100893747,
    -0.12451354678366669,
    0.11021123969428538,
    -0.10625056142015891,
    0.10622465341254704,
    -0.06360204454789262,
)
SHORT_EXPONENTIAL = (
    0.4999999999995507,
    0.16666666719031667,
    0.04166666678633577,
    0.008333298469721532,
    0.0013888839091985143,
    0.00019899285075584288,
    2.4867882181302016e-05,
)
SHORT_LOGARITHM = (
    0.6666666666738127,
    0.3999999879017816,
    0.28571755825686196,
    0.221913267486907,
    0.1936397930415405,
)
_BIASED_SHIFT = SINGLE_SHIFT + 2 * 127
_LN2_HIGH = 0.693145751953125  # 16 bits: exact times an exponent
_LN2_REST = 1.4286068202862268e-06
_SMALLEST_NORMAL = 2.0**-126
_SQRT_HALF_BITS = 0x3F3504F3
_TANH_IS_ONE = 10.0
_MODERATE = 200.0  # of whose exp float32 knows only whether it is infinite or zero


def single_exp(x: Any) -> Any:
    """e to the power x."""
    x = clamped(x, -104.0, 89.0)
    shifted = primitive.fma(x, LOG2_E, _BIASED_SHIFT)
    k = shifted - _BIASED_SHIFT
    exact, rest = primitive.fma(k, -_LN2_HIGH, x), k * -_LN2_REST
    r = exact + rest
    square = r * r
    power = exact + primitive.fma(square, polynomial(r, square, SINGLE_EXPONENTIAL), rest)
    # 2**k in two factors: their product may overflow where that with both does not.
    half = primitive.shr(bits_of(shifted), 1)
    first = float_of(primitive.shl(half, 23), x)
    return primitive.fma(power, first, first) * float_of(primitive.shl(primitive.sub(bits_of(shifted), half), 23), x)


def single_log(x: Any) -> Any:
    """The natural logarithm."""
    if _not_normal(x):
        return _log_of_rare(x)
    offset = primitive.sub(bits_of(x), _SQRT_HALF_BITS)
    exponent = primitive.shr(offset, 23)
    k = float_of(primitive.add(exponent, SINGLE_SHIFT_BITS), x) - SINGLE_SHIFT
    f = float_of(primitive.sub(bits_of(x), primitive.shl(exponent, 23)), x) - 1.0
    square = f * f
    curved = primitive.fma(f, polynomial(f, square, SINGLE_LOGARITHM), -0.5)
    # k * _LN2_HIGH is exact, and so is the sum of `high` and `low`.
    high = primitive.fma(k, _LN2_HIGH, f)
    low = primitive.fma(k, _LN2_HIGH, -high) + f
    return high + (primitive.fma(k, _LN2_REST, low) + square * curved)


@out_of_line
def _log_of_rare(x: Any) -> Any:
    """Of zero, a subnormal or negative number, infinity, NaN."""
    return narrowed(primitive.log(widened(x)))


def single_power(x: Any, y: Any) -> Any:
    """x ** y. A subnormal number is a normal float64."""
    wide = widened(x)
    exponent = widened(y) * _short_log(primitive.fabs(wide))
    shifted = y + SINGLE_SHIFT
    moderate = primitive.and_(primitive.lt(primitive.fabs(exponent), _MODERATE), primitive.lt(primitive.fabs(y), 2.0**22))
    defined = primitive.or_(primitive.eq(shifted - SINGLE_SHIFT, y), primitive.gt(x, 0.0))
    ordinary = primitive.and_(primitive.gt(primitive.fabs(x), 0.0), primitive.lt(primitive.fabs(x), math.inf))
    if primitive.not_(primitive.and_(primitive.and_(moderate, ordinary), defined)):
        return _power_of_rare(x, y)
    result = narrowed(_short_exp(exponent))
    # Negative for an odd power of a negative number.
    sign = primitive.and_(bits_of(x), primitive.shl(bits_of(shifted), 31))
    return float_of(primitive.xor(bits_of(result), sign), x)


@out_of_line
def _power_of_rare(x: Any, y: Any) -> Any:
    """Powers that are special, or overflow or underflow."""
    return narrowed(primitive.pow(widened(x), widened(y)))


def _short_log(x: Any) -> Any:
    """The logarithm of a normal float64, to 40 bits."""
    k, f, divisor = reduced_normal(x)
    s = primitive.div(f, divisor)
    z = s * s
    return primitive.fma(k, LN2, primitive.fma(s * z, polynomial(z, z * z, SHORT_LOGARITHM), s + s))


def _short_exp(x: Any) -> Any:
    """exp of a float64 to 35 bits, for |x| <= 200."""
    shifted = primitive.fma(x, LOG2_E, SHIFT)
    r = primitive.fma(shifted - SHIFT, -LN2, x)
    square = r * r
    return times_power_of_two(primitive.fma(square, polynomial(r, square, SHORT_EXPONENTIAL), 1.0 + r), shifted)


def single_tanh(x: Any) -> Any:
    """The hyperbolic tangent, (e**2x - 1) / (e**2x + 1) for |x|: in float64, where it need not be of sums of two numbers."""
    wide = widened(x)
    size = primitive.fabs(wide)
    double = 2.0 * primitive.select(primitive.gt(size, _TANH_IS_ONE), _TANH_IS_ONE, size)
    shifted = primitive.fma(double, LOG2_E, SHIFT)
    r = primitive.fma(shifted - SHIFT, -LN2, double)
    square = r * r
    power = primitive.fma(square, polynomial(r, square, SHORT_EXPONENTIAL), r)
    scale = float_of(primitive.add(primitive.shl(bits_of(shifted), 52), 1023 << 52), wide)
    numerator = primitive.fma(power, scale, scale - 1.0)
    return narrowed(primitive.copysign(primitive.div(numerator, numerator + 2.0), wide))


def _not_normal(x: Any) -> Any:
    return primitive.not_(primitive.and_(primitive.ge(x, _SMALLEST_NORMAL), primitive.lt(x, math.inf)))
