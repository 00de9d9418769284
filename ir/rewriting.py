"""What passes share: substituting values and dropping blocks that control does not reach."""

from __future__ import annotations

from ir.cfg import reverse_postorder
from ir.graph import Graph, Op, Value


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


def remove_unreachable(graph: Graph) -> None:
    """Drop the blocks that no path from the entry leads to."""
    reachable = reverse_postorder(graph)
    if len(reachable) != len(graph.blocks):
        kept = set(reachable)
        graph.blocks = [block for block in graph.blocks if block in kept]
