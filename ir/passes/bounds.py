"""Bounds-check elimination, and the comparisons that the ranges of integers decide."""

from __future__ import annotations

import math

from ir.builder import constant
from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Graph, Op, Value
from ir.inequalities import RELATIONS, Inequalities
from ir.ops import arithmetic, array
from ir.rewriting import substitute, substitute_op
from ir.types import Integer, int64


def eliminate_bounds_checks(graph: Graph) -> None:
    """Remove the index checks that can be proved to pass, and the wrap-around of indices that are not negative.

    Before::

        entry0:
          %0: int64 = shape a {axis=0}
          jump loop1(0)
        loop1(i: int64):
          %1: bool = lt i, %0
          branch %1, body2, exit3
        body2:
          %2: int64 = check_index i, %0 {axis=0}
          %3: np.float64 = load a, %2

    After::

        body2:
          %2: np.float64 = load a, i

    A check of which only `index >= 0` is proved stays, with `nonnegative` set. One that is proved to pass but for
    an index that may be negative becomes `wrap_index`, which does not raise. A comparison with a constant whose
    result the ranges decide is replaced by that result, and so is the question whether a result overflows.
    """
    if not any(op.opdef in _CHECKS or op.opdef in _OVERFLOWS or _compares_with_constant(op) for op in graph.ops()):
        return
    flow = ControlFlow(graph)
    known = Inequalities(flow)
    replaced: dict[Value, Value] = {}
    for block in flow.blocks:
        removed = False
        known.passed.clear()
        for position, op in enumerate(block.ops):
            if replaced:
                substitute_op(op, replaced)
            if op.opdef in _CHECKS:
                known_result = _index_if_in_range(op, known, block)
                known.passed.add(op)
            elif op.opdef in _OVERFLOWS:
                known_result = constant(False, op.result.type) if _fits(op, known, block) else None
            elif _compares_with_constant(op):
                known_result = _decided(op, known, block)
            else:
                continue
            if known_result is not None:
                replaced[op.result] = known_result  # type: ignore[index]
                block.ops[position] = None  # type: ignore[call-overload]
                removed = True
        if removed:
            block.ops = [op for op in block.ops if op is not None]
    substitute(graph, replaced)


_CHECKS = (array.check_index, array.wrap_index)
_OVERFLOWS = (arithmetic.add_overflows, arithmetic.sub_overflows, arithmetic.mul_overflows)


def _compares_with_constant(op: Op) -> bool:
    """Loop conditions mostly compare variables, and are never decided: trying would take time for nothing."""
    if op.opdef not in RELATIONS:
        return False
    a, b = op.operands
    return (isinstance(b, Constant) or isinstance(a, Constant)) and isinstance(a.type, Integer)


def _fits(op: Op, known: Inequalities, block: Block) -> bool:
    """Whether a sum, a difference or a product certainly fits its type: by the ranges of both operands, each within the
    half of the bits that always fits, or by that of one where the other is a constant."""
    a, b = op.operands
    kind: Integer = a.type  # type: ignore[assignment]
    if isinstance(a, Constant) and op.opdef.commutative:
        a, b = b, a
    is_product = op.opdef is arithmetic.mul_overflows
    if not isinstance(b, Constant):
        half = math.isqrt(kind.maximum) if is_product else kind.maximum // 2
        lowest = max(kind.minimum, -half)
        return kind.signed and all(_between(v, lowest, half, known, block) for v in (a, b))
    number = int(b.value)
    if is_product:
        most = kind.maximum // max(1, abs(number))
        return kind.signed and _between(a, -most, most, known, block)
    change = -number if op.opdef is arithmetic.sub_overflows else number
    return _between(a, kind.minimum - min(change, 0), kind.maximum - max(change, 0), known, block)


def _between(value: Value, low: int, high: int, known: Inequalities, block: Block) -> bool:
    return known.at_least(value, low, block) and known.less_equal(value, constant(high, value.type), 0, block)


def _decided(op: Op, known: Inequalities, block: Block) -> Value | None:
    decision = known.decide(op, block)
    return None if decision is None else constant(decision, op.result.type)  # type: ignore[union-attr]


def _index_if_in_range(op: Op, known: Inequalities, block: Block) -> Value | None:
    """The index, if it needs no check; otherwise the op is weakened in place as far as proofs go."""
    index, length = op.operands
    nonnegative = op.attributes.get("nonnegative") or known.at_least(index, 0, block)
    if op.opdef is array.wrap_index:
        return index if nonnegative else None
    below = known.less_equal(index, length, -1, block)
    if nonnegative and below:
        return index
    if nonnegative:
        op.attributes = {**op.attributes, "nonnegative": True}
    elif below and _wraps_once(index, length, known, block):
        op.opdef = array.wrap_index
    return None


def _wraps_once(index: Value, length: Value, known: Inequalities, block: Block) -> bool:
    """Whether `-length <= index`, which is tried for an index that a constant was taken from, as in a[i - 1]."""
    lowest = index.value if isinstance(index, Constant) else _subtracted(index)
    if lowest is None or lowest >= 0:
        return False
    return known.at_least(index, lowest, block) and known.less_equal(constant(-lowest, int64), length, 0, block)


def _subtracted(index: Value) -> int | None:
    op = index.op
    if op is None or op.opdef not in (arithmetic.add, arithmetic.sub) or not isinstance(op.operands[1], Constant):
        return None
    number = op.operands[1].value
    return number if op.opdef is arithmetic.add else -number
