"""Counts of owners: where arrays are shared and given back; and small arrays on the stack.

Liveness: A. V. Aho et al., "Compilers: Principles, Techniques, and Tools", 2nd ed., section 9.2.5. That counts follow
from ownership at each place is as in S. Ullrich, L. de Moura: "Counting Immutable Beans", 2019.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.opdef import Effect, OpDef
from ir.ops import aggregate, control, memory
from ir.ops.memory import holds_arrays
from ir.ownership import Ownership, Part, makes_owner, part_paths
from ir.types import dtype_of

LARGEST_LOCAL, MOST_LOCAL = 512, 4096  # bytes on the stack: of an array, and of all arrays of a graph


def manage_lifetimes(graph: Graph) -> None:
    """Insert `retain` and `release`, so that each array lives as long as it is used, and no longer.

    Before::

        entry0:
          a: float64[::1] = alloc n
          jump loop1(0, a)
        loop1(i: int64, x: float64[::1]):
          %0: bool = lt i, n
          branch %0, body2, exit3
        body2:
          y: float64[::1] = call step(x)
          %1: int64 = add i, 1
          jump loop1(%1, y)
        exit3:
          return x

    After, the only difference::

        body2:
          y: float64[::1] = call step(x)
          release x

    Who owns what is said in ir/ownership.py. An owner is released after the last use of what shares its memory, or at
    the start of a branch in which nothing uses it. Where a value is handed over, to a block parameter or the caller, and
    its owner ends there anyway, that is all; otherwise it is retained before.

    What fails in the middle of a block needs nothing here: code generation knows what is owned there.

    An `alloc` of a few hundred constant bytes becomes a `local`, which has no owners, if what shares its memory goes
    neither to another block's parameters, nor to a call, nor out of the graph.
    """
    if not _concerns(graph):
        return
    ownership = Ownership(graph)
    if _make_local(graph, ownership):
        ownership = Ownership(graph)
    _Lifetimes(graph, ownership).run()


def _concerns(graph: Graph) -> bool:
    """Whether arrays are made here or handed out, and this pass has not been here before."""
    if any(op.opdef in (memory.retain, memory.release) for op in graph.ops()):
        return False
    return any(
        makes_owner(op)
        or (op.opdef in (control.return_, control.raise_) and any(holds_arrays(v.type) for v in op.operands))
        for op in graph.ops()
    )


def _make_local(graph: Graph, ownership: Ownership) -> bool:
    """Put small arrays on the stack; whether there are any."""
    candidates = {op.result: size for op in graph.ops() if op.opdef is memory.alloc and (size := _constant_size(op)) is not None}
    if not candidates:
        return False
    for op in graph.ops():
        for owner in ownership.used_owners(_escaping(op)):
            candidates.pop(owner, None)
    total = 0
    for value, size in candidates.items():
        total += size
        if total <= MOST_LOCAL:
            value.op.opdef = memory.local
    return bool(candidates)


def _constant_size(op: Op) -> int | None:
    if not all(isinstance(v, Constant) for v in op.operands):
        return None
    size = math.prod(v.value for v in op.operands) * dtype_of(op.result.type.dtype).itemsize
    return size if size <= LARGEST_LOCAL else None


def _escaping(op: Op) -> list[Value]:
    """What an op lets out of its block or of the graph, or keeps: what owns memory may own that of an operand."""
    leaves = op.opdef in (control.return_, control.raise_) or makes_owner(op) or (op.operands and op.effects & Effect.PYTHON)
    return [*(op.operands if leaves else ()), *(a for edge in op.targets for a in edge.arguments)]


class _Lifetimes:
    """Inserts the counts into one graph."""

    def __init__(self, graph: Graph, ownership: Ownership) -> None:
        self.graph = graph
        self.ownership = ownership
        self.edge_counts = Counter(edge.block for block in ownership.blocks for edge in block.edges)
        # The ops that use owners, or make them.
        self.touched = {op: owners for block in ownership.blocks for op in block.ops if (owners := self._owners(op))}
        self.alive_at_start = self._liveness()
        self.first: dict[Block, list[Op]] = {block: [] for block in graph.blocks}  # what comes before a block's own ops

    def run(self) -> None:
        for block in self.ownership.blocks:
            self._in_block(block)
        for block, ops in self.first.items():
            block.ops[:0] = ops

    def _owners(self, op: Op) -> tuple[Value, ...]:
        used = self.ownership.used_owners(op.operands)
        if op.targets:
            used = self.ownership.used_owners([*op.operands, *(a for edge in op.targets for a in edge.arguments)])
        return (*used, op.result) if op.result in self.ownership.owners else used

    def _liveness(self) -> dict[Block, set[Value]]:
        """For each block the owners from outside of it that it, or what comes after it, uses."""
        used, defined = {}, {}
        for block in self.ownership.blocks:
            touched = {owner: None for op in block.ops for owner in self.touched.get(op, ())}
            inside = {op.result for op in block.ops if op in self.touched}.union(block.params)
            used[block], defined[block] = {owner for owner in touched if owner not in inside}, inside
        alive: dict[Block, set[Value]] = {block: set() for block in self.ownership.blocks}
        changed = True
        while changed:
            changed = False
            for block in reversed(self.ownership.blocks):
                now = used[block].union(*[alive[edge.block] - defined[block] for edge in block.edges])
                if len(now) != len(alive[block]):  # it only grows
                    alive[block] = now
                    changed = True
        return alive

    def _in_block(self, block: Block) -> None:
        """Release what ends in the block, and balance what its end hands over."""
        terminator = block.ops[-1]
        alive = {owner for edge in block.edges for owner in self.alive_at_start[edge.block]}
        alive.update(self.touched.get(terminator, ()))
        made = [[*self._end(block, terminator, self._in_order(alive)), terminator]]
        for op in reversed(block.ops[:-1]):
            touched = self.touched.get(op)
            if touched is None:
                made.append([op])
                continue
            ended = [owner for owner in touched if owner not in alive]
            made.append([op, *_counting(memory.release, _all_parts(ended), op)])
            alive.update(touched)
            alive.discard(op.result)
        made.append(_counting(memory.release, _all_parts(self._unused(block, alive)), terminator))
        block.ops = [op for ops in reversed(made) for op in ops]

    def _unused(self, block: Block, alive: set[Value]) -> list[Value]:
        return [p for p in block.params if p in self.ownership.owners and p not in alive]

    def _in_order(self, owners: Iterable[Value]) -> list[Value]:
        return sorted(owners, key=self.ownership.owners.__getitem__)

    def _end(self, block: Block, terminator: Op, owned: list[Value]) -> list[Op]:
        """What comes before the terminator, at which these owners are left."""
        if len(terminator.targets) == 1:
            return self._edge_ops(terminator, terminator.targets[0], owned)
        for edge in terminator.targets:
            ops = self._edge_ops(terminator, edge, owned)
            # What is retained is so before it is handed over, on the edge.
            if ops and self.edge_counts[edge.block] == 1 and not any(op.opdef is memory.retain for op in ops):
                self.first[edge.block] += ops
            elif ops:
                self._split(block, edge, terminator, ops)
        if terminator.targets or terminator.opdef is control.unreachable:
            return []
        return _balanced(self.ownership.handed_over(terminator), owned, terminator)

    def _edge_ops(self, terminator: Op, edge: Edge, owned: list[Value]) -> list[Op]:
        ended = [owner for owner in owned if owner not in self.alive_at_start[edge.block]]
        return _balanced(self.ownership.handed_over(terminator, edge), ended, terminator)

    def _split(self, block: Block, edge: Edge, terminator: Op, ops: list[Op]) -> None:
        between = Block("release")
        between.ops = [*ops, Op(control.jump, [], {}, None, terminator.span, (Edge(edge.block, edge.arguments),))]
        edge.block, edge.arguments = between, []
        self.graph.blocks.insert(self.graph.blocks.index(block) + 1, between)


def _all_parts(owners: Iterable[Value]) -> list[Part]:
    return [(owner, i) for owner in owners for i in range(len(part_paths(owner.type)))]


def _balanced(handed_over: list[Part], ended: list[Value], near: Op) -> list[Op]:
    """What is needed where these counts are handed over and these owners end: each has one count for each part."""
    left = dict.fromkeys(_all_parts(ended))
    missing = []
    for part in handed_over:
        if part in left:
            del left[part]
        else:
            missing.append(part)
    return [*_counting(memory.retain, missing, near), *_counting(memory.release, left, near)]


def _counting(opdef: OpDef, parts: Iterable[Part], near: Op) -> list[Op]:
    """Ops that count the parts up or down: one for a whole value where all of its parts are among them."""
    by_value: dict[Value, list[int]] = {}
    for value, i in parts:
        by_value.setdefault(value, []).append(i)
    ops: list[Op] = []
    for value, wanted in by_value.items():
        paths = part_paths(value.type)
        for _ in range(min(map(wanted.count, range(len(paths))))):
            ops.append(Op(opdef, [value], {}, None, near.span))
            for i in range(len(paths)):
                wanted.remove(i)
        for i in wanted:
            part = value
            for index in paths[i]:
                ops.append(Op(aggregate.tuple_item, [part], {"index": index}, Value(part.type.items[index]), near.span))
                part = ops[-1].result
                part.op = ops[-1]
            ops.append(Op(opdef, [part], {}, None, near.span))
    return ops
