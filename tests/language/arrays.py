"""Arrays as arguments: items, attributes, bounds, every dtype, layout and number of dimensions."""

from __future__ import annotations

import numpy as np

from language.registry import each, program

DTYPES = "?bhilBHILfdFD"


def unaligned(values, dtype):
    """A one-dimensional array whose items lie at odd addresses."""
    source = np.array(values, dtype)
    memory = np.zeros(source.nbytes + 1, np.uint8)
    array = memory[1:].view(dtype)
    array[:] = source
    return array


def readonly(array):
    """A copy that cannot be written to."""
    array = array.copy()
    array.flags.writeable = False
    return array


def layouts(array):
    """The same matrix in many layouts."""
    spread = np.zeros((array.shape[0] * 2, array.shape[1] * 3), array.dtype)
    spread[::2, ::3] = array
    return (
        array.copy(), np.asfortranarray(array), spread[::2, ::3], array[::-1].copy()[::-1], array[:, ::-1].copy()[:, ::-1],
        np.asfortranarray(array[::-1, ::-1])[::-1, ::-1], readonly(array), readonly(np.asfortranarray(array)),
    )  # fmt: skip


MATRIX = np.arange(6.0).reshape(2, 3)


@each(*(np.array([0, 1, 2, 3]).astype(d) for d in DTYPES))
def load_items_of_every_dtype(a):
    return a[0], a[3], a[-1], a[1] == 1, len(a)


@each(*(np.array([0, 1, 2, 3]).astype(d) for d in DTYPES))
def copy_items_of_every_dtype(a):
    a[0] = a[3]
    a[1] = a[-2]
    return a[0]


@each(*(np.array([0, 1, 2, 3]).astype(d) for d in DTYPES))
def store_literals_in_every_dtype(a):
    a[0] = 1
    a[1] = True
    a[2] = 0
    return a[0] + a[1]


@each(*(np.zeros(3, d) for d in "fdFD"))
def store_floats(a):
    a[0] = 2.5
    a[1] = 1
    a[2] = -0.0
    return a[0] * 2


@each(*(np.array([1, 2, 3]).astype(d) for d in "bhilBHILfdFD"))
def update_items_of_every_dtype(a):
    a[0] += 1
    a[1] *= 3
    a[2] -= a[0]
    a[0] = -a[1]
    return a[0] + a[1] + a[2]


@each(*(np.array([3, 4, 5]).astype(d) for d in "bhilBHILfd"))
def divide_items_of_every_dtype(a):
    return a[0] / a[1], a[2] // a[0], a[2] % a[0], a[0] ** 2, a[0] < a[1]


@program(*((np.array([1, 2, 3]).astype(d), v) for d in "bBihf" for v in (5, 100)))
def store_run_time_integers(a, v):
    a[0] = v
    return a[0]


@program((np.zeros(2, np.int8), 200), (np.zeros(2, np.uint8), -1), (np.zeros(2, np.uint64), -5), (np.zeros(2, np.int32), 2**40))
def store_integers_out_of_range(a, v):
    a[1] = v
    return a[1]


@program((np.zeros(2, np.int64), 2.75), (np.zeros(2, np.int32), -2.75), (np.zeros(2, np.uint8), 7.5), (np.zeros(2, np.float32), 1e-3))
def store_run_time_floats(a, v):
    a[1] = v
    return a[1]


@program((np.zeros(2, np.int16), np.int32(-7)), (np.zeros(2, np.uint8), np.int64(-1)), (np.zeros(2, np.float32), np.float64(1e300)))
def store_numpy_scalars(a, v):
    a[1] = v
    return a[1]


@program((np.zeros(2, np.complex128), 2), (np.zeros(2, np.complex64), 1.5), (np.zeros(2, np.complex128), 1 - 2j))
def store_in_complex(a, v):
    a[0] = v
    a[1] = a[0] * v
    return a[1].real, a[1].imag


@program((np.zeros(3, np.bool_), 5), (np.zeros(3, np.bool_), 0.0), (np.zeros(3, np.bool_), True))
def store_in_bool(a, v):
    a[0] = v
    a[1] = not v
    return a[0], a[1]


@each(np.array([250, 10], np.uint8), np.array([120, 10], np.int8), np.array([2**31 - 5, 10], np.int32))
def small_integers_wrap(a):
    a[0] += 10
    return a[0] + a[1], a[0] * 2, -a[1], ~a[0]


# --- attributes


@each(np.array(2.5), np.arange(3), MATRIX, np.zeros((2, 3, 4), np.int8), np.zeros((1, 1, 1)))
def attributes(a):
    return a.ndim, a.size, a.shape, a.strides, a.itemsize, a.nbytes


@each(*layouts(MATRIX))
def attributes_of_layouts(a):
    return a.shape, a.strides, len(a), a.size, a.T.shape, a.T.strides


