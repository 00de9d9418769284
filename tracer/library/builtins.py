"""Built-in functions: min, max, sum, any, all, and pow. `round` is in rounding.py."""

from __future__ import annotations

import sys
from typing import Any

from ir.types import Array, Boolean, Complex, Float, Integer, Scalar, Time, boolean, float64, int64, np_int64, uint64
from tracer.extending import implements, out_of_line, primitive, reject
from tracer.library import messages
from tracer.library.floating import is_finite, two_sum
from tracer.typeof import typeof

_NOTHING = object()
_SUM_COMPENSATES = sys.version_info >= (3, 12)


# --- min and max


@implements(min)
def minimum(*arguments: Any, key: Any = None, default: Any = _NOTHING) -> Any:
    """The smallest of two or more arguments, or of the items of one. Mixed types give their common type."""
    if len(arguments) != 1:
        _refuse_default("min", default)
        return _extreme(arguments, _is_less, key)
    if len(arguments[0]) == 0:
        if default is _NOTHING:
            raise ValueError(messages.MIN_EMPTY)
        return default
    return _extreme(arguments[0], _is_less, key)


@implements(max)
def maximum(*arguments: Any, key: Any = None, default: Any = _NOTHING) -> Any:
    """The largest of two or more arguments, or of the items of one. Mixed types give their common type."""
    if len(arguments) != 1:
        _refuse_default("max", default)
        return _extreme(arguments, _is_greater, key)
    if len(arguments[0]) == 0:
        if default is _NOTHING:
            raise ValueError(messages.MAX_EMPTY)
        return default
    return _extreme(arguments[0], _is_greater, key)


def _refuse_default(name: str, default: Any) -> None:
    if default is not _NOTHING:
        reject(f"Cannot specify a default for {name}() with multiple positional arguments")


def _is_less(a: Any, b: Any) -> Any:
    return a < b


def _is_greater(a: Any, b: Any) -> Any:
    return a > b


def _extreme(items: Any, precedes: Any, key: Any) -> Any:
    """The first item that precedes all others. A NaN is neither less nor greater, as in Python."""
    best = items[0]
    others = items[1:] if isinstance(items, tuple) else items
    if key is None:
        for item in others:
            best = _choose(precedes(item, best), item, best)
        return best
    best_key = key(best)
    for item in others:
        item_key = key(item)
        if precedes(item_key, best_key):
            best, best_key = item, item_key
    return best


def _choose(condition: Any, a: Any, b: Any) -> Any:
    if typeof(a) is typeof(b) and isinstance(typeof(a), Scalar):
        return primitive.select(condition, a, b)
    return a if condition else b


# --- sums and truth


@implements(sum)
def total(iterable: Any, start: Any = 0) -> Any:
    """The sum from left to right. From Python 3.12 on, Python's own floats are summed with compensation."""
    if isinstance(iterable, tuple):
        return _sum_of_tuple(iterable, start)
    if isinstance(typeof(iterable), Array):
        # The type of the result does not depend on the length: an empty array gives a zero of that type.
        neutral = _neutral(typeof(iterable).dtype)
        keeps_sign = isinstance(typeof(start), (Float, Complex)) and isinstance(typeof(neutral), (Boolean, Integer))
        start = start - neutral if keeps_sign else start + neutral  # -0.0 + 0 is 0.0
    for item in iterable:
        start = start + item
    return start


def _neutral(dtype: Any) -> Any:
    """A zero that changes no number when it is added."""
    if isinstance(dtype, Time):
        return primitive.bitcast(primitive.cast(0, to=np_int64), to=dtype)
    if isinstance(dtype, Complex):
        return primitive.complex_(primitive.cast(-0.0, to=dtype.part), primitive.cast(-0.0, to=dtype.part))
    return primitive.cast(-0.0, to=dtype)


def _sum_of_tuple(items: Any, start: Any) -> Any:
    result, error = start, 0.0
    for item in items:
        if typeof(result) is float64 and typeof(item) in (float64, int64, boolean):
            result, error = _add_to_float(result, error, item)
        else:
            result = _with_error(result, error) + item
            error = 0.0
    return _with_error(result, error)


