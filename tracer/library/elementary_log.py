"""Logarithms of NumPy's floats: log, log2, log10, log1p.

x = 2**k * m with m between sqrt(1/2) and sqrt(2), and log(m) is a series in s = f / (2 + f), f = m - 1 (the method of
W. J. Cody and W. Waite, Software Manual for the Elementary Functions, 1980). The parts are added up so that the largest is
rounded once: f - f*f/2 + s*(f*f/2 + s*s*R(s*s)) equals 2*s + s*s*s*R(s*s), and its first two terms need no division.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import primitive, ufunc_rule
from tracer.library.elementary_steps import (
    LN2_HIGH, LN2_REST, SHIFT, SHIFT_BITS, bits_of, choose, float_of, is_single, narrowed, polynomial, widened,
)  # fmt: skip

LOGARITHM = (
    0.666666666666667,
    0.3999999999989874,
    0.2857142862629399,
    0.22222211086412544,
    0.1818289243984102,
    0.15331617152084198,
    0.14617681693024873,
)
_SMALLEST_NORMAL = 2.0**-1022
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


@ufunc_rule(np.log, "np.float")
def log(x: Any) -> Any:
    """The natural logarithm."""
    if is_single(x):
        return narrowed(_log(widened(x)))
    return _log(x)


def _log(x: Any) -> Any:
    k, f, divisor = reduced(x)
    s = primitive.div(f, divisor)
    z = s * s
    curved = s * primitive.fma(-z, polynomial(z, z * z, LOGARITHM), f)
    # k * LN2_HIGH is exact, and so is the sum of `high` and `low`.
    large = k * LN2_HIGH
    high = large + f
    low = (large - high) + f
    result = high + (primitive.fma(k, LN2_REST, low) - curved)
    return _special(x, result)


def reduced(x: Any) -> Any:
    """k, f and 2 + f with `x == 2**k * (1 + f)` and sqrt(1/2) <= 1 + f < sqrt(2), for positive finite x."""
    subnormal = primitive.lt(x, _SMALLEST_NORMAL)
    x = x * choose(subnormal, 2.0**54, 1.0, x)
    offset = primitive.sub(bits_of(x), _SQRT_HALF_BITS)
    k = primitive.shr(offset, 52)
    shifted = float_of(primitive.add(k, SHIFT_BITS), x)
    mantissa = float_of(primitive.sub(bits_of(x), primitive.shl(k, 52)), x)
    return shifted - choose(subnormal, SHIFT + 54.0, SHIFT, x), mantissa - 1.0, mantissa + 1.0


def _special(x: Any, result: Any) -> Any:
    """The result, or that of zero, a negative number, infinity or NaN."""
    result = primitive.select(primitive.lt(x, math.inf), result, x)
    result = primitive.select(primitive.lt(x, 0.0), math.nan, result)
    return primitive.select(primitive.eq(x, 0.0), -math.inf, result)
