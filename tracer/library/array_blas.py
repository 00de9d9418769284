"""Products of matrices and vectors of floats and complex numbers through BLAS.

BLAS works on matrices in Fortran order. A matrix whose rows lie densely in memory is a Fortran matrix that is transposed, so
nothing is copied for either order, nor for slices of whole rows or columns; anything else is copied first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from codegen import blas
from ir import types
from ir.types import Scalar
from tracer.array_steps import generate
from tracer.extending import out_of_line, primitive, static_function
from tracer.library.array_types import array_type, class_of_item
from tracer.typeof import typeof

_LETTERS = {types.float32: "s", types.np_float64: "d", types.complex64: "c", types.np_complex128: "z"}
_NORMAL, _TRANSPOSED, _UPPER = (np.uint8(ord(letter)) for letter in "NTU")


@static_function
def routine(item: Scalar, name: str) -> str | None:
    """The function of BLAS or LAPACK for items of this type: `dgemm` for "gemm"; None where there is none."""
    letter = _LETTERS.get(item)
    return letter + name if letter is not None and blas.available(letter + name) else None


@static_function
def integer_type() -> Any:
    """The type of the integers of BLAS."""
    return blas.integer_type()


def as_integer(number: Any) -> Any:
    """A length as BLAS takes it."""
    return primitive.cast(number, to=integer_type())


def copied(array: Any) -> Any:
    """The items in new memory, in C order."""
    return generate(array.shape, lambda item: item, array, indexed=False)


def fortran_form(matrix: Any) -> Any:
    """The matrix, or a copy of it that BLAS can read; its leading dimension; whether its rows are dense."""
    kind = typeof(matrix)
    if not kind.aligned:
        return fortran_form(copied(matrix))
    rows, columns = matrix.shape
    if kind.layout == "C":
        return matrix, max(columns, 1), True
    if kind.layout == "F":
        return matrix, max(rows, 1), False
    dense = _dense_matrix(matrix)
    by_rows = _has_dense_rows(dense)
    across, along = dense.strides
    stride, length, count = (across, columns, rows) if by_rows else (along, rows, columns)
    return dense, max(stride // matrix.itemsize if count > 1 else 0, length, 1), by_rows


@out_of_line
def _dense_matrix(matrix: Any) -> Any:
    """The matrix if its rows or its columns are dense, else a copy of any layout."""
    if _has_dense_rows(matrix) or _has_dense_columns(matrix):
        return matrix
    return primitive.relax(copied(matrix), to=typeof(matrix))


def _has_dense_rows(matrix: Any) -> Any:
    (rows, columns), (across, along) = matrix.shape, matrix.strides
    return _is_dense(rows, columns, across, along, matrix.itemsize)


def _has_dense_columns(matrix: Any) -> Any:
    (rows, columns), (across, along) = matrix.shape, matrix.strides
    return _is_dense(columns, rows, along, across, matrix.itemsize)


def _is_dense(count: Any, length: Any, across: Any, along: Any, itemsize: Any) -> Any:
    """Whether each of the lines lies densely in memory, and the lines do not overlap."""
    return along == itemsize and (count <= 1 or (across >= itemsize * length and across % itemsize == 0))


def vector_form(vector: Any) -> Any:
    """The vector, or a copy of it that BLAS can read, and the distance between its items."""
    kind = typeof(vector)
    if not kind.aligned:
        return copied(vector), 1
    if kind.layout == "C":
        return vector, 1
    spaced = _spaced_vector(vector)
    return spaced, max(spaced.strides[0] // vector.itemsize, 1)


@out_of_line
def _spaced_vector(vector: Any) -> Any:
    """The vector if its items follow each other upwards in steps of whole items, else a copy of any layout."""
    stride = vector.strides[0]
    if stride > 0 and stride % vector.itemsize == 0:
        return vector
    return primitive.relax(copied(vector), to=typeof(vector))


def _flag(is_normal: Any) -> Any:
    return _NORMAL if is_normal else _TRANSPOSED


_GEMM = ("character", "character", *("reference",) * 4, "data", "reference", "data", "reference", "reference", "data", "reference")
_GEMV = ("character", *("reference",) * 3, "data", "reference", "data", "reference", "reference", "data", "reference")
_SYRK = ("character", "character", *("reference",) * 3, "data", "reference", "reference", "data", "reference")


def multiply_matrices(out: Any, a: Any, b: Any) -> None:
    """out = a @ b; all have the same items, their lengths fit, and `out` is in C order and not one of the others."""
    one = class_of_item(typeof(out).dtype)
    (n, k), m = a.shape, b.shape[1]
    a, lead_a, rows_a = fortran_form(a)
    b, lead_b, rows_b = fortran_form(b)
    # What is asked for is the transpose of the result, in Fortran order: b.T @ a.T.
    primitive.foreign(
        _flag(rows_b), _flag(rows_a), as_integer(m), as_integer(n), as_integer(k), one(1), b, as_integer(lead_b),
        a, as_integer(lead_a), one(0), out, as_integer(max(m, 1)),
        symbol=routine(typeof(out).dtype, "gemm"), parameters=_GEMM, to=types.none,
    )  # fmt: skip


def multiply_by_transpose(out: Any, a: Any) -> None:
    """out = a @ a.T, which takes half the work and is exactly symmetric. `out` is in C order and not the other array."""
    one = class_of_item(typeof(out).dtype)
    n, k = a.shape
    matrix, lead, by_rows = fortran_form(a)
    primitive.foreign(
        _UPPER, _flag(not by_rows), as_integer(n), as_integer(k), one(1), matrix, as_integer(lead), one(0), out,
        as_integer(max(n, 1)), symbol=routine(typeof(out).dtype, "syrk"), parameters=_SYRK, to=types.none,
    )  # fmt: skip
    # The upper triangle in Fortran order is the lower one in C order.
    for i in range(n):
        for j in range(i):
            primitive.store(out, j, i, primitive.load(out, i, j))


def multiply_vector(out: Any, matrix: Any, vector: Any) -> None:
    """out = matrix @ vector. `out` holds zeros; its items may lie apart."""
    one = class_of_item(typeof(out).dtype)
    rows, columns = matrix.shape
    matrix, lead, by_rows = fortran_form(matrix)
    vector, step = vector_form(vector)
    first, second = (columns, rows) if by_rows else (rows, columns)
    primitive.foreign(
        _flag(not by_rows), as_integer(first), as_integer(second), one(1), matrix, as_integer(lead), vector,
        as_integer(step), one(1), out, as_integer(1),
        symbol=routine(typeof(out).dtype, "gemv"), parameters=_GEMV, to=types.none,
    )  # fmt: skip


def new_zeros(lengths: Any, item: Scalar) -> Any:
    """A new array of zeros in C order."""
    return primitive.alloc(*lengths, to=array_type(item, len(lengths), "C"), zero=True)


def new_array(lengths: Any, item: Scalar) -> Any:
    """A new array in C order with any contents."""
    return primitive.alloc(*lengths, to=array_type(item, len(lengths), "C"), zero=False)
