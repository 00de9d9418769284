"""Arrays stretched to a shape: views whose strides are 0 along the axes that are stretched."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.array_steps import view_of
from tracer.extending import implements, known, primitive
from tracer.library.array_creation import as_lengths, as_shape
from tracer.library.array_shapes import shape_text


@implements(np.broadcast_to)
def broadcast_to(array: Any, shape: Any, subok: Any = False) -> Any:
    """The array stretched to a shape: a view that cannot be written. ValueError where it does not fit."""
    a = np.asarray(array)
    wanted = as_lengths(shape)
    for length in wanted:
        if length < 0:
            raise ValueError("all elements of broadcast shape must be non-negative")
    if len(wanted) == 0 and a.ndim > 0:
        raise ValueError("cannot broadcast a non-scalar to a scalar array")
    if len(wanted) < a.ndim:
        raise ValueError("input operand has more dimensions than allowed by the axis remapping")
    if not fits(a.shape, wanted[len(wanted) - a.ndim :]):
        raise ValueError(
            "operands could not be broadcast together with remapped shapes [original->remapped]: "
            f"{shape_text(a.shape)}  and requested shape {shape_text(wanted)}"
        )
    return _stretched(a, wanted, True)


def fits(lengths: Any, wanted: Any) -> Any:
    """Whether an array of this shape can be stretched to another one with as many axes."""
    if len(lengths) == 0:
        return True
    return (lengths[0] == wanted[0] or lengths[0] == 1) and fits(lengths[1:], wanted[1:])


def _stretched(a: Any, wanted: Any, readonly: Any) -> Any:
    if len(wanted) == 0:
        return view_of(a, 0, (), layout="C", readonly=readonly)
    new = (0,) * (len(wanted) - a.ndim)
    return view_of(a, 0, wanted, (*new, *_steps(a.shape, a.strides)), readonly=readonly)


def _steps(shape: Any, strides: Any) -> Any:
    """The strides, with 0 for axes of length 1."""
    if len(shape) == 0:
        return ()
    if known(shape[0]) is not None:
        here = 0 if shape[0] == 1 else strides[0]
    else:
        here = primitive.select(shape[0] == 1, 0, strides[0])
    return (here, *_steps(shape[1:], strides[1:]))


@implements(np.broadcast_shapes)
def broadcast_shapes(*shapes: Any) -> Any:
    """The shape that shapes are stretched to together. ValueError where they do not fit."""
    return _joined(tuple(as_shape(shape) for shape in shapes))


def _joined(shapes: Any) -> Any:
    ndim = 0
    for shape in shapes:
        ndim = max(ndim, len(shape))
    return _join_from(shapes, 0, (1,) * ndim, (-1,) * ndim)


def _join_from(shapes: Any, number: Any, lengths: Any, origins: Any) -> Any:
    """The shapes from `number` on joined to the lengths found so far; `origins` says which shape each of these is from."""
    if number == len(shapes):
        return lengths
    shape = shapes[number]
    skipped = len(lengths) - len(shape)
    joined, sources = _join_two(shape, lengths[skipped:], origins[skipped:], shapes, number)
    return _join_from(shapes, number + 1, (*lengths[:skipped], *joined), (*origins[:skipped], *sources))


def _join_two(shape: Any, lengths: Any, origins: Any, shapes: Any, number: Any) -> Any:
    if len(shape) == 0:
        return (), ()
    rest, sources = _join_two(shape[1:], lengths[1:], origins[1:], shapes, number)
    if known(lengths[0]) is not None and lengths[0] == 1:
        return (shape[0], *rest), (number, *sources)
    if shape[0] != lengths[0] and shape[0] != 1 and lengths[0] != 1:
        _refuse(shapes, origins[0], number)
    if known(shape[0]) is not None and shape[0] == 1:
        return (lengths[0], *rest), (origins[0], *sources)
    replaced = lengths[0] == 1
    return (primitive.select(replaced, shape[0], lengths[0]), *rest), (primitive.select(replaced, number, origins[0]), *sources)


def _refuse(shapes: Any, first: Any, second: Any) -> None:
    for i, shape in enumerate(shapes):
        if i == first:
            raise ValueError(
                "shape mismatch: objects cannot be broadcast to a single shape.  "
                f"Mismatch is between arg {first} with shape {shape} and arg {second} with shape {shapes[second]}."
            )


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: Any = False) -> Any:
    """The arrays stretched to one shape: views. ValueError where they do not fit."""
    arrays = tuple(np.asarray(a) for a in args)
    shape = _joined(tuple(a.shape for a in arrays))
    return tuple(_stretched(a, shape, False) for a in arrays)


