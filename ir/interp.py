"""The reference interpreter: runs a graph in plain Python. The oracle of tests, and the evaluator of constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ir.errors import DomainError, IRError, StepLimitError
from ir.graph import Block, Constant, Edge, Graph, Op, Resumption, Value
from ir.ops import control
from ir.records import RecordItem
from ir.types import Scalar, Slice, Tuple, Type, class_of


def run(graph: Graph, *arguments: Any, step_limit: int | None = None) -> Any:
    """The result of the graph for these arguments.

    Args:
        arguments: a Python or NumPy object for each parameter; numbers are converted to the parameter's type.
        step_limit: the number of ops after which StepLimitError is raised.

    Raises:
        The exception that the graph raises, and
        DomainError: an op met operands that it is not defined for, so the graph is wrong.
    """
    if len(arguments) != len(graph.params):
        raise TypeError(f"{graph.name} takes {len(graph.params)} arguments, got {len(arguments)}")
    values = [as_type(a, p.type) for a, p in zip(arguments, graph.params)]
    return _with_records(_Interpreter(step_limit).call(graph, values), graph.result_type)


def evaluate(op: Op, operands: Sequence[Any]) -> Any:
    """What the op computes from these operands, by the reference on its record.

    Raises DomainError outside of the op's domain, and IRError for an op without a reference.
    """
    opdef = op.opdef
    if opdef.reference is None:
        raise IRError(f"{opdef.name} has no reference")
    if opdef.domain is not None and not opdef.domain(*operands):
        raise DomainError(f"{opdef.name} is not defined for {', '.join(map(repr, operands))}")
    attributes = op.attributes if op.result is None else op.attributes | {"type": op.result.type}
    return opdef.reference(attributes, *operands)


def as_type(value: Any, type: Type) -> Any:
    """`value` as an object of the class that represents `type`, where `type` is a number."""
    if isinstance(type, Scalar) and value.__class__ is not class_of(type):
        return class_of(type)(value)
    return value


def _with_records(result: Any, type: Type | None) -> Any:
    """The result with records as NumPy's scalars, where the run had them as arrays without axes."""
    if isinstance(type, RecordItem):
        return result[()]
    if isinstance(type, Tuple) and not isinstance(type, Slice):
        items = [_with_records(item, each) for item, each in zip(result, type.items)]
        return tuple.__new__(result.__class__, items)
    return result


class _Interpreter:
    """One run: counts the steps of a graph and of all that it calls."""

    def __init__(self, step_limit: int | None) -> None:
        self.steps_left = float("inf") if step_limit is None else step_limit

    def call(self, graph: Graph, arguments: Sequence[Any]) -> Any:
        environment: dict[Value, Any] = dict(zip(graph.params, arguments))
        block: Block = graph.entry
        while True:
            self._run_straight(block, environment)
            terminator = block.ops[-1]
            if terminator.opdef is control.return_:
                return _read(environment, terminator.operands[0])
            if isinstance(terminator.attributes.get("exception"), Resumption):
                operands = tuple(_read(environment, operand) for operand in terminator.operands)
                function, arguments = terminator.attributes["exception"].make(operands)
                return function(*arguments)
            edge = self._leave(terminator, environment)
            # All arguments are read before any parameter is set: they are passed at once.
            passed = [_read(environment, argument) for argument in edge.arguments]
            environment.update(zip(edge.block.params, passed))
            block = edge.block

    def _run_straight(self, block: Block, environment: dict[Value, Any]) -> None:
        self.steps_left -= len(block.ops)
        if self.steps_left < 0:
            raise StepLimitError("the limit of steps was reached")
        for op in block.ops[:-1]:
            operands = [_read(environment, operand) for operand in op.operands]
            if op.opdef is control.call:
                result = self.call(op.attributes["callee"], operands)
            elif "callee" in op.attributes or "body" in op.attributes:
                result = self._apply(op, operands)
            else:
                result = evaluate(op, operands)
            if op.result is not None:
                environment[op.result] = result

    def _apply(self, op: Op, operands: Sequence[Any]) -> Any:
        """What an op on whole arrays computes: its graph is run at each point."""
        callee = op.attributes.get("callee") or op.attributes["body"]
        return op.opdef.reference(op.attributes | {"apply": lambda *items: self.call(callee, items)}, *operands)

    def _leave(self, terminator: Op, environment: dict[Value, Any]) -> Edge:
        """The edge to go on with."""
        opdef = terminator.opdef
        operands = [_read(environment, operand) for operand in terminator.operands]
        if opdef is control.jump:
            return terminator.targets[0]
        if opdef is control.branch:
            return terminator.targets[0 if operands[0] else 1]
        if opdef is control.raise_:
            raise terminator.attributes["exception"].make(tuple(operands))
        if opdef is control.unreachable:
            raise DomainError("control came to a place that was declared unreachable")
        raise IRError(f"a block ends with {opdef.name}")


def _read(environment: dict[Value, Any], value: Value) -> Any:
    return value.value if isinstance(value, Constant) else environment[value]
