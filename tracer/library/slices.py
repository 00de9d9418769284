"""Where a slice begins and how many items it has."""

from __future__ import annotations

from typing import Any

from tracer.extending import primitive


def slice_extent(start: Any, stop: Any, step: Any, length: Any) -> tuple[Any, Any]:
    """The first index and the number of items of `start:stop:step` on an axis, as `slice.indices` has them.

    `step` may be known to be None or a number of either sign; 0 raises ValueError.
    """
    if step is None or step == 1:
        return _forward(start, stop, 1, length)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if step > 0:
        return _forward(start, stop, step, length)
    return _backward(start, stop, step, length)


def _forward(start: Any, stop: Any, step: Any, length: Any) -> tuple[Any, Any]:
    first = 0 if start is None else _clamp(start, length)
    last = length if stop is None else _clamp(stop, length)
    if start is None or (isinstance(start, int) and start == 0):
        distance = last
    else:
        distance = primitive.max_(primitive.sub(last, first), 0)
    return first, distance if step == 1 else primitive.floordiv(primitive.add(distance, step - 1), step)


def _backward(start: Any, stop: Any, step: Any, length: Any) -> tuple[Any, Any]:
    first = primitive.sub(length, 1) if start is None else _clamp_below(start, length)
    last = -1 if stop is None else _clamp_below(stop, length)
    size = primitive.neg(step)
    distance = primitive.max_(primitive.sub(first, last), 0)
    return first, primitive.floordiv(primitive.add(distance, primitive.sub(size, 1)), size)


def _clamp(index: Any, length: Any) -> Any:
    """A bound of a forward slice: counted from the end if negative, and moved into 0..length."""
    if index < 0:
        return primitive.max_(primitive.add(index, length), 0)
    return primitive.min_(index, length)


def _clamp_below(index: Any, length: Any) -> Any:
    """A bound of a backward slice: moved into -1..length-1."""
    if index < 0:
        return primitive.max_(primitive.add(index, length), -1)
    return primitive.min_(index, primitive.sub(length, 1))
