"""`trace`, `njit` and `jit`: functions that compile themselves for the types they are called with."""

from __future__ import annotations

import contextlib
import functools
import inspect as python_inspect
import operator
import os
import types as python_types
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np

from ir.forking import reopened_lock
from codegen.native import native_class, set_entries, set_slow
from codegen.objects import Deferred
from codegen.stack import with_room
from ir import types
from ir.on_demand import OnDemand
from ir.types import Scalar, Signature, Type
from tracer import errors
from tracer.compiler import Graph, compile_function, plain_arrays
from tracer.errors import NopythonError, ObjectModeWarning, TracerError, user_error
from tracer.options import Options, make_options
from tracer.typeof import UnsupportedValue, larger_than_64_bits, typeof

notation = OnDemand("tracer.notation")
object_mode = OnDemand("tracer.object_mode")
inspect_html = OnDemand("tracer.inspect_html")

MOST_ARRANGEMENTS = 64  # of names in calls of one function that are remembered
DISABLE_SWITCH = "TRACER_DISABLE_JIT"

_Key = tuple[tuple[Type, ...], tuple[tuple[str, Type], ...]]


def disabled() -> bool:
    """Whether the environment asks for everything to run interpreted."""
    return os.environ.get(DISABLE_SWITCH, "0") not in ("", "0")


