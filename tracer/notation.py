"""Type notation as text: `"float64(int64, f8[:, ::1])"`. Evaluated over its syntax tree, never by `eval`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from codegen.stack import with_room
from ir.records import Record, RecordItem
from ir.types import (
    PYTHON_CLASSES, SCALARS, Array, NoneType, Optional, Scalar, Signature, Tuple, Type, class_of, from_dtype, none,
)  # fmt: skip
from tracer import types
from tracer.diagnostics import display_width
from tracer.errors import TracerError
from tracer.missing import suggestion


def _syntax_tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class SignatureError(TracerError, TypeError):
    """A signature or a type that is not well formed."""


def parse_signatures(written: Any) -> list[Signature]:
    """The signatures in what a decorator was given: one of anything `parse_signature` takes, or a list of them."""
    return [parse_signature(one) for one in written] if isinstance(written, list) else [parse_signature(written)]


def parse_signature(written: str | Signature | Sequence[Type]) -> Signature:
    """The signature in `"float64(int64)"`, `"(int64, int64)"` (any result), `float64(int64)` or `(int64, int64)`.

    Raises SignatureError, which shows where in the text the fault is.
    """
    if isinstance(written, Signature):
        return written
    if isinstance(written, str):
        return _Notation(written).signature()
    if isinstance(written, tuple):
        return Signature(None, tuple(map(as_type, written)))
    if isinstance(written, Type):
        raise SignatureError(f"{written} is a type, not a signature; write ({written},) for a function of one argument")
    raise SignatureError(f"a signature is text, a tuple of types, or types.float64(types.int64); got {written!r}")


def as_type(written: Any) -> Type:
    """The type meant by a Type, its notation as text, a class (`float`, `np.float32`) or a dtype."""
    if isinstance(written, Record):
        return RecordItem(written)
    if isinstance(written, Type):
        return written
    if isinstance(written, str):
        return _Notation(written).type()
    if isinstance(written, np.dtype) and from_dtype(written) is not None:
        return as_type(from_dtype(written))
    if written is None:
        return none
    if isinstance(written, type) and written in _CLASSES:
        return _CLASSES[written]
    raise SignatureError(f"{written!r} is not a type; types are in tracer.types, as types.float64")


_CLASSES: dict[type, Type] = {class_of(scalar): scalar for scalar in SCALARS} | {type(None): none}


def _expect(*conditions: bool) -> None:
    if not all(conditions):
        raise TypeError


def _tuple(items: Any) -> Type:
    _expect(type(items) is tuple)
    return Tuple(items)


def _uni_tuple(dtype: Any, count: Any) -> Type:
    return types.UniTuple(dtype, count)


def _optional(value: Any) -> Type:
    _expect(isinstance(value, Type), not isinstance(value, (Optional, NoneType)))
    return Optional(value)


def _array(dtype: Any, ndim: Any, layout: Any, readonly: Any = False, aligned: Any = True) -> Type:
    _expect(isinstance(dtype, (Scalar, Record)), type(ndim) is int and ndim >= 0, layout in ("C", "F", "A"))
    _expect(type(readonly) is bool, type(aligned) is bool)
    return Array(dtype, ndim, layout, readonly, aligned)


_CONSTRUCTORS: dict[str, tuple[Callable[..., Type], str]] = {
    "Tuple": (_tuple, "Tuple((int64, float64))"),
    "UniTuple": (_uni_tuple, "UniTuple(int64, 3)"),
    "Optional": (_optional, "Optional(int64)"),
    "optional": (_optional, "optional(int64)"),
    "Array": (_array, "Array(float64, 2, 'C'), with readonly=True or aligned=False; the layout is 'C', 'F' or 'A'"),
}
_NAMES: dict[str, Type] = {
    **{name: value for name, value in vars(types).items() if isinstance(value, Type)},
    **{python.__name__: scalar for scalar, python in PYTHON_CLASSES.items()},
}
_NUMPY_NAMES: dict[str, Type] = {scalar.name: scalar.numpy for scalar in SCALARS} | {"bool_": types.np_bool}
_MAIN_NAMES = "bool int8..int64 uint8..uint64 float32 float64 complex64 complex128 none void np.float64 ..."
_EXAMPLE = "a signature looks like float64(int64, float64[:, ::1])"


class _Notation:
    """One piece of notation: evaluates its syntax tree, and shows the faulty part."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())

    def signature(self) -> Signature:
        if not self.text:
            raise SignatureError(f"the signature is empty; {_EXAMPLE}")
        node = self.parse()
        if isinstance(node, ast.Tuple):
            return Signature(None, tuple(map(self.evaluate, node.elts)))
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in _CONSTRUCTORS):
            if node.keywords:
                raise self.fault(node.keywords[0].value, "the arguments of a signature have no names")
            return Signature(self.evaluate(node.func), tuple(map(self.evaluate, node.args)))
        type = self.evaluate(node)
        raise self.fault(node, f"this is a type, not a signature; write ({type},) for a function of one argument")

    def type(self) -> Type:
        return self.evaluate(self.parse())

    def parse(self) -> ast.expr:
        try:
            return with_room(_syntax_tree, self.text)
        except SyntaxError as error:
            at = max(0, (error.offset or 1) - 1)
            raise self.fault_at(at, at + 1, f"{error.msg}; {_EXAMPLE}") from None

    def evaluate(self, node: ast.expr) -> Type:
        """The type that the expression stands for."""
        if isinstance(node, ast.Name):
            return self.named(node)
        if isinstance(node, ast.Attribute):
            return self.dotted(node)
        if isinstance(node, ast.Subscript):
            return self.array(node)
        if isinstance(node, ast.Call):
            return self.constructed(node)
        if isinstance(node, ast.Constant) and node.value is None:
            return none
        if isinstance(node, ast.Tuple):
            raise self.fault(node, "a tuple type is written Tuple((int64, float64))")
        raise self.fault(node, f"this is not a type; {_EXAMPLE}")

    def named(self, node: ast.Name) -> Type:
        if node.id in _NAMES:
            return _NAMES[node.id]
        raise self.fault(node, self.unknown(node.id))

    def unknown(self, name: str) -> str:
        if name in _CONSTRUCTORS:
            return f"{name} needs its arguments, as {_CONSTRUCTORS[name][1]}"
        if name in ("NamedTuple", "NamedUniTuple"):
            return f"the type of a named tuple needs its class; write types.{name}(...) outside of text"
        if name in types.NOT_YET:
            return f"{name} is not there yet: {types.NOT_YET[name]}"
        return f"there is no type named {name!r}" + (
            suggestion(name, [*_NAMES, *_CONSTRUCTORS]) or f"; there are: {_MAIN_NAMES}"
        )

    def dotted(self, node: ast.Attribute) -> Type:
        if isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy"):
            if node.attr in _NUMPY_NAMES:
                return _NUMPY_NAMES[node.attr]
            raise self.fault(node, f"there is no type named np.{node.attr}" + suggestion(node.attr, _NUMPY_NAMES))
        if isinstance(node.value, ast.Name) and node.value.id == "types":
            return self.named(ast.copy_location(ast.Name(node.attr), node))
        raise self.fault(node, "types are written without a module, as float64, or with np. or types. in front")

    def array(self, node: ast.Subscript) -> Type:
        item, index = self.evaluate(node.value), self.index(node.slice)
        try:
            return item[index]
        except TypeError as error:
            raise self.fault(node, str(error)) from None

    def index(self, node: ast.expr) -> Any:
        """The object that Python would pass to `__getitem__`: slices and tuples of them."""
        if isinstance(node, ast.Tuple):
            return tuple(map(self.index, node.elts))
        if isinstance(node, ast.Slice):
            parts = node.lower, node.upper, node.step
            return slice(*(None if part is None else self.literal(part) for part in parts))
        raise self.fault(node, "the dimensions of an array are written with ':' and '::1', as in float64[:, ::1]")

    def constructed(self, node: ast.Call) -> Type:
        """`Tuple((int64, float64))` and so on."""
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in _CONSTRUCTORS:
            if name in types.NOT_YET or name in ("NamedTuple", "NamedUniTuple"):
                raise self.fault(node, self.unknown(name))
            self.evaluate(node.func)
            raise self.fault(node, "a signature cannot stand inside a signature")
        arguments = [self.argument(a) for a in node.args]
        keywords = {k.arg or "**": self.argument(k.value) for k in node.keywords}
        make, usage = _CONSTRUCTORS[name]
        try:
            return make(*arguments, **keywords)
        except TypeError:
            raise self.fault(node, f"write {usage}") from None

    def argument(self, node: ast.expr) -> Any:
        """An argument of a constructor: a type, a tuple of types, or a literal."""
        if isinstance(node, (ast.Tuple, ast.List)):
            return tuple(map(self.evaluate, node.elts))
        if isinstance(node, ast.Constant) and node.value is not None:
            return node.value
        return self.evaluate(node)

    def literal(self, node: ast.expr) -> Any:
        return node.value if isinstance(node, ast.Constant) else ast.unparse(node)

    def fault(self, node: ast.expr, reason: str) -> SignatureError:
        start = len(self.text.encode()[: node.col_offset].decode())
        end = len(self.text.encode()[: node.end_col_offset].decode())
        return self.fault_at(start, end, reason)

    def fault_at(self, start: int, end: int, reason: str) -> SignatureError:
        carets = " " * display_width(self.text[:start]) + "^" * max(1, display_width(self.text[start:end]))
        return SignatureError(f"{reason}\n  {self.text}\n  {carets}")
