"""The order of axes in memory, where only run time knows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.array_steps import view_of
from tracer.extending import static_function
from tracer.library.array_conversion import range_of


@static_function
def is_any_order(type: Any) -> bool:
    """Whether the items of an array of this type may lie in another order than that of its indices, or its indices reversed."""
    return type.layout == "A" and type.ndim > 1


def in_memory_order(a: Any, order: Any) -> Any:
    """The view of an array whose items in C order are those of `a` in the order "A" or "K"."""
    lengths, strides = np.array(a.shape), np.array((a.strides,))
    if order == "K":
        _sort_axes(lengths, strides)
    elif a.flags.fnc:
        lengths, strides = lengths[::-1].copy(), strides[:, ::-1].copy()
    return view_of(a, 0, _all_of(lengths, a.ndim), _all_of(strides[0], a.ndim))


def iteration_order(lengths: Any, strides: Any) -> Any:
    """How `np.nditer` goes through operands with these strides, a tuple for each: the lengths and strides of the axes from the outermost on, and
    how many bytes behind the first item of an operand it begins. Axes that all operands have backwards are turned round."""
    sizes, steps = np.array(lengths), np.array(strides)
    _sort_axes(sizes, steps)
    begins = np.zeros(len(strides), np.int64)
    for axis in range(len(sizes)):
        if steps[:, axis].max() <= 0:
            begins += (sizes[axis] - 1) * steps[:, axis]
            steps[:, axis] *= -1
    count = len(lengths)
    return _all_of(sizes, count), tuple(_all_of(steps[k], count) for k in range_of(len(strides))), _all_of(begins, len(strides))


def _sort_axes(lengths: Any, strides: Any) -> None:
    """Put axes with larger distances between items first, as NumPy's iterators do: by an insertion sort from the last axis on, in which
    an axis passes those that say nothing, as they have one item or one for all."""
    count = len(lengths)
    for i in range(count - 2, -1, -1):
        place = i
        for j in range(i + 1, count):
            if not _says_nothing(lengths, strides, i, j):
                if not _is_nearer(strides, i, j):
                    break
                place = j
        for k in range(i, place):
            _exchange(lengths, strides, k)


def _says_nothing(lengths: Any, strides: Any, i: Any, j: Any) -> Any:
    """Whether no operand has items at distances along both axes."""
    if lengths[i] == 1 or lengths[j] == 1:
        return True
    for k in range(len(strides)):
        if strides[k, i] != 0 and strides[k, j] != 0:
            return False
    return True


def _is_nearer(strides: Any, i: Any, j: Any) -> Any:
    """Whether items along the first axis are nearer to each other than along the second in all operands that tell."""
    for k in range(len(strides)):
        if strides[k, i] != 0 and strides[k, j] != 0 and abs(strides[k, j]) <= abs(strides[k, i]):
            return False
    return True


def _exchange(lengths: Any, strides: Any, axis: Any) -> None:
    lengths[axis], lengths[axis + 1] = lengths[axis + 1], lengths[axis]
    for k in range(len(strides)):
        strides[k, axis], strides[k, axis + 1] = strides[k, axis + 1], strides[k, axis]


def _all_of(numbers: Any, count: Any) -> Any:
    return () if count == 0 else (*_all_of(numbers, count - 1), int(numbers[count - 1]))
