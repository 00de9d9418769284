"""Operators on integers and booleans, Python's and NumPy's.

Python's integers have 64 bits here and wrap. NumPy's never raise: division by zero gives 0, and a shift
count that is negative or too large shifts everything out.
"""

from __future__ import annotations

from typing import Any

from ir.types import boolean, float64, int64, np_bool, uint64
from tracer.extending import known, operator_rule, out_of_line, primitive, reject
from tracer.library import messages
from tracer.library.floating import power_of_two
from tracer.typeof import typeof

_INTEGERS = ("int", "np.int", "np.uint")
_BOOLEANS = ("bool", "np.bool")
_MOST_UNROLLED = 64

for _name in ("add", "sub", "mul"):
    operator_rule(_name, *_INTEGERS)(getattr(primitive, _name))
for _name, _primitive in (("and", primitive.and_), ("or", primitive.or_), ("xor", primitive.xor)):
    operator_rule(_name, *_INTEGERS, *_BOOLEANS)(_primitive)
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    operator_rule(_name, *_INTEGERS, *_BOOLEANS)(getattr(primitive, _name))
operator_rule("neg", *_INTEGERS)(primitive.neg)
operator_rule("invert", *_INTEGERS)(primitive.invert)
operator_rule("invert", "np.bool")(primitive.not_)
operator_rule("add", "np.bool")(primitive.or_)
operator_rule("mul", "np.bool")(primitive.and_)


@operator_rule("pos", *_INTEGERS)
@operator_rule("abs", "np.uint", "np.bool")
@operator_rule("bool", "bool")
@operator_rule("int", "int")
def identity(a: Any) -> Any:
    """The operand itself."""
    return a


@operator_rule("sub", "np.bool")
def np_bool_sub(a: Any, b: Any) -> Any:
    """NumPy refuses the difference of booleans."""
    reject("NumPy's booleans have no difference", hint="use ^ (exclusive or)")


@operator_rule("neg", "np.bool")
def np_bool_neg(a: Any) -> Any:
    """NumPy refuses the negative of a boolean."""
    reject("NumPy's booleans have no negative", hint="use ~ (logical not)")


@operator_rule("abs", "int", "np.int")
def int_abs(a: Any) -> Any:
    """The absolute value; that of the smallest integer wraps to itself."""
    return primitive.max_(a, primitive.neg(a))


# --- conversions


@operator_rule("bool", *_INTEGERS, "np.bool", "float", "np.float")
def to_bool(a: Any) -> Any:
    """Whether a number differs from zero; NaN does."""
    return primitive.cast(a, to=boolean)


@operator_rule("int", "bool", "np.bool", "np.int")
def to_int(a: Any) -> Any:
    """The value as a Python int."""
    return primitive.cast(a, to=int64)


@operator_rule("int", "np.uint")
def uint_to_int(a: Any) -> Any:
    """The value as a Python int; OverflowError where 64 bits with a sign do not hold it."""
    result = primitive.cast(a, to=int64)
    if typeof(a) is uint64:
        if result < 0:
            raise OverflowError(messages.TOO_LARGE)
    return result


@operator_rule("float", *_INTEGERS, *_BOOLEANS, "np.float")
def to_float(a: Any) -> Any:
    """The value as a Python float, rounded to nearest."""
    return primitive.cast(a, to=float64)


@operator_rule("float", "float")
def float_identity(a: Any) -> Any:
    """The operand itself."""
    return a


@operator_rule("complex", *_INTEGERS, *_BOOLEANS, "float", "np.float")
def to_complex(a: Any) -> Any:
    """The value as a Python complex."""
    return primitive.complex_(primitive.cast(a, to=float64), 0.0)


# --- division


@operator_rule("floordiv", "int")
def int_floordiv(a: Any, b: Any) -> Any:
    """`a // b`, rounded towards minus infinity."""
    if b == 0:
        raise ZeroDivisionError(messages.INT_FLOORDIV)
    return primitive.floordiv(a, b)


@operator_rule("mod", "int")
def int_mod(a: Any, b: Any) -> Any:
    """`a % b`, with the sign of b."""
    if b == 0:
        raise ZeroDivisionError(messages.INT_MOD)
    return primitive.mod(a, b)


@operator_rule("divmod", "int")
def int_divmod(a: Any, b: Any) -> Any:
    """`(a // b, a % b)`."""
    if b == 0:
        raise ZeroDivisionError(messages.INT_DIVMOD)
    return primitive.floordiv(a, b), primitive.mod(a, b)


@operator_rule("floordiv", "np.int", "np.uint")
def np_int_floordiv(a: Any, b: Any) -> Any:
    """NumPy's `a // b`: 0 for a zero divisor."""
    zero = primitive.eq(b, 0)
    return primitive.select(zero, 0, primitive.floordiv(a, primitive.select(zero, 1, b)))


