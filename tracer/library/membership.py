"""`item in container` for arrays and ranges."""

from __future__ import annotations

from typing import Any

from ir.types import Array
from tracer.extending import out_of_line
from tracer.typeof import typeof


@out_of_line
def array_contains(container: Any, item: Any) -> bool:
    """Whether any item of an array, of any number of dimensions, equals `item`."""
    for part in container:
        if isinstance(typeof(part), Array):
            if array_contains(part, item):
                return True
        elif part == item:
            return True
    return False


def range_contains(start: int, stop: int, step: int, item: Any) -> bool:
    """Whether a number equals one of a range's. `step` is not 0."""
    if step > 0:
        inside = start <= item and item < stop
    else:
        inside = stop < item and item <= start
    return inside and (item - start) % step == 0
