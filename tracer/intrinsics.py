"""Builtins that the tracer performs itself, because they ask for types, make iterables or run Python."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from ir import types
from ir.graph import Value, fill
from ir.ops import aggregate, python
from ir.records import RecordItem
from ir.types import Array, NoneType, Optional, Scalar, Tuple
from tracer import errors
from tracer.attributes import get_attribute
from tracer.calls import handles
from tracer.conversions import to_int64, to_python_number
from tracer.extending import known, reject, typed_by_values
from tracer.frames import PathEnded
from tracer.iteration import as_sequence, enumerated, iterator, length_of, reversed_sequence, unpack, zipped
from tracer.operators import binary, equal_items, truth, unary
from tracer.tracing import Tracer
from tracer.typeof import UnsupportedValue, typeof
from tracer.unrolling import literal_unroll, prange, static_range
from tracer.values import Closure, Range, Sequence, SliceParts, Text, is_symbolic

Positional = tuple[Any, ...]
Keywords = dict[str, Any]


def _arity(t: Tracer, name: str, given: Positional, least: int, most: int) -> None:
    if not least <= len(given) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise t.fail(errors.WrongArguments, name, f"takes {expected} arguments but {len(given)} were given")


# --- iterables


@handles(range, prange)
def _range(t: Tracer, positional: Positional, keywords: Keywords) -> Range:
    _arity(t, "range", positional, 1, 3)
    numbers = [to_int64(t, x, "range") for x in positional]
    start, stop = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) == 3 else 1
    if not isinstance(step, Value) and step == 0:
        t.raise_(ValueError, "range() arg 3 must not be zero")
        raise PathEnded
    if isinstance(step, Value):
        t.raise_if(t.lift(binary(t, "eq", step, 0)), ValueError, "range() arg 3 must not be zero")
    return Range(start, stop, step)


@handles(static_range)
def _static_range(t: Tracer, positional: Positional, keywords: Keywords) -> tuple[int, ...]:
    numbers = [t.known(x) for x in positional]
    if any(map(is_symbolic, numbers)):
        raise t.fail(errors.NotKnown, "static_range", operands=positional)
    return tuple(range(*numbers))


@handles(literal_unroll)
def _literal_unroll(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    return positional[0]


@handles(enumerate)
def _enumerate(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "enumerate", positional, 1, 2)
    start = keywords.get("start", positional[1] if len(positional) == 2 else 0)
    return iterator(t, enumerated(t, as_sequence(t, positional[0]), to_int64(t, start, "enumerate")))


@handles(zip)
def _zip(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    return iterator(t, zipped(t, [as_sequence(t, x) for x in positional], bool(t.known(keywords.get("strict", False)))))


@handles(reversed)
def _reversed(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "reversed", positional, 1, 1)
    made = reversed_sequence(t, positional[0])
    return iterator(t, made) if isinstance(made, Sequence) else made


@handles(len)
def _len(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "len", positional, 1, 1)
    return length_of(t, positional[0])


@handles(tuple)
def _tuple(t: Tracer, positional: Positional, keywords: Keywords) -> tuple[Any, ...]:
    return unpack(t, positional[0], t.node) if positional else ()


@handles(tuple.count)
def _count(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    items, wanted = positional
    total: Any = 0
    for item in items:
        total = binary(t, "add", total, truth(t, equal_items(t, item, wanted)))
    return total


@handles(tuple.index)
def _index(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "index", positional, 2, 2)
    return _index_from(t, tuple(positional[0]), positional[1], 0)


def _index_from(t: Tracer, items: tuple[Any, ...], wanted: Any, position: int) -> Any:
    if not items:
        t.raise_(ValueError, "tuple.index(x): x not in tuple")
        raise PathEnded
    same = truth(t, equal_items(t, items[0], wanted))
    return t.conditional(same, lambda: position, lambda: _index_from(t, items[1:], wanted, position + 1))


# --- types


@handles(typeof)
def _typeof(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    """The type of a value; None for what has none, as the iterables that exist only while tracing."""
    value = positional[0]
    if isinstance(value, Value):
        return value.type
    if isinstance(value, tuple) and is_symbolic(value):
        return t.lift(value).type
    try:
        return typeof(value)
    except UnsupportedValue:
        return None


@handles(type)
def _type(t: Tracer, positional: Positional, keywords: Keywords) -> type:
    _arity(t, "type", positional, 1, 1)
    return class_of_binding(t, t.unwrap(positional[0], "type() of None where a value is expected"))


def class_of_binding(t: Tracer, value: Any) -> type:
    """The Python class of a binding."""
    if isinstance(value, Value):
        if isinstance(value.type, Scalar):
            return types.class_of(value.type)
        if isinstance(value.type, RecordItem):
            return types.dtype_of(value.type.dtype).type
        return {Array: np.ndarray, NoneType: type(None), types.Slice: slice}.get(type(value.type), tuple)
    if isinstance(value, Closure):
        return type(class_of_binding)
    return {Range: range, Text: str, SliceParts: slice}.get(type(value), type(value))


@handles(isinstance)
def _isinstance(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "isinstance", positional, 2, 2)
    value, classes = positional
    if is_symbolic(classes):
        raise t.fail(errors.NotKnown, "isinstance", operands=positional)
    if isinstance(value, Value) and isinstance(value.type, Optional):
        return t.conditional(
            t.has_value(value),
            lambda: issubclass(_class_in_optional(value.type.value), classes),
            lambda: issubclass(type(None), classes),
        )
    if not is_symbolic(value) and not isinstance(value, Closure):
        return isinstance(value, classes)
    return issubclass(class_of_binding(t, value), classes)


def _class_in_optional(kind: Any) -> type:
    if isinstance(kind, Scalar):
        return types.class_of(kind)
    return getattr(kind, "instance_class", tuple) if isinstance(kind, Tuple) else np.ndarray


@handles(hasattr)
def _hasattr(t: Tracer, positional: Positional, keywords: Keywords) -> bool:
    value, name = positional
    return hasattr(class_of_binding(t, value) if is_symbolic(value) else value, t.known(name))


@handles(getattr)
def _getattr(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "getattr", positional, 2, 3)
    if len(positional) == 3 and not _hasattr(t, positional[:2], {}):
        return positional[2]
    return get_attribute(t, positional[0], positional[1])


@handles(callable)
def _callable(t: Tracer, positional: Positional, keywords: Keywords) -> bool:
    return isinstance(positional[0], Closure) or (not is_symbolic(positional[0]) and callable(positional[0]))


@handles(reject)
def _reject(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    """The problem is at the user's call, outside of the library's own frames."""
    span = t.builder.span
    for frame in reversed(t.frames):
        if not (frame.is_library or frame.stands_for_call):
            break
        span = frame.caller or span
    hint = keywords.get("hint", positional[1] if len(positional) > 1 else "")
    raise t.fail(errors.Rejected, positional[0], hint, span=span)


@handles(typed_by_values)
def _typed_by_values(t: Tracer, positional: Positional, keywords: Keywords) -> None:
    if not t.options.nopython:
        _reject(t, ("the type of the result depends on values",), {})


@handles(known)
def _known(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    value = t.known(positional[0])
    return None if is_symbolic(value) else value


# --- numbers


def _conversion(name: str, to: Scalar) -> None:
    @handles(getattr(builtins, name))
    def convert(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
        if not positional and not keywords:
            return getattr(builtins, name)()
        if len(positional) == 2 or keywords:
            return _complex_of_parts(t, name, positional, keywords)
        _arity(t, name, positional, 1, 1)
        return to_python_number(t, name, to, positional[0])


for _name, _to in (("int", types.int64), ("float", types.float64), ("complex", types.complex128)):
    _conversion(_name, _to)


def _complex_of_parts(t: Tracer, name: str, positional: Positional, keywords: Keywords) -> Any:
    """`complex(real, imag)` is `real + imag * 1j` for real numbers, but keeps the sign of zeros."""
    if name != "complex" or set(keywords) - {"real", "imag"}:
        raise t.fail(errors.WrongArguments, name, "takes one number here")
    parts = dict(zip(("real", "imag"), positional)) | keywords
    real, imag = (parts.get(part, 0.0) for part in ("real", "imag"))
    if not is_symbolic(real) and not is_symbolic(imag):
        return complex(real, imag)
    real, imag = (t.lift(to_python_number(t, "float", types.float64, part)) for part in (real, imag))
    return t.emit(aggregate.complex_make, real, imag)


@handles(bool)
def _bool(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "bool", positional, 0, 1)
    return truth(t, positional[0]) if positional else False


@handles(abs)
def _abs(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "abs", positional, 1, 1)
    return unary(t, "abs", positional[0])


@handles(divmod)
def _divmod(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    _arity(t, "divmod", positional, 2, 2)
    return binary(t, "divmod", *positional)


# --- running Python


class PrintCall:
    """`print` with its static arguments; it is called with the run-time values that fill the placeholders."""

    def __init__(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.arguments = arguments
        self.keywords = keywords

    def __call__(self, *operands: Any) -> None:
        print(*(fill(a, operands) for a in self.arguments), **self.keywords)

    def __str__(self) -> str:
        return "print"


@handles(print)
def _print(t: Tracer, positional: Positional, keywords: Keywords) -> None:
    known = {name: t.known(value) for name, value in keywords.items()}
    if any(map(is_symbolic, known.values())):
        raise t.fail(errors.NotKnown, "print", operands=tuple(known.values()))
    operands: list[Value] = []
    templates = tuple(t.template(a, operands) for a in positional)
    t.emit(python.python_call, *operands, function=PrintCall(templates, known))

