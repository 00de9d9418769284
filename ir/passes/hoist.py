"""Index checks that every round of a loop repeats are made once, before the loop."""

from __future__ import annotations

from collections.abc import Iterator

from ir.cfg import ControlFlow, Loop
from ir.graph import Block, Constant, Edge, Graph, Op, Value
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

    The guard asks whether there is a first round at all. Only checks that the first round makes before anything else
    that can be seen from outside (a store, a call, another exception) are moved, in their order, so that the same
    exception is raised at the same moment. Loops without a repeated check vectorize where LLVM could not see that
    all rounds check the same.
    """
    if not any(op.opdef is array.check_index for op in graph.ops()):
        return
    flow = ControlFlow(graph)
    changed = False
    for loop in reversed(flow.loops()):
        changed |= _hoist_from(graph, flow, loop)
    if changed:
        graph.blocks = ControlFlow(graph).blocks


def _hoist_from(graph: Graph, flow: ControlFlow, loop: Loop) -> bool:
    entering = [(block, edge) for block, edge in flow.predecessors[loop.header] if block not in loop.blocks]
    if len(entering) != 1:
        return False
    inside = {v for block in loop.blocks for v in (*block.params, *(op.result for op in block.ops))}
    moved: list[Op] = []  # pure ops that the checks need, in the order of their definition
    checks: list[Op] = []
    for op in _first_round(flow, loop):
        # Past one that stays, others would raise too early; past the header's, the loop's own condition decides.
        if not _is_invariant(op, inside, moved) or (checks and checks[0] in loop.header.ops and op not in loop.header.ops):
            break
        checks.append(op)
    condition = _entry_condition(loop, entering[0][1], checks)
    if not checks or condition is None:
        return False
    _rewrite(graph, flow, loop, entering[0], checks, moved, condition)
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


def _is_invariant(op: Op, inside: set[Value | None], moved: list[Op]) -> bool:
    """Whether the operands of a check do not change in the loop. Pure ops that make them are noted in `moved`."""
    needed: list[Op] = []
    if not all(_invariant_value(value, inside, needed, moved) for value in op.operands):
        return False
    moved += needed
    return True


def _invariant_value(value: Value, inside: set[Value | None], needed: list[Op], moved: list[Op]) -> bool:
    if value not in inside or isinstance(value, Constant):
        return True
    op = value.op
    if op is None:
        return False
    if op in moved or op in needed:
        return True
    # An op with a domain may only run where its operands are known to be in it.
    movable = op.opdef.pure and op.opdef.domain is None and value.type is int64
    if not movable or not all(_invariant_value(v, inside, needed, moved) for v in op.operands):
        return False
    needed.append(op)
    return True


def _entry_condition(loop: Loop, entry: Edge, checks: list[Op]) -> list[Op] | None:
    """Copies of the header's ops that decide about the first round; the last one's result is the decision.

    An empty list: there always is a first round. None: it cannot be told.
    """
    header = loop.header
    if len(header.edges) == 1 or all(edge.block in loop.blocks for edge in header.edges):
        return []
    if checks and checks[0] in header.ops:
        return []
    renamed: dict[Value, Value] = dict(zip(header.params, entry.arguments))
    copies: list[Op] = []
    for op in header.ops[:-1]:
        if not op.opdef.pure or op.opdef.domain is not None:
            return None
        result = Value(op.result.type, None)
        copy = Op(op.opdef, [renamed.get(v, v) for v in op.operands], dict(op.attributes), result, op.span)
        result.op, renamed[op.result] = copy, result
        copies.append(copy)
    decision = header.ops[-1].operands[0]
    if not copies or renamed.get(decision) is not copies[-1].result:
        return None
    return copies


def _rewrite(
    graph: Graph, flow: ControlFlow, loop: Loop, entering: tuple[Block, Edge], checks: list[Op], moved: list[Op],
    condition: list[Op],
) -> None:  # fmt: skip
    above, edge = entering
    arguments = edge.arguments
    before, guard = Block("before"), Block("guard")
    span = checks[0].span
    replaced = _replace_checks(loop, checks, moved, before)
    guard.ops = [Op(c.opdef, list(c.operands), dict(c.attributes), Value(int64), c.span) for c in checks]
    for op in guard.ops:
        op.result.op = op
    guard.ops.append(Op(control.jump, [], {}, None, span, (Edge(loop.header, list(arguments)),)))
    if condition:
        before.ops += condition
        going_on = loop.header.edges[0].block in loop.blocks
        targets = (Edge(guard), Edge(loop.header, list(arguments)))
        decision = condition[-1].result
        before.ops.append(Op(control.branch, [decision], {}, None, span, targets if going_on else targets[::-1]))
    else:
        before.ops.append(Op(control.jump, [], {}, None, span, (Edge(guard),)))
    edge.block, edge.arguments = before, []
    graph.blocks += [before, guard]
    substitute(graph, replaced)
    flow.predecessors[loop.header] = [(b, e) for b, e in flow.predecessors[loop.header] if b in loop.blocks]
    flow.predecessors[loop.header] += [(guard, guard.edges[0])]
    if condition:
        flow.predecessors[loop.header].append((before, next(e for e in before.edges if e.block is loop.header)))
    flow.predecessors[before], flow.predecessors[guard] = [(above, edge)], [(before, before.edges[0])]
    outer = loop.parent
    while outer is not None:
        outer.blocks |= {before, guard}
        outer = outer.parent


def _replace_checks(loop: Loop, checks: list[Op], moved: list[Op], before: Block) -> dict[Value, Value]:
    """Take the checks and what they need out of the loop; what stands in the loop for the checked indices."""
    gone = {*checks, *moved}
    for block in loop.blocks:
        if any(op in gone for op in block.ops):
            block.ops = [op for op in block.ops if op not in gone]
    before.ops = list(moved)
    replaced: dict[Value, Value] = {}
    for check in checks:
        if check.attributes["nonnegative"]:
            replaced[check.result] = check.operands[0]
            continue
        wrapped = Op(array.wrap_index, list(check.operands), dict(check.attributes), Value(int64, check.result.name), check.span)
        wrapped.result.op = wrapped
        before.ops.append(wrapped)
        replaced[check.result] = wrapped.result
    return replaced
