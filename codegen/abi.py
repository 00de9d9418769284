"""How values are represented in machine code: as a list of LLVM scalars, their *components*.

    bool                i1 (one byte in memory)
    integers, floats    themselves
    times               the count of units, i64
    complex             real part, imaginary part
    None                nothing
    tuples              the components of the items, one after the other
    optional            i1, whether there is a value; the components of the value
    record              its bytes, in pieces of eight and then of four, two and one
    array               the owner, the address of the first item, the shape, and for layout "A" the strides in bytes.
                        Strides of C and Fortran arrays follow from the shape, so that LLVM sees that the last (first)
                        one is the item's size.

The owner of an array is the address of a counted block (codegen.runtime_memory), or that of a Python object, which the
caller keeps alive, plus 1. It is null where there is no array: in an optional without a value.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from codegen.objects import FLAG_ALIGNED, FLAG_C, FLAG_F, FLAG_WRITEABLE
from codegen.runtime import array_at
from ir import types as t
from ir.ops.memory import contiguous_strides
from ir.records import Record, RecordItem

_CACHE: dict[t.Type, tuple[str, ...]] = {}


def components(type: t.Type) -> tuple[str, ...]:
    """The LLVM types of the components of a value of this type."""
    found = _CACHE.get(type)
    if found is None:
        found = _CACHE[type] = _components(type)
    return found


def _components(type: t.Type) -> tuple[str, ...]:
    if isinstance(type, t.Boolean):
        return ("i1",)
    if isinstance(type, (t.Integer, t.Time)):
        return (f"i{type.bits}",)
    if isinstance(type, t.Float):
        return ({32: "float", 64: "double"}[type.bits],)
    if isinstance(type, t.Complex):
        return components(type.part) * 2
    if isinstance(type, t.NoneType):
        return ()
    if isinstance(type, t.Optional):
        return ("i1", *components(type.value))
    if isinstance(type, t.Tuple):
        return tuple(c for item in type.items for c in components(item))
    if isinstance(type, t.Object):
        return ("ptr",)
    if isinstance(type, Record):
        return tuple(component for component, _ in pieces(type))
    if isinstance(type, t.Array):
        return ("ptr", "ptr", *("i64",) * (type.ndim * (2 if type.layout == "A" else 1)))
    raise NotImplementedError(f"no machine representation of {type}")


def pieces(record: Record) -> list[tuple[str, int]]:
    """The integers that a record is moved in, and where each is."""
    found, at = [], 0
    for size in (8, 4, 2, 1):
        while record.size - at >= size:
            found.append((f"i{8 * size}", at))
            at += size
    return found


def item_range(type: t.Tuple, index: int) -> slice:
    """Where in the components of a tuple those of one item are."""
    start = sum(len(components(item)) for item in type.items[:index])
    return slice(start, start + len(components(type.items[index])))


def owner_positions(type: t.Type, start: int = 0) -> list[list[int]]:
    """Where in the components of a value the owners of its arrays are, for each of its parts (ir/ownership.py)."""
    if isinstance(type, (t.Array, t.Object)):
        return [[start]]
    if isinstance(type, t.Optional):
        inside = owner_positions(type.value, start + 1)
        return [[position for part in inside for position in part]] if inside else []
    found = []
    for item in type.items if isinstance(type, t.Tuple) else ():
        found += owner_positions(item, start)
        start += len(components(item))
    return found


_ZERO = {"ptr": "null", "float": "0.0", "double": "0.0", "i1": "false"}


def zero(component: str) -> str:
    """The LLVM constant zero of a component type."""
    return _ZERO.get(component, "0")


def item_size(array: t.Array) -> int:
    """The bytes of an item of an array."""
    return t.dtype_of(array.dtype).itemsize


BORROWED, COUNTED = 1, 2
"""What is added to the address of a Python object: its count belongs to the caller, or to compiled code."""


def tagged(pointer: str, tag: int = BORROWED) -> str:
    """A reference to a Python object as LLVM text; `pointer` is a symbol."""
    return f"getelementptr (i8, ptr {pointer}, i64 {tag})"


def float_literal(value: float) -> str:
    """A float as LLVM text: the bits of the double, which LLVM also wants for single precision."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def literals(type: t.Type, value: Any, symbol: Callable[[Any], str], pointer: Callable[[int], str]) -> list[str]:
    """The components of a constant as LLVM text.

    `symbol` names a Python object and `pointer` a memory address: both differ between processes.
    """
    if isinstance(type, t.Boolean):
        return ["true" if value else "false"]
    if isinstance(type, t.Integer):
        return [str(int(value))]
    if isinstance(type, t.Time):
        return [str(t.time_count(value))]
    if isinstance(type, t.Float):
        return [float_literal(float(value))]
    if isinstance(type, t.Complex):
        return [float_literal(float(value.real)), float_literal(float(value.imag))]
    if isinstance(type, t.NoneType):
        return []
    if isinstance(type, t.Optional):
        if value is None:
            return ["false", *map(zero, components(type.value))]
        return ["true", *literals(type.value, value, symbol, pointer)]
    if isinstance(type, t.Tuple):
        items = t.slice_parts(value) if isinstance(type, t.Slice) else value
        return [text for i, v in zip(type.items, items) for text in literals(i, v, symbol, pointer)]
    if isinstance(type, t.Object):
        return [tagged(symbol(value), COUNTED)]
    if isinstance(type, t.Array):
        strides = map(str, value.strides if type.layout == "A" else ())
        return [tagged(symbol(value)), pointer(value.ctypes.data), *map(str, value.shape), *strides]
    raise NotImplementedError(f"no constants of {type}")


