"""What interpreted code calls: the user's own functions that have loops are called in their compiled form."""

from __future__ import annotations

import ast
import builtins
import inspect
import weakref
from types import FunctionType, ModuleType
from typing import Any

from ir.on_demand import OnDemand
from tracer.calls import has_lowering, is_library
from tracer.source import SourceNotFound, function_source, is_installed
from tracer.values import UNBOUND

dispatch = OnDemand("tracer.dispatch")

_COMPILED: weakref.WeakKeyDictionary[FunctionType, Any] = weakref.WeakKeyDictionary()


def static_callee(t: Any, node: ast.expr) -> Any:
    """The global, or member of a global module, that is called; UNBOUND where only run time knows."""
    if isinstance(node, ast.Name):
        assigned = t.frame.scope.globals | t.frame.scope.nonlocals | t.frame.scope.locals
        return UNBOUND if node.id in assigned else t.frame.lookup_outside(node.id)
    if isinstance(node, ast.Attribute):
        owner = static_callee(t, node.value)
        return getattr(owner, node.attr, UNBOUND) if isinstance(owner, ModuleType) else UNBOUND
    return UNBOUND


def is_native(t: Any, node: ast.expr) -> bool:
    """Whether what is called is native for operands that are not objects."""
    return has_lowering(static_callee(t, node))


_LOOKS_AROUND: dict[Any, int] = {locals: 0, vars: 0, dir: 0, super: 0, eval: 1, exec: 1}
"""Builtins that look at the variables of their caller, if they have no more arguments than this."""


def looks_around(function: FunctionType, node: ast.AST) -> ast.Call | None:
    """The first call in a function's own code that asks for the function's own variables, as `locals()` does: no part of the function has those."""
    own = {*function.__code__.co_varnames, *function.__code__.co_cellvars, *function.__code__.co_freevars}
    pending = list(ast.iter_child_nodes(node))
    while pending:
        inner = pending.pop(0)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id not in own:
            callee = function.__globals__.get(inner.func.id, getattr(builtins, inner.func.id, None))
            most = next((count for builtin, count in _LOOKS_AROUND.items() if builtin is callee), None)
            if most is not None and len(inner.args) <= most and not inner.keywords:
                return inner
        if not isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending += ast.iter_child_nodes(inner)
    return None


def compiled_form(function: Any) -> Any:
    """A dispatcher for a plain Python function with a loop, made once; None where its own code would not be faster."""
    if not isinstance(function, FunctionType) or is_library(function) or is_installed(function.__code__.co_filename):
        return None
    if function not in _COMPILED:
        _COMPILED[function] = dispatch.jit(function) if _has_loop(function) else None
    return _COMPILED[function]


def _has_loop(function: FunctionType) -> bool:
    if function.__code__.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return False  # as often as not it loops over its arguments, and each number of these is another form
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return False
    try:
        node = function_source(function).node
    except SourceNotFound:
        return False
    return any(isinstance(inner, (ast.For, ast.While)) for inner in ast.walk(node))
