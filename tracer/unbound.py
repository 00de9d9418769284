"""Variables that may be unbound, where the interpreter takes over: their values are handed over as the object NOT_BOUND."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from typing import Any

from ir import types
from ir.graph import Constant, Value
from ir.ops import python
from tracer.scope import parameters, stored_names, walk
from tracer.shapes import convert_to
from tracer.values import UNBOUND, Maybe

UNBOUND_NAME = "__not_bound__"


class _NotBound:
    """What stands in a variable that is not bound, where its value is handed over."""

    def __repr__(self) -> str:
        return "<not bound>"


NOT_BOUND = _NotBound()


def perhaps_unbound(t: Any, variable: Maybe) -> Value:
    """The value of a variable as an object, or the object NOT_BOUND."""
    nothing = Constant(types.object_, value=NOT_BOUND)
    return t.conditional(variable.bound, lambda: convert_to(t, variable.value, types.object_), lambda: nothing)


def is_unbound(t: Any, value: Value) -> Value:
    """Whether an object is NOT_BOUND."""
    return t.emit(python.same_object, value, Constant(types.object_, value=NOT_BOUND))


def forgetting(names: Iterable[str]) -> list[ast.stmt]:
    """Statements that unbind those of the variables that are the object NOT_BOUND."""
    marker = ast.Name(UNBOUND_NAME, ast.Load())
    return [
        ast.If(ast.Compare(ast.Name(n, ast.Load()), [ast.Is()], [marker]), [ast.Delete([ast.Name(n, ast.Del())])], []) for n in names
    ]  # fmt: skip


def local(names: Iterable[str]) -> list[ast.stmt]:
    """A statement that makes the names local to a function, without binding them: else they would be looked up outside of it."""
    targets: list[ast.expr] = [ast.Name(n, ast.Store()) for n in names]
    return [ast.If(ast.Constant(False), [ast.Assign(targets, ast.Constant(None))], [])] if targets else []


def unbound_error(name: str, is_local: bool) -> tuple[type[BaseException], str]:
    """The exception for a variable read before it is bound: UnboundLocalError, or NameError in a nested function."""
    if sys.version_info < (3, 11):
        where = "" if is_local else " in enclosing scope"
        kind = "local" if is_local else "free"
        return (UnboundLocalError if is_local else NameError), f"{kind} variable '{name}' referenced before assignment{where}"
    if is_local:
        return UnboundLocalError, f"cannot access local variable '{name}' where it is not associated with a value"
    return NameError, f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope"


def bound_before(t: Any, names: Iterable[str]) -> set[str]:
    """Those of the names that are certainly bound where the trace stands."""
    variables = t.frame.variables
    return {n for n in names if not isinstance(b := variables.get(n, UNBOUND), Maybe) and b is not UNBOUND}


def unbound_in(node: ast.stmt) -> set[str]:
    """The names that a statement may unbind."""
    deleted = {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)}
    return deleted | {n.name for n in walk(node) if isinstance(n, ast.ExceptHandler) and n.name}


def certainly_bound(statements: list[ast.stmt]) -> set[str]:
    """Names that are bound when control goes on behind the statements, as far as their form tells."""
    found: set[str] = set()
    for node in statements:
        if isinstance(node, ast.With):
            found |= stored_names([item.optional_vars for item in node.items if item.optional_vars is not None])
        elif isinstance(node, ast.If):
            always = isinstance(node.test, ast.Constant) and node.test.value
            found |= certainly_bound(node.body) & (set(stored_names([node])) if always else certainly_bound(node.orelse))
        elif isinstance(node, ast.Try):
            arms = [[*node.body, *node.orelse], *(handler.body for handler in node.handlers)]
            found |= certainly_bound(node.finalbody) | set.intersection(*map(certainly_bound, arms))
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
            found |= stored_names([node])
        found -= unbound_in(node)
    return found


def perhaps_unbound_in(function: Any, names: frozenset[str]) -> frozenset[tuple[str, int, int]]:
    """Where a function itself, not one in it, reads one of its variables `names` that may be unbound there, as far as the form of the
    statements tells: the name, the line and the column. One that may be unbound again may be so everywhere."""
    found: set[tuple[str, int, int]] = set()
    walk = _Binding(names, names - unbound_in(function), found)
    walk.block(function.body, {a.arg for a in parameters(function.args)} & walk.lasting)
    return frozenset(found)


class _Binding:
    """Walks through statements in their order, with the names that are certainly bound: those among `lasting`."""

    def __init__(self, names: frozenset[str], lasting: frozenset[str], found: set[tuple[str, int, int]]) -> None:
        self.names, self.lasting, self.found = names, lasting, found

    def block(self, statements: list[ast.stmt], bound: set[str]) -> None:
        for node in statements:
            self.statement(node, bound)
            bound = bound | (certainly_bound([node]) & self.lasting)

    def statement(self, node: Any, bound: set[str]) -> None:
        for field, value in ast.iter_fields(node):
            if field == "body" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            if field in ("body", "orelse", "finalbody"):
                self.block(value, bound | self._before(node, field))
            elif field in ("handlers", "cases"):
                for part in value:
                    self.statement(part, bound)
            else:
                for expression in value if isinstance(value, list) else [value]:
                    self.reads(expression, bound, isinstance(node, ast.AugAssign))

    def _before(self, node: ast.stmt, field: str) -> set[str]:
        """What a statement binds before it comes to one of its blocks."""
        targets: list[ast.AST] = []
        if field == "body" and isinstance(node, ast.For):
            targets = [node.target]
        elif field == "body" and isinstance(node, ast.With):
            targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
        return stored_names(targets) & self.lasting

    def reads(self, node: Any, bound: set[str], updates: bool = False) -> None:
        """Note the names in an expression, without the bodies of functions and classes."""
        if isinstance(node, ast.Name):
            if node.id in self.names - bound and (updates or not isinstance(node.ctx, ast.Store)):
                self.found.add((node.id, node.lineno, node.col_offset))
        elif isinstance(node, ast.Lambda):
            self.reads(node.args, bound)
        elif isinstance(node, ast.AST):
            for child in ast.iter_child_nodes(node):
                self.reads(child, bound)
