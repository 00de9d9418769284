"""Loops and recursion that may take long look at times whether a signal has come."""

from __future__ import annotations

from typing import NamedTuple

from ir.builder import constant
from ir.cfg import ControlFlow, CountedLoop, Loop, constant_step, counted_loop
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.inequalities import Inequalities
from ir.opdef import OpDef
from ir.ops import arithmetic, array, compare, control
from ir.span import Span
from ir.types import Array, int64

ROUNDS = 1 << 16  # of a loop between two polls; a multiple of all lengths of vectors
_FEWER_ROUNDS = 1 << 12  # where a round is long
_LONG_ROUND = 128  # ops
_BRIEF = 4096  # ops: a loop that takes no more in all is left as it is


def insert_polls(graph: Graph) -> None:
    """Let the signals that have come be handled in loops that may take long, and in recursion that branches.

    Before::

        entry0:
          jump loop1(0, 0)
        loop1(i: int64, total: int64):
          %0: bool = lt i, n
          branch %0, body2, exit3

    After::

        entry0:
          jump rounds1(0, 0)
        rounds1(i: int64, total: int64):
          %0: int64 = add i, 65536
          %1: bool = gt %0, i
          %2: bool = lt %0, n
          %3: bool = and %1, %2
          %4: int64 = select %3, %0, n
          jump loop2(i, total)
        loop2(i.1: int64, total.1: int64):
          %5: bool = lt i.1, %4
          branch %5, body3, left4
        left4:
          poll
          branch %3, rounds1(%0, total.1), exit5

    Innermost loops with a counter are cut into so many rounds that a poll between them costs nothing, and LLVM
    vectorizes them as before. Those that go through an array in every round, with little work for each item, end soon: they
    are left alone, as are loops of a known small number of rounds. All other loops poll in each round, unless a loop
    inside of them surely does.
    """
    flow = ControlFlow(graph)
    loops = flow.loops()
    if loops:
        _Polls(graph, flow, loops).insert()
    _poll_recursion(graph, loops)


class _Work(NamedTuple):
    """What is known of one loop: ops in a round and in all rounds (None: nobody knows how many)."""

    round: int
    total: int | None


