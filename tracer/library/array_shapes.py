"""The same items in another shape: views of the array's memory wherever its layout is known to allow it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Type
from tracer.array_steps import view_of
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_conversion import copy_items
from tracer.library.array_types import normalize_axis, reduced_axes
from tracer.library.memory_order import in_memory_order, is_any_order
from tracer.typeof import typeof

_NO_COPY = "Unable to avoid creating a copy while reshaping."

# --- reshape


@implements(np.reshape)
def reshape(a: Any, shape: Any, order: Any = "C", *, copy: Any = None) -> Any:
    """The items in the order "C" or "F", in another shape; one length may be -1.

    It is a view where the layout in the array's type allows it for every shape, else a copy. ValueError where the sizes differ.
    """
    a = np.asarray(a)
    wanted = shape if isinstance(shape, tuple) else (shape,)
    if copy is not None and copy:
        return _reshape(np.copy(a), wanted, order)
    if copy is not None and _reshape_copies(typeof(a), order):
        raise ValueError(_NO_COPY)
    return _reshape(a, wanted, order)


@implements(np.ndarray.reshape)
def reshape_method(a: Any, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
    """`a.reshape(2, 3)` and `a.reshape((2, 3))`."""
    if len(shape) == 1 and isinstance(shape[0], tuple):
        return reshape(a, shape[0], order, copy=copy)
    return reshape(a, shape, order, copy=copy)


def _reshape(a: Any, wanted: Any, order: Any) -> Any:
    return _in_order(a, resolved_shape(wanted, a.size), order)


def _in_order(a: Any, lengths: Any, order: Any) -> Any:
    if _reads_backwards(order, typeof(a)):
        return _reshape_c(a.T, _reversed(lengths)).T
    return _reshape_c(a, lengths)


def _reshape_c(a: Any, lengths: Any) -> Any:
    if _is_dense(typeof(a)):
        return view_of(a, 0, lengths, layout="C")
    if a.ndim == 1:
        return view_of(a, 0, lengths, _line_strides(lengths, a.strides[0]))
    return view_of(copy_items(a, "C"), 0, lengths, layout="C")


def _line_strides(lengths: Any, stride: Any) -> Any:
    """The strides in C order where neighbours are so many bytes apart."""
    if len(lengths) == 0:
        return ()
    inner = _line_strides(lengths[1:], stride)
    if len(inner) == 0:
        return (stride,)
    return (primitive.mul(inner[0], lengths[1]), *inner)


@static_function
def _is_dense(type: Array) -> bool:
    """Whether the items of an array of this type follow each other in C order."""
    return type.ndim == 0 or type.layout == "C" or (type.ndim == 1 and type.layout == "F")


@static_function
def _reads_backwards(order: str, type: Array) -> bool:
    """Whether the items are taken with the first index running fastest."""
    if order not in ("C", "F", "A", "K"):
        raise ValueError(f"order must be one of 'C', 'F', 'A', or 'K' (got '{order}')")
    return type.ndim > 0 and (order == "F" or (order in ("A", "K") and type.layout == "F" and type.ndim > 1))


@static_function
def _reshape_copies(type: Array, order: str) -> bool:
    if type.ndim < 2:
        return False
    backwards = order == "F" or (order == "A" and type.layout == "F")
    return type.layout != ("F" if backwards else "C")


def resolved_shape(wanted: Any, size: Any) -> Any:
    """The lengths that are asked for, with the one that is -1 filled in.

    Raises ValueError where the size is another, or two lengths are negative.
    """
    total, unknown = _counted(wanted)
    if unknown > 1:
        raise ValueError("can only specify one unknown dimension")
    if unknown == 1:
        if known(total) is not None and total == 1:
            return _filled(wanted, size)
        if total == 0 or primitive.mod(size, total) != 0:
            raise ValueError(f"cannot reshape array of size {size} into shape {shape_text(wanted)}")
        return _filled(wanted, primitive.floordiv(size, total))
    if total != size:
        raise ValueError(f"cannot reshape array of size {size} into shape {shape_text(wanted)}")
    return _filled(wanted, 0)


def _counted(wanted: Any) -> Any:
    """The product of the lengths, and how many are negative."""
    if len(wanted) == 0:
        return 1, 0
    total, unknown = _counted(wanted[1:])
    length = operator.index(wanted[0])
    if known(length) is not None:
        return (total, unknown + 1) if length < 0 else (total * length, unknown)
    negative = length < 0
    return primitive.mul(total, primitive.select(negative, 1, length)), unknown + int(negative)


def _filled(wanted: Any, missing: Any) -> Any:
    if len(wanted) == 0:
        return ()
    length = operator.index(wanted[0])
    if known(length) is not None:
        here = missing if length < 0 else length
    else:
        here = primitive.select(length < 0, missing, length)
    return (here, *_filled(wanted[1:], missing))


def shape_text(lengths: Any) -> Any:
    """A shape as NumPy's messages show it: without spaces, and without lengths in front that are to be found."""
    if len(lengths) > 1 and known(lengths[0]) is not None and lengths[0] < 0:
        rest = lengths[1:]
        return f"({_joined_text(rest)})"
    if len(lengths) == 1:
        return f"({_length_text(lengths[0])},)"
    return f"({_joined_text(lengths)})"


