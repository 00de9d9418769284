"""Differences, gradients, sums over lines, and products of sequences with each other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir.types import Boolean, Complex, Integer
from tracer.array_steps import assign_items, map_items
from tracer.extending import implements, known, reject
from tracer.library.array_conversion import can_cast
from tracer.library.array_reductions import NOTHING, as_operand
from tracer.library.array_types import common_type, inexact_type, item_type, ndim_of, normalize_axes, normalize_axis
from tracer.library.numpy_versions import FROM_2_5
from tracer.typeof import typeof


def along(axis: Any, part: Any) -> Any:
    """The index that takes a part of one axis and all of the others."""
    return (*(slice(None),) * axis, part)


# --- differences


@implements(np.diff)
def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = NOTHING, append: Any = NOTHING) -> Any:
    """Each item less the one before it along an axis, n times."""
    times = known(n)
    if times is None:
        reject("np.diff needs to know n= while tracing", hint="write it as a number")
    if times == 0:
        return a
    if times < 0:
        raise ValueError(f"order must be non-negative but got {times}")
    a = as_operand(a)
    if ndim_of(typeof(a)) == 0:
        raise ValueError("diff requires input that is at least one dimensional")
    at = normalize_axis(axis, a.ndim)
    if prepend is not NOTHING:
        a = np.concatenate((_beside(prepend, a, at), a), at)
    if append is not NOTHING:
        a = np.concatenate((a, _beside(append, a, at)), at)
    return _differences(a, times, at)


def _beside(x: Any, a: Any, axis: Any) -> Any:
    """A number as an array that can be joined to `a`."""
    x = as_operand(x)
    return x if ndim_of(typeof(x)) > 0 else np.full((*a.shape[:axis], 1, *a.shape[axis + 1 :]), x)


def _differences(a: Any, times: Any, axis: Any) -> Any:
    following, before = a[along(axis, slice(1, None))], a[along(axis, slice(None, -1))]
    step = np.not_equal if isinstance(a.dtype, np.dtypes.BoolDType) else np.subtract
    if typeof(a).layout == "F" and a.ndim > 1:
        found = np.empty(before.shape, step(following, before).dtype, order="F")
        step(following, before, out=found)
    else:
        found = step(following, before)
    return found if times == 1 else _differences(found, times - 1, axis)


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of neighbours in the flattened array, with items put before and behind them."""
    items = np.ravel(as_operand(ary))
    before = None if to_begin is None else _put_on(to_begin, items, "to_begin")
    behind = None if to_end is None else _put_on(to_end, items, "to_end")
    found = items[1:] - items[:-1]
    if before is not None:
        found = np.concatenate((before, found))
    return found if behind is None else np.concatenate((found, behind))


def _put_on(given: Any, items: Any, name: Any) -> Any:
    """What is put on at an end of the differences, in their type."""
    found = np.asanyarray(given)
    if not can_cast(typeof(found).dtype, typeof(items).dtype, "same_kind"):
        raise TypeError(f"dtype of `{name}` must be compatible with input `ary` under the `same_kind` rule.")
    return np.ravel(found).astype(items.dtype)


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    """The derivative along each axis by central differences, one-sided at the ends (of second order for `edge_order=2`)."""
    f = as_operand(f)
    if ndim_of(typeof(f)) == 0:
        reject("np.gradient takes an array of one axis at least")
    if isinstance(item_type(typeof(f)), Boolean):
        reject("gradients of booleans are not defined", hint="convert the array to floats first")
    if edge_order != 1 and edge_order != 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    axes = normalize_axes(axis, f.ndim)
    if len(varargs) != 0 and len(varargs) != 1 and len(varargs) != len(axes):
        raise TypeError("invalid number of arguments")
    found = _gradients(f.astype(item_type(inexact_type(typeof(f)))), varargs, axes, edge_order)
    return found[0] if len(axes) == 1 else found


def _gradients(f: Any, spacings: Any, axes: Any, edge_order: Any) -> Any:
    if len(axes) == 0:
        return ()
    spacing = 1.0 if len(spacings) == 0 else spacings[0]
    rest = spacings if len(spacings) < 2 else spacings[1:]
    return (_gradient(f, spacing, axes[0], edge_order), *_gradients(f, rest, axes[1:], edge_order))


