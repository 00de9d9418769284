"""Stores through arrays of indices and through masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array
from tracer.array_steps import cast_item
from tracer.extending import primitive
from tracer.library.index_arrays import as_index, count_true
from tracer.typeof import typeof


def apart(target: Any, read: Any) -> Any:
    """An array that is read while another is written: a copy of it where they share memory."""
    # Arrays of as many axes would not count as overlapping if they were the same.
    shown = read[..., None] if target.ndim == read.ndim else read
    return np.array(read, order="C") if primitive.overlaps(target, shown) else read


def scatter(target: Any, lengths: Any, places: Any, sources: Any, item: Any, index: Any = ()) -> None:
    """`target[...] = item` at each point of an index space, in C order.

    `places` has for each axis of the target the number of the space's axis that runs over it, or -1 where `sources` has
    an index array of the space's shape, or an index. `item` is a number or an array of the space's shape.
    `index` are the indices on the first axes of the space, which are being run over. All indices are in range.
    """
    if len(index) < len(lengths):
        for i in range(lengths[len(index)]):
            scatter(target, lengths, places, sources, item, (*index, i))
    else:
        primitive.store(target, *_position(target, places, sources, index), cast_item(_item(item, index), typeof(target).dtype))


def _position(target: Any, places: Any, sources: Any, index: Any) -> Any:
    """The index of each axis of the target at one point."""
    axis = target.ndim - len(places)
    if len(places) == 0:
        return ()
    if places[0] >= 0:
        here = index[places[0]]
    elif isinstance(typeof(sources[0]), Array):
        here = primitive.wrap_index(as_index(_item(sources[0], index)), target.shape[axis])
    else:
        here = sources[0]
    return (here, *_position(target, places[1:], sources[1:], index))


def _item(source: Any, index: Any) -> Any:
    return primitive.load(source, *index) if isinstance(typeof(source), Array) else source


def store_where(target: Any, mask: Any, values: Any) -> None:
    """Store items where a mask of the target's shape is true: as many as there are, or one in all places."""
    count = count_true(mask)
    if len(values) != count and len(values) != 1:
        raise ValueError(
            f"NumPy boolean array indexing assignment cannot assign {len(values)} input values to the {count} output "
            "values where the mask is true"
        )
    _store_next(target, mask, values, count, primitive.select(len(values) == 1, 0, 1), (), 0)


def _store_next(target: Any, mask: Any, values: Any, count: Any, step: Any, index: Any, place: Any) -> Any:
    if len(index) < target.ndim:
        for i in range(target.shape[len(index)]):
            place = _store_next(target, mask, values, count, step, (*index, i), place)
        return place
    if primitive.load(mask, *index) and place < count:
        value = primitive.load(values, primitive.mul(place, step))
        primitive.store(target, *index, cast_item(value, typeof(target).dtype))
        return primitive.add(place, 1)
    return place


