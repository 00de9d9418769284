"""Variables that nested functions share with the function around them.

Where the interpreter makes a nested function, as a part of a piece that it does alone, the nested function shares the variables of
the piece, not those of the compiled function around it. That makes a difference if one is bound again: by the nested function, or
behind the piece.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tracer.scope import nested_names

_CONSUMERS = frozenset({"sum", "min", "max", "any", "all", "sorted", "list", "tuple", "set", "dict", "join", "extend", "update", "sort", "array"})
"""Callables that do not keep a generator, or a function given as `key`."""


def rebound_and_shared(function: ast.AST, piece: ast.AST, local: frozenset[str]) -> frozenset[str]:
    """The local variables that a function made in the piece shares, and that are bound again by it or behind the piece."""
    nested = list(_kept_functions(piece))
    if not nested:
        return frozenset()
    reads, rebound = nested_names(nested)
    return ((reads & _bound_behind(function, piece)) | rebound) & local


def _kept_functions(piece: ast.AST) -> Iterator[ast.AST]:
    """The nested functions and generators in a piece that may be used after it."""
    used_at_once: set[ast.AST] = set()
    for node in ast.walk(piece):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) in _CONSUMERS:
            used_at_once.update(a for a in node.args if isinstance(a, ast.GeneratorExp))
            used_at_once.update(k.value for k in node.keywords if k.arg == "key")
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)) and node not in used_at_once:
            yield node


def _bound_behind(function: ast.AST, piece: ast.AST) -> frozenset[str]:
    """The names that may be bound after the piece has run: by what follows, or by any part of a loop around it."""
    order = list(_in_order(function))
    start = next((i for i, node in enumerate(order) if node is piece), None)
    if start is None:
        return frozenset(name for node in order for name in _bound_by(node))
    behind = order[start + sum(1 for _ in _in_order(piece)) :]
    loops = (n for n in order[:start] if isinstance(n, (ast.For, ast.While)) and any(inner is piece for inner in ast.walk(n)))
    return frozenset(name for node in (*behind, *(inner for loop in loops for inner in ast.walk(loop))) for name in _bound_by(node))


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, values before the targets that they are assigned to."""
    yield node
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
        children = [node.value, *(child for child in children if child is not node.value)]
    for child in children:
        yield from _in_order(child)


def _bound_by(node: ast.AST) -> Iterator[str]:
    """The name that a node binds or unbinds, if any."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
