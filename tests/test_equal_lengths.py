"""What a graph tells of lengths that are equal: arrays of all lengths through loops and branches, against NumPy."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tracer import njit, trace


def grows(a: Any, b: Any, k: Any) -> Any:
    x = a
    for _ in range(k):
        x = x + b
    return x


def takes_turns(a: Any, b: Any, k: Any) -> Any:
    x, y = a, b
    for _ in range(k):
        x, y = y, x + y
    return x - y


def shrinks(a: Any, b: Any, k: Any) -> Any:
    x = a
    for _ in range(k):
        x = x[1:] * 2.0
    return x + b


def is_checked(a: Any, b: Any, k: Any) -> Any:
    x = a.copy()
    for _ in range(k):
        s = np.dot(x, b)
        x = x + s * b
    return x + b


def is_checked_late(a: Any, b: Any, k: Any) -> Any:
    x = a * 1.0
    total = 0.0
    for i in range(k):
        x = x + b
        if i == 1:
            total += np.dot(x, a)
    return x + a, total


def leaves_early(a: Any, b: Any, k: Any) -> Any:
    x, y = a, b
    for i in range(k):
        if len(x) != len(y):
            break
        y = x + y
        x = b if i else a
    return x + y


def on_one_side(a: Any, b: Any, k: Any) -> Any:
    if len(a) == len(b):
        x = a * b
    else:
        x = a - b
    return x + b


def on_the_other_side(a: Any, b: Any, k: Any) -> Any:
    if not (len(a) != len(b) or k < 2):
        return a * b
    return a + b


def of_one_item(a: Any, b: Any, k: Any) -> Any:
    if len(a) == 1 and len(b) == k:
        return a + b
    return a * b


def one_of_two(a: Any, b: Any, k: Any) -> Any:
    if (len(a) == len(b)) | (k == 1):
        return a + b
    return a * b


def nested(a: Any, b: Any, k: Any) -> Any:
    y = b
    for _ in range(k):
        x = a
        for _ in range(k):
            x = x + b
        y = y + x
    return y


def joined(a: Any, b: Any, k: Any) -> Any:
    x = a * 2.0 if k > 1 else b * 2.0
    return x + a


def in_place(a: Any, b: Any, k: Any) -> Any:
    x = a.copy()
    for _ in range(k):
        x[:] = x + b
        x += b
    return x


def of_rows(a: Any, b: Any, k: Any) -> Any:
    m = np.outer(a, b)
    for _ in range(k):
        m = m + b
        m = m * a.reshape(-1, 1)
    return m - m.T[: len(b)].T


def reduced(a: Any, b: Any, k: Any) -> Any:
    x, s = a, 0.0
    for _ in range(k):
        s += np.sum(x * b)
        x = x + 1.0
    return s


PROGRAMS = (
    grows, takes_turns, shrinks, is_checked, is_checked_late, leaves_early, on_one_side, on_the_other_side, of_one_item, one_of_two, nested, joined,
    in_place, of_rows, reduced,
)  # fmt: skip


def _outcome(function: Callable, arguments: tuple) -> Any:
    try:
        return function(*arguments)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_arrays_of_all_lengths(program: Callable) -> None:
    compiled = njit(program)
    for n, m, k in itertools.product((0, 1, 2, 3, 20), (0, 1, 2, 3, 20), (0, 1, 2, 3)):
        a, b = np.linspace(0.5, 1.0, n), np.linspace(-1.0, 0.25, m)
        expected, found = _outcome(program, (a, b, k)), _outcome(compiled, (a, b, k))
        if isinstance(expected, str):
            assert found == expected, (n, m, k)
        else:
            for one, other in zip(*(x if isinstance(x, tuple) else (x,) for x in (expected, found)), strict=True):
                np.testing.assert_allclose(other, one, rtol=1e-12, atol=1e-12, err_msg=str((n, m, k)), strict=True)


def test_what_was_checked_is_not_asked_for_again() -> None:
    a = np.ones(3)
    text = trace(is_checked)(a, a, 2).text("optimized")
    assert text.count("broadcast") == 1 and text.count("ne ") == 1  # before the loop, and none for the sum behind it
    assert "stretch" in trace(grows)(a, a, 2).text("optimized")
