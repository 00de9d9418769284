"""`einsum` against NumPy: sums, diagonals, products of matrices, transpositions, ellipses, and texts that are refused."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from array_harness import check
from tracer import NopythonError, njit


def einsum_of(text: str, count: int) -> Callable:
    """A function of so many arrays that calls einsum."""
    names = ", ".join("abcd"[:count])
    source = f"def function({names}):\n    return np.einsum({text!r}, {names})\n"
    linecache.cache[text] = (len(source), None, source.splitlines(True), text)
    scope: dict[str, Any] = {"np": np}
    exec(compile(source, text, "exec"), scope)
    return njit(scope["function"])


def items(*shape: int, dtype: Any) -> np.ndarray:
    """Small whole numbers, so that sums are exact in every order."""
    return (np.arange(int(np.prod(shape))) % 7 - 3).reshape(shape).astype(dtype)


CASES = [
    ("ij,jk->ik", (3, 4), (4, 5)), ("ij,jk", (3, 4), (4, 5)), ("ij,jk->ki", (3, 4), (4, 5)), ("ij,kj->ik", (3, 4), (5, 4)),
    ("i,i", (3,), (3,)), ("i,j->ij", (3,), (4,)), ("i,i->i", (3,), (3,)), ("ijk,jil->kl", (2, 3, 4), (3, 2, 5)),
    ("ij,ij->i", (3, 4), (3, 4)), ("ij,ij->", (3, 4), (3, 4)), ("ij,ij->ij", (1, 4), (3, 4)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("ii", (3, 3)), ("ii->i", (3, 3)), ("ij->ji", (3, 4)), ("ij->", (3, 4)), ("ij->j", (3, 4)), ("ba", (3, 4)), ("iij->ij", (2, 2, 3)),
    ("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)), ("...ij,jk", (2, 3, 4), (4, 5)), ("i...->...", (2, 3, 4)), ("...", (2, 3)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)), ("ijk,ilm,njm,nlk->", (2, 3, 2), (2, 3, 2), (2, 3, 2), (2, 3, 2)), ("ij,jk->ik", (0, 4), (4, 0)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_sums(case: tuple) -> None:
    text, *shapes = case
    compiled = einsum_of(text, len(shapes))
    for dtype in ("float64", "int32") if len(shapes) > 2 else ("float64", "complex64", "int32", "bool"):
        # The layout of what is new follows NumPy's iterator there; here it is that of a product of matrices, or C.
        check(compiled, *(items(*shape, dtype=dtype) for shape in shapes), strides=len(shapes) == 1)


@pytest.mark.parametrize(
    ("text", "shapes"),
    [("ij,jk", [(3, 4)]), ("ij", [(2, 3), (2, 3)]), ("ijk", [(2, 3)]), ("i", [(2, 3)]), ("ij->ik", [(2, 3)]), ("ij->ii", [(2, 3)]), ("i1", [(2, 3)])],
)  # fmt: skip
def test_texts_that_are_refused(text: str, shapes: list[tuple]) -> None:
    arrays = [items(*shape, dtype=float) for shape in shapes]
    with pytest.raises(ValueError):
        np.einsum(text, *arrays)
    with pytest.raises(NopythonError, match="ValueError"):
        einsum_of(text, len(arrays))(*arrays)


def test_lengths_that_do_not_fit() -> None:
    for text in ("ij,jk->ik", "ij,ij->"):
        with pytest.raises(ValueError, match="3 and|4 and|length 4"):
            einsum_of(text, 2)(items(3, 4, dtype=float), items(5, 5, dtype=float))


def into(a: Any, b: Any, out: Any) -> Any:
    return np.einsum("ij,j->i", a, b, out=out)


def test_out() -> None:
    check(njit(into), items(3, 4, dtype=float), items(4, dtype=float), np.zeros(3))
