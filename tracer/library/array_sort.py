"""Sorting along an axis: `sort`, `argsort`, `lexsort`, `partition`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array, Boolean, Complex, Float, int64, np_int64, uint64
from tracer.array_steps import few, in_any_order, view_of
from tracer.extending import implements, out_of_line, primitive, reject, static_function
from tracer.library.array_types import array_type, item_type, layout_of, normalize_axis
from tracer.library.sort_keys import from_key, insert_key, key_type, sort_keys, sort_pairs, to_equal_key, to_key
from tracer.typeof import typeof

_FEW = 8  # items of a lane, of which vectors do not pay


@static_function
def sorts_stably(kind: Any, stable: Any) -> bool:
    """Whether NumPy promises to keep equal items in their order; ValueError for what names no sort."""
    if kind is not None and stable is not None:
        raise ValueError("`kind` and `stable` parameters can't be provided at the same time. Use only one of them.")
    if kind is not None and not (isinstance(kind, str) and kind.lower()[:1] in "qhsm"):
        raise ValueError(f"sort kind must be one of 'quick', 'heap', or 'stable' (got '{kind}')")
    return bool(stable) or (kind is not None and kind.lower()[0] in "sm")


def last_axis(a: Any, axis: Any) -> Any:
    """A view with this axis behind all others, which keep their order."""
    number = normalize_axis(axis, a.ndim)
    if number == a.ndim - 1:
        return a
    if a.ndim == 2:
        return a.T
    shape, strides = a.shape, a.strides
    return view_of(a, 0, (*shape[:number], *shape[number + 1 :], shape[number]), (*strides[:number], *strides[number + 1 :], strides[number]))


def as_array(a: Any) -> Any:
    """An array itself, or what `np.array` makes of a tuple or a number."""
    return a if isinstance(typeof(a), Array) else np.array(a)


# --- sort


@implements(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """A sorted copy."""
    a = as_array(a)
    if axis is None:
        flat = np.ravel(a)
        return sort(flat, -1, kind, order, stable=stable)
    _refuse_order(order)
    kept = primitive.alloc(*a.shape, to=array_type(typeof(a).dtype, a.ndim, layout_of("K", typeof(a))), zero=False)
    _sort_lanes(last_axis(kept, axis), last_axis(a, axis), sorts_stably(kind, stable))
    return kept


@implements(np.ndarray.sort)
def sort_in_place(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sort an array in its memory."""
    _refuse_order(order)
    lanes = last_axis(a, axis)
    if typeof(a).readonly:
        raise ValueError("sort array is read-only")
    _sort_lanes(lanes, lanes, sorts_stably(kind, stable))


def _refuse_order(order: Any) -> None:
    if order is not None:
        raise ValueError("Cannot specify order when the array has no fields.")


def _sort_lanes(target: Any, source: Any, stable: Any) -> None:
    if isinstance(typeof(source).dtype, Complex):
        _sort_complex(target, source)
    elif stable and isinstance(typeof(source).dtype, Float):
        _sort_with_zeros(target, source)
    else:
        _sort_numbers(target, source)


@out_of_line
def _sort_numbers(target: Any, source: Any) -> None:
    """Sort each lane along the last axis."""
    count = source.shape[source.ndim - 1]
    to = array_type(key_type(typeof(source).dtype), 1)
    keys, scratch = primitive.alloc(count, to=to, zero=False), primitive.alloc(count, to=to, zero=False)

    def sort_lane(index: Any) -> None:
        if count < _FEW:
            _sort_few(target, source, index, keys)
            return
        for i in in_any_order(range(count)):
            primitive.store(keys, i, to_key(primitive.load(source, *index, i)))
        done = sort_keys(keys, scratch, count)[0]
        for i in in_any_order(range(count)):
            primitive.store(target, *index, i, from_key(primitive.load(done, i), typeof(source).dtype))

    each_lane(source, sort_lane)


def _sort_few(target: Any, source: Any, index: Any, keys: Any) -> None:
    """Sort a lane by insertion. Vectors would wait for keys that were stored one by one."""
    count = source.shape[source.ndim - 1]
    for i in range(count):
        insert_key(keys, i, to_key(primitive.load(source, *index, i)))
    for i in few(range(count)):
        primitive.store(target, *index, i, from_key(primitive.load(keys, i), typeof(source).dtype))


def each_lane(array: Any, work: Any, index: Any = ()) -> None:
    """`work(index)` for each index on all axes but the last."""
    if len(index) == array.ndim - 1:
        work(index)
    else:
        for i in range(array.shape[len(index)]):
            each_lane(array, work, (*index, i))


