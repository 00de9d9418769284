"""What a loop runs over: every iterable becomes a length and a way to get the item at an index."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from ir import types
from ir.graph import Value
from ir.ops import arithmetic
from tracer import errors
from tracer.attributes import dimension, size
from tracer.frames import PathEnded
from tracer.library.flat_items import flat_item
from tracer.library.ranges import range_length as library_range_length
from tracer.operators import binary
from tracer.records import fields_of, is_record, referred
from tracer.subscripts import get_item, item_at, range_number
from tracer.tracing import Tracer
from tracer.values import Flat, Range, Sequence, SliceParts, is_array_value, is_symbolic


def as_sequence(t: Tracer, value: Any) -> Sequence:
    """The items of an iterable, by index."""
    value = t.unwrap(value, "'NoneType' object is not iterable")
    if isinstance(value, Sequence):
        return _use(t, value)
    if type(value) is np.ndarray:
        value = t.lift_array(value)
    if isinstance(value, Range):
        return range_sequence(t, value)
    if is_record(value):
        return static_sequence(t, fields_of(t, value))
    if is_array_value(value):
        return _array_sequence(t, value)
    if isinstance(value, Flat):
        items = value.array
        return Sequence(size(t, items), lambda index: referred(t, t.call(flat_item, (items, index), {})), None, "flat")
    if isinstance(value, range):
        return range_sequence(t, Range(value.start, value.stop, value.step))
    if isinstance(value, (tuple, list, str, bytes, frozenset, set, dict)) and not isinstance(value, SliceParts):
        return static_sequence(t, tuple(value))
    raise t.fail(errors.NotIterable, operands=(value,))


def iterator(t: Tracer, sequence: Sequence) -> Sequence:
    """The sequence as an iterator, which serves one loop only."""
    sequence.loops = t.loops_around()
    return sequence


def _use(t: Tracer, sequence: Sequence) -> Sequence:
    if sequence.loops >= 0:
        if sequence.used or t.loops_around() != sequence.loops:
            raise t.fail(errors.IteratorReused, sequence.origin)
        sequence.used = True
    return sequence


def static_sequence(t: Tracer, items: tuple[Any, ...]) -> Sequence:
    """Items known while tracing: a loop over them is unrolled."""
    return Sequence(len(items), lambda index: get_item(t, items, index), items, "tuple")


def _array_sequence(t: Tracer, value: Value) -> Sequence:
    if value.type.ndim == 0:
        raise t.fail(errors.StaticError, "TypeError: iteration over a 0-d array")
    made = Sequence(dimension(t, value, 0), lambda index: item_at(t, value, t.lift(index)), None, str(value.type))
    made.rest = lambda index: _rest_of_array(t, value, index)
    return made


def _rest_of_array(t: Tracer, value: Value, index: Any) -> tuple[ast.expr, dict[str, Any]]:
    name = t.hidden("rest")
    return ast.Name(name, ast.Load()), {name: get_item(t, value, slice(binary(t, "add", index, 1), None))}


def range_length(t: Tracer, value: Range) -> Any:
    """`len(range(...))` as an int64."""
    if not any(map(is_symbolic, (value.start, value.stop, value.step))):
        return len(range(value.start, value.stop, value.step))
    return t.call(library_range_length, (value.start, value.stop, value.step), {})


def range_sequence(t: Tracer, value: Range) -> Sequence:
    """The numbers of a range by index."""

    made = Sequence(range_length(t, value), lambda index: range_number(t, value, index), None, "range")
    made.rest = lambda index: _rest_of_range(t, value, range_number(t, value, binary(t, "add", index, 1)))
    return made


def _rest_of_range(t: Tracer, value: Range, start: Any) -> tuple[ast.expr, dict[str, Any]]:
    prefix = t.hidden("rest")
    values = {f"{prefix}.start": start, f"{prefix}.stop": value.stop, f"{prefix}.step": value.step}
    return ast.Call(ast.Name("range", ast.Load()), [ast.Name(name, ast.Load()) for name in values], []), values


def enumerated(t: Tracer, sequence: Sequence, start: Any) -> Sequence:
    """`enumerate(sequence, start)`."""

    def item(index: Any) -> tuple[Any, Any]:
        count = index if not is_symbolic(start) and start == 0 else binary(t, "add", start, index)
        return count, sequence.item(index)

    static = sequence.static_items
    if static is not None:
        static = tuple((binary(t, "add", start, i), x) for i, x in enumerate(static))
    made = Sequence(sequence.length, item, static, "enumerate")
    if sequence.rest is not None:
        made.rest = lambda index: _rest_of_enumerate(t, sequence, start, index)
    return made


def _rest_of_enumerate(t: Tracer, sequence: Sequence, start: Any, index: Any) -> tuple[ast.expr, dict[str, Any]]:
    inner, names = sequence.rest(index)
    count = t.hidden("rest")
    call = ast.Call(ast.Name("enumerate", ast.Load()), [inner, ast.Name(count, ast.Load())], [])
    return call, {**names, count: binary(t, "add", binary(t, "add", start, index), 1)}


def zipped(t: Tracer, sequences: list[Sequence], strict: bool) -> Sequence:
    """`zip(*sequences)`: as long as the shortest."""
    if not sequences:
        return static_sequence(t, ())
    finish = (lambda: _check_lengths(t, [s.length for s in sequences])) if strict else None
    if all(s.static_items is not None for s in sequences):
        made = static_sequence(t, tuple(zip(*(s.static_items for s in sequences))))
        made.finish = finish
        return made
    length = sequences[0].length
    for sequence in sequences[1:]:
        length = _shorter(t, length, sequence.length)
    made = Sequence(length, lambda index: tuple(s.item(index) for s in sequences), None, "zip", finish)
    if not strict and all(s.rest is not None for s in sequences):
        made.rest = lambda index: _rest_of_zip(sequences, index)
    return made


def _rest_of_zip(sequences: list[Sequence], index: Any) -> tuple[ast.expr, dict[str, Any]]:
    found = [s.rest(index) for s in sequences]
    names = {name: value for _, values in found for name, value in values.items()}
    return ast.Call(ast.Name("zip", ast.Load()), [inner for inner, _ in found], []), names


def _check_lengths(t: Tracer, lengths: list[Any]) -> None:
    """What `zip(strict=True)` does at the end of the shortest: the first argument is compared with each other one."""
    for i, length in enumerate(lengths[1:], 1):
        before = "argument 1" if i == 1 else f"arguments 1-{i}"
        for sign, word in (("lt", "shorter"), ("gt", "longer")):
            differs = binary(t, sign, length, lengths[0])
            message = f"zip() argument {i + 1} is {word} than {before}"
            if isinstance(differs, Value):
                t.raise_if(differs, ValueError, message)
            elif differs:
                t.raise_(ValueError, message)
                raise PathEnded


def _shorter(t: Tracer, a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    if a is b:
        return a
    return t.emit(arithmetic.minimum, t.lift(a), t.lift(b))


def reversed_sequence(t: Tracer, value: Any) -> Any:
    """`reversed(value)`."""
    if isinstance(value, Range) and value.step == 1 and type(value.start) is int and value.start > types.int64.minimum:
        last = binary(t, "sub", _larger(t, value.start, value.stop), 1)
        return Range(last, value.start - 1, -1)
    sequence = as_sequence(t, value)
    if sequence.static_items is not None:
        return static_sequence(t, sequence.static_items[::-1])
    last = binary(t, "sub", sequence.length, 1)
    return Sequence(sequence.length, lambda index: sequence.item(t.emit(arithmetic.sub, t.lift(last), t.lift(index))), None, "reversed")


def _larger(t: Tracer, a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return t.emit(arithmetic.maximum, t.lift(a), t.lift(b))


def length_of(t: Tracer, value: Any) -> Any:
    """`len(value)`. The library may also ask for the length of what has none in Python, as a generator."""
    value = t.unwrap(value, "object of type 'NoneType' has no len()")
    if isinstance(value, Sequence) and t.frame.is_library:
        return value.length
    if is_record(value):
        return len(value.type.dtype.fields)
    if is_array_value(value):
        if value.type.ndim == 0:
            raise t.fail(errors.StaticError, "TypeError: len() of unsized object")
        return dimension(t, value, 0)
    if isinstance(value, Range):
        return range_length(t, value)
    if isinstance(value, Flat):
        return size(t, value.array)
    if is_symbolic(value) and (not isinstance(value, tuple) or isinstance(value, SliceParts)):
        raise t.fail(errors.StaticError, f"TypeError: object of type '{type_name(value)}' has no len()")
    try:
        return len(value)
    except TypeError as error:
        raise t.fail(errors.StaticError, f"TypeError: {error}") from None


def type_name(value: Any) -> str:
    """The name of the Python class of a run-time number."""
    if isinstance(value, Value) and isinstance(value.type, types.Scalar):
        return types.class_of(value.type).__name__
    return "slice" if isinstance(value, SliceParts) else getattr(value, "origin", "") or type(value).__name__


def display_items(t: Tracer, nodes: list[ast.expr]) -> tuple[Any, ...]:
    """The items of a display, with starred ones spread out."""
    items: list[Any] = []
    for element in nodes:
        if isinstance(element, ast.Starred):
            items.extend(unpack(t, t.evaluate(element.value), element))
        else:
            items.append(t.evaluate(element))
    return tuple(items)


def unpack(t: Tracer, value: Any, node: ast.AST) -> tuple[Any, ...]:
    """The items of something of known length."""
    if isinstance(value, (tuple, list, str)) and not isinstance(value, SliceParts):
        return tuple(value)
    t.at(node)
    if is_record(value):
        return fields_of(t, value)
    if is_array_value(value) and isinstance(getattr(node, "ctx", None), ast.Store):
        return _unpack_array(t, value, node)
    sequence = as_sequence(t, value)
    if sequence.static_items is not None:
        return sequence.static_items
    length = t.known(sequence.length)
    if isinstance(length, Value):
        raise t.fail(errors.LengthNotKnown, operands=(value,))
    return tuple(sequence.item(i) for i in range(length))


def _unpack_array(t: Tracer, value: Value, node: Any) -> tuple[Any, ...]:
    """`x, y = array`: the length is checked when it runs."""
    from_end = any(isinstance(e, ast.Starred) for e in node.elts)
    if from_end:
        raise t.fail(errors.LengthNotKnown, operands=(value,))
    sequence = as_sequence(t, value)
    needed = len(node.elts)
    few = binary(t, "lt", sequence.length, needed)
    t.raise_if(
        few, ValueError, t.text(f"not enough values to unpack (expected {needed}, got ", sequence.length, ")")
    )
    t.raise_if(binary(t, "gt", sequence.length, needed), ValueError, f"too many values to unpack (expected {needed})")
    return tuple(sequence.item(t.lift(i)) for i in range(needed))
