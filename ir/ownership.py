"""Who owns the memory of arrays in a graph, and whether the counts of owners balance.

Memory is counted (`alloc`, `retain`, `release` in ir/ops/memory.py). The rules:

* A graph borrows the arrays in its parameters and in constants from its caller. Those in constants need no counts, as
  they live as long as the code; constant objects are counted where they are handed over.
* The result of an op that allocates, or of a call, owns one count for each array in it.
* A block parameter owns one count for each array in it, which the edges hand over; but where all that comes in is
  borrowed from the caller, the parameter borrows, too.
* `return` hands one count for each array in the result to the caller, `raise` one to the exception.
* What `stretch` makes owns one count of its new memory if there is any, and shares the memory of its operand; it is used
  where it is made, and not handed over.
* Every other value shares the memory of the operands that it is made of, and owns nothing.

Counts are kept for the *parts* of a value: each array in it, and each optional that has arrays in it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from ir.cfg import reverse_postorder
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.ops import aggregate, control, memory
from ir.ops.memory import holds_arrays
from ir.types import Object, Tuple, Type

Part = tuple[Value, int]
"""A part of a value, by its position among the parts."""

_NOTHING: frozenset[Value] = frozenset()


class Share:
    """The memory of one part of a value.

    `part` is what it is counted as: that of the owner or parameter which it comes from; of the value itself where that
    differs between paths; None for memory that needs no counts. `owners` are the values that keep it alive, none if it
    is borrowed from the caller; `lenders` those of them that do so whoever else has a count of the part.
    """

    __slots__ = ("part", "owners", "lenders")

    def __init__(self, part: Part | None, owners: frozenset[Value] = _NOTHING, lenders: frozenset[Value] = _NOTHING) -> None:
        self.part = part
        self.owners = owners
        self.lenders = lenders


_UNCOUNTED = Share(None)


@functools.cache
def part_paths(type: Type) -> list[tuple[int, ...]]:
    """For each part of a value of this type the indices of the tuples that lead to it."""
    if not isinstance(type, Tuple):
        return [()] if holds_arrays(type) else []
    return [(i, *path) for i, item in enumerate(type.items) for path in part_paths(item)]


class Ownership:
    """The shares of all values of a graph that hold arrays.

    Attributes:
        blocks: the blocks that control can reach, in reverse postorder.
        owners: the values that own memory, in the order of the graph.
        alive_with: for each value that shares memory with owners those owners.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.blocks = reverse_postorder(graph)
        self._owning_params: set[Value] = set()
        self._shares: dict[Value, tuple[Share, ...]] = {}
        self._find_shares()
        while self._find_owning_params():
            self._find_shares()
        self.owners = self._list_owners()
        self.alive_with = {value: owners for value, shares in self._shares.items() if (owners := _united(shares))}

    def shares(self, value: Value) -> tuple[Share, ...]:
        """The share of each part of the value."""
        found = self._shares.get(value)
        if found is None:
            is_object = isinstance(value, Constant) and isinstance(value.type, Object)
            found = self._own_parts(value, False) if is_object else (_UNCOUNTED,) * len(part_paths(value.type))
            self._shares[value] = found
        return found

    def owns(self, value: Value) -> bool:
        """Whether the value owns the memory of its parts."""
        return value in self._owning_params or (value.op is not None and makes_owner(value.op))

    def used_owners(self, values: Iterable[Value]) -> tuple[Value, ...]:
        """The owners whose memory the values share, in the order of the graph."""
        found = _NOTHING
        for value in values:
            owners = self.alive_with.get(value)
            if owners is not None:
                found |= owners
        return tuple(sorted(found, key=self.owners.__getitem__) if len(found) > 1 else found)

    def handed_over(self, op: Op, edge: Edge | None = None) -> list[Part]:
        """The parts that a terminator, or one of its edges, gives away: once for each count."""
        if edge is not None:
            values = [a for a, p in zip(edge.arguments, edge.block.params) if p in self._owning_params]
        else:
            values = op.operands if op.opdef in (control.return_, control.raise_) else []
        return [share.part for v in values for share in self.shares(v) if share.part]

    def _find_shares(self) -> None:
        self._shares = {}
        for block in self.blocks:
            for param in block.params:
                if holds_arrays(param.type):
                    self._shares[param] = self._own_parts(param, param in self._owning_params)
            for op in block.ops:
                if op.result is not None and holds_arrays(op.result.type):
                    self._shares[op.result] = self._of_owner(op) if makes_owner(op) else self._made_of(op)

    @staticmethod
    def _own_parts(value: Value, owns: bool) -> tuple[Share, ...]:
        owners = frozenset((value,)) if owns else _NOTHING
        return tuple(Share((value, i), owners) for i in range(len(part_paths(value.type))))

    def _of_owner(self, op: Op) -> tuple[Share, ...]:
        if op.opdef is not memory.stretch:
            return self._own_parts(op.result, True)
        lenders = _united(self.shares(op.operands[0]))
        return (Share((op.result, 0), lenders | {op.result}, lenders),)

    def _made_of(self, op: Op) -> tuple[Share, ...]:
        """The shares of a value that is made of the operands of its op."""
        if op.opdef is aggregate.tuple_make:
            return tuple(share for operand in op.operands for share in self.shares(operand))
        if op.opdef is aggregate.tuple_item:
            operand, index = op.operands[0], op.attributes["index"]
            start = sum(len(part_paths(item)) for item in operand.type.items[:index])
            return self.shares(operand)[start : start + len(part_paths(op.result.type))]
        count = len(part_paths(op.result.type))
        sources = [shares for operand in op.operands if (shares := self.shares(operand))]
        if all(len(shares) == count for shares in sources):
            return tuple(_merged(choices, (op.result, i)) for i, choices in enumerate(zip(*sources))) or (_UNCOUNTED,) * count
        owners = frozenset(owner for shares in sources for owner in _united(shares))
        return tuple(Share((op.result, i), owners) for i in range(count))

    def _find_owning_params(self) -> bool:
        """Whether there are more block parameters than known that get memory which a value of this graph owns."""
        found = False
        for block in self.blocks:
            for edge in block.edges:
                for argument, param in zip(edge.arguments, edge.block.params):
                    shares = self._shares.get(argument, ())
                    if param not in self._owning_params and any(share.owners for share in shares):
                        self._owning_params.add(param)
                        found = True
        return found

    def _list_owners(self) -> dict[Value, int]:
        values = (v for block in self.blocks for v in (*block.params, *(op.result for op in block.ops if makes_owner(op))))
        return {value: i for i, value in enumerate(v for v in values if self.owns(v))}