def _add_to_float(result: Any, error: Any, item: Any) -> Any:
    """The next sum and its collected rounding error (Neumaier, ZAMM 54, 1974); ints are added without."""
    if not _SUM_COMPENSATES or typeof(item) is not float64:
        return result + item, error
    following, rounding = two_sum(result, item)
    return following, error + rounding


def _with_error(result: Any, error: Any) -> Any:
    if typeof(result) is not float64 or not _SUM_COMPENSATES:
        return result
    return primitive.select(is_finite(error), result + primitive.select(primitive.ne(error, 0.0), error, -0.0), result)


@implements(any)
def any_true(iterable: Any) -> Any:
    """Whether an item is true."""
    for item in iterable:
        if item:
            return True
    return False


@implements(all)
def all_true(iterable: Any) -> Any:
    """Whether all items are true."""
    for item in iterable:
        if not item:
            return False
    return True


# --- pow


@implements(pow)
def power(base: Any, exp: Any, mod: Any = None) -> Any:
    """`base ** exp`; with a modulus, of Python ints, the modular power or inverse."""
    if mod is None:
        return base**exp
    if not (isinstance(base, int) and isinstance(exp, int) and isinstance(mod, int)):
        reject("pow() with a modulus takes Python's ints")
    return _modular_power(int(base), int(exp), int(mod))


@out_of_line
def _modular_power(base: Any, exponent: Any, modulus: Any) -> Any:
    if modulus == 0:
        raise ValueError(messages.POW_MODULUS_ZERO)
    divisor = _magnitude(modulus)
    residue = primitive.mod(_magnitude(base), divisor)
    if base < 0 and primitive.ne(residue, 0):
        residue = primitive.sub(divisor, residue)
    if exponent < 0:
        residue = _modular_inverse(residue, divisor)
    count = _magnitude(exponent)
    result = primitive.mod(primitive.cast(1, to=uint64), divisor)
    while primitive.ne(count, 0):
        if primitive.ne(primitive.and_(count, 1), 0):
            result = _modular_product(result, residue, divisor)
        residue = _modular_product(residue, residue, divisor)
        count = primitive.shr(count, 1)
    if modulus < 0 and primitive.ne(result, 0):
        result = primitive.sub(result, divisor)  # negative, as the remainder of a negative modulus is
    return primitive.cast(result, to=int64)


def _magnitude(a: Any) -> Any:
    """|a| as an unsigned integer: exact for the smallest int64 too."""
    return primitive.cast(primitive.max_(a, primitive.neg(a)), to=uint64)


def _modular_product(a: Any, b: Any, modulus: Any) -> Any:
    """`a * b % modulus` for a, b < modulus <= 2**63: by doubling where the product has more than 64 bits."""
    if primitive.le(modulus, 2**32):
        return primitive.mod(primitive.mul(a, b), modulus)
    result = primitive.cast(0, to=uint64)
    while primitive.ne(b, 0):
        if primitive.ne(primitive.and_(b, 1), 0):
            result = _modular_sum(result, a, modulus)
        a = _modular_sum(a, a, modulus)
        b = primitive.shr(b, 1)
    return result


def _modular_sum(a: Any, b: Any, modulus: Any) -> Any:
    sum_of_both = primitive.add(a, b)
    return primitive.select(primitive.ge(sum_of_both, modulus), primitive.sub(sum_of_both, modulus), sum_of_both)


def _modular_inverse(a: Any, modulus: Any) -> Any:
    """The inverse by the extended Euclidean algorithm (Knuth, TAOCP 2, 4.5.2, algorithm X), coefficients modulo `modulus`."""
    previous, current = modulus, a
    coefficient, inverse = primitive.cast(0, to=uint64), primitive.mod(primitive.cast(1, to=uint64), modulus)
    while primitive.ne(current, 0):
        quotient = primitive.floordiv(previous, current)
        product = _modular_product(primitive.mod(quotient, modulus), inverse, modulus)
        coefficient, inverse = inverse, _modular_sum(coefficient, primitive.sub(modulus, product), modulus)
        previous, current = current, primitive.mod(previous, current)
    if primitive.ne(previous, 1):
        raise ValueError(messages.POW_NOT_INVERTIBLE)
    return coefficient
