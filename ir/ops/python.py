"""Ops that run the interpreter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ir.opdef import Custom, Effect, OpDef, register
from ir.types import Type


def _rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    return None


def _call(attributes: dict[str, Any], *operands: Any) -> None:
    attributes["function"](*operands)


python_call = register(
    OpDef(
        "python_call",
        "call the Python object `function` with the operands boxed, under the interpreter's lock, for its side effects",
        _rule, Effect.READS | Effect.WRITES | Effect.RAISES | Effect.PYTHON, attributes=("function",), reference=_call,
        lowering=Custom("python_call"),
    )
)  # fmt: skip
