"""Reductions: sums, products, truth, counts; and what all reductions share: axes, `keepdims`, `where`, `out`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array, Boolean, Complex, Time
from tracer.array_steps import assign_items, cast_item, fold_items, generate, map_items, view_of
from tracer.extending import implements, primitive, reject
from tracer.library.array_shapes import shape_text
from tracer.library.array_types import (
    class_of_item, item_type, layout_of_array, ndim_of, reduced_axes, sum_type,
)  # fmt: skip
from tracer.library.operators_complex import complex_mul, parts
from tracer.typeof import typeof

NOTHING: Any = np._NoValue  # type: ignore[attr-defined]


# --- what reductions share


def as_operand(a: Any) -> Any:
    """An array or a number; tuples become arrays."""
    return np.array(a) if isinstance(a, tuple) else a


def shape_of(a: Any) -> Any:
    """The shape; () for a number."""
    return a.shape if isinstance(typeof(a), Array) else ()


def size_of(lengths: Any) -> Any:
    """The product of lengths."""
    return 1 if len(lengths) == 0 else lengths[0] if len(lengths) == 1 else lengths[0] * size_of(lengths[1:])


def count_along(a: Any, axes: Any) -> Any:
    """How many items are reduced to one."""
    return size_of(_chosen(shape_of(a), axes))


def _chosen(lengths: Any, axes: Any) -> Any:
    return () if len(axes) == 0 else (lengths[axes[0]], *_chosen(lengths, axes[1:]))


def kept_lengths(lengths: Any, axes: Any, axis: Any = 0) -> Any:
    """The lengths of the axes that are left."""
    if axis == len(lengths):
        return ()
    rest = kept_lengths(lengths, axes, axis + 1)
    return rest if axis in axes else (lengths[axis], *rest)


def lengths_with_ones(lengths: Any, axes: Any, axis: Any = 0) -> Any:
    """The lengths with 1 for each axis that is reduced."""
    if axis == len(lengths):
        return ()
    return (1 if axis in axes else lengths[axis], *lengths_with_ones(lengths, axes, axis + 1))


def fold_axes(step: Any, initial: Any, a: Any, axes: Any, where: Any = True, compensated: Any = False) -> Any:
    """The items along the axes folded, those only for which `where` holds."""
    if where is True:
        return fold_items(step, initial, a, axes=axes, compensated=compensated)
    mask = as_mask(where, a)
    return fold_items(
        lambda s, x, w: primitive.select(bool(w), step(s, x), s), initial, a, mask, axes=axes, compensated=False
    )


def as_mask(where: Any, a: Any) -> Any:
    """`where=` of a reduction: it must be boolean, and fit into the array's shape."""
    if not isinstance(item_type(typeof(where)), Boolean):
        reject("where= of a reduction must be boolean")
    if isinstance(typeof(where), Array):
        if where.ndim > ndim_of(typeof(a)):
            raise ValueError("input operand has more dimensions than allowed by the axis remapping")
        lengths = shape_of(a)
        _check_mask(where.shape, lengths[len(lengths) - where.ndim :], where.shape, lengths)
    return where


def _check_mask(found: Any, expected: Any, mask: Any, shape: Any) -> None:
    """ValueError unless the axes of a mask have the lengths of the array's last axes, or 1."""
    if len(found) > 0:
        if found[0] != expected[0] and found[0] != 1:
            if expected[0] != 1:
                raise ValueError(
                    "operands could not be broadcast together with remapped shapes [original->remapped]: "
                    f"{shape_text(shape)} {shape_text(mask)} "
                )
            raise ValueError(f"non-broadcastable operand with shape {shape_text(shape)} doesn't match the broadcast shape {shape_text(mask)}")
        _check_mask(found[1:], expected[1:], mask, shape)


def count_where(a: Any, axes: Any, where: Any) -> Any:
    """How many items are reduced to one: a number, or with a mask an array of them."""
    if isinstance(where, bool):
        return count_along(a, axes) if where else 0
    return fold_items(lambda s, x, w: primitive.add(s, primitive.cast(bool(w), to=typeof(s))), 0, a, as_mask(where, a), axes=axes)


def with_kept_axes(result: Any, a: Any, axes: Any) -> Any:
    """The result with an axis of length 1 for each that was reduced."""
    lengths = lengths_with_ones(shape_of(a), axes)
    if len(lengths) == 0:
        return result
    if not isinstance(typeof(result), Array):
        return generate(lengths, lambda: result, indexed=False)
    return view_of(result, 0, lengths, None, layout=layout_of_array(typeof(result)))


def delivered(result: Any, a: Any, axes: Any, keepdims: Any, out: Any, name: Any) -> Any:
    """The result in its final form: with the reduced axes kept, or in `out`."""
    if keepdims:
        result = with_kept_axes(result, a, axes)
    return result if out is None else store(result, single(out), name, keepdims)


def single(out: Any) -> Any:
    """The output array: it may stand in a tuple of its own."""
    return out[0] if isinstance(out, tuple) else out


def store(result: Any, out: Any, name: Any, keepdims: Any = False) -> Any:
    """Write a result to `out`, converted without checks; the array itself."""
    check_output(out, shape_of(result), name, keepdims)
    assign_items(out, lambda x: x, result)
    return out


