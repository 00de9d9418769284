"""Views with strides of their own: `as_strided`, `sliding_window_view`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib import stride_tricks

from ir.types import Array, dtype_of
from tracer.array_steps import view_of
from tracer.extending import implements, known, reject, static_function
from tracer.library.array_creation import as_lengths
from tracer.library.array_types import normalize_axis
from tracer.typeof import typeof

_BEYOND = "as_strided: the view has items beyond the memory of the array"


@implements(stride_tricks.as_strided)
def as_strided(x: Any, shape: Any = None, strides: Any = None, subok: Any = False, writeable: Any = True) -> Any:
    """The view with this shape and these strides. ValueError where it reaches beyond the items of the array (NumPy looks at nothing)."""
    x = np.asarray(x)
    lengths = x.shape if shape is None else shape if isinstance(shape, tuple) else (shape,)
    steps = x.strides if strides is None else strides if isinstance(strides, tuple) else (strides,)
    if len(lengths) != len(steps):
        raise ValueError("mismatch in length of strides and shape")
    if min((0, *lengths)) < 0:
        raise ValueError("negative dimensions are not allowed")
    _check_alignment(steps, _alignment(typeof(x)))
    if min((1, *lengths)) > 0:
        if x.size == 0:
            raise ValueError(_BEYOND)
        low, high = _extent(x.shape, x.strides)
        _check_reach(lengths, steps, high - low)
        first, last = _extent(lengths, steps)
        if first < low or last > high:
            raise ValueError(_BEYOND)
    return view_of(x, 0, lengths, steps, readonly=not _is_true(writeable))


@static_function
def _alignment(type: Array) -> int:
    """What all distances between items must be multiples of."""
    return dtype_of(type.dtype).alignment if type.aligned else 1


def _check_alignment(strides: Any, alignment: Any) -> None:
    if len(strides) > 0:
        if strides[0] % alignment != 0:
            raise ValueError(f"as_strided: a stride of {strides[0]} bytes leaves items unaligned")
        _check_alignment(strides[1:], alignment)


def _check_reach(lengths: Any, strides: Any, room: Any) -> None:
    """ValueError where the items along one axis alone reach too far, so that all together are far from what 64 bits cannot hold."""
    if len(lengths) > 0:
        stride = strides[0]
        if lengths[0] > 1 and stride != 0 and (stride > room or stride < -room or lengths[0] - 1 > room // abs(stride)):
            raise ValueError(_BEYOND)
        _check_reach(lengths[1:], strides[1:], room)


def _extent(lengths: Any, strides: Any) -> Any:
    """How many bytes from the first item those with the lowest and with the highest address are."""
    if len(lengths) == 0:
        return 0, 0
    low, high = _extent(lengths[1:], strides[1:])
    reach = (lengths[0] - 1) * strides[0]
    return low + min(reach, 0), high + max(reach, 0)


def _is_true(flag: Any) -> bool:
    if known(flag) is None:
        reject("`writeable` must be known while tracing")
    return bool(known(flag))


@implements(stride_tricks.sliding_window_view)
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, *, subok: Any = False, writeable: Any = False) -> Any:
    """The view that has at each place a window of this shape on the items from there on."""
    x = np.asarray(x)
    window = as_lengths(window_shape)
    axes = _window_axes(axis, x.ndim, len(window))
    if min((0, *window)) < 0:
        raise ValueError("`window_shape` cannot contain negative values")
    lengths = _trimmed(x.shape, axes, window)
    strides = x.strides
    steps = (*strides, *tuple(strides[k] for k in axes))
    return view_of(x, 0, (*lengths, *window), steps, readonly=not _is_true(writeable))


@static_function
def _window_axes(axis: Any, ndim: int, count: int) -> tuple[int, ...]:
    axes = tuple(range(ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(axes) != count:
        raise ValueError(f"Must provide matching length window_shape and axis; got {count} window_shape elements and {len(axes)} axes elements.")
    return tuple(normalize_axis(each, ndim) for each in axes)


def _trimmed(lengths: Any, axes: Any, window: Any) -> Any:
    """The lengths of the axes along which the window is moved."""
    if len(axes) == 0:
        return lengths
    at, size = axes[0], window[0]
    if lengths[at] < size:
        raise ValueError("window shape cannot be larger than input array shape")
    return _trimmed((*lengths[:at], lengths[at] - size + 1, *lengths[at + 1 :]), axes[1:], window[1:])