def _gradient(f: Any, spacing: Any, axis: Any, edge_order: Any) -> Any:
    count = f.shape[axis]
    if count < edge_order + 1:
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, at least (edge_order + 1) elements are required."
        )
    out = np.empty_like(f)
    low, here, high = (f[along(axis, slice(*part))] for part in ((None, -2), (1, -1), (2, None)))
    inside = out[along(axis, slice(1, -1))]
    if ndim_of(typeof(spacing)) == 0:
        assign_items(inside, lambda a, c: (c - a) / (2.0 * spacing), low, high)
        _edge(f, out, axis, (0, 1, 2), spacing, spacing, edge_order)
        _edge(f, out, axis, (-1, -2, -3), -spacing, -spacing, edge_order)
        return out
    if len(spacing) != count:
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    steps = np.diff(spacing.astype(np.float64) if isinstance(item_type(typeof(spacing)), Integer) else spacing)
    first = np.expand_dims(steps[:-1], tuple(range(1, f.ndim - axis)))
    second = np.expand_dims(steps[1:], tuple(range(1, f.ndim - axis)))
    assign_items(inside, _central, low, here, high, first, second)
    _edge(f, out, axis, (0, 1, 2), steps[0], steps[1] if edge_order == 2 else steps[0], edge_order)
    _edge(f, out, axis, (-1, -2, -3), -steps[-1], -steps[-2] if edge_order == 2 else -steps[-1], edge_order)
    return out


def _central(low: Any, here: Any, high: Any, first: Any, second: Any) -> Any:
    """The derivative in the middle of three points: of second order also where the distances differ."""
    before = -second / (first * (first + second))
    middle = (second - first) / (first * second)
    behind = first / (second * (first + second))
    return before * low + middle * here + behind * high


def _edge(f: Any, out: Any, axis: Any, places: Any, first: Any, second: Any, edge_order: Any) -> None:
    """The derivative at an end, from two or three points; distances are negative at the far end."""
    here, following = f[along(axis, places[0])], f[along(axis, places[1])]
    if edge_order == 1 and places[0] == 0:
        out[along(axis, places[0])] = (following - here) / first
    elif edge_order == 1:
        out[along(axis, places[0])] = (here - following) / -first
    else:
        a = -(2.0 * first + second) / (first * (first + second))
        b = (first + second) / (first * second)
        c = -first / (second * (first + second))
        out[along(axis, places[0])] = a * here + b * following + c * f[along(axis, places[2])]


@implements(np.trapezoid, *([np.trapz] if hasattr(np, "trapz") else []))
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    """The integral along an axis by the trapezoidal rule."""
    y = as_operand(y)
    at = normalize_axis(axis, y.ndim)
    low, high = y[along(at, slice(None, -1))], y[along(at, slice(1, None))]
    if x is None:
        return (dx * (high + low) / 2.0).sum(at)
    x = as_operand(x)
    if x.ndim > 1:
        return (np.diff(x, axis=axis) * (high + low) / 2.0).sum(at)
    return (np.expand_dims(np.diff(x), tuple(range(1, y.ndim - at))) * (high + low) / 2.0).sum(at)


@implements(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: Any = -1, *, period: Any = 2 * math.pi) -> Any:
    """Angles without jumps of more than half a period along an axis."""
    p = as_operand(p)
    at = normalize_axis(axis, p.ndim)
    kind = common_type(typeof(p), typeof(period))
    if not (kind.kind == "float"):
        reject("np.unwrap takes floats in compiled code", hint="convert the array or the period")
    half = period / 2
    limit = half if discont is None else discont
    steps = np.diff(p, axis=at)
    corrections = map_items(lambda d: _correction(d, period, half, limit), steps)
    out = p.astype(kind)
    rest = along(at, slice(1, None))
    out[rest] = p[rest] + np.cumsum(corrections, at)
    return out


def _correction(step: Any, period: Any, half: Any, limit: Any) -> Any:
    moved = (step + half) % period - half
    if moved == -half and step > 0:
        moved = half + 0.0 * moved
    found = moved - step
    return 0.0 * found if abs(step) < limit else found


