"""Products of arrays against NumPy: ranks, types, memory layouts, lengths that do not fit, and what is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from array_harness import check, layouts
from codegen import blas
from ir.ops import foreign
from tracer import njit, trace

DTYPES = ("float64", "complex64", "int64", "bool")
ALL_DTYPES = (*DTYPES, "float32", "complex128", "int8", "uint8")


def items(*shape: int, dtype: Any = "float64") -> np.ndarray:
    """Small whole numbers, so that sums are exact in every order."""
    made = (np.arange(int(np.prod(shape))) % 7 - 3).reshape(shape)
    return (made * (1 - 2j)).astype(dtype) if np.dtype(dtype).kind == "c" else made.astype(dtype)


@njit
def dot(a: Any, b: Any) -> Any:
    return np.dot(a, b)


@njit
def at(a: Any, b: Any) -> Any:
    return a @ b


@njit
def vdot(a: Any, b: Any) -> Any:
    return np.vdot(a, b)


@njit
def inner(a: Any, b: Any) -> Any:
    return np.inner(a, b)


@njit
def outer(a: Any, b: Any) -> Any:
    return np.outer(a, b)


@njit
def kron(a: Any, b: Any) -> Any:
    return np.kron(a, b)


@njit
def in_place(a: Any, b: Any) -> None:
    a @= b


@njit
def transposed(a: Any, b: Any) -> Any:
    return a.T @ b.T


@pytest.mark.parametrize("dtype", ALL_DTYPES)
@pytest.mark.parametrize(("a", "b"), [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4))], ids=str)
def test_vectors_and_matrices(dtype: str, a: tuple, b: tuple) -> None:
    check(at, items(*a, dtype=dtype), items(*b, dtype=dtype))
    check(dot, items(*a, dtype=dtype), items(*b, dtype=dtype))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", ("float64", "complex64", "int64"))
def test_layouts(dtype: str) -> None:
    for a in layouts(items(4, 6, dtype=dtype)):
        for b in layouts(items(6, 5, dtype=dtype)):
            check(at, a, b)
            check(transposed, b, a)
        for v in layouts(items(6, dtype=dtype)):
            check(at, a, v)
    for v in layouts(items(4, dtype=dtype)):
        check(at, v, items(4, 6, dtype=dtype))
        check(at, v, v)


def test_slices_of_rows_and_columns() -> None:
    a, b = items(9, 8), items(8, 9)
    read_only = a.copy()
    read_only.flags.writeable = False
    for one, other in [
        (a[2:7], b[:, 1:4]), (a[:, 3:5], b[3:5]), (a[::2], b), (a[:, ::3], b[::3]), (a.T[1:4], a), (a[2:3], b), (a[:, 2:3], b[2:3]),
        (a[:1, ::2], b[::2]), (np.broadcast_to(a[0], (4, 8)), b), (read_only, b), (a[:, ::-1], b[::-1]),
    ]:  # fmt: skip
        check(at, one, other)
        check(at, one, other[:, 1])
        check(at, one[-1], other)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("a", "b"),
    [((2, 5, 3), (3, 2)), ((2, 5, 3), (2, 3, 2)), ((2, 1, 5, 3), (4, 3, 2)), ((2, 5, 3), (3,)), ((3,), (2, 3, 4)), ((1, 2, 3), (4, 3, 1))],
    ids=str,
)  # fmt: skip
def test_stacks(dtype: str, a: tuple, b: tuple) -> None:
    check(at, items(*a, dtype=dtype), items(*b, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("a", "b"), [((2, 5, 3), (4, 3, 2)), ((2, 5, 3), (3,)), ((3,), (2, 3, 4)), ((2, 2, 5, 3), (3, 4))], ids=str)
def test_dot_of_many_axes(dtype: str, a: tuple, b: tuple) -> None:
    check(dot, items(*a, dtype=dtype), items(*b, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_no_items(dtype: str) -> None:
    for a, b in [((0, 8), (8, 3)), ((3, 0), (0, 4)), ((3, 0), (0,)), ((0,), (0,)), ((0,), (0, 3)), ((2, 0, 3), (3, 2)), ((0, 0), (0, 0))]:
        check(at, items(*a, dtype=dtype), items(*b, dtype=dtype))
    check(vdot, items(0, 3, dtype=dtype), items(0, dtype=dtype))


def test_lengths_that_do_not_fit() -> None:
    for a, b in [((3,), (4,)), ((2, 3), (4,)), ((3,), (2, 3)), ((2, 3), (2, 4)), ((2, 3, 4), (2, 4)), ((2, 3, 4), (2, 2, 4)), ((2, 3, 4), (3, 4, 5))]:
        for function in (dot, at, inner):
            check(function, items(*a), items(*b))
            check(function, items(*a, dtype=int), items(*b, dtype=int))
    check(vdot, items(3), items(2, 2))


def test_items_of_different_types() -> None:
    check(at, items(2, 3, dtype="int32"), items(3, 2, dtype="float32"))
    check(at, items(2, 3, dtype="float32"), items(3, 2, dtype="complex64"))
    check(at, items(2, 3, dtype="uint8"), items(3, dtype="int8"))
    check(at, items(2, 3, dtype="float64"), items(3, dtype="bool"))
    check(dot, items(3, dtype="int8"), items(3, dtype="float64"))


@pytest.mark.parametrize("number", (2, 2.5, 1j, np.float32(2), np.int8(3)), ids=repr)
def test_dot_with_numbers(number: Any) -> None:
    for other in (items(2, 3, dtype="float32"), items(3, dtype="int8"), 3, 1.5):
        check(dot, number, other, rtol=1e-15)  # which lets the signs of zeros differ, as they do in complex products
        check(inner, other, number, rtol=1e-15)


def test_nan_and_infinity() -> None:
    a, b = items(3, 3), items(3, 3)
    a[0, 0], b[1, 1] = np.nan, np.inf
    check(at, a, b)
    check(at, a, b[1])
    check(dot, a[0], b[0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", (vdot, inner, outer), ids=lambda f: f.__name__)
def test_relatives_of_dot(dtype: str, function: Callable) -> None:
    for a, b in [((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (4, 3)), ((2, 3, 2), (4, 2))]:
        check(function, items(*a, dtype=dtype), items(*b, dtype=dtype), message=function is not vdot)
    for a in layouts(items(2, 3, dtype=dtype)):
        check(function, a, items(2, 3, dtype=dtype)[:, ::-1])


def tensordot_of_two(a: Any, b: Any) -> Any:
    return np.tensordot(a, b)


def tensordot_of_none(a: Any, b: Any) -> Any:
    return np.tensordot(a, b, 0)


def tensordot_of_named(a: Any, b: Any) -> Any:
    return np.tensordot(a, b, axes=((0, 1), (1, 0)))


def tensordot_of_one(a: Any, b: Any) -> Any:
    return np.tensordot(a, b, axes=(-1, 0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_tensordot(dtype: str) -> None:
    two = njit(tensordot_of_two)
    check(two, items(2, 3, dtype=dtype), items(2, 3, dtype=dtype))
    check(two, items(4, 2, 3, dtype=dtype), items(2, 3, 5, dtype=dtype))
    check(njit(tensordot_of_none), items(2, 3, dtype=dtype), items(4, dtype=dtype))
    named = njit(tensordot_of_named)
    check(named, items(3, 4, 5, dtype=dtype), items(4, 3, 2, dtype=dtype))
    check(named, items(3, 4, 5, dtype=dtype), items(4, 2, 2, dtype=dtype))
    check(njit(tensordot_of_one), items(3, 4, dtype=dtype).T, items(3, 2, 2, dtype=dtype))


@pytest.mark.parametrize("dtype", DTYPES)
def test_kron(dtype: str) -> None:
    for a, b in [((2, 3), (3, 2)), ((2,), (3, 2)), ((2, 3, 2), (2, 2)), ((0, 2), (2, 2))]:
        check(kron, items(*a, dtype=dtype), items(*b, dtype=dtype))


def into(a: Any, b: Any, out: Any) -> Any:
    return np.matmul(a, b, out)


def dot_into(a: Any, b: Any, out: Any) -> Any:
    return np.dot(a, b, out=out)


def test_out() -> None:
    check(into, items(3, 4), items(4, 5), np.zeros((3, 5)))
    check(into, items(3, 4), items(4, 5), np.zeros((5, 3)).T)
    check(into, items(3, 4, dtype="f4"), items(4, 5, dtype="f4"), np.zeros((3, 5)))
    check(into, items(3, 4), items(4), np.zeros(6)[::2])
    check(into, items(3, 4), items(4, 5), np.zeros((3, 6)))
    check(into, items(3, 4), items(4, 5), np.zeros((2, 5)))
    check(dot_into, items(3, 4), items(4, 5), np.zeros((3, 5)))
    check(dot_into, items(3, 4), items(4, 5), np.zeros((3, 5), int))
    check(dot_into, items(3, 4), items(4, 5), np.zeros((3, 6)))


def matmul_onto_itself(a: Any) -> Any:
    return np.matmul(a, a, a)


def test_operands_that_are_written() -> None:
    check(in_place, items(3, 3), items(3, 3))
    check(in_place, items(3, 3, dtype="int8"), items(3, 3, dtype="int8"))
    check(matmul_onto_itself, items(3, 3))


def with_own_transpose(a: Any) -> Any:
    b = a.T
    return a @ b, b @ a, np.dot(b, a)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", ("float64", "complex64", "int64"))
def test_products_with_the_own_transpose(dtype: str) -> None:
    compiled = njit(with_own_transpose)
    for a in (*layouts(items(4, 6, dtype=dtype)), items(0, 3, dtype=dtype), items(3, 0, dtype=dtype)):
        check(compiled, a)
    symmetric = compiled(np.random.default_rng(1).random((30, 20)))
    assert all(np.array_equal(each, each.T) for each in symmetric)


def squares(a: Any) -> float:
    total = 0.0
    for _ in range(3):
        total += (a @ a.T).sum()
    return total


def test_products_in_loops() -> None:
    check(squares, items(30, 20))


def product(a: Any, b: Any) -> Any:
    return a @ b


@pytest.mark.skipif(blas.library() is None, reason="needs a BLAS")
def test_loops_do_what_blas_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "foreign" in trace(product)(items(2, 3), items(3, 2)).text()
    monkeypatch.setattr(blas, "available", lambda *names: False)
    compiled = njit(product)
    for dtype in ("float64", "complex128"):
        for a, b in [((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 2, 3), (3, 2))]:
            check(compiled, items(*a, dtype=dtype), items(*b, dtype=dtype))
    assert "foreign" not in "".join(graph.text() for graph in compiled.graphs.values())


def test_scipy_serves_where_numpy_has_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy.linalg.cython_blas")
    found = blas._of_scipy()
    assert found is not None and found.find("dgemm") and found.find("dgesv") and found.find("nonsense") is None
    monkeypatch.setattr(blas, "library", lambda: found)
    monkeypatch.setattr(foreign, "ADDRESSES", {})
    monkeypatch.setattr(blas, "ADDRESSES", foreign.ADDRESSES)
    monkeypatch.setattr("codegen.lower_foreign.ADDRESSES", foreign.ADDRESSES)
    check(njit(product), items(20, 30), items(30, 40))
    check(njit(product), items(20, 30), items(30))
