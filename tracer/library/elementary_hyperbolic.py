"""Hyperbolic functions of NumPy's floats and their inverses.

They are made from the steps of the exponential and of the logarithm (W. J. Cody and W. Waite, Software Manual for the Elementary
Functions, 1980), with what would be lost where two terms nearly cancel carried along as the rest of a sum.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import kernel, primitive, ufunc_rule
from tracer.library.elementary_exp import EXPONENTIAL
from tracer.library.elementary_log import LOGARITHM, log_of_sum
from tracer.library.elementary_single import single_tanh
from tracer.library.elementary_steps import (
    LN2, LN2_HIGH, LN2_LOW, LN2_REST, LOG2_E, SHIFT, bits_of, choose, float_of, is_single, narrowed, polynomial, reduced_normal, widened,
)  # fmt: skip
from tracer.library.floating import fast_two_sum, two_product, two_sum

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

HYPERBOLIC_SINE = (
    0.16666666666666666,
    0.008333333333333333,
    0.00019841269841263285,
    2.755731924725596e-06,
    2.5052071054559263e-08,
    1.6086642624386952e-10,
)
HYPERBOLIC_COSINE = (
    0.041666666666666664,
    0.0013888888888886548,
    2.480158731716967e-05,
    2.7557282930624515e-07,
    2.0911255078630683e-09,
)
TANH_NUMERATOR = (-0.3333333333333333, -0.023529411764705882, -0.00037348272642390287, -1.2768640219620611e-06)
TANH_DENOMINATOR = (1.0, 0.47058823529411764, 0.027450980392156862, 0.00040221216691804925, 1.3058836588248353e-06)
_TANH_BY_EXPONENTIAL = 0.6
_TANH_IS_ONE = 20.0
_OVERFLOWS = 710.6
_SQUARE_IS_ALL = 2.0**30  # beyond, x**2 + 1 and x**2 - 1 are x**2
_TINY = 1e-300


@ufunc_rule(np.tanh, "np.float")
@kernel
def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    if is_single(x):
        return single_tanh(x)
    return _tanh(x)


def _tanh(x: Any) -> Any:
    """3/4 + (e**2x / 4 - 7/4) / (e**2x + 1), and x + x**3 * P(x**2) / Q(x**2) near zero, for |x|.

    The quotient, whose operands are chosen, is less than half of the result, so that its error is too. P and Q are those of a
    convergent of Lambert's continued fraction x / (1 + x**2 / (3 + x**2 / (5 + ...))).
    """
    size = primitive.fabs(x)
    double = 2.0 * primitive.select(primitive.gt(size, _TANH_IS_ONE), _TANH_IS_ONE, size)
    shifted = primitive.fma(double, LOG2_E, SHIFT)
    k = shifted - SHIFT
    r = primitive.fma(k, -LN2_LOW, primitive.fma(k, -LN2, double))
    square = r * r
    less_one = primitive.fma(square, polynomial(r, square, EXPONENTIAL), r)
    scale = float_of(primitive.add(primitive.shl(bits_of(shifted), 52), 1023 << 52), x)
    z = size * size
    numerator = (size * z) * polynomial(z, z * z, TANH_NUMERATOR)
    denominator = polynomial(z, z * z, TANH_DENOMINATOR)
    large = primitive.gt(size, _TANH_BY_EXPONENTIAL)
    quarter = 0.25 * scale
    numerator = primitive.select(large, primitive.fma(quarter, less_one, quarter - 1.75), numerator)
    denominator = primitive.select(large, primitive.fma(scale, less_one, scale + 1.0), denominator)
    return primitive.copysign(primitive.select(large, 0.75, size) + primitive.div(numerator, denominator), x)


@ufunc_rule(np.sinh, "np.float")
@kernel
def sinh(x: Any) -> Any:
    """The hyperbolic sine."""
    if is_single(x):
        return narrowed(_sinh(widened(x)))
    return _sinh(x)


def _sinh(x: Any) -> Any:
    """sinh(k log 2 + r) = sinh(k log 2) cosh(r) + cosh(k log 2) sinh(r), all halved, as 2**k may overflow."""
    size = primitive.fabs(x)
    up, down, r, rest = _reduced(size)
    even, even_low = fast_two_sum(up, -down)
    high, low = _combined(even, up + down, r, rest)
    result = primitive.copysign(2.0 * (high + (low + even_low)), x)
    return primitive.select(primitive.lt(size, 2.0**-28), x, result)


@ufunc_rule(np.cosh, "np.float")
@kernel
def cosh(x: Any) -> Any:
    """The hyperbolic cosine."""
    if is_single(x):
        return narrowed(_cosh(widened(x)))
    return _cosh(x)


def _cosh(x: Any) -> Any:
    up, down, r, rest = _reduced(primitive.fabs(x))
    even, even_low = fast_two_sum(up, down)
    high, low = _combined(even, up - down, r, rest)
    return 2.0 * (high + (low + even_low))


def _reduced(size: Any) -> Any:
    """2**k / 4 and 2**-k / 4, r and its rest, with size = k * log(2) + r + rest."""
    bounded = primitive.select(primitive.gt(size, _OVERFLOWS), _OVERFLOWS, size)
    shifted = primitive.fma(bounded, LOG2_E, SHIFT)
    k = shifted - SHIFT
    exact = primitive.fma(k, -LN2, bounded)
    r = primitive.fma(k, -LN2_LOW, exact)
    bits = primitive.shl(bits_of(shifted), 52)
    up = float_of(primitive.add(bits, 1021 << 52), size)
    # For k above 1020 this wraps around, to a huge number: there it does not matter what it is, but that it is small.
    down = float_of(primitive.sub(1021 << 52, bits), size)
    return up, primitive.select(primitive.gt(k, 1000.0), 0.0, down), r, primitive.fma(k, -LN2_LOW, exact - r)


def _combined(even: Any, odd: Any, r: Any, rest: Any) -> Any:
    """even * cosh(r + rest) + odd * sinh(r + rest) as a sum, for an even of 0 or above odd * r."""
    z = r * r
    sine = primitive.fma(r * z, polynomial(z, z * z, HYPERBOLIC_SINE), rest)
    cosine = primitive.fma(z * z, polynomial(z, z * z, HYPERBOLIC_COSINE), r * rest)
    linear, linear_low = two_product(odd, r)
    high, low = fast_two_sum(even, linear)
    high, lower = fast_two_sum(high, (0.5 * even) * z)
    low = (low + lower) + linear_low
    return high, primitive.fma(odd, sine, primitive.fma(even, cosine, low))


@ufunc_rule(np.arcsinh, "np.float")
@kernel
def arcsinh(x: Any) -> Any:
    """The inverse of the hyperbolic sine."""
    if is_single(x):
        return narrowed(_arcsinh(widened(x)))
    return _arcsinh(x)


def _arcsinh(x: Any) -> Any:
    """log(|x| + sqrt(x**2 + 1)); log(2 |x|) for a large x, and x - x**3 / 6 for a small one."""
    size = primitive.fabs(x)
    large = primitive.gt(size, _SQUARE_IS_ALL)
    bounded = primitive.select(large, 1.0, size)
    square, square_low = two_product(bounded, bounded)
    total, error = two_sum(square, 1.0)
    root, root_low = _root(total, error + square_low)
    high, low = fast_two_sum(root, bounded)
    result = _log_beyond(high, low + root_low, large, size)
    small = primitive.fma(size * square, -1.0 / 6.0, size)
    result = primitive.select(primitive.lt(size, 2.0**-14), small, result)
    return primitive.copysign(primitive.select(primitive.lt(size, math.inf), result, size), x)


@ufunc_rule(np.arccosh, "np.float")
@kernel
def arccosh(x: Any) -> Any:
    """The inverse of the hyperbolic cosine, not negative; NaN for x < 1."""
    if is_single(x):
        return narrowed(_arccosh(widened(x)))
    return _arccosh(x)


def _arccosh(x: Any) -> Any:
    """log(x + sqrt(x**2 - 1)); log(2 x) for a large x."""
    large = primitive.gt(x, _SQUARE_IS_ALL)
    bounded = primitive.select(large, 1.0, x)
    square, square_low = two_product(bounded, bounded)
    total, error = two_sum(square, -1.0)
    total, error = fast_two_sum(total, error + square_low)
    root, root_low = _root(total, error)
    high, low = fast_two_sum(bounded, root)
    result = _log_beyond(high, low + root_low, large, x)
    result = primitive.select(primitive.lt(x, 1.0), math.nan, result)
    return primitive.select(primitive.lt(x, math.inf), result, x)


def _root(total: Any, error: Any) -> Any:
    """The square root of a sum, as a sum."""
    root = primitive.sqrt(total)
    lost = primitive.fma(-root, root, total) + error
    return root, primitive.div(lost, (root + root) + _TINY)


def _log_beyond(high: Any, low: Any, large: Any, size: Any) -> Any:
    """log(high + low), or log(2 * size) where it is large."""
    high, low = fast_two_sum(high, low)
    number = primitive.select(large, size, high)
    return log_of_sum(number, primitive.select(large, 0.0, low), choose(large, 1.0, 0.0, size))


@ufunc_rule(np.arctanh, "np.float")
@kernel
def arctanh(x: Any) -> Any:
    """The inverse of the hyperbolic tangent; infinite for -1 and 1, NaN beyond."""
    if is_single(x):
        return narrowed(_arctanh(widened(x)))
    return _arctanh(x)


def _arctanh(x: Any) -> Any:
    """log((1 + x) / (1 - x)) / 2. The quotient is 2**k * m with m near 1, and log(m) / 2 is the series of atanh(s), the s for
    which m = (1 + s) / (1 - s): s = (1 + x - 2**k * (1 - x)) / (1 + x + 2**k * (1 - x)).
    """
    size = primitive.fabs(x)
    above, above_low = fast_two_sum(1.0, size)
    below, below_low = fast_two_sum(1.0, -size)
    k, _, _ = reduced_normal(primitive.div(above, below))
    power = float_of(primitive.add(primitive.shl(bits_of(k + SHIFT), 52), 1023 << 52), x)
    below, below_low = below * power, below_low * power
    difference = (above - below) + (above_low - below_low)
    total, total_low = fast_two_sum(above, below)
    inverse = primitive.div(1.0, total)
    s = difference * inverse
    lost = primitive.fma(-s, total, difference) - s * (total_low + (above_low + below_low))
    z = s * s
    curved = primitive.fma(s * z, 0.5 * polynomial(z, z * z, LOGARITHM), lost * inverse)
    high, low = fast_two_sum(k * (0.5 * LN2_HIGH), s)
    result = high + (primitive.fma(k, 0.5 * LN2_REST, low) + curved)
    result = primitive.select(primitive.lt(size, 1.0), result, choose(primitive.eq(size, 1.0), math.inf, math.nan, x))
    return primitive.copysign(result, x)
