"""Searching in sorted arrays and counting: `searchsorted`, `digitize`, `bincount`, `interp`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Complex, Float, Scalar, Time, int64, np_float64
from tracer.array_steps import cast_item, map_items
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_reductions import pointwise
from tracer.library.array_types import common_type, item_type, together
from tracer.library.times import place_in_order
from tracer.typeof import typeof


def sorts_before(a: Any, b: Any) -> Any:
    """Whether `a` comes before `b` in a sorted array of their type: NaN comes last."""
    kind = typeof(a)
    if isinstance(kind, Complex):
        first, second = _nan_rank(a), _nan_rank(b)
        real, other = primitive.real(a), primitive.real(b)
        by_imag = sorts_before(primitive.imag(a), primitive.imag(b))
        by_real = primitive.or_(sorts_before(real, other), primitive.and_(_is_same(real, other), by_imag))
        return primitive.or_(bool(primitive.lt(first, second)), primitive.and_(bool(primitive.eq(first, second)), by_real))
    if isinstance(kind, Float):
        nan_last = primitive.and_(primitive.ne(b, b), primitive.eq(a, a))
        return bool(primitive.or_(primitive.lt(a, b), nan_last))
    if isinstance(typeof(a), Time):
        return bool(primitive.lt(place_in_order(a), place_in_order(b)))
    return bool(primitive.lt(a, b))


def _is_same(a: Any, b: Any) -> Any:
    both_nan = primitive.and_(primitive.ne(a, a), primitive.ne(b, b))
    return bool(primitive.or_(primitive.eq(a, b), both_nan))


@static_function
def require_numbers(kind: Array | Scalar) -> None:
    """TypeError for arrays of times and records, which do not become floats by themselves."""
    item = kind.dtype if isinstance(kind, Array) else kind
    if isinstance(item, Time) or not isinstance(item, Scalar):
        raise TypeError(f"Cannot cast array data from {types.dtype_of(item)!r} to dtype('float64') according to the rule 'safe'")


def _nan_rank(z: Any) -> Any:
    real, imag = primitive.real(z), primitive.imag(z)
    return primitive.cast(primitive.ne(real, real), to=int64) * 2 + primitive.cast(primitive.ne(imag, imag), to=int64)


def position(a: Any, x: Any, is_left: Any, at: Any) -> Any:
    """How many items of a sorted array come before x; with `is_left` false also those that equal it.

    `at(i)` is where item i of the sorted order is. The steps of the binary search are no branches.
    """
    kind = typeof(x)
    if isinstance(kind, Float) and x != x:
        return primitive.sub(len(a), _count_nan(a, at, kind)) if is_left else len(a)
    base, count = 0, len(a)
    while count > 1:
        half = primitive.shr(count, 1)
        middle = primitive.add(base, half)
        item = cast_item(primitive.load(a, at(primitive.sub(middle, 1))), kind)
        base = primitive.select(_is_behind(item, x, is_left), middle, base)
        count = primitive.sub(count, half)
    if count == 1:
        item = cast_item(primitive.load(a, at(base)), kind)
        base = primitive.add(base, primitive.cast(_is_behind(item, x, is_left), to=int64))
    return base


def _is_behind(item: Any, x: Any, is_left: Any) -> Any:
    """Whether x, which is no NaN, belongs behind the item."""
    if isinstance(typeof(x), (Complex, Time)):
        return sorts_before(item, x) if is_left else primitive.not_(sorts_before(x, item))
    return bool(primitive.lt(item, x) if is_left else primitive.le(item, x))


def _count_nan(a: Any, at: Any, kind: Any) -> Any:
    """How many items at the end of a sorted array are NaN."""
    count = 0
    while count < len(a):
        item = cast_item(primitive.load(a, at(primitive.sub(len(a) - 1, count))), kind)
        if item == item:
            break
        count = primitive.add(count, 1)
    return count


@static_function
def is_left_side(side: Any) -> bool:
    """Whether `side` names the left one."""
    if side not in ("left", "right", "l", "r"):
        raise ValueError(f"search side must be 'left' or 'right' (got '{side}')")
    return side[0] == "l"


@implements(np.searchsorted, np.ndarray.searchsorted)
def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Where items are to be inserted into a sorted array; `sorter` are the indices that sort it, if it is not sorted."""
    a = np.asarray(a)
    if a.ndim != 1:
        raise ValueError("object too deep for desired array")
    v = np.asarray(v) if isinstance(v, tuple) else v
    kind, is_left = common_type(typeof(a), typeof(v)), is_left_side(side)
    if isinstance(kind, Time) and item_type(typeof(a)) is not kind:
        a = map_items(lambda x: cast_item(x, kind), a)  # all of them: one that does not fit is an error
    if sorter is None:
        return pointwise(lambda x: np.int64(position(a, cast_item(x, kind), is_left, lambda i: i)), v)
    order = np.asarray(sorter)
    if order.size != a.size:
        raise ValueError("sorter.size must equal a.size")
    for i in order:
        if i < 0 or i >= a.size:
            raise ValueError("Sorter index out of range.")
    return pointwise(
        lambda x: np.int64(position(a, cast_item(x, kind), is_left, lambda i: primitive.cast(primitive.load(order, i), to=int64))), v
    )


