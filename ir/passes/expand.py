"""Ops on whole arrays become loops."""

from __future__ import annotations

import functools

import attrs

from ir.arrays import DefinitionOrder, arrays_in, base_of, may_share_memory, without_relaxing
from ir.equal_lengths import EqualLengths
from ir.graph import Block, Edge, Graph, Op, Value
from ir.loops import LoopBuilder
from ir.opdef import Effect
from ir.ops import arithmetic, array, elementwise, memory
from ir.reducing import write_reduction
from ir.rewriting import remove_unreachable, substitute
from ir.spaces import Space, in_known_form, loop_order, make_space, write_new, write_points
from ir.types import Array


def expand_array_ops(graph: Graph) -> None:
    """Write explicit loops for the ops that have a graph to run at each point of an index space.

    Before::

        %0: int64 = shape a {axis=0}
        b: float64[::1] = map square(%0, a)

    After::

        %0: int64 = shape a {axis=0}
        b: float64[::1] = alloc %0
        jump loop1(0)
        loop1(i: int64):
          %1: bool = lt i, %0
          branch %1, body2, exit3
        body2:
          %2: np.float64 = load a, i {parallel=1}
          %3: np.float64 = mul %2, %2
          store b, i, %3 {parallel=1}
          %4: int64 = add i, 1
          jump loop1(%4) {parallel=1}

    Where all arrays are contiguous in the same order there is one loop over all items, else a nest in the order of the
    memory. Whether an input of an unknown length is stretched is tested before the loops, unless the graph tells that it is not
    (ir/equal_lengths.py), and so is whether an array that is assigned to overlaps what is read: then the items go through new memory.
    """
    if not any(op.opdef in _WRITERS for op in graph.ops()):
        return
    order = DefinitionOrder(graph) if any(op.opdef is elementwise.assign for op in graph.ops()) else None
    equal = EqualLengths(graph) if len(graph.blocks) > 1 else None
    if equal is not None:
        equal.decide()
    blocks, graph.blocks = graph.blocks, []
    builder = LoopBuilder(graph)
    expansion = _Expansion(builder, order)
    for block in blocks:
        ops, block.ops = block.ops, []
        builder.start(block)
        if equal is not None:
            builder.same_lengths = functools.partial(equal.same, block)
        for op in ops:
            writer = _WRITERS.get(op.opdef)
            if writer is None:
                builder.block.ops.append(op)
            else:
                builder.begin(op)
                writer(expansion, op)
    substitute(graph, expansion.replaced)
    remove_unreachable(graph)


@attrs.define(eq=False, repr=False)
class _Expansion:
    builder: LoopBuilder
    order: DefinitionOrder | None  # where there is an `assign`
    replaced: dict[Value, Value] = attrs.Factory(dict)


def _space(builder: LoopBuilder, op: Op, lengths: list[Value], inputs: list[Value], written: Array) -> Space:
    return make_space(builder, op, lengths, inputs, loop_order([written], len(lengths)))


def _map(expansion: _Expansion, op: Op) -> None:
    builder, result = expansion.builder, op.result
    kind: Array = result.type  # type: ignore[union-attr, assignment]
    lengths, inputs = op.operands[: kind.ndim], op.operands[kind.ndim :]
    builder.emit_as(result, memory.alloc, *lengths, to=kind, zero=False)  # type: ignore[arg-type]
    write_new(builder, in_known_form(builder, _space(builder, op, lengths, inputs, kind)), result)  # type: ignore[arg-type]


def _write(builder: LoopBuilder, space: Space, target: Value) -> None:
    write_points(builder, in_known_form(builder, space), target)


def _assign(expansion: _Expansion, op: Op) -> None:
    builder = expansion.builder
    target, inputs = op.operands[0], op.operands[1:]
    kind: Array = target.type  # type: ignore[assignment]
    lengths = [builder.length(target, axis) for axis in range(kind.ndim)]
    space = _space(builder, op, lengths, inputs, kind)
    if _must_be_buffered(space) or _surely_overlaps(space, target):
        buffer = _buffer(builder, lengths, kind)
        _write(builder, space, buffer)
        builder.emit(memory.copy, target, buffer)
        return
    overlap = _overlap(expansion, space, target)
    if overlap is None:
        _write(builder, space, target)
        return
    buffered, direct = Block("overlap"), Block("evaluate", [Value(kind, target.name)])
    builder.branch(overlap, Edge(buffered), Edge(direct, [target]))
    builder.start(buffered)
    builder.jump(direct, _buffer(builder, lengths, kind))
    builder.start(direct)
    destination = direct.params[0]
    _write(builder, space, destination)
    copy, done = Block("copy"), Block("assigned")
    builder.branch(overlap, Edge(copy), Edge(done))
    builder.start(copy)
    builder.emit(memory.copy, target, destination)
    builder.jump(done)
    builder.start(done)


def _must_be_buffered(space: Space) -> bool:
    """Whether the graph could see, or leave behind by raising, an array that is written in part."""
    if space.graph.is_deferred:
        return False  # what has kernels computes numbers from numbers
    hidden = any(arrays_in(each.value.type) for each in space.inputs)
    return hidden or any(
        op.effects & (Effect.RAISES | Effect.READS | Effect.PYTHON) and not _only_calls(op)
        for graph in (space.graph, *space.graph.callees())
        for op in graph.ops()
    )


def _surely_overlaps(space: Space, target: Value) -> bool:
    """Whether several other views of the target's array are read, as for a stencil: asking whether not would be in vain."""
    base, plain_target = base_of(target), without_relaxing(target)
    others = {without_relaxing(each.value) for each in space.inputs if each.is_array and base_of(each.value) is base}
    return len(others - {plain_target}) > 1


def _only_calls(op: Op) -> bool:
    return "callee" in op.attributes


def _overlap(expansion: _Expansion, space: Space, target: Value) -> Value | None:
    """Whether a store may change an item that is read at another point; None if that cannot be."""
    builder = expansion.builder
    plain_target = without_relaxing(target)
    decision: Value | None = None
    tested: set[Value] = set()
    for each in space.inputs:
        plain = without_relaxing(each.value)
        if not each.is_array or each.is_single or plain is plain_target or plain in tested:
            continue
        if may_share_memory(target, plain, expansion.order):
            tested.add(plain)
            found = builder.emit(memory.overlaps, target, plain)
            decision = found if decision is None else builder.emit(arithmetic.bit_or, decision, found)
    return decision


def _buffer(builder: LoopBuilder, lengths: list[Value], kind: Array) -> Value:
    """New memory for a value of the type of an array."""
    to = Array(kind.dtype, kind.ndim, "F" if kind.layout == "F" else "C")
    made = builder.emit(memory.alloc, *lengths, to=to, zero=False)
    return made if to is kind else builder.emit(array.relax, made, to=kind)


def _reduce(expansion: _Expansion, op: Op) -> None:
    result = write_reduction(expansion.builder, op)
    if result is not None:
        expansion.replaced[op.result] = result  # type: ignore[index]


_WRITERS = {
    elementwise.map_: _map,
    elementwise.map_raising: _map,
    elementwise.assign: _assign,
    elementwise.reduce_: _reduce,
}
