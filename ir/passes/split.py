"""Loops whose index checks depend on the counter become two: one for the rounds in which they must pass.

R. Gupta: "Optimizing array bound checks using flow analysis", 1993, and the splitting of the iteration space in
R. Bodik, R. Gupta, V. Sarkar, 2000; LLVM calls it inductive range check elimination.
"""

from __future__ import annotations

from typing import NamedTuple

from ir.affine import Affine, affine
from ir.builder import constant
from ir.cfg import ControlFlow, CountedLoop, Loop, counted_loop
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.opdef import Effect, Expanded, OpDef
from ir.ops import arithmetic, array, compare, control, foreign
from ir.span import Span
from ir.types import boolean, int64

LARGEST_LOOP = 120  # ops; a larger body gains little from losing a check
_CHECKS = (array.check_index, array.wrap_index)  # the latter only asks for the sign, where checks are off
_LARGEST_TERM = 1 << 60  # lengths are below 2**62, so that with two terms length - offset cannot wrap


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
    is the one that raises, with everything done that was to be done before. Innermost loops with a counter are split, if
    all their checks are of indices of the form factor * counter + offset (`ir/affine.py`) against lengths that do not
    change in the loop. Where the counter goes down, either all rounds run without checks or none. What
    a counter that goes by one ends with is computed in front of the first loop, as LLVM vectorizes the last rounds
    of a loop whose counter is not used behind it.
    """
    if not any(op.opdef in _CHECKS for op in graph.ops()):
        return
    flow = _with_separate_exits(graph, ControlFlow(graph))
    loops = flow.loops()
    outer = {loop.parent for loop in loops}
    split = [found for loop in loops if loop not in outer and (found := _find(graph, flow, loop)) is not None]
    for found in split:
        _Split(graph, found).make()
    if split:
        graph.blocks = ControlFlow(graph).blocks


def _with_separate_exits(graph: Graph, flow: ControlFlow) -> ControlFlow:
    """Let each loop with checks lead to a block that nothing else leads to: what it computes may be used from there on."""
    made = []
    for loop in flow.loops():
        if any(op.opdef in _CHECKS for block in loop.blocks for op in block.ops):
            for edge in loop.header.edges:
                if edge.block not in loop.blocks and len(flow.predecessors[edge.block]) > 1:
                    jump = Op(control.jump, [], {}, None, loop.header.ops[-1].span, (Edge(edge.block, edge.arguments),))
                    edge.block, edge.arguments = Block("exit", [], [jump]), []
                    made.append(edge.block)
    graph.blocks += made
    return ControlFlow(graph) if made else flow


class _Found(NamedTuple):
    """A loop to split: its counter, the checks that leave (with the forms of their indices), and its blocks."""

    counted: CountedLoop
    checks: dict[Op, Affine]
    region: list[Block]
    entering: list[Edge]


def _find(graph: Graph, flow: ControlFlow, loop: Loop) -> _Found | None:
    if not any(op.opdef in _CHECKS for block in loop.blocks for op in block.ops):
        return None
    if any(_takes_long(op) for block in loop.blocks for op in block.ops):
        return None  # beside that, checks cost nothing
    counted = counted_loop(flow, loop)
    if counted is None or sum(len(block.ops) for block in loop.blocks) > LARGEST_LOOP:
        return None
    if isinstance(counted.start, Constant) and isinstance(counted.stop, Constant):
        return None  # with a known number of rounds LLVM unrolls it, which an unknown limit would prevent
    region = _region(flow, loop)
    inside = {v for block in region for v in (*block.params, *(op.result for op in block.ops)) if v is not None}
    checks = _forms(counted, [op for block in loop.blocks for op in block.ops if op.opdef in _CHECKS], inside)
    if checks is None or not _exits_allow(graph, flow, loop, region, inside):
        return None
    entering = [edge for block, edge in flow.predecessors[loop.header] if block not in loop.blocks]
    return _Found(counted, checks, region, entering)


def _takes_long(op: Op) -> bool:
    """Whether an op works on whole arrays, makes one, or leaves compiled code. (A call is assumed to do everything.)"""
    if isinstance(op.opdef.lowering, Expanded) or op.opdef is foreign.foreign:
        return True
    return op.opdef is not control.call and bool(op.effects & (Effect.ALLOCATES | Effect.PYTHON))


def _forms(counted: CountedLoop, checks: list[Op], inside: set[Value]) -> dict[Op, Affine] | None:
    """The forms of all indices; None if one has none: while one check stays, the others cost little."""
    if counted.step < -1 or counted.induction.type is not int64:
        return None
    indices = {check.operands[0] for check in checks}
    found = {}
    for check in checks:
        index, length = check.operands
        form = affine(index, counted.induction, inside, indices)
        if form is None or length in inside:
            return None
        # A product does not wrap as long as it is an index: that holds if it grows from a start that is not negative.
        from_zero = isinstance(counted.start, Constant) and counted.start.value >= 0 and counted.step > 0
        if form.factor != 1 and not from_zero or not check.attributes.get("nonnegative") and _surely_negative(form, counted):
            return None
        found[check] = form
    return found


def _surely_negative(form: Affine, counted: CountedLoop) -> bool:
    """Whether the lowest index is known to count from the end, as in `a[i - 1]` from 0 on: then no round would be unchecked."""
    lowest = counted.start if counted.step > 0 else counted.stop
    if form.terms or form.factor != 1 or not isinstance(lowest, Constant):
        return form.factor != 1 and not form.terms and form.number < 0
    return lowest.value - min(counted.step, 0) + form.number < 0


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
        header, counted = self.header, self.found.counted
        before = Block("split", [Value(p.type, p.name) for p in header.params])
        start = before.params[header.params.index(counted.induction)]
        emit = _Limits(before, start, counted, next(iter(self.found.checks)).span)
        limit = emit.limit(self.found.checks)
        last = emit.make(arithmetic.maximum if counted.step > 0 else arithmetic.minimum, start, limit)
        first = Edge(self.blocks[header], list(before.params))
        before.ops.append(Op(control.jump, [], {}, None, emit.span, (first,)))
        for edge in self.found.entering:
            edge.block = before
        self.graph.blocks.append(before)
        return limit, last

    def _end(self, limit: Value, last: Value) -> None:
        """Let the first loop run while its counter is below the limit, and hand over to the original then."""
        made = self.blocks[self.header]
        branch = made.ops.pop()
        counter = self.values[self.found.counted.induction]
        step = self.found.counted.step
        order = compare.lt if step > 0 else compare.gt
        going_on = _append(made, Op(order, [counter, limit], {}, None, branch.span), boolean)
        (body,) = (edge for edge in branch.targets if edge.block in self.blocks.values())
        rest = Edge(self.header, [last if p is counter and abs(step) == 1 else p for p in made.params])
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


def _has_limit(op: Op, form: Affine) -> bool:
    """Whether an index must stay below its length; a product also where that is not checked, as else it might wrap."""
    return op.opdef is array.check_index or form.factor != 1


class _Limits:
    """Computes where the rounds end in which all indices are in range.

    `conditions` are those without which there are none: that a value is not so large that sums wrap, and that the
    first round's index (the last one's, if the counter goes down) is not negative.
    """

    def __init__(self, block: Block, start: Value, counted: CountedLoop, span: Span | None) -> None:
        self.block, self.start, self.counted, self.span = block, start, counted, span
        self.conditions: list[Value] = []

    def make(self, opdef: OpDef, *operands: Value) -> Value:
        """Append an op."""
        type = opdef.type_rule([v.type for v in operands], {})
        return _append(self.block, Op(opdef, list(operands), {}, None, self.span), type)

    def limit(self, checks: dict[Op, Affine]) -> Value:
        """What the counter has to be compared with."""
        limit = self.counted.stop
        for term in dict.fromkeys(term for form in checks.values() for term in form.terms):
            self._expect(compare.le, term, constant(_LARGEST_TERM, int64))
            self._expect(compare.ge, term, constant(-_LARGEST_TERM, int64))
        for form, length in dict.fromkeys((form, op.operands[1]) for op, form in checks.items() if _has_limit(op, form)):
            bound = self._rounds(form, self._less(length, form))
            if self.counted.step > 0:
                limit = self.make(arithmetic.minimum, limit, bound)
            else:
                self._expect(compare.lt, self.start, bound)
        for form in dict.fromkeys(form for op, form in checks.items() if not op.attributes.get("nonnegative")):
            self._expect_not_negative(form)
        return self._under_conditions(limit)

    def _under_conditions(self, limit: Value) -> Value:
        if not self.conditions:
            return limit
        all_hold = self.conditions[0]
        for condition in self.conditions[1:]:
            all_hold = self.make(arithmetic.bit_and, all_hold, condition)
        return self.make(compare.select, all_hold, limit, self.start)

    def _expect(self, order: OpDef, a: Value, b: Value) -> None:
        self.conditions.append(self.make(order, a, b))

    def _less(self, value: Value, form: Affine) -> Value:
        """The value less the offset of a form."""
        if form.number:
            value = self.make(arithmetic.sub, value, constant(form.number, int64))
        for term in form.plus:
            value = self.make(arithmetic.sub, value, term)
        for term in form.minus:
            value = self.make(arithmetic.add, value, term)
        return value

    def _rounds(self, form: Affine, room: Value) -> Value:
        """How far the counter may go where factor * counter must stay below `room`."""
        if form.factor == 1:
            return room
        factor = constant(form.factor, int64) if isinstance(form.factor, int) else form.factor
        if not isinstance(form.factor, int):
            self._expect(compare.ge, factor, constant(1, int64))
            factor = self.make(arithmetic.maximum, factor, constant(1, int64))
        last = self.make(arithmetic.floordiv, self.make(arithmetic.sub, room, constant(1, int64)), factor)
        return self.make(arithmetic.add, last, constant(1, int64))

    def _expect_not_negative(self, form: Affine) -> None:
        """With another factor than 1 the counter starts at no less than 0: then the offset decides."""
        lowest = self._less(constant(0, int64), form)
        if form.factor != 1:
            self._expect(compare.ge, constant(0, int64), lowest)
        elif self.counted.step > 0:
            self._expect(compare.ge, self.start, lowest)
        else:
            self._expect(compare.ge, self.counted.stop, self.make(arithmetic.sub, lowest, constant(1, int64)))


def _append(block: Block, op: Op, type: object = int64) -> Value:
    op.result = Value(type, None, op)  # type: ignore[arg-type]
    block.ops.append(op)
    return op.result
