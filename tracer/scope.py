"""Names of a function before it is traced: which are local, which loops assign, which are live where.

Only live variables are joined where paths meet, so a temporary that holds an int on one path and a string
on the other troubles nobody, and loops carry no dead values. Liveness is the classic backward analysis
(Aho, Lam, Sethi, Ullman: Compilers, 9.2.5) on the structured AST.
"""

from __future__ import annotations

import ast
import copy
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

FunctionNode = ast.FunctionDef | ast.Lambda


class FunctionScope:
    """What the tracer asks about a function's names.

    `captured` are those that nested functions read, `rebound_inside` those that they rebind, `free` the names that
    come from outside, `yields` is what makes it a generator, if it is one.
    `live_after[statement]` holds the names read later on some path (for `if` and loops),
    `live_at_header[loop]` those live when a loop's next round is decided, `assigned[loop]` those its body binds.
    """

    def __init__(
        self, locals: frozenset[str], nonlocals: frozenset[str], globals: frozenset[str], captured: frozenset[str],
        rebound_inside: frozenset[str], free: frozenset[str], yields: ast.AST | None = None,
    ) -> None:  # fmt: skip
        self.locals = locals
        self.nonlocals = nonlocals
        self.globals = globals
        self.captured = captured
        self.rebound_inside = rebound_inside
        self.free = free
        self.yields = yields
        self.live_after: dict[ast.AST, frozenset[str]] = {}
        self.live_at_header: dict[ast.AST, frozenset[str]] = {}
        self.assigned: dict[ast.AST, frozenset[str]] = {}

    def shared(self, kept: frozenset[str], outside: frozenset[str]) -> FunctionScope:
        """The scope with some names as variables of the function which others see, whatever its source says, and others as ones from outside."""
        made = copy.copy(self)
        made.captured = self.captured | kept
        made.locals = (self.locals | kept) - outside
        made.nonlocals = (self.nonlocals | outside) - kept
        return made


