"""Sets as sorted arrays: `unique` and its kin, `union1d`, `intersect1d`, `setdiff1d`, `setxor1d`, `isin`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Array, Boolean, Complex, Float, Integer, Time, int64, np_int64, uint64
from tracer.array_steps import cast_item, map_items
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_reductions import size_of
from tracer.library.array_search import position
from tracer.library.array_types import array_type, common_type, normalize_axis
from tracer.library.times import differs, is_nat
from tracer.typeof import typeof


@implements(np.unique)
def unique(
    ar: Any, return_index: Any = False, return_inverse: Any = False, return_counts: Any = False, axis: Any = None, *,
    equal_nan: Any = True, sorted: Any = True,
) -> Any:  # fmt: skip
    """The different items, in order; and their first indices, where each item is found among them, how often each comes."""
    a = np.asarray(ar)
    at = None if axis is None else normalize_axis(axis, a.ndim)
    if at is not None and a.ndim != 1:
        return _unique_along(a, at, return_index, return_inverse, return_counts)
    items = np.ravel(a)
    if not _holds(return_index) and not _holds(return_inverse):
        ordered = np.sort(items)
        values, first = _different(ordered, _holds(equal_nan), _holds(return_counts))
        return (values, _lengths(first, items.size)) if _holds(return_counts) else values
    order = np.argsort(items, kind="stable")
    ordered = items[order]
    values, first = _different(ordered, _holds(equal_nan), True)
    made = (values, order[first]) if _holds(return_index) else (values,)
    if _holds(return_inverse):
        made = (*made, _inverse(order, first).reshape(a.shape))
    return (*made, _lengths(first, items.size)) if _holds(return_counts) else made


def _unique_along(a: Any, axis: Any, return_index: Any, return_inverse: Any, return_counts: Any) -> Any:
    """The different subarrays along an axis, in the order of their items; NaN equals nothing there."""
    moved = np.moveaxis(a, axis, 0)
    count = moved.shape[0]
    rows = np.reshape(moved, (count, size_of(moved.shape[1:])))
    order = np.lexsort(rows.T[::-1]) if rows.shape[1] > 0 else np.arange(count)
    first = _first_rows(rows, order)
    found = np.moveaxis(moved[order[first]], 0, axis)
    made = (found, order[first]) if _holds(return_index) else (found,)
    if _holds(return_inverse):
        inverse = _inverse(order, first)
        shape = _inverse_shape(axis, a.ndim)
        made = (*made, inverse if shape is None else inverse.reshape(shape))
    made = (*made, _lengths(first, count)) if _holds(return_counts) else made
    return made if len(made) > 1 else found


def _first_rows(rows: Any, order: Any) -> Any:
    """The places in the order at which a row differs from the one before."""
    starts = np.empty(len(order), np.bool_)
    for k in range(len(order)):
        starts[k] = k == 0 or _rows_differ(rows, int(order[k - 1]), int(order[k]))
    return np.nonzero(starts)[0]


def _rows_differ(rows: Any, i: Any, j: Any) -> Any:
    for column in range(rows.shape[1]):
        if _differs(primitive.load(rows, i, column), primitive.load(rows, j, column)):
            return True
    return False


@static_function
def _inverse_shape(axis: int, ndim: int) -> tuple[int, ...] | None:
    """The shape of the inverse for an axis as this NumPy has it; None where it is flat."""
    probe = np.unique(np.zeros((1,) * ndim), axis=axis, return_inverse=True)[1]
    return tuple(-1 if k == axis else 1 for k in range(ndim)) if probe.ndim > 1 else None


def _holds(flag: Any) -> bool:
    """A flag, which must be known."""
    if known(flag) is None:
        reject("the flags of set functions must be known when they are compiled")
    return known(flag) is True or known(flag) == 1


def _different(ordered: Any, equal_nan: Any, wants_first: Any) -> Any:
    """The first of each run of equal items, and its index."""
    count = 0
    for i in range(len(ordered)):
        count = primitive.add(count, primitive.cast(_begins(ordered, i, equal_nan), to=int64))
    values = np.empty(count, ordered.dtype)
    first = np.empty(count if wants_first else 0, np.int64)
    found = 0
    for i in range(len(ordered)):
        if _begins(ordered, i, equal_nan):
            primitive.store(values, found, primitive.load(ordered, i))
            if wants_first:
                primitive.store(first, found, primitive.cast(i, to=np_int64))
            found = found + 1
    return values, first


def _begins(ordered: Any, i: Any, equal_nan: Any) -> Any:
    """Whether an item differs from the one before it."""
    before, here = primitive.load(ordered, primitive.max_(i - 1, 0)), primitive.load(ordered, i)
    differs = _differs(before, here)
    if equal_nan:
        differs = primitive.and_(differs, primitive.not_(primitive.and_(_is_nan(before), _is_nan(here))))
    return primitive.or_(i == 0, differs)


def _differs(a: Any, b: Any) -> Any:
    if isinstance(typeof(a), Complex):
        return primitive.or_(_differs(primitive.real(a), primitive.real(b)), _differs(primitive.imag(a), primitive.imag(b)))
    if isinstance(typeof(a), Time):
        return bool(differs(a, b))
    return bool(primitive.ne(a, b))


def _is_nan(x: Any) -> Any:
    if isinstance(typeof(x), Complex):
        return primitive.or_(_is_nan(primitive.real(x)), _is_nan(primitive.imag(x)))
    if isinstance(typeof(x), Time):
        return bool(is_nat(x))
    return bool(primitive.ne(x, x)) if isinstance(typeof(x), Float) else False


def _lengths(first: Any, size: Any) -> Any:
    """How many items there are from each index to the next one."""
    made = np.empty(len(first), np.int64)
    for k in range(len(first)):
        stop = size if k + 1 == len(first) else int(primitive.load(first, k + 1))
        primitive.store(made, k, primitive.sub(primitive.cast(stop, to=np_int64), primitive.load(first, k)))
    return made


def _inverse(order: Any, first: Any) -> Any:
    """For each item the number of its run."""
    made = np.empty(len(order), np.int64)
    for k in range(len(first)):
        stop = len(order) if k + 1 == len(first) else int(primitive.load(first, k + 1))
        for i in range(int(primitive.load(first, k)), stop):
            primitive.store(made, int(primitive.load(order, i)), primitive.cast(k, to=np_int64))
    return made


# --- what the array API standard has: NaN equals nothing, not even NaN

_ONE = np.zeros(1)
UniqueAll, UniqueCounts, UniqueInverse = (type(function(_ONE)) for function in (np.unique_all, np.unique_counts, np.unique_inverse))


@implements(np.unique_values)
def unique_values(x: Any) -> Any:
    """The different items, in order."""
    return unique(x, equal_nan=False)


@implements(np.unique_counts)
def unique_counts(x: Any) -> Any:
    """The different items, in order, and how often each comes."""
    values, counts = unique(x, return_counts=True, equal_nan=False)
    return UniqueCounts(values, counts)


@implements(np.unique_inverse)
def unique_inverse(x: Any) -> Any:
    """The different items, in order, and where each item is found among them."""
    values, inverse = unique(x, return_inverse=True, equal_nan=False)
    return UniqueInverse(values, inverse)


@implements(np.unique_all)
def unique_all(x: Any) -> Any:
    """The different items, in order, their first indices, where each item is found among them, and how often each comes."""
    values, first, inverse, counts = unique(x, True, True, True, equal_nan=False)
    return UniqueAll(values, first, inverse, counts)


# --- two sets


@implements(np.union1d)
def union1d(ar1: Any, ar2: Any) -> Any:
    """The different items of both arrays, in order."""
    return unique(np.concatenate((ar1, ar2), axis=None))


def _joined(a: Any, b: Any) -> Any:
    """The items of one array, then those of the other, in a common type."""
    kind = common_type(typeof(a), typeof(b))
    made = primitive.alloc(len(a) + len(b), to=array_type(kind, 1), zero=False)
    for i in range(len(a)):
        primitive.store(made, i, cast_item(primitive.load(a, i), kind))
    for i in range(len(b)):
        primitive.store(made, len(a) + i, cast_item(primitive.load(b, i), kind))
    return made


def _distinct(a: Any, assume_unique: Any) -> Any:
    return np.ravel(np.asarray(a)) if _holds(assume_unique) else unique(a)


@implements(np.intersect1d)
def intersect1d(ar1: Any, ar2: Any, assume_unique: Any = False, return_indices: Any = False) -> Any:
    """The items that are in both arrays, in order; and their first indices in each."""
    if not _holds(return_indices):
        joined = _joined(_distinct(ar1, assume_unique), _distinct(ar2, assume_unique))
        joined.sort()
        return joined[:-1][joined[1:] == joined[:-1]]
    if _holds(assume_unique):
        return _common(np.ravel(np.asarray(ar1)), np.ravel(np.asarray(ar2)))
    a, first = unique(ar1, return_index=True)
    b, second = unique(ar2, return_index=True)
    values, left, right = _common(a, b)
    return values, first[left], second[right]


def _common(a: Any, b: Any) -> Any:
    joined = _joined(a, b)
    order = np.argsort(joined, kind="stable")
    ordered = joined[order]
    same = ordered[1:] == ordered[:-1]
    return ordered[:-1][same], order[:-1][same], order[1:][same] - len(a)


@implements(np.setdiff1d)
def setdiff1d(ar1: Any, ar2: Any, assume_unique: Any = False) -> Any:
    """The items of the first array that are not in the second one, in order."""
    a = _distinct(ar1, assume_unique)
    return a[isin(a, ar2, invert=True)]


@implements(np.setxor1d)
def setxor1d(ar1: Any, ar2: Any, assume_unique: Any = False) -> Any:
    """The items that are in one of the arrays only, in order."""
    if known(assume_unique):
        joined = np.concatenate((ar1, ar2), axis=None)
    else:
        joined = _joined(_distinct(ar1, assume_unique), _distinct(ar2, assume_unique))
    joined.sort()
    count = len(joined)
    single = np.empty(count, np.bool_)
    for i in range(count):
        here = primitive.load(joined, i)
        before = i > 0 and not _differs(here, primitive.load(joined, i - 1))
        after = i + 1 < count and not _differs(here, primitive.load(joined, i + 1))
        single[i] = not (before or after)
    return joined[single]


def isin(element: Any, test_elements: Any, assume_unique: Any = False, invert: Any = False, *, kind: Any = None) -> Any:
    """Whether each item is among others. Integers are looked up in a table, unless `kind` is "sort" or the table would be long."""
    a, others = np.asarray(element), np.ravel(np.asarray(test_elements))
    check_kind(kind)
    inverted = _holds(invert)
    if kind == "sort" or not _are_small_integers(typeof(a), typeof(others)):
        return _among_sorted(a, np.sort(others), inverted)
    low, high = _limits(others)
    # The difference is negative where it does not fit 64 bits.
    length = primitive.add(primitive.sub(high, low), 1)
    if len(others) == 0 or (kind is None and (length <= 0 or length > 6 * (len(others) + a.size) + 1024)):
        return _among_sorted(a, np.sort(others), inverted)
    if length <= 0:
        raise RuntimeError(_TOO_LONG)
    return _in_table(a, others, low, length, inverted)


_TOO_LONG = "You have specified kind='table', but the range of values in `ar2` or `ar1` exceed the maximum integer of the datatype."


@static_function
def check_kind(kind: Any) -> None:
    """ValueError for what names no way of looking items up."""
    if kind not in (None, "sort", "table"):
        raise ValueError(f"Invalid kind: '{kind}'. Please use None, 'sort' or 'table'.")


@static_function
def _are_small_integers(first: Array, second: Array) -> bool:
    """Whether the items of both are integers, or booleans, that int64 holds."""
    kinds = (first.dtype, second.dtype)
    return all(isinstance(k, Boolean) or (isinstance(k, Integer) and k.maximum <= np_int64.maximum) for k in kinds)


def _limits(a: Any) -> Any:
    low, high = 2**63 - 1, -(2**63)
    for i in range(len(a)):
        x = primitive.cast(primitive.load(a, i), to=int64)
        low, high = primitive.min_(low, x), primitive.max_(high, x)
    return low, high


def _in_table(a: Any, others: Any, low: Any, length: Any, inverted: Any) -> Any:
    table = np.zeros(length, np.bool_)
    for i in range(len(others)):
        primitive.store(table, primitive.sub(primitive.cast(primitive.load(others, i), to=int64), low), np.bool_(True))

    def is_in(x: Any) -> Any:
        place = primitive.sub(primitive.cast(x, to=int64), low)
        inside = primitive.lt(primitive.cast(place, to=uint64), primitive.cast(length, to=uint64))
        found = primitive.and_(inside, primitive.load(table, primitive.select(inside, place, 0)))
        return np.bool_(primitive.not_(found) if inverted else found)

    return map_items(is_in, a)


def _among_sorted(a: Any, others: Any, inverted: Any) -> Any:
    common = common_type(typeof(a), typeof(others))
    count = len(others)

    def is_among(x: Any) -> Any:
        wanted = cast_item(x, common)
        place = position(others, wanted, True, lambda i: i)
        if place >= count:
            return np.bool_(inverted)
        found = primitive.not_(_differs(cast_item(primitive.load(others, place), common), wanted))
        return np.bool_(primitive.not_(found) if inverted else found)

    return map_items(is_among, a)


implements(np.isin, *([np.in1d] if hasattr(np, "in1d") else []))(isin)
