"""What passes share: substituting values, redirecting edges and dropping blocks that control does not reach."""

from __future__ import annotations

from ir.cfg import reverse_postorder
from ir.graph import Block, Edge, Graph, Op, Value, same_constant


def substitute_in(values: list[Value], replaced: dict[Value, Value]) -> None:
    """Put the replacements in place of the replaced values of a list."""
    for i, value in enumerate(values):
        if value in replaced:
            values[i] = replaced[value]


def substitute_op(op: Op, replaced: dict[Value, Value]) -> None:
    """Substitute in the operands of an op and the arguments of its edges."""
    substitute_in(op.operands, replaced)
    for edge in op.targets:
        substitute_in(edge.arguments, replaced)


def substitute(graph: Graph, replaced: dict[Value, Value]) -> None:
    """Substitute everywhere. A replacement may itself be replaced: chains are followed to their end."""
    if not replaced:
        return
    for value, replacement in replaced.items():
        while replacement in replaced:
            replacement = replaced[replacement]
        replaced[value] = replacement
    for block in graph.blocks:
        for op in block.ops:
            substitute_op(op, replaced)


def keep_name(removed: Value, replacement: Value) -> None:
    """Let a value without a name take the name of the one that it replaces."""
    if replacement.name is None:
        replacement.name = removed.name


def used_outside(graph: Graph, homes: dict[Value, Block]) -> set[Value]:
    """Those of the values that a block other than their own uses."""
    used: set[Value] = set()
    if homes:
        for block in graph.blocks:
            for op in block.ops:
                for value in op.operands:
                    if homes.get(value, block) is not block:
                        used.add(value)
                for edge in op.targets:
                    for value in edge.arguments:
                        if homes.get(value, block) is not block:
                            used.add(value)
    return used


def equal_edges(a: Edge, b: Edge) -> bool:
    """Whether both lead to the same block with the same arguments."""
    return a.block is b.block and all(x is y or same_constant(x, y) for x, y in zip(a.arguments, b.arguments))


def redirect(above: Block, edge: Edge, new: Edge) -> bool:
    """Let an edge that leaves `above` be as the new one, unless both edges of a branch would then lead to one block
    with different arguments: which of them was taken could no longer be told by where control comes from."""
    for other in above.ops[-1].targets:
        if other is not edge and other.block is new.block and not equal_edges(other, new):
            return False
    edge.block, edge.arguments = new.block, new.arguments
    return True


def remove_unreachable(graph: Graph) -> None:
    """Drop the blocks that no path from the entry leads to."""
    reachable = reverse_postorder(graph)
    if len(reachable) != len(graph.blocks):
        kept = set(reachable)
        graph.blocks = [block for block in graph.blocks if block in kept]
