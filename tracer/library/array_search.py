"""Searching in sorted arrays and counting: `searchsorted`, `digitize`, `bincount`, `histogram`, `interp`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, Float, Integer, Scalar, Time, int64, np_float64
from tracer.array_steps import cast_item
from tracer.extending import implements, known, primitive, reject, static_function
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
    rising, falling = _direction(edges)
    if isinstance(item_type(typeof(x)), Complex):
        raise TypeError("x may not be complex")
    if not rising and not falling:
        raise ValueError("bins must be monotonically increasing or decreasing")
    kind = common_type(typeof(edges), typeof(x))
    count = len(edges)
    is_left = bool(right)
    if rising:
        return pointwise(lambda y: np.int64(position(edges, cast_item(y, kind), is_left, lambda i: i)), x)
    last = count - 1
    return pointwise(lambda y: np.int64(count - position(edges, cast_item(y, kind), is_left, lambda i: last - i)), x)


def _direction(edges: Any) -> Any:
    """Whether the edges never fall, and whether they never rise."""
    rising, falling = True, True
    for i in range(1, len(edges)):
        before, here = primitive.load(edges, i - 1), primitive.load(edges, i)
        if here < before:
            rising = False
        elif here > before:
            falling = False
    return rising, falling


# --- bincount


@implements(np.bincount)
def bincount(x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    """How often each number from 0 comes, or the sum of the weights at its places."""
    numbers = np.asarray(x)
    _check_numbers(typeof(numbers).dtype)
    if numbers.ndim != 1:
        raise ValueError("object too deep for desired array" if numbers.ndim > 1 else "object of too small depth for desired array")
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
    return _count(numbers, length) if weights is None else _sum_weights(numbers, np.asarray(weights), length)


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


# --- histogram


@implements(np.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """How many items (or the sum of their weights) fall into each bin, and the edges of the bins.

    A bin has its left edge, the last one also its right edge. `density` makes it a probability density.
    """
    items = np.ravel(np.asarray(a))
    values = None if weights is None else np.asarray(weights)
    if values is not None and values.shape != np.asarray(a).shape:
        raise ValueError("weights should have the same shape as a.")
    values = None if values is None else np.ravel(values)
    if isinstance(typeof(items).dtype, Boolean):
        items = items.astype(np.uint8)
    if isinstance(typeof(bins), Integer):
        counts, edges = _equal_bins(items, int(bins), range, values)
    elif isinstance(bins, tuple) or isinstance(typeof(bins), Array):
        counts, edges = _given_bins(items, np.asarray(bins), values)
    else:
        reject("`bins` must be an integer or an array")
    if density is not None and known(density) is not False:
        widths = edges[1:] - edges[:-1]
        return counts / widths / counts.sum(), edges
    return counts, edges


@implements(np.histogram_bin_edges)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges of the bins that `histogram` makes."""
    if isinstance(bins, tuple) or isinstance(typeof(bins), Array):
        return np.asarray(bins)
    return _edges(np.ravel(np.asarray(a)), int(bins), range)


def _edges(items: Any, count: Any, limits: Any) -> Any:
    if count < 1:
        raise ValueError("`bins` must be positive, when an integer")
    low, high = _limits(items, limits)
    return np.linspace(low, high, count + 1, dtype=_edge_dtype(typeof(items).dtype))


@static_function
def _edge_type(kind: Scalar) -> Scalar:
    require_numbers(kind)
    return kind if isinstance(kind, Float) else np_float64


@static_function
def _edge_dtype(kind: Scalar) -> np.dtype:
    return types.dtype_of(_edge_type(kind))


def _limits(items: Any, limits: Any) -> Any:
    """The outer edges, a distance apart."""
    if limits is not None:
        low, high = float(limits[0]), float(limits[1])
        if low > high:
            raise ValueError("max must be larger than min in range parameter.")
        if not (np.isfinite(low) and np.isfinite(high)):
            raise ValueError(f"supplied range of [{low}, {high}] is not finite")
    elif items.size == 0:
        kind = _edge_type(typeof(items).dtype)
        low, high = cast_item(0.0, kind), cast_item(1.0, kind)
    else:
        kind = _edge_type(typeof(items).dtype)
        low, high = cast_item(items.min(), kind), cast_item(items.max(), kind)
        if not (np.isfinite(low) and np.isfinite(high)):
            raise ValueError(f"autodetected range of [{low}, {high}] is not finite")
    if low == high:
        low, high = low - 0.5, high + 0.5
    return low, high


def _new_counts(count: Any, weights: Any) -> Any:
    if weights is None:
        return np.zeros(count, np.int64)
    return np.zeros(count, weights.dtype)


def _add(counts: Any, number: Any, weights: Any, i: Any) -> None:
    if weights is None:
        primitive.store(counts, number, primitive.add(primitive.load(counts, number), 1))
    else:
        counts[number] += primitive.load(weights, i)


def _equal_bins(items: Any, count: Any, limits: Any, weights: Any) -> Any:
    edges = _edges(items, count, limits)
    low, high = _limits(items, limits)
    counts = _new_counts(count, weights)
    kind = typeof(edges).dtype
    first, last, width = cast_item(low, kind), cast_item(high, kind), cast_item(high - low, kind)
    for i in range(len(items)):
        x = cast_item(primitive.load(items, i), kind)
        if x >= first and x <= last:
            scaled = (x - first) / width * cast_item(count, kind)
            number = primitive.min_(primitive.cast(scaled, to=int64), count - 1)
            # Rounding may have put it into a neighbour.
            if x < primitive.load(edges, number):
                number = number - 1
            elif x >= primitive.load(edges, number + 1) and number != count - 1:
                number = number + 1
            _add(counts, number, weights, i)
    return counts, edges


def _given_bins(items: Any, edges: Any, weights: Any) -> Any:
    if edges.ndim != 1:
        raise ValueError("`bins` must be 1d, when an array")
    for i in range(1, len(edges)):
        if primitive.load(edges, i - 1) > primitive.load(edges, i):
            raise ValueError("`bins` must increase monotonically, when an array")
    count = primitive.max_(len(edges) - 1, 0)
    counts = _new_counts(count, weights)
    kind = common_type(typeof(items), typeof(edges))
    for i in range(len(items)):
        x = cast_item(primitive.load(items, i), kind)
        if count > 0 and x >= cast_item(edges[0], kind) and x <= cast_item(edges[count], kind):
            number = position(edges, x, False, lambda k: k) - 1
            _add(counts, primitive.min_(number, count - 1), weights, i)
    return counts, edges


# --- interp


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """The line through points with rising coordinates `xp`, at x. Beyond them it is `left` and `right`, or repeats after `period`."""
    points, values = np.asarray(xp), np.asarray(fp)
    require_numbers(typeof(points))
    require_numbers(typeof(values))
    x = np.asarray(x) if isinstance(x, tuple) else x
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


