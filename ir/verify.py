"""The verifier: finds all faults of a graph and shows them inside its text."""

from __future__ import annotations

from typing import Any

from ir.cfg import ControlFlow
from ir.errors import IRTypeError, VerificationError
from ir.graph import Block, Constant, Edge, ExceptionTemplate, FormattedPart, FormattedText, Graph, Op, Placeholder, Value
from ir.ops import control, memory
from ir.ownership import follow_counts
from ir.printer import print_graph
from ir.types import Boolean, Complex, Float, Integer, NoneType, Scalar, Time, Tuple, Type, class_of


def verify(graph: Graph) -> None:
    """Check `graph` and the graphs that it calls against the rules of the IR.

    The rules: control only leads to blocks of the graph, all of them can be reached, and nothing leads to the
    first one. A block ends with its only terminator. An edge brings one value of the right type for each parameter
    of its block. A value has one definition, which dominates its uses. The type rule of each op accepts its
    operands and gives the type of its result. A constant is an object of its type's class. A `return` returns the
    type of the graph. Where owners are counted, each is released or handed over once on every path.

    Raises VerificationError, whose message is the text of the graphs with each fault below the place it is at.
    """
    findings: dict[Any, list[str]] = {}
    for each in graph.shown():
        _Verifier(each, findings).run()
    if findings:
        count = sum(map(len, findings.values()))
        text = print_graph(graph, source_lines=False, notes=findings)
        raise VerificationError(f"{graph.name} has {count} fault{'s' if count > 1 else ''}\n{text}")


