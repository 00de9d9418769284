"""The text form of a graph, which `ir.parser` reads back.

    graph total(a: float64[::1]) -> np.float64         # kernels.py:3
      entry0:
        %0: int64 = shape a {axis=0}                   # 5  for i in range(len(a)):
        jump loop1(0, 0.0:np.float64)
      loop1(i: int64, s: np.float64):
        %1: bool = lt i, %0
        branch %1, body2, exit3(s)

Parameters of the graph are those of its first block. A value is called like the variable it was first bound to,
or numbered. The attribute `to` is left out where the type of the result says the same.
"""

from __future__ import annotations

import linecache
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ir.graph import Block, Constant, Edge, ExceptionTemplate, FormattedPart, FormattedText, Graph, Op, Placeholder, Resumption, Value
from ir.naming import block_names, graph_names, value_names
from ir.span import Span
from ir.types import Boolean, Complex, Float, NoneType, Scalar, Time, Type, time_count

_HEADS = ("callee", "body", "function")  # attributes that stand before the operands, as in `call g(x, y)`
_COMMENT_COLUMNS = (40, 84)  # the range in which the column of comments is chosen
_BUILTINS = "builtins"


def print_graph(graph: Graph, source_lines: bool = True, notes: Mapping[Any, Sequence[str]] | None = None) -> str:
    """The text of `graph` and of the graphs that it calls.

    `source_lines` puts the user's source lines at the right, each where it first occurs. `notes` maps graphs,
    blocks and ops to lines that are shown below them.
    """
    graphs = graph.shown()
    names = graph_names(graphs)
    return "\n".join(_GraphPrinter(g, names, source_lines, notes or {}).text() for g in graphs)


class _GraphPrinter:
    """Prints one graph: collects (text, span) pairs, then aligns the comments."""

    def __init__(self, graph: Graph, graphs: dict[Graph, str], source_lines: bool, notes: Mapping[Any, Any]) -> None:
        self.graph = graph
        self.graphs = graphs
        self.values = value_names(graph)
        self.blocks = block_names(graph)
        self.source_lines = source_lines
        self.notes = notes
        self.rows: list[tuple[str, Span | None]] = []

    def text(self) -> str:
        graph = self.graph
        params = self._params(graph.params) if graph.blocks else ""
        self._row(f"graph {self.graphs[graph]}({params}) -> {graph.result_type or '?'}", None, graph)
        for block in graph.blocks:
            self._block(block)
        return _with_comments(self.rows, graph.span) if self.source_lines else "".join(f"{t}\n" for t, _ in self.rows)

    def _row(self, text: str, span: Span | None, subject: Any) -> None:
        self.rows.append((text, span))
        indent = " " * (len(text) - len(text.lstrip()))
        for note in self.notes.get(subject, ()):
            self.rows.append((f"{indent}# ^ {note}", None))

    def _block(self, block: Block) -> None:
        params = "" if block is self.graph.entry or not block.params else f"({self._params(block.params)})"
        self._row(f"  {self.blocks[block]}{params}:", None, block)
        for op in block.ops:
            reason = getattr(op.attributes.get("function"), "reason", "")
            if reason and self.source_lines:
                self.rows.append((f"    # interpreted: {reason}", op.span))
            self._row(f"    {self._op(op)}", op.span, op)

    def _params(self, params: Sequence[Value]) -> str:
        return ", ".join(f"{self.values[p]}: {p.type}" for p in params)

    def _op(self, op: Op) -> str:
        text = op.name
        head = next((a for a in _HEADS if a in op.attributes), None)
        operands = ", ".join(map(self.operand, op.operands))
        if head is not None:
            text += f" {self._attribute(op.attributes[head])}({operands})"
        else:
            targets = ", ".join(map(self._edge, op.targets))
            exception = op.attributes.get("exception")
            before = f" {_template_text(exception)}" if exception is not None else ""
            text += before + (f" {operands}" if operands else "") + (", " if operands and targets else " " if targets else "")
            text += targets
        text += self._attributes(op)
        if op.result is None:
            return text
        return f"{self.operand(op.result)}: {op.result.type} = {text}"

    def operand(self, value: Value) -> str:
        """The text of a value where it is used."""
        if isinstance(value, Constant):
            return literal(value)
        return self.values.get(value, "%?")

    def _edge(self, edge: Edge) -> str:
        arguments = ", ".join(map(self.operand, edge.arguments))
        name = self.blocks.get(edge.block, f"{edge.block.label}?")
        return f"{name}({arguments})" if arguments else name

    def _attributes(self, op: Op) -> str:
        shown = []
        for name, value in op.attributes.items():
            implied = name == "to" and op.result is not None and value is op.result.type
            if name not in (*_HEADS, "exception") and value is not False and not implied:
                shown.append(f"{name}={self._attribute(value)}")
        return f" {{{', '.join(shown)}}}" if shown else ""

    def _attribute(self, value: Any) -> str:
        if isinstance(value, Graph):
            return self.graphs[value]
        if isinstance(value, Type):
            return str(value)
        if value is None or isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            return _quoted(value)
        if isinstance(value, int):
            return repr(value)
        if type(value) is tuple:
            return f"({', '.join(map(self._attribute, value))})"
        return dotted_name(value)


