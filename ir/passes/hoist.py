"""Index checks that every round of a loop repeats are made once, before the loop."""

from __future__ import annotations

from collections.abc import Iterator

from ir.cfg import ControlFlow, Loop
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.inequalities import RELATIONS, Inequalities
from ir.opdef import Effect
from ir.ops import array, control
from ir.rewriting import substitute
from ir.types import int64

_STOPPING = Effect.WRITES | Effect.RAISES | Effect.PYTHON | Effect.TERMINATES


def hoist_index_checks(graph: Graph) -> None:
    """Move checks of indices that do not change in a loop in front of it.

    Before::

        entry0:
          jump loop1(0)
        loop1(j: int64):
          %0: bool = lt j, n
          branch %0, body2, exit3
        body2:
          %1: int64 = check_index i, m {axis=0}
          %2: np.float64 = load a, %1, j

    After::

        entry0:
          %0: bool = lt 0, n
          %1: int64 = wrap_index i, m {axis=0}
          branch %0, guard1, loop2(0)
        guard1:
          check_index i, m {axis=0}
          jump loop2(0)
        loop2(j: int64): ...
        body3:
          %2: np.float64 = load a, %1, j

    The guard asks whether there is a first round at all, unless that is known: then the checks may move on, out of the
    loop around. Only checks that the first round makes before anything else
    that can be seen from outside (a store, a call, another exception) are moved; checks that stay in the loop are
    made for the first round in the guard too, in their order, so that the same exception is raised at the same moment. Loops without a repeated check vectorize where LLVM could not see that
    all rounds check the same.
    """
    if not any(op.opdef is array.check_index for op in graph.ops()):
        return
    flow = ControlFlow(graph)
    known = Inequalities(flow)
    changed = False
    for loop in reversed(flow.loops()):
        changed |= _hoist_from(graph, flow, loop, known)
    if changed:
        graph.blocks = ControlFlow(graph).blocks


class _FirstRound:
    """What the first round of a loop does up to the last index check that every round repeats.

    `checks` leave the loop, with the pure ops that they need (`moved`). `guard` holds copies, with the values of the
    first round, of all checks up to there: also of those that stay, which would otherwise raise too late.
    """

    def __init__(self, inside: set[Value | None], values: dict[Value, Value]) -> None:
        self.inside = inside
        self.values = values
        self.checks: list[Op] = []
        self.moved: list[Op] = []
        self.guard: list[Op] = []
        self.guard_length = 0  # of `guard` up to the last check that leaves the loop

    def take(self, check: Op) -> bool:
        """Add the next check; False if its operands are not known before the loop."""
        needed: list[Op] = []
        invariant = all(self._is_invariant(value, needed) for value in check.operands)
        if invariant:
            self.moved += needed
            self.values.update((op.result, op.result) for op in needed)
        operands = [self.first_value(value) for value in check.operands]
        if any(value is None for value in operands):
            return False
        self._copy(check, operands)
        if invariant:
            self.checks.append(check)
            self.guard_length = len(self.guard)
        return True

    def _is_invariant(self, value: Value, needed: list[Op]) -> bool:
        if value not in self.inside or isinstance(value, Constant):
            return True
        op = value.op
        if op is None or op.opdef is array.check_index:
            return op in self.checks
        if op in self.moved or op in needed:
            return True
        if not _can_move(op) or not all(self._is_invariant(v, needed) for v in op.operands):
            return False
        needed.append(op)
        return True

    def first_value(self, value: Value) -> Value | None:
        """What the value is in the first round, from copies of the pure ops that make it."""
        if value not in self.inside or isinstance(value, Constant):
            return value
        known = self.values.get(value)
        if known is not None or value.op is None or not _can_move(value.op):
            return known
        operands = [self.first_value(v) for v in value.op.operands]
        return None if any(v is None for v in operands) else self._copy(value.op, operands)

    def _copy(self, op: Op, operands: list[Value | None]) -> Value:
        result = Value(op.result.type)
        copy = Op(op.opdef, operands, dict(op.attributes), result, op.span)
        result.op = copy
        self.values[op.result] = result
        self.guard.append(copy)
        return result


def _can_move(op: Op) -> bool:
    """Whether an op may run where it would not have run: an op with a domain may not."""
    return op.opdef.pure and op.opdef.domain is None


