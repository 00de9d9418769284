"""Calls: what happens for each kind of callable."""

from __future__ import annotations

import ast
import functools
import itertools
import sys
import types as python_types
from collections.abc import Callable
from typing import Any

import numpy as np

from ir import types
from ir.builder import constant
from ir.errors import IRTypeError
from ir.graph import Value
from ir.ops import memory
from ir.types import Array, Float, Integer, Scalar
from tracer import errors, library
from tracer.binding import bind_arguments
from tracer.extending import IMPLEMENTATIONS, OPERATOR_FUNCTIONS, OUT_OF_LINE, STATIC_FUNCTIONS, Primitive
from tracer.frames import Frame, PathEnded, cell_contents
from tracer.conversions import compute, to_item
from tracer.descriptions import operand_nodes
from tracer.iteration import unpack
from tracer.operators import BINARY, binary, unary
from tracer.records import refuse_other_items
from tracer.scope import function_scope
from tracer.shapes import cast_scalar
from tracer.source import SourceNotFound, function_source
from tracer.tracing import Tracer
from tracer.ufuncs import call_ufunc
from tracer.values import Closure, ExceptionValue, Method, Partial, SliceParts, holds_object, is_namedtuple, is_symbolic, made_slice

Handler = Callable[[Tracer, tuple[Any, ...], dict[str, Any]], Any]
HANDLERS: dict[Any, Handler] = {}
MAX_INLINE_DEPTH = 40


def handles(*callables: Any) -> Callable[[Handler], Handler]:
    """Register how the tracer itself performs a call of these callables: for what the DSL cannot express."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(callables, handler))
        return handler

    return register


def call_arguments(t: Tracer, node: ast.Call, evaluate: Callable[[Tracer, ast.expr], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call, evaluated, with `*` and `**` spread out."""
    positional: list[Any] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            positional.extend(unpack(t, t.evaluate(argument.value), argument))
        else:
            positional.append(evaluate(t, argument))
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        value = evaluate(t, keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, dict):
            keywords.update(value)
        else:
            t.at(keyword)
            raise t.fail(errors.UnsupportedUnpacking, operands=(value,), nodes=[keyword.value])
    return tuple(positional), keywords


