"""`a[index]`, loaded, stored and augmented, against NumPy: views, copies, values, exceptions."""

from __future__ import annotations

import collections
import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from array_harness import assert_same, check, layouts, outcome, sample

from tracer import njit, trace

BOUNDS = (None, 0, 1, 2, 4, 5, 7, -1, -2, -5, -6, 2**40, -(2**40))
HUGE = 2**63 - 1
MATRIX = np.arange(12).reshape(3, 4)
CUBE = np.arange(24.0).reshape(2, 3, 4)
ROWS = np.array([2, 0, -1, 2])
MASK = MATRIX % 3 == 1
SPARE = np.array([True, False, True])
GLOBAL_ROWS = [0, 2]
GLOBAL_TABLE = np.array([5.0, 6.0, 7.0])


Place = collections.namedtuple("Place", "row column")


def stored_by_name(a, row, column):
    i = Place(row, column)
    b = a.copy()
    b[i] = 50
    b[Place(0, i.column)] += 7
    b[Place(slice(1, None), 1)] = 9
    return b, a[i], a[Place(1, slice(None))], a[Place(row=(0, 2), column=(1, 3))], a[(i,)], a[i[:1]]


def test_a_named_tuple_is_an_index_for_each_axis() -> None:
    """Where the tuple is in a tuple it is a sequence of indices, as any tuple."""
    check(stored_by_name, MATRIX, 1, 2)
    check(stored_by_name, MATRIX, -3, np.int8(-4))
    for array, index in ((MATRIX, Place(1, 2)), (CUBE, Place(1, 2)), (MATRIX, Place(ROWS, 1)), (MATRIX, Place(MASK[:, 0], 1))):
        assert_same(njit(lambda a, i: a[i])(array, index), array[index])
    for array, index, said in ((MATRIX[0], Place(1, 2), "too many indices"), (MATRIX, Place(3, 1), "out of bounds for axis 0")):
        with pytest.raises(IndexError, match=said):
            njit(lambda a, i: a[i])(array, index)


# --- slices


@pytest.mark.parametrize("step", (None, 1, 2, 3, -1, -2, -7, 2**62, -(2**62)))
def test_slices_with_bounds_of_run_time(step: Any) -> None:
    both = njit(lambda a, i, j: a[i:j:step])
    start = njit(lambda a, i: a[i::step])
    stop = njit(lambda a, j: a[:j:step])
    a = np.arange(5)
    for i, j in itertools.product(BOUNDS[1:], BOUNDS[1:]):
        assert_same(both(a, i, j), a[i:j:step])
    for i in (*BOUNDS[1:], HUGE, -HUGE - 1):
        assert_same(start(a, i), a[i::step])
        assert_same(stop(a, i), a[:i:step])
        assert_same(both(a[:0], i, 3), a[:0][i:3:step])


def test_slices_with_steps_of_run_time() -> None:
    part = njit(lambda a, i, j, k: a[i:j:k])
    whole = njit(lambda a, k: a[::k])
    a = np.arange(5)
    for i, j, k in itertools.product(BOUNDS[1:], (0, 4, -1, -6, 9), (1, -1, 2, -3, HUGE, -HUGE, -HUGE - 1)):
        assert_same(part(a, i, j, k), a[i:j:k])
    for k in (1, 2, 5, 6, -1, -2, -5, -9, HUGE, -HUGE):
        assert_same(whole(a, k), a[::k])
    check(part, a, 0, 3, 0)
    check(part, a, np.int8(-3), np.uint64(2**64 - 1), np.int16(1))


@pytest.mark.parametrize("start", BOUNDS)
def test_slices_with_known_bounds(start: Any) -> None:
    lengths = np.arange(7), np.arange(5), np.arange(1), np.arange(0)

    def parts(a: Any) -> Any:
        return (
            a[start:], a[start:2], a[start:-1], a[start:-6], a[start:7:2], a[start::-1], a[start:1:-1], a[start:-4:-2], a[:start],
            a[:start:-1], a[start:start],
        )  # fmt: skip

    compiled = njit(parts)
    for a in lengths:
        assert_same(compiled(a), parts(a))


