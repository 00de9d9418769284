"""Calls that do not keep a loop from being vectorized: rare, pure functions called on a branch.

LLVM's loop vectorizer makes a branch into a selection, but stops at a call of a function that it knows no vector form of. So
a graph that only computes, as the path of a library function for rare arguments, gets vector forms with a mask, announced as
the "Vector Function ABI" has it (the attribute `vector-function-abi-variant`, LLVM Language Reference): they call the graph
for each lane whose bit in the mask is set, and return at once when none is.
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
        f.module.functions += _scalar_form(name, f.program.names[callee], callee, component, parameters)
        f.module.vector_forms[name] = forms = []
        for lanes in _lane_counts([component, *parameters]):
            forms.append(f"{name}.{lanes}")
            f.module.functions += _vector_form(name, lanes, component, parameters, f.module.loop(rare=True))
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


def _vector_form(name: str, lanes: int, component: str, parameters: list[str], closing: str) -> list[str]:
    vector = f"<{lanes} x {component}>"
    named = ", ".join(f"<{lanes} x {c}> %p{i}" for i, c in enumerate(parameters))
    items = [f"  %a{i} = extractelement <{lanes} x {c}> %p{i}, i32 %lane" for i, c in enumerate(parameters)]
    arguments = ", ".join(f"{c} %a{i}" for i, c in enumerate(parameters))
    return [
        f"define internal {vector} @{name}.{lanes}({named}, <{lanes} x i1> %mask) noinline {_ATTRIBUTES} {{",
        "begin:",
        f"  %bits = bitcast <{lanes} x i1> %mask to i{lanes}",
        f"  %idle = icmp eq i{lanes} %bits, 0",
        "  br i1 %idle, label %done, label %check, !prof !0",
        "check:",
        "  %lane = phi i32 [0, %begin], [%following, %next]",
        f"  %before = phi {vector} [zeroinitializer, %begin], [%after, %next]",
        f"  %active = extractelement <{lanes} x i1> %mask, i32 %lane",
        "  br i1 %active, label %compute, label %next",
        "compute:",
        *items,
        f"  %item = call {component} @{name}({arguments})",
        f"  %changed = insertelement {vector} %before, {component} %item, i32 %lane",
        "  br label %next",
        "next:",
        f"  %after = phi {vector} [%before, %check], [%changed, %compute]",
        "  %following = add i32 %lane, 1",
        f"  %more = icmp ult i32 %following, {lanes}",
        f"  br i1 %more, label %check, label %done{closing}",
        "done:",
        f"  %result = phi {vector} [zeroinitializer, %begin], [%after, %next]",
        f"  ret {vector} %result",
        "}",
    ]
