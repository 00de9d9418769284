"""Indices made and converted, and loops over all indices, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from array_harness import check, layouts

MATRIX = np.arange(12).reshape(3, 4)


@pytest.mark.parametrize("order", ("C", "F"))
def test_ravel_and_unravel(order: str) -> None:
    check(lambda i, j: np.ravel_multi_index((i, j), (3, 4), order=order), np.array([1, 2]), np.array([3, 0]))
    check(lambda i, j: np.ravel_multi_index((i, j), (3, 4), order=order), np.array([[1], [2]]), 2)
    check(lambda i, j, k: np.ravel_multi_index((i, j, k), (3, 4, 5), order=order), 1, 2, 3)
    check(lambda i: np.unravel_index(i, (3, 4), order=order), np.array([5, 11]), strides=False)
    check(lambda i: np.unravel_index(i, (2, 3, 4), order), 17)
    check(lambda i: np.unravel_index(i, (3, 4), order=order), np.array([5, -1]))


def test_indices_out_of_range() -> None:
    i, j = np.array([1, 3]), np.array([3, -1])
    check(lambda i, j: np.ravel_multi_index((i, j), (3, 4)), i, j)
    check(lambda i, j: np.ravel_multi_index((i, j), (3, 4), mode="wrap"), i, j)
    check(lambda i, j: np.ravel_multi_index((i, j), (3, 4), mode=("clip", "wrap")), i, j)
    check(lambda i: np.ravel_multi_index((i,), (3, 4)), i)
    check(lambda i: np.unravel_index(i, (3, 4)), 12)
    check(lambda i: (np.unravel_index(i, 9), np.unravel_index([1, i], (3, 3))), 5, strides=False)
    check(lambda i: np.unravel_index(i, (3, 4)), 5.0)


def _fill(a: Any, v: Any) -> None:
    np.fill_diagonal(a, v)


def _fill_wrapped(a: Any, v: Any) -> None:
    np.fill_diagonal(a, v, wrap=True)


def test_fill_diagonal() -> None:
    for a in layouts(MATRIX):
        check(_fill, a, 7)
    for a in (np.zeros((7, 3), int), MATRIX.T, MATRIX, np.zeros((8, 2), int), np.zeros((0, 3), int)):
        check(_fill, a, 7)
        check(_fill_wrapped, a, 7)
        check(_fill_wrapped, a, np.array([1, 2]))
    check(_fill, np.zeros((3, 3, 3)), 1.5)
    check(_fill, np.zeros((2, 3, 2)), 1.5)
    check(_fill, np.zeros(3), 1.5)


def test_diagonals_and_triangles() -> None:
    check(lambda n: (np.diag_indices(n), np.diag_indices(2, 3)), 3)
    check(lambda a: np.diag_indices_from(a), MATRIX)
    check(lambda a: np.diag_indices_from(a), MATRIX[:, :3])
    check(lambda n: (np.tril_indices(n), np.tril_indices(n, -1, 4), np.triu_indices(n, 1), np.triu_indices(n, -2, 2)), 3, strides=False)
    check(lambda a: (np.tril_indices_from(a, k=1), np.triu_indices_from(a)), MATRIX, strides=False)
    check(lambda a: np.triu_indices_from(a), MATRIX[0])
    check(lambda n: np.mask_indices(n, np.triu), 3, strides=False)
    check(lambda n: np.tril_indices(n, 5), 0, strides=False)


# --- loops over all indices




def test_ndindex() -> None:
    def visited(n: Any, m: Any) -> Any:
        order = np.zeros((n, m), np.int64)
        count = 0
        for i, j in np.ndindex(n, m):
            order[i, j] = count
            count += 1
        return order, count

    def by_shape(a: Any) -> Any:
        total = 0.0
        for index in np.ndindex(a.shape):
            total += a[index] * len(index)
        return total

    check(visited, 3, 4)
    check(visited, 0, 4)
    check(visited, -1, 4)
    for a in layouts(np.arange(24.0).reshape(2, 3, 4)):
        check(by_shape, a)
    check(by_shape, np.array(2.5))


def test_ndenumerate() -> None:
    def weighted(a: Any) -> Any:
        total = 0
        for (i, j), x in np.ndenumerate(a):
            if x == 7:
                continue
            total += (10 * i + j) * x
        return total

    def flat(a: Any) -> Any:
        total = 0
        for place, (index, x) in enumerate(np.ndenumerate(a)):
            total += place * x * index[0]
        return total

    for a in layouts(MATRIX):
        check(weighted, a)
    check(flat, MATRIX)
    check(flat, MATRIX[0])


def test_nditer() -> None:
    def in_order(a: Any) -> Any:
        made = np.zeros(a.size, a.dtype)
        k = 0
        for x in np.nditer(a):
            made[k] = x
            k += 1
        return made, x.ndim

    def doubled(a: Any) -> None:
        for x in np.nditer(a, op_flags=["readwrite"]):
            x[...] = 2 * x + x.item()

    for a in (MATRIX, np.asfortranarray(MATRIX), MATRIX[:, 1::2], np.arange(5.0)):
        check(in_order, a)
        check(doubled, a)


def test_nditer_over_several_arrays() -> None:
    def product(a: Any, b: Any) -> Any:
        total = 0.0
        for x, y in np.nditer((a, b)):
            total += x * y
        return total

    def copy(a: Any, b: Any) -> None:
        for x, y in np.nditer([a, b], op_flags=[["readonly"], ["readwrite"]]):
            y[...] = x

    check(product, MATRIX, np.arange(4.0))
    check(product, MATRIX, np.arange(3.0))
    check(product, MATRIX, np.asfortranarray(MATRIX))
    check(copy, np.arange(4.0), np.zeros((3, 4)))
    check(product, np.zeros((0, 4)), np.arange(4.0))


def test_items_of_nditer_are_read_only() -> None:
    def store(a: Any) -> None:
        for x in np.nditer(a):
            x[...] = 1

    check(store, np.arange(3))
