"""Matrices: diagonals, triangles, Vandermonde's."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Type
from tracer.array_steps import cast_item, generate, view_of
from tracer.extending import implements, primitive, static_function
from tracer.library.array_creation import as_shape
from tracer.library.array_types import array_type, class_of_item, common_type, item_type, normalize_axis
from tracer.typeof import typeof


@implements(np.diag)
def diag(v: Any, k: Any = 0) -> Any:
    """The k-th diagonal of a matrix (a view that cannot be written), or a matrix with this diagonal."""
    v = np.asarray(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ValueError("Input must be 1- or 2-d.")
    return _with_diagonal(v, k)


@implements(np.diagflat)
def diagflat(v: Any, k: Any = 0) -> Any:
    """A matrix with the items of an array on its k-th diagonal."""
    return _with_diagonal(np.ravel(v), k)


def _with_diagonal(v: Any, k: Any) -> Any:
    length = v.shape[0] + abs(k)
    made = primitive.alloc(length, length, to=array_type(typeof(v).dtype, 2), zero=True)
    row, column = max(-k, 0), max(k, 0)
    for i in range(v.shape[0]):
        primitive.store(made, row + i, column + i, primitive.load(v, i))
    return made


@implements(np.diagonal, np.ndarray.diagonal)
def diagonal(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    """The diagonals in the plane of two axes, along a new last axis: a view that cannot be written."""
    a = np.asarray(a)
    return diagonal_view(a, offset, axis1, axis2, True)


def diagonal_view(a: Any, offset: Any, axis1: Any, axis2: Any, readonly: Any) -> Any:
    """The view of the diagonals in the plane of two axes."""
    if a.ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    first, second = _plane(axis1, axis2, a.ndim)
    shape, strides = a.shape, a.strides
    row, column = max(-offset, 0), max(offset, 0)
    length = max(min(shape[first] - row, shape[second] - column), 0)
    start = row * strides[first] + column * strides[second] if length > 0 else 0
    kept = _others(first, second, a.ndim)
    lengths = (*tuple(shape[i] for i in kept), length)
    steps = (*tuple(strides[i] for i in kept), strides[first] + strides[second])
    return view_of(a, start, lengths, steps, readonly=readonly)


@static_function
def _plane(axis1: int, axis2: int, ndim: int) -> tuple[int, int]:
    first, second = normalize_axis(axis1, ndim), normalize_axis(axis2, ndim)
    if first == second:
        raise ValueError("axis1 and axis2 cannot be the same")
    return first, second


@static_function
def _others(first: int, second: int, ndim: int) -> tuple[int, ...]:
    return tuple(i for i in range(ndim) if i not in (first, second))


# --- triangles


@implements(np.tri)
def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = float) -> Any:
    """A matrix of ones on and below its k-th diagonal, and zeros above."""
    kind = item_type(dtype)
    rows, columns = int(N), int(N if M is None else M)
    shape = primitive.max_(rows, 0), primitive.max_(columns, 0)
    return generate(as_shape(shape), lambda i, j: cast_item(j - i <= k, kind))


@implements(np.tril)
def tril(m: Any, k: Any = 0) -> Any:
    """A copy with zeros above the k-th diagonal of the last two axes."""
    offset = _offset(k)
    return _triangle(np.asarray(m), lambda i, j: j - i <= offset)


@implements(np.triu)
def triu(m: Any, k: Any = 0) -> Any:
    """A copy with zeros below the k-th diagonal of the last two axes."""
    offset = _offset(k)
    return _triangle(np.asarray(m), lambda i, j: j - i >= offset)


def _offset(k: Any) -> Any:
    """The number of a diagonal."""
    return operator.index(k) if isinstance(typeof(k), Array) else k


def _triangle(m: Any, keeps: Any) -> Any:
    if m.ndim == 0:
        raise TypeError("tri() missing 1 required positional argument: 'N'")
    zero = class_of_item(typeof(m).dtype)(0)
    shape = m.shape if m.ndim > 1 else (m.shape[0], m.shape[0])

    def item(*given: Any) -> Any:
        return primitive.select(keeps(given[-3], given[-2]), given[-1], zero)

    return generate(shape, item, m)


@implements(np.vander)
def vander(x: Any, N: Any = None, increasing: Any = False) -> Any:
    """The matrix whose columns are the powers of `x`, the highest first unless `increasing`."""
    x = np.asarray(x)
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    columns = x.shape[0] if N is None else operator.index(N)
    kind = _with_int(typeof(x))
    made = primitive.alloc(*as_shape((x.shape[0], columns)), to=array_type(kind, 2), zero=False)
    for i in range(x.shape[0]):
        base = cast_item(primitive.load(x, i), kind)
        power = class_of_item(kind)(1)
        for j in range(columns):
            primitive.store(made, i, j if increasing else columns - 1 - j, power)
            power = power * base
    return made


@static_function
def _with_int(type: Type) -> Any:
    return common_type(type, array_type(item_type(int), 1))
