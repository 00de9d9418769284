"""Items: `value[index]`, loaded and stored."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

from ir import types
from ir.builder import constant
from ir.graph import Value
from ir.ops import arithmetic, array
from ir.types import Array, Time
from tracer import errors, library
from tracer.conversions import is_scalar, to_index, to_item
from tracer.extending import IMPLEMENTATIONS
from tracer.frames import PathEnded
from tracer.gathering import get_items
from tracer.indexing import checked_indices, is_full_index, is_number, one_for_each_axis
from tracer.library.flat_items import flat_items, set_flat_items
from tracer.library.ranges import range_length
from tracer.operators import binary
from tracer.records import (
    get_by_index, has_records, is_record, load_item, names_of, referred, set_by_index, set_record, store_all,
)  # fmt: skip
from tracer.shapes import CannotJoin, as_type, cast_scalar, join_shapes, shape_of
from tracer.storing import set_items
from tracer.tracing import Tracer
from tracer.values import Flat, Range, Sequence, SliceParts, as_index, is_array_value, is_symbolic


def get_item(t: Tracer, value: Any, index: Any) -> Any:
    """`value[index]`."""
    value = t.unwrap(value, "'NoneType' object is not subscriptable")
    if type(value) is np.ndarray:
        value = t.lift_array(value)
    if is_array_value(value):
        return _load(t, value, index)
    if isinstance(value, tuple) and not isinstance(value, SliceParts):
        return _tuple_item(t, value, as_index(index))
    if isinstance(value, Flat):
        return referred(t, t.call(flat_items, (value.array, index), {}))
    if isinstance(value, Sequence) and t.frame.is_library:
        return value.item(to_index(t, index))
    if isinstance(value, Range) and not isinstance(index, (slice, SliceParts)):
        return _range_item(t, value, to_index(t, index))
    index = t.known(index)
    method = getattr(type(value), "__getitem__", None)
    if isinstance(method, FunctionType) and not is_symbolic(value) and (is_symbolic(index) or _is_implemented(method)):
        return t.call(method, (value, index), {})
    if is_symbolic(value) or is_symbolic(index):
        raise t.fail(errors.NotSubscriptable, operands=(value, index))
    try:
        return value[index]
    except (TypeError, KeyError, IndexError) as error:
        raise t.fail(errors.StaticError, f"{type(error).__name__}: {error}") from None


def _is_implemented(method: FunctionType) -> bool:
    """Whether a function of the library stands for the subscripts of such an object, as `np.mgrid`: each makes a new array."""
    return method in IMPLEMENTATIONS or (method.__module__.startswith("numpy.") and library.load_rest() and method in IMPLEMENTATIONS)


def _range_item(t: Tracer, value: Range, index: Value) -> Any:
    length = t.lift(t.call(range_length, (value.start, value.stop, value.step), {}))
    low = binary(t, "lt", index, binary(t, "sub", 0, length))
    outside = binary(t, "or", low, binary(t, "ge", index, length))
    t.raise_if(t.lift(outside), IndexError, "range object index out of range")
    position = t.emit(array.wrap_index, index, length)
    return range_number(t, value, position)


def range_number(t: Tracer, value: Range, index: Any) -> Any:
    """The number at an index of a range. It has 64 bits, though the product may wrap on the way."""
    start, step = value.start, value.step
    if not any(map(is_symbolic, (start, step, index))):
        return start + index * step
    offset = index if not is_symbolic(step) and step == 1 else t.emit(arithmetic.mul, t.lift(index), t.lift(step))
    return offset if not is_symbolic(start) and start == 0 else t.emit(arithmetic.add, t.lift(start), t.lift(offset))


# --- tuples


def _tuple_item(t: Tracer, value: tuple[Any, ...], index: Any) -> Any:
    if isinstance(index, slice):
        parts = [t.known(part) for part in (index.start, index.stop, index.step)]
        if any(map(is_symbolic, parts)):
            raise t.fail(errors.SliceNotKnown)
        return tuple(value)[slice(*parts)]
    index = t.known(index)
    if is_symbolic(index):
        if isinstance(index, Value) and index.type is types.boolean:
            index = cast_scalar(t, index, types.int64)
        return _tuple_item_at(t, value, to_index(t, index))
    try:
        return tuple(value)[index]
    except IndexError:
        t.raise_(IndexError, "tuple index out of range")
        raise PathEnded from None
    except TypeError as error:
        raise t.fail(errors.StaticError, f"TypeError: {error}") from None


def _tuple_item_at(t: Tracer, value: tuple[Any, ...], index: Value) -> Any:
    """An item at an index known at run time: the items must have a common shape."""
    items = tuple(value)
    position = t.emit(
        array.check_index, index, constant(len(items), types.int64), axis=None, nonnegative=False
    )
    if not items:
        raise PathEnded
    try:
        shape = shape_of(items[0])
        for item in items[1:]:
            shape = join_shapes(shape, shape_of(item))
        as_type(shape)
    except CannotJoin:
        raise t.fail(errors.TupleIndexNotKnown) from None
    return _select(t, items, position, 0)


def _select(t: Tracer, items: tuple[Any, ...], position: Value, low: int) -> Any:
    """Binary search through the items, so that long tuples stay cheap."""
    if len(items) == 1:
        return items[0]
    half = len(items) // 2
    condition = binary(t, "lt", position, low + half)
    return t.conditional(
        condition, lambda: _select(t, items[:half], position, low), lambda: _select(t, items[half:], position, low + half)
    )


# --- arrays


def _load(t: Tracer, value: Value, index: Any) -> Any:
    if not is_full_index(value, index):
        return _load_part(t, value, index)
    given = one_for_each_axis(index)
    return load_item(t, value, checked_indices(t, value, given))


def _load_part(t: Tracer, value: Value, index: Any) -> Any:
    """A view or a copy. The first indices alone give a view of the last axes."""
    if has_records(value) and (names_of(t, index) is not None or (is_record(value) and index != () and index is not Ellipsis)):
        return get_by_index(t, value, index)
    given = one_for_each_axis(index)
    if 0 < len(given) < value.type.ndim and all(map(is_number, given)):
        return t.emit(array.subarray, value, *checked_indices(t, value, given))
    return get_items(t, value, index)


def item_at(t: Tracer, value: Value, index: Value) -> Value:
    """The item or subarray at an index of the first axis that is known to be in range."""
    return load_item(t, value, (index,)) if value.type.ndim == 1 else t.emit(array.subarray, value, index)


def set_item(t: Tracer, value: Any, index: Any, item: Any) -> None:
    """`value[index] = item`."""
    value = t.unwrap(value, "'NoneType' object does not support item assignment")
    if type(value) is np.ndarray:
        value = t.lift_array(value)
    if isinstance(value, Flat):
        t.call(set_flat_items, (value.array, index, item), {})
        return
    if not isinstance(value, Value) or not isinstance(value.type, Array):
        raise t.fail(errors.NoItemAssignment, operands=(value,), nodes=[t.node.value])
    if value.type.readonly:
        t.raise_(ValueError, "assignment destination is read-only")
        raise PathEnded
    if has_records(value) and (is_record(value) or names_of(t, index) is not None):
        store_all(t, value, item) if index == () or index is Ellipsis else set_by_index(t, value, index, item)
        return
    if not is_full_index(value, index):
        set_items(t, value, index, item)
        return
    if has_records(value):
        given = one_for_each_axis(index)
        set_record(t, load_item(t, value, checked_indices(t, value, given)), item)
        return
    item = t.unwrap(item, "float() argument must be a string or a real number, not 'NoneType'")
    if is_array_value(item) and item.type.ndim == 0:
        item = t.emit(array.load, item)
        if isinstance(item.type, Time) and isinstance(value.type.dtype, Time):
            item = cast_scalar(t, item, value.type.dtype)  # arrays are converted where single times are not
    if not is_scalar(item):
        raise t.fail(errors.NotANumber, operands=(item,))
    given = one_for_each_axis(index)
    t.emit(array.store, value, *checked_indices(t, value, given), to_item(t, item, value.type.dtype))