_SCOPES: weakref.WeakKeyDictionary[ast.AST, FunctionScope] = weakref.WeakKeyDictionary()


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters in the order in which `inspect` lists them."""
    listed = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        listed.append(arguments.vararg)
    listed += arguments.kwonlyargs
    if arguments.kwarg:
        listed.append(arguments.kwarg)
    return listed


def function_scope(node: FunctionNode) -> FunctionScope:
    """The analysis of one function, made once per AST node."""
    scope = _SCOPES.get(node)
    if scope is None:
        scope = _SCOPES[node] = _analyse(node)
    return scope


def _analyse(node: FunctionNode) -> FunctionScope:
    names = _Names()
    body = node.body if isinstance(node, ast.FunctionDef) else [ast.Expr(node.body)]
    for statement in body:
        names.visit(statement)
    bound = names.stored | {a.arg for a in parameters(node.args)}
    captured = names.nested_reads - names.globals
    scope = FunctionScope(
        locals=frozenset(bound - names.nonlocals - names.globals),
        nonlocals=frozenset(names.nonlocals),
        globals=frozenset(names.globals),
        captured=frozenset(captured),
        rebound_inside=frozenset(names.nested_nonlocals),
        free=frozenset((names.loaded | names.nested_reads | names.nonlocals) - bound - names.globals),
        yields=names.yields,
    )
    if names.has_paths:
        _Liveness(scope).block(body, frozenset())
    return scope


class _Names:
    """Collects the names that a function binds and reads, without entering nested scopes' own names."""

    def __init__(self) -> None:
        self.stored: set[str] = set()
        self.loaded: set[str] = set()
        self.nonlocals: set[str] = set()
        self.globals: set[str] = set()
        self.nested_reads: set[str] = set()
        self.nested_nonlocals: set[str] = set()
        self.walruses: set[str] = set()
        self.has_paths = False
        self.yields: ast.AST | None = None

    def visit(self, node: ast.AST) -> None:
        """Collect from a node and all below it."""
        kind = node.__class__
        if kind is ast.Name:
            (self.loaded if node.ctx.__class__ is ast.Load else self.stored).add(node.id)
            return
        special = _SPECIAL.get(kind)
        if special is not None:
            special(self, node)
            return
        for child in _children(node):
            self.visit(child)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.nonlocals.update(node.names)

    def _global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def _path(self, node: ast.AST) -> None:
        self.has_paths = True
        for child in _children(node):
            self.visit(child)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self.yields = self.yields or node
        for child in _children(node):
            self.visit(child)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.stored.update((alias.asname or alias.name).split(".")[0] for alias in node.names)

    def _function(self, node: ast.FunctionDef) -> None:
        self.stored.add(node.name)
        for expression in node.decorator_list:
            self.visit(expression)
        self._nested(node.args, node.body)

    def _lambda(self, node: ast.Lambda) -> None:
        self._nested(node.args, [node.body])

    def _generator(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp) -> None:
        """A comprehension is a nested scope, but its first iterable is evaluated in this one."""
        self.visit(node.generators[0].iter)
        inner = _Names()
        for child in _children(node):
            inner.visit(child)
        self.nested_reads |= (inner.loaded | inner.nested_reads) - (inner.stored - inner.walruses)
        self.nested_nonlocals |= inner.nested_nonlocals
        self.stored |= inner.walruses
        self.walruses |= inner.walruses

    def _walrus(self, node: ast.NamedExpr) -> None:
        """In a comprehension, too, it binds a name of the function."""
        self.visit(node.target)
        self.walruses.add(node.target.id)
        self.visit(node.value)

    def _class(self, node: ast.ClassDef) -> None:
        """The body of a class is a scope of its own, whose names its methods do not see."""
        self.stored.add(node.name)
        for expression in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(expression)
        inner = _Names()
        for statement in node.body:
            inner.visit(statement)
        self.nested_reads |= inner.loaded | inner.nested_reads | inner.nonlocals
        self.nested_nonlocals |= inner.nonlocals | inner.nested_nonlocals

    def _binding(self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        """Handlers and patterns bind names that are not nodes."""
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self.stored.add(name)
        for child in _children(node):
            self.visit(child)

    def _nested(self, arguments: ast.arguments, body: Iterable[ast.AST]) -> None:
        for default in [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]:
            self.visit(default)
        inner = _Names()
        for part in body:
            inner.visit(part)
        own = inner.stored | {a.arg for a in parameters(arguments)}
        reads = (inner.loaded | inner.nested_reads | inner.nonlocals) - (own - inner.nonlocals) - inner.globals
        self.nested_reads |= reads
        self.nested_nonlocals |= inner.nonlocals | inner.nested_nonlocals


_SPECIAL: dict[type[ast.AST], Callable[[_Names, Any], None]] = {
    ast.Nonlocal: _Names._nonlocal, ast.Global: _Names._global, ast.If: _Names._path, ast.For: _Names._path,
    ast.While: _Names._path, ast.Import: _Names._import, ast.ImportFrom: _Names._import,
    ast.FunctionDef: _Names._function, ast.AsyncFunctionDef: _Names._function, ast.Lambda: _Names._lambda, ast.NamedExpr: _Names._walrus,
    ast.GeneratorExp: _Names._generator, ast.ListComp: _Names._generator,
    ast.SetComp: _Names._generator, ast.DictComp: _Names._generator, ast.ClassDef: _Names._class, ast.ExceptHandler: _Names._binding,
    ast.Yield: _Names._yield, ast.YieldFrom: _Names._yield, ast.MatchAs: _Names._binding, ast.MatchStar: _Names._binding, ast.MatchMapping: _Names._binding,
}  # fmt: skip
_WITHOUT_PLACES = (ast.expr_context, ast.operator, ast.cmpop, ast.unaryop, ast.boolop)
_WITHOUT_NAMES = (ast.Constant, *_WITHOUT_PLACES)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes directly below that can hold names; `ast.iter_child_nodes` takes twice the time."""
    for field in node._fields:
        value = getattr(node, field, None)
        if value.__class__ is list:
            for item in value:
                if isinstance(item, ast.AST):
                    yield item
        elif isinstance(value, ast.AST) and not isinstance(value, _WITHOUT_NAMES):
            yield value


def walk(node: ast.AST) -> list[ast.AST]:
    """The nodes that `ast.walk` gives, but for those that never have a place in the source, in a third of the time."""
    found = [node]
    for each in found:
        for field in each._fields:
            value = getattr(each, field, None)
            if value.__class__ is list:
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, _WITHOUT_PLACES):
                found.append(value)
    return found


def stored_names(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that these statements bind in their own scope."""
    names = _Names()
    for node in nodes:
        names.visit(node)
    return names.stored


def names_bound_by(node: ast.AST) -> set[str]:
    """The names that one node, without those below it, binds or unbinds."""
    if isinstance(node, ast.Name):
        return set() if isinstance(node.ctx, ast.Load) else {node.id}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).split(".")[0]}
    return {name for field in ("name", "rest") if isinstance(name := getattr(node, field, None), str)}


