"""Operators on floats, Python's (which raise) and NumPy's (which follow IEEE 754)."""

from __future__ import annotations

import math
from typing import Any

from ir.types import int64
from tracer.extending import known, operator_rule, out_of_line, primitive
from tracer.library import messages
from tracer.library.elementary_power import SIMPLE_EXPONENTS, power, simple_power

_FLOATS = ("float", "np.float")

for _name in ("add", "sub", "mul", "eq", "ne", "lt", "le", "gt", "ge", "neg"):
    operator_rule(_name, *_FLOATS)(getattr(primitive, _name))
operator_rule("abs", *_FLOATS)(primitive.fabs)
operator_rule("truediv", "np.float")(primitive.div)


@operator_rule("pos", *_FLOATS)
def identity(a: Any) -> Any:
    """The operand itself."""
    return a


@operator_rule("truediv", "float")
def float_truediv(a: Any, b: Any) -> Any:
    """`a / b`."""
    if b == 0.0:
        raise ZeroDivisionError(messages.FLOAT_TRUEDIV)
    return primitive.div(a, b)


@operator_rule("mod", "np.float")
def floor_remainder(a: Any, b: Any) -> Any:
    """`a - floor(a / b) * b` rounded once, with the sign of b; NaN for b = 0.

    C's fmod is exact and has the sign of a: where the signs differ, b is added.
    """
    remainder = primitive.fmod(a, b)
    opposite = primitive.xor(primitive.lt(remainder, 0.0), primitive.lt(b, 0.0))
    adjusted = primitive.select(opposite, primitive.add(remainder, b), remainder)
    return primitive.select(primitive.eq(remainder, 0.0), primitive.copysign(0.0, b), adjusted)


@operator_rule("floordiv", "np.float")
def floor_quotient(a: Any, b: Any) -> Any:
    """`floor(a / b)` without the error of rounding a / b first; a / b for b = 0."""
    remainder = primitive.fmod(a, b)
    quotient = primitive.div(primitive.sub(a, remainder), b)  # an integer but for rounding
    opposite = primitive.xor(primitive.lt(remainder, 0.0), primitive.lt(b, 0.0))
    lowered = primitive.and_(primitive.ne(remainder, 0.0), opposite)
    quotient = primitive.select(lowered, primitive.sub(quotient, 1.0), quotient)
    floor = primitive.floor(quotient)
    away = primitive.gt(primitive.sub(quotient, floor), 0.5)
    nearest = primitive.select(away, primitive.add(floor, 1.0), floor)
    plain = primitive.div(a, b)
    signed = primitive.select(primitive.eq(quotient, 0.0), primitive.copysign(0.0, plain), nearest)
    return primitive.select(primitive.eq(b, 0.0), plain, signed)


@operator_rule("divmod", "np.float")
def floor_divmod(a: Any, b: Any) -> Any:
    """The quotient and the remainder of the floor division."""
    return floor_quotient(a, b), floor_remainder(a, b)


@operator_rule("mod", "float")
def float_mod(a: Any, b: Any) -> Any:
    """`a % b`."""
    if b == 0.0:
        raise ZeroDivisionError(messages.FLOAT_MOD)
    return floor_remainder(a, b)


@operator_rule("floordiv", "float")
def float_floordiv(a: Any, b: Any) -> Any:
    """`a // b`."""
    if b == 0.0:
        raise ZeroDivisionError(messages.FLOAT_FLOORDIV)
    return floor_quotient(a, b)


@operator_rule("divmod", "float")
def float_divmod(a: Any, b: Any) -> Any:
    """`(a // b, a % b)`."""
    if b == 0.0:
        raise ZeroDivisionError(messages.FLOAT_DIVMOD)
    return floor_quotient(a, b), floor_remainder(a, b)


@operator_rule("pow", "float")
def float_pow(base: Any, exponent: Any) -> Any:
    """`base ** exponent`; ValueError for a negative base and a fractional exponent, where Python's result is complex.

    C's pow has Python's special values (C99, F.9.4.4), so only results that are not finite need a second look.
    """
    number = known(exponent)
    simple = number is not None and number in SIMPLE_EXPONENTS
    result = simple_power(base, number) if simple else primitive.pow(base, exponent)
    if primitive.ne(primitive.sub(result, result), 0.0):
        check_power(base, exponent, result)
    return result


operator_rule("pow", "np.float")(power)


@out_of_line
def check_power(base: Any, exponent: Any, result: Any) -> None:
    """Raise Python's exception for a power that is infinite or NaN, unless an operand is."""
    if primitive.ne(primitive.sub(base, base), 0.0):
        return
    if primitive.ne(primitive.sub(exponent, exponent), 0.0):
        return
    if base == 0.0:
        raise ZeroDivisionError(messages.FLOAT_POW_ZERO)
    if result != result:
        raise ValueError(messages.FLOAT_POW_COMPLEX)
    raise OverflowError(messages.FLOAT_POW_ERRNO, messages.FLOAT_POW_RANGE)


@operator_rule("int", *_FLOATS)
def int_from_float(a: Any) -> Any:
    """The integer part. OverflowError also where 64 bits do not hold it, which Python's int does."""
    if primitive.not_(primitive.and_(primitive.ge(a, -(2.0**63)), primitive.lt(a, 2.0**63))):
        refuse_integer(a)
    return primitive.cast(a, to=int64)


@out_of_line
def refuse_integer(a: Any) -> None:
    """Raise the exception for a float that no integer represents."""
    if a != a:
        raise ValueError(messages.INT_OF_NAN)
    if primitive.eq(primitive.fabs(a), math.inf):
        raise OverflowError(messages.INT_OF_INFINITY)
    raise OverflowError(messages.TOO_LARGE)
