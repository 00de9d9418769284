"""Arrays put together along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array, Scalar
from tracer.array_steps import assign_items, cast_item, view_of
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_conversion import can_cast, cast_refusal, range_of
from tracer.library.array_types import array_type, class_of_item, common_type, item_type, normalize_axis, together
from tracer.typeof import typeof


@implements(np.concatenate)
def concatenate(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """The arrays of a tuple one after the other along an axis; with `axis=None` all items on one.

    Raises ValueError where the other lengths differ.
    """
    if isinstance(typeof(arrays), Array):
        return _finished(_concatenate_rows(arrays, axis), out, dtype, casting)
    if axis is None and len(arrays) > 0:  # only here single numbers may stand among the arrays, and Python's adapt to them
        kind = common_type(*(_type_in_promotion(a) for a in arrays)) if dtype is None else item_type(dtype)
        return _concatenate(tuple(_line_of(a, kind) for a in arrays), 0, out, kind if out is None else None, casting)
    parts = tuple(np.asarray(a) for a in arrays)
    return _concatenate(parts, axis, out, dtype, casting)


def _type_in_promotion(a: Any) -> Any:
    return typeof(a) if isinstance(typeof(a), Scalar) else typeof(np.asarray(a))


def _line_of(a: Any, kind: Any) -> Any:
    return np.ravel(class_of_item(kind)(a) if isinstance(typeof(a), Scalar) and typeof(a).weak else a)


def _finished(made: Any, out: Any, dtype: Any, casting: Any) -> Any:
    """What was made of the rows of an array, in the type that is asked for, or in the output."""
    if out is None:
        return made if dtype is None else made.astype(dtype, casting=casting)
    if out.ndim != made.ndim or out.shape != made.shape:
        raise ValueError("Output array is the wrong shape")
    np.copyto(out, made, casting)
    return out


def _concatenate(parts: Any, axis: Any, out: Any, dtype: Any, casting: Any) -> Any:
    problem = _rank_problem(tuple(a.ndim for a in parts))
    if problem is not None:
        raise ValueError(problem)
    at = normalize_axis(axis, parts[0].ndim)
    _check_others(parts[1:], parts[0].shape, at, 1)
    kind = common_type(*(typeof(a) for a in parts)) if dtype is None else item_type(dtype)
    shape = parts[0].shape
    lengths = (*shape[:at], _total(parts, at), *shape[at + 1 :])
    made = _target(parts, lengths, kind, out, casting)
    to = typeof(made).dtype
    strides, before = made.strides, 0
    for a in parts:
        part = view_of(made, primitive.mul(before, strides[at]), a.shape, strides, layout=_part_layout(typeof(made), at))
        assign_items(part, lambda x: cast_item(x, to), a)
        before = primitive.add(before, a.shape[at])
    return made


def _target(parts: Any, lengths: Any, kind: Any, out: Any, casting: Any) -> Any:
    """The array that is written: `out`, or a new one."""
    to = kind if out is None else typeof(out).dtype
    for a in parts:
        if not can_cast(typeof(a).dtype, to, casting):
            reject(cast_refusal(typeof(a).dtype, to, casting))
    if out is None:
        layout = joined_layout(tuple(typeof(a) for a in parts), tuple(_long_axes(a.shape) for a in parts))
        return primitive.alloc(*lengths, to=array_type(kind, len(lengths), layout), zero=False)
    if out.ndim != len(lengths):
        raise ValueError("Output array has wrong dimensionality")
    for i in range_of(len(lengths)):
        if out.shape[i] != lengths[i]:
            raise ValueError("Output array is the wrong shape")
    return out


@static_function
def _rank_problem(ranks: tuple[int, ...]) -> str | None:
    if not ranks:
        return "need at least one array to concatenate"
    if 0 in ranks:
        return "zero-dimensional arrays cannot be concatenated"
    for i, rank in enumerate(ranks):
        if rank != ranks[0]:
            return (
                "all the input arrays must have same number of dimensions, but the array at index 0 has "
                f"{ranks[0]} dimension(s) and the array at index {i} has {rank} dimension(s)"
            )
    return None


@static_function
def joined_layout(operands: tuple[Array, ...], long_axes: tuple[int, ...]) -> str:
    """The layout of an array made of others: "F" where all with more than one axis that matters are in Fortran order."""
    deciding = {t.layout for t, count in zip(operands, long_axes) if count > 1}
    return "F" if deciding == {"F"} else "C"


@static_function
def _part_layout(type: Array, axis: int) -> str:
    """The layout of a part of an array that is cut along an axis."""
    outermost = {"C": 0, "F": type.ndim - 1}.get(type.layout)
    return type.layout if axis == outermost else "A"


def _long_axes(shape: Any) -> Any:
    """How many lengths are not known to be 1."""
    if len(shape) == 0:
        return 0
    rest = _long_axes(shape[1:])
    return rest if known(shape[0]) is not None and shape[0] == 1 else rest + 1


def _check_others(parts: Any, shape: Any, axis: Any, number: Any) -> None:
    """ValueError where a length other than that of the axis differs from the first array's."""
    if len(parts) > 0:
        for i in range_of(len(shape)):
            if i != axis and parts[0].shape[i] != shape[i]:
                raise ValueError(
                    "all the input array dimensions except for the concatenation axis must match exactly, but along dimension "
                    f"{i}, the array at index 0 has size {shape[i]} and the array at index {number} has size {parts[0].shape[i]}"
                )
        _check_others(parts[1:], shape, axis, number + 1)


