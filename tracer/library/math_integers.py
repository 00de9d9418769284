"""The functions of `math` on integers. A result beyond 64 bits raises OverflowError."""

from __future__ import annotations

import math
from typing import Any

from ir.types import Boolean, Integer, float64, int64, uint64
from tracer.extending import implements, out_of_line, primitive, reject
from tracer.library import messages
from tracer.typeof import typeof

_LARGEST = 2**63 - 1
_LARGEST_FACTORIAL = 20


def as_integer(x: Any) -> Any:
    """An argument that Python takes through `__index__`, as a Python int."""
    kind = typeof(x)
    if not isinstance(kind, (Integer, Boolean)) or (isinstance(kind, Boolean) and not kind.weak):
        reject(f"a value of type {kind} cannot be interpreted as an integer", hint="convert it with int()")
    return int(x)


def _magnitude(a: Any) -> Any:
    """|a|, unsigned: exact for the smallest int64 too."""
    return primitive.cast(primitive.max_(a, primitive.neg(a)), to=uint64)


def _checked_product(a: Any, b: Any) -> Any:
    """`a * b` of natural numbers, or OverflowError."""
    if b != 0 and a > _LARGEST // b:
        raise OverflowError(messages.TOO_LARGE)
    return primitive.mul(a, b)


@implements(math.gcd)
def gcd(*integers: Any) -> Any:
    """The greatest common divisor of any number of integers."""
    result = primitive.cast(0, to=uint64)
    for i in integers:
        result = euclid(result, _magnitude(as_integer(i)))
    return _signed(result)


@out_of_line
def euclid(x: Any, y: Any) -> Any:
    """The greatest common divisor of unsigned integers, by Euclid's algorithm."""
    while primitive.ne(y, 0):
        x, y = y, primitive.mod(x, y)
    return x


@implements(math.lcm)
def lcm(*integers: Any) -> Any:
    """The least common multiple of any number of integers."""
    result = primitive.cast(1, to=uint64)
    for i in integers:
        result = _lcm(result, _magnitude(as_integer(i)))
    return _signed(result)


@out_of_line
def _lcm(x: Any, y: Any) -> Any:
    if primitive.eq(x, 0) or primitive.eq(y, 0):
        return primitive.cast(0, to=uint64)
    quotient = primitive.floordiv(x, euclid(x, y))
    if primitive.gt(quotient, primitive.floordiv(primitive.cast(-1, to=uint64), y)):
        raise OverflowError(messages.TOO_LARGE)
    return primitive.mul(quotient, y)


def _signed(x: Any) -> Any:
    if primitive.gt(x, _LARGEST):
        raise OverflowError(messages.TOO_LARGE)
    return primitive.cast(x, to=int64)


@implements(math.isqrt)
def isqrt(n: Any) -> Any:
    """The integer part of the square root."""
    value = as_integer(n)
    if value < 0:
        raise ValueError(messages.ISQRT_NEGATIVE)
    # The float root is off by one at most. Squares are unsigned: that of 2**31.5 has 64 bits.
    root = primitive.cast(primitive.sqrt(primitive.cast(value, to=float64)), to=uint64)
    limit = primitive.cast(value, to=uint64)
    if primitive.gt(primitive.mul(root, root), limit):
        root = primitive.sub(root, 1)
    following = primitive.add(root, 1)
    if primitive.le(primitive.mul(following, following), limit):
        root = following
    return primitive.cast(root, to=int64)


@implements(math.factorial)
def factorial(x: Any) -> Any:
    """x!; OverflowError from 21! on."""
    return _factorial(as_integer(x))


@out_of_line
def _factorial(n: Any) -> Any:
    if n < 0:
        raise ValueError(messages.FACTORIAL_NEGATIVE)
    if n > _LARGEST_FACTORIAL:
        raise OverflowError(messages.TOO_LARGE)
    result = 1
    for i in range(2, n + 1):
        result = primitive.mul(result, i)
    return result


@implements(math.comb)
def comb(n: Any, k: Any) -> Any:
    """The number of ways to choose k out of n."""
    return _comb(as_integer(n), as_integer(k))


@out_of_line
def _comb(n: Any, k: Any) -> Any:
    if n < 0:
        raise ValueError(messages.COMB_N_NEGATIVE)
    if k < 0:
        raise ValueError(messages.COMB_K_NEGATIVE)
    if k > n:
        return 0
    # comb(n, i) grows up to i = n / 2 and is below 2**63 for i > 33 only if n is small: the loop is short.
    count = primitive.min_(k, n - k)
    result = 1
    i = 1
    while i <= count:
        factor = n - count + i
        common = _signed(euclid(_magnitude(result), _magnitude(i)))
        result = _checked_product(result // common, factor // (i // common))
        i += 1
    return result


@implements(math.perm)
def perm(n: Any, k: Any = None) -> Any:
    """The number of ways to arrange k out of n; n! without k."""
    if k is None:
        return factorial(n)
    return _perm(as_integer(n), as_integer(k))


@out_of_line
def _perm(n: Any, k: Any) -> Any:
    if n < 0:
        raise ValueError(messages.PERM_N_NEGATIVE)
    if k < 0:
        raise ValueError(messages.PERM_K_NEGATIVE)
    if k > n:
        return 0
    result = 1
    i = 0
    while i < k:
        result = _checked_product(result, n - i)
        i += 1
    return result
