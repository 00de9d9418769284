"""`numpy.linalg`: systems of linear equations, inverses, determinants, Cholesky's decomposition, least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Scalar
from tracer.array_steps import broadcast_lengths, cast_item, generate
from tracer.extending import implements, primitive, static_function
from tracer.library.array_blas import copied, new_array
from tracer.library.array_products import as_array, in_type
from tracer.library.array_types import class_of_item
from tracer.library.linalg_lapack import (
    LETTER, LinAlgError, asked_size, epsilon, for_each_matrix, fortran_copy, fortran_matrix, integers, is_complex, lapack,
    real_item, result_item, square_array, stretched, unwrapped, work_item, workspace,
)  # fmt: skip
from tracer.typeof import typeof

SlogdetResult = type(np.linalg.slogdet(np.eye(1)))


# --- systems of equations


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """The solution of `a @ x == b`, for vectors (an array of one axis) or matrices of right sides. LinAlgError if singular."""
    matrices, right = square_array(a), as_array(b)
    item, result = work_item(typeof(matrices), typeof(right)), result_item(typeof(matrices), typeof(right))
    if right.ndim == 1:
        _check_right(matrices.shape[-1], right.shape[0], "solve1", "(m,m),(m)->(m)")
        stack = matrices.shape[:-2]
        out = new_array((*stack, right.shape[0]), item)
        for_each_matrix(_solve_vector, len(stack), (out,), (matrices, stretched(right, out.shape)))
        return in_type(out, result)
    _check_right_rank(right.ndim)
    _check_right(matrices.shape[-1], right.shape[-2], "solve", "(m,m),(m,n)->(m,n)")
    stack = broadcast_lengths(matrices.shape[:-2], right.shape[:-2])
    out = new_array((*stack, right.shape[-2], right.shape[-1]), item)
    for_each_matrix(_solve_matrix, len(stack), (out,), (stretched(matrices, (*stack, *matrices.shape[-2:])), stretched(right, out.shape)))
    return in_type(out, result)


def _check_right_rank(ndim: int) -> None:
    if ndim == 0:
        raise ValueError(
            "solve: Input operand 1 does not have enough dimensions (has 0, gufunc core with signature (m,m),(m,n)->(m,n) "
            "requires 2)"
        )


def _check_right(length: Any, found: Any, name: str, signature: str) -> None:
    if length != found:
        raise ValueError(
            f"{name}: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature {signature} "
            f"(size {found} is different from {length})"
        )


def _solve_vector(outputs: Any, inputs: Any) -> None:
    matrix, right = inputs
    out, item = outputs[0], typeof(outputs[0]).dtype
    for i in range(out.shape[0]):
        primitive.store(out, i, cast_item(primitive.load(right, i), item))
    _solve_in_place(fortran_copy(matrix, item), out, 1)


def _solve_matrix(outputs: Any, inputs: Any) -> None:
    matrix, right = inputs
    item = typeof(outputs[0]).dtype
    solution = fortran_copy(right, item)
    _solve_in_place(fortran_copy(matrix, item), solution, right.shape[1])
    outputs[0][...] = solution


def _solve_in_place(matrix: Any, right: Any, count: Any) -> None:
    """Replace the right sides by the solutions, and the matrix by its factors."""
    if not _has_solutions(matrix, right, count):
        raise LinAlgError("Singular matrix")


def _has_solutions(matrix: Any, right: Any, count: Any) -> bool:
    """The same, where the matrix is not singular."""
    n = matrix.shape[0]
    lead = max(n, 1)
    return lapack(typeof(matrix).dtype, "gesv", n, count, matrix, lead, integers(n), right, lead) <= 0


@implements(np.linalg.inv)
def inv(a: Any) -> Any:
    """The inverse. LinAlgError if the matrix is singular."""
    matrices = square_array(a)
    out = new_array(matrices.shape, work_item(typeof(matrices)))
    for_each_matrix(_invert, matrices.ndim - 2, (out,), (matrices,))
    return in_type(out, result_item(typeof(matrices)))


def inverse_or_nan(matrices: Any) -> Any:
    """The inverses of a stack of square matrices; NaN where a matrix is singular."""
    out = new_array(matrices.shape, work_item(typeof(matrices)))
    for_each_matrix(_invert_regular, matrices.ndim - 2, (out,), (matrices,))
    return in_type(out, result_item(typeof(matrices)))


def _invert(outputs: Any, inputs: Any) -> None:
    out, matrix = outputs[0], inputs[0]
    solution = _identity_for(out)
    _solve_in_place(fortran_copy(matrix, typeof(out).dtype), solution, matrix.shape[0])
    out[...] = solution


def _invert_regular(outputs: Any, inputs: Any) -> None:
    out, matrix = outputs[0], inputs[0]
    solution = _identity_for(out)
    if not _has_solutions(fortran_copy(matrix, typeof(out).dtype), solution, matrix.shape[0]):
        solution[...] = class_of_item(typeof(out).dtype)(np.nan)
    out[...] = solution


def _identity_for(out: Any) -> Any:
    one = class_of_item(typeof(out).dtype)
    return generate(out.shape, lambda i, j: one(1) if i == j else one(0), layout="F")


# --- determinants


@implements(np.linalg.det)
def det(a: Any) -> Any:
    """The determinant."""
    matrices = square_array(a)
    out = new_array(matrices.shape[:-2], work_item(typeof(matrices)))
    for_each_matrix(_determinant, matrices.ndim - 2, (out,), (matrices,))
    return unwrapped(in_type(out, result_item(typeof(matrices))))


def _determinant(outputs: Any, inputs: Any) -> None:
    sign, logarithm = _sign_and_logarithm(inputs[0], typeof(outputs[0]).dtype)
    primitive.store(outputs[0], sign * class_of_item(typeof(outputs[0]).dtype)(np.exp(logarithm)))


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """The sign of the determinant, and the logarithm of its absolute value."""
    matrices = square_array(a)
    item = work_item(typeof(matrices))
    signs, logarithms = new_array(matrices.shape[:-2], item), new_array(matrices.shape[:-2], real_item(item))
    for_each_matrix(_signed_logarithm, matrices.ndim - 2, (signs, logarithms), (matrices,))
    result = result_item(typeof(matrices))
    return SlogdetResult(unwrapped(in_type(signs, result)), unwrapped(in_type(logarithms, real_item(result))))


def _signed_logarithm(outputs: Any, inputs: Any) -> None:
    sign, logarithm = _sign_and_logarithm(inputs[0], typeof(outputs[0]).dtype)
    primitive.store(outputs[0], sign)
    primitive.store(outputs[1], logarithm)


def _sign_and_logarithm(matrix: Any, item: Scalar) -> Any:
    """From the factors of Gauss' elimination: the product of their diagonal, its sign changed by each exchange of rows."""
    one, real = class_of_item(item), class_of_item(real_item(item))
    n = matrix.shape[0]
    factors, pivots = fortran_copy(matrix, item), integers(n)
    status = lapack(item, "getrf", n, n, factors, max(n, 1), pivots)
    sign, logarithm = one(0), real(-np.inf)
    if status == 0:
        sign, logarithm = one(1), real(0)
        for i in range(n):
            pivot = primitive.load(factors, i, i)
            size = abs(pivot)
            sign = sign * (pivot / size)
            if int(primitive.load(pivots, i)) != i + 1:
                sign = -sign
            logarithm = logarithm + np.log(size)
    return sign, logarithm