def test_slices_of_slices_with_bounds_that_add_up_beyond_64_bits() -> None:
    for function in (
        lambda a: a[2**62 :][2**62 :][2**62 :], lambda a: a[: -(2**62)][: -(2**62)][: -(2**62)], lambda a: a[1:][2**63 - 1 :][1:],
        lambda a: a[-3:][2 : 2**63 - 1][:-1], lambda a: a[2:][1:][:-1],
    ):  # fmt: skip
        for length in (0, 1, 5):
            check(njit(function), np.arange(length))


def test_slices_share_memory() -> None:
    a = np.arange(10.0)
    made = njit(lambda a: (a[2:5], a[::-2], a[:, None], a[...], a[()], a[1:][1:][:-3]))(a)
    for view in made:
        assert np.shares_memory(view, a)
    made[0][0] = 100.0
    assert a[2] == 100.0


def test_a_step_of_zero() -> None:
    check(lambda a: a[::0], np.arange(3))


def test_equal_lengths_need_no_check() -> None:
    def smoothed(u: Any) -> Any:
        return u[:-2] + u[1:-1] + u[2:] + u[1:][1:]

    from_graph = njit(smoothed)
    check(from_graph, np.arange(9.0))
    check(from_graph, np.arange(1.0))
    optimized = str(trace(smoothed)(np.arange(9.0)).text("optimized"))
    assert "broadcast" not in optimized and "stretched" not in optimized


# --- views of several axes

VIEWS = (
    lambda a: a[0], lambda a: a[-1], lambda a: a[:, 1], lambda a: a[1, :], lambda a: a[1:, :2], lambda a: a[:, None, 1],
    lambda a: a[..., 0], lambda a: a[0, ...], lambda a: a[...], lambda a: a[None], lambda a: a[:, ::-1], lambda a: a[::2, 1:3],
    lambda a: a[1, None], lambda a: a[..., None], lambda a: a[1:2, 1:2], lambda a: a[1:, 0], lambda a: a[()], lambda a: a[:0, :],
    lambda a: a[:, 0:0], lambda a: a[-2:, -2:], lambda a: a[None, ..., None], lambda a: a[0][1:],
)  # fmt: skip


@pytest.mark.parametrize("position", range(len(VIEWS)))
def test_views_of_two_axes(position: int) -> None:
    compiled = njit(VIEWS[position])
    for a in layouts(MATRIX):
        check(compiled, a)


@pytest.mark.slow
def test_views_of_three_axes() -> None:
    def parts(a: Any, i: Any) -> Any:
        return (
            a[0], a[i, 1], a[i, :, 2], a[:, i], a[..., 1], a[0, ..., 0], a[:, 1, :], a[:, :, None, 0], a[1:, :, ::2], a[i, 1:, :],
            a[i, :, :], a[:, 1:2], a[0:1, 1, :], a[..., i, :], a[1, 1, 1:], a[None, i, None, 2],
        )  # fmt: skip

    compiled = njit(parts)
    for a in layouts(CUBE):
        for i in (0, -1, np.int8(1), np.uint64(1)):
            check(compiled, a, i)
        check(compiled, a, 5)


def test_arrays_without_axes() -> None:
    check(lambda a: (a[()], a[...], a[None], a[None, ...], a[..., None]), np.array(2.5))
    check(lambda a: (a[True], a[False], a[np.array(True)]), np.array(7))


def test_flags_of_views() -> None:
    for a in layouts(CUBE):
        for function in (lambda a: a[1:], lambda a: a[0], lambda a: a[:, :, 0], lambda a: a[:, 0], lambda a: a[:1, :, :]):
            ours, theirs = njit(function)(a), function(a)
            if a.flags.c_contiguous or a.flags.f_contiguous:
                assert (ours.flags.c_contiguous, ours.flags.f_contiguous) == (theirs.flags.c_contiguous, theirs.flags.f_contiguous)


