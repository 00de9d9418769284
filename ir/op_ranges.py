"""What each op says about the range of its result: the knowledge that `ir.inequalities` reasons with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ir.graph import Constant, Op, Value
from ir.opdef import OpDef
from ir.ops import arithmetic, array, compare
from ir.types import Array, Integer

_ADDRESS_BITS = 62  # no machine has more memory than 2**62 bytes in one array

Term = tuple["Value | None", int]  # a value plus a constant; None stands for zero


class Questions(Protocol):
    """What a rule may ask about the operands of its op."""

    def value_at_most(self, value: Value, bound: int, place: Any) -> bool: ...

    def value_at_least(self, value: Value, bound: int, place: Any) -> bool: ...


def keeps_value(cast: Op) -> bool:
    """Whether a cast gives each of its operand's possible values back as the same integer."""
    source, to = cast.operands[0].type, cast.attributes["to"]
    if not isinstance(source, Integer) or not isinstance(to, Integer):
        return False
    return to.minimum <= source.minimum and source.maximum <= to.maximum


def highest(value: Value | None) -> int:
    """A number that the value never exceeds, from its type and the op that made it alone."""
    if value is None:
        return 0
    if value.op is not None and value.op.opdef is array.shape:
        return _longest_axis(value.op.operands[0].type)  # type: ignore[arg-type]
    return value.type.maximum  # type: ignore[attr-defined]


def lowest(value: Value | None) -> int:
    """A number that the value is never below, from its type and the op that made it alone."""
    if value is None or (value.op is not None and value.op.opdef in (array.shape, array.check_index)):
        return 0
    return value.type.minimum  # type: ignore[attr-defined]


def _longest_axis(kind: Array) -> int:
    """NumPy lets no array have more than 2**63 - 1 bytes; where each item has its own memory, no machine can."""
    own_memory = kind.ndim == 1 and kind.layout != "A"
    size = 1 << _ADDRESS_BITS if own_memory else (1 << 63) - 1
    return size // (kind.dtype.bits // 8 or 1)


def halved_sum(op: Op) -> list[Value] | None:
    """x and y if the op is `(x + y) // 2` or `(x + y) >> 1`."""
    if op.opdef not in (arithmetic.floordiv, arithmetic.shr):
        return None
    total, by = op.operands
    wanted = 2 if op.opdef is arithmetic.floordiv else 1
    if not isinstance(by, Constant) or by.value != wanted or total.op is None or total.op.opdef is not arithmetic.add:
        return None
    return total.op.operands


def cases(op: Op, upper: bool) -> list[Value]:
    """The values of which the result is one, so that a bound of all of them is one of the result."""
    if op.opdef is compare.select:
        return op.operands[1:]
    return op.operands if op.opdef is (arithmetic.maximum if upper else arithmetic.minimum) else []


# What bounds the result of an op: each rule yields (value, offset), so that the result is at most (for an upper
# bound) or at least (for a lower one) that value plus the offset. None as value stands for zero.


def _sum_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    x, y = op.operands
    kind = op.result.type  # type: ignore[union-attr]
    is_add = op.opdef is arithmetic.add
    if is_add and isinstance(x, Constant):
        x, y = y, x
    if isinstance(y, Constant):
        k = int(y.value) if is_add else -int(y.value)
        # A sum that wraps upwards comes out lower than the exact one: that breaks lower bounds only.
        if k >= 0:
            exact = upper or known.value_at_most(x, kind.maximum - k, place)
        else:
            exact = not upper or known.value_at_least(x, kind.minimum - k, place)
        if exact:
            yield x, k
    elif is_add:
        for one, other in ((x, y), (y, x)):
            if _pushes(known, other, not upper, place) and _pushable(known, (one, other), not upper, place):
                yield one, 0
    elif upper and kind.signed and known.value_at_least(y, 0, place) and known.value_at_least(x, -1, place):
        yield x, 0  # x - y >= -1 - maximum, so it does not wrap


def _pushes(known: Questions, value: Value, upwards: bool, place: Any) -> bool:
    """Whether adding the value never goes the other way."""
    return known.value_at_least(value, 0, place) if upwards else known.value_at_most(value, 0, place)


def _pushable(known: Questions, values: tuple[Value, Value], upwards: bool, place: Any) -> bool:
    """Whether the sum of the two does not wrap in that direction."""
    kind = values[0].type
    if upwards:
        return all(known.value_at_most(v, kind.maximum // 2, place) for v in values)  # type: ignore[attr-defined]
    return all(known.value_at_least(v, kind.minimum // 2, place) for v in values)  # type: ignore[attr-defined]


def _product_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    x, y = op.operands
    if isinstance(x, Constant):
        x, y = y, x
    if upper or not (known.value_at_least(x, 0, place) and known.value_at_least(y, 0, place)):
        return
    most = op.result.type.maximum  # type: ignore[union-attr]
    if isinstance(y, Constant):
        if y.value >= 1 and known.value_at_most(x, most // int(y.value), place):
            yield x, 0
    else:
        root = math.isqrt(most)
        if known.value_at_most(x, root, place) and known.value_at_most(y, root, place):
            yield None, 0


def _remainder_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    x, m = op.operands
    if known.value_at_least(m, 1, place):
        if not upper:
            yield None, 0
            return
        yield m, -1
        if known.value_at_least(x, 0, place):
            yield x, 0


def _quotient_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    """Division by a positive number, and shifts to the right, bring what is not negative nearer to zero."""
    x, y = op.operands
    if known.value_at_least(y, 0, place) and known.value_at_least(x, 0, place):
        if op.opdef is arithmetic.shr or known.value_at_least(y, 1, place):
            yield (x, 0) if upper else (None, 0)


def _mask_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    for mask in op.operands:
        if known.value_at_least(mask, 0, place):
            yield (mask, 0) if upper else (None, 0)


def _extremum_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    if upper is (op.opdef is arithmetic.minimum):
        for operand in op.operands:
            yield operand, 0


def _check_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    index, length = op.operands
    if not upper:
        yield index, 0  # where it is negative, the result is not
        return
    yield length, -1
    if op.attributes.get("nonnegative") or known.value_at_least(index, 0, place):
        yield index, 0


def _wrap_rule(known: Questions, op: Op, upper: bool, place: Any) -> Iterator[Term]:
    if op.attributes.get("nonnegative") or known.value_at_least(op.operands[0], 0, place):
        yield op.operands[0], 0


RULES: dict[OpDef, Callable[[Questions, Op, bool, Any], Iterator[Term]]] = {
    arithmetic.add: _sum_rule,
    arithmetic.sub: _sum_rule,
    arithmetic.mul: _product_rule,
    arithmetic.mod: _remainder_rule,
    arithmetic.floordiv: _quotient_rule,
    arithmetic.shr: _quotient_rule,
    arithmetic.bit_and: _mask_rule,
    arithmetic.minimum: _extremum_rule,
    arithmetic.maximum: _extremum_rule,
    array.check_index: _check_rule,
    array.wrap_index: _wrap_rule,
}
