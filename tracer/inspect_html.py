"""`inspect_types(pretty=True)`: source lines with their ops and types as a page of HTML, interpreted lines marked."""

from __future__ import annotations

import html
from collections.abc import Iterable

from ir.graph import Graph
from tracer.diagnostics import display_path
from tracer.inspect import LineRow, OpRow, source_rows

_STYLE = """
.tracer-types { font: 13px/1.5 ui-monospace, monospace; color: #1f2328; background: #fff; }
.tracer-types h2 { font-size: 14px; margin: 1em 0 .3em; }
.tracer-types .place { color: #59636e; font-weight: normal; }
.tracer-types summary, .tracer-types .line { white-space: pre; padding-left: .5em; border-left: 4px solid #2da44e; }
.tracer-types .plain { border-color: transparent; }
.tracer-types .interpreted { border-color: #cf222e; background: #ffebe9; }
.tracer-types .ops { white-space: pre; margin-left: 3em; color: #59636e; }
.tracer-types .type { color: #0550ae; }
.tracer-types .reason { color: #cf222e; }
"""


class AnnotatedSource:
    """What `inspect_types(pretty=True)` returns: shown in colors by a notebook; `str()` of it is a complete page."""

    def __init__(self, forms: Iterable[tuple[Graph, str]]) -> None:
        self._forms = list(forms)

    def _repr_html_(self) -> str:
        parts = "\n".join(_form(graph, signature) for graph, signature in self._forms)
        return f'<div class="tracer-types"><style>{_STYLE}</style>\n{parts}\n</div>'

    def __str__(self) -> str:
        title = html.escape(", ".join(dict.fromkeys(graph.name for graph, _ in self._forms)))
        return f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n<body>{self._repr_html_()}</body></html>\n'


def _form(graph: Graph, signature: str) -> str:
    place = "" if graph.span is None else f"{display_path(graph.span.filename)}:{graph.span.line}"
    head = f'<h2>{html.escape(f"{graph.name} {signature}")} <span class="place">{html.escape(place)}</span></h2>'
    rows = source_rows(graph)
    width = len(str(rows[-1].number)) if rows else 1
    return "\n".join([head, *(_line(row, width) for row in rows)])


def _line(row: LineRow, width: int) -> str:
    """One source line, which opens to show its ops."""
    text = html.escape(f"{row.number:>{width}}  {row.source}")
    if not row.ops:
        return f'<div class="line plain">{text}</div>'
    kind = ' class="interpreted"' if any(op.interpreted for op in row.ops) else ""
    reasons = "".join(f'  <span class="reason">{html.escape(r)}</span>' for r in dict.fromkeys(op.reason for op in row.ops) if r)
    ops = "\n".join(map(_op, row.ops))
    return f'<details><summary{kind}>{text}{reasons}</summary><div class="ops">{ops}</div></details>'


def _op(op: OpRow) -> str:
    text = html.escape(f"{op.result} = {op.text}" if op.result else op.text)
    types = f'  <span class="type">:: {html.escape(op.types)}</span>' if op.types else ""
    return text + types + (html.escape(f"  in {op.inlined}") if op.inlined else "")
