"""Which arrays share memory, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from array_harness import check, expression

from tracer import NopythonError, njit

BLOCK = np.arange(60.0).reshape(3, 4, 5)
PAIRS = (
    ("a", "a.T"), ("a[0]", "a[1]"), ("a[..., 0]", "a[..., 1]"), ("a[::-1]", "a[2]"), ("a", "a.copy()"), ("a[:0]", "a"), ("a[0, 0, :1]", "a"),
    ("a.view('i4')[..., ::2]", "a.view('i4')[..., 1::2]"), ("a.ravel()[::-7]", "a.ravel()[1::3][::-1]"), ("a.ravel()[1::6]", "a.ravel()[::9]"),
    ("np.broadcast_to(a[0, 0, :1], (9,))", "a"), ("a.ravel()[:31]", "a.ravel()[30:]"), ("3", "a"),
)  # fmt: skip


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("pair", PAIRS, ids=map("{0[0]} {0[1]}".format, PAIRS))
def test_pairs_of_views(pair: tuple[str, str]) -> None:
    a, b = pair
    check(expression(f"(np.shares_memory({a}, {b}), np.shares_memory({b}, {a}), np.may_share_memory({a}, {b}))"), BLOCK)


def test_random_views() -> None:
    function = njit(expression("np.shares_memory(a, b), np.may_share_memory(a, b)", "a, b"))
    source, memory = np.random.default_rng(0), np.zeros(400, np.int8)

    def view() -> np.ndarray:
        lengths, strides = (tuple(map(int, source.integers(low, high, 2))) for low, high in ((1, 4), (-20, 21)))
        return np.ndarray(lengths, np.int8, memory, 200 + int(source.integers(-60, 60)), strides)

    for _ in range(500):
        a, b = view(), view()
        assert function(a, b) == (np.shares_memory(a, b), np.may_share_memory(a, b)), (a.__array_interface__, b.__array_interface__)


def test_more_work_than_bounds_is_another_function() -> None:
    with pytest.raises(NopythonError, match="np.shares_memory"):
        njit(expression("np.may_share_memory(a, a, 1)"))(BLOCK)


def test_fields_and_devices() -> None:
    for text in ("a.to_device('cpu')[0]", "a.setfield(3, np.int16, 2)", "a.setfield(np.arange(5), np.float32)"):
        check(expression(text), BLOCK)
    check(expression("np.iterable(a), np.iterable(a[0, 0, 0]), np.iterable((1, 2)), np.iterable(3), np.iterable(a[0, 0, 0:1].reshape(()))"), BLOCK)
    check(expression("np.datetime_data(a.dtype)[1] * 2"), np.zeros(3, "m8[3s]"))
    for text in ("a.to_device('gpu')", "a.to_device('cpu', stream=1)"):
        with pytest.raises(NopythonError, match="ValueError"):
            njit(expression(text))(BLOCK)
