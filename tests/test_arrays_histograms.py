"""Counts in bins of several dimensions against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from array_harness import check, expression

from tracer import NopythonError, njit

RANDOM = np.random.default_rng(3)
X, Y, WEIGHTS = RANDOM.standard_normal(50), RANDOM.standard_normal(50), RANDOM.random(50)
EDGES = np.array([-1.0, -0.5, 0.0, 0.0, 2.0])
POINTS = (
    (X, Y), (X.astype("float32"), Y[::-1].astype("float32")), (np.arange(50) % 7, np.arange(50) % 5), (X[::-1], Y[::2]), (X[:0], Y[:0]),
    (X > 0, Y), (np.round(X * 2), np.round(Y * 2)), (np.where(X > 1, np.nan, X), Y),
)  # fmt: skip


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("text", (
    "bins=4", "bins=(3, e)", "bins=e", "bins=[0.0, 1, 2, 3]", "range=((-1, 1), (0, 2))", "range=((-1, 1), None)", "density=True",
    "weights=a * a", "bins=0", "bins=(3,)", "range=((0, 1),)", "bins=(2.0, 3)", "bins=(3, e[:1])", "bins=(3, e[:0])", "bins=(e[::-1], 3)",
    "range=((2, 1), (0, 1))",
))  # fmt: skip
def test_two_dimensions(text: str) -> None:
    function = njit(expression(f"np.histogram2d(a, b, {text})", "a, b, e"))
    for x, y in POINTS:
        check(function, x, y, EDGES, rtol=1e-13)


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("text", (
    "(a, b, a + b), (2, 3, 4)", "(a, b, a + b), (2, e, 4), density=True", "(a,), 5", "a, 5", "s, (2, 3, 4)", "s, (2, 3)", "(a, b)",
    "(a, b[1:])", "s, (2, 3, 4), weights=w[:30]", "s, (2, 3, 4), weights=w", "(a, b), weights=np.arange(50)", "(a, b, a, b), 2",
))  # fmt: skip
def test_several_dimensions(text: str) -> None:
    made = expression(f"(lambda found: (found[0], tuple(found[1])))(np.histogramdd({text}))", "a, b, e, s, w")
    check(made, X, Y, EDGES, np.stack((X, Y, X), 1)[:30], WEIGHTS, rtol=1e-13)


def test_what_must_be_known() -> None:
    with pytest.raises(NopythonError, match="the number of axes must be known"):
        njit(expression("np.histogramdd(a)"))(np.zeros((3, 2)))
    for text in ("np.histogram(a, density=b)", "np.histogram2d(a, a, density=b)"):
        with pytest.raises(NopythonError, match="`density` must be known"):
            njit(expression(text, "a, b"))(X, True)
    with pytest.raises(NopythonError, match="Cannot cast array data"):
        njit(expression("np.histogram2d(a, a, weights=a * 1j)"))(X)