# --- indices out of range and other errors

REFUSED = (
    lambda a: a[5], lambda a: a[-4], lambda a: a[0, 4], lambda a: a[:, -5], lambda a: a[9, None], lambda a: a[0, 0, 0],
    lambda a: a[..., ...], lambda a: a[:, :, 0], lambda a: a[[0, 9], [9, 0]], lambda a: a[[0, 9], 9], lambda a: a[9, [9]],
    lambda a: a[[0], [-5]], lambda a: a[:0][:, [9]], lambda a: a[:, :0][[9]], lambda a: a[[0, 1], [0, 1, 2]],
    lambda a: a[np.zeros((2, 4), np.bool_)], lambda a: a[:, np.array([True, False])], lambda a: a[np.array([1.0])],
    lambda a: a[np.ones((3, 4, 1), np.bool_)], lambda a: a[[[0, 1, 2], [0, 0, 0]], [0, 1]], lambda a: a[[0, 1], [[0, 1, 5]]],
)  # fmt: skip


@pytest.mark.parametrize("position", range(len(REFUSED)))
def test_refused_indices(position: int) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        outcome(REFUSED[position], (MATRIX,))
    if warned:  # by older releases of NumPy, where an index out of range selects nothing
        assert "the index error will be raised" in str(warned[0].message)
        assert isinstance(outcome(njit(REFUSED[position]), (MATRIX,)), IndexError)
    else:
        check(REFUSED[position], MATRIX)


def test_unchecked_indices() -> None:
    a = np.arange(10)
    f = njit(boundscheck=False)(lambda a, i: (a[i], a[2:5], a[i, None], a[np.array([1, -1])]))
    assert_same(f(a, -2), (a[-2], a[2:5], a[-2, None], a[np.array([1, -1])]))


# --- arrays of indices

GATHERS = (
    lambda a, i: a[i], lambda a, i: a[i, 1], lambda a, i: a[:, i], lambda a, i: a[i, :], lambda a, i: a[i, i], lambda a, i: a[i, 1:],
    lambda a, i: a[i, None], lambda a, i: a[None, i], lambda a, i: a[i[:, None], i], lambda a, i: a[i][:, i], lambda a, i: a[..., i],
    lambda a, i: a[i, ..., 0], lambda a, i: a[::-1, i], lambda a, i: a[i, i > 0] if False else a[i, -1], lambda a, i: a[i, None, i],
    lambda a, i: a[i + 0], lambda a, i: a[1, i], lambda a, i: a[i[:0]], lambda a, i: a[i[:0], 7:], lambda a, i: a[i[:2], i[:1]],
)  # fmt: skip


@pytest.mark.parametrize("position", range(len(GATHERS)))
def test_integer_arrays(position: int) -> None:
    compiled = njit(GATHERS[position])
    for a in list(layouts(MATRIX))[position % 2 :: 3]:
        check(compiled, a, ROWS, strides=False)
    check(compiled, MATRIX, np.array([0, 7, -9]), strides=False)


@pytest.mark.parametrize("dtype", ("int8", "uint8", "int32", "uint64"))
def test_index_arrays_of_every_integer_type(dtype: str) -> None:
    compiled = njit(lambda a, i: a[i])
    check(compiled, np.arange(5.0), np.array([0, 4, 2], dtype))
    check(compiled, np.arange(5.0), np.array([0, 5, 2], dtype))
    last = np.iinfo(dtype).max
    check(compiled, np.arange(5.0), np.array([last], dtype), message=dtype != "uint64")
    check(compiled, np.arange(5.0), np.array([[0, 1], [2, 3]], dtype).T)


