"""The LLVM side: text in, addresses of machine code out.

There is one engine in a process, made at first use. Each compiled text becomes a library of its own, whose memory
is released when the `Module` that stands for it is dropped.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import llvmlite
import llvmlite.binding as llvm

from codegen import cache, symbols
from codegen.effort import Effort
from ir.forking import llvm_lock, reopened_lock, wait_for

# Of the pipeline. Level 3 adds little more than unswitching loops on conditions that do not change in them, which our
# own passes do for index checks: the benchmarks run as fast with 2, and large nests compile in half the time.
_OPTIMIZATION_LEVEL = 2
_PLAIN_LEVEL = 1  # where no loop can be vectorized, what the second level finds in addition does not show in the benchmarks
_CODE_GENERATION_LEVEL = 2
_INLINED_LAST = " alwaysinline "
_MOST_ENTRIES = 1000  # in memory and on disk: of a few kilobytes each
_ENTRIES = "entries"  # the folder
_PROCESS_LIBRARY = "process"
_MASKS = {"+avx512f", "+avx512bw", "+avx512dq", "+avx512vl"}


class Code(NamedTuple):
    """Object code for a text. `timings` holds the seconds for `parse`, `optimize` and `codegen`, where it was made anew."""

    text: str
    effort: Effort
    image: bytes
    timings: dict[str, float]


def _no_time() -> dict[str, float]:
    return dict.fromkeys(("parse", "optimize", "codegen"), 0.0)


class Module:
    """Machine code in memory. It stays callable as long as this object lives.

    `timings` holds seconds for `parse`, `optimize`, `codegen` and `link`.
    """

    def __init__(
        self, codes: Sequence[Code], addresses: dict[str, int], link: float, tracker: llvm.orcjit.ResourceTracker
    ) -> None:  # fmt: skip
        self.addresses = addresses
        self.timings = {stage: sum(code.timings[stage] for code in codes) for stage in codes[0].timings} | {"link": link}
        self._tracker = tracker


class Engine:
    """Compiles LLVM IR text for this machine's CPU. Safe to use from several threads.

    `verify` runs LLVM's own verifier on every module before it is optimized: for tests, as it costs time and finds
    only faults of this compiler. It is on from the start where the environment has TRACER_VERIFY_LLVM=1.
    `in_place_of` names efforts to make in place of others, also for tests: those that compile much and run it once.
    """

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self.verify = os.environ.get("TRACER_VERIFY_LLVM", "0") not in ("", "0")
        self.in_place_of: dict[Effort, Effort] = {}
        self._lock = llvm_lock
        self._entries: dict[str, Code] = {}
        self._names = map("code{}".format, itertools.count())
        self._target = (llvm.get_default_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
        self._features = frozenset(self._target[2].split(","))
        self._machine = self._target_machine(_CODE_GENERATION_LEVEL)
        self._plain_machine = self._target_machine(0)
        self._jit = llvm.create_lljit_compiler(self._target_machine(0))
        self._process = self._link_process_library()

    @property
    def vector_bits(self) -> int:
        """The width of this CPU's vector registers."""
        return 512 if "+avx512f" in self._features else 256 if "+avx" in self._features else 128

    @property
    def has_masks(self) -> bool:
        """Whether this CPU loads and stores some lanes of a vector, of all widths of items."""
        return _MASKS <= self._features

    @property
    def usual_vector_bits(self) -> int:
        """The width of the vectors that LLVM makes for this CPU: on most that have 512 bits, it prefers half of them."""
        return self.vector_bits if self._target[1].startswith("znver") else min(self.vector_bits, 256)

    def _target_machine(self, level: int) -> llvm.TargetMachine:
        triple, cpu, features = self._target
        return llvm.Target.from_triple(triple).create_target_machine(cpu, features, opt=level, jit=True)

    def _link_process_library(self) -> llvm.orcjit.ResourceTracker:
        """Name what all code may call: the C libraries' functions, Python's and NumPy's C API and objects."""
        library = llvm.JITLibraryBuilder()
        for name, address in symbols.process_symbols().items():
            library.import_symbol(name, address)
        return library.link(self._jit, _PROCESS_LIBRARY)

    def define_symbols(self, addresses: Mapping[str, int]) -> llvm.orcjit.ResourceTracker:
        """A library of addresses with names, which other modules can be linked with by its own `name`, as long as the result lives."""
        library = llvm.JITLibraryBuilder()
        for name, address in addresses.items():
            library.import_symbol(name, address)
        with self._lock:
            return library.link(self._jit, next(self._names))  # LLVM never gives a name again

    def compile(
        self, text: str, exports: Iterable[str], addresses: Mapping[str, int] | None = None,
        libraries: Iterable[str] = (), effort: Effort = Effort.WHOLE, persist: bool = False,
    ) -> Module:  # fmt: skip
        """Machine code for one text; see `code` and `link`."""
        return self.link([self.code(text, effort, persist)], exports, addresses or {}, libraries)

    def code(self, text: str, effort: Effort = Effort.WHOLE, persist: bool = False) -> Code:
        """Object code for `text`; with `persist` it is kept on disk. Raises RuntimeError for text that is not valid, a fault of the
        caller.
        """
        with self._lock:
            return self._made(text, effort, "" if persist else None)

    def entry_code(self, text: str) -> Code:
        """Object code for the entry of a function, which is that of all functions with the same types, but for the addresses that
        it is linked with: it is kept in memory, and on disk.
        """
        with self._lock:
            made = self._entries.get(text)
            if made is not None:
                return made._replace(timings=_no_time())
            made = self._made(text, Effort.NONE, _ENTRIES, _MOST_ENTRIES)
            if len(self._entries) < _MOST_ENTRIES:
                self._entries[text] = made
        return made

    def _made(self, text: str, effort: Effort, folder: str | None, most: int | None = None) -> Code:
        """Object code from this folder of the cache, or new, and then kept there; None for neither."""
        timings = _no_time()
        key = self.cache_key(text, effort) if folder is not None else b""
        image = cache.load(key, folder=folder) if folder is not None else None
        if image is None:
            image = self._emit(text, effort, timings)
            if folder is not None:
                cache.store(key, image, folder=folder, most=most)
        return Code(text, effort, image, timings)

    def link(
        self, codes: Sequence[Code], exports: Iterable[str], addresses: Mapping[str, int], libraries: Iterable[str]
    ) -> Module:
        """Put object code into memory; the texts may call each other. One library for several costs as much as for one.

        `exports` are the functions whose addresses are wanted; `addresses` are symbols that the texts declare and do not
        define; `libraries` are names given to `define_symbols`. Raises RuntimeError for an unknown symbol, a fault of the caller.
        """
        with self._lock:
            start = time.perf_counter()
            library = llvm.JITLibraryBuilder()
            for code in codes:
                library.add_object_img(code.image)
            for name in (_PROCESS_LIBRARY, *libraries):
                library.add_jit_library(name)
            library.add_current_process()  # for what LLVM calls on its own and `symbols` did not foresee
            for name, address in addresses.items():
                library.import_symbol(name, address)
            for name in exports:
                library.export_symbol(name)
            tracker = library.link(self._jit, next(self._names))
            seconds = time.perf_counter() - start
        return Module(codes, {name: tracker[name] for name in exports}, seconds, tracker)

    def _emit(self, text: str, effort: Effort, timings: dict[str, float]) -> bytes:
        """The object code for `text`; the seconds that each stage takes are noted."""
        effort = self.in_place_of.get(effort, effort)
        clock = time.perf_counter
        start = clock()
        context, module = self._parse(text)
        parsed = clock()
        self._optimize(module, text, effort)
        optimized = clock()
        image = self._machine_for(effort).emit_object(module)
        timings.update(parse=parsed - start, optimize=optimized - parsed, codegen=clock() - optimized)
        del module, context  # `close` could be interrupted and then be done again, which is a crash
        return image

    def _machine_for(self, effort: Effort) -> llvm.TargetMachine:
        return self._plain_machine if effort in (Effort.NONE, Effort.BRIEF) else self._machine

    def cache_key(self, text: str, effort: Effort) -> bytes:
        """What code for a text, or for what a text stands for, is kept under: with all else that it depends on."""
        levels = f"levels {_OPTIMIZATION_LEVEL}, {_PLAIN_LEVEL}, {_CODE_GENERATION_LEVEL}, effort {effort.name}"
        version = f"llvmlite {llvmlite.__version__}, LLVM {llvm.llvm_version_info}, {levels}"
        masks = "with masks" if self.has_masks else "without masks"
        return cache.key(version, *self._target, masks, text)

    def _parse(self, text: str) -> tuple[llvm.context.ContextRef, llvm.ModuleRef]:
        # A context of its own gives back the memory of types and constants, and costs nothing measurable.
        context = llvm.create_context()
        module = llvm.parse_assembly(text, context)
        if self.verify:
            module.verify()
        return context, module

    def _optimize(self, module: llvm.ModuleRef, text: str, effort: Effort) -> None:
        if effort in (Effort.NONE, Effort.VECTORS):
            return
        level = _PLAIN_LEVEL if effort is Effort.PLAIN else _OPTIMIZATION_LEVEL
        options = llvm.create_pipeline_tuning_options(speed_level=level)
        options.loop_vectorization = True
        options.slp_vectorization = True
        options.loop_unrolling = True
        options.loop_interleaving = True
        builder = llvm.create_pass_builder(self._machine, options)
        # A pass manager runs once: llvmlite moves it into LLVM.
        if effort is Effort.WHOLE:
            builder.getModulePassManager().run(module, builder)
        else:
            self._simplify(module, effort, builder)
        if _INLINED_LAST in text:
            # Vector forms of functions are called only since loops have been vectorized.
            inliner = llvm.create_new_module_pass_manager()
            inliner.add_always_inliner_pass()
            inliner.run(module, builder)
            for function in module.functions:
                if any(b"alwaysinline" in each for each in function.attributes):
                    function.linkage = llvm.Linkage.available_externally  # no code is made for it

    def _simplify(self, module: llvm.ModuleRef, effort: Effort, builder: llvm.PassBuilder) -> None:
        """The part of the pipeline that looks at one function; and what the text asks to unroll."""
        for function in module.functions:
            if function.is_declaration:
                continue
            builder.getFunctionPassManager().run(function, builder)
            if effort is Effort.UNROLLED:
                passes = llvm.create_new_function_pass_manager()
                passes.add_loop_unroll_pass()
                passes.add_instruction_combine_pass()
                passes.add_simplify_cfg_pass()
                passes.run(function, builder)

    def optimized(self, text: str, effort: Effort) -> str:
        """The LLVM IR that the passes make of `text`."""
        with self._lock:
            context, module = self._parse(text)
            self._optimize(module, text, effort)
            result = str(module)
            del module, context
        return result

    def assembly(self, text: str, effort: Effort) -> str:
        """The assembly text that `text` becomes."""
        with self._lock:
            context, module = self._parse(text)
            self._optimize(module, text, effort)
            result = self._machine_for(effort).emit_assembly(module)
            del module, context
        return result


_creation = reopened_lock()
_engine: list[Engine] = []
wait_for(llvm.ffi.lib._lock)  # which llvmlite holds in each call, also where objects of LLVM are freed


def engine() -> Engine:
    """The engine of this process."""
    if not _engine:
        with _creation:
            if not _engine:
                _engine.append(Engine())
    return _engine[0]
