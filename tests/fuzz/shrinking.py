"""Makes a failing program small: statements, blocks and expressions are taken away for as long as it fails."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable


def shrink(text: str, fails: Callable[[str], bool], seconds: float = 20.0) -> str:
    """A smaller program that still fails.

    Args:
        fails: whether a text, which parses, fails in the way that is looked for.
        seconds: after this time the smallest one so far is taken.
    """
    end = time.monotonic() + seconds
    best, before = ast.unparse(ast.parse(text)), ""
    while best != before:
        before = best
        for change in (_without_statement, _with_body_only, _with_part):
            best = _shrunk_by(change, best, fails, end)
    return best + "\n"


def _shrunk_by(change: Callable[[ast.AST, int], bool], best: str, fails: Callable[[str], bool], end: float) -> str:
    """The text after all changes of one sort after which it still fails."""
    place, variant = 0, 0
    while time.monotonic() < end:
        tree = ast.parse(best)
        nodes = list(ast.walk(tree))
        if place >= len(nodes):
            break
        if not change(nodes[place], variant):
            place, variant = place + 1, 0
            continue
        candidate = _text_of(tree)
        if candidate is not None and len(candidate) < len(best) and fails(candidate):
            best, variant = candidate, 0
        else:
            variant += 1
    return best


def _text_of(tree: ast.AST) -> str | None:
    """The source of the tree; None for texts within formatted texts that Python before 3.12 cannot write."""
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    except ValueError:
        return None


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    return [block for name in ("body", "orelse") if isinstance(block := getattr(node, name, None), list) and block]


def _without_statement(node: ast.AST, variant: int) -> bool:
    """Take the statement away that has this number in the blocks of the node, counted from the last."""
    places = [(block, i) for block in _blocks(node) for i in reversed(range(len(block)))]
    if isinstance(node, ast.Module):
        places = places[1:]  # the last one is the program
    if variant >= len(places):
        return False
    block, i = places[variant]
    if len(block) == 1 and block is node.body:
        if isinstance(block[0], ast.Pass):
            return False
        block[0] = ast.Pass()
    else:
        del block[i]
    return True


def _with_body_only(node: ast.AST, variant: int) -> bool:
    """Put the statements of a block in place of its `if` or loop."""
    places = [(block, i) for block in _blocks(node) for i, s in enumerate(block) if _blocks(s) and not isinstance(s, ast.FunctionDef)]
    if variant >= len(places):
        return False
    block, i = places[variant]
    block[i : i + 1] = block[i].body
    return True


def _with_part(node: ast.AST, variant: int) -> bool:
    """Put a part of an expression, or a number, in its place; take an item of a tuple or an argument away."""
    changes = []
    for name, value in ast.iter_fields(node):
        if isinstance(value, list) and len(value) > 1 and all(isinstance(item, (ast.expr, ast.keyword)) for item in value):
            changes += [(lambda i=i, value=value: value.pop(i)) for i in range(len(value))]
        if isinstance(value, ast.expr) and not isinstance(value, (ast.Name, ast.Constant)):
            parts = [part for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr)]
            changes += [(lambda part=part, name=name: setattr(node, name, part)) for part in parts]
        if isinstance(value, list):
            changes += [
                (lambda i=i, part=part, value=value: value.__setitem__(i, part))
                for i, item in enumerate(value) if isinstance(item, ast.expr)
                for part in ast.iter_child_nodes(item) if isinstance(part, ast.expr)
            ]  # fmt: skip
    if variant >= len(changes):
        return False
    changes[variant]()
    return True