@out_of_line
def _sort_with_zeros(target: Any, source: Any) -> None:
    """Sort floats stably: zeros of both signs are equal, and keep their order."""
    count = source.shape[source.ndim - 1]
    key, item = key_type(typeof(source).dtype), typeof(source).dtype
    keys = primitive.alloc(count, to=array_type(key, 1), zero=False)
    scratch = primitive.alloc(count, to=array_type(key, 1), zero=False)
    zeros = primitive.alloc(count, to=array_type(item, 1), zero=False)

    def sort_lane(index: Any) -> None:
        below, found = 0, 0
        for i in range(count):
            x = primitive.load(source, *index, i)
            primitive.store(keys, i, to_key(x))
            primitive.store(zeros, found, x)
            found = primitive.add(found, primitive.cast(primitive.eq(x, 0.0), to=int64))
            below = primitive.add(below, primitive.cast(primitive.lt(x, 0.0), to=int64))
        done = sort_keys(keys, scratch, count)[0]
        for i in in_any_order(range(count)):
            primitive.store(target, *index, i, from_key(primitive.load(done, i), item))
        for i in few(range(found)):
            primitive.store(target, *index, primitive.add(below, i), primitive.load(zeros, i))

    each_lane(source, sort_lane)


@out_of_line
def _sort_complex(target: Any, source: Any) -> None:
    count = source.shape[source.ndim - 1]
    pairs, scratch = _pairs(count), _pairs(count)
    items = primitive.alloc(count, to=array_type(typeof(source).dtype, 1), zero=False)

    def sort_lane(index: Any) -> None:
        for i in in_any_order(range(count)):
            primitive.store(items, i, primitive.load(source, *index, i))
        done = _order_of_lane(items, (), pairs, scratch)[0]
        for i in range(count):
            primitive.store(target, *index, i, primitive.load(items, _second(done, i)))

    each_lane(source, sort_lane)


# --- argsort


def _pairs(count: Any) -> Any:
    """Memory for keys and indices that follow each other."""
    return primitive.alloc(primitive.mul(count, 2), to=array_type(uint64, 1), zero=False)


def _second(pairs: Any, i: Any) -> Any:
    return primitive.cast(primitive.load(pairs, primitive.add(primitive.shl(i, 1), 1)), to=int64)


def _order_of_lane(source: Any, index: Any, pairs: Any, scratch: Any) -> Any:
    """The pairs whose second numbers are the indices of a lane in its order; and the other of the two arrays."""
    count = source.shape[source.ndim - 1]
    by_parts = isinstance(typeof(source).dtype, Complex)
    for i in range(count):
        start = primitive.shl(i, 1)
        primitive.store(pairs, primitive.add(start, 1), primitive.cast(i, to=uint64))
        if not by_parts:
            key = to_equal_key(primitive.load(source, *index, i))
            primitive.store(pairs, start, primitive.cast(key, to=uint64))
    return sort_by_lane(source, index, pairs, scratch) if by_parts else sort_pairs(pairs, scratch, count)


def sort_by_lane(source: Any, index: Any, pairs: Any, scratch: Any) -> Any:
    """Sort the indices in the pairs by the items of a lane, stably; the array that has the result, and the other one.

    Complex numbers are ordered by their real parts, then by their imaginary parts, those with NaN behind all others: first
    those with it as imaginary part, then as real part, then as both.
    """
    kind = typeof(source).dtype
    if not isinstance(kind, Complex):
        return _sort_by(lambda i: to_equal_key(primitive.load(source, *index, i)), pairs, scratch, source)
    done = _sort_by(lambda i: to_equal_key(primitive.imag(primitive.load(source, *index, i))), pairs, scratch, source)
    done = _sort_by(lambda i: to_equal_key(primitive.real(primitive.load(source, *index, i))), done[0], done[1], source)
    return _sort_by(lambda i: _nan_rank(primitive.load(source, *index, i)), done[0], done[1], source)


def _sort_by(key_of: Any, pairs: Any, scratch: Any, source: Any) -> Any:
    count = source.shape[source.ndim - 1]
    for i in range(count):
        primitive.store(pairs, primitive.shl(i, 1), primitive.cast(key_of(_second(pairs, i)), to=uint64))
    return sort_pairs(pairs, scratch, count)


def _nan_rank(z: Any) -> Any:
    real, imag = primitive.real(z), primitive.imag(z)
    first, second = primitive.cast(primitive.ne(real, real), to=uint64), primitive.cast(primitive.ne(imag, imag), to=uint64)
    return primitive.add(primitive.shl(first, 1), second)


@implements(np.argsort, np.ndarray.argsort)
def argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    """The indices that sort an array. Equal items are kept in their order, for every `kind`."""
    a = as_array(a)
    if axis is None or a.ndim == 0:
        return argsort(np.ravel(a), -1 if axis is None else axis, kind, order, stable=stable)
    _refuse_order(order)
    sorts_stably(kind, stable)
    made = np.empty(a.shape, np.int64)
    _argsort_lanes(last_axis(made, axis), last_axis(a, axis))
    return made


@out_of_line
def _argsort_lanes(target: Any, source: Any) -> None:
    count = source.shape[source.ndim - 1]
    pairs, scratch = _pairs(count), _pairs(count)

    def sort_lane(index: Any) -> None:
        _store_order(target, index, _order_of_lane(source, index, pairs, scratch)[0], count)

    each_lane(source, sort_lane)


def _store_order(target: Any, index: Any, pairs: Any, count: Any) -> None:
    for i in in_any_order(range(count)):
        primitive.store(target, *index, i, primitive.cast(_second(pairs, i), to=np_int64))


