"""The order of axes in memory, where only run time knows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.array_steps import view_of
from tracer.extending import primitive, static_function


@static_function
def is_any_order(type: Any) -> bool:
    """Whether the items of an array of this type may lie in another order than that of its indices, or its indices reversed."""
    return type.layout == "A" and type.ndim > 1


def in_memory_order(a: Any, order: Any) -> Any:
    """The view of an array whose items in C order are those of `a` in the order "A" or "K"."""
    lengths, strides = np.array(a.shape), np.array(a.strides)
    if order == "K":
        _sort_axes(lengths, strides)
    elif a.flags.fnc:
        lengths, strides = lengths[::-1].copy(), strides[::-1].copy()
    return view_of(a, 0, _all_of(lengths, a.ndim), _all_of(strides, a.ndim))


def _sort_axes(lengths: Any, strides: Any) -> None:
    """Put axes with larger distances between items first, as NumPy's iterators do: by an insertion sort from the last axis on, in which
    an axis passes those that say nothing, as they have one item or one for all."""
    count = len(lengths)
    for i in range(count - 2, -1, -1):
        length, stride = primitive.load(lengths, i), primitive.load(strides, i)
        place = i
        for j in range(i + 1, count):
            other = primitive.load(strides, j)
            if length != 1 and stride != 0 and primitive.load(lengths, j) != 1 and other != 0:
                if abs(other) <= abs(stride):
                    break
                place = j
        for k in range(i, place):
            primitive.store(lengths, k, primitive.load(lengths, k + 1))
            primitive.store(strides, k, primitive.load(strides, k + 1))
        primitive.store(lengths, place, length)
        primitive.store(strides, place, stride)


def _all_of(numbers: Any, count: Any) -> Any:
    return () if count == 0 else (*_all_of(numbers, count - 1), int(primitive.load(numbers, count - 1)))
