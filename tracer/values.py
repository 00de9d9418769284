"""What an expression evaluates to while tracing, besides plain Python objects.

A *binding* is one of: an `ir.graph.Value` (known only at run time; a `Constant` is a lifted literal), a tuple
or named tuple of bindings, one of the trace-time objects below, or any other Python object, which is *static*:
operations on statics are simply done in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from ir.graph import Constant, Value
from ir.types import Type

if TYPE_CHECKING:
    from tracer.frames import Frame


class _Unbound:
    """The value of a variable that has not been assigned."""

    def __repr__(self) -> str:
        return "<unbound>"


UNBOUND = _Unbound()


@attrs.frozen(eq=False, repr=False)
class Maybe:
    """A variable that is bound on some paths only: `bound` is a boolean Value."""

    value: Any
    bound: Value


@attrs.frozen(eq=False, repr=False)
class Closure:
    """A function defined inside traced code; `node` is its definition, `frame` the scope that it sees."""

    node: Any
    frame: Frame
    defaults: tuple[Any, ...]
    keyword_defaults: dict[str, Any]
    qualified_name: str


@attrs.frozen(eq=False, repr=False)
class ExceptionValue:
    """An exception made by traced code: it exists only once it is raised."""

    exception_class: type[BaseException]
    arguments: tuple[Any, ...]


@attrs.frozen(eq=False, repr=False)
class Text:
    """An f-string with parts known at run time only; print and raise put it together."""

    parts: tuple[Any, ...]


@attrs.frozen(eq=False, repr=False)
class TextPart:
    """One replacement field of a Text."""

    argument: Any
    conversion: str
    format_spec: str


@attrs.frozen(eq=False, repr=False)
class Method:
    """A method of a run-time value, looked up and not yet called."""

    receiver: Any
    name: str


@attrs.frozen(eq=False, repr=False)
class Sequence:
    """Something a loop runs over: `length` (an int or an int64 Value) and the item at an index in range.

    `finish` is done when a loop has come to the end: `zip(strict=True)` raises there.
    """

    length: Any
    item: Callable[[Any], Any]
    static_items: tuple[Any, ...] | None = None
    origin: str = ""
    finish: Callable[[], None] | None = None


@attrs.frozen(eq=False, repr=False)
class Partial:
    """`functools.partial(...)` made in traced code."""

    function: Any
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]


@attrs.frozen(eq=False, repr=False)
class Range:
    """A `range` whose bounds are int64 Values or ints."""

    start: Any
    stop: Any
    step: Any


def is_symbolic(binding: Any) -> bool:
    """Whether the binding, or something in it, is known only at run time."""
    if isinstance(binding, Value):
        return True
    if isinstance(binding, tuple):
        return any(map(is_symbolic, binding))
    return isinstance(binding, (Text, Maybe, ExceptionValue, Sequence, Range, Method))


def is_namedtuple(value: Any) -> bool:
    """Whether the tuple was made by a class from `collections.namedtuple` or `typing.NamedTuple`."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def type_of(binding: Any) -> Type | None:
    """The type of a run-time value; None for everything else."""
    return binding.type if isinstance(binding, Value) else None


__all__ = [
    "UNBOUND", "Closure", "Constant", "ExceptionValue", "Maybe", "Method", "Range", "Sequence", "Text", "TextPart",
    "Value", "is_namedtuple", "is_symbolic", "type_of",
]  # fmt: skip
