"""Attributes of static objects and of run-time values."""

from __future__ import annotations

from collections.abc import Callable
from types import GetSetDescriptorType
from typing import Any

import numpy as np

from ir import types
from ir.builder import constant
from ir.graph import Value
from ir.on_demand import OnDemand
from ir.ops import aggregate, arithmetic, array
from ir.records import Record
from ir.types import Array, Boolean, Complex, Float, Integer, Object, Scalar
from tracer import errors, library
from tracer.extending import IMPLEMENTATIONS
from tracer.missing import suggestion
from tracer.shapes import cast_scalar
from tracer.tracing import Tracer
from tracer.values import ExceptionValue, Flat, Method, Range, SliceParts, Text, as_tuple, is_namedtuple

records = OnDemand("tracer.records")
_PARTS = ("start", "stop", "step")


def get_attribute(t: Tracer, value: Any, name: str) -> Any:
    """`value.name`."""
    if isinstance(value, Value):
        return _of_value(t, t.unwrap(value, f"'NoneType' object has no attribute '{name}'"), name)
    if isinstance(value, SliceParts) and name in _PARTS:
        return value[_PARTS.index(name)]
    if type(value) is slice and name == "indices":
        return Method(as_tuple(value), name)
    if isinstance(value, tuple):
        if is_namedtuple(value) and name in value._fields:
            return value[value._fields.index(name)]
        return value._fields if is_namedtuple(value) and name == "_fields" else Method(value, name)
    if isinstance(value, Range) and name in _PARTS:
        return getattr(value, name)
    if isinstance(value, (Text, ExceptionValue)):
        raise t.fail(errors.NoAttribute, name, operands=(value,))
    try:
        return getattr(value, name)
    except AttributeError as error:
        hint = suggestion(name, dir(value)).removeprefix("; ")
        raise t.fail(errors.StaticError, f"AttributeError: {error}", hint) from None


def _of_value(t: Tracer, value: Any, name: str) -> Any:
    if not isinstance(value, Value):
        return get_attribute(t, value, name)
    if isinstance(value.type, Object):
        raise t.fail(errors.NoAttribute, name, operands=(value,))
    table = _ARRAY if isinstance(value.type, Array) else _NUMBER if isinstance(value.type, Scalar) else {}
    if name in table:
        return table[name](t, value)
    if isinstance(value.type, Scalar) and not value.type.weak and name in _OF_AN_ARRAY_WITHOUT_AXES:
        return _OF_AN_ARRAY_WITHOUT_AXES[name](value)
    if isinstance(value.type, Array) and isinstance(value.type.dtype, Record) and name in value.type.dtype.names:
        return records.get_field(t, value, name)
    if isinstance(value.type, Array) and (attribute := _library_attribute(name)) is not None:
        return t.call(attribute, (value,), {})
    owner = np.ndarray if isinstance(value.type, Array) else types.class_of(value.type)
    if callable(getattr(owner, name, None)):
        return Method(value, name)
    fields = value.type.dtype.names if isinstance(value.type, Array) and isinstance(value.type.dtype, Record) else ()
    raise t.fail(errors.NoAttribute, name, (*table, *fields), operands=(value,))


def _library_attribute(name: str) -> Any:
    """The attribute of arrays that a function of the library stands for, or None."""
    attribute = getattr(np.ndarray, name, None)
    if not isinstance(attribute, GetSetDescriptorType):
        return None
    return attribute if attribute in IMPLEMENTATIONS or (library.load_rest() and attribute in IMPLEMENTATIONS) else None


# --- arrays


def dimension(t: Tracer, value: Value, axis: int) -> Value:
    """The length of an axis. That of a parameter is read once, at the entry, where every use can see it."""
    known = t.dimensions.get((value, axis))
    return known if known is not None else t.emit(array.shape, value, axis=axis)


def shape(t: Tracer, value: Value) -> tuple[Value, ...]:
    """`array.shape`."""
    return tuple(dimension(t, value, axis) for axis in range(value.type.ndim))


def size(t: Tracer, value: Value) -> Any:
    """`array.size`: the product of the lengths."""
    total: Any = None
    for length in shape(t, value):
        total = length if total is None else t.emit(arithmetic.mul, total, length)
    return 1 if total is None else total


def _strides(t: Tracer, value: Value) -> tuple[Value, ...]:
    return tuple(t.emit(array.stride, value, axis=axis) for axis in range(value.type.ndim))


def _nbytes(t: Tracer, value: Value) -> Any:
    itemsize = types.dtype_of(value.type.dtype).itemsize
    items = size(t, value)
    return items * itemsize if isinstance(items, int) else t.emit(arithmetic.mul, items, constant(itemsize, types.int64))


def transpose(t: Tracer, value: Value) -> Value:
    """`array.T`."""
    return value if value.type.ndim < 2 else t.emit(array.transpose, value)


_ARRAY: dict[str, Callable[[Tracer, Value], Any]] = {
    "shape": shape,
    "size": size,
    "strides": _strides,
    "flat": lambda t, value: Flat(value),
    "nbytes": _nbytes,
    "T": transpose,
    "ndim": lambda t, value: value.type.ndim,
    "dtype": lambda t, value: types.dtype_of(value.type.dtype),
    "itemsize": lambda t, value: types.dtype_of(value.type.dtype).itemsize,
}


# --- numbers


def _real(t: Tracer, value: Value) -> Value:
    if isinstance(value.type, Complex):
        return t.emit(aggregate.complex_real, value)
    return cast_scalar(t, value, types.int64) if value.type is types.boolean else value


def _imag(t: Tracer, value: Value) -> Any:
    if isinstance(value.type, Complex):
        return t.emit(aggregate.complex_imag, value)
    return constant(0, types.int64 if value.type is types.boolean else value.type)


def _numerator(t: Tracer, value: Value) -> Any:
    if isinstance(value.type, (Integer, Boolean)):
        return _real(t, value)
    raise t.fail(errors.NoAttribute, "numerator", operands=(value,))


def _denominator(t: Tracer, value: Value) -> Any:
    if isinstance(value.type, (Float, Complex)):
        raise t.fail(errors.NoAttribute, "denominator", operands=(value,))
    return 1


_NUMBER: dict[str, Callable[[Tracer, Value], Any]] = {
    "real": _real, "imag": _imag, "numerator": _numerator, "denominator": _denominator,
}  # fmt: skip

_OF_AN_ARRAY_WITHOUT_AXES: dict[str, Callable[[Value], Any]] = {
    "dtype": lambda value: types.dtype_of(value.type), "ndim": lambda value: 0, "shape": lambda value: (), "strides": lambda value: (),
    "size": lambda value: 1, "itemsize": lambda value: types.dtype_of(value.type).itemsize,
    "nbytes": lambda value: types.dtype_of(value.type).itemsize, "T": lambda value: value,
}  # fmt: skip
"""What NumPy's numbers have in common with arrays."""
