"""Means, variances, standard deviations; covariances and correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array, Complex, Float
from tracer.array_steps import cast_item, fold_items
from tracer.extending import implements, primitive, reject
from tracer.library.array_reductions import (
    NOTHING, add_items, as_mask, as_operand, count_along, count_where, delivered, kept_lengths, pointwise, single,
    sum_along, with_kept_axes,
)  # fmt: skip
from tracer.library.array_types import common_type, item_type, mean_type, ndim_of, normalize_axes, variance_result, variance_type
from tracer.library.operators_complex import complex_mul, parts
from tracer.library.messages import INT_TRUEDIV
from tracer.typeof import typeof


def divided(total: Any, count: Any, kind: Any) -> Any:
    """Sums by counts, in the type `kind`."""
    return pointwise(lambda t, c: _quotient(t, c, kind), total, count)


def _quotient(total: Any, count: Any, kind: Any) -> Any:
    if isinstance(kind, Float):
        return primitive.div(total, cast_item(count, kind))
    return cast_item(total / count, kind)


@implements(np.mean, np.ndarray.mean, np.generic.mean)
def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    """The arithmetic mean; NaN of no items."""
    a = as_operand(a)
    axes = normalize_axes(axis, ndim_of(typeof(a)))
    keepdims = False if keepdims is NOTHING else keepdims
    return delivered(_mean(a, axes, mean_type(typeof(a), dtype), where), a, axes, keepdims, out, "add")


def _mean(a: Any, axes: Any, kind: Any, where: Any) -> Any:
    return divided(sum_along(a, axes, kind, where), count_where(a, axes, where), kind)


@implements(np.var, np.ndarray.var, np.generic.var)
def var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *, where: Any = True,
    mean: Any = NOTHING, correction: Any = NOTHING,
) -> Any:  # fmt: skip
    """The mean of the squared distances to the mean."""
    a = as_operand(a)
    axes = normalize_axes(axis, ndim_of(typeof(a)))
    result = _variance(a, axes, dtype, checked_ddof(ddof, correction), where, mean)
    return delivered(result, a, axes, keepdims, out, "add")


@implements(np.std, np.ndarray.std, np.generic.std)
def std(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = False, *, where: Any = True,
    mean: Any = NOTHING, correction: Any = NOTHING,
) -> Any:  # fmt: skip
    """The square root of the variance."""
    a = as_operand(a)
    axes = normalize_axes(axis, ndim_of(typeof(a)))
    if out is not None and not isinstance(item_type(typeof(single(out))), (Float, Complex)):
        reject("TypeError: Cannot cast ufunc 'sqrt' output to the type of out= with casting rule 'same_kind'")
    result = _variance(a, axes, dtype, checked_ddof(ddof, correction), where, mean)
    return delivered(pointwise(root, result), a, axes, keepdims, out, "add")


def checked_ddof(ddof: Any, correction: Any) -> Any:
    """The degrees of freedom that are lost, under either name."""
    if correction is NOTHING:
        return ddof
    if ddof != 0:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    return correction


def root(x: Any) -> Any:
    """The square root of a variance."""
    return np.sqrt(x) if isinstance(typeof(x), Complex) else primitive.sqrt(x)


def _variance(a: Any, axes: Any, dtype: Any, ddof: Any, where: Any, given: Any) -> Any:
    kind = variance_type(typeof(a), dtype)
    center = _center(a, axes, kind, where) if given is NOTHING else given
    squares = _sum_of_squares(a, center, axes, kind, variance_result(kind, dtype), where)
    return _divided_by_degrees(squares, count_where(a, axes, where), ddof)


def _center(a: Any, axes: Any, kind: Any, where: Any) -> Any:
    """The mean in a form that is stretched over the array."""
    found = _mean(a, axes, kind, where)
    return with_kept_axes(found, a, axes) if isinstance(typeof(found), Array) else found


def _divided_by_degrees(squares: Any, count: Any, ddof: Any) -> Any:
    """Sums of squares by the degrees of freedom, of which there are not less than 0."""
    return pointwise(lambda s, c: by_number(s, cast_item(np.maximum(c - ddof, 0), typeof(s))), squares, count)


def by_number(x: Any, number: Any) -> Any:
    """A quotient of two numbers of one type."""
    return x / number if isinstance(typeof(x), Complex) else primitive.div(x, number)


def _sum_of_squares(a: Any, center: Any, axes: Any, kind: Any, made: Any, where: Any) -> Any:
    """The sum of the squares of `x - center`, in the type `made`."""
    zero = cast_item(0.0, made)

    def step(state: Any, x: Any, c: Any) -> Any:
        return add_items(state, cast_item(squared_distance(x, c, kind), made))

    if where is True:
        return fold_items(step, zero, a, center, axes=axes, compensated=True)
    return fold_items(
        lambda s, x, c, w: primitive.select(bool(w), step(s, x, c), s), zero, a, center, as_mask(where, a), axes=axes
    )


def squared_distance(x: Any, center: Any, kind: Any) -> Any:
    """The square of the distance from an item to a mean of the type `kind`. For complex items it is real; real items and a
    complex mean, as `dtype=` asks for it, give a complex one."""
    wide = common_type(typeof(x), kind)
    distance = cast_item(x, wide) - cast_item(center, wide)
    is_real = not isinstance(item_type(typeof(x)), Complex)
    return complex_mul(distance, distance) if is_real and isinstance(wide, Complex) else squared(distance)


def squared(x: Any) -> Any:
    """`|x|**2`."""
    if isinstance(typeof(x), Complex):
        real, imag = parts(x)
        return primitive.add(primitive.mul(real, real), primitive.mul(imag, imag))
    return primitive.mul(x, x)


# --- weighted means


@implements(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False) -> Any:
    """The mean, or the mean of items that count as often as their weights say; with the sum of the weights if `returned`."""
    a = as_operand(a)
    axes = normalize_axes(axis, ndim_of(typeof(a)))
    if weights is None:
        kind = mean_type(typeof(a), None)
        found = delivered(_mean(a, axes, kind, True), a, axes, keepdims, None, "add")
        count = count_along(a, axes)
        if ndim_of(typeof(found)) > 0 and found.size == 0:
            raise ZeroDivisionError(INT_TRUEDIV)
        return (found, pointwise(lambda x: cast_item(count, kind), found)) if returned else found
    weights = as_operand(weights)
    kind = common_type(typeof(a), typeof(weights), mean_type(typeof(a), None))
    fitted = _fitted_weights(a, axis, axes, weights)
    scale = fold_items(lambda s, x, w: add_items(s, cast_item(w, kind)), _zero(kind), a, fitted, axes=axes, compensated=True)
    if _any_zero(scale):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    total = fold_items(
        lambda s, x, w: add_items(s, cast_item(x, kind) * cast_item(w, kind)), _zero(kind), a, fitted, axes=axes, compensated=True
    )
    found = delivered(pointwise(lambda t, s: t / s, total, scale), a, axes, keepdims, None, "add")
    return (found, delivered(scale, a, axes, keepdims, None, "add")) if returned else found


def _zero(kind: Any) -> Any:
    return cast_item(0.0, kind)


def _any_zero(x: Any) -> Any:
    if isinstance(typeof(x), Array):
        return fold_items(lambda s, item: primitive.or_(s, np.bool_(item == 0)), np.bool_(False), x)
    return x == 0


def _fitted_weights(a: Any, axis: Any, axes: Any, weights: Any) -> Any:
    """Weights in a form that is stretched over the array: of its shape, or for the chosen axes alone."""
    if weights.ndim == a.ndim:
        _require_equal(a.shape, weights.shape, axis)
        return weights
    if axis is None:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    if weights.ndim != len(axes):
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
    _require_consistent(a.shape, axes, weights.shape)
    return np.expand_dims(weights, _others(a.ndim, axes))


def _require_equal(found: Any, weights: Any, axis: Any) -> None:
    if len(found) > 0:
        if found[0] != weights[0]:
            if axis is None:
                raise TypeError("Axis must be specified when shapes of a and weights differ.")
            raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
        _require_equal(found[1:], weights[1:], axis)


def _require_consistent(lengths: Any, axes: Any, weights: Any) -> None:
    if len(axes) > 0:
        if lengths[axes[0]] != weights[0]:
            raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
        _require_consistent(lengths, axes[1:], weights[1:])


def _others(ndim: Any, axes: Any) -> Any:
    return kept_lengths(tuple(range(ndim)), axes)
