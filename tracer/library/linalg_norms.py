"""`numpy.linalg`: norms, condition numbers, ranks, pseudo-inverses; powers and chains of products; traces."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Boolean, Complex, Integer
from tracer.array_steps import fold_items, generate, map_items
from tracer.extending import implements, known, primitive, static_function
from tracer.library.array_blas import copied
from tracer.library.array_products import as_array, dot, in_type, matmul, permuted
from tracer.library.array_types import class_of_item, normalize_axis
from tracer.library.linalg_lapack import LinAlgError, check_square, epsilon, real_item, result_item, square_array
from tracer.library.linalg_spectral import svd
from tracer.library.linalg_systems import inv, inverse_or_nan
from tracer.typeof import typeof


# --- norms


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Norms of vectors and matrices. The axes must be known while tracing, and the order too unless it is a number."""
    array = as_array(x)
    items = in_type(array, result_item(typeof(array)))
    which = _order(known(ord), ord is None, axis is None, array.ndim)
    if which == "all":
        made = np.sqrt(_sum_of_squares(items))
        return _kept(made, array.ndim) if keepdims else made
    axes = norm_axes(axis, array.ndim)
    if len(axes) == 1:
        return _vector_norm(items, ord, axes[0], keepdims)
    return _matrix_norm(items, matrix_order(known(ord)), axes, keepdims)


@static_function
def _order(order: Any, is_none: bool, of_all: bool, ndim: int) -> str:
    """Whether the norm is the root of the sum of the squares of all items."""
    if of_all and (is_none or (order in ("f", "fro") and ndim == 2) or (order == 2 and ndim == 1)):
        return "all"
    return "other"


