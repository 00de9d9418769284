"""Common subexpression elimination, scoped by dominance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Graph, Op, Value, constant_key
from ir.rewriting import keep_name, substitute_op


def eliminate_common_subexpressions(graph: Graph) -> None:
    """Replace an op by an earlier one that computed the same, where that one is certain to have run.

    Before::

        %0: int64 = check_index i, n {axis=0}
        %1: np.float64 = load a, %0
        %2: int64 = check_index i, n {axis=0}
        %3: np.float64 = load a, %2
        %4: np.float64 = mul %1, %3

    After::

        %0: int64 = check_index i, n {axis=0}
        %1: np.float64 = load a, %0
        %2: np.float64 = mul %1, %1

    An op that may raise but has no other effect counts as well: had it raised, control would not be here. An op
    that reads memory is only found again while nothing was written in between.
    """
    flow = ControlFlow(graph)
    scope = _Scope(flow)
    children = flow.dominator_tree()
    pending: list[Block | list[tuple]] = [flow.blocks[0]]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            scope.leave(item)
        else:
            pending.append(scope.visit(item))
            pending.extend(reversed(children[item]))


class _Scope:
    """The values available at the current place of a walk down the dominator tree."""

    def __init__(self, flow: ControlFlow) -> None:
        self.flow = flow
        self.available: dict[tuple, Value] = {}
        self.replaced: dict[Value, Value] = {}
        self.constants: dict[tuple, Constant] = {}
        self.memory_at_end: dict[Block, int] = {}  # each state of the memory has a number
        self.last_memory = 0

    def visit(self, block: Block) -> list[tuple]:
        """Rewrite one block; the keys that it made available, to be given to `leave`."""
        memory = self._memory_at_start(block)
        added: list[tuple] = []
        removed = False
        available, replaced = self.available, self.replaced
        for position, op in enumerate(block.ops):
            if replaced:
                substitute_op(op, replaced)
            opdef = op.opdef
            if op.result is None or not (opdef.repeatable or opdef.removable):
                if opdef.writes:
                    self.last_memory = memory = self.last_memory + 1
                continue
            key = self._key(op) if opdef.repeatable else (memory, *self._key(op))
            earlier = available.get(key)
            if earlier is None:
                available[key] = op.result
                added.append(key)
            else:
                replaced[op.result] = earlier
                keep_name(op.result, earlier)
                block.ops[position] = None  # type: ignore[call-overload]
                removed = True
        if removed:
            block.ops = [op for op in block.ops if op is not None]
        self.memory_at_end[block] = memory
        return added

    def leave(self, added: list[tuple]) -> None:
        """Forget what a block made available: the next block is not dominated by it."""
        for key in added:
            del self.available[key]

    def _memory_at_start(self, block: Block) -> int:
        predecessors = self.flow.predecessors[block]
        if len(predecessors) == 1:
            return self.memory_at_end[predecessors[0][0]]
        self.last_memory += 1
        return self.last_memory

    def _key(self, op: Op) -> tuple[Any, ...]:
        operands = op.operands
        if op.opdef.commutative:
            a, b = operands
            if id(a) > id(b):
                operands = (b, a)  # type: ignore[assignment]
        return op.opdef, *self._identities(operands), *op.attributes.values()

    def _identities(self, operands: list[Value]) -> Iterator[Value]:
        for operand in operands:
            if operand.__class__ is Constant:
                key = constant_key(operand)  # type: ignore[arg-type]
                operand = self.constants.setdefault(key, operand)  # type: ignore[arg-type]
            yield operand