def _joined_text(lengths: Any) -> Any:
    if len(lengths) == 0:
        return ""
    if len(lengths) == 1:
        return _length_text(lengths[0])
    return f"{_length_text(lengths[0])},{_joined_text(lengths[1:])}"


def _length_text(length: Any) -> Any:
    return "newaxis" if known(length) is not None and length < 0 else f"{length}"


def _reversed(items: Any) -> Any:
    return items[::-1]


@implements(np.ravel)
def ravel(a: Any, order: Any = "C") -> Any:
    """All items on one axis; a view where the array has this order."""
    a = np.asarray(a)
    if a.ndim == 1 and not _is_dense(typeof(a)):
        return copy_items(a, "C")
    if order in ("A", "K") and is_any_order(typeof(a)):
        return _in_order(in_memory_order(a, order), (a.size,), "C")
    return _in_order(a, (a.size,), order)


@implements(np.ndarray.ravel)
def ravel_method(a: Any, order: Any = "C") -> Any:
    """`np.ravel`."""
    return ravel(a, order)


@implements(np.ndarray.flatten)
def flatten(a: Any, order: Any = "C") -> Any:
    """A copy of all items on one axis."""
    if order in ("A", "K") and is_any_order(typeof(a)):
        return flatten(in_memory_order(a, order), "C")
    if _reads_backwards(order, typeof(a)):
        return view_of(copy_items(a.T, "C"), 0, (a.size,), layout="C")
    return view_of(copy_items(a, "C"), 0, (a.size,), layout="C")


# --- the order of axes


def permuted(a: Any, axes: Any) -> Any:
    """The view with its axes in another order, which is known."""
    if _is_reversal(axes):
        return a.T
    if _is_identity(axes):
        return a[...]
    shape, strides = a.shape, a.strides
    return view_of(a, 0, tuple(shape[i] for i in axes), tuple(strides[i] for i in axes))


@static_function
def _is_reversal(axes: tuple[int, ...]) -> bool:
    return len(axes) > 1 and list(axes) == list(range(len(axes)))[::-1]


@static_function
def _is_identity(axes: tuple[int, ...]) -> bool:
    return list(axes) == list(range(len(axes)))


@implements(np.transpose, np.permute_dims)
def transpose(a: Any, axes: Any = None) -> Any:
    """The view with its axes reversed, or in the order of `axes`."""
    a = np.asarray(a)
    return a.T if axes is None else permuted(a, permutation(axes, a.ndim))


@implements(np.ndarray.transpose)
def transpose_method(a: Any, *axes: Any) -> Any:
    """`a.transpose()`, `a.transpose(1, 0)` and `a.transpose((1, 0))`."""
    if len(axes) == 0:
        return a.T
    if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple)):
        return transpose(a, axes[0])
    return transpose(a, axes)