@native_class
class Dispatcher:
    """A Python function and its compiled forms. Made by `njit` and `jit`.

    `py_func` is the function itself, `signatures` the argument types it was compiled for, `graphs` the compiled
    Graph for each of them.
    """

    def __init__(self, function: Any, options: Options, given: dict[str, Any], signatures: list[Signature]) -> None:
        if type(options) is not Options:
            raise TypeError("compiled functions are made by njit and jit")
        self.py_func = function
        functools.update_wrapper(self, function)
        self.__tracer_function__ = function
        self.targetoptions = dict(given)
        self._options = options
        self._lock = reopened_lock()
        self._graphs: dict[_Key, Graph] = {}
        self._interpreted: set[_Key] = set()
        self._plan: Any = None
        self._declared = tuple(signatures)
        self._can_compile = True
        self._signature = python_inspect.signature(function)
        self._arrangements: dict[tuple, tuple[list[Callable], dict[str, Callable]]] = {}
        self._has_named_only = any(p.kind is p.KEYWORD_ONLY for p in self._signature.parameters.values())
        set_slow(self, function if disabled() or options.forceobj else _Slow(self))
        if not disabled():
            for signature in signatures:
                self._compile_declared(signature)
            self._can_compile = not signatures

    # --- what was compiled

    @property
    def signatures(self) -> list[tuple[Type, ...]]:
        """The argument types of every compiled form."""
        return [positional + tuple(t for _, t in named) for positional, named in self._graphs]

    nopython_signatures = signatures

    @property
    def graphs(self) -> dict[tuple[Type, ...], Graph]:
        """The compiled forms by argument types."""
        return dict(zip(self.signatures, self._graphs.values()))

    overloads = graphs

    def inspect_types(self, file: TextIO | None = None, signature: Any = None, pretty: bool = False) -> Any:
        """Print every source line with its ops and their types, for each compiled form.

        With `pretty` it is a page of HTML, which is returned for a notebook to show, or written to `file`.
        """
        if pretty:
            forms = [(graph.ir, graph.signature_text()) for graph in self._chosen(signature).values()]
            page = inspect_html.AnnotatedSource(forms)
            return page if file is None else print(page, file=file)
        return print("\n\n".join(graph.types_text() for graph in self._chosen(signature).values()), file=file)

    def inspect_llvm(self, signature: Any = None) -> Any:
        """The optimized LLVM text of the form for `signature`, or a dict of all."""
        return self._texts("llvm", signature)

    def inspect_asm(self, signature: Any = None) -> Any:
        """The assembly of the form for `signature`, or a dict of all."""
        return self._texts("asm", signature)

    def _texts(self, stage: str, signature: Any) -> Any:
        texts = {key: graph.text(stage) for key, graph in self._chosen(signature).items()}
        return texts if signature is None else next(iter(texts.values()))

    def _chosen(self, signature: Any) -> dict[tuple[Type, ...], Graph]:
        graphs = self.graphs
        if signature is None:
            return graphs
        wanted = notation.parse_signature(signature).arguments
        if wanted not in graphs:
            raise KeyError(f"{self.__name__} was not compiled for ({', '.join(map(str, wanted))})")
        return {wanted: graphs[wanted]}

    # --- compiling

    def compile(self, signature: Any) -> Graph:
        """Compile for argument types now: a signature, its text, or a tuple of types."""
        try:
            return with_room(self._compile_declared, notation.parse_signature(signature))
        except TracerError as error:
            stripped = user_error(error)
        raise stripped

    def recompile(self) -> None:
        """Forget everything compiled: globals and called functions are looked up anew."""
        with_room(self._recompile)

    def _recompile(self) -> None:
        with self._lock:
            keys = list(self._graphs)
            if self._plan is not None:
                object_mode.restart(self._plan, self._graphs)
            self._graphs = {}
            self._interpreted = set()
            set_entries(self, [])
            for key in keys:
                if self._options.nopython or self._declared:
                    self._add(key, None)
                else:
                    with contextlib.suppress(NopythonError):
                        self._compile_or_interpret(key)

    def disable_compile(self, value: bool = True) -> None:
        """From now on, other argument types than those compiled for raise TypeError."""
        self._can_compile = not value

    def _compile_declared(self, signature: Signature) -> Graph:
        return self._add((signature.arguments, ()), signature.result)

    def _add(self, key: _Key, declared: Type | None) -> Graph:
        with self._lock:
            graph = self._graphs.get(key)
            if graph is None:
                positional, named = key
                graph = compile_function(
                    self.py_func, positional, dict(named), self._options, declared, exact_arguments=not self._declared
                )
                self._graphs[key] = graph
                self._publish()
            return graph

    def _publish(self) -> None:
        """Let calls find the compiled forms by themselves. Those with arguments by name, and those that take objects of any
        class, for which there may be a better form, are found by `_prepare`."""
        found = [graph.executable for (kinds, named), graph in self._graphs.items() if not named and types.object_ not in kinds]
        set_entries(self, found)

    # --- the slow path of a call

    def _prepare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
        """What to call, and with which arguments."""
        args, named = self._arranged(args, kwargs)
        try:
            key = self._key(args, named)
            graph = self._graphs.get(key) or self._find(key, args)
        except (NopythonError, UnsupportedValue) as error:
            if self._options.nopython:
                raise
            if not isinstance(error, object_mode.NothingGained):
                _warn_interpreted(self, error)
            return self._in_interpreter(args, named), args
        flat = plain_arrays((*args, *named.values()))
        return self._converted(flat) if graph is None else (graph, flat)

    def _in_interpreter(self, args: tuple, named: dict[str, Any]) -> Any:
        """What the interpreter is to call where there is no compiled form."""
        if self._plan is not None and self._plan.sharing.needs_cells(self.py_func):
            return self._plan.sharing.with_cells(self.py_func, args)
        return functools.partial(self.py_func, **named)

    def _arranged(self, args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, dict[str, Any]]:
        """The arguments with as many as possible by position, and the keyword-only ones by name, in order."""
        if not kwargs and not self._has_named_only:
            return args, kwargs
        form = len(args), tuple(kwargs)
        found = self._arrangements.get(form)
        if found is None:
            found = self._arrangement(args, kwargs)
            if kwargs and len(self._arrangements) < MOST_ARRANGEMENTS:
                self._arrangements[form] = found
        given, (positional, named) = (*args, *kwargs.values()), found
        return tuple([part(given) for part in positional]), {name: part(given) for name, part in named.items()}

    def _arrangement(self, args: tuple, kwargs: dict[str, Any]) -> tuple[list[Callable], dict[str, Callable]]:
        """How `_arranged` makes what it gives of as many arguments, by these names."""
        places = dict(zip(map(id, markers := [object() for _ in range(len(args) + len(kwargs))]), range(len(markers))))
        bound = self._bind(tuple(markers[: len(args)]), dict(zip(kwargs, markers[len(args) :])))
        last = max((i for i, p in enumerate(self._signature.parameters) if p in bound.arguments), default=-1)
        for i, parameter in enumerate(self._signature.parameters.values()):
            if i < last and parameter.name not in bound.arguments and parameter.default is not parameter.empty:
                bound.arguments[parameter.name] = parameter.default
        ordered = {p: bound.arguments[p] for p in self._signature.parameters if p in bound.arguments}
        bound.arguments.clear()
        bound.arguments.update(ordered)

        def part(value: Any) -> Callable[[tuple], Any]:
            return operator.itemgetter(places[id(value)]) if id(value) in places else lambda given: value

        return [part(value) for value in bound.args], {name: part(value) for name, value in bound.kwargs.items()}

    def _key(self, args: tuple[Any, ...], named: dict[str, Any]) -> _Key:
        kinds = tuple(self._typeof(i, value) for i, value in enumerate(args))
        return kinds, tuple((name, self._typeof(name, value)) for name, value in named.items())

    def _typeof(self, position: int | str, value: Any) -> Type:
        try:
            found = typeof(value)
            as_object = not self._options.nopython and larger_than_64_bits(value) is not None
            return object_mode.ObjectOf(type(value)) if as_object else found
        except UnsupportedValue as unsupported:
            if not self._options.nopython:
                return object_mode.ObjectOf(type(value))
            name = position if isinstance(position, str) else self._parameter_name(position)
            problem = errors.UnsupportedArgument(self.__name__, name, unsupported.reason, unsupported.hint)
            raise NopythonError(problem) from None

    def _parameter_name(self, position: int) -> str:
        names = list(self._signature.parameters)
        return names[min(position, len(names) - 1)] if names else str(position)

    def _find(self, key: _Key, args: tuple[Any, ...]) -> Graph | None:
        """The graph for argument types, compiled if need be; None where the declared signatures must do."""
        if self._declared or not self._can_compile:
            return None
        if not self._options.nopython:
            key = object_mode.of_any_class(key, [*self._graphs, *self._interpreted])
        if key in self._interpreted:
            raise NopythonError(errors.Interpreted(self.__name__))
        self._bind(args, dict(key[1]))
        if self._options.nopython:
            return self._add(key, None)
        return self._compile_or_interpret(key)

    def _compile_or_interpret(self, key: _Key) -> Graph:
        """The graph for argument types; NopythonError, and no further attempts, where the interpreter is to run the function."""
        try:
            return self._add_with_segments(key)
        except NopythonError:
            self._interpreted.add(key)
            raise

    def _add_with_segments(self, key: _Key) -> Graph:
        """The graph for argument types, in which the interpreter does what cannot be traced."""
        if self._plan is None and not object_mode.takes_objects(key):
            try:
                return self._add(key, None)
            except NopythonError:
                pass
        with self._lock:
            if key in self._graphs:
                return self._graphs[key]
            if self._plan is None:
                self._plan = object_mode.new_plan(self)
            graph = object_mode.compile_with_segments(self, key, self._plan, self._options)
            self._graphs[key] = graph
            self._publish()
            return graph

    @property
    def segments(self) -> list[Any]:
        """What the interpreter does of the function, in the order of the source: see `tracer.interpreted.Segment`."""
        return [] if self._plan is None else self._plan.listed()

    def _forget_types(self) -> None:
        """The type of an object has become known: what was compiled without it is compiled anew when it is called."""
        with self._lock:
            if self._graphs:
                self._plan.retired.append(self._graphs)  # one of them may be running
            self._graphs = {}
            set_entries(self, [])

    def continue_with(self, function: Any) -> Dispatcher:
        """The compiled form of a function that does the rest of this one."""
        made = Dispatcher(function, self._options, self.targetoptions, [])
        made._plan = self._plan
        self._plan.dispatchers.append(made)
        return made

    def _bind(self, args: tuple, kwargs: dict[str, Any]) -> python_inspect.BoundArguments:
        try:
            return self._signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.__name__}(): {error}") from None

    def _converted(self, args: tuple[Any, ...]) -> tuple[Graph, tuple[Any, ...]]:
        """The first compiled form that the arguments convert to without loss."""
        for graph in self._graphs.values():
            wanted = graph.signature.arguments
            if len(wanted) == len(args) and all(map(_converts, args, wanted)):
                return graph, tuple(map(_convert, args, wanted))
        given = ", ".join(_type_text(a) for a in args)
        known = "; ".join(f"{self.__name__}{g.signature_text()}" for g in self._graphs.values())
        raise TypeError(f"no compiled form of {self.__name__} takes ({given}); there are: {known}")

    def __reduce__(self) -> Any:
        return self.__qualname__

    def __repr__(self) -> str:
        return f"<compiled function {self.__qualname__}, {len(self._graphs)} signatures>"


