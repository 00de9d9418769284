"""New arrays against NumPy: ranges, displays, conversions, copies, matrices, grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, expression, layouts, sample, since

from tracer import NopythonError, njit

DTYPES = ("bool", "int8", "int64", "uint8", "float32", "float64", "complex128")
SHAPES: tuple[tuple[int, ...], ...] = ((), (3,), (0,), (2, 3), (1, 3), (0, 2), (2, 3, 2), (2, 1, 2, 2))
F32, I8, I64, U8, U64 = np.float32, np.int8, np.int64, np.uint8, np.uint64
MATRIX = np.arange(6.0).reshape(2, 3)
FORTRAN = np.asfortranarray(MATRIX)
LINE = np.arange(5)


def has_known_order(a: Any) -> bool:
    """Whether the type of the array says in which order its items are: copies of the others are in C order."""
    return not isinstance(a, np.ndarray) or a.flags.c_contiguous or a.flags.f_contiguous


def check_all(function: Any, dtypes: tuple[str, ...] = ("float64",), shapes: tuple = SHAPES) -> None:
    """Compare the function on arrays of these dtypes and shapes, in all layouts."""
    compiled = njit(function)
    for dtype in dtypes:
        for shape in shapes:
            for a in layouts(sample(dtype, shape)):
                check(compiled, a, strides=has_known_order(a))


# --- ranges

ARANGE = [
    (lambda n: np.arange(n), [(5,), (0,), (-5,), (5.5,), (-1.5,), (True,), (I8(4),), (U64(4),), (F32(3.5),), (F32(-2),)]),
    (lambda a, b: np.arange(a, b), [(2, 7), (7, 2), (2.5, 7), (0, np.nan), (0.0, np.inf), (0, -np.inf), (I64(1), 4), (F32(0), 2)]),
    (lambda a, b, c: np.arange(a, b, c), [
        (2, 17, 4), (17, 3, -4), (3, 17, -4), (0, 10, 5), (0.1, 2, 0.3), (0, 0.0, 0.3), (0, 5, 0), (0.0, 5, 0.0), (0, 5.0, 0),
        (I64(0), I64(5), I64(0)), (I64(5), I64(5), I64(0)), (1.0, 2.0, 1e-300), (0.0, 5e-324, 1e10), (5e-324, 0.0, 1e10),
        (-0.0, 3.0, 1.0), (0.1, 1.0, 0.1), (1, 2, 0.25), (0, 2, F32(0.5)), (3.0, -1.0, -0.7),
    ]),
    (lambda n: np.arange(n, dtype=np.float32), [(5,), (2.5,)]),
    (lambda n: np.arange(n, dtype=np.uint8), [(5,), (2.5,)]),
    (lambda a, b, c: np.arange(a, b, c, dtype=int), [(0.5, 5, 1.3), (0.5, 5, 0.3), (-0.5, 2, 1)]),
    (lambda a, b, c: np.arange(a, b, c, dtype=np.float32), [(0.1, 5, 1.3), (0, 7, 2)]),
    (lambda n: np.arange(start=1, stop=n, step=2), [(8,)]),
    (lambda n: np.arange(10) * n, [(2,)]),
    (lambda n: np.arange(1, 10, 3.5) + n, [(2,)]),
]  # fmt: skip


@pytest.mark.parametrize("function, cases", ARANGE)
def test_arange(function: Any, cases: list[tuple]) -> None:
    compiled = njit(function)
    for arguments in cases:
        check(compiled, *arguments)


LINSPACE = [
    (lambda a, b, n: np.linspace(a, b, n), [
        (0, 1, 11), (0, 1.0, 1), (0, 1.0, 0), (0, 1.0, -1), (3.5, -2, 7), (1, 1, 4), (0.0, 5e-324, 7), (F32(0), F32(1), 7),
        (F32(0.1), 1, 5), (0, 1.5j, 7), (0.0, np.inf, 3), (np.nan, 1.0, 3), (-0.0, 0.0, 3), (1e308, -1e308, 3),
        (LINE[:3], LINE[:3] * 2.5, 4), (LINE[:3], 2.5, 4), (MATRIX, FORTRAN + 1, 3), (LINE[:3] * 0.0, LINE[:3] * 5e-324, 4),
    ]),
    (lambda a, b: np.linspace(a, b), [(0, 1)]),
    (lambda a, b, n: np.linspace(a, b, n, endpoint=False), [(0, 1.3, 7), (0, 1.3, 1), (0, 1.3, 0)]),
    (lambda a, b, n: np.linspace(a, b, n, retstep=True), [(0, 1.3, 7), (F32(0), F32(3), 4), (0, 1j, 3)]),
    (lambda a, b, n: np.linspace(a, b, n, dtype=int), [(-3, 7, 7), (-3.7, 2.2, 4)]),
    (lambda a, b, n: np.linspace(a, b, n, dtype=np.float32), [(-3, 7, 7)]),
]  # fmt: skip


@pytest.mark.parametrize("function, cases", LINSPACE)
def test_linspace(function: Any, cases: list[tuple]) -> None:
    compiled = njit(function)
    for arguments in cases:
        check(compiled, *arguments)


def test_linspace_along_another_axis() -> None:
    for function in (lambda a, b: np.linspace(a, b, 4, axis=1), lambda a, b: np.linspace(a, b, 4, axis=-1)):
        check(function, LINE, LINE * 2.5)


@pytest.mark.slow
def test_powers_with_evenly_spaced_exponents() -> None:
    check(lambda a, b, n: np.logspace(a, b, n), 0, 2.0, 5, rtol=1e-14)
    check(lambda a, b, n: np.logspace(a, b, n, base=2.0, endpoint=False), 0, 2.0, 5, rtol=1e-14)
    check(lambda a, b, n: np.geomspace(a, b, n), 1, 1000.0, 7, rtol=1e-14)
    check(lambda a, b, n: np.geomspace(a, b, n), -1000.0, -1.0, 4, rtol=1e-14)
    check(lambda a, b, n: np.geomspace(a, b, n), 0.0, 1.0, 4)


# --- shapes and fillings


@pytest.mark.slow
def test_like_another_array() -> None:
    functions = (
        lambda a: np.zeros_like(a), lambda a: np.ones_like(a), lambda a: np.full_like(a, 1), lambda a: np.empty_like(a).shape,
        lambda a: np.zeros_like(a, dtype=np.int16), lambda a: np.ones_like(a, order="F"), lambda a: np.full_like(a, True, shape=(2, 2)),
    )  # fmt: skip
    for function in functions:
        check_all(function, ("int8",))
    for dtype in DTYPES:
        check(lambda a: (np.zeros_like(a), np.ones_like(a)), sample(dtype, (2, 3)))


@pytest.mark.parametrize("function", [
    lambda a: np.full_like(a, 2.5), pytest.param(lambda a: np.full_like(a, 300), marks=since("2.1.0")), lambda a: np.full_like(a, 2.5, dtype=float),
    lambda a: np.zeros_like(3), lambda a: np.ones_like((1.5, 2)), lambda a: np.full_like(a, (1, 2, 3)),
])  # fmt: skip
def test_numbers_in_another_type(function: Any) -> None:
    check(function, np.ones((2, 3), np.int8))


@pytest.mark.parametrize("function, arguments", [
    (lambda n: np.zeros(n), (3,)), (lambda n: np.zeros(n), (-3,)), (lambda n: np.zeros((n, 2), np.int8, order="F"), (3,)),
    (lambda n: np.zeros((2, n)), (-1,)), (lambda n: np.ones((n, 0)), (3,)), (lambda n: np.ones((), bool), (3,)),
    (lambda n: np.full(n, 2.5), (3,)), (lambda n: np.full((n, 2), n), (3,)), (lambda n: np.full(n, 7, np.uint8), (3,)),
    pytest.param(lambda n: np.full(n, 300, np.uint8), (3,), marks=since("2.1.0")), (lambda n: np.full((n, 3), [1, 2, 3]), (2,)), (lambda n: np.full(3, 1j), (2,)),
    (lambda n: np.zeros([n, 2]), (3,)), (lambda n: np.zeros(shape=[n], dtype="f4"), (3,)), (lambda n: np.zeros(I64(3)), (2,)),
    (lambda n: np.zeros((2**40, n)), (2**40,)),
])  # fmt: skip
def test_filled(function: Any, arguments: tuple) -> None:
    check(function, *arguments, message=arguments != (2**40,))


def test_each_call_makes_a_new_array() -> None:
    @njit
    def marked(at: int) -> np.ndarray:
        made = np.zeros(3)
        made[at] = 1.0
        return made

    assert list(marked(0)) == [1.0, 0.0, 0.0]
    assert list(marked(2)) == [0.0, 0.0, 1.0]


# --- matrices


@pytest.mark.parametrize("function", [
    lambda n: np.eye(n), lambda n: np.eye(n, 5, 1), lambda n: np.eye(n, 2, -1, dtype=int), lambda n: np.eye(n, 2, -5),
    lambda n: np.eye(n, 2, 5, order="F"), lambda n: np.identity(n), lambda n: np.eye(n, dtype=bool), lambda n: np.identity(n, np.int8),
    lambda n: np.tri(n), lambda n: np.tri(n, 4, 1, dtype=int), lambda n: np.tri(n, 2, -1, dtype=bool),
])  # fmt: skip
def test_matrices(function: Any) -> None:
    compiled = njit(function)
    for n in (3, 1, 0):
        check(compiled, n)


def test_negative_sizes_of_matrices() -> None:
    for rows, columns in ((-1, 2), (2, -3), (-2, -2)):
        check(lambda n, m: np.tri(n, m), rows, columns)
    check(lambda n: np.eye(n), -3)
    check(lambda n: np.eye(3, n), -3)


@pytest.mark.parametrize("function", [
    lambda a: np.diag(a), lambda a: np.diag(a, 1), lambda a: np.diag(a, -2), lambda a: np.diag(a, 100), lambda a: np.diagflat(a, 1),
    lambda a: np.tril(a), lambda a: np.triu(a, 1), lambda a: np.triu(a, -1), lambda a: np.tril(a, -100),
])  # fmt: skip
def test_diagonals_and_triangles(function: Any) -> None:
    check_all(function, shapes=((4,), (0,), (3, 3), (2, 4), (0, 2), ()))


def test_diagonals_of_more_axes() -> None:
    a = np.arange(24).reshape(2, 3, 4)
    for function in (
        lambda a: np.diagonal(a), lambda a: a.diagonal(1, 1, 2), lambda a: a.diagonal(-1, axis1=-1, axis2=0), lambda a: np.tril(a),
        lambda a: np.triu(a, 1), lambda a: np.diag(a),
    ):  # fmt: skip
        check(function, a)
        check(function, a[::-1, :, ::2])
    check(lambda a, k: np.diag(a, k), a[0], 2)


def test_vandermonde() -> None:
    for a in (LINE, LINE * 0.5, LINE.astype(I8), LINE.astype(F32), LINE * 1j, LINE[:0]):
        check(lambda a: (np.vander(a), np.vander(a, 3), np.vander(a, 4, increasing=True)), a)
    check(lambda a, n: np.vander(a, n), LINE, 0)
    check(lambda a: np.vander(a), MATRIX)


# --- displays


@pytest.mark.parametrize("function", [
    lambda x, y: np.array([1.0, x, y]), lambda x, y: np.array([[x, y], [y, x]]), lambda x, y: np.array((x, y)),
    lambda x, y: np.array([1, 2, 3]), lambda x, y: np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), lambda x, y: np.array([]),
    lambda x, y: np.array([[]]), lambda x, y: np.array([True, x]), lambda x, y: np.array([x, 2j]), lambda x, y: np.array(x),
    lambda x, y: np.array([1, 2, 3], dtype=np.float32, ndmin=3), lambda x, y: np.array([300, x], dtype=np.uint8),
    lambda x, y: np.array([x, y], dtype=np.uint8), lambda x, y: np.array([[1, 2], [3]]), lambda x, y: np.array([[1, 2], 3]),
    lambda x, y: np.array([[[1], 2], [3]]), lambda x, y: np.array([[x, 1], [2, y]], order="F"), lambda x, y: np.array([[[x]]]),
    lambda x, y: np.array([x, np.float32(1)]), lambda x, y: np.array([np.int8(1), np.uint8(2)]), lambda x, y: np.array([*(x, y), 3]),
    lambda x, y: np.asarray([x, y]), lambda x, y: np.asarray((x, y), order="F"), lambda x, y: np.array([x, y], copy=False), lambda x, y: sum([x, y]), lambda x, y: max([x, y, 1]),
    lambda x, y: len([x, y]), lambda x, y: np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]),
])  # fmt: skip
def test_displays(function: Any) -> None:
    compiled = njit(function)
    for arguments in ((2, 3.5), (1, 0)):
        check(compiled, *arguments)


@pytest.mark.parametrize("function", [
    lambda a, b: np.array([a, b]), lambda a, b: np.array([[a, b], [b, a]]), lambda a, b: np.array((a, b), dtype=np.int8),
    lambda a, b: np.array([a, a], order="F"), lambda a, b: np.asarray([a[0], b[0]]),
])  # fmt: skip
def test_displays_of_arrays(function: Any) -> None:
    for b in (np.ones(5), np.ones(5, F32), LINE[::-1]):
        check(function, LINE, b)


def test_displays_of_arrays_of_different_lengths() -> None:
    check(lambda a, b: np.array([a, b]), LINE, LINE[:3])
    check(lambda a, b: np.array([[a], [b]]), LINE, LINE[:3])
    check(lambda a, b: np.array([a, b]), MATRIX, MATRIX[:, :2])


def test_lists_where_only_their_items_matter() -> None:
    def stored(a: np.ndarray) -> Any:
        a[1:4] = [5, 6, 7]
        x, y = [1, 2]
        return a, x + y

    check(stored, LINE)
    check(lambda a: a + [1, 2, 3, 4, 5], LINE)
    check(lambda a: [1, 2, 3, 4, 5] * a, LINE)
    check(lambda a: (a[[2, 1]], a[[True, False, True, False, True]], a[[]]), LINE)
    check(lambda a: (a[[1, 0], [0, 2]], a[:, [0, 2]]), MATRIX, strides=False)
    check(lambda a: a.reshape([3, 2]), MATRIX)


@pytest.mark.parametrize("function", [
    lambda a, n: np.array([i * i for i in range(n)]), lambda a, n: np.array([x * 0.5 for x in a], dtype=np.float32),
    lambda a, n: np.array([(i, 2.5) for i in range(n)]), lambda a, n: np.array([[i, n] for i in range(n)]), lambda a, n: np.array(range(n)),
    lambda a, n: np.array(range(3)), lambda a, n: np.asarray(range(1, n, 2), dtype=float), lambda a, n: np.array([x for x in (1, 2.5, n)]),
    lambda a, n: sum([x * 2 for x in a]), lambda a, n: max([x * 2 for x in a]), lambda a, n: np.sum([x * 2 for x in a]),
    lambda a, n: np.concatenate([x * a for x in (1, 2, 3)]), lambda a, n: np.array([a * k for k in (1, 2)]), lambda a, n: a[[i for i in range(n)]],
    lambda a, n: np.array([[i * j for j in (1, 2, 3)] for i in range(n)]), lambda a, n: np.array([i // (n - 3) for i in range(n)]),
    lambda a, n: np.fromiter((x * 2 for x in a), float, n), lambda a, n: np.fromiter((x * 2 for x in a), np.int32),
    lambda a, n: np.fromiter((x * 2 for x in a), np.int32, 2 * n),
])  # fmt: skip
def test_comprehensions_where_only_their_items_matter(function: Any) -> None:
    check(function, LINE, 4)
    check(function, LINE, 3)


def test_comprehensions_of_arrays_need_a_known_length() -> None:
    with pytest.raises(NopythonError, match="the items are arrays"):
        njit(lambda a: np.array([row * 2 for row in a]))(MATRIX)


@pytest.mark.parametrize("function", [
    lambda a: [1, 2] + [3], lambda a: [1, 2], lambda a: ([1, 2], a)[1], lambda a: len(a.shape + [1]), lambda a: isinstance([1], tuple),
    lambda a: [1, 2] == a[0], lambda a: [x for x in a],
])  # fmt: skip
def test_lists_elsewhere_are_refused(function: Any) -> None:
    with pytest.raises(NopythonError, match="a list"):
        njit(function)(LINE)


# --- conversions and copies


@pytest.mark.slow
def test_copies() -> None:
    for function in (
        lambda a: np.array(a), lambda a: np.copy(a), lambda a: a.copy(), lambda a: a.copy("K"), lambda a: np.array(a, order="F"),
        lambda a: a.copy("F"), lambda a: np.copy(a, order="C"), lambda a: np.array(a, ndmin=3), lambda a: np.array(a, copy=None, order="A"),
        lambda a: np.ascontiguousarray(a), lambda a: np.asfortranarray(a), lambda a: np.asarray(a), lambda a: np.asanyarray(a, order="F"),
        lambda a: np.asarray(a, dtype=np.complex64), lambda a: a.astype(np.complex128),
    ):  # fmt: skip
        check_all(function, shapes=((), (3,), (0, 2), (2, 3), (2, 3, 2)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_astype(dtype: str) -> None:
    source = sample(dtype, (2, 3))
    if dtype not in ("bool", "int8", "int64", "uint8"):
        source = np.nan_to_num(source, nan=3.0, posinf=5.0, neginf=-5.0)
    if dtype != "complex128":
        source = np.abs(source) if dtype != "bool" else source
        check(lambda a: (a.astype(np.bool_), a.astype(np.int8), a.astype(np.int64), a.astype("u1"), a.astype(np.float32)), source)
    check(lambda a: (a.astype(complex), a.astype(np.complex64, order="F"), a.astype(a.dtype, copy=False)), source)
    check(lambda a: a.astype(np.bool_), source)


def test_conversions_that_share_memory() -> None:
    def written(a: np.ndarray) -> Any:
        b = np.asarray(a)
        b[0] = 7
        c = a.astype(a.dtype, copy=False)
        c[1] = 8
        d = np.array(a)
        d[2] = 9
        return np.ascontiguousarray(a)

    check(written, LINE.copy())
    check(written, LINE * 0.5)
    check(lambda a: np.asarray(a, dtype=np.float32, copy=False), LINE)
    check(lambda a: np.array(a, copy=False), LINE)


def test_casts_that_are_not_allowed() -> None:
    with pytest.raises(NopythonError, match="according to the rule 'safe'"):
        njit(lambda a: a.astype(np.int8, casting="safe"))(LINE)


def test_finite() -> None:
    compiled = njit(lambda a: np.asarray_chkfinite(a))
    check(compiled, MATRIX)
    check(compiled, MATRIX + np.inf)


# --- grids


@pytest.mark.parametrize("function", [
    lambda a, b: np.meshgrid(a, b), lambda a, b: np.meshgrid(a, b, indexing="ij"), lambda a, b: np.meshgrid(a, b, sparse=True),
    lambda a, b: np.meshgrid(a, b, b), lambda a, b: np.meshgrid(a), lambda a, b: np.meshgrid(a, 2.5),
    lambda a, b: tuple(np.meshgrid(a, b, sparse=True, copy=False)), lambda a, b: np.meshgrid(b, a, b, indexing="ij", sparse=True),
])  # fmt: skip
def test_meshgrid(function: Any) -> None:
    check(function, LINE, np.linspace(0, 1, 3))


@pytest.mark.parametrize("function", [
    lambda a: np.ix_([1, 0], [0, 2]), lambda a: a[np.ix_([1, 0], [0, 2])], lambda a: a[np.ix_([True, False], [2, 2])],
    lambda a: np.ix_(np.arange(2)[::-1]), lambda a: np.ix_(a),
])  # fmt: skip
def test_open_grids(function: Any) -> None:
    check(function, MATRIX, strides=False)


@pytest.mark.parametrize("function", [
    lambda n: np.indices((n, 3)), lambda n: np.indices((n, 3), dtype=np.float32), lambda n: np.indices((n, 3), sparse=True),
    lambda n: np.indices((n,)), lambda n: np.fromfunction(lambda i, j: i * 2 + j, (n, 4)),
    lambda n: np.fromfunction(lambda i, j, k: i * k + j, (n, 4), dtype=int, k=3),
])  # fmt: skip
def test_grids(function: Any) -> None:
    compiled = njit(function)
    for n in (2, 0):
        check(compiled, n)


def test_fillers_fit_into_the_shape() -> None:
    filled, like = njit(expression("np.full(b, a)", "a, b")), njit(expression("np.full_like(np.zeros(b, np.float32), a)", "a, b"))
    for items in (np.arange(3.0), np.arange(3.0)[:1], np.arange(6.0).reshape(2, 3), np.ones((1, 3)), np.array(2.0), np.zeros(0)):
        for shape in ((3,), (2, 3), (6,), (0,), (3, 2), (2, 0, 3), ()):
            check(filled, items, shape, strides=False)
            check(like, items, shape, strides=False)
    check(expression("np.full(a, (1, 2, 3), order='F')"), 6)


def test_booleans_are_no_lengths() -> None:
    for text in ("np.zeros(True)", "np.ones((2, a))", "np.full(a, 3)", "np.eye(True)"):
        check(expression(text), True, message=False)


def test_ranges_of_complex_numbers() -> None:
    for text in ("np.arange(a, dtype=complex)", "np.arange(1, a, 0.5, np.complex64)"):
        check(expression(text), 5)
