"""Arrays cut into parts, which are views. What is a list of arrays in NumPy is a tuple here: its length must be known."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array
from tracer.extending import implements, known, primitive, reject
from tracer.library.array_conversion import range_of
from tracer.library.array_rearranging import part_along
from tracer.library.array_types import normalize_axis
from tracer.library.slices import slice_extent
from tracer.typeof import typeof


@implements(np.split)
def split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """Parts of equal length, or the parts between indices. ValueError where the length cannot be divided."""
    ary = np.asarray(ary)
    if not isinstance(indices_or_sections, tuple):
        _count(indices_or_sections)
        if ary.shape[normalize_axis(axis, ary.ndim)] % indices_or_sections != 0:
            raise ValueError("array split does not result in an equal division")
    return array_split(ary, indices_or_sections, axis)


@implements(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
    """Parts of nearly equal length (longer ones first), or the parts between indices."""
    ary = np.asarray(ary)
    at = normalize_axis(axis, ary.ndim)
    if isinstance(indices_or_sections, tuple):
        return _split_at(ary, (0, *tuple(operator.index(i) for i in indices_or_sections), None), at)
    count = _count(indices_or_sections)
    if count <= 0:
        raise ValueError("number sections must be larger than 0.")
    length = ary.shape[at]
    each, extra = length // count, length % count
    return tuple(_section(ary, at, i, each, extra) for i in range_of(count))


def _count(sections: Any) -> Any:
    if isinstance(typeof(sections), Array):
        reject("the number of parts is not known, so neither is the type of the result", "give the indices as a tuple")
    if known(sections) is None:
        reject("the number of parts is not known, so neither is the type of the result", "slice the array in a loop")
    return int(sections)


def _section(a: Any, axis: Any, i: Any, each: Any, extra: Any) -> Any:
    first = primitive.add(primitive.mul(i, each), primitive.min_(i, extra))
    return part_along(a, axis, first, primitive.add(each, int(extra > i)))


def _split_at(a: Any, bounds: Any, axis: Any) -> Any:
    """The part between each two bounds, as slices have them."""
    if len(bounds) < 2:
        return ()
    first, count = slice_extent(bounds[0], bounds[1], 1, a.shape[axis])
    return (part_along(a, axis, first, count), *_split_at(a, bounds[1:], axis))


@implements(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """`split` along the second axis, or the only one."""
    if ary.ndim == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """`split` along the first axis of at least two."""
    if ary.ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


@implements(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """`split` along the third axis."""
    if ary.ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


@implements(*([np.unstack] if hasattr(np, "unstack") else []))  # since NumPy 2.1
def unstack(x: Any, /, *, axis: Any = 0) -> Any:
    """The parts of an array along an axis whose length is known."""
    if x.ndim == 0:
        raise ValueError("Input array must be at least 1-d.")
    moved = np.moveaxis(x, axis, 0)
    if known(moved.shape[0]) is None:
        reject("the number of parts is not known, so neither is the type of the result", "loop over the array")
    return tuple(moved[i] for i in range_of(moved.shape[0]))
