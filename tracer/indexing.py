"""What an index of an array is made of, and the views that integers, slices, `...` and `newaxis` make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ir import types
from ir.builder import constant
from ir.graph import Value
from ir.ops import arithmetic, array, compare
from ir.types import Array, Boolean, Integer
from tracer.arrays import is_array, same_length, strided_view, strides_of
from tracer.attributes import dimension, shape
from tracer.conversions import is_scalar, to_index
from tracer.frames import PathEnded
from tracer.slicing import extent
from tracer.tracing import Tracer
from tracer.values import as_index, is_symbolic

MASK_MISMATCH = "boolean index did not match indexed array along axis "
TOO_MANY = "too many indices for array: array is {}-dimensional, but {} were indexed"


class _Axis:
    """One axis of a view: its length, its stride in bytes, and whether it is a whole axis of the array.

    `source` is the axis of the array that it comes from, None for a new one. `unit` is whether its items are neighbours.
    """

    __slots__ = ("length", "stride", "source", "whole", "unit")

    def __init__(self, length: Any, stride: Any, source: int | None, whole: bool, unit: bool) -> None:
        self.length, self.stride, self.source, self.whole, self.unit = length, stride, source, whole, unit


# --- what an index is made of


def is_flag(part: Any) -> bool:
    """Whether a part of an index is a boolean: a new axis of length 1 or 0."""
    if isinstance(part, Value):
        return isinstance(part.type, Boolean)
    return isinstance(part, (bool, np.bool_))


def is_mask(part: Any) -> bool:
    """Whether a part of an index is an array of booleans."""
    return isinstance(part, Value) and isinstance(part.type, Array) and isinstance(part.type.dtype, Boolean)


def is_number(part: Any) -> bool:
    """Whether a part of an index is an integer."""
    return is_scalar(part) and not is_flag(part)


def one_for_each_axis(index: Any) -> tuple[Any, ...]:
    """The parts of what stands in brackets. A named tuple is a tuple; only in one is it a sequence of indices."""
    index = as_index(index)
    return tuple(tuple.__iter__(index)) if issubclass(type(index), tuple) else (index,)


def is_full_index(value: Value, index: Any) -> bool:
    """Whether the index has one number for each axis."""
    given = one_for_each_axis(index)
    return len(given) == value.type.ndim and all(map(is_number, given))


def index_parts(t: Tracer, index: Any) -> list[Any]:
    """The parts of an index, with everything array-like as an array Value."""
    return [_part(t, p) for p in one_for_each_axis(index)]


def _part(t: Tracer, part: Any) -> Any:
    if part is None or part is Ellipsis or isinstance(part, slice):
        return part
    if isinstance(part, (tuple, list)):
        keywords = dtype_of_indices(part)
        part = np.array(part, **keywords) if not is_symbolic(part) else t.call(np.array, (part,), keywords)
    if type(part) is np.ndarray:
        part = t.lift_array(part)
    part = t.unwrap(part, "indices must be integers, not NoneType")
    if not is_array(part):
        return part
    if not isinstance(part.type.dtype, (Boolean, Integer)):
        t.raise_(IndexError, "arrays used as indices must be of integer (or boolean) type")
        raise PathEnded
    return t.emit(array.load, part) if part.type.ndim == 0 else part


def dtype_of_indices(sequence: Any) -> dict[str, Any]:
    """The `dtype=` for an array of indices: needed where there are none, as in `[]` and `[[], []]`, which would be of floats."""
    return {"dtype": np.intp} if _has_no_items(sequence) else {}


def _has_no_items(sequence: Any) -> bool:
    return isinstance(sequence, (tuple, list)) and all(map(_has_no_items, sequence))


def normalize_index(t: Tracer, value: Value, parts: list[Any]) -> tuple[Value, list[Any]]:
    """The array, and one part for each of its axes and of the new ones.

    `...` is written out as slices. Masks are replaced by the arrays of the indices of their true items, and booleans by
    an array of indices of a new axis, which the array then has.
    """
    ndim = value.type.ndim
    counted = sum(map(_axes_taken, parts))
    if counted > ndim:
        t.raise_(IndexError, TOO_MANY.format(ndim, counted))
        raise PathEnded
    dots = [i for i, p in enumerate(parts) if p is Ellipsis]
    if len(dots) > 1:
        t.raise_(IndexError, "an index can only have a single ellipsis ('...')")
        raise PathEnded
    at = dots[0] if dots else len(parts)
    parts = [*parts[:at], *[slice(None)] * (ndim - counted), *parts[at + 1 :]]
    if any(map(is_flag, parts)):
        shown = [None if is_flag(p) else slice(None) for p in parts for _ in range(_axes_taken(p) or 1) if p is not None]
        value = basic_view(t, value, shown)
    made: list[Any] = []
    axis = 0
    for part in parts:
        made.extend(_indices_of(t, value, part, axis))
        axis += 1 if is_flag(part) else _axes_taken(part)
    return value, made


def _axes_taken(part: Any) -> int:
    """How many axes of the array a part of an index is for."""
    if part is None or part is Ellipsis or is_flag(part):
        return 0
    return part.type.ndim if is_mask(part) else 1


def _indices_of(t: Tracer, value: Value, part: Any, axis: int) -> Sequence[Any]:
    if is_mask(part):
        check_mask(t, value, part, axis)
        return t.call(np.nonzero, (part,), {})
    if not is_flag(part):
        return [part]
    count = t.emit(compare.select, t.lift(bool(part)) if not isinstance(part, Value) else part, *_one_or_none())
    return [t.call(np.zeros, (count, np.intp), {})]


def _one_or_none() -> tuple[Value, Value]:
    return constant(1, types.int64), constant(0, types.int64)


def check_mask(t: Tracer, value: Value, mask: Value, first_axis: int) -> None:
    """IndexError, at run time, where a mask has another shape than the axes that it is for."""
    for axis, length in enumerate(shape(t, mask), first_axis):
        wanted = dimension(t, value, axis)
        if not same_length(length, wanted):
            message = t.text(
                f"{MASK_MISMATCH}{axis}; size of axis is ", wanted, " but size of corresponding boolean axis is ", length
            )
            t.raise_if(t.emit(compare.ne, length, wanted), IndexError, message)


# --- views


def basic_view(t: Tracer, value: Value, parts: Sequence[Any]) -> Value:
    """The view that integers, slices and new axes make."""
    strides = strides_of(t, value)
    axes: list[_Axis] = []
    offset: Any = 0
    axis = 0
    for part in parts:
        if part is None:
            axes.append(_Axis(1, 0, None, True, True))
            continue
        if isinstance(part, slice):
            first, made = _sliced(t, value, axis, strides[axis], part)
            axes.append(made)
        else:
            first = checked_index(t, to_index(t, part), dimension(t, value, axis), axis)
        offset = _plus(t, offset, _times(t, first, strides[axis]))
        axis += 1
    layout = _view_layout(value.type, axes)
    return strided_view(t, value, offset, [a.length for a in axes], [a.stride for a in axes], layout=layout)


def _sliced(t: Tracer, value: Value, axis: int, stride: Any, part: slice) -> tuple[Any, _Axis]:
    length = dimension(t, value, axis)
    if part == slice(None):
        return 0, _Axis(length, stride, axis, True, True)
    first, count, step = extent(t, part, length)
    unit = not isinstance(step, Value) and step == 1
    whole = unit and count is t.known(length)
    return first, _Axis(count, stride if unit else _times(t, step, stride), axis, whole, unit)


def _view_layout(kind: Array, axes: list[_Axis]) -> str:
    """Whether a view keeps the layout: the part of the memory that it covers has no gaps."""
    kept = [a for a in axes if a.source is not None]
    if not axes:
        return "C"
    if kind.layout == "A":
        return "A"
    if kind.layout == "F":
        kept.reverse()
    if not kept:
        return "C"
    # Behind the first axis, all are whole and follow each other up to the contiguous one.
    expected = list(range(kind.ndim - len(kept), kind.ndim)) if kind.layout == "C" else list(range(len(kept)))[::-1]
    dense = kept[0].unit and all(a.whole for a in kept[1:]) and [a.source for a in kept] == expected
    return kind.layout if dense else "A"


def _times(t: Tracer, a: Any, b: Any) -> Any:
    a, b = t.known(a), t.known(b)
    if not is_symbolic(a) and not is_symbolic(b):
        return types.wrap(a * b, types.int64)  # of a huge step: no second item is there
    if (not is_symbolic(a) and a == 0) or (not is_symbolic(b) and b == 0):
        return 0
    return t.emit(arithmetic.mul, t.lift(a), t.lift(b))


def _plus(t: Tracer, a: Any, b: Any) -> Any:
    if not is_symbolic(a) and not is_symbolic(b):
        return types.wrap(a + b, types.int64)
    if not is_symbolic(a) and a == 0:
        return b
    if not is_symbolic(b) and b == 0:
        return a
    return t.emit(arithmetic.add, t.lift(a), t.lift(b))


def checked_index(t: Tracer, index: Value, length: Value, axis: int | None) -> Value:
    """The index after the check that it is in range, with negative ones counted from the end."""
    nonnegative = not is_symbolic(t.known(index)) and t.known(index) >= 0
    opdef = array.check_index if t.options.boundscheck else array.wrap_index
    if opdef is array.wrap_index:
        return index if nonnegative else t.emit(opdef, index, length)
    return t.emit(opdef, index, length, axis=axis, nonnegative=nonnegative)


def checked_indices(t: Tracer, value: Value, numbers: Sequence[Any]) -> list[Value]:
    """An index with one number for each of the first axes, checked."""
    return [checked_index(t, to_index(t, n), dimension(t, value, axis), axis) for axis, n in enumerate(numbers)]
