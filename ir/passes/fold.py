"""Constant folding and algebraic identities, all of them exact for every value, signed zeros and NaN included."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ir.arrays import broadcast_fits, broadcast_length, length_key, length_of, stride_of
from ir.builder import constant
from ir.cfg import reverse_postorder
from ir.graph import Constant, Edge, Graph, Op, Value, same_constant
from ir.interp import evaluate
from ir.opdef import Laws, LibraryCall, OpDef
from ir.ops import aggregate, arithmetic, array, compare, control, convert, memory
from ir.rewriting import keep_name, remove_unreachable, substitute, substitute_op
from ir.types import Boolean, Complex, Float, Integer, Scalar, Type, boolean


def fold(graph: Graph) -> None:
    """Replace ops whose result is known, or is one of their operands.

    Before::

        %0: int64 = add 2, 3
        %1: int64 = mul x, %0
        %2: int64 = add %1, 0
        branch true, then1(%2), else2

    After::

        %0: int64 = mul x, 5
        jump then1(%0)

    Constants are computed by the references of the records. Functions of the C library are left alone: their
    last digit depends on the machine. What is known about an op stands on its record (`Laws`), except for the
    rules below, which look at the op that made an operand.
    """
    replaced: dict[Value, Value] = {}
    branches_folded = False
    for block in reverse_postorder(graph):
        removed = False
        for position, op in enumerate(block.ops):
            if replaced:
                substitute_op(op, replaced)
            result = op.result
            if result is None:
                if op.opdef is control.branch:
                    branches_folded |= _fold_branch(op)
                elif op.opdef is array.store:
                    _on_base(op)
                continue
            known = _simplify(op)
            if known is not None:
                replaced[result] = known
                keep_name(result, known)
                block.ops[position] = None  # type: ignore[call-overload]
                removed = True
        if removed:
            block.ops = [op for op in block.ops if op is not None]
    if branches_folded:
        remove_unreachable(graph)
    substitute(graph, replaced)  # back edges pass values that were seen after them


def _simplify(op: Op) -> Value | None:
    """The value that the op's result equals, if it is known. May improve the op in place."""
    opdef = op.opdef
    rule = _RULES.get(opdef)
    if rule is not None:
        known = rule(op)
        if known is not None:
            return known
    if not opdef.pure:
        return None
    if opdef.laws is not None:
        known = _by_laws(op, opdef.laws)
        if known is not None:
            return known
    return _computed(op)


def _computed(op: Op) -> Constant | None:
    """The result of an op on constants, where it is a number that does not depend on the machine."""
    operands = op.operands
    for operand in operands:
        if operand.__class__ is not Constant:
            return None
    opdef = op.opdef
    result_type = op.result.type  # type: ignore[union-attr]
    if not operands or not isinstance(result_type, Scalar) or isinstance(opdef.lowering, LibraryCall):
        return None
    values = [operand.value for operand in operands]  # type: ignore[attr-defined]
    if opdef.domain is not None and not opdef.domain(*values):
        return None  # this path is never taken, or the tracer is wrong: not for this pass to decide
    return constant(evaluate(op, values), result_type)


def _by_laws(op: Op, laws: Laws) -> Value | None:
    operands = op.operands
    a = operands[0]
    if len(operands) == 1:
        inner = a.op
        return inner.operands[0] if laws.involution and inner is not None and inner.opdef is op.opdef else None
    b = operands[1]
    if a is b:
        if laws.idempotent:
            return a
        number = laws.on_equal.get(type(a.type))
        return None if number is None else constant(number, op.result.type)  # type: ignore[union-attr]
    if a.__class__ is Constant and op.opdef.commutative and b.__class__ is not Constant:
        operands[0], operands[1] = a, b = b, a  # constants stand on the right
    if b.__class__ is Constant:
        if _equals(b, laws.neutral.get(type(a.type))):
            return a
        if _equals(b, laws.absorbing.get(type(a.type))):
            return b
    return None


def _equals(value: Any, number: float | None) -> bool:
    """Whether a constant is the number of a law, read as two's complement for integers."""
    if number is None:
        return False
    kind = value.type
    if isinstance(kind, Integer):
        return (int(value.value) - int(number)) % (1 << kind.bits) == 0
    if isinstance(kind, Float):
        return value.value == number and math.copysign(1.0, value.value) == math.copysign(1.0, number)
    return bool(value.value) == bool(number)


def _fold_branch(op: Op) -> bool:
    """Turn a branch on a constant into a jump, and take a negation out of the condition."""
    condition = op.operands[0]
    while condition.op is not None and condition.op.opdef is arithmetic.logical_not:
        op.operands[0] = condition = condition.op.operands[0]
        op.targets = (op.targets[1], op.targets[0])
    if not isinstance(condition, Constant):
        return False
    target: Edge = op.targets[0 if condition.value else 1]
    op.opdef, op.operands, op.targets = control.jump, [], (target,)
    return True


def _select(op: Op) -> Value | None:
    condition, a, b = op.operands
    if condition.op is not None and condition.op.opdef is arithmetic.logical_not:
        op.operands[:] = condition, a, b = condition.op.operands[0], b, a
    if isinstance(condition, Constant):
        return a if condition.value else b
    if a is b or same_constant(a, b):
        return a
    if condition.type is a.type and isinstance(a, Constant) and isinstance(b, Constant) and a.value:
        return condition  # c if c else False; equal arms were excluded
    return None


