"""Copies of arrays with parts put in or left out."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Boolean, Integer, Scalar, Time
from tracer.array_steps import assign_items, cast_item
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_broadcasting import fits
from tracer.library.array_conversion import can_cast, cast_refusal
from tracer.library.array_rearranging import part_along
from tracer.library.array_shapes import shape_text
from tracer.library.array_types import array_type, class_of_item, layout_of, normalize_axis
from tracer.library.slices import slice_extent
from tracer.typeof import typeof


def _prepared(arr: Any, axis: Any) -> Any:
    """The array that is edited: all its items on one axis where none is named."""
    arr = np.asarray(arr)
    return arr.ravel() if axis is None else arr


def _like(a: Any, axis: Any, length: Any) -> Any:
    """A new array with another length of one axis."""
    shape = a.shape
    lengths = (*shape[:axis], length, *shape[axis + 1 :])
    return primitive.alloc(*lengths, to=array_type(typeof(a).dtype, a.ndim, layout_of("K", typeof(a))), zero=False)


def _copy_part(target: Any, to: Any, source: Any, first: Any, count: Any, axis: Any) -> None:
    assign_items(part_along(target, axis, to, count), lambda x: x, part_along(source, axis, first, count))


def _is_index(obj: Any) -> Any:
    """Whether one place is named, by a number or an array without axes."""
    return isinstance(typeof(obj), Integer) or (
        isinstance(typeof(obj), Array) and isinstance(typeof(obj).dtype, Integer) and typeof(obj).ndim == 0
    )


def _place(obj: Any, length: Any, axis: Any, last: Any) -> Any:
    """An index counted from the start; IndexError unless it is at most `last`."""
    index = operator.index(obj[()] if isinstance(typeof(obj), Array) else obj)
    if not -length <= index <= last:
        raise IndexError(f"index {index} is out of bounds for axis {axis} with size {length}")
    return index + length if index < 0 else index


def _indices(obj: Any, length: Any, name: Any) -> Any:
    """Several places as an array of integers."""
    if isinstance(obj, slice):
        step = 1 if obj.step is None else obj.step
        first, count = slice_extent(obj.start, obj.stop, step, length)
        return first + np.arange(count) * step
    if isinstance(obj, tuple) and len(obj) == 0:
        return np.empty(0, np.intp)
    found = np.asarray(obj)
    if isinstance(typeof(found).dtype, Boolean):
        if found.ndim != 1 or len(found) != length:
            raise ValueError(f"boolean array argument obj to {name} must be one dimensional and match the axis length of {length}")
        return np.flatnonzero(found)
    if not isinstance(typeof(found).dtype, Integer):
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    if found.ndim > 1:
        reject(f"np.{name} takes indices on one axis in compiled code", "ravel them")
    return found


# --- delete


@implements(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """A copy without the parts that `obj` names: an index, a slice, indices or a mask."""
    a = _prepared(arr, axis)
    at = normalize_axis(-1 if axis is None else axis, a.ndim)
    length = a.shape[at]
    if _is_index(obj):
        place = _place(obj, length, at, length - 1)
        made = _like(a, at, length - 1)
        _copy_part(made, 0, a, 0, place, at)
        _copy_part(made, place, a, place + 1, length - 1 - place, at)
        return made
    dropped = np.zeros(length, np.bool_)
    for index in _indices(obj, length, "delete"):
        primitive.store(dropped, _place(index, length, at, length - 1), np.bool_(True))
    return _without(a, dropped, at)


def _without(a: Any, dropped: Any, axis: Any) -> Any:
    """A copy of the parts whose mark is not set: runs of them are copied at once."""
    count = 0
    for drop in dropped:
        count += 1 - int(drop)
    made = _like(a, axis, count)
    length, place, start = len(dropped), 0, 0
    for i in range(length + 1):
        if i == length or primitive.load(dropped, i):
            _copy_part(made, place, a, start, i - start, axis)
            place += i - start
            start = i + 1
    return made


# --- insert


@implements(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """A copy with values before the places that `obj` names: an index, a slice, indices or a mask.

    With several places, these are counted before anything is put in, and the values are stretched to their number.
    """
    a = _prepared(arr, axis)
    at = normalize_axis(-1 if axis is None else axis, a.ndim)
    given = np.array(values, copy=None, ndmin=a.ndim)
    if _is_index(obj):
        return _insert_at(a, obj, np.moveaxis(given, 0, at), at)
    if isinstance(obj, tuple) and len(obj) == 1:
        return _insert_at(a, obj[0], given, at)
    return _insert_each(a, _indices(obj, a.shape[at], "insert"), given, at)


def _insert_at(a: Any, obj: Any, values: Any, axis: Any) -> Any:
    length, count, kind = a.shape[axis], values.shape[axis], typeof(a).dtype
    place = _place(obj, length, axis, length)
    made = _like(a, axis, length + count)
    _copy_part(made, 0, a, 0, place, axis)
    assign_items(part_along(made, axis, place, count), lambda x: cast_item(x, kind), values)
    _copy_part(made, place + count, a, place, length - place, axis)
    return made


def _insert_each(a: Any, indices: Any, values: Any, axis: Any) -> Any:
    length, count, kind = a.shape[axis], len(indices), typeof(a).dtype
    target = _target_places(indices, length, axis)
    made = _like(a, axis, length + count)
    lengths = (*a.shape[:axis], count, *a.shape[axis + 1 :])
    spread = np.broadcast_to(values, lengths)
    taken = np.zeros(length + count, np.bool_)
    for i in range(count):
        place = int(primitive.load(target, i))
        primitive.store(taken, place, np.bool_(True))
        assign_items(part_along(made, axis, place, 1), lambda x: cast_item(x, kind), part_along(spread, axis, i, 1))
    first = 0
    for i in range(length + count):
        if not primitive.load(taken, i):
            _copy_part(made, i, a, first, 1, axis)
            first += 1
    return made


def _target_places(indices: Any, length: Any, axis: Any) -> Any:
    """Where each of the new parts comes to lie: those before it, old and new ones, are counted."""
    total = length + len(indices)
    before = np.zeros(length + 2, np.int64)
    made = np.empty(len(indices), np.int64)
    for i in range(len(indices)):
        index = int(primitive.load(indices, i))
        if not -length <= index <= length:
            index += _before(indices, i)
            raise IndexError(f"index {index} is out of bounds for axis {axis} with size {total}")
        if index < 0:
            index += length
        primitive.store(made, i, np.int64(index))
        before[index + 1] += 1
    for i in range(length + 1):
        before[i + 1] += before[i]
    for i in range(len(indices)):
        index = int(primitive.load(made, i))
        made[i] += before[index]
        before[index] += 1
    return made


def _before(indices: Any, place: Any) -> Any:
    """How many of the new parts come before one of them."""
    count = 0
    for i in range(len(indices)):
        less = indices[i] < indices[place]
        count += int(less or (i < place and indices[i] == indices[place]))
    return count


# --- copyto

_KINDS = ("bool", "int", "float", "complex")


@static_function
def _fits_kind(source: Scalar, kind: Scalar, casting: str) -> bool:
    """Whether a number may be written into items of a type: Python's numbers have a kind, but no size."""
    if not source.weak or isinstance(source, Boolean) or isinstance(kind, Time) or casting == "unsafe":
        return can_cast(source, kind, casting)
    return _KINDS.index(source.kind) <= _KINDS.index(kind.kind.replace("uint", "int"))


