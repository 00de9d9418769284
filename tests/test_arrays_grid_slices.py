"""`np.mgrid`, `np.ogrid`, `np.r_` and `np.c_`, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from array_harness import check, expression, layouts

from tracer import njit
from tracer.errors import NopythonError

MATRIX = np.array([[1, 2], [3, 4]], np.int8)
GLOBAL = np.arange(3.0)
COUNTS = (0, 1, 3, np.int8(3), np.int64(3), np.float32(2.5), 2.5, -2)


@pytest.mark.parametrize("subscript", (
    "0:3", "0:n", ":n", "1:n:2", "n:0:-1", "-1:1:5j", "-1:n:3j", "0:n,", ":n, :3", "0:3, 0:2", "0:n:0.5, n:0", "-1:1:1j, 1:2:0j, 0:n",
    "n:4:2, 0:5:n", "0:n, 0:n, 0:n", "0:n:0, 0:2", "()",
))  # fmt: skip
@pytest.mark.parametrize("grid", ("np.mgrid", "np.ogrid"))
def test_grids(grid: str, subscript: str) -> None:
    for n in COUNTS:
        check(expression(f"{grid}[{subscript}]", "n"), n, strides=False, message=False)  # releases of NumPy divide by 0 or 0.0


def test_numbers_of_points_known_at_run_time() -> None:
    for count in (1j, 3j, 2.5 + 1j, np.complex64(4j), np.complex128(0)):
        for n in (1, 2.5, np.int8(2), np.float32(0.1)):
            check(lambda n, count: np.mgrid[-1:n:count], n, count)
            check(lambda n, count: np.mgrid[-1:n:count, 0:2], n, count)
            check(lambda n, count: np.ogrid[-1:n:count, 0:n], n, count)
            check(lambda n, count: np.r_[-1:n:count, n], n, count)


def test_each_call_makes_new_arrays() -> None:
    def marked(n):
        made = np.mgrid[0:3]
        made[n] = 9
        joined = np.r_[0:3]
        return made, joined

    for n in (0, 1):
        check(marked, n)


@pytest.mark.parametrize("text", (
    "np.r_[n]", "np.r_[()]", "np.r_[0:n, 5, n]", "np.r_[0:1:5j, n]", "np.r_[n:0:-1, True]", "np.r_[a, 1, 2:4]", "np.r_[[1, 2], 0, 0, a]",
    "np.r_[(1, n), a]", "np.r_[[n, 2]]", "np.c_[[n, 2]]", "np.c_[n]", "np.c_[a, a]", "np.c_[0:len(a), a]", "np.c_[a, [[1, 2]] * 1]",
    "np.r_['0,2', a, a]", "np.r_['0,2,0', a, a]", "np.r_['1,2,0', a, a]", "np.r_['0,3,-2', a, a]", "np.r_['0,3,1', a, a]",
    "np.r_['0,2', a, 0:len(a)]", "np.r_['-1', a, a]", "np.r_['0,0', n, 1]", "np.r_[np.float32(1), a]", "np.r_[a, GLOBAL]", "np.r_[a.T, a]",
    "np.r_[a[:0], n]", "np.c_[a[:0]]",
))  # fmt: skip
def test_joined_items(text: str) -> None:
    function = expression(text.replace("[[1, 2]] * 1", "np.ones(len(a), np.int8)"), "a, n")
    function.__globals__["GLOBAL"] = GLOBAL
    for a in (np.arange(3.0), np.arange(2, dtype=np.int8), np.arange(4, dtype=np.uint64)[::-2]):
        for n in (2, 1.5, np.int8(3)):
            check(function, a, n, strides=False)


def test_joined_matrices() -> None:
    for a in layouts(MATRIX):
        check(lambda a: (np.r_[a, a], np.c_[a, a]), a)
        check(lambda a: np.r_["1", a, a], a)
        check(lambda a: np.r_["0,3,0", a, 2 * a], a, strides=False)
        check(lambda a: np.c_[a, [5, 6]], a)
        check(lambda a: np.r_[a, [5, 6, 7]], a)
        check(lambda a: np.r_["0,2", a, [5, 6, 7]], a, message=False)


def test_what_is_refused() -> None:
    for function in (lambda n: np.mgrid[n], lambda n: np.mgrid[n:, 0:2], lambda n: np.r_["r", n], lambda n: np.r_["x", n], lambda n: np.r_[n, "0", n]):
        with pytest.raises(NopythonError):
            njit(function)(3)