def makes_owner(op: Op) -> bool:
    """Whether the result of the op owns memory."""
    return op.opdef.allocates and op.result is not None and holds_arrays(op.result.type)


def _united(shares: Iterable[Share]) -> frozenset[Value]:
    return frozenset(owner for share in shares for owner in share.owners)


def _merged(choices: tuple[Share, ...], part: Part) -> Share:
    """One of several shares: that if all are the same, else counted as a part of its own."""
    if all(choice.part == choices[0].part for choice in choices):
        return choices[0]
    return Share(part, _united(choices))


def last_releases(block: Block) -> list[Op]:
    """The releases just before the `raise` that ends the block, if one does. What is left to do there is what a failure does."""
    first = len(block.ops) - 1
    if block.ops[first].opdef is not control.raise_:
        return []
    while first and block.ops[first - 1].opdef is memory.release:
        first -= 1
    return block.ops[first:-1]


class Counts:
    """What a walk over a graph finds: the parts that are owned before each op that can fail, once for each count (for a `raise`,
    what the releases before it give back), and what is wrong, with the op or block that it is wrong with."""

    def __init__(self) -> None:
        self.before: dict[Op, tuple[Part, ...]] = {}
        self.faults: list[tuple[Any, str]] = []


def follow_counts(graph: Graph) -> Counts:
    """Follow the counts of a graph in which `retain` and `release` stand where they are needed."""
    if not any(op.opdef in _COUNTING or makes_owner(op) for op in graph.ops()):
        return Counts()
    walk = _Walk(Ownership(graph))
    walk.run()
    return walk.found


