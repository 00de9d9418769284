"""Products of arrays: `dot`, `matmul`, `vdot`, `inner`, `outer` and what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, Scalar
from tracer.array_steps import assign_items, broadcast_lengths, cast_item, fold_items, is_transpose, map_items, view_of
from tracer.extending import implements, primitive, static_function
from tracer.library.array_blas import copied, multiply_by_transpose, multiply_matrices, multiply_vector, new_array, new_zeros, routine
from tracer.library.array_reductions import as_operand
from tracer.library.array_types import class_of_item, item_type, normalize_axis
from tracer.typeof import typeof

_MATMUL_SIGNATURE = "(n?,k),(k,m?)->(n?,m?)"


@static_function
def product_item(a: Any, b: Any) -> Scalar:
    """The type of the items of a product, by the types of the operands' items or of the operands."""
    dtypes = [types.dtype_of(x.dtype if isinstance(x, Array) else x) for x in (a, b)]
    return item_type(np.result_type(*dtypes))


def as_array(operand: Any) -> Any:
    """An array as it is, anything else as an array."""
    return operand if isinstance(typeof(operand), Array) else np.asarray(operand)


def in_type(array: Any, item: Scalar) -> Any:
    """The array with its items in another type: itself if they are of that type."""
    if typeof(array).dtype is item:
        return array
    return map_items(lambda x: cast_item(x, item), array)


def sum_step(total: Any, x: Any, y: Any) -> Any:
    """total + x * y, as part of a sum in any order; for truth values, whether any pair is true."""
    kind = typeof(total)
    if isinstance(kind, Boolean):
        return total | (x & y)
    if isinstance(kind, Complex):
        product = x * y
        real = primitive.accumulate_add(primitive.real(total), primitive.real(product))
        return primitive.complex_(real, primitive.accumulate_add(primitive.imag(total), primitive.imag(product)))
    return primitive.accumulate_add(total, x * y)


def inner_product(a: Any, b: Any) -> Any:
    """The sum of the products of the items of two vectors of one length and one type."""
    # As a view with the other's length, nothing is left to be asked about the lengths, which are equal.
    b = view_of(b, 0, a.shape, b.strides, None, typeof(b).layout)
    return fold_items(sum_step, class_of_item(typeof(a).dtype)(0), a, b)


# --- matmul


@implements(np.matmul)
def matmul(x1: Any, x2: Any, /, out: Any = None, dtype: Any = None) -> Any:
    """The matrix product, of stacks of matrices too. ValueError where lengths do not fit."""
    a, b = as_array(x1), as_array(x2)
    _check_rank(a, 0)
    _check_rank(b, 1)
    length, expected = b.shape[0 if b.ndim == 1 else -2], a.shape[-1]
    if length != expected:
        raise ValueError(
            f"matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature {_MATMUL_SIGNATURE} "
            f"(size {length} is different from {expected})"
        )
    _check_stacks(a.shape, b.shape)
    item = product_item(typeof(a), typeof(b)) if dtype is None else item_type(dtype)
    made = _product(in_type(a, item), in_type(b, item))
    return made if out is None else _put_matmul(out, made)


def _put_matmul(out: Any, made: Any) -> Any:
    """The product in an array that was given, whose lengths must be the same."""
    check_cast(typeof(out), item_of(typeof(made)), "matmul")
    if isinstance(typeof(made), Array):
        _check_core(out.shape, made.shape, 1)
        _check_core(out.shape, made.shape, 2)
    return _put(out, made)


@static_function
def item_of(kind: Any) -> Scalar:
    """The type of the items of an array, or of a number."""
    return kind.dtype if isinstance(kind, Array) else kind.numpy


@static_function
def check_cast(out: Any, item: Scalar, name: str) -> None:
    """Refuse an `out` that cannot take such items."""
    source, target = types.dtype_of(item), types.dtype_of(out.dtype)
    if not np.can_cast(source, target, "same_kind"):
        raise TypeError(f"Cannot cast ufunc '{name}' output from {source!r} to {target!r} with casting rule 'same_kind'")


def _check_core(out: Any, made: Any, place: int) -> None:
    if place <= len(made):
        if out[-place] != made[-place]:
            raise ValueError(
                f"matmul: Output operand 0 has a mismatch in its core dimension {min(2, len(made)) - place}, with gufunc "
                f"signature {_MATMUL_SIGNATURE} (size {out[-place]} is different from {made[-place]})"
            )


