"""Functions of the user applied to parts of arrays: `piecewise`, `apply_along_axis`, `apply_over_axes`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Scalar
from tracer.array_steps import type_of_items
from tracer.extending import implements, reject, static_function
from tracer.library.array_reductions import size_of
from tracer.library.array_types import item_type, ndim_of, normalize_axis
from tracer.typeof import typeof


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """For the items where each condition holds a number, or what a function of these items gives; 0 where none holds.

    Where several hold, the last one counts. One function more than conditions is for the items where none holds.
    """
    x = np.asarray(x)
    conditions = _conditions(condlist, x)
    made = np.zeros_like(x)
    count = len(funclist)
    if len(conditions) == count - 1:
        conditions = (*conditions, ~_any_of(conditions))
    elif len(conditions) != count:
        number = len(conditions)
        raise ValueError(f"with {number} condition(s), either {number} or {number + 1} functions are expected")
    _apply(made, x, conditions, funclist, args, kw)
    return made


def _conditions(given: Any, x: Any) -> Any:
    """The conditions as boolean arrays: one may be given alone, several as a tuple."""
    if not isinstance(given, tuple):
        if ndim_of(typeof(given)) > 1 or (ndim_of(typeof(given)) == 1 and x.ndim == 0):
            reject("the number of conditions must be known", "give them as a tuple")
        if ndim_of(typeof(given)) == 1:
            given[0]  # NumPy looks at it, and raises IndexError where there is none
        return (np.asarray(given, np.bool_),)
    if len(given) > 0 and isinstance(typeof(given[0]), Scalar) and x.ndim > 0:
        return (np.asarray(given, np.bool_),)
    return tuple(np.asarray(condition, np.bool_) for condition in given)


def _any_of(conditions: Any) -> Any:
    return conditions[0] if len(conditions) == 1 else conditions[0] | _any_of(conditions[1:])


def _apply(made: Any, x: Any, conditions: Any, functions: Any, args: Any, kw: Any) -> None:
    if len(conditions) == 0:
        return
    chosen, function = conditions[0], functions[0]
    if callable(function):
        items = x[chosen]
        if items.size > 0:
            made[chosen] = function(items, *args, **kw)
    else:
        made[chosen] = function
    _apply(made, x, conditions[1:], functions[1:], args, kw)


@implements(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of each line along an axis; what it gives takes the place of the axis. All results have the shape of the first."""
    a = np.asarray(arr)
    at = normalize_axis(axis, a.ndim)
    lines = np.moveaxis(a, at, -1)
    outer = lines.shape[:-1]
    if size_of(outer) == 0:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    found = type_of_items(func1d(lines[(*place, ...)], *args, **kwargs) for place in np.ndindex(outer))
    if isinstance(found, Scalar):
        made = np.empty(outer, item_type(found))
        for place in np.ndindex(outer):
            made[place] = func1d(lines[(*place, ...)], *args, **kwargs)
        return made
    return _of_lines(func1d, lines, outer, at, args, kwargs)


def _of_lines(func1d: Any, lines: Any, outer: Any, axis: Any, args: Any, kwargs: Any) -> Any:
    """As `apply_along_axis`, of a function whose results are arrays: the first one tells their shape."""
    first = np.asarray(func1d(lines[(*_zeros(len(outer)), ...)], *args, **kwargs))
    made = np.empty((*outer, *first.shape), first.dtype)
    is_first = True
    for place in np.ndindex(outer):
        if is_first:
            made[(*place, ...)] = first
        else:
            made[(*place, ...)] = func1d(lines[(*place, ...)], *args, **kwargs)
        is_first = False
    return np.moveaxis(made, _numbers(len(outer), first.ndim), _numbers(axis, first.ndim))


@static_function
def _zeros(count: int) -> tuple[int, ...]:
    return (0,) * count


@static_function
def _numbers(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


@implements(np.apply_over_axes)
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """A function of an array and an axis, applied for one axis after the other; the axes stay."""
    a = np.asarray(a)
    return _over(func, a, axes if isinstance(axes, tuple) else (axes,), a.ndim)


def _over(func: Any, a: Any, axes: Any, ndim: Any) -> Any:
    if len(axes) == 0:
        return a
    axis = axes[0] + ndim if axes[0] < 0 else axes[0]
    found = np.asarray(func(a, axis))
    if found.ndim < a.ndim:
        found = np.expand_dims(found, axis)
    if found.ndim != a.ndim:
        raise ValueError("function is not returning an array of the correct shape")
    return _over(func, found, axes[1:], ndim)
