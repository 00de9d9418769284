"""`numpy.linalg`: eigenvalues and eigenvectors, singular values, QR decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Scalar
from tracer.extending import implements, known, primitive, reject, static_function, typed_by_values
from tracer.library.array_blas import new_array
from tracer.library.array_products import as_array, in_type
from tracer.library.array_types import class_of_item
from tracer.library.linalg_lapack import (
    LETTER, LinAlgError, asked_size, check_matrices, for_each_matrix, fortran_copy, fortran_matrix, integers, is_complex,
    lapack, real_item, result_item, square_array, work_item, workspace,
)  # fmt: skip
from tracer.typeof import typeof

_IDENTITY = np.eye(1)
EighResult, EigResult, SVDResult, QRResult = (
    type(function(_IDENTITY)) for function in (np.linalg.eigh, np.linalg.eig, np.linalg.svd, np.linalg.qr)
)


# --- hermitian matrices


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of hermitian matrices, of which one triangle is read, in ascending order, and the eigenvectors."""
    matrices = square_array(a)
    item = work_item(typeof(matrices))
    vectors = new_array(matrices.shape, item)
    values = new_array(matrices.shape[:-1], real_item(item))
    step = _upper_eigenvectors if triangle_of(UPLO) == "U" else _lower_eigenvectors
    for_each_matrix(step, matrices.ndim - 2, (values, vectors), (matrices,))
    result = result_item(typeof(matrices))
    return EighResult(in_type(values, real_item(result)), in_type(vectors, result))