def _cast(op: Op) -> Value | None:
    """A cast of a cast goes to its end directly where the type between them loses nothing that the end keeps."""
    value, to = op.operands[0], op.result.type  # type: ignore[union-attr]
    if value.type is to:
        return value
    inner = value.op
    if inner is not None and inner.opdef is convert.cast:
        source = inner.operands[0]
        if _holds(value.type, source.type) or _truncates_to(to, value.type, source.type):
            if source.type is to:
                return source
            op.operands[0] = source
    return None


def _holds(wide: Type, narrow: Type) -> bool:
    """Whether each value of `narrow` is exactly one of `wide`."""
    if isinstance(narrow, Boolean):
        return True
    if isinstance(narrow, Integer):
        if isinstance(wide, Integer):
            return wide.minimum <= narrow.minimum and narrow.maximum <= wide.maximum
        return isinstance(wide, Float) and narrow.bits - narrow.signed <= {32: 24, 64: 53}[wide.bits]
    same_kind = isinstance(narrow, (Float, Complex)) and type(wide) is type(narrow)
    return same_kind and wide.bits >= narrow.bits  # type: ignore[attr-defined]


def _truncates_to(to: Type, between: Type, source: Type) -> bool:
    """Whether all are integers and the last cast drops at least the bits that the first one drops."""
    all_integers = all(isinstance(t, Integer) for t in (to, between, source))
    return all_integers and between.bits >= to.bits  # type: ignore[attr-defined]


def _bitcast(op: Op) -> Value | None:
    inner = op.operands[0].op
    back = inner is not None and inner.opdef is convert.bitcast and inner.operands[0].type is op.result.type
    return inner.operands[0] if back else None


def _part_of(maker: OpDef, index: Callable[[Op], int]) -> Callable[[Op], Value | None]:
    """A rule for ops that take out what `maker` put in."""

    def rule(op: Op) -> Value | None:
        inner = op.operands[0].op
        return inner.operands[index(op)] if inner is not None and inner.opdef is maker else None

    return rule


def _has_value(op: Op) -> Value | None:
    inner = op.operands[0].op
    if inner is None or inner.opdef not in (aggregate.optional_some, aggregate.optional_nothing):
        return None
    return constant(inner.opdef is aggregate.optional_some, boolean)


def _dimension(op: Op) -> Value | None:
    """The length or stride that a new array or a view was made with, else ask the array that a view was made from."""
    found = (length_of if op.opdef is array.shape else stride_of)(op.operands[0], op.attributes["axis"])
    if isinstance(found, Value):
        return found
    if found[0] is not op.operands[0]:
        op.operands[0] = found[0]
        op.attributes = {**op.attributes, "axis": found[1]}
    return None


def _broadcast(op: Op) -> None:
    """A shape that is known needs no check."""
    lengths = [broadcast_length(op, axis) for axis in range(len(op.result.type))]  # type: ignore[union-attr, arg-type]
    if None not in lengths and broadcast_fits(op):
        op.opdef, op.operands, op.attributes = aggregate.tuple_make, lengths, {"to": op.result.type}  # type: ignore[assignment, union-attr]


def _stretch(op: Op) -> Value | None:
    """An array that is known to have the lengths is not stretched."""
    source = op.operands[0]
    keys = (length_key(length_of(source, axis)) for axis in range(source.type.ndim))  # type: ignore[attr-defined]
    return source if all(key == length_key(length) for key, length in zip(keys, op.operands[1:])) else None


def _item(op: Op) -> Value | None:
    inner = op.operands[0].op
    if inner is not None and inner.opdef is memory.broadcast:
        return broadcast_length(inner, op.attributes["index"])
    return inner.operands[op.attributes["index"]] if inner is not None and inner.opdef is aggregate.tuple_make else None


def _on_base(op: Op) -> None:
    """Load from and store to the array that a view was made from: a[i][j] is a[i, j]."""
    while (inner := op.operands[0].op) is not None:
        if inner.opdef is array.subarray:
            op.operands[:1] = inner.operands
        elif inner.opdef is array.transpose and op.opdef is not array.subarray:
            ndim = inner.result.type.ndim  # type: ignore[union-attr]
            op.operands[: ndim + 1] = [inner.operands[0], *reversed(op.operands[1 : ndim + 1])]
        elif inner.opdef is array.relax and op.opdef is not array.subarray:
            op.operands[0] = inner.operands[0]
        else:
            return


def _check_index(op: Op) -> Value | None:
    index, length = op.operands
    if not isinstance(index, Constant) or not isinstance(length, Constant):
        return None
    lowest = 0 if op.attributes.get("nonnegative") else -length.value
    if not lowest <= index.value < length.value:
        return None
    return constant(evaluate(op, (index.value, length.value)), index.type)


_RULES: dict[OpDef, Callable[[Op], Value | None]] = {
    compare.select: _select,
    convert.cast: _cast,
    convert.bitcast: _bitcast,
    aggregate.tuple_item: _item,
    aggregate.complex_real: _part_of(aggregate.complex_make, lambda op: 0),
    aggregate.complex_imag: _part_of(aggregate.complex_make, lambda op: 1),
    aggregate.optional_value: _part_of(aggregate.optional_some, lambda op: 0),
    aggregate.optional_has: _has_value,
    array.shape: _dimension,
    array.stride: _dimension,
    memory.broadcast: _broadcast,
    memory.stretch: _stretch,
    array.load: _on_base,
    array.subarray: _on_base,
    array.check_index: _check_index,
}
