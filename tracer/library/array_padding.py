"""`np.pad`: the axes are padded one after the other, so that corners follow from what is there already."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Boolean, Float, Integer
from tracer.array_steps import assign_items, cast_item
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_conversion import range_of
from tracer.library.array_rearranging import part_along
from tracer.library.array_reductions import NOTHING
from tracer.library.array_types import array_type, class_of_item, inexact_type, layout_of, together
from tracer.typeof import typeof

_STATISTICS = {"maximum": np.max, "minimum": np.min, "mean": np.mean, "median": np.median}
_OPTIONS = {
    "constant": "constant_values", "linear_ramp": "end_values", "reflect": "reflect_type", "symmetric": "reflect_type",
    "empty": "", "edge": "", "wrap": "", **dict.fromkeys(_STATISTICS, "stat_length"),
}  # fmt: skip


@implements(np.pad)
def pad(
    array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = NOTHING, end_values: Any = NOTHING,
    stat_length: Any = NOTHING, reflect_type: Any = NOTHING,
) -> Any:  # fmt: skip
    """A copy with more items at both ends of each axis.

    `pad_width` is a number, a pair for all axes, or a pair for each. Raises ValueError for negative widths, and where an
    empty axis would have to be continued.
    """
    a = np.asarray(array)
    given = (constant_values is not NOTHING, end_values is not NOTHING, stat_length is not NOTHING, reflect_type is not NOTHING)
    _check_mode(mode, given, typeof(a))
    widths = _integers(_pairs(pad_width, a.ndim))
    _check_not_negative(widths)
    made = _around(a, widths)
    if mode == "constant":
        _fill_constant(made, a.shape, widths, _pairs(0 if constant_values is NOTHING else constant_values, a.ndim))
    elif mode != "empty":
        _check_not_empty(a.shape, widths)
        if a.size > 0:
            _pad_axes(made, a.shape, widths, mode, end_values, stat_length, reflect_type)
    return made


def _pad_axes(made: Any, shape: Any, widths: Any, mode: Any, end_values: Any, stat_length: Any, reflect_type: Any) -> None:
    if mode == "linear_ramp":
        _fill_ramps(made, shape, widths, _pairs(0 if end_values is NOTHING else end_values, made.ndim))
    elif stat_length is not NOTHING or _is_statistic(mode):
        lengths = _pairs(None if stat_length is NOTHING else stat_length, made.ndim)
        _fill_statistics(made, shape, widths, mode, lengths)
    else:
        _continue(made, shape, widths, mode, _is_odd(reflect_type, typeof(made)))


@static_function
def _check_mode(mode: Any, given: tuple[bool, ...], type: Array) -> None:
    """ValueError for a mode that does not exist, and for what it does not take."""
    if mode not in _OPTIONS:
        raise ValueError(f"mode '{mode}' is not supported")
    names = ("constant_values", "end_values", "stat_length", "reflect_type")
    unknown = {name for name, is_given in zip(names, given) if is_given and name != _OPTIONS[mode]}
    if unknown:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {unknown}")


@static_function
def _is_statistic(mode: str) -> bool:
    return mode in _STATISTICS


@static_function
def _statistic(mode: str) -> Any:
    return _STATISTICS[mode]


@static_function
def _is_odd(reflect_type: Any, type: Array) -> bool:
    if reflect_type == "odd" and isinstance(type.dtype, Boolean):
        raise ValueError("booleans are not reflected with reflect_type='odd' in compiled code")
    return reflect_type == "odd"


def _check_not_negative(pairs: Any) -> None:
    for before, after in pairs:
        if (before is not None and before < 0) or (after is not None and after < 0):
            raise ValueError("index can't contain negative values")


def _check_not_empty(shape: Any, widths: Any) -> None:
    for axis in range_of(len(shape)):
        before, after = widths[axis]
        if shape[axis] == 0 and before + after > 0:
            raise ValueError(f"can't extend empty axis {axis} using modes other than 'constant' or 'empty'")


def _pairs(given: Any, ndim: Any) -> Any:
    """A pair of numbers for each axis."""
    if not isinstance(given, tuple):
        return ((given, given),) * ndim
    if not isinstance(given[0], tuple):
        if len(given) > 2:
            reject("the widths are a number, a pair, or a pair for each axis")
        return ((given[0], given[-1]),) * ndim
    if len(given) != ndim and len(given) != 1:
        reject(f"there are {len(given)} pairs of widths for {ndim} axes")
    pairs = tuple((pair[0], pair[-1]) for pair in given)
    return pairs if len(given) == ndim else pairs * ndim


def _integers(pairs: Any) -> Any:
    return tuple((operator.index(pair[0]), operator.index(pair[1])) for pair in pairs)


def _around(a: Any, widths: Any) -> Any:
    """A new array with the items of another one in its middle."""
    lengths = tuple(together(together(length, width[0]), width[1]) for length, width in zip(a.shape, widths))
    made = primitive.alloc(*lengths, to=array_type(typeof(a).dtype, a.ndim, layout_of("K", typeof(a))), zero=False)
    assign_items(_middle(made, a.shape, widths, 0), lambda x: x, a)
    return made


def _middle(made: Any, shape: Any, widths: Any, axis: Any) -> Any:
    if axis == len(shape):
        return made
    return _middle(part_along(made, axis, widths[axis][0], shape[axis]), shape, widths, axis + 1)


def _fill_constant(made: Any, shape: Any, widths: Any, values: Any) -> None:
    convert = class_of_item(typeof(made).dtype)
    for axis in range_of(made.ndim):
        before, after = widths[axis]
        low, high = convert(values[axis][0]), convert(values[axis][1])
        assign_items(part_along(made, axis, 0, before), lambda x: x, low)
        assign_items(part_along(made, axis, primitive.add(before, shape[axis]), after), lambda x: x, high)


def _fill_ramps(made: Any, shape: Any, widths: Any, ends: Any) -> None:
    """Evenly spaced items from the given ends to the edges."""
    for axis in range_of(made.ndim):
        before, after = widths[axis]
        length = shape[axis]
        low, high = part_along(made, axis, before, 1), part_along(made, axis, before + length - 1, 1)
        for side in ((0, before, low, ends[axis][0]), (1, after, high, ends[axis][1])):
            last, width, edge, end = side
            for i in range(width):
                place = before + length + after - 1 - i if last else i
                assign_items(part_along(made, axis, place, 1), lambda x: _ramp(end, x, i, width), edge)


def _ramp(start: Any, stop: Any, i: Any, count: Any) -> Any:
    """An item of `np.linspace(start, stop, count, endpoint=False)`; integers are rounded down."""
    kind = typeof(stop)
    inexact = inexact_type(kind)
    first, last = cast_item(start, inexact), cast_item(stop, inexact)
    step = (last - first) / cast_item(count, inexact)
    found = cast_item(i, inexact) * step + first
    return cast_item(np.floor(found) if isinstance(kind, Integer) else found, kind)


def _fill_statistics(made: Any, shape: Any, widths: Any, mode: Any, lengths: Any) -> None:
    """The largest, the smallest or the mean item, or the median, of so many items at each end."""
    _check_not_negative(lengths)
    for axis in range_of(made.ndim):
        before, after = widths[axis]
        length = shape[axis]
        left = length if lengths[axis][0] is None else primitive.min_(int(lengths[axis][0]), length)
        right = length if lengths[axis][1] is None else primitive.min_(int(lengths[axis][1]), length)
        if (left == 0 or right == 0) and (mode == "maximum" or mode == "minimum"):
            raise ValueError("stat_length of 0 yields no value for padding")
        _fill_statistic(made, axis, (before, left), (0, before), mode)
        _fill_statistic(made, axis, (before + length - right, right), (before + length, after), mode)


def _fill_statistic(made: Any, axis: Any, source: Any, target: Any, mode: Any) -> None:
    kind = typeof(made).dtype
    found = _statistic(mode)(part_along(made, axis, *source), axis=axis, keepdims=True)
    assign_items(part_along(made, axis, *target), lambda x: _rounded(x, kind), found)


def _rounded(x: Any, kind: Any) -> Any:
    return cast_item(np.rint(x) if isinstance(kind, Integer) and isinstance(typeof(x), Float) else x, kind)


def _continue(made: Any, shape: Any, widths: Any, mode: Any, odd: Any) -> None:
    """Copy a part of the array, counted along the axis, to each place outside of it."""
    for axis in range_of(made.ndim):
        before, after = widths[axis]
        length = shape[axis]
        for i in range(before + after):
            place = i - before if i < before else i - before + length
            target, source = part_along(made, axis, before + place, 1), part_along(made, axis, before + _source(place, length, mode), 1)
            if odd and length > 1:
                low, high = part_along(made, axis, before, 1), part_along(made, axis, before + length - 1, 1)
                turns, mirrored = _turns(place, length, mode)
                assign_items(target, lambda x, first, last: _turned(x, first, last, turns, mirrored), source, low, high)
            else:
                assign_items(target, lambda x: x, source)


def _turns(place: Any, length: Any, mode: Any) -> Any:
    """How many whole periods lie between a place and the array, and whether what stands there is mirrored."""
    period = 2 * length if mode == "symmetric" else 2 * length - 2
    return place // period, place % period >= length


def _turned(x: Any, first: Any, last: Any, turns: Any, mirrored: Any) -> Any:
    """The item where each mirror also turns the sign, about its item: a trend goes on."""
    kind = typeof(x)
    two = cast_item(2, kind)
    moved = cast_item(turns, kind) * (two * (last - first))
    return cast_item(moved + (two * last - x if mirrored else x), kind)


def _source(place: Any, length: Any, mode: Any) -> Any:
    """Which of `length` items stands at a place outside of them."""
    if mode == "edge":
        return 0 if place < 0 else length - 1
    if mode == "wrap":
        return place % length
    if mode == "symmetric":
        at = place % (2 * length)
        return at if at < length else 2 * length - 1 - at
    if length == 1:
        return 0
    at = place % (2 * length - 2)
    return at if at < length else 2 * length - 2 - at