def _check_rank(array: Any, number: int) -> None:
    if array.ndim == 0:
        raise ValueError(
            f"matmul: Input operand {number} does not have enough dimensions (has 0, gufunc core with signature "
            f"{_MATMUL_SIGNATURE} requires 1)"
        )


def _check_stacks(a: Any, b: Any) -> None:
    """Raise ValueError where the leading axes of two stacks do not fit."""
    if _do_not_fit(a[:-2], b[:-2]):
        raise ValueError(
            "operands could not be broadcast together with remapped shapes [original->remapped]: "
            f"{_remapped(a)} {_remapped(b)}  and requested shape ({_joined(a[-2:-1] + b[-1:])})"
        )


def _do_not_fit(a: Any, b: Any) -> Any:
    if len(a) == 0 or len(b) == 0:
        return False
    fit = a[-1] == b[-1] or a[-1] == 1 or b[-1] == 1
    return not fit or _do_not_fit(a[:-1], b[:-1])


def _remapped(shape: Any) -> Any:
    leading = f"{_joined(shape[:-2])},newaxis,newaxis" if len(shape) > 2 else ""
    return f"({lengths_text(shape)})->({leading})"


def _put(out: Any, made: Any) -> Any:
    assign_items(out, lambda x: x, made)
    return out


def _product(a: Any, b: Any) -> Any:
    """The product of arrays with items of one type whose lengths fit."""
    item = typeof(a).dtype
    if a.ndim == 1 and b.ndim == 1:
        return inner_product(a, b)
    if routine(item, "gemm") is None or routine(item, "gemv") is None:
        return _product_by_loops(a, b)
    if a.ndim <= 2 and b.ndim <= 2:
        return matrix_product(a, b)
    return _stacked_product(a, b)


def matrix_product(a: Any, b: Any) -> Any:
    """The product of two matrices, or of a matrix and a vector."""
    item = typeof(a).dtype
    if b.ndim == 1:
        out = new_zeros((a.shape[0],), item)
        multiply_vector(out, a, b)
    elif a.ndim == 1:
        out = new_zeros((b.shape[1],), item)
        multiply_vector(out, b.T, a)
    elif is_transpose(a, b) and routine(item, "syrk") is not None:
        out = new_array((a.shape[0], a.shape[0]), item)
        multiply_by_transpose(out, a)
    else:
        out = new_array((a.shape[0], b.shape[1]), item)
        multiply_matrices(out, a, b)
    return out


def _product_by_loops(a: Any, b: Any) -> Any:
    """The products are summed over the axis before the last of a space with the axes (..., row, sum, column)."""
    zero = class_of_item(typeof(a).dtype)(0)
    if b.ndim == 1:
        return fold_items(sum_step, zero, a, b, axes=(a.ndim - 1,), layout="C")
    if a.ndim == 1:
        return fold_items(sum_step, zero, a[:, None], b, axes=(b.ndim - 2,), layout="C")
    return fold_items(sum_step, zero, a[..., None], b[..., None, :, :], axes=(max(a.ndim, b.ndim) - 1,), layout="C")


def _stacked_product(a: Any, b: Any) -> Any:
    """Products of stacks: the leading axes are stretched to one shape."""
    item = typeof(a).dtype
    rows = a.shape[-2:-1] if a.ndim > 1 else ()
    columns = b.shape[-1:] if b.ndim > 1 else ()
    stack = broadcast_lengths(a.shape[:-2], b.shape[:-2])
    lengths = (*stack, *rows, *columns)
    out = new_zeros(lengths, item)
    _multiply_stack(out, a, b, len(stack))
    return out


def _multiply_stack(out: Any, a: Any, b: Any, depth: int) -> None:
    """Write the products of a stack with this many leading axes."""
    if depth == 0:
        if b.ndim == 1:
            multiply_vector(out, a, b)
        elif a.ndim == 1:
            multiply_vector(out, b.T, a)
        else:
            multiply_matrices(out, a, b)
    else:
        for i in range(out.shape[0]):
            _multiply_stack(
                primitive.subarray(out, i), _part(a, i, depth, 2), _part(b, i, depth, 2), depth - 1
            )


def _part(operand: Any, i: int, depth: int, core: int) -> Any:
    """What an operand has at an index of the first of the leading axes."""
    if operand.ndim < core + depth:
        return operand
    return primitive.subarray(operand, i if operand.shape[0] != 1 else 0)


# --- dot and its relatives


