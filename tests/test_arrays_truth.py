"""Arrays where numbers are expected: conditions, conversions, bounds; unpacking and membership."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, since

from tracer import NopythonError, njit

SINGLE = (np.array([1.0]), np.array([[0]]), np.array(3), np.array([True]), np.array([[[0j]]]), np.array([np.nan]))
OTHERS = (np.array([1, 2]), np.ones((2, 2)), *(pytest.param(np.zeros(shape), marks=since("2.2.0")) for shape in (0, (0, 3))))


def _branch(a: Any) -> Any:
    if a:
        return 1, not a
    return 2, not a


def _count_down(a: Any) -> int:
    rounds = 0
    while a:
        a = a - 1
        rounds += 1
    return rounds


@pytest.mark.parametrize("a", (*SINGLE, *OTHERS))
def test_truth(a: np.ndarray) -> None:
    check(_branch, a)
    check(lambda a: bool(a), a)


def test_truth_in_loops() -> None:
    check(_count_down, np.array([3]))


@pytest.mark.parametrize("a", (np.array(2), np.array(2.5), np.array(np.nan), np.array(True)))
def test_conversions(a: np.ndarray) -> None:
    for convert in (lambda a: int(a), lambda a: float(a), lambda a: complex(a)):
        check(convert, a)


def test_conversions_of_arrays_with_axes() -> None:
    for convert in (lambda a: int(a), lambda a: float(a), lambda a: complex(a)):
        with pytest.raises(NopythonError, match="only 0-dimensional arrays can be converted to Python scalars"):
            njit(convert)(np.array([1.0]))


def test_bounds() -> None:
    def total(n: Any) -> int:
        s = 0
        for i in range(n):
            s += i
        return s

    check(total, np.array(4))
    check(lambda a, n: a[n:], np.arange(5), np.array(2))


def test_membership() -> None:
    a = np.array([[1.0, 3.0], [np.nan, 2.0]])
    for x in (3, 2.0, np.nan, 7):
        check(lambda a, x: (x in a, x not in a), a, x)


def test_unpacking() -> None:
    def pair(a: Any) -> Any:
        x, y = a
        return x, y

    for a in (np.array([1.0, 2.0]), np.arange(3), np.arange(1), np.arange(6).reshape(2, 3)):
        check(pair, a)
