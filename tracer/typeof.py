"""From a Python value to its type, or to the reason why it has none."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ir import types
from ir.records import RecordItem
from ir.types import Type


class UnsupportedValue(TypeError):
    """A value that compiled code cannot take: the reason in one line and what to do instead."""

    def __init__(self, value: Any, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.value = value
        self.reason = reason
        self.hint = hint


def typeof(value: Any) -> Type:
    """The type that compiled code gives `value`; a Type is returned as it is.

    An int beyond 64 bits has the type int64 as well: who unboxes it raises OverflowError.
    Raises UnsupportedValue.
    """
    known = _SCALAR_TYPES.get(type(value))
    if known is not None:
        return known
    of_class = _BY_CLASS.get(type(value))
    return of_class(value) if of_class is not None else _typeof_subclass(value)


def _typeof_subclass(value: Any) -> Type:
    own = type(value)  # an object may say of itself that it is of another class
    if issubclass(own, Type):
        return value
    if issubclass(own, tuple):
        return _typeof_namedtuple(value)
    if issubclass(own, np.ndarray):
        return _typeof_array_subclass(value)
    if issubclass(own, np.void):
        return _typeof_record(value)
    if issubclass(own, np.generic):
        return _typeof_numpy_scalar(value)
    raise _refuse(value)


# --- tuples ----------------------------------------------------------------------------------------------------------


MOST_ITEMS, MOST_LEVELS = 500, 50
"""Of a tuple with all tuples inside: each item is a parameter of the machine code, and LLVM takes minutes for thousands."""


def _check_size(value: tuple) -> None:
    """Refuse a tuple that is too large, without looking at more of it than a type may have."""
    count, layer = 0, [value]
    for _ in range(MOST_LEVELS):
        count += sum(map(tuple.__len__, layer))
        if count > MOST_ITEMS:
            break
        layer = [item for nested in layer for item in tuple.__iter__(nested) if issubclass(type(item), tuple)]
        if not layer:
            return
    what = f"has more than {MOST_ITEMS} items" if count > MOST_ITEMS else f"has more than {MOST_LEVELS} levels of tuples"
    raise UnsupportedValue(value, f"the tuple {what}", "pass an array: each item of a tuple is a variable of its own")


def _typeof_items(value: tuple) -> tuple[Type, ...]:
    _check_size(value)
    items = []
    for position, item in enumerate(value):
        try:
            items.append(typeof(item))
        except UnsupportedValue as fault:
            raise UnsupportedValue(item, f"item {position} of a tuple: {fault.reason}", fault.hint) from None
    return tuple(items)


def _typeof_tuple(value: tuple) -> Type:
    return types.Tuple(_typeof_items(value))


def _typeof_slice(value: slice) -> Type:
    parts = tuple(_typeof_bound(value, part) for part in types.slice_parts(value))
    return types.Slice(parts)


def _typeof_bound(value: slice, part: Any) -> Type:
    found = typeof(part) if part is None or isinstance(part, (int, np.integer, np.bool_)) else None
    if not isinstance(found, (types.Integer, types.Boolean, types.NoneType)):
        raise UnsupportedValue(value, "the parts of a slice are integers or None in compiled code", "pass start, stop and step")
    return found


def _typeof_namedtuple(value: tuple) -> Type:
    own = type(value)
    fields = getattr(own, "_fields", None)
    if not isinstance(fields, tuple) or len(fields) != len(value):
        raise UnsupportedValue(
            value, f"{_class_name(own)} is a subclass of tuple but no namedtuple", "pass tuple(...) of it, or a namedtuple"
        )
    return types.NamedTuple(_typeof_items(value), own)


# --- arrays ----------------------------------------------------------------------------------------------------------

_ARRAY_TYPES: dict[tuple[np.dtype, int, int], types.Array] = {}


def _typeof_array(array: np.ndarray) -> types.Array:
    """The type of an array, by its dtype, its number of dimensions and its flags."""
    if array.dtype.names is not None:  # np.record and np.void make dtypes that are equal
        return _make_array_type(array)
    key = array.dtype, array.ndim, array.flags.num
    known = _ARRAY_TYPES.get(key)
    if known is None:
        known = _ARRAY_TYPES[key] = _make_array_type(array)
    return known


def _make_array_type(array: np.ndarray) -> types.Array:
    """Contiguous in both orders (0-d, 1-d, empty, a single row) is C; NumPy's flags decide what is contiguous."""
    flags = array.flags
    layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
    item = _item_type(array, array.dtype)
    return types.Array(item, array.ndim, layout, readonly=not flags.writeable, aligned=flags.aligned)


