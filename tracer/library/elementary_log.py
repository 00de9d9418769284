"""Logarithms of NumPy's floats: log, log2, log10, log1p.

x = 2**k * m with m between sqrt(1/2) and sqrt(2), and log(m) is a series in s = f / (2 + f), f = m - 1 (the method of
W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980). Its terms are arranged so that the largest is not
rounded: 2*s + s**3*P(s**2) equals f - s*(f - s**2*P(s**2)), as 2*s is f - s*f, and f - (f*f/2 - s*(f*f/2 + s**2*P(s**2))).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import kernel, out_of_line, primitive, ufunc_rule
from tracer.library.elementary_single import single_log
from tracer.library.elementary_steps import (
    LN2_HIGH, LN2_REST, LOG2_E, SHIFT, bits_of, choose, float_of, is_single, narrowed, polynomial, reduced_normal, widened,
)  # fmt: skip
from tracer.library.floating import fast_two_sum, two_product

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

LOGARITHM = (
    0.666666666666667,
    0.3999999999989874,
    0.2857142862629399,
    0.22222211086412544,
    0.1818289243984102,
    0.15331617152084198,
    0.14617681693024873,
)
SMALLEST_NORMAL = 2.0**-1022
_TWO_BITS = 0x4000000000000000
_LOG2_E_LOW = 2.0355273740931033e-17
_LOG10_E = 0.4342944819032518
_LOG10_E_LOW = 1.098319650216765e-17
_LOG10_2_HIGH = 0.30102999566383914  # 41 bits: exact times an exponent
_LOG10_2_REST = 1.42050232272661e-13


@ufunc_rule(np.log, "np.float")
@kernel
def log(x: Any) -> Any:
    """The natural logarithm."""
    if is_single(x):
        return single_log(x)
    return _log(x)


def _log(x: Any) -> Any:
    if not_normal(x):
        return _log_of_rare(x)
    k, f, divisor = reduced_normal(x)
    s = primitive.div(f, divisor)
    z = s * s
    curved = s * primitive.fma(-z, polynomial(z, z * z, LOGARITHM), f)
    high, low = plus_exponent(f, k)
    return high + (primitive.fma(k, LN2_REST, low) - curved)


@out_of_line
def _log_of_rare(x: Any) -> Any:
    """Of zero, a subnormal or negative number, infinity, NaN."""
    return primitive.log(x)


@ufunc_rule(np.log2, "np.float")
@kernel
def log2(x: Any) -> Any:
    """The logarithm to base 2."""
    if is_single(x):
        return narrowed(_log2(widened(x)))
    return _log2(x)


def _log2(x: Any) -> Any:
    if not_normal(x):
        return _log2_of_rare(x)
    return _log2_of(*reduced_normal(x))


@out_of_line
def _log2_of_rare(x: Any) -> Any:
    return _special(x, _log2_of(*_reduced(x)))


def _log2_of(k: Any, f: Any, divisor: Any) -> Any:
    linear, rest = _scaled(f, divisor, LOG2_E, _LOG2_E_LOW)
    high, low = fast_two_sum(k, linear)
    return high + (low + rest)


@ufunc_rule(np.log10, "np.float")
@kernel
def log10(x: Any) -> Any:
    """The logarithm to base 10."""
    if is_single(x):
        return narrowed(_log10(widened(x)))
    return _log10(x)


def _log10(x: Any) -> Any:
    if not_normal(x):
        return _log10_of_rare(x)
    return _log10_of(*reduced_normal(x))


@out_of_line
def _log10_of_rare(x: Any) -> Any:
    return _special(x, _log10_of(*_reduced(x)))


def _log10_of(k: Any, f: Any, divisor: Any) -> Any:
    linear, rest = _scaled(f, divisor, _LOG10_E, _LOG10_E_LOW)
    high, low = fast_two_sum(k * _LOG10_2_HIGH, linear)
    return high + (primitive.fma(k, _LOG10_2_REST, low) + rest)


def _scaled(f: Any, divisor: Any, factor: float, factor_low: float) -> Any:
    """log(1 + f) * (factor + factor_low) as a sum, where the divisor is 2 + f."""
    s = primitive.div(f, divisor)
    z = s * s
    half_square, half_square_low = two_product(0.5 * f, f)
    high, low = fast_two_sum(f, -half_square)
    rest = primitive.fma(s, primitive.fma(z, polynomial(z, z * z, LOGARITHM), half_square), low - half_square_low)
    scaled, error = two_product(high, factor)
    return scaled, primitive.fma(high, factor_low, primitive.fma(rest, factor, error))


@ufunc_rule(np.log1p, "np.float")
@kernel
def log1p(x: Any) -> Any:
    """The logarithm of 1 + x."""
    if is_single(x):
        return narrowed(_log1p(widened(x)))
    return _log1p(x)


def _log1p(x: Any) -> Any:
    total = 1.0 + x
    error = x - (total - 1.0)
    return primitive.copysign(_special(total, log_of_sum(total, error, 0.0)), x)


def log_of_sum(x: Any, low: Any, exponent: Any) -> Any:
    """The logarithm of (x + low) * 2**exponent for a normal x, and a low of at most half a unit in the last place of x.

    It is to first order that low counts: with s = f / (2 + f), 1 / (1 + f) is 1 - 2 s + 2 s**2 but for 2 s**3 and less.
    """
    k, f, divisor = reduced_normal(x)
    s = primitive.div(f, divisor)
    z = s * s
    half_square = 0.5 * f * f
    curved = half_square - s * primitive.fma(z, polynomial(z, z * z, LOGARITHM), half_square)
    # Twice the inverse power of two, which is a normal number or zero.
    inverse = primitive.sub(_TWO_BITS, primitive.shl(bits_of(k + SHIFT), 52))
    slope = primitive.fma(s, s - 1.0, 0.5)
    change = (low * float_of(inverse, x)) * slope
    k = k + exponent
    high, carry = plus_exponent(f, k)
    return high + (primitive.fma(k, LN2_REST, carry) + (change - curved))


def not_normal(x: Any) -> Any:
    """Whether x is zero, subnormal, negative, infinite or NaN."""
    return primitive.not_(primitive.and_(primitive.ge(x, SMALLEST_NORMAL), primitive.lt(x, math.inf)))


def plus_exponent(x: Any, k: Any) -> Any:
    """x + k * LN2_HIGH, rounded, and the error, where that is zero or larger than x: the product is exact, and so is the error."""
    total = primitive.fma(k, LN2_HIGH, x)
    return total, primitive.fma(k, LN2_HIGH, -total) + x


def _reduced(x: Any) -> Any:
    """k, f and 2 + f with `x == 2**k * (1 + f)` and sqrt(1/2) <= 1 + f < sqrt(2), for positive finite x."""
    subnormal = primitive.lt(x, SMALLEST_NORMAL)
    return reduced_normal(x * choose(subnormal, 2.0**54, 1.0, x), choose(subnormal, SHIFT + 54.0, SHIFT, x))


def _special(x: Any, result: Any) -> Any:
    """The result, or that of zero, a negative number, infinity or NaN."""
    result = primitive.select(primitive.lt(x, math.inf), result, x)
    result = primitive.select(primitive.lt(x, 0.0), math.nan, result)
    return primitive.select(primitive.eq(x, 0.0), -math.inf, result)
