"""How much LLVM should do for a graph.

LLVM's whole pipeline is for programs with many functions and for loops that it can vectorize. A graph that calls no
other and whose loops must go round by round gains nothing from it: the passes that simplify one function alone, which take
half of the time, make the same instructions.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from codegen.options import Options
from ir.cfg import ControlFlow, Loop
from ir.graph import Block, Graph, Op, Value
from ir.ops import arithmetic
from ir.types import Float

BRIEF_OPS = 16  # of a graph for which machine code is made quickly rather than well
SHORT_OPS = 16  # of a loop, with its test and its jumps

_IN_TURN = (arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.div)  # of floats: the order of the rounds matters


class Effort(enum.Enum):
    """What is done between LLVM text and machine code."""

    NONE = "instructions are selected the quick way"
    BRIEF = "each function is simplified, and instructions are selected the quick way"
    PLAIN = "each function is simplified"
    UNROLLED = "each function is simplified, and the loops that ask for it go two rounds at a time"
    WHOLE = "the whole pipeline: functions are inlined, loops are vectorized and unrolled"


class Plan(NamedTuple):
    """The effort for a graph, and the headers of loops whose rounds are worth doing two at a time."""

    effort: Effort
    unrolled: frozenset[Block] = frozenset()


def plan_for(graph: Graph, options: Options) -> Plan:
    """What is worth doing for a graph and those that it calls."""
    if graph.callees():
        return Plan(Effort.WHOLE)
    flow = ControlFlow(graph)
    loops = flow.loops()
    if not loops:
        # A call does so little that better instructions could save a nanosecond or two, of the thirty that it takes.
        return Plan(Effort.BRIEF if sum(len(block.ops) for block in graph.blocks) <= BRIEF_OPS else Effort.WHOLE)
    outer = {loop.parent for loop in loops}
    innermost = [loop for loop in loops if loop not in outer]
    if options.fastmath or not all(goes_in_turn(flow, loop) for loop in innermost):
        return Plan(Effort.WHOLE)
    unrolled = frozenset(loop.header for loop in innermost if _is_short(loop))
    return Plan(Effort.UNROLLED if unrolled else Effort.PLAIN, unrolled)


def _is_short(loop: Loop) -> bool:
    """Whether a loop runs again and again, being in another, and its own test and jump are much of a round."""
    ops = [op for block in loop.blocks for op in block.ops]
    return loop.parent is not None and len(loop.blocks) == 2 and len(ops) <= SHORT_OPS


def goes_in_turn(flow: ControlFlow, loop: Loop) -> bool:
    """Whether each round needs a float that the round before computed from its own: such a loop cannot be vectorized."""
    incoming: dict[Value, list[Value]] = {}
    for block in loop.blocks:
        for _, edge in flow.predecessors[block]:
            for param, argument in zip(block.params, edge.arguments):
                incoming.setdefault(param, []).append(argument)
    made_here = {op for block in loop.blocks for op in block.ops}
    return any(
        isinstance(param.type, Float) and _computed_from_itself(param, incoming, made_here) for param in loop.header.params
    )


def _computed_from_itself(param: Value, incoming: dict[Value, list[Value]], made_here: set[Op]) -> bool:
    """Whether arithmetic leads from a parameter of the header, within a round, to what comes back for it."""
    seen: set[tuple[Value, bool]] = set()
    pending = [(value, False) for value in incoming[param]]
    while pending:
        value, computed = pending.pop()
        if value is param and computed:
            return True
        if (value, computed) in seen or value is param:
            continue
        seen.add((value, computed))
        if value.op in made_here:
            computed = computed or value.op.opdef in _IN_TURN
            pending += [(operand, computed) for operand in value.op.operands]
        else:
            pending += [(argument, computed) for argument in incoming.get(value, ())]
    return False
