"""`array.flat`: items counted in C order, whatever the layout."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.records import Record
from ir.types import Array, Integer, Time, Tuple
from tracer.array_steps import cast_item, view_of
from tracer.extending import primitive, reject, static_function
from tracer.library.array_types import class_of_item, ndim_of
from tracer.typeof import typeof


def flat_item(a: Any, index: Any) -> Any:
    """The item with this number, which is in range."""
    return primitive.load(a, *positions(a.shape, index))


def positions(shape: Any, index: Any) -> Any:
    """The index on each axis of the item with this number."""
    if len(shape) < 2:
        return (index,) * len(shape)
    last = shape[-1]
    outer = primitive.floordiv(index, last)
    return (*positions(shape[:-1], outer), primitive.sub(index, primitive.mul(outer, last)))


def flat_items(a: Any, index: Any) -> Any:
    """`a.flat[index]`: an item, or a copy of several."""
    place = _place(index)
    if _is_single(typeof(place)):
        return flat_item(a, _checked(int(place), a.size))
    _check_places(place, a.size)
    return np.array(line(a)[place])


def _place(index: Any) -> Any:
    """The index of the one axis: an integer, a slice, or an array of indices or a mask."""
    place = index[0] if isinstance(index, tuple) and len(index) == 1 else index
    if isinstance(place, tuple) and len(place) > 0:
        reject("too many indices for flat iterator: flat iterator is 1-dimensional")
    if place is None or isinstance(place, (bool, np.bool_)):
        reject("the index of `.flat` is an integer, a slice, or an array of indices or a mask")
    return place[()] if isinstance(typeof(place), Array) and place.ndim == 0 else place


def _check_places(place: Any, size: Any) -> None:
    if isinstance(typeof(place), Array) and isinstance(typeof(place).dtype, Integer):
        for each in place.flat:
            _checked(int(each), size)


def line(a: Any) -> Any:
    """All items on one axis: a view where that is known to be possible."""
    return view_of(a, 0, (a.size,), layout="C") if _is_dense(typeof(a)) else a.flatten()


def set_flat_items(a: Any, index: Any, values: Any) -> None:
    """`a.flat[index] = values`: several values are repeated as often as needed; none are stored nowhere."""
    if _is_locked(typeof(a)):
        raise ValueError("underlying array is read-only")
    place = _place(index)
    if _is_single(typeof(place)):
        found = _checked(int(place), a.size)
        if ndim_of(typeof(values)) > 0:
            raise ValueError("Error setting single item of array.")
        a[positions(a.shape, found)] = values
        return
    items = np.ravel(_converted(values, typeof(a).dtype))
    if len(items) > 0:
        _check_places(place, a.size)
        places = np.ravel(np.arange(a.size)[place])
        for k in range(len(places)):
            a[positions(a.shape, int(primitive.load(places, k)))] = cast_item(primitive.load(items, k % len(items)), typeof(a).dtype)


def _converted(values: Any, kind: Any) -> Any:
    """A number in the type of the items, as a store of it alone converts it; arrays and tuples as they are."""
    return values if isinstance(typeof(values), (Array, Tuple)) or isinstance(kind, (Time, Record)) else class_of_item(kind)(values)


def _checked(index: Any, size: Any) -> Any:
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for size {size}")
    return index + size if index < 0 else index


@static_function
def _is_single(type: Any) -> bool:
    return isinstance(type, Integer)


@static_function
def _is_dense(type: Array) -> bool:
    return type.layout == "C" or type.ndim == 0


@static_function
def _is_locked(type: Array) -> bool:
    return type.readonly
