"""`array.flat`: items counted in C order, whatever the layout."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array, Integer
from tracer.array_steps import cast_item, view_of
from tracer.extending import primitive, static_function
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
    if _is_single(typeof(index)):
        return flat_item(a, _checked(int(index), a.size))
    return np.array(line(a)[index])


def line(a: Any) -> Any:
    """All items on one axis: a view where that is known to be possible."""
    return view_of(a, 0, (a.size,), layout="C") if _is_dense(typeof(a)) else a.flatten()


def set_flat_items(a: Any, index: Any, values: Any) -> None:
    """`a.flat[index] = values`: several values are repeated as often as needed."""
    if _is_locked(typeof(a)):
        raise ValueError("underlying array is read-only")
    if _is_single(typeof(index)):
        item = values if not isinstance(typeof(values), Array) else values.flat[0]
        a[positions(a.shape, _checked(int(index), a.size))] = item
    else:
        places, items = np.arange(a.size)[index], np.ravel(values)
        for k in range(len(places)):
            a[positions(a.shape, int(primitive.load(places, k)))] = cast_item(primitive.load(items, k % len(items)), typeof(a).dtype)


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