def _typeof_array_subclass(array: np.ndarray) -> Type:
    if type(array) is np.memmap or (type(array) is np.recarray and array.dtype.type is np.record):
        return _typeof_array(array)
    own = type(array)
    hint = _ARRAY_SUBCLASS_HINTS.get(own.__name__, "pass np.asarray(...) of it")
    raise UnsupportedValue(array, f"{_class_name(own)} is a subclass of np.ndarray with rules of its own", hint)


_ARRAY_SUBCLASS_HINTS = {
    "MaskedArray": "pass its .data and its .mask as two arrays, or .filled(...)",
    "recarray": "pass np.rec.array(...) of it",
}


def _typeof_record(value: np.void) -> Type:
    record = types.from_dtype(value.dtype)
    if record is None:
        raise UnsupportedValue(value, *_dtype_fault(value.dtype))
    return RecordItem(record, readonly=not value.flags.writeable, aligned=value.flags.aligned)


def _typeof_numpy_scalar(value: np.generic) -> Type:
    """NumPy has several classes for one width (`np.longlong`): they are taken as the one of that dtype."""
    own, dtype = type(value), np.generic.dtype.__get__(value)
    if not issubclass(own, (np.bool_, np.number, np.datetime64)):
        raise UnsupportedValue(value, *_dtype_fault(dtype))
    if own is not dtype.type:
        raise UnsupportedValue(value, *_subclass_fault(own, dtype.type))
    return _item_type(value, dtype)


def _item_type(value: Any, dtype: np.dtype) -> types.Scalar:
    item = types.from_dtype(dtype)
    if item is None:
        raise UnsupportedValue(value, *_dtype_fault(dtype))
    return item


def _dtype_fault(dtype: np.dtype) -> tuple[str, str]:
    """The reason why a dtype is not supported, and a hint."""
    if dtype.names is not None:
        what = "holds Python objects" if dtype.hasobject else "has titles of fields"
        return f"structured dtype {_dtype_text(dtype)} {what}", "pass its other fields as separate arrays"
    if dtype.kind in "biufcmM" and not dtype.isnative:
        native = dtype.newbyteorder("=").name
        return (
            f"dtype {dtype.str} is in the byte order of another kind of machine",
            f"convert it with .astype(np.{native})" if dtype.kind not in "mM" else f"convert it with .astype({native!r})",
        )
    reason, hint = _DTYPE_FAULTS.get(dtype.kind, (f"dtype {_dtype_text(dtype)} is not supported", ""))
    if dtype.kind in "fc":
        hint = f"convert it with .astype(np.{_NEAREST.get(dtype.char, 'float64')})"
    return reason.format(dtype=_dtype_text(dtype)), hint


_DTYPE_FAULTS = {
    "f": ("dtype {dtype} is not supported", ""),
    "c": ("dtype {dtype} is not supported", ""),
    "O": ("object dtype holds Python objects, not numbers", "convert it with .astype(np.float64) or another numeric dtype"),
    "U": ("dtype {dtype} holds strings, not numbers", "map the strings to integers, as np.unique(..., return_inverse=True) does"),
    "S": ("dtype {dtype} holds byte strings, not numbers", "look at the bytes as numbers with .view(np.uint8)"),
    "T": ("dtype {dtype} holds strings, not numbers", "map the strings to integers, as np.unique(..., return_inverse=True) does"),
    "V": ("dtype {dtype} holds raw bytes, not numbers", "look at the bytes as numbers with .view(np.uint8)"),
}  # fmt: skip
_NEAREST = {"e": "float32", "g": "float64", "G": "complex128"}


def _dtype_text(dtype: np.dtype) -> str:
    text = str(dtype.descr) if dtype.names is not None else dtype.str if dtype.kind in "US" else dtype.name
    return text if len(text) <= 60 else text[:57] + "..."