def check_output(out: Any, lengths: Any, name: Any, keepdims: Any = False) -> None:
    """TypeError or ValueError unless an output is an array with the shape of the result."""
    if not isinstance(typeof(out), Array):
        raise TypeError("return arrays must be of ArrayType")
    refuse_readonly(out)
    if out.ndim != len(lengths):
        raise ValueError(
            f"output parameter for reduction operation {name} has the wrong number of dimensions: "
            f"Found {out.ndim} but expected {len(lengths)}" + (" (must match the operand's when keepdims=True)" if keepdims else "")
        )
    require_shape(out.shape, lengths)


def refuse_readonly(out: Any) -> None:
    """ValueError where an output must not be written, which comes before all else that is wrong."""
    if isinstance(typeof(out), Array) and typeof(out).readonly:
        raise ValueError("output array is read-only")


def require_shape(found: Any, expected: Any) -> None:
    """ValueError unless the lengths of an output array are those of the result."""
    if len(found) > 0:
        if found[0] != expected[0]:
            raise ValueError(f"the output array has an axis of length {found[0]} where the result has {expected[0]}")
        require_shape(found[1:], expected[1:])


# --- sums and products


def add_items(a: Any, b: Any) -> Any:
    """`a + b` as a step of a sum."""
    kind = typeof(a)
    if isinstance(kind, Time):
        return a + b
    if isinstance(kind, Complex):
        (ar, ai), (br, bi) = parts(a), parts(b)
        return primitive.complex_(primitive.accumulate_add(ar, br), primitive.accumulate_add(ai, bi))
    return primitive.or_(a, b) if isinstance(kind, Boolean) else primitive.accumulate_add(a, b)


def multiply_items(a: Any, b: Any) -> Any:
    """`a * b` as a step of a product."""
    kind = typeof(a)
    if isinstance(kind, Time):
        return a * b
    if isinstance(kind, Complex):
        return complex_mul(a, b)
    return primitive.and_(a, b) if isinstance(kind, Boolean) else primitive.accumulate_mul(a, b)


def sum_along(a: Any, axes: Any, kind: Any, where: Any = True, initial: Any = 0) -> Any:
    """The sum of the items along the axes, converted to `kind` before."""
    start = class_of_item(kind)(initial)
    return fold_axes(lambda s, x: add_items(s, cast_item(x, kind)), start, a, axes, where, compensated=is_inexact(kind))


def is_inexact(kind: Any) -> Any:
    """Whether numbers of this type are rounded."""
    return kind.kind in ("float", "complex")


@implements(np.sum, np.ndarray.sum, np.generic.sum)
def total(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True
) -> Any:
    """The sum. Sums of floats are added with their rounding errors, and so are at least as accurate as NumPy's."""
    a = as_operand(a)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    kind = sum_type(typeof(a), dtype, typeof(single(out)))
    result = sum_along(a, axes, kind, where, 0 if initial is NOTHING or initial is None else initial)
    return delivered(result, a, axes, keepdims, out, "add")


@implements(np.prod, np.ndarray.prod, np.generic.prod)
def product(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, initial: Any = NOTHING, where: Any = True
) -> Any:
    """The product."""
    a = as_operand(a)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    kind = sum_type(typeof(a), dtype, typeof(single(out)))
    start = class_of_item(kind)(1 if initial is NOTHING or initial is None else initial)
    result = fold_axes(lambda s, x: multiply_items(s, cast_item(x, kind)), start, a, axes, where)
    return delivered(result, a, axes, keepdims, out, "multiply")


# --- truth and counts


@implements(np.any, np.ndarray.any, np.generic.any)
def any_true(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    """Whether an item is true."""
    a = as_operand(a)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    result = fold_axes(lambda s, x: primitive.or_(s, np.bool_(x)), np.bool_(False), a, axes, where)
    return delivered(result, a, axes, keepdims, out, "logical_or")


@implements(np.all, np.ndarray.all, np.generic.all)
def all_true(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True) -> Any:
    """Whether all items are true."""
    a = as_operand(a)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    result = fold_axes(lambda s, x: primitive.and_(s, np.bool_(x)), np.bool_(True), a, axes, where)
    return delivered(result, a, axes, keepdims, out, "logical_and")


@implements(np.count_nonzero)
def count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """How many items differ from zero."""
    a = as_operand(a)
    axes = reduced_axes(axis, ndim_of(typeof(a)))
    result = fold_items(lambda s, x: primitive.add(s, primitive.cast(bool(x), to=typeof(s))), 0, a, axes=axes)
    return delivered(result, a, axes, keepdims, None, "add")


# --- numbers and arrays alike


def has_axes(operands: Any) -> Any:
    """Whether one of the operands is an array with axes: known while tracing."""
    if len(operands) == 0:
        return False
    return ndim_of(typeof(operands[0])) > 0 or has_axes(operands[1:])


def pointwise(function: Any, *operands: Any) -> Any:
    """`function(item, ...)` as an array if an operand has axes, else as a number."""
    return map_items(function, *operands) if has_axes(operands) else function(*_items(operands))


def _items(operands: Any) -> Any:
    """Operands without axes as numbers."""
    if len(operands) == 0:
        return ()
    first = operands[0][()] if isinstance(typeof(operands[0]), Array) else operands[0]
    return (first, *_items(operands[1:]))
