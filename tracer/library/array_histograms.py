"""Counting in bins: `histogram`, `histogram2d`, `histogramdd`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, Float, Integer, Scalar, int64, np_float64
from tracer.array_steps import cast_item
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_conversion import range_of
from tracer.library.array_search import position, require_numbers
from tracer.library.array_types import common_type, item_type, ndim_of
from tracer.typeof import typeof


@implements(np.histogram)
def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """How many items (or the sum of their weights) fall into each bin, and the edges of the bins.

    A bin has its left edge, the last one also its right edge. `density` makes it a probability density.
    """
    items = np.ravel(np.asarray(a))
    if isinstance(typeof(items).dtype, Complex):
        reject("complex numbers have no histogram")
    values = None if weights is None else np.asarray(weights)
    if values is not None and values.shape != np.asarray(a).shape:
        raise ValueError("weights should have the same shape as a.")
    values = None if values is None else np.ravel(values)
    if isinstance(typeof(items).dtype, Boolean):
        items = items.astype(np.uint8)
    if isinstance(typeof(bins), Array) and bins.ndim == 0:
        return histogram(a, bins[()], range, density, weights)
    if isinstance(typeof(bins), Integer):
        counts, edges = _equal_bins(items, int(bins), range, values)
    elif isinstance(bins, tuple) or isinstance(typeof(bins), Array):
        counts, edges = _given_bins(items, np.asarray(bins), values)
    else:
        reject("`bins` must be an integer or an array")
    if is_density(density):
        widths = edges[1:] - edges[:-1]
        return counts / widths / counts.sum(), edges
    return counts, edges


def is_density(density: Any) -> bool:
    """Whether densities are asked for, rather than counts."""
    if density is not None and known(density) is None:
        reject("`density` must be known while tracing")
    return bool(known(density))


@implements(np.histogram_bin_edges)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges of the bins that `histogram` makes."""
    if isinstance(typeof(bins), Array) and bins.ndim == 0:
        return histogram_bin_edges(a, bins[()], range, weights)
    if isinstance(bins, tuple) or isinstance(typeof(bins), Array):
        edges = np.asarray(bins)
        _check_edges(edges)
        return edges
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


def _check_edges(edges: Any) -> None:
    if edges.ndim != 1:
        raise ValueError("`bins` must be 1d, when an array")
    for i in range(1, len(edges)):
        if primitive.load(edges, i - 1) > primitive.load(edges, i):
            raise ValueError("`bins` must increase monotonically, when an array")


def _given_bins(items: Any, edges: Any, weights: Any) -> Any:
    _check_edges(edges)
    count = primitive.max_(len(edges) - 1, 0)
    counts = _new_counts(count, weights)
    kind = common_type(typeof(items), typeof(edges))
    for i in range(len(items)):
        x = cast_item(primitive.load(items, i), kind)
        if count > 0 and x >= cast_item(edges[0], kind) and x <= cast_item(edges[count], kind):
            number = position(edges, x, False, lambda k: k) - 1
            _add(counts, primitive.min_(number, count - 1), weights, i)
    return counts, edges


# --- in several dimensions


