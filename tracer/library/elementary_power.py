"""Powers of NumPy's floats: power, cbrt, hypot.

x ** y is exp(y * log(x)), with the logarithm as an unevaluated sum of two numbers: of its 53 bits, exp loses as many as the
exponent of the result has (T. J. Dekker's arithmetic of such sums, Numer. Math. 18, 1971). Special values are those of C99, F.9.4.4.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import kernel, known, out_of_line, primitive, ufunc_rule
from tracer.library.elementary_exp import exp_of_sum
from tracer.library.elementary_log import not_normal, plus_exponent
from tracer.library.elementary_single import single_power
from tracer.library.elementary_steps import (
    HALF_SHIFT, LN2_REST, LOG2_E, SHIFT, SHIFT_BITS, bits_of, choose, estrin, float_of, is_single, narrowed, polynomial,
    reduced_normal, widened,
)  # fmt: skip
from tracer.library.floating import fast_two_sum, is_finite, two_product

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

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
INVERSE_CUBE_ROOT = (
    0.8735803447516219,
    -0.19413960217618934,
    0.08629469725262179,
    -0.04440502494890874,
    0.0245582090381774,
    -0.016912176456478543,
    0.010318695204119753,
)
SIMPLE_EXPONENTS = (2.0, 0.5, -1.0)
_TWO_THIRDS = 0.6666666666666666
_TWO_THIRDS_LOW = 3.700743415417188e-17
_HALF_LOG2_E = LOG2_E / 2
_MODERATE = 707.0  # exp of what is less in size neither overflows nor is subnormal
_TINY = 1e-300


@kernel
def power(x: Any, y: Any) -> Any:
    """x ** y: the rule of the operator, and so of np.power."""
    number = known(y)
    if number is not None and number in SIMPLE_EXPONENTS:
        return simple_power(x, number)
    if number is not None and number == 3.0:
        return narrowed(_cube(widened(x))) if is_single(x) else _cube(x)
    if is_single(x):
        return single_power(x, y)
    return _power(x, y)


def simple_power(x: Any, exponent: float) -> Any:
    """x to one of SIMPLE_EXPONENTS, which is a product, a root or a quotient: correctly rounded."""
    if exponent == 2.0:
        return primitive.mul(x, x)
    if exponent == -1.0:
        return primitive.div(1.0, x)
    # Positive for -0.0 and for minus infinity, as C's pow.
    root = primitive.add(primitive.sqrt(x), 0.0)
    return primitive.select(primitive.eq(x, -math.inf), math.inf, root)


def _cube(x: Any) -> Any:
    """x**3, with the error of the square taken along; where that is not finite, neither is the cube."""
    square = primitive.mul(x, x)
    error = primitive.fma(x, x, primitive.neg(square))
    cube = primitive.fma(square, x, primitive.mul(error, x))
    return primitive.select(is_finite(cube), cube, primitive.mul(square, x))


def _power(x: Any, y: Any) -> Any:
    high, low = _logarithm(primitive.fabs(x))
    exponent, error = two_product(y, high)
    error = primitive.fma(y, low, error)
    if primitive.or_(not_normal(x), primitive.not_(primitive.lt(primitive.fabs(exponent), _MODERATE))):
        return _power_of_rare(x, y, exponent, error)
    return exp_of_sum(exponent, error, primitive.fma(y * _HALF_LOG2_E, high + low, HALF_SHIFT))


@out_of_line
def _power_of_rare(x: Any, y: Any, exponent: Any, error: Any) -> Any:
    """Powers of negative numbers, and those that are special, or near overflow and underflow; exp(exponent + error) is |x|**y."""
    moderate = primitive.and_(primitive.lt(primitive.fabs(exponent), _MODERATE), primitive.lt(primitive.fabs(y), 2.0**51))
    if primitive.or_(not_normal(primitive.fabs(x)), primitive.not_(moderate)):
        return _special_power(x, y)
    magnitude = exp_of_sum(exponent, error, primitive.fma(exponent + error, _HALF_LOG2_E, HALF_SHIFT))
    shifted = y + SHIFT
    whole = primitive.eq(shifted - SHIFT, y)
    odd = primitive.and_(bits_of(x), primitive.shl(bits_of(shifted), 63))
    result = float_of(primitive.xor(bits_of(magnitude), odd), x)
    return primitive.select(primitive.or_(whole, primitive.gt(x, 0.0)), result, math.nan)


@out_of_line
def _special_power(x: Any, y: Any) -> Any:
    return primitive.pow(x, y)


def _logarithm(x: Any) -> Any:
    """The logarithm of a normal x > 0 as a sum, to about 65 bits.

    log(1 + f) = 2 s + s**3 * (2/3 + s**2 * P(s**2)) with s = f / (2 + f). A rest of s changes it by 2 / (1 - s**2) of it.
    """
    k, f, divisor = reduced_normal(x)
    inverse = primitive.div(1.0, divisor)
    s = f * inverse
    twice = s + s
    rest = primitive.fma(-s, f, f - twice) * (inverse + inverse)
    z, z_low = two_product(s, s)
    cube, cube_low = two_product(s, z)
    cube_low = primitive.fma(s, z_low, cube_low)
    cubic, cubic_low = two_product(cube, _TWO_THIRDS)
    cubic_low = primitive.fma(cube_low, _TWO_THIRDS, cubic_low)
    high, carry = plus_exponent(twice, k)
    high, second_carry = fast_two_sum(high, cubic)
    low = primitive.fma(cube, _TWO_THIRDS_LOW, cubic_low) + primitive.fma(z, primitive.fma(z, rest, rest), rest)
    low = (carry + primitive.fma(k, LN2_REST, second_carry)) + low
    return high, primitive.fma(cube * z, estrin(z, z * z, POWER_LOGARITHM), low)


@ufunc_rule(np.cbrt, "np.float")
@kernel
def cbrt(x: Any) -> Any:
    """The cube root."""
    if is_single(x):
        return narrowed(_cbrt(widened(x)))
    return _cbrt(x)


def _cbrt(x: Any) -> Any:
    """|x| = 8**q * m with 1/2 <= m < 4: an estimate y of 1 / cbrt(m), one step of Halley's method, which needs no division, and
    the correction of m * y**2 by its residue.
    """
    size = primitive.fabs(x)
    subnormal = primitive.lt(size, 2.0**-1022)
    bits = bits_of(size * choose(subnormal, 2.0**54, 1.0, x))
    exponent = float_of(primitive.add(primitive.shr(bits, 52), SHIFT_BITS), x) - (SHIFT + 1023.0)
    shifted = primitive.fma(exponent, 1.0 / 3.0, SHIFT)
    remainder = primitive.fma(shifted - SHIFT, -3.0, exponent)
    less, more = primitive.lt(remainder, 0.0), primitive.gt(remainder, 0.0)
    fraction = float_of(primitive.or_(primitive.and_(bits, (1 << 52) - 1), 1023 << 52), x)
    m = fraction * primitive.select(less, 0.5, choose(more, 2.0, 1.0, x))
    offset = fraction - 1.5
    factor = primitive.select(less, 2.0 ** (1 / 3), choose(more, 2.0 ** (-1 / 3), 1.0, x))
    y = polynomial(offset, offset * offset, INVERSE_CUBE_ROOT) * factor
    error = primitive.fma(-(m * y), y * y, 1.0)
    y = primitive.fma(y * error, primitive.fma(error, 2.0 / 9.0, 1.0 / 3.0), y)
    slope = y * y
    root = m * slope
    square, square_low = two_product(root, root)
    residue = primitive.fma(-square, root, m) - square_low * root
    root = primitive.fma(residue * slope, 1.0 / 3.0, root)
    scale = float_of(primitive.add(primitive.shl(bits_of(shifted), 52), 1023 << 52), x)
    result = root * (scale * choose(subnormal, 2.0**-18, 1.0, x))
    ordinary = primitive.and_(primitive.gt(size, 0.0), primitive.lt(size, math.inf))
    return primitive.select(ordinary, primitive.copysign(result, x), x)


@ufunc_rule(np.hypot, "np.float")
@kernel
def hypot(x: Any, y: Any) -> Any:
    """sqrt(x**2 + y**2) without overflow or underflow on the way; infinite if an operand is, even if the other is NaN."""
    if is_single(x):
        wide, other = widened(x), widened(y)
        root = primitive.sqrt(primitive.fma(wide, wide, other * other))
        return narrowed(_infinite_if_one_is(x, y, root))
    return _hypot(x, y)


def _hypot(x: Any, y: Any) -> Any:
    a, b = primitive.fabs(x), primitive.fabs(y)
    swapped = primitive.lt(a, b)
    a, b = primitive.select(swapped, b, a), primitive.select(swapped, a, b)
    up = primitive.lt(a, 2.0**-400)
    down = primitive.gt(a, 2.0**400)
    scale = primitive.select(down, 2.0**-600, choose(up, 2.0**600, 1.0, x))
    a, b = a * scale, b * scale
    square, square_low = two_product(a, a)
    other, other_low = two_product(b, b)
    total, error = fast_two_sum(square, other)
    root = primitive.sqrt(total)
    lost = primitive.fma(-root, root, total) + (error + (square_low + other_low))
    root = root + primitive.div(lost, (root + root) + _TINY)
    unscale = primitive.select(down, 2.0**600, choose(up, 2.0**-600, 1.0, x))
    return _infinite_if_one_is(x, y, root * unscale)


def _infinite_if_one_is(x: Any, y: Any, root: Any) -> Any:
    infinite = primitive.or_(primitive.eq(primitive.fabs(x), math.inf), primitive.eq(primitive.fabs(y), math.inf))
    return primitive.select(infinite, math.inf, root)