@each(*(np.zeros(2, d) for d in DTYPES))
def dtype_is_static(a):
    if a.dtype == np.float64:
        return 1
    elif a.dtype == np.dtype("int32"):
        return 2
    elif a.dtype == np.bool_ or a.dtype == np.complex64:
        return 3
    return a.dtype.itemsize


@each(np.zeros((2, 3)), np.zeros(4))
def ndim_is_static(a):
    total = 0
    for axis in range(a.ndim):
        total = total * 10 + a.shape[axis]
    if a.ndim == 2:
        return total, a.shape[0] * a.shape[1]
    return total, a.shape[-1]


@each(MATRIX, np.asfortranarray(MATRIX), np.arange(24).reshape(2, 3, 4))
def transposed(a):
    t = a.T
    t[0, 1] if t.ndim == 2 else t[0, 1, 1]
    return t, t.T, len(t)


@each(MATRIX.copy(), np.asfortranarray(MATRIX))
def transposed_items(a):
    b = a.T
    b[2, 1] = 100
    total = 0.0
    for i in range(b.shape[0]):
        for j in range(b.shape[1]):
            total = total * 2 + b[i, j]
    return total, a[1, 2]


# --- dimensions


@each(np.array(7), np.array(2.5), np.array(1j), np.array(True))
def zero_dimensional(a):
    x = a[()]
    a[()] = x + x
    return x, a.ndim, a.size, a.shape == ()


@each(np.arange(5), np.arange(5.0)[::-1], np.arange(10)[::2], np.arange(20)[15:3:-3])
def one_dimensional(a):
    total = 0
    for i in range(len(a)):
        total = total * 3 + a[i]
        a[i] = i
    return total


