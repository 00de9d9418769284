"""Arrays of coordinates, and arrays that a function of them makes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.array_steps import assign_items, cast_item, generate
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_conversion import range_of
from tracer.library.array_creation import as_shape
from tracer.library.array_types import array_type, item_type


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy") -> Any:
    """The coordinates of all points of a grid: an array of the grid's shape for each axis, or with axes of length 1 if `sparse`.

    With the indexing "xy" the first two axes change places.
    """
    _check_indexing(indexing)
    if not copy and not sparse:
        reject("np.meshgrid makes new arrays in compiled code", "leave out copy=False")
    lines = tuple(np.ravel(x) for x in xi)
    order = _grid_axes(len(xi), indexing)
    if sparse:
        views = tuple(along(lines[i], order[i], len(xi)) for i in range_of(len(xi)))
        return tuple(np.array(v, order="C") for v in views) if copy else views
    shape = tuple(len(lines[order[axis]]) for axis in range_of(len(xi)))
    return tuple(_spread(along(lines[i], order[i], len(xi)), shape) for i in range_of(len(xi)))


@static_function
def _check_indexing(indexing: str) -> None:
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")


@static_function
def _grid_axes(count: int, indexing: str) -> tuple[int, ...]:
    """The axis of the grid for each of the coordinates. (It is its own inverse.)"""
    axes = list(range(count))
    if indexing == "xy" and count > 1:
        axes[:2] = 1, 0
    return tuple(axes)


def along(line: Any, axis: Any, ndim: Any) -> Any:
    """The view of an array of one axis as one of `ndim` axes, all others of length 1."""
    return line[_line_index(axis, ndim)]


@static_function
def _line_index(axis: int, ndim: int) -> tuple[Any, ...]:
    return tuple(slice(None) if i == axis else None for i in range(ndim))


def _spread(a: Any, shape: Any) -> Any:
    return generate(shape, lambda x: x, a, indexed=False)


@implements(np.indices)
def indices(dimensions: Any, dtype: Any = int, sparse: Any = False) -> Any:
    """The indices of all points of a grid: an array with a grid for each axis, or a tuple of arrays if `sparse`."""
    lengths = as_shape(dimensions)
    kind = item_type(dtype)
    lines = tuple(generate((length,), lambda i: cast_item(i, kind)) for length in lengths)
    views = tuple(along(lines[i], i, len(lengths)) for i in range_of(len(lengths)))
    if sparse:
        return views
    made = primitive.alloc(len(lengths), *lengths, to=array_type(kind, len(lengths) + 1), zero=False)
    for i in range_of(len(lengths)):
        assign_items(made[i], lambda x: x, views[i])
    return made


@implements(np.fromfunction)
def fromfunction(function: Any, shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    """What a function makes of the arrays of indices of a grid."""
    lengths = as_shape(shape)
    kind = item_type(dtype)
    grids = tuple(_grid(lengths, i, kind) for i in range_of(len(lengths)))
    return function(*grids, **kwargs)


def _grid(lengths: Any, axis: Any, kind: Any) -> Any:
    return generate(lengths, lambda *index: cast_item(index[axis], kind))


@implements(np.ix_)
def ix_(*args: Any) -> Any:
    """Arrays of indices, or masks, that together name each point of a grid."""
    lines = tuple(_open_line(x) for x in args)
    return tuple(along(lines[i], i, len(args)) for i in range_of(len(args)))


def _open_line(x: Any) -> Any:
    line = np.asarray(x)
    if line.ndim != 1:
        raise ValueError("Cross index must be 1 dimensional")
    return np.flatnonzero(line) if line.dtype == np.bool_ else line
