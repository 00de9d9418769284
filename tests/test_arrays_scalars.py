"""Methods that NumPy's numbers share with arrays, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check

from tracer import NopythonError, njit

NUMBERS = (
    np.bool_(True), np.int8(-3), np.int64(-5), np.uint8(200), np.uint64(5), np.float32(1.5), np.float64(-0.0), np.float64(np.nan),
    np.complex64(1 - 2j), np.complex128(3j),
)  # fmt: skip


@pytest.mark.parametrize("x", NUMBERS, ids=repr)
def test_numbers_like_arrays(x: Any) -> None:
    check(lambda x: (x.item(), x.tolist(), x.copy(), x.squeeze()), x)
    check(lambda x: (x.astype(np.complex128), x.astype(bool)), x)
    if not np.iscomplexobj(x) and not np.isnan(x):
        check(lambda x: (x.astype(np.int64), x.astype("f4"), x.astype(float)), x)


@pytest.mark.parametrize("x", (*NUMBERS, np.timedelta64(3, "s")), ids=repr)
def test_numbers_have_the_shape_of_arrays_without_axes(x: Any) -> None:
    check(lambda x: (x.ndim, x.shape, x.strides, x.size, x.itemsize, x.nbytes, x.T, x.transpose(), x.byteswap()), x)
    check(lambda x: (x.ravel(), x.flatten(), x.reshape(1, 1), x.reshape((-1,)), x.repeat(3)), x)
    check(lambda x: x.reshape(2), x)
    if isinstance(x, (np.floating, np.complexfloating)):
        check(lambda x: x.conj(), x)


def test_numbers_of_python_have_no_shape() -> None:
    for x in (3, 2.5, True, 1j):
        with pytest.raises(NopythonError, match="there is no attribute .ndim"):
            njit(lambda x: x.ndim)(x)


def test_times_are_no_complex_numbers() -> None:
    with pytest.raises(NopythonError, match="a number is needed"):
        njit(lambda x: complex(x))(np.timedelta64(3, "s"))


@pytest.mark.parametrize("x", [np.int64(-5), np.uint64(2**63 + 5), np.float64(-1.5), np.float64(np.nan)], ids=repr)
def test_bits_of_64(x: Any) -> None:
    check(lambda x: (x.view(np.int64), x.view(np.uint64), x.view(np.float64)), x)


@pytest.mark.parametrize("x", [np.int32(-5), np.uint32(2**31 + 5), np.float32(-1.5)], ids=repr)
def test_bits_of_32(x: Any) -> None:
    check(lambda x: (x.view(np.int32), x.view("u4"), x.view(np.float32)), x)


def test_refused() -> None:
    for function in (lambda x: x.view(np.int32), lambda x: x.view(np.complex128)):
        with pytest.raises(NopythonError):
            njit(function)(np.float64(1.0))


def test_methods_of_numbers_known_while_tracing() -> None:
    check(lambda n: (np.int64(5).item() + n, np.float32(2.5).astype(np.int8), np.complex64(2j).conjugate(), np.bool_(True).any()), 2)
    check(lambda n: (np.int8(3).repeat(n), np.int8(3).reshape(1), np.int8(3).clip(n, 5), np.int8(-3).view(np.uint8)), 2)
