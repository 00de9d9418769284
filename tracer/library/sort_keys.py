"""Sorting unsigned integers, alone or with a number that goes along: what all sorts of arrays are made of.

Numbers of every type are mapped to unsigned integers of the same order (`to_key`), so that one algorithm serves all.
Long arrays are sorted digit by digit from the last (radix sort, Knuth, TAOCP 3, 5.2.5, algorithm R), short ones are
merged (5.2.4, algorithm S) from runs that are sorted by insertion. Both are stable.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Boolean, Complex, Float, Integer, Scalar, Time, int64, np_int64
from tracer.extending import out_of_line, primitive, reject, static_function
from tracer.library.times import place_in_order
from tracer.typeof import typeof

DIGIT_BITS = 8
_DIGITS = 1 << DIGIT_BITS
_RUN = 12
_SHORT = 320


# --- keys in the order of numbers


@static_function
def key_type(item: Scalar) -> Integer:
    """The unsigned integers that items of this type are mapped to."""
    if not isinstance(item, Scalar):
        raise TypeError("records have no order in compiled code; np.argsort of a field gives the indices that sort them by it")
    return Integer(8 if isinstance(item, Boolean) else item.bits, signed=False)


def to_key(x: Any) -> Any:
    """An unsigned integer that is ordered as NumPy sorts numbers: NaN is the largest, -0.0 comes before 0.0."""
    kind = typeof(x)
    to = key_type(kind)
    if isinstance(kind, Complex):
        reject("complex numbers have no key")
    if isinstance(kind, Float):
        return _float_key(primitive.bitcast(x, to=to), primitive.eq(x, x), kind.bits)
    if isinstance(kind, Time):
        return primitive.xor(primitive.cast(place_in_order(x), to=to), 1 << 63)
    bits = primitive.cast(x, to=to)
    if isinstance(kind, Integer) and kind.signed:
        return primitive.xor(bits, 1 << (kind.bits - 1))
    return bits


def _float_key(bits: Any, ordered: Any, width: Any) -> Any:
    """Negative numbers are ordered backwards by their bits. The sign of a NaN is dropped."""
    sign = 1 << (width - 1)
    bits = primitive.select(ordered, bits, primitive.and_(bits, sign - 1))
    negative = primitive.neg(primitive.shr(bits, width - 1))
    return primitive.xor(bits, primitive.or_(negative, sign))


def from_key(key: Any, item: Any) -> Any:
    """The number of the type `item` that has this key."""
    if isinstance(item, Float):
        sign = 1 << (item.bits - 1)
        positive = primitive.sub(primitive.shr(key, item.bits - 1), 1)
        return primitive.bitcast(primitive.xor(key, primitive.or_(positive, sign)), to=item)
    if isinstance(item, Time):
        return primitive.bitcast(primitive.add(primitive.xor(key, 1 << 63), 1), to=item)
    if isinstance(item, Integer) and item.signed:
        return primitive.cast(primitive.xor(key, 1 << (item.bits - 1)), to=item)
    return primitive.cast(key, to=item)


def to_equal_key(x: Any) -> Any:
    """The key of a number where equal numbers have equal keys: 0.0 for -0.0."""
    return to_key(primitive.add(x, 0.0)) if isinstance(typeof(x), Float) else to_key(x)


# --- records of one or two numbers


def _record(array: Any, i: Any, width: Any) -> Any:
    """The numbers of a record: a key, and what goes along if the width is 2."""
    if width == 1:
        return (primitive.load(array, i),)
    start = primitive.shl(i, 1)
    return primitive.load(array, start), primitive.load(array, primitive.add(start, 1))


def _put(array: Any, i: Any, record: Any) -> None:
    if len(record) == 1:
        primitive.store(array, i, record[0])
    else:
        start = primitive.shl(i, 1)
        primitive.store(array, start, record[0])
        primitive.store(array, primitive.add(start, 1), record[1])


@out_of_line
def sort_keys(keys: Any, scratch: Any, count: Any) -> Any:
    """Sort the first `count` keys, using a second array; the one that has the result, and the other."""
    return _sort(keys, scratch, count, 1)


@out_of_line
def sort_pairs(pairs: Any, scratch: Any, count: Any) -> Any:
    """Sort `count` pairs of a key and a number that follow each other, using a second array; the one that has the result, and the other."""
    return _sort(pairs, scratch, count, 2)


def _sort(records: Any, scratch: Any, count: Any, width: Any) -> Any:
    if count <= _SHORT:
        return _sort_by_merging(records, scratch, count, width)
    return _sort_by_digits(records, scratch, count, width)


# --- merging


def _sort_by_merging(records: Any, scratch: Any, count: Any, width: Any) -> Any:
    """Run k of 2**level goes from `k * count >> level` to the next one's start: the lengths of runs differ by one at most."""
    level = 0
    while primitive.shr(count, level) > _RUN:
        level = level + 1
    for k in range(primitive.shl(1, level)):
        _insert(records, _boundary(k, count, level), _boundary(k + 1, count, level), width)
    while level > 0:
        for k in range(primitive.shl(1, level - 1)):
            start, stop = _boundary(2 * k, count, level), _boundary(2 * k + 2, count, level)
            _merge(records, scratch, start, _boundary(2 * k + 1, count, level), stop, width)
        records, scratch = scratch, records
        level = level - 1
    return records, scratch


