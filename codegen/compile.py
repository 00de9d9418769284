"""A graph becomes machine code that can be called from Python."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from codegen import lower_array, lower_control, lower_foreign, lower_memory, lower_python, lower_scalar
from codegen.effort import Effort, plan_for
from codegen.emit import GraphText, Program
from codegen.engine import Code, Module, engine
from codegen.entry import ENTRY, Target, emit_entry, emit_forwarding_entry
from codegen.options import Options
from codegen.runtime import Runtime, runtime
from codegen.text import ModuleText
from codegen.vector_calls import write_forms
from ir.graph import Graph
from ir.on_demand import OnDemand

kernels = OnDemand("codegen.kernels")

LOWERING_MODULES = (lower_array, lower_control, lower_foreign, lower_memory, lower_python, lower_scalar)  # importing them fills CUSTOM


class Executable:
    """Machine code of a graph for arguments of its parameters' types; freed when this object is dropped.

    `entry` is the address of a vectorcall that declines arguments of other types: see `codegen.native.set_entries`.
    `timings` are the seconds for emit, parse, optimize, codegen and link.
    """

    def __init__(
        self, entry: int, timings: dict[str, float], module: Module, bodies: Sequence[Code], kept: tuple[Any, ...],
        run: Sequence[Graph] = (),
    ) -> None:  # fmt: skip
        self.entry = entry
        self.timings = timings
        self._module = module
        self._bodies = bodies
        self._kept = kept
        self._run = run  # by kernels, whose code was there before

    @property
    def llvm(self) -> str:
        """The text given to LLVM, now or when the kernels were made that it calls."""
        return "\n".join(text for text, _ in self._texts())

    def _texts(self) -> list[tuple[str, Effort]]:
        return [*((code.text, code.effort) for code in self._bodies), *(kernels.text_of(body) for body in self._run)]

    def optimized_llvm(self) -> str:
        """The LLVM IR after optimization; computed anew, since compiling does not keep it."""
        return "\n".join(engine().optimized(text, effort) for text, effort in self._texts())

    def assembly(self) -> str:
        """The machine code as assembly text; computed anew, since compiling does not keep it."""
        return "\n".join(engine().assembly(text, effort) for text, effort in self._texts())


def compile_graph(graph: Graph, options: Options = Options()) -> Executable:
    """Compile a graph and all graphs that it calls, for the CPU of this machine.

    The entry is a module of its own that LLVM does not optimize: its text is straight-line code as it should be, and
    optimizing it took longer than many a graph.
    """
    shared: Runtime = runtime()
    start = time.perf_counter()
    body, target, effort = _emit(graph, options)
    if effort is Effort.VECTORS:
        effort = Effort.NONE if body.hot and not body.has_vectors else Effort.PLAIN
    texts = [(body.text(), effort)]
    if body.hot:
        texts.append((body.hot_text(), Effort.VECTORS))
    emitted = time.perf_counter() - start
    codes = [engine().code(text, each, persist=options.cache) for text, each in texts]
    start = time.perf_counter()
    entry = ModuleText(options, body.errors, record_values=body.record_values, prefix="entry.")
    emit_entry(entry, target)
    entry_text = entry.text()
    emitted += time.perf_counter() - start
    entry_code = engine().entry_code(entry_text)
    linked = engine().link([*codes, entry_code], [ENTRY], body.addresses | entry.addresses, shared.libraries)
    kept = (shared, *body.kept, *entry.kept)
    return Executable(linked.addresses[ENTRY], {"emit": emitted, **linked.timings}, linked, codes, kept, list(body.kernels.values()))


def forward(graph: Graph, function: Any, options: Options) -> Executable:
    """An entry for the graph's parameters that calls a Python function with the same arguments."""
    shared: Runtime = runtime()
    module = ModuleText(options)
    emit_forwarding_entry(module, [p.type for p in graph.params], function)
    code = engine().entry_code(module.text())
    linked = engine().link([code], [ENTRY], module.addresses, shared.libraries)
    return Executable(linked.addresses[ENTRY], linked.timings, linked, [code], (shared, *module.kept))


def _emit(graph: Graph, options: Options) -> tuple[ModuleText, Target, Effort]:
    module = ModuleText(options)
    program = Program(graph)
    module.counts_objects = program.has_objects()
    module.plan = plan_for(graph, options, engine().has_masks)
    functions = [GraphText(module, program, each) for each in program.graphs]
    for function in functions:
        function.emit()
    effort = module.plan.settled(module.vectorized)
    apart = effort is not Effort.WHOLE
    for function in functions:
        function.write(apart)
    write_forms(module, effort, apart)
    target = Target(
        program.names[graph], tuple(p.type for p in graph.params), graph.result_type, graph in program.can_fail,
        bool(program.recursive),
    )  # fmt: skip
    return module, target, effort
