"""What an expression evaluates to while tracing, besides plain Python objects.

A *binding* is one of: an `ir.graph.Value` (known only at run time; a `Constant` is a lifted literal), a tuple
or named tuple of bindings, one of the trace-time objects below, or any other Python object, which is *static*:
operations on statics are simply done in Python.
"""

from __future__ import annotations

import collections
import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ir.graph import Value
from ir.types import Array, Object, Type, slice_parts

if TYPE_CHECKING:
    from tracer.frames import Frame


class _Unbound:
    """The value of a variable that has not been assigned."""

    def __repr__(self) -> str:
        return "<unbound>"


UNBOUND = _Unbound()


class Maybe:
    """A variable that is bound on some paths only: `bound` is a boolean Value."""

    __slots__ = ("value", "bound")

    def __init__(self, value: Any, bound: Value) -> None:
        self.value, self.bound = value, bound


class Closure:
    """A function defined inside traced code; `node` is its definition, `frame` the scope that it sees."""

    __slots__ = ("node", "frame", "defaults", "keyword_defaults", "qualified_name")

    def __init__(
        self, node: Any, frame: Frame, defaults: tuple[Any, ...], keyword_defaults: dict[str, Any], qualified_name: str
    ) -> None:  # fmt: skip
        self.node, self.frame, self.qualified_name = node, frame, qualified_name
        self.defaults, self.keyword_defaults = defaults, keyword_defaults


class ExceptionValue:
    """An exception made by traced code: it exists only once it is raised."""

    __slots__ = ("exception_class", "arguments")
    origin = "an exception"

    def __init__(self, exception_class: type[BaseException], arguments: tuple[Any, ...]) -> None:
        self.exception_class, self.arguments = exception_class, arguments


class Text:
    """An f-string with parts known at run time only; print and raise put it together."""

    __slots__ = ("parts",)
    origin = "a string"

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts


class TextPart:
    """One replacement field of a Text."""

    __slots__ = ("argument", "conversion", "format_spec")

    def __init__(self, argument: Any, conversion: str, format_spec: str) -> None:
        self.argument, self.conversion, self.format_spec = argument, conversion, format_spec


class Method:
    """A method of a run-time value, looked up and not yet called."""

    __slots__ = ("receiver", "name")
    origin = "a method"

    def __init__(self, receiver: Any, name: str) -> None:
        self.receiver, self.name = receiver, name


