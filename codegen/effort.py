"""How much LLVM should do for a graph.

LLVM's whole pipeline is for programs with many functions and for loops that it can vectorize. A graph that calls no
other and whose loops must go round by round gains nothing from it: the passes that simplify one function alone, which take
half of the time, make the same instructions.
"""

from __future__ import annotations

import enum
from collections.abc import Container, Iterable, Set
from typing import NamedTuple

from codegen.computations import is_computation
from codegen.options import Options
from ir.arrays import has_unit_stride
from ir.cfg import ControlFlow, Loop, counted_loop
from ir.graph import Block, Constant, Graph, Op, Value
from ir.opdef import Effect, OpDef
from ir.ops import arithmetic, array, elementwise, python
from ir.types import Float

_READING = Effect.READS | Effect.TERMINATES
BRIEF_OPS = 16  # of a graph for which machine code is made quickly rather than well
OPS_OF_A_CALL = 24  # that take less time than a call of the interpreter, however they are compiled
SHORT_OPS = 16  # of a loop, with its test and its jumps

_IN_TURN = (arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.div)  # of floats: the order of the rounds matters


class Effort(enum.Enum):
    """What is done between LLVM text and machine code."""

    NONE = "instructions are selected the quick way"
    BRIEF = "each function is simplified, and instructions are selected the quick way"
    VECTORS = "nothing for loops, which are made of vectors already; for what is around them, instructions are selected the quick way"
    PLAIN = "each function is simplified"
    UNROLLED = "each function is simplified, and the loops that ask for it go two rounds at a time"
    WHOLE = "the whole pipeline: functions are inlined, loops are vectorized and unrolled"


class Plan(NamedTuple):
    """The effort for a graph and those that it calls.

    `unrolled`: headers of loops whose rounds are worth doing two at a time. `parallel`: headers of the loops that ask for the
    whole pipeline, but not if they can be made of vectors; then `otherwise` is enough, unless anything else asks for it.
    """

    effort: Effort
    unrolled: frozenset[Block] = frozenset()
    parallel: frozenset[Block] = frozenset()
    otherwise: Effort = Effort.WHOLE

    def settled(self, vectorized: Set[Block]) -> Effort:
        """The effort when some loops have been made of vectors."""
        return self.otherwise if self.parallel and self.parallel <= vectorized else self.effort


def plan_for(graph: Graph, options: Options, masks: bool) -> Plan:
    """What is worth doing for a graph and those that it calls; `masks`: vectors have them for their lanes."""
    called = graph.callees()
    flows = [ControlFlow(each) for each in (graph, *(g for g in called if g is not graph))]
    loops = [(flow, loop) for flow in flows for loop in flow.loops()]
    if not loops and not called and any(op.opdef is elementwise.kernel for op in graph.ops()):
        return Plan(Effort.NONE)  # the time is spent in the kernel
    if not loops:
        # A call does so little that better instructions could save a nanosecond or two, of the thirty that it takes.
        brief = not called and (sum(len(block.ops) for block in graph.blocks) <= BRIEF_OPS or _waits(graph.blocks))
        return Plan(Effort.BRIEF if brief else Effort.WHOLE)
    outer = {loop.parent for _, loop in loops}
    innermost = [(flow, loop) for flow, loop in loops if loop not in outer and not is_rare(loop)]
    if innermost and all(_waits(loop.blocks) for _, loop in innermost):
        return Plan(Effort.BRIEF)
    in_turn = [(flow, loop) for flow, loop in innermost if goes_in_turn(flow, loop, bool(options.fastmath))]
    others = [loop for flow, loop in innermost if (flow, loop) not in in_turn]
    unrolled = frozenset(loop.header for flow, loop in in_turn if _is_short(flow, loop))
    parallel = frozenset(loop.header for loop in others if is_parallel(loop, masks))
    apart = [(flow, loop) for flow, loop in innermost if loop in others and loop.header not in parallel]
    alone = Effort.UNROLLED if unrolled else Effort.PLAIN if in_turn or apart or outer != {None} else Effort.VECTORS
    if any(_is_marked(loop) or is_side_by_side(flow, loop) for flow, loop in apart) or any(_calls(loop) for _, loop in innermost):
        return Plan(Effort.WHOLE, unrolled, parallel)
    return Plan(Effort.WHOLE, unrolled, parallel, alone) if parallel else Plan(alone, unrolled)