@implements(np.digitize)
def digitize(x: Any, bins: Any, right: Any = False) -> Any:
    """The numbers of the bins that items fall into; the edges rise or fall."""
    edges = np.asarray(bins)
    if isinstance(typeof(edges).dtype, Complex):
        reject("x may not be complex")
    x = np.asarray(x) if isinstance(x, tuple) else x
    require_numbers(typeof(edges))
    _require_one_axis(edges.ndim)
    direction = _direction(edges)
    if isinstance(item_type(typeof(x)), Complex):
        raise TypeError("x may not be complex")
    if direction == 0:
        raise ValueError("bins must be monotonically increasing or decreasing")
    kind = common_type(typeof(edges), typeof(x))
    count = len(edges)
    is_left = bool(right)
    if direction > 0:
        return pointwise(lambda y: np.int64(position(edges, cast_item(y, kind), is_left, lambda i: i)), x)
    last = count - 1
    return pointwise(lambda y: np.int64(count - position(edges, cast_item(y, kind), is_left, lambda i: last - i)), x)


def _direction(edges: Any) -> Any:
    """1 where the edges never fall, -1 where they never rise, 0 where they do both. The first two that differ tell which of these
    is asked, as in NumPy: with NaN neither may be true.
    """
    count, first = len(edges), 1
    while first < count and primitive.load(edges, first) == primitive.load(edges, 0):
        first += 1
    if first >= count:
        return 1
    rises = bool(primitive.load(edges, first) > primitive.load(edges, 0))
    for i in range(first + 1, count):
        before, here = primitive.load(edges, i - 1), primitive.load(edges, i)
        if (here < before) if rises else (here > before):
            return 0
    return 1 if rises else -1


# --- bincount


