"""Proves inequalities between integers in a graph: `u <= v + c`, as exact integers, with no wrap-around overlooked.

The method is that of R. Bodik, R. Gupta, V. Sarkar, "ABCD: Eliminating Array Bounds Checks on Demand", PLDI 2000:
each question is answered by going up from a value along what bounds it: conditions on the way to the place where
it is asked, the op that made it, and for block parameters all edges, where the question itself may be assumed
(induction over the rounds of a loop). Other than there, values are machine integers: a rule for a sum is used only
after the sum is proved not to wrap, or in the direction in which wrapping does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Edge, Op, Value
from ir.op_ranges import RULES, Term, cases, halved_sum, highest, keeps_value, lowest
from ir.opdef import OpDef
from ir.ops import arithmetic, array, compare, control, convert
from ir.types import Integer

_BUDGET = 120  # steps for one question; those that succeed need about ten
_MAX_DEPTH = 24  # of questions inside of questions: Python's own stack is not ours alone
Fact = tuple["Value | None", "Value | None", int]  # (u, v, c): u <= v + c


class Place(NamedTuple):
    """Where a question is asked: in a block (at its end: on leaving it), with facts that hold there besides."""

    block: Block
    at_end: bool = False
    facts: tuple[Fact, ...] = ()


class _Bound(NamedTuple):
    """`value <= other + offset` (or >=, by the table it is in) in the blocks below `block`, and in that block
    itself, if it comes from an op there, only after that op."""

    other: Value | None
    offset: int
    block: Block
    after: Op | None


class Inequalities:
    """The known bounds of a graph. `passed` holds the checks of the current block that lie before the question."""

    def __init__(self, flow: ControlFlow) -> None:
        self.flow = flow
        self.passed: set[Op] = set()
        self._upper: dict[Value, list[_Bound]] = {}
        self._lower: dict[Value, list[_Bound]] = {}
        self._home: dict[Value, Block] = {}
        self._dimensions: dict[tuple[Value, int], Value] = {}
        self._budget = 0
        self._depth = 0
        self._assumed: dict[tuple[Value | None, Value | None], int] = {}
        self._used: set[tuple[Value | None, Value | None]] = set()  # assumptions, since the last one was made
        self._proved: dict[tuple[Value | None, Value | None], int] = {}  # of block parameters, without assumptions
        self._failed: dict[tuple, int] = {}
        self._collect()

    # --- questions

    def less_equal(self, u: Value, v: Value, offset: int, block: Block) -> bool:
        """Whether `u <= v + offset` is certain at the current position in the block."""
        (x, a), (y, b) = self.term(u), self.term(v)
        return self._ask(x, y, offset + b - a, block)

    def at_least(self, value: Value, bound: int, block: Block) -> bool:
        """Whether `value >= bound` is certain at the current position in the block."""
        x, a = self.term(value)
        return self._ask(None, x, a - bound, block)

    def decide(self, op: Op, block: Block) -> bool | None:
        """What a comparison of integers is certain to give, or None."""
        relation = RELATIONS[op.opdef]
        sides = self.term(op.operands[0]), self.term(op.operands[1])
        if self._certain(relation, sides, block):
            return True
        ways_to_fail = ("<", ">") if relation == "==" else (_OPPOSITE[relation],)
        if any(self._certain(way, sides, block) for way in ways_to_fail):
            return False
        return True if relation == "!=" and any(self._certain(way, sides, block) for way in "<>") else None

    def _certain(self, relation: str, sides: tuple[Term, Term], block: Block) -> bool:
        if relation == "!=":
            return False  # is not one inequality: see `decide`
        return all(self._ask(u, v, c, block) for u, v, c in _facts_of_relation(relation, *sides))

    def _ask(self, u: Value | None, v: Value | None, c: int, block: Block) -> bool:
        self._budget = _BUDGET
        self._failed.clear()
        return self.proves(u, v, c, Place(block))

    def term(self, value: Value) -> Term:
        """The value without casts that keep it, a constant as an offset, and one value for each array dimension."""
        while value.op is not None:
            op = value.op
            if op.opdef is array.shape:
                return self._dimensions.setdefault((op.operands[0], op.attributes["axis"]), value), 0
            if op.opdef is not convert.cast or not keeps_value(op):
                return value, 0
            value = op.operands[0]
        return (None, int(value.value)) if isinstance(value, Constant) else (value, 0)

    # --- facts

    def _collect(self) -> None:
        for block in self.flow.blocks:
            for param in block.params:
                self._home[param] = block
            for op in block.ops:
                if op.result is not None:
                    self._home[op.result] = block
                    if op.opdef is array.check_index:
                        self._learn_check(op, block)
            incoming = self.flow.predecessors[block]
            if len(incoming) == 1:
                for u, v, c in self._facts_of_edge(*incoming[0]):
                    self._add(u, v, c, block, None)

    def _learn_check(self, op: Op, block: Block) -> None:
        (x, a), (n, b) = self.term(op.operands[0]), self.term(op.operands[1])
        self._add(x, n, b - a - 1, block, op)

    def _add(self, u: Value | None, v: Value | None, c: int, block: Block, after: Op | None) -> None:
        if u is not None:
            self._upper.setdefault(u, []).append(_Bound(v, c, block, after))
        if v is not None:
            self._lower.setdefault(v, []).append(_Bound(u, -c, block, after))

    def _facts_of_edge(self, block: Block, edge: Edge) -> Iterator[Fact]:
        terminator = block.ops[-1]
        if terminator.opdef is control.branch:
            then, otherwise = terminator.targets
            if then.block is not otherwise.block:
                yield from self._facts_of_condition(terminator.operands[0].op, edge is then)

    def _facts_of_condition(self, op: Op | None, holds: bool) -> Iterator[Fact]:
        if op is None:
            return
        opdef = op.opdef
        if opdef is arithmetic.logical_not:
            yield from self._facts_of_condition(op.operands[0].op, not holds)
        elif opdef is (arithmetic.bit_and if holds else arithmetic.bit_or):
            yield from self._facts_of_condition(op.operands[0].op, holds)
            yield from self._facts_of_condition(op.operands[1].op, holds)
        elif opdef in RELATIONS and isinstance(op.operands[0].type, Integer):
            (x, a), (y, b) = self.term(op.operands[0]), self.term(op.operands[1])
            relation = RELATIONS[opdef] if holds else _OPPOSITE[RELATIONS[opdef]]
            yield from _facts_of_relation(relation, (x, a), (y, b))

    # --- proofs

    def proves(self, u: Value | None, v: Value | None, c: int, place: Place) -> bool:
        """Whether `u <= v + c` is certain at the place. `u` and `v` are terms."""
        if u is v:
            return c >= 0
        if highest(u) - lowest(v) <= c:
            return True
        if c >= self._proved.get((u, v), c + 1):
            return True
        if c >= self._assumed.get((u, v), c + 1):
            self._used.add((u, v))
            return True
        key = (u, v, place.block, place.at_end)
        if self._budget <= 0 or self._depth >= _MAX_DEPTH or self._failed.get(key, c - 1) >= c:
            return False
        self._budget -= 1
        self._depth += 1
        self._failed[key] = c  # also while under way: a circle proves nothing
        proved = (u is not None and self._by_upper(u, v, c, place)) or (
            v is not None and self._by_lower(u, v, c, place)
        )
        self._depth -= 1
        if proved:
            self._failed.pop(key, None)
        return proved

    def value_at_most(self, value: Value, bound: int, place: Place) -> bool:
        """Whether the value is at most the number."""
        x, a = self.term(value)
        return self.proves(x, None, bound - a, place)

    def value_at_least(self, value: Value, bound: int, place: Place) -> bool:
        """Whether the value is at least the number."""
        x, a = self.term(value)
        return self.proves(None, x, a - bound, place)

    def _by_upper(self, u: Value, v: Value | None, c: int, place: Place) -> bool:
        for bound in self._upper.get(u, ()):
            if self._holds(bound, place) and self.proves(bound.other, v, c - bound.offset, place):
                return True
        for x, y, d in place.facts:
            if x is u and self.proves(y, v, c - d, place):
                return True
        op = u.op
        if op is None:
            return self._by_edges(u, v, c, place, u)
        for value, offset in self._rule(op, True, place):
            x, a = (None, 0) if value is None else self.term(value)
            if self.proves(x, v, c - offset - a, place):
                return True
        variants = cases(op, True)
        if variants and all(self.proves(x, v, c - a, place) for x, a in map(self.term, variants)):
            return True
        return self._by_difference(op, v is None, c, True, place) or self._by_average(op, v, c, True, place)

    def _by_lower(self, u: Value | None, v: Value, c: int, place: Place) -> bool:
        for bound in self._lower.get(v, ()):
            if self._holds(bound, place) and self.proves(u, bound.other, c + bound.offset, place):
                return True
        for x, y, d in place.facts:
            if y is v and self.proves(u, x, c - d, place):
                return True
        op = v.op
        if op is None:
            return self._by_edges(u, v, c, place, v)
        for value, offset in self._rule(op, False, place):
            x, a = (None, 0) if value is None else self.term(value)
            if self.proves(u, x, c + offset + a, place):
                return True
        variants = cases(op, False)
        if variants and all(self.proves(u, x, c + a, place) for x, a in map(self.term, variants)):
            return True
        return self._by_difference(op, u is None, c, False, place) or self._by_average(op, u, c, False, place)

    def _holds(self, bound: _Bound, place: Place) -> bool:
        if bound.block is place.block:
            return bound.after is None or place.at_end or bound.after in self.passed
        return self.flow.dominates(bound.block, place.block)

    def _rule(self, op: Op, upper: bool, place: Place) -> Iterator[Term]:
        rule = RULES.get(op.opdef)
        return rule(self, op, upper, place) if rule is not None else iter(())

    def _by_edges(self, u: Value | None, v: Value | None, c: int, place: Place, param: Value) -> bool:
        """Induction for a block parameter: what all edges establish, given that it held in the round before.

        A question that comes back to itself has gone over an edge, so it is then about an earlier arrival at the
        block; of the claims that take part in a proof none can be the first to fail.
        """
        block = self._home[param]
        if block is self.flow.blocks[0] or not (self._known_at(u, block) and self._known_at(v, block)):
            return False
        key = (u, v)
        if key in self._assumed:  # for a smaller c, or it would be proved
            return False
        self._assumed[key] = c
        used_before, self._used = self._used, set()
        proved = all(self._by_edge(u, v, c, block, above, edge) for above, edge in self.flow.predecessors[block])
        del self._assumed[key]
        self._used.discard(key)
        if proved and not self._used:
            self._proved[key] = min(c, self._proved.get(key, c))
        self._used |= used_before
        return proved

    def _by_edge(self, u: Value | None, v: Value | None, c: int, block: Block, above: Block, edge: Edge) -> bool:
        (x, a), (y, b) = self._passed(u, block, edge), self._passed(v, block, edge)
        place = Place(above, True, tuple(self._facts_of_edge(above, edge)))
        return self.proves(x, y, c + b - a, place)

    def _passed(self, value: Value | None, block: Block, edge: Edge) -> Term:
        """What the edge gives to a parameter of the block; other values stay what they are."""
        if value is None or value.op is not None or self._home[value] is not block:
            return value, 0
        return self.term(edge.arguments[block.params.index(value)])

    def _known_at(self, value: Value | None, block: Block) -> bool:
        """Whether the value is a parameter of the block or defined above it."""
        if value is None:
            return True
        is_shape = value.op is not None and value.op.opdef is array.shape
        home = self._home[value.op.operands[0] if is_shape else value]  # type: ignore[union-attr]
        if home is block:
            return value.op is None
        return self.flow.dominates(home, block)

    def _by_difference(self, op: Op, with_zero: bool, c: int, upper: bool, place: Place) -> bool:
        """`x - y <= c` is `x <= y + c`, and `x - y >= -c` is `y <= x + c`."""
        if not with_zero or op.opdef is not arithmetic.sub or not op.result.type.signed:  # type: ignore[union-attr]
            return False
        first, second = op.operands
        # The exact difference must not leave the range on the side that is asked about.
        if not (self.value_at_least(first, -1, place) if upper else self.value_at_least(second, 0, place)):
            return False
        (x, a), (y, b) = self.term(first), self.term(second)
        return self.proves(x, y, c + b - a, place) if upper else self.proves(y, x, c + a - b, place)

    def _by_average(self, op: Op, other: Value | None, c: int, upper: bool, place: Place) -> bool:
        """`(x + y) // 2` lies between x and y, and is smaller than the larger one when they differ."""
        parts = halved_sum(op)
        if parts is None:
            return False
        half = parts[0].type.maximum // 2  # type: ignore[attr-defined]
        if not all(self.value_at_most(p, half, place) and self.value_at_least(p, -half, place) for p in parts):
            return False
        (x, a), (y, b) = map(self.term, parts)
        if not upper:
            return self.proves(other, x, c + a, place) and self.proves(other, y, c + b, place)
        return (self.proves(x, other, c - a, place) and self.proves(y, other, c + 1 - b, place)) or (
            self.proves(y, other, c - b, place) and self.proves(x, other, c + 1 - a, place)
        )






RELATIONS: dict[OpDef, str] = {
    compare.lt: "<", compare.le: "<=", compare.gt: ">", compare.ge: ">=", compare.eq: "==", compare.ne: "!=",
}  # fmt: skip
_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def _facts_of_relation(relation: str, left: Term, right: Term) -> Iterator[Fact]:
    (x, a), (y, b) = left, right
    if relation in ("<", "<=", "=="):
        yield x, y, b - a - (relation == "<")
    if relation in (">", ">=", "=="):
        yield y, x, a - b - (relation == ">")
    if relation == "!=":
        # Different from the lowest (highest) possible value: higher (lower) than that.
        for (u, c), (v, d) in ((left, right), (right, left)):
            if u is not None and v is None and d - c == lowest(u):
                yield None, u, c - d - 1
            if u is not None and v is None and d - c == highest(u):
                yield u, None, d - c - 1
