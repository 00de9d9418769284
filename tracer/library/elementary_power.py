"""Powers of NumPy's floats: power, cbrt, hypot.

x ** y is exp(y * log(x)), with the logarithm as an unevaluated sum of two numbers: of its 53 bits, exp loses as many as the
exponent of the result has (T. J. Dekker's arithmetic of such sums, Numer. Math. 18, 1971). Special values are those of C99, F.9.4.4.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from tracer.extending import primitive, ufunc_rule
from tracer.library.elementary_exp import HIGHEST, LOWEST, exp_of_sum
from tracer.library.elementary_log import reduced
from tracer.library.elementary_steps import (
    LN2_HIGH, LN2_REST, bits_of, clamped, float_of, is_single, narrowed, polynomial, widened,
)  # fmt: skip
from tracer.library.floating import fast_two_sum, two_product

POWER_LOGARITHM = (
    0.4,
    0.28571428571429375,
    0.2222222222165245,
    0.18181818336119915,
    0.1538459488937353,
    0.13334808465929357,
    0.1170613999890386,
    0.11724144183988208,
)
_TWO_THIRDS = 0.6666666666666666
_TWO_THIRDS_LOW = 3.700743415417188e-17
_LARGEST = sys.float_info.max


@ufunc_rule(np.power, "np.float")
def power(x: Any, y: Any) -> Any:
    """x ** y."""
    if is_single(x):
        return narrowed(_power(widened(x), widened(y)))
    return _power(x, y)


def _power(x: Any, y: Any) -> Any:
    # An infinite y is as good as a large one, with which no product is NaN.
    bounded = clamped(y, -_LARGEST, _LARGEST)
    high, low = _logarithm(primitive.fabs(x))
    exponent, error = two_product(bounded, high)
    error = _small(primitive.fma(bounded, low, error))
    size = exp_of_sum(clamped(exponent, LOWEST - 2.0, HIGHEST + 2.0), error)
    return _with_special(x, bounded, size)


def _small(error: Any) -> Any:
    """The error, within [-1, 1] even if it is NaN: what it is for a large exponent does not matter."""
    error = primitive.select(primitive.lt(error, 1.0), error, 1.0)
    return primitive.select(primitive.gt(error, -1.0), error, -1.0)


def _with_special(x: Any, y: Any, size: Any) -> Any:
    """The power with its sign, and what C99 says of powers of negative numbers, of 1, and to the power 0."""
    whole = primitive.eq(primitive.rint(y), y)
    half = 0.5 * y
    odd = primitive.and_(whole, primitive.ne(primitive.rint(half), half))
    result = primitive.select(odd, primitive.copysign(size, x), size)
    undefined = primitive.and_(primitive.lt(x, 0.0), primitive.not_(whole))
    undefined = primitive.and_(undefined, primitive.gt(x, -math.inf))
    result = primitive.select(undefined, math.nan, result)
    one = primitive.or_(primitive.eq(x, 1.0), primitive.eq(y, 0.0))
    return primitive.select(one, 1.0, result)


def _logarithm(x: Any) -> Any:
    """The logarithm of x >= 0 as a sum, to about 65 bits; infinite for 0 and infinity, NaN for NaN.

    log(1 + f) = 2 s + s**3 * (2/3 + s**2 * P(s**2)) with s = f / (2 + f). A rest of s changes it by 2 / (1 - s**2) of it.
    """
    k, f, divisor = reduced(x)
    inverse = primitive.div(1.0, divisor)
    s = f * inverse
    twice = s + s
    rest = primitive.fma(-s, f, f - twice) * (inverse + inverse)
    z, z_low = two_product(s, s)
    cube, cube_low = two_product(s, z)
    cube_low = primitive.fma(s, z_low, cube_low)
    cubic, cubic_low = two_product(cube, _TWO_THIRDS)
    cubic_low = primitive.fma(cube_low, _TWO_THIRDS, cubic_low)
    tail = primitive.fma(z, polynomial(z, z * z, POWER_LOGARITHM), _TWO_THIRDS_LOW)
    low = primitive.fma(cube, tail, cubic_low) + primitive.fma(z, primitive.fma(z, rest, rest), rest)
    high, carry = fast_two_sum(k * LN2_HIGH, twice)
    high, second_carry = fast_two_sum(high, cubic)
    low = (carry + primitive.fma(k, LN2_REST, second_carry)) + low
    high = primitive.select(primitive.lt(x, math.inf), high, x)
    return primitive.select(primitive.eq(x, 0.0), -math.inf, high), low