@operator_rule("mod", "np.int", "np.uint")
def np_int_mod(a: Any, b: Any) -> Any:
    """NumPy's `a % b`: 0 for a zero divisor."""
    return primitive.mod(a, primitive.select(primitive.eq(b, 0), 1, b))


@operator_rule("divmod", "np.int", "np.uint")
def np_int_divmod(a: Any, b: Any) -> Any:
    """NumPy's `(a // b, a % b)`: zeros for a zero divisor."""
    return np_int_floordiv(a, b), np_int_mod(a, b)


@operator_rule("truediv", "int")
def int_truediv(a: Any, b: Any) -> Any:
    """`a / b`, correctly rounded for all integers."""
    if b == 0:
        raise ZeroDivisionError(messages.INT_TRUEDIV)
    if _is_power_of_two(known(b)):
        return primitive.div(primitive.cast(a, to=float64), primitive.cast(b, to=float64))
    # Both in [-2**53, 2**53), where floats are exact, if neither sum has a bit above the 54th.
    sums = primitive.or_(primitive.add(a, 2**53), primitive.add(b, 2**53))
    if primitive.ge(primitive.cast(sums, to=uint64), 2**54):
        return _large_truediv(a, b)
    return primitive.div(primitive.cast(a, to=float64), primitive.cast(b, to=float64))


def _is_power_of_two(n: Any) -> Any:
    """Whether n is known and division by it does not round."""
    return n is not None and n > 0 and n & (n - 1) == 0


@out_of_line
def _large_truediv(a: Any, b: Any) -> Any:
    """`a / b` correctly rounded: 55 bits of the quotient by long division, and whether more follow."""
    dividend, divisor = primitive.cast(int_abs(a), to=uint64), primitive.cast(int_abs(b), to=uint64)
    quotient, remainder = primitive.floordiv(dividend, divisor), primitive.mod(dividend, divisor)
    exponent = 0
    while primitive.and_(primitive.lt(quotient, 2**54), primitive.ne(remainder, 0)):
        remainder = primitive.shl(remainder, 1)  # below 2**64, as the divisor is at most 2**63
        fits = primitive.ge(remainder, divisor)
        remainder = primitive.sub(remainder, primitive.select(fits, divisor, 0))
        quotient = primitive.add(primitive.shl(quotient, 1), primitive.cast(fits, to=uint64))
        exponent -= 1
    inexact = primitive.cast(primitive.ne(remainder, 0), to=uint64)
    size = primitive.cast(primitive.or_(quotient, inexact), to=float64) * power_of_two(exponent)
    return primitive.select(primitive.lt(primitive.xor(a, b), 0), primitive.neg(size), size)


# --- powers and shifts


@operator_rule("pow", "int")
def int_pow(base: Any, exponent: Any) -> Any:
    """`base ** exponent`, wrapping; a negative exponent raises ValueError (Python gives a float)."""
    if exponent < 0:
        raise ValueError(messages.NEGATIVE_EXPONENT)
    return _natural_power(base, exponent)


@operator_rule("pow", "np.int")
def np_int_pow(base: Any, exponent: Any) -> Any:
    """NumPy's `base ** exponent`."""
    if primitive.lt(exponent, 0):
        raise ValueError(messages.NUMPY_NEGATIVE_EXPONENT)
    return _natural_power(base, exponent)


@operator_rule("pow", "np.uint")
def _natural_power(base: Any, exponent: Any) -> Any:
    count = known(exponent)
    if count is not None and 0 < count <= _MOST_UNROLLED:
        return _unrolled_power(base, int(count))
    return power_by_squaring(base, exponent)


