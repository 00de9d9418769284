"""`piecewise`, `apply_along_axis` and `apply_over_axes` against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, expression, layouts

from tracer import NopythonError, njit

LINE = np.arange(-3.0, 4.0) / 2
MATRIX = np.arange(-6.0, 6.0).reshape(3, 4) / 2
BLOCK = np.arange(-8.0, 16.0).reshape(2, 3, 4) / 4


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("text", (
    "[a < 0, a >= 0], [-1, 1]", "[a < 0], [lambda v: -v, lambda v: v * 2.5]", "[a < 0, a > 1], [lambda v, k: v * k, lambda v, k: v - k, 7], 3",
    "[a < 0, a > -1], [1, lambda v, k=2: v * k], k=3", "[a < 0, a > 1, a > 5], [1, 2]", "[a < 9, a > 1], [np.negative, np.abs]",
))  # fmt: skip
def test_piecewise(text: str) -> None:
    function = njit(expression(f"np.piecewise(a, {text})"))
    for items in (LINE, LINE.astype("float32"), np.arange(-3, 4), *layouts(MATRIX), LINE[:0], MATRIX[:, :0], np.array(2.0)):
        check(function, items)


def test_one_condition() -> None:
    function = njit(expression("np.piecewise(a, a < 0, [5, lambda v: v + 1])"))
    check(function, LINE)
    check(function, LINE[:0])
    with pytest.raises(NopythonError, match="the number of conditions must be known"):
        function(MATRIX)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("function", (
    "np.sum", "np.sort", "lambda v: np.outer(v, v)", "lambda v: 1", "lambda v: (v.min(), v.max())",
))  # fmt: skip
def test_functions_of_lines(function: str) -> None:
    for axis in (0, -1):
        compiled = njit(expression(f"np.apply_along_axis({function}, {axis}, a)"))
        for items in (LINE, *layouts(MATRIX), BLOCK, MATRIX.astype("int8"), np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((2, 0, 3))):
            check(compiled, items)


def test_each_line_is_looked_at_once() -> None:
    def counted(a: np.ndarray, seen: np.ndarray) -> Any:
        def smallest_and_largest(line: np.ndarray, k: int) -> Any:
            seen[0] += k
            return np.array([line.min(), line.max()])

        return np.apply_along_axis(smallest_and_largest, 1, a, k=1)

    check(counted, BLOCK, np.zeros(1, int))


def test_functions_of_axes() -> None:
    for text in ("np.sum, a, (0, -1)", "np.max, a, -1", "lambda v, i: np.cumsum(v, i), a, [0, 1]", "np.sum, a, ()", "lambda v, i: v[:1, :1], a, 0"):
        function = njit(expression(f"np.apply_over_axes({text})"))
        for items in (*layouts(MATRIX), MATRIX.astype("uint8")):
            check(function, items)
    check(expression("np.apply_over_axes(lambda v, i: v[0, 0], a, 0)"), MATRIX)


def test_axes_are_checked() -> None:
    for text in ("np.apply_along_axis(np.sum, 2, a)", "np.apply_over_axes(np.sum, a, 2)"):
        with pytest.raises(NopythonError, match="axis 2 is out of bounds"):
            njit(expression(text))(MATRIX)
