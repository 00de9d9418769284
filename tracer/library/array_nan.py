"""Reductions that leave NaN out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir.types import Array, Complex
from tracer.array_steps import cast_item, fold_items
from tracer.extending import implements, primitive
from tracer.library.array_extremes import extreme_along, highest, lowest
from tracer.library.array_moments import by_number, checked_ddof, divided, mean, root, squared_distance, std, var
from tracer.library.array_reductions import (
    NOTHING, add_items, as_mask, as_operand, count_along, delivered, fold_axes, is_inexact, pointwise, product, refuse_readonly, single,
    sum_along, total, with_kept_axes,
)  # fmt: skip
from tracer.library.array_scans import cumprod, cumsum
from tracer.library.array_types import item_type, mean_type, ndim_of, real_type, reduced_axes, variance_result, variance_type
from tracer.library.array_ufuncs import is_nan
from tracer.typeof import typeof


def may_hold_nan(a: Any) -> Any:
    """Whether the items are floats or complex numbers."""
    return is_inexact(item_type(typeof(a)))


def without_nan(a: Any, value: Any) -> Any:
    """The items with a number in the place of NaN."""
    kind = item_type(typeof(a))
    replacement = cast_item(value, kind)
    return pointwise(lambda x: primitive.select(is_nan(cast_item(x, kind)), replacement, cast_item(x, kind)), a)


def count_numbers(a: Any, axes: Any, where: Any = True) -> Any:
    """How many items along the axes are not NaN."""
    zero = np.int64(0)
    return fold_axes(lambda s, x: primitive.add(s, primitive.cast(primitive.not_(is_nan(x)), to=typeof(s))), zero, a, axes, where)


@implements(np.nansum)
def nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True
) -> Any:
    """The sum of the items that are not NaN."""
    a = as_operand(a)
    return total(without_nan(a, 0) if may_hold_nan(a) else a, axis, dtype, out, flag(keepdims), initial, flag(where, True))


@implements(np.nanprod)
def nanprod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True
) -> Any:
    """The product of the items that are not NaN."""
    a = as_operand(a)
    return product(without_nan(a, 1) if may_hold_nan(a) else a, axis, dtype, out, flag(keepdims), initial, flag(where, True))


def flag(value: Any, default: Any = False) -> Any:
    """An option that was perhaps not given."""
    return default if value is NOTHING else value


@implements(np.nancumsum)
def nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """The sums of the items up to each one, NaN taken as 0."""
    a = as_operand(a)
    return cumsum(without_nan(a, 0) if may_hold_nan(a) else a, axis, dtype, out)


@implements(np.nancumprod)
def nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    """The products of the items up to each one, NaN taken as 1."""
    a = as_operand(a)
    return cumprod(without_nan(a, 1) if may_hold_nan(a) else a, axis, dtype, out)


# --- means and variances


@implements(np.nanmean)
def nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    """The mean of the items that are not NaN; NaN if there are none."""
    a = as_operand(a)
    if not may_hold_nan(a):
        return mean(a, axis, dtype, out, keepdims, where=where)
    _require_inexact(dtype, out)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    return delivered(_nanmean(a, axes, mean_type(typeof(a), dtype), where), a, axes, flag(keepdims), out, "add")


def _require_inexact(dtype: Any, out: Any) -> None:
    """TypeError for integers as results of floats."""
    if dtype is not None and not is_inexact(item_type(dtype)):
        raise TypeError("If a is inexact, then dtype must be inexact")
    if out is not None and not is_inexact(item_type(typeof(single(out)))):
        raise TypeError("If a is inexact, then out must be inexact")


def _nanmean(a: Any, axes: Any, kind: Any, where: Any) -> Any:
    return divided(sum_along(without_nan(a, 0), axes, kind, where), count_numbers(a, axes, where), kind)


@implements(np.nanvar)
def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *, where: Any = True,
    mean: Any = NOTHING, correction: Any = NOTHING,
) -> Any:  # fmt: skip
    """The variance of the items that are not NaN; NaN where there are no degrees of freedom."""
    a = as_operand(a)
    if not may_hold_nan(a):
        return var(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    _require_inexact(dtype, out)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    found = _nanvar(a, axes, dtype, checked_ddof(ddof, correction), where, mean)
    return delivered(found, a, axes, flag(keepdims), out, "add")


@implements(np.nanstd)
def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *, where: Any = True,
    mean: Any = NOTHING, correction: Any = NOTHING,
) -> Any:  # fmt: skip
    """The standard deviation of the items that are not NaN."""
    a = as_operand(a)
    if not may_hold_nan(a):
        return std(a, axis, dtype, out, ddof, keepdims, where=where, mean=mean, correction=correction)
    _require_inexact(dtype, out)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    found = _nanvar(a, axes, dtype, checked_ddof(ddof, correction), where, mean)
    return delivered(pointwise(root, found), a, axes, flag(keepdims), out, "add")


def _nanvar(a: Any, axes: Any, dtype: Any, ddof: Any, where: Any, given: Any) -> Any:
    kind = variance_type(typeof(a), dtype)
    made = variance_result(kind, dtype)
    center = _nan_center(a, axes, kind, where) if given is NOTHING else given
    zero = cast_item(0.0, made)
    near = kind if isinstance(item_type(typeof(a)), Complex) else real_type(kind)

    def step(state: Any, x: Any, c: Any) -> Any:
        square = cast_item(squared_distance(x, cast_item(c, near), near), made)
        return add_items(state, primitive.select(is_nan(x), zero, square))

    if where is True:
        squares = fold_items(step, zero, a, center, axes=axes, compensated=True)
    else:
        squares = fold_items(
            lambda s, x, c, w: primitive.select(bool(w), step(s, x, c), s), zero, a, center, as_mask(where, a), axes=axes
        )
    return pointwise(lambda s, c: _variance_of(s, c, ddof), squares, count_numbers(a, axes, where))


def _variance_of(square: Any, count: Any, ddof: Any) -> Any:
    kind = typeof(square)
    degrees = count - ddof
    return primitive.select(degrees <= 0, cast_item(math.nan, kind), by_number(square, cast_item(degrees, kind)))


def _nan_center(a: Any, axes: Any, kind: Any, where: Any) -> Any:
    found = _nanmean(a, axes, kind, where)
    return with_kept_axes(found, a, axes) if isinstance(typeof(found), Array) else found


# --- extremes


@implements(np.nanmax)
def nanmax(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True) -> Any:
    """The largest item that is not NaN; NaN if all are."""
    return _nan_extreme(a, axis, out, keepdims, initial, where, np.fmax, lowest, "fmax")


@implements(np.nanmin)
def nanmin(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True) -> Any:
    """The smallest item that is not NaN; NaN if all are."""
    return _nan_extreme(a, axis, out, keepdims, initial, where, np.fmin, highest, "fmin")


def _nan_extreme(a: Any, axis: Any, out: Any, keepdims: Any, initial: Any, where: Any, choose: Any, neutral: Any, name: Any) -> Any:
    """NaN is what is left where nothing but NaN was found: it is neutral here."""
    refuse_readonly(single(out))
    a = as_operand(a)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    start = _nan_of if may_hold_nan(a) else neutral
    found = extreme_along(a, axes, item_type(typeof(a)), initial, flag(where, True), choose, start, name)
    return delivered(found, a, axes, flag(keepdims), out, name)


def _nan_of(kind: Any) -> Any:
    return cast_item(math.nan, kind)


@implements(np.nanargmax)
def nanargmax(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """The index of the first of the largest items that are not NaN; ValueError if all are NaN."""
    a = as_operand(a)
    _require_numbers(a, axis)
    return np.argmax(without_nan(a, lowest(item_type(typeof(a)))) if may_hold_nan(a) else a, axis, out, keepdims=flag(keepdims))


@implements(np.nanargmin)
def nanargmin(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
    """The index of the first of the smallest items that are not NaN; ValueError if all are NaN."""
    a = as_operand(a)
    _require_numbers(a, axis)
    return np.argmin(without_nan(a, highest(item_type(typeof(a)))) if may_hold_nan(a) else a, axis, out, keepdims=flag(keepdims))


def _require_numbers(a: Any, axis: Any) -> None:
    if may_hold_nan(a):
        axes = reduced_axes(axis, ndim_of(typeof(a)))
        if count_along(a, axes) != 0:
            if np.any(pointwise(lambda n: np.bool_(n == 0), count_numbers(a, axes))):
                raise ValueError("All-NaN slice encountered")