@implements(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of hermitian matrices, of which one triangle is read, in ascending order."""
    matrices = square_array(a)
    values = new_array(matrices.shape[:-1], real_item(work_item(typeof(matrices))))
    step = _upper_eigenvalues if triangle_of(UPLO) == "U" else _lower_eigenvalues
    for_each_matrix(step, matrices.ndim - 2, (values,), (matrices,))
    return in_type(values, real_item(result_item(typeof(matrices))))


@static_function
def triangle_of(letter: str) -> str:
    """The triangle that UPLO names."""
    if letter.upper() not in ("L", "U"):
        raise ValueError("UPLO argument must be 'L' or 'U'")
    return letter.upper()


def _lower_eigenvectors(outputs: Any, inputs: Any) -> None:
    _hermitian(outputs, inputs[0], LETTER["V"], LETTER["L"])


def _upper_eigenvectors(outputs: Any, inputs: Any) -> None:
    _hermitian(outputs, inputs[0], LETTER["V"], LETTER["U"])


def _lower_eigenvalues(outputs: Any, inputs: Any) -> None:
    _hermitian(outputs, inputs[0], LETTER["N"], LETTER["L"])


def _upper_eigenvalues(outputs: Any, inputs: Any) -> None:
    _hermitian(outputs, inputs[0], LETTER["N"], LETTER["U"])


def _hermitian(outputs: Any, source: Any, job: Any, triangle: Any) -> None:
    item = work_item(typeof(source))
    matrix = fortran_copy(source, item)
    values = outputs[0]
    size, real_size, integer_size = _hermitian_asks(matrix, values, job, triangle)
    status = _evd(matrix, values, job, triangle, size, real_size, integer_size)[0]
    if status > 0:
        raise LinAlgError("Eigenvalues did not converge")
    if len(outputs) > 1:
        outputs[1][...] = matrix


def _hermitian_asks(matrix: Any, values: Any, job: Any, triangle: Any) -> Any:
    _, size, real_size, integer_size = _evd(matrix, values, job, triangle, -1, -1, -1)
    return size, real_size, integer_size


def _evd(matrix: Any, values: Any, job: Any, triangle: Any, size: Any, real_size: Any, integer_size: Any) -> Any:
    """The routine's status, and the sizes of workspaces that it asked for if those given are -1."""
    item, n = typeof(matrix).dtype, matrix.shape[0]
    work, spare = workspace(size, item), integers(integer_size)
    if is_complex(item):
        real = workspace(real_size, real_item(item))
        status = lapack(item, "heevd", job, triangle, n, matrix, max(n, 1), values, work, size, real, real_size, spare, integer_size)
        return status, asked_size(work), asked_size(real), int(spare[0])
    status = lapack(item, "syevd", job, triangle, n, matrix, max(n, 1), values, work, size, spare, integer_size)
    return status, asked_size(work), 1, int(spare[0])


# --- any square matrices


@implements(np.linalg.eig)
def eig(a: Any) -> Any:
    """The eigenvalues and right eigenvectors. Of a real matrix they must be real: ValueError otherwise, since the types of
    results cannot depend on values; `a.astype(complex)` allows for complex ones."""
    matrices = square_array(a)
    item = work_item(typeof(matrices))
    values, vectors = new_array(matrices.shape[:-1], item), new_array(matrices.shape, item)
    for_each_matrix(_general, matrices.ndim - 2, (values, vectors), (matrices,))
    result = result_item(typeof(matrices))
    return EigResult(in_type(values, result), in_type(vectors, result))


@implements(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """The eigenvalues; see `eig` for those of real matrices."""
    matrices = square_array(a)
    values = new_array(matrices.shape[:-1], work_item(typeof(matrices)))
    for_each_matrix(_general, matrices.ndim - 2, (values,), (matrices,))
    return in_type(values, result_item(typeof(matrices)))


def _general(outputs: Any, inputs: Any) -> None:
    item = typeof(outputs[0]).dtype
    if not is_complex(item):
        typed_by_values()
    matrix = fortran_copy(inputs[0], item)
    _check_finite(matrix)
    n = matrix.shape[0]
    with_vectors = len(outputs) > 1
    job = LETTER["V"] if with_vectors else LETTER["N"]
    vectors = fortran_matrix(n if with_vectors else 1, n if with_vectors else 1, item)
    size = _geev(matrix, outputs[0], vectors, job, -1)[1]
    status = _geev(matrix, outputs[0], vectors, job, size)[0]
    if status > 0:
        raise LinAlgError("Eigenvalues did not converge")
    if with_vectors:
        outputs[1][...] = vectors


def _check_finite(matrix: Any) -> None:
    for j in range(matrix.shape[1]):
        for i in range(matrix.shape[0]):
            if not np.isfinite(primitive.load(matrix, i, j)):
                raise LinAlgError("Array must not contain infs or NaNs")


def _geev(matrix: Any, values: Any, vectors: Any, job: Any, size: Any) -> Any:
    """The routine's status, and the size of the workspace that it asked for if the one given is -1."""
    item, n = typeof(matrix).dtype, matrix.shape[0]
    lead, work = max(n, 1), workspace(size, item)
    unused = fortran_matrix(1, 1, item)
    if is_complex(item):
        spare = workspace(2 * n, real_item(item))
        status = lapack(
            item, "geev", LETTER["N"], job, n, matrix, lead, values, unused, 1, vectors, max(vectors.shape[0], 1), work, size, spare
        )
        return status, asked_size(work)
    imaginary = workspace(n, item)
    status = lapack(
        item, "geev", LETTER["N"], job, n, matrix, lead, values, imaginary, unused, 1, vectors, max(vectors.shape[0], 1), work, size
    )
    if size != -1:
        for i in range(n):
            if primitive.load(imaginary, i) != 0:
                raise ValueError("a real matrix has complex eigenvalues; its elements must be complex for these: a.astype(complex)")
    return status, asked_size(work)


# --- singular values


@implements(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """Singular value decomposition: U, the singular values in descending order, V conjugated and transposed."""
    matrices = as_array(a)
    check_matrices(matrices)
    if known(hermitian) is not False:
        reject("svd takes hermitian=False only in compiled code", "hermitian matrices are matrices too: leave it out")
    full, vectors = known(full_matrices), known(compute_uv)
    if full is None or vectors is None:
        reject("svd: full_matrices and compute_uv must be known while tracing", "write True or False")
    item, result = work_item(typeof(matrices)), result_item(typeof(matrices))
    stack, (m, n) = matrices.shape[:-2], matrices.shape[-2:]
    shortest = min(m, n)
    values = new_array((*stack, shortest), real_item(item))
    if not vectors:
        for_each_matrix(_singular_values, len(stack), (values,), (matrices,))
        return in_type(values, real_item(result))
    left = new_array((*stack, m, m if full else shortest), item)
    right = new_array((*stack, n if full else shortest, n), item)
    for_each_matrix(_all_vectors if full else _some_vectors, len(stack), (values, left, right), (matrices,))
    return SVDResult(in_type(left, result), in_type(values, real_item(result)), in_type(right, result))


@implements(np.linalg.svdvals)
def svdvals(x: Any, /) -> Any:
    """The singular values in descending order."""
    return svd(x, False, False)


def _singular_values(outputs: Any, inputs: Any) -> None:
    item = work_item(typeof(inputs[0]))
    unused = fortran_matrix(1, 1, item)
    _decompose(fortran_copy(inputs[0], item), outputs[0], unused, unused, LETTER["N"])


def _all_vectors(outputs: Any, inputs: Any) -> None:
    _with_vectors(outputs, inputs[0], LETTER["A"])


def _some_vectors(outputs: Any, inputs: Any) -> None:
    _with_vectors(outputs, inputs[0], LETTER["S"])


def _with_vectors(outputs: Any, source: Any, job: Any) -> None:
    values, left, right = outputs
    item = typeof(left).dtype
    u, v = fortran_matrix(*left.shape, item), fortran_matrix(*right.shape, item)
    if values.shape[0] == 0:
        # The routine leaves vectors as they are where there are no values: any basis will do.
        left[...] = np.eye(left.shape[0], left.shape[1])
        right[...] = np.eye(right.shape[0], right.shape[1])
    else:
        _decompose(fortran_copy(source, item), values, u, v, job)
        left[...] = u
        right[...] = v


def _decompose(matrix: Any, values: Any, u: Any, v: Any, job: Any) -> None:
    size = _gesdd(matrix, values, u, v, job, -1)[1]
    if _gesdd(matrix, values, u, v, job, size)[0] != 0:
        raise LinAlgError("SVD did not converge")


def _gesdd(matrix: Any, values: Any, u: Any, v: Any, job: Any, size: Any) -> Any:
    """The routine's status, and the size of the workspace that it asked for if the one given is -1."""
    item, (m, n) = typeof(matrix).dtype, matrix.shape
    shortest, longest = min(m, n), max(m, n)
    work, spare = workspace(size, item), integers(8 * shortest)
    leads = max(u.shape[0], 1), max(v.shape[0], 1)
    if is_complex(item):
        # What the routine's documentation asks for in the case that needs most.
        real = workspace(shortest * max(5 * shortest + 7, 2 * longest + 2 * shortest + 1), real_item(item))
        status = lapack(item, "gesdd", job, m, n, matrix, max(m, 1), values, u, leads[0], v, leads[1], work, size, real, spare)
    else:
        status = lapack(item, "gesdd", job, m, n, matrix, max(m, 1), values, u, leads[0], v, leads[1], work, size, spare)
    return status, asked_size(work)


# --- QR


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    """The factors: orthonormal columns and an upper triangle. Modes: "reduced", "complete", "r"."""
    matrices = as_array(a)
    check_matrices(matrices)
    which = _mode(mode)
    item, result = work_item(typeof(matrices)), result_item(typeof(matrices))
    stack, (m, n) = matrices.shape[:-2], matrices.shape[-2:]
    shortest = min(m, n)
    rows = m if which == "complete" else shortest
    triangle = new_array((*stack, rows, n), item)
    if which == "r":
        for_each_matrix(_triangle, len(stack), (triangle,), (matrices,))
        return in_type(triangle, result)
    columns = new_array((*stack, m, rows), item)
    for_each_matrix(_orthogonal, len(stack), (triangle, columns), (matrices,))
    return QRResult(in_type(columns, result), in_type(triangle, result))


@static_function
def _mode(mode: str) -> str:
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"the mode {mode!r} of qr is not one of 'reduced', 'complete', 'r' in compiled code")
    return mode


def _triangle(outputs: Any, inputs: Any) -> None:
    item = typeof(outputs[0]).dtype
    factors, _ = _householder(fortran_copy(inputs[0], item))
    _store_triangle(outputs[0], factors)


def _orthogonal(outputs: Any, inputs: Any) -> None:
    triangle, columns = outputs
    item = typeof(columns).dtype
    factors, scales = _householder(fortran_copy(inputs[0], item))
    _store_triangle(triangle, factors)
    m, k = columns.shape
    q = fortran_matrix(m, k, item)
    for j in range(min(k, factors.shape[1])):
        for i in range(m):
            primitive.store(q, i, j, primitive.load(factors, i, j))
    reflections = min(m, factors.shape[1])
    size = _make_orthogonal(q, reflections, scales, -1)[1]
    _make_orthogonal(q, reflections, scales, size)
    columns[...] = q


def _store_triangle(out: Any, factors: Any) -> None:
    zero = class_of_item(typeof(out).dtype)(0)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            primitive.store(out, i, j, primitive.load(factors, i, j) if j >= i else zero)


def _householder(matrix: Any) -> Any:
    """The factors in one matrix, and the scales of the reflections."""
    scales = workspace(min(*matrix.shape), typeof(matrix).dtype)
    _geqrf(matrix, scales, _geqrf(matrix, scales, -1))
    return matrix, scales


def _geqrf(matrix: Any, scales: Any, size: Any) -> Any:
    item, (m, n) = typeof(matrix).dtype, matrix.shape
    work = workspace(size, item)
    lapack(item, "geqrf", m, n, matrix, max(m, 1), scales, work, size)
    return max(asked_size(work), n, 1)


def _make_orthogonal(q: Any, reflections: Any, scales: Any, size: Any) -> Any:
    item, (m, k) = typeof(q).dtype, q.shape
    work = workspace(size, item)
    status = lapack(item, _orthogonal_name(item), m, k, reflections, q, max(m, 1), scales, work, size)
    return status, max(asked_size(work), k, 1)


@static_function
def _orthogonal_name(item: Scalar) -> str:
    return "ungqr" if isinstance(item, types.Complex) else "orgqr"