class _Verifier:
    """Checks one graph and notes what is wrong under the graph, block or op that it is wrong with."""

    def __init__(self, graph: Graph, findings: dict[Any, list[str]]) -> None:
        self.graph = graph
        self.findings = findings
        self.blocks = set(graph.blocks)
        self.defined: dict[Value, tuple[Block, int]] = {}

    def note(self, subject: Any, message: str) -> None:
        self.findings.setdefault(subject, []).append(message)

    def run(self) -> None:
        graph = self.graph
        if not graph.blocks:
            self.note(graph, "the graph has no blocks")
            return
        if graph.result_type is None:
            self.note(graph, "the graph has no result type")
        if len(self.blocks) != len(graph.blocks):
            self.note(graph, "a block stands in the graph twice")
        self._define()
        whole = all([self._block_ends(block) for block in graph.blocks])
        for block in graph.blocks:
            for op in block.ops:
                self._op(op)
        if whole:
            self._uses(ControlFlow(graph))
        if not self.findings and any(op.opdef in (memory.retain, memory.release) for op in graph.ops()):
            for subject, message in follow_counts(graph).faults:
                self.note(subject, message)

    def _define(self) -> None:
        for block in self.graph.blocks:
            for param in block.params:
                self._define_value(param, block, -1, block)
                if param.op is not None:
                    self.note(block, "a parameter claims to be made by an op")
            for position, op in enumerate(block.ops):
                if op.result is not None:
                    self._define_value(op.result, block, position, op)
                    if op.result.op is not op:
                        self.note(op, "the result does not know the op that makes it")

    def _define_value(self, value: Value, block: Block, position: int, subject: Any) -> None:
        if value in self.defined:
            self.note(subject, "this value has another definition already")
        self.defined[value] = (block, position)

    def _block_ends(self, block: Block) -> bool:
        """Whether the block ends as it must and leads to blocks of this graph only."""
        sound = block.terminator is not None
        if not sound:
            self.note(block, "the block does not end with a terminator")
        for op in block.ops[:-1]:
            if op.opdef.terminator:
                self.note(op, "a terminator stands before the end of the block")
        for op in block.ops:
            for edge in op.targets:
                if edge.block not in self.blocks:
                    self.note(op, f"leads to {edge.block.label!r}, which is not a block of this graph")
                    sound = False
        return sound

    # --- single ops

    def _op(self, op: Op) -> None:
        self._types(op)
        wanted = {control.jump: 1, control.branch: 2}.get(op.opdef, 0)
        if len(op.targets) != wanted:
            self.note(op, f"{op.name} has {len(op.targets)} targets, not {wanted}")
        for edge in op.targets:
            self._edge(op, edge)
        for name, attribute in op.attributes.items():
            if isinstance(attribute, Value):
                self.note(op, f"the attribute {name} is a value of run time")
        for value in (*op.operands, *(a for edge in op.targets for a in edge.arguments)):
            if isinstance(value, Constant) and not _is_of_type(value.value, value.type):
                self.note(op, f"the constant {value.value!r} is not a {value.type}")
        if op.opdef is control.return_ and op.operands and op.operands[0].type is not self.graph.result_type:
            self.note(op, f"returns {op.operands[0].type}, but the graph returns {self.graph.result_type}")
        if op.opdef is control.raise_:
            self._exception(op)

    def _types(self, op: Op) -> None:
        try:
            expected = op.opdef.type_rule([v.type for v in op.operands], op.attributes)
        except IRTypeError as error:
            self.note(op, f"{op.name}: {error}")
            return
        except KeyError as missing:
            self.note(op, f"{op.name} lacks the attribute {missing}")
            return
        actual = None if op.result is None else op.result.type
        if actual is not expected:
            self.note(op, f"{op.name} gives {expected or 'no result'}, not {actual or 'no result'}")

    def _edge(self, op: Op, edge: Edge) -> None:
        expected = [p.type for p in edge.block.params]
        actual = [a.type for a in edge.arguments]
        if len(expected) != len(actual):
            self.note(op, f"{edge.block.label} takes {len(expected)} arguments, not {len(actual)}")
            return
        for position, (wanted, given) in enumerate(zip(expected, actual)):
            if wanted is not given:
                self.note(op, f"argument {position} of {edge.block.label} is {wanted}, not {given}")

    def _exception(self, op: Op) -> None:
        exception = op.attributes.get("exception")
        if not isinstance(exception, ExceptionTemplate):
            self.note(op, "raises something that is not an ExceptionTemplate")
        elif any(index >= len(op.operands) for index in _placeholders(exception)):
            self.note(op, f"the exception refers to an operand beyond the {len(op.operands)} there are")

    # --- control flow

    def _uses(self, flow: ControlFlow) -> None:
        if flow.predecessors[self.graph.entry]:
            self.note(self.graph.entry, "an edge leads to the first block")
        for block in self.graph.blocks:
            if block not in flow.number:
                self.note(block, "control cannot reach this block")
                continue
            for position, op in enumerate(block.ops):
                for value in (*op.operands, *(a for edge in op.targets for a in edge.arguments)):
                    if not isinstance(value, Constant):
                        self._use(value, op, block, position, flow)

    def _use(self, value: Value, op: Op, block: Block, position: int, flow: ControlFlow) -> None:
        name = value.name or value.type
        if value not in self.defined:
            self.note(op, f"uses {name}, which is not defined in this graph")
            return
        home, at = self.defined[value]
        if home is block:
            if at >= position:
                self.note(op, f"uses {name} before its definition")
        elif home not in flow.number or not flow.dominates(home, block):
            self.note(op, f"uses {name}, whose definition does not dominate this place")


def _placeholders(template: Any) -> list[int]:
    """The operand positions that a part of an exception refers to."""
    if isinstance(template, Placeholder):
        return [template.index]
    if isinstance(template, ExceptionTemplate):
        parts: tuple[Any, ...] = (*template.arguments, template.cause)
    elif isinstance(template, FormattedText):
        parts = template.parts
    elif isinstance(template, FormattedPart):
        parts = (template.argument,)
    else:
        parts = template if isinstance(template, tuple) else ()
    return [index for part in parts for index in _placeholders(part)]


def _is_of_type(value: Any, type: Type) -> bool:
    """Whether a constant's object is one that the type describes."""
    if isinstance(type, Integer) and type.weak:
        return value.__class__ is int and type.minimum <= value <= type.maximum
    if isinstance(type, (Boolean, Integer, Float, Complex)):
        return value.__class__ is class_of(type)
    if isinstance(type, Time):
        return value.__class__ is class_of(type) and value.dtype == type.numpy_dtype
    if isinstance(type, NoneType):
        return value is None
    if isinstance(type, Tuple):
        return isinstance(value, tuple) and len(value) == len(type) and all(map(_is_of_type, value, type.items))
    return not isinstance(type, Scalar)