# --- Cholesky


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    """The triangular factor of a positive definite matrix, of which only one triangle is read. LinAlgError if it is not."""
    matrices = square_array(a)
    out = new_array(matrices.shape, work_item(typeof(matrices)))
    if upper:
        for_each_matrix(_upper_factor, matrices.ndim - 2, (out,), (matrices,))
    else:
        for_each_matrix(_lower_factor, matrices.ndim - 2, (out,), (matrices,))
    return in_type(out, result_item(typeof(matrices)))


def _lower_factor(outputs: Any, inputs: Any) -> None:
    _factor(outputs[0], inputs[0], LETTER["L"], True)


def _upper_factor(outputs: Any, inputs: Any) -> None:
    _factor(outputs[0], inputs[0], LETTER["U"], False)


def _factor(out: Any, matrix: Any, triangle: Any, lower: bool) -> None:
    item, n = typeof(out).dtype, matrix.shape[0]
    factor = fortran_copy(matrix, item)
    if lapack(item, "potrf", triangle, n, factor, max(n, 1)) > 0:
        raise LinAlgError("Matrix is not positive definite")
    for i in range(n):
        for j in range(n):
            inside = j <= i if lower else j >= i
            primitive.store(out, i, j, primitive.load(factor, i, j) if inside else class_of_item(item)(0))


