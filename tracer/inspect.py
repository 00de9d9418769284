"""The types of everything in a function, shown under its source lines (`inspect_types`).

`source_rows` gives the data, `inspect_types` the text; other renderings start from the rows.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator

import attrs

from ir.graph import Graph, Op, Value
from ir.naming import block_names, value_names
from ir.opdef import Effect
from ir.printer import print_graph
from ir.span import Span
from tracer.diagnostics import display_path, display_width

_TYPE_COLUMN = 36, 72  # the range in which the column of types is chosen


@attrs.frozen
class OpRow:
    """One op, or the parameters of a block, as it is shown under its line.

    `result` is the name of the value that it makes, empty where there is none. `interpreted` says that it runs in
    the interpreter, `reason` why. `inlined` is the function whose code it comes from where that is not the function itself.
    """

    result: str
    text: str
    operand_types: tuple[str, ...]
    result_type: str
    interpreted: bool = False
    inlined: str = ""
    reason: str = ""

    @property
    def types(self) -> str:
        """`(int64, int64) -> int64`, without the part that there is nothing to say about."""
        operands = f"({', '.join(self.operand_types)})" if self.operand_types else ""
        return " -> ".join(filter(None, (operands, self.result_type)))


@attrs.frozen
class LineRow:
    """A source line and the ops that were traced on it."""

    number: int
    source: str
    ops: tuple[OpRow, ...]


def inspect_types(graph: Graph, signature: str) -> str:
    """The text of all lines of the function with the ops and types on each; `signature` is shown in the header."""
    rows = source_rows(graph)
    gutter = len(str(rows[-1].number)) + 2 if rows else 2
    widest = max((_indent(row) + display_width(_op_text(op)) for row in rows for op in row.ops), default=0)
    column = min(max(widest, _TYPE_COLUMN[0]), _TYPE_COLUMN[1])
    place = f"  {display_path(graph.span.filename)}:{graph.span.line}" if graph.span is not None else ""
    lines = [f"{graph.name} {signature}{place}", ""]
    for row in rows:
        lines.append(f"{row.number:>{gutter}} | {row.source}".rstrip())
        before = f"{'':>{gutter}} | {' ' * _indent(row)}"
        lines += [before + _typed_op(op, column - _indent(row)) for op in row.ops]
    return "\n".join(lines) + "\n"


def _indent(row: LineRow) -> int:
    return len(row.source) - len(row.source.lstrip()) + 2


def _op_text(op: OpRow) -> str:
    return f"{op.result} = {op.text}" if op.result else op.text


def _typed_op(op: OpRow, column: int) -> str:
    text = _op_text(op)
    if op.types:
        text += " " * max(0, column - display_width(text)) + "  :: " + op.types
    if op.inlined:
        text += f"  in {op.inlined}"
    if op.interpreted:
        text += f"  [interpreted: {op.reason}]" if op.reason else "  [runs in the interpreter]"
    return text


def source_rows(graph: Graph) -> list[LineRow]:
    """The lines of the function from its first to its last, each with its ops in the order of the graph."""
    filename = _filename(graph)
    by_line: dict[int, list[OpRow]] = {}
    for span, row in _op_rows(graph):
        by_line.setdefault(span.line if span is not None else 0, []).append(row)
    return [
        LineRow(number, linecache.getline(filename, number).rstrip(), tuple(by_line.get(number, ())))
        for number in _lines_shown(graph, by_line)
    ]


def _filename(graph: Graph) -> str:
    spans = (graph.span, *(op.span for op in graph.ops()))
    return next((_outermost(span).filename for span in spans if span is not None), "")


def _lines_shown(graph: Graph, by_line: dict[int, list[OpRow]]) -> list[int]:
    """All lines of the function, and the ops without one (line 0) before them."""
    shown = set(by_line)
    if graph.span is not None:
        shown.update(range(graph.span.line, graph.span.end_line + 1))
    elif shown:
        shown.update(range(min(shown - {0}, default=1), max(shown) + 1))
    return sorted(shown)


def _op_rows(graph: Graph) -> Iterator[tuple[Span | None, OpRow]]:
    """A row for each op and each block with parameters, and the place in the function's own text it belongs to."""
    names, blocks = value_names(graph), block_names(graph)
    # The dump has a line for the graph, one for each block and one for each op, in this order.
    dump = iter(print_graph(graph, source_lines=False).splitlines())
    next(dump)
    for block in graph.blocks:
        next(dump)
        span = graph.span if block is graph.entry else _outermost(block.ops[0].span if block.ops else None)
        role = "argument" if block is graph.entry else f"parameter of {blocks[block]}"
        for param in block.params:
            yield span, OpRow(names[param], role, (), str(param.type))
        for op in block.ops:
            yield _outermost(op.span), _op_row(op, next(dump).strip(), names)


def _op_row(op: Op, text: str, names: dict[Value, str]) -> OpRow:
    result, result_type = "", ""
    if op.result is not None:
        result, result_type = names[op.result], str(op.result.type)
        text = text.removeprefix(f"{result}: {result_type} = ")
    interpreted = bool(op.effects & Effect.PYTHON) and "callee" not in op.attributes
    reason = getattr(op.attributes.get("function"), "reason", "")
    inlined = op.span.function if op.span is not None and op.span.caller is not None else ""
    return OpRow(result, text, tuple(str(o.type) for o in op.operands), result_type, interpreted, inlined, reason)


def _outermost(span: Span | None) -> Span | None:
    """The call in the function's own text through which the code of the span was traced."""
    return span if span is None or span.caller is None else list(span.chain())[-1]