def _unrolled_power(base: Any, count: int) -> Any:
    """`base ** count` for a count known while tracing, as its multiplications."""
    if count == 1:
        return base
    half = _unrolled_power(base, count // 2)
    square = primitive.mul(half, half)
    return primitive.mul(square, base) if count % 2 == 1 else square


def power_by_squaring(base: Any, exponent: Any) -> Any:
    """`base ** exponent` for an exponent that is not negative (Knuth, TAOCP 2, 4.6.3, algorithm A)."""
    result = primitive.cast(1, to=typeof(base))
    while primitive.ne(exponent, 0):
        if primitive.ne(primitive.and_(exponent, 1), 0):
            result = primitive.mul(result, base)
        base = primitive.mul(base, base)
        exponent = primitive.shr(exponent, 1)
    return result


@operator_rule("lshift", "int")
def int_lshift(a: Any, count: Any) -> Any:
    """`a << count`, wrapping: 0 from 64 on."""
    if count < 0:
        raise ValueError(messages.NEGATIVE_SHIFT)
    shifted = primitive.shl(a, primitive.and_(count, 63))
    return primitive.select(primitive.lt(count, 64), shifted, 0)


@operator_rule("rshift", "int")
def int_rshift(a: Any, count: Any) -> Any:
    """`a >> count`, rounded towards minus infinity."""
    if count < 0:
        raise ValueError(messages.NEGATIVE_SHIFT)
    return primitive.shr(a, primitive.min_(count, 63))


@operator_rule("lshift", "np.int", "np.uint")
def np_lshift(a: Any, count: Any) -> Any:
    """NumPy's `a << count`: 0 for a count that is negative or not below the width."""
    bits = typeof(a).bits
    shifted = primitive.shl(a, primitive.and_(count, bits - 1))
    return primitive.select(_in_range(count, bits), shifted, 0)


@operator_rule("rshift", "np.int")
def np_rshift(a: Any, count: Any) -> Any:
    """NumPy's `a >> count`: only the sign is left where the count is negative or not below the width."""
    bits = typeof(a).bits
    return primitive.shr(a, primitive.select(_in_range(count, bits), count, bits - 1))


@operator_rule("rshift", "np.uint")
def np_unsigned_rshift(a: Any, count: Any) -> Any:
    """NumPy's `a >> count` for unsigned integers: 0 for a count not below the width."""
    bits = typeof(a).bits
    shifted = primitive.shr(a, primitive.and_(count, bits - 1))
    return primitive.select(_in_range(count, bits), shifted, 0)


def _in_range(count: Any, bits: int) -> Any:
    return primitive.and_(primitive.ge(count, 0), primitive.lt(count, bits))


# --- comparisons of a Python int with a float, exact as in Python
#
# Conversion to float is monotonic, so it decides except where the converted int equals the float; then the float
# is an integer, and comparing as integers decides. Only 2**63 is not an int64: the cast saturates one below.

_LIMIT = 2.0**63


def _compare_int_with_float(name: str, in_general: Any) -> None:
    comparison = getattr(primitive, name)

    def compare(a: Any, b: Any) -> Any:
        number = known(a)
        if number is not None and abs(number) <= 2**53:
            return comparison(float(number), b)
        return in_general(a, b)

    operator_rule(f"{name}_int_float", "int")(compare)


def int_eq_float(a: Any, b: Any) -> Any:
    """`a == b`."""
    return primitive.and_(_where_equal(primitive.eq, a, b), primitive.lt(b, _LIMIT))


def int_ne_float(a: Any, b: Any) -> Any:
    """`a != b`."""
    return primitive.not_(int_eq_float(a, b))


def int_lt_float(a: Any, b: Any) -> Any:
    """`a < b`."""
    less = primitive.or_(_as_floats(primitive.lt, a, b), primitive.ge(b, _LIMIT))
    return primitive.or_(less, _where_equal(primitive.lt, a, b))


def int_le_float(a: Any, b: Any) -> Any:
    """`a <= b`."""
    return primitive.or_(_as_floats(primitive.lt, a, b), _where_equal(primitive.le, a, b))


def int_gt_float(a: Any, b: Any) -> Any:
    """`a > b`."""
    return primitive.or_(_as_floats(primitive.gt, a, b), _where_equal(primitive.gt, a, b))


def int_ge_float(a: Any, b: Any) -> Any:
    """`a >= b`."""
    greater = primitive.or_(_as_floats(primitive.gt, a, b), _where_equal(primitive.ge, a, b))
    return primitive.and_(greater, primitive.lt(b, _LIMIT))


def _as_floats(comparison: Any, a: Any, b: Any) -> Any:
    return comparison(primitive.cast(a, to=float64), b)


def _where_equal(comparison: Any, a: Any, b: Any) -> Any:
    return primitive.and_(_as_floats(primitive.eq, a, b), comparison(a, primitive.cast(b, to=int64)))


for _name, _rule in {
    "eq": int_eq_float, "ne": int_ne_float, "lt": int_lt_float, "le": int_le_float, "gt": int_gt_float, "ge": int_ge_float,
}.items():  # fmt: skip
    _compare_int_with_float(_name, _rule)


# --- comparisons of a signed with an unsigned NumPy integer, exact as in NumPy


def _compare_signed_with_unsigned(name: str) -> None:
    comparison = getattr(primitive, name)
    holds_for_negative = name in ("ne", "lt", "le")

    def compare(a: Any, b: Any) -> Any:
        negative = primitive.cast(primitive.lt(a, 0), to=np_bool)
        decided = comparison(primitive.cast(a, to=uint64), primitive.cast(b, to=uint64))
        if holds_for_negative:
            return primitive.or_(negative, decided)
        return primitive.and_(primitive.not_(negative), decided)

    operator_rule(f"{name}_int_uint", "np.int")(compare)


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    _compare_signed_with_unsigned(_name)