_UNKNOWN: tuple = ((), {})


class _Slow:
    """Finds what a call of the dispatcher is to run. The caller runs it, or raises the error, so that no frame of
    the compiler shows in a traceback."""

    def __init__(self, dispatcher: Any) -> None:
        self.dispatcher = dispatcher

    def __call__(self, *args: Any, **kwargs: Any) -> Deferred:
        positional, named = self.dispatcher._arrangements.get((len(args), tuple(kwargs)), _UNKNOWN)
        if positional and not named:  # as if the call had no names
            given = (*args, *kwargs.values())
            return Deferred((self.dispatcher, tuple([part(given) for part in positional])))
        try:
            return Deferred(with_room(self.dispatcher._prepare, args, kwargs))
        except (TracerError, TypeError, ObjectModeWarning, RecursionError) as error:
            return Deferred((None, user_error(error)))


def _warn_interpreted(dispatcher: Any, error: Exception) -> None:
    problem = getattr(error, "problem", None)
    if isinstance(problem, errors.Interpreted):
        return
    code = dispatcher.py_func.__code__
    text = f"{dispatcher.__name__} runs in the interpreter: {error}"
    object_mode.warn_at(dispatcher.py_func, code.co_firstlineno, text)


def _type_text(value: Any) -> str:
    try:
        return str(typeof(value))
    except UnsupportedValue:
        return type(value).__name__


