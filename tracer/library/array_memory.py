"""Whether two arrays lie in the same memory: `may_share_memory`, `shares_memory`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir.types import uint8
from tracer.array_steps import view_of
from tracer.extending import implements, known, primitive, reject
from tracer.library.flat_items import positions


@implements(np.may_share_memory)
def may_share_memory(a: Any, b: Any, /, max_work: Any = 0) -> Any:
    """Whether the stretches of memory overlap that two arrays lie in."""
    if known(max_work) != 0:
        reject("np.may_share_memory compares the bounds of arrays", "call np.shares_memory")
    a, b = np.asarray(a), np.asarray(b)
    return a.size > 0 and b.size > 0 and _meet(_stretch(a), _stretch(b))


@implements(np.shares_memory)
def shares_memory(a: Any, b: Any, /, max_work: Any = -1) -> Any:
    """Whether a byte belongs to an item of both arrays. Takes time and memory for each byte of the stretch that they share."""
    a, b = np.asarray(a), np.asarray(b)
    if a.size == 0 or b.size == 0:
        return False
    first, second = _stretch(a), _stretch(b)
    if not _meet(first, second):
        return False
    if _meet(first, second[:1]):
        return _have_common_bytes(a, b, _distance(first, second[:1]))
    return _have_common_bytes(b, a, _distance(second, first[:1]))


def _below(shape: Any, strides: Any) -> Any:
    """How many bytes before its first item the memory of an array begins."""
    return 0 if len(shape) == 0 else max(0, -strides[0] * (shape[0] - 1)) + _below(shape[1:], strides[1:])


def _above(shape: Any, strides: Any) -> Any:
    return 0 if len(shape) == 0 else max(0, strides[0] * (shape[0] - 1)) + _above(shape[1:], strides[1:])


def _stretch(a: Any) -> Any:
    """The bytes from the first one to the last one that belongs to an item."""
    before = _below(a.shape, a.strides)
    return view_of(a, -before, (before + _above(a.shape, a.strides) + a.itemsize,), dtype=uint8, layout="C")


def _meet(first: Any, second: Any) -> Any:
    """Whether two stretches of bytes have one in common. With another number of axes they are no equal arrays, which do not count."""
    return primitive.overlaps(first, view_of(second, 0, (1, len(second)), layout="C"))


def _distance(stretch: Any, byte: Any) -> Any:
    """How many bytes of a stretch are before one of its bytes: by halving."""
    low, high = 0, len(stretch)
    while high - low > 1:
        middle = (low + high) // 2
        if _meet(view_of(stretch, low, (middle - low,), layout="C"), byte):
            high = middle
        else:
            low = middle
    return low


def _have_common_bytes(a: Any, b: Any, distance: Any) -> Any:
    """Whether a byte belongs to an item of both, of which `b` begins so many bytes behind the beginning of `a`, and before its end."""
    if a.flags.forc:
        return True
    first, second = _below(a.shape, a.strides) - distance, _below(b.shape, b.strides)
    period = math.gcd(_period(a.shape, a.strides), _period(b.shape, b.strides))
    if period > 0:
        shift = (second - first) % period
        if shift >= a.itemsize and period - shift >= b.itemsize:
            return False  # as with two columns of a matrix
    marks = np.zeros(second + _above(b.shape, b.strides) + b.itemsize, np.bool_)
    for k in range(a.size):
        start = first + _offset(a.strides, positions(a.shape, k))
        for byte in range(max(start, 0), min(start + a.itemsize, len(marks))):
            primitive.store(marks, byte, np.bool_(True))
    for k in range(b.size):
        start = second + _offset(b.strides, positions(b.shape, k))
        for byte in range(start, start + b.itemsize):
            if primitive.load(marks, byte):
                return True
    return False


def _period(shape: Any, strides: Any) -> Any:
    """A number of bytes of which all distances between items are multiples."""
    if len(shape) == 0:
        return 0
    return math.gcd(strides[0] if shape[0] > 1 else 0, _period(shape[1:], strides[1:]))


def _offset(strides: Any, index: Any) -> Any:
    return 0 if len(index) == 0 else strides[0] * index[0] + _offset(strides[1:], index[1:])
