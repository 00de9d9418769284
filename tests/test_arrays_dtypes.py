"""What depends on dtypes, and on the bytes and bits of items, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from array_harness import check, expression, layouts

from tracer import NopythonError, njit

NUMBERS = ("bool", "int8", "uint16", "int64", "float32", "complex128")
ALL = (*NUMBERS, "timedelta64[s]", "datetime64[D]")


def matrix(dtype: str) -> np.ndarray:
    return np.arange(12).astype(dtype).reshape(3, 4)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", ALL)
def test_bytes_in_the_other_order(dtype: str) -> None:
    function, in_place = njit(lambda a: a.byteswap()), njit(lambda a: a.byteswap(inplace=True))
    for items in (*layouts(matrix(dtype)), matrix(dtype)[:0], matrix(dtype)[0, 1:2].reshape(())):
        check(function, items)
        check(in_place, items)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("dtype", NUMBERS)
def test_dtypes_of_operands(dtype: str) -> None:
    texts = ["np.zeros(2, np.result_type(a, np.float32))", "np.zeros(2, np.result_type(a, 3.0, 'i2'))", "np.sort_complex(a)", "np.real_if_close(a)"]
    for text in texts if dtype == "bool" else [*texts, "np.zeros(2, np.common_type(a, a[0]))"]:
        function = njit(expression(text))
        for items in layouts(matrix(dtype)[::-1]):
            check(function, items)
    check(expression("np.result_type(a, b) == np.float64", "a, b"), 1, np.float32(2))


def test_real_parts_of_what_is_nearly_real() -> None:
    nearly = np.array([1 + 1e-15j, 2.0])
    for text in ("a", "a, 1000", "a[:0]", "a[0]", "a.astype(np.complex64)"):
        check(expression(f"np.real_if_close({text})"), nearly)
    with pytest.raises(ValueError, match="imaginary parts are not close to zero"):
        njit(expression("np.real_if_close(a)"))(nearly * 1j)


AXES = ("None", "0", "-1")


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("axis", AXES)
def test_bits_of_items(axis: str) -> None:
    mask = np.arange(27).reshape(3, 9) % 3 > 0
    for order in ("big", "little"):
        function = njit(expression(f"np.packbits(a, {axis}, '{order}')"))
        for items in (*layouts(mask), mask[:, :8], mask[:, :0], mask[:0], mask[0], mask.astype(int), np.array(True)):
            check(function, items)
    check(function, mask * 1.0)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("axis", AXES)
def test_items_of_bits(axis: str) -> None:
    some = np.random.default_rng(1).integers(0, 255, (3, 4, 2)).astype(np.uint8)
    for more in ("", ", count=-3", ", count=100, bitorder='little'", ", count=-1000"):
        function = njit(expression(f"np.unpackbits(a, {axis}{more})"))
        for items in (*layouts(some[0]), some, some[0, 0], np.array(5, np.uint8), np.zeros(3, np.int8)):
            check(function, items)


def test_orders_of_bits_are_checked() -> None:
    with pytest.raises(NopythonError, match="'order' must be either 'little' or 'big'"):
        njit(expression("np.packbits(a, 0, 'odd')"))(np.zeros(3, bool))


def test_parts_of_items() -> None:
    for text in ("np.float32, 4", "np.int16", "np.float32, 6", "np.int8, -1", "np.complex128"):
        function = njit(expression(f"a.getfield({text})"))
        for items in layouts(matrix("float64")):
            check(function, items)