def _waits(blocks: Iterable[Block]) -> bool:
    """Whether most of the time in these blocks is the interpreter's."""
    ops = [op for block in blocks for op in block.ops]
    return sum(OPS_OF_A_CALL for op in ops if op.opdef is python.interpret) >= len(ops)


def _calls(loop: Loop) -> bool:
    """Whether a loop calls a graph that should be inlined into it: not one that takes long itself."""
    callees = {op.attributes["callee"] for block in loop.blocks for op in block.ops if "callee" in op.attributes}
    return not all(is_computation(callee) or _has_loops(callee) for callee in callees)


def _calls_a_loop(loop: Loop) -> bool:
    """Whether each round calls a graph that takes long itself."""
    return any(_has_loops(op.attributes["callee"]) for block in loop.blocks for op in block.ops if "callee" in op.attributes)


def _has_loops(graph: Graph) -> bool:
    return bool(ControlFlow(graph).loops())


def is_rare(loop: Loop) -> bool:
    """Whether a loop hardly ever runs."""
    return any(latch.ops[-1].attributes.get("rare") for latch in loop.latches)


def is_parallel(loop: Loop, masks: bool) -> bool:
    """Whether the rounds of a loop share nothing but the counter and what they come to together, so that they can be lanes of vectors.

    Without masks for lanes, only whole vectors can come to anything, and in a nest, rows may be too short for what it takes to begin
    and to end such a loop.
    """
    if len(loop.header.params) == 1:
        return _is_marked(loop) and (masks or loop.parent is None)
    whole = isinstance(loop.header.ops[0].operands[-1], Constant)
    return (masks or whole) and all(map(_only_reads, (op for block in loop.blocks for op in block.ops)))


def _is_marked(loop: Loop) -> bool:
    return all(latch.ops[-1].attributes.get("parallel") for latch in loop.latches)


def _only_reads(op: Op) -> bool:
    return is_computation(op.attributes["callee"]) if "callee" in op.attributes else not op.effects & ~_READING


def is_side_by_side(flow: ControlFlow, loop: Loop) -> bool:
    """Whether all items that a round loads and stores lie beside those of the round before, as LLVM's vectorizer wants it."""
    counted = counted_loop(flow, loop)
    if counted is None:
        return False
    counter, varying = counted.induction, set(loop.header.params)
    ordered = [op for block in loop.blocks for op in block.ops]
    grown = True
    while grown:
        before = len(varying)
        varying |= {op.result for op in ordered if op.result is not None and not varying.isdisjoint(op.operands)}
        grown = len(varying) > before
    return all(_is_beside(op, counter, varying) for op in ordered if op.opdef in (array.load, array.store))


def _is_beside(op: Op, counter: Value, varying: Set[Value]) -> bool:
    source, *indices = op.operands if op.opdef is array.load else op.operands[:-1]
    axes = [axis for axis, index in enumerate(indices) if index in varying]
    if not axes:
        return True
    return len(axes) == 1 and _counts(indices[axes[0]], counter, varying) and has_unit_stride(source, axes[0])


def _counts(index: Value, counter: Value, varying: Set[Value]) -> bool:
    """Whether an index is the counter, or that and something which does not change."""
    if index is counter:
        return True
    added = index.op is not None and index.op.opdef in (arithmetic.add, arithmetic.sub)
    return added and index.op.operands[0] is counter and index.op.operands[1] not in varying  # type: ignore[union-attr]


def _is_short(flow: ControlFlow, loop: Loop) -> bool:
    """Whether a loop runs again and again, being in another, and its own test and jump are much of a round. Where it may be
    left in the middle, rounds cannot share them."""
    ops = sum(len(block.ops) for block in loop.blocks)
    again = loop.parent is not None and len(loop.blocks) == 2 and ops <= SHORT_OPS
    return again and counted_loop(flow, loop) is not None and _exits(loop) == 1


