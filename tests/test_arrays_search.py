"""`searchsorted`, `digitize`, `bincount`, `histogram`, `interp` against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, expression, sample
from tracer import NopythonError, njit

EDGES = np.array([-1.0, 0.0, 0.0, 2.5, np.inf, np.nan, np.nan])
ITEMS = np.array([-2.0, -1.0, 0.0, 1.0, 2.5, 9.0, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize("side", ("left", "right"))
def test_searchsorted(side: str) -> None:
    def search(a: Any, v: Any) -> Any:
        return np.searchsorted(a, v, side=side)

    check(search, EDGES, ITEMS)
    check(search, EDGES, ITEMS[:8].reshape(2, 4))
    check(search, EDGES[:0], ITEMS)
    check(search, EDGES[:1], ITEMS)
    check(search, np.arange(10)[::3], 4.5)
    check(search, np.arange(10), np.int8(4))
    check(search, np.array([1, 5, 200], np.uint8), np.array([-1, 5, 300]))
    check(lambda a, v: a.searchsorted(v, side), np.array([False, True, True]), np.array([True, False]))
    z = np.sort(sample("complex128", (20,)))
    check(search, z, sample("complex128", (20,), 5))


def test_searchsorted_of_every_length() -> None:
    for length in range(20):
        check(lambda a, v: np.searchsorted(a, v), np.arange(length), np.arange(-1, length + 1))


def test_searchsorted_with_sorter() -> None:
    def search(a: Any, v: Any, s: Any) -> Any:
        return np.searchsorted(a, v, sorter=s)

    a = np.array([3, 1, 2])
    for sorter in (np.array([1, 2, 0]), np.array([0]), np.array([0, 1, 7]), np.array([1, 2, 0], np.uint8)):
        check(search, a, np.array([0, 2, 3]), sorter)


@pytest.mark.parametrize("right", (False, True))
def test_digitize(right: bool) -> None:
    for bins in (np.array([0.0, 1.0, 2.5]), np.array([2.5, 1.0, 0.0]), np.array([1.0, 1.0]), np.array([0.0, 2.0, 1.0]), np.zeros(0)):
        check(lambda x, b: np.digitize(x, b, right=right), ITEMS, bins)
        check(lambda x, b: np.digitize(x, b, right), 1.0, bins)
    check(lambda x: np.digitize(x, (1, 2)), np.arange(4))


def test_edges_with_nan_are_checked_as_in_numpy() -> None:
    function = njit(expression("np.digitize(a, b)", "a, b"))
    for edges in ([np.nan, 1.0, 2.0], [np.nan, 2.0, 1.0], [0.0, 1.0, np.nan], [0.0, 0.0, 1.0, 0.5], [1.0, 1.0], [np.nan], []):
        check(function, ITEMS, np.array(edges))


def test_digits_of_complex_numbers_are_refused() -> None:
    check(expression("np.digitize(a, [1, 2])"), np.zeros(2, complex))


def test_places_of_interp_are_real() -> None:
    with pytest.raises(NopythonError, match="are real numbers"):
        njit(lambda x, a: np.interp(x, a, a))(np.zeros(2, complex), np.arange(3.0))


def test_bincount() -> None:
    for x in (np.array([0, 3, 1, 3]), np.array([], int), np.array([2, 5], np.uint8), np.array([1, -1]), np.array([True, False, True])):
        check(lambda x: np.bincount(x), x)
        check(lambda x: np.bincount(x, minlength=7), x)
    check(lambda x: np.bincount(x, minlength=-1), np.array([1]))
    check(lambda x: np.bincount(x), np.array([[1]]), message=False)
    for w in (np.array([0.5, 1.5, 2.0]), np.array([1, 2, 3]), np.array([1.0])):
        check(lambda x, w: np.bincount(x, w), np.array([1, 1, 4]), w)


HISTOGRAMS = np.array([0.0, 0.1, 0.25, 0.3, 0.7, 0.7, 1.0, -0.5, 2.0])


@pytest.mark.slow
def test_histogram_with_equal_bins() -> None:
    for a in (HISTOGRAMS, np.arange(10), np.array([3.0, 3.0]), np.zeros(0), np.array([1.0, np.nan]), np.arange(12.0).reshape(3, 4)):
        check(lambda a: np.histogram(a), a)
    check(lambda a: np.histogram(a, bins=7, range=(0.0, 1.0)), HISTOGRAMS)
    check(lambda a: np.histogram(a, 3, (2, 1)), HISTOGRAMS)
    check(lambda a: np.histogram(a, 0), HISTOGRAMS)
    check(lambda a, w: np.histogram(a, 4, weights=w), HISTOGRAMS, np.arange(9))
    check(lambda a, w: np.histogram(a, 4, weights=w), HISTOGRAMS, np.arange(9.5)[:9] * 1.25)
    check(lambda a, w: np.histogram(a, 4, weights=w), HISTOGRAMS, np.arange(3))
    check(lambda a: np.histogram(a, 5, density=True), HISTOGRAMS)
    check(lambda a: np.histogram(a), np.array([1, 2, 5], np.float32))
    source = np.random.default_rng(3)
    for scale in (1.0, 1e-9, 1e12):
        check(lambda a: np.histogram(a, 37), source.standard_normal(2000) * scale)


def test_histogram_with_given_bins() -> None:
    for bins in (np.array([0.0, 0.25, 1.0]), np.array([1.0, 2.0, 2.0]), np.array([0, 0, 1]), np.array([1.0, 0.5]), np.array([0.5])):
        check(lambda a, b: np.histogram(a, b), HISTOGRAMS, bins)
    check(lambda a: np.histogram(a, [0, 1, 2.5]), np.array([0, 1, 2, 7]))
    check(lambda a, b: np.histogram(a, b), np.array([0.5, np.nan, 1.0]), np.array([0.0, 1.0]))
    check(lambda a: np.histogram_bin_edges(a, 4), HISTOGRAMS)


POINTS, VALUES = np.array([0.0, 1.0, 2.0, 4.0]), np.array([1.0, -1.0, 5.0, 5.5])


def test_interp() -> None:
    x = np.array([-1.0, 0.0, 0.3, 1.0, 1.99, 2.0, 3.7, 4.0, 9.0, np.nan, np.inf, -np.inf])
    check(lambda x, p, v: np.interp(x, p, v), x, POINTS, VALUES)
    check(lambda x, p, v: np.interp(x, p, v, left=-7, right=np.nan), x.reshape(3, 4), POINTS, VALUES)
    check(lambda x, p, v: np.interp(x, p, v), 0.25, POINTS, VALUES)
    check(lambda x, p, v: np.interp(x, p, v), np.arange(5), np.arange(3), np.arange(3) ** 2)
    check(lambda x, p, v: np.interp(x, p, v), x, POINTS[:1], VALUES[:1])
    check(lambda x, p, v: np.interp(x, p, v), x, POINTS, VALUES * (1 - 2j))
    check(lambda x, p, v: np.interp(x, p, v), x, POINTS, np.array([1.0, np.inf, np.inf, 2.0]))
    check(lambda x, p, v: np.interp(x, p, v), x, POINTS[:0], VALUES[:0])
    check(lambda x, p, v: np.interp(x, p, v), x, POINTS, VALUES[:2])
    check(lambda x: np.interp(x, (0, 1, 2), [3.0, 4, 6]), x)


def test_periodic_interp() -> None:
    x = np.array([-180.0, -170, -185, 185, -10, -5, 0, 365])
    for period in (360.0, -360, 0):
        check(lambda x, p, v: np.interp(x, p, v, period=period), x, np.array([190.0, -190, 350, -350]), np.array([5.0, 10, 3, 4]))
