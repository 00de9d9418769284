"""The types of compiled values, under the names that Numba gives them.

`int64`, `float64`, `complex128` and `boolean` are Python's int, float, complex and bool; `np_int64`, `np_float64`,
`np_complex128` and `np_bool` are NumPy's scalars of the same representation; the other widths are NumPy's alone.
`float64[:, ::1]` is the type of a C-contiguous matrix, `float64(int64, float64[:])` a signature. `NPDatetime("D")` is that of
a day; `from_dtype(np.dtype([...]))` that of the records of a structured array.
"""

from __future__ import annotations

from typing import Any

from ir.types import (
    Array, Boolean, Complex, Float, Integer, NamedTuple, NoneType, Optional, Scalar, Signature, Tuple, Type, boolean,
    complex64, complex128, float32, float64, from_dtype, int8, int16, int32, int64, none, np_bool, np_complex128, np_float64,
    np_int64, uint8, uint16, uint32, uint64,
)  # fmt: skip
from ir.types import DateTime as NPDatetime
from ir.types import TimeDelta as NPTimedelta
from tracer.missing import missing_name
from tracer.typeof import MOST_ITEMS

Number = Integer | Float | Complex
BaseTuple = Tuple
optional = Optional
void = none

bool_ = boolean
byte = uchar = uint8
char = int8
short, ushort = int16, uint16
intc, uintc = int32, uint32
intp = int_ = long_ = longlong = ssize_t = int64
uintp = uint = ulong = ulonglong = size_t = uint64
double = float64

b1 = boolean
i1, i2, i4, i8 = int8, int16, int32, int64
u1, u2, u4, u8 = uint8, uint16, uint32, uint64
f4, f8 = float32, float64
c8, c16 = complex64, complex128


class _Uniform(type):
    """Metaclass of the names for tuples whose items have one type: they make tuple types and recognize them."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, cls._kind) and len(set(value.items)) == 1  # type: ignore[attr-defined]


def _check_uniform(dtype: Type, count: int) -> None:
    if not isinstance(dtype, Type):
        raise TypeError(f"the items of a tuple type have a type, as types.int64, not a {type(dtype).__name__}")
    if type(count) is not int or not 0 <= count <= MOST_ITEMS:
        raise TypeError(f"a tuple type has 0 to {MOST_ITEMS} items")


class UniTuple(metaclass=_Uniform):
    """`UniTuple(int64, 3)` is the type of a tuple of three ints."""

    _kind = Tuple

    def __new__(cls, dtype: Type, count: int) -> Any:
        _check_uniform(dtype, count)
        return Tuple((dtype,) * count)


class NamedUniTuple(metaclass=_Uniform):
    """`NamedUniTuple(float64, 2, Point)` is the type of a `Point` of two floats."""

    _kind = NamedTuple

    def __new__(cls, dtype: Type, count: int, instance_class: type) -> Any:
        _check_uniform(dtype, count)
        return NamedTuple((dtype,) * count, instance_class)


_TUPLE_OR_ARRAY = "use a tuple or an array"
NOT_YET: dict[str, str] = {
    "float16": "compute in float32",
    "f2": "compute in float32",
    **dict.fromkeys(("List", "ListType", "Set", "DictType", "LiteralList", "LiteralStrKeyDict"), _TUPLE_OR_ARRAY),
    "NestedArray": "it is a field of a record: from_dtype(np.dtype([('x', np.float64, (3,))]))",
    **dict.fromkeys(
        ("unicode_type", "string", "UnicodeType", "UnicodeCharSeq", "CharSeq", "Bytes", "bytes_type"),
        "strings can be globals of a compiled function, not values in it",
    ),
    **dict.fromkeys(
        ("Literal", "literal", "IntegerLiteral", "StringLiteral", "BooleanLiteral", "SliceLiteral"),
        "constants are known while tracing without a type of their own",
    ),
    **dict.fromkeys(
        ("pyobject", "PyObject", "Dispatcher", "FunctionType", "Function", "Module", "Omitted", "StarArgTuple"),
        "functions, modules and objects can be globals of a compiled function, not typed arguments",
    ),
    **dict.fromkeys(("CPointer", "voidptr", "RawPointer", "ExternalFunctionPointer"), "pass an array"),
    **dict.fromkeys(("slice2_type", "slice3_type", "SliceType", "ellipsis", "RangeType"), "pass the bounds"),
    **dict.fromkeys(("ClassType", "ClassInstanceType", "deferred_type", "DeferredType"), "use a namedtuple"),
    **dict.fromkeys(("Generator", "Any", "undefined", "unknown", "Opaque", "Dummy", "Phantom"), ""),
}

__all__ = [
    "Array", "BaseTuple", "Boolean", "Complex", "Float", "Integer", "NPDatetime", "NPTimedelta", "NamedTuple", "NamedUniTuple",
    "NoneType", "Number",
    "Optional", "Scalar", "Signature", "Tuple", "Type", "UniTuple", "b1", "bool_", "boolean", "byte", "c16", "c8", "char",
    "complex128", "complex64", "double", "f4", "f8", "float32", "float64", "from_dtype", "i1", "i2", "i4", "i8", "int16", "int32", "int64",
    "int8", "int_", "intc", "intp", "long_", "longlong", "none", "np_bool", "np_complex128", "np_float64", "np_int64",
    "optional", "short", "size_t", "ssize_t", "u1", "u2", "u4", "u8", "uchar", "uint", "uint16", "uint32", "uint64", "uint8",
    "uintc", "uintp", "ulong", "ulonglong", "ushort", "void",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise missing_name(__name__, name, NOT_YET, __all__)
