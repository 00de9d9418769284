"""Calls that do not keep a loop from being vectorized: rare, pure functions called on a branch.

LLVM's loop vectorizer makes a branch into a selection, but stops at a call of a function that it knows no vector form of. So
a graph that only computes, as the path of a library function for rare arguments, gets vector forms with a mask, announced as
the "Vector Function ABI" has it (the attribute `vector-function-abi-variant`, LLVM Language Reference): they call the graph
for each lane whose bit in the mask is set, or compute it for all lanes where it can be rewritten for vectors. After vectorization
the engine inlines their check that there is one, so that a loop that meets none pays for a test and a jump, and keeps its values
in registers.
"""

from __future__ import annotations

import contextlib
from typing import NamedTuple

from codegen import abi
from codegen.computations import LANE_BITS
from codegen.effort import Effort
from codegen.emit import GraphText
from codegen.engine import engine
from codegen.entry import result_struct
from codegen.text import ModuleText
from codegen.vector_function import FunctionBody
from codegen.vector_text import Unknown, split_blocks
from ir.graph import Graph

_ATTRIBUTES = "nounwind willreturn memory(none)"
_INLINED = f"alwaysinline {_ATTRIBUTES}"


def vectorizable_call(f: GraphText, callee: Graph, arguments: list[str]) -> str:
    """Call a graph for which `is_computation` holds; returns its result."""
    component = abi.components(callee.result_type)[0]
    name = f.program.names[callee] + ".scalar"
    wanted = f.module.vector_forms.get(name)
    if wanted is None:
        parameters = [abi.components(p.type)[0] for p in callee.params]
        struct = result_struct(callee.result_type, False)
        wanted = f.module.vector_forms[name] = VectorForms(f.program.names[callee], struct, component, parameters, set())
    lanes = "v" * len(wanted.parameters)
    variants = ",".join(f"_ZGV_LLVM_M{n}{lanes}_{name}({name}.{n})" for n in wanted.counts())
    call = f"call {component} @{name}({', '.join(arguments)})"
    return f.value(f'{call} {_ATTRIBUTES} "vector-function-abi-variant"="{variants}"')


class VectorForms(NamedTuple):
    """What is needed of a function: the form for LLVM's vectorizer where it may call it, and those for some numbers of lanes."""

    function: str
    struct: str
    component: str
    parameters: list[str]
    lanes: set[int]  # for which codegen.vector_loops calls it

    def counts(self) -> list[int]:
        """For how many lanes LLVM's vectorizer may want it."""
        return _lane_counts([self.component, *self.parameters])


def write_forms(module: ModuleText, effort: Effort, apart: bool) -> None:
    """Add the functions that the calls in the module need; for LLVM's vectorizer only where it is left a loop with a call.
    `apart`: loops of vectors are in the text that is compiled well."""
    whole = effort is Effort.WHOLE
    functions = module.hot if apart else module.functions
    for_llvm = [name for name, wanted in module.vector_forms.items() if whole and _is_announced(name, wanted, functions)]
    for name in for_llvm:
        module.vector_forms[name].lanes.add(module.vector_forms[name].counts()[0])
    rewritten = _rewritten(module)
    for name, wanted in module.vector_forms.items():
        module.declare("llvm.cttz.i64", "declare i64 @llvm.cttz.i64(i64, i1)")
        if apart and _is_called(name, module.functions):
            module.functions += _scalar_form(name, wanted)
        if name in for_llvm or any((name, lanes) not in rewritten for lanes in wanted.lanes) or _is_called(name, functions):
            functions += _scalar_form(name, wanted)
        for lanes in sorted(wanted.lanes):
            body = rewritten.get((name, lanes))
            if body is None:
                function = _for_lanes(name, lanes, wanted, module.loop(rare=True) if whole else "")
            else:
                function = [_head(name, lanes, wanted), "begin:", *body.text.before, *body.text.lines, *_end(lanes, wanted, body.result)]
                for called, declaration in body.text.declarations.items():
                    module.declare(called, declaration)
            if apart:
                module.declare_hot(f"{name}.lanes{lanes}", function[0].removesuffix(" {").replace("define", "declare"))
            functions += function
        if name in for_llvm:
            counts = wanted.counts()
            for lanes in counts:
                functions += _vector_form(name, lanes, counts[0], wanted.component, wanted.parameters)
            # LLVM would remove the former, and parameters of the latter that are not read, of which the attribute tells.
            module.used += [*(f"{name}.{lanes}" for lanes in counts), name]
    for wanted in module.vector_forms.values():
        if apart and not _is_called(wanted.function, [*module.functions, *module.hot]):
            _remove(wanted.function, module)


