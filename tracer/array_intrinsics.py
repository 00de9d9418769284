"""How the tracer performs the steps of `tracer.array_steps`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.graph import Value
from ir.ops import array as array_ops
from tracer.array_steps import (
    assign_items, broadcast_lengths, cast_item, few, fold_items, generate, in_any_order, is_transpose, map_items, type_of_items, view_of,
)  # fmt: skip
from tracer.arrays import (
    assign_over, broadcast, elementwise_map, fold_over, map_over, shape_of_operand, strided_view, trace_body,
)  # fmt: skip
from tracer.calls import handles
from tracer.conversions import to_int64
from tracer.tracing import Tracer
from tracer.ufuncs import convert_item, refuse_readonly
from tracer.values import Range

Positional = tuple[Any, ...]
Keywords = dict[str, Any]


def _operands(t: Tracer, operands: Positional) -> list[Any]:
    return [t.lift_array(x) if type(x) is np.ndarray else x for x in operands]


def _name(function: Any) -> str:
    """What the graph of one point is called."""
    name = getattr(function, "qualified_name", None) or getattr(function, "__qualname__", "item")
    return name.rpartition(".")[2].strip("_<>")


def _lengths(t: Tracer, shape: Any) -> tuple[Value, ...]:
    parts = shape if isinstance(shape, tuple) else (shape,)
    return tuple(t.lift(to_int64(t, part, "shape")) for part in parts)


@handles(map_items)
def _map_items(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    function, *operands = positional
    operands = _operands(t, tuple(operands))
    return elementwise_map(t, operands, lambda items: t.call(function, items, {}), _name(function))


@handles(generate)
def _generate(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    shape, function, *operands = positional
    return map_over(
        t, _lengths(t, shape), _operands(t, tuple(operands)), lambda items: t.call(function, items, {}), 
        indexed=bool(t.known(keywords.get("indexed", True))), name=_name(function), layout=t.known(keywords.get("layout", "C")),
    )  # fmt: skip


@handles(fold_items)
def _fold_items(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    function, initial, *operands = positional
    operands = _operands(t, tuple(operands))
    lengths = broadcast(t, [shape_of_operand(t, x) for x in operands])
    axes = t.known(keywords.get("axes"))
    folded = tuple(range(len(lengths))) if axes is None else tuple(map(t.known, axes))
    state = t.lift(initial)
    if isinstance(state.type, types.Scalar) and state.type.weak:
        state = t.lift(convert_item(t, state, state.type.numpy))

    def step(items: list[Any]) -> Any:
        return convert_item(t, t.call(function, items, {}), state.type)

    return fold_over(
        t, lengths, folded, state, operands, step, name=_name(function), layout=t.known(keywords.get("layout")),
        compensated=bool(t.known(keywords.get("compensated", False))), indexed=bool(t.known(keywords.get("indexed", False))),
    )  # fmt: skip


@handles(assign_items)
def _assign_items(t: Tracer, positional: Positional, keywords: Keywords) -> None:
    target, function, *operands = positional
    target = t.lift(target)
    refuse_readonly(t, target, "output array is read-only")
    to = target.type.dtype
    assign_over(t, target, _operands(t, tuple(operands)), lambda items: convert_item(t, t.call(function, items, {}), to), name=_name(function))


@handles(in_any_order)
def _in_any_order(t: Tracer, positional: Positional, keywords: Keywords) -> Range:
    (numbers,) = positional
    return Range(numbers.start, numbers.stop, numbers.step, parallel=-1)


@handles(few)
def _few(t: Tracer, positional: Positional, keywords: Keywords) -> Range:
    (numbers,) = positional
    return Range(numbers.start, numbers.stop, numbers.step, rare=True)


@handles(view_of)
def _view_of(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    names = ("array", "offset", "shape", "strides", "dtype", "layout", "readonly")
    given = dict(zip(names, positional)) | keywords
    array = t.lift(given["array"])
    dtype = t.known(given.get("dtype"))
    scalar = dtype if dtype is None or isinstance(dtype, types.Type) else types.from_dtype(dtype)
    layout, locked = (t.known(given.get(name, default)) for name, default in (("layout", "A"), ("readonly", False)))
    return strided_view(
        t, array, given["offset"], given["shape"], given.get("strides"), layout=layout, dtype=scalar, readonly=locked or None
    )


@handles(broadcast_lengths)
def _broadcast_lengths(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    return broadcast(t, [_lengths(t, shape) for shape in positional])


@handles(type_of_items)
def _type_of_items(t: Tracer, positional: Positional, keywords: Keywords) -> types.Type:
    """One item is traced, apart from the program, for its type."""
    items = positional[0]
    return trace_body(t, "item", [(types.int64, "index")], lambda index: items.item(index[0]))[2]


@handles(is_transpose)
def _is_transpose(t: Tracer, positional: Positional, keywords: Keywords) -> bool:
    a, b = positional
    return any(_transposed_operand(x) is y for x, y in ((a, b), (b, a)))


def _transposed_operand(value: Any) -> Value | None:
    """The array that a value is the transpose of."""
    made_by = value.op if isinstance(value, Value) else None
    return made_by.operands[0] if made_by is not None and made_by.opdef is array_ops.transpose else None


@handles(cast_item)
def _cast_item(t: Tracer, positional: Positional, keywords: Keywords) -> Any:
    item, to = positional
    return convert_item(t, item, to)
