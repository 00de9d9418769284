"""Views with strides of their own, and loops in the order of memory, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, expression

from tracer import NopythonError, njit

MATRIX = np.arange(24.0).reshape(4, 6)
VIEWS = (MATRIX, MATRIX.T, MATRIX[::-1, ::2], MATRIX[:0])


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("text", ("(2, 3)", "(0, 0)", "(9, 1)", "(-1, 2)", "(2, 2), (1, 1)", "2, 0", "2, -1", "5, 1", "(2, 3), writeable=True"))
def test_windows(text: str) -> None:
    function = njit(expression(f"np.lib.stride_tricks.sliding_window_view(a, {text})"))
    for a in VIEWS:
        check(function, a)


def test_windows_are_checked() -> None:
    for text in ("a, 3", "a, (2, 2), 0", "a, 2, 2"):
        with pytest.raises(NopythonError, match="window_shape|out of bounds"):
            njit(expression(f"np.lib.stride_tricks.sliding_window_view({text})"))(MATRIX)


def test_windows_may_be_written() -> None:
    def store(a: Any) -> Any:
        windows = np.lib.stride_tricks.sliding_window_view(a, 2, writeable=True)
        windows[1] = 7
        return windows

    check(store, np.arange(5.0))
    check(expression("np.lib.stride_tricks.sliding_window_view(a, 2).fill(3)"), np.arange(5.0), message=False)


STRIDED = njit(expression("np.lib.stride_tricks.as_strided(a, b, c)", "a, b, c"))


def test_strided_views() -> None:
    for shape, strides in (((2, 2), (8, 8)), ((3,), (0,)), ((2, 3, 2), (48, 8, 8)), ((0,), (2**62,)), ((1,), (2**62,)), ((-1,), (8,)), ((2,), (8, 8))):
        check(STRIDED, MATRIX, shape, strides, message=False)
    check(expression("np.lib.stride_tricks.as_strided(a, (2, 2), (8, 8), writeable=False)"), MATRIX)


@pytest.mark.parametrize("view", [((25,), (8,)), ((2,), (-8,)), ((5,), (2**62,)), ((2,), (-(2**63),)), ((2**62,), (8,)), ((2**61, 8), (8, 8)), ((2, 2), (40, -8))])
def test_strided_views_stay_inside_of_the_array(view: Any) -> None:
    with pytest.raises(ValueError, match="beyond the memory of the array"):
        STRIDED(MATRIX, *view)


def test_strided_items_are_aligned() -> None:
    with pytest.raises(ValueError, match="a stride of 4 bytes leaves items unaligned"):
        STRIDED(MATRIX, (3,), (4,))
    memory = np.zeros(25, np.uint8)[1:].view(np.float64)
    check(STRIDED, memory, (3,), (4,), strides=False)


def of_one(a: Any) -> Any:
    made, k = np.zeros(a.size), 0
    for x in np.nditer(a, flags=["zerosize_ok"]):
        made[k] = x.item()
        k += 1
    return made


def of_two(a: Any, b: Any) -> Any:
    made, k = np.zeros((200, 2)), 0
    for x, y in np.nditer((a, b), flags=["zerosize_ok"]):
        made[k] = x.item(), y.item()
        k += 1
    return made


def by_columns(a: Any) -> Any:
    total, k = np.float64(0.0), 1
    for x in np.nditer(a, order="F", flags=["zerosize_ok"]):
        total += x * k
        k += 1
    return total


def test_random_arrays_are_gone_through_in_the_order_of_memory() -> None:
    one, two, columns = njit(of_one), njit(of_two), njit(by_columns)
    source = np.random.default_rng(0)

    def view(shape: list[int]) -> np.ndarray:
        order = source.permutation(len(shape))
        wide = source.standard_normal([3 * shape[axis] for axis in order]).transpose(np.argsort(order))
        made = wide[tuple(slice(None, None, int(step)) for step in source.choice([1, 1, 2, -1, -3], len(shape)))]
        made = made[tuple(slice(0, length) for length in shape)]
        return np.broadcast_to(made[:1], made.shape) if source.random() < 0.2 and made.size else made

    for _ in range(60):
        shape = [int(length) for length in source.integers(source.random() > 0.1, 4, source.integers(2, 4))]
        a, b = view(shape), view([length if source.random() < 0.7 else 1 for length in shape])
        check(one, a)
        check(two, a, b)
        check(columns, a, rtol=1e-12)