def nested_reads(node: ast.AST) -> set[str]:
    """The names that a function, class or comprehension reads from around it."""
    names = _Names()
    names.visit(node)
    return names.nested_reads


def binds_around(node: ast.AST) -> set[str]:
    """The names that assignment expressions in a comprehension bind around it."""
    names = _Names()
    names.visit(node)
    return names.walruses


def nested_nonlocals(node: ast.AST) -> set[str]:
    """The names around it that a function, class or comprehension rebinds."""
    names = _Names()
    names.visit(node)
    return names.nested_nonlocals


def _reads(node: ast.AST | None) -> set[str]:
    """The names read by a statement or expression, nested scopes included."""
    found: set[str] = set()
    if node is not None:
        _collect(node, ast.Load, found)
    return found


def _stores(target: ast.AST) -> set[str]:
    found: set[str] = set()
    _collect(target, ast.Store, found)
    return found


def _collect(node: ast.AST, context: type[ast.expr_context], found: set[str]) -> None:
    if node.__class__ is ast.Name:
        if node.ctx.__class__ is context:
            found.add(node.id)
        return
    if node.__class__ is ast.AugAssign and context is ast.Load:
        _collect(node.target, ast.Store, found)  # it is read, too
    for child in _children(node):
        _collect(child, context, found)


_COMPOUND = (ast.Try, ast.With, ast.AsyncWith, ast.Match, *((ast.TryStar,) if hasattr(ast, "TryStar") else ()))
"""Statements that the tracer does not look into."""


class _Liveness:
    """Walks statements backwards; `block` gives the names live before it."""

    def __init__(self, scope: FunctionScope) -> None:
        self.scope = scope
        # A piece of a function may jump to a loop that is not in it.
        self.break_live: list[frozenset[str]] = [frozenset()]
        self.continue_live: list[frozenset[str]] = [frozenset()]

    def block(self, statements: list[ast.stmt], live: frozenset[str]) -> frozenset[str]:
        for statement in reversed(statements):
            live = self.statement(statement, live)
        return live

    def statement(self, node: ast.stmt, live: frozenset[str]) -> frozenset[str]:
        if isinstance(node, ast.If):
            self.scope.live_after[node] = live
            return self.block(node.body, live) | self.block(node.orelse, live) | _reads(node.test)
        if isinstance(node, (ast.For, ast.While)):
            return self.loop(node, live)
        if isinstance(node, (ast.Return, ast.Raise)):
            return frozenset(_reads(node))
        if isinstance(node, ast.Break):
            return self.break_live[-1]
        if isinstance(node, ast.Continue):
            return self.continue_live[-1]
        return self.simple(node, live)

    def simple(self, node: ast.stmt, live: frozenset[str]) -> frozenset[str]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names = _Names()
            names.visit(node)
            return (live - {node.name}) | names.nested_reads | names.loaded
        if isinstance(node, _COMPOUND):
            live = live.union(*self.break_live[-1:], *self.continue_live[-1:])  # there may be jumps in it
        killed: set[str] = set()
        if isinstance(node, ast.Assign):
            killed = {t.id for t in node.targets if isinstance(t, ast.Name)}
            killed |= {n for t in node.targets if isinstance(t, (ast.Tuple, ast.List)) for n in _stores(t)}
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            killed = {node.target.id}
        reads = _reads(node)
        if isinstance(node, (ast.Delete, *_COMPOUND)):
            _collect(node, ast.Del, reads)
        return (live - killed) | reads

    def loop(self, node: ast.For | ast.While, live: frozenset[str]) -> frozenset[str]:
        self.scope.live_after[node] = live
        self.scope.assigned[node] = frozenset(stored_names([node])) | self.scope.rebound_inside
        is_for = isinstance(node, ast.For)
        left = self.block(node.orelse, live)
        header = left if is_for else left | _reads(node.test)
        killed = frozenset(_stores(node.target)) if is_for else frozenset()
        while True:
            self.break_live.append(live)
            self.continue_live.append(header)
            body = self.block(node.body, header)
            self.break_live.pop()
            self.continue_live.pop()
            grown = header | (body - killed)
            if grown == header:
                break
            header = grown
        self.scope.live_at_header[node] = header
        return header | _reads(node.iter) if is_for else header
