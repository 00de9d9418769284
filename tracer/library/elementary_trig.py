"""Trigonometric functions of NumPy's floats: sin, cos, tan.

x = k * pi/2 + r with |r| <= pi/4, by the method of W. J. Cody and W. Waite (Software Manual for the Elementary Functions,
1980) with pi/2 in three parts: of the products with k, the first is exact by a fused multiply-add, the second has few enough
bits. Beyond `LARGEST_ANGLE`, one angle at a time is reduced by elementary_reduction.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import out_of_line, primitive, ufunc_rule
from tracer.library.elementary_reduction import reduce_huge
from tracer.library.elementary_steps import SHIFT, bits_of, float_of, is_single, narrowed, polynomial, widened

SINE = (
    -0.16666666666666666,
    0.008333333333330946,
    -0.00019841269836755419,
    2.7557316100836803e-06,
    -2.5051131474663988e-08,
    1.5918101877910613e-10,
)
COSINE = (
    0.041666666666666664,
    -0.0013888888888887395,
    2.480158729876363e-05,
    -2.755731727061801e-07,
    2.0876146029590015e-09,
    -1.1382614811253895e-11,
)
_TWO_OVER_PI = 0.6366197723675814
_HALF_PI = 1.5707963267948966
_HALF_PI_MIDDLE = 6.12323399409214e-17  # 29 bits
_HALF_PI_LOW = 1.6446256936324258e-26
LARGEST_ANGLE = 2.0**23 * math.pi


@ufunc_rule(np.sin, "np.float")
def sin(x: Any) -> Any:
    """The sine of an angle in radians."""
    if is_single(x):
        return narrowed(_sin(widened(x)))
    return _sin(x)


@ufunc_rule(np.cos, "np.float")
def cos(x: Any) -> Any:
    """The cosine of an angle in radians."""
    if is_single(x):
        return narrowed(_cos(widened(x)))
    return _cos(x)


def _sin(x: Any) -> Any:
    if primitive.gt(primitive.fabs(x), LARGEST_ANGLE):
        return _sin_of_huge(x)
    return _sine_of(*_reduced(x))


def _cos(x: Any) -> Any:
    if primitive.gt(primitive.fabs(x), LARGEST_ANGLE):
        return _cos_of_huge(x)
    return _cosine_of(*_reduced(x))


@out_of_line
def _sin_of_huge(x: Any) -> Any:
    r, rest, quadrant = reduce_huge(primitive.fabs(x))
    return primitive.copysign(1.0, x) * _sine_of(r, rest, quadrant)


@out_of_line
def _cos_of_huge(x: Any) -> Any:
    return _cosine_of(*reduce_huge(primitive.fabs(x)))


def _sine_of(r: Any, rest: Any, quadrant: Any) -> Any:
    z = r * r
    sine, cosine = _sine(r, rest, z), _cosine(r, rest, z)
    return _with_sign(primitive.select(_is_odd(quadrant), cosine, sine), quadrant)


def _cosine_of(r: Any, rest: Any, quadrant: Any) -> Any:
    z = r * r
    sine, cosine = _sine(r, rest, z), _cosine(r, rest, z)
    return _with_sign(primitive.select(_is_odd(quadrant), sine, cosine), primitive.add(quadrant, 1))


def _is_odd(quadrant: Any) -> Any:
    return primitive.ne(primitive.and_(quadrant, 1), 0)


def _with_sign(value: Any, quadrant: Any) -> Any:
    """The value, negated where bit 1 of the quadrant is set."""
    sign = primitive.shl(primitive.shr(quadrant, 1), 63)
    return float_of(primitive.xor(bits_of(value), sign), value)


def _reduced(x: Any) -> Any:
    """The angle within a quadrant as an unevaluated sum, and the number of the quadrant in the low bits of an integer."""
    shifted = primitive.fma(x, _TWO_OVER_PI, SHIFT)
    k = shifted - SHIFT
    first = primitive.fma(k, -_HALF_PI, x)
    r = primitive.fma(k, -_HALF_PI_MIDDLE, first)
    rest = primitive.fma(k, -_HALF_PI_MIDDLE, first - r)
    return r, primitive.fma(k, -_HALF_PI_LOW, rest), bits_of(shifted)


def _sine(r: Any, rest: Any, z: Any) -> Any:
    """The sine of r + rest: r + r**3 * S(r**2) + rest * cos(r), the cosine to first order."""
    cubic = (r * z) * polynomial(z, z * z, SINE)
    return r + (cubic + primitive.fma(-0.5 * z, rest, rest))


def _cosine(r: Any, rest: Any, z: Any) -> Any:
    """The cosine of r + rest: 1 - r**2 / 2 + r**4 * C(r**2) - r * rest."""
    high = primitive.fma(z, -0.5, 1.0)
    low = primitive.fma(z, -0.5, 1.0 - high)
    square = z * z
    return high + (low + primitive.fma(square, polynomial(z, square, COSINE), -(r * rest)))
