"""Where a slice whose step is known at run time only begins, and how many items it has."""

from __future__ import annotations

from typing import Any

from tracer.extending import implements, primitive

_SMALLEST_STEP = -(2**63) + 1


def slice_extent(start: Any, stop: Any, step: Any, length: Any) -> tuple[Any, Any]:
    """The first index and the number of items of `start:stop:step` on an axis, as `slice.indices` has them.

    Bounds may be None. A step of 0 raises ValueError.
    """
    if step == 0:
        raise ValueError("slice step cannot be zero")
    forward = step > 0
    low, high = primitive.select(forward, 0, -1), primitive.select(forward, length, primitive.sub(length, 1))
    first = primitive.select(forward, 0, high) if start is None else _clamp(start, length, low, high)
    last = primitive.select(forward, high, -1) if stop is None else _clamp(stop, length, low, high)
    distance = primitive.select(forward, primitive.sub(last, first), primitive.sub(first, last))
    size = primitive.select(forward, step, primitive.neg(primitive.max_(step, _SMALLEST_STEP)))
    count = primitive.add(primitive.floordiv(primitive.sub(primitive.max_(distance, 0), 1), size), 1)
    return first, count


@implements(slice.indices)
def indices(self: Any, length: Any) -> tuple[Any, Any, Any]:
    """The first index, the one behind the last, and the step, of a slice of a sequence of this length."""
    if length < 0:
        raise ValueError("length should not be negative")
    step = 1 if self.step is None else int(self.step)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    forward = step > 0
    low, high = primitive.select(forward, 0, -1), primitive.select(forward, length, primitive.sub(length, 1))
    start = primitive.select(forward, low, high) if self.start is None else _clamp(int(self.start), length, low, high)
    stop = primitive.select(forward, high, low) if self.stop is None else _clamp(int(self.stop), length, low, high)
    return start, stop, step


def _clamp(index: Any, length: Any, low: Any, high: Any) -> Any:
    """A bound counted from the end if it is negative, and moved into low..high."""
    counted = primitive.select(index < 0, primitive.add(index, length), index)
    return primitive.min_(primitive.max_(counted, low), high)
