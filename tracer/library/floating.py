"""Exact steps on floats: sums and products with their rounding errors, powers of two, exponents.

two_sum is Knuth's (TAOCP 2, 4.2.2, theorem B), fast_two_sum Dekker's (Numer. Math. 18, 1971); two_product uses a
fused multiply-add. All are for Python floats.
"""

from __future__ import annotations

from typing import Any

from ir.types import float64, int64
from tracer.extending import primitive

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

EXPONENT_BIAS = 1023
MANTISSA_BITS = 52


def two_sum(a: Any, b: Any) -> Any:
    """The sum, rounded, and the error: `a + b == sum + error` exactly."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def fast_two_sum(a: Any, b: Any) -> Any:
    """As two_sum where `|a| >= |b|`."""
    total = a + b
    return total, b - (total - a)


def two_product(a: Any, b: Any) -> Any:
    """The product, rounded, and the error: `a * b == product + error` exactly, short of underflow."""
    product = a * b
    return product, primitive.fma(a, b, -product)


def is_finite(x: Any) -> Any:
    """Whether x is neither infinite nor NaN."""
    return primitive.eq(primitive.sub(x, x), 0.0)


def power_of_two(exponent: Any) -> Any:
    """`2.0 ** exponent` for -1022 <= exponent <= 1023."""
    bits = primitive.shl(primitive.add(exponent, EXPONENT_BIAS), MANTISSA_BITS)
    return primitive.bitcast(bits, to=float64)


def exponent_of(x: Any) -> Any:
    """floor(log2(|x|)) for a normal x; -1023 for zero and subnormal numbers, 1024 for infinity and NaN."""
    bits = primitive.bitcast(x, to=int64)
    return primitive.sub(primitive.and_(primitive.shr(bits, MANTISSA_BITS), 0x7FF), EXPONENT_BIAS)


def scale(x: Any, exponent: Any) -> Any:
    """`x * 2.0 ** exponent`, rounded once. The exponent may be any integer.

    Two steps shorten an exponent out of range. A step down stops short of the subnormal numbers, by the 53 bits of
    the mantissa, so that only the last multiplication rounds.
    """
    exponent = primitive.max_(primitive.min_(exponent, 3 * 1023), -3 * 1022)
    up = primitive.gt(exponent, 1023)
    down = primitive.lt(exponent, -1022)
    step = primitive.select(up, 1023, primitive.select(down, -1022 + 53, 0))
    factor = power_of_two(step)
    x = x * factor
    exponent = primitive.sub(exponent, step)
    again = primitive.or_(primitive.gt(exponent, 1023), primitive.lt(exponent, -1022))
    x = x * primitive.select(again, factor, 1.0)
    exponent = primitive.sub(exponent, primitive.select(again, step, 0))
    return x * power_of_two(primitive.max_(primitive.min_(exponent, 1023), -1022))