# --- what is refused ---------------------------------------------------------------------------------------------------


def _refuse(value: Any) -> UnsupportedValue:
    own = type(value)
    name = _class_name(own)
    known = _CLASS_FAULTS.get(own)
    if known is not None:
        return UnsupportedValue(value, *known)
    for base in (bool, int, float, complex):
        if issubclass(own, base):
            return UnsupportedValue(value, *_subclass_fault(own, base))
    if issubclass(own, type):
        return UnsupportedValue(value, f"the class {_class_name(value)} is not a value that compiled code can take", _AS_GLOBAL)
    if issubclass(own, np.dtype):
        return UnsupportedValue(value, f"a dtype ({value}) is not a value that compiled code can take", _AS_GLOBAL)
    if issubclass(own, ModuleType):
        return UnsupportedValue(value, f"the module {value.__name__} is not a value that compiled code can take", _AS_GLOBAL)
    if callable(value) and hasattr(value, "__name__"):
        return UnsupportedValue(
            value, f"the function {value.__name__} is not a value that compiled code can take", _AS_GLOBAL
        )
    if hasattr(own, "to_numpy"):
        return UnsupportedValue(value, f"{name} has no type in compiled code", "pass its .to_numpy()")
    if hasattr(own, "__array__") or hasattr(own, "__array_interface__"):
        return UnsupportedValue(value, f"{name} has no type in compiled code", "pass np.asarray(...) of it")
    return UnsupportedValue(
        value, f"{name} has no type in compiled code",
        "pass the numbers, tuples and arrays that it is made of",
    )  # fmt: skip


def _subclass_fault(own: type, base: type) -> tuple[str, str]:
    return f"{_class_name(own)} is a subclass of {base.__name__} with rules of its own", f"pass {base.__name__}(...) of it"


def _class_name(own: type) -> str:
    return own.__qualname__ if own.__module__ in ("builtins", "__main__") else f"{own.__module__}.{own.__qualname__}"


_AS_GLOBAL = "use it as a global, a closure variable or a default of the compiled function"
_TO_ARRAY = "pass a tuple, or np.array(...) of it"
_CLASS_FAULTS = {
    list: ("lists are not supported as arguments", _TO_ARRAY),
    set: ("sets are not supported as arguments", "pass a sorted array: np.array(sorted(...))"),
    frozenset: ("sets are not supported as arguments", "pass a sorted array: np.array(sorted(...))"),
    dict: ("dicts are not supported as arguments", "pass np.array(list(d.keys())) and np.array(list(d.values()))"),
    str: ("strings are not supported as arguments", _AS_GLOBAL),
    bytes: ("bytes are not supported as arguments", "pass np.frombuffer(..., dtype=np.uint8)"),
    bytearray: ("bytearrays are not supported as arguments", "pass np.frombuffer(..., dtype=np.uint8)"),
    memoryview: ("memoryviews are not supported as arguments", "pass np.asarray(...) of it"),
    range: ("ranges are not supported as arguments", "pass start, stop and step"),
    type(Ellipsis): ("an ellipsis is not supported as an argument", ""),
}

_SCALAR_TYPES: dict[type, Type] = {types.class_of(t): t for t in types.SCALARS} | {type(None): types.none}
_BY_CLASS: dict[type, Callable[[Any], Type]] = {np.ndarray: _typeof_array, tuple: _typeof_tuple, slice: _typeof_slice}


def larger_than_64_bits(value: Any) -> int | None:
    """An int that has no place in an int64: the value itself, or one in a tuple or slice that it is."""
    if type(value) is int:
        return None if -(1 << 63) <= value < 1 << 63 else value
    if isinstance(value, tuple):
        return next((large for large in map(larger_than_64_bits, tuple.__iter__(value)) if large is not None), None)
    return larger_than_64_bits(types.slice_parts(value)) if type(value) is slice else None


def type_in_object_mode(value: Any) -> Type | None:
    """The type of an object that compiled code works on, or None."""
    try:
        found = typeof(value)
    except UnsupportedValue:
        return None
    return None if larger_than_64_bits(value) is not None else found
