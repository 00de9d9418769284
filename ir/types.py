"""Types of values: frozen, interned (equal types are the same object), printable and parseable.

Python's scalars and NumPy's scalars are different types with the same machine representation, because
their arithmetic differs: `1 / 0` raises for Python ints and gives `inf` for NumPy's; in NEP 50's terms
Python's are *weak*. `int64 float64 complex128 bool` are Python's `int float complex bool`; the NumPy
scalars of those widths print as `np.int64` and so on. The other widths exist only in NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from ir.on_demand import OnDemand

records = OnDemand("ir.records")


class Type:
    """Base of all types. Equality is identity: a class makes one object per distinct fields, which are its `__slots__`.

    These are plain classes, as every import of this package makes them.
    """

    __slots__ = ()
    _fields: tuple[str, ...] = ()  # of the class and its bases

    def __init_subclass__(cls) -> None:
        cls._fields += cls.__slots__

    @classmethod
    def _interned(cls, *values: Any) -> Any:
        """The object with these values of the fields."""
        known = _INTERNED.get((cls, values))
        if known is not None:
            return known
        made = object.__new__(cls)
        for name, value in zip(cls._fields, values, strict=True):
            object.__setattr__(made, name, value)
        return _INTERNED.setdefault((cls, values), made)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"the type {self} cannot be changed")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __str__(self) -> str:
        raise NotImplementedError(type(self).__name__)

    def __repr__(self) -> str:
        return str(self)

    def __reduce__(self) -> tuple:
        return type(self), tuple(getattr(self, name) for name in self._fields)

    def __getitem__(self, index: Any) -> Array:
        """Type notation: `float64[:, ::1]` is the type of a C-contiguous matrix."""
        return _array_from_slices(self, index)

    def __call__(self, *arguments: Type) -> Signature:
        """Signature notation: `float64(int64, float64)`."""
        return Signature(self, arguments)


_INTERNED: dict[tuple[type, tuple], Type] = {}


class Scalar(Type):
    """A number. `weak` marks Python's own type of that representation."""

    __slots__ = ("bits", "weak")
    bits: int
    weak: bool

    kind = ""

    def __new__(cls, bits: int, weak: bool = False) -> Any:
        return cls._interned(bits, weak)

    @property
    def name(self) -> str:
        """The name of the representation, the same for Python's and NumPy's."""
        return f"{self.kind}{self.bits}"

    def __str__(self) -> str:
        return f"np.{self.name}" if self.is_numpy_twin else self.name

    @property
    def is_numpy_twin(self) -> bool:
        """Whether this is NumPy's twin of a Python type, printed with `np.`."""
        return not self.weak and self.name in _PYTHON_NAMES

    @property
    def numpy(self) -> Scalar:
        """NumPy's scalar type of the same representation."""
        return _NUMPY_TWINS[self] if self.weak else self


class Boolean(Scalar):
    """Python's `bool` (weak) or `np.bool`."""

    __slots__ = ()

    kind = "bool"

    @property
    def name(self) -> str:
        return "bool"


class Integer(Scalar):
    """A two's-complement integer that wraps."""

    __slots__ = ("signed",)
    signed: bool

    def __new__(cls, bits: int, weak: bool = False, signed: bool = True) -> Any:
        return cls._interned(bits, weak, signed)

    @property
    def kind(self) -> str:  # type: ignore[override]
        return "int" if self.signed else "uint"

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - self.signed)) - 1


class Float(Scalar):
    """An IEEE 754 binary number of 32 or 64 bits."""

    __slots__ = ()

    kind = "float"


