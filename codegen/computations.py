"""Graphs that only compute: calls of them need not keep a loop from being vectorized."""

from __future__ import annotations

from codegen import abi
from ir.cfg import ControlFlow
from ir.graph import Constant, Graph, Op
from ir.opdef import Effect
from ir.types import Float, Integer

LANE_BITS = {"double": 64, "float": 32, "i32": 32, "i64": 64}  # of the components that they take and give


def is_computation(callee: Graph) -> bool:
    """Whether all that a graph does is to compute one number from numbers, in finite time."""
    types = (callee.result_type, *(p.type for p in callee.params))
    if not all(isinstance(type, (Float, Integer)) and abi.components(type)[0] in LANE_BITS for type in types):
        return False
    recursive = callee in callee.callees()
    return not recursive and _only_computes(callee) and not ControlFlow(callee).loops()


def _only_computes(graph: Graph) -> bool:
    """Whether no op does anything else. Frozen arrays may be read: they do not change."""
    return bool(graph.params) and all(_is_pure(op) for op in graph.ops())


def _is_pure(op: Op) -> bool:
    callee = op.attributes.get("callee")
    if callee is not None:
        return is_computation(callee)
    reads_constant = op.effects is Effect.READS and isinstance(op.operands[0], Constant)
    return op.opdef.pure or op.effects is Effect.TERMINATES or reads_constant
