"""New arrays."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Boolean, Time, Type, int64, uint64
from tracer.array_steps import cast_item, generate
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_types import array_type, class_of_item, item_type, layout_of, leaf_type
from tracer.typeof import typeof


def as_shape(shape: Any) -> Any:
    """A shape as a tuple of lengths that are not negative; ValueError otherwise."""
    lengths = as_lengths(shape)
    _check_lengths(lengths)
    return lengths


def as_lengths(shape: Any) -> Any:
    """A shape as a tuple of ints."""
    if isinstance(typeof(shape), Array) and typeof(shape).ndim > 0:
        reject("the number of axes must be known while tracing: a shape is an integer, or a tuple of them")
    return tuple(_length(n) for n in shape) if isinstance(shape, tuple) else (_length(shape),)


def _length(n: Any) -> Any:
    if isinstance(typeof(n), Boolean):
        raise TypeError("an integer is required")
    if typeof(n) is uint64 and n > int64.maximum:
        raise ValueError("Maximum allowed dimension exceeded")
    return operator.index(n)


def _check_lengths(lengths: Any) -> None:
    if len(lengths) > 0:
        if lengths[0] < 0:
            raise ValueError("negative dimensions are not allowed")
        _check_lengths(lengths[1:])


def _allocate(shape: Any, dtype: Any, layout: Any, zero: Any) -> Any:
    lengths = as_shape(shape)
    return primitive.alloc(*lengths, to=array_type(item_type(dtype), len(lengths), layout), zero=zero)


@implements(np.empty)
def empty(shape: Any, dtype: Any = float, order: Any = "C") -> Any:
    """A new array with any contents."""
    return _allocate(shape, dtype, layout_of(order), False)


@implements(np.zeros)
def zeros(shape: Any, dtype: Any = float, order: Any = "C") -> Any:
    """A new array of zeros."""
    return _allocate(shape, dtype, layout_of(order), True)


@implements(np.ones)
def ones(shape: Any, dtype: Any = None, order: Any = "C") -> Any:
    """A new array of ones."""
    return full(shape, 1, item_type(dtype), order)


@implements(np.full)
def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C") -> Any:
    """A new array with the same number everywhere, or with the items of an array stretched to the shape."""
    if isinstance(fill_value, tuple):
        return full(shape, np.array(fill_value), dtype, order)
    item = typeof(fill_value)
    if dtype is not None:
        kind = item_type(dtype)
    elif isinstance(item, Array):
        kind = item.dtype
    else:
        kind = item_type(item)
    if isinstance(item, Array):
        return _filled(np.empty(shape, kind, order), fill_value)
    value = _as_item(kind, fill_value)
    return generate(as_shape(shape), lambda: value, layout=layout_of(order), indexed=False)


def _as_item(kind: Any, value: Any) -> Any:
    """A number as an item: as a store converts it, but for times, of which all are converted here."""
    between_times = isinstance(kind, Time) and isinstance(typeof(value), Time)
    return cast_item(value, kind) if between_times else class_of_item(kind)(value)


def _filled(made: Any, items: Any) -> Any:
    made[...] = items
    return made


# --- like another array


@implements(np.empty_like)
def empty_like(prototype: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None) -> Any:
    """A new array with the shape and dtype of another one and any contents."""
    return _allocate_like(prototype, dtype, order, shape, False)


@implements(np.zeros_like)
def zeros_like(a: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None) -> Any:
    """A new array of zeros with the shape and dtype of another one."""
    return _allocate_like(a, dtype, order, shape, True)


@implements(np.ones_like)
def ones_like(a: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None) -> Any:
    """A new array of ones with the shape and dtype of another one."""
    return full_like(a, 1, dtype, order, shape=shape)


@implements(np.full_like)
def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None
) -> Any:  # fmt: skip
    """A new array with the shape and dtype of another one, and one number everywhere."""
    if isinstance(fill_value, tuple):
        return full_like(a, np.array(fill_value), dtype, order, shape=shape)
    lengths = _lengths_like(a, shape)
    kind = _item_like(a, dtype)
    layout = _layout_like(typeof(a), order, len(lengths))
    if isinstance(typeof(fill_value), Array):
        return _filled(primitive.alloc(*lengths, to=array_type(kind, len(lengths), layout), zero=False), fill_value)
    value = _as_item(kind, fill_value)
    return generate(lengths, lambda: value, layout=layout, indexed=False)


def _allocate_like(a: Any, dtype: Any, order: Any, shape: Any, zero: Any) -> Any:
    lengths = _lengths_like(a, shape)
    to = array_type(_item_like(a, dtype), len(lengths), _layout_like(typeof(a), order, len(lengths)))
    return primitive.alloc(*lengths, to=to, zero=zero)


def _lengths_like(a: Any, shape: Any) -> Any:
    if shape is not None:
        return as_shape(shape)
    return np.asarray(a).shape


def _item_like(a: Any, dtype: Any) -> Any:
    return leaf_type(typeof(a)) if dtype is None else item_type(dtype)


@static_function
def _layout_like(type: Type, order: str, ndim: int) -> str:
    """The layout of a new array: that of the other one if it has as many axes."""
    keeps = isinstance(type, Array) and type.ndim == ndim
    return layout_of("C" if order == "K" and not keeps else order, type)


# --- ones on a diagonal


@implements(np.eye)
def eye(N: Any, M: Any = None, k: Any = 0, dtype: Any = float, order: Any = "C") -> Any:
    """A matrix of zeros with ones on its k-th diagonal."""
    rows, columns = as_shape((N, N if M is None else M))
    made = primitive.alloc(rows, columns, to=array_type(item_type(dtype), 2, layout_of(order)), zero=True)
    first, last = max(0, -k), min(rows, columns - k)
    one = class_of_item(item_type(dtype))(1)
    for i in range(first, last):
        primitive.store(made, i, i + k, one)
    return made


@implements(np.identity)
def identity(n: Any, dtype: Any = float) -> Any:
    """The identity matrix."""
    return eye(n, None, 0, item_type(dtype))
