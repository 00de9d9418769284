"""Loops whose index checks depend on the counter become two: one for the rounds in which they must pass.

R. Gupta: "Optimizing array bound checks using flow analysis", 1993, and the splitting of the iteration space in
R. Bodik, R. Gupta, V. Sarkar, 2000; LLVM calls it inductive range check elimination.
"""

from __future__ import annotations

from typing import NamedTuple

from ir.builder import constant
from ir.cfg import ControlFlow, CountedLoop, Loop, constant_step, counted_loop
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.ops import arithmetic, array, compare, control
from ir.types import boolean, int64

LARGEST_LOOP = 120  # ops; a larger body gains little from losing a check
_LARGEST_OFFSET = 1 << 31  # lengths are below 2**62, so that length - offset cannot wrap


def split_checked_loops(graph: Graph) -> None:
    """Run the rounds in which no index can be out of range without checks.

    Before::

        loop1(i: int64):
          %0: bool = lt i, stop
          branch %0, body2, exit3
        body2:
          %1: int64 = check_index i, n {axis=0, nonnegative=true}
          store a, %1, x
          %2: int64 = add i, 1
          jump loop1(%2)

    After::

        split1(i: int64):
          %0: int64 = min stop, n
          %1: int64 = max i, %0
          jump fast2(i)
        fast2(i.1: int64):
          %2: bool = lt i.1, %0
          branch %2, body3, loop4(%1)
        body3:
          store a, i.1, x
          %3: int64 = add i.1, 1
          jump fast2(%3)
        loop4(i.2: int64): ...              as before, for what is left

    In the end the first loop hands over to the original, which mostly has nothing left to do. Otherwise the next round
    is the one that raises, with everything done that was to be done before. Innermost loops with a counter that goes
    up by one are split, if all their checks are of indices of the form counter + constant against lengths that do not
    change in the loop. What its counter ends with is computed in front of the first loop, as LLVM vectorizes the last rounds
    of a loop whose counter is not used behind it.
    """
    if not any(op.opdef is array.check_index for op in graph.ops()):
        return
    flow = ControlFlow(graph)
    loops = flow.loops()
    outer = {loop.parent for loop in loops}
    split = [found for loop in loops if loop not in outer and (found := _find(graph, flow, loop)) is not None]
    for found in split:
        _Split(graph, found).make()
    if split:
        graph.blocks = ControlFlow(graph).blocks


class _Found(NamedTuple):
    """A loop to split: its counter, the checks that leave (with the constant added to the counter), and its blocks."""

    counted: CountedLoop
    checks: dict[Op, int]
    region: list[Block]
    entering: list[Edge]


def _find(graph: Graph, flow: ControlFlow, loop: Loop) -> _Found | None:
    if not any(op.opdef is array.check_index for block in loop.blocks for op in block.ops):
        return None
    counted = counted_loop(flow, loop)
    if counted is None or counted.step != 1 or sum(len(block.ops) for block in loop.blocks) > LARGEST_LOOP:
        return None
    if isinstance(counted.start, Constant) and isinstance(counted.stop, Constant):
        return None  # with a known number of rounds LLVM unrolls it, which an unknown limit would prevent
    region = _region(flow, loop)
    inside = {v for block in region for v in (*block.params, *(op.result for op in block.ops)) if v is not None}
    checks = {}
    for block in loop.blocks:
        for op in block.ops:
            if op.opdef is array.check_index:
                offset = _offset(op, counted, inside)
                if offset is None:
                    return None  # while one check stays, the others cost little
                checks[op] = offset
    if not _exits_allow(graph, flow, loop, region, inside):
        return None
    entering = [edge for block, edge in flow.predecessors[loop.header] if block not in loop.blocks]
    return _Found(counted, checks, region, entering)


def _offset(check: Op, counted: CountedLoop, inside: set[Value]) -> int | None:
    """c, for a check of `counter + c` that is known not to be negative against a length from outside of the loop."""
    index, length = check.operands
    if length in inside or not check.attributes.get("nonnegative"):
        return None
    offset = 0 if index is counted.induction else constant_step(index, counted.induction)
    return offset if offset is not None and abs(offset) < _LARGEST_OFFSET else None


def _region(flow: ControlFlow, loop: Loop) -> list[Block]:
    """The blocks of the loop, and those that only its body leads to: where it returns or raises."""
    (left,) = (edge.block for edge in loop.header.edges if edge.block not in loop.blocks)
    return [
        block for block in flow.blocks
        if flow.dominates(loop.header, block) and (block in loop.blocks or not flow.dominates(left, block))
        and (block in loop.blocks or _leads_only_from(flow, loop, block))
    ]  # fmt: skip


