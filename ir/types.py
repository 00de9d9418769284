"""Types of values: frozen, interned (equal types are the same object), printable and parseable.

Python's scalars and NumPy's scalars are different types with the same machine representation, because
their arithmetic differs: `1 / 0` raises for Python ints and gives `inf` for NumPy's; in NEP 50's terms
Python's are *weak*. `int64 float64 complex128 bool` are Python's `int float complex bool`; the NumPy
scalars of those widths print as `np.int64` and so on. The other widths exist only in NumPy.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np


class _Interned(type):
    """Metaclass that returns one object per distinct set of constructor arguments."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        plain = not kwargs and all(isinstance(a, _PLAIN) for a in args)
        if plain and (known := _BY_ARGUMENTS.get((cls, args))) is not None:
            return known
        made = super().__call__(*args, **kwargs)
        made = _INTERNED.setdefault((cls, *attrs.astuple(made, recurse=False)), made)
        if plain:
            _BY_ARGUMENTS[cls, args] = made
        return made


_INTERNED: dict[tuple, Any] = {}
# A shortcut past the construction of an object that is there already.
_BY_ARGUMENTS: dict[tuple, Any] = {}


@attrs.frozen(eq=False, repr=False)
class Type(metaclass=_Interned):
    """Base of all types. Equality is identity."""

    def __str__(self) -> str:
        raise NotImplementedError(type(self).__name__)

    def __repr__(self) -> str:
        return str(self)

    def __reduce__(self) -> tuple:
        return type(self), attrs.astuple(self, recurse=False)

    def __getitem__(self, index: Any) -> Array:
        """Type notation: `float64[:, ::1]` is the type of a C-contiguous matrix."""
        return _array_from_slices(self, index)

    def __call__(self, *arguments: Type) -> Signature:
        """Signature notation: `float64(int64, float64)`."""
        return Signature(self, arguments)


_PLAIN = (Type, type, tuple, int, str)


@attrs.frozen(eq=False, repr=False)
class Scalar(Type):
    """A number. `weak` marks Python's own type of that representation."""

    bits: int
    weak: bool = False

    kind = ""

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


@attrs.frozen(eq=False, repr=False)
class Boolean(Scalar):
    """Python's `bool` (weak) or `np.bool`."""

    kind = "bool"

    @property
    def name(self) -> str:
        return "bool"


@attrs.frozen(eq=False, repr=False)
class Integer(Scalar):
    """A two's-complement integer that wraps."""

    signed: bool = True

    @property
    def kind(self) -> str:  # type: ignore[override]
        return "int" if self.signed else "uint"

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - self.signed)) - 1


@attrs.frozen(eq=False, repr=False)
class Float(Scalar):
    """An IEEE 754 binary number of 32 or 64 bits."""

    kind = "float"


@attrs.frozen(eq=False, repr=False)
class Complex(Scalar):
    """A pair of floats; `bits` counts both."""

    kind = "complex"

    @property
    def part(self) -> Float:
        """The type of the real and the imaginary part, Python's for Python's complex."""
        return Float(self.bits // 2, self.weak)


_PYTHON_NAMES = {"bool", "int64", "float64", "complex128"}


@attrs.frozen(eq=False, repr=False)
class NoneType(Type):
    """The type of None."""

    def __str__(self) -> str:
        return "none"


@attrs.frozen(eq=False, repr=False)
class Optional(Type):
    """Either None or a value of the type `value`."""

    value: Type

    def __str__(self) -> str:
        return f"{self.value}?"


@attrs.frozen(eq=False, repr=False)
class Tuple(Type):
    """A tuple of fixed length; every item has its own type."""

    items: tuple[Type, ...] = attrs.field(converter=tuple, default=())

    def __str__(self) -> str:
        inner = ", ".join(map(str, self.items))
        return f"({inner},)" if len(self.items) == 1 else f"({inner})"

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Any:
        return iter(self.items)


@attrs.frozen(eq=False, repr=False)
class NamedTuple(Tuple):
    """A tuple made by a class from `collections.namedtuple` or `typing.NamedTuple`."""

    instance_class: type = attrs.field(default=tuple)

    @property
    def fields(self) -> tuple[str, ...]:
        return self.instance_class._fields

    def __str__(self) -> str:
        inner = ", ".join(f"{n}: {t}" for n, t in zip(self.fields, self.items))
        return f"{self.instance_class.__name__}({inner})"


@attrs.frozen(eq=False, repr=False)
class Array(Type):
    """An `numpy.ndarray`. `layout` is "C", "F" or "A" (any strides)."""

    dtype: Scalar = attrs.field(converter=lambda t: t.numpy)
    ndim: int
    layout: str = "A"
    readonly: bool = False
    aligned: bool = True

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


def _array_from_slices(dtype: Type, index: Any) -> Array:
    if not isinstance(dtype, Scalar):
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


@attrs.frozen
class Signature:
    """Argument types and, where it was written down, the result type."""

    result: Type | None
    arguments: tuple[Type, ...] = attrs.field(converter=tuple)

    def __str__(self) -> str:
        return f"{self.result or ''}({', '.join(map(str, self.arguments))})"


boolean = Boolean(1, True)
int64 = Integer(64, True)
float64 = Float(64, True)
complex128 = Complex(128, True)
none = NoneType()

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
    """The NumPy dtype with the representation of `scalar`."""
    return _DTYPES[scalar]


def from_dtype(dtype: Any) -> Scalar | None:
    """NumPy's scalar type for a dtype in native byte order, or None where there is no such type."""
    dtype = np.dtype(dtype)
    return _FROM_DTYPE.get(dtype) if dtype.isnative else None


def class_of(scalar: Scalar) -> type:
    """The Python class of values of this type: `int` for int64, `np.float32` for float32."""
    return PYTHON_CLASSES[scalar] if scalar.weak else _DTYPES[scalar].type


def wrap(value: Any, type: Scalar) -> Any:
    """`value` reduced to the range of `type`, as an object of its Python class."""
    if isinstance(type, Integer):
        value = (int(value) - type.minimum & (1 << type.bits) - 1) + type.minimum
    return class_of(type)(value)
