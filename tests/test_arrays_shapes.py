"""Shapes, orders of axes and rearranged items against NumPy, and whether results share memory as NumPy's do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, expression, layouts, sample, since

from tracer import NopythonError, njit

MATRIX = np.arange(6.0).reshape(2, 3)
FORTRAN = np.asfortranarray(MATRIX)
GAPS = np.arange(24.0).reshape(4, 6)[::2, ::2]
LINE = np.arange(5)
CUBE = np.arange(24).reshape(2, 3, 4)
SHAPES: tuple[tuple[int, ...], ...] = ((6,), (0,), (2, 3), (1, 6), (3, 2, 1))


def has_known_order(a: np.ndarray) -> bool:
    """Whether the type of the array says in which order its items are: copies of the others are in C order."""
    return a.flags.c_contiguous or a.flags.f_contiguous


def check_all(function: Any, shapes: tuple = SHAPES, dtypes: tuple[str, ...] = ("float64", "int8")) -> None:
    """Compare the function on arrays of these shapes in all layouts; the dtypes change with the shapes."""
    compiled = njit(function)
    for i, shape in enumerate(shapes):
        for a in layouts(sample(dtypes[i % len(dtypes)], shape)):
            check(compiled, a, strides=has_known_order(a))


# --- reshape


@pytest.mark.parametrize("function", [
    lambda a: a.reshape(-1), lambda a: a.reshape(-1, 1), lambda a: a.ravel(), lambda a: np.ravel(a, "F"), lambda a: a.ravel("A"),
    lambda a: a.ravel(order="K"), lambda a: a.flatten(), lambda a: a.flatten("F"), lambda a: a.flatten("A"),
    lambda a: np.reshape(a, (a.size, 1, 1), order="F"), lambda a: a.reshape(a.shape, order="A"), lambda a: a.reshape((1, -1)),
    pytest.param(lambda a: np.reshape(a, -1, copy=True), marks=since("2.1.0")),
])  # fmt: skip
def test_reshape_in_all_layouts(function: Any) -> None:
    check_all(function)


@pytest.mark.parametrize("function", [
    lambda a, n: a.reshape(n, -1), lambda a, n: a.reshape(n, 2), lambda a, n: np.reshape(a, (n, 2)), lambda a, n: a.reshape(n, n),
    lambda a, n: a.reshape(n), lambda a, n: np.reshape(a, n), lambda a, n: a.reshape(3, n, 1), lambda a, n: a.reshape(n, 2, order="F"),
])  # fmt: skip
def test_reshape_to_lengths_known_at_run_time(function: Any) -> None:
    compiled = njit(function)
    for n in (3, -1, 4, 2, 6, 0, np.int8(3)):
        check(compiled, MATRIX, n, message=int(n) != -1)


@pytest.mark.parametrize("function, a", [
    (lambda a: a.reshape(4, -1), MATRIX), (lambda a: a.reshape(-1, -1), MATRIX), (lambda a: a.reshape(7), MATRIX),
    (lambda a: a.reshape(()), np.ones((1, 1))), (lambda a: a.reshape(1, 1), np.array(3.0)), (lambda a: a.ravel(), np.array(3.0)),
    (lambda a: a.reshape(0, 3), np.ones((0, 2))), (lambda a: a.reshape(0, -1), np.ones((0, 2))), (lambda a: a.reshape(3, -1), np.ones((0, 2))),
    (lambda a: np.reshape((1, 2, 3, 4), (2, 2)), LINE), (lambda a: a.reshape([2, 3]), MATRIX), (lambda a: a.reshape(6, 4, order="F"), CUBE),
    *(pytest.param(lambda a: np.reshape(a, -1, copy=False), each, marks=since("2.1.0")) for each in (FORTRAN, MATRIX)),
])  # fmt: skip
def test_reshape_of_certain_arrays(function: Any, a: np.ndarray) -> None:
    check(function, a)


@pytest.mark.parametrize("order", ("A", "K"))
def test_items_in_the_order_of_memory(order: str) -> None:
    function, copying = njit(expression(f"a.ravel('{order}')")), njit(expression(f"a.flatten('{order}')"))
    wide = np.arange(6.0 * 8 * 10 * 4).reshape(6, 8, 10, 4)
    for axes in ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 1, 3)):
        items = wide.transpose(axes)
        for a in (items, items[::2, ::-1], items[:1], items[:, :, :1, ::-3], items[:0], np.broadcast_to(items[:, 1:2], items.shape)):
            check(function, a, strides=False)
            check(copying, a)


def test_reshaped_arrays_share_memory() -> None:
    def written(a: np.ndarray) -> Any:
        b = a.reshape(-1)
        b[0] = 99.0
        c = a.ravel()
        c[1] = 7.0
        d = a.reshape(3, 2)
        d[2, 0] = 5.5
        e = a.reshape(3, 2, order="F")
        e[1, 1] = -3.0
        a.flatten()[3] = 12.0
        a.T[0] = 1.5
        a[None].reshape(6)[-1] = 4.0
        return b, c, d, e

    check(written, MATRIX)
    check(written, FORTRAN)


def test_a_line_with_gaps_is_reshaped_in_place() -> None:
    def written(a: np.ndarray) -> Any:
        b = a.reshape(-1, 1)
        b[0] = 99.0
        c = a.ravel()
        c[1] = 7.0
        d = a.reshape(3, 2)
        d[2, 0] = 5.5
        return b, c, d

    check(written, np.arange(12.0)[::2])
    check(written, np.arange(6.0)[::-1])


# --- axes


@pytest.mark.parametrize("function", [
    lambda a: np.transpose(a), lambda a: a.transpose(), lambda a: a.T, lambda a: np.swapaxes(a, 0, -1), lambda a: np.moveaxis(a, 0, -1),
    lambda a: np.moveaxis(a, -1, 0), lambda a: np.expand_dims(a, 0), lambda a: np.expand_dims(a, (0, -1)), lambda a: np.expand_dims(a, -1),
    lambda a: np.squeeze(a[None], 0), lambda a: np.atleast_1d(a, 2.0), lambda a: np.atleast_2d(a), lambda a: np.atleast_3d(a),
    lambda a: np.rollaxis(a, -1), lambda a: a[:, None].squeeze(1), lambda a: np.squeeze(a, ()),
])  # fmt: skip
def test_axes_in_all_layouts(function: Any) -> None:
    check_all(function)


@pytest.mark.parametrize("function", [
    lambda a: np.transpose(a, (1, 2, 0)), lambda a: a.transpose(0, 2, 1), lambda a: a.transpose((2, 1, 0)), lambda a: a.transpose(None),
    lambda a: np.rollaxis(a, 2), lambda a: np.rollaxis(a, 0, 3), lambda a: np.moveaxis(a, (0, 1), (-1, -2)), lambda a: a.swapaxes(0, -1),
    lambda a: a.mT, lambda a: np.matrix_transpose(a), lambda a: np.permute_dims(a, (0, 1, 2)), lambda a: np.squeeze(a, 0),
    lambda a: a[:1].squeeze(0), lambda a: np.atleast_3d(a[0], a[0, 0], 1), lambda a: np.transpose(a, [2, 0, 1]),
])  # fmt: skip
def test_axes_of_cubes(function: Any) -> None:
    for a in layouts(CUBE):
        check(function, a)


@pytest.mark.parametrize("function", [
    lambda a: np.transpose(a, (0,)), lambda a: np.transpose(a, (0, 0)), lambda a: np.swapaxes(a, 0, 2), lambda a: np.moveaxis(a, 3, 0),
    lambda a: np.expand_dims(a, 4), lambda a: np.rollaxis(a, 0, 5), lambda a: np.squeeze(a), lambda a: np.rot90(a, 1, (0, 0)),
    lambda a: a[0].mT, lambda a: np.transpose(a, (0, a.shape[0])),
])  # fmt: skip
def test_wrong_axes_are_refused(function: Any) -> None:
    with pytest.raises(NopythonError):
        njit(function)(MATRIX)


def test_squeeze_without_axes() -> None:
    for text in ("np.squeeze(a, 0)", "np.squeeze(a, axis=-1)", "a.squeeze(())"):
        check(expression(text), np.array(2.5))
    with pytest.raises(NopythonError, match="axis 1 is out of bounds"):
        njit(expression("np.squeeze(a, 1)"))(np.array(2.5))


def test_squeeze_of_known_lengths() -> None:
    check(lambda: np.squeeze(np.zeros((1, 3, 1))))
    check(lambda a: np.squeeze(a[None, 0, 0, None]), MATRIX)


# --- items in another order


@pytest.mark.parametrize("function", [
    lambda a: np.flip(a), lambda a: np.flip(a, 0), lambda a: np.flipud(a), lambda a: np.flip(a, -1), lambda a: np.roll(a, 2),
    lambda a: np.roll(a, -1, 0), lambda a: np.roll(a, 7, axis=-1), lambda a: np.repeat(a, 3), lambda a: a.repeat(2, axis=0),
    lambda a: a.repeat(2, axis=-1), lambda a: np.repeat(a, 0), lambda a: np.tile(a, 2), lambda a: np.tile(a, (2, 1)),
    lambda a: np.tile(a, (2, 1, 2, 3)), lambda a: np.tile(a, ()), lambda a: np.resize(a, (3, 4)), lambda a: np.resize(a, 3),
])  # fmt: skip
def test_rearranged_in_all_layouts(function: Any) -> None:
    check_all(function)


@pytest.mark.parametrize("function", [
    lambda a, k: np.fliplr(a), lambda a, k: np.rot90(a, k), lambda a, k: np.rot90(a), lambda a, k: np.rot90(a, -1, (1, 0)),
    lambda a, k: np.roll(a, (k, 1), axis=(0, 1)), lambda a, k: np.roll(a, k, axis=(0, 1)), lambda a, k: np.roll(a, (1, k)),
    lambda a, k: np.roll(a, (1, k), axis=1), lambda a, k: np.flip(a, (0, 1)), lambda a, k: np.rot90(a, k, axes=(-1, 0)),
])  # fmt: skip
def test_rotations(function: Any) -> None:
    compiled = njit(function)
    for a in (MATRIX, FORTRAN, GAPS, CUBE):
        for k in (0, 1, 2, 3, -5):
            check(compiled, a, k, strides=has_known_order(a))


@pytest.mark.parametrize("function, arguments", [
    (lambda a, n: np.repeat(a, n), (LINE, np.array([1, 0, 2, 3, 1]))), (lambda a, n: np.repeat(a, n), (LINE, np.array([2]))),
    (lambda a, n: np.repeat(a, n), (LINE, np.array([2, 1]))), (lambda a, n: np.repeat(a, n), (LINE, np.array([2, 1, 1, 1, -1]))),
    (lambda a, n: np.repeat(a, n, axis=1), (MATRIX, np.array([2, 0, 1]))), (lambda a, n: np.repeat(a, n), (LINE, -1)),
    (lambda a, n: np.repeat(a, n, axis=0), (FORTRAN, np.array([2, 3], np.int8))), (lambda a, n: np.repeat(a, n), (4.5, 2)),
    (lambda a, n: np.repeat(a, [1, n], axis=0), (MATRIX, 2)), (lambda a, n: np.roll(a, n), (np.zeros(0), 3)),
    (lambda a, n: np.repeat(a, n), (LINE[:0], -1)), (lambda a, n: np.repeat(a, n), (LINE[:2], np.array([True, False]))),
    (lambda a, n: np.resize(a, n), (np.zeros(0), 3)), (lambda a, n: np.resize(a, n), (LINE, -3)), (lambda a, n: np.tile(a, n), (LINE, -1)),
    (lambda a, n: np.tile(a, (n, 2)), (CUBE, 3)), (lambda a, n: np.tile(a, n), (3.5, 3)), (lambda a, n: np.fliplr(a), (LINE, 1)),
])  # fmt: skip
def test_repetition(function: Any, arguments: tuple) -> None:
    check(function, *arguments)


@pytest.mark.parametrize("function", [
    lambda a: np.trim_zeros(a), lambda a: np.trim_zeros(a, "f"), lambda a: np.trim_zeros(a, "b"), lambda a: np.trim_zeros(a, "BF"),
])  # fmt: skip
def test_trim_zeros(function: Any) -> None:
    compiled = njit(function)
    for items in ([0, 0, 1, 0, 2, 0], [0, 0], [], [1], [3, 0]):
        check(compiled, np.array(items, np.int64))
        check(compiled, np.array(items * 2, np.float64)[::2])


def test_views_of_rearranged_items() -> None:
    def written(a: np.ndarray) -> Any:
        np.flip(a)[0] = 9
        np.rot90(a)[0, 0] = 8
        np.trim_zeros(a[0])[0] = 7
        np.roll(a, 1)[0] = 100
        return a

    check(written, MATRIX)
    check(written, GAPS)


# --- broadcasting


@pytest.mark.parametrize("function, arguments", [
    (lambda a, n: np.broadcast_to(a, (n, 4)), (LINE, 2)), (lambda a, n: np.broadcast_to(a, (n, 5)), (LINE, 2)),
    (lambda a, n: np.broadcast_to(a, (5, n)), (LINE, -1)), (lambda a, n: np.broadcast_to(a, (3,)), (MATRIX, 0)),
    (lambda a, n: np.broadcast_to(a, (1, 3)), (MATRIX, 0)), (lambda a, n: np.broadcast_to(a, (2,)), (3, 0)),
    (lambda a, n: np.broadcast_to(a, n), (np.ones(1), 4)), (lambda a, n: np.broadcast_to(a, n), (np.ones(1), 0)),
    (lambda a, n: np.broadcast_to(a, (4, n, 3)), (FORTRAN, 2)), (lambda a, n: np.broadcast_to(a, ()), (3.0, 0)),
    (lambda a, n: np.broadcast_to(a, ()), (LINE, 0)), (lambda a, n: np.broadcast_to(a[:, None], (2, n)), (np.arange(2)[::-1], 3)),
    (lambda n, m: np.broadcast_shapes((2, n), (4,)), (3, 0)), (lambda n, m: np.broadcast_shapes((2, 3), (n,), (2, 2)), (3, 0)),
    (lambda n, m: np.broadcast_shapes(n, (2, 1)), (3, 0)), (lambda n, m: np.broadcast_shapes(), (3, 0)),
    (lambda n, m: np.broadcast_shapes((n, 1), (1, m)), (3, 4)), (lambda n, m: np.broadcast_shapes((n, 1), (m, 2)), (3, 4)),
])  # fmt: skip
def test_broadcast(function: Any, arguments: tuple) -> None:
    check(function, *arguments)


@pytest.mark.parametrize("b", [LINE, LINE[:3], LINE[:1], MATRIX[:1], LINE[:2, None], np.ones((2, 1, 1))])
def test_broadcast_arrays(b: np.ndarray) -> None:
    def summed(a: np.ndarray, b: np.ndarray) -> Any:
        x, y, z = np.broadcast_arrays(a, b, 1)
        return x + y * 2.0 + z, x.shape, y.strides

    check(summed, MATRIX, b)


# --- where paths meet


def test_where_arrays_of_different_types_meet() -> None:
    """The type that is left promises what both promise, whichever comes first."""
    frozen = MATRIX.copy()
    frozen.flags.writeable = False
    unaligned = np.ndarray(MATRIX.shape, buffer=bytearray(MATRIX.nbytes + 1), offset=1)
    unaligned[:] = MATRIX + 1

    def choose(first: Any, a: Any, b: Any) -> Any:
        x = a if first else b
        return x, x[1, 0], x.sum()

    def store(first: Any, a: Any, b: Any) -> None:
        x = a if first else b
        x[0, 0] = 1.0

    promises = {"layout": (FORTRAN, GAPS[:, :3], MATRIX.T.copy().T), "readonly": (frozen,), "aligned": (unaligned,)}
    for promise, others in promises.items():
        for pair in [p for other in others for p in ((MATRIX, other), (other, MATRIX))]:
            compiled = njit(choose)
            for first in (True, False):
                x, item, total = compiled(first, *pair)
                expected = pair[0 if first else 1]
                assert np.array_equal(x, expected) and item == expected[1, 0] and total == expected.sum()
            found = compiled.graphs[compiled.signatures[0]].signature.result.items[0]
            assert getattr(found, promise) == {"layout": "A", "readonly": True, "aligned": False}[promise]
            if promise == "readonly":
                with pytest.raises((NopythonError, ValueError), match="read-only"):
                    njit(store)(True, *pair)


@pytest.mark.parametrize("shape", ["(-1, 2)", "(2, -1)", "(-1, 2, 2)", "(2, -1, 2)", "(4,)", "(2, 2)"])
def test_what_cannot_be_reshaped(shape: str) -> None:
    check(expression(f"a.reshape({shape})"), np.zeros(7))