@static_function
def permutation(axes: int | tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """The order of axes that `axes` of `np.transpose` names."""
    given = axes if isinstance(axes, tuple) else (axes,)
    if len(given) != ndim:
        raise ValueError("axes don't match array")
    normal = tuple(normalize_axis(axis, ndim) for axis in given)
    if len(set(normal)) != ndim:
        raise ValueError("repeated axis in transpose")
    return normal


@implements(np.swapaxes, np.ndarray.swapaxes)
def swapaxes(a: Any, axis1: Any, axis2: Any) -> Any:
    """The view with two axes exchanged."""
    a = np.asarray(a)
    return permuted(a, _exchanged(axis1, axis2, a.ndim))


@static_function
def _exchanged(axis1: int, axis2: int, ndim: int) -> tuple[int, ...]:
    order = list(range(ndim))
    first, second = normalize_axis(axis1, ndim), normalize_axis(axis2, ndim)
    order[first], order[second] = second, first
    return tuple(order)


@implements(np.ndarray.mT, np.matrix_transpose)
def matrix_transpose(a: Any) -> Any:
    """The view with the last two axes exchanged."""
    a = np.asarray(a)
    if a.ndim < 2:
        reject(f"ValueError: matrix transpose with ndim < 2 is undefined (the array has {a.ndim})")
    return swapaxes(a, -1, -2)


@implements(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """The view with axes moved to other places; the rest stay in order."""
    a = np.asarray(a)
    return permuted(a, _moved_order(source, destination, a.ndim))


@static_function
def _moved_order(source: Any, destination: Any, ndim: int) -> tuple[int, ...]:
    sources, destinations = (_axis_list(x, ndim, name) for x, name in ((source, "source"), (destination, "destination")))
    if len(sources) != len(destinations):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [axis for axis in range(ndim) if axis not in sources]
    for place, axis in sorted(zip(destinations, sources)):
        order.insert(place, axis)
    return tuple(order)


def _axis_list(axes: Any, ndim: int, name: str) -> list[int]:
    found = [normalize_axis(axis, ndim) for axis in (axes if isinstance(axes, tuple) else (axes,))]
    if len(set(found)) < len(found):
        raise ValueError(f"repeated axis in `{name}` argument")
    return found


@implements(np.rollaxis)
def rollaxis(a: Any, axis: Any, start: Any = 0) -> Any:
    """The view with an axis moved before the place `start`."""
    return permuted(a, _rolled_order(axis, start, a.ndim))


@static_function
def _rolled_order(axis: int, start: int, ndim: int) -> tuple[int, ...]:
    axis = normalize_axis(axis, ndim)
    place = start + ndim if start < 0 else start
    if not 0 <= place <= ndim:
        raise ValueError(f"'start' arg requires {-ndim} <= start < {ndim + 1}, but {start} was passed in")
    order = [i for i in range(ndim) if i != axis]
    order.insert(place - 1 if axis < place else place, axis)
    return tuple(order)


# --- axes of length 1


@implements(np.squeeze, np.ndarray.squeeze)
def squeeze(a: Any, axis: Any = None) -> Any:
    """The view without axes of length 1: which ones must be known. ValueError where one is longer."""
    a = np.asarray(a)
    if axis is None:
        return _without(a, _known_ones(a.shape, 0))
    axes = reduced_axes(axis, a.ndim)
    for i in axes:
        if a.shape[i] != 1:
            raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    return _without(a, axes)


def _known_ones(shape: Any, axis: Any) -> Any:
    """The axes whose lengths are known to be 1, if all lengths are known."""
    if axis == len(shape):
        return ()
    if known(shape[axis]) is None:
        reject(f"the length of axis {axis} is not known, so neither is the number of axes of the result", "say which: axis=...")
    rest = _known_ones(shape, axis + 1)
    return (axis, *rest) if shape[axis] == 1 else rest


def _without(a: Any, axes: Any) -> Any:
    kept = _others(axes, a.ndim)
    shape, strides = a.shape, a.strides
    return view_of(a, 0, tuple(shape[i] for i in kept), tuple(strides[i] for i in kept), layout=_squeezed_layout(typeof(a), kept))


@static_function
def _others(axes: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    return tuple(i for i in range(ndim) if i not in axes)


@static_function
def _squeezed_layout(type: Array, kept: tuple[int, ...]) -> str:
    return "C" if not kept else type.layout


@implements(np.expand_dims)
def expand_dims(a: Any, axis: Any) -> Any:
    """The view with new axes of length 1 in these places of the result."""
    a = np.asarray(a)
    return a[_expanded_index(axis, a.ndim)]


@static_function
def _expanded_index(axis: Any, ndim: int) -> tuple[Any, ...]:
    given = axis if isinstance(axis, tuple) else (axis,)
    places = [normalize_axis(place, ndim + len(given)) for place in given]
    if len(set(places)) < len(places):
        raise ValueError("repeated axis")
    return tuple(None if i in places else slice(None) for i in range(ndim + len(given)))


@implements(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """The arrays with at least one axis: views. Several arguments give a tuple."""
    made = tuple(_at_least(np.asarray(a), 1) for a in arys)
    return made[0] if len(made) == 1 else made


@implements(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """The arrays with at least two axes, new ones first: views."""
    made = tuple(_at_least(np.asarray(a), 2) for a in arys)
    return made[0] if len(made) == 1 else made


@implements(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """The arrays with at least three axes: `(1, n, 1)` for one, `(m, n, 1)` for two."""
    made = tuple(_at_least_3(np.asarray(a)) for a in arys)
    return made[0] if len(made) == 1 else made


def _at_least(a: Any, ndim: Any) -> Any:
    return a if a.ndim >= ndim else a[(None,) * (ndim - a.ndim)]


def _at_least_3(a: Any) -> Any:
    if a.ndim >= 3:
        return a
    if a.ndim == 2:
        return a[:, :, None]
    return a[None, :, None] if a.ndim == 1 else a[None, None, None]


@static_function
def is_contiguous(type: Type) -> bool:
    """Whether an array type has a known order."""
    return isinstance(type, Array) and type.layout != "A"
