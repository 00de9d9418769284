"""Which lengths of arrays are certain to be equal, although they are different values.

A program asks for most of this itself: behind the check of `np.dot(a, b)` the arrays are of one length, and so are two
arrays that were stretched to shapes which are the same. What a loop carries from round to round is assumed to keep the lengths
that it has at the entry; where some way back brings others, that assumption is dropped, and all is looked at again.

Equal values along branches: B. Alpern, M. N. Wegman, F. K. Zadeck, "Detecting Equality of Variables in Programs", 1988.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from ir.arrays import Place, broadcast_lengths, length_key, length_of
from ir.builder import constant
from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Graph, Op, Value
from ir.ops import aggregate, arithmetic, compare, control, memory
from ir.rewriting import substitute
from ir.types import Array, boolean, int64

_MOST_ROUNDS = 8  # of dropping assumptions that others relied on

Classes = dict[Hashable, Hashable]
"""For keys of lengths other ones that are equal to them: what has none stands for its class."""


class EqualLengths:
    """The equal lengths of a graph. Facts hold where control has come to a block, and in all blocks that it dominates."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._flow = ControlFlow(graph)
        # For each block the lengths that a `broadcast` in it gives, and the lengths of arrays that its edges bring.
        self._stretched: dict[Block, list[Op]] = {}
        self._brought: list[tuple[Block, Place, Hashable]] = []
        self._collect()
        self._assumed = dict(self._first_lengths())
        self._classes: dict[Block, Classes] = {}
        self._find_classes()
        rounds = 0
        while self._drop_assumptions():
            rounds += 1
            if rounds == _MOST_ROUNDS:
                self._assumed.clear()
            self._find_classes()

    def same(self, block: Block, a: Hashable, b: Hashable) -> bool:
        """Whether lengths with these keys (`ir.arrays.length_key`) are equal in a block, if there are both."""
        classes = self._classes.get(block)
        if classes is None:
            return a == b  # control does not come here
        return self._class_of(classes, a) == self._class_of(classes, b)

    def decide(self) -> None:
        """Replace comparisons of equal lengths by what they come to, and checks that shapes fit by the shapes that they give."""
        replaced: dict[Value, Value] = {}
        for block in self._flow.blocks:
            for op in block.ops:
                if op.opdef is memory.broadcast:
                    lengths = [self._common_length(block, op, axis) for axis in range(len(op.result.type))]  # type: ignore[union-attr, arg-type]
                    if None not in lengths:
                        op.opdef, op.operands, op.attributes = aggregate.tuple_make, lengths, {"to": op.result.type}  # type: ignore[assignment, union-attr]
                elif op.opdef in (compare.eq, compare.ne) and op.operands[0].type is int64:
                    if self.same(block, *map(length_key, op.operands)):
                        replaced[op.result] = constant(op.opdef is compare.eq, boolean)  # type: ignore[index]
        if replaced:
            substitute(self._graph, replaced)

    def _collect(self) -> None:
        for block in self._flow.blocks:
            self._stretched[block] = [op for op in block.ops if op.opdef is aggregate.tuple_item and _is_shape(op.operands[0].op)]
            for edge in block.edges:
                for param, argument in zip(edge.block.params, edge.arguments):
                    if isinstance(param.type, Array):
                        places = [(param, axis) for axis in range(param.type.ndim)]
                        self._brought += [(block, place, length_key(length_of(argument, place[1]))) for place in places]

    def _first_lengths(self) -> Iterator[tuple[Place, Hashable]]:
        """The lengths of arrays that become parameters of blocks, on the first edge, where they are known in the block."""
        if not self._brought:
            return
        homes = {v: block for block in self._flow.blocks for v in (*block.params, *(op.result for op in block.ops)) if v is not None}
        seen: set[Place] = set()
        for _, place, key in self._brought:  # in reverse postorder
            if place in seen:
                continue
            seen.add(place)
            block = homes[place[0]]
            home = homes.get(key[0] if isinstance(key, tuple) else key)  # type: ignore[arg-type]
            if home is None or (home is not block and self._flow.dominates(home, block)):
                yield place, key

    def _find_classes(self) -> None:
        for block in self._flow.blocks:
            above = self._flow.dominators.get(block)
            classes = dict(self._classes[above]) if above is not None else {}
            self._classes[block] = classes
            for a, b in self._equal_behind_branch(block):
                self._unite(classes, a, b)
            for op in self._stretched[block]:
                length = self._common_length(block, op.operands[0].op, op.attributes["index"])  # type: ignore[arg-type]
                if length is not None:
                    self._unite(classes, op.result, length_key(length))

    def _drop_assumptions(self) -> bool:
        """Drop the assumptions that do not hold on all edges; whether there were any."""
        assumed = self._assumed
        wrong = [place for block, place, key in self._brought if place in assumed and not self.same(block, key, assumed[place])]
        for place in wrong:
            assumed.pop(place, None)
        return bool(wrong)

    def _equal_behind_branch(self, block: Block) -> Iterator[tuple[Hashable, Hashable]]:
        """What is equal because control has come to a block."""
        predecessors = self._flow.predecessors[block]
        if len(predecessors) != 1 or predecessors[0][0].ops[-1].opdef is not control.branch:
            return
        terminator = predecessors[0][0].ops[-1]
        pending = [(terminator.operands[0].op, predecessors[0][1] is terminator.targets[0])]
        while pending:
            op, holds = pending.pop()
            if op is None:
                continue
            if op.opdef is arithmetic.logical_not:
                pending.append((op.operands[0].op, not holds))
            elif op.opdef is (arithmetic.bit_and if holds else arithmetic.bit_or) and op.result.type is boolean:  # type: ignore[union-attr]
                pending += [(operand.op, holds) for operand in op.operands]
            elif op.opdef is (compare.eq if holds else compare.ne) and op.operands[0].type is int64:
                yield length_key(op.operands[0]), length_key(op.operands[1])

    def _common_length(self, block: Block, broadcast: Op, axis: int) -> Value | None:
        """One of the lengths that a `broadcast` stretches on an axis, if all are equal, but for those that are 1."""
        lengths = broadcast_lengths(broadcast, axis)
        longer = [length for length in lengths if not (isinstance(length, Constant) and length.value == 1)]
        if broadcast.attributes.get("into"):
            longer = [lengths[-1], *longer]
        first, *others = longer or lengths[:1]
        return first if all(self.same(block, length_key(first), length_key(other)) for other in others) else None

    def _class_of(self, classes: Classes, key: Hashable) -> Hashable:
        while True:
            if key in classes:
                key = classes[key]
            elif key in self._assumed:
                key = self._assumed[key]  # type: ignore[index]
            else:
                return key

    def _unite(self, classes: Classes, a: Hashable, b: Hashable) -> None:
        a, b = self._class_of(classes, a), self._class_of(classes, b)
        if isinstance(a, int):
            a, b = b, a
        if a != b and not isinstance(a, int):  # two numbers: control does not come here
            classes[a] = b


def _is_shape(op: Op | None) -> bool:
    return op is not None and op.opdef is memory.broadcast
