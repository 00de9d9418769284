"""Control flow: predecessors, reverse postorder, dominators, natural loops and counted loops.

Dominators: K. D. Cooper, T. J. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm", 2001.
Natural loops: A. V. Aho et al., "Compilers: Principles, Techniques, and Tools", 2nd ed., section 9.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ir.graph import Block, Constant, Edge, Graph, Value
from ir.ops import arithmetic, compare, control
from ir.types import Integer


def reverse_postorder(graph: Graph) -> list[Block]:
    """The blocks that control can reach; each before its successors, but for the back edges of loops."""
    entry = graph.blocks[0]
    seen = {entry}
    order: list[Block] = []
    # The last target is visited first, so that the first target of a branch comes first in the result.
    stack: list[tuple[Block, Iterator[Edge]]] = [(entry, reversed(entry.edges))]
    while stack:
        block, edges = stack[-1]
        for edge in edges:
            target = edge.block
            if target not in seen:
                seen.add(target)
                stack.append((target, reversed(target.edges)))
                break
        else:
            order.append(block)
            stack.pop()
    order.reverse()
    return order


class ControlFlow:
    """The shape of a graph at this moment: passes that change edges make a new one.

    Attributes:
        blocks: the reachable blocks in reverse postorder.
        number: the position of each reachable block in `blocks`.
        predecessors: for each reachable block, the edges that lead to it with the blocks they leave.
        dominators: the immediate dominator of each reachable block but the entry.
    """

    __slots__ = ("blocks", "number", "predecessors", "dominators", "_interval")

    def __init__(self, graph: Graph) -> None:
        self.blocks = reverse_postorder(graph)
        self.number = {block: i for i, block in enumerate(self.blocks)}
        self.predecessors: dict[Block, list[tuple[Block, Edge]]] = {block: [] for block in self.blocks}
        for block in self.blocks:
            for edge in block.ops[-1].targets:
                self.predecessors[edge.block].append((block, edge))
        immediate = self._immediate_dominators()
        self.dominators = {self.blocks[i]: self.blocks[immediate[i]] for i in range(1, len(immediate))}
        self._interval: dict[Block, tuple[int, int]] | None = None

    def _immediate_dominators(self) -> list[int]:
        number = self.number
        incoming = [[number[p] for p, _ in self.predecessors[block]] for block in self.blocks]
        immediate = [-1] * len(incoming)
        immediate[0] = 0
        changed = True
        while changed:
            changed = False
            for i in range(1, len(incoming)):
                found = -1
                for p in incoming[i]:
                    if immediate[p] < 0:
                        continue
                    if found < 0:
                        found = p
                    while found != p:  # go up from both to the common dominator
                        while p > found:
                            p = immediate[p]
                        while found > p:
                            found = immediate[found]
                if immediate[i] != found:
                    immediate[i] = found
                    changed = True
        return immediate

    def dominator_tree(self) -> dict[Block, list[Block]]:
        """The blocks that each block dominates immediately, in reverse postorder."""
        children: dict[Block, list[Block]] = {block: [] for block in self.blocks}
        for block, dominator in self.dominators.items():
            children[dominator].append(block)
        return children

    def dominates(self, above: Block, below: Block) -> bool:
        """Whether every path from the entry to `below` leads through `above`; a block dominates itself."""
        if self._interval is None:
            self._interval = self._number_tree()
        first, last = self._interval[above]
        return first <= self._interval[below][0] <= last

    def _number_tree(self) -> dict[Block, tuple[int, int]]:
        """For each block its number in preorder of the dominator tree, and the highest number below it."""
        children = self.dominator_tree()
        preorder: list[Block] = []
        pending = [self.blocks[0]]
        while pending:
            block = pending.pop()
            preorder.append(block)
            pending.extend(children[block])
        position = {block: i for i, block in enumerate(preorder)}
        last = dict(position)
        for block in reversed(preorder):
            above = self.dominators.get(block)
            if above is not None and last[block] > last[above]:
                last[above] = last[block]
        return {block: (position[block], last[block]) for block in preorder}

    def back_edges(self) -> list[tuple[Block, Edge]]:
        """The edges that lead to a block which dominates the block they leave, with that block."""
        return [
            (block, edge)
            for block in self.blocks
            for edge in block.ops[-1].targets
            if self.number[edge.block] <= self.number[block] and self.dominates(edge.block, block)
        ]

    def loops(self) -> list[Loop]:
        """The natural loops, outer ones before those inside them."""
        latches: dict[Block, list[Block]] = {}
        for block, edge in self.back_edges():
            latches.setdefault(edge.block, []).append(block)
        loops = [Loop(header, found, self._loop_body(header, found)) for header, found in latches.items()]
        loops.sort(key=lambda loop: self.number[loop.header])
        for i, loop in enumerate(loops):
            for outer in reversed(loops[:i]):
                if loop.header in outer.blocks:
                    loop.parent = outer
                    break
        return loops

    def _loop_body(self, header: Block, latches: list[Block]) -> set[Block]:
        body = {header}
        pending = list(latches)
        while pending:
            block = pending.pop()
            if block not in body:
                body.add(block)
                pending.extend(p for p, _ in self.predecessors[block])
        return body


class Loop:
    """A natural loop: its header dominates all of its blocks; `latches` are those that go back to the header."""

    __slots__ = ("header", "latches", "blocks", "parent")

    def __init__(self, header: Block, latches: list[Block], blocks: set[Block], parent: Loop | None = None) -> None:
        self.header = header
        self.latches = latches
        self.blocks = blocks
        self.parent = parent


class CountedLoop(NamedTuple):
    """A loop that goes on while `induction < stop` (`> stop` for a negative step) and adds `step` in each round.

    `induction` is a parameter of the header, `start` its value on entry (None when several edges enter with
    different values), `stop` does not change in the loop.
    """

    loop: Loop
    induction: Value
    start: Value | None
    stop: Value
    step: int


def counted_loop(flow: ControlFlow, loop: Loop) -> CountedLoop | None:
    """The loop as a counted one, if its header has that form."""
    header = loop.header
    terminator = header.ops[-1]
    if terminator.opdef is not control.branch or terminator.operands[0].op not in header.ops:
        return None
    going_on, leaving = (edge.block in loop.blocks for edge in terminator.targets)
    if not going_on or leaving:
        return None
    condition = terminator.operands[0].op
    assert condition is not None
    for induction, stop, opdef in _orders(condition.opdef, condition.operands):
        if induction not in header.params or _defined_in(stop, loop):
            continue
        step, start = _step_and_start(flow, loop, header.params.index(induction))
        if step is not None and (step > 0) is (opdef is compare.lt) and step:
            return CountedLoop(loop, induction, start, stop, step)
    return None


def _orders(opdef: object, operands: list[Value]) -> list[tuple[Value, Value, object]]:
    """`a < b` seen from both of its sides."""
    if opdef not in (compare.lt, compare.gt) or not isinstance(operands[0].type, Integer):
        return []
    a, b = operands
    return [(a, b, opdef), (b, a, compare.gt if opdef is compare.lt else compare.lt)]


def _defined_in(value: Value, loop: Loop) -> bool:
    return any(value in block.params or (value.op is not None and value.op in block.ops) for block in loop.blocks)


def _step_and_start(flow: ControlFlow, loop: Loop, index: int) -> tuple[int | None, Value | None]:
    """What each round adds to the parameter, if that is one constant, and the parameter's value on entry."""
    steps: set[int | None] = set()
    starts: dict[Value, None] = {}
    for block, edge in flow.predecessors[loop.header]:
        if block in loop.blocks:
            steps.add(constant_step(edge.arguments[index], loop.header.params[index]))
        else:
            starts[edge.arguments[index]] = None
    return (steps.pop() if len(steps) == 1 else None), (next(iter(starts)) if len(starts) == 1 else None)


def constant_step(value: Value, origin: Value) -> int | None:
    """The constant c if `value` is made as `origin + c` or `origin - c`."""
    op = value.op
    if op is None or op.opdef not in (arithmetic.add, arithmetic.sub):
        return None
    a, b = op.operands
    if op.opdef is arithmetic.add and isinstance(a, Constant):
        a, b = b, a
    if a is not origin or not isinstance(b, Constant) or not isinstance(b.type, Integer):
        return None
    return int(b.value) if op.opdef is arithmetic.add else -int(b.value)
