"""The rest of a function from any place in it, against the function itself: stopped there, and gone on with the rest."""

from __future__ import annotations

import ast
import copy
import textwrap
from typing import Any

import pytest

from tracer.continuations import Place, nodes_of_rest, rest_of_body
from tracer.python_code import definition, names_read

PROGRAMS = [
    """
    def f(n, m):
        t = 0
        for i in range(n):
            if i == 2: continue
            for j in range(m):
                t += i*j
                if j == 3: break
                if t > 50:
                    t -= 7
                    continue
                t += 1
            else:
                t += 100
            if t > 1000: break
            k = 0
            while k < 3:
                k += 1
                if k == 2: continue
                t += k
        else:
            t -= 1
        return t
    """,
    """
    def f(n, m):
        t = 1
        while t < n * 50:
            for i in range(m):
                for j in range(i):
                    t += 1
                    if j == 2:
                        break
                    if t % 5 == 0:
                        continue
                    t += 2
                else:
                    t += 10
                    if t > 90: break
                    t += 1
                if t % 7 == 0:
                    return t, i
                t += 3
            else:
                t += 5
                continue
            t *= 2
        else:
            t += 1000
        if m > 4:
            t = t - 1
        else:
            t = t + 1
        return t
    """,
    """
    def f(n, m):
        t = []
        for i in range(n):
            for j in range(m):
                t = t + [(i, j)]
                if i == j:
                    x = 1
                elif i > j:
                    x = 2
                    while x < 9:
                        x += i + 1
                        if x == 8:
                            break
                    else:
                        t = t + [x]
                        if len(t) > 20:
                            break
                else:
                    x = 3
                    continue
                t = t + [x]
            else:
                t = t + ["else"]
        return t
    """,
]
ARGUMENTS = [(4, 5), (6, 9), (3, 2), (1, 7), (0, 3)]


class Stop(Exception):
    """The function has come to the place; the argument has its variables."""


class Stopping(ast.NodeTransformer):
    """Puts a stop before, after or inside of a statement; the iterators of `for` loops get names."""

    def __init__(self, place: ast.stmt, where: str) -> None:
        self.place, self.where = place, where

    def visit(self, node: Any) -> Any:
        is_place = node is self.place
        made = super().visit(node)
        stop = ast.parse("stop(locals())").body[0]
        parts = [made]
        if isinstance(node, ast.For):
            name = f"iterator_{node.lineno}"
            parts.insert(0, ast.Assign([ast.Name(name, ast.Store())], ast.Call(ast.Name("iter", ast.Load()), [made.iter], [])))
            made.iter = ast.Name(name, ast.Load())
        if is_place and self.where == "inside":
            made.body.insert(0, stop)
        elif is_place:
            parts.insert(0 if self.where == "before" else len(parts), stop)
        return parts if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef) else made


def function_of(node: ast.FunctionDef, **names: Any) -> Any:
    space = dict(names)
    exec(compile(ast.fix_missing_locations(ast.Module([node], [])), "<made>", "exec"), space)
    return space[node.name]


def loops_around(function: ast.FunctionDef, place: ast.stmt, inside: bool) -> list[ast.For]:
    found: list[ast.For] = []

    def search(statements: list[ast.stmt], around: list[ast.For]) -> None:
        for statement in statements:
            if statement is place:
                found.extend([*around, *([place] if inside and isinstance(place, ast.For) else [])])
            inner = [*around, statement] if isinstance(statement, ast.For) else around
            search(getattr(statement, "body", []), inner)
            search(getattr(statement, "orelse", []), around)

    search(function.body, [])
    return found


def places(function: ast.FunctionDef) -> list[tuple[ast.stmt, str]]:
    statements = [n for n in ast.walk(function) if isinstance(n, ast.stmt) and n is not function]
    plain = [(s, "after") for s in statements if isinstance(s, (ast.Assign, ast.AugAssign))]
    loops = [(s, "before") for s in statements if isinstance(s, (ast.For, ast.While))]
    return [*plain, *loops, *((s, "inside") for s, _ in loops if isinstance(s, ast.For))]


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_rest_from_every_place_in_every_round(text: str) -> None:
    tree = ast.parse(textwrap.dedent(text)).body[0]
    original = function_of(copy.deepcopy(tree))
    nodes, stopped = list(ast.walk(tree)), 0
    for statement, where in places(tree):
        twin = copy.deepcopy(tree)
        Stopping(list(ast.walk(twin))[nodes.index(statement)], where).visit(twin)
        iterables = {loop: ast.Name(f"iterator_{loop.lineno}", ast.Load()) for loop in loops_around(tree, statement, where == "inside")}
        body = rest_of_body(tree, Place(statement, where), iterables)
        for hit in range(1, 7):
            for arguments in ARGUMENTS:
                variables = stopped_at(twin, hit, arguments)
                if variables is not None:
                    stopped += 1
                    rest = function_of(definition("rest", sorted(variables), body, statement))
                    assert rest(**variables) == original(*arguments), (ast.unparse(statement), where, hit, arguments)
    assert stopped > 100


def stopped_at(function: ast.FunctionDef, hit: int, arguments: tuple) -> dict[str, Any] | None:
    """The variables when the function comes to its stop for the `hit`th time; None where it does not."""
    count = 0

    def stop(variables: dict[str, Any]) -> None:
        nonlocal count
        count += 1
        if count == hit:
            raise Stop(dict(variables))

    try:
        function_of(function, stop=stop)(*arguments)
    except Stop as stopped:
        return stopped.args[0]
    return None


def test_places_are_in_the_rest_once() -> None:
    """What is left of a round is a copy: a place in the loop's body is found again in the body alone."""
    tree = ast.parse(textwrap.dedent(PROGRAMS[0])).body[0]
    loop = tree.body[1]
    body = rest_of_body(tree, Place(loop.body[0], "after"), {loop: loop.iter})
    found = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.stmt)]
    assert len(found) == len(set(map(id, found)))


def test_a_place_elsewhere_is_refused() -> None:
    tree = ast.parse(textwrap.dedent(PROGRAMS[0])).body[0]
    with pytest.raises(ValueError, match="not in this function"):
        rest_of_body(tree, Place(ast.Pass()), {})


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_names_of_the_rest_are_known_before_it_is_made(text: str) -> None:
    tree = ast.parse(textwrap.dedent(text)).body[0]
    for statement, where in places(tree):
        loops = loops_around(tree, statement, where == "inside")
        body = rest_of_body(tree, Place(statement, where), {loop: ast.Name(f"iterator_{loop.lineno}", ast.Load()) for loop in loops})
        made = {name for name in names_read(body) if not name.startswith(("iterator_", "left"))}
        assert made == {name for name in names_read(nodes_of_rest(tree, Place(statement, where))) if not name.startswith("left")}