def _total(parts: Any, axis: Any) -> Any:
    if len(parts) == 1:
        return parts[0].shape[axis]
    return together(parts[0].shape[axis], _total(parts[1:], axis))


def _concatenate_rows(a: Any, axis: Any) -> Any:
    """`np.concatenate` of an array: the parts along its first axis."""
    if a.ndim < 2 and axis is not None:
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    if len(a) == 0:
        raise ValueError("need at least one array to concatenate")
    if axis is None:
        return a.flatten()
    at = normalize_axis(axis, a.ndim - 1)
    moved = np.moveaxis(a, 0, at)
    shape = moved.shape
    return moved.copy().reshape((*shape[:at], shape[at] * shape[at + 1], *shape[at + 2 :]))


# --- stacks


@implements(np.stack)
def stack(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays of one shape side by side along a new axis."""
    if isinstance(typeof(arrays), Array):
        if len(arrays) == 0:
            raise ValueError("need at least one array to stack")
        return _finished(np.moveaxis(arrays, 0, axis).copy(), out, dtype, casting)
    parts = tuple(np.asarray(a) for a in arrays)
    if len(parts) == 0:
        raise ValueError("need at least one array to stack")
    _check_same_shapes(parts[1:], parts[0])
    at = normalize_axis(axis, parts[0].ndim + 1)
    return _concatenate(tuple(np.expand_dims(a, at) for a in parts), at, out, dtype, casting)


def _check_same_shapes(parts: Any, first: Any) -> None:
    for a in parts:
        if a.ndim != first.ndim:
            raise ValueError("all input arrays must have the same shape")
        for i in range_of(a.ndim):
            if a.shape[i] != first.shape[i]:
                raise ValueError("all input arrays must have the same shape")


def _parts(tup: Any) -> Any:
    """The arrays of a tuple, or the first axis of an array where its length is known."""
    return tuple(np.asarray(a) for a in tup)


@implements(np.vstack)
def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays one above the other: along the first of at least two axes."""
    return _concatenate(tuple(np.atleast_2d(a) for a in _parts(tup)), 0, None, dtype, casting)


@implements(np.hstack)
def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays side by side: along the second axis, or the only one."""
    parts = tuple(np.atleast_1d(a) for a in _parts(tup))
    axis = 0 if len(parts) == 0 or parts[0].ndim == 1 else 1
    return _concatenate(parts, axis, None, dtype, casting)


@implements(np.dstack)
def dstack(tup: Any) -> Any:
    """Arrays one behind the other: along the third axis."""
    return _concatenate(tuple(np.atleast_3d(a) for a in _parts(tup)), 2, None, None, "same_kind")


@implements(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Arrays of one axis as the columns of a matrix, together with matrices."""
    return _concatenate(tuple(_as_columns(a) for a in _parts(tup)), 1, None, None, "same_kind")


def _as_columns(a: Any) -> Any:
    if a.ndim == 0:
        return a[None, None]
    return a[:, None] if a.ndim == 1 else a


if hasattr(np, "row_stack"):
    implements(np.row_stack)(vstack)


@implements(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """A new array with values behind those of the array; without an axis all on one."""
    if axis is None:
        return _concatenate((np.ravel(arr), np.ravel(values)), 0, None, None, "same_kind")
    return _concatenate((np.asarray(arr), np.asarray(values)), axis, None, None, "same_kind")


@implements(np.block)
def block(arrays: Any) -> Any:
    """An array of blocks in nested tuples: the innermost are joined along the last axis, those around them along the one before."""
    depth = _depth(arrays)
    if depth == 0:
        return np.asarray(arrays).copy()
    return _block(arrays, depth, max(depth, _rank(arrays)))


def _depth(arrays: Any) -> Any:
    return 1 + _depth(arrays[0]) if isinstance(arrays, tuple) else 0


def _rank(arrays: Any) -> Any:
    if not isinstance(arrays, tuple):
        return np.asarray(arrays).ndim
    highest = 0
    for part in arrays:
        highest = max(highest, _rank(part))
    return highest


def _block(arrays: Any, depth: Any, ndim: Any) -> Any:
    if depth == 0:
        a = np.asarray(arrays)
        return a if a.ndim >= ndim else a[(None,) * (ndim - a.ndim)]
    return _concatenate(tuple(_block(part, depth - 1, ndim) for part in arrays), -depth, None, None, "same_kind")
