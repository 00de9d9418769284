"""The SSA graph: values, ops, blocks with arguments, edges, graphs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import attrs

from ir.opdef import Effect, OpDef
from ir.span import Span
from ir.types import Array, Complex, Float, Type


@attrs.define(eq=False, repr=False, slots=True)
class Value:
    """An SSA value: the result of an op or the parameter of a block. `name` is the variable it was first bound to."""

    type: Type
    name: str | None = None
    op: Op | None = None  # the op that makes it; None for block parameters


@attrs.define(eq=False, repr=False, slots=True)
class Constant(Value):
    """A value known while tracing. It belongs to no block. Equality is identity; compare with `same_constant`."""

    value: Any = None

    def __repr__(self) -> str:
        return f"Constant({self.value!r}: {self.type})"


def constant_key(constant: Constant) -> tuple:
    """Hashable, and equal for constants of the same type and value; tells the signs of zeros and NaNs apart."""
    value = constant.value
    if isinstance(constant.type, Array):
        return constant.type, id(value)  # arrays change: only one and the same is the same
    if not isinstance(constant.type, (Float, Complex)):
        return constant.type, value
    parts = (value.real, value.imag)
    return constant.type, *((x if x == x else None, math.copysign(1.0, x)) for x in parts)


def same_constant(a: Value, b: Value) -> bool:
    """Whether both are constants, of the same type and value."""
    return isinstance(a, Constant) and isinstance(b, Constant) and constant_key(a) == constant_key(b)


@attrs.define(eq=False, repr=False, slots=True)
class Edge:
    """A jump to a block with a value for each of its parameters."""

    block: Block
    arguments: list[Value] = attrs.Factory(list)


@attrs.define(eq=False, repr=False, slots=True)
class Op:
    """One operation. `targets` is filled for jumps and branches only."""

    opdef: OpDef
    operands: list[Value]
    attributes: dict[str, Any]
    result: Value | None
    span: Span | None
    targets: tuple[Edge, ...] = ()

    @property
    def name(self) -> str:
        return self.opdef.name

    @property
    def effects(self) -> Effect:
        return self.opdef.effects


@attrs.define(eq=False, repr=False, slots=True)
class Block:
    """A straight run of ops; the last one is a terminator. `label` says what it is for (`loop`, `then`, ...)."""

    label: str
    params: list[Value] = attrs.Factory(list)
    ops: list[Op] = attrs.Factory(list)

    @property
    def terminator(self) -> Op | None:
        """The op that ends the block, or None while it is being built."""
        return self.ops[-1] if self.ops and self.ops[-1].opdef.terminator else None

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges that leave the block."""
        return self.ops[-1].targets if self.ops else ()

    def __repr__(self) -> str:
        return f"<block {self.label}>"


@attrs.frozen(eq=False, repr=False)
class Placeholder:
    """Stands in an ExceptionTemplate for the operand of the `raise` op at this position."""

    index: int


@attrs.frozen(eq=False, repr=False)
class FormattedText:
    """An f-string that is put together when the exception is made: strings and (argument, conversion, format) parts."""

    parts: tuple[Any, ...]


@attrs.frozen(eq=False, repr=False)
class FormattedPart:
    """One replacement field: the argument (static, or a Placeholder), its `!r`-style conversion and its format spec."""

    argument: Any
    conversion: str = ""
    format_spec: str = ""


@attrs.frozen(eq=False, repr=False)
class ExceptionTemplate:
    """An exception to be raised: its class and arguments, where Placeholders (at any depth of tuples and
    FormattedTexts) stand for values known at run time. `cause` is what follows `raise ... from`; `has_cause` tells
    `from None` from its absence. `instance` is an exception that existed before tracing and is raised as it is."""

    exception_class: type[BaseException]
    arguments: tuple[Any, ...] = ()
    has_cause: bool = False
    cause: Any = None
    instance: BaseException | None = None

    def make(self, operands: tuple[Any, ...]) -> BaseException:
        """The exception with the values of the operands filled in."""
        if self.instance is not None:
            return self.instance
        exception = self.exception_class(*(fill(a, operands) for a in self.arguments))
        if self.has_cause:
            exception.__cause__ = fill(self.cause, operands)
        return exception


def fill(template: Any, operands: tuple[Any, ...]) -> Any:
    """`template` with operands in place of its Placeholders."""
    if isinstance(template, Placeholder):
        return operands[template.index]
    if isinstance(template, ExceptionTemplate):
        return template.make(operands)
    if isinstance(template, FormattedText):
        return "".join(_format(part, operands) for part in template.parts)
    if type(template) is tuple:
        return tuple(fill(item, operands) for item in template)
    return template


def _format(part: str | FormattedPart, operands: tuple[Any, ...]) -> str:
    if isinstance(part, str):
        return part
    value = fill(part.argument, operands)
    convert = {"": lambda v: v, "r": repr, "s": str, "a": ascii}[part.conversion]
    return format(convert(value), part.format_spec)


@attrs.define(eq=False, repr=False, slots=True)
class Graph:
    """A function in SSA form. The first block is the entry; its params are the graph's params.

    `param_names` are the names in the source; `result_type` is None only while the graph is traced.
    """

    name: str
    span: Span | None = None
    blocks: list[Block] = attrs.Factory(list)
    result_type: Type | None = None

    @property
    def entry(self) -> Block:
        return self.blocks[0]

    @property
    def params(self) -> list[Value]:
        return self.blocks[0].params

    def ops(self) -> Iterator[Op]:
        """All ops in block order."""
        for block in self.blocks:
            yield from block.ops

    def callees(self) -> list[Graph]:
        """All graphs that this one calls, directly or not, in a stable order; itself only if it recurs."""
        found: dict[Graph, None] = {}
        pending = [self]
        while pending:
            graph = pending.pop()
            for op in graph.ops():
                callee = op.attributes.get("callee")
                if callee is not None and callee not in found:
                    found[callee] = None
                    pending.append(callee)
        return list(found)