class _Polls:
    """Decides for each loop of a graph, inner ones first."""

    def __init__(self, graph: Graph, flow: ControlFlow, loops: list[Loop]) -> None:
        self.graph, self.flow, self.loops = graph, flow, loops
        self._work: dict[Loop, _Work] = {}
        self._quick: dict[Graph, bool] = {}

    def insert(self) -> None:
        """Insert the polls; the shape of the graph changes only then."""
        polled: dict[Loop, CountedLoop | None] = {}
        cut: dict[Loop, CountedLoop] = {}
        inner: dict[Loop | None, list[Loop]] = {}
        for loop in reversed(self.loops):
            inside = inner.get(loop, [])
            inner.setdefault(loop.parent, []).append(loop)
            counted = counted_loop(self.flow, loop)
            work = self._work[loop] = self._measure(loop, counted, inside)
            innermost = all(self._work[each].total is not None for each in inside)
            if work.total is not None or (innermost and (self._ends_soon(loop, work) or _sums(loop, counted))):
                continue
            if innermost and counted and self._can_be_cut(loop, counted):
                cut[loop] = counted
            elif not any(self._polls_for(loop, each, polled, cut) for each in inside):
                polled[loop] = counted
        for latch in dict.fromkeys(latch for loop in polled for latch in loop.latches):
            latch.ops.insert(-1, _poll(latch.ops[-1].span))
        for loop, counted in cut.items():
            _cut(self.graph, self.flow, counted, ROUNDS if self._work[loop].round <= _LONG_ROUND else _FEWER_ROUNDS)
        if cut:
            self.graph.blocks = ControlFlow(self.graph).blocks

    def _polls_for(self, loop: Loop, inside: Loop, polled: dict[Loop, CountedLoop | None], cut: dict[Loop, CountedLoop]) -> bool:
        """Whether each round of a loop comes to a poll of a loop inside: at the end of one that is cut, or in one of which
        each run has the same number of rounds (if that is 0, the loop around it does nothing that takes long)."""
        counted = cut.get(inside) or polled.get(inside)
        if counted is None:
            return False
        leaving = [edge.block for block in inside.blocks for edge in block.edges if edge.block not in inside.blocks]
        if len(leaving) != 1 or not all(self.flow.dominates(inside.header, latch) for latch in loop.latches):
            return False
        return inside in cut or (counted.start is not None and not _defined_in(loop, counted.start, counted.stop))

    def _measure(self, loop: Loop, counted: CountedLoop | None, inside: list[Loop]) -> _Work:
        own = loop.blocks.difference(*(each.blocks for each in inside))
        work = sum(len(block.ops) for block in own) + sum(self._work[each].total or 0 for each in inside)
        rounds = _known_rounds(counted)
        known = rounds is not None and all(self._work[each].total is not None for each in inside)
        brief = known and rounds * work <= _BRIEF and not self._calls_long(own)
        return _Work(work, rounds * work if brief else None)

    def _ends_soon(self, loop: Loop, work: _Work) -> bool:
        """Whether a loop goes through memory, so that there cannot be very many rounds, and each does little."""
        if any(latch.ops[-1].attributes.get("parallel") for latch in loop.latches):
            return True
        return work.round <= _LONG_ROUND and not self._calls_long(loop.blocks) and _walks(self.flow, loop)

    def _can_be_cut(self, loop: Loop, counted: CountedLoop) -> bool:
        if any(op.opdef.writes or op.opdef.allocates for op in loop.header.ops):
            return False  # the header runs once more in each part
        rare = any(latch.ops[-1].attributes.get("rare") for latch in loop.latches)
        return counted.induction.type.bits == 64 and not rare and not self._calls_long(loop.blocks)

    def _calls_long(self, blocks: set[Block]) -> bool:
        """Whether something is called that may take long: the interpreter, a kernel, or a graph with loops or recursion."""
        for op in (op for block in blocks for op in block.ops):
            if "body" in op.attributes:
                return True
            callee = op.attributes.get("callee")
            if callee is not None and not self._is_quick(callee):
                return True
            if callee is None and op.opdef.writes and op.opdef.can_fail:
                return True
        return False

    def _is_quick(self, graph: Graph) -> bool:
        if graph not in self._quick:
            every = [graph, *graph.callees()]
            self._quick[graph] = not any(g in g.callees() or ControlFlow(g).loops() for g in every)
        return self._quick[graph]


def _defined_in(loop: Loop, *values: Value) -> bool:
    inside = {value for block in loop.blocks for value in (*block.params, *(op.result for op in block.ops))}
    return any(value in inside for value in values)


