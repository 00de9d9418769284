"""Slices as values: made of run-time bounds, kept in variables, handed to functions, taken and returned."""

from __future__ import annotations

import numpy as np

from language.registry import each, program

VECTOR, TABLE = np.arange(6.0), np.arange(12).reshape(3, 4)
SLICES = [slice(1, 3), slice(None), slice(None, None, -1), slice(-2, None), slice(4, 1, -2), slice(9), slice(True, np.int64(3), np.uint8(2))]


def items(a, s):
    return a[s]


@program(*((VECTOR, s) for s in SLICES))
def slice_as_an_argument(a, s):
    return a[s].copy()


@each(*SLICES)
def parts_of_a_slice(s):
    return s, s.start, s.stop, s.step


@program(*((s, n) for s in SLICES for n in (0, 1, 5)), (slice(None, None, 0), 3), (slice(1), -1))
def indices_of_a_slice(s, n):
    return s.indices(n), slice(1, 4).indices(n)


@program((VECTOR, 0), (VECTOR, 4), (VECTOR, -2))
def slices_for_a_function(a, n):
    return items(a, slice(n)), items(a, slice(1, n)), items(a, slice(n, None, -1)), items(a, np.s_[:n]), items(a, slice(None, 2))


@program((TABLE, slice(1, 3), slice(None, None, 2)), (TABLE, slice(2), slice(1, None)))
def several_axes(a, s, t):
    return a[s, t], a[..., s], a[(t, None)].copy(), a[0, t], a[np.s_[s, t]], a[np.index_exp[1:, s]]


@program(*((VECTOR, s) for s in SLICES))
def stores(a, s):
    a[s] += 1.0
    a[s] = a[s] * 2.0
    a.flat[s] = 7.0


@program((VECTOR, 1), (VECTOR, 3))
def where_paths_meet(a, n):
    s = slice(0, 2) if n > 1 else slice(1, None)
    t = slice(n, None) if n > 1 else None
    return a[s], s, t is None


@program((slice(1, 2), 0), (slice(None), 3))
def in_a_loop(s, n):
    for i in range(n):
        s = slice(i, n)
    return s


@program((VECTOR, 1), (VECTOR, 2), (VECTOR, 3))
def bounds_that_may_be_none(a, n):
    start, stop, step = (None if n == k else k for k in (1, 2, 3))
    return a[start:], a[:stop], a[::step], a[start:stop], a[stop:start:step]


@each(slice(1, 2), slice(1, 3), slice(0, 2))
def compared(s):
    return s == slice(1, 2), s != slice(1, 2), s < slice(1, 3), s == (1, 2, None), max(s, slice(0, 5)), bool(s)


@each(slice(1, 2), slice(None), slice(None, 2))
def its_class(s):
    return isinstance(s, slice), isinstance(s, tuple), type(s) is slice


@each(slice(2, 5))
def in_a_closure(s):
    def f(n):
        return s.stop - s.start + n

    return f(1)


@each(3)
def known_while_tracing(n):
    s = slice(1, 3)
    return s, (1, 2.5, n, 4)[s]


@program((VECTOR, slice(1, 3)), (VECTOR, slice(None, None, 2)))
def deleted(a, s):
    return np.delete(a, s)
