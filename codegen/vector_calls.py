"""Calls that do not keep a loop from being vectorized: rare, pure functions called on a branch.

LLVM's loop vectorizer makes a branch into a selection, but stops at a call of a function that it knows no vector form of. So
a graph that only computes, as the path of a library function for rare arguments, gets vector forms with a mask, announced as
the "Vector Function ABI" has it (the attribute `vector-function-abi-variant`, LLVM Language Reference): they call the graph
for each lane whose bit in the mask is set. After vectorization the engine inlines their check that there is one, so that
a loop that meets none pays for a test and a jump, and keeps its values in registers.
"""

from __future__ import annotations

from codegen import abi
from codegen.emit import GraphText
from codegen.engine import engine
from codegen.entry import result_struct
from ir.cfg import ControlFlow
from ir.graph import Constant, Graph, Op
from ir.opdef import Effect
from ir.types import Float, Integer

_LANE_BITS = {"float": 32, "double": 64, "i32": 32, "i64": 64}
_ATTRIBUTES = "nounwind willreturn memory(none)"
_INLINED = f"alwaysinline {_ATTRIBUTES}"


def is_computation(callee: Graph) -> bool:
    """Whether all that a graph does is to compute one number from numbers, in finite time."""
    types = (callee.result_type, *(p.type for p in callee.params))
    if not all(isinstance(type, (Float, Integer)) and abi.components(type)[0] in _LANE_BITS for type in types):
        return False
    return _only_computes(callee) and not ControlFlow(callee).loops()


def _only_computes(graph: Graph) -> bool:
    """Whether no op does anything else. Frozen arrays may be read: they do not change."""
    return bool(graph.params) and all(_is_pure(op) for op in graph.ops())


def _is_pure(op: Op) -> bool:
    callee = op.attributes.get("callee")
    if callee is not None:
        return is_computation(callee)
    reads_constant = op.effects is Effect.READS and isinstance(op.operands[0], Constant)
    return op.opdef.pure or op.effects is Effect.TERMINATES or reads_constant


def vectorizable_call(f: GraphText, callee: Graph, arguments: list[str]) -> str:
    """Call a graph for which `is_computation` holds; returns its result."""
    component = abi.components(callee.result_type)[0]
    name = f.program.names[callee] + ".scalar"
    parameters = [abi.components(p.type)[0] for p in callee.params]
    if name not in f.module.vector_forms:
        f.module.declare("llvm.cttz.i64", "declare i64 @llvm.cttz.i64(i64, i1)")
        f.module.functions += _scalar_form(name, f.program.names[callee], callee, component, parameters)
        counts = _lane_counts([component, *parameters])
        f.module.functions += _for_lanes(name, counts[0], component, parameters, f.module.loop(rare=True))
        for lanes in counts:
            f.module.functions += _vector_form(name, lanes, counts[0], component, parameters)
        f.module.vector_forms[name] = [f"{name}.{lanes}" for lanes in counts]
    variants = ",".join(
        f"_ZGV_LLVM_M{form.rpartition('.')[2]}{'v' * len(parameters)}_{name}({form})" for form in f.module.vector_forms[name]
    )
    call = f"call {component} @{name}({', '.join(arguments)})"
    return f.value(f'{call} {_ATTRIBUTES} "vector-function-abi-variant"="{variants}"')


def _lane_counts(components: list[str]) -> list[int]:
    """How many lanes a vector register holds; with the widest registers, also half of that, which LLVM prefers on some CPUs."""
    bits = engine().vector_bits
    widest = max(_LANE_BITS[c] for c in components)
    return [bits // widest, bits // 2 // widest] if bits == 512 else [bits // widest]


def _scalar_form(name: str, callee: str, graph: Graph, component: str, parameters: list[str]) -> list[str]:
    """A function with a plain result; LLVM must not inline it before loops are vectorized."""
    struct = result_struct(graph.result_type, False)
    named = ", ".join(f"{c} %p{i}" for i, c in enumerate(parameters))
    return [
        f"define internal {component} @{name}({named}) noinline cold {_ATTRIBUTES} {{",
        f"  %result = call {struct} @{callee}({named})",
        f"  %value = extractvalue {struct} %result, 0",
        f"  ret {component} %value",
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
        f"  %computed = call <{most} x {component}> @{name}.lanes({', '.join(parts)}, {wide})",
        *narrowing,
        "  br label %done",
        "done:",
        f"  %result = phi <{lanes} x {component}> [zeroinitializer, %begin], [{result}, %active]",
        f"  ret <{lanes} x {component}> %result",
        "}",
    ]


def _indices(count: int, period: int = 0) -> str:
    return f"<{count} x i32> <{', '.join(f'i32 {i % period if period else i}' for i in range(count))}>"


def _for_lanes(name: str, lanes: int, component: str, parameters: list[str], closing: str) -> list[str]:
    """One lane after the other, of those whose bit in the mask is set."""
    vectors = [(f"<{lanes} x {c}>", c) for c in parameters]
    result = f"<{lanes} x {component}>"
    named = ", ".join(f"{vector} %p{i}" for i, (vector, _) in enumerate(vectors))
    spilled = [line for i, (vector, c) in enumerate(vectors) for line in (
        f"  %items{i} = alloca {vector}", f"  store {vector} %p{i}, ptr %items{i}",
    )]  # fmt: skip
    loaded = [line for i, (_, c) in enumerate(vectors) for line in (
        f"  %at{i} = getelementptr {c}, ptr %items{i}, i64 %lane", f"  %a{i} = load {c}, ptr %at{i}",
    )]  # fmt: skip
    return [
        f"define internal {result} @{name}.lanes({named}, <{lanes} x i1> %mask) noinline cold {_ATTRIBUTES} {{",
        "begin:",
        f"  %results = alloca {result}",
        *spilled,
        f"  %bits = bitcast <{lanes} x i1> %mask to i{lanes}",
        f"  %first = zext i{lanes} %bits to i64",
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
        f"  ret {result} %all",
        "}",
    ]
