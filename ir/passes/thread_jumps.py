"""Jump threading: paths on which a later branch is already decided go straight to where it leads."""

from __future__ import annotations

from ir.builder import constant
from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.interp import evaluate
from ir.opdef import LibraryCall
from ir.ops import control
from ir.rewriting import redirect, remove_unreachable, used_outside

_MOST_OPS = 4  # of a block that is skipped: a cast, a negation, a comparison, and the branch


def thread_jumps(graph: Graph) -> None:
    """Lead an edge past a block whose branch is decided by the constants that the edge brings.

    Before::

        then1:
          %0: bool = gt x, y
          jump join3(%0)
        else2:
          jump join3(false)
        join3(both: bool):
          branch both, body4, exit5

    After::

        then1:
          %0: bool = gt x, y
          jump join3(%0)
        else2:
          jump exit5
        join3(both: bool):
          branch both, body4, exit5

    This is what `while a and b` needs: below `body4`, what holds in `then1` is known to hold. Loop headers are
    left alone, since a loop with two entries is none that other passes recognize.
    """
    candidates = [block for block in graph.blocks[1:] if _may_be_skipped(block)]
    if not candidates:
        return
    flow = ControlFlow(graph)
    headers = {edge.block for _, edge in flow.back_edges()}
    used = used_outside(graph, {value: block for block in candidates for value in _defined(block)})
    changed = False
    for block in candidates:
        if block in headers or block not in flow.number or not used.isdisjoint(_defined(block)):
            continue
        for above, edge in flow.predecessors[block]:
            onward = _decided_edge(block, edge) if edge.block is block else None
            changed |= onward is not None and redirect(above, edge, onward)
    if changed:
        remove_unreachable(graph)


def _may_be_skipped(block: Block) -> bool:
    """Whether the block does nothing but branch on a condition that its parameters and constants decide."""
    ops = block.ops
    if not block.params or len(ops) > _MOST_OPS or ops[-1].opdef is not control.branch:
        return False
    decided: set[Value | None] = set(block.params)
    for op in ops[:-1]:
        if not op.opdef.pure or isinstance(op.opdef.lowering, LibraryCall):
            return False
        if all(isinstance(v, Constant) or v in decided for v in op.operands):
            decided.add(op.result)
    return ops[-1].operands[0] in decided


def _defined(block: Block) -> list[Value]:
    return [*block.params, *(op.result for op in block.ops if op.result is not None)]


def _decided_edge(block: Block, edge: Edge) -> Edge | None:
    """Where control goes on when it comes over this edge, if the constants on it tell."""
    known = dict(zip(block.params, edge.arguments))
    if not any(isinstance(value, Constant) for value in known.values()):
        return None
    for op in block.ops[:-1]:
        result = _computed([known.get(v, v) for v in op.operands], op)
        if result is not None and op.result is not None:
            known[op.result] = result
    terminator = block.ops[-1]
    condition = known.get(terminator.operands[0], terminator.operands[0])
    if not isinstance(condition, Constant):
        return None
    onward = terminator.targets[0 if condition.value else 1]
    unknown = {op.result for op in block.ops if op.result is not None and op.result not in known}
    if not unknown.isdisjoint(onward.arguments):
        return None
    return Edge(onward.block, [known.get(a, a) for a in onward.arguments])


def _computed(operands: list[Value], op: Op) -> Constant | None:
    if not operands or op.result is None or not all(isinstance(v, Constant) for v in operands):
        return None
    values = [v.value for v in operands]  # type: ignore[attr-defined]
    if op.opdef.domain is not None and not op.opdef.domain(*values):
        return None
    return constant(evaluate(op, values), op.result.type)
