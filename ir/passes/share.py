"""Equal reductions of a graph become calls of one graph."""

from __future__ import annotations

from collections.abc import Hashable

from ir.arrays import length_key, length_of
from ir.builder import Builder
from ir.graph import Block, Constant, Graph, Op, Value, constant_key
from ir.ops import control, elementwise, memory
from ir.types import Array


def share_reductions(graph: Graph) -> None:
    """Let reductions over one axis that do the same be done by one graph, which is compiled once.

    Before::

        %1: np.float64 = reduce sum(n, 0.0:np.float64, a, a) {ndim=1, axes=(0)}
        %2: np.float64 = reduce sum(n, 0.0:np.float64, a, b) {ndim=1, axes=(0)}

    After::

        %1: np.float64 = call sum(n, 0.0:np.float64, a, a)
        %2: np.float64 = call sum(n, 0.0:np.float64, a, b)

    A call takes a few nanoseconds, the loops of a sum many times as long to compile. All arrays must be known to have all items of
    the axis: in the graph that is called, they are views of that length.
    """
    groups: dict[Hashable, list[Op]] = {}
    for op in graph.ops():
        if op.opdef is elementwise.reduce_ and _is_simple(op):
            key = _key(op)
            if key is not None:
                groups.setdefault(key, []).append(op)
    for ops in groups.values():
        if len(ops) > 1:
            shared = _shared(ops[0])
            for op in ops:
                op.opdef, op.attributes = control.call, {"callee": shared}


def _is_simple(op: Op) -> bool:
    if op.attributes["ndim"] != 1 or op.attributes["indexed"] or isinstance(op.result.type, Array):  # type: ignore[union-attr]
        return False
    length = length_key(op.operands[0])
    arrays = [value for value in op.operands[2:] if isinstance(value.type, Array)]
    return all(value.type.layout == "C" and length_key(length_of(value, 0)) == length for value in arrays)  # type: ignore[attr-defined]


def _key(op: Op) -> Hashable | None:
    """Equal for reductions that do the same with operands of the same types; None where that is not looked into."""
    body: Graph = op.attributes["callee"]
    if len(body.blocks) != 1:
        return None
    numbers: dict[Value, int] = {}
    for param in body.params:
        numbers[param] = len(numbers)
    steps: list[Hashable] = []
    for inner in body.ops():
        operands = tuple(constant_key(v) if isinstance(v, Constant) else numbers[v] for v in inner.operands)
        attributes = tuple((name, inner.attributes[name]) for name in sorted(inner.attributes))
        steps.append((inner.opdef.name, operands, attributes, inner.result and inner.result.type))
        if inner.result is not None:
            numbers[inner.result] = len(numbers)
    kinds = tuple(value.type for value in op.operands)
    return (kinds, op.result.type, bool(op.attributes["compensated"]), tuple(steps))  # type: ignore[union-attr]


def _shared(op: Op) -> Graph:
    """A graph that does what the op does, on parameters in place of its operands."""
    params = [Value(value.type, value.name) for value in op.operands]
    graph = Graph(op.attributes["callee"].name, op.span, [Block("entry", params)], op.result.type)  # type: ignore[union-attr]
    builder = Builder(graph)
    length, initial, *inputs = params
    offset = Constant(length.type, value=0)
    whole = [builder.emit(memory.view, v, offset, length, to=v.type) if isinstance(v.type, Array) else v for v in inputs]
    result = builder.emit(elementwise.reduce_, length, initial, *whole, **op.attributes)  # type: ignore[arg-type]
    builder.return_(result)  # type: ignore[arg-type]
    return graph