def _is_called(name: str, lines: list[str]) -> bool:
    """Whether a line but that which begins a function has the function's name."""
    return any(f"@{name}(" in line and not line.startswith("define") for line in lines)


def _remove(name: str, module: ModuleText) -> None:
    """Leave out a function that has other forms only."""
    first = next(i for i, line in enumerate(module.hot) if line.startswith("define") and f"@{name}(" in line)
    del module.hot[first : module.hot.index("}", first) + 1]
    module.forget_hot(name)


def _is_announced(name: str, wanted: VectorForms, functions: list[str]) -> bool:
    """Whether a line that is left to LLVM's vectorizer tells of the function's forms."""
    form = f"({name}.{wanted.counts()[0]})"
    return any(form in line for line in functions)


def _rewritten(module: ModuleText) -> dict[tuple[str, int], FunctionBody]:
    """The functions that can be computed for all lanes at once, by name and number of lanes; notes what they call themselves."""
    result: dict[tuple[str, int], FunctionBody] = {}
    left = [(name, lanes) for name, wanted in module.vector_forms.items() for lanes in wanted.lanes]
    while left:
        name, lanes = left.pop()
        wanted = module.vector_forms[name]
        with contextlib.suppress(Unknown):
            body = FunctionBody(split_blocks(module.computations[wanted.function]), wanted.parameters, lanes)
            result[name, lanes] = body
            for called, count in body.calls:
                if count not in module.vector_forms[called].lanes:
                    module.vector_forms[called].lanes.add(count)
                    left.append((called, count))
    return result


