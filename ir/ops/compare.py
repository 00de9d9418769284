"""Comparisons and selection."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from ir.opdef import Custom, Laws, OpDef, Opcode, expect, register, same_types
from ir.types import Boolean, Float, Integer, Type, boolean, float32, float64, int8, int64, np_bool, np_float64, uint64


def _rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    common = same_types(operands, 2, (Integer, Float, Boolean))
    return boolean if common.weak else np_bool


def _compare(name: str, sign: str, function: Callable[[Any, Any], Any], lowering: Opcode) -> OpDef:
    samples = tuple((t, t) for t in (int8, int64, uint64, float32, float64, np_float64, boolean, np_bool))
    # A NaN differs from itself, so for floats only the orders that exclude equality are known.
    kinds = (Integer, Boolean) if function(0, 0) or name == "ne" else (Integer, Boolean, Float)
    return register(
        OpDef(
            name, f"a {sign} b; False where a NaN takes part, but True for !=", _rule, lowering=lowering,
            reference=lambda attributes, a, b: function(a, b), samples=samples, commutative=name in ("eq", "ne"),
            laws=Laws(on_equal=dict.fromkeys(kinds, function(0, 0))),
        )
    )  # fmt: skip


eq = _compare("eq", "==", operator.eq, Opcode("icmp eq", "icmp eq", "fcmp oeq"))
ne = _compare("ne", "!=", operator.ne, Opcode("icmp ne", "icmp ne", "fcmp une"))
lt = _compare("lt", "<", operator.lt, Opcode("icmp slt", "icmp ult", "fcmp olt"))
le = _compare("le", "<=", operator.le, Opcode("icmp sle", "icmp ule", "fcmp ole"))
gt = _compare("gt", ">", operator.gt, Opcode("icmp sgt", "icmp ugt", "fcmp ogt"))
ge = _compare("ge", ">=", operator.ge, Opcode("icmp sge", "icmp uge", "fcmp oge"))


def _select_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(len(operands) == 3 and isinstance(operands[0], Boolean), "takes a condition and two values")
    return same_types(operands[1:], 2, Type)


select = register(
    OpDef(
        "select", "a if condition else b; both are evaluated", _select_rule, lowering=Custom("select"),
        reference=lambda attributes, condition, a, b: a if condition else b,
        samples=((boolean, int64, int64), (boolean, float64, float64)),
    )
)  # fmt: skip
