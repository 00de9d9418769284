"""Indices made and converted: `ravel_multi_index`, `unravel_index`, diagonals and triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array, Integer, int64, np_int64
from tracer.array_steps import cast_item
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_reductions import pointwise
from tracer.library.array_take import fitted, index_mode
from tracer.library.flat_items import positions
from tracer.library.index_arrays import as_index
from tracer.typeof import typeof

_UNEQUAL = "All dimensions of input must be of equal length"


@static_function
def modes_of(mode: Any, count: int) -> tuple[str, ...]:
    """The mode for each axis."""
    given = mode if isinstance(mode, tuple) else (mode,) * count
    if len(given) != count:
        raise ValueError("parameter multi_index must be a sequence of length")
    return tuple(map(index_mode, given))


@static_function
def is_fortran_order(order: Any) -> bool:
    """Whether `order` is "F"; ValueError for what is neither "C" nor "F"."""
    if order not in ("C", "F"):
        raise ValueError("only 'C' or 'F' order is permitted")
    return order == "F"


@implements(np.ravel_multi_index)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: Any = "C") -> Any:
    """The numbers of items in an array of this shape, from their indices on each axis."""
    shape = dims if isinstance(dims, tuple) else (dims,)
    if not isinstance(multi_index, tuple):
        reject("the indices are a tuple with one number or array for each axis")
    if len(multi_index) != len(shape):
        raise ValueError(f"parameter multi_index must be a sequence of length {len(shape)}")
    indices, modes = _arrays(multi_index), modes_of(mode, len(shape))
    _check_each(indices, shape, modes)
    by_column = is_fortran_order(order)
    return pointwise(lambda *given: np.int64(_number(given, shape, modes, by_column)), *indices)


def _arrays(items: Any) -> Any:
    if len(items) == 0:
        return ()
    return (np.array(items[0]) if isinstance(items[0], tuple) else items[0], *_arrays(items[1:]))


def _check_each(indices: Any, shape: Any, modes: Any) -> None:
    if len(indices) > 0:
        if modes[0] == "raise":
            _check(indices[0], shape[0])
        _check_each(indices[1:], shape[1:], modes[1:])


def _check(index: Any, length: Any) -> None:
    if isinstance(typeof(index), Array):
        for i in index.flat:
            _check(i, length)
    elif index < 0 or index >= length:
        raise ValueError("invalid entry in coordinates array")


def _number(index: Any, shape: Any, modes: Any, by_column: Any) -> Any:
    """Horner's rule, from the axis that changes slowest."""
    if len(index) == 0:
        return 0
    if by_column:
        here, rest = fitted(index[0], shape[0], modes[0]), _number(index[1:], shape[1:], modes[1:], by_column)
        return primitive.add(here, primitive.mul(rest, int(shape[0])))
    here, rest = fitted(index[-1], shape[-1], modes[-1]), _number(index[:-1], shape[:-1], modes[:-1], by_column)
    return primitive.add(here, primitive.mul(rest, int(shape[-1])))


@implements(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: Any = "C") -> Any:
    """The indices on each axis of items with these numbers in an array of this shape."""
    lengths = shape if isinstance(shape, tuple) else (shape,)
    numbers = np.array(indices) if isinstance(indices, tuple) else indices
    if not _is_integer(typeof(numbers)):
        raise TypeError("only int indices permitted")
    size = _product(lengths)
    _check_numbers(numbers, size)
    by_column = is_fortran_order(order)
    ordered = _reversed(lengths) if by_column else lengths
    made = _each_axis(numbers, ordered, 0)
    return _reversed(made) if by_column else made


@static_function
def _is_integer(type: Any) -> bool:
    return isinstance(type.dtype if isinstance(type, Array) else type, Integer)


def _check_numbers(numbers: Any, size: Any) -> None:
    if isinstance(typeof(numbers), Array):
        for number in numbers.flat:
            _check_numbers(number, size)
    elif numbers < 0 or numbers >= size:
        raise ValueError(f"index {numbers} is out of bounds for array with size {size}")


def _product(lengths: Any) -> Any:
    return 1 if len(lengths) == 0 else int(lengths[0]) * _product(lengths[1:])


def _reversed(items: Any) -> Any:
    return () if len(items) == 0 else (items[-1], *_reversed(items[:-1]))


def _each_axis(numbers: Any, shape: Any, axis: Any) -> Any:
    if axis == len(shape):
        return ()
    here = pointwise(lambda n: np.int64(_position(n, shape, axis)), numbers)
    return (here, *_each_axis(numbers, shape, axis + 1))


