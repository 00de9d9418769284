"""`array[index]`: views by integers, slices, `...` and `newaxis`, and copies by arrays of integers and of booleans."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.graph import Value
from ir.ops import arithmetic, array
from ir.types import Array, Boolean, Integer
from tracer import errors
from tracer.arrays import assign_over, broadcast, is_array, map_over, shape_of_operand, strided_view, strides_of
from tracer.attributes import dimension
from tracer.conversions import is_scalar, to_index, to_int64, to_item
from tracer.frames import PathEnded
from tracer.library.scatter import scatter
from tracer.library.slices import slice_extent
from tracer.operators import binary
from tracer.tracing import Tracer
from tracer.ufuncs import convert_item
from tracer.values import is_symbolic


class _Axis:
    """One axis of a view: its length, its stride in bytes, and whether it is a whole axis of the array.

    `source` is the axis of the array that it comes from, None for a new one.
    """

    __slots__ = ("length", "stride", "source", "whole", "unit")

    def __init__(self, length: Any, stride: Any, source: int | None, whole: bool, unit: bool) -> None:
        self.length, self.stride, self.source, self.whole, self.unit = length, stride, source, whole, unit


def normalize_index(t: Tracer, value: Value, index: Any) -> list[Any]:
    """The parts of an index, with `...` written out as slices, one part for each axis (and each new one).

    Masks are replaced by the arrays of the indices of their true items.
    """
    given = list(index) if type(index) is tuple else [index]
    parts: list[Any] = []
    for part in given:
        parts.extend(_index_parts(t, part))
    counted = [p for p in parts if p is not None and p is not Ellipsis]
    ndim = value.type.ndim
    if len(counted) > ndim:
        t.raise_(
            IndexError, f"too many indices for array: array is {ndim}-dimensional, but {len(counted)} were indexed"
        )
        raise PathEnded
    dots = [i for i, p in enumerate(parts) if p is Ellipsis]
    if len(dots) > 1:
        t.raise_(IndexError, "an index can only have a single ellipsis ('...')")
        raise PathEnded
    missing = [slice(None)] * (ndim - len(counted))
    at = dots[0] if dots else len(parts)
    return parts[:at] + missing + parts[at + 1 :]


def _index_parts(t: Tracer, part: Any) -> list[Any]:
    if part is None or part is Ellipsis or isinstance(part, slice):
        return [part]
    if isinstance(part, (tuple, list)):
        part = t.call(np.array, (part,), {})
    if type(part) is np.ndarray:
        part = t.lift_array(part)
    if isinstance(part, Value) and isinstance(part.type, Array):
        if isinstance(part.type.dtype, Boolean):
            if part.type.ndim == 0:
                raise t.fail(errors.UnsupportedIndexing, operands=(part,))
            return list(t.call(np.nonzero, (part,), {}))
        if not isinstance(part.type.dtype, Integer):
            t.raise_(IndexError, "arrays used as indices must be of integer (or boolean) type")
            raise PathEnded
        return [t.emit(array.load, part) if part.type.ndim == 0 else part]
    return [part]


def is_full_index(value: Value, index: Any) -> bool:
    """Whether the index has one number for each axis."""
    given = index if type(index) is tuple else (index,)
    return len(given) == value.type.ndim and all(map(is_scalar, given))


def get_items(t: Tracer, value: Value, index: Any) -> Value:
    """What `array[index]` gives where the index is not one number for each axis."""
    parts = normalize_index(t, value, index)
    if any(map(is_array, parts)):
        return _gather(t, value, parts)
    return basic_view(t, value, parts)


# --- views


def basic_view(t: Tracer, value: Value, parts: list[Any]) -> Value:
    """The view that integers, slices and new axes make."""
    strides = strides_of(t, value)
    axes: list[_Axis] = []
    offset: Any = 0
    axis = 0
    for part in parts:
        if part is None:
            axes.append(_Axis(1, 0, None, True, True))
            continue
        if isinstance(part, slice):
            first, made = _sliced(t, value, axis, strides[axis], part)
            axes.append(made)
        else:
            first = checked_index(t, to_index(t, part), dimension(t, value, axis), axis)
        offset = _plus(t, offset, _times(t, first, strides[axis]))
        axis += 1
    layout = _view_layout(value.type, axes)
    return strided_view(t, value, offset, [a.length for a in axes], [a.stride for a in axes], layout=layout)


def _sliced(t: Tracer, value: Value, axis: int, stride: Any, part: slice) -> tuple[Any, _Axis]:
    length = dimension(t, value, axis)
    start, stop, step = (None if x is None else to_int64(t, x, "slice") for x in (part.start, part.stop, part.step))
    if start is None and stop is None and (step is None or step == 1):
        return 0, _Axis(length, stride, axis, True, True)
    first, count = t.call(slice_extent, (start, stop, step, length), {})
    unit = step is None or (isinstance(step, int) and step == 1)
    return first, _Axis(count, stride if unit else _times(t, step, stride), axis, False, unit)


def _view_layout(kind: Array, axes: list[_Axis]) -> str:
    """Whether a view keeps the layout: the part of the memory that it covers has no gaps."""
    kept = [a for a in axes if a.source is not None]
    if not axes:
        return "C"
    if kind.layout == "A":
        return "A"
    if kind.layout == "F":
        kept.reverse()
    if not kept:
        return "C"
    # Behind the first axis, all are whole and follow each other up to the contiguous one.
    expected = list(range(kind.ndim - len(kept), kind.ndim)) if kind.layout == "C" else list(range(len(kept)))[::-1]
    dense = kept[0].unit and all(a.whole for a in kept[1:]) and [a.source for a in kept] == expected
    return kind.layout if dense else "A"


def _times(t: Tracer, a: Any, b: Any) -> Any:
    a, b = t.known(a), t.known(b)
    if not is_symbolic(a) and not is_symbolic(b):
        return a * b
    if (not is_symbolic(a) and a == 0) or (not is_symbolic(b) and b == 0):
        return 0
    return t.emit(arithmetic.mul, t.lift(a), t.lift(b))


def _plus(t: Tracer, a: Any, b: Any) -> Any:
    if not is_symbolic(a) and a == 0:
        return b
    if not is_symbolic(b) and b == 0:
        return a
    return t.emit(arithmetic.add, t.lift(a), t.lift(b))


# --- copies by arrays of indices


class _Plan:
    """The index space of an index with arrays in it, and what each axis of the array is indexed with there.

    `sources` has for each axis of the array an index array (as a view that is stretched over the space), or the number of
    the space's axis that runs over it, for slices together with the view that the slices make.
    """

    __slots__ = ("base", "lengths", "sources")

    def __init__(self, base: Value, lengths: tuple[Value, ...], sources: list[Any]) -> None:
        self.base, self.lengths, self.sources = base, lengths, sources


def _plan(t: Tracer, value: Value, parts: list[Any]) -> _Plan:
    """NumPy's rule: the axes of the index arrays stand together where the first array is, or first of all if they
    are separated by slices. Integers count as arrays without axes."""
    advanced = [i for i, p in enumerate(parts) if p is not None and not isinstance(p, slice)]
    adjacent = advanced == list(range(advanced[0], advanced[-1] + 1))
    sliced = basic_view(t, value, [p if p is None or isinstance(p, slice) else slice(None) for p in parts])
    arrays = [p if is_array(p) else t.lift(p) for p in (parts[i] for i in advanced)]
    common = broadcast(t, [shape_of_operand(t, p) for p in arrays])
    basic = [i for i in range(len(parts)) if i not in advanced]
    before = [i for i in basic if i < advanced[0]] if adjacent else []
    after = [i for i in basic if i not in before]
    lengths = (
        *(dimension(t, sliced, i) for i in before), *common, *(dimension(t, sliced, i) for i in after),
    )  # fmt: skip
    sources: list[Any] = [None] * len(parts)
    for place, i in enumerate(before):
        sources[i] = place
    for place, i in enumerate(after):
        sources[i] = len(before) + len(common) + place
    for i, part in zip(advanced, arrays):
        sources[i] = _stretched(t, part, len(after))
    return _Plan(sliced, lengths, sources)


def _stretched(t: Tracer, part: Any, trailing: int) -> Any:
    """An index array with further axes of length 1 behind its own."""
    if not is_array(part) or not trailing:
        return part
    return basic_view(t, part, [slice(None)] * part.type.ndim + [None] * trailing)


def _positions(t: Tracer, plan: _Plan, indices: list[Any], items: list[Any]) -> list[Value]:
    """The index of each axis of the sliced array at one point of the space."""
    given = iter(items)
    positions = []
    for axis, source in enumerate(plan.sources):
        if isinstance(source, int):
            positions.append(t.lift(indices[source]))
        else:
            index = to_index(t, next(given))
            positions.append(checked_index(t, index, dimension(t, plan.base, axis), axis))
    return positions


def _gather(t: Tracer, value: Value, parts: list[Any]) -> Value:
    plan = _plan(t, value, parts)
    count = len(plan.lengths)
    operands = [s for s in plan.sources if not isinstance(s, int)]
    return map_over(
        t, plan.lengths, operands,
        lambda given: t.emit(array.load, plan.base, *_positions(t, plan, given[:count], given[count:])),
        indexed=True, layout="C",
    )  # fmt: skip


# --- stores


def set_items(t: Tracer, value: Value, index: Any, item: Any) -> None:
    """`array[index] = item` where the index is not one number for each axis."""
    kind = value.type
    item = _stored(t, item, kind)
    given = index if type(index) is tuple else (index,)
    if len(given) == 1 and not is_array(item) and _is_mask_of(given[0], kind):
        _store_masked(t, value, given[0], item)
        return
    parts = normalize_index(t, value, index)
    if not any(map(is_array, parts)):
        target = basic_view(t, value, parts)
        assign_over(t, target, [item], lambda items: convert_item(t, items[0], kind.dtype))
        return
    _scatter(t, value, parts, item)


def _stored(t: Tracer, item: Any, kind: Array) -> Any:
    """The right side of a store: a number of the array's type, or an array."""
    item = t.unwrap(item, "float() argument must be a string or a real number, not 'NoneType'")
    if isinstance(item, (tuple, list)):
        item = t.call(np.array, (item,), {})
    if type(item) is np.ndarray:
        item = t.lift_array(item)
    if is_array(item):
        return item
    if not is_scalar(item):
        raise t.fail(errors.NotANumber, operands=(item,))
    return to_item(t, item, kind.dtype)


