"""What the library's functions on arrays are made of: maps, folds, writes and views over whole index spaces.

Functions passed to these are traced once, for one point. What they use of their surroundings is passed along, arrays too.
Called without tracing they do the same with NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ir.types import Scalar, Type, dtype_of
from tracer.typeof import typeof


def map_items(function: Callable[..., Any], *operands: Any) -> np.ndarray:
    """A new array of `function(item, ...)`, the operands stretched to one shape as NumPy broadcasts. The chain of such
    maps is fused into one loop."""
    return np.asarray(np.vectorize(function)(*operands))


def generate(
    shape: tuple[int, ...], function: Callable[..., Any], *operands: Any, layout: str = "C", indexed: bool = True
) -> np.ndarray:  # fmt: skip
    """A new array of this shape of `function(index, ..., item, ...)`: an index for each axis, then an item of each operand.
    Without `indexed` the function gets the items only.

    The lengths must not be negative, and the operands must fit into the shape.
    """
    indices = np.indices(shape)
    made = [function(*(int(i) for i in at if indexed), *items) for at, items in _points(shape, indices, operands)]
    return np.asarray(made).reshape(shape).copy(layout)


def _points(shape: tuple[int, ...], indices: np.ndarray, operands: tuple[Any, ...]) -> Any:
    stretched = [np.broadcast_to(x, shape) for x in operands]
    for at in np.ndindex(*shape):
        yield indices[(slice(None), *at)], [x[at] for x in stretched]


def fold_items(
    function: Callable[..., Any], initial: Any, *operands: Any, axes: tuple[int, ...] | None = None, compensated: bool = False,
    layout: str | None = None, indexed: bool = False,
) -> Any:  # fmt: skip
    """The items of the operands folded along `axes` (None: all of them): `state = function(state, item, ...)`.
    With `indexed` the function gets the index on each axis before the items.

    The type of the state is that of `initial`. The operation must be associative and commutative up to rounding, with
    `initial` neutral: items are taken in any order, and in parts. `compensated`: the states are sums of floats, and are
    added up with their rounding errors. An array of states has the layout "C" or "F"; None: that of the operands.
    """
    stretched = np.broadcast_arrays(*operands)
    shape = stretched[0].shape
    folded = tuple(range(len(shape))) if axes is None else axes
    kept = [axis for axis in range(len(shape)) if axis not in folded]
    state = np.full([shape[axis] for axis in kept], initial, order=layout or "C")
    for at in np.ndindex(*shape):
        place = tuple(at[axis] for axis in kept)
        state[place] = function(state[place], *(at if indexed else ()), *(x[at] for x in stretched))
    return state if kept else state[()]


def assign_items(target: np.ndarray, function: Callable[..., Any], *operands: Any) -> None:
    """Write `function(item, ...)` into an array, as if all were computed before the first is written."""
    target[...] = np.vectorize(function)(*operands)


def in_any_order(numbers: range) -> range:
    """The same numbers, for a loop of which no round loads or stores what another one stores, nor needs anything else of it.

    Such a loop is made of vectors, as those over whole arrays are.
    """
    return numbers


def few(numbers: range) -> range:
    """The same numbers, for a loop of so few rounds that vectors would not pay."""
    return numbers


def view_of(
    array: np.ndarray, offset: int, shape: tuple[int, ...], strides: tuple[int, ...] | None = None, dtype: Any = None,
    layout: str = "A", readonly: bool = False,
) -> np.ndarray:  # fmt: skip
    """A view with this offset and these strides, in bytes. The caller makes sure that its items lie in the array's memory.

    `layout` "C" or "F" promises that the strides are those that the shape gives in this order; they need not be given then.
    `readonly` makes a view that cannot be written, also of an array that can.
    """
    described = dict(array.__array_interface__)
    address, locked = described["data"]
    kind = dtype_of(dtype) if isinstance(dtype, Type) else np.dtype(array.dtype if dtype is None else dtype)
    if strides is None:
        strides = np.empty(shape, kind, order=layout).strides
    described |= {"data": (address + offset, locked or readonly), "shape": shape, "strides": strides, "typestr": kind.str}
    return np.asarray(_Memory(array, described))


class _Memory:
    """Part of an array's memory, for NumPy's array interface; it keeps the owner alive."""

    def __init__(self, owner: Any, interface: dict[str, Any]) -> None:
        self.owner = owner
        self.__array_interface__ = interface


def broadcast_lengths(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that the shapes are stretched to together; ValueError where they do not fit."""
    return np.broadcast_shapes(*shapes)


def type_of_items(iterable: Any) -> Type:
    """The type of the items of something that a loop runs over."""
    return typeof(next(iter(iterable)))


def is_transpose(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether one array is known while tracing to be the other one transposed."""
    return a.ndim == 2 and a.__array_interface__ == b.T.__array_interface__


def cast_item(item: Any, to: Scalar) -> Any:
    """A number in the type of an array's items, converted as `astype` does: without checks."""
    return np.asarray(item).astype(dtype_of(to))[()]
