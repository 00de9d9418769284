"""The methods of ufuncs: reduce, accumulate, reduceat, outer, at. Calls get the ufunc first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array
from tracer.array_steps import assign_items, broadcast_lengths, cast_item
from tracer.extending import implements, primitive, reject
from tracer.library.array_extremes import maximum, minimum
from tracer.library.array_nan import nanmax, nanmin
from tracer.library.array_reductions import (
    NOTHING, all_true, any_true, as_mask, as_operand, count_along, delivered, kept_lengths, product, refuse_readonly, shape_of, single, store,
    total,
)  # fmt: skip
from tracer.library.array_scans import accumulate
from tracer.library.array_types import accumulation_type, identity_of, is_reorderable, ndim_of, normalize_axis, other_axes, reduced_axes
from tracer.typeof import typeof


@implements(np.ufunc.reduce)
def reduce(
    ufunc: Any, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING,
    where: Any = True,
) -> Any:  # fmt: skip
    """A function of two numbers folded along an axis (None: all)."""
    if ufunc is np.add:
        return total(array, axis, dtype, out, keepdims, initial, where)
    if ufunc is np.multiply:
        return product(array, axis, dtype, out, keepdims, initial, where)
    if ufunc is np.maximum and dtype is None:
        return maximum(array, axis, out, keepdims, initial, where)
    if ufunc is np.minimum and dtype is None:
        return minimum(array, axis, out, keepdims, initial, where)
    if ufunc is np.fmax and dtype is None:
        return nanmax(array, axis, out, keepdims, initial, where)
    if ufunc is np.fmin and dtype is None:
        return nanmin(array, axis, out, keepdims, initial, where)
    if ufunc is np.logical_or and initial is NOTHING and dtype is None:
        return any_true(array, axis, out, keepdims, where=where)
    if ufunc is np.logical_and and initial is NOTHING and dtype is None:
        return all_true(array, axis, out, keepdims, where=where)
    return _fold_in_order(ufunc, as_operand(array), axis, dtype, out, keepdims, initial, where)


def _fold_in_order(ufunc: Any, a: Any, axis: Any, dtype: Any, out: Any, keepdims: Any, initial: Any, where: Any) -> Any:
    """From the first item along the axis to the last."""
    refuse_readonly(single(out))
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    kind = accumulation_type(ufunc, typeof(a), dtype, typeof(single(out)))
    if len(axes) > 1 and not is_reorderable(ufunc):
        raise ValueError(f"reduction operation '{ufunc.__name__}' is not reorderable, so at most one axis may be specified")
    lines = _lines(a, axes)
    count = lines.shape[0]
    start = identity_of(ufunc) if initial is NOTHING else initial
    result = np.empty(lines.shape[1:], kind)
    first = 0
    if start is not None:
        result[...] = cast_item(start, kind)
    elif where is not True:
        raise ValueError(
            f"reduction operation '{ufunc.__name__}' does not have an identity, so to use a where mask one has to specify 'initial'"
        )
    elif count == 0:
        raise ValueError(f"zero-size array to reduction operation {ufunc.__name__} which has no identity")
    else:
        result[...] = lines[0]
        first = 1
    if where is True:
        for i in range(first, count):
            assign_items(result, lambda s, x: _step(ufunc, s, x, kind), result, lines[i])
    else:
        _fold_where(ufunc, result, lines, _lines(np.broadcast_to(as_mask(where, a), shape_of(a)), axes), kind)
    return delivered(result if result.ndim > 0 else result[()], a, axes, keepdims, out, ufunc.__name__)


def _lines(a: Any, axes: Any) -> Any:
    """What is folded in turn: the subarrays along an axis or several, or all items, or the array alone."""
    if len(axes) == ndim_of(typeof(a)):
        return np.ravel(a)
    if len(axes) < 2:
        return np.moveaxis(a, axes[0], 0) if len(axes) == 1 else np.expand_dims(a, 0)
    in_front = np.transpose(a, (*axes, *other_axes(a.ndim, axes)))
    return np.reshape(in_front, (count_along(a, axes), *kept_lengths(a.shape, axes)))


def _fold_where(ufunc: Any, result: Any, lines: Any, masks: Any, kind: Any) -> None:
    for i in range(lines.shape[0]):
        assign_items(
            result, lambda s, x, w: primitive.select(bool(w), _step(ufunc, s, x, kind), s), result, lines[i], masks[i]
        )


def _step(ufunc: Any, state: Any, item: Any, kind: Any) -> Any:
    return cast_item(ufunc(state, cast_item(item, kind)), kind)


@implements(np.ufunc.accumulate)
def accumulate_along(ufunc: Any, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """A function of two numbers folded along an axis, with all states."""
    a = as_operand(array)
    if ndim_of(typeof(a)) == 0:
        reject("TypeError: cannot accumulate on a scalar")
    kind = accumulation_type(ufunc, typeof(a), dtype, typeof(single(out)))
    return accumulate(lambda s, x: _step(ufunc, s, x, kind), a, axis, kind, out)


@implements(np.ufunc.reduceat)
def reduce_at(ufunc: Any, array: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """A function of two numbers folded along an axis from each index up to the next one; where that is no further, the item there."""
    a, starts = as_operand(array), np.asarray(indices)
    if ndim_of(typeof(a)) == 0:
        reject("TypeError: cannot reduceat on a scalar")
    if starts.ndim != 1:
        raise ValueError("object too deep for desired array" if starts.ndim > 1 else "object of too small depth for desired array")
    kind = accumulation_type(ufunc, typeof(a), dtype, typeof(single(out)))
    at = normalize_axis(axis, a.ndim)
    lines = np.moveaxis(a, at, 0)
    _check_starts(ufunc, starts, lines.shape[0])
    made = np.empty((*a.shape[:at], len(starts), *a.shape[at + 1 :]), kind)
    rows = np.moveaxis(made, at, 0)
    for k in range(len(starts)):
        first = int(starts[k])
        last = int(starts[k + 1]) if k + 1 < len(starts) else lines.shape[0]
        rows[k, ...] = lines[first, ...]
        for i in range(first + 1, last):
            assign_items(rows[k, ...], lambda s, x: _step(ufunc, s, x, kind), rows[k, ...], lines[i, ...])
    if out is None:
        return made
    return store(made, single(out), "add")


def _check_starts(ufunc: Any, starts: Any, length: Any) -> None:
    for start in starts:
        if start < 0 or start >= length:
            raise IndexError(f"index {int(start)} out-of-bounds in {ufunc.__name__}.reduceat [0, {length})")


@implements(np.ufunc.outer)
def outer(ufunc: Any, a: Any, b: Any) -> Any:
    """The function of each item of a with each item of b."""
    a, b = as_operand(a), as_operand(b)
    if isinstance(typeof(a), Array) and ndim_of(typeof(b)) > 0:
        return ufunc(np.expand_dims(a, tuple(range(a.ndim, a.ndim + b.ndim))), b)
    return ufunc(a, b)


@implements(np.ufunc.at)
def at(ufunc: Any, a: Any, indices: Any, b: Any = NOTHING) -> None:
    """`a[index] = ufunc(a[index], b)` for each index in turn: where one comes twice, both count."""
    places = indices if isinstance(indices, tuple) else (indices,)
    if len(places) > a.ndim:
        raise IndexError(f"too many indices for array: array is {a.ndim}-dimensional, but {len(places)} were indexed")
    if len(places) < a.ndim:
        _at_rows(ufunc, a, places, b)
        return
    lengths = _common(places)
    flat = _flattened(places, lengths)
    count = _size(lengths)
    for i in range(count):
        a[_at(flat, i)]  # all indices are in range before anything is written
    if b is NOTHING:
        for i in range(count):
            index = _at(flat, i)
            a[index] = ufunc(a[index])
    else:
        values = np.ravel(np.broadcast_to(b, lengths))
        for i in range(count):
            index = _at(flat, i)
            a[index] = ufunc(a[index], values[i])


def _at_rows(ufunc: Any, a: Any, places: Any, b: Any) -> None:
    """`ufunc.at` with indices on the first axes only: each of them is of a whole subarray."""
    lengths = _common(places)
    flat = _flattened(places, lengths)
    count = _size(lengths)
    for i in range(count):
        a[_at(flat, i)]
    if b is NOTHING:
        for i in range(count):
            row = a[_at(flat, i)]
            ufunc(row, out=row)
    else:
        rest = a.shape[len(places) :]
        values = np.reshape(np.broadcast_to(b, (*lengths, *rest)), (count, *rest))
        for i in range(count):
            row = a[_at(flat, i)]
            ufunc(row, values[i, ...], out=row)


def _common(places: Any) -> Any:
    if len(places) == 1:
        return np.shape(places[0])
    return broadcast_lengths(np.shape(places[0]), _common(places[1:]))


def _flattened(places: Any, lengths: Any) -> Any:
    if len(places) == 0:
        return ()
    return (np.ravel(np.broadcast_to(places[0], lengths)), *_flattened(places[1:], lengths))


def _at(flat: Any, i: Any) -> Any:
    return () if len(flat) == 0 else (flat[0][i], *_at(flat[1:], i))


def _size(lengths: Any) -> Any:
    return 1 if len(lengths) == 0 else lengths[0] * _size(lengths[1:])