# --- products of sequences


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: Any = "full") -> Any:
    """The sums of `a[i] * v[k - i]` for each k."""
    a, v = _sequence(a), _sequence(v)
    if len(a) == 0:
        raise ValueError("a cannot be empty")
    if len(v) == 0:
        raise ValueError("v cannot be empty")
    return _part(_full(a, v), min(len(a), len(v)), max(len(a), len(v)), mode, False)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """The sums of `a[i + k] * conj(v[i])` for each k."""
    if ndim_of(typeof(as_operand(a))) == 0 or ndim_of(typeof(as_operand(v))) == 0:
        raise ValueError("object of too small depth for desired array")
    a, v = _sequence(a), _sequence(v)
    if len(a) == 0:
        raise ValueError("first array argument cannot be empty")
    if len(v) == 0:
        raise ValueError("second array argument cannot be empty")
    turned = v[::-1]
    if isinstance(item_type(typeof(v)), Complex):
        turned = np.conjugate(turned)
    return _part(_full(a, turned), min(len(a), len(v)), max(len(a), len(v)), mode, len(v) > len(a))


def _sequence(x: Any) -> Any:
    x = np.atleast_1d(as_operand(x))
    if x.ndim != 1:
        raise ValueError("object too deep for desired array")
    return x


def _full(a: Any, v: Any) -> Any:
    """All sums, in loops over the shorter sequence in which each step adds a multiple of the longer one."""
    kind = common_type(typeof(a), typeof(v))
    out = np.zeros(len(a) + len(v) - 1, kind)
    if len(a) >= len(v):
        _add_multiples(out, a, v)
    else:
        _add_multiples(out, v, a)
    return out


def _add_multiples(out: Any, line: Any, factors: Any) -> None:
    for i in range(len(factors)):
        factor = factors[i]
        target = out[i : i + len(line)]
        if isinstance(item_type(typeof(out)), Boolean):
            assign_items(target, lambda s, x: s | (x & factor), target, line)
        else:
            assign_items(target, lambda s, x: s + x * factor, target, line)


def _part(full: Any, short: Any, long: Any, mode: Any, swapped: Any) -> Any:
    """What the modes leave of the sums: "same" as many as the longer sequence has, "valid" those of whole overlaps."""
    if mode == "full":
        return full
    if mode == "valid":
        return full[short - 1 : long].copy()
    if mode != "same":
        raise ValueError("mode must be one of 'valid', 'same', or 'full'")
    start = short // 2 if swapped else short - 1 - short // 2
    return full[start : start + long].copy()


@implements(np.cross)
def cross(a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Any:
    """The cross product of vectors of three components, or two, of which the third one counts as 0 (before NumPy 2.5).

    Where both are known while tracing to have two it is the third component alone, with one axis less.
    """
    first, second, last = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = np.moveaxis(as_operand(a), first, -1), np.moveaxis(as_operand(b), second, -1)
    count, other = a.shape[-1], b.shape[-1]
    if FROM_2_5 and (count != 3 or other != 3):
        raise ValueError(f"Both input arrays must be (arrays of) 3-dimensional vectors, but they are {count} and {other} dimensional instead.")
    if count < 2 or count > 3 or other < 2 or other > 3:
        raise ValueError("incompatible dimensions for cross product\n(dimension must be 2 or 3)")
    if known(count) == 2 and known(other) == 2:
        return np.asarray(_third(a, b))
    if count == 2 and other == 2:
        raise ValueError(
            "np.cross of vectors that are not known while tracing to have two components: "
            "write a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]"
        )
    out = np.empty((*np.broadcast_shapes(a.shape[:-1], b.shape[:-1]), 3), common_type(typeof(a), typeof(b)))
    if count == 2:
        out[..., 0] = a[..., 1] * b[..., 2]
        out[..., 1] = -(a[..., 0] * b[..., 2])
    elif other == 2:
        out[..., 0] = -(a[..., 2] * b[..., 1])
        out[..., 1] = a[..., 2] * b[..., 0]
    else:
        out[..., 0] = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
        out[..., 1] = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
    out[..., 2] = _third(a, b)
    return np.moveaxis(out, -1, last) if out.ndim > 1 else out


def _third(a: Any, b: Any) -> Any:
    """The third component of a cross product."""
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