class Complex(Scalar):
    """A pair of floats; `bits` counts both."""

    __slots__ = ()

    kind = "complex"

    @property
    def part(self) -> Float:
        """The type of the real and the imaginary part, Python's for Python's complex."""
        return Float(self.bits // 2, self.weak)


class Time(Scalar):
    """A count of units of time, represented as an int64 whose least number stands for no time (NaT).

    `unit` is one of NumPy's, as "D" or "ns", also with a multiple before it ("25s"), or "generic".
    """

    __slots__ = ("unit",)
    unit: str

    def __new__(cls, unit: str) -> Any:
        return cls._interned(64, False, unit)

    @property
    def name(self) -> str:
        return f"{self.kind}[{self.unit}]"

    @property
    def numpy_dtype(self) -> np.dtype:
        return np.dtype(self.kind if self.unit == "generic" else self.name)

    def __reduce__(self) -> tuple:
        return type(self), (self.unit,)


class DateTime(Time):
    """A `np.datetime64`: time since the begin of 1970."""

    __slots__ = ()

    kind = "datetime64"


class TimeDelta(Time):
    """A `np.timedelta64`: a span of time."""

    __slots__ = ()

    kind = "timedelta64"


NOT_A_TIME = -(1 << 63)

_PYTHON_NAMES = {"bool", "int64", "float64", "complex128"}


class NoneType(Type):
    """The type of None."""

    __slots__ = ()

    def __new__(cls) -> Any:
        return cls._interned()

    def __str__(self) -> str:
        return "none"


class Object(Type):
    """Any Python object: what is known of it is known to the interpreter only."""

    __slots__ = ()

    def __new__(cls) -> Object:
        return cls._interned()

    def __str__(self) -> str:
        return "object"


class Optional(Type):
    """Either None or a value of the type `value`."""

    __slots__ = ("value",)
    value: Type

    def __new__(cls, value: Type) -> Any:
        if not isinstance(value, Type):
            raise TypeError(f"what is optional is given by its type, as int64, not by a {type(value).__name__}")
        return cls._interned(value)

    def __str__(self) -> str:
        return f"{self.value}?"


def _checked_items(items: Iterable[Type]) -> tuple[Type, ...]:
    found = tuple(items)
    for item in found:
        if not isinstance(item, Type):
            raise TypeError(f"the items of a tuple type are types, as int64, not a {type(item).__name__}")
    return found


MOST_AXES = 64  # as NumPy has


class Tuple(Type):
    """A tuple of fixed length; every item has its own type."""

    __slots__ = ("items",)
    items: tuple[Type, ...]

    def __new__(cls, items: Iterable[Type] = ()) -> Any:
        return cls._interned(_checked_items(items))

    def with_items(self, items: Iterable[Type]) -> Tuple:
        """The type of a tuple of the same class with items of these types."""
        return Tuple(items)

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.items))
        return f"({inner},)" if len(self.items) == 1 else f"({inner})"

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Any:
        return iter(self.items)


class NamedTuple(Tuple):
    """A tuple made by a class from `collections.namedtuple` or `typing.NamedTuple`."""

    __slots__ = ("instance_class",)
    instance_class: type

    def __new__(cls, items: Iterable[Type], instance_class: type) -> Any:
        if not isinstance(instance_class, type) or not issubclass(instance_class, tuple) or not hasattr(instance_class, "_fields"):
            raise TypeError("the class of a named tuple is made by collections.namedtuple or typing.NamedTuple")
        return cls._interned(_checked_items(items), instance_class)

    def with_items(self, items: Iterable[Type]) -> Tuple:
        return NamedTuple(items, self.instance_class)

    @property
    def fields(self) -> tuple[str, ...]:
        return self.instance_class._fields

    def __str__(self) -> str:
        inner = ", ".join(f"{n}: {t}" for n, t in zip(self.fields, self.items))
        return f"{self.instance_class.__name__}({inner})"


class Array(Type):
    """An `numpy.ndarray`. `layout` is "C", "F" or "A" (any strides); what is both C and F, with one axis or none, is "C"."""

    __slots__ = ("dtype", "ndim", "layout", "readonly", "aligned")
    dtype: Scalar
    ndim: int
    layout: str
    readonly: bool
    aligned: bool

    def __new__(cls, dtype: Scalar, ndim: int, layout: str = "A", readonly: bool = False, aligned: bool = True) -> Any:
        is_item = isinstance(dtype, Scalar) or isinstance(dtype, records.Record)
        if not is_item or not isinstance(layout, str) or layout not in _LAYOUT_TEXT:
            raise TypeError("an array type is written Array(float64, 2, 'C'): a type of items, a number of axes, and 'C', 'F' or 'A'")
        if type(ndim) is not int or not 0 <= ndim <= MOST_AXES:
            raise TypeError(f"an array has 0 to {MOST_AXES} axes, not {ndim!r}"[:100])
        return cls._interned(dtype.numpy, ndim, "C" if layout == "F" and ndim < 2 else layout, readonly, aligned)

    def __str__(self) -> str:
        prefix = ("readonly " if self.readonly else "") + ("" if self.aligned else "unaligned ")
        return f"{prefix}{self.dtype.name}[{_LAYOUT_TEXT[self.layout](self.ndim)}]"

    @property
    def item(self) -> Scalar:
        """The type of an item that was loaded."""
        return self.dtype


_LAYOUT_TEXT = {
    "A": lambda n: ", ".join([":"] * n) if n else "()",
    "C": lambda n: ", ".join([":"] * (n - 1) + ["::1"]) if n else "()",
    "F": lambda n: ", ".join(["::1"] + [":"] * (n - 1)) if n else "()",
}


class Slice(Tuple):
    """A slice: the types of its start, its stop and its step."""

    __slots__ = ()
    instance_class = slice

    def __new__(cls, items: Iterable[Type]) -> Any:
        items = _checked_items(items)
        if len(items) != 3:
            raise TypeError(f"a slice has a start, a stop and a step, not {len(items)} items")
        return cls._interned(items)

    def with_items(self, items: Iterable[Type]) -> Tuple:
        return Slice(items)

    def __str__(self) -> str:
        return f"slice({', '.join(map(str, self.items))})"