def _known_rounds(counted: CountedLoop | None) -> int | None:
    if counted is None or not isinstance(counted.start, Constant) or not isinstance(counted.stop, Constant):
        return None
    return max(0, -((int(counted.start.value) - int(counted.stop.value)) // counted.step))


def _sums(loop: Loop, counted: CountedLoop | None) -> bool:
    """Whether a loop takes the items of an array in blocks, each of which is added up in any order: reductions are written so."""
    in_blocks = counted is not None and counted.step > 1
    return in_blocks and any(op.opdef in (arithmetic.accumulate_add, arithmetic.accumulate_mul) for block in loop.blocks for op in block.ops)


def _walks(flow: ControlFlow, loop: Loop) -> bool:
    """Whether each round accesses an item of an array, or checks an index, that goes on in one direction. Memory sets an
    end to that, but not where `np.broadcast_to` made the array: such are read-only."""
    always = [block for block in loop.blocks if all(flow.dominates(block, latch) for latch in loop.latches)]
    accesses = (op for block in always for op in block.ops if op.opdef in _INDICES and _in_memory(op))
    indices = dict.fromkeys(_counter(loop, v) for op in accesses for v in op.operands[_INDICES[op.opdef]])
    return any(index is not None and _moves(flow, loop, index) for index in indices)


_INDICES = {array.load: slice(1, None), array.store: slice(1, -1), array.check_index: slice(1)}


def _in_memory(access: Op) -> bool:
    """Whether each item that is accessed, or may be where an index is checked, has memory of its own."""
    if access.opdef is not array.check_index:
        return not _may_be_stretched(access.operands[0].type)
    length = access.operands[1].op
    if length is None or length.opdef is not array.shape:
        return True
    of = length.operands[0].type
    return of.ndim == 1 and not _may_be_stretched(of)  # of more axes, another one may have the length 0


def _may_be_stretched(type: Array) -> bool:
    return type.layout == "A" and type.readonly


def _counter(loop: Loop, index: Value) -> Value | None:
    """The parameter of the header that an index is, or has a constant added to."""
    while index.op is not None and index.op.opdef in (array.check_index, array.wrap_index):
        index = index.op.operands[0]
    params = loop.header.params
    if index in params or index.op is None:
        return index if index in params else None
    return next((v for v in index.op.operands if v in params and constant_step(index, v) is not None), None)


def _moves(flow: ControlFlow, loop: Loop, counter: Value) -> bool:
    """Whether all rounds add the same number, which is not 0, to a parameter of the header."""
    position = loop.header.params.index(counter)
    edges = [edge for block, edge in flow.predecessors[loop.header] if block in loop.blocks]
    steps = {constant_step(edge.arguments[position], counter) for edge in edges}
    if None not in steps:
        return len(steps) == 1 and 0 not in steps
    op = edges[0].arguments[position].op
    if len(edges) > 1 or op is None or op.opdef is not arithmetic.add or op.operands[0] is not counter:
        return False
    step = op.operands[1]
    return not _defined_in(loop, step) and Inequalities(flow).at_least(step, 1, loop.header)


def _cut(graph: Graph, flow: ControlFlow, counted: CountedLoop, rounds: int) -> None:
    """Make two loops of one: the inner one ends after so many rounds, and the outer one polls and goes on."""
    header, induction = counted.loop.header, counted.induction
    branch = header.ops[-1]
    span = branch.span
    before = Block("rounds", [Value(p.type, p.name) for p in header.params])
    position = header.params.index(induction)
    start, stop = before.params[position], counted.stop
    order, other = (compare.lt, compare.gt) if counted.step > 0 else (compare.gt, compare.lt)
    far = _append(before, arithmetic.add, [start, constant(rounds * counted.step, start.type)], span)
    # A number so near the end of the range that it wraps is on the other side of the start.
    more = _append(before, arithmetic.bit_and, [
        _append(before, other, [far, start], span), _append(before, order, [far, stop], span),
    ], span)  # fmt: skip
    limit = _append(before, compare.select, [more, far, stop], span)
    before.ops.append(Op(control.jump, [], {}, None, span, (Edge(header, list(before.params)),)))
    for block, edge in flow.predecessors[header]:
        if block not in counted.loop.blocks:
            edge.block = before
    body, exit = branch.targets
    _drop_condition(graph, header)
    going_on = _append(header, order, [induction, limit], span)
    again = Edge(before, [far if p is induction else p for p in header.params])
    left = Block("left", [], [_poll(span), Op(control.branch, [more], {}, None, span, (again, exit))])
    header.ops.append(Op(control.branch, [going_on], {}, None, span, (body, Edge(left))))
    graph.blocks += [before, left]


def _drop_condition(graph: Graph, header: Block) -> None:
    """Remove the branch of a header, and the comparison that it asks if nothing else uses that."""
    condition = header.ops.pop().operands[0]
    users = (op for block in graph.blocks for op in block.ops if condition in op.operands or _passes(op, condition))
    if next(users, None) is None:
        header.ops.remove(condition.op)


def _passes(op: Op, value: Value) -> bool:
    return any(value in edge.arguments for edge in op.targets)


def _append(block: Block, opdef: OpDef, operands: list[Value], span: Span | None) -> Value:
    op = Op(opdef, operands, {}, None, span)
    op.result = Value(opdef.type_rule([v.type for v in operands], {}), None, op)
    block.ops.append(op)
    return op.result


def _poll(span: Span | None) -> Op:
    return Op(control.poll, [], {}, None, span)


def _poll_recursion(graph: Graph, loops: list[Loop]) -> None:
    """Poll before a graph calls itself, maybe through others, where it does so from more than one place or from a loop:
    then its depth, which the stack limits, says nothing about the number of calls."""
    sites: dict[Block, Op] = {}
    count = 0
    for block in graph.blocks:
        for op in block.ops:
            callee = op.attributes.get("callee")
            if callee is not None and (callee is graph or graph in callee.callees()):
                sites.setdefault(block, op)
                count += 1
    if count > 1 or any(block in loop.blocks for block in sites for loop in loops):
        for block, op in sites.items():
            block.ops.insert(block.ops.index(op), _poll(op.span))
