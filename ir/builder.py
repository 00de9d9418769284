"""Appends ops to blocks, with result types from the ops' own type rules."""

from __future__ import annotations

from typing import Any

from ir.errors import IRTypeError
from ir.graph import Block, Constant, Edge, ExceptionTemplate, Graph, Op, Value
from ir.opdef import OpDef
from ir.ops import control
from ir.span import Span
from ir.types import Scalar, Type, class_of


class Builder:
    """Appends to `block`, the current block; `span` is recorded on every op made."""

    __slots__ = ("graph", "block", "span")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.block: Block | None = graph.blocks[0] if graph.blocks else None
        self.span: Span | None = graph.span

    def emit(self, opdef: OpDef, *operands: Value, **attributes: Any) -> Value | None:
        """Append an op and return its result (None for ops without one)."""
        try:
            result_type = opdef.type_rule([v.type for v in operands], attributes)
        except IRTypeError as error:
            raise IRTypeError(f"{opdef.name}: {error}") from None
        op = Op(opdef, list(operands), attributes, None, self.span)
        if result_type is not None:
            op.result = Value(result_type, None, op)
        self.block.ops.append(op)
        return op.result

    def new_block(self, label: str, param_types: tuple[Type, ...] = ()) -> Block:
        """A block that is not yet part of the graph (`start` puts it there), with parameters of these types."""
        return Block(label, [Value(t) for t in param_types])

    def start(self, block: Block) -> None:
        """Put the block at the end of the graph and append to it from now on."""
        self.graph.blocks.append(block)
        self.block = block

    def jump(self, block: Block, *arguments: Value, **attributes: Any) -> None:
        self._end(control.jump, [], Edge(block, list(arguments)), **attributes)

    def branch(self, condition: Value, then: Edge, otherwise: Edge) -> None:
        self._end(control.branch, [condition], then, otherwise)

    def return_(self, value: Value) -> None:
        self._end(control.return_, [value])

    def unreachable(self) -> None:
        self._end(control.unreachable, [])

    def raise_(self, exception: ExceptionTemplate, *operands: Value) -> None:
        op = Op(control.raise_, list(operands), {"exception": exception}, None, self.span)
        self.block.ops.append(op)
        self.block = None

    def _end(self, opdef: OpDef, operands: list[Value], *targets: Edge, **attributes: Any) -> None:
        self.block.ops.append(Op(opdef, operands, attributes, None, self.span, targets))
        self.block = None


def constant(value: Any, type: Type) -> Constant:
    """A constant of the type; numbers are converted to the class of the type, so that 1 of float64 is 1.0."""
    if isinstance(type, Scalar) and value.__class__ is not class_of(type):
        value = class_of(type)(value)
    return Constant(type, value=value)