def _converts(value: Any, wanted: Type) -> bool:
    """Whether an argument converts to a declared type without loss."""
    try:
        found = typeof(value)
    except UnsupportedValue:
        return False
    if found is wanted:
        return True
    if isinstance(found, Scalar) and isinstance(wanted, Scalar):
        return bool(np.can_cast(types.dtype_of(found), types.dtype_of(wanted), "safe"))
    if isinstance(found, types.Array) and isinstance(wanted, types.Array):
        promises = wanted.layout in ("A", found.layout) and (wanted.readonly or not found.readonly)
        return promises and found.dtype is wanted.dtype and found.ndim == wanted.ndim and (found.aligned or not wanted.aligned)
    if isinstance(wanted, types.Optional):
        return value is None or _converts(value, wanted.value)
    if isinstance(wanted, types.Tuple):
        return isinstance(value, tuple) and len(value) == len(wanted) and all(map(_converts, value, wanted.items))
    return False


def _convert(value: Any, wanted: Type) -> Any:
    if isinstance(wanted, types.Time) and typeof(value) is not wanted:
        return np.asarray(value).astype(types.dtype_of(wanted))[()]
    if isinstance(wanted, Scalar) and typeof(value) is not wanted:
        return types.class_of(wanted)(value)
    if isinstance(wanted, types.Optional) and value is not None:
        return _convert(value, wanted.value)
    return value


# --- the decorators


