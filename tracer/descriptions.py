"""How errors name operands: their source text, or the variable, and the type."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from ir.graph import Constant, Value
from tracer.typeof import typeof
from tracer.values import Closure, Range, Sequence, SliceParts, Text, is_symbolic


def describe_operands(nodes: list[ast.AST], bindings: Iterable[Any]) -> tuple[tuple[str, Any], ...]:
    """For an error: the source text of each operand, or its name, with its type."""
    bindings = tuple(bindings)
    texts = [ast.unparse(n) for n in nodes] if len(nodes) == len(bindings) else [""] * len(bindings)
    return tuple((text or _operand_name(b), describe_binding(b)) for text, b in zip(texts, bindings))


def line_of(binding: Any) -> int | None:
    """The line of the op that made a value."""
    parts = binding if isinstance(binding, tuple) else (binding,)
    spans = [part.op.span for part in parts if isinstance(part, Value) and part.op is not None and part.op.span]
    return spans[-1].line if spans else None


def operand_nodes(node: ast.AST | None) -> list[ast.AST]:
    for kind, fields in _OPERAND_FIELDS.items():
        if isinstance(node, kind):
            parts = [getattr(node, field) for field in fields]
            return [n for part in parts for n in (part if isinstance(part, list) else [part])]
    return []


_OPERAND_FIELDS = {
    ast.BinOp: ("left", "right"), ast.UnaryOp: ("operand",), ast.Compare: ("left", "comparators"), ast.Call: ("args",),
    ast.Attribute: ("value",), ast.Subscript: ("value", "slice"), ast.AugAssign: ("target", "value"), ast.For: ("iter",),
    ast.If: ("test",), ast.While: ("test",), ast.IfExp: ("test",), ast.Return: ("value",),
}  # fmt: skip


def _operand_name(binding: Any) -> str:
    if isinstance(binding, Value) and not isinstance(binding, Constant):
        return binding.name or "value"
    if is_symbolic(binding):
        return "value"
    return repr(binding.value if isinstance(binding, Constant) else binding)


def describe_binding(binding: Any) -> str:
    """The type of a binding as an error shows it."""
    if isinstance(binding, Value):
        return str(binding.type)
    if isinstance(binding, SliceParts):
        return f"slice({', '.join(str(part.type if isinstance(part, Value) else typeof(part)) for part in binding)})"
    if isinstance(binding, tuple):
        return f"({', '.join(map(describe_binding, binding))}{',' * (len(binding) == 1)})"
    if isinstance(binding, Text):
        return "a string known only at run time"
    if isinstance(binding, (Range, Sequence)):
        return getattr(binding, "origin", "") or "range"
    if isinstance(binding, Closure):
        return "a function"
    return f"{type(binding).__name__}, known while tracing"
