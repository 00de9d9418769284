"""Attributes and methods of arrays: parts of complex numbers, single items, memory, flags."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, Float, Integer, Scalar, Time
from tracer.array_steps import assign_items, cast_item, view_of
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_types import array_type, class_of_item, item_type, ndim_of, normalize_axis
from tracer.library.flat_items import flat_item
from tracer.typeof import typeof

# --- complex numbers


@implements(np.ndarray.real)
def real(a: Any) -> Any:
    """The real parts: a view."""
    if not isinstance(typeof(a).dtype, Complex):
        return a
    return view_of(a, 0, a.shape, a.strides, dtype=_part_dtype(typeof(a)))


@implements(np.ndarray.imag)
def imag(a: Any) -> Any:
    """The imaginary parts: a view; of real numbers zeros that cannot be written."""
    kind = typeof(a).dtype
    if not isinstance(kind, Complex):
        zeros = primitive.alloc(*a.shape, to=array_type(kind, a.ndim, _kept_layout(typeof(a))), zero=True)
        return view_of(zeros, 0, a.shape, layout=_kept_layout(typeof(a)), readonly=True)
    return view_of(a, _part_dtype(typeof(a)).itemsize, a.shape, a.strides, dtype=_part_dtype(typeof(a)))


@static_function
def _part_dtype(type: Array) -> Any:
    return types.dtype_of(type.dtype.part)


@static_function
def _kept_layout(type: Array) -> str:
    return "F" if type.layout == "F" else "C"


@implements(np.ndarray.real.__set__)
def set_real(a: Any, value: Any) -> None:
    """`a.real = value`."""
    part = real(a)
    part[...] = value


@implements(np.ndarray.imag.__set__)
def set_imag(a: Any, value: Any) -> None:
    """`a.imag = value`; TypeError for real numbers."""
    if not isinstance(typeof(a).dtype, Complex):
        raise TypeError("array does not have imaginary part to set")
    part = imag(a)
    part[...] = value


@implements(np.ndarray.conj, np.ndarray.conjugate)
def conjugate(a: Any) -> Any:
    """The complex conjugates; real arrays are returned as they are."""
    if isinstance(typeof(a).dtype, Time):
        raise TypeError("cannot conjugate non-numeric dtype")
    return np.conjugate(a) if isinstance(typeof(a).dtype, Complex) else a


# --- items


@implements(np.ndarray.flat.__set__)
def set_flat(a: Any, value: Any) -> None:
    """`a.flat = value`: the values are repeated as often as needed, in C order."""
    if _is_locked(typeof(a)):
        raise ValueError("array is read-only")
    kind = typeof(a).dtype
    values = np.ravel(np.asarray(value) if isinstance(typeof(value), Array) else np.array(value, kind))
    if a.size > 0 and values.size > 0:
        if values.size == 1:
            first = cast_item(primitive.load(values, 0), kind)
            assign_items(a, lambda x: x, first)
        else:
            cycled = np.resize(values, (a.size,))
            assign_items(a, lambda x: cast_item(x, kind), view_of(cycled, 0, a.shape, layout="C"))


@implements(np.ndarray.fill)
def fill(a: Any, value: Any) -> None:
    """Write the same number everywhere."""
    if _is_locked(typeof(a)):
        raise ValueError("assignment destination is read-only")
    if isinstance(value, tuple):
        raise ValueError("setting an array element with a sequence.")
    number = value[()] if isinstance(typeof(value), Array) else value
    item = class_of_item(typeof(a).dtype)(number)
    assign_items(a, lambda x: x, item)


@static_function
def _is_locked(type: Array) -> bool:
    return type.readonly


@implements(np.ndarray.item)
def item(a: Any, *args: Any) -> Any:
    """An item as a number of Python's: the only one, the one with this number in C order, or at an index."""
    if len(args) == 0:
        if a.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return as_python(flat_item(a, 0))
    if len(args) == 1 and isinstance(args[0], tuple):
        return item(a, *args[0])
    if len(args) == 1 and a.ndim != 1:
        index, size = int(args[0]), a.size
        if not -size <= index < size:
            raise IndexError(f"index {index} is out of bounds for size {size}")
        return as_python(flat_item(a, index + size if index < 0 else index))
    if len(args) != a.ndim:
        raise ValueError("incorrect number of indices for array")
    return as_python(a[args])


def as_python(x: Any) -> Any:
    """A number as Python's class of its kind."""
    if isinstance(typeof(x), Time):
        reject("a time has no Python object in compiled code", "take its count: x.astype(np.int64)")
    if isinstance(typeof(x), Boolean):
        return bool(x)
    if isinstance(typeof(x), Integer):
        return int(x)
    return float(x) if isinstance(typeof(x), Float) else complex(x)


# --- memory


