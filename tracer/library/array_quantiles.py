"""Medians, quantiles and percentiles, by the nine methods of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical
packages", The American Statistician 50, 1996, and those that NumPy has besides.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir.types import NOT_A_TIME, Array, Boolean, Complex, Time, int64
from tracer.array_steps import cast_item, fold_items, generate
from tracer.extending import implements, out_of_line, primitive, reject, static_function
from tracer.library.array_conversion import can_cast, cast_refusal
from tracer.library.array_reductions import (
    as_operand, delivered, is_inexact, kept_lengths, lengths_with_ones, shape_of, single, size_of, store,
)  # fmt: skip
from tracer.library.array_selection import adjacent_items
from tracer.library.array_types import (
    inexact_type, is_discrete, is_selected, item_type, ndim_of, normalize_axes, other_axes, quantile_method,
    quantile_type,
)  # fmt: skip
from tracer.library.array_ufuncs import is_nan
from tracer.library.numpy_versions import FROM_2_5
from tracer.library.times import of_count
from tracer.typeof import typeof


def ordered_lines(a: Any, axes: Any) -> Any:
    """The items along the axes in ascending order, NaN last, as the last axis of a new array."""
    if a.ndim == 1:
        return np.sort(a)
    if len(axes) == a.ndim:
        return np.sort(np.ravel(a))
    kept = other_axes(a.ndim, axes)
    if len(axes) == 1:
        return np.sort(np.moveaxis(a, axes[0], -1), axis=-1)
    count = size_of(tuple(a.shape[axis] for axis in axes))
    return np.sort(np.reshape(np.transpose(a, (*kept, *axes)), (*kept_lengths(a.shape, axes), count)), axis=-1)


def _lines(a: Any, axes: Any, way: Any) -> Any:
    """The lines that the axes make, in order unless their items are to be selected."""
    if way == "select" or ndim_of(typeof(a)) == 0:
        return np.ravel(a)
    return ordered_lines(a, axes)


def _way(a: Any, axes: Any) -> Any:
    """ "sort" for short items, and for more than one line; else "select"."""
    return "select" if len(axes) >= ndim_of(typeof(a)) and is_selected(typeof(a)) else "sort"


def _axes(a: Any, axis: Any) -> Any:
    axes = normalize_axes(axis, ndim_of(typeof(a)))
    return (0,) if ndim_of(typeof(a)) == 0 else axes


def _count_numbers(lines: Any, position: Any, way: Any) -> Any:
    """How many items of a line are not NaN."""
    if not _has_nan(item_type(typeof(lines))):
        return lines.shape[-1]
    if way == "select":
        return int(fold_items(lambda s, x: primitive.add(s, primitive.cast(primitive.eq(x, x), to=typeof(s))), 0, lines))
    low, high = 0, lines.shape[-1]
    while low < high:
        middle = (low + high) // 2
        if is_nan(primitive.load(lines, *position, middle)):
            high = middle
        else:
            low = middle + 1
    return low


def _has_nan(kind: Any) -> Any:
    """Whether one of the items of a type is not a number, or not a time."""
    return is_inexact(kind) or isinstance(kind, Time)


def _pair(lines: Any, position: Any, place: Any, way: Any) -> Any:
    """The items at a place of a line in order and at the next one, if there is one."""
    if way == "select":
        return adjacent_items(lines, place)
    following = primitive.min_(place + 1, lines.shape[-1] - 1)
    return primitive.load(lines, *position, place), primitive.load(lines, *position, following)


def _nan_of(lines: Any, position: Any, kind: Any, way: Any) -> Any:
    """The NaN that is in a line."""
    last = lines.shape[-1] - 1
    if isinstance(kind, Time):
        return of_count(np.int64(NOT_A_TIME), kind)
    if last < 0 and isinstance(kind, Complex):
        return cast_item(complex(math.nan, math.nan), kind)
    if last < 0 or way == "select":
        return cast_item(math.nan, kind)
    return cast_item(primitive.load(lines, *position, last), kind)


# --- medians


@implements(np.median)
def median(a: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, keepdims: Any = False) -> Any:
    """The middle item, or the mean of the two in the middle; NaN if there is one."""
    return _median(a, axis, out, keepdims, False)


@implements(np.nanmedian)
def nanmedian(a: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, keepdims: Any = False) -> Any:
    """The median of the items that are not NaN; NaN if there are none."""
    return _median(a, axis, out, keepdims, True)


def _median(a: Any, axis: Any, out: Any, keepdims: Any, skip_nan: Any) -> Any:
    given = as_operand(a)
    axes = _axes(given, axis)
    way = _way(given, axes)
    lines = _lines(given, axes, way)
    kind = _median_type(typeof(lines))
    if lines.ndim == 1:
        result = _middle(lines, (), kind, skip_nan, way)
    else:
        result = generate(lines.shape[:-1], lambda *position: _middle(lines, position, kind, skip_nan, way))
    return delivered(result, given, axes, keepdims, out, "add")


@static_function
def _median_type(operand: Any) -> Any:
    """Spans of time have medians that are such; all else is computed in floats or complex numbers."""
    kind = item_type(operand)
    return kind if isinstance(kind, Time) and kind.kind == "timedelta64" else inexact_type(operand)


@out_of_line
def _middle(lines: Any, position: Any, kind: Any, skip_nan: Any, way: Any) -> Any:
    count = _count_numbers(lines, position, way)
    if count == 0 or (count < lines.shape[-1] and not skip_nan):
        return _nan_of(lines, position, kind, way)
    low, high = _pair(lines, position, (count - 1) // 2, way)
    if isinstance(kind, Time):
        return low if count % 2 == 1 else (low + high) / 2
    lower = cast_item(low, kind) + cast_item(0.0, kind)
    return lower if count % 2 == 1 else (lower + cast_item(high, kind)) / cast_item(2.0, kind)


# --- quantiles


@implements(np.quantile)
def quantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, method: Any = "linear", keepdims: Any = False,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    """The numbers below which a fraction q of the items lies."""
    return _quantile(a, q, axis, out, method, keepdims, weights, 1.0, False)


@implements(np.percentile)
def percentile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, method: Any = "linear", keepdims: Any = False,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    """The numbers below which q percent of the items lie."""
    return _quantile(a, q, axis, out, method, keepdims, weights, 100.0, False)


@implements(np.nanquantile)
def nanquantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, method: Any = "linear", keepdims: Any = False,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    """The quantiles of the items that are not NaN."""
    return _quantile(a, q, axis, out, method, keepdims, weights, 1.0, True)


@implements(np.nanpercentile)
def nanpercentile(
    a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, method: Any = "linear", keepdims: Any = False,
    *, weights: Any = None,
) -> Any:  # fmt: skip
    """The percentiles of the items that are not NaN."""
    return _quantile(a, q, axis, out, method, keepdims, weights, 100.0, True)


def _quantile(a: Any, q: Any, axis: Any, out: Any, method: Any, keepdims: Any, weights: Any, unit: Any, skip_nan: Any) -> Any:
    given, q = as_operand(a), as_operand(q)
    if weights is not None:
        reject("quantiles with weights are not supported in compiled code")
    if isinstance(item_type(typeof(given)), Complex):
        raise TypeError("a must be an array of real numbers")
    if isinstance(item_type(typeof(given)), Boolean):
        reject("quantiles of booleans are not defined", hint="convert the array to integers first")
    _check_fractions(q, unit)
    method = quantile_method(method, typeof(q), unit)
    axes = _axes(given, axis)
    way = "sort" if ndim_of(typeof(q)) > 0 else _way(given, axes)
    lines = _lines(given, axes, way)
    kind = quantile_type(typeof(lines), typeof(q), method)
    if lines.shape[-1] == 0 and (not skip_nan or not _has_nan(kind)):
        _fail_without_items(lines, q, method)
    if out is not None and not skip_nan:
        _check_conversion(typeof(lines).dtype, kind, typeof(single(out)).dtype, method)
    result = _of_all(lines, q, method, kind, unit, skip_nan, way)
    if keepdims:
        lengths = (*shape_of(q), *lengths_with_ones(shape_of(given), axes))
        if len(lengths) > 0:
            result = np.reshape(result, lengths)
    return result if out is None else store(result, single(out), "add")


def _fail_without_items(lines: Any, q: Any, method: Any) -> None:
    """IndexError, with the index that NumPy asks for first: that of a NaN, or of the first item, or of any."""
    if _has_nan(item_type(typeof(lines))):
        raise IndexError("index -1 is out of bounds for axis 0 with size 0")
    if np.size(q) > 0:
        if is_discrete(method):
            raise IndexError("cannot do a non-empty take from an empty axes.")
        raise IndexError("index 0 is out of bounds for axis 0 with size 0")


def _check_conversion(kind: Any, result: Any, out: Any, method: Any) -> None:
    """Items are taken into outputs of types that they hold; what is computed is converted within its kind of numbers."""
    if is_discrete(method):
        if not FROM_2_5 and not can_cast(out, kind, "safe"):
            reject(cast_refusal(out, kind, "safe"))
    elif not can_cast(result, out, "same_kind"):
        reject(cast_refusal(result, out, "same_kind"))


def _of_all(lines: Any, q: Any, method: Any, kind: Any, unit: Any, skip_nan: Any, way: Any) -> Any:
    """For each fraction and each line."""
    count = ndim_of(typeof(q))
    if count == 0 and lines.ndim == 1:
        fraction = q[()] if isinstance(typeof(q), Array) else q
        return _value(lines, (), float(fraction) / unit, method, kind, skip_nan, way)

    def value(*index: Any) -> Any:
        fraction = q if not isinstance(typeof(q), Array) else primitive.load(q, *index[:count])
        return _value(lines, index[count:], float(fraction) / unit, method, kind, skip_nan, way)

    return generate((*shape_of(q), *lines.shape[:-1]), value)


def _check_fractions(q: Any, unit: Any) -> None:
    if not fold_items(lambda s, x: s & (x >= 0.0) & (x <= unit), np.bool_(True), q):
        if unit == 1.0:
            raise ValueError("Quantiles must be in the range [0, 1]")
        raise ValueError("Percentiles must be in the range [0, 100]")


@out_of_line
def _value(lines: Any, position: Any, fraction: Any, method: Any, kind: Any, skip_nan: Any, way: Any) -> Any:
    """One quantile of one line."""
    count = _count_numbers(lines, position, way)
    if count == 0 or (count < lines.shape[-1] and not skip_nan):
        return _nan_of(lines, position, kind, way)
    virtual = _virtual_index(float(count), float(fraction), method)
    if is_discrete(method):
        place = primitive.min_(primitive.max_(primitive.cast(virtual, to=int64), 0), count - 1)
        return cast_item(_pair(lines, position, place, way)[0], kind)
    return _interpolated(lines, position, count, virtual, method, kind, way)


def _interpolated(
    lines: Any, position: Any, count: Any, virtual: Any, method: Any, kind: Any, way: Any
) -> Any:
    place = primitive.min_(primitive.max_(primitive.cast(primitive.floor(virtual), to=int64), 0), count - 1)
    low, high = _pair(lines, position, place, way)
    if virtual >= float(count - 1):
        high, share = low, virtual + 1.0
    elif virtual < 0.0:
        high, share = low, virtual
    else:
        share = virtual - primitive.floor(virtual)
    if method == "averaged_inverted_cdf":
        share = 0.5 if share == 0.0 else 1.0
    elif method == "midpoint":
        share = 0.0 if primitive.floor(virtual) == virtual else 0.5
    if isinstance(kind, Time):
        return high - (high - low) * (1.0 - share) if share >= 0.5 else low + (high - low) * share
    difference = cast_item(primitive.sub(high, low), kind)
    if share >= 0.5:
        return primitive.sub(cast_item(high, kind), primitive.mul(difference, cast_item(1.0 - share, kind)))
    return primitive.add(cast_item(low, kind), primitive.mul(difference, cast_item(share, kind)))


def _virtual_index(count: Any, fraction: Any, method: Any) -> Any:
    """Where a quantile lies between the ordered items: a number of which the fraction says how to interpolate."""
    if method in ("linear", "lower", "higher", "midpoint", "nearest"):
        index = (count - 1.0) * fraction
        if method == "lower":
            return primitive.floor(index)
        if method == "higher":
            return primitive.ceil(index)
        if method == "midpoint":
            return 0.5 * (primitive.floor(index) + primitive.ceil(index))
        return primitive.rint(index) if method == "nearest" else index
    if method == "inverted_cdf":
        return primitive.ceil(count * fraction - 1.0)
    if method == "averaged_inverted_cdf":
        return count * fraction - 1.0
    if method == "closest_observation":
        return _closest(count * fraction - 1.0 - 0.5)
    alpha, beta = _parameters(method)
    return count * fraction + (alpha + fraction * (1.0 - alpha - beta)) - 1.0


def _closest(index: Any) -> Any:
    """The next item, or this one if the index is odd and has no fraction."""
    floor = primitive.floor(index)
    stays = floor == index and floor - 2.0 * primitive.floor(floor * 0.5) == 1.0
    return floor if stays else floor + 1.0


def _parameters(method: Any) -> Any:
    """Hyndman and Fan's parameters alpha and beta."""
    if method == "interpolated_inverted_cdf":
        return 0.0, 1.0
    if method == "hazen":
        return 0.5, 0.5
    if method == "weibull":
        return 0.0, 0.0
    if method == "median_unbiased":
        return 1 / 3.0, 1 / 3.0
    if method == "normal_unbiased":
        return 3 / 8.0, 3 / 8.0
    reject(f"{method!r} is not a method of quantiles")
