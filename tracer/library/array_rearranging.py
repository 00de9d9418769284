"""Items in another order, or several times: flips, rotations, repetition."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Boolean, Integer, Scalar
from tracer.array_steps import assign_items, generate, view_of
from tracer.extending import implements, known, primitive, static_function
from tracer.library.array_conversion import copy_items
from tracer.library.array_creation import as_lengths, as_shape
from tracer.library.array_types import array_type, layout_of, normalize_axes, normalize_axis, other_axes, together
from tracer.typeof import typeof


@implements(np.flip)
def flip(m: Any, axis: Any = None) -> Any:
    """The view that runs backwards along the axes; None means all of them."""
    m = np.asarray(m)
    return m[_flipped_index(normalize_axes(axis, m.ndim), m.ndim)]


@static_function
def _flipped_index(axes: tuple[int, ...], ndim: int) -> tuple[slice, ...]:
    return tuple(slice(None, None, -1) if axis in axes else slice(None) for axis in range(ndim))


@implements(np.fliplr)
def fliplr(m: Any) -> Any:
    """The view that runs backwards along the second axis."""
    m = np.asarray(m)
    if m.ndim < 2:
        raise ValueError("Input must be >= 2-d.")
    return flip(m, 1)


@implements(np.flipud)
def flipud(m: Any) -> Any:
    """The view that runs backwards along the first axis."""
    m = np.asarray(m)
    if m.ndim < 1:
        raise ValueError("Input must be >= 1-d.")
    return flip(m, 0)


@implements(np.rot90)
def rot90(m: Any, k: Any = 1, axes: Any = (0, 1)) -> Any:
    """The view turned by k right angles in the plane of two axes, from the first to the second."""
    first, second = _plane(axes, m.ndim)
    turns = k % 4
    if turns == 0:
        return m[...]
    if turns == 2:
        return flip(m, (first, second))
    if turns == 1:
        return np.swapaxes(flip(m, second), first, second)
    return flip(np.swapaxes(m, first, second), second)


@static_function
def _plane(axes: tuple[int, ...], ndim: int) -> tuple[int, int]:
    if len(axes) != 2:
        raise ValueError("len(axes) must be 2.")
    first, second = axes
    if first == second or abs(first - second) == ndim:
        raise ValueError("Axes must be different.")
    if not (-ndim <= first < ndim and -ndim <= second < ndim):
        raise ValueError(f"Axes={axes} out of range for array of ndim={ndim}.")
    return first % ndim, second % ndim


# --- roll


@implements(np.roll)
def roll(a: Any, shift: Any, axis: Any = None) -> Any:
    """A copy whose items are moved along axes; those that leave at one end enter at the other."""
    a = np.asarray(a)
    if axis is None:
        return _rolled(a.ravel(), _total_shift(shift), 0).reshape(a.shape)
    return _roll_axes(a, _shifts(shift, _axis_count(axis)), _paired_axes(axis, shift, a.ndim))


def _roll_axes(a: Any, shifts: Any, axes: Any) -> Any:
    if len(axes) == 0:
        return copy_items(a, layout_of("K", typeof(a)))
    made = _rolled(a, shifts[0], axes[0])
    return made if len(axes) == 1 else _roll_axes(made, shifts[1:], axes[1:])


def _total_shift(shift: Any) -> Any:
    if not isinstance(shift, tuple):
        return operator.index(shift)
    return operator.index(shift[0]) + _total_shift(shift[1:]) if len(shift) > 0 else 0


def _shifts(shift: Any, count: Any) -> Any:
    """A shift for each axis."""
    if isinstance(shift, tuple) and (len(shift) > 1 or count == 1):
        return tuple(operator.index(s) for s in shift)
    one = shift[0] if isinstance(shift, tuple) else shift
    return (operator.index(one),) * count


@static_function
def _axis_count(axis: Any) -> int:
    return len(axis) if isinstance(axis, tuple) else 1


def _paired_axes(axis: Any, shift: Any, ndim: Any) -> Any:
    return _checked_axes(axis, len(shift) if isinstance(shift, tuple) else 1, ndim)


@static_function
def _checked_axes(axis: Any, shift_count: int, ndim: int) -> tuple[int, ...]:
    """An axis for each shift; several shifts along one axis come one after the other."""
    axes = axis if isinstance(axis, tuple) else (axis,) * shift_count
    if len(axes) != shift_count and shift_count != 1:
        raise ValueError("'shift' and 'axis' should be scalars or 1D sequences")
    return tuple(normalize_axis(a, ndim) for a in axes)


def _rolled(a: Any, shift: Any, axis: Any) -> Any:
    """Two parts of the array change places."""
    made = primitive.alloc(*a.shape, to=array_type(typeof(a).dtype, a.ndim, layout_of("K", typeof(a))), zero=False)
    length = a.shape[axis]
    first = primitive.mod(int(shift), primitive.max_(length, 1))
    rest = primitive.sub(length, first)
    assign_items(part_along(made, axis, first, rest), lambda x: x, part_along(a, axis, 0, rest))
    assign_items(part_along(made, axis, 0, first), lambda x: x, part_along(a, axis, rest, first))
    return made


def part_along(a: Any, axis: Any, first: Any, count: Any) -> Any:
    """The view of `count` items of an axis, which are in range."""
    shape, strides = a.shape, a.strides
    lengths = (*shape[:axis], count, *shape[axis + 1 :])
    return view_of(a, primitive.mul(first, strides[axis]), lengths, strides, layout=cut_layout(typeof(a), axis))


@static_function
def cut_layout(type: Array, axis: int) -> str:
    """The layout of a part of an array that is cut along an axis: without gaps only along the outermost one."""
    outermost = {"C": 0, "F": type.ndim - 1}.get(type.layout)
    return type.layout if axis == outermost else "A"


# --- repetition


@implements(np.repeat, np.ndarray.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Each item, or each part along an axis, several times; `repeats` is a number, or one for each.

    Raises ValueError for negative numbers.
    """
    a = np.asarray(a)
    if axis is None:
        return _repeated(a.ravel(), repeats, 0)
    a = np.atleast_1d(a)
    return _repeated(a, repeats, normalize_axis(axis, a.ndim))