@static_function
def norm_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The one or two axes of a norm, counted from the start."""
    given = tuple(range(ndim)) if axis is None else axis if isinstance(axis, tuple) else (operator.index(axis),)
    axes = tuple(normalize_axis(a, ndim) for a in given)
    if len(axes) not in (1, 2):
        raise ValueError("Improper number of dimensions to norm.")
    if len(set(axes)) < len(axes):
        raise ValueError("Duplicate axes given.")
    return axes


def _sum_of_squares(items: Any) -> Any:
    zero = class_of_item(real_item(typeof(items).dtype))(0)
    return fold_items(lambda total, x: primitive.accumulate_add(total, squared_size(x)), zero, items, compensated=True)


def squared_size(x: Any) -> Any:
    """The square of the absolute value."""
    if isinstance(typeof(x), Complex):
        return x.real * x.real + x.imag * x.imag
    return x * x


def _kept(number: Any, ndim: int) -> Any:
    """A number as an array with this many axes of length 1."""
    return generate(_ones(ndim), lambda: number, indexed=False)


def _ones(ndim: int) -> Any:
    return () if ndim == 0 else (1, *_ones(ndim - 1))


def _vector_norm(items: Any, order: Any, axis: int, keepdims: bool) -> Any:
    value = known(order)
    if isinstance(value, str):
        raise ValueError(f"Invalid norm order '{value}' for vectors")
    if order is None or value == 2:
        return np.sqrt(_summed(_squares(items), axis, keepdims))
    if value == np.inf:
        return np.max(np.abs(items), axis=axis, keepdims=keepdims, initial=0)
    if value == -np.inf:
        return np.min(np.abs(items), axis=axis, keepdims=keepdims)
    if value == 1:
        return _summed(np.abs(items), axis, keepdims)
    real = class_of_item(real_item(typeof(items).dtype))
    if value == 0:
        return _summed((items != 0).astype(real), axis, keepdims)
    # NumPy raises in place, which keeps the type of the items whatever the type of the order.
    exponent = real(order)
    return _summed(np.abs(items) ** exponent, axis, keepdims) ** (real(1) / exponent)


def _summed(items: Any, axis: Any, keepdims: bool) -> Any:
    return np.sum(items, axis=axis, keepdims=keepdims)


def _squares(items: Any) -> Any:
    return map_items(squared_size, items)


@static_function
def matrix_order(order: Any) -> Any:
    """The order of a matrix norm, which is known while tracing."""
    if order not in (None, "fro", "f", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        raise ValueError("Invalid norm order for matrices.")
    return "fro" if order in (None, "f") else order


def _matrix_norm(items: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    made = _unkept_matrix_norm(items, order, axes)
    return _with_axes(made, axes, items.ndim) if keepdims else made


def _with_axes(made: Any, axes: tuple[int, ...], ndim: int) -> Any:
    return _kept(made, ndim) if ndim == 2 else np.expand_dims(made, axes)


def _unkept_matrix_norm(items: Any, order: Any, axes: tuple[int, ...]) -> Any:
    rows, columns = axes
    if order == "fro":
        return np.sqrt(np.sum(_squares(items), axis=axes))
    if order == "nuc" or abs(order) == 2:
        values = svd(permuted(items, last_two(axes, items.ndim)), compute_uv=False)
        if order == "nuc":
            return np.sum(values, axis=-1)
        return np.max(values, axis=-1, initial=0) if order == 2 else np.min(values, axis=-1)
    along, across = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = np.sum(np.abs(items), axis=along)
    left = across - 1 if across > along else across
    return np.max(sums, axis=left, initial=0) if order > 0 else np.min(sums, axis=left)


@static_function
def last_two(axes: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """The order of axes in which these two are the last ones."""
    return (*(axis for axis in range(ndim) if axis not in axes), *axes)


# --- what follows from singular values


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """The condition number: the norm times that of the inverse. NaN where items are NaN, infinite for singular matrices."""
    matrices = as_array(x)
    if matrices.shape[-1] == 0 or matrices.shape[-2] == 0:
        raise LinAlgError("cond is not defined on empty arrays")
    order = known(p)
    if p is None or order == 2 or order == -2:
        values = svd(matrices, compute_uv=False)
        first, last = values[..., 0], values[..., -1]
        found = last / first if order == -2 else first / last
    else:
        check_square(matrices)
        found = norm(matrices, p, (-2, -1)) * norm(inverse_or_nan(matrices), p, (-2, -1))
    undefined = np.isnan(found) & ~np.any(np.isnan(matrices), axis=(-2, -1))
    if matrices.ndim > 2:
        return np.where(undefined, class_of_item(typeof(found).dtype)(np.inf), found)
    return type(found)(np.inf) if undefined else found


@implements(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """How many singular values are above the tolerance."""
    array = as_array(A)
    if array.ndim < 2:
        return int(np.any(array != 0))
    values = svd(array, compute_uv=False, hermitian=hermitian)
    if tol is not None:
        above = values > np.asarray(tol)[..., None]
        found = np.count_nonzero(above, axis=-1)
        return found if above.ndim > 1 else np.int64(found)
    share = epsilon(typeof(values).dtype) * max(array.shape[-2], array.shape[-1]) if rtol is None else rtol
    limits = np.max(values, axis=-1, keepdims=True, initial=0) * share
    found = np.count_nonzero(values > limits, axis=-1)
    return np.int64(found) if array.ndim == 2 else found


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """The pseudo-inverse by Moore and Penrose: small singular values count as zero."""
    matrices = as_array(a)
    result = result_item(typeof(matrices))
    real = class_of_item(real_item(result))
    u, values, vt = svd(in_type(matrices, result), full_matrices=False, hermitian=hermitian)
    share = real(1e-15) if rcond is None and rtol is None else _share(rcond if rtol is None else rtol, real)
    limits = share * np.max(values, axis=-1, keepdims=True, initial=0)
    inverses = map_items(lambda value, limit: real(1) / value if value > limit else real(0), values, limits)
    if isinstance(result, Complex):
        u, vt = map_items(lambda x: x.conjugate(), u), map_items(lambda x: x.conjugate(), vt)
    return matmul(_turned(vt), inverses[..., None] * _turned(u))


def _share(given: Any, real: Any) -> Any:
    """A share of the largest singular value: one number, or one for each matrix of a stack."""
    return np.asarray(given).astype(real)[..., None] if isinstance(typeof(given), Array) else real(given)


def _turned(matrices: Any) -> Any:
    return np.swapaxes(matrices, -1, -2)


# --- powers and chains of products


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: Any) -> Any:
    """The product of n copies of a square matrix; of its inverse for negative n."""
    matrices = square_array(a)
    if not isinstance(typeof(n), (Integer, Boolean)):
        raise TypeError("exponent must be an integer")
    value = known(n)
    if value is None or value >= 0:
        if value is None and n < 0:
            raise ValueError("a negative exponent must be known while tracing, since its result has another type")
        return _power(copied(matrices), int(n))
    return _power(inv(matrices), -value)


def _power(base: Any, n: Any) -> Any:
    """By squaring: the bits of n say which squares are multiplied."""
    number = class_of_item(typeof(base).dtype)
    result = generate(base.shape, lambda *index: number(1) if index[-1] == index[-2] else number(0))
    while n > 0:
        if n % 2 == 1:
            result = matmul(result, base)
        n = n // 2
        if n > 0:
            base = matmul(base, base)
    return result


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Any, *, out: Any = None) -> Any:
    """The product of several matrices. Of three, that order of multiplication is chosen that takes the fewest steps."""
    if len(arrays) < 2:
        raise ValueError("Expecting at least two arrays.")
    if len(arrays) == 3 and arrays[0].ndim == 2 and arrays[2].ndim == 2:
        a, b, c = arrays
        left_first = a.shape[0] * c.shape[0] * (a.shape[1] + c.shape[1])
        right_first = a.shape[1] * c.shape[1] * (a.shape[0] + c.shape[0])
        made = dot(dot(a, b), c) if left_first < right_first else dot(a, dot(b, c))
    else:
        made = _in_turn(arrays)
    return made if out is None else _stored(out, made)


def _in_turn(arrays: Any) -> Any:
    """From the right if the last one is a vector, else from the left."""
    if len(arrays) == 1:
        return arrays[0]
    if arrays[-1].ndim == 1:
        return dot(arrays[0], _in_turn(arrays[1:]))
    return dot(_in_turn(arrays[:-1]), arrays[-1])


def _stored(out: Any, made: Any) -> Any:
    out[...] = made
    return out


# --- traces


@implements(np.trace, np.ndarray.trace)
def trace(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None, out: Any = None) -> Any:
    """The sum of a diagonal, or of those of a stack of matrices."""
    array = as_array(a)
    if array.ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    return np.sum(np.diagonal(array, offset, axis1, axis2), axis=-1, dtype=dtype, out=out)