def literal(constant: Constant) -> str:
    """A constant so that its type can be told: `1` is an int64 and `1.0` a float64, others name their type."""
    type, value = constant.type, constant.value
    text = _literal_text(value, type)
    if isinstance(type, NoneType) or (isinstance(type, Scalar) and type.weak):
        return text
    return f"{text}:{type}"


def _literal_text(value: Any, type: Type) -> str:
    if value is None:
        return "none"
    if isinstance(type, Boolean):
        return "true" if value else "false"
    if isinstance(type, Float):
        return _float_text(value)
    if isinstance(type, Complex):
        return _complex_text(complex(value))
    if isinstance(value, tuple):
        items = [literal(Constant(t, value=v)) for t, v in zip(type.items, value)]  # type: ignore[attr-defined]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if isinstance(type, Time):
        return str(time_count(value))
    return str(int(value)) if isinstance(type, Scalar) else f"<{dotted_name(value.__class__)}>"


def _float_text(value: Any) -> str:
    if math.isnan(value):
        return "nan" if math.copysign(1.0, value) > 0 else "-nan"
    if isinstance(value, np.float32):
        short = str(value)
        if "." in short and np.float32(float(short)) == value:
            return short
    return repr(float(value))


def _complex_text(value: complex) -> str:
    """`1+2j`; both parts are written where one would be lost (a real part of -0.0, the sign of a NaN)."""
    text = repr(value).strip("()")
    if math.isnan(value.real) or math.isnan(value.imag):
        imag = _float_text(value.imag)
        text = f"{_float_text(value.real)}{'' if imag.startswith('-') else '+'}{imag}j"
    return text


def dotted_name(thing: Any) -> str:
    """Where a Python function or class is found: `print`, `numpy.linalg.LinAlgError`; else only its class in <>."""
    name = getattr(thing, "__qualname__", None)
    module = getattr(thing, "__module__", None)
    if not isinstance(name, str):
        return f"<{thing.__class__.__name__}>"
    return name if module in (_BUILTINS, None) else f"{module}.{name}"


def exception_text(exception: ExceptionTemplate) -> str:
    """`ValueError(f"bad {$0!r}", $1)`: `$N` stands for the operand of that position."""
    if isinstance(exception, Resumption):
        return f"[{exception.resume}]"
    if exception.instance is not None:
        arguments = ", ".join(_template_text(a) for a in exception.instance.args)
        return f"instance {dotted_name(exception.exception_class)}({arguments})"
    arguments = ", ".join(_template_text(a) for a in exception.arguments)
    text = f"{dotted_name(exception.exception_class)}({arguments})"
    return f"{text} from {_template_text(exception.cause)}" if exception.has_cause else text


def _template_text(template: Any) -> str:
    if isinstance(template, Placeholder):
        return f"${template.index}"
    if isinstance(template, ExceptionTemplate):
        return exception_text(template)
    if isinstance(template, FormattedText):
        return "f" + _quoted("".join(map(_part_text, template.parts)))
    if isinstance(template, str):
        return _quoted(template)
    if type(template) is tuple:
        items = [_template_text(item) for item in template]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if template is None or template.__class__ in (bool, int):
        return repr(template)
    if template.__class__ is float:
        return _float_text(template)
    if template.__class__ is complex:
        return _complex_text(template)
    return dotted_name(template)


def _part_text(part: str | FormattedPart) -> str:
    if isinstance(part, str):
        return part.replace("{", "{{").replace("}", "}}")
    conversion = f"!{part.conversion}" if part.conversion else ""
    format_spec = f":{part.format_spec}" if part.format_spec else ""
    return f"{{{_template_text(part.argument)}{conversion}{format_spec}}}"


def _quoted(text: str) -> str:
    """The text as a Python literal in double quotes."""
    escaped = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{escaped}"'


def _with_comments(rows: Sequence[tuple[str, Span | None]], graph_span: Span | None) -> str:
    """Puts the source lines behind the rows, in one column."""
    widths = [len(text) for text, _ in rows if not text.lstrip().startswith("#")]
    lowest, highest = _COMMENT_COLUMNS
    column = min(max([lowest, *widths]), highest) + 2
    lines = []
    shown: set[tuple[str, int]] = set()
    previous: tuple[str, int] | None = None
    for index, (text, span) in enumerate(rows):
        comment = ""
        if index == 0 and graph_span is not None:
            comment = f"# {os.path.basename(graph_span.filename)}:{graph_span.line}"
        elif span is not None:
            outermost = list(span.chain())[-1]
            here = (outermost.filename, outermost.line)
            if here != previous:
                source = "" if here in shown else linecache.getline(*here).strip()
                comment = f"# {here[1]}  {source}".rstrip()
                shown.add(here)
            previous = here
        lines.append(f"{text.ljust(column)}{comment}".rstrip() if comment else text)
    return "\n".join(lines) + "\n"
