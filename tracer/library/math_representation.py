"""The functions of `math` on the representation of floats: mantissa, exponent, neighbours."""

from __future__ import annotations

import math
import sys
from typing import Any

from ir.types import float64, int64, uint64
from tracer.extending import implements, out_of_line, primitive
from tracer.library import messages
from tracer.library.floating import EXPONENT_BIAS, MANTISSA_BITS, exponent_of, is_finite, scale
from tracer.library.math_integers import as_integer

_LARGEST, _SMALLEST_NORMAL = sys.float_info.max, sys.float_info.min
_NOT_EXPONENT = -(2**63) | (2**52 - 1)  # the sign and the mantissa


@implements(math.frexp)
def frexp(x: Any) -> Any:
    """`(m, e)` with `x == m * 2**e` and `0.5 <= |m| < 1`; x itself and 0 for zero, infinity and NaN."""
    value = float(x)
    subnormal = primitive.lt(primitive.fabs(value), _SMALLEST_NORMAL)
    shifted = primitive.select(subnormal, value * 2.0**54, value)
    exponent = primitive.sub(primitive.add(exponent_of(shifted), 1), primitive.select(subnormal, 54, 0))
    mantissa_bits = primitive.and_(primitive.bitcast(shifted, to=int64), _NOT_EXPONENT)
    half = (EXPONENT_BIAS - 1) << MANTISSA_BITS
    mantissa = primitive.bitcast(primitive.or_(mantissa_bits, half), to=float64)
    regular = primitive.and_(is_finite(value), primitive.ne(value, 0.0))
    return primitive.select(regular, mantissa, value), primitive.select(regular, exponent, 0)


@implements(math.ldexp)
def ldexp(x: Any, i: Any) -> Any:
    """`x * 2**i`, rounded once."""
    value = float(x)
    result = scale(value, as_integer(i))
    infinite = primitive.eq(primitive.fabs(result), math.inf)
    if primitive.and_(infinite, primitive.lt(primitive.fabs(value), math.inf)):
        raise OverflowError(messages.RANGE)
    return result


@implements(math.modf)
def modf(x: Any) -> Any:
    """The fractional and the integer part, both with the sign of x."""
    value = float(x)
    whole = primitive.trunc(value)
    infinite = primitive.eq(primitive.fabs(value), math.inf)
    fraction = primitive.select(infinite, 0.0, value - whole)
    return primitive.copysign(fraction, value), whole


@implements(math.ulp)
def ulp(x: Any) -> Any:
    """The distance of |x| to the next larger float; to the next smaller one for the largest."""
    size = primitive.fabs(float(x))
    bits = primitive.bitcast(size, to=int64)
    step = primitive.select(primitive.eq(size, _LARGEST), -1, 1)
    neighbour = primitive.bitcast(primitive.add(bits, step), to=float64)
    return primitive.select(is_finite(size), primitive.fabs(neighbour - size), size)


if sys.version_info >= (3, 12):

    @implements(math.nextafter)
    def nextafter(x: Any, y: Any, *, steps: Any = None) -> Any:
        """The float `steps` (default: one) from x towards y."""
        if steps is None:
            return primitive.nextafter(float(x), float(y))
        return _step_towards(float(x), float(y), as_integer(steps))

else:

    @implements(math.nextafter)
    def nextafter(x: Any, y: Any) -> Any:
        """The float after x towards y."""
        return primitive.nextafter(float(x), float(y))


@out_of_line
def _step_towards(x: Any, y: Any, steps: Any) -> Any:
    """Floats of one sign are ordered as their bits: the step is one of integers, through zero if need be."""
    if steps < 0:
        raise ValueError(messages.NEGATIVE_STEPS)
    if steps == 0 or x != x:
        return x
    if y != y or x == y:
        return y
    distance = primitive.cast(steps, to=uint64)
    size, target = _bits(primitive.fabs(x)), _bits(primitive.fabs(y))
    if primitive.ne(primitive.copysign(1.0, x), primitive.copysign(1.0, y)):
        if primitive.le(primitive.add(size, target), distance):
            return y
        if primitive.lt(size, distance):
            return primitive.copysign(_float(primitive.sub(distance, size)), y)
        return primitive.copysign(_float(primitive.sub(size, distance)), x)
    if primitive.gt(size, target):
        stepped = primitive.sub(size, primitive.min_(distance, primitive.sub(size, target)))
    else:
        stepped = primitive.add(size, primitive.min_(distance, primitive.sub(target, size)))
    return primitive.copysign(_float(stepped), x)


def _bits(x: Any) -> Any:
    return primitive.cast(primitive.bitcast(x, to=int64), to=uint64)


def _float(bits: Any) -> Any:
    return primitive.bitcast(primitive.cast(bits, to=int64), to=float64)