@pytest.mark.slow
def test_integer_arrays_of_three_axes() -> None:
    def parts(b: Any, i: Any, j: Any) -> Any:
        return (
            b[0, :, j], b[:, 0, j], b[i, :, j], b[:, i[:, None], j], b[i], b[:, i], b[..., i], b[i, j], b[i, j, 0], b[i, ..., 1],
            b[None, i, None, j], b[i, 0:2, j], b[:, i, ::2], b[1, i, 1:],
        )  # fmt: skip

    compiled = njit(parts)
    for b in (CUBE, CUBE[::-1, :, ::2]):
        check(compiled, b, np.array([0, 1, -1]), np.array([1, 1, 0]), strides=False)


def test_lists_and_tuples_as_indices() -> None:
    check(lambda a: (a[[0, 2]], a[:, [1, 1]], a[[0, 1], [2, 3]], a[[[0], [1]], [0, 1]], a[(0, 2),], a[[]]), MATRIX, strides=False)
    check(lambda a, i: (a[[i, 0]], a[[-i, i]]), MATRIX, 1)
    check(lambda a: a[[True, False, True]], MATRIX)
    check(lambda a: a[GLOBAL_ROWS], MATRIX)
    check(lambda i: GLOBAL_TABLE[i], ROWS[:2])


# --- masks

MASKED = (
    lambda a, m: a[m], lambda a, m: a[~m], lambda a, m: a[a > 5], lambda a, m: a[m[:, 0]], lambda a, m: a[:, m[0]],
    lambda a, m: a[m[:, 1], 1], lambda a, m: a[m[:, 1], :2], lambda a, m: a[1:][m[1:]], lambda a, m: a[m & (a > 4)].sum(),
    lambda a, m: a[0, m[1]], lambda a, m: a[m[:, 0], m[0]], lambda a, m: a[None, m], lambda a, m: a[..., m[2]],
)  # fmt: skip


@pytest.mark.parametrize("position", range(len(MASKED)))
def test_masks(position: int) -> None:
    compiled = njit(MASKED[position])
    for a in list(layouts(MATRIX))[position % 2 :: 3]:
        check(compiled, a, MASK, strides=False)
    check(compiled, MATRIX, np.zeros((3, 4), bool), strides=False)
    check(compiled, np.zeros((0, 4), int), np.zeros((0, 4), bool), strides=False)


def test_masks_in_fortran_order() -> None:
    compiled = njit(lambda a, m: (a[m], a[m[:, 0]]))
    for m in layouts(MASK):
        check(compiled, MATRIX, m, strides=False)


@pytest.mark.parametrize("shape", ((), (1,), (2, 3), (2, 3, 2), (2, 0)))
def test_full_masks_of_any_rank(shape: tuple[int, ...]) -> None:
    a, m = sample("float64", shape), sample("bool", shape, 3)
    check(lambda a, m: a[m], a, m)
    if shape:
        check(lambda a, m: a[m], a, m[:1])


@pytest.mark.slow
def test_booleans_as_indices() -> None:
    def parts(a: Any, flag: Any, i: Any) -> Any:
        return a[flag], a[True], a[False], a[:, True], a[flag, i], a[i, flag], a[flag, :, 0], a[None, flag], a[0, flag]

    compiled = njit(parts)
    for flag in (True, False, np.True_, np.False_):
        check(compiled, MATRIX, flag, np.array([1, 0]) if flag else np.array([1]), strides=False)


# --- stores


def _store_row(a: Any, v: Any) -> None:
    a[1] = v


def _store_column(a: Any, v: Any) -> None:
    a[:, -1] = v


def _store_all(a: Any, v: Any) -> None:
    a[...] = v


def _store_inner(a: Any, v: Any) -> None:
    a[1:, 1:-1] = v


def _store_rows(a: Any, v: Any) -> None:
    a[np.array([2, 0])] = v


def _store_rows_and_columns(a: Any, v: Any) -> None:
    a[np.array([2, 0, -1]), [0, 1, 1]] = v


def _store_where(a: Any, v: Any) -> None:
    a[a > 4] = v


