"""The largest and the smallest items, and where they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir.types import Array, Boolean, Complex, Float, Integer, Time
from tracer.array_steps import cast_item, fold_items, view_of
from tracer.extending import implements, primitive, reject
from tracer.library.array_conversion import can_cast
from tracer.library.array_reductions import (
    NOTHING, as_operand, check_output, count_along, delivered, fold_axes, kept_lengths, lengths_with_ones, shape_of, single,
    with_kept_axes,
)  # fmt: skip
from tracer.library.array_types import class_of_item, item_type, layout_of_array, ndim_of, reduced_axes, result_kind
from tracer.library.array_ufuncs import is_nan, larger, smaller
from tracer.library.times import count_of, earliest, latest
from tracer.typeof import typeof


_BLOCK = 2048


def lowest(kind: Any) -> Any:
    """What no item of the type is below."""
    if isinstance(kind, Integer):
        return primitive.cast(kind.minimum, to=kind)
    if isinstance(kind, Time):
        return earliest(kind)
    if isinstance(kind, Boolean):
        return np.bool_(False)
    return _number(-math.inf, kind)


def highest(kind: Any) -> Any:
    """What no item of the type is above."""
    if isinstance(kind, Integer):
        return primitive.cast(kind.maximum, to=kind)
    if isinstance(kind, Time):
        return latest(kind)
    if isinstance(kind, Boolean):
        return np.bool_(True)
    return _number(math.inf, kind)


def _number(value: Any, kind: Any) -> Any:
    if isinstance(kind, Complex):
        part = primitive.cast(value, to=kind.part)
        return primitive.complex_(part, part)
    return primitive.cast(value, to=kind)


def require_items(a: Any, axes: Any, name: Any) -> None:
    """ValueError where no items are reduced to one."""
    if count_along(a, axes) == 0:
        raise ValueError(f"zero-size array to reduction operation {name} which has no identity")


def _extreme(a: Any, axis: Any, out: Any, keepdims: Any, initial: Any, where: Any, choose: Any, neutral: Any, name: Any) -> Any:
    a = as_operand(a)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    kind = result_kind(typeof(a), typeof(single(out)))
    if out is not None:  # what is wrong with it comes before what is wrong with the array
        lengths = lengths_with_ones(shape_of(a), axes) if keepdims else kept_lengths(shape_of(a), axes)
        check_output(single(out), lengths, name, keepdims)
    return delivered(extreme_along(a, axes, kind, initial, where, choose, neutral, name), a, axes, keepdims, out, name)


def extreme_along(a: Any, axes: Any, kind: Any, initial: Any, where: Any, choose: Any, neutral: Any, name: Any) -> Any:
    """The items along the axes, converted to `kind`, folded by `choose`, of which `neutral(kind)` is the neutral item."""
    if initial is NOTHING or initial is None:
        if where is not True:
            raise ValueError(
                f"reduction operation '{name}' does not have an identity, so to use a where mask one has to specify 'initial'"
            )
        require_items(a, axes, name)
        start = neutral(kind)
    else:
        start = class_of_item(kind)(initial)
    return fold_axes(lambda s, x: choose(s, cast_item(x, kind)), start, a, axes, where)


@implements(np.max, np.amax, np.ndarray.max, np.generic.max)
def maximum(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True) -> Any:
    """The largest item; NaN if there is one."""
    return _extreme(a, axis, out, keepdims, initial, where, larger, lowest, "maximum")


@implements(np.min, np.amin, np.ndarray.min, np.generic.min)
def minimum(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True) -> Any:
    """The smallest item; NaN if there is one."""
    return _extreme(a, axis, out, keepdims, initial, where, smaller, highest, "minimum")


@implements(np.ptp)
def ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """The largest item less the smallest one."""
    a = as_operand(a)
    if out is None and isinstance(item_type(typeof(a)), Boolean):
        reject("numpy boolean subtract, the `-` operator, is not supported", hint="convert the array to integers")
    largest = maximum(a, axis, out, keepdims)
    return np.subtract(largest, minimum(a, axis, None, keepdims), out=None if out is None else single(out))


# --- where the extreme is


@implements(np.argmax, np.ndarray.argmax, np.generic.argmax)
def argmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """The index of the first of the largest items, or of the first NaN."""
    return _position(as_operand(a), axis, out, keepdims, larger, lowest, "argmax")


@implements(np.argmin, np.ndarray.argmin, np.generic.argmin)
def argmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """The index of the first of the smallest items, or of the first NaN."""
    return _position(as_operand(a), axis, out, keepdims, smaller, highest, "argmin")


def _position(a: Any, axis: Any, out: Any, keepdims: Any, choose: Any, neutral: Any, name: Any) -> Any:
    ndim = ndim_of(typeof(a))
    if isinstance(axis, tuple):
        reject(f"{name} takes one axis", hint="leave axis= out for the index in the flattened array")
    axes = reduced_axes(axis, ndim)
    if count_along(a, axes) == 0:
        raise ValueError(f"attempt to get {name} of an empty sequence")
    if out is not None:
        lengths = lengths_with_ones(shape_of(a), axes) if keepdims else kept_lengths(shape_of(a), axes)
        if not isinstance(typeof(out), Array) or shape_of(out) != lengths:
            raise ValueError(f"output array does not match result of np.{name}.")
        if not can_cast(item_type(typeof(out)), np.intp, "safe"):
            reject(f"out= of {name} must hold integers")
    result = first_where_extreme(a, axes, choose, neutral)
    return delivered(result, a, axes, keepdims, out, name)


def first_where_extreme(a: Any, axes: Any, choose: Any, neutral: Any) -> Any:
    """The least index along the axes of an item that is the extreme one."""
    if ndim_of(typeof(a)) == 0:
        return np.int64(0)
    if len(axes) == a.ndim and (a.ndim == 1 or layout_of_array(typeof(a)) == "C"):
        return _first_in_line(a if a.ndim == 1 else view_of(a, 0, (a.size,), layout="C"), choose, neutral)
    extreme = fold_items(choose, neutral(item_type(typeof(a))), a, axes=axes)
    if len(axes) < a.ndim:
        extreme = with_kept_axes(extreme, a, axes)
    return first_match(a, axes, same_item, extreme)


def _first_in_line(a: Any, choose: Any, neutral: Any) -> Any:
    """The extreme of each block of items, and then the place of the best one in the first block that has it."""
    count = a.size
    best, first = neutral(item_type(typeof(a))), 0
    for start in range(0, count, _BLOCK):
        found = fold_items(choose, neutral(item_type(typeof(a))), a[start : start + _BLOCK])
        if primitive.and_(primitive.not_(same_item(found, best)), same_item(choose(best, found), found)):
            best, first = found, start
    return first + first_match(a[first : first + _BLOCK], (0,), same_item, best)


def first_match(a: Any, axes: Any, matches: Any, *others: Any) -> Any:
    """The least index (along one axis, or in the flattened array) of an item that matches; 0 if none does."""
    lengths = shape_of(a)
    none = np.int64(2**63 - 1)

    def step(state: Any, *given: Any) -> Any:
        index = _linear(given[: len(lengths)], lengths) if len(axes) == len(lengths) else given[axes[0]]
        found = np.int64(primitive.select(matches(*given[len(lengths) :]), index, 2**63 - 1))
        return primitive.min_(state, found)

    return fold_items(step, none, a, *others, axes=axes, indexed=True)


def _linear(index: Any, lengths: Any) -> Any:
    """The place in C order."""
    if len(index) == 1:
        return index[0]
    return primitive.add(primitive.mul(_linear(index[:-1], lengths[:-1]), lengths[-1]), index[-1])


def same_item(x: Any, extreme: Any) -> Any:
    """Whether an item is the extreme one: NaN is if there is one."""
    if isinstance(typeof(x), Time):
        return primitive.eq(count_of(x), count_of(extreme))
    if not isinstance(typeof(x), (Float, Complex)):
        return primitive.eq(x, extreme)
    return primitive.or_(x == extreme, primitive.and_(is_nan(x), is_nan(extreme)))
