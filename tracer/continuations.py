"""The rest of a function, from a place in the middle of it, as a function of its own.

When compiled code meets a value whose type was not known before, it hands back its variables, and the rest of the
function is run, compiled for the types at hand. That rest is an ordinary function: it takes the variables as parameters and goes on
behind a statement, or at the beginning of the body of a loop, whatever is around that place:

    for x in items:          def rest(items, x, y, total):
        y = f(x)                 leave = False
        # <-- here               while True:
        if y: break                  if y:
        total += y                       leave = True
    return total                         break
                                     total += y
                                     break
                                 if not leave:
                                     for x in items: ...
                                 return total

A `for` loop goes on over what is left of its iterable: who asks for the rest says what that is.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from types import FunctionType
from typing import Any, NamedTuple

from tracer.python_code import all_names, definition, fresh_name, located, make_function


class Place(NamedTuple):
    """Where to go on: "before" or "after" a statement; or "inside" of a loop, at the beginning of its body, or at its "else"."""

    statement: ast.stmt
    where: str = "after"


Iterables = dict[ast.For, ast.expr]
"""What is left of the iterables of the `for` loops around a place, as expressions."""


def rest_of_body(function: ast.FunctionDef, place: Place, iterables: Iterables) -> list[ast.stmt]:
    """What `function` does from the place on. Most nodes are shared with it.

    Raises ValueError for a place that is not in the function, or is inside of a statement that cannot be entered.
    """
    body = _Rest(place, iterables, all_names(function)).of(function.body)
    if body is None:
        raise ValueError(_NOT_THERE)
    return [located(statement, place.statement) for statement in body]


def nodes_of_rest(function: ast.FunctionDef, place: Place) -> list[ast.AST]:
    """The parts of `function` that may be done from the place on, without the iterables of the loops around: all that `rest_of_body` is
    made of. Raises ValueError as that."""
    found = _nodes_from(function.body, place)
    if found is None:
        raise ValueError(_NOT_THERE)
    return found


def _nodes_from(statements: list[ast.stmt], place: Place) -> list[ast.AST] | None:
    for index, statement in enumerate(statements):
        if statement is place.statement and place.where == "before":
            return list(statements[index:])
        inner = _nodes_inside(statement, place)
        if inner is not None:
            return [*inner, *statements[index + 1 :]]
    return None


def _nodes_inside(statement: Any, place: Place) -> list[ast.AST] | None:
    if statement is place.statement and place.where != "inside":
        return statement.orelse if place.where == "else" else []
    if isinstance(statement, ast.If):
        found = _nodes_from(statement.body, place)
        return _nodes_from(statement.orelse, place) if found is None else found
    if isinstance(statement, (ast.For, ast.While)):
        if statement is not place.statement and _nodes_from(statement.body, place) is None:
            return _nodes_from(statement.orelse, place)
        return [statement] if isinstance(statement, ast.While) else [statement.target, *statement.body, *statement.orelse]
    return None


_NOT_THERE = "the place is not in this function"


class _Rest:
    """Finds what is left to do from a place on."""

    def __init__(self, place: Place, iterables: Iterables, taken: set[str]) -> None:
        self.place, self.iterables = place, iterables
        self.taken = taken

    def of(self, statements: list[ast.stmt]) -> list[ast.stmt] | None:
        """What is to be done from the place to the end of the statements; None if the place is not in them."""
        for index, statement in enumerate(statements):
            if statement is self.place.statement and self.place.where == "before":
                return statements[index:]
            inner = self._inside(statement)
            if inner is not None:
                return inner + statements[index + 1 :]
        return None

    def _inside(self, statement: Any) -> list[ast.stmt] | None:
        if statement is self.place.statement:
            if self.place.where == "inside":
                return self._of_loop(statement, statement.body)
            return statement.orelse if self.place.where == "else" else []
        if isinstance(statement, ast.If):
            found = self.of(statement.body)
            return self.of(statement.orelse) if found is None else found
        if isinstance(statement, (ast.For, ast.While)):
            found = self.of(statement.body)
            return self.of(statement.orelse) if found is None else self._of_loop(statement, found)
        return None

    def _of_loop(self, loop: Any, rest_of_round: list[ast.stmt]) -> list[ast.stmt]:
        """The rest of one round, and the rounds after it."""
        mark = fresh_name(self.taken, "left")
        self.taken.add(mark)
        once, leaves = _one_round(rest_of_round, mark)
        following = loop
        if isinstance(loop, ast.For):
            iterable = located(copy.deepcopy(self.iterables[loop]), loop.iter)
            following = ast.copy_location(ast.For(loop.target, iterable, loop.body, loop.orelse, None), loop)
        if not leaves:
            return [*once, following]
        left = ast.Name(mark, ast.Load())
        return [_set(mark, False), *once, ast.If(ast.UnaryOp(ast.Not(), left), [following], [])]


def _one_round(statements: list[ast.stmt], mark: str) -> tuple[list[ast.stmt], bool]:
    """Statements of a loop's body as a loop that is done once; whether they may leave the real loop.

    `continue` ends the round, `break` notes in the variable `mark` that the loop is left as well.
    """
    jumps = list(jumps_of(statements))
    statements = [copy.deepcopy(s) for s in statements]  # the loop that follows has them, too: each place is there once
    if not jumps:
        return statements, False
    leaves = any(isinstance(jump, ast.Break) for jump in jumps)
    body = [_Redirected(mark).visit(s) for s in statements]
    flat = [s for made in body for s in (made if isinstance(made, list) else [made])]
    return [ast.While(ast.Constant(True), [*flat, ast.Break()], [])], leaves


def jumps_of(statements: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The `break` and `continue` statements that belong to the loop around these statements."""
    for statement in statements:
        if isinstance(statement, (ast.Break, ast.Continue)):
            yield statement
        elif isinstance(statement, (ast.For, ast.While)):
            yield from jumps_of(statement.orelse)
        elif not isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.expr)):
            yield from jumps_of(list(ast.iter_child_nodes(statement)))