# --- least squares


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The least-squares solution, the sums of the squared residuals, the rank, and the singular values of `a`."""
    matrix, right = as_array(a), as_array(b)
    if matrix.ndim != 2:
        raise LinAlgError(_exactly_two(matrix.ndim))
    if right.ndim == 1:
        solution, residuals, rank, values = _least_squares(matrix, right[:, None], rcond)
        return copied(solution[:, 0]), residuals, rank, values
    if right.ndim != 2:
        raise LinAlgError(_exactly_two(right.ndim))
    return _least_squares(matrix, right, rcond)


@static_function
def _exactly_two(ndim: int) -> str:
    return f"{ndim}-dimensional array given. Array must be two-dimensional"


def _least_squares(matrix: Any, right: Any, rcond: Any) -> Any:
    item, result = work_item(typeof(matrix), typeof(right)), result_item(typeof(matrix), typeof(right))
    real = real_item(item)
    (m, n), count = matrix.shape, right.shape[1]
    if m != right.shape[0]:
        raise LinAlgError("Incompatible dimensions")
    longest, shortest = max(m, n), min(m, n)
    limit = epsilon(result) * longest if rcond is None else rcond
    solution = fortran_matrix(longest, max(count, 1), item)
    for j in range(solution.shape[1]):
        for i in range(longest):
            primitive.store(solution, i, j, cast_item(right[i, j], item) if i < m and j < count else class_of_item(item)(0))
    values, rank = workspace(shortest, real), integers(1)
    if shortest > 0:
        _call_gelsd(fortran_copy(matrix, item), solution, values, class_of_item(real)(limit), rank)
    else:
        rank[0] = 0
        solution[...] = 0
    found = int(rank[0])
    residuals = _residuals(solution, found, m, n, count, real)
    answer = copied(in_type(solution[:n, :count], result))
    return answer, in_type(residuals, real_item(result)), np.int32(found), copied(in_type(values[:shortest], real_item(result)))


def _call_gelsd(matrix: Any, solution: Any, values: Any, limit: Any, rank: Any) -> None:
    item = typeof(matrix).dtype
    size, real_size, integer_size = _gelsd_asks(matrix, solution, values, limit, rank)
    work, spare = workspace(size, item), integers(integer_size)
    if is_complex(item):
        status = _gelsd(matrix, solution, values, limit, rank, work, size, (workspace(real_size, real_item(item)), spare))
    else:
        status = _gelsd(matrix, solution, values, limit, rank, work, size, (spare,))
    if status > 0:
        raise LinAlgError("SVD did not converge in Linear Least Squares")


def _gelsd_asks(matrix: Any, solution: Any, values: Any, limit: Any, rank: Any) -> Any:
    """The sizes of the workspaces: of the items, of the parts of complex items, and of integers."""
    item = typeof(matrix).dtype
    work, spare = workspace(1, item), integers(1)
    if is_complex(item):
        real = workspace(1, real_item(item))
        _gelsd(matrix, solution, values, limit, rank, work, -1, (real, spare))
        return asked_size(work), asked_size(real), int(spare[0])
    _gelsd(matrix, solution, values, limit, rank, work, -1, (spare,))
    return asked_size(work), 1, int(spare[0])


def _gelsd(matrix: Any, solution: Any, values: Any, limit: Any, rank: Any, work: Any, size: Any, spare: Any) -> Any:
    m, n = matrix.shape
    return lapack(
        typeof(matrix).dtype, "gelsd", m, n, solution.shape[1], matrix, max(m, 1), solution, max(solution.shape[0], 1),
        values, limit, rank, work, size, *spare,
    )  # fmt: skip


def _residuals(solution: Any, rank: Any, m: Any, n: Any, count: Any, real: Scalar) -> Any:
    """What is left of the right sides, where the system has more equations than unknowns and full rank; else nothing."""
    length = count if rank == n and m > n else 0
    out = new_array((length,), real)
    for j in range(length):
        total = class_of_item(real)(0)
        for i in range(n, m):
            size = abs(primitive.load(solution, i, j))
            total = total + size * size
        out[j] = total
    return out
