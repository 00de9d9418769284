"""The items at a place of an array in order, found without sorting it.

Items are counted by the leading digits of their keys, and only those with the digits in question are kept for the next round
(radix selection, the counterpart of Knuth, TAOCP 3, 5.2.5): each round is linear, and there are at most 7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import int64
from tracer.array_steps import fold_items, generate
from tracer.extending import out_of_line, primitive
from tracer.library.array_types import item_type
from tracer.library.sort_keys import from_key, key_type, to_key
from tracer.typeof import typeof

_DIGIT_BITS = 10
_FEW = 48


@out_of_line
def adjacent_items(line: Any, place: Any) -> Any:
    """The items that sorting a line of numbers would put at a place and at the next one (the same at the last); NaN last."""
    item = item_type(typeof(line))
    keys = generate((line.size,), to_key, line, indexed=False)
    to = key_type(item)
    smallest = fold_items(primitive.min_, primitive.cast(to.maximum, to=to), keys)
    largest = fold_items(primitive.max_, primitive.cast(0, to=to), keys)
    found = _select(keys.copy(), place, smallest, largest)
    # The next one is equal, or the least of those above.
    at_most = fold_items(lambda s, x: primitive.add(s, primitive.cast(primitive.le(x, found), to=typeof(s))), np.int64(0), keys)
    above = fold_items(lambda s, x: primitive.min_(s, primitive.select(primitive.gt(x, found), x, largest)), largest, keys)
    following = found if at_most > place + 1 else above
    return from_key(found, item), from_key(following, item)


def _select(keys: Any, place: Any, low: Any, high: Any) -> Any:
    """The key at a place in the order of keys between `low` and `high`. The array is used up."""
    count = keys.size
    counts = np.empty(1 << _DIGIT_BITS, np.int64)
    while count > _FEW and low < high:
        shift = _shift_of(primitive.sub(high, low))
        bucket, before = _bucket_of(keys, count, place, low, shift, counts)
        place = place - before
        kept = 0
        for i in range(count):
            key = primitive.load(keys, i)
            primitive.store(keys, kept, key)
            digit = primitive.cast(primitive.shr(primitive.sub(key, low), shift), to=int64)
            kept = kept + primitive.select(primitive.eq(digit, bucket), 1, 0)
        count = kept
        low = primitive.add(low, primitive.shl(primitive.cast(bucket, to=typeof(low)), shift))
        width = primitive.sub(primitive.shl(primitive.cast(1, to=typeof(low)), shift), 1)
        high = primitive.add(low, primitive.min_(width, primitive.sub(high, low)))
    if low >= high:
        return low
    return _select_by_insertion(keys, count, place)


def _shift_of(width: Any) -> Any:
    """How many bits are left behind the leading digit of numbers up to `width`."""
    shift = primitive.cast(0, to=typeof(width))
    while primitive.ne(primitive.shr(width, shift) >> _DIGIT_BITS, 0):
        shift = primitive.add(shift, 1)
    return shift


def _bucket_of(keys: Any, count: Any, place: Any, low: Any, shift: Any, counts: Any) -> Any:
    """The leading digit of the key at the place, and how many keys have smaller ones."""
    counts[...] = 0
    for i in range(count):
        digit = primitive.cast(primitive.shr(primitive.sub(primitive.load(keys, i), low), shift), to=int64)
        primitive.store(counts, digit, primitive.add(primitive.load(counts, digit), 1))
    bucket, before = 0, 0
    while before + int(primitive.load(counts, bucket)) <= place:
        before = before + int(primitive.load(counts, bucket))
        bucket = bucket + 1
    return bucket, before


def _select_by_insertion(keys: Any, count: Any, place: Any) -> Any:
    for i in range(1, count):
        key = primitive.load(keys, i)
        j = i
        while j > 0 and primitive.gt(primitive.load(keys, j - 1), key):
            primitive.store(keys, j, primitive.load(keys, j - 1))
            j = j - 1
        primitive.store(keys, j, key)
    return primitive.load(keys, place)
