"""Writes loops into a graph, and the ops of other graphs in line."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import attrs

from ir.arrays import Place, length_of
from ir.builder import Builder, constant
from ir.cfg import reverse_postorder
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.opdef import OpDef
from ir.ops import arithmetic, array, compare, control
from ir.types import int64


def integer(number: int) -> Constant:
    """A constant index or length."""
    return constant(number, int64)


@attrs.define(eq=False, repr=False)
class OpenLoop:
    """A counted loop whose body is being written: the index, and the values that go round."""

    header: Block
    exit: Block
    index: Value
    carried: list[Value]
    step: int


class LoopBuilder(Builder):
    """A builder that opens and closes counted loops. Index arithmetic does not overflow and is not checked.

    `same_lengths` tells whether lengths with two keys are certain to be equal here.
    """

    __slots__ = ("same_lengths", "_groups", "_lengths")

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.same_lengths: Callable[[Hashable, Hashable], bool] = operator.eq
        self._groups = 0
        self._lengths: dict[Place, Value] = {}

    def begin(self, op: Op) -> None:
        """What is appended from now on stands for the op."""
        self.span = op.span
        self._lengths.clear()

    def emit_as(self, result: Value, opdef: OpDef, *operands: Value, **attributes: Any) -> None:
        """Append an op that makes a value which is used already."""
        result.op = Op(opdef, list(operands), attributes, result, self.span)
        self.block.ops.append(result.op)

    def jump_with(self, edge: Edge, **attributes: Any) -> None:
        """End the block with a jump that has attributes."""
        self.block.ops.append(Op(control.jump, [], attributes, None, self.span, (edge,)))
        self.block = None

    def length(self, value: Value, axis: int) -> Value:
        """The length of an axis of an array. It is asked for where the op begins, so that all loops of the op see it."""
        found = length_of(value, axis)
        if isinstance(found, Value):
            return found
        if found not in self._lengths:
            self._lengths[found] = self.emit(array.shape, found[0], axis=found[1])
        return self._lengths[found]

    def new_group(self) -> int:
        """A number for the memory accesses of one loop whose rounds do not depend on each other."""
        self._groups += 1
        return self._groups

    # --- loops

    def open(
        self, stop: Value, carried: Sequence[Value] = (), names: Sequence[str | None] = (), *,
        start: Value | None = None, step: int = 1, name: str = "i",
    ) -> OpenLoop:  # fmt: skip
        """Begin `for index in range(start, stop, step)`, with values that each round passes on to the next."""
        names = names or [None] * len(carried)
        index = Value(int64, name)
        header = Block("loop", [index, *(Value(v.type, n) for v, n in zip(carried, names))])
        self.jump(header, integer(0) if start is None else start, *carried)
        self.start(header)
        body, exit_block = Block("body"), Block("exit")
        self.branch(self.emit(compare.lt, index, stop), Edge(body), Edge(exit_block))
        self.start(body)
        return OpenLoop(header, exit_block, index, header.params[1:], step)

    def close(self, loop: OpenLoop, carried: Sequence[Value] = (), **attributes: Any) -> list[Value]:
        """End the innermost open loop; what its carried values are after it."""
        following = self.emit(arithmetic.add, loop.index, integer(loop.step))
        self.jump_with(Edge(loop.header, [following, *carried]), **attributes)
        self.start(loop.exit)
        return loop.carried

    # --- other graphs

    def inline(self, graph: Graph, arguments: Sequence[Value]) -> Value:
        """The result of another graph, whose ops are copied to here."""
        values = dict(zip(graph.params, arguments))
        if len(graph.blocks) == 1:
            result = self._copy_ops(graph.entry, values, {})
            return result if result is not None else self._unreachable_result(graph)
        after = Block("after", [Value(graph.result_type)])
        order = reverse_postorder(graph)
        blocks = {block: Block(block.label) for block in order[1:]}
        for block, made in blocks.items():
            made.params = [values.setdefault(p, Value(p.type, p.name)) for p in block.params]
        returns = False
        for block in order:
            if block is not graph.entry:
                self.start(blocks[block])
            result = self._copy_ops(block, values, blocks)
            if result is not None:
                self.jump(after, result)
                returns = True
        if not returns:
            return self._unreachable_result(graph)
        self.start(after)
        return after.params[0]

    def _unreachable_result(self, graph: Graph) -> Value:
        """Where the graph never returns, what follows is dropped with the blocks that control cannot reach."""
        after = Block("after", [Value(graph.result_type)])
        self.start(after)
        return after.params[0]

    def _copy_ops(self, block: Block, values: dict[Value, Value], blocks: dict[Block, Block]) -> Value | None:
        """Append copies of a block's ops; what it returns, if it ends so."""
        for op in block.ops:
            operands = [_mapped(v, values) for v in op.operands]
            if op.opdef is control.return_:
                return operands[0]
            targets = tuple(Edge(blocks[e.block], [_mapped(a, values) for a in e.arguments]) for e in op.targets)
            copied = Op(op.opdef, operands, op.attributes, None, op.span or self.span, targets)
            if op.result is not None:
                made = values.get(op.result)
                if made is None:
                    made = values[op.result] = Value(op.result.type, op.result.name)
                made.op = copied
                copied.result = made
            self.block.ops.append(copied)
        self.block = None
        return None


def _mapped(value: Value, values: dict[Value, Value]) -> Value:
    """The copy of a value; one that a block further on makes is given its copy when it is first met."""
    if value.__class__ is Constant:
        return value
    made = values.get(value)
    if made is None:
        made = values[value] = Value(value.type, value.name)
    return made