_COUNTING = (memory.retain, memory.release)


class _Walk:
    """Goes over each block once, with the counts that the first edge to it brings. Counts of zero are not kept."""

    def __init__(self, ownership: Ownership) -> None:
        self.ownership = ownership
        self.found = Counts()
        self.at_start: dict[Block, dict[Part, int]] = {ownership.graph.entry: {}}

    def run(self) -> None:
        alive_with = self.ownership.alive_with
        for block in self.ownership.blocks:
            counts = dict(self.at_start[block])
            last = last_releases(block)
            for op in block.ops:
                opdef = op.opdef
                if last and op is last[0]:
                    held = dict(counts)
                if counts and opdef.can_fail and not opdef.terminator:
                    self.found.before[op] = tuple(part for part, n in counts.items() for _ in range(n))
                for value in op.operands:
                    if value in alive_with:
                        self._use(op, value, counts)
                if last and opdef is control.raise_:
                    self.found.before[op] = tuple(part for part, n in held.items() for _ in range(n - counts.get(part, 0)))
                if op.targets:
                    self._leave(op, counts)
                elif opdef.terminator or opdef.allocates or opdef in _COUNTING:
                    self._step(op, counts)

    def _fault(self, subject: Any, message: str) -> None:
        self.found.faults.append((subject, message))

    def _use(self, op: Op, value: Value, counts: dict[Part, int]) -> None:
        for share in self.ownership.shares(value):
            if share.part in counts and op.opdef is memory.release:
                continue  # it gives back a count, whatever the lenders' memory is
            needed = share.lenders if share.part in counts else share.owners
            if not all(part in counts for part in _parts(needed)):
                self._fault(op, f"uses {_name(value)}, whose memory may have been given back")

    def _step(self, op: Op, counts: dict[Part, int]) -> None:
        if op.opdef in _COUNTING:
            change = [share.part for share in self.ownership.shares(op.operands[0]) if share.part]
            (self._add if op.opdef is memory.retain else functools.partial(self._take, op))(counts, change)
        elif makes_owner(op):
            self._add(counts, [share.part for share in self.ownership.shares(op.result)])
        elif op.opdef in (control.return_, control.raise_):
            self._hand_over(op, counts, self.ownership.handed_over(op))
            for value, _ in counts:
                self._fault(op, f"leaves while it owns {_name(value)}")

    @staticmethod
    def _add(counts: dict[Part, int], parts: Iterable[Part]) -> None:
        for part in parts:
            counts[part] = counts.get(part, 0) + 1

    def _take(self, op: Op, counts: dict[Part, int], parts: Iterable[Part]) -> None:
        for part in parts:
            n = counts.get(part, 0)
            if n > 1:
                counts[part] = n - 1
            elif n == 1:
                del counts[part]
            else:
                self._fault(op, f"gives away {_name(part[0])}, which is not owned here")

    def _hand_over(self, op: Op, counts: dict[Part, int], parts: list[Part]) -> None:
        for value, _ in parts:
            if value.op is not None and value.op.opdef is memory.stretch:
                self._fault(op, f"gives away {_name(value)}, which may be the memory of another array")
        self._take(op, counts, parts)

    def _leave(self, op: Op, counts: dict[Part, int]) -> None:
        """Carry the counts along the edges."""
        for edge in op.targets:
            for value in edge.arguments:
                if value in self.ownership.alive_with:
                    self._use(op, value, counts)
            after = dict(counts)
            self._hand_over(op, after, self.ownership.handed_over(op, edge))
            self._add(after, _parts(p for p in edge.block.params if self.ownership.owns(p)))
            known = self.at_start.setdefault(edge.block, after)
            if known != after:
                for value in {part[0] for part in {*known, *after} if known.get(part) != after.get(part)}:
                    self._fault(op, f"{edge.block.label} is reached with and without owning {_name(value)}")


def _parts(values: Iterable[Value]) -> Iterator[Part]:
    for value in values:
        yield from ((value, i) for i in range(len(part_paths(value.type))))


def _name(value: Value) -> str:
    return value.name or str(value.type)