@implements(np.lexsort)
def lexsort(keys: Any, axis: Any = -1) -> Any:
    """The indices that sort by several keys, the last one first: a tuple of arrays, or the rows of an array."""
    if not isinstance(keys, tuple):
        return _lexsort_rows(keys, axis)
    if len(keys) == 0:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    arrays = _as_arrays(keys)
    shape = arrays[0].shape
    _check_shapes(arrays[1:], shape)
    made = np.empty(shape, np.int64)
    if len(shape) == 0:
        return np.int64(0)
    target, sources = last_axis(made, axis), _with_last_axis(arrays, axis)
    count = target.shape[target.ndim - 1]
    pairs, scratch = _pairs(count), _pairs(count)
    each_lane(target, lambda index: _store_order(target, index, _sort_by_all(sources, index, pairs, scratch)[0], count))
    return made


def _as_arrays(keys: Any) -> Any:
    return (as_array(keys[0]), *_as_arrays(keys[1:])) if len(keys) > 0 else ()


def _with_last_axis(arrays: Any, axis: Any) -> Any:
    return (last_axis(arrays[0], axis), *_with_last_axis(arrays[1:], axis)) if len(arrays) > 0 else ()


def _check_shapes(arrays: Any, shape: Any) -> None:
    if len(arrays) > 0:
        if len(arrays[0].shape) != len(shape) or arrays[0].shape != shape:
            raise ValueError("all keys need to be the same shape")
        _check_shapes(arrays[1:], shape)


def _sort_by_all(sources: Any, index: Any, pairs: Any, scratch: Any) -> Any:
    done = _order_of_lane(sources[0], index, pairs, scratch)
    return _sort_by_others(sources[1:], index, done)


def _sort_by_others(sources: Any, index: Any, done: Any) -> Any:
    if len(sources) == 0:
        return done
    return _sort_by_others(sources[1:], index, sort_by_lane(sources[0], index, done[0], done[1]))


def _lexsort_rows(keys: Any, axis: Any) -> Any:
    if keys.ndim == 1:
        return np.int64(0)
    if keys.ndim != 2:
        reject("the keys of lexsort are a tuple of arrays, or the rows of an array of two axes")
    if keys.shape[0] == 0:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    normalize_axis(axis, 1)
    count = keys.shape[1]
    pairs, scratch = _pairs(count), _pairs(count)
    done = _order_of_lane(keys, (0,), pairs, scratch)
    for row in range(1, keys.shape[0]):
        done = sort_by_lane(keys, (row,), done[0], done[1])
    made = np.empty(count, np.int64)
    _store_order(made, (), done[0], count)
    return made


# --- partition: a sorted array is partitioned at every place


@implements(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """A copy with the items at `kth` where sorting puts them, smaller ones before and larger ones behind: a sorted one."""
    a = as_array(a)
    if axis is None:
        return partition(np.ravel(a), kth, -1, kind, order)
    _check_partition(a, kth, axis, kind)
    return sort(a, axis, None, order)


@implements(np.ndarray.partition)
def partition_in_place(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> None:
    """Partition an array in its memory: it is sorted."""
    if typeof(a).readonly:
        raise ValueError("partition array is read-only")
    _check_partition(a, kth, axis, kind)
    sort_in_place(a, axis, None, order)


@implements(np.argpartition, np.ndarray.argpartition)
def argpartition(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Any:
    """The indices that partition an array: those that sort it."""
    a = as_array(a)
    if a.ndim == 0:
        return argpartition(np.ravel(a), kth, axis, kind, order)
    if axis is None:
        return argpartition(np.ravel(a), kth, -1, kind, order)
    _check_partition(a, kth, axis, kind)
    return argsort(a, axis, None, order)


def _check_partition(a: Any, kth: Any, axis: Any, kind: Any) -> None:
    _check_select_kind(kind)
    if not isinstance(kth, tuple) and isinstance(item_type(typeof(kth)), Boolean):
        raise ValueError("Booleans unacceptable as partition index")
    length = a.shape[normalize_axis(axis, a.ndim)]
    if a.size == 0:
        return
    if isinstance(kth, tuple):
        _check_each_place(kth, length)
    elif isinstance(typeof(kth), Array):
        if kth.ndim > 1:
            raise ValueError("object too deep for desired array")
        for place in kth.flat:
            _check_place(place, length)
    else:
        _check_place(kth, length)


@static_function
def _check_select_kind(kind: Any) -> None:
    if not (isinstance(kind, str) and kind.lower()[:1] == "i"):
        raise ValueError(f"select kind must be 'introselect' (got '{kind}')")


def _check_each_place(places: Any, length: Any) -> None:
    if len(places) > 0:
        _check_place(places[0], length)
        _check_each_place(places[1:], length)


def _check_place(place: Any, length: Any) -> None:
    counted = int(place) + length if place < 0 else int(place)
    if counted < 0 or counted >= length:
        raise ValueError(f"kth(={counted}) out of bounds ({length})")
