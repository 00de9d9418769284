"""Ops that end a block or leave the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ir.opdef import Custom, Effect, OpDef, expect, register
from ir.types import Boolean, Type


def _anything(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    return None


def _branch_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    expect(len(operands) == 1 and isinstance(operands[0], Boolean), "takes one condition")


def _return_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    expect(len(operands) == 1, "returns one value")


jump = register(
    OpDef(
        "jump",
        "go on in another block; `rare` marks the end of a loop that hardly ever runs, not worth code of its own; `parallel` is "
        "the number of the memory accesses of which the rounds of the loop do not depend on each other; -1: they never do",
        _anything, Effect.TERMINATES, attributes=("rare", "parallel"), lowering=Custom("jump"),
    )
)  # fmt: skip
branch = register(
    OpDef("branch", "go on in the first target if the condition holds, else in the second", _branch_rule, Effect.TERMINATES,
          lowering=Custom("branch"))
)  # fmt: skip
return_ = register(OpDef("return", "end the graph with a result", _return_rule, Effect.TERMINATES, lowering=Custom("return")))
unreachable = register(
    OpDef("unreachable", "control never comes here", _anything, Effect.TERMINATES, lowering=Custom("unreachable"))
)
raise_ = register(
    OpDef(
        "raise",
        "leave with the exception that `exception` describes (an `ir.graph.ExceptionTemplate`); the operands fill its "
        "placeholders",
        _anything, Effect.TERMINATES | Effect.RAISES, attributes=("exception",), lowering=Custom("raise"),
    )
)  # fmt: skip


def _call_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    callee = attributes["callee"]
    expected = tuple(p.type for p in callee.params)
    expect(tuple(operands) == expected, f"{callee.name} takes ({', '.join(map(str, expected))})")
    expect(callee.result_type is not None, f"{callee.name} has no result type yet")
    return callee.result_type


call = register(
    OpDef(
        "call", "the result of another graph; its effects are those of the callee, assumed to be all",
        _call_rule, Effect.READS | Effect.WRITES | Effect.RAISES | Effect.PYTHON | Effect.ALLOCATES, attributes=("callee",),
        lowering=Custom("call"),
    )
)  # fmt: skip


def _poll_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    expect(not operands, "takes nothing")


poll = register(
    OpDef(
        "poll",
        "handle the signals that have come, if any: Python's handlers run, and an exception that one raises leaves the graph. What "
        "they do to arrays need not be seen here",
        _poll_rule, Effect.RAISES | Effect.PYTHON, lowering=Custom("poll"), reference=lambda attributes: None,
    )
)  # fmt: skip
