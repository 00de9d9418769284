"""Trigonometric functions of NumPy's floats: sin, cos, tan.

x = k * pi/2 + r with |r| <= pi/4, by the method of W. J. Cody and W. Waite (Software Manual for the Elementary Functions,
1980) with pi/2 in three parts: of the products with k, the first is exact by a fused multiply-add, the second has few enough
bits. float32 does the same in its own precision. Angles beyond `LARGEST_ANGLE` are left to the C library, one at a time.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import kernel, out_of_line, primitive, ufunc_rule
from tracer.library.elementary_steps import SHIFT, SINGLE_SHIFT, bits_of, divided, float_of, is_single, narrowed, polynomial, widened
from tracer.library.floating import fast_two_sum, two_product, two_sum

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

SINE = (
    -0.16666666666666666,
    0.008333333333333331,
    -0.0001984126984126506,
    2.7557319219335457e-06,
    -2.5052106231132076e-08,
    1.6058531406898902e-10,
    -7.586684440210022e-13,
)
COSINE = (
    0.041666666666666664,
    -0.0013888888888887395,
    2.480158729876363e-05,
    -2.755731727061801e-07,
    2.0876146029590015e-09,
    -1.1382614811253895e-11,
)
SINGLE_SINE = (
    -0.1666666666361139,
    0.00833333178056428,
    -0.00019840036316194564,
    2.724344874354815e-06,
)
SINGLE_COSINE = (
    0.04166666453125167,
    -0.0013888278203159933,
    2.4542615318874212e-05,
)
_TWO_OVER_PI = 0.6366197723675814
_PARTS = (1.5707963267948966, 6.12323399409214e-17, 1.6446256936324258e-26)  # of pi/2, the second of 29 bits
LARGEST_ANGLE = 2.0**23 * math.pi
_SINGLE_PARTS = (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15)  # of pi/2
_LARGEST_SINGLE = 2.0**16 * math.pi


@ufunc_rule(np.sin, "np.float")
@kernel
def sin(x: Any) -> Any:
    """The sine of an angle in radians."""
    if _is_huge(x):
        return _sin_of_huge(x)
    return primitive.select(primitive.eq(x, 0.0), x, _sine_of(*_reduced(x)))


@ufunc_rule(np.cos, "np.float")
@kernel
def cos(x: Any) -> Any:
    """The cosine of an angle in radians."""
    if _is_huge(x):
        return _cos_of_huge(x)
    return _cosine_of(*_reduced(x))


@ufunc_rule(np.tan, "np.float")
@kernel
def tan(x: Any) -> Any:
    """The tangent of an angle in radians."""
    if _is_huge(x):
        return _tan_of_huge(x)
    return primitive.copysign(1.0, x) * _tangent_of(*_reduced(primitive.fabs(x)))


def _is_huge(x: Any) -> Any:
    return primitive.gt(primitive.fabs(x), _LARGEST_SINGLE if is_single(x) else LARGEST_ANGLE)


@out_of_line
def _sin_of_huge(x: Any) -> Any:
    return narrowed(primitive.sin(widened(x))) if is_single(x) else primitive.sin(x)


@out_of_line
def _cos_of_huge(x: Any) -> Any:
    return narrowed(primitive.cos(widened(x))) if is_single(x) else primitive.cos(x)


@out_of_line
def _tan_of_huge(x: Any) -> Any:
    return narrowed(primitive.tan(widened(x))) if is_single(x) else primitive.tan(x)


def _sine_of(r: Any, rest: Any, quadrant: Any) -> Any:
    z = r * r
    sine, cosine = _sine(r, rest, z), _cosine(r, rest, z)
    return _with_sign(primitive.select(_is_odd(quadrant), cosine, sine), quadrant)


def _cosine_of(r: Any, rest: Any, quadrant: Any) -> Any:
    z = r * r
    sine, cosine = _sine(r, rest, z), _cosine(r, rest, z)
    return _with_sign(primitive.select(_is_odd(quadrant), sine, cosine), primitive.add(quadrant, 1))


def _tangent_of(r: Any, rest: Any, quadrant: Any) -> Any:
    """sin / cos, or -cos / sin in the odd quadrants, each as a sum."""
    z = r * r
    sine, sine_low = fast_two_sum(r, _sine_rest(r, rest, z))
    cosine, cosine_low = _cosine_parts(r, rest, z)
    cosine, cosine_low = fast_two_sum(cosine, cosine_low)
    odd = _is_odd(quadrant)
    numerator, numerator_low = primitive.select(odd, -cosine, sine), primitive.select(odd, -cosine_low, sine_low)
    return divided(numerator, numerator_low, primitive.select(odd, sine, cosine), primitive.select(odd, sine_low, cosine_low))


def _is_odd(quadrant: Any) -> Any:
    return primitive.ne(primitive.and_(quadrant, 1), 0)


def _with_sign(value: Any, quadrant: Any) -> Any:
    """The value, negated where bit 1 of the quadrant is set."""
    sign = primitive.shl(primitive.shr(quadrant, 1), 31 if is_single(value) else 63)
    return float_of(primitive.xor(bits_of(value), sign), value)


def _reduced(x: Any) -> Any:
    """The angle within a quadrant as an unevaluated sum, and the number of the quadrant in the low bits of an integer."""
    shift = SINGLE_SHIFT if is_single(x) else SHIFT
    high, middle, low = _SINGLE_PARTS if is_single(x) else _PARTS
    shifted = primitive.fma(x, _TWO_OVER_PI, shift)
    k = shifted - shift
    first = primitive.fma(k, -high, x)
    if is_single(x):
        # A second part short enough for exact products would leave few angles.
        product, product_low = two_product(k, -middle)
        r, rest = two_sum(first, product)
        rest = rest + product_low
    else:
        r = primitive.fma(k, -middle, first)
        rest = primitive.fma(k, -middle, first - r)
    return r, primitive.fma(k, -low, rest), bits_of(shifted)


def _sine(r: Any, rest: Any, z: Any) -> Any:
    return r + _sine_rest(r, rest, z)


def _sine_rest(r: Any, rest: Any, z: Any) -> Any:
    """sin(r + rest) - r = r**3 * S(r**2) + rest * cos(r), the cosine to first order."""
    cubic = (r * z) * polynomial(z, z * z, SINGLE_SINE if is_single(z) else SINE)
    return cubic + primitive.fma(-0.5 * z, rest, rest)


def _cosine(r: Any, rest: Any, z: Any) -> Any:
    high, low = _cosine_parts(r, rest, z)
    return high + low


def _cosine_parts(r: Any, rest: Any, z: Any) -> Any:
    """cos(r + rest) = 1 - r**2 / 2 + r**4 * C(r**2) - r * rest as a sum."""
    high = primitive.fma(z, -0.5, 1.0)
    low = primitive.fma(z, -0.5, 1.0 - high)
    square = z * z
    return high, low + primitive.fma(square, polynomial(z, square, SINGLE_COSINE if is_single(z) else COSINE), -(r * rest))