@implements(np.copyto)
def copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """Write an array, or a number, into another array, where a mask says so. ValueError where it does not fit."""
    kind = typeof(dst).dtype
    source = np.asarray(src) if isinstance(src, tuple) else src
    if isinstance(typeof(source), Array) and not can_cast(typeof(source).dtype, kind, casting):
        reject(cast_refusal(typeof(source).dtype, kind, casting))
    if isinstance(typeof(source), Scalar) and not _fits_kind(typeof(source), kind, casting):
        reject(cast_refusal(typeof(source), kind, casting))
    if typeof(dst).readonly:
        raise ValueError("assignment destination is read-only")
    item = source if isinstance(typeof(source), Array) else class_of_item(kind)(source)
    mask = np.asarray(where) if isinstance(where, tuple) else where
    if isinstance(typeof(mask), Array):
        if not can_cast(typeof(mask).dtype, bool, "safe"):
            reject(cast_refusal(typeof(mask).dtype, bool, "safe"))
        if mask.ndim > dst.ndim or not fits(mask.shape, dst.shape[dst.ndim - mask.ndim :]):
            raise ValueError(f"could not broadcast where mask from shape {shape_text(mask.shape)} into shape {shape_text(dst.shape)}")
        assign_items(dst, lambda x, keep, old: primitive.select(bool(keep), cast_item(x, kind), old), item, mask, dst)
    elif mask:
        assign_items(dst, lambda x: cast_item(x, kind), item)
