"""Graphs of elementary functions, known by their names and types, and made only when somebody looks into them.

What `np.exp` does with a number takes longer to trace than all that an expression around it does. A map of it over contiguous
arrays calls code that was compiled once, before (`ir.ops.elementwise.kernel`), and needs the graph for nothing. All others
that ask for its blocks, as a pass that fuses it with something, a printer or the interpreter, get what was always there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ir.clone import copy_blocks
from ir.graph import Block, Graph, Value
from ir.rewriting import substitute
from ir.span import Span
from ir.types import Type


class Sources(NamedTuple):
    """What tells sources from others: where they are, and in which state."""

    folders: str
    state: str


class Definition:
    """What an elementary function computes from numbers, traced when it is first needed, once.

    `key` tells it from all others, in all processes of one version of the `sources`, of which its graph and the code for it are made.
    """

    def __init__(
        self, name: str, key: str, parameters: Sequence[Type], result: Type, make: Callable[[], Graph],
        sources: Callable[[], Sources | None],
    ) -> None:  # fmt: skip
        self.name, self.key, self.parameters, self.result = name, key, tuple(parameters), result
        self.sources = sources
        self._make = make
        self._graph: Graph | None = None

    def graph(self) -> Graph:
        """The graph that all others are copies of. (Two threads that come first may both make it: it is the same.)"""
        if self._graph is None:
            self._graph = self._make()
        return self._graph


class DeferredGraph(Graph):
    """A graph that does what a definition says, at one place of a program.

    Its ops stand at `span`, the place where the function is called; `names` are those of its parameters. `called` has the copies
    of the graphs that definitions call, which all graphs of a compilation share.
    """

    __slots__ = ("definition", "names", "called", "_blocks", "_given")

    is_deferred = True

    def __init__(self, definition: Definition, span: Span | None, names: Sequence[str], called: dict[Graph, Graph]) -> None:
        self.definition, self.names, self.called = definition, names, called
        self._given = [Value(type, name) for type, name in zip(definition.parameters, names)]
        self._blocks: list[Block] = []
        super().__init__(definition.name, span, [], definition.result)

    @property
    def blocks(self) -> list[Block]:  # type: ignore[override]
        if not self._blocks:
            self._look()
        return self._blocks

    @blocks.setter
    def blocks(self, blocks: list[Block]) -> None:
        self._blocks = blocks

    @property
    def params(self) -> list[Value]:
        """Known without a look."""
        return self._blocks[0].params if self._blocks else self._given

    def again(self, called: dict[Graph, Graph]) -> DeferredGraph:
        """The same for another program."""
        return DeferredGraph(self.definition, self.span, self.names, called)

    def _look(self) -> None:
        source = self.definition.graph()
        for each in source.callees():
            if each not in self.called:
                self.called[each] = Graph(each.name, each.span, [], each.result_type)
                copy_blocks(each, self.called[each], self.called)
        copied = Graph(self.name)
        copy_blocks(source, copied, self.called)
        substitute(copied, dict(zip(copied.params, self._given)))  # who asked for them before has these
        copied.entry.params = self._given
        for op in copied.ops():
            op.span = self.span
        self._blocks = copied.blocks
