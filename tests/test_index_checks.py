"""Index checks that leave loops: the same exception at the same moment, after the same stores, as in Python."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tracer import jit, njit, trace

INDICES = (
    "i", "i + 1", "i - 1", "i + k", "k + i", "i - k", "2 * i", "i * 2 + 1", "i * 3 - k", "i * k", "k * i + 1", "i // 2", "2 * i // 2",
    "(6 * i + 3) // 3", "i + k - n", "n - i", "i + k + 1 - k",
)  # fmt: skip
RANGES = (
    "range(n)", "range(k, n)", "range(1, n, 2)", "range(0, n, 3)", "range(n - 1, -1, -1)", "range(n, k, -1)", "range(n, -3, -2)",
    "range(k, n, k)", "range(-2, n)", "reversed(range(n))",
)  # fmt: skip
WHILES = ("i = k; while i < n; i += 1", "i = 0; while i < n; i += 2", "i = n; while i > k; i -= 1", "i = 1; while i < n; i += k")
NUMBERS = (0, 1, 2, 3, 5, -1, -2, 2**31, 2**61, -(2**61), 2**63 - 1, -(2**63))


def made(source: str) -> Callable:
    """The function of a text, whose lines tracebacks show."""
    name = f"<indices {source}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    scope: dict[str, Any] = {}
    exec(compile(source, name, "exec"), scope)
    return scope["f"]


def for_loop(numbers: str, index: str) -> Callable:
    return made(f"def f(a, b, n, k):\n    for i in {numbers}:\n        b[i] = 7\n        a[{index}] += b[0] + 1\n    return n\n")


def while_loop(parts: str, index: str) -> Callable:
    start, condition, step = parts.split("; ")
    return made(f"def f(a, b, n, k):\n    {start}\n    {condition}:\n        a[{index}] += i\n        b[i] = 7\n        {step}\n    return n\n")


def outcome(function: Callable, lengths: tuple[int, int], n: int, k: int) -> tuple:
    """The result or exception, and what was stored."""
    a, b = (np.arange(length) for length in lengths)
    try:
        result: Any = function(a, b, n, k)
    except IndexError as error:
        traceback = error.__traceback__
        while traceback.tb_next is not None:
            traceback = traceback.tb_next
        result = str(error), traceback.tb_lineno
    return result, a.tolist(), b.tolist()


def compare(function: Callable, options: dict, numbers: tuple[int, ...]) -> int:
    """Call both with arguments whose loops end; returns how many raised."""
    fast, raised = njit(**options)(function), 0
    for lengths, n, k in itertools.product(((0, 0), (4, 6), (6, 4), (7, 7)), (0, 1, 4, 6, 9), numbers):
        if "+= k" in function.__code__.co_filename and k <= 0 or "k, n, k" in function.__code__.co_filename and k == 0:
            continue
        expected = outcome(function, lengths, n, k)
        if options and isinstance(expected[0], tuple):
            continue  # is not checked
        raised += isinstance(expected[0], tuple)
        assert outcome(fast, lengths, n, k) == expected, (lengths, n, k)
    return raised


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("numbers", RANGES)
def test_for_loops(numbers: str, index: str) -> None:
    assert compare(for_loop(numbers, index), {}, (0, 1, 2, 3, -1, -2)) > 0


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("parts", WHILES)
def test_while_loops(parts: str, index: str) -> None:
    assert compare(while_loop(parts, index), {}, (0, 1, 2, 3)) > 0


@pytest.mark.parametrize("index", INDICES[::3])
@pytest.mark.parametrize("numbers", RANGES[::2])
def test_without_checks(numbers: str, index: str) -> None:
    compare(for_loop(numbers, index), {"boundscheck": False}, (0, 1, 2, 3, -1))


@pytest.mark.parametrize("index", ["i + k", "i - k", "i * k", "i * k + 1", "i - k - k"])
def test_numbers_near_the_limits(index: str) -> None:
    """Where the index itself does not leave 64 bits, the exception is Python's."""
    function = made(f"def f(a, b, n, k):\n    for i in range(n):\n        b[i] = 7\n        a[{index}] += 1\n    return n\n")
    fast = njit(function)
    for n, k in itertools.product((0, 1, 2, 5), NUMBERS):
        indices = [eval(index, {"i": i, "k": k}) for i in range(n)]
        if all(-(2**63) <= each < 2**63 for each in indices):
            assert outcome(fast, (4, 6), n, k) == outcome(function, (4, 6), n, k), (n, k)


def scattered(a, n):
    for i in range(n):
        a[i] = i + 1
    return n


@pytest.mark.parametrize("make", [njit, jit, lambda function: lambda *args: trace(function)(*args)(*args)], ids=["njit", "jit", "trace"])
def test_indices_are_checked_by_default(make) -> None:
    a = np.zeros(3, np.int64)
    compiled = make(scattered)
    assert compiled(a, 2) == 2 and a.tolist() == [1, 2, 0]
    with pytest.raises(IndexError, match="index 3 is out of bounds for axis 0 with size 3"):
        compiled(a, 5)
    assert a.tolist() == [1, 2, 3]


@pytest.mark.parametrize("make", [
    lambda a: njit(boundscheck=False)(scattered), lambda a: jit(boundscheck=False)(scattered),
    lambda a: trace(scattered, boundscheck=False)(a, 3),
], ids=["njit", "jit", "trace"])  # fmt: skip
def test_checks_can_be_turned_off(make) -> None:
    """What lies behind a view is then written, as it is the caller's own memory here."""
    whole = np.zeros(5, np.int64)
    compiled = make(whole[:3])
    assert compiled(whole[:3], 5) == 5 and whole.tolist() == [1, 2, 3, 4, 5]


def unchecked(function: Callable, *arguments: Any) -> int:
    """How many loops without checks there are that hand over to one with them."""
    graph = trace(function)(*arguments)
    return sum(block.label == "fast" for block in graph.optimized.blocks)


@pytest.mark.parametrize("index", ["i + k", "i - k", "2 * i", "i * k", "2 * i + k", "(2 * i + 4) // 2"])
def test_what_is_split(index: str) -> None:
    extra = "\n        a[2 * i + 4] = 1" if "//" in index else ""
    function = made(f"def f(a, n, k):\n    for i in range(n):\n        a[{index}] = i{extra}\n")
    assert unchecked(function, np.zeros(9, np.int64), 3, 1) == 1


@pytest.mark.parametrize("index", ["i * i", "i // 2", "(i + k) // 2", "(3 * i) // 2", "k // (i + 1)", "i - 1", "2 * i - 1", "i % 2"])
def test_what_is_not_split(index: str) -> None:
    extra = "a[3 * i] = 1; " if "3 * i" in index else ""
    function = made(f"def f(a, n, k):\n    for i in range(n):\n        {extra}a[{index}] = i\n")
    assert unchecked(function, np.zeros(9, np.int64), 3, 1) == 0