def array_flags(array: t.Array, exact: bool) -> tuple[int, int]:
    """A mask for the flags of an ndarray, and what they are under it for an array of this type.

    With `exact` this is the rule by which `typeof` tells types apart: "C" where the array is C-contiguous (also where
    it is both), else "F" where it is Fortran-contiguous, else "A".
    """
    mask = expected = {"C": FLAG_C, "F": FLAG_F, "A": 0}[array.layout]
    if exact:
        mask |= {"C": FLAG_C, "F": FLAG_C, "A": FLAG_C | FLAG_F}[array.layout]
    if exact or not array.readonly:
        mask |= FLAG_WRITEABLE
        expected |= 0 if array.readonly else FLAG_WRITEABLE
    if exact or array.aligned:
        mask |= FLAG_ALIGNED
        expected |= FLAG_ALIGNED if array.aligned else 0
    return mask, expected


def decode(type: t.Type, parts: Iterator[Any]) -> Any:
    """The Python object that components describe: numbers (integers signed) and addresses, as ctypes reads them.

    One count of each array in the value is taken over.
    """
    if isinstance(type, t.Complex):
        return t.class_of(type)(complex(next(parts), next(parts)))
    if isinstance(type, t.Integer) and not type.signed:
        return t.class_of(type)(next(parts) & type.maximum)
    if isinstance(type, t.Time):
        return t.time_of_count(next(parts), type)
    if isinstance(type, t.Scalar):
        return t.class_of(type)(next(parts))
    if isinstance(type, t.NoneType):
        return None
    if isinstance(type, t.Optional):
        present = next(parts)
        value = decode(type.value, parts) if present else [next(parts) for _ in components(type.value)]
        return value if present else None
    if isinstance(type, t.NamedTuple):
        return type.instance_class._make([decode(item, parts) for item in type.items])
    if isinstance(type, t.Slice):
        return slice(*[decode(item, parts) for item in type.items])
    if isinstance(type, t.Tuple):
        return tuple([decode(item, parts) for item in type.items])
    if isinstance(type, t.Object):
        return _decode_object(next(parts))
    if isinstance(type, t.Array):
        return _decode_array(type, parts)
    raise NotImplementedError(f"no Python object for {type}")


def _decode_object(reference: int) -> Any:
    counted = ctypes.cast(reference - COUNTED, ctypes.py_object)
    value = counted.value
    ctypes.pythonapi.Py_DecRef(counted)
    return value


def _decode_array(type: t.Array, parts: Iterator[Any]) -> np.ndarray:
    owner, data = next(parts), next(parts) or 0
    shape = tuple([next(parts) for _ in range(type.ndim)])
    dtype = t.dtype_of(type.dtype)
    strides = tuple([next(parts) for _ in range(type.ndim)]) if type.layout == "A" else None
    made = array_at(owner, data, shape, strides or contiguous_strides(shape, type), dtype, not type.readonly)
    if isinstance(type, RecordItem):
        return made[()]
    with_attributes = isinstance(type.dtype, Record) and type.dtype.attributes
    return made.view(np.recarray) if with_attributes and not isinstance(made, np.recarray) else made
