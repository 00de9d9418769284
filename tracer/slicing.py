"""Where a slice begins on an axis and how many items it has.

Bounds that are known make short expressions: `1:-1` of an axis of length n has `max(n - 2, 0)` items, which is found to be the
same number wherever it comes up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ir import types
from ir.builder import constant
from ir.graph import Constant, Value
from ir.opdef import OpDef
from ir.ops import arithmetic, compare
from ir.types import slice_parts
from tracer.conversions import to_int64
from tracer.library.slices import slice_extent
from tracer.tracing import Tracer

_LARGEST = types.int64.maximum


def extent(t: Tracer, part: slice, length: Value) -> tuple[Any, Any, Any]:
    """The first index, the number of items and the step of a slice of an axis, as `slice.indices` has them.

    All are ints where they are known. The first index may be out of range where there are no items.
    A step of 0 raises ValueError at run time.
    """
    for place, bound in enumerate(slice_parts(part)):
        if isinstance(bound, Value) and isinstance(bound.type, types.Optional):
            return _extent_of_optional(t, part, place, length)
    start, stop, step = (_bound(t, x) for x in slice_parts(part))
    step = 1 if step is None else step
    n = t.known(length)
    if isinstance(step, Value) or step == 0:
        first, count = t.call(slice_extent, (start, stop, step, length), {})
        return first, count, step
    first, distance = (_forward if step > 0 else _backward)(t, start, stop, n)
    if abs(step) != 1:  # (distance - 1) // step + 1 cannot overflow
        distance = _add(t, _operate(t, arithmetic.floordiv, _sub(t, distance, 1), abs(step)), 1)
    return first, distance, step


def _extent_of_optional(t: Tracer, part: slice, place: int, length: Value) -> tuple[Any, Any, Any]:
    """The extent of a slice whose start (0), stop (1) or step (2) may be None."""
    parts = list(slice_parts(part))
    bound = parts[place]

    def with_part(found: Any) -> tuple[Any, Any, Any]:
        parts[place] = found
        return extent(t, slice(*parts), length)

    return t.conditional(t.has_value(bound), lambda: with_part(t.explode(t.optional_value(bound))), lambda: with_part(None))


def _bound(t: Tracer, bound: Any) -> Any:
    """A bound or step as an int or an int64 Value; ints beyond int64 are as good as its limits."""
    if bound is None:
        return None
    if isinstance(bound, Value) and bound.type is types.uint64:
        bound = t.emit(arithmetic.minimum, bound, constant(_LARGEST, types.uint64))
    number = to_int64(t, bound, "slice")
    return number if isinstance(number, Value) else max(-_LARGEST, min(number, _LARGEST))


def _forward(t: Tracer, start: Any, stop: Any, n: Any) -> tuple[Any, Any]:
    start = 0 if start is None else start
    if isinstance(start, Value) or start < 0:
        return _forward_from(t, start, stop, n)
    if stop is None:
        return start, _less(t, n, start)
    if isinstance(stop, Value):
        end = _clamped(t, stop, n, 0, n)
        return start, end if start == 0 else _not_negative(t, _sub(t, end, start))
    if stop < 0:
        return start, _less(t, n, min(start - stop, _LARGEST))
    if stop <= start:
        return start, 0
    end = _least(t, n, stop)
    return start, end if start == 0 else _not_negative(t, _sub(t, end, start))


def _forward_from(t: Tracer, start: Any, stop: Any, n: Any) -> tuple[Any, Any]:
    """From a bound that is counted from the end, or not known."""
    first = _clamped(t, start, n, 0, n)
    counted = not isinstance(start, Value)
    if stop is None:
        return first, _least(t, n, -start) if counted else _sub(t, n, first)
    if counted and not isinstance(stop, Value) and stop < 0:
        return first, 0 if stop <= start else _sub(t, _less(t, n, -stop), first)
    return first, _not_negative(t, _sub(t, _clamped(t, stop, n, 0, n), first))


def _backward(t: Tracer, start: Any, stop: Any, n: Any) -> tuple[Any, Any]:
    last = _sub(t, n, 1)
    first = last if start is None else _clamped(t, start, n, -1, last)
    if stop is None:
        return first, n if start is None else _add(t, first, 1)
    if start is None and not isinstance(stop, Value) and stop >= 0:
        return first, _less(t, n, min(stop + 1, _LARGEST))
    return first, _not_negative(t, _sub(t, first, _clamped(t, stop, n, -1, last)))


def _clamped(t: Tracer, bound: Any, n: Any, low: int, high: Any) -> Any:
    """A bound counted from the end if it is negative, moved into low..high. Without branches."""
    if not isinstance(bound, Value):
        if bound >= 0:
            return _least(t, high, bound)
        counted = _add(t, n, bound)
        return _not_negative(t, counted) if low == 0 else _operate(t, arithmetic.maximum, counted, low)
    negative = t.emit(compare.lt, bound, constant(0, types.int64))
    counted = t.emit(compare.select, negative, _add(t, bound, n), bound)
    return _least(t, high, _operate(t, arithmetic.maximum, counted, low))


def _less(t: Tracer, n: Any, count: int) -> Any:
    """`max(n - count, 0)` for a length n. Taking away more from such a number takes all away from the first one."""
    if count == 0:
        return n
    while isinstance(n, Value) and (inner := _taken_away(n)) is not None and inner[1] + count <= _LARGEST:
        n, count = inner[0], inner[1] + count
    return _not_negative(t, _sub(t, n, count))


def _taken_away(n: Value) -> tuple[Value, int] | None:
    """The length m and the count of `max(m - count, 0)`, if the value is one."""
    op = n.op
    if op is None or op.opdef is not arithmetic.maximum or _number(op.operands[1]) != 0:
        return None
    inner = op.operands[0].op
    if inner is None or inner.opdef is not arithmetic.sub or _number(inner.operands[1]) is None:
        return None
    return inner.operands[0], _number(inner.operands[1])


def _number(value: Value) -> Any:
    return value.value if isinstance(value, Constant) else None


def _operate(t: Tracer, opdef: OpDef, a: Any, b: Any) -> Any:
    """An operation on int64, done at once on ints."""
    if not isinstance(a, Value) and not isinstance(b, Value):
        return _ON_INTS[opdef](a, b)
    return t.emit(opdef, t.lift(a), t.lift(b))


_ON_INTS: dict[OpDef, Callable[[int, int], int]] = {
    arithmetic.add: int.__add__, arithmetic.sub: int.__sub__, arithmetic.floordiv: int.__floordiv__, arithmetic.mul: int.__mul__,
    arithmetic.minimum: min, arithmetic.maximum: max,
}  # fmt: skip


def _add(t: Tracer, a: Any, b: Any) -> Any:
    return _operate(t, arithmetic.add, a, b)


def _sub(t: Tracer, a: Any, b: Any) -> Any:
    return a if not isinstance(b, Value) and b == 0 else _operate(t, arithmetic.sub, a, b)


def _least(t: Tracer, a: Any, b: Any) -> Any:
    return _operate(t, arithmetic.minimum, a, b)


def _not_negative(t: Tracer, a: Any) -> Any:
    return _operate(t, arithmetic.maximum, a, 0)
