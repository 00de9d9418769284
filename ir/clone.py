"""Copies of graphs, so that passes can change one and users can still look at the other."""

from __future__ import annotations

from ir.graph import Block, Constant, Edge, Graph, Op, Value

_GRAPHS = ("callee", "body")  # attributes


def clone(graph: Graph) -> Graph:
    """A copy of the graph and of every graph that it calls. Types, constants and spans are shared."""
    copies = {g: Graph(g.name, g.span, [], g.result_type) for g in (graph, *graph.callees())}
    for original, copy in list(copies.items()):
        copy_blocks(original, copy, copies)
    return copies[graph]


def copy_blocks(original: Graph, copy: Graph, graphs: dict[Graph, Graph]) -> None:
    """Give a graph copies of the blocks of another one; `graphs` has the copies of those that it calls."""
    blocks = {block: Block(block.label) for block in original.blocks}
    values: dict[Value, Value] = {}
    for block, made in blocks.items():
        made.params = [values.setdefault(p, Value(p.type, p.name)) for p in block.params]
        for op in block.ops:
            if op.result is not None:
                values[op.result] = Value(op.result.type, op.result.name)

    def mapped(value: Value) -> Value:
        return value if value.__class__ is Constant else values[value]

    for block, made in blocks.items():
        for op in block.ops:
            attributes = op.attributes
            for name in _GRAPHS:
                if name in attributes:
                    attributes = {**attributes, name: _copied(attributes[name], graphs)}
            result = None if op.result is None else values[op.result]
            targets = tuple(Edge(blocks[e.block], list(map(mapped, e.arguments))) for e in op.targets)
            copied = Op(op.opdef, list(map(mapped, op.operands)), dict(attributes), result, op.span, targets)
            if result is not None:
                result.op = copied
            made.ops.append(copied)
    copy.blocks = list(blocks.values())


def _copied(graph: Graph, graphs: dict[Graph, Graph]) -> Graph:
    if graph.is_deferred:
        return graphs.setdefault(graph, graph.again(graphs))  # type: ignore[attr-defined]
    if graph not in graphs:  # one that code was made of, and nothing changes
        return graph
    return graphs[graph]
