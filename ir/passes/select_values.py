"""Branches of which both arms do nothing but bring other values to where they meet."""

from __future__ import annotations

from ir.graph import Block, Edge, Graph, Op, Value, same_constant
from ir.ops import compare, control
from ir.rewriting import remove_unreachable
from ir.types import Scalar

_MOST_VALUES = 2  # that differ: LLVM, too, leaves a branch with more alone


def select_values(graph: Graph) -> None:
    """Choose between values where a branch only led to different arguments of one block.

    Before::

          %0: bool = lt y, x
          branch %0, join2(y, low), else1
        else1:
          jump join2(high, y)
        join2(high.1: float64, low.1: float64):

    After::

          %0: bool = lt y, x
          %1: float64 = select %0, y, high
          %2: float64 = select %0, low, y
          jump join2(%1, %2)
        join2(high.1: float64, low.1: float64):

    Only numbers are chosen between: which of two arrays is meant matters to who owns them. And only where no third
    path arrives: these are the branches that LLVM, too, makes selections of. Others are left to the CPU's prediction.
    """
    arrivals: dict[Block, int] = {}
    for block in graph.blocks:
        for edge in block.edges:
            arrivals[edge.block] = arrivals.get(edge.block, 0) + 1
    changed = False
    for block in graph.blocks:
        terminator = block.ops[-1]
        if terminator.opdef is control.branch:
            first, second = (_onward(edge, arrivals) for edge in terminator.targets)
            if first.block is second.block and arrivals[first.block] == 2:
                changed |= _select(block, terminator, first, second)
    if changed:
        remove_unreachable(graph)


def _onward(edge: Edge, arrivals: dict[Block, int]) -> Edge:
    """Where control goes on after the block that the edge leads to, if that does nothing else."""
    jump = edge.block.ops[0]
    empty = not edge.block.params and jump.opdef is control.jump and not any(jump.attributes.values())
    return jump.targets[0] if empty and arrivals[edge.block] == 1 else edge


def _select(block: Block, branch: Op, first: Edge, second: Edge) -> bool:
    """End the block with a jump to where both edges lead, if they bring few different numbers there."""
    differing = [i for i, (a, b) in enumerate(zip(first.arguments, second.arguments)) if a is not b and not same_constant(a, b)]
    if len(differing) > _MOST_VALUES or not all(isinstance(first.arguments[i].type, Scalar) for i in differing):
        return False
    arguments = list(first.arguments)
    del block.ops[-1]
    for i in differing:
        chosen = Value(arguments[i].type, None)
        chosen.op = Op(compare.select, [branch.operands[0], first.arguments[i], second.arguments[i]], {}, chosen, branch.span)
        block.ops.append(chosen.op)
        arguments[i] = chosen
    block.ops.append(Op(control.jump, [], {}, None, branch.span, (Edge(first.block, arguments),)))
    return True
