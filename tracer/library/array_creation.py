"""New arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array
from tracer.array_steps import cast_item, generate
from tracer.extending import implements, primitive
from tracer.library.array_types import array_type, class_of_item, item_type, layout_of
from tracer.typeof import typeof


def as_shape(shape: Any) -> Any:
    """A shape as a tuple of lengths that are not negative; ValueError otherwise."""
    lengths = shape if isinstance(shape, tuple) else (shape,)
    _check_lengths(lengths)
    return lengths


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
    item = typeof(fill_value)
    if dtype is not None:
        kind = item_type(dtype)
    elif isinstance(item, Array):
        kind = item.dtype
    else:
        kind = item_type(item)
    if isinstance(item, Array):
        return generate(as_shape(shape), lambda x: cast_item(x, kind), fill_value, layout=layout_of(order), indexed=False)
    value = class_of_item(kind)(fill_value)
    return generate(as_shape(shape), lambda: value, layout=layout_of(order), indexed=False)
