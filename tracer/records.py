"""Records: fields of structured arrays and of their items, read and written by name.

A record is a reference into an array's memory (`RecordItem`), as in NumPy; only while it is copied it is a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ir import types
from ir.graph import Value
from ir.ops import array, memory
from ir.records import Field, Opaque, Record, RecordItem
from ir.types import Array
from tracer import errors
from tracer.arrays import assign_over, is_array, shape_of_operand, strided_view, strides_of
from tracer.attributes import shape
from tracer.conversions import is_scalar, to_item
from tracer.frames import PathEnded
from tracer.missing import suggestion
from tracer.tracing import Tracer
from tracer.ufuncs import convert_item


def has_records(value: Any) -> bool:
    """Whether the binding is a record or an array of them."""
    return isinstance(value, Value) and isinstance(value.type, Array) and isinstance(value.type.dtype, Record)


def is_record(value: Any) -> bool:
    """Whether the binding is one record."""
    return isinstance(value, Value) and isinstance(value.type, RecordItem)


def load_item(t: Tracer, value: Value, indices: Sequence[Value]) -> Value:
    """The item at indices that have been checked: a number, or a reference to a record."""
    if not has_records(value):
        return t.emit(array.load, value, *indices)
    return value if is_record(value) else t.emit(array.subarray, value, *indices)


def referred(t: Tracer, value: Any) -> Any:
    """A record that the library has loaded, as a reference to a copy of it; anything else unchanged."""
    if not isinstance(value, Value) or not isinstance(value.type, Record):
        return value
    made = t.emit(memory.alloc, to=Array(value.type, 0, "C"), zero=False)
    t.emit(array.store, made, value)
    return as_record(t, made)


def names_of(t: Tracer, index: Any) -> tuple[str, ...] | None:
    """The names in an index that is one, or a list of them; None for any other index."""
    index = t.known(index)
    names = index if isinstance(index, (list, tuple)) else (index,)
    is_name = len(names) > 0 and all(isinstance(t.known(n), str) for n in names)
    return tuple(t.known(n) for n in names) if is_name else None


def refuse_other_items(t: Tracer, kinds: Sequence[Any]) -> None:
    """The error for a step of the library that is made for numbers, if records or times take part in it."""
    for kind in kinds:
        if isinstance(kind, Record):
            raise t.fail(errors.StaticError, "this is not defined for records", "take one of their fields: a['name']") from None
        if isinstance(kind, types.Time):
            raise t.fail(errors.StaticError, f"this is not defined for {kind}", "work on the counts: a.view(np.int64)") from None


# --- fields


def get_field(t: Tracer, value: Value, name: str) -> Any:
    """`value["name"]`: a view of a field; of one record, the number in it."""
    field = _find(t, value.type.dtype, name)
    part = field_view(t, value, field)
    if is_record(value) and not field.shape and not has_records(part):
        return t.emit(array.load, part)
    return part


def _find(t: Tracer, record: Record, name: str) -> Field:
    field = record.field(name)
    if field is None:
        hint = suggestion(name, record.names).removeprefix("; ") or f"the fields are {', '.join(record.names)}"
        raise t.fail(errors.StaticError, f"ValueError: no field of name {name}", hint)
    if isinstance(field.type, Opaque):
        kind = types.dtype_of(field.type)
        what = "strings" if kind.kind in "US" else "items"
        reason = f"the field {name!r} holds {what} of dtype {kind.str}, which are carried along but cannot be used in compiled code"
        raise t.fail(errors.StaticError, reason, "use it outside of the compiled function")
    return field


def field_view(t: Tracer, value: Value, field: Field) -> Value:
    """The memory of a field in all records of an array."""
    kind = field.type
    if isinstance(kind, Record) and value.type.dtype.attributes:
        kind = kind.with_attributes()
    if is_record(value) and isinstance(kind, Record) and not field.shape:
        return _record_view(t, value, field.offset, kind)
    size = types.dtype_of(kind).itemsize
    inner = [size]
    for length in field.shape[:0:-1]:
        inner.insert(0, inner[0] * length)
    lengths = (*shape(t, value), *field.shape)
    layout = "C" if value.type.ndim == 0 else "A"
    strides = (*strides_of(t, value), *(inner if field.shape else ()))
    return strided_view(t, value, field.offset, lengths, strides, layout=layout, dtype=kind)


def _record_view(t: Tracer, value: Value, offset: int, kind: Record) -> Value:
    aligned = value.type.aligned and _alignment(kind) <= _alignment(value.type.dtype)
    return t.emit(memory.view, value, t.lift(offset), to=RecordItem(kind, value.type.readonly, aligned))


def _alignment(kind: Record) -> int:
    return types.dtype_of(kind).alignment


def get_fields(t: Tracer, value: Value, names: tuple[str, ...]) -> Value:
    """`value[["x", "y"]]`: a view of records of these fields."""
    for name in names:
        if value.type.dtype.field(name) is None:
            _find(t, value.type.dtype, name)
    if len(set(names)) < len(names):
        raise t.fail(errors.StaticError, "ValueError: duplicate field of name " + next(n for n in names if names.count(n) > 1))
    kind = value.type.dtype.part(names)
    if is_record(value):
        return _record_view(t, value, 0, kind)
    strides = strides_of(t, value)
    return strided_view(t, value, 0, shape(t, value), strides, layout=value.type.layout, dtype=kind)


def fields_of(t: Tracer, value: Value) -> tuple[Any, ...]:
    """What all fields of one record hold."""
    return tuple(get_field(t, value, name) for name in value.type.dtype.names)


def get_by_index(t: Tracer, value: Value, index: Any) -> Any:
    """`record[index]`: a field by its name or its number, or a view of some."""
    names = names_of(t, index)
    if names is not None:
        return get_field(t, value, names[0]) if isinstance(t.known(index), str) else get_fields(t, value, names)
    return get_field(t, value, _name_at(t, value, index))


def _name_at(t: Tracer, value: Value, index: Any) -> str:
    index = t.known(index)
    if not isinstance(index, (int, np.integer)) or isinstance(index, bool):
        raise t.fail(errors.StaticError, "a field of a record is known by its name, or by a number that is known while tracing")
    names = value.type.dtype.names
    if not -len(names) <= index < len(names):
        t.raise_(IndexError, f"invalid index ({index})")
        raise PathEnded
    return names[index]


# --- stores


def set_field(t: Tracer, value: Value, name: str, item: Any) -> None:
    """`value["name"] = item`, of an array or of one record."""
    if value.type.readonly:
        t.raise_(ValueError, "assignment destination is read-only")
        raise PathEnded
    store_all(t, field_view(t, value, _find(t, value.type.dtype, name)), item)


def set_by_index(t: Tracer, value: Value, index: Any, item: Any) -> None:
    """`record[index] = item`."""
    names = names_of(t, index)
    if names is None:
        names = (_name_at(t, value, index),)
    if isinstance(t.known(index), (list, tuple)):
        store_all(t, get_fields(t, value, names), item)
    else:
        set_field(t, value, names[0], item)


def store_all(t: Tracer, target: Value, item: Any) -> None:
    """`target[...] = item`."""
    if is_record(target):
        set_record(t, target, item)
        return
    if has_records(target):
        assign_over(t, target, [stored_records(t, item, target.type)], lambda items: items[0], name="records")
        return
    kind = target.type.dtype
    item = t.unwrap(item, f"a value of type {kind.name} is required, not 'NoneType'")
    if isinstance(item, (tuple, list)):
        item = t.call(np.array, (item,), {})
    item = t.lift_array(item) if type(item) is np.ndarray else item
    if is_array(item) and item.type.ndim == 0:
        item = t.emit(array.load, item)
    item = item if is_array(item) else to_item(t, item, kind)
    if target.type.ndim or is_array(item):
        assign_over(t, target, [item], lambda items: convert_item(t, items[0], kind), name="field")
    else:
        t.emit(array.store, target, item)


def set_record(t: Tracer, target: Value, item: Any) -> None:
    """Write a record: a copy of another one, a tuple, or one number for all fields."""
    item = t.unwrap(item, "a record cannot be None")
    names = target.type.dtype.names
    if has_records(item) and item.type.ndim == 0:
        if item.type.dtype is target.type.dtype:
            t.emit(array.store, target, t.emit(array.load, item))
            return
        item = fields_of(t, as_record(t, item))
        if len(item) != len(names):
            raise t.fail(errors.StaticError, "ValueError: structures must have the same size")
    if is_scalar(item):
        item = (item,) * len(names)
    if not isinstance(item, tuple):
        raise t.fail(errors.UnsupportedOperands, "the assignment of a record", operands=(item,))
    if len(item) != len(names):
        t.raise_(ValueError, f"could not assign tuple of length {len(item)} to structure with {len(names)} fields.")
        raise PathEnded
    for name, part in zip(names, item):
        set_field(t, target, name, part)


def as_record(t: Tracer, value: Value) -> Value:
    """An array of records without axes as a reference to its only one."""
    return value if is_record(value) else t.emit(array.subarray, value)


def stored_records(t: Tracer, item: Any, kind: Array) -> Value:
    """The right side of a store into an array of records: records of the same type, in an array or alone."""
    item = t.unwrap(item, "a record cannot be None")
    if type(item) is np.ndarray:
        item = t.lift_array(item)
    if has_records(item) and item.type.dtype is kind.dtype:
        return item
    lengths = shape_of_operand(t, item) if is_array(item) else ()
    made = t.emit(memory.alloc, *lengths, to=Array(kind.dtype, len(lengths), "C"), zero=True)
    t.dimensions.update({(made, axis): length for axis, length in enumerate(lengths)})
    if not is_array(item) or (has_records(item) and not lengths):
        set_record(t, as_record(t, made), item)
        return made
    source = item.type.dtype.names if has_records(item) else None
    if source is not None and len(source) != len(kind.dtype.names):
        raise t.fail(errors.StaticError, "ValueError: structures must have the same size")
    for position, name in enumerate(kind.dtype.names):
        store_all(t, field_view(t, made, _find(t, kind.dtype, name)), item if source is None else get_field(t, item, source[position]))
    return made


# --- comparison


def compare_records(t: Tracer, name: str, a: Any, b: Any) -> Any:
    """`a == b` or `a != b`: whether all fields are equal."""
    if not has_records(a) or not has_records(b) or a.type.dtype.names != b.type.dtype.names:
        raise t.fail(errors.UnsupportedOperands, "==" if name == "eq" else "!=", operands=(a, b))
    found: Any = None
    for field, other in zip(map(_readable, a.type.dtype.fields), map(_readable, b.type.dtype.fields)):
        if field.shape != other.shape or isinstance(field.type, Opaque) or isinstance(other.type, Opaque):
            raise t.fail(errors.UnsupportedOperands, "==" if name == "eq" else "!=", operands=(a, b))
        parts = field_view(t, a, field), field_view(t, b, other)
        equal = compare_records(t, "eq", *parts) if isinstance(field.type, Record) else t.call(np.equal, parts, {})
        if field.shape:
            equal = t.call(np.all, (equal,), {"axis": tuple(range(-len(field.shape), 0))})
        found = equal if found is None else t.call(np.logical_and, (found, equal), {})
    return found if name == "eq" else t.call(np.logical_not, (found,), {})


def _readable(field: Field) -> Field:
    """The field, or the bytes of strings in their place: those of one length are equal if all their bytes are."""
    if not isinstance(field.type, Opaque) or types.dtype_of(field.type).kind not in "SU":
        return field
    return Field(field.name, types.uint8, (*field.shape, types.dtype_of(field.type).itemsize), field.offset)
