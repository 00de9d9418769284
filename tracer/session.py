"""One compilation: the graphs of a function and of every function that it calls.

A called function gets a graph of its own for each combination of argument types and static arguments.
A recursive call needs the result type of a graph that is still being traced: while nothing is known, the call
ends its path, the other paths give the type, and the graph is traced again with that assumption until it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

import numpy as np

from ir import types
from ir.graph import Block, Constant, Graph, Value
from ir.ops import array, control
from ir.span import Span
from ir.types import Array, Scalar, Tuple, Type
from tracer import errors, language  # noqa: F401  (loads everything that can be traced)
from tracer.binding import bind_arguments
from tracer.calls import call, callable_name, closure_frame, function_frame, inline_call, run_body
from tracer.errors import NopythonError
from tracer.frames import Frame, ObjectNeeded, PathEnded
from tracer.options import Options
from tracer.resuming import ObjectMode
from tracer.scope import function_scope, parameters
from tracer.shapes import (
    CannotJoin, ClosureShape, DictShape, StaticShape, TupleShape, as_type, captured, component_types, convert_to, describe, join_shapes, materialize, rebuild, settle, shape_of,
)  # fmt: skip
from tracer.source import SourceNotFound
from tracer.tracing import Tracer, name_value
from tracer.values import Closure, Partial, Text, as_tuple, can_be_object, exists_in_one_graph, is_symbolic

MAX_ROUNDS = 12
_FUNCTION = "$function"  # the parameters for what a nested function captures


def _with_parts(binding: Any, seen: tuple[Any, ...] = ()) -> Iterator[Any]:
    """An argument and all that is in it: items, and what functions hold and capture.

    `seen` are the definitions on the way to it: functions can capture each other.
    """
    parts: Iterable[Any] = ()
    if isinstance(binding, tuple):
        parts = binding
    elif isinstance(binding, dict):
        parts = binding.values()
    elif isinstance(binding, Partial):
        parts = (binding.function, *binding.arguments, *binding.keywords.values())
    elif isinstance(binding, Closure) and binding.node not in seen:
        seen = (*seen, binding.node)
        parts = captured(binding).values()
    yield binding
    for part in parts:
        yield from _with_parts(part, seen)


def _rebinds(binding: Any) -> bool:
    """Whether it is a function that rebinds variables around it."""
    scope = function_scope(binding.node) if isinstance(binding, Closure) else None
    return scope is not None and bool(scope.nonlocals or scope.rebound_inside)


def _is_tied(binding: Any) -> bool:
    """Whether it exists only while tracing, around values of one graph, and so cannot be handed to another."""
    if isinstance(binding, Partial):
        return any(map(is_symbolic, (*binding.arguments, *binding.keywords.values())))
    return exists_in_one_graph(binding)


class Specialisation:
    """A graph being traced or finished, with the shape of its result once that is known."""

    def __init__(self, graph: Graph, depth: int, result: Any = None) -> None:
        self.graph = graph
        self.depth = depth
        self.result = result
        self.traced = False
        self.path_ended = False
        self.never_returns = False  # every path raises or recurs
        self.depends_on = 1 << 30  # the lowest unfinished graph on the stack whose result was assumed


class Session:
    """The graphs of one compilation, by function and argument shapes."""

    def __init__(self, options: Options, object_mode: ObjectMode | None = None) -> None:
        self.options = options
        self.object_mode = object_mode
        self.graphs: dict[tuple, Specialisation] = {}
        self.deferred: dict[Graph, Graph] = {}  # what graphs that are made late call
        self.stack: list[Specialisation] = []

    def call(self, t: Tracer, function: Any, positional: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """A call in traced code."""
        return call(t, function, positional, keywords)

    def call_graph(self, t: Tracer, function: Any, positional: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """A call of a function with source, as an op that calls its graph."""
        if self.object_mode is not None and function is self.object_mode.segments.function:
            raise t.fail(errors.NoLowering, callable_name(function), operands=positional)  # its code may end in the middle
        frame = closure_frame(function) if isinstance(function, Closure) else function_frame(t, function)
        bound = bind_arguments(t, frame, function, positional, keywords)
        parts = [part for binding in (function, *bound.values()) for part in _with_parts(binding)]
        is_recursive = any(active.node is frame.node for active in t.frames)
        if any(_rebinds(part) or _is_tied(part) for part in parts[1:]) and not is_recursive:
            return inline_call(t, function, frame, positional, keywords)
        for part in filter(_is_tied, parts):
            raise t.fail(errors.NotAValue, part)
        if isinstance(function, Closure):
            bound = {_FUNCTION: function, **bound}
        shapes = {name: _argument_shape(binding) for name, binding in bound.items()}
        operands: list[Value] = []
        for name, shape in shapes.items():
            materialize(t, bound[name], shape, operands)
        callee = self._specialise(t, function, frame, shapes)
        if callee.result is None and not callee.traced and not callee.never_returns:
            t.builder.unreachable()
            raise PathEnded
        result = t.emit(control.call, *operands, callee=callee.graph)
        if callee.result is None:
            t.builder.unreachable()
            raise PathEnded
        if isinstance(callee.result, StaticShape):
            return callee.result.value
        made = t.explode(result)
        return rebuild(t, callee.result, iter(map(t.lift, made))) if isinstance(callee.result, ClosureShape) else made

    def _specialise(self, t: Tracer, function: Any, frame: Frame, shapes: dict[str, Any]) -> Specialisation:
        key = (function.node if isinstance(function, Closure) else function, tuple(shapes.items()))
        found = self.graphs.get(key)
        if found is None:
            span = t.builder.span
            try:
                return self.trace(key, frame, shapes, None)
            except NopythonError as error:
                error.leave(_signature_text(frame, shapes), span)
                raise
        if not found.traced:
            self._assume(found)
        return found

    def _assume(self, found: Specialisation) -> None:
        """Note that a graph which is still being traced was called."""
        if found.result is None and not found.never_returns:
            found.path_ended = True
        for active in self.stack[found.depth + 1 :]:
            active.depends_on = min(active.depends_on, found.depth)

    def trace(self, key: tuple, frame: Frame, shapes: dict[str, Any], declared: Type | None) -> Specialisation:
        """Trace a graph until its result type is what was assumed for it."""
        graph = Graph(frame.name, frame.span(frame.node))
        made = self.graphs[key] = Specialisation(graph, len(self.stack), declared)
        if declared is not None:
            graph.result_type = declared
        self.stack.append(made)
        before = len(self.graphs)
        try:
            for _ in range(MAX_ROUNDS):
                before = len(self.graphs)
                assumed, made.path_ended = made.result, False
                result = self._trace_once(graph, frame, shapes, declared)
                if result is None and made.path_ended:
                    made.never_returns, graph.result_type = True, types.none
                    self._forget_dependents(before, made.depth)
                    continue
                if result == assumed or not (made.path_ended or assumed is not None):
                    break
                made.result = result if assumed is None or result is None else self._widen(frame, assumed, result)
                graph.result_type = _result_type(made.result)
                self._forget_dependents(before, made.depth)
            else:
                raise NopythonError(errors.ResultTypeNotSettled(frame.name, span=graph.span))
        except NopythonError:
            self.graphs.pop(key, None)  # where the interpreter does what failed, the trace goes on
            self._forget_dependents(before, made.depth)
            raise
        finally:
            self.stack.pop()
        made.result, made.traced = result, True
        graph.result_type = types.none if result is None else _result_type(result)
        if made.depends_on < made.depth and self.stack:
            self.stack[-1].depends_on = min(self.stack[-1].depends_on, made.depends_on)
        return made

    def _widen(self, frame: Frame, assumed: Any, result: Any) -> Any:
        try:
            return join_shapes(assumed, result)
        except CannotJoin:
            fields = ("the result", describe(assumed), describe(result))
            raise NopythonError(errors.CannotUnify(*fields, span=frame.span(frame.node))) from None

    def _forget_dependents(self, before: int, depth: int) -> None:
        """Drop the graphs that were traced with an assumption which has changed."""
        for key in list(self.graphs)[before:]:
            if self.graphs[key].depends_on <= depth:
                del self.graphs[key]

    def _trace_once(self, graph: Graph, template: Frame, shapes: dict[str, Any], declared: Type | None) -> Any:
        graph.blocks = [Block("entry")]
        t = Tracer(graph, self, self.options)
        if self.object_mode is not None and template.node is self.object_mode.segments.source.node:
            t.object_mode = self.object_mode
            self.object_mode.begin(graph)
        frame = template.again()
        t.frames.append(frame)
        t.at(frame.node)
        _bind_parameters(t, frame, shapes)
        if t.object_mode is not None:
            t.object_mode.take_parameters(t)
        if _FUNCTION in shapes:
            frame.lexical_parent = frame.variables.pop(_FUNCTION).frame
        run_body(t, frame)
        result = _result_shape(t, frame, declared)
        graph.result_type = graph.result_type if result is None else _result_type(result)
        for state, binding, node in frame.returns:
            t.resume(state)
            t.at(node or frame.node)
            _return(t, binding, result)
        return result


def _argument_shape(binding: Any) -> Any:
    """What a parameter of a called function looks like: numbers become run-time values, the rest stays static."""
    if binding is None:
        return StaticShape(None)
    return settle(shape_of(binding))


def _bind_parameters(t: Tracer, frame: Frame, shapes: dict[str, Any]) -> None:
    entry = t.graph.blocks[0]
    t.builder.block = entry
    for name, shape in shapes.items():
        kinds = tuple(component_types(shape))
        names = [None] * len(kinds) if name == _FUNCTION else [name] if len(kinds) == 1 else [f"{name}_{i}" for i in range(len(kinds))]
        entry.params += map(Value, kinds, names)
    for param in entry.params:
        if isinstance(param.type, Array):
            for axis in range(param.type.ndim):
                t.dimensions[param, axis] = t.emit(array.shape, param, axis=axis)
    params = iter(entry.params)
    for name, shape in shapes.items():
        frame.variables[name] = rebuild(t, shape, params)
        name_value(frame.variables[name], name)


def _result_shape(t: Tracer, frame: Frame, declared: Type | None) -> Any:
    if declared is not None:
        return declared
    if not frame.returns:
        return None
    as_object = t.object_mode is not None and all(can_be_object(binding) for _, binding, _ in frame.returns)
    for _, binding, node in frame.returns:
        if isinstance(binding, Text):
            raise NopythonError(errors.TextAsValue(span=frame.span(node)))
    shapes = [settle(shape_of(as_tuple(binding))) for _, binding, _ in frame.returns]
    node = frame.returns[-1][2] or frame.node
    try:
        shape = reduce(join_shapes, shapes)
    except CannotJoin as conflict:
        if as_object:
            return types.object_
        fields = ("the result", describe(conflict.first), describe(conflict.second))
        raise NopythonError(errors.CannotUnify(*fields, span=frame.span(node))) from None
    try:
        return shape if isinstance(shape, (StaticShape, ClosureShape)) and not as_object else as_type(shape)
    except CannotJoin as static:
        if as_object:
            return types.object_
        value = static.first.value if isinstance(static.first, StaticShape) else static.second
        raise NopythonError(errors.NotAValue(value, span=frame.span(node))) from None


def _result_type(result: Any) -> Type | None:
    if isinstance(result, ClosureShape):
        return Tuple(tuple(component_types(result)))
    return types.none if isinstance(result, StaticShape) else result


def _return(t: Tracer, binding: Any, result: Any) -> None:
    if isinstance(result, StaticShape):
        t.builder.return_(Constant(types.none, value=None))
        return
    if isinstance(result, ClosureShape):
        parts: list[Value] = []
        materialize(t, binding, result, parts)
        t.builder.return_(convert_to(t, tuple(parts), _result_type(result)))
        return
    if not isinstance(result, types.Object) and not _converts(shape_of(as_tuple(binding)), result):
        raise t.fail(errors.WrongResultType, str(result), operands=(binding,))
    t.builder.return_(convert_to(t, binding, result))


def _converts(shape: Any, result: Type) -> bool:
    """Whether a result keeps its value in the type that was declared or found for it."""
    try:
        kind = as_type(shape)
        if isinstance(kind, Scalar) and isinstance(result, Scalar):
            return bool(np.can_cast(types.dtype_of(kind), types.dtype_of(result), "safe"))
        return join_shapes(kind, result) == result
    except CannotJoin:
        return False


def _signature_text(frame: Frame, shapes: dict[str, Any]) -> str:
    return f"{frame.name}({', '.join(map(describe, shapes.values()))})"


def trace_function(
    function: Any, positional: tuple[Type, ...], keywords: Mapping[str, Type], options: Options, declared: Type | None = None,
    object_mode: ObjectMode | None = None,
) -> Graph:  # fmt: skip
    """The graph of a Python function for argument types, unoptimized; its parameters are in the order of the
    function's own. Omitted arguments take their defaults, known while tracing. With `object_mode`, the interpreter does
    what cannot be traced.
    Raises NopythonError."""
    while True:
        try:
            return _traced(function, positional, keywords, Session(options, object_mode), declared)
        except ObjectNeeded:  # object_mode knows of what
            continue
        except RecursionError:
            raise NopythonError(too_deep(function)) from None


def too_deep(function: Any) -> Any:
    """What is wrong with a function whose syntax tree is too deep to walk."""
    code = function.__code__
    span = Span(code.co_filename, function.__qualname__, code.co_firstlineno, 0, code.co_firstlineno, 1)
    return errors.TooDeep(function.__name__, span=span)


def _traced(
    function: Any, positional: tuple[Type, ...], keywords: Mapping[str, Type], session: Session, declared: Type | None
) -> Graph:  # fmt: skip
    options = session.options
    frame = _entry_frame(function)
    frame.casts = {name: _cast_to(kind) for name, kind in options.locals.items()}
    shapes = _entry_shapes(session, frame, function, positional, keywords)
    signature = _signature_text(frame, shapes)
    try:
        made = session.trace((function, tuple(shapes.items())), frame, shapes, declared)
    except NopythonError as error:
        error.leave(signature)
        raise
    except RecursionError:
        raise NopythonError(errors.TooDeep(frame.name, span=frame.span(frame.node))) from None
    if isinstance(made.result, (StaticShape, ClosureShape)):
        value = made.result.value if isinstance(made.result, StaticShape) else made.result
        raise NopythonError(errors.NotAValue(value, span=made.graph.span))
    return made.graph


def _entry_frame(function: Any) -> Frame:
    try:
        return function_frame(None, function)
    except SourceNotFound as missing:
        name = getattr(function, "__qualname__", f"an object of class {type(function).__name__}")  # its repr may do anything
        error = NopythonError(errors.MissingSource(name, missing.reason, missing.hint))
        error.leave(name)
        raise error from None


def _entry_shapes(
    session: Session, frame: Frame, function: Any, positional: tuple[Type, ...], keywords: Mapping[str, Type]
) -> dict[str, Any]:  # fmt: skip
    binder = Tracer(Graph(frame.name), session, session.options)
    binder.frames.append(frame)
    binder.at(frame.node)
    given = {name: _Parameter(kind) for name, kind in keywords.items()}
    bound = bind_arguments(binder, frame, function, tuple(map(_Parameter, positional)), given)
    return {p.arg: _parameter_shape(bound[p.arg]) for p in parameters(frame.node.args)}


class _Parameter:
    """Stands for an argument while the call of the compiled function itself is bound."""

    def __init__(self, type: Type) -> None:
        self.type = type


def _parameter_shape(binding: Any) -> Any:
    if isinstance(binding, _Parameter):
        return binding.type
    if isinstance(binding, dict) and any(isinstance(item, _Parameter) for item in binding.values()):  # `**kwargs`
        return DictShape(tuple(binding), tuple(map(_parameter_shape, binding.values())))
    if isinstance(binding, tuple) and any(isinstance(item, _Parameter) for item in binding):
        return TupleShape(tuple, tuple(map(_parameter_shape, binding)))
    return StaticShape(binding)


def _cast_to(kind: Type) -> Callable[[Tracer, Any], Any]:
    return lambda t, binding: convert_to(t, binding, kind)
