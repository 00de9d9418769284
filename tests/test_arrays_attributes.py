"""Attributes of arrays and the methods that read and write single items, against NumPy."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from array_harness import check, expression, statement

from tracer import NopythonError, njit

MATRIX = np.arange(6.0).reshape(2, 3)
FORTRAN = np.asfortranarray(MATRIX)
GAPS = np.arange(24.0).reshape(4, 6)[::2, ::2]
LINE = np.arange(5)
CUBE = np.arange(24).reshape(2, 3, 4)
COMPLEX = MATRIX + 2j * MATRIX[::-1]
LOCKED = np.arange(3.0)
LOCKED.flags.writeable = False


# --- complex numbers


@pytest.mark.parametrize("a", [
    COMPLEX, COMPLEX.astype(np.complex64), np.asfortranarray(COMPLEX), COMPLEX[:, ::2], MATRIX, FORTRAN, LINE, np.array(1 + 2j), COMPLEX[0],
])  # fmt: skip
def test_parts_of_complex_numbers(a: np.ndarray) -> None:
    check(lambda a: (a.real, a.imag), a)
    check(lambda a: (a.conj(), a.conjugate()), a, strides=a.flags.c_contiguous or a.flags.f_contiguous)


def test_parts_are_views() -> None:
    def written(a: np.ndarray) -> Any:
        a.real[0, 0] = 7
        a.imag[1] = 8
        return a

    def assigned(a: np.ndarray) -> Any:
        a.real = 5
        a.imag = [1, 2, 3]
        a.real += 2
        a.imag *= 3
        return a

    for a in (COMPLEX, COMPLEX.astype(np.complex64), COMPLEX[:, ::-1]):
        check(written, a)
        check(assigned, a)


def test_assignment_to_parts_of_real_numbers() -> None:
    def real(a: np.ndarray) -> None:
        a.real = 5

    def imag(a: np.ndarray) -> None:
        a.imag = 5

    check(real, MATRIX)
    check(imag, MATRIX, message=False)  # which differs between releases of NumPy
    check(real, LOCKED)


STORE_FIRST = """
import numpy as np
from tracer import njit

def real(a):
    a.real = 5

