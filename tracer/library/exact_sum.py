"""math.fsum: the exact sum of floats, rounded once, without memory that grows.

A finite float is an integer multiple of 2**-1074. The sum of these integers is formed in digits of 32 bits, from
the lowest upwards, each digit in a pass over the items (Kulisch's long accumulator, digit by digit). Numbers of
similar size take about five passes.
"""

from __future__ import annotations

import math
from typing import Any

from ir.types import float64, int64, np_bool, uint64
from tracer.extending import implements, out_of_line, primitive
from tracer.library import messages
from tracer.library.floating import is_finite, scale

_DIGIT = 32
_DIGIT_MASK = 2**32 - 1
_SMALLEST_EXPONENT = -1074


@implements(math.fsum)
def fsum(seq: Any) -> Any:
    """The sum of a tuple or an array, correctly rounded. OverflowError only if the sum itself overflows."""
    return _fsum(seq)


@out_of_line
def _fsum(items: Any) -> Any:
    special, lowest, highest = _survey(items)
    if not is_finite(special):
        return special
    if lowest > highest:
        return 0.0
    negative, magnitude = _exact_sum(items, lowest, highest, 0)
    if negative:
        negative, magnitude = _exact_sum(items, lowest, highest, -1)
        magnitude = -magnitude
    if not is_finite(magnitude):
        raise OverflowError(messages.FSUM_OVERFLOW)
    return magnitude


def _survey(items: Any) -> Any:
    """The sum of the items that are not finite (0.0 without any), and the digits that the others begin and end in."""
    special = infinities = 0.0
    lowest, highest = 2**62, -1
    for item in items:
        x = float(item)
        if is_finite(x):
            if x != 0.0:
                position = _position(x)
                lowest = primitive.min_(lowest, primitive.shr(position, 5))
                highest = primitive.max_(highest, primitive.shr(position + 52, 5))
        else:
            special = special + x
            infinities = infinities + primitive.select(primitive.eq(x, x), x, 0.0)
    if infinities != infinities:
        raise ValueError(messages.FSUM_INVALID)
    return special, lowest, highest


def _position(x: Any) -> Any:
    """The place of the lowest mantissa bit, counted from 2**-1074."""
    field = primitive.and_(primitive.shr(primitive.bitcast(x, to=int64), 52), 0x7FF)
    return primitive.max_(field, 1) - 1


@out_of_line
def _exact_sum(items: Any, lowest: Any, highest: Any, complement: Any) -> Any:
    """Whether the sum is negative and, if it is not, its value. A `complement` of -1 negates the items."""
    carry = 0
    first = second = third = 0  # the highest digits so far, the highest one last
    sticky = 0  # the bits below them
    top, kept = lowest, (0, 0, 0, 0)
    place = lowest
    # Three digits more than the items have: the carry is below 2**63 and shrinks by 32 bits each time.
    while place <= highest + 3:
        carry = carry + _digit_sum(items, place * _DIGIT, complement)
        sticky = primitive.or_(sticky, first)
        first, second, third = second, third, primitive.and_(carry, _DIGIT_MASK)
        carry = primitive.shr(carry, _DIGIT)
        if third != 0:
            top, kept = place, (first, second, third, sticky)
        place += 1
    return carry < 0, _rounded(kept, top)


def _digit_sum(items: Any, place: Any, complement: Any) -> Any:
    """The sum of the 32 bits from `place` on of all items, each with its sign."""
    total = 0
    for item in items:
        x = float(item)
        if is_finite(x):
            bits = primitive.bitcast(x, to=int64)
            field = primitive.and_(primitive.shr(bits, 52), 0x7FF)
            hidden = primitive.select(primitive.ne(field, 0), 2**52, 0)
            mantissa = primitive.or_(primitive.and_(bits, 2**52 - 1), hidden)
            shift = primitive.max_(field, 1) - 1 - place
            up = primitive.shl(mantissa, primitive.max_(primitive.min_(shift, 63), 0))
            down = primitive.shr(mantissa, primitive.max_(primitive.min_(-shift, 63), 0))
            digit = primitive.and_(primitive.select(primitive.lt(shift, 0), down, up), _DIGIT_MASK)
            digit = primitive.select(primitive.lt(shift, _DIGIT), digit, 0)
            sign = primitive.xor(primitive.shr(bits, 63), complement)  # 0 or -1
            total = total + (primitive.xor(digit, sign) - sign)
    return total


def _rounded(digits: Any, top: Any) -> Any:
    """The digits as a float, rounded to nearest: 64 bits from the leading one, and whether bits follow."""
    low, middle, high, sticky = digits
    if high == 0:
        return 0.0
    leading = _unsigned(primitive.or_(primitive.shl(high, _DIGIT), middle))
    following = primitive.shl(_unsigned(low), _DIGIT)
    exponent = (top - 1) * _DIGIT + _SMALLEST_EXPONENT
    while primitive.lt(leading, 2**63):
        leading = primitive.or_(primitive.shl(leading, 1), primitive.shr(following, 63))
        following = primitive.shl(following, 1)
        exponent -= 1
    inexact = primitive.or_(primitive.ne(following, 0), primitive.cast(primitive.ne(sticky, 0), to=np_bool))
    leading = primitive.or_(leading, primitive.cast(inexact, to=uint64))
    return scale(primitive.cast(leading, to=float64), exponent)


def _unsigned(x: Any) -> Any:
    return primitive.cast(x, to=uint64)
