"""Arrays put together, cut, edited and padded, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, expression, layouts, sample, since, statement

from tracer import NopythonError, njit

MATRIX = np.arange(6.0).reshape(2, 3)
FORTRAN = np.asfortranarray(MATRIX)
GAPS = np.arange(24).reshape(4, 6)[::2, ::2]
LINE = np.arange(5)
FLOATS = np.arange(4.0) - 0.5
CUBE = np.arange(24).reshape(2, 3, 4)

# --- joined


@pytest.mark.parametrize("function, arguments", [
    (lambda a, b: np.concatenate((a, b)), (LINE, FLOATS)), (lambda a, b: np.concatenate([a, b]), (LINE[::-1], FLOATS[::2])),
    (lambda a, b: np.concatenate([a, b], dtype=np.float32), (LINE, FLOATS)), (lambda a, b: np.concatenate((a, b), 0), (FLOATS[:0], LINE)),
    (lambda a, b: np.concatenate([a, b], dtype=np.int8, casting="unsafe"), (LINE, LINE)), (lambda a, b: np.concatenate((a, b, a)), (LINE, LINE)),
    (lambda a, b: np.concatenate((a, b)), (MATRIX, FORTRAN)), (lambda a, b: np.concatenate((a, b), 1), (MATRIX, FORTRAN)),
    (lambda a, b: np.concatenate((a, b), -1), (FORTRAN, FORTRAN)), (lambda a, b: np.concatenate((a, b), 0), (FORTRAN, FORTRAN)),
    (lambda a, b: np.concatenate((a, b), axis=None), (FORTRAN, MATRIX)), (lambda a, b: np.concatenate((a, b), 1), (MATRIX, GAPS)),
    (lambda a, b: np.concatenate((a, b), axis=0), (LINE, MATRIX)), (lambda a, b: np.concatenate((a, b), axis=0), (MATRIX, MATRIX.T)),
    (lambda a, b: np.concatenate((a, b), axis=1), (MATRIX, MATRIX.T)), (lambda a, b: np.concatenate((a, b)), (np.array(1), np.array(2))),
    (lambda a, b: np.concatenate((a * 2, b + 1)), (FLOATS, FLOATS)), (lambda a, b: np.concatenate(((1, 2), (b, a))), (3, 4.5)),
    (lambda a, b: np.concatenate((a, b), 2), (CUBE, CUBE[:, :, ::-1])), (lambda a, b: np.concatenate(()), (1, 2)),
    (lambda a, b: np.concatenate(a), (MATRIX, 0)), (lambda a, b: np.concatenate(a, axis=1), (CUBE, 0)), (lambda a, b: np.concatenate(a), (LINE, 0)),
    (lambda a, b: np.concatenate(a), (MATRIX[:0], 0)), (lambda a, b: np.concatenate(a, axis=None), (FORTRAN, 0)),
    (lambda a, b: np.concatenate((a, b)), (np.array([True]), np.array([2], np.uint8))), (lambda a, b: np.concatenate((a, b)), (LINE, LINE * 1j)),
])  # fmt: skip
def test_concatenate(function: Any, arguments: tuple) -> None:
    check(function, *arguments)


def test_concatenate_into_an_array() -> None:
    def joined(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> np.ndarray:
        return np.concatenate((a, b), out=out)

    check(joined, LINE, FLOATS, np.zeros(9))
    check(joined, LINE, FLOATS, np.zeros(18)[::2])
    check(joined, LINE, FLOATS, np.zeros(8))
    check(joined, LINE, FLOATS, np.zeros((9, 1)))
    with pytest.raises(NopythonError, match="according to the rule"):
        njit(joined)(LINE, FLOATS, np.zeros(9, int))


def test_parts_may_share_memory_with_the_target() -> None:
    def shifted(a: np.ndarray) -> np.ndarray:
        a[:] = np.concatenate((a[2:], a[:2]))
        return np.roll(a, 1)

    check(shifted, LINE)


@pytest.mark.parametrize("function, arguments", [
    (lambda a, b: np.stack((a, b)), (LINE, FLOATS)), (lambda a, b: np.stack((a, b)), (LINE, LINE * 0.5)), (lambda a, b: np.stack([a, b], 1), (LINE, LINE)),
    (lambda a, b: np.stack((a, b), -1), (MATRIX, MATRIX)), (lambda a, b: np.stack((a, b), axis=1), (MATRIX, GAPS)), (lambda a, b: np.stack(a, 1), (MATRIX, 0)),
    (lambda a, b: np.stack((a, b, 3)), (1, 2.5)), (lambda a, b: np.stack((a, b), dtype=np.float32), (LINE, LINE)), (lambda a, b: np.stack(()), (1, 2)),
    (lambda a, b: np.vstack((a, b)), (LINE, LINE)), (lambda a, b: np.vstack([a, b]), (LINE[:3], MATRIX)), (lambda a, b: np.vstack((a, b)), (FORTRAN, MATRIX)),
    (lambda a, b: np.hstack((a, b)), (LINE, FLOATS)), (lambda a, b: np.hstack((a, b)), (MATRIX, FORTRAN)), (lambda a, b: np.hstack([a, b]), (1, LINE)),
    (lambda a, b: np.dstack((a, b)), (LINE, LINE)), (lambda a, b: np.dstack((a, b)), (MATRIX, MATRIX)), (lambda a, b: np.vstack((a, b)), (LINE, MATRIX)),
    (lambda a, b: np.column_stack((a, b)), (LINE, LINE)), (lambda a, b: np.column_stack((a, b)), (LINE[:3], MATRIX.T)),
    (lambda a, b: np.append(a, b), (LINE, FLOATS)), (lambda a, b: np.append(a, b), (MATRIX, 2)), (lambda a, b: np.append(a, b, axis=0), (MATRIX, MATRIX)),
    (lambda a, b: np.append(a, [b, 1, 2]), (MATRIX, 3)), (lambda a, b: np.append(a, b, axis=1), (MATRIX, LINE)),
    (lambda a, b: np.block([[a, a], [b, b]]), (MATRIX, MATRIX)), (lambda a, b: np.block([a, b, 1]), (LINE, FLOATS)),
    (lambda a, b: np.block([[a], [b]]), (LINE, LINE)), (lambda a, b: np.block(a), (FORTRAN, LINE)), (lambda a, b: np.block([[a, b[:, None]]]), (MATRIX, LINE[:2])),
])  # fmt: skip
def test_stacks(function: Any, arguments: tuple) -> None:
    check(function, *arguments)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "float32", "complex128"])
def test_dtypes_of_joined_arrays(dtype: str) -> None:
    compiled = njit(lambda a, b: (np.concatenate((a, b)), np.stack((b[:2], a[:2])), np.append(a, 1)))
    for other in ("int8", "int64", "float64"):
        check(compiled, sample(dtype, (3,)), sample(other, (4,)))


# --- cut


@pytest.mark.parametrize("function, a", [
    (lambda a: tuple(np.split(a, 2)), GAPS), (lambda a: tuple(np.split(a, 3, axis=1)), MATRIX), (lambda a: tuple(np.split(a, 2)), LINE),
    (lambda a: tuple(np.array_split(a, 3)), LINE), (lambda a: tuple(np.array_split(a, 9)), LINE), (lambda a: tuple(np.array_split(a, 2, -1)), FORTRAN),
    (lambda a: tuple(np.split(a, [2, -1, 9])), LINE), (lambda a: tuple(np.split(a, (a[1], 3))), LINE), (lambda a: tuple(np.split(a, [3, 1])), LINE),
    (lambda a: tuple(np.hsplit(a, 3)), MATRIX), (lambda a: tuple(np.hsplit(a, [2])), LINE), (lambda a: tuple(np.vsplit(a, 2)), MATRIX),
    (lambda a: tuple(np.vsplit(a, 2)), LINE), (lambda a: tuple(np.dsplit(a, 2)), CUBE), (lambda a: tuple(np.array_split(a, 0)), LINE),
    (lambda a: tuple(np.dsplit(a, 2)), MATRIX), (lambda a: tuple(np.array_split(a, 2)), LINE[:0]),
])  # fmt: skip
def test_split(function: Any, a: np.ndarray) -> None:
    check(function, a)


def test_parts_are_views() -> None:
    def written(a: np.ndarray) -> np.ndarray:
        x, y = np.split(a, 2)
        x[0] = 9
        y[-1] = 8
        return a

    check(written, np.arange(6))
    check(written, CUBE)


def test_split_needs_a_known_number_of_parts() -> None:
    with pytest.raises(NopythonError, match="number of parts is not known"):
        njit(lambda a, n: np.split(a, n))(LINE, 5)


# --- edited


@pytest.mark.parametrize("function, arguments", [
    (lambda a, i: np.insert(a, i, 99), (LINE, 2)), (lambda a, i: np.insert(a, i, 99), (LINE, 7)), (lambda a, i: np.insert(a, i, 1.7), (LINE, -2)),
    (lambda a, i: np.insert(a, i, 99), (LINE, 5)), (lambda a, i: np.insert(a, i, 99), (LINE, -6)), (lambda a, i: np.insert(a, [1, 3], [7, 8]), (LINE, 0)),
    (lambda a, i: np.insert(a, [1, 1], [7, 8]), (LINE, 0)), (lambda a, i: np.insert(a, i, [7, 8, 9]), (LINE, 2)), (lambda a, i: np.insert(a, i, 9), (MATRIX, 1)),
    (lambda a, i: np.insert(a, i, [7, 8], axis=1), (MATRIX, 1)), (lambda a, i: np.insert(a, i, 5, axis=0), (FORTRAN, 1)),
    (lambda a, i: np.insert(a, i, 5, axis=1), (MATRIX, np.array([0, 2]))), (lambda a, i: np.insert(a, slice(1, 3), 0), (LINE, 0)),
    (lambda a, i: np.insert(a, [3, 1], [7, 8]), (LINE, 0)), (lambda a, i: np.insert(a, [i], [7, 8, 9]), (LINE, 2)), (lambda a, i: np.insert(a, [i], [7]), (LINE, -1)),
    pytest.param(lambda a, i: np.insert(a, i, 7), (LINE, np.array([True, False, True, False, False])), marks=since("2.2.0")), (lambda a, i: np.insert(a, i, [[7], [8]], axis=1), (MATRIX, 1)),
    (lambda a, i: np.insert(a, i, [7, 8, 9], axis=1), (MATRIX, 1)), (lambda a, i: np.insert(a, i, 7), (LINE, np.array([5, 0, 0, 2]))),
    (lambda a, i: np.insert(a, i, 7), (LINE, np.array([1, 9]))), (lambda a, i: np.insert(a, i, 7), (LINE, np.array([], int))),
])  # fmt: skip
def test_insert(function: Any, arguments: tuple) -> None:
    check(function, *arguments)


@pytest.mark.parametrize("function, arguments", [
    (lambda a, i: np.delete(a, i), (LINE, 2)), (lambda a, i: np.delete(a, i), (LINE, -6)), (lambda a, i: np.delete(a, i), (LINE, 5)),
    (lambda a, i: np.delete(a, [1, 1, 3]), (LINE, 0)), (lambda a, i: np.delete(a, [1, 9]), (LINE, 0)), (lambda a, i: np.delete(a, slice(1, None, 2)), (LINE, 0)),
    (lambda a, i: np.delete(a, slice(None, None, -2)), (LINE, 0)), (lambda a, i: np.delete(a, a > i), (LINE, 2)), (lambda a, i: np.delete(a, i, axis=1), (MATRIX, 1)),
    (lambda a, i: np.delete(a, [0], axis=0), (MATRIX, 0)), (lambda a, i: np.delete(a, i), (MATRIX, 1)), (lambda a, i: np.delete(a, i, axis=1), (FORTRAN, -1)),
    (lambda a, i: np.delete(a, i), (LINE, np.array([True, False]))), (lambda a, i: np.delete(a, [-1, 0]), (LINE, 0)), (lambda a, i: np.delete(a, [1.5]), (LINE, 0)),
    (lambda a, i: np.delete(a, []), (LINE, 0)), (lambda a, i: np.delete(a, i), (LINE[:0], 0)), (lambda a, i: np.delete(a, i, 0), (GAPS, np.array([1]))),
])  # fmt: skip
def test_delete(function: Any, arguments: tuple) -> None:
    check(function, *arguments)


@pytest.mark.parametrize("a, b, where", [
    (MATRIX, MATRIX[::-1] + 1, True), (MATRIX, 3, False), (MATRIX, LINE[:3], np.array([True, False, True])), (LINE, 7, LINE > 2),
    (FORTRAN, 2.5, True), (LINE, MATRIX > 2, True), (LINE[::2], LINE[:3], True), (MATRIX, 3, MATRIX[0] > 1),
])  # fmt: skip
def test_copyto(a: np.ndarray, b: Any, where: Any) -> None:
    def written(a: np.ndarray, b: Any, where: Any) -> np.ndarray:
        np.copyto(a, b, where=where)
        return a

    check(written, a, b, where)


def test_masks_of_copyto() -> None:
    for mask in ("[True, False, True]", "[True, False]", "[[True], [False]]", "[[[True]]]", "(False,)"):
        check(statement(f"np.copyto(a, 7, where={mask})"), MATRIX)
    with pytest.raises(NopythonError, match="according to the rule"):
        njit(lambda a: np.copyto(a, 7, where=[1, 0, 1]))(MATRIX.copy())


def test_copyto_of_other_types() -> None:
    with pytest.raises(NopythonError, match="according to the rule"):
        njit(lambda a, b: np.copyto(a, b))(LINE.copy(), FLOATS)
    check(lambda a, b: np.copyto(a, b, "unsafe"), LINE[:4], FLOATS)


# --- padded


@pytest.mark.parametrize("function, arguments", [
    (lambda a, n: np.pad(a, n), (LINE, 2)), (lambda a, n: np.pad(a, n), (LINE, -1)), (lambda a, n: np.pad(a, n), (FORTRAN, 1)), (lambda a, n: np.pad(a, n), (CUBE, 1)),
    (lambda a, n: np.pad(a, (n, 2)), (MATRIX, 1)), (lambda a, n: np.pad(a, ((1, n), (0, 2))), (MATRIX, 0)), (lambda a, n: np.pad(a, ((n, 1),)), (GAPS, 2)),
    (lambda a, n: np.pad(a, 1, constant_values=(n, 2.7)), (LINE, 3)), (lambda a, n: np.pad(a, [[1, 0], [n, 1]], constant_values=[[1, 2], [3, 4]]), (MATRIX, 2)),
    (lambda a, n: np.pad(a, n, "wrap"), (LINE[:0], 1)), (lambda a, n: np.pad(a, n, "wrap"), (LINE[:0], 0)), (lambda a, n: np.pad(a, n, "edge"), (MATRIX[:0], 1)),
    (lambda a, n: np.pad(a, n, constant_values=True), (LINE > 2, 1)), (lambda a, n: np.pad(a, n, mode="empty").shape, (LINE, 1)),
])  # fmt: skip
def test_pad(function: Any, arguments: tuple) -> None:
    check(function, *arguments)


@pytest.mark.parametrize("function", [
    lambda a, n, m: np.pad(a, (n, m), "edge"), lambda a, n, m: np.pad(a, (n, m), "reflect"),
    lambda a, n, m: np.pad(a, (n, m), "symmetric"), lambda a, n, m: np.pad(a, (n, m), "wrap"),
])  # fmt: skip
def test_continued_beyond_the_ends(function: Any) -> None:
    compiled = njit(function)
    for a in (LINE, LINE[:1], LINE[:2], MATRIX, FORTRAN, CUBE):
        for widths in ((0, 0), (1, 2), (7, 8)):
            check(compiled, a, *widths)


def test_modes_that_are_not_there() -> None:
    with pytest.raises(NopythonError, match="mode 'foo' is not supported"):
        njit(lambda a: np.pad(a, 1, "foo"))(LINE)


def _padded(rest: str) -> Any:
    return njit(expression(f"np.pad(a, {rest})"))


@pytest.mark.parametrize("mode", ("maximum", "minimum", "mean", "median", "linear_ramp"))
def test_padding_with_what_is_computed(mode: str) -> None:
    rest = ", end_values=(5, 4)" if mode == "linear_ramp" else ", stat_length=2"
    line, few, table = _padded(f"3, {mode!r}"), _padded(f"2, {mode!r}{rest}"), _padded(f"((1, 2), (0, 3)), {mode!r}")
    for items in (np.array([5, 3, 1, -2, 0]), np.array([1, 200, 255], np.uint8), np.array([1.5, 2, 7, 5]), np.ones(1), np.zeros(0)):
        check(line, items, rtol=1e-14)
        check(few, items, rtol=1e-14)
    for items in (*layouts(np.array([[3.0, 1.0, 2.0], [0.5, -1.0, 7.0]])), np.zeros((0, 2))):
        check(table, items, rtol=1e-14, strides=False)
    if mode in ("maximum", "minimum"):
        check(_padded(f"1, {mode!r}, stat_length=0"), np.ones(3))
    check(_padded(f"1, {mode!r}{rest}".replace("2", "-1")), np.ones(3))


@pytest.mark.parametrize("mode", ("reflect", "symmetric"))
def test_padding_turns_signs(mode: str) -> None:
    for width in (2, 13):
        function = _padded(f"{width}, {mode!r}, reflect_type='odd'")
        for items in (np.array([5, 3, 1, -2, 0]), np.array([1, 200, 255], np.uint8), np.array([1.5, 2, 7.25]), np.array([2 + 1j, 3]), np.ones(1)):
            check(function, items, rtol=1e-13)


def test_padding_refuses() -> None:
    for rest in ("3, 'edge', end_values=1", "3, 'nope'", "3, stat_length=2"):
        with pytest.raises(NopythonError, match="ValueError: (unsupported keyword|mode)"):
            _padded(rest)(np.ones(3))


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.2.0", reason="older versions of NumPy ask whether the value fits")
@pytest.mark.parametrize("number", (True, -1, 2.5, 1j, np.int64(5), np.uint64(5), np.float32(2)), ids=str)
def test_numbers_copied_to_arrays_are_of_a_kind_that_fits(number: Any) -> None:
    for casting in ("safe", "same_kind"):
        def store(a: np.ndarray) -> None:
            np.copyto(a, number, casting=casting)

        for dtype in ("bool", "uint8", "int64", "float32", "complex64"):
            try:
                check(store, np.zeros(2, dtype), message=False)
            except NopythonError as refusal:
                assert "Cannot cast" in str(refusal)
                with pytest.raises(TypeError):
                    store(np.zeros(2, dtype))