def _hoist_from(graph: Graph, flow: ControlFlow, loop: Loop, known: Inequalities) -> bool:
    entering = [(block, edge) for block, edge in flow.predecessors[loop.header] if block not in loop.blocks]
    if len(entering) != 1:
        return False
    inside = {v for block in loop.blocks for v in (*block.params, *(op.result for op in block.ops))}
    entry = entering[0][1]
    found = _FirstRound(inside, dict(zip(loop.header.params, entry.arguments)))
    from_header = None
    for op in _first_round(flow, loop):
        in_header = op in loop.header.ops
        # Past the header's own checks, the loop's condition decides whether there are others.
        if from_header and not in_header or not found.take(op):
            break
        from_header = in_header
    if not found.checks:
        return False
    condition = [] if from_header else _entry_condition(loop, found)
    if condition is None:
        return False
    if condition and condition[-1].opdef in RELATIONS and known.decide(condition[-1], entering[0][0]):
        condition = []  # the loop around it has told that there is a first round
    _rewrite(graph, flow, loop, entering[0], found, condition)
    return True


def _first_round(flow: ControlFlow, loop: Loop) -> Iterator[Op]:
    """The index checks that the first round makes before anything else with an effect."""
    block = loop.header
    while True:
        for op in block.ops:
            if op.opdef is array.check_index:
                yield op
            elif op.effects & _STOPPING:
                break
        following = [edge for edge in block.edges if edge.block in loop.blocks]
        leaves_only_from_header = len(block.edges) == 1 or block is loop.header
        if len(following) != 1 or not leaves_only_from_header or not op.opdef.terminator:
            return
        block = following[0].block
        if block is loop.header or len(flow.predecessors[block]) != 1:
            return


def _entry_condition(loop: Loop, found: _FirstRound) -> list[Op] | None:
    """Copies of the header's ops that decide about the first round; the last one's result is the decision.

    An empty list: there always is a first round. None: it cannot be told.
    """
    header = loop.header
    if len(header.edges) == 1 or all(edge.block in loop.blocks for edge in header.edges):
        return []
    decider = _FirstRound(found.inside, {p: found.values[p] for p in header.params})
    decision = decider.first_value(header.ops[-1].operands[0])
    return decider.guard if decision is not None and decider.guard and decision is decider.guard[-1].result else None


def _rewrite(
    graph: Graph, flow: ControlFlow, loop: Loop, entering: tuple[Block, Edge], found: _FirstRound, condition: list[Op]
) -> None:  # fmt: skip
    above, edge = entering
    header, arguments = loop.header, edge.arguments
    before, guard = Block("before"), Block("guard")
    span = found.checks[0].span
    replaced = _replace_checks(loop, found, before)
    guard.ops = found.guard[: found.guard_length]
    guard.ops.append(Op(control.jump, [], {}, None, span, (Edge(header, list(arguments)),)))
    if condition:
        targets = (Edge(guard), Edge(header, list(arguments)))
        if header.edges[0].block not in loop.blocks:
            targets = targets[::-1]
        before.ops += [*condition, Op(control.branch, [condition[-1].result], {}, None, span, targets)]
    else:
        before.ops.append(Op(control.jump, [], {}, None, span, (Edge(guard),)))
    edge.block, edge.arguments = before, []
    graph.blocks += [before, guard]
    substitute(graph, replaced)
    into_header = [(b, e) for b in (before, guard) for e in b.edges if e.block is header]
    flow.predecessors[header] = [(b, e) for b, e in flow.predecessors[header] if b in loop.blocks] + into_header
    flow.predecessors[before] = [(above, edge)]
    flow.predecessors[guard] = [(before, e) for e in before.edges if e.block is guard]
    outer = loop.parent
    while outer is not None:
        outer.blocks |= {before, guard}
        outer = outer.parent


def _replace_checks(loop: Loop, found: _FirstRound, before: Block) -> dict[Value, Value]:
    """Take the checks and what they need out of the loop; what stands in the loop for the checked indices."""
    gone = {*found.checks, *found.moved}
    for block in loop.blocks:
        if any(op in gone for op in block.ops):
            block.ops = [op for op in block.ops if op not in gone]
    before.ops = list(found.moved)
    replaced: dict[Value, Value] = {}
    for check in found.checks:
        index = check.operands[0]
        if not check.attributes.get("nonnegative"):
            wrapped = Value(int64, check.result.name)
            wrapped.op = Op(array.wrap_index, list(check.operands), dict(check.attributes), wrapped, check.span)
            before.ops.append(wrapped.op)
            index = wrapped
        replaced[check.result] = index
    return replaced
