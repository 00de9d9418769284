"""Statements that the interpreter does as a whole: the source of a function that tells how one ended, and which variables it bound."""

from __future__ import annotations

import ast
from typing import Any

from tracer.unbound import NOT_BOUND


def collect(variables: dict[str, Any], names: tuple[str, ...], caught: tuple[str, ...], *outcome: Any) -> dict[str, Any]:
    """What an interpreted statement leaves: the variables that it bound, and how it ended. Those for exceptions that are `caught`
    around its end are unbound by that. Their frame may hold `variables`, and so each other, as long as they are there."""
    for name in caught:
        variables.pop(name, None)
    kept = {name: variables.get(name, NOT_BOUND) for name in names}
    kept["$end"] = outcome
    return kept


def collect_again(variables: dict[str, Any]) -> None:
    """The same once more, where a `finally` may have bound variables after the statement had ended."""
    kept = variables.get("$kept")
    if kept is not None:
        kept.update({name: variables.get(name, NOT_BOUND) for name in kept if name != "$end"})


class Outcome(ast.NodeTransformer):
    """Rewrites the jumps of a statement so that its function tells how it ended, and which variables it bound."""

    def __init__(self, bound: list[str]) -> None:
        self.bound = bound
        self.ends: set[str] = set()
        self.depth = 0
        self.caught: list[str] = []

    def result(self, kind: str, value: ast.expr | None = None) -> ast.Return:
        """`return` with how the statement ended."""
        variables = ast.Call(ast.Name("locals", ast.Load()), [], [])
        names = [ast.Constant(tuple(self.bound)), ast.Constant(tuple(self.caught))]
        arguments = [variables, *names, ast.Constant(kind), value or ast.Constant(None)]
        collected = ast.Call(ast.Name("$outcome", ast.Load()), arguments, [])
        return ast.Return(ast.NamedExpr(ast.Name("$kept", ast.Store()), collected))

    def body(self, node: ast.stmt) -> list[ast.stmt]:
        """The statement, and what it leaves."""
        statements = [self.visit(node), self.result("next")]
        if not self.ends or not any(getattr(each, "finalbody", None) for each in ast.walk(node)):
            return statements
        again = ast.Call(ast.Name("$again", ast.Load()), [ast.Call(ast.Name("locals", ast.Load()), [], [])], [])
        return [ast.Try(statements, [], [], [ast.Expr(again)])]

    def _jump(self, node: ast.stmt, kind: str, value: ast.expr | None = None) -> ast.stmt:
        self.ends.add(kind)
        return ast.copy_location(self.result(kind, value), node)

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        return self._jump(node, "return", node.value)

    def visit_Break(self, node: ast.Break) -> ast.stmt:
        return node if self.depth else self._jump(node, "break")

    def visit_Continue(self, node: ast.Continue) -> ast.stmt:
        return node if self.depth else self._jump(node, "continue")

    def _loop(self, node: Any) -> Any:
        self.depth += 1
        node.body = [self.visit(s) for s in node.body]
        self.depth -= 1
        node.orelse = [self.visit(s) for s in node.orelse]
        return node

    visit_For = visit_While = visit_AsyncFor = _loop

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        """The variable for the exception is unbound when control leaves the handler."""
        if node.name is None:
            return self.generic_visit(node)
        self.caught.append(node.name)
        self.generic_visit(node)
        self.caught.pop()
        return node

    def _scope(self, node: Any) -> Any:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _scope