def _position(number: Any, shape: Any, axis: Any) -> Any:
    return primitive.cast(positions(shape, as_index(number))[axis], to=int64)


# --- diagonals


@implements(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: Any = False) -> None:
    """Store into the diagonal; several items one after the other, repeated as often as needed."""
    if a.ndim < 2:
        raise ValueError("array must be at least 2-d")
    if typeof(a).readonly:
        raise ValueError("underlying array is read-only")
    if a.ndim > 2:
        _check_equal(a.shape)
    values = np.ravel(np.array(val))
    if len(values) == 0:
        return
    kind, rows = typeof(a).dtype, a.shape[0]
    found = 0
    period = primitive.add(a.shape[1], 1) if a.ndim == 2 and wrap else rows
    for i in range(rows):
        # With `wrap` the diagonal begins again below a row that is left free.
        column = primitive.mod(i, primitive.max_(period, 1)) if a.ndim == 2 and wrap else i
        if column < a.shape[1]:
            item = cast_item(primitive.load(values, primitive.mod(found, len(values))), kind)
            primitive.store(a, i, *_repeat(column, a.ndim - 1), item)
            found = found + 1


def _check_equal(shape: Any) -> None:
    if len(shape) > 1:
        if shape[0] != shape[1]:
            raise ValueError(_UNEQUAL)
        _check_equal(shape[1:])


def _repeat(item: Any, count: Any) -> Any:
    return () if count == 0 else (item, *_repeat(item, count - 1))


@implements(np.diag_indices)
def diag_indices(n: Any, ndim: Any = 2) -> Any:
    """The indices of the main diagonal of an array with equal lengths."""
    return _repeat(np.arange(n), ndim)


@implements(np.diag_indices_from)
def diag_indices_from(arr: Any) -> Any:
    """The indices of the main diagonal of an array."""
    if arr.ndim < 2:
        raise ValueError("input array must be at least 2-d")
    _check_equal(arr.shape)
    return _repeat(np.arange(arr.shape[0]), arr.ndim)


# --- triangles


def _triangle(n: Any, m: Any, k: Any, lower: Any) -> Any:
    """The indices (i, j) with j - i <= k, or >= k, row by row."""
    count = 0
    for i in range(n):
        first, last = _columns(i, m, k, lower)
        count = primitive.add(count, primitive.sub(last, first))
    rows, columns = np.empty(count, np.int64), np.empty(count, np.int64)
    found = 0
    for i in range(n):
        first, last = _columns(i, m, k, lower)
        for j in range(first, last):
            primitive.store(rows, found, primitive.cast(i, to=np_int64))
            primitive.store(columns, found, primitive.cast(j, to=np_int64))
            found = found + 1
    return rows, columns


def _columns(i: Any, m: Any, k: Any, lower: Any) -> Any:
    if lower:
        return 0, primitive.max_(primitive.min_(primitive.add(i, primitive.add(k, 1)), m), 0)
    return primitive.min_(primitive.max_(primitive.add(i, k), 0), m), m


def _length(n: Any) -> Any:
    return primitive.max_(int(n), 0)


@implements(np.tril_indices)
def tril_indices(n: Any, k: Any = 0, m: Any = None) -> Any:
    """The indices of the lower triangle, up to the diagonal `k`, of an array of n rows and m columns."""
    return _triangle(_length(n), _length(n if m is None else m), int(k), True)


@implements(np.triu_indices)
def triu_indices(n: Any, k: Any = 0, m: Any = None) -> Any:
    """The indices of the upper triangle, from the diagonal `k` on, of an array of n rows and m columns."""
    return _triangle(_length(n), _length(n if m is None else m), int(k), False)


@implements(np.tril_indices_from)
def tril_indices_from(arr: Any, k: Any = 0) -> Any:
    """The indices of the lower triangle of an array."""
    _check_matrix(arr)
    return tril_indices(arr.shape[0], k, arr.shape[1])


@implements(np.triu_indices_from)
def triu_indices_from(arr: Any, k: Any = 0) -> Any:
    """The indices of the upper triangle of an array."""
    _check_matrix(arr)
    return triu_indices(arr.shape[0], k, arr.shape[1])


def _check_matrix(arr: Any) -> None:
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")


@implements(np.mask_indices)
def mask_indices(n: Any, mask_func: Any, k: Any = 0) -> Any:
    """The indices where a function of matrices, as `np.triu`, keeps ones."""
    return np.nonzero(mask_func(np.ones((n, n), np.int64), k))