def _repeated(a: Any, repeats: Any, axis: Any) -> Any:
    if isinstance(repeats, tuple) or (isinstance(typeof(repeats), Array) and repeats.ndim > 0):
        return _repeated_each(a, np.asarray(repeats), axis)
    count = operator.index(repeats) if not isinstance(typeof(repeats), Array) else operator.index(repeats[()])
    shape = a.shape
    if count < 0:
        if shape[axis] > 0:
            raise ValueError("negative dimensions are not allowed")
        count = 0
    doubled = generate((*shape[: axis + 1], count, *shape[axis + 1 :]), lambda x: x, np.expand_dims(a, axis + 1), indexed=False)
    return view_of(doubled, 0, (*shape[:axis], shape[axis] * count, *shape[axis + 1 :]), layout="C")


def _repeated_each(a: Any, counts: Any, axis: Any) -> Any:
    _check_counts(typeof(counts).dtype)
    length = a.shape[axis]
    if len(counts) == 1:
        return _repeated(a, int(counts[0]), axis)
    if len(counts) != length:
        raise ValueError(f"operands could not be broadcast together with shape ({length},) ({len(counts)},)")
    total = 0
    for count in counts:
        if count < 0:
            raise ValueError("repeats may not contain negative values.")
        total = together(total, int(count))
    shape = a.shape
    lengths = (*shape[:axis], total, *shape[axis + 1 :])
    made = primitive.alloc(*lengths, to=array_type(typeof(a).dtype, a.ndim), zero=False)
    place = 0
    for i in range(length):
        count = int(primitive.load(counts, i))
        assign_items(part_along(made, axis, place, count), lambda x: x, part_along(a, axis, i, 1))
        place += count
    return made


@static_function
def _check_counts(item: Scalar) -> None:
    if not isinstance(item, (Integer, Boolean)):
        raise TypeError(f"Cannot cast array data from dtype('{item.name}') to dtype('int64') according to the rule 'safe'")


@implements(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """The array several times along each axis, new axes first."""
    a = np.asarray(A)
    counts = as_shape(reps)
    ndim = max(len(counts), a.ndim)
    if _all_once(counts):
        return np.array(a, ndmin=ndim)
    if a.ndim < ndim:
        a = a[(None,) * (ndim - a.ndim)]
    counts = (*((1,) * (ndim - len(counts))), *counts)
    source = a[_doubled_index(ndim)]
    doubled = generate(_interleaved(counts, a.shape), lambda x: x, source, indexed=False)
    return view_of(doubled, 0, tuple(n * count for n, count in zip(a.shape, counts)), layout="C")


@static_function
def _doubled_index(ndim: int) -> tuple[Any, ...]:
    """A new axis before each axis."""
    return (None, slice(None)) * ndim


def _all_once(counts: Any) -> Any:
    """Whether all counts are known to be 1."""
    if len(counts) == 0:
        return True
    return known(counts[0]) is not None and counts[0] == 1 and _all_once(counts[1:])


def _interleaved(counts: Any, shape: Any) -> Any:
    if len(counts) == 0:
        return ()
    return (counts[0], shape[0], *_interleaved(counts[1:], shape[1:]))


@implements(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """A new array of this shape, filled with the items of another one again and again."""
    source = np.ravel(a)
    lengths = as_lengths(new_shape)
    for length in lengths:
        if length < 0:
            raise ValueError("all elements of `new_shape` must be non-negative")
    made = primitive.alloc(*lengths, to=array_type(typeof(source).dtype, len(lengths)), zero=True)  # what nothing fills
    total = made.size
    count = source.size
    if count > 0:
        line = view_of(made, 0, (total,), layout="C")
        for start in range(0, total, count):
            rest = min(count, total - start)
            assign_items(part_along(line, 0, start, rest), lambda x: x, part_along(source, 0, 0, rest))
    return made


@implements(np.trim_zeros)
def trim_zeros(filt: Any, trim: Any = "fb", axis: Any = None) -> Any:
    """The view without the zeros at the front ("f") and at the back ("b")."""
    filt = np.asarray(filt)
    front, back = _ends(trim)
    axes = normalize_axes(axis, filt.ndim)
    return _trimmed(filt, filt, axes, front, back)


def _trimmed(part: Any, filt: Any, axes: Any, front: Any, back: Any) -> Any:
    """The part of an array in which its items that are not zero lie, along each of the axes."""
    if len(axes) == 0:
        return part
    line = filt if filt.ndim == 1 else np.any(filt, axis=other_axes(filt.ndim, (axes[0],)))
    first, last = _used(line, front, back)
    return _trimmed(part_along(part, axes[0], first, last - first), filt, axes[1:], front, back)


def _used(line: Any, front: Any, back: Any) -> Any:
    """From where to where a line has items that are not zero, at the ends that count. If it has none: nothing of it."""
    first, last = 0, len(line)
    while first < last and not primitive.load(line, first):
        first += 1
    if first == last:
        return 0, 0
    while not primitive.load(line, last - 1):
        last -= 1
    return first if front else 0, last if back else len(line)


@static_function
def _ends(trim: str) -> tuple[bool, bool]:
    if trim.lower() not in ("fb", "bf", "f", "b"):
        raise ValueError(f"unexpected character(s) in `trim`: {trim!r}")
    return "f" in trim.lower(), "b" in trim.lower()
