"""Cumulative sums and products, and differences."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.array_steps import assign_items, cast_item
from tracer.extending import implements, primitive
from tracer.library.array_reductions import as_operand, refuse_readonly, single
from tracer.library.array_types import array_type, layout_of_array, ndim_of, normalize_axis, sum_type
from tracer.typeof import typeof


def accumulate(step: Any, a: Any, axis: Any, kind: Any, out: Any) -> Any:
    """`step` folded along an axis, with all states; axis None is that of the flattened array."""
    at = 0 if axis is None else normalize_axis(axis, max(1, ndim_of(typeof(a))))
    if axis is None or ndim_of(typeof(a)) == 0:
        a = np.ravel(a)
    target = primitive.alloc(*a.shape, to=array_type(kind, a.ndim, _layout(typeof(a))), zero=False)
    _scan(step, a, target, at, (), kind)
    if out is None:
        return target
    return _into(single(out), target)


def _layout(type: Any) -> Any:
    return "F" if layout_of_array(type) == "F" else "C"


def _into(out: Any, found: Any) -> Any:
    refuse_readonly(out)
    if out.ndim != found.ndim or out.shape != found.shape:
        raise ValueError("provided out is the wrong size for the accumulation.")
    assign_items(out, lambda x: x, found)
    return out


def _scan(step: Any, a: Any, target: Any, axis: Any, position: Any, kind: Any) -> None:
    """Loops over the axes in order. Behind the axis of the scan, each step does all items side by side."""
    if len(position) < axis:
        for i in range(a.shape[len(position)]):
            _scan(step, a, target, axis, (*position, i), kind)
    elif axis == a.ndim - 1:
        _scan_line(step, a, target, position, kind)
    else:
        _scan_rows(step, a, target, position, kind)


def _scan_line(step: Any, a: Any, target: Any, position: Any, kind: Any) -> None:
    count = a.shape[-1]
    if count > 0:
        state = cast_item(primitive.load(a, *position, 0), kind)
        primitive.store(target, *position, 0, state)
        for i in range(1, count):
            state = step(state, cast_item(primitive.load(a, *position, i), kind))
            primitive.store(target, *position, i, state)


def _scan_rows(step: Any, a: Any, target: Any, position: Any, kind: Any) -> None:
    count = a.shape[len(position)]
    if count > 0:
        target[(*position, 0)] = a[(*position, 0)]
        for i in range(1, count):
            assign_items(
                target[(*position, i)], lambda s, x: step(s, cast_item(x, kind)), target[(*position, i - 1)], a[(*position, i)]
            )


def _add(a: Any, b: Any) -> Any:
    return a + b


def _multiply(a: Any, b: Any) -> Any:
    return a * b


@implements(np.cumsum, np.ndarray.cumsum, np.generic.cumsum)
def cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """The sums of the items up to each one, added one by one."""
    a = as_operand(a)
    return accumulate(_add, a, axis, sum_type(typeof(a), dtype, typeof(single(out))), out)


@implements(np.cumprod, np.ndarray.cumprod, np.generic.cumprod)
def cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """The products of the items up to each one."""
    a = as_operand(a)
    return accumulate(_multiply, a, axis, sum_type(typeof(a), dtype, typeof(single(out))), out)