def slice_parts(value: slice) -> tuple[Any, Any, Any]:
    """The start, the stop and the step."""
    return value.start, value.stop, value.step


def _array_from_slices(dtype: Type, index: Any) -> Array:
    if not isinstance(dtype, Scalar) and not isinstance(dtype, records.Record):
        raise TypeError(f"arrays of {dtype} are not supported; the items of an array are numbers")
    if index == ():
        return Array(dtype, 0, "C")
    slices = index if isinstance(index, tuple) else (index,)
    full, unit = slice(None), slice(None, None, 1)
    if any(s not in (full, unit) for s in slices):
        raise TypeError(f"an array type is written with ':' and '::1', as in {dtype}[:, ::1]")
    units = [axis for axis, s in enumerate(slices) if s == unit]
    if not units:
        return Array(dtype, len(slices), "A")
    if units == [len(slices) - 1]:
        return Array(dtype, len(slices), "C")
    if units == [0]:
        return Array(dtype, len(slices), "F")
    raise TypeError("'::1' marks the contiguous axis: the last one (C order) or the first one (Fortran order)")


class Signature:
    """Argument types and, where it was written down, the result type."""

    __slots__ = ("result", "arguments")

    def __init__(self, result: Type | None, arguments: Iterable[Type]) -> None:
        self.result = result
        self.arguments = tuple(arguments)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signature) and (self.result, self.arguments) == (other.result, other.arguments)

    def __hash__(self) -> int:
        return hash((self.result, self.arguments))

    def __repr__(self) -> str:
        return f"Signature({self.result!r}, {self.arguments!r})"

    def __str__(self) -> str:
        return f"{self.result or ''}({', '.join(map(str, self.arguments))})"


boolean = Boolean(1, True)
int64 = Integer(64, True)
float64 = Float(64, True)
complex128 = Complex(128, True)
none = NoneType()
object_ = Object()

np_bool = Boolean(1)
np_int64 = Integer(64)
np_float64 = Float(64)
np_complex128 = Complex(128)
int8, int16, int32 = Integer(8), Integer(16), Integer(32)
uint8, uint16, uint32, uint64 = (Integer(bits, signed=False) for bits in (8, 16, 32, 64))
float32 = Float(32)
complex64 = Complex(64)

_NUMPY_TWINS = {boolean: np_bool, int64: np_int64, float64: np_float64, complex128: np_complex128}
NUMPY_SCALARS: tuple[Scalar, ...] = (
    np_bool, int8, int16, int32, np_int64, uint8, uint16, uint32, uint64, float32, np_float64, complex64, np_complex128,
)  # fmt: skip
PYTHON_SCALARS: tuple[Scalar, ...] = (boolean, int64, float64, complex128)
SCALARS: tuple[Scalar, ...] = PYTHON_SCALARS + NUMPY_SCALARS

_DTYPES: dict[Scalar, np.dtype] = {t: np.dtype(t.name) for t in SCALARS}
_FROM_DTYPE: dict[np.dtype, Scalar] = {_DTYPES[t]: t for t in NUMPY_SCALARS}
PYTHON_CLASSES: dict[Scalar, type] = {boolean: bool, int64: int, float64: float, complex128: complex}


def dtype_of(scalar: Scalar) -> np.dtype:
    """The NumPy dtype with the representation of `scalar`: the same object each time."""
    found = _DTYPES.get(scalar)
    if found is None:
        found = _DTYPES.setdefault(scalar, scalar.numpy_dtype)  # of a time or a record
    return found


def from_dtype(dtype: Any) -> Any:
    """NumPy's scalar type, or the type of records, for a dtype in native byte order; None where there is no such type."""
    dtype = np.dtype(dtype)
    if dtype.names is not None:
        return records.record_type(dtype)
    if not dtype.isnative:
        return None
    return _time_type(dtype) if dtype.kind in "mM" else _FROM_DTYPE.get(dtype)


def _time_type(dtype: np.dtype) -> Time:
    code, count = np.datetime_data(dtype)
    return (DateTime if dtype.kind == "M" else TimeDelta)(code if count == 1 else f"{count}{code}")


def time_count(value: Any) -> int:
    """The count of units in a `np.datetime64` or `np.timedelta64`."""
    return int(value.view(np.int64))


def time_of_count(count: int, type: Time) -> Any:
    """The `np.datetime64` or `np.timedelta64` of so many units."""
    return np.int64(count).view(dtype_of(type))


def class_of(scalar: Scalar) -> type:
    """The Python class of values of this type: `int` for int64, `np.float32` for float32."""
    return PYTHON_CLASSES[scalar] if scalar.weak else dtype_of(scalar).type


def wrap(value: Any, type: Scalar) -> Any:
    """`value` reduced to the range of `type`, as an object of its Python class."""
    if isinstance(type, Integer):
        value = (int(value) - type.minimum & (1 << type.bits) - 1) + type.minimum
    return class_of(type)(value)
