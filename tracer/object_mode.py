"""Compiling in object mode: the plan that a function shares with its continuations, warnings, and what is not worth it."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterable
from typing import Any

from ir import types
from ir.on_demand import OnDemand
from ir.ops import python
from ir.span import Span
from ir.types import Object
from tracer import errors
from tracer.callees import looks_around
from tracer.compiler import Graph, compile_function
from tracer.errors import NopythonError, ObjectModeWarning
from tracer.gains import gains
from tracer.interpreted import Segment
from tracer.options import Options
from tracer.resuming import ObjectMode, Plan
from tracer.source import SourceNotFound

session = OnDemand("tracer.session")


class NothingGained(NopythonError):
    """Machine code would do nothing but call the interpreter."""


class ObjectOf:
    """Stands in the key of a compiled form for an argument of a class that compiled code does not understand: calls with
    other classes look for another form. The class is not kept alive."""

    def __init__(self, instance_class: type) -> None:
        self.reference = weakref.ref(instance_class)  # the same object for as long as the class lives
        self.address = id(instance_class)

    def __hash__(self) -> int:
        return self.address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectOf) and self.reference is other.reference

    def __repr__(self) -> str:
        instance_class = self.reference()
        return "object of a class that is gone" if instance_class is None else f"object of {instance_class.__qualname__}"


CLASSES = 16
"""For how many classes of its arguments a function has forms of their own, before it gets one for objects of all others."""


def of_any_class(key: Any, known: Iterable[Any]) -> Any:
    """The key of the form for a call: where there are forms for many other classes, that of one that asks for no class."""
    classes = {kind for other in known for kind in _kinds(other) if isinstance(kind, ObjectOf)}
    new = {kind for kind in _kinds(key) if isinstance(kind, ObjectOf)} - classes
    if not new or len(classes) < CLASSES:
        return key
    positional, named = key
    return tuple(map(_any_class, positional)), tuple((name, _any_class(kind)) for name, kind in named)


def _any_class(kind: Any) -> Any:
    return types.object_ if isinstance(kind, ObjectOf) else kind


def takes_objects(key: Any) -> bool:
    """Whether an argument is an object that compiled code does not understand."""
    return any(isinstance(kind, (Object, ObjectOf)) for kind in _kinds(key))


def _kinds(key: Any) -> list[Any]:
    """What a key has for each argument."""
    positional, named = key
    return [*positional, *(kind for _, kind in named)]


def new_plan(dispatcher: Any) -> Plan:
    """What a function in object mode and all that continues it will share."""
    plan = Plan(dispatcher.py_func, dispatcher.continue_with)
    plan.dispatchers.append(dispatcher)
    return plan


def restart(plan: Plan, graphs: Any) -> None:
    """Forget what was seen and compiled of a function, to look again. It may be running, and what continues it then has the plan still."""
    plan.retired.append((graphs, plan.continuations, plan.dispatchers[1:]))
    plan.observed, plan.continuations = {}, {}
    del plan.dispatchers[1:]


def compile_with_segments(dispatcher: Any, key: Any, plan: Plan, options: Options) -> Graph:
    """The compiled function, in which the interpreter does what cannot be traced.

    Raises NothingGained where nothing is left that machine code would do faster, and NopythonError where even the
    interpreter cannot do a part alone.
    """
    try:
        mode = ObjectMode(dispatcher.py_func, plan)
    except RecursionError:
        raise NopythonError(session.too_deep(dispatcher.py_func)) from None
    except SourceNotFound as missing:
        raise NopythonError(errors.MissingSource(dispatcher.__name__, missing.reason, missing.hint)) from None
    _refuse_frames(dispatcher.py_func, mode)
    positional, named = tuple(map(_any_class, key[0])), {name: _any_class(kind) for name, kind in key[1]}
    graph = compile_function(dispatcher.py_func, positional, named, options, object_mode=mode, classes=_classes(key))
    used = [op.attributes["function"] for op in graph.ir.ops() if op.opdef in (python.interpret, python.python_call)]
    for segment in plan.unknown(used):
        _warn(dispatcher, segment)
        plan.note(segment)
    if key[1] and not gains(graph.ir):  # only forms without arguments by name forward a call at no cost
        raise NothingGained(errors.Interpreted(dispatcher.__name__))
    return graph


def _refuse_frames(function: Any, mode: ObjectMode) -> None:
    """Raise NopythonError for a function that asks for its own variables as a whole."""
    source = mode.segments.source
    call = looks_around(function, source.node)
    if call is not None:
        span = Span(source.filename, source.name, call.lineno, call.col_offset, call.end_lineno, call.end_col_offset)
        raise NopythonError(errors.LooksAround(call.func.id, span=span))


def _classes(key: Any) -> tuple[int | None, ...]:
    """What the entry asks of arguments that are objects: the address of their class. Where a class is gone and another one has
    taken its address, the form does for that one, too: it knows nothing of the class."""
    return tuple(kind.address if isinstance(kind, ObjectOf) else None for kind in _kinds(key))


def _warn(dispatcher: Any, segment: Segment) -> None:
    text = f"{dispatcher.__name__}, line {segment.line}: {segment} is interpreted: {segment.reason}"
    if segment.hint:
        text += f" (hint: {segment.hint})"
    warn_at(dispatcher.py_func, segment.line, text)


def warn_at(function: Any, line: int, text: str) -> None:
    """Warn, with a line of the user's function as the place."""
    space = function.__globals__
    registry = space.setdefault("__warningregistry__", {})
    filename = function.__code__.co_filename
    module = space.get("__name__") or "<string>"  # as `warnings.warn` calls it; None would say nothing
    # Without the module's globals, whose loader refuses the name `__main__` under `python -m`: linecache has the text.
    warnings.warn_explicit(text, ObjectModeWarning, filename, line, module, registry)
