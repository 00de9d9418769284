"""Frames: the scope of one function while it is traced, and what waits for its end."""

from __future__ import annotations

import ast
import builtins
import copy
import types as python_types
from typing import Any

from ir.graph import Block
from ir.span import Span
from tracer.scope import FunctionNode, FunctionScope
from tracer.values import UNBOUND


class PathEnded(Exception):
    """Control does not go on after this point: everything behind it on this path is dead."""


class ObjectNeeded(Exception):
    """Something that exists only while tracing has to be an object: the trace starts again, and the interpreter makes it."""


class State:
    """Where a path of the trace stands: its block and the variables of every frame that can still be seen."""

    def __init__(self, block: Block, variables: dict[Frame, dict[str, Any]]) -> None:
        self.block = block
        self.variables = variables


Plan = list[tuple["Frame", str, Any]]
"""Variables that become parameters of a block: the frame, the name, and the shape."""


class LoopContext:
    """The paths that left the body of a loop early."""

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []


class Frame:
    """One function being traced. `path` tells frames of the same function apart by the calls that led here."""

    def __init__(
        self, node: FunctionNode, scope: FunctionScope, filename: str, name: str, globals: dict[str, Any],
        cells: dict[str, Any], lexical_parent: Frame | None, caller: Span | None, path: tuple[Any, ...],
        is_library: bool = False, origin: Frame | None = None,
    ) -> None:  # fmt: skip
        self.node = node
        self.scope = scope
        self.filename = filename
        self.name = name
        self.globals = globals
        self.cells = cells
        self.lexical_parent = lexical_parent
        self.caller = caller
        self.path = path
        self.is_library = is_library
        self.origin = origin  # of a frame made again in another graph
        self.spans: dict[ast.AST, Span] = {}
        self.casts: dict[str, Any] = {}
        self.function: python_types.FunctionType | None = None  # of a real function
        self.stands_for_call = False  # the body of an `@implements` function
        self.is_inlined = False  # a comprehension that has no frame of its own in Python
        self.restart()

    def restart(self) -> None:
        """Forget what was traced: the function is traced from its beginning."""
        self.variables: dict[str, Any] = {}
        self.loops: list[LoopContext] = []
        self.returns: list[tuple[State, Any, ast.AST | None]] = []
        self.hidden = 0
        self.inline_calls = 0

    def again(self) -> Frame:
        """Another frame for the same function, from its beginning. The spans are shared."""
        made = copy.copy(self)
        made.restart()
        return made

    def span(self, node: ast.AST) -> Span:
        """The span of a node, made once. Code of the library stands for the user's call of it, or is hidden."""
        if self.is_library and self.caller is not None:
            return self.caller
        span = self.spans.get(node)
        if span is None:
            span = self.spans[node] = Span(
                self.filename, self.name, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, self.caller,
                self.is_library,
            )  # fmt: skip
        return span

    def owner(self, name: str) -> Frame | None:
        """The frame whose variable `name` is seen from here; None for globals and cells of real functions."""
        if name in self.scope.locals:
            return self
        if name in self.scope.globals or self.lexical_parent is None:
            return None
        return self.lexical_parent.owner(name)

    def is_own(self, owner: Frame) -> bool:
        """Whether Python has the variables of `owner`, from here, in the frame that runs."""
        return self is owner or (self.is_inlined and self.lexical_parent is not None and self.lexical_parent.is_own(owner))

    def outermost(self) -> Frame:
        """The frame of the real function around this one."""
        return self if self.lexical_parent is None else self.lexical_parent.outermost()

    def known_names(self) -> tuple[str, ...]:
        """Every name that can be seen from here."""
        frame = self.outermost()
        own = self.scope.locals | (set() if self.lexical_parent is None else set(self.lexical_parent.known_names()))
        return (*own, *frame.cells, *frame.globals, *vars(builtins))

    def lookup_outside(self, name: str) -> Any:
        """A cell of the function, a global or a builtin; UNBOUND where there is none."""
        frame = self.outermost()
        if name in frame.cells and name not in self.scope.globals:
            return frame.cells[name]
        if name in frame.globals:
            return frame.globals[name]
        return getattr(builtins, name, UNBOUND)


def enclosing_frame(outer: Frame, names: list[str]) -> Frame:
    """A frame of these variables, for a nested function that is made again in another graph."""
    nothing: frozenset[str] = frozenset()
    scope = FunctionScope(frozenset(names), nothing, nothing, nothing, nothing, nothing)
    return Frame(
        outer.node, scope, outer.filename, outer.name, outer.globals, outer.cells, None, None, (),
        is_library=outer.is_library, origin=outer,
    )  # fmt: skip


def cell_contents(function: python_types.FunctionType) -> dict[str, Any]:
    """The values of a function's closure by name; empty cells are left out."""
    contents = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            contents[name] = cell.cell_contents
        except ValueError:  # the enclosing function has not assigned it yet
            continue
    return contents
