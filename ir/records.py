"""Types of records: items of structured arrays, with named fields at fixed places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ir.types import Array, Scalar, Type, dtype_of, from_dtype


class Opaque(Type):
    """Bytes that are carried along but not read, as strings: `code` is NumPy's for the dtype."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str) -> Any:
        return cls._interned(code)

    def __str__(self) -> str:
        return f'"{self.code}"'

    @property
    def numpy_dtype(self) -> np.dtype:
        return np.dtype(self.code)


class Field(NamedTuple):
    """A field of a record: what it holds, the lengths of its axes if it is an array, and its place in bytes."""

    name: str
    type: Scalar | Record | Opaque
    shape: tuple[int, ...]
    offset: int


class Record(Type):
    """The items of a structured array.

    `aligned` is the flag of its dtype; `attributes` says that NumPy's class for it is `np.record`, with fields as attributes.
    """

    __slots__ = ("fields", "size", "aligned", "attributes")
    fields: tuple[Field, ...]
    size: int
    aligned: bool
    attributes: bool

    weak = False
    kind = "record"

    def __new__(cls, fields: tuple[Field, ...], size: int, aligned: bool = False, attributes: bool = False) -> Any:
        return cls._interned(tuple(fields), size, aligned, attributes)

    @property
    def numpy(self) -> Record:
        """The same type: there are no records of Python's."""
        return self

    @property
    def name(self) -> str:
        return str(self)

    @property
    def bits(self) -> int:
        """How many bits there are in an item."""
        return 8 * self.size

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(f.name for f in self.fields)

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        return next((f for f in self.fields if f.name == name), None)

    def part(self, names: tuple[str, ...]) -> Record:
        """The record of these fields alone, in the same memory."""
        return Record(tuple(f for name in names for f in self.fields if f.name == name), self.size, False, self.attributes)

    def with_attributes(self) -> Record:
        """The record as NumPy's class `np.record` shows it."""
        return Record(self.fields, self.size, self.aligned, True)

    @property
    def numpy_dtype(self) -> np.dtype:
        formats = [(dtype_of(f.type), f.shape) if f.shape else dtype_of(f.type) for f in self.fields]
        offsets = [f.offset for f in self.fields]
        described = {"names": list(self.names), "formats": formats, "offsets": offsets, "itemsize": self.size}
        plain = np.dtype(described, align=self.aligned)
        return np.dtype((np.record, plain)) if self.attributes else plain

    def __str__(self) -> str:
        parts = [f"{_name_text(f.name)}: {f.type}{_shape_text(f.shape)} = {f.offset}" for f in self.fields]
        parts += [f"size = {self.size}", *["aligned"] * self.aligned, *["attributes"] * self.attributes]
        return f"{{{', '.join(parts)}}}"


def _name_text(name: str) -> str:
    plain = name.isidentifier() and name not in ("size", "aligned", "attributes")
    return name if plain else '"' + name.encode("unicode_escape").decode("ascii").replace('"', '\\"') + '"'


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, shape))})" if shape else ""


class RecordItem(Array):
    """A reference to one record in an array's memory, a `np.void`: an array without axes."""

    __slots__ = ()

    def __new__(cls, dtype: Record, readonly: bool = False, aligned: bool = True) -> Any:  # type: ignore[override]
        return cls._interned(dtype, 0, "C", readonly, aligned)

    def __reduce__(self) -> tuple:
        return type(self), (self.dtype, self.readonly, self.aligned)

    def __str__(self) -> str:
        return f"item {super().__str__()}"


def record_type(dtype: np.dtype) -> Record | None:
    """The type of a structured dtype; None if it holds Python objects, or fields of two names."""
    if dtype.hasobject or dtype.names is None:
        return None
    fields = []
    for name in dtype.names:
        described = dtype.fields[name]
        base, shape = described[0].subdtype or (described[0], ())
        if len(described) > 2:
            return None
        kind = from_dtype(base) if base.isnative else None
        fields.append(Field(name, kind or Opaque(base.str), shape, described[1]))
    attributes = issubclass(dtype.type, np.record)
    return Record(tuple(fields), dtype.itemsize, dtype.isalignedstruct, attributes)


def read_record(line: Any, unquoted: Callable[[str], str]) -> Record:
    """The rest of a record's text behind its brace, from a line of `ir.parser`."""
    fields: list[Field] = []
    while line.peek() != "size":
        text = line.next("a field")
        name = unquoted(text[1:-1]) if text.startswith('"') else text
        line.expect(":")
        kind = line.plain_type()
        shape = line.items(lambda: int(line.next()), ")") if line.accept("(") else []
        line.expect("=")
        fields.append(Field(name, kind, tuple(shape), int(line.next())))
        line.expect(",")
    line.expect("size")
    line.expect("=")
    size = int(line.next())
    flags = [line.next() for _ in range(2) if line.accept(",")]
    line.expect("}")
    return Record(tuple(fields), size, "aligned" in flags, "attributes" in flags)