def _store_where_rows(a: Any, v: Any) -> None:
    a[np.array([True, False, True])] = v


def _store_columns(a: Any, v: Any) -> None:
    a[:, [0, -1]] = v


def _store_flag(a: Any, v: Any) -> None:
    a[True] = v


def _store_out_of_range(a: Any, v: Any) -> None:
    a[[0, 1, 7]] = v


def _store_mixed(a: Any, v: Any) -> None:
    a[1:, [1, 0], None] = v


STORES = (
    _store_row, _store_column, _store_all, _store_inner, _store_rows, _store_rows_and_columns, _store_where, _store_where_rows,
    _store_columns, _store_flag, _store_out_of_range, _store_mixed,
)  # fmt: skip


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("store", STORES, ids=lambda f: f.__name__)
def test_stores(store: Any) -> None:
    compiled = njit(store)
    numbers = (7, 2.5)
    arrays = (
        np.arange(4), np.arange(3), np.arange(2)[:, None], np.arange(3)[:, None], np.zeros((2, 4), np.int8), np.array(3), np.array([9]),
        np.arange(7), np.arange(0), np.arange(8).reshape(1, 2, 4),
    )  # fmt: skip
    for value in (*numbers, *arrays):
        check(compiled, MATRIX, value)
    for a in list(layouts(MATRIX))[1:3]:
        check(compiled, a, 5)


def test_numbers_are_converted_to_items() -> None:
    for value in (np.int8(3), True, 2.5, np.float32(0.1)):
        check(_store_where, MATRIX, value)
        check(_store_rows, np.array(MATRIX, np.float32), value)


def test_stores_to_arrays_without_axes() -> None:
    def store(a: Any, v: Any) -> None:
        a[()] = v
        a[...] = a + 1

    check(store, np.array(1.0), 3.5)
    check(store, np.array(1), np.array(3))


def test_stores_that_cannot_be() -> None:
    a = np.arange(4.0)
    a.flags.writeable = False
    for store in (_store_where, _store_all):
        check(store, a, 1.0)

    def too_large(a: Any) -> None:
        a[1:] = 300

    check(too_large, np.zeros(3, np.uint8))


def test_overlapping_stores() -> None:
    def shift_right(a: Any) -> None:
        a[1:] = a[:-1]

    def shift_left(a: Any) -> None:
        a[:-1] = a[1:]

    def reverse(a: Any) -> None:
        a[:] = a[::-1]

    def double(a: Any) -> None:
        a[1:] += a[:-1]

    def flip(a: Any) -> None:
        a[[0, 1, 2]] = a[:3][::-1]

    for store in (shift_right, shift_left, reverse, double, flip):
        check(store, np.array([3, 0, 2, 1, 4]))


def test_an_array_is_stored_in_itself_as_it_was() -> None:
    def store(a: Any) -> None:
        a[a] = a

    a = np.array([3, 0, 2, 1, 4])  # older releases of NumPy read items here that they have written before
    njit(store)(a)
    assert list(a) == [0, 1, 2, 3, 4]


def test_stored_items_are_read_before_any_is_written_through_a_mask() -> None:
    def store(a: Any) -> None:
        a[a > 1] = a[:3]

    a = np.array([3, 0, 2, 1, 4])  # NumPy reads items here that it has written before
    njit(store)(a)
    assert list(a) == [3, 0, 0, 1, 2]


def test_nothing_is_stored_when_an_index_is_out_of_range() -> None:
    def store(a: Any, i: Any) -> None:
        a[i] = 1

    a = np.zeros(5)
    error = outcome(njit(store), (a, np.array([0, 1, 9])))
    assert isinstance(error, IndexError) and not a.any()


# --- augmented stores


def _add_where(a: Any, v: Any) -> None:
    a[a > 4] += v


def _add_to_rows(a: Any, v: Any) -> None:
    a[[0, 0, 2]] += v


def _add_to_part(a: Any, v: Any) -> None:
    a[1:, ::2] += v


