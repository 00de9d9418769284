"""`np.pad`: the axes are padded one after the other, so that corners follow from what is there already."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.array_steps import assign_items
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_conversion import range_of
from tracer.library.array_rearranging import part_along
from tracer.library.array_types import array_type, class_of_item, layout_of, together
from tracer.typeof import typeof

_MODES = ("constant", "empty", "edge", "reflect", "symmetric", "wrap")


@implements(np.pad)
def pad(array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0, reflect_type: Any = "even") -> Any:
    """A copy with more items at both ends of each axis.

    `pad_width` is a number, a pair for all axes, or a pair for each. Modes: constant, empty, edge, reflect, symmetric, wrap.
    Raises ValueError for negative widths, and where an empty axis would have to be continued.
    """
    a = np.asarray(array)
    _check_mode(mode, reflect_type)
    widths = _pairs(pad_width, a.ndim)
    for before, after in widths:
        if before < 0 or after < 0:
            raise ValueError("index can't contain negative values")
    made = _around(a, widths)
    if mode == "constant":
        _fill_constant(made, a.shape, widths, _pairs(constant_values, a.ndim))
    elif mode != "empty":
        _continue(made, a.shape, widths, mode)
    return made


@static_function
def _check_mode(mode: str, reflect_type: str) -> None:
    if mode not in _MODES:
        raise ValueError(f"mode '{mode}' is not supported")
    if reflect_type != "even":
        raise ValueError("reflect_type='odd' is not supported in compiled code")


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


def _continue(made: Any, shape: Any, widths: Any, mode: Any) -> None:
    """Copy a part of the array, counted along the axis, to each place outside of it."""
    for axis in range_of(made.ndim):
        before, after = widths[axis]
        length = shape[axis]
        if length == 0 and before + after > 0:
            raise ValueError(f"can't extend empty axis {axis} using modes other than 'constant' or 'empty'")
        for i in range(before + after):
            place = i - before if i < before else i - before + length
            source = _source(place, length, mode)
            assign_items(part_along(made, axis, before + place, 1), lambda x: x, part_along(made, axis, before + source, 1))


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
