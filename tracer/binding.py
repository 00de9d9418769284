"""Binding arguments to parameters, as Python does."""

from __future__ import annotations

from typing import Any

from tracer import errors
from tracer.frames import Frame
from tracer.tracing import Tracer
from tracer.values import Closure


def function_defaults(function: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Default values of a function's last positional parameters, and of its keyword-only ones."""
    if isinstance(function, Closure):
        return function.defaults, function.keyword_defaults
    return function.__defaults__ or (), function.__kwdefaults__ or {}


def bind_arguments(t: Tracer, frame: Frame, function: Any, positional: tuple, keywords: dict) -> dict[str, Any]:
    """Parameter names with the arguments they get, as Python binds them."""
    arguments = frame.node.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    defaults, keyword_defaults = function_defaults(function)
    bound: dict[str, Any] = dict(zip(names, positional))
    surplus = positional[len(names) :]
    rest = dict(keywords)
    for name in [a.arg for a in (*arguments.args, *arguments.kwonlyargs)]:
        if name in rest:
            if name in bound:
                raise t.fail(errors.WrongArguments, frame.name, f"got multiple values for argument '{name}'")
            bound[name] = rest.pop(name)
    if surplus and not arguments.vararg:
        raise t.fail(errors.WrongArguments, frame.name, f"takes {len(names)} positional arguments but {len(positional)} were given")
    if rest and not arguments.kwarg:
        raise t.fail(errors.WrongArguments, frame.name, f"got an unexpected keyword argument '{next(iter(rest))}'")
    defaulted = {**dict(zip(names[len(names) - len(defaults) :], defaults)), **keyword_defaults}
    for name in [*names, *(a.arg for a in arguments.kwonlyargs)]:
        if name not in bound:
            if name not in defaulted:
                raise t.fail(errors.WrongArguments, frame.name, f"missing the required argument '{name}'")
            bound[name] = defaulted[name]
    if arguments.vararg:
        bound[arguments.vararg.arg] = tuple(surplus)
    if arguments.kwarg:
        bound[arguments.kwarg.arg] = rest
    return bound