def call(t: Tracer, function: Any, positional: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The result of calling `function`, traced."""
    if t.object_mode is not None and any(map(holds_object, (function, *positional, *keywords.values()))):
        raise t.fail(errors.NoLowering, callable_name(function), operands=positional)
    if isinstance(function, Primitive):
        return _call_primitive(t, function, positional, keywords)
    if isinstance(function, Closure):
        return _call_closure(t, function, positional, keywords)
    if isinstance(function, Method):
        return _call_method(t, function, positional, keywords)
    if isinstance(function, Partial):
        merged = {**function.keywords, **keywords}
        return call(t, function.function, (*function.arguments, *positional), merged)
    if is_symbolic(function):
        raise t.fail(errors.NotCallable, operands=(function,), nodes=_callee_nodes(t))
    for choose in _CHOICES:
        perform = choose(t, function, positional, keywords)
        if perform is not None:
            return perform()
    raise t.fail(errors.NoLowering, callable_name(function), operands=positional)


def _callee_nodes(t: Tracer) -> list[ast.AST]:
    """The source of what is called: the receiver of a method, or the function itself."""
    if not isinstance(t.node, ast.Call):
        return []
    function = t.node.func
    return [function.value if isinstance(function, ast.Attribute) else function]


# --- the kinds of static callables, in the order in which they are tried

_Perform = Callable[[], Any]


def _handled(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    handler = _lookup(HANDLERS, function)
    return None if handler is None else lambda: handler(t, positional, keywords)


def _implemented(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    implementation = implementation_of(function)
    if implementation is None:
        return None
    plain = not any(map(is_symbolic, (*positional, *keywords.values()))) and _is_plain(positional, keywords)
    if plain and not _makes_arrays(implementation):
        return lambda: compute(t, function, *positional, **keywords)
    return lambda: _call_implementation(t, implementation, positional, keywords, callable_name(function))


def _makes_arrays(implementation: Any) -> bool:
    """Whether a library function may make an array: each run has to make a new one, which it can write to."""
    return (getattr(implementation, "__module__", None) or "").startswith("tracer.library.array_")


def _call_implementation(t: Tracer, implementation: Any, positional: tuple, keywords: dict, name: str = "") -> Any:
    """Trace a function in place of a call of what it stands for, which has this name."""
    if isinstance(implementation, Primitive) or implementation in OUT_OF_LINE:
        return call(t, implementation, positional, keywords)
    frame = function_frame(t, implementation)
    if frame.is_library and name:
        frame.name = name
    frame.stands_for_call = True
    return inline_call(t, implementation, frame, positional, keywords)


def _number_method(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    """A method of one of NumPy's numbers that is known while tracing is the method of its class."""
    receiver = getattr(function, "__self__", None)
    if not isinstance(receiver, np.generic) or not isinstance(function, python_types.BuiltinMethodType):
        return None
    return lambda: call(t, getattr(type(receiver), function.__name__), (receiver, *positional), keywords)


def _operator_function(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    name = _lookup(OPERATOR_FUNCTIONS, function)
    if name is None or keywords:
        return None
    if name in BINARY and len(positional) == 2:
        return lambda: binary(t, name, *positional)
    return (lambda: unary(t, name, *positional)) if len(positional) == 1 else None


def _static_function(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    if _lookup(STATIC_FUNCTIONS, function) is None:
        return None

    def perform() -> Any:
        arguments = tuple(map(t.known, positional))
        named = {name: t.known(value) for name, value in keywords.items()}
        if any(map(is_symbolic, (*arguments, *named.values()))):
            raise _not_known(t, function, arguments)
        try:
            return function(*arguments, **named)
        except (TypeError, ValueError) as error:
            raise t.fail(errors.StaticError, f"{type(error).__name__}: {error}") from None

    return perform


def _not_known(t: Tracer, function: Any, arguments: tuple) -> Exception:
    """The error for arguments that only run time knows; it names what the user has called."""
    called = next((frame.name for frame in t.frames if frame.is_library), callable_name(function))
    unknown = [(node, x) for node, x in itertools.zip_longest(operand_nodes(t.node), arguments) if is_symbolic(x)]
    nodes, operands = [node for node, _ in unknown], tuple(x for _, x in unknown)
    return t.fail(errors.NotKnown, called, operands=operands, nodes=nodes)


def _ufunc(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    if not isinstance(function, np.ufunc):
        return None
    if not any(map(is_symbolic, (*positional, *keywords.values()))) and _is_plain(positional, keywords):
        return lambda: compute(t, function, *positional, **keywords)
    return lambda: call_ufunc(t, function, positional, keywords)


def _ufunc_method(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    """`np.add.reduce(...)` is `np.ufunc.reduce(np.add, ...)`."""
    receiver = getattr(function, "__self__", None)
    if not isinstance(receiver, np.ufunc) or not isinstance(function, python_types.BuiltinMethodType):
        return None
    return lambda: call(t, getattr(np.ufunc, function.__name__), (receiver, *positional), keywords)


def _python_function(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    compiled = getattr(function, "__tracer_function__", None)
    if compiled is not None:
        inline = function.targetoptions.get("inline") == "always"
        return lambda: (_call_implementation if inline else _call_function)(t, compiled, positional, keywords)
    if isinstance(function, python_types.MethodType):
        return lambda: call(t, function.__func__, (function.__self__, *positional), keywords)
    if isinstance(function, functools.partial):
        return lambda: call(t, function.func, (*function.args, *positional), {**function.keywords, **keywords})
    if isinstance(function, python_types.FunctionType):
        return lambda: _call_function(t, function, positional, keywords)
    method = None if isinstance(function, type) else getattr(type(function), "__call__", None)
    if isinstance(method, python_types.FunctionType):
        return lambda: call(t, method, (function, *positional), keywords)
    return None


def _class(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    if not isinstance(function, type):
        return None
    if function is functools.partial and positional:
        return lambda: Partial(positional[0], positional[1:], keywords)
    if function in _STATIC_CLASSES and not any(map(is_symbolic, (*positional, *keywords.values()))):
        return lambda: compute(t, function, *positional, **keywords)
    if function is slice and not keywords and 1 <= len(positional) <= 3:
        return lambda: made_slice(*((None, *positional) if len(positional) == 1 else positional))
    if issubclass(function, BaseException) and not keywords:
        return lambda: ExceptionValue(function, positional)
    if issubclass(function, tuple) and hasattr(function, "_fields"):
        return lambda: _make_namedtuple(t, function, positional, keywords)
    if issubclass(function, np.generic) and (scalar := _numpy_scalar(function)) is not None:
        return lambda: _numpy_conversion(t, scalar, positional)
    return None


_STATIC_CLASSES = (np.dtype, frozenset, slice, str)


def _static_method(t: Tracer, function: Any, positional: tuple, keywords: dict) -> _Perform | None:
    """Methods of immutable static objects, and reads of static dicts: simply done."""
    receiver = getattr(function, "__self__", None)
    plain = isinstance(function, python_types.BuiltinMethodType) and isinstance(receiver, _STATIC_RECEIVERS)
    if plain and not any(map(is_symbolic, positional)):
        return lambda: compute(t, function, *positional, **keywords)
    return None


_STATIC_RECEIVERS = (str, bytes, int, float, complex, tuple, dict, frozenset)
_CHOICES = (
    _handled, _implemented, _static_function, _ufunc, _ufunc_method, _number_method, _operator_function, _python_function, _class,
    _static_method,
)  # fmt: skip


def has_lowering(function: Any) -> bool:
    """Whether a callable is native for some operands."""
    handled = _lookup(HANDLERS, function) is not None or isinstance(function, np.ufunc)
    return handled or implementation_of(function) is not None


def implementation_of(function: Any) -> Any:
    """The DSL function that stands for a callable, or None. Parts of the library are loaded when they are asked for."""
    found = _lookup(IMPLEMENTATIONS, function)
    if found is None and (library.load_family(_module_of(function)) or (is_numpy(function) and library.load_rest())):
        found = _lookup(IMPLEMENTATIONS, function)
    return found


def _module_of(function: Any) -> str:
    return getattr(function, "__module__", None) or getattr(type(function), "__module__", None) or ""


def is_numpy(function: Any) -> bool:
    """Whether a callable is one of NumPy's."""
    owner = getattr(function, "__objclass__", None) or type(getattr(function, "__self__", None))
    return _module_of(function).startswith("numpy") or getattr(owner, "__module__", "").startswith("numpy")


def _lookup(table: dict, function: Any) -> Any:
    try:
        return table.get(function)
    except TypeError:  # not hashable
        return None


def _is_plain(positional: tuple, keywords: dict) -> bool:
    """Whether all arguments are numbers, strings or tuples of them: calls on those are done while tracing."""
    plain = (bool, int, float, complex, str, np.generic, type(None))
    return all(
        isinstance(a, plain) or (isinstance(a, tuple) and _is_plain(a, {})) for a in (*positional, *keywords.values())
    )


def callable_name(function: Any) -> str:
    """How an error names a callable: `scipy.linalg.qr` for what the user reaches under that name."""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    if name is None:
        return f"an object of the class {type(function).__qualname__}"
    module = getattr(function, "__module__", None) or getattr(type(getattr(function, "__self__", None)), "__module__", "")
    parts = [part for part in module.split(".") if not part.startswith("_")]
    return ".".join([*parts, name]) if parts and parts != ["builtins"] and parts != ["__main__"] else name


# --- functions with source


def _call_function(t: Tracer, function: Any, positional: tuple, keywords: dict) -> Any:
    inline = is_library(function) and function not in OUT_OF_LINE
    if not inline:
        return t.session.call_graph(t, function, positional, keywords)
    return inline_call(t, function, function_frame(t, function), positional, keywords)


def is_library(function: Any) -> bool:
    """Whether a function belongs to the library, whose code is always traced inline."""
    return getattr(function, "__module__", None) is not None and function.__module__.startswith("tracer.library")


def function_frame(t: Tracer | None, function: python_types.FunctionType, path: tuple = ()) -> Frame:
    """A new frame for a real function."""
    try:
        source = function_source(function)
    except SourceNotFound as missing:
        if t is None:
            raise
        raise t.fail(errors.MissingSource, callable_name(function), missing.reason, missing.hint) from None
    node = source.node
    made = Frame(
        node, function_scope(node), source.filename, function.__qualname__, function.__globals__, cell_contents(function),
        None, None, path, is_library=is_library(function),
    )  # fmt: skip
    made.function = function
    return made


def _call_closure(t: Tracer, closure: Closure, positional: tuple, keywords: dict) -> Any:
    if any(frame.node is closure.node for frame in t.frames):
        return t.session.call_graph(t, closure, positional, keywords)
    return inline_call(t, closure, closure_frame(closure), positional, keywords)


def closure_frame(closure: Closure) -> Frame:
    """A new frame for a function defined in traced code."""
    parent = closure.frame
    return Frame(
        closure.node, function_scope(closure.node), parent.filename, closure.qualified_name, parent.globals, {}, parent,
        None, (), is_library=parent.is_library,
    )  # fmt: skip


def inline_call(t: Tracer, function: Any, frame: Frame, positional: tuple, keywords: dict) -> Any:
    """Trace a function's body in place of the call."""
    span = t.builder.span
    if len(t.frames) > MAX_INLINE_DEPTH:
        raise t.fail(errors.InlineTooDeep, frame.name)
    bound = bind_arguments(t, frame, function, positional, keywords)
    frame.caller = span
    caller, kept = t.frame, len(t.kept)
    caller.inline_calls += 1
    frame.path = (*caller.path, span.line, span.column, caller.inline_calls)
    t.frames.append(frame)
    frame.variables = bound
    run_body(t, frame)
    states = []
    for state, binding, _ in frame.returns:
        state.variables[frame]["$result"] = binding
        states.append(state)
    t.builder.span = span
    t.join(states, frame.scope.captured)
    t.frames.pop()
    if frame.scope.captured:
        t.kept.append(frame)
    if not t.alive:
        raise PathEnded
    return t.end_call(frame, kept)


def run_body(t: Tracer, frame: Frame) -> None:
    """Trace the statements of the innermost frame; what it returns collects in `frame.returns`."""
    node = frame.node
    refuse_generator(t, node)
    if isinstance(node, ast.Lambda):
        try:
            result = t.evaluate(node.body)
        except PathEnded:
            t.builder.block = None
            return
        t.at(node.body)
        frame.returns.append((t.here(), result, node.body))
        return
    t.execute(node.body)
    if t.alive:
        t.at(node.body[-1])
        frame.returns.append((t.here(), None, None))


def refuse_generator(t: Tracer, node: ast.AST) -> None:
    """Generators and coroutines are refused where they are called: nothing in them is done then."""
    if isinstance(node, ast.AsyncFunctionDef):
        t.at(node)
        raise t.fail(errors.UnsupportedSyntax, "async def")
    if t.frame.scope.yields is not None:
        raise t.missing_syntax(t.frame.scope.yields)


# --- primitives, methods, classes


def _call_primitive(t: Tracer, function: Primitive, positional: tuple, attributes: dict[str, Any]) -> Any:
    operands = _primitive_operands(t, positional)
    kind = {k: t.known(v) for k, v in attributes.items()}
    try:
        result = t.emit(function.opdef, *operands, **kind)
    except IRTypeError:
        refuse_other_items(t, (*kind.values(), *(v.type for v in operands)))
        raise
    if function.opdef is memory.alloc:
        t.dimensions.update({(result, axis): length for axis, length in enumerate(operands)})
    return t.explode(result) if result is not None else None


def _primitive_operands(t: Tracer, positional: tuple) -> list[Value]:
    """Static numbers take the type of the run-time operands, where they represent it. Behind an array come indices."""
    if positional and isinstance(positional[0], Value) and isinstance(positional[0].type, Array):
        return [t.lift(x) for x in positional]
    typed = [x.type for x in positional if isinstance(x, Value) and isinstance(x.type, (Integer, Float))]
    if not typed and {type(x) for x in positional} >= {int, float}:
        typed = [types.float64]
    operands = []
    for x in positional:
        beyond_int64 = type(x) is int and types.int64.maximum < x <= types.uint64.maximum
        value = constant(x, types.uint64) if beyond_int64 else t.lift(x)
        if typed and type(x) in (int, float) and not isinstance(x, bool) and not (type(x) is float and isinstance(typed[0], Integer)):
            value = cast_scalar(t, value, typed[0])
        operands.append(value)
    return operands


def _call_method(t: Tracer, method: Method, positional: tuple, keywords: dict) -> Any:
    receiver = method.receiver
    if is_namedtuple(receiver) and method.name == "_replace" and not positional:
        return _replace_fields(t, receiver, keywords)
    owner = types.class_of(receiver.type) if isinstance(receiver, Value) and isinstance(receiver.type, Scalar) else (
        np.ndarray if isinstance(receiver, Value) else slice if isinstance(receiver, SliceParts) else tuple)  # fmt: skip
    function = getattr(owner, method.name, None)
    found = function is not None and (_lookup(HANDLERS, function) or implementation_of(function))
    if not found:
        raise t.fail(errors.NoMethod, method.name, operands=(receiver,), nodes=_callee_nodes(t))
    return call(t, function, (receiver, *positional), keywords)


def _replace_fields(t: Tracer, receiver: Any, keywords: dict) -> Any:
    unknown = [name for name in keywords if name not in receiver._fields]
    if unknown:
        # Python 3.13 made it a TypeError.
        kind = TypeError if sys.version_info >= (3, 13) else ValueError
        t.raise_(kind, f"Got unexpected field names: {unknown!r}")
        raise PathEnded
    return tuple.__new__(type(receiver), [keywords.get(name, item) for name, item in zip(receiver._fields, receiver)])


def _make_namedtuple(t: Tracer, cls: Any, positional: tuple, keywords: dict) -> Any:
    fields, defaults = cls._fields, cls._field_defaults
    values = dict(zip(fields, positional))
    unknown = [k for k in keywords if k not in fields or k in values]
    if unknown or len(positional) > len(fields):
        raise t.fail(errors.WrongArguments, cls.__name__, f"got an unexpected argument {unknown or positional[len(fields) :]}")
    values = {**defaults, **values, **keywords}
    missing = [f for f in fields if f not in values]
    if missing:
        raise t.fail(errors.WrongArguments, cls.__name__, f"missing the required argument '{missing[0]}'")
    return tuple.__new__(cls, [values[f] for f in fields])


def _numpy_scalar(cls: type) -> Scalar | None:
    try:
        return types.from_dtype(cls)
    except TypeError:
        return None


def _numpy_conversion(t: Tracer, scalar: Scalar, positional: tuple) -> Any:
    """`np.float32(value)` and the like: Python's ints must fit, other numbers convert as C does."""
    if len(positional) > 1:
        raise t.fail(errors.WrongArguments, f"np.{scalar.name}", "takes one number")
    value = positional[0] if positional else 0
    if not is_symbolic(value):
        return compute(t, types.class_of(scalar), value)
    return to_item(t, value, scalar)