@implements(np.bincount)
def bincount(x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    """How often each number from 0 comes, or the sum of the weights at its places."""
    numbers = np.asarray(x)
    _check_numbers(typeof(numbers).dtype)
    _require_one_axis(numbers.ndim)
    if minlength < 0:
        raise ValueError("'minlength' must not be negative")
    largest = -1
    smallest = 0
    for i in range(len(numbers)):
        n = primitive.cast(primitive.load(numbers, i), to=int64)
        largest, smallest = primitive.max_(largest, n), primitive.min_(smallest, n)
    if smallest < 0:
        raise ValueError("'list' argument must have no negative elements")
    length = primitive.max_(together(largest, 1), int(minlength))
    if weights is None:
        return _count(numbers, length)
    shares = np.asarray(weights)
    _require_one_axis(shares.ndim)
    return _sum_weights(numbers, shares, length)


def _require_one_axis(ndim: Any) -> None:
    if ndim != 1:
        raise ValueError(f"object {'too deep' if ndim > 1 else 'of too small depth'} for desired array")


@static_function
def _check_numbers(kind: Scalar) -> None:
    dtype = types.dtype_of(kind)
    if not np.can_cast(dtype, np.int64, "safe") and dtype != np.uint64:
        raise TypeError(f"Cannot cast array data from {dtype!r} to {np.dtype(np.int64)!r} according to the rule 'safe'")


def _count(numbers: Any, length: Any) -> Any:
    made = np.zeros(length, np.int64)
    for i in range(len(numbers)):
        n = primitive.cast(primitive.load(numbers, i), to=int64)
        primitive.store(made, n, primitive.add(primitive.load(made, n), 1))
    return made


def _sum_weights(numbers: Any, weights: Any, length: Any) -> Any:
    if isinstance(typeof(weights).dtype, Complex):
        reject("the weights of bincount are real numbers")
    if len(weights) != len(numbers):
        raise ValueError("The weights and list don't have the same length.")
    made = np.zeros(length, np.float64)
    for i in range(len(numbers)):
        n = primitive.cast(primitive.load(numbers, i), to=int64)
        primitive.store(made, n, primitive.add(primitive.load(made, n), cast_item(primitive.load(weights, i), np_float64)))
    return made


# --- interp


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """The line through points with rising coordinates `xp`, at x. Beyond them it is `left` and `right`, or repeats after `period`."""
    points, values = np.asarray(xp), np.asarray(fp)
    require_numbers(typeof(points))
    require_numbers(typeof(values))
    x = np.asarray(x) if isinstance(x, tuple) else x
    require_numbers(typeof(x))
    if isinstance(item_type(typeof(x)), Complex):
        reject("TypeError: the places where np.interp looks are real numbers")
    if points.ndim != 1 or values.ndim != 1:
        raise ValueError("object too deep for desired array")
    if period is not None:
        return _periodic(x, points, values, period)
    return _interpolate(x, points.astype(np.float64, copy=False), _float_values(values), left, right)


def _float_values(values: Any) -> Any:
    wide = np.complex128 if isinstance(typeof(values).dtype, Complex) else np.float64
    return values.astype(wide, copy=False)


def _periodic(x: Any, xp: Any, fp: Any, period: Any) -> Any:
    if period == 0:
        raise ValueError("period must be a non-zero value")
    if len(xp) != len(fp):
        raise ValueError("fp and xp are not of the same length")
    size = abs(float(period))
    folded = np.mod(xp.astype(np.float64), size)
    order = np.argsort(folded)
    points, values = folded[order], _float_values(fp)[order]
    points = np.concatenate((points[-1:] - size, points, points[0:1] + size))
    values = np.concatenate((values[-1:], values, values[0:1]))
    return _interpolate(np.mod(x, size), points, values, None, None)


def _interpolate(x: Any, xp: Any, fp: Any, left: Any, right: Any) -> Any:
    count = len(xp)
    if count == 0:
        raise ValueError("array of sample points is empty")
    if len(fp) != count:
        raise ValueError("fp and xp are not of the same length.")
    kind = typeof(fp).dtype
    below = primitive.load(fp, 0) if left is None else cast_item(left, kind)
    above = primitive.load(fp, count - 1) if right is None else cast_item(right, kind)

    def value(given: Any) -> Any:
        at = cast_item(given, np_float64)
        return _value_at(at, xp, fp, count, below, above)

    return pointwise(value, x)


def _value_at(at: Any, xp: Any, fp: Any, count: Any, below: Any, above: Any) -> Any:
    if at != at:
        return primitive.load(fp, 0) if count == 1 else cast_item(at, typeof(fp).dtype)
    if at > primitive.load(xp, count - 1):
        return above
    if at < primitive.load(xp, 0):
        return below
    j = position(xp, at, False, lambda i: i) - 1
    if j >= count - 1 or primitive.load(xp, j) == at:
        return primitive.load(fp, primitive.min_(j, count - 1))
    x0, x1 = primitive.load(xp, j), primitive.load(xp, j + 1)
    return _between(at, x0, x1, primitive.load(fp, j), primitive.load(fp, j + 1))


def _between(at: Any, x0: Any, x1: Any, y0: Any, y1: Any) -> Any:
    """The line between two points. Where one is infinite the other one may still tell."""
    if isinstance(typeof(y0), Complex):
        return primitive.complex_(
            _between(at, x0, x1, primitive.real(y0), primitive.real(y1)), _between(at, x0, x1, primitive.imag(y0), primitive.imag(y1))
        )
    slope = primitive.div(primitive.sub(y1, y0), primitive.sub(x1, x0))
    y = primitive.add(primitive.mul(slope, primitive.sub(at, x0)), y0)
    if y != y:
        y = primitive.add(primitive.mul(slope, primitive.sub(at, x1)), y1)
        if y != y and y0 == y1:
            y = y0
    return y


