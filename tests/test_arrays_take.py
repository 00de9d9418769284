"""`take`, `put`, `compress`, `place`, `choose`, `select` and their relatives against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, expression, layouts, sample, since
from tracer import NopythonError, njit

MATRIX = np.arange(12).reshape(3, 4)
CUBE = np.arange(24.0).reshape(2, 3, 4)


def test_take() -> None:
    for a in layouts(MATRIX):
        check(lambda a: (np.take(a, 5), np.take(a, [0, -1]), a.take([[0, 1], [2, 3]], axis=1), np.take(a, 2, axis=1), a.take([], 0)), a)
    check(lambda a, i: (np.take(a, i, axis=0), a.take(i, axis=-1), a.take(i)), CUBE, np.array([1, 0], np.uint8))
    check(lambda a: (np.take(a, [True, False]), np.take((4, 5, 6), 1)), MATRIX)


def test_take_of_nothing() -> None:
    for text in ("np.take(a, [0, -1], axis=0)", "np.take(a, [5], axis=1)", "np.take(a, 5, axis=-1)"):
        function = njit(expression(text))
        for shape in ((0, 0), (0, 2), (2, 0), (0, 6)):
            check(function, np.zeros(shape))
    check(expression("np.take(a, [0, -1], axis=0), np.take(a, 0, axis=-1), np.repeat(a, 2, axis=0)"), np.array(6.0))
    check(expression("np.choose([0], a)"), np.zeros((0, 3)))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("mode", ("raise", "wrap", "clip"))
def test_take_out_of_range(mode: str) -> None:
    for axis in (None, 0, 1):
        check(lambda a, i: np.take(a, i, axis=axis, mode=mode), MATRIX, np.array([1, 2, -1, -2]))
        check(lambda a, i: np.take(a, i, axis=axis, mode=mode), MATRIX, np.array([[1, 50], [-14, 2]]))
        check(lambda a, i: np.take(a, i, axis=axis, mode=mode), MATRIX, 77)
        check(lambda a, i: np.take(a, i, axis=axis, mode=mode), MATRIX[:0], np.array([1]), message=axis != 1)


def test_take_into() -> None:
    def into(a: Any, out: Any) -> Any:
        np.take(a, [2, 1], axis=0, out=out)

    check(into, MATRIX, np.zeros((2, 4), int))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("axis", (0, 1, -1))
def test_along_axis(axis: int) -> None:
    def put(a: Any, i: Any, v: Any) -> None:
        np.put_along_axis(a, i, v, axis)

    for i in (np.array([[0], [1], [-1]]), np.array([[0, 1, 2, 0]]), np.array([[0, 1], [1, 1]]), np.array([[0], [1], [9]]), np.zeros((0, 4), int)):
        check(lambda a, i: np.take_along_axis(a, i, axis), MATRIX, i)
        check(put, MATRIX, i, 99)
    check(put, MATRIX, np.array([[0], [1], [2]]), np.array([[1.5], [2.5], [3.5]]))
    check(lambda a, i: np.take_along_axis(a, i, axis), MATRIX[:, ::2], np.array([[0, 1], [1, 0], [1, 1]]))


def test_along_no_axis() -> None:
    def put(a: Any, i: Any, v: Any) -> None:
        np.put_along_axis(a, i, v, None)

    check(lambda a: np.take_along_axis(a, np.array([0, 5, -1]), None), MATRIX)
    check(put, MATRIX, np.array([0, 5]), np.array([1.5, 2]))
    for i in (np.array([0, 5]), np.zeros((1, 1, 1), int), np.array([[0.5]])):
        check(lambda a, i: np.take_along_axis(a, i, 0), MATRIX, i)


def _put(a: Any, i: Any, v: Any) -> None:
    np.put(a, i, v)


def _put_clipped(a: Any, i: Any, v: Any) -> None:
    a.put(i, v, mode="clip")


def _put_wrapped(a: Any, i: Any, v: Any) -> None:
    np.put(a, i, v, mode="wrap")


@pytest.mark.parametrize("put", (_put, _put_clipped, _put_wrapped))
def test_put(put: Any) -> None:
    for i in (np.array([0, -1, 3]), np.array([13]), np.array([-99]), np.array([], int)):
        check(put, MATRIX, i, np.array([7, 8]), message=False)
    check(put, np.asfortranarray(MATRIX), np.array([1, 6, 9]), -5)
    check(put, MATRIX, 3, np.array([2.7]))
    check(put, MATRIX, np.array([1]), np.zeros(0))


@pytest.mark.slow
def test_put_into_empty_arrays() -> None:
    for indices, values in (([0], []), ([], [1.0]), ([0], [1.0])):
        check(expression(f"np.put(a, np.array({indices}, int), np.array({values}))"), np.zeros(0))


def test_compress_and_extract() -> None:
    a = MATRIX
    check(lambda a: (np.compress([1, 0, 1], a, axis=0), np.compress([0, 1], a, axis=1), np.compress([0, 1, 1], a), np.compress([0, 0, 0, 0, 0, 0, 0, 0, 0], a)), a)
    check(lambda a, c: a.compress(c, axis=0), a, np.array([True, False, True]))
    check(lambda a, c: a.compress(c, axis=0), a, np.array([True, False, True, True]))
    check(lambda a, c: np.compress(c, a), a, np.array([[True]]))
    for view in layouts(a):
        check(lambda a: (np.extract(a > 4, a), np.extract([1, 0, 1], a), np.extract(a[0] > 1, a[1])), view)


def _place(a: Any, m: Any, v: Any) -> None:
    np.place(a, m, v)


def _putmask(a: Any, m: Any, v: Any) -> None:
    np.putmask(a, m, v)


@pytest.mark.parametrize("store", (_place, _putmask))
def test_place_and_putmask(store: Any) -> None:
    mask = MATRIX > 4
    for v in (np.array([1, 2]), np.zeros(0, int), MATRIX * 10, np.array([1.5, 2.5])):
        check(store, MATRIX, mask, v)
        check(store, MATRIX, MATRIX > 40, v)
    check(store, MATRIX, mask[0], np.array([1, 2]))
    check(store, np.asfortranarray(MATRIX), mask, np.array([1, 2, 3]))


def test_putmask_with_a_number() -> None:
    check(_putmask, MATRIX, MATRIX > 4, 7)


@pytest.mark.parametrize("mode", ("raise", "wrap", "clip"))
def test_choose(mode: str) -> None:
    check(lambda i, a, b: np.choose(i, (a, b), mode=mode), np.array([0, 1, 0, 1]), np.arange(4), np.arange(4) * 10.5)
    check(lambda i, a, b: i.choose((a, b), mode=mode), MATRIX % 2, MATRIX, np.int8(3))
    check(lambda i: np.choose(i, [1, 2, [3, 4, 5]], mode=mode), np.array([0, 5, -1]))
    check(lambda a: np.choose(1, [a, a * 2], mode=mode), MATRIX)


@pytest.mark.parametrize("mode", ("raise", "wrap", "clip"))
def test_choose_from_an_array(mode: str) -> None:
    new, into = njit(lambda i, a: np.choose(i, a, mode=mode)), njit(lambda i, a: i.choose(a, out=np.zeros(4), mode=mode))
    choices = np.arange(8.0).reshape(2, 4)
    for numbers in (np.array([0, 1, 1, 0]), np.array([[0], [1]]), np.array([0, 5, -1, 0]), np.array(1)):
        for rows in (*layouts(choices), choices[:, 0]):
            check(new, numbers, rows, strides=False)
    check(into, np.array([0, 1, 1, 0]), choices)
    check(into, np.array([0, 1]), choices[:, :2])
    with pytest.raises(NopythonError, match="iteration over a 0-d array"):
        new(np.array([0, 1]), np.array(2.0))
    check(lambda i: (np.choose(i, (2.0, 3.0)), i.choose(2.0, 3.5)), np.array(1))


def test_select() -> None:
    check(lambda a: np.select([a < 3, a < 6], [a, a * 10]), MATRIX)
    check(lambda a: np.select((a < 3, a < 6), (a, a * 10.5), -1), MATRIX)
    check(lambda a: np.select([a[0] < 2, a > 5], [1, a], default=np.nan), MATRIX)
    check(lambda a: np.select([a < 3], [1, 2]), MATRIX)
    check(lambda a: np.select([a], [a]), MATRIX)


@pytest.mark.slow
@since("2.1.0")
def test_nonzero_without_axes() -> None:
    check(lambda a: np.nonzero(a), np.array(3))


def test_nonzero() -> None:
    for shape, dtype in (((0,), "bool"), ((7,), "int8"), ((3, 4), "float64"), ((2, 3, 2), "bool"), ((5,), "complex128")):
        for a in list(layouts(sample(dtype, shape)))[1:3]:
            check(lambda a: (a.nonzero(), np.flatnonzero(a)), a, strides=False)
            check(lambda a: np.argwhere(a), a)
    check(lambda a: (np.argwhere(a), np.argwhere(a * 0)), np.array(3))
    check(lambda a: np.where(a > 5), MATRIX, strides=False)
