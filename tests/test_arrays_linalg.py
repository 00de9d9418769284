"""`numpy.linalg` against NumPy: values, types, layouts, stacks, empty matrices, and what is raised."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from array_harness import check, since
from codegen import blas
from tracer import NopythonError, njit

pytestmark = pytest.mark.skipif(blas.library() is None, reason="needs LAPACK")
TOLERANCE = {"f": 1e-4, "F": 1e-4}
DTYPES = ("float64", "complex128", "float32", "int64")


def items(*shape: int, dtype: Any = "float64") -> np.ndarray:
    """Random numbers of size 4, the same each time."""
    source = np.random.default_rng(sum(shape))
    made = source.standard_normal(shape)
    if np.dtype(dtype).kind == "c":
        made = made + 1j * source.standard_normal(shape)
    return (made * 4).astype(dtype)


def positive(n: int, dtype: Any = "float64") -> np.ndarray:
    """A positive definite matrix."""
    factor = items(n, n, dtype=dtype)
    return (factor @ factor.conj().T + n * np.eye(n)).astype(dtype)


def agree(function: Callable, *arguments: Any, **options: Any) -> Any:
    """Compare with NumPy, with room for rounding."""
    kinds = [a.dtype.char for a in arguments if isinstance(a, np.ndarray)]
    tolerance = max(TOLERANCE.get(kind, 1e-9) for kind in kinds)
    return check(function, *arguments, rtol=tolerance, **options)


@njit
def solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b)


@njit
def inv(a: Any) -> Any:
    return np.linalg.inv(a)


@njit
def det(a: Any) -> Any:
    return np.linalg.det(a)


@njit
def slogdet(a: Any) -> Any:
    return np.linalg.slogdet(a)


@njit
def lower(a: Any) -> Any:
    return np.linalg.cholesky(a)


@njit
def upper(a: Any) -> Any:
    return np.linalg.cholesky(a, upper=True)


@njit
def lstsq(a: Any, b: Any) -> Any:
    return np.linalg.lstsq(a, b)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", DTYPES)
def test_systems_of_equations(dtype: str) -> None:
    agree(solve, items(3, 3, dtype=dtype), items(3, dtype=dtype))
    agree(solve, items(3, 3, dtype=dtype), items(3, 2, dtype=dtype))
    agree(inv, items(3, 3, dtype=dtype))
    agree(inv, np.ones((2, 2), dtype))
    agree(det, items(3, 3, dtype=dtype))
    agree(slogdet, items(3, 3, dtype=dtype))


def test_systems_in_any_layout_and_in_stacks() -> None:
    agree(solve, items(3, 3).T, items(2, 3).T)
    agree(solve, items(6, 6)[::2, ::2], items(6)[::-2])
    agree(solve, items(2, 3, 3), items(3, 2))
    agree(solve, items(2, 3, 3), items(3))
    agree(solve, items(3, 3), items(2, 3, 1))
    agree(solve, items(0, 0), items(0))
    agree(inv, items(4, 4)[::-1].T)
    agree(inv, items(2, 2, 3, 3))
    agree(det, items(2, 3, 3))
    agree(det, items(0, 0))
    agree(slogdet, items(2, 3, 3, dtype="complex64"))


def test_singular_and_misshapen_systems() -> None:
    for matrix, right in [
        (np.ones((2, 2)), items(2)), (items(2, 3), items(2)), (items(2, 2), items(3)), (items(2, 2), items(3, 1)), (items(2), items(3)),
    ]:  # fmt: skip
        agree(solve, matrix, right)
    for matrix in (np.ones((2, 2)), np.zeros((2, 2)), items(2, 3), items(3)):
        agree(inv, matrix)
        agree(det, matrix)
        agree(slogdet, matrix)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", DTYPES)
def test_cholesky(dtype: str) -> None:
    matrix = positive(4, dtype)
    for function in (lower, upper):
        agree(function, matrix)
        agree(function, matrix.T)
        agree(function, -matrix)
        agree(function, np.tril(matrix) if function is lower else np.triu(matrix))
    agree(lower, np.stack([matrix, 2 * matrix]))


@pytest.mark.parametrize("dtype", ("float64", "complex128"))
def test_least_squares(dtype: str) -> None:
    agree(lstsq, items(5, 3, dtype=dtype), items(5, dtype=dtype))
    agree(lstsq, items(5, 3, dtype=dtype), items(5, 2, dtype=dtype))
    agree(lstsq, items(3, 5, dtype=dtype), items(3, dtype=dtype))
    agree(lstsq, items(5, 3, dtype=dtype), items(4, dtype=dtype))
    agree(lstsq, items(0, 3, dtype=dtype), items(0, dtype=dtype))
    solution, residuals, rank, _ = lstsq(np.ones((5, 3), dtype), items(5, dtype=dtype))
    expected = np.linalg.lstsq(np.ones((5, 3), dtype), items(5, dtype=dtype))
    assert rank == expected[2] == 1 and residuals.shape == expected[1].shape == (0,)
    np.testing.assert_allclose(solution, expected[0])


@njit
def eigh(a: Any) -> Any:
    values, vectors = np.linalg.eigh(a)
    return values, np.abs(vectors), np.linalg.eigvalsh(a, "U")


@njit
def eigvalsh(a: Any) -> Any:
    return np.linalg.eigvalsh(a)


@njit
def eig(a: Any) -> Any:
    values, vectors = np.linalg.eig(a)
    return values, np.abs(vectors)


@njit
def eigvals(a: Any) -> Any:
    return np.linalg.eigvals(a)


@pytest.mark.parametrize("dtype", ("float64", "complex128", "float32"))
def test_hermitian_eigenvalues(dtype: str) -> None:
    matrix = positive(4, dtype)
    agree(eigh, matrix)
    agree(eigvalsh, np.tril(matrix))
    if dtype != "float32":
        agree(eigvalsh, np.stack([matrix, 2 * matrix]))
        agree(eigvalsh, items(0, 0, dtype=dtype))
        agree(eigvalsh, items(2, 3, dtype=dtype))


def test_eigenvalues() -> None:
    if np.lib.NumpyVersion(np.__version__) < "2.5.0":
        agree(eig, positive(4), strides=False)
    else:  # real eigenvalues are complex numbers there
        values = np.linalg.eigvals(positive(4))
        np.testing.assert_allclose(np.sort(eigvals(positive(4))), np.sort(values.real), rtol=1e-12)
    agree(eigvals, items(2, 3, 3, dtype="complex128"))
    agree(eig, items(3, 3, dtype="complex128"))
    for function in (eig, eigvals):
        agree(function, np.full((2, 2), np.nan))
        with pytest.raises(ValueError, match="complex eigenvalues"):
            function(np.array([[0.0, 1.0], [-1.0, 0.0]]))


@njit
def svd(a: Any) -> Any:
    u, values, v = np.linalg.svd(a)
    shortest = min(a.shape[0], a.shape[1])
    return np.abs(u[:, :shortest]), values, np.abs(v[:shortest]), u.shape, v.shape


@njit
def short_svd(a: Any) -> Any:
    u, values, v = np.linalg.svd(a, full_matrices=False)
    return np.abs(u), values, np.abs(v)


@njit
def singular_values(a: Any) -> Any:
    return np.linalg.svd(a, compute_uv=False)


@njit
def rebuilt(a: Any) -> Any:
    u, values, v = np.linalg.svd(a, False)
    return (u * values) @ v


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", ("float64", "complex128", "float32"))
def test_singular_values(dtype: str) -> None:
    for shape in ((3, 3), (4, 2), (2, 4)):
        matrix = items(*shape, dtype=dtype)
        agree(svd, matrix)
        agree(short_svd, matrix)
        agree(singular_values, matrix)
        np.testing.assert_allclose(rebuilt(matrix), matrix, rtol=1e-4)


def test_singular_values_of_odd_matrices() -> None:
    for matrix in (items(0, 3), items(3, 0), np.full((2, 2), np.nan)):
        agree(short_svd, matrix)
    agree(singular_values, items(2, 3, 4))
    agree(singular_values, items(3))


@njit
def qr(a: Any) -> Any:
    return np.linalg.qr(a)


@njit
def qr_complete(a: Any) -> Any:
    return np.linalg.qr(a, "complete")


@njit
def qr_triangle(a: Any) -> Any:
    return np.linalg.qr(a, mode="r")


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", ("float64", "complex128"))
def test_qr(dtype: str) -> None:
    for shape in ((3, 3), (4, 2), (2, 4), (0, 3), (3, 0)):
        for function in (qr, qr_complete, qr_triangle):
            agree(function, items(*shape, dtype=dtype))
    agree(qr, items(2, 3, 4, dtype=dtype))


def named(text: str) -> Callable:
    """A function of `a` with this body."""
    scope: dict[str, Any] = {"np": np}
    exec(compile_with_source(f"def function(a):\n    return {text}\n"), scope)
    return scope["function"]


def compile_with_source(text: str) -> Any:
    """The code of a text that `linecache` can show."""
    name = f"<{text}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    return compile(text, name, "exec")


NORMS = ("", ", 1", ", 2", ", -1", ", -2", ", np.inf", ", -np.inf")


@pytest.mark.parametrize("dtype", ("float64", "complex64"))
@pytest.mark.parametrize("order", (*NORMS, ", 'fro'", ", 'nuc'", ", 3", ", 0", ", axis=-1", ", 1, axis=0, keepdims=True"))
def test_norms(order: str, dtype: str) -> None:
    compiled = njit(named(f"np.linalg.norm(a{order})"))
    if order not in (", 'fro'", ", 'nuc'"):
        agree(compiled, items(5, dtype=dtype))
    if order not in (", 3", ", 0"):
        agree(compiled, items(3, 4, dtype=dtype))


def test_norms_of_odd_arrays() -> None:
    plain = njit(named("np.linalg.norm(a)"))
    for array in (items(4, 6)[::2, ::-1], items(0), items(2, 3, 4), items(3, dtype=int), items(3, 4).T):
        agree(plain, array)
    agree(njit(named("np.linalg.norm(a, keepdims=True)")), items(3, 4))
    for text in ("axis=(0, 2)", "1, axis=(0, 2), keepdims=True", "2, axis=(0, 2)"):
        agree(njit(named(f"np.linalg.norm(a, {text})")), items(2, 3, 4))
    with pytest.raises(NopythonError, match="Improper number of dimensions"):
        njit(named("np.linalg.norm(a, 2)"))(items(2, 3, 4))


@pytest.mark.parametrize(
    "text",
    [
        "np.linalg.cond(a)", pytest.param("np.linalg.cond(a, 1)", marks=since("2.3.0")), "np.linalg.matrix_rank(a)", "np.linalg.pinv(a)", "np.linalg.matrix_power(a, 0)",
        "np.linalg.matrix_power(a, 3)", "np.linalg.matrix_power(a, -2)", "np.linalg.matrix_power(a, a.shape[0] + 2)",
        "np.linalg.multi_dot((a, a, a[:, 0]))", "np.linalg.multi_dot((a, a, a))", "np.trace(a)", "np.trace(a, 1)", "a.trace(offset=-1)",
    ],
)  # fmt: skip
def test_what_follows(text: str) -> None:
    compiled = njit(named(text))
    agree(compiled, items(3, 3))
    if "pow" in text or "trace" in text:
        agree(compiled, items(3, 3, dtype=int))
    else:
        agree(compiled, items(3, 3, dtype="complex128"))


def test_what_follows_for_odd_matrices() -> None:
    agree(njit(named("np.linalg.matrix_rank(a)")), np.ones((3, 4)))
    agree(njit(named("np.linalg.matrix_rank(a)")), items(2, 3, 3))
    agree(njit(named("np.linalg.pinv(a)")), np.ones((3, 2)))
    agree(njit(named("np.linalg.pinv(a)")), items(2, 4))
    agree(njit(named("np.linalg.cond(a)")), items(0, 2))
    agree(njit(named("np.linalg.matrix_power(a, 2)")), items(2, 3))
    agree(njit(named("np.trace(a)")), items(3, 4, 2))
    agree(njit(named("np.trace(a)")), np.eye(3, dtype=bool))


@pytest.mark.parametrize(
    "text",
    [
        "np.linalg.cond(a)", "np.linalg.cond(a, -2)", pytest.param("np.linalg.cond(a, 1)", marks=since("2.3.0")),
        pytest.param("np.linalg.cond(a, 'fro')", marks=since("2.3.0")), "np.linalg.pinv(a)", "np.linalg.pinv(a, 0.3)",
        "np.linalg.pinv(a, np.linspace(0.1, 0.9, len(a)))", "np.linalg.matrix_power(a, 3)", "np.linalg.matrix_power(a, -2)",
        "np.linalg.matrix_power(a, a.shape[0] + 2)",
    ],
)  # fmt: skip
def test_stacks_of_matrices(text: str) -> None:
    compiled = njit(named(text))
    agree(compiled, items(2, 3, 3))
    agree(compiled, np.asfortranarray(items(2, 3, 3)))
    agree(compiled, items(0, 3, 3))
    agree(compiled, items(2, 3, 3, dtype="complex128"))
    if "linspace" not in text:
        agree(compiled, items(2, 2, 2, 2)[:, ::-1])


@since("2.3.0")
@pytest.mark.parametrize("order", [1, np.inf, "fro"])
def test_condition_of_singular_matrices(order: Any) -> None:
    compiled = njit(lambda a: np.linalg.cond(a, order))
    singular = items(3, 2, 2)
    singular[1] = 1.0
    agree(compiled, singular)
    agree(compiled, singular[1])
    singular[1, 0, 0] = np.nan
    agree(compiled, singular)


def chain(a: Any, b: Any, c: Any) -> Any:
    return np.linalg.multi_dot((a, b, c))


def test_chains() -> None:
    agree(njit(chain), items(3, 4), items(4, 2), items(2, 5))
    agree(njit(chain), items(5, 4), items(4, 6), items(6, 1))
    agree(njit(chain), items(4), items(4, 6), items(6, 2))


def in_a_loop(matrices: Any, right: Any) -> Any:
    total = np.zeros(right.shape[0])
    for i in range(matrices.shape[0]):
        total += np.linalg.solve(matrices[i], right)
    return total


def test_memory_is_given_back_when_a_loop_raises() -> None:
    matrices = items(4, 3, 3)
    agree(njit(in_a_loop), matrices, items(3))
    matrices[2] = 1.0
    agree(njit(in_a_loop), matrices, items(3))
