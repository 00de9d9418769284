"""Whether a piece of source can be done by a function of its own, whose variables are copies.

A function, a lambda, a class or a generator that the piece makes sees variables of that function, not the real ones. That is the same as
long as the variables keep their values: nothing may assign them once the piece has begun.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from tracer.scope import FunctionNode, names_bound_by, nested_nonlocals, nested_reads, walk

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LATER = (*_FUNCTIONS, ast.ClassDef, ast.GeneratorExp)
"""What is done, in part, later than where it stands."""
_CONSUMERS = frozenset({"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})


def changing_captures(function: FunctionNode, piece: ast.AST, locals: frozenset[str]) -> set[str]:
    """The local variables that something in the piece sees later, and that may have changed by then."""
    nodes = walk(piece)
    later = [n for n in nodes if isinstance(n, _LATER)]
    if later:
        at_once = _consumed_at_once(function, locals)
        later = [n for n in later if id(n) not in at_once]
    seen = {name for node in later for name in nested_reads(node)} & locals
    if not seen:
        return set()
    rebound = {name for node in later for name in nested_nonlocals(node)} & seen
    inside = set(map(id, nodes))
    changing: set[str] = set()
    for node, comes_later in _others(function, inside):
        if isinstance(node, _LATER):
            changing |= nested_nonlocals(node) & seen
        if comes_later:
            changing |= (names_bound_by(node) & seen) | (_reads(node) & rebound)
    return changing


def _others(function: FunctionNode, inside: set[int]) -> Iterator[tuple[ast.AST, bool]]:
    """The nodes around a piece, and whether they are done when it has begun: before it is done again, too. In a loop
    around the piece that goes for the piece itself."""
    steps = list(_steps(function.body, ()))
    start = next((i for i, (node, _) in enumerate(steps) if id(node) in inside), 0)
    around = [loop for loop in steps[start][1] if id(loop) not in inside][:1]
    for index, (node, loops) in enumerate(steps):
        again = bool(around) and around[0] in loops
        if again or id(node) not in inside:
            yield node, again or index >= start


def _consumed_at_once(function: FunctionNode, locals: frozenset[str]) -> set[int]:
    """The generators that a builtin takes all items from before anything else happens."""
    found = set()
    for node in walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CONSUMERS - locals:
            found.update(id(a) for a in node.args if isinstance(a, ast.GeneratorExp))
    return found


def _steps(nodes: Any, loops: tuple[ast.AST, ...]) -> Iterator[tuple[ast.AST, tuple[ast.AST, ...]]]:
    """Every node of a function's own scope in the order in which they are done, with the loops around it."""
    for node in nodes if isinstance(nodes, list) else [nodes]:
        inner = (*loops, node) if isinstance(node, (ast.For, ast.While, ast.AsyncFor)) else loops
        yield node, inner
        for child in _evaluated(node):
            yield from _steps(child, inner)


def _evaluated(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below that are part of the same scope, in the order in which they are done."""
    if isinstance(node, _FUNCTIONS):
        return [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]
    if isinstance(node, ast.ClassDef):
        return [*node.bases]
    if isinstance(node, ast.comprehension):
        return [node.iter, *node.ifs]
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For)):
        first = node.iter if isinstance(node, ast.For) else node.value
        return [*([] if first is None else [first]), *(child for child in ast.iter_child_nodes(node) if child is not first)]
    return list(ast.iter_child_nodes(node))


def _reads(node: ast.AST) -> frozenset[str] | set[str]:
    """The names that one node reads, now or later."""
    return {node.id} if isinstance(node, ast.Name) else nested_reads(node) if isinstance(node, _LATER) else set()
