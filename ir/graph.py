"""The SSA graph: values, ops, blocks with arguments, edges, graphs.

Their equality is identity. They are plain classes, made by the hundred while a graph is traced.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from ir.opdef import Effect, OpDef
from ir.span import Span
from ir.types import Array, Complex, Float, Object, Time, Type, time_count


class Value:
    """An SSA value: the result of an op or the parameter of a block. `name` is the variable it was first bound to."""

    __slots__ = ("type", "name", "op")

    def __init__(self, type: Type, name: str | None = None, op: Op | None = None) -> None:
        self.type = type
        self.name = name
        self.op = op  # that makes it; None for block parameters


class Constant(Value):
    """A value known while tracing. It belongs to no block. Equality is identity; compare with `same_constant`."""

    __slots__ = ("value",)

    def __init__(self, type: Type, name: str | None = None, op: Op | None = None, value: Any = None) -> None:
        super().__init__(type, name, op)
        self.value = value

    def __repr__(self) -> str:
        return f"Constant({self.value!r}: {self.type})"


def constant_key(constant: Constant) -> tuple:
    """Hashable, and equal for constants of the same type and value; tells the signs of zeros and NaNs apart."""
    value = constant.value
    if isinstance(constant.type, (Array, Object)):
        return constant.type, id(value)  # they change: only one and the same is the same
    if isinstance(constant.type, Time):
        return constant.type, time_count(value)  # NaT differs from itself
    if not isinstance(constant.type, (Float, Complex)):
        return constant.type, value
    parts = (value.real, value.imag)
    return constant.type, *((x if x == x else None, math.copysign(1.0, x)) for x in parts)


def same_constant(a: Value, b: Value) -> bool:
    """Whether both are constants, of the same type and value."""
    return isinstance(a, Constant) and isinstance(b, Constant) and constant_key(a) == constant_key(b)


class Edge:
    """A jump to a block with a value for each of its parameters."""

    __slots__ = ("block", "arguments")

    def __init__(self, block: Block, arguments: list[Value] | None = None) -> None:
        self.block = block
        self.arguments = [] if arguments is None else arguments


class Op:
    """One operation. `targets` is filled for jumps and branches only."""

    __slots__ = ("opdef", "operands", "attributes", "result", "span", "targets")

    def __init__(
        self, opdef: OpDef, operands: list[Value], attributes: dict[str, Any], result: Value | None, span: Span | None,
        targets: tuple[Edge, ...] = (),
    ) -> None:  # fmt: skip
        self.opdef = opdef
        self.operands = operands
        self.attributes = attributes
        self.result = result
        self.span = span
        self.targets = targets

    @property
    def name(self) -> str:
        return self.opdef.name

    @property
    def effects(self) -> Effect:
        return self.opdef.effects


class Block:
    """A straight run of ops; the last one is a terminator. `label` says what it is for (`loop`, `then`, ...)."""

    __slots__ = ("label", "params", "ops")

    def __init__(self, label: str, params: list[Value] | None = None, ops: list[Op] | None = None) -> None:
        self.label = label
        self.params = [] if params is None else params
        self.ops = [] if ops is None else ops

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


class Placeholder:
    """Stands in an ExceptionTemplate for the operand of the `raise` op at this position."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


class FormattedText:
    """An f-string that is put together when the exception is made: strings and (argument, conversion, format) parts."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Any, ...]) -> None:
        self.parts = parts


class FormattedPart:
    """One replacement field: the argument (static, or a Placeholder), its `!r`-style conversion and its format spec."""

    __slots__ = ("argument", "conversion", "format_spec")

    def __init__(self, argument: Any, conversion: str = "", format_spec: str = "") -> None:
        self.argument = argument
        self.conversion = conversion
        self.format_spec = format_spec


class ExceptionTemplate:
    """An exception to be raised: its class and arguments, where Placeholders (at any depth of tuples and
    FormattedTexts) stand for values known at run time. `cause` is what follows `raise ... from`; `has_cause` tells
    `from None` from its absence. `instance` is an exception that existed before tracing and is raised as it is."""

    __slots__ = ("exception_class", "arguments", "has_cause", "cause", "instance")

    def __init__(
        self, exception_class: type[BaseException], arguments: tuple[Any, ...] = (), has_cause: bool = False,
        cause: Any = None, instance: BaseException | None = None,
    ) -> None:  # fmt: skip
        self.exception_class = exception_class
        self.arguments = arguments
        self.has_cause = has_cause
        self.cause = cause
        self.instance = instance

    def make(self, operands: tuple[Any, ...]) -> BaseException:
        """The exception with the values of the operands filled in."""
        if self.instance is not None:
            return self.instance
        exception = self.exception_class(*(fill(a, operands) for a in self.arguments))
        if self.has_cause:
            exception.__cause__ = fill(self.cause, operands)
        return exception


class Resumption(ExceptionTemplate):
    """Not an exception: the code ends, and `resume`, called with the operands, says how to go on in another function."""

    __slots__ = ("resume",)

    def __init__(self, resume: Any) -> None:
        super().__init__(BaseException)
        self.resume = resume

    def make(self, operands: tuple[Any, ...]) -> Any:
        """What the code's caller is to call: a callable and its arguments."""
        return self.resume(*operands)


def fill(template: Any, operands: tuple[Any, ...]) -> Any:
    """`template` with operands in place of its Placeholders."""
    if isinstance(template, Placeholder):
        return operands[template.index]
    if isinstance(template, ExceptionTemplate):
        return template.make(operands)
    if isinstance(template, FormattedText):
        return "".join(_format(part, operands) for part in template.parts)
    if isinstance(template, tuple):
        items = [fill(item, operands) for item in template]
        return tuple(items) if type(template) is tuple else tuple.__new__(type(template), items)
    return template


def _format(part: str | FormattedPart, operands: tuple[Any, ...]) -> str:
    if isinstance(part, str):
        return part
    value = fill(part.argument, operands)
    convert = {"": lambda v: v, "r": repr, "s": str, "a": ascii}[part.conversion]
    return format(convert(value), part.format_spec)


class Graph:
    """A function in SSA form. The first block is the entry; its params are the graph's params.

    `param_names` are the names in the source; `result_type` is None only while the graph is traced.
    """

    __slots__ = ("name", "span", "blocks", "result_type")

    is_deferred = False  # see ir.deferred

    def __init__(
        self, name: str, span: Span | None = None, blocks: list[Block] | None = None, result_type: Type | None = None
    ) -> None:  # fmt: skip
        self.name = name
        self.span = span
        self.blocks = [] if blocks is None else blocks
        self.result_type = result_type

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
        """All graphs that this one calls, directly or not, in a stable order; itself only if it recurs. Those that need not
        be looked into, since there is code for them, are left out."""
        return [graph for graph in self._reached(_called, look=False) if not graph.is_deferred]

    def shown(self) -> list[Graph]:
        """The graph and all that its text needs: what it calls, and what code was made of before."""
        return [self, *(graph for graph in self._reached(_called_or_run, look=True) if graph is not self)]

    def _reached(self, head: Callable[[Op], Graph | None], look: bool) -> list[Graph]:
        found: dict[Graph, None] = {}
        pending = [self]
        while pending:
            graph = pending.pop()
            for op in graph.ops():
                callee = head(op)
                if callee is not None and callee not in found:
                    found[callee] = None
                    if look or not callee.is_deferred:
                        pending.append(callee)
        return list(found)


def _called(op: Op) -> Graph | None:
    return op.attributes.get("callee")


def _called_or_run(op: Op) -> Graph | None:
    return op.attributes.get("callee") or op.attributes.get("body")
