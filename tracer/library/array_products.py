"""Products of arrays: `dot`, `matmul`, `vdot`, `inner`, `outer` and what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, Scalar
from tracer.array_steps import assign_items, broadcast_lengths, cast_item, fold_items, map_items
from tracer.extending import implements, primitive, static_function
from tracer.library.array_blas import multiply_matrices, multiply_vector, new_array, new_zeros, routine
from tracer.library.array_types import class_of_item, item_type
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
    item = product_item(typeof(a), typeof(b)) if dtype is None else item_type(dtype)
    made = _product(in_type(a, item), in_type(b, item))
    return made if out is None else _put(out, made)


def _check_rank(array: Any, number: int) -> None:
    if array.ndim == 0:
        raise ValueError(
            f"matmul: Input operand {number} does not have enough dimensions (has 0, gufunc core with signature "
            f"{_MATMUL_SIGNATURE} requires 1)"
        )


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
    else:
        out = new_array((a.shape[0], b.shape[1]), item)
        multiply_matrices(out, a, b)
    return out


def _product_by_loops(a: Any, b: Any) -> Any:
    """The products are summed over the axis before the last of a space with the axes (..., row, sum, column)."""
    zero = class_of_item(typeof(a).dtype)(0)
    if b.ndim == 1:
        return fold_items(sum_step, zero, a, b, axes=(a.ndim - 1,))
    if a.ndim == 1:
        return fold_items(sum_step, zero, a[:, None], b, axes=(b.ndim - 2,))
    return fold_items(sum_step, zero, a[..., None], b[..., None, :, :], axes=(max(a.ndim, b.ndim) - 1,))


def _stacked_product(a: Any, b: Any) -> Any:
    """Products of stacks: the leading axes are stretched to one shape."""
    item = typeof(a).dtype
    rows = a.shape[-2:-1] if a.ndim > 1 else ()
    columns = b.shape[-1:] if b.ndim > 1 else ()
    stack = _stack_shape(a.shape[:-2], b.shape[:-2])
    lengths = (*stack, *rows, *columns)
    out = new_zeros(lengths, item)
    _multiply_stack(out, a, b, len(stack))
    return out


def _stack_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return broadcast_lengths(a, b)


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
