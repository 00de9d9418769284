"""Common subexpression elimination, scoped by dominance."""

from __future__ import annotations

from typing import Any

from ir.builder import constant
from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Graph, Op, Value, constant_key
from ir.ops import arithmetic
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
    that reads memory is only found again while nothing was written in between. Where a branch on a condition leads,
    the condition itself is a known expression: true in the blocks below its first target, false below the second.
    """
    flow = ControlFlow(graph)
    scope = _Scope(flow)
    children = flow.dominator_tree()
    pending: list[Block | tuple[list, list]] = [flow.blocks[0]]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            scope.leave(*item)
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

    def visit(self, block: Block) -> tuple[list, list]:
        """Rewrite one block; the keys and conditions that it made available, to be given to `leave`."""
        memory = self._memory_at_start(block)
        conditions = self._known_conditions(block)
        added: list[tuple] = []
        removed = False
        available, replaced = self.available, self.replaced
        for position, op in enumerate(block.ops):
            if replaced:
                substitute_op(op, replaced)
            opdef = op.opdef
            if op.result is None or opdef.allocates or not (opdef.repeatable or opdef.removable):
                if opdef.writes:
                    self.last_memory = memory = self.last_memory + 1
                continue
            key = self._key(op) if opdef.repeatable else (memory, *self._key(op))
            earlier = available.get(key)
            if earlier is None:
                available[key] = op.result
                added.append(key)
            else:
                keep_name(op.result, earlier)
                replaced[op.result] = replaced.get(earlier, earlier)  # a condition that is known here
                block.ops[position] = None  # type: ignore[call-overload]
                removed = True
        if removed:
            block.ops = [op for op in block.ops if op is not None]
        self.memory_at_end[block] = memory
        return added, conditions

    def leave(self, added: list[tuple], conditions: list[Value]) -> None:
        """Forget what a block made available: the next block is not dominated by it."""
        for key in added:
            del self.available[key]
        for condition in conditions:
            del self.replaced[condition]

    def _known_conditions(self, block: Block) -> list[Value]:
        """Let the conditions that led to the block be replaced by what they are; those conditions."""
        predecessors = self.flow.predecessors[block]
        if len(predecessors) != 1 or len(predecessors[0][0].ops[-1].targets) != 2:
            return []
        above, edge = predecessors[0]
        terminator = above.ops[-1]
        found: list[Value] = []
        pending = [(terminator.operands[0], edge is terminator.targets[0])]
        while pending:
            condition, holds = pending.pop()
            if isinstance(condition, Constant) or condition in self.replaced:
                continue
            self.replaced[condition] = constant(holds, condition.type)
            found.append(condition)
            op = condition.op
            if op is not None and op.opdef is (arithmetic.bit_and if holds else arithmetic.bit_or):
                pending += [(operand, holds) for operand in op.operands]
            elif op is not None and op.opdef is arithmetic.logical_not:
                pending.append((op.operands[0], not holds))
        return found

    def _memory_at_start(self, block: Block) -> int:
        predecessors = self.flow.predecessors[block]
        if len(predecessors) == 1:
            return self.memory_at_end[predecessors[0][0]]
        self.last_memory += 1
        return self.last_memory

    def _key(self, op: Op) -> tuple[Any, ...]:
        operands = op.operands
        if any(operand.__class__ is Constant for operand in operands):
            operands = [self._identity(operand) for operand in operands]
        if op.opdef.commutative:
            a, b = operands
            if id(a) > id(b):
                operands = [b, a]
        return op.opdef, *operands, *op.attributes.values()

    def _identity(self, value: Value) -> Value:
        """The value, and for a constant the first one that equals it."""
        if not isinstance(value, Constant):
            return value
        return self.constants.setdefault(constant_key(value), value)
