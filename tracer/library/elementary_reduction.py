"""Reduction of huge angles, by the method of M. Payne and R. Hanek (ACM SIGNUM Newsletter 18:1, 1983).

The number of quadrants in x = m * 2**e, m an integer, is m * 2**e * 2/pi. Multiples of four do not matter, so of the bits of
2/pi only those are used that m * 2**e moves to places below 4, and 128 behind the point: doubles come no nearer to a
multiple of pi/2 than 2**-62 of it (J.-M. Muller, Elementary Functions, 2006, table 10.1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import int64, uint64
from tracer.extending import primitive
from tracer.library.floating import fast_two_sum, two_product, two_sum
from tracer.typeof import typeof

TWO_OVER_PI = np.array(
    [
        0x0000000000000000, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041, 0xFE5163ABDEBBC561,
        0xB7246E3A424DD2E0, 0x06492EEA09D1921C, 0xFE1DEB1CB129A73E, 0xE88235F52EBB4484,
        0xE99C7026B45F7E41, 0x3991D639835339F4, 0x9C845F8BBDF9283B, 0x1FF897FFDE05980F,
        0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7, 0x4F463F669E5FEA2D, 0x7527BAC7EBE5F17B,
        0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB, 0xF0CFBC209AF4361D,
    ],
    dtype=np.uint64,
)
"""64 bits before the point of 2/pi, and 1280 behind it."""
_HALF_PI = 1.5707963267948966
_HALF_PI_LOW = 6.123233995736766e-17
_LOW_HALF = 0xFFFFFFFF


def reduce_huge(x: Any) -> Any:
    """x >= 2**25 as the rest of a division by pi/2, nearest to zero, as an unevaluated sum, and the quotient modulo 4.

    The rest of an infinity or NaN is NaN.
    """
    bits = primitive.bitcast(x, to=uint64)
    mantissa = primitive.or_(primitive.and_(bits, (1 << 52) - 1), 1 << 52)
    # x = mantissa * 2**(exponent - 1075); the first bit to be used is the one that 2**(exponent - 1075) moves to 2.
    exponent = primitive.bitcast(x, to=int64)
    first = primitive.sub(primitive.shr(exponent, 52), 1075 - 62)
    index = primitive.max_(primitive.min_(primitive.shr(first, 6), len(TWO_OVER_PI) - 4), 0)
    shift = primitive.cast(primitive.and_(first, 63), to=uint64)
    words = TWO_OVER_PI[index], TWO_OVER_PI[index + 1], TWO_OVER_PI[index + 2], TWO_OVER_PI[index + 3]
    a, b, c = _joined(words[0], words[1], shift), _joined(words[1], words[2], shift), _joined(words[2], words[3], shift)
    # The product's words: `high` begins with two bits of the integer part.
    low = primitive.add(primitive.mul(mantissa, b), _high_product(mantissa, c))
    carry = primitive.cast(primitive.lt(low, primitive.mul(mantissa, b)), to=uint64)
    high = primitive.add(primitive.add(primitive.mul(mantissa, a), _high_product(mantissa, b)), carry)
    quadrant = primitive.shr(primitive.add(high, 1 << 61), 62)
    fraction = primitive.sub(high, primitive.shl(quadrant, 62))
    r, rest = _times_half_pi(primitive.cast(fraction, to=int64), low, x)
    return r, rest + (x - x), primitive.cast(quadrant, to=int64)


def _joined(word: Any, following: Any, shift: Any) -> Any:
    """64 bits of two words, beginning `shift` bits in."""
    return primitive.or_(primitive.shl(word, shift), primitive.shr(primitive.shr(following, 1), primitive.sub(63, shift)))


def _high_product(a: Any, b: Any) -> Any:
    """The upper 64 bits of a product, a < 2**53."""
    a_low, a_high = primitive.and_(a, _LOW_HALF), primitive.shr(a, 32)
    b_low, b_high = primitive.and_(b, _LOW_HALF), primitive.shr(b, 32)
    cross = primitive.mul(a_low, b_high)
    middle = primitive.add(primitive.shr(primitive.mul(a_low, b_low), 32), primitive.and_(cross, _LOW_HALF))
    middle = primitive.shr(primitive.add(middle, primitive.mul(a_high, b_low)), 32)
    return primitive.add(primitive.add(primitive.mul(a_high, b_high), primitive.shr(cross, 32)), middle)


def _times_half_pi(high: Any, low: Any, like: Any) -> Any:
    """(high + low / 2**64) / 2**62 * pi/2 as a sum of two floats."""
    kind = typeof(like)
    parts = (
        primitive.cast(primitive.shr(high, 32), to=kind) * 2.0**-30,
        primitive.cast(primitive.and_(high, _LOW_HALF), to=kind) * 2.0**-62,
        primitive.cast(primitive.shr(low, 32), to=kind) * 2.0**-94,
        primitive.cast(primitive.and_(low, _LOW_HALF), to=kind) * 2.0**-126,
    )
    total, rest = two_sum(parts[0], parts[1])
    middle, error = two_sum(rest, parts[2])
    total, rest = two_sum(total, middle)
    rest = rest + (error + parts[3])
    product, error = two_product(total, _HALF_PI)
    return fast_two_sum(product, error + primitive.fma(total, _HALF_PI_LOW, rest * _HALF_PI))
