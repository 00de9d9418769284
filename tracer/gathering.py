"""`array[index]` with arrays in the index: new arrays of the items at many places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ir import types
from ir.builder import constant
from ir.graph import Value
from ir.ops import arithmetic, array, compare
from tracer.arrays import Shape, is_array, is_one, map_over, result_layout, same_length, shape_of_operand, shape_text, strided_view, strides_of
from tracer.attributes import dimension, shape
from tracer.conversions import to_index
from tracer.indexing import (
    basic_view, check_mask, checked_index, checked_indices, index_parts, is_mask, is_number, normalize_index,
)  # fmt: skip
from tracer.library.index_arrays import check_indices, items_where
from tracer.records import load_item
from tracer.shapes import cast_scalar
from tracer.tracing import Tracer


def get_items(t: Tracer, value: Value, index: Any) -> Value:
    """What `array[index]` gives where the index is not one number for each axis."""
    parts = index_parts(t, index)
    if len(parts) == value.type.ndim and all(map(is_number, parts)):
        return load_item(t, value, checked_indices(t, value, parts))
    if is_mask_of(parts, value):
        check_mask(t, value, parts[0], 0)
        return t.call(items_where, (value, parts[0]), {})
    value, parts = normalize_index(t, value, parts)
    if not any(map(is_array, parts)):
        return basic_view(t, value, parts)
    plan = make_plan(t, value, parts)
    check_plan(t, plan)
    count = len(plan.lengths)
    operands = [s for s in plan.sources if not isinstance(s, int)]
    layout = "C" if len(operands) < len(plan.sources) else result_layout(operands, count)
    return map_over(
        t, plan.lengths, operands,
        lambda given: t.emit(array.load, plan.base, *_positions(t, plan, given[:count], given[count:])),
        indexed=True, layout=layout,
    )  # fmt: skip


def is_mask_of(parts: Sequence[Any], value: Value) -> bool:
    """Whether an index is nothing but a mask with as many axes as the array."""
    return len(parts) == 1 and is_mask(parts[0]) and parts[0].type.ndim == value.type.ndim


class Plan:
    """The index space of an index with arrays in it, and what each axis of the array is indexed with there.

    `base` is the view that the slices make. `sources` has for each of its axes the number of the space's axis that runs
    over it, or an index array (as a view that is stretched over the space), or one index, which has been checked.
    `arrays` are the index arrays, to be checked, with the lengths and the numbers of their axes.
    """

    __slots__ = ("base", "lengths", "sources", "arrays")

    def __init__(self, base: Value, lengths: Shape, sources: list[Any], arrays: list[tuple[Value, Value, int]]) -> None:
        self.base, self.lengths, self.sources, self.arrays = base, lengths, sources, arrays


def make_plan(t: Tracer, value: Value, parts: list[Any]) -> Plan:
    """NumPy's rule: the axes of the index arrays stand together where the first array is, or first of all if they
    are separated by slices. Integers count as arrays without axes."""
    advanced = [i for i, p in enumerate(parts) if p is not None and not isinstance(p, slice)]
    adjacent = advanced == list(range(advanced[0], advanced[-1] + 1))
    base = basic_view(t, value, [p if p is None or isinstance(p, slice) else slice(None) for p in parts])
    axes = {i: i - sum(p is None for p in parts[:i]) for i in advanced}
    indices = {i: parts[i] for i in advanced if is_array(parts[i])}
    arrays = [(index, dimension(t, base, i), axes[i]) for i, index in indices.items()]
    common = common_shape(t, [shape(t, index) for index in indices.values()])
    basic = [i for i in range(len(parts)) if i not in advanced]
    before = [i for i in basic if i < advanced[0]] if adjacent else []
    after = [i for i in basic if i not in before]
    sources: list[Any] = [None] * len(parts)
    for place, i in enumerate(before):
        sources[i] = place
    for place, i in enumerate(after):
        sources[i] = len(before) + len(common) + place
    for i in advanced:
        if i in indices:
            sources[i] = _with_trailing_axes(t, parts[i], len(after))
        else:
            sources[i] = checked_index(t, to_index(t, parts[i]), dimension(t, base, i), axes[i])
    lengths = (
        *(dimension(t, base, i) for i in before), *common, *(dimension(t, base, i) for i in after),
    )  # fmt: skip
    return Plan(base, lengths, sources, arrays)


def check_plan(t: Tracer, plan: Plan) -> None:
    """IndexError where an index in an array is out of range. Arrays that are stretched to a space without items may hold anything."""
    if not t.options.boundscheck:
        return
    space: Shape = ()
    if len(plan.arrays) > 1:
        space = common_shape(t, [shape(t, index) for index, _, _ in plan.arrays])
    for index, length, axis in plan.arrays:
        t.call(check_indices, (index, length, constant(axis, types.int64), space), {})


def common_shape(t: Tracer, shapes: Sequence[Shape]) -> Shape:
    """The shape that index arrays are stretched to together; IndexError where they do not fit."""
    rank = max(map(len, shapes))
    one = constant(1, types.int64)
    made = []
    fits: Value | None = None
    for column in zip(*((one,) * (rank - len(s)) + s for s in shapes)):
        length, others = column[0], []
        for other in column[1:]:
            if is_one(length):
                length = other
            elif not is_one(other) and not same_length(length, other):
                others.append(other)
        for other in others:
            same = t.emit(compare.eq, length, other)
            either = t.emit(arithmetic.bit_or, t.emit(compare.eq, length, one), t.emit(compare.eq, other, one))
            fits = _both(t, fits, t.emit(arithmetic.bit_or, same, either))
            length = t.emit(compare.select, t.emit(compare.eq, length, one), other, length)
        made.append(length)
    if fits is not None:
        message = "shape mismatch: indexing arrays could not be broadcast together with shapes "
        texts = [part for s in shapes for part in (*shape_text(s), " ")]
        t.raise_if(t.negate(fits), IndexError, t.text(message, *texts))
    return tuple(made)


def _both(t: Tracer, a: Value | None, b: Value) -> Value:
    return b if a is None else t.emit(arithmetic.bit_and, a, b)


def _with_trailing_axes(t: Tracer, index: Value, trailing: int) -> Value:
    """An index array with further axes of length 1 behind its own."""
    if not trailing:
        return index
    return basic_view(t, index, [slice(None)] * index.type.ndim + [None] * trailing)


def _positions(t: Tracer, plan: Plan, indices: Sequence[Value], items: Sequence[Any]) -> list[Value]:
    """The index of each axis of the base at one point of the space."""
    given = iter(items)
    return [
        t.lift(indices[source]) if isinstance(source, int) else _position(t, plan, axis, source, next(given))
        for axis, source in enumerate(plan.sources)
    ]


def _position(t: Tracer, plan: Plan, axis: int, source: Any, item: Any) -> Value:
    if not is_array(source):
        return t.lift(item)
    return t.emit(array.wrap_index, cast_scalar(t, item, types.int64), dimension(t, plan.base, axis))


# --- arrays stretched over a space


def stretched(t: Tracer, value: Value, lengths: Shape, refuse: Callable[[], None]) -> Value:
    """The view of an array over a space of `lengths`; `refuse` raises at run time where it does not fit."""
    source, strides = shape_of_operand(t, value), strides_of(t, value)
    one = constant(1, types.int64)
    surplus = max(len(source) - len(lengths), 0)
    fits = _surplus_fits(t, source[:surplus], source[surplus:])
    made: list[Any] = [0] * (len(lengths) - len(source) + surplus)
    for length, stride, wanted in zip(source[surplus:], strides[surplus:], lengths[len(made) :]):
        if same_length(length, wanted):
            made.append(stride)
        elif is_one(length):
            made.append(0)
        else:
            single = t.emit(compare.eq, length, one)
            fits = _both(t, fits, t.emit(arithmetic.bit_or, single, t.emit(compare.eq, length, wanted)))
            made.append(t.emit(compare.select, single, constant(0, types.int64), t.lift(stride)))
    if fits is not None:
        failing, going_on = t.fork(t.negate(fits), "mismatch", "fits")
        t.enter(failing)
        refuse()
        t.enter(going_on)
    if len(source) == len(lengths) and all(a is b for a, b in zip(made, strides)):
        return value
    return strided_view(t, value, 0, lengths, made)


def _surplus_fits(t: Tracer, surplus: Shape, others: Shape) -> Value | None:
    """Whether an array may lose its first axes: as in NumPy, where it has as many items without them. None if it may in any case."""
    fits: Value | None = None
    for length in surplus:
        if not is_one(length):
            fits = _both(t, fits, t.emit(compare.eq, length, constant(1, types.int64)))
    if fits is not None:
        for length in others:
            fits = t.emit(arithmetic.bit_or, fits, t.emit(compare.eq, length, constant(0, types.int64)))
    return fits