def jit(signature_or_function: Any = None, /, *, nopython: bool = False, **options: Any) -> Any:
    """Compile a function for the types it is called with; what cannot be compiled runs in the interpreter.

    `@jit`, `@jit()`, `@jit("float64(int64)")`, `@jit([signature, ...])`, with options as Numba has them. With
    `nopython=True` it is `njit`. Raises TypeError for unknown options, SignatureError for bad signatures.
    """
    try:
        return _decorator(signature_or_function, {**options, "nopython": nopython})
    except (TracerError, TypeError, ValueError) as error:
        stripped = user_error(error)
    raise stripped


def njit(signature_or_function: Any = None, /, **options: Any) -> Any:
    """Compile a function for the types it is called with, or raise an error that says what could not be compiled."""
    try:
        return _decorator(signature_or_function, {**options, "nopython": True})
    except (TracerError, TypeError, ValueError) as error:
        stripped = user_error(error)
    raise stripped


def _decorator(given: Any, written: dict[str, Any]) -> Any:
    options = make_options(written)
    if given is None:
        return _Decorator(options, written, [])
    if issubclass(type(given), (str, Signature, tuple, list)):  # an object may say that it is of another class
        return _Decorator(options, written, notation.parse_signatures(given))
    return _dispatcher(given, options, written, [])


class _Decorator:
    """What `njit(...)` without a function returns."""

    def __init__(self, options: Options, written: dict[str, Any], signatures: list[Signature]) -> None:
        self.arguments = options, written, signatures

    def __call__(self, function: Any) -> Any:
        try:
            return _dispatcher(function, *self.arguments)
        except (TracerError, TypeError) as error:
            stripped = user_error(error)
        raise stripped


def _dispatcher(function: Any, options: Options, written: dict[str, Any], signatures: list[Signature]) -> Any:
    if isinstance(function, Dispatcher):
        function = function.py_func
    if issubclass(type(function), (staticmethod, classmethod)):
        raise TypeError(f"put {type(function).__name__} above the compiling decorator, not below it")
    if type(function) is not python_types.FunctionType:
        raise TypeError(f"a Python function can be compiled, not {_described(function)}")
    return with_room(Dispatcher, function, options, written, signatures)


def _described(thing: Any) -> str:
    if issubclass(type(thing), type):
        return f"the class {thing.__name__}"
    name = getattr(thing, "__qualname__", None)
    return f"{type(thing).__name__} {name}" if name else f"a {type(thing).__name__}"


def trace(function: Callable[..., Any], /, **options: Any) -> Callable[..., Graph]:
    """`trace(func)(*args)` traces and compiles `func` and returns the compiled Graph.

    The arguments are examples of values, or types: `trace(func)(1, types.float64[:, ::1])`. With `nopython=False` the
    interpreter does what cannot be traced, as in `jit`.
    """
    chosen = make_options({"nopython": True, **options})
    function = getattr(function, "py_func", function)
    if type(function) is not python_types.FunctionType:
        raise TypeError(f"a Python function can be traced, not {_described(function)}")

    def compile_for(*args: Any, **kwargs: Any) -> Graph:
        try:
            positional = tuple(_traced_type(function, i, value, chosen) for i, value in enumerate(args))
            keywords = {name: _traced_type(function, name, value, chosen) for name, value in kwargs.items()}
            python_inspect.signature(function).bind(*args, **kwargs)
            if not chosen.nopython:
                dispatcher = with_room(Dispatcher, function, chosen, options, [])
                return with_room(dispatcher._add_with_segments, (positional, tuple(keywords.items())))
            return with_room(compile_function, function, positional, keywords, chosen)
        except NopythonError as error:
            stripped = user_error(error)
        raise stripped

    return compile_for


def _traced_type(function: Any, position: int | str, value: Any, options: Options) -> Type:
    try:
        return typeof(value)
    except UnsupportedValue as unsupported:
        if not options.nopython:
            return types.object_
        names = list(python_inspect.signature(function).parameters)
        name = position if isinstance(position, str) else names[min(position, len(names) - 1)] if names else str(position)
        problem = errors.UnsupportedArgument(function.__name__, name, unsupported.reason, unsupported.hint)
        raise NopythonError(problem) from None