def _boundary(k: Any, count: Any, level: Any) -> Any:
    return primitive.shr(primitive.mul(k, count), level)


def insert_key(keys: Any, count: Any, key: Any) -> None:
    """Put a key where it belongs among the first `count`, which are sorted."""
    place = count
    while place > 0:
        before = primitive.load(keys, place - 1)
        if before <= key:
            break
        primitive.store(keys, place, before)
        place = place - 1
    primitive.store(keys, place, key)


def _insert(records: Any, start: Any, stop: Any, width: Any) -> None:
    for i in range(start + 1, stop):
        moved = _record(records, i, width)
        place = i
        while place > start:
            before = _record(records, place - 1, width)
            if before[0] <= moved[0]:
                break
            _put(records, place, before)
            place = place - 1
        _put(records, place, moved)


def _merge(source: Any, target: Any, start: Any, middle: Any, stop: Any, width: Any) -> None:
    """Two sorted runs of nearly equal length into one, from both ends at once: neither runs out before all is done.

    Which run comes next is no branch: nothing could predict it.
    """
    left, right, left_end, right_end = start, middle, middle - 1, stop - 1
    half = primitive.shr(stop - start, 1)
    for i in range(half):
        a, b = _record(source, left, width), _record(source, right, width)
        takes_right = primitive.lt(b[0], a[0])
        _put(target, primitive.add(start, i), _select(takes_right, b, a))
        step = primitive.cast(takes_right, to=int64)
        left, right = primitive.add(left, primitive.sub(1, step)), primitive.add(right, step)
        a, b = _record(source, left_end, width), _record(source, right_end, width)
        takes_left = primitive.lt(b[0], a[0])
        _put(target, primitive.sub(stop - 1, i), _select(takes_left, a, b))
        step = primitive.cast(takes_left, to=int64)
        left_end, right_end = primitive.sub(left_end, step), primitive.sub(right_end, primitive.sub(1, step))
    if stop - start > 2 * half:
        last = primitive.select(left <= left_end, left, right)
        _put(target, start + half, _record(source, last, width))


def _select(condition: Any, a: Any, b: Any) -> Any:
    if len(a) == 0:
        return ()
    return (primitive.select(condition, a[0], b[0]), *_select(condition, a[1:], b[1:]))


# --- digits


def _sort_by_digits(records: Any, scratch: Any, count: Any, width: Any) -> Any:
    bits = typeof(records).dtype.bits
    places = np.zeros(bits // DIGIT_BITS * _DIGITS, np.int64)
    _count_digits(records, places, count, width, bits)
    for position in range(bits // DIGIT_BITS):
        first = position * _DIGITS
        shift = primitive.cast(position * DIGIT_BITS, to=typeof(records).dtype)
        if not _is_constant(records, places, count, shift, first):
            _sum_counts(places, first)
            for i in range(count):
                record = _record(records, i, width)
                digit = primitive.add(_digit(record[0], shift), first)
                place = primitive.load(places, digit)
                primitive.store(places, digit, primitive.add(place, 1))
                _put(scratch, int(place), record)
            records, scratch = scratch, records
    return records, scratch


def _digit(key: Any, shift: Any) -> Any:
    return primitive.cast(primitive.and_(primitive.shr(key, shift), _DIGITS - 1), to=int64)


def _count_digits(records: Any, counts: Any, count: Any, width: Any, bits: Any) -> None:
    """How often each digit comes at each position, added to `counts`."""
    for i in range(count):
        _count_digits_of(_record(records, i, width)[0], counts, 0, bits // DIGIT_BITS)


def _count_digits_of(key: Any, counts: Any, position: Any, positions: Any) -> None:
    if position < positions:
        place = primitive.add(_digit(key, primitive.cast(position * DIGIT_BITS, to=typeof(key))), position * _DIGITS)
        primitive.store(counts, place, primitive.add(primitive.load(counts, place), 1))
        _count_digits_of(key, counts, position + 1, positions)


def _is_constant(records: Any, counts: Any, count: Any, shift: Any, first: Any) -> Any:
    """Whether all keys have the same digit here: there is nothing to do."""
    place = primitive.add(_digit(primitive.load(records, 0), shift), first)
    return int(primitive.load(counts, place)) == count


def _sum_counts(counts: Any, first: Any) -> None:
    """Each digit's count becomes the place of its first record."""
    place = primitive.cast(0, to=np_int64)
    for i in range(first, first + _DIGITS):
        here = primitive.load(counts, i)
        primitive.store(counts, i, place)
        place = primitive.add(place, here)


