"""What interpreted code calls: the user's own functions that have loops are called in their compiled form."""

from __future__ import annotations

import ast
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


def compiled_form(function: Any) -> Any:
    """A dispatcher for a plain Python function with a loop, made once; None where its own code would not be faster."""
    if not isinstance(function, FunctionType) or is_library(function) or is_installed(function.__code__.co_filename):
        return None
    if function not in _COMPILED:
        _COMPILED[function] = dispatch.jit(function) if _has_loop(function) else None
    return _COMPILED[function]


def _has_loop(function: FunctionType) -> bool:
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return False
    try:
        node = function_source(function).node
    except SourceNotFound:
        return False
    return any(isinstance(inner, (ast.For, ast.While)) for inner in ast.walk(node))