@each(*layouts(MATRIX)[:6])
def two_dimensional(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total = total * 2 + a[i, j]
            a[i, j] = i - j
    return total


@each(np.arange(24).reshape(2, 3, 4), np.asfortranarray(np.arange(24).reshape(2, 3, 4)), np.arange(24).reshape(4, 3, 2).transpose(2, 0, 1)[:, ::-1])
def three_dimensional(a):
    total = 0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            for k in range(a.shape[2]):
                total = (total * 3 + a[i, j, k]) % 1000003
                a[i, j, k] -= i * j * k
    return total


@each(np.arange(16).reshape(2, 2, 2, 2), np.arange(16.0).reshape(2, 2, 2, 2).transpose(3, 1, 0, 2))
def four_dimensional(a):
    a[1, 0, 1, 0] = 100
    return a[1, 0, 1, 0] + a[0, 1, 0, 1], a[-1, -1, -1, -1], a[1][0][1][1]


@each(*layouts(MATRIX))
def read_only_access(a):
    return a[0, 0] + a[1, 2], a[-1, -3]


@each(unaligned([1.5, 2.5, 3.5], np.float64), unaligned([1, 2, 3], np.int32), unaligned([1 + 1j, 2, 3], np.complex64))
def unaligned_items(a):
    a[1] += a[0]
    total = a[0]
    for x in a:
        total = total + x
    return total, a[-1]


@each(*layouts(MATRIX))
def rows(a):
    r = a[1]
    total = 0.0
    for j in range(len(r)):
        total = total * 2 + r[j]
    return total, a[0][2], a[-1][-1], r.shape, len(a[0])


@each(np.arange(24).reshape(2, 3, 4), np.asfortranarray(np.arange(24).reshape(2, 3, 4)))
def rows_and_planes(a):
    p = a[1]
    r = p[2]
    q = a[1, 2]
    r[0] = -1
    return q[0], p[2, 0], r[3], q.shape, p.shape, a[0][1][2]


@each(*layouts(MATRIX)[:6])
def write_through_rows(a):
    for i in range(len(a)):
        row = a[i]
        for j in range(len(row)):
            row[j] += i * 10 + j
        a[i][0] *= 2
    return a[1, 0]


@program((MATRIX, 0), (MATRIX, -1), (np.asfortranarray(MATRIX), 1), (MATRIX, 2), (MATRIX, -3))
def returned_row(a, i):
    return a[i]


@each(MATRIX, np.asfortranarray(MATRIX), np.arange(3), np.array(1.5), np.zeros((0, 2)), readonly(MATRIX), MATRIX[::-1, ::2])
def returned_argument(a):
    return a


@program((np.arange(3.0), np.arange(4.0), 1), (np.arange(3.0), np.arange(4.0), -1))
def returned_choice(a, b, n):
    return a if n > 0 else b


@program((MATRIX, np.asfortranarray(MATRIX), 1), (MATRIX, np.asfortranarray(MATRIX), -1))
def choice_of_layouts(a, b, n):
    c = a if n > 0 else b
    c[0, 1] = 50
    return c[0, 1] + c[1, 0]


@program((np.arange(3), 1),)
def array_in_a_loop_variable(a, n):
    b = a
    for i in range(n):
        b = a
        b[i] += 5
    return b[0]


_shared = np.arange(6.0)


@program((_shared, _shared), (_shared[:3], _shared[3:]), (_shared[1:], _shared[:-1]), (_shared, _shared[::-1]))
def overlapping_arguments(a, b):
    for i in range(len(a)):
        a[i] = b[i] * 2 + 1
    return a[0], b[0]


@each(readonly(np.arange(3)), readonly(MATRIX))
def store_in_a_read_only_array(a):
    if a.ndim == 1:
        a[0] = 5
    else:
        a[0, 1] += 5
    return len(a)


@each(np.array(1.5), np.arange(3))
def too_many_indices(a):
    return a[0, 0]


# --- bounds


@program(*((np.arange(4), i) for i in (0, 3, -1, -4, 4, -5, 2**62, -(2**62), 2**63 - 1, -(2**63))))
def load_bounds(a, i):
    return a[i]


@program(*((np.arange(4.0), i) for i in (0, -4, 4, -5)))
def store_bounds(a, i):
    a[i] = 9
    return a[i]


@program(*((MATRIX.copy(), i, j) for i, j in ((1, 2), (2, 0), (0, 3), (-2, -3), (-3, 0), (0, -4), (2, 3))))
def matrix_bounds(a, i, j):
    a[i, j] += 1
    return a[i, j]


@program((MATRIX, 2, 0), (MATRIX, 1, 3), (MATRIX, -1, -1))
def row_bounds(a, i, j):
    return a[i][j]


@each(np.zeros((2, 0, 3)), np.zeros((0, 2)), np.zeros(0), np.asfortranarray(np.zeros((0, 2))))
def empty_arrays(a):
    rounds = 0
    for x in a:
        rounds += 1
    for i in range(len(a)):
        a[i]
        rounds += 1
    return rounds, len(a), a.size, a.shape, a.nbytes, a.T.shape


@program((np.zeros(0), 0), (np.zeros(0), -1), (np.zeros((2, 0)), 0))
def empty_bounds(a, i):
    return a[i] if a.ndim == 1 else len(a[i])


@each(np.arange(3))
def literal_index_out_of_bounds(a):
    return a[3]


@each(np.arange(3))
def literal_negative_index_out_of_bounds(a):
    return a[-4]


@each(np.arange(5))
def loop_past_the_end(a):
    total = 0
    for i in range(len(a) + 1):
        a[i] += 1
        total += a[i]
    return total


@each(np.arange(5))
def loop_below_the_start(a):
    total = 0
    for i in range(len(a), -8, -1):
        total += a[i - 1]
    return total


@each(np.arange(10))
def offsets_in_loops(a):
    total = 0
    for i in range(1, len(a) - 1):
        total += a[i - 1] + a[i + 1] - 2 * a[i]
    for i in range(len(a)):
        total += a[-i] * a[len(a) - 1 - i]
    for i in range(-len(a), 0):
        total = total * 3 + a[i]
    return total


@program((np.arange(10), 10), (np.arange(10), 11), (np.arange(10), 1))
def bound_by_argument(a, n):
    total = 0
    for i in range(n):
        total += a[i]
    return total


@program((np.arange(6), np.array([0, 5, -1])), (np.arange(6), np.array([0, 6])), (np.arange(6.0), np.array([3], np.uint8)))
def index_from_array(a, indices):
    total = 0
    for i in indices:
        total = total + a[i]
        a[i] += 1
    return total


@program((np.arange(6), np.int8(-1)), (np.arange(6), np.uint64(5)), (np.arange(6), np.uint64(2**63 - 1)), (np.arange(6), np.int64(6)))
def numpy_indices(a, i):
    return a[i]


@program((np.arange(3), 1), (np.arange(3), 2))
def nested_indices(a, i):
    return a[a[a[i]]], a[a[i] - 1]


@program((np.arange(12).reshape(3, 4), 1, 2))
def tuple_as_index(a, i, j):
    t = (i, j)
    a[t] = 50
    return a[t], a[(i, j)], a[i, j]


@each(np.arange(4))
def stores_are_seen_by_later_loads(a):
    a[0] = 5
    x = a[0]
    a[0] = 6
    y = a[0]
    a[-4] = 7
    return x, y, a[0]


@each(np.array([np.nan, -0.0, np.inf]), np.array([np.nan, -0.0, np.inf], np.float32))
def special_floats(a):
    a[0], a[1] = a[1], a[0]
    return a[0], a[1], a[2] - a[2], -a[0], a[1] == a[1]


@each(np.array([5, 4, 3, 2, 1]), np.array([2.5, -1.0, 7.0]), np.arange(10)[::-3])
def insertion_sort(a):
    for i in range(1, len(a)):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a


@program((True, np.arange(3.0), np.arange(3.0)), (False, np.arange(3.0), np.arange(3.0)))
def an_augmented_assignment_reads_what_was_chosen(first, a, b):
    if first:
        x = a
    else:
        x = b
    x += 1
    return len(a)