def goes_in_turn(flow: ControlFlow, loop: Loop, any_order: bool) -> bool:
    """Whether a loop cannot be vectorized: how many rounds there are is not known before, it may be left in the middle, it
    stores where an array says, calls what takes long itself, stores what each round computes from a number of the round before, or each round needs a
    float that the round before computed from its own (unless sums may be taken in any order).
    """
    if counted_loop(flow, loop) is None or _exits(loop) > 1 or _scatters(loop) or _calls_a_loop(loop):
        return True
    rounds = _Rounds(flow, loop)
    if any(rounds.stores_totals(param) for param in loop.header.params):
        return True
    return not any_order and any(isinstance(param.type, Float) and rounds.computes(param, _IN_TURN) for param in loop.header.params)


def _exits(loop: Loop) -> int:
    """From how many places a loop is left, also by raising."""
    leaving = sum(any(edge.block not in loop.blocks for edge in block.edges) for block in loop.blocks)
    return leaving + sum(op.opdef.can_fail and "callee" not in op.attributes for block in loop.blocks for op in block.ops)


def _scatters(loop: Loop) -> bool:
    """Whether the place of a store in the loop depends on what it loads."""
    loaded: set[Value | None] = set()
    ordered = [op for block in loop.blocks for op in block.ops]
    grown = True
    while grown:
        before = len(loaded)
        loaded |= {op.result for op in ordered if op.opdef is array.load or not loaded.isdisjoint(op.operands)}
        loaded.discard(None)
        grown = len(loaded) > before
    return any(op.opdef is array.store and not loaded.isdisjoint(op.operands[1:-1]) for op in ordered)


class _Rounds:
    """What the rounds of a loop hand on to the next ones."""

    def __init__(self, flow: ControlFlow, loop: Loop) -> None:
        self._ops = {op for block in loop.blocks for op in block.ops}
        self._params = {param for block in loop.blocks for param in block.params}
        self._incoming: dict[Value, list[Value]] = {}
        for block in loop.blocks:
            for _, edge in flow.predecessors[block]:
                for param, argument in zip(block.params, edge.arguments):
                    self._incoming.setdefault(param, []).append(argument)

    def computes(self, param: Value, counting: Container[OpDef] | None = None) -> bool:
        """Whether arithmetic (`counting`: some of it) leads from a parameter of the header, within a round, to what comes back for it."""
        return self._reaches(param, [(value, False) for value in self._incoming[param]], counting)

    def stores_totals(self, param: Value) -> bool:
        """Whether each round stores, at a place of its own, what it computes from the parameter, a running total. LLVM knows
        what comes of a parameter that grows evenly, and of a total which is needed behind the loop only.
        """
        stored = [(op.operands[-1], True) for op in self._ops if op.opdef is array.store and any(map(self._varies, op.operands[1:-1]))]
        if not stored or self._grows_evenly(param):
            return False
        return self.computes(param) and self._reaches(param, stored, None)

    def _varies(self, value: Value) -> bool:
        return value in self._params or value.op in self._ops

    def _grows_evenly(self, param: Value) -> bool:
        inner = [value.op for value in self._incoming[param] if self._varies(value)]
        return all(
            op is not None and op.opdef in (arithmetic.add, arithmetic.sub) and op.operands[0] is param
            and not self._varies(op.operands[1])
            for op in inner
        )  # fmt: skip

    def _reaches(self, param: Value, pending: list[tuple[Value, bool]], counting: Container[OpDef] | None) -> bool:
        """Whether one of the values depends on the parameter, and something is computed on the way, as it is behind those with True."""
        seen: set[tuple[Value, bool]] = set()
        while pending:
            value, computed = pending.pop()
            if value is param and computed:
                return True
            if (value, computed) in seen or value is param:
                continue
            seen.add((value, computed))
            if value.op in self._ops:
                computed = computed or counting is None or value.op.opdef in counting
                pending += [(operand, computed) for operand in value.op.operands]
            else:
                pending += [(argument, computed) for argument in self._incoming.get(value, ())]
        return False