class _Redirected(ast.NodeTransformer):
    """Turns the jumps of one loop into those of a loop that is done once."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def visit_Break(self, node: ast.Break) -> Any:
        return [_set(self.mark, True), node]

    def visit_Continue(self, node: ast.Continue) -> Any:
        return ast.copy_location(ast.Break(), node)

    def visit_For(self, node: Any) -> Any:
        node.orelse = [s for made in map(self.visit, node.orelse) for s in (made if isinstance(made, list) else [made])]
        return node

    visit_While = visit_For

    def visit_FunctionDef(self, node: Any) -> Any:
        return node

    visit_ClassDef = visit_Lambda = visit_FunctionDef


def renamed(loop: ast.For, rest: ast.expr, parts: dict[str, Any], taken: set[str]) -> dict[str, Any]:
    """Give the hidden variables in what is left of a loop names that a parameter can have: always the same ones for the
    same loop, since functions for the rest are told apart by the names of what they take."""
    names: dict[str, str] = {}
    for node in ast.walk(rest):
        if isinstance(node, ast.Name) and node.id in parts:
            if node.id not in names:
                words = [word for word in node.id.lstrip("$").split(".") if not word.isdigit()]
                name = "_".join([*words, f"{loop.lineno}_{loop.col_offset}", *(["next"] * len(names))])
                names[node.id] = name if name not in taken else fresh_name(taken, name)
            node.id = names[node.id]
    return {names[name]: binding for name, binding in parts.items() if name in names}


def _set(name: str, value: Any) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], ast.Constant(value))


class RestOfFunction:
    """The compiled form of what is left of a function, made when it is first needed: code comes to most of its ends never.

    `body` gives the statements, `names` are the parameters, of which the last have the objects `static` as defaults; `around`: the
    function, its lines, and the variables that it shares with inner functions.
    """

    def __init__(
        self, body: Callable[[], list[ast.stmt]], like: ast.stmt, names: Sequence[str], static: tuple[Any, ...],
        around: tuple[FunctionType, Sequence[str], Collection[str]], compile_rest: Callable[[FunctionType], Any],
    ) -> None:  # fmt: skip
        self._body, self._like, self._names, self._static = body, like, names, static
        self._around, self._compile = around, compile_rest
        self._compiled: Any = None

    def compiled(self) -> Any:
        """What can be called. Threads that ask at once may get one each."""
        if self._compiled is None:
            self._compiled = self._compile(self._made())
        return self._compiled

    def _made(self) -> FunctionType:
        function, lines, shared = self._around
        node = definition(function.__name__, self._names, self._body(), self._like)
        made = make_function(node, function, lines, self._static, shared)
        node.args.defaults = [ast.copy_location(ast.Constant(None), self._like) for _ in self._static]
        return made