a = np.zeros(2)
njit(real)(a)
print(a)
"""


def test_a_store_to_an_attribute_may_be_what_is_compiled_first(tmp_path: pathlib.Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(STORE_FIRST)
    root = str(pathlib.Path(__file__).resolve().parent.parent)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": root})
    assert (done.stdout, done.stderr) == ("[5. 5.]\n", "")


# --- flat


def cycled(a: np.ndarray) -> np.ndarray:
    a.flat = [1, 2]
    return a


def cycled_from(a: np.ndarray) -> np.ndarray:
    a.flat[2:] = [7, 8]
    return a


def with_one(a: np.ndarray) -> np.ndarray:
    a.flat = 3
    return a


def summed(a: np.ndarray) -> Any:
    total = 0.0
    for x in a.flat:
        total = total * 1.5 + x
    return total


def parts(a: np.ndarray) -> Any:
    return a.flat[1:4], a.flat[[1, 2]], a.flat[::-1], a.flat[a.ravel() > 2], len(a.flat)


def of_a_copy(a: np.ndarray) -> np.ndarray:
    b = a.flat[1:4]
    b[0] = 99
    return a


@pytest.mark.parametrize("function", [cycled, cycled_from, with_one, summed, parts, of_a_copy])
def test_flat(function: Any) -> None:
    for a in (MATRIX, FORTRAN, GAPS, CUBE, LINE):
        check(function, a)


def test_items_of_flat() -> None:
    def written(a: np.ndarray, i: int) -> Any:
        a.flat[i] = 7
        return a, a.flat[i]

    for a in (MATRIX, FORTRAN, GAPS, CUBE, LINE, np.array(3.0)):
        for i in (0, 3, -1, 100, -25):
            check(written, a, i)
    check(written, LOCKED, 0)


# --- items


@pytest.mark.parametrize("a", [MATRIX, FORTRAN, LINE.astype(np.int8), np.array([7], np.uint8), np.array(3.5, np.float32), np.array([True]), COMPLEX])
def test_item(a: np.ndarray) -> None:
    check(lambda a: a.item(), a)
    compiled = njit(lambda a, i: a.item(i))
    for i in (0, 5, -9, -1):
        check(compiled, a, i)


def test_item_at_several_indices() -> None:
    compiled = njit(lambda a, i: a.item(1, i))
    for i in (2, -1, 9):
        check(compiled, MATRIX, i)
    check(lambda a: a.item((1, 2)), FORTRAN)
    check(lambda a: a.item(1, 2, 3), MATRIX)


def test_fill() -> None:
    def filled(a: np.ndarray, x: Any) -> np.ndarray:
        a.fill(x)
        return a

    for a, x in ((MATRIX, 3), (GAPS, 2.5), (np.zeros(3, np.int8), 3.7), (np.zeros(3, np.int8), 300), (LOCKED, 3), (COMPLEX, 1j),
                 (LINE, np.array(4)), (np.zeros((0, 2)), 1)):  # fmt: skip
        check(filled, a, x)


# --- memory


@pytest.mark.parametrize("function", [
    lambda a: a.view(np.int64), lambda a: a.view("i4"), lambda a: a.view(np.complex128), lambda a: a.view(dtype=float), lambda a: a.view("u1"),
    lambda a: a.view(),
])  # fmt: skip
def test_view(function: Any) -> None:
    compiled = njit(function)
    for a in (MATRIX, FORTRAN, GAPS, MATRIX[:, :2], np.arange(4.0), np.array(3.0), LINE.astype(np.int8)[:4], MATRIX[:, :1], MATRIX[::-1], np.zeros((0, 3))):
        check(compiled, a)


def test_views_share_memory() -> None:
    def written(a: np.ndarray) -> np.ndarray:
        a.view(np.uint8)[0] = 77
        a.view(np.int64)[-1] = 1
        return a

    check(written, np.arange(4.0))


def test_views_of_larger_items_may_not_be_aligned() -> None:
    memory = np.arange(40, dtype=np.uint8)
    total = njit(lambda a: a[1:33].view(np.float64).sum())
    assert total(memory) == memory[1:33].view(np.float64).sum()


@pytest.mark.parametrize("function, a", [
    (lambda a: np.frombuffer(a, np.int32), MATRIX), (lambda a: np.frombuffer(a, np.int16, 3, 2), MATRIX), (lambda a: np.frombuffer(a), LINE),
    (lambda a: np.frombuffer(a, np.int64), np.zeros(9, np.int8)), (lambda a: np.frombuffer(a, np.int64, 9), MATRIX),
    (lambda a: np.frombuffer(a, np.int8, offset=100), LINE),
])  # fmt: skip
def test_frombuffer(function: Any, a: np.ndarray) -> None:
    check(function, a)


def described(a: np.ndarray) -> Any:
    return a.flags.c_contiguous, a.flags.f_contiguous, a.flags.writeable, a.flags.fnc, a.flags.forc, a.flags.contiguous, a.flags.aligned


@pytest.mark.parametrize("a", [
    MATRIX, FORTRAN, GAPS, GAPS[:1], GAPS[:, :1], LINE, LINE[::2], LINE[::-1], np.zeros((0, 3))[:, ::2], np.zeros((1, 3)), np.zeros((3, 1)),
    LOCKED, np.array(1.0), CUBE[:, ::2], CUBE.transpose(1, 0, 2), CUBE.T,
])  # fmt: skip
def test_flags(a: np.ndarray) -> None:
    check(described, a)


@pytest.mark.parametrize("a", [MATRIX, FORTRAN, GAPS, LINE, np.array(1.0), np.zeros((2, 0), np.int16), COMPLEX])
def test_sizes(a: np.ndarray) -> None:
    check(lambda a: (a.shape, a.ndim, a.size, a.nbytes, a.itemsize, np.shape(a), np.ndim(a), np.size(a), np.size(a[None], 0)), a)


def test_sizes_of_numbers_and_tuples() -> None:
    check(lambda x: (np.shape(x), np.ndim(x), np.size(x)), 3)
    check(lambda x: (np.shape([[1, 2], [x, 3]]), np.ndim((x, x)), np.size([x])), 3)


@pytest.mark.parametrize("function", [lambda a: a.base, lambda a: a.ctypes, lambda a: a.tolist(), lambda a: a.flags["C_CONTIGUOUS"]])
def test_what_is_not_there(function: Any) -> None:
    with pytest.raises(NopythonError):
        njit(function)(MATRIX)


@pytest.mark.parametrize("value", (-1.5, np.nan, (1, -2), (1.5, 2), 300, np.float64(-1.5), (), True), ids=str)
def test_numbers_stored_into_flat_are_checked(value: Any) -> None:
    def store(a: np.ndarray) -> None:
        a.flat = value

    for dtype in ("bool", "uint8", "float32", "complex64"):
        check(store, np.arange(6).astype(dtype).reshape(2, 3), message=False)
    check(store, LOCKED)


@pytest.mark.parametrize("place", ("1:3", "::2", "::-1", "5:", "[0, 2]", "[]", "[[0, 1]]", "...", "(1,)", "np.array([[4], [-1]])", "a.ravel() > 1"))
def test_stores_into_places_of_flat(place: str) -> None:
    function = statement(f"a.flat[{place}] = value", "a, value")
    for a in (np.arange(6).reshape(2, 3), np.arange(6.0).reshape(3, 2).T, np.arange(6, dtype=np.int8).reshape(2, 3)[::-1], LOCKED):
        for value in (5, 5.5, np.array(7.0), np.array([8, 9]), np.array([[1, 2], [3, 4]]), np.zeros(0), True, np.float32(2), np.array([300]), 2**40, np.nan):
            if place != "(1,)" or (np.ndim(value) == 0 and value < 2**40):
                check(function, a, value)


def test_single_places_of_flat() -> None:
    function = statement("a.flat[i] = value", "a, i, value")
    for a in (np.arange(6).reshape(2, 3), np.arange(6.0).reshape(3, 2).T, LOCKED):
        for i in (1, -1, 6, -7, np.uint8(2)):
            check(function, a, i, 5)
            check(function, a, i, np.array([8, 9]))
    for text in ("a.flat[None]", "a.flat[True]", "a.flat[0, 1]"):
        with pytest.raises(NopythonError):
            njit(expression(text))(np.ones((2, 3)))
    check(expression("a.flat[[0, 9]]"), np.ones((2, 3)))
    check(expression("a.flat[[[0, 1]]], a.flat[(1,)]"), np.arange(6.0).reshape(2, 3))


def test_nothing_stored_into_flat() -> None:
    def store(a: np.ndarray) -> None:
        a.flat = a[:0]

    check(store, np.arange(6.0).reshape(2, 3))
