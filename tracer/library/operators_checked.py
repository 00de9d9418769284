"""Operators on Python's integers with the option `overflow="raise"`: what does not fit in 64 bits is an OverflowError.

Where the operators of `operators_int` wrap, these raise; in all else they are the same.
"""

from __future__ import annotations

from typing import Any

from ir.types import int64
from tracer.extending import operator_rule, out_of_line, primitive
from tracer.library import messages, operators_int

_SMALLEST = int64.minimum


@operator_rule("add_checked", "int")
def add(a: Any, b: Any) -> Any:
    """`a + b`."""
    if primitive.add_overflows(a, b):
        raise OverflowError(f"{a} + {b} does not fit in 64 bits")
    return primitive.add(a, b)


@operator_rule("sub_checked", "int")
def sub(a: Any, b: Any) -> Any:
    """`a - b`."""
    if primitive.sub_overflows(a, b):
        raise OverflowError(f"{a} - {b} does not fit in 64 bits")
    return primitive.sub(a, b)


@operator_rule("mul_checked", "int")
def mul(a: Any, b: Any) -> Any:
    """`a * b`."""
    if primitive.mul_overflows(a, b):
        raise OverflowError(f"{a} * {b} does not fit in 64 bits")
    return primitive.mul(a, b)


@operator_rule("neg_checked", "int")
def neg(a: Any) -> Any:
    """`-a`."""
    if primitive.eq(a, _SMALLEST):
        raise OverflowError(f"-({a}) does not fit in 64 bits")
    return primitive.neg(a)


@operator_rule("abs_checked", "int")
def absolute(a: Any) -> Any:
    """`abs(a)`."""
    if primitive.eq(a, _SMALLEST):
        raise OverflowError(f"abs({a}) does not fit in 64 bits")
    return operators_int.int_abs(a)


@operator_rule("floordiv_checked", "int")
def floordiv(a: Any, b: Any) -> Any:
    """`a // b`: the smallest integer divided by -1 is one too large."""
    if primitive.and_(primitive.eq(a, _SMALLEST), primitive.eq(b, -1)):
        raise OverflowError(f"{a} // {b} does not fit in 64 bits")
    return operators_int.int_floordiv(a, b)


@operator_rule("divmod_checked", "int")
def division(a: Any, b: Any) -> Any:
    """`divmod(a, b)`."""
    if primitive.and_(primitive.eq(a, _SMALLEST), primitive.eq(b, -1)):
        raise OverflowError(f"divmod({a}, {b}) does not fit in 64 bits")
    return operators_int.int_divmod(a, b)


@operator_rule("lshift_checked", "int")
def lshift(a: Any, count: Any) -> Any:
    """`a << count`: shifting back must give `a`."""
    shifted = operators_int.int_lshift(a, count)
    if primitive.ne(operators_int.int_rshift(shifted, count), a):
        raise OverflowError(f"{a} << {count} does not fit in 64 bits")
    return shifted


@operator_rule("pow_checked", "int")
def power(base: Any, exponent: Any) -> Any:
    """`base ** exponent`; a negative exponent raises ValueError."""
    if exponent < 0:
        raise ValueError(messages.NEGATIVE_EXPONENT)
    result, fits = _power(base, exponent)
    if not fits:
        raise OverflowError(f"{base} ** {exponent} does not fit in 64 bits")
    return result


@out_of_line
def _power(base: Any, exponent: Any) -> Any:
    """The power, and whether it fits: by squaring, where a square that is too large matters only if it is used."""
    result, fits, too_large = 1, True, False
    while primitive.ne(exponent, 0):
        if primitive.ne(primitive.and_(exponent, 1), 0):
            fits = primitive.and_(fits, primitive.not_(primitive.or_(too_large, primitive.mul_overflows(result, base))))
            result = primitive.mul(result, base)
        too_large = primitive.or_(too_large, primitive.mul_overflows(base, base))
        base = primitive.mul(base, base)
        exponent = primitive.shr(exponent, 1)
    return result, fits
