"""Sorting: `sort`, `argsort`, `partition`, `argpartition`, `lexsort` against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import assert_same, check, duplicate, expression, layouts, sample

from tracer import njit

DTYPES = ("bool", "int8", "int64", "uint64", "float32", "float64", "complex64")
LENGTHS = (0, 1, 2, 3, 7, 8, 9, 12, 13, 25, 100, 320, 321, 700)
sort = njit(lambda a: np.sort(a))
stable_sort = njit(lambda a: np.sort(a, kind="stable"))
argsort = njit(lambda a: np.argsort(a))


def without_zero_signs(a: np.ndarray) -> np.ndarray:
    """Which of 0.0 and -0.0 comes first is nowhere promised, unless the sort is stable."""
    return a + np.zeros((), a.dtype) if a.dtype.kind in "fc" else a


@pytest.mark.parametrize("dtype", DTYPES)
def test_sort_and_argsort(dtype: str) -> None:
    for length in LENGTHS:
        for ties in (True, False):
            a = sample(dtype, (length,), length, ties=ties)
            assert_same(without_zero_signs(sort(a.copy())), without_zero_signs(np.sort(a)))
            assert_same(argsort(a), np.argsort(a, kind="stable"))


@pytest.mark.parametrize("dtype", ("float64", "complex128"))
def test_stable_sort_keeps_zeros_in_order(dtype: str) -> None:
    for length in LENGTHS:
        a = sample(dtype, (length,), length)
        check(stable_sort, a)
    zeros = np.array([0.0, -0.0, 1.0, -0.0, 0.0, -1.0, -0.0]).astype(dtype)
    check(stable_sort, zeros)


@pytest.mark.parametrize("length", (5, 400))
def test_keys_that_share_digits(length: int) -> None:
    for a in (np.full(length, 7.5), np.arange(length) * 2.0**40, -np.arange(length), np.arange(length)[::-1] << 50):
        check(sort, np.array(a))
    for place in range(0, 64, 8):
        a = np.full(length, 3 << 56, np.uint64)
        a[length // 2] = (3 << 56) ^ (1 << place)
        check(sort, a)
        assert_same(argsort(a), np.argsort(a, kind="stable"))


def test_nan_of_either_sign_comes_last() -> None:
    for length in (7, 500):
        a = np.linspace(-3.0, 3.0, length)
        a[1::3], a[::5] = -np.nan, np.nan
        for dtype in (np.float64, np.float32, np.complex128):
            check(stable_sort, a.astype(dtype))
            assert_same(argsort(a.astype(dtype)), np.argsort(a.astype(dtype), kind="stable"))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("shapes", "axis"), ((((3, 5), (0, 4), (4, 0)), -1), (((3, 5), (0, 4), (4, 0)), 0), (((2, 3, 4), (2, 0, 3)), 1)))
def test_axes_and_layouts(shapes: tuple[tuple[int, ...], ...], axis: int) -> None:
    both = njit(lambda a: (np.sort(a, axis), np.argsort(a, axis=axis, kind="stable")))
    for shape in shapes:
        for a in list(layouts(sample("int16", shape)))[:3]:
            check(both, a, strides=a.flags.c_contiguous or a.flags.f_contiguous)
    check(both, sample("uint8", (2, 2, 3, 2)))


@pytest.mark.quick_cases(None)
@pytest.mark.parametrize("dtype", ("bool", "uint8", "int32", "float32", "float64"))
def test_short_lanes(dtype: str) -> None:
    """Those of fewer than eight items are sorted by insertion, longer ones with vectors that reach beyond their ends."""
    rows, columns = njit(lambda a: np.sort(a)), njit(lambda a: np.sort(a, axis=0))
    for length in (1, 2, 6, 7, 8, 9, 17):
        a = without_zero_signs(sample(dtype, (30, length), length))
        for each in (a, a[::-2], np.asfortranarray(a), a[:, ::-1]):
            assert_same(without_zero_signs(rows(each)), np.sort(each), strides=False)
            assert_same(without_zero_signs(columns(each.T)), np.sort(each.T, axis=0), strides=False)


@pytest.mark.slow
def test_without_axis() -> None:
    for a in layouts(sample("float32", (3, 4))):
        check(lambda a: (np.sort(a, axis=None, kind="stable"), np.argsort(a, axis=None, kind="stable")), a)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("shape", ((9,), (3, 5)))
def test_in_place(shape: tuple[int, ...]) -> None:
    def sort_rows(a: Any) -> None:
        a.sort()

    def sort_columns(a: Any) -> None:
        a.sort(axis=0, kind="mergesort")

    for function in (sort_rows, sort_columns):
        for a in list(layouts(sample("int64", shape)))[1:]:
            check(function, a)


def test_refusals() -> None:
    def in_place(a: Any) -> None:
        a.sort()

    a = np.arange(3.0)
    a.flags.writeable = False
    check(in_place, a)
    check(lambda a: a.partition(1), a)
    check(lambda a: a.byteswap(inplace=True), a)
    check(lambda a: np.nan_to_num(a, copy=False), a, message=False)
    check(lambda a: np.nan_to_num(a, copy=False), a.view(np.int64))
    for function in (lambda a: np.partition(a, 3), lambda a: np.partition(a, -4), lambda a: np.argpartition(a, (0, 7))):
        check(function, np.arange(3.0))


@pytest.mark.slow
def test_partition() -> None:
    both = njit(lambda a, kth: (np.partition(a, kth), np.argpartition(a, kth, axis=-1)))
    a = sample("float64", (4, 30), ties=False)
    reference = np.sort(a)
    for kth in (0, 5, -1, (2, 7)):
        values, order = both(a.copy(), kth)
        assert_same(values[:, kth], reference[:, kth])
        assert_same(np.take_along_axis(a, order, -1)[:, kth], reference[:, kth])
        first = max(kth) if isinstance(kth, tuple) else kth % 30
        for row in values:
            assert set(map(str, row[:first])) == set(map(str, np.sort(row)[:first]))


def test_partition_in_place() -> None:
    def partition(a: Any) -> None:
        a.partition(3)

    a = sample("int32", (20,), ties=False)
    ours = duplicate(a)
    njit(partition)(ours)
    assert ours[3] == np.sort(a)[3] and set(ours) == set(a)


@pytest.mark.parametrize("text", ("np.argsort(a, axis=0)", "np.partition(a, 3)", "np.argpartition(a, -2, axis=0)", "a.argsort(-1)"))
def test_without_items_or_axes(text: str) -> None:
    function = njit(expression(text))
    for items in (np.zeros(0), np.zeros((3, 0)), np.zeros((0, 2))) + ((np.array(3.0),) if "partition" not in text else ()):
        check(function, items)


def test_lexsort() -> None:
    first, second, third = sample("int8", (50,)), sample("float64", (50,), 3), sample("complex64", (50,), 4)
    check(lambda a, b: np.lexsort((a, b)), first, second)
    check(lambda a, b, c: np.lexsort((c, a, b)), first, second, third)
    check(lambda a: np.lexsort((a, a)), np.array(3))
    check(lambda a: np.lexsort(a), sample("int8", (3, 40)))
    check(lambda a, b: np.lexsort((a, b), axis=0), sample("int8", (6, 4)), sample("uint8", (6, 4)))
    check(lambda a, b: np.lexsort((a, b)), np.arange(3), np.arange(4))


def test_results_are_new_arrays() -> None:
    a = np.array([2.0, 1.0])
    assert not np.shares_memory(sort(a), a)
    assert list(a) == [2.0, 1.0]