@implements(np.histogram2d)
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """How many points (or the sum of their weights) fall into each cell, and the edges along both axes."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError("x and y must have the same length.")
    if x.ndim != 1 or y.ndim != 1:
        raise ValueError("x and y must have one axis each")
    counts, edges = _in_cells((x, y), _bins_of_both(bins), range, density, weights)
    return counts, edges[0], edges[1]


def _bins_of_both(bins: Any) -> Any:
    """The bins along each axis: edges that are given alone are those of both."""
    if isinstance(bins, tuple):
        return bins if len(bins) < 3 else (np.asarray(bins), np.asarray(bins))
    if isinstance(typeof(bins), Array) and typeof(bins).ndim > 0:
        if len(bins) < 3:
            raise ValueError("fewer than three edges of both axes: give `bins` as a tuple")
        return (bins, bins)
    return (bins, bins)


@implements(np.histogramdd)
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    """How many points (or the sum of their weights) fall into each cell, and the edges along each axis.

    A sample is a tuple of the coordinates along each axis; or a matrix with a row for each point, if `bins` is a tuple that
    tells the number of axes.
    """
    if isinstance(typeof(bins), Array) and typeof(bins).ndim > 0:
        reject("`bins` is an integer, or a tuple with the bins along each axis")
    columns = _columns(sample, bins)
    return _in_cells(columns, bins if isinstance(bins, tuple) else (bins,) * len(columns), range, density, weights)


def _columns(sample: Any, bins: Any) -> Any:
    """The coordinates along each axis."""
    if isinstance(sample, tuple):
        _require_equal_lengths(sample)
        return tuple(np.asarray(column) for column in sample)
    points = np.asarray(sample)
    if points.ndim == 1:
        return (points,)
    if not isinstance(bins, tuple):
        reject("the number of axes must be known", "give the sample as a tuple of arrays, or `bins` as a tuple")
    if points.shape[1] != len(bins):
        raise ValueError(_OTHER_DIMENSION)
    return tuple(points[:, i] for i in range_of(len(bins)))


def _require_equal_lengths(columns: Any) -> None:
    for column in columns[1:]:
        if len(column) != len(columns[0]):
            raise ValueError(
                "setting an array element with a sequence. The requested array has an inhomogeneous shape after 1 dimensions. "
                f"The detected shape was ({len(columns)},) + inhomogeneous part."
            )


_OTHER_DIMENSION = "The dimension of bins must be equal to the dimension of the sample x."


def _in_cells(columns: Any, bins: Any, limits: Any, density: Any, weights: Any) -> Any:
    if len(bins) != len(columns):
        raise ValueError(_OTHER_DIMENSION)
    if limits is not None and len(limits) != len(columns):
        raise ValueError("range argument must have one entry per dimension")
    kind = common_type(*(typeof(column) for column in columns))
    columns = tuple(column.astype(kind, copy=False) for column in columns)
    edges = _all_edges(columns, bins, limits, 0)
    # On each axis there is one more bin on both sides.
    padded = np.zeros(tuple(len(each) + 1 for each in edges))
    flat, values = np.ravel(padded), _float_weights(weights, len(columns[0]))
    for k in range(len(columns[0])):
        place = _place_of(columns, edges, k)
        weight = np.float64(1.0) if values is None else primitive.load(values, k)
        primitive.store(flat, place, primitive.add(primitive.load(flat, place), weight))
    counts = padded[(slice(1, -1),) * len(edges)]
    return (_as_density(counts, edges) if is_density(density) else counts), edges


def _float_weights(weights: Any, count: Any) -> Any:
    if weights is None:
        return None
    values = np.asarray(weights)
    if values.ndim != 1 or len(values) != count:
        raise ValueError("The weights and list don't have the same length.")
    return values.astype(np.float64, casting="safe", copy=False)


def _all_edges(columns: Any, bins: Any, limits: Any, axis: Any) -> Any:
    if axis == len(columns):
        return ()
    edges = _axis_edges(columns[axis], bins[axis], None if limits is None else limits[axis], axis)
    edges[-1]  # there is at least one
    return (edges, *_all_edges(columns, bins, limits, axis + 1))


def _axis_edges(items: Any, bins: Any, limits: Any, axis: Any) -> Any:
    if not isinstance(bins, tuple) and ndim_of(typeof(bins)) == 0:
        if bins < 1:
            raise ValueError(f"`bins[{axis}]` must be positive, when an integer")
        low, high = _limits(items, limits)
        if not isinstance(item_type(typeof(bins)), Integer):
            raise TypeError(f"`bins[{axis}]` must be an integer, when a scalar")
        return np.linspace(low, high, int(bins) + 1)
    edges = np.asarray(bins)
    if edges.ndim != 1:
        raise ValueError(f"`bins[{axis}]` must be a scalar or 1d array")
    for i in range(1, len(edges)):
        if primitive.load(edges, i - 1) > primitive.load(edges, i):
            raise ValueError(f"`bins[{axis}]` must be monotonically increasing, when an array")
    return edges


def _place_of(columns: Any, edges: Any, k: Any) -> Any:
    """The number of the padded cell that a point falls into."""
    place = 0
    for axis in range_of(len(columns)):
        number = _padded_bin_of(edges[axis], primitive.load(columns[axis], k))
        place = primitive.add(primitive.mul(place, len(edges[axis]) + 1), number)
    return place


def _padded_bin_of(edges: Any, item: Any) -> Any:
    """The number of the bin, 0 for what is before all; the last one has its right edge, too."""
    kind = common_type(typeof(edges), typeof(item))
    x = cast_item(item, kind)
    before = position(edges, x, False, lambda i: i)
    last = cast_item(primitive.load(edges, len(edges) - 1), kind)
    return primitive.sub(before, primitive.cast(x == last, to=int64))


def _as_density(counts: Any, edges: Any) -> Any:
    total = counts.sum()
    for axis in range_of(len(edges)):
        counts = counts / np.expand_dims(edges[axis][1:] - edges[axis][:-1], _others(len(edges), axis))
    return counts / total


@static_function
def _others(ndim: int, axis: int) -> tuple[int, ...]:
    return tuple(k for k in range(ndim) if k != axis)
