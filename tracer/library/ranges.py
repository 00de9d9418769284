"""The length of a `range`."""

from __future__ import annotations

from typing import Any

from ir import types
from tracer.extending import primitive


def range_length(start: Any, stop: Any, step: Any) -> Any:
    """`len(range(start, stop, step))`; ValueError for step 0.

    The distance is computed in unsigned arithmetic, where it cannot overflow.
    """
    if step == 0:
        raise ValueError("range() arg 3 must not be zero")
    if step > 0:
        if start >= stop:
            return 0
        return _steps(primitive.sub(stop, start), step)
    if start <= stop:
        return 0
    return _steps(primitive.sub(start, stop), primitive.neg(step))


def _steps(distance: Any, step: Any) -> Any:
    """How many steps cover a positive distance, rounded up; both are the bits of an unsigned number."""
    below = primitive.sub(primitive.cast(distance, to=types.uint64), primitive.cast(1, to=types.uint64))
    return primitive.add(primitive.cast(primitive.floordiv(below, primitive.cast(step, to=types.uint64)), to=types.int64), 1)