def _add_to_column(a: Any, v: Any) -> None:
    a[:, 1] -= v


def _add_to_item(a: Any, v: Any) -> None:
    a[1, 2] *= v


def _add_where_rows(a: Any, v: Any) -> None:
    a[a[:, 0] > 0] += abs(v)


def _add_flag(a: Any, v: Any) -> None:
    a[True] += v


AUGMENTED = (_add_where, _add_to_rows, _add_to_part, _add_to_column, _add_where_rows, _add_flag)


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("store", AUGMENTED, ids=lambda f: f.__name__)
def test_augmented_stores(store: Any) -> None:
    compiled = njit(store)
    for a in list(layouts(MATRIX))[1:3]:
        check(compiled, a, 3)
    check(compiled, MATRIX.astype(float), 0.5)
    check(compiled, MATRIX.astype(np.float32), np.array([2.0], np.float32))
    check(compiled, MATRIX.astype(np.float32), np.zeros(5, np.float32), message=False)
    check(compiled, MATRIX[:0], 1)


def test_augmented_items() -> None:
    check(_add_to_item, MATRIX, 3)
    check(_add_to_item, MATRIX.astype(float), 0.5)


def test_augmented_stores_read_before_the_operand_writes() -> None:
    def bump(a: Any) -> float:
        a[0] = 50.0
        return 1.0

    def store(a: Any) -> None:
        a[a > 0] += bump(a)

    check(store, np.array([1.0, -1.0, 2.0]))


def test_the_index_of_an_augmented_store_fails_before_the_operand_does() -> None:
    def store(a: Any, indices: Any, i: int) -> Any:
        a[indices] += a[i]
        return a

    for indices in (np.array([0, 5]), np.array([1]), np.array([True]), np.array([True, False, True])):
        check(store, np.arange(3.0), indices, 7)
        check(store, np.arange(3.0), indices, 1)


def test_stores_to_what_selects_nothing_or_has_no_axes() -> None:
    def by_arrays(a: Any, indices: Any, values: Any) -> Any:
        a[indices] = values
        return a

    def by_flag(a: Any, w: Any, values: Any) -> Any:
        a[a > w] = values
        return a

    for shape in ((0, 0), (2, 1, 0), (1, 0), (0,), (0, 3), (3, 1)):
        for indices in (np.zeros(0, np.int64), np.zeros((1, 0), np.int64), np.zeros((3, 1), np.int64)):
            check(by_arrays, np.arange(4.0), indices, np.ones(shape))
    for values in (np.ones(3), np.ones(1), np.ones(0), np.ones((2, 1)), np.ones(()), 4.0):
        for w in (-1.0, 1.0):
            check(by_flag, np.array(0.5, np.float32), w, values)


def test_an_index_fails_before_the_item_does() -> None:
    def one(a: Any, k: Any, n: Any) -> Any:
        a[k] = n
        return a

    def row(a: Any, k: Any, n: Any) -> Any:
        a[k:, k] = n
        return a

    def listed(a: Any, k: Any, n: Any) -> Any:
        a[[k]] = n
        return a

    for function in (one, row, listed):
        for a in (np.zeros((3, 3), np.uint8), np.zeros(3, np.uint8), np.zeros((), np.int8)):
            for k, n in ((5, -1), (1, -1), (5, 300), (1, 7)):
                check(function, a, k, n)


def test_sequences_inside_of_tuples_take_copies() -> None:
    def store(a: Any) -> None:
        a[((0, 1),)] += 1
        a[(0, 2), (1, 3)] *= 2
        a[[[0], [1]], [1, 2]] -= 5

    check(store, CUBE[0])
    check(store, np.arange(20.0).reshape(5, 4)[::2])


def test_indices_without_items() -> None:
    def store(a: Any) -> Any:
        a[[[], []]] = 7
        a[[]] += 1
        return a[[[]]], a[[], []], a[0, [[], []]]

    check(store, MATRIX)
