"""The truth of arrays."""

from __future__ import annotations

from typing import Any

from tracer.extending import primitive

_EMPTY = "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty."
_MANY = "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"


def single_item(a: Any) -> Any:
    """The only item of an array; ValueError where there are more or none."""
    if a.size == 0:
        raise ValueError(_EMPTY)
    if a.size > 1:
        raise ValueError(_MANY)
    return primitive.load(a, *_zeros(a.ndim))


def _zeros(count: Any) -> Any:
    return () if count == 0 else (0, *_zeros(count - 1))