def _lane_counts(components: list[str]) -> list[int]:
    """How many lanes a vector register holds; with the widest registers, also half of that, which LLVM prefers on some CPUs."""
    bits = engine().vector_bits
    widest = max(LANE_BITS[c] for c in components)
    return [bits // widest, bits // 2 // widest] if bits == 512 else [bits // widest]


def _scalar_form(name: str, wanted: VectorForms) -> list[str]:
    """A function with a plain result; LLVM must not inline it before loops are vectorized."""
    named = ", ".join(f"{c} %p{i}" for i, c in enumerate(wanted.parameters))
    return [
        f"define internal {wanted.component} @{name}({named}) noinline cold {_ATTRIBUTES} {{",
        f"  %result = call {wanted.struct} @{wanted.function}({named})",
        f"  %value = extractvalue {wanted.struct} %result, 0",
        f"  ret {wanted.component} %value",
        "}",
    ]


def _vector_form(name: str, lanes: int, most: int, component: str, parameters: list[str]) -> list[str]:
    """What a vectorized loop calls, inlined into it afterwards: whether any lane is active is asked there."""
    mask = f"<{lanes} x i1> %mask"
    arguments = [(f"<{lanes} x {c}> %p{i}", c) for i, c in enumerate(parameters)]
    parts = [argument for argument, _ in arguments]
    widening, narrowing, result = [], [], "%computed"
    if lanes < most:
        indices = _indices(most)
        for i, (argument, c) in enumerate(arguments):
            widening.append(f"  %w{i} = shufflevector {argument}, <{lanes} x {c}> poison, {_indices(most, lanes)}")
            parts[i] = f"<{most} x {c}> %w{i}"
        widening.append(f"  %wide = shufflevector {mask}, <{lanes} x i1> zeroinitializer, {indices}")
        narrowing = [f"  %low = shufflevector <{most} x {component}> %computed, <{most} x {component}> poison, {_indices(lanes)}"]
        result = "%low"
    wide = mask if lanes == most else f"<{most} x i1> %wide"
    return [
        f"define internal <{lanes} x {component}> @{name}.{lanes}({', '.join([a for a, _ in arguments])}, {mask}) {_INLINED} {{",
        "begin:",
        f"  %bits = bitcast {mask} to i{lanes}",
        f"  %idle = icmp eq i{lanes} %bits, 0",
        "  br i1 %idle, label %done, label %active, !prof !0",
        "active:",
        *widening,
        f"  %computed = call <{most} x {component}> @{name}.lanes{most}({', '.join(parts)}, {wide})",
        *narrowing,
        "  br label %done",
        "done:",
        f"  %result = phi <{lanes} x {component}> [zeroinitializer, %begin], [{result}, %active]",
        f"  ret <{lanes} x {component}> %result",
        "}",
    ]


def _indices(count: int, period: int = 0) -> str:
    return f"<{count} x i32> <{', '.join(f'i32 {i % period if period else i}' for i in range(count))}>"


def _for_lanes(name: str, lanes: int, wanted: VectorForms, closing: str) -> list[str]:
    """One lane after the other, of those whose bit in the mask is set."""
    component, parameters = wanted.component, wanted.parameters
    vectors = [(f"<{lanes} x {c}>", c) for c in parameters]
    result = f"<{lanes} x {component}>"
    spilled = [line for i, (vector, c) in enumerate(vectors) for line in (
        f"  %items{i} = alloca {vector}", f"  store {vector} %p{i}, ptr %items{i}",
    )]  # fmt: skip
    loaded = [line for i, (_, c) in enumerate(vectors) for line in (
        f"  %at{i} = getelementptr {c}, ptr %items{i}, i64 %lane", f"  %a{i} = load {c}, ptr %at{i}",
    )]  # fmt: skip
    return [
        _head(name, lanes, wanted),
        "begin:",
        f"  %results = alloca {result}",
        *spilled,
        f"  %bits = bitcast <{lanes} x i1> %mask to i{lanes}",
        f"  %first = {'bitcast' if lanes == 64 else 'zext'} i{lanes} %bits to i64",
        "  br label %compute",
        "compute:",
        "  %active = phi i64 [%first, %begin], [%others, %compute]",
        "  %lane = call i64 @llvm.cttz.i64(i64 %active, i1 true)",
        *loaded,
        f"  %item = call {component} @{name}({', '.join(f'{c} %a{i}' for i, c in enumerate(parameters))})",
        f"  %at = getelementptr {component}, ptr %results, i64 %lane",
        f"  store {component} %item, ptr %at",
        "  %less = sub i64 %active, 1",
        "  %others = and i64 %active, %less",
        "  %more = icmp ne i64 %others, 0",
        f"  br i1 %more, label %compute, label %done{closing}",
        "done:",
        f"  %all = load {result}, ptr %results",
        *_end(lanes, wanted, "%all"),
    ]


def _head(name: str, lanes: int, wanted: VectorForms) -> str:
    named = ", ".join(f"<{lanes} x {c}> %p{i}" for i, c in enumerate(wanted.parameters))
    return f"define <{lanes} x {wanted.component}> @{name}.lanes{lanes}({named}, <{lanes} x i1> %mask) noinline cold {_ATTRIBUTES} {{"


def _end(lanes: int, wanted: VectorForms, result: str) -> list[str]:
    return [f"  ret <{lanes} x {wanted.component}> {result}", "}"]
