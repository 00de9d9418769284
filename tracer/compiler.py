"""From a Python function and argument types to machine code: trace, optimize, generate, link; and what was made."""

from __future__ import annotations

import contextlib
import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import numpy as np

import codegen
from codegen.native import native_class, set_entries, set_slow
from codegen.objects import Deferred
from ir.on_demand import OnDemand
from ir.types import Signature, Type
from tracer.options import Options
from tracer.typeof import UnsupportedValue, larger_than_64_bits, typeof

if TYPE_CHECKING:
    from ir.graph import Graph as IRGraph

gaining = OnDemand("tracer.gains")
cloning = OnDemand("ir.clone")
passes = OnDemand("ir.passes")
printer = OnDemand("ir.printer")
session = OnDemand("tracer.session")
inspect = OnDemand("tracer.inspect")

_OUR_STAGES = ("trace", "passes", "emit")


@native_class
class Graph:
    """A function compiled for one list of argument types. Calling it runs machine code.

    `ir` is the graph as traced, `optimized` after the passes, `signature` its types, `timings` the seconds of
    each stage of the compilation. Arguments of other types raise TypeError.
    """

    def __init__(
        self, function: Any, ir: IRGraph, optimized: IRGraph, executable: Any, names: tuple[str, ...], timings: dict
    ) -> None:  # fmt: skip
        self.__name__ = ir.name
        self.function = function
        self.ir = ir
        self.optimized = optimized
        self.executable = executable
        self.signature = Signature(ir.result_type, tuple(p.type for p in ir.params))
        self.parameters = names
        self.timings = timings
        set_entries(self, [executable])
        set_slow(self, _Mismatch(weakref.ref(self), self.__name__, self.signature, names))

    def text(self, stage: str = "traced") -> str:
        """The program at a stage: "traced", "optimized", "llvm" (as LLVM optimized it), "llvm-input" or "asm"."""
        stages = {
            "traced": lambda: printer.print_graph(self.ir),
            "optimized": lambda: printer.print_graph(self.optimized),
            "llvm": self.executable.optimized_llvm,
            "llvm-input": lambda: self.executable.llvm,
            "asm": self.executable.assembly,
        }
        if stage not in stages:
            raise ValueError(f"no stage {stage!r}; there are {', '.join(map(repr, stages))}")
        return stages[stage]()

    def show(self, stage: str = "traced", file: TextIO | None = None) -> None:
        """Print the program at a stage, see `text`."""
        print(self.text(stage), file=file)

    def inspect_types(self, file: TextIO | None = None) -> None:
        """Print every source line with its ops and their types."""
        print(self.types_text(), file=file)

    def types_text(self) -> str:
        """What `inspect_types` prints."""
        arguments = ", ".join(map(str, self.signature.arguments))
        return inspect.inspect_types(self.ir, f"({arguments})")

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}{self.signature_text()}>"

    def signature_text(self) -> str:
        """`(int64, float64) -> float64`."""
        arguments = ", ".join(map(str, self.signature.arguments))
        return f"({arguments}) -> {self.signature.result}"


class _Mismatch:
    """What a Graph calls when the arguments do not have its types: an equivalent form is tried, else it raises.

    It refers to the Graph weakly, so that a dropped Graph is freed at once.
    """

    def __init__(self, graph: weakref.ref, name: str, signature: Signature, parameters: tuple[str, ...]) -> None:
        self.graph = graph
        self.name, self.signature, self.parameters = name, signature, parameters

    def __call__(self, *args: Any, **kwargs: Any) -> Deferred:
        plain = plain_arrays(args)
        if plain is not args and not kwargs:
            return Deferred((self.graph(), plain))
        try:
            self._refuse(args, kwargs)
        except (TypeError, OverflowError) as error:
            return Deferred((None, error.with_traceback(None)))

    def _refuse(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> NoReturn:
        expected = f"{self.name}({', '.join(map(str, self.signature.arguments))})"
        if kwargs:
            raise TypeError(f"{expected} takes positional arguments only, got {next(iter(kwargs))!r} by name")
        if len(args) != len(self.signature.arguments):
            raise TypeError(f"{expected} takes {len(self.signature.arguments)} arguments, got {len(args)}")
        for name, wanted, value in zip(self.parameters, self.signature.arguments, args):
            check_argument(expected, name, wanted, value)
        raise TypeError(f"{expected} cannot be called with these arguments")


def plain_arrays(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with memory maps as the arrays that they are; the same tuple if there are none."""
    if not any(type(a) is np.memmap for a in args):
        return args
    return tuple(a.view(np.ndarray) if type(a) is np.memmap else a for a in args)


def check_argument(expected: str, name: str, wanted: Type, value: Any) -> None:
    """Raise OverflowError for an int that is too large, TypeError for a value of another type."""
    try:
        found = str(typeof(value))
    except UnsupportedValue as unsupported:
        found = unsupported.reason
    if found != str(wanted):
        raise TypeError(f"{expected} got {found} for {name!r}")
    large = larger_than_64_bits(value)
    if large is not None:
        raise OverflowError(f"{expected} takes 64-bit integers, and {name!r} needs {large.bit_length() + 1} bits")


def compile_function(
    function: Any, positional: tuple[Type, ...], keywords: Mapping[str, Type], options: Options,
    declared: Type | None = None, exact_arguments: bool = True, object_mode: Any = None, classes: tuple[int | None, ...] = (),
) -> Graph:  # fmt: skip
    """Trace, optimize and compile a Python function for argument types.

    With `object_mode` (a tracer.resuming.ObjectMode) the interpreter does what cannot be traced, or everything where machine
    code would only call it; `classes` are the addresses of those that the entry asks of arguments that are objects.
    Without `exact_arguments`, arrays are taken that promise more than their type says, as for a written signature.
    """
    with _collector_paused():
        _load()
        ours = options.for_codegen(exact_arguments, classes)
        return _compile(function, positional, keywords, options, declared, ours, object_mode)


def _load() -> None:
    """Load the compiler, once. Its modules stay, so the garbage collector need not look through them soon: they are put
    among the oldest objects at once, unless the program keeps objects from the collector itself."""
    if not session.is_loaded():
        for module in (session, passes):
            module.load()
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    """A graph is thousands of small objects that stay: looking for garbage among them would only take time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    thread = threading.get_ident()
    _pausing.add(thread)
    try:
        yield
    finally:
        _pausing.discard(thread)
        gc.enable()


_pausing: set[int] = set()


def _resume_collector() -> None:
    """In a child of `fork`, where the thread that paused the collector is not."""
    if _pausing - {threading.get_ident()}:
        _pausing.clear()
        gc.enable()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_resume_collector)


def _compile(
    function: Any, positional: tuple[Type, ...], keywords: Mapping[str, Type], options: Options, declared: Type | None,
    machine_options: codegen.Options, object_mode: Any,
) -> Graph:  # fmt: skip
    start = time.perf_counter()
    ir = session.trace_function(function, positional, keywords, options, declared, object_mode)
    traced = time.perf_counter()
    if object_mode is not None and not keywords and not gaining.gains(ir) and not object_mode.plan.sharing.needs_cells(function):
        optimized, passed = ir, traced
        executable = codegen.forward(ir, function, machine_options)
    else:
        optimized = passes.optimize(cloning.clone(ir), interruptible=options.interruptible)
        passed = time.perf_counter()
        executable = codegen.compile_graph(optimized, machine_options)
    timings = {"trace": traced - start, "passes": passed - traced, **executable.timings}
    names = tuple(p.name or f"argument {i}" for i, p in enumerate(ir.params))
    return Graph(function, ir, optimized, executable, names, timings)