def _is_mask_of(part: Any, kind: Array) -> bool:
    """Whether a mask has as many axes as the array."""
    is_mask = isinstance(part, Value) and isinstance(part.type, Array) and isinstance(part.type.dtype, Boolean)
    return is_mask and part.type.ndim == kind.ndim


def _store_masked(t: Tracer, value: Value, mask: Value, item: Any) -> None:
    """`array[mask] = number`, item by item without indices."""
    for axis in range(value.type.ndim):
        length, wanted = dimension(t, mask, axis), dimension(t, value, axis)
        message = ("boolean index did not match indexed array along axis ", str(axis), "; size of axis is ", wanted,
                   " but size of corresponding boolean axis is ", length)  # fmt: skip
        differs = binary(t, "ne", length, wanted)
        if isinstance(differs, Value):
            t.raise_if(differs, IndexError, t.text(*message))

    def choose(items: list[Any]) -> Any:
        chosen, before = items
        return t.conditional(convert_item(t, chosen, types.boolean), lambda: item, lambda: before)

    assign_over(t, value, [mask, value], choose)


def _scatter(t: Tracer, value: Value, parts: list[Any], item: Any) -> None:
    """Stores in the order of the index space: where an index comes twice, the last one stays."""
    plan = _plan(t, value, parts)
    if is_array(item):
        item = _fitted(t, item, plan.lengths)
    places = tuple(s if isinstance(s, int) else -1 for s in plan.sources)
    arrays = tuple(_over(t, s, plan.lengths) for s in plan.sources)
    t.call(scatter, (plan.base, plan.lengths, places, arrays, item), {})


def _over(t: Tracer, source: Any, lengths: tuple[Value, ...]) -> Any:
    """An index array stretched over the space; anything else as it is."""
    return t.call(np.broadcast_to, (source, lengths), {}) if is_array(source) else source


def _fitted(t: Tracer, item: Value, lengths: tuple[Value, ...]) -> Value:
    """The stored array, stretched over the index space, on memory of its own."""
    return t.call(np.array, (t.call(np.broadcast_to, (item, lengths), {}),), {})


def checked_index(t: Tracer, index: Value, length: Value, axis: int | None) -> Value:
    """The index after the check that it is in range, with negative ones counted from the end."""
    nonnegative = not is_symbolic(t.known(index)) and t.known(index) >= 0
    opdef = array.check_index if t.options.boundscheck else array.wrap_index
    if opdef is array.wrap_index:
        return index if nonnegative else t.emit(opdef, index, length)
    return t.emit(opdef, index, length, axis=axis, nonnegative=nonnegative)
