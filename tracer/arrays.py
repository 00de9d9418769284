"""Operations on whole arrays: index spaces, and the graphs that say what happens at each point of one.

The library reaches these through `tracer.extending` (`map_items`, `generate`, `fold_items`, `assign_items`), operators and
ufuncs through `elementwise`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ir import types
from ir.builder import Builder, constant
from ir.graph import Block, Constant, Graph, Value, same_constant
from ir.opdef import Effect
from ir.ops import aggregate, compare, elementwise, memory
from ir.ops import array as array_ops
from ir.rewriting import substitute
from ir.types import Array, Scalar, Tuple, Type
from tracer.attributes import shape
from tracer.frames import PathEnded
from tracer.shapes import cast_scalar
from tracer.tracing import Tracer
from tracer.values import is_array_value

Shape = tuple[Value, ...]
Body = Callable[[list[Value]], Any]


def is_array(binding: Any) -> bool:
    """Whether the binding is an array, known or not."""
    return type(binding) is np.ndarray or (is_array_value(binding))


def shape_of_operand(t: Tracer, operand: Any) -> Shape:
    """The lengths of an array; none for a number."""
    return shape(t, operand) if is_array_value(operand) else ()


def same_length(a: Value, b: Value) -> bool:
    """Whether two lengths are known to be equal."""
    return a is b or same_constant(a, b)


def is_one(length: Value) -> bool:
    """Whether a length is known to be 1."""
    return isinstance(length, Constant) and length.value == 1


def broadcast(t: Tracer, shapes: Sequence[Shape]) -> Shape:
    """The shape that the shapes are stretched to together. What is not known is checked at run time."""
    shapes = [s for s in shapes if s]
    rank = max(map(len, shapes), default=0)
    padded = [(constant(1, types.int64),) * (rank - len(s)) + s for s in shapes]
    decided = [_common_length(column) for column in zip(*padded)]
    if all(length is not None and certain for length, certain in decided):
        return tuple(length for length, _ in decided)
    ranks = tuple(map(len, shapes))
    checked = t.emit(memory.broadcast, *(length for s in shapes for length in s), ranks=ranks, into=False)
    items = (t.emit(aggregate.tuple_item, checked, index=axis) for axis in range(rank))
    return tuple(length if length is not None else item for (length, _), item in zip(decided, items))


def _common_length(lengths: Sequence[Value]) -> tuple[Value | None, bool]:
    """What lengths of one axis are stretched to, as far as it is known, and whether they are known to fit."""
    distinct: list[Value] = []
    for length in lengths:
        if not is_one(length) and not any(same_length(length, d) for d in distinct):
            distinct.append(length)
    if not distinct:
        return lengths[0], True
    if len(distinct) == 1:
        return distinct[0], True
    known = [d for d in distinct if isinstance(d, Constant)]
    return (known[0] if known else None), False


def check_fits_into(t: Tracer, source: Shape, target: Shape) -> None:
    """Raise ValueError, at run time, where an array of one shape cannot be stretched to another's."""
    surplus = len(source) - len(target)
    if surplus > 0:
        # Leading axes beyond the target's must have the length 1.
        for axis, length in enumerate(source[:surplus]):
            if not is_one(length):
                differs = t.emit(compare.ne, length, constant(1, types.int64))
                texts = shape_text(source[axis:]), shape_text(target)
                message = t.text("could not broadcast input array from shape ", *texts[0], " into shape ", *texts[1])
                t.raise_if(differs, ValueError, message)
        source = source[surplus:]
    pairs = list(zip(source[::-1], target[::-1]))
    if all(is_one(a) or same_length(a, b) for a, b in pairs):
        return
    t.emit(memory.broadcast, *source, *target, ranks=(len(source), len(target)), into=True)


def shape_text(lengths: Shape) -> list[Any]:
    """A shape as NumPy's messages show it, without spaces: the parts of a text."""
    parts: list[Any] = ["("]
    for axis, length in enumerate(lengths):
        known = getattr(length, "value", None)
        parts += ["," if axis else "", length if known is None else str(known)]
    return [*parts, ",)" if len(lengths) == 1 else ")"]


# --- the graphs at the points


