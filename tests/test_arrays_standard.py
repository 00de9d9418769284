"""What the array API standard has under other names, windows, and what is known of dtypes, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpy_names
from array_harness import check, expression, layouts
from tracer import NopythonError, njit

pytestmark = pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")

MATRIX = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])
STACK = np.stack([MATRIX, MATRIX[::-1] + 1.0])
VECTOR = np.array([1.0, -2.0, 3.0])
SPIRAL = VECTOR + 1j * VECTOR[::-1]


def there_is(*names: str) -> Any:
    """The names of those functions that this NumPy has."""
    return [name for name in names if hasattr(np, name)]


@pytest.mark.parametrize("text", [
    "diagonal(a)", "diagonal(a, offset=1)", "trace(a)", "trace(a, offset=-1)", "matrix_transpose(a)", "matrix_norm(a)", "matmul(a, a)",
    "matrix_norm(a, ord=1, keepdims=True)", "vector_norm(a)", "vector_norm(a, keepdims=True, ord=1)", "vector_norm(a, axis=0)",
    "vector_norm(a, axis=(-1, 0), ord=np.inf, keepdims=True)",
])  # fmt: skip
def test_linear_algebra_in_the_last_axes(text: str) -> None:
    function = njit(expression(f"np.linalg.{text}"))
    for items in (*layouts(MATRIX), STACK):
        check(function, items, rtol=1e-14)


def test_products_of_tensors() -> None:
    for text in ("tensordot(a, a)", "tensordot(a, a, axes=1)", "tensorinv(a.reshape(3, 1, 3), 1)", "tensorinv(a, 0)"):
        check(expression(f"np.linalg.{text}"), MATRIX, rtol=1e-13)
    check(expression("np.linalg.tensorinv(a)"), np.eye(24).reshape(4, 6, 8, 3))
    tensor, right = np.eye(24).reshape(6, 4, 2, 3, 4) + 0.1, np.arange(24.0).reshape(6, 4)
    check(expression("np.linalg.tensorsolve(a, b)", "a, b"), tensor, right, rtol=1e-12)
    check(expression("np.linalg.tensorsolve(a, b, (0,))", "a, b"), tensor.transpose(2, 0, 1, 3, 4).copy(), right, rtol=1e-12)
    check(expression("np.linalg.tensorsolve(a, b)", "a, b"), MATRIX[:2], VECTOR[:2], message=False)


@pytest.mark.parametrize("name", ("cross", "outer", "vecdot"))
def test_products_of_two_vectors(name: str) -> None:
    function = njit(expression(f"np.linalg.{name}(a, b)", "a, b"))
    for a, b in ((VECTOR, VECTOR[::-1]), (VECTOR[:2], VECTOR[:2]), (MATRIX, STACK)):
        check(function, a, b, rtol=1e-14, strides=False)


@pytest.mark.parametrize("name", there_is("vecdot", "matvec", "vecmat"))
def test_vectors_in_the_last_axis(name: str) -> None:
    function, into = njit(expression(f"np.{name}(a, b)", "a, b")), njit(expression(f"np.{name}(a, b, np.ones(3))", "a, b"))
    vectors, matrices = (VECTOR, STACK[0], SPIRAL, np.arange(3), VECTOR > 0, VECTOR[:2]), (MATRIX, STACK)
    for vector in vectors:
        for other in vectors if name == "vecdot" else matrices:
            first, second = (other, vector) if name == "matvec" else (vector, other)
            check(function, first, second, rtol=1e-14, strides=False, message=False)
    for first, second in ((MATRIX, MATRIX),) if name == "vecdot" else ((MATRIX, VECTOR)[:: 1 if name == "matvec" else -1],):
        check(into, first, second, rtol=1e-14)
    if name == "vecdot":
        check(expression("np.vecdot(a, b, axis=0)", "a, b"), MATRIX, MATRIX[:, ::-1], rtol=1e-14)


@pytest.mark.parametrize("text", [f"np.{name}({rest})" for name in there_is("cumulative_sum", "cumulative_prod") for rest in (
    "a", "a, axis=-1, include_initial=True", "a, include_initial=True, dtype=np.float32",
)])  # fmt: skip
def test_cumulative_sums(text: str) -> None:
    for items in (np.array([100, 100, 3], np.int8), VECTOR, np.array(3.0), np.zeros(0), MATRIX, np.asfortranarray(MATRIX), SPIRAL):
        try:
            check(expression(text), items, rtol=1e-6, strides=False)
        except NopythonError as error:
            assert items.ndim == 2 and "axis" in str(error) and "axis=" not in text


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated")
def test_parts_of_numbers() -> None:
    items = np.array([2.7, -2.7, -0.5, np.nan, np.inf])
    check(expression("np.fix(a), np.fix(a, np.ones(5)), np.fix(-2.7)"), items)
    check(expression("np.fix(a)"), np.arange(3))
    if hasattr(np, "astype"):
        check(expression("np.astype(a, np.float32), np.astype(a, a.dtype, copy=False) is a"), items)


def test_windows() -> None:
    for length in (7, 2, 1, 0, -1):
        for beta in (0.0, 8.6):
            check(lambda n, b: np.kaiser(n, b), length, beta, rtol=1e-13)
    for items in (MATRIX * 9.0, VECTOR.astype(np.float32), np.arange(3), np.array(2.0), 9.5, np.array([np.nan, np.inf, -0.0])):
        check(lambda a: np.i0(a), items, rtol=1e-6 if getattr(items, "dtype", None) == np.float32 else 1e-13)


@pytest.mark.parametrize("text", [
    "np.iinfo(a.dtype).max", "np.iinfo(np.int8).min", "np.finfo(np.float32).tiny", "np.finfo(float).eps", "np.finfo(np.float32).bits",
    "np.can_cast(a.dtype, np.int8)", "np.issubdtype(a.dtype, np.integer)", "np.zeros(3, np.promote_types(a.dtype, np.float32))",
    "np.isdtype(a.dtype, 'integral')",
])  # fmt: skip
def test_what_is_known_of_dtypes(text: str) -> None:
    check(expression(text), np.arange(3))
    with pytest.raises(NopythonError, match="Invalid integer data type"):
        njit(lambda a: np.iinfo(a.dtype).max)(VECTOR)


@pytest.mark.skipif(not there_is("vecdot"), reason="this NumPy has no vecdot")
def test_vectors_have_an_axis() -> None:
    check(expression("np.vecdot(a, 2.0)"), VECTOR, message=False)


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) >= "2.5.0", reason="newer versions of NumPy have more functions")
def test_functions_are_there_or_left_out_for_a_reason() -> None:
    left_out = {name for group in numpy_names.LEFT_OUT.values() for name in group.split()}
    absent = set(numpy_names.missing(numpy_names.names()))
    assert absent <= left_out
    assert {name for name in left_out if numpy_names.find(name) is not None} <= absent | {"linalg.LinAlgError"}
