"""Arrays made by subscripts: `np.mgrid[0:3, 0:2]`, `np.ogrid`, `np.r_[1:4, 0, a]` and `np.c_`.

The objects that are subscripted are static; their attributes say what they do. Steps and dtypes are found as NumPy's own functions
find them: a complex step is a number of points, and the end belongs to them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir import types
from ir.types import Type
from tracer.array_steps import assign_items
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_conversion import range_of
from tracer.library.array_creation import as_shape
from tracer.library.array_grids import along
from tracer.library.array_types import array_type, common_type
from tracer.typeof import typeof

_COMPLEX = (complex, np.complexfloating)


def _bounds(part: Any) -> Any:
    """Where a slice begins, where it ends, and its step."""
    return 0 if part.start is None else part.start, part.stop, 1 if part.step is None else part.step


# --- grids


@implements(type(np.mgrid).__getitem__)
def grid(self: Any, key: Any) -> Any:
    """The coordinates of the points of a grid: an array with a grid for each axis; open ones with an array for each (`np.ogrid`).

    A single slice gives a line. ValueError for negative lengths where there are several axes.
    """
    if not isinstance(key, tuple):
        _check_slices((key,))
        return _line(*_bounds(key))
    _check_slices(key)
    bounds = tuple(_bounds(part) for part in key)
    kind = common_type(types.int64, *_types(bounds))
    sizes = tuple(_size(*b) for b in bounds)
    if self.sparse:
        return tuple(along(_scaled(np.arange(sizes[i], dtype=kind), *bounds[i]), i, len(key)) for i in range_of(len(key)))
    lengths = as_shape(sizes)
    made = primitive.alloc(len(key), *lengths, to=array_type(kind, len(key) + 1), zero=False)
    for i in range_of(len(key)):
        assign_items(made[i], lambda x: x, along(_scaled(np.arange(lengths[i], dtype=kind), *bounds[i]), i, len(key)))
    return made


def _check_slices(key: Any) -> None:
    if len(key) > 0:
        if not isinstance(key[0], slice):
            reject("np.mgrid and np.ogrid take slices, as in np.mgrid[0:3, 0:2]")
        if key[0].stop is None:
            reject("a slice of np.mgrid and np.ogrid needs an end")
        _check_slices(key[1:])


def _types(bounds: Any) -> Any:
    """The types of all numbers. A complex step counts as its absolute value."""
    if len(bounds) == 0:
        return ()
    start, stop, step = bounds[0]
    return (typeof(start), typeof(stop), typeof(_real_step(step)), *_types(bounds[1:]))


def _real_step(step: Any) -> Any:
    return abs(step) if isinstance(step, _COMPLEX) else step


def _size(start: Any, stop: Any, step: Any) -> Any:
    return int(abs(step)) if isinstance(step, _COMPLEX) else math.ceil((stop - start) / step)


def _scaled(numbers: Any, start: Any, stop: Any, step: Any) -> Any:
    """The numbers 0, 1, 2... as places on a line."""
    return numbers * _distance(start, stop, step) + start


def _distance(start: Any, stop: Any, step: Any) -> Any:
    """Between neighbours. A number of points other than 1 divides the line."""
    if not isinstance(step, _COMPLEX):
        return step
    count = int(abs(step))
    return (stop - start) / float(count - 1) if count != 1 else 1.0


def _line(start: Any, stop: Any, step: Any) -> Any:
    if not isinstance(step, _COMPLEX):
        return np.arange(start, stop, step)
    kind = common_type(typeof(start), typeof(stop), typeof(abs(step)))
    return _scaled(np.arange(0, int(abs(step)), 1, dtype=kind), start, stop, step)


# --- items joined


@implements(type(np.r_).__getitem__)
def joined(self: Any, key: Any) -> Any:
    """Numbers, arrays and slices joined along an axis: the first one (`np.r_`), or as columns (`np.c_`).

    A text before them, "axis,ndmin,trans1d", says along which axis, how many axes all have at least, and where the axes of arrays
    with fewer of them begin.
    """
    given = key if isinstance(key, tuple) else (key,)
    axis, ndmin, trans1d, first = _directives(self, _texts(given))
    items = tuple(_item(item, ndmin, trans1d) for item in given[first:])
    kind = common_type(*(typeof(item) for item in items)) if len(items) > 0 else None
    return np.concatenate(tuple(np.array(item, dtype=kind, copy=None, ndmin=ndmin) for item in items), axis=axis)


def _texts(given: Any) -> Any:
    """The texts among the items, None for others: all that a static function may be given."""
    return tuple(item if isinstance(item, str) else None for item in given)


@static_function
def _directives(maker: Any, texts: tuple[str | None, ...]) -> tuple[int, int, int, int]:
    """The axis, the least number of axes, the place of the axes of arrays with fewer, and how many of the items say so."""
    given = (maker.axis, maker.ndmin, maker.trans1d)
    if any(text is not None for text in texts[1:]):
        raise ValueError("special directives must be the first entry.")
    if not texts or texts[0] is None:
        return (*given, 0)
    numbers = texts[0].split(",")
    if numbers[0] in ("r", "c"):
        raise TypeError("matrices are not supported in compiled code")
    try:
        found = tuple(map(int, numbers[:3]))
    except ValueError:
        raise ValueError(f"unknown special directive {texts[0]!r}") from None
    return (*found, *given[len(found) :], 1)


def _item(item: Any, ndmin: Any, trans1d: Any) -> Any:
    """A number as it is, all else as an array whose axes have found their places."""
    if isinstance(item, slice):
        made = np.array(_points(*_bounds(item)), copy=None, ndmin=ndmin)
        return made.swapaxes(-1, trans1d) if ndmin > 1 and trans1d != -1 else made
    if _is_number(typeof(item)):
        return item
    made = np.array(item, copy=None, ndmin=ndmin)
    found = np.ndim(item)
    return made if trans1d == -1 or found >= ndmin else made.transpose(_axes(found, ndmin, trans1d))


@static_function
def _is_number(type: Type) -> bool:
    return isinstance(type, types.Scalar)


def _points(start: Any, stop: Any, step: Any) -> Any:
    return np.linspace(start, stop, num=int(abs(step))) if isinstance(step, _COMPLEX) else np.arange(start, stop, step)


@static_function
def _axes(ndim: int, ndmin: int, trans1d: int) -> tuple[int, ...]:
    """The axes of an array in their new order: its own ones begin at `trans1d`, among the new ones of length 1."""
    new = ndmin - ndim
    first = trans1d + new + 1 if trans1d < 0 else trans1d
    axes = tuple(range(ndmin))
    return axes[:first] + axes[new:] + axes[first:new]
