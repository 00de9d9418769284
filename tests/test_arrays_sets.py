"""`unique`, `isin` and operations on sets against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from array_harness import check, expression, sample

from tracer import NopythonError, njit

COUNTED = njit(lambda a: np.unique(a, return_counts=True))
ALL = njit(lambda a: np.unique(a, True, True, True))


def plain(a: np.ndarray) -> np.ndarray:
    """Without -0.0: which zero stands for both is nowhere promised."""
    return a + np.zeros((), a.dtype) if a.dtype.kind in "fc" else a


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", ("bool", "int8", "float64", "complex64"))
def test_unique(dtype: str) -> None:
    for shape in ((0,), (1,), (40,)):
        a = plain(sample(dtype, shape))
        check(ALL, a)
        if dtype[0] != "c":  # where there are several complex numbers with NaN, NumPy gives any of them
            check(COUNTED, a)


@pytest.mark.slow
def test_some_of_the_results_of_unique() -> None:
    a = np.array([3, 1, 3, 2])
    for function in (lambda a: np.unique(a), lambda a: np.unique(a, return_index=True), lambda a: np.unique(a, return_inverse=True)):
        check(function, a)
    check(ALL, np.asfortranarray(plain(sample("int8", (4, 5)))))


def test_unequal_nans() -> None:
    check(lambda a: np.unique(a, equal_nan=False), np.array([np.nan, 1.0, np.nan, 1.0]))
    check(lambda a: np.unique((3, 1, a)), 3)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ("unique_values", "unique_counts", "unique_inverse", "unique_all"))
def test_sets_of_the_array_api(name: str) -> None:
    function = njit(expression(f"np.{name}(a)" if name != "unique_values" else "np.sort(np.unique_values(a))"))
    for items in (np.array([3, 1, 3, 2]), np.array([[2.5, 1.0], [1.0, np.nan]]), np.array([True, False]), np.zeros(0), np.array([1j, 1j])):
        check(function, items)
    check(expression("np.unique_counts(a).counts"), np.array([np.nan, 1.0, np.nan]))


PAIRS = (
    (np.array([3, 1, 2, 3, 5]), np.array([2, 7, 3, 3])),
    (np.array([1.5, np.nan, 2.0, np.nan]), np.array([np.nan, 2.0])),
)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("pair", PAIRS, ids=range(len(PAIRS)))
def test_operations_on_sets(pair: tuple[np.ndarray, np.ndarray]) -> None:
    for function in (
        lambda a, b: np.union1d(a, b), lambda a, b: np.intersect1d(a, b), lambda a, b: np.intersect1d(a, b, return_indices=True),
        lambda a, b: np.setdiff1d(a, b), lambda a, b: np.setxor1d(a, b), lambda a, b: (np.isin(a, b), np.isin(a, b, invert=True)),
    ):  # fmt: skip
        compiled = njit(function)
        check(compiled, *pair)
        check(compiled, pair[0][:0], pair[1])


def test_sets_of_different_types() -> None:
    check(lambda a, b: (np.union1d(a, b), np.isin(a, b)), np.array([[1, 2], [3, 4]], np.int8), np.array([2.5, 4.0, 1.0]))


def test_sets_that_are_known_to_be_unique() -> None:
    a, b = np.array([3, 1, 2]), np.array([2, 5, 3])
    check(lambda a, b: (np.intersect1d(a, b, assume_unique=True), np.setdiff1d(a, b, True), np.setxor1d(a, b, assume_unique=True)), a, b)
    check(lambda a, b: np.intersect1d(a, b, assume_unique=True, return_indices=True), a, b)


def test_isin_of_numbers_and_lists() -> None:
    check(lambda x: (np.isin(x, [1, 2, 3]), np.isin([1, 5], [x, 5])), 3)
    wide = np.array([-(2**63), 2**63 - 1, 5, -7])
    check(lambda a, b: (np.isin(a, b), np.isin(a, b, kind="sort")), np.array([5, 2**63 - 1, 0, -7]), wide)
    check(lambda a, b: (np.isin(a, b), np.isin(a, b, kind="table")), np.arange(-5, 9, dtype=np.int8), np.array([3, 3, -2]))
    check(lambda a, b: np.isin(a, b), np.arange(4), np.zeros(0, int))


ROWS = np.array([[1, 2, 1], [1, 2, 1], [0, 3, 0], [1, 2, 1]])


@pytest.mark.parametrize("axis", (0, -1))
def test_different_subarrays(axis: int) -> None:
    alone, others = njit(expression(f"np.unique(a, axis={axis})")), njit(
        expression(f"np.unique(a, axis={axis}, return_index=True, return_inverse=True, return_counts=True)")
    )
    nans = np.array([[1.0, np.nan], [1.0, np.nan], [-0.0, 2.0], [0.0, 2.0]])
    blocks = np.arange(24).reshape(2, 3, 4) % 2
    for items in (ROWS, ROWS[::-1, ::-1], ROWS.T, nans, ROWS > 1, ROWS + 1j * ROWS[:, ::-1], ROWS[:0], ROWS[:, :0], blocks, ROWS[0]):
        check(alone, items, strides=False)
        check(others, items, strides=False)


def test_axes_of_sets_are_checked() -> None:
    with pytest.raises(NopythonError, match="axis 1 is out of bounds"):
        njit(expression("np.unique(a, axis=1)"))(np.arange(3))
