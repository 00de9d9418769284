"""The functions of `math` that combine many numbers: hypot, dist, prod, sumprod. `fsum` is in exact_sum.py."""

from __future__ import annotations

import math
import sys
from typing import Any

from ir.types import Array, Complex, boolean, float64, int64
from tracer.extending import implements, out_of_line, primitive, reject
from tracer.library import messages
from tracer.library.floating import exponent_of, fast_two_sum, is_finite, power_of_two, scale, two_product, two_sum
from tracer.typeof import typeof

ROUNDS_AS_WRITTEN = True  # also where a user asks for fast arithmetic

_SMALLEST_NORMAL = sys.float_info.min


@implements(math.hypot)
def hypot(*coordinates: Any) -> Any:
    """The Euclidean norm, nearly always correctly rounded."""
    sizes = ()
    for x in coordinates:
        sizes = (*sizes, primitive.fabs(float(x)))
    return _norm_of_tuple(sizes)


@implements(math.dist)
def dist(p: Any, q: Any) -> Any:
    """The Euclidean distance of two points: tuples or arrays of coordinates."""
    if len(p) != len(q):
        raise ValueError(messages.UNEQUAL_DIMENSIONS)
    if isinstance(p, tuple) and isinstance(q, tuple):
        sizes = ()
        for x, y in zip(p, q):
            sizes = (*sizes, primitive.fabs(float(x) - float(y)))
        return _norm_of_tuple(sizes)
    if isinstance(typeof(p), Array) and isinstance(typeof(q), Array):
        return _distance_of_arrays(p, q)
    reject("math.dist() takes two tuples or two arrays")


@out_of_line
def _norm_of_tuple(sizes: Any) -> Any:
    largest = 0.0
    for size in sizes:
        largest = _larger(largest, size)
    if len(sizes) < 2 or not _is_regular(largest):
        for size in sizes:
            largest = primitive.select(primitive.eq(size, math.inf), size, largest)
        return largest
    exponent, first, second = _scaling(largest)
    state = (1.0, 0.0, 0.0)
    for size in sizes:
        state = _add_square(state, size * first * second)
    return _rooted(state, exponent)


@out_of_line
def _distance_of_arrays(p: Any, q: Any) -> Any:
    largest = 0.0
    infinite = False
    for i in range(len(p)):
        size = primitive.fabs(float(p[i]) - float(q[i]))
        infinite = primitive.or_(infinite, primitive.eq(size, math.inf))
        largest = _larger(largest, size)
    if len(p) < 2 or not _is_regular(largest):
        return primitive.select(infinite, math.inf, largest)
    exponent, first, second = _scaling(largest)
    state = (1.0, 0.0, 0.0)
    for i in range(len(p)):
        state = _add_square(state, primitive.fabs(float(p[i]) - float(q[i])) * first * second)
    return _rooted(state, exponent)


def _larger(largest: Any, size: Any) -> Any:
    """The larger one; NaN if one is."""
    taken = primitive.or_(primitive.gt(size, largest), primitive.ne(size, size))
    return primitive.select(taken, size, largest)


def _is_regular(x: Any) -> Any:
    return primitive.and_(is_finite(x), primitive.ne(x, 0.0))


def _scaling(largest: Any) -> Any:
    """An exponent e and two exact factors whose product is `2**-e`, with `largest * 2**-e` in [0.5, 1)."""
    tiny = primitive.lt(largest, _SMALLEST_NORMAL)
    normal = primitive.select(tiny, largest * 2.0**54, largest)
    exponent = exponent_of(normal) + 1 - primitive.select(tiny, 54, 0)
    half = primitive.shr(exponent, 1)
    return exponent, power_of_two(-half), power_of_two(half - exponent)


def _add_square(state: Any, x: Any) -> Any:
    """Add the square of x in [0, 1): the sum from 1 on, and what rounding lost of the squares and of the sums."""
    total, product_errors, sum_errors = state
    square, error = two_product(x, x)
    total, rounding = fast_two_sum(total, square)
    return total, product_errors + error, sum_errors + rounding


def _rooted(state: Any, exponent: Any) -> Any:
    """The root of the sum, with one step of Newton's method (Borges, arXiv 1904.09481), scaled back."""
    total, product_errors, sum_errors = state
    root = primitive.sqrt(total - 1.0 + (product_errors + sum_errors))
    square, error = two_product(-root, root)
    total, rounding = fast_two_sum(total, square)
    rest = total - 1.0 + ((product_errors + error) + (sum_errors + rounding))
    return scale(root + primitive.div(rest, 2.0 * root), exponent)


@implements(math.prod)
def prod(iterable: Any, *, start: Any = 1) -> Any:
    """The product from left to right."""
    if isinstance(typeof(iterable), Array):
        # The type of the result does not depend on the length: an empty array gives a one of that type.
        start = start * _one(typeof(iterable).dtype)
    for item in iterable:
        start = start * item
    return start


def _one(dtype: Any) -> Any:
    if isinstance(dtype, Complex):
        return primitive.complex_(primitive.cast(1, to=dtype.part), primitive.cast(0, to=dtype.part))
    return primitive.cast(1, to=dtype)


# --- sumprod


def _sum_of_products(p: Any, q: Any) -> Any:
    """The sum of the products. Tuples of Python's floats (with ints) in triple precision, as Python does."""
    if len(p) != len(q):
        raise ValueError(messages.UNEQUAL_LENGTHS)
    if isinstance(p, tuple) and isinstance(q, tuple):
        return _sum_of_tuple_products(p, q)
    total = 0
    if isinstance(typeof(p), Array) and isinstance(typeof(q), Array):
        total = total + primitive.cast(-0.0, to=typeof(p).dtype) * primitive.cast(0.0, to=typeof(q).dtype)
    for x, y in zip(p, q):
        total = total + x * y
    return total


def _sum_of_tuple_products(p: Any, q: Any) -> Any:
    total, parts, is_plain = 0, (), False
    for x, y in zip(p, q):
        if _has_float(x, y) and not is_plain:
            parts = _add_product((0.0, 0.0, 0.0) if len(parts) == 0 else parts, float(x), float(y))
        else:
            is_plain = is_plain or len(parts) > 0 or not (isinstance(x, int) and isinstance(y, int))
            total, parts = _flushed(total, parts) + x * y, ()
    return _flushed(total, parts)


def _has_float(x: Any, y: Any) -> Any:
    """Whether one is Python's float and the other its float or int."""
    numbers = (float64, int64, boolean)
    return typeof(x) in numbers and typeof(y) in numbers and (typeof(x) is float64 or typeof(y) is float64)


def _add_product(parts: Any, x: Any, y: Any) -> Any:
    """Add `x * y` to an unevaluated sum of three floats (Ogita, Rump, Oishi: algorithm 5.10 for K = 3)."""
    high, low, tiny = parts
    product, product_error = two_product(x, y)
    high, high_error = two_sum(high, product)
    low, low_error = two_sum(low, product_error)
    low, carried_error = two_sum(low, high_error)
    return high, low, tiny + low_error + carried_error


def _flushed(total: Any, parts: Any) -> Any:
    if len(parts) == 0:
        return total
    high, low, tiny = parts
    high, low = two_sum(low, high)
    return total + (tiny + low + high)


if sys.version_info >= (3, 12):
    implements(math.sumprod)(_sum_of_products)