def trace_body(t: Tracer, name: str, leading: Sequence[tuple[Type, str]], make: Body) -> tuple[Graph, list[Value], Type]:
    """The graph of what `make` computes from parameters of these types and names, traced apart from its surroundings.

    Values of the surroundings that it uses become further parameters: they are the second part of the result, as
    operands (arrays in a tuple, since an array operand would be taken item by item). The third is the type it makes.
    """
    graph = Graph(name, t.builder.span, [Block("entry")])
    graph.entry.params += [Value(type, name) for type, name in leading]
    outer_builder, outer_graph, kept, variables = t.builder, t.graph, len(t.kept), t.snapshot().variables
    t.builder, t.graph = Builder(graph), graph
    t.builder.span = outer_builder.span
    try:
        made = _numpy_number(t, make(list(graph.params)))
        t.builder.return_(made)
        graph.result_type = made.type
    except PathEnded:  # every point raises
        graph.result_type = types.np_float64
    finally:
        t.builder, t.graph = outer_builder, outer_graph
        del t.kept[kept:]  # their variables are values of the new graph
        for frame, before in variables.items():  # as are those that a loop in it carries, because nested functions rebind them
            frame.variables = before
    return graph, _capture(t, graph), graph.result_type


def _numpy_number(t: Tracer, binding: Any) -> Value:
    """A result in the type that an array holds it in."""
    value = t.lift(binding)
    return cast_scalar(t, value, value.type.numpy) if isinstance(value.type, Scalar) else value


def _capture(t: Tracer, graph: Graph) -> list[Value]:
    """Make parameters of the outer values that the graph uses; what to pass for them."""
    own = {p for block in graph.blocks for p in block.params} | {op.result for op in graph.ops()}
    used = (v for op in graph.ops() for v in (*op.operands, *(a for e in op.targets for a in e.arguments)))
    foreign = dict.fromkeys(v for v in used if v not in own and not isinstance(v, Constant))
    replaced: dict[Value, Value] = {}
    operands: list[Value] = []
    inner = Builder(graph)
    prologue = Block("prologue")
    inner.block = prologue
    for value in foreign:
        if isinstance(value.type, Array):
            wrapped = Tuple((value.type,))
            parameter = Value(wrapped, value.name)
            replaced[value] = inner.emit(aggregate.tuple_item, parameter, index=0)
            operands.append(t.emit(aggregate.tuple_make, value, to=wrapped))
        else:
            parameter = replaced[value] = Value(value.type, value.name)
            operands.append(value)
        graph.entry.params.append(parameter)
    substitute(graph, replaced)
    graph.entry.ops[:0] = prologue.ops
    return operands


def can_raise(graph: Graph) -> bool:
    """Whether running the graph may raise."""
    return any(
        op.effects & (Effect.RAISES | Effect.ALLOCATES) and "callee" not in op.attributes
        for each in (graph, *graph.callees()) for op in each.ops()
    )  # fmt: skip


# --- the ops


def result_layout(operands: Sequence[Value], ndim: int) -> str:
    """ "F" where every array of two axes or more is in Fortran order, else "C", as NumPy lays out new arrays."""
    layouts = {v.type.layout for v in operands if isinstance(v.type, Array) and v.type.ndim > 1}
    return "F" if ndim > 1 and layouts == {"F"} else "C"


def new_array(t: Tracer, result: Value, lengths: Sequence[Value]) -> Value:
    """Note the lengths of an array that was just made, so that later shapes are known to be the same."""
    for axis, length in enumerate(lengths):
        t.dimensions[result, axis] = length
    return result


def map_over(
    t: Tracer, lengths: Shape, operands: Sequence[Any], make: Body, *, name: str = "item", indexed: bool = False,
    layout: str | None = None,
) -> Value:  # fmt: skip
    """A new array over the index space: `make` gets the indices if `indexed`, then an item of each operand.

    Operands that are known are handed to `make` as they are, so that their values can be seen.
    """
    inputs = [v for v in operands if _is_input(v)]
    leading = _leading(len(lengths) if indexed else 0, inputs)
    graph, captured, item = trace_body(t, name, leading, _spread(len(lengths) if indexed else 0, operands, make))
    to = Array(item, len(lengths), layout or result_layout(inputs, len(lengths)))
    opdef = elementwise.map_raising if can_raise(graph) else elementwise.map_
    return new_array(t, t.emit(opdef, *lengths, *inputs, *captured, to=to, callee=graph, indexed=indexed), lengths)


def _is_input(operand: Any) -> bool:
    """Whether an operand becomes a parameter of the graph: numbers that are known do not."""
    return isinstance(operand, Value) and (isinstance(operand.type, Array) or not isinstance(operand, Constant))


def _leading(index_count: int, inputs: Sequence[Value]) -> list[tuple[Type, str]]:
    indices = [(types.int64, f"index{axis}") for axis in range(index_count)]
    return indices + [(v.type.item if isinstance(v.type, Array) else v.type, v.name or "item") for v in inputs]


def _spread(index_count: int, operands: Sequence[Any], make: Body) -> Body:
    """`make` with the operands that are no parameters put back in their places."""

    def spread(params: list[Value]) -> Any:
        items = iter(params[index_count:])
        given = [next(items) if _is_input(v) else v for v in operands]
        return make([*params[:index_count], *given])

    return spread


