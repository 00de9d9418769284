"""Indices in arrays: where items are true, checks that indices are in range, and items taken and stored by masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Boolean, int64, np_int64
from tracer.array_steps import fold_items
from tracer.extending import implements, primitive
from tracer.typeof import typeof

_ON_0D = "Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead."
_OF_CONDITIONS = " If the context of this error is of the form `arr[nonzero(cond)]`, just use `arr[cond]`."


# --- checks


def as_index(i: Any) -> Any:
    """An index in an array as int64. Those beyond wrap around, as NumPy lets them."""
    return primitive.cast(i, to=int64)


def check_indices(indices: Any, length: Any, axis: Any, space: Any) -> None:
    """IndexError where an index is out of range on an axis of this length, unless there is no point where it is used."""
    if _wrong_bits(indices, (), length, 0) < 0 and _has_points(space):
        _report_first(indices, (), length, axis)


def _wrong_bits(indices: Any, at: Any, length: Any, found: Any) -> Any:
    """A negative number where an index is out of range. There is no branch in the loop: it is vectorized."""
    for i in range(indices.shape[len(at)]):
        if len(at) + 1 < indices.ndim:
            found = _wrong_bits(indices, (*at, i), length, found)
        else:
            # Of these sums one is negative where the index is out of range, and one wraps at most.
            index = as_index(primitive.load(indices, *at, i))
            above, below = primitive.sub(primitive.sub(length, 1), index), primitive.add(index, length)
            found = primitive.or_(found, primitive.or_(above, below))
    return found


def _has_points(space: Any) -> Any:
    return True if len(space) == 0 else space[0] != 0 and _has_points(space[1:])


def _report_first(indices: Any, at: Any, length: Any, axis: Any) -> None:
    for i in range(indices.shape[len(at)]):
        if len(at) + 1 < indices.ndim:
            _report_first(indices, (*at, i), length, axis)
        else:
            index = as_index(primitive.load(indices, *at, i))
            if index < -length or index >= length:
                raise IndexError(f"index {index} is out of bounds for axis {axis} with size {length}")


# --- true items


def is_true(x: Any) -> Any:
    """Whether an item counts as true, as int64."""
    if isinstance(typeof(x), Boolean):
        return primitive.cast(x, to=int64)
    return primitive.cast(bool(x), to=int64)


def count_true(a: Any) -> Any:
    """How many items are true."""
    return int(fold_items(lambda count, x: primitive.add(count, primitive.cast(is_true(x), to=np_int64)), np.int64(0), a))


def each_true(a: Any, count: Any, work: Any, index: Any = (), found: Any = 0) -> Any:
    """`work(place, index)` for each true item in C order, of which there are `count`: `place` counts them.

    It may be called for other items before, too, at the place of the next true one: so no branch depends on the items.
    """
    if len(index) < a.ndim - 1:
        for i in range(a.shape[len(index)]):
            found = each_true(a, count, work, (*index, i), found)
        return found
    for i in range(a.shape[len(index)]):
        if found >= count:
            break
        work(found, (*index, i))
        found = primitive.add(found, is_true(primitive.load(a, *index, i)))
    return found


@implements(np.nonzero, np.ndarray.nonzero)
def nonzero(a: Any) -> Any:
    """The indices of the true items, an array for each axis."""
    a = np.asarray(a)
    if a.ndim == 0:
        raise ValueError(_ON_0D + _OF_CONDITIONS if isinstance(typeof(a).dtype, Boolean) else _ON_0D)
    count = count_true(a)
    made = _index_arrays(a.ndim, count)
    each_true(a, count, lambda place, index: _store_index(made, place, index))
    return made


def _index_arrays(rank: Any, count: Any) -> Any:
    return () if rank == 0 else (np.empty(count, np.int64), *_index_arrays(rank - 1, count))


def _store_index(arrays: Any, place: Any, index: Any) -> None:
    if len(arrays) > 0:
        primitive.store(arrays[0], place, primitive.cast(index[0], to=np_int64))
        _store_index(arrays[1:], place, index[1:])


@implements(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """The indices of the true items in the flattened array."""
    return np.nonzero(np.ravel(np.asarray(a)))[0]


@implements(np.argwhere)
def argwhere(a: Any) -> Any:
    """The indices of the true items, one row for each."""
    a = np.asarray(a)
    if a.ndim == 0:
        return np.empty((is_true(primitive.load(a)), 0), np.int64)
    count = count_true(a)
    made = np.empty((count, a.ndim), np.int64, order="F")
    each_true(a, count, lambda place, index: _store_row(made, place, index, 0))
    return made


def _store_row(made: Any, place: Any, index: Any, column: Any) -> None:
    if column < len(index):
        primitive.store(made, place, column, primitive.cast(index[column], to=np_int64))
        _store_row(made, place, index, column + 1)


def items_where(a: Any, mask: Any) -> Any:
    """The items where a mask of the same shape is true, in C order."""
    count = count_true(mask)
    made = np.empty(count, a.dtype)
    each_true(mask, count, lambda place, index: primitive.store(made, place, primitive.load(a, *index)))
    return made
