"""Exponential functions of NumPy's floats: exp, exp2, expm1.

The argument is reduced to |r| <= log(2)/2 by the method of W. J. Cody and W. Waite (Software Manual for the Elementary
Functions, 1980), with fused multiply-adds so that r is known beyond its last bit, and exp(r) is a polynomial.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.extending import kernel, primitive, ufunc_rule
from tracer.library.elementary_single import single_exp
from tracer.library.elementary_steps import (
    BIASED_SHIFT, HALF_SHIFT, LN2, LN2_LOW, LOG2_E, SHIFT, bits_of, clamped, float_of, is_single, narrowed, polynomial,
    times_power_of_two, widened,
)  # fmt: skip
from tracer.library.floating import fast_two_sum, two_product

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

EXPONENTIAL = (
    0.5000000000000001,
    0.1666666666666667,
    0.04166666666662413,
    0.008333333333326136,
    0.001388888891721154,
    0.00019841269874817515,
    2.4801521299750923e-05,
    2.75572554044176e-06,
    2.7620086491464514e-07,
    2.5105215165649368e-08,
)
EXPONENTIAL_REST = (
    0.16666666666666669,
    0.04166666666666667,
    0.008333333333330062,
    0.0013888888888883748,
    0.00019841269863051753,
    2.480158732554537e-05,
    2.755726846317186e-06,
    2.755727364628415e-07,
    2.510038388668871e-08,
    2.0914685593149842e-09,
)
HIGHEST = 709.8  # exp overflows below
LOWEST = -745.2  # exp is 0 above


@ufunc_rule(np.exp, "np.float")
@kernel
def exp(x: Any) -> Any:
    """e to the power x."""
    if is_single(x):
        return single_exp(x)
    return _exp(x)


def _exp(x: Any) -> Any:
    x = clamped(x, LOWEST, HIGHEST)
    shifted = primitive.fma(x, LOG2_E, BIASED_SHIFT)
    exact, rest = exponential(x, shifted - BIASED_SHIFT)
    power = exact + rest
    first, second = two_powers(shifted, x)
    return primitive.fma(power, first, first) * second


@ufunc_rule(np.exp2, "np.float")
@kernel
def exp2(x: Any) -> Any:
    """2 to the power x."""
    if is_single(x):
        return narrowed(_exp2(widened(x)))
    return _exp2(x)


def _exp2(x: Any) -> Any:
    x = clamped(x, -1076.0, 1025.0)
    whole = primitive.rint(x)
    fraction = x - whole
    exact, error = two_product(fraction, LN2)
    exact, rest = exponential_of(exact, primitive.fma(fraction, LN2_LOW, error))
    power = exact + rest
    first, second = two_powers(whole + BIASED_SHIFT, x)
    return primitive.fma(power, first, first) * second


@ufunc_rule(np.expm1, "np.float")
@kernel
def expm1(x: Any) -> Any:
    """e to the power x, less 1."""
    if is_single(x):
        return narrowed(_expm1(widened(x)))
    return _expm1(x)


def _expm1(x: Any) -> Any:
    bounded = clamped(x, -40.0, HIGHEST)
    shifted = primitive.fma(bounded, LOG2_E, SHIFT + 1022)
    # Half of everything, as 2**k may overflow where the result does not.
    half = float_of(primitive.shl(bits_of(shifted), 52), x)
    start = half - 0.5
    high, low = scaled_less_one(bounded, shifted - (SHIFT + 1022), half, start)
    result = 2.0 * (high + (low + ((half - start) - 0.5)))
    return primitive.select(primitive.lt(primitive.fabs(x), 2.0**-54), x, result)


def exp_of_sum(x: Any, low: Any, shifted: Any) -> Any:
    """exp(x + low) for |x| <= 707 and |low| <= 1, within 0.7 ulp.

    `shifted` is half of (x + low) / log(2), rounded to a multiple of 1/2 by adding HALF_SHIFT: half, for who makes it by a product
    with a number up to the largest there is.
    """
    half = shifted - HALF_SHIFT
    exact = primitive.fma(half, -2.0 * LN2, x)
    rest = primitive.fma(half, -2.0 * LN2_LOW, low)
    r = exact + rest
    square = r * r
    head, tail = fast_two_sum(1.0, exact)
    rest = primitive.fma(square, polynomial(r, square, EXPONENTIAL), tail + rest)
    return times_power_of_two(head + rest, shifted)


def two_powers(shifted: Any, like: Any) -> Any:
    """2**k as two factors, neither of which overflows where a product with both does not; `shifted` is k + BIASED_SHIFT."""
    half = primitive.shr(bits_of(shifted), 1)
    other = primitive.sub(bits_of(shifted), half)
    return float_of(primitive.shl(half, 52), like), float_of(primitive.shl(other, 52), like)


def exponential(x: Any, k: Any) -> Any:
    """exp(x - k * log(2)) - 1 as the sum of a number that is exact, and a smaller one."""
    return exponential_of(primitive.fma(k, -LN2, x), k * -LN2_LOW)


def exponential_of(exact: Any, rest: Any) -> Any:
    """exp(exact + rest) - 1 as the sum of `exact` and a smaller number."""
    r = exact + rest
    square = r * r
    return exact, primitive.fma(square, polynomial(r, square, EXPONENTIAL), rest)


def scaled_less_one(x: Any, k: Any, scale: Any, start: Any) -> Any:
    """start + scale * (exp(x - k * log(2)) - 1) as a sum, for a start of 0 or above half of the scale.

    Where the start nearly cancels the rest, r and r**2 / 2 must be known beyond their last bits.
    """
    exact = primitive.fma(k, -LN2, x)
    rest = k * -LN2_LOW
    r = exact + rest
    square, square_low = two_product(r, r)
    curved = primitive.fma(square * r, polynomial(r, square, EXPONENTIAL_REST), primitive.fma(square_low, 0.5, rest))
    high, low = fast_two_sum(start, scale * exact)
    high, lower = fast_two_sum(high, (0.5 * scale) * square)
    return high, primitive.fma(scale, curved, low + lower)