@implements(np.dot, np.ndarray.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """The sum over the last axis of `a` and the one before the last of `b` (or its only one); a product if one is a number."""
    if out is not None:
        return _put_dot(out, dot(a, b))
    a, b = as_operand(a), as_operand(b)
    if _rank(a) == 0 or _rank(b) == 0:
        return _scaled(a, b)
    a, b = as_array(a), as_array(b)
    axis = max(b.ndim - 2, 0)
    if a.shape[-1] != b.shape[axis]:
        raise ValueError(_not_aligned(a.shape, b.shape, axis))
    item = product_item(typeof(a), typeof(b))
    a, b = in_type(a, item), in_type(b, item)
    if a.ndim <= 2 and b.ndim <= 2:
        return _product(a, b)
    return contract(a, b, (a.ndim - 1,), (axis,))


def _rank(operand: Any) -> int:
    """The number of axes; numbers have none."""
    return np.ndim(operand) if not isinstance(typeof(operand), (Array, Scalar)) else _rank_of_type(typeof(operand))


@static_function
def _rank_of_type(kind: Any) -> int:
    return getattr(kind, "ndim", 0)


def _scaled(a: Any, b: Any) -> Any:
    """The product with a number, whose type counts as that of an array does."""
    item = product_item(typeof(a), typeof(b))
    if _rank(a) == 0 and _rank(b) == 0:
        return class_of_item(item)(_number(a)) * class_of_item(item)(_number(b))
    return map_items(lambda x, y: cast_item(x, item) * cast_item(y, item), a, b)


def _number(operand: Any) -> Any:
    return operand[()] if isinstance(typeof(operand), Array) else operand


def _put_dot(out: Any, made: Any) -> Any:
    expected, kind = typeof(made), typeof(out)
    if kind.dtype is not expected.dtype or kind.ndim != expected.ndim or kind.layout != "C":
        raise ValueError(
            "output array is not acceptable (must have the right datatype, number of dimensions, and be a C-Array)"
        )
    if out.shape != made.shape:
        raise ValueError("output array has wrong dimensions")
    return _put(out, made)


def _not_aligned(a: Any, b: Any, axis: int) -> Any:
    last = len(a) - 1
    return f"shapes ({lengths_text(a)}) and ({lengths_text(b)}) not aligned: {a[last]} (dim {last}) != {b[axis]} (dim {axis})"


def lengths_text(lengths: Any) -> Any:
    """The inside of a shape as NumPy's messages show it: without spaces."""
    return f"{lengths[0]}," if len(lengths) == 1 else _joined(lengths)


def _joined(lengths: Any) -> Any:
    return f"{lengths[0]}" if len(lengths) == 1 else f"{lengths[0]},{_joined(lengths[1:])}"


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    """The sum of the products of all items, those of `a` conjugated; in C order, whatever the shapes are."""
    a, b = _flat(as_array(a)), _flat(as_array(b))
    n, m = a.shape[0], b.shape[0]
    if n != m:
        raise ValueError(f"cannot reshape array of size {m} into shape ({n},)")
    item = product_item(typeof(a), typeof(b))
    a, b = in_type(a, item), in_type(b, item)
    if isinstance(item, Complex):
        return fold_items(lambda total, x, y: sum_step(total, x.conjugate(), y), class_of_item(item)(0), a, b)
    return inner_product(a, b)


def _flat(array: Any) -> Any:
    return array if array.ndim == 1 else reshaped(dense(array), (array.size,))


def dense(array: Any) -> Any:
    """The array in C order: a copy if it is not known to be."""
    return array if typeof(array).layout == "C" else copied(array)


def reshaped(array: Any, lengths: Any) -> Any:
    """A view of an array in C order with as many items in another shape."""
    return view_of(array, 0, lengths, None, None, "C")


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    """The sum over the last axes of both; a product if one is a number."""
    a, b = as_operand(a), as_operand(b)
    if _rank(a) == 0 or _rank(b) == 0:
        return _scaled(a, b)
    a, b = as_array(a), as_array(b)
    if a.shape[-1] != b.shape[-1]:
        # NumPy shows the shape of the second array as it is after its last axes are swapped.
        raise ValueError(_not_aligned(a.shape, _last_swapped(b.shape), max(b.ndim - 2, 0)))
    item = product_item(typeof(a), typeof(b))
    a, b = in_type(a, item), in_type(b, item)
    if a.ndim <= 2 and b.ndim <= 2:
        return _product(a, b.T)
    return contract(a, b, (a.ndim - 1,), (b.ndim - 1,))


def _last_swapped(shape: Any) -> Any:
    return shape if len(shape) == 1 else (*shape[:-2], shape[-1], shape[-2])


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    """The products of all pairs of items, both arrays taken as vectors."""
    a, b = _flat(as_array(a)), _flat(as_array(b))
    return np.multiply(a[:, None], b[None, :], out=out)


# --- contractions


def contract(a: Any, b: Any, axes_a: tuple[int, ...], axes_b: tuple[int, ...]) -> Any:
    """The sum over pairs of axes, whose lengths are equal: an array of the axes that are left, first those of `a`."""
    kept_a, kept_b = others(a.ndim, axes_a), others(b.ndim, axes_b)
    made = _product(as_matrix(a, kept_a, axes_a), as_matrix(b, axes_b, kept_b))
    return reshaped(made, picked(a.shape, kept_a) + picked(b.shape, kept_b))


@static_function
def others(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that are not among these."""
    return tuple(axis for axis in range(ndim) if axis not in axes)


def picked(items: Any, positions: tuple[int, ...]) -> Any:
    """The items at these positions."""
    return () if len(positions) == 0 else (items[positions[0]], *picked(items, positions[1:]))


def permuted(array: Any, axes: tuple[int, ...]) -> Any:
    """The view with its axes in this order."""
    if _in_order(axes):
        return array
    if len(axes) == 2:
        return array.T
    return view_of(array, 0, picked(array.shape, axes), picked(array.strides, axes))


@static_function
def _in_order(axes: tuple[int, ...]) -> bool:
    return list(axes) == sorted(axes)


def as_matrix(array: Any, rows: tuple[int, ...], columns: tuple[int, ...]) -> Any:
    """The array as a matrix whose rows run over some of the axes and whose columns over the others."""
    arranged = permuted(array, rows + columns)
    if len(rows) == 1 and len(columns) == 1:
        return arranged
    return reshaped(dense(arranged), (_total(picked(array.shape, rows)), _total(picked(array.shape, columns))))


def _total(lengths: Any) -> Any:
    return 1 if len(lengths) == 0 else lengths[0] * _total(lengths[1:])


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum over the last axes of `a` and the first ones of `b`, or over the pairs of axes that are named."""
    a, b = as_array(a), as_array(b)
    axes_a, axes_b = _contracted(axes, a.ndim, b.ndim)
    _check_equal(picked(a.shape, axes_a), picked(b.shape, axes_b))
    item = product_item(typeof(a), typeof(b))
    return contract(in_type(a, item), in_type(b, item), axes_a, axes_b)


@static_function
def _contracted(axes: Any, ndim_a: int, ndim_b: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of both operands that `axes` names."""
    if isinstance(axes, (int, np.integer)):
        first, second = range(ndim_a - axes, ndim_a), range(axes)
    else:
        first, second = ((x,) if isinstance(x, (int, np.integer)) else x for x in axes)
    if len(first) != len(second):
        raise ValueError("shape-mismatch for sum")
    normal = (tuple(normalize_axis(x, n) for x in each) for each, n in ((first, ndim_a), (second, ndim_b)))
    return tuple(normal)


def _check_equal(a: Any, b: Any) -> None:
    if len(a) > 0:
        if a[0] != b[0]:
            raise ValueError("shape-mismatch for sum")
        _check_equal(a[1:], b[1:])


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: each item of `a` times all of `b`, put together in one array."""
    a, b = as_array(a), as_array(b)
    ndim = max(a.ndim, b.ndim)
    if ndim == 0:
        return a * b
    first, second = _padded(a, ndim), _padded(b, ndim)
    lengths = _products(first.shape, second.shape)
    return reshaped(dense(_spread(first, True) * _spread(second, False)), lengths)


def _padded(array: Any, ndim: int) -> Any:
    """The view with as many axes as asked for: new ones come first."""
    return array if array.ndim == ndim else _padded(array[None], ndim)


def _spread(array: Any, before: bool) -> Any:
    """The view with a new axis behind each axis, or before it."""
    shape, strides = _alternating(array.shape, 1, before), _alternating(array.strides, 0, before)
    return view_of(array, 0, shape, strides)


def _alternating(items: Any, filler: int, before: bool) -> Any:
    if len(items) == 0:
        return ()
    pair = (items[0], filler) if before else (filler, items[0])
    return pair + _alternating(items[1:], filler, before)


def _products(a: Any, b: Any) -> Any:
    return () if len(a) == 0 else (a[0] * b[0], *_products(a[1:], b[1:]))