class Sequence:
    """Something a loop runs over: `length` (an int or an int64 Value) and the item at an index in range.

    `finish` is done when a loop has come to the end: `zip(strict=True)` raises there. `loops` is how many loops were
    around it when it was made, and `used` whether one has run over it: an iterator serves only once. `rest` gives what is left
    of it behind an index, as an expression and the values of the names in that; None where that cannot be said.
    `space` are the lengths of an index space that it runs over, with what gives the item for an index on each axis.
    """

    __slots__ = ("length", "item", "static_items", "origin", "finish", "loops", "used", "rest", "space")

    def __init__(
        self, length: Any, item: Callable[[Any], Any], static_items: tuple[Any, ...] | None = None, origin: str = "",
        finish: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self.length, self.item, self.static_items = length, item, static_items
        self.origin, self.finish = origin, finish
        self.loops, self.used = -1, False
        self.rest: Callable[[Any], tuple[Any, dict[str, Any]]] | None = None
        self.space: tuple[tuple[Any, ...], Callable[[tuple[Any, ...]], Any]] | None = None


class Partial:
    """`functools.partial(...)` made in traced code."""

    __slots__ = ("function", "arguments", "keywords")
    origin = "a partial"

    def __init__(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.function, self.arguments, self.keywords = function, arguments, keywords


class Flat:
    """`array.flat`: the items of an array as if they stood on one axis, in C order."""

    __slots__ = ("array",)
    origin = "a.flat"

    def __init__(self, array: Value) -> None:
        self.array = array


class Range:
    """A `range` whose bounds are int64 Values or ints; `marks` are the attributes of the jump that ends a round of its loop."""

    __slots__ = ("start", "stop", "step", "marks")
    origin = "a range"

    def __init__(self, start: Any, stop: Any, step: Any, **marks: Any) -> None:
        self.start, self.stop, self.step, self.marks = start, stop, step, marks


class SliceParts(tuple):
    """A slice, of whose start, stop and step run time knows at least one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"slice{tuple(self)!r}"


def made_slice(start: Any, stop: Any, step: Any = None) -> Any:
    """A slice as a variable keeps it: Python's where all its parts are known."""
    parts = (start, stop, step)
    return SliceParts(parts) if any(map(is_symbolic, parts)) else slice(*parts)


def make_tuple(instance_class: type, items: list[Any]) -> tuple:
    """A tuple, named tuple or slice of bindings, without running the class's own constructor."""
    if instance_class is slice:
        return made_slice(*items)
    return tuple(items) if instance_class is tuple else tuple.__new__(instance_class, items)


def as_tuple(binding: Any) -> Any:
    """A slice with its parts as items; other bindings as they are."""
    return SliceParts(slice_parts(binding)) if type(binding) is slice else binding


def as_index(index: Any) -> Any:
    """What stands in brackets, with slices as brackets have them."""
    if isinstance(index, SliceParts):
        return slice(*index)
    return tuple(map(as_index, index)) if type(index) is tuple else index


def is_symbolic(binding: Any) -> bool:
    """Whether the binding, or something in it, is known only at run time."""
    if isinstance(binding, Value):
        return True
    if isinstance(binding, tuple):
        return any(map(is_symbolic, binding))
    return isinstance(binding, Maybe) or exists_in_one_graph(binding)


def exists_in_one_graph(binding: Any) -> bool:
    """Whether it exists only while tracing, made of values that another graph does not have."""
    return isinstance(binding, (Text, ExceptionValue, Sequence, Range, Method, Flat))


def holds_object(binding: Any) -> bool:
    """Whether the binding is a value that only the interpreter understands, or has one in it."""
    if isinstance(binding, tuple):
        return any(map(holds_object, binding))
    if isinstance(binding, Method):
        return holds_object(binding.receiver)
    return is_object(binding)


def holds_no_closure(binding: Any) -> bool:
    """Whether it is a value, a number or None, or a tuple of such."""
    if isinstance(binding, tuple):
        return all(map(holds_no_closure, binding))
    return binding is None or isinstance(binding, (Value, bool, int, float, complex))


def can_be_object(binding: Any) -> bool:
    """Whether a binding can become a Python object at run time."""
    if isinstance(binding, tuple):
        return all(map(can_be_object, binding))
    if type(binding) is dict and any(map(is_symbolic, binding.values())):
        return False
    trace_time = (Closure, ExceptionValue, Flat, Maybe, Method, Partial, Range, Sequence, Text)
    return binding is not UNBOUND and not isinstance(binding, trace_time)


_CONTAINERS = (list, dict, set, bytearray, collections.deque)
_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: of a class that a `class` statement made
_FIXED = (type, tuple, frozenset, str, bytes, int, float, complex, enum.Enum, np.ndarray, np.generic, np.dtype, Type, Value)


def can_change(binding: Any) -> bool:
    """Whether a static object has contents that differ from time to time: a container, or an instance of a user's class."""
    if isinstance(binding, _CONTAINERS):
        return can_be_object(binding)
    made_by_class = type(binding).__flags__ & _HEAP_TYPE and hasattr(binding, "__dict__")
    return bool(made_by_class) and not isinstance(binding, _FIXED) and not callable(binding) and can_be_object(binding)


def is_array_value(binding: Any) -> bool:
    """Whether the binding is an array that is known only at run time."""
    return isinstance(binding, Value) and isinstance(binding.type, Array)


def is_object(binding: Any) -> bool:
    """Whether the binding is a value that only the interpreter understands."""
    return isinstance(binding, Value) and isinstance(binding.type, Object)


def is_namedtuple(value: Any) -> bool:
    """Whether the tuple was made by a class from `collections.namedtuple` or `typing.NamedTuple`."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def can_pass(binding: Any) -> bool:
    """Whether a variable can be handed over: it exists at run time, or is an ordinary object."""
    if isinstance(binding, tuple):
        return all(map(can_pass, binding))
    if isinstance(binding, Maybe):
        return can_pass(binding.value)
    if isinstance(binding, Value):
        return True
    return not isinstance(binding, Closure) and not is_symbolic(binding)
