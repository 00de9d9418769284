"""Python functions made from parts of a traced function's syntax tree: they see its globals and its closure."""

from __future__ import annotations

import ast
import copy
import itertools
import sys
import weakref
from collections.abc import Collection, Iterable, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any

from tracer.scope import function_scope, names_bound_by, stored_names, walk
from tracer.source import FunctionSource, function_source, parsed, remember_source


def located(made: Any, like: ast.AST) -> Any:
    """Give the nodes that have no position the one of `like`."""
    for node in walk(made):
        if "lineno" in node._attributes and not hasattr(node, "lineno"):
            ast.copy_location(node, like)
    return made


def definition(name: str, parameters: Sequence[str], body: list[ast.stmt], like: ast.AST) -> ast.FunctionDef:
    """`def name(parameters): body`, at the position of `like`."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(p) for p in parameters], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    made = ast.FunctionDef(name, arguments, body or [ast.Pass()], [], None)
    if "type_params" in ast.FunctionDef._fields:  # from Python 3.12 on
        made.type_params = []
    return located(made, like)


def declare_outer(made: ast.FunctionDef, around: FunctionType, shared: Collection[str]) -> None:
    """Declare in the new function, at its beginning, what the function around it declares global, or nonlocal, and what it shares."""
    scope, parameters = function_scope(function_source(around).node), {a.arg for a in made.args.args}
    names = all_names(*made.body) - parameters
    nonlocals = scope.nonlocals | (stored_names(made.body) & set(shared))
    declared = [(kind, sorted(outer & names)) for kind, outer in ((ast.Global, scope.globals), (ast.Nonlocal, nonlocals))]
    if any(names for _, names in declared):
        made.body = [_WithoutDeclarations().visit(copy.deepcopy(statement)) for statement in made.body]
        made.body[:0] = [located(kind(names), made) for kind, names in declared if names]


class _WithoutDeclarations(ast.NodeTransformer):
    def visit_Global(self, node: ast.Global) -> ast.stmt:
        return ast.copy_location(ast.Pass(), node)

    visit_Nonlocal = visit_Global

    def visit_FunctionDef(self, node: Any) -> Any:
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = visit_FunctionDef


def fresh_name(taken: Collection[str], base: str) -> str:
    """A name for a new variable that is not taken."""
    return next(name for i in itertools.count(1) if (name := f"{base}_{i}") not in taken)


def all_names(*nodes: ast.AST) -> set[str]:
    """Every name of a variable that occurs in these nodes."""
    found = [inner for node in nodes for inner in walk(node)]
    names = {n.id if isinstance(n, ast.Name) else n.arg for n in found if isinstance(n, (ast.Name, ast.arg))}
    return names.union(*map(names_bound_by, found))


def make_function(
    node: ast.FunctionDef, around: FunctionType, lines: Sequence[str], defaults: tuple[Any, ...] = (), shared: Collection[str] = (),
) -> FunctionType:  # fmt: skip
    """The function that `node` defines where the function `around` is: with its globals, its cells and its names. `shared` are
    variables of that function which are free variables here, with cells that are not known yet: empty ones stand for them."""
    declare_outer(node, around, shared)
    cells = {name: CellType() for name in shared} | dict(zip(around.__code__.co_freevars, around.__closure__ or ()))
    code = _compiled(node, cells, around.__code__.co_filename)
    code = _qualified(code, around.__qualname__).replace(co_name=around.__code__.co_name)
    made = FunctionType(code, around.__globals__, node.name, defaults or None, tuple(cells[n] for n in code.co_freevars))
    made.__module__, made.__qualname__ = around.__module__, around.__qualname__
    source = FunctionSource(node, around.__code__.co_filename, around.__qualname__, code.co_freevars, lines)
    remember_source(made, source)
    return made


_MADE = "$factory.<locals>.$code"


def _qualified(code: CodeType, name: str) -> CodeType:
    """The code with its true qualified name, and those of the functions and classes in it that begin with it."""

    def qualified(part: Any) -> Any:
        if isinstance(part, CodeType):
            return _qualified(part, name)
        return name + part[len(_MADE) :] if isinstance(part, str) and part.startswith(_MADE) else part

    own = {"co_qualname": qualified(code.co_qualname)} if sys.version_info >= (3, 11) else {}
    return code.replace(co_consts=tuple(map(qualified, code.co_consts)), **own)


def _compiled(node: ast.FunctionDef, cells: Iterable[str], filename: str) -> CodeType:
    """The code of the function, with the cells as its free variables."""
    inner = copy.copy(node)
    inner.name = "$code"  # not its own: that stands for a global, or a cell, in recursive functions
    factory = definition("$factory", list(cells), [inner], node)
    module = parsed(lambda: compile(ast.Module([factory], []), filename, "exec"))
    return _inner(_inner(module))


def _inner(code: CodeType) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType))


_READ: weakref.WeakKeyDictionary[ast.AST, frozenset[str]] = weakref.WeakKeyDictionary()


def names_read(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that statements, or expressions, read or change in place; of nested functions, also their own."""
    return frozenset().union(*map(_read_in, nodes))


def _read_in(node: ast.AST) -> frozenset[str]:
    """The same for one node. What is left of a function shares statements with it, so the answers are kept."""
    found = _READ.get(node)
    if found is None:
        if isinstance(node, (ast.For, ast.While, ast.If)):
            found = names_read(ast.iter_child_nodes(node))
        else:
            names: set[str] = set()
            for inner in walk(node):
                if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Store):
                    names.add(inner.id)
                elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
                    names.add(inner.target.id)
                elif isinstance(inner, ast.Nonlocal):
                    names.update(inner.names)
            found = frozenset(names)
        _READ[node] = found
    return found
