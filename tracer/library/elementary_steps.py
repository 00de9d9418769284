"""Steps that the elementary functions share.

The functions of elementary_*.py are straight-line arithmetic, so that LLVM vectorizes the loops they are inlined into, at any
width on any target. They keep to what is one instruction in vector units: fused multiply-adds, comparisons, selections,
additions and shifts of integers. A float is rounded to an integer by adding `SHIFT`, which leaves the integer in the low
bits of the sum (a conversion would cost more where there is none for vectors). Special arguments are put right by
selections at the end; what the arithmetic made of them before does not matter.

The functions that are used most have forms for float32, with shorter polynomials; the others are computed in float64 and
rounded once, which makes the result nearly always correctly rounded.
"""

from __future__ import annotations

from typing import Any

from ir.types import float32, int32, int64, np_float64
from tracer.extending import primitive
from tracer.typeof import typeof

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

SHIFT = 1.5 * 2.0**52
SHIFT_BITS = 0x4338000000000000
"""Added to a float below 2**51 in size, it rounds to an integer, ties to even, held in the low bits of the sum."""
HALF_SHIFT = SHIFT / 2
"""Rounds to a multiple of 1/2, whose double is held in the low bits."""
SINGLE_SHIFT = 1.5 * 2.0**23
SINGLE_SHIFT_BITS = 0x4B400000
"""The same for a float32 below 2**22."""
BIASED_SHIFT = SHIFT + 2 * 1023
SQRT2 = 1.4142135623730951
SQRT2_LOW = -9.667293313452913e-17
LN2 = 0.6931471805599453
LN2_LOW = 2.3190468138462996e-17
LN2_HIGH = 0.693147180559663  # 41 bits: exact times an exponent
LN2_REST = 2.8235290563031577e-13
LOG2_E = 1.4426950408889634
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


def is_single(x: Any) -> bool:
    """Whether x is a float32: known while tracing."""
    return typeof(x) is float32


def widened(x: Any) -> Any:
    """A float32 as np.float64."""
    return primitive.cast(x, to=np_float64)


def narrowed(x: Any) -> Any:
    """A float rounded to float32."""
    return primitive.cast(x, to=float32)


def polynomial(x: Any, square: Any, coefficients: tuple[float, ...]) -> Any:
    """The polynomial with these coefficients, constant term first, where `square` is x * x.

    Horner's rule for the even and for the odd powers: with the square at hand it takes no more operations, and the chain
    of operations is half as long, so that a processor overlaps the iterations of a loop.
    """
    if len(coefficients) < 4:
        return horner(x, coefficients)
    return primitive.fma(x, horner(square, coefficients[1::2]), horner(square, coefficients[::2]))


def horner(x: Any, coefficients: tuple[float, ...]) -> Any:
    """The polynomial with these coefficients, constant term first, by Horner's rule."""
    result = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        result = primitive.fma(x, result, coefficient)
    return result


def estrin(x: Any, square: Any, coefficients: tuple[Any, ...]) -> Any:
    """The same by Estrin's scheme (Proc. Western Joint Computer Conference, 1960): neighbours are combined in pairs.

    It takes some products more, and has the shortest chain of operations.
    """
    if len(coefficients) == 1:
        return coefficients[0]
    terms = _paired(x, coefficients)
    return estrin(square, square * square, terms) if len(terms) > 1 else terms[0]


def _paired(x: Any, terms: tuple[Any, ...]) -> tuple[Any, ...]:
    """Neighbours combined: half as many terms, of a polynomial in x * x."""
    if len(terms) == 1:
        return terms
    pair = primitive.fma(x, terms[1], terms[0])
    return (pair, *_paired(x, terms[2:])) if len(terms) > 2 else (pair,)


def clamped(x: Any, low: float, high: float) -> Any:
    """x, or the bound that it is beyond of; NaN for NaN."""
    x = primitive.select(primitive.gt(x, high), high, x)
    return primitive.select(primitive.lt(x, low), low, x)


def choose(condition: Any, a: float, b: float, like: Any) -> Any:
    """One of two constants, in the type of `like`."""
    kind = typeof(like)
    return primitive.select(condition, primitive.cast(a, to=kind), primitive.cast(b, to=kind))


def bits_of(x: Any) -> Any:
    """The bits of a float64 as an int64, those of a float32 as an int32."""
    return primitive.bitcast(x, to=int32 if is_single(x) else int64)


def float_of(bits: Any, like: Any) -> Any:
    """The double with these bits, in the type of `like`."""
    return primitive.bitcast(bits, to=typeof(like))


def times_power_of_two(x: Any, shifted: Any) -> Any:
    """`x * 2**k` for a normal x and normal product, where `shifted` is k + SHIFT: k is added to the exponent's bits."""
    return float_of(primitive.add(bits_of(x), primitive.shl(bits_of(shifted), 52)), x)


def reduced_normal(x: Any, shift: Any = SHIFT) -> Any:
    """k, f and 2 + f with `x == 2**k * (1 + f)` and sqrt(1/2) <= 1 + f < sqrt(2), for a normal x > 0.

    `shift` is SHIFT, and more where k is to be less.
    """
    offset = primitive.sub(bits_of(x), _SQRT_HALF_BITS)
    k = primitive.shr(offset, 52)
    shifted = float_of(primitive.add(k, SHIFT_BITS), x)
    mantissa = float_of(primitive.sub(bits_of(x), primitive.shl(k, 52)), x)
    return shifted - shift, mantissa - 1.0, mantissa + 1.0


def divided(a: Any, a_low: Any, b: Any, b_low: Any) -> Any:
    """(a + a_low) / (b + b_low), rounded nearly once."""
    inverse = primitive.div(1.0, b)
    quotient = a * inverse
    remainder = primitive.fma(-quotient, b, a) + primitive.fma(-quotient, b_low, a_low)
    return primitive.fma(remainder, inverse, quotient)