def _leads_only_from(flow: ControlFlow, loop: Loop, block: Block) -> bool:
    return any(inner is not loop.header and flow.dominates(inner, block) for inner in loop.blocks)


def _exits_allow(graph: Graph, flow: ControlFlow, loop: Loop, region: list[Block], inside: set[Value]) -> bool:
    """Whether what the loop computes is used only where its header, which stays, still comes before."""
    (left,) = (edge.block for edge in loop.header.edges if edge.block not in loop.blocks)
    if len(flow.predecessors[left]) != 1:
        return False
    of_header = {*loop.header.params, *(op.result for op in loop.header.ops)}
    cloned = set(region)
    for block in graph.blocks:
        if block in cloned:
            continue
        after = block in flow.number and flow.dominates(left, block)
        for op in block.ops:
            for value in (*op.operands, *(a for edge in op.targets for a in edge.arguments)):
                if value in inside and not (after and value in of_header):
                    return False
    return True


class _Split:
    """Makes the first of the two loops."""

    def __init__(self, graph: Graph, found: _Found) -> None:
        self.graph, self.found = graph, found
        self.header = found.counted.loop.header
        self.values: dict[Value, Value] = {}
        self.blocks = {block: Block("fast" if block is self.header else block.label) for block in found.region}

    def make(self) -> None:
        """Put the unchecked loop in front of the original."""
        limit, last = self._limits()
        for block, made in self.blocks.items():
            made.params = [self._new(p) for p in block.params]
            for op in block.ops:
                if op.result is not None and op not in self.found.checks:
                    self._new(op.result)
        for check in self.found.checks:
            self.values[check.result] = self.values.get(check.operands[0], check.operands[0])
        for block, made in self.blocks.items():
            made.ops = [self._copy(op) for op in block.ops if op not in self.found.checks]
        self._end(limit, last)
        self.graph.blocks += self.blocks.values()
        for latch in self.found.counted.loop.latches:
            jump = latch.ops[-1]
            jump.attributes = {**jump.attributes, "rare": True}

    def _limits(self) -> tuple[Value, Value]:
        """The block before the first loop: where its counter has to stop, and what it is then."""
        before = Block("split", [Value(p.type, p.name) for p in self.header.params])
        span = next(iter(self.found.checks)).span
        limit = self.found.counted.stop
        bounds = dict.fromkeys((op.operands[1], offset) for op, offset in self.found.checks.items())
        for length, offset in bounds:
            bound = length
            if offset:
                bound = _append(before, Op(arithmetic.sub, [length, constant(offset, int64)], {}, None, span))
            limit = _append(before, Op(arithmetic.minimum, [limit, bound], {}, None, span))
        start = before.params[self.header.params.index(self.found.counted.induction)]
        last = _append(before, Op(arithmetic.maximum, [start, limit], {}, None, span))
        first = Edge(self.blocks[self.header], list(before.params))
        before.ops.append(Op(control.jump, [], {}, None, span, (first,)))
        for edge in self.found.entering:
            edge.block = before
        self.graph.blocks.append(before)
        return limit, last

    def _end(self, limit: Value, last: Value) -> None:
        """Let the first loop run while its counter is below the limit, and hand over to the original then."""
        made = self.blocks[self.header]
        branch = made.ops.pop()
        counter = self.values[self.found.counted.induction]
        going_on = _append(made, Op(compare.lt, [counter, limit], {}, None, branch.span), boolean)
        (body,) = (edge for edge in branch.targets if edge.block in self.blocks.values())
        rest = Edge(self.header, [last if p is counter else p for p in made.params])
        made.ops.append(Op(control.branch, [going_on], {}, None, branch.span, (body, rest)))

    def _new(self, value: Value) -> Value:
        made = self.values[value] = Value(value.type, value.name)
        return made

    def _mapped(self, values: list[Value]) -> list[Value]:
        return [v if v.__class__ is Constant else self.values.get(v, v) for v in values]

    def _copy(self, op: Op) -> Op:
        result = None if op.result is None else self.values[op.result]
        targets = tuple(Edge(self.blocks.get(e.block, e.block), self._mapped(e.arguments)) for e in op.targets)
        copy = Op(op.opdef, self._mapped(op.operands), dict(op.attributes), result, op.span, targets)
        if result is not None:
            result.op = copy
        return copy


def _append(block: Block, op: Op, type: object = int64) -> Value:
    op.result = Value(type, None, op)  # type: ignore[arg-type]
    block.ops.append(op)
    return op.result
