"""Small graphs, compiled and called, for the tests of code generation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from codegen import Executable, Options, compile_graph
from codegen.engine import engine
from codegen.native import native_class, set_entries, set_slow
from ir.builder import Builder
from ir.graph import Block, Graph, Value
from ir.span import Span
from ir.types import Type

engine().verify = True  # every module that a test compiles also passes LLVM's verifier


class Declined(Exception):
    """No entry took the arguments."""


@native_class
class Compiled:
    """Calls an executable; raises Declined where its entry declines."""

    def __init__(self, executable: Executable) -> None:
        self.executable = executable
        set_entries(self, [executable])
        set_slow(self, _decline)


def _decline(*args: Any, **kwargs: Any) -> None:
    raise Declined(args, kwargs)


def span(line: int, function: str = "f", column: int = 4, end_column: int = 9, caller: Span | None = None) -> Span:
    return Span("user_file.py", function, line, column, line, end_column, caller)


def make_graph(
    parameters: Sequence[Type], result: Type | None, build: Callable[..., Value | None], name: str = "f"
) -> Graph:
    """A graph whose body is what `build(builder, *parameters)` emits; a value that it returns is returned.

    Without `result` the type of that value is the result type.
    """
    graph = Graph(name, span(1, name), [Block("entry", [Value(p) for p in parameters])], result)
    builder = Builder(graph)
    value = build(builder, *graph.params)
    if value is not None:
        graph.result_type = value.type
        builder.return_(value)
    return graph


def compiled(graph: Graph, **options: Any) -> Compiled:
    return Compiled(compile_graph(graph, Options(**options)))


def function(parameters: Sequence[Type], result: Type | None, build: Callable[..., Value | None], **options: Any) -> Compiled:
    """`make_graph`, compiled."""
    return compiled(make_graph(parameters, result, build), **options)
