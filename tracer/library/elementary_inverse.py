"""Inverse trigonometric functions of NumPy's floats: arcsin, arccos, arctan, arctan2.

Arguments are reduced as in W. J. Cody and W. Waite (Software Manual for the Elementary Functions, 1980, chapters 10 and 11):
asin(a) = pi/2 - 2 asin(sqrt((1 - a) / 2)) for a > 1/2, atan(a) = pi/2 - atan(1 / a) for a > 1, and atan(a) = pi/4 +
atan((a - 1) / (a + 1)) for those above tan(pi/8). The rounding errors of the root and of the quotient are carried along.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import kernel, primitive, ufunc_rule
from tracer.library.elementary_steps import choose, is_single, narrowed, polynomial, widened
from tracer.library.floating import fast_two_sum

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

ARC_SINE = (
    0.16666666666666669,
    0.0749999999999833,
    0.04464285714655419,
    0.03038194412349189,
    0.022372173529438988,
    0.01735237920155642,
    0.013971410114083462,
    0.011477286235694049,
    0.010334910310632684,
    0.005406430005318748,
    0.017537600565176812,
    -0.01506205317193709,
    0.02889915202989966,
)
ARC_TANGENT = (
    -0.3333333333333333,
    0.1999999999999981,
    -0.14285714285661094,
    0.11111111105269593,
    -0.09090908758775827,
    0.07692296517303976,
    -0.06666427278780239,
    0.05878954854801641,
    -0.05230633784275726,
    0.04552367231875368,
    -0.03458942456554059,
    0.016305609739836996,
)
_HALF_PI = 1.5707963267948966
_HALF_PI_LOW = 6.123233995736766e-17
_QUARTER_PI = 0.7853981633974483
_QUARTER_PI_LOW = 3.061616997868383e-17
_TAN_EIGHTH = 0.41421356237309503
_TINY = 1e-300
_HUGE = 1e300


@ufunc_rule(np.arcsin, "np.float")
@kernel
def arcsin(x: Any) -> Any:
    """The angle in [-pi/2, pi/2] whose sine is x; NaN outside of [-1, 1]."""
    if is_single(x):
        return narrowed(_arcsin(widened(x)))
    return _arcsin(x)


def _arcsin(x: Any) -> Any:
    large, s, rest = _half_range(primitive.fabs(x))
    high, low = fast_two_sum(_HALF_PI, -2.0 * s)
    folded = high + (low + primitive.fma(rest, -2.0, _HALF_PI_LOW))
    return primitive.copysign(primitive.select(large, folded, s + rest), x)


@ufunc_rule(np.arccos, "np.float")
@kernel
def arccos(x: Any) -> Any:
    """The angle in [0, pi] whose cosine is x; NaN outside of [-1, 1]."""
    if is_single(x):
        return narrowed(_arccos(widened(x)))
    return _arccos(x)


def _arccos(x: Any) -> Any:
    """pi/2 - asin(x) for a small x; for a large one 2 asin(sqrt((1 - x) / 2)), or pi less that of -x."""
    large, s, rest = _half_range(primitive.fabs(x))
    negative = primitive.lt(x, 0.0)
    sign = choose(primitive.xor(large, negative), 1.0, -1.0, x)
    based = primitive.or_(negative, primitive.not_(large))
    base, base_low = choose(based, _HALF_PI, 0.0, x), choose(based, _HALF_PI_LOW, 0.0, x)
    high, low = fast_two_sum(base, sign * s)
    angle = high + (low + primitive.fma(sign, rest, base_low))
    return angle * choose(large, 2.0, 1.0, x)


def _half_range(a: Any) -> Any:
    """Whether a > 1/2; s and rest, the sum of which is asin(a), or asin(sqrt((1 - a) / 2)) for a large a."""
    large = primitive.gt(a, 0.5)
    z = primitive.select(large, primitive.fma(a, -0.5, 0.5), a * a)
    root = primitive.sqrt(z)
    s = primitive.select(large, root, a)
    # What the root lost; _TINY makes it 0 for a root of 0.
    lost = primitive.div(primitive.fma(-root, root, z), (root + root) + _TINY)
    cubic = (s * z) * polynomial(z, z * z, ARC_SINE)
    return large, s, cubic + primitive.select(large, lost, lost * 0.0)


@ufunc_rule(np.arctan, "np.float")
@kernel
def arctan(x: Any) -> Any:
    """The angle in [-pi/2, pi/2] whose tangent is x."""
    if is_single(x):
        return narrowed(_arctan(widened(x)))
    return _arctan(x)


def _arctan(x: Any) -> Any:
    size = primitive.fabs(x)
    steep = primitive.gt(size, 1.0)
    # The quotient of infinity is that of any huge number.
    bounded = primitive.select(primitive.gt(size, _HUGE), _HUGE, size)
    smaller, larger = primitive.select(steep, 1.0, bounded), primitive.select(steep, bounded, 1.0)
    octants, t, rest = _angle(smaller, larger)
    return primitive.copysign(_placed(octants, t, rest, choose(steep, 4.0, 0.0, x), choose(steep, -1.0, 1.0, x)), x)


def _angle(smaller: Any, larger: Any) -> Any:
    """atan(smaller / larger), for a quotient of at most 1, as a number of octants of pi and a sum.

    Above tan(pi/8), atan(a / b) = pi/4 + atan((a - b) / (a + b)).
    """
    middle = primitive.gt(smaller, larger * _TAN_EIGHTH)
    difference, difference_low = fast_two_sum(-larger, smaller)
    total, total_low = fast_two_sum(larger, smaller)
    numerator = primitive.select(middle, difference, smaller)
    divisor = primitive.select(middle, total, larger)
    inverse = primitive.div(1.0, divisor)
    t = numerator * inverse
    lost = primitive.fma(-t, divisor, numerator)
    lost = lost + primitive.select(middle, primitive.fma(-t, total_low, difference_low), lost * 0.0)
    z = t * t
    rest = primitive.fma(t * z, polynomial(z, z * z, ARC_TANGENT), lost * inverse)
    return choose(middle, 1.0, 0.0, smaller), t, rest


def _placed(octants: Any, t: Any, rest: Any, base: Any, sign: Any) -> Any:
    """The angle sign * (octants * pi/4 + t + rest) + base * pi/8."""
    quarters = base * 0.5 + sign * octants
    high, low = fast_two_sum(quarters * _QUARTER_PI, sign * t)
    return high + (low + primitive.fma(quarters, _QUARTER_PI_LOW, sign * rest))


@ufunc_rule(np.arctan2, "np.float")
@kernel
def arctan2(y: Any, x: Any) -> Any:
    """The angle of the point (x, y), in [-pi, pi]."""
    if is_single(y):
        return narrowed(_arctan2(widened(y), widened(x)))
    return _arctan2(y, x)


def _arctan2(y: Any, x: Any) -> Any:
    a, b = primitive.fabs(y), primitive.fabs(x)
    steep = primitive.gt(a, b)
    octants, t, rest = _angle(*_proper(primitive.select(steep, b, a), primitive.select(steep, a, b)))
    left = primitive.lt(primitive.copysign(1.0, x), 0.0)
    sign = choose(primitive.xor(steep, left), -1.0, 1.0, x)
    base = primitive.select(steep, 4.0, choose(left, 8.0, 0.0, x))
    return primitive.copysign(_placed(octants, t, rest, base, sign), y)


def _proper(smaller: Any, larger: Any) -> Any:
    """Two sizes with the same quotient, of moderate size; 0 and 1, or 1 and 1, for zeros and infinities (C99, F.9.1.4)."""
    infinite = primitive.eq(larger, math.inf)
    both = primitive.eq(smaller, math.inf)
    smaller = primitive.select(both, 1.0, primitive.select(infinite, smaller * 0.0, smaller))
    larger = primitive.select(primitive.or_(infinite, primitive.eq(larger, 0.0)), 1.0, larger)
    tiny = choose(primitive.lt(smaller, 2.0**-900), 2.0**100, 1.0, larger)
    scale = primitive.select(primitive.gt(larger, 2.0**900), 2.0**-100, tiny)
    return smaller * scale, larger * scale