@implements(np.ndarray.view)
def view(a: Any, dtype: Any = None, type: Any = None) -> Any:
    """The same memory, with items of another dtype: if these have another size, the last axis gets longer or shorter.

    Raises ValueError where that does not fit.
    """
    if dtype is None or dtype is np.ndarray:
        return a[...]
    kind, old = item_type(dtype), typeof(a).dtype
    size, before = _size_of(kind), _size_of(old)
    if size == before:
        return view_of(a, 0, a.shape, a.strides, dtype=kind, layout=typeof(a).layout)
    if a.ndim == 0:
        raise ValueError("Changing the dtype of a 0d array is only supported if the itemsize is unchanged")
    length, step = a.shape[-1], a.strides[-1]
    if typeof(a).layout != "C" and length != 1 and a.size != 0 and step != before:
        raise ValueError("To change to a dtype of a different size, the last axis must be contiguous")
    if size > before and length * before % size != 0:
        raise ValueError(
            "When changing to a larger dtype, its size must be a divisor of the total size in bytes of the last axis of the array."
        )
    lengths = (*a.shape[:-1], length * before // size)
    return view_of(a, 0, lengths, (*a.strides[:-1], size), dtype=kind, layout=_dense_layout(typeof(a)))


@static_function
def _size_of(item: Scalar) -> int:
    return types.dtype_of(item).itemsize


@static_function
def _dense_layout(type: Array) -> str:
    """The layout that is left when the length of the last axis changes together with the size of the items."""
    return "C" if type.layout == "C" else "A"


@implements(np.frombuffer)
def frombuffer(buffer: Any, dtype: Any = float, count: Any = -1, offset: Any = 0) -> Any:
    """The memory of a contiguous array as another array of one axis. ValueError where sizes do not fit."""
    if not isinstance(typeof(buffer), Array) or typeof(buffer).layout == "A":
        raise ValueError("ndarray is not C-contiguous")
    size, available = _size_of(item_type(dtype)), buffer.nbytes
    if offset < 0 or offset > available:
        raise ValueError(f"offset must be non-negative and no greater than buffer length ({available})")
    if count < 0:
        if (available - offset) % size != 0:
            raise ValueError("buffer size must be a multiple of element size")
        length = (available - offset) // size
    else:
        if count * size > available - offset:
            raise ValueError("buffer is smaller than requested size")
        length = count
    return view_of(buffer, offset, (length,), dtype=item_type(dtype), layout="C")


class Flags(NamedTuple):
    """`array.flags`, by attribute."""

    c_contiguous: bool
    f_contiguous: bool
    contiguous: bool
    fortran: bool
    fnc: bool
    forc: bool
    writeable: bool
    aligned: bool


@implements(np.ndarray.flags)
def flags(a: Any) -> Any:
    """What can be said of the memory of an array."""
    c_order = _is_contiguous(a, "C", a.shape, a.strides)
    f_order = _is_contiguous(a, "F", a.shape[::-1], a.strides[::-1])
    not_c = f_order and not c_order
    either = c_order or f_order
    return Flags(c_order, f_order, c_order, f_order, not_c, either, not _is_locked(typeof(a)), typeof(a).aligned)


def _is_contiguous(a: Any, layout: Any, shape: Any, strides: Any) -> Any:
    if typeof(a).layout == layout or a.ndim == 0:
        return True
    if typeof(a).layout != "A" and a.ndim == 1:
        return True
    return a.size == 0 or _is_dense(shape, strides, a.itemsize)


def _is_dense(shape: Any, strides: Any, expected: Any) -> Any:
    """Whether neighbours on the last axis are as many bytes apart as expected, and so on outwards."""
    if len(shape) == 0:
        return True
    fits = shape[-1] == 1 or strides[-1] == expected
    return fits and _is_dense(shape[:-1], strides[:-1], primitive.mul(expected, shape[-1]))


# --- sizes


@implements(np.shape)
def shape(a: Any) -> Any:
    """The lengths of an array, or of one made of nested tuples; none for a number."""
    return np.asarray(a).shape


@implements(np.ndim)
def ndim(a: Any) -> Any:
    """The number of axes."""
    return np.asarray(a).ndim


@implements(np.size)
def size(a: Any, axis: Any = None) -> Any:
    """The number of items, or the length of an axis."""
    made = np.asarray(a)
    return made.size if axis is None else made.shape[normalize_axis(axis, made.ndim)]


@implements(np.iterable)
def iterable(y: Any) -> Any:
    """Whether a loop can run over it: an array with axes, a tuple."""
    return ndim_of(typeof(y)) > 0 or not isinstance(typeof(y), (Array, Scalar))


@implements(np.ndarray.to_device)
def to_device(a: Any, device: Any, /, *, stream: Any = None) -> Any:
    """The array itself: there is one device, "cpu"."""
    _check_device(device, stream)
    return a


@static_function
def _check_device(device: Any, stream: Any) -> None:
    if stream is not None:
        raise ValueError("The stream argument in to_device() is not supported")
    if device != "cpu":
        raise ValueError(f"Unsupported device: {device}.")
