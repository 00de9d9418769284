"""The reference interpreter: runs a graph in plain Python. The oracle of tests, and the evaluator of constants."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
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
    return Interpreter(graph, step_limit)(*arguments)


def evaluate(op: Op, operands: Sequence[Any]) -> Any:
    """What the op computes from these operands, by the reference on its record.

    Raises DomainError outside of the op's domain, and IRError for an op without a reference.
    """
    opdef = op.opdef
    if opdef.reference is None:
        raise IRError(f"{opdef.name} has no reference")
    if opdef.domain is not None and not opdef.domain(*operands):
        raise DomainError(f"{opdef.name} is not defined for {', '.join(map(repr, operands))}")
    return opdef.reference(_attributes(op), *operands)


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


class Interpreter:
    """Runs a graph, any number of times: what it does for each op is made ready when the first run comes to the block."""

    def __init__(self, graph: Graph, step_limit: int | None = None) -> None:
        self.graph = graph
        self.step_limit = float("inf") if step_limit is None else step_limit
        self._frames: dict[Graph, dict[Value, Any]] = {}  # the constants of each graph
        self._blocks: dict[Block, list[_Step]] = {}
        self._steps_left = self.step_limit

    def __call__(self, *arguments: Any) -> Any:
        """The result for these arguments; see `run`."""
        graph = self.graph
        if len(arguments) != len(graph.params):
            raise TypeError(f"{graph.name} takes {len(graph.params)} arguments, got {len(arguments)}")
        self._steps_left = self.step_limit
        values = [as_type(a, p.type) for a, p in zip(arguments, graph.params)]
        return _with_records(self._call(graph, values), graph.result_type)

    def _call(self, graph: Graph, arguments: Sequence[Any]) -> Any:
        if graph not in self._frames:
            self._frames[graph] = _constants(graph)
        environment = self._frames[graph] | dict(zip(graph.params, arguments))
        block: Block = graph.entry
        while True:
            self._run_straight(block, environment)
            terminator = block.ops[-1]
            if terminator.opdef is control.return_:
                return environment[terminator.operands[0]]
            if isinstance(terminator.attributes.get("exception"), Resumption):
                operands = tuple([environment[operand] for operand in terminator.operands])
                function, arguments = terminator.attributes["exception"].make(operands)
                return function(*arguments)
            edge = _leave(terminator, environment)
            # All arguments are read before any parameter is set: they are passed at once.
            passed = [environment[argument] for argument in edge.arguments]
            environment.update(zip(edge.block.params, passed))
            block = edge.block

    def _run_straight(self, block: Block, environment: dict[Value, Any]) -> None:
        self._steps_left -= len(block.ops)
        if self._steps_left < 0:
            raise StepLimitError("the limit of steps was reached")
        steps = self._blocks.get(block)
        if steps is None:
            steps = self._blocks[block] = [self._step(op) for op in block.ops[:-1]]
        for compute, operands, result in steps:
            made = compute(*[environment[operand] for operand in operands])
            if result is not None:
                environment[result] = made

    def _step(self, op: Op) -> _Step:
        """How the result of the op comes of its operands."""
        if op.opdef is control.call:
            callee = op.attributes["callee"]
            return (lambda *operands: self._call(callee, operands)), op.operands, op.result
        if "callee" in op.attributes or "body" in op.attributes:
            return self._applied(op), op.operands, op.result
        return _computing(op), op.operands, op.result

    def _applied(self, op: Op) -> Callable[..., Any]:
        """What an op on whole arrays computes: its graph is run at each point."""
        callee = op.attributes.get("callee") or op.attributes["body"]
        attributes = op.attributes | {"apply": lambda *items: self._call(callee, items)}
        return functools.partial(op.opdef.reference, attributes)


_Step = tuple[Callable[..., Any], Sequence[Value], "Value | None"]


def _constants(graph: Graph) -> dict[Value, Any]:
    used = itertools.chain(*[[*op.operands, *itertools.chain(*[edge.arguments for edge in op.targets])] for op in graph.ops()])
    return {value: value.value for value in used if isinstance(value, Constant)}


def _computing(op: Op) -> Callable[..., Any]:
    """`evaluate` for this op."""
    if op.opdef.reference is None or op.opdef.domain is not None:
        return lambda *operands: evaluate(op, operands)
    return functools.partial(op.opdef.reference, _attributes(op))


def _attributes(op: Op) -> dict[str, Any]:
    """The attributes for the op's reference."""
    return op.attributes if op.result is None else op.attributes | {"type": op.result.type}


def _leave(terminator: Op, environment: dict[Value, Any]) -> Edge:
    """The edge to go on with."""
    opdef = terminator.opdef
    operands = [environment[operand] for operand in terminator.operands]
    if opdef is control.jump:
        return terminator.targets[0]
    if opdef is control.branch:
        return terminator.targets[0 if operands[0] else 1]
    if opdef is control.raise_:
        raise terminator.attributes["exception"].make(tuple(operands))
    if opdef is control.unreachable:
        raise DomainError("control came to a place that was declared unreachable")
    raise IRError(f"a block ends with {opdef.name}")