def elementwise_map(t: Tracer, operands: Sequence[Any], make: Body, name: str = "item") -> Value:
    """A new array of what `make` gives for the items of operands that are stretched to one shape."""
    lengths = broadcast(t, [shape_of_operand(t, v) for v in operands])
    return map_over(t, lengths, operands, make, name=name)


def assign_over(
    t: Tracer, target: Value, operands: Sequence[Any], make: Body, *, name: str = "item", indexed: bool = False
) -> None:  # fmt: skip
    """Write what `make` gives for the items of the operands into an array; their shapes are checked."""
    ndim = target.type.ndim
    fitted = fitted_operands(t, target, operands)
    inputs = [v for v in fitted if _is_input(v)]
    leading = _leading(ndim if indexed else 0, inputs)
    graph, captured, _ = trace_body(t, name, leading, _spread(ndim if indexed else 0, fitted, make))
    t.emit(elementwise.assign, target, *inputs, *captured, callee=graph, indexed=indexed)


def fitted_operands(t: Tracer, target: Value, operands: Sequence[Any]) -> list[Any]:
    """The operands of what is written into an array, without leading axes that it does not have; their shapes are checked."""
    ndim = target.type.ndim
    fitted = []
    for operand in operands:
        source = shape_of_operand(t, operand)
        check_fits_into(t, source, shape(t, target))
        fitted.append(drop_leading(t, operand, len(source) - ndim) if len(source) > ndim else operand)
    return fitted


def fold_over(
    t: Tracer, lengths: Shape, axes: tuple[int, ...], initial: Value, operands: Sequence[Any], make: Body, *,
    name: str = "step", compensated: bool = False, indexed: bool = False, layout: str | None = None,
) -> Value:  # fmt: skip
    """The points along `axes` folded: `make` gets the state so far, then what it gets in `map_over`."""
    inputs = [v for v in operands if _is_input(v)]
    index_count = len(lengths) if indexed else 0
    leading = [(initial.type, "state"), *_leading(index_count, inputs)]
    spread = _spread(1 + index_count, operands, make)
    graph, captured, _ = trace_body(t, name, leading, spread)
    kept = [length for axis, length in enumerate(lengths) if axis not in axes]
    to = Array(initial.type, len(kept), layout or result_layout(inputs, len(kept))) if kept else initial.type
    result = t.emit(
        elementwise.reduce_, *lengths, initial, *inputs, *captured, to=to, callee=graph, indexed=indexed, ndim=len(lengths),
        axes=tuple(sorted(axes)), compensated=compensated,
    )  # fmt: skip
    return new_array(t, result, kept) if kept else result


# --- views


def strided_view(
    t: Tracer, array: Value, offset: Any, lengths: Sequence[Any], strides: Sequence[Any] | None, *,
    layout: str = "A", dtype: Scalar | None = None, readonly: bool | None = None,
) -> Value:  # fmt: skip
    """An array on the memory of another one; who calls it makes sure that the items lie in it. All in bytes."""
    kind = array.type
    if strides is not None and layout == "A" and len(lengths) == 1 and _is_unit(strides[0], dtype or kind.dtype):
        layout = "C"
    aligned = kind.aligned and (dtype is None or types.dtype_of(dtype).alignment <= types.dtype_of(kind.dtype).alignment)
    to = Array(dtype or kind.dtype, len(lengths), layout, kind.readonly if readonly is None else readonly, aligned)
    numbers = [t.lift(x) for x in (offset, *lengths, *(strides if layout == "A" else ()))]
    return new_array(t, t.emit(memory.view, array, *numbers, to=to), numbers[1 : 1 + len(lengths)])


def _is_unit(stride: Any, dtype: Scalar) -> bool:
    known = stride.value if isinstance(stride, Constant) else stride
    return isinstance(known, int) and known == types.dtype_of(dtype).itemsize


def drop_leading(t: Tracer, array: Value, count: int) -> Value:
    """The array without its first axes, which have the length 1."""
    lengths = shape(t, array)[count:]
    layout = "A" if array.type.layout == "A" else array.type.layout if lengths else "C"
    strides = strides_of(t, array)[count:]
    return strided_view(t, array, 0, lengths, strides, layout=layout)


def strides_of(t: Tracer, array: Value) -> tuple[Any, ...]:
    """The distances in bytes between neighbours on each axis; the one of the contiguous axis is known."""
    kind: Array = array.type
    itemsize = types.dtype_of(kind.dtype).itemsize
    contiguous = {"C": kind.ndim - 1, "F": 0}.get(kind.layout)
    return tuple(
        constant(itemsize, types.int64) if axis == contiguous else t.emit(array_ops.stride, array, axis=axis)
        for axis in range(kind.ndim)
    )
