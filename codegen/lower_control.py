"""Lowerings of jumps, calls and raises."""

from __future__ import annotations

from codegen import abi
from codegen.computations import is_computation
from codegen.emit import PENDING, RAISED, GraphText, Parts, lowers
from codegen.entry import result_struct
from codegen.errors import Site
from codegen.vector_calls import vectorizable_call
from ir.graph import Op


@lowers("jump")
def _jump(f: GraphText, op: Op) -> None:
    edge = op.targets[0]
    closes_loop = f.is_passed(edge.block)
    f.jump(f.goto(edge), f.loop_metadata(op) if closes_loop else "")


@lowers("branch")
def _branch(f: GraphText, op: Op) -> None:
    condition = f.part(op.operands[0])
    then, otherwise = op.targets
    first = f.goto(then)
    if then.block is not otherwise.block:
        f.do(f"br i1 {condition}, label %{first}, label %{f.goto(otherwise)}")
        return
    # Two edges between the same blocks need a block between them, or the phis could not tell them apart.
    between = f.new_label("edge")
    f.do(f"br i1 {condition}, label %{first}, label %{between}")
    f.start(between)
    f.jump(f.goto(otherwise))


@lowers("return")
def _return(f: GraphText, op: Op) -> None:
    f.return_(op.operands[0].type, f.parts(op.operands[0]))


@lowers("unreachable")
def _unreachable(f: GraphText, op: Op) -> None:
    f.do("unreachable")


@lowers("raise")
def _raise(f: GraphText, op: Op) -> None:
    site = Site(op.span, op.attributes["exception"], tuple(v.type for v in op.operands))
    f.record_exception(site, [part for v in op.operands for part in f.parts(v)])
    f.jump(f.failure(RAISED))


@lowers("call")
def _call(f: GraphText, op: Op) -> Parts:
    callee = op.attributes["callee"]
    can_fail = callee in f.program.can_fail
    arguments = ["ptr %error"] if can_fail else []
    for operand in op.operands:
        arguments += [f"{c} {p}" for c, p in zip(abi.components(operand.type), f.parts(operand))]
    if not can_fail and (f.in_common_loop or f.is_for_lanes) and is_computation(callee):
        return [vectorizable_call(f, callee, arguments)]
    struct = result_struct(callee.result_type, can_fail)
    call = f"call {struct} @{f.program.names[callee]}({', '.join(arguments)})"
    if struct == "void":
        f.do(call)
        return []
    result = f.value(call)
    if can_fail:
        _leave_if_failed(f, op, f.value(f"extractvalue {struct} {result}, 0"))
    first = int(can_fail)
    return [f.value(f"extractvalue {struct} {result}, {first + i}") for i in range(len(abi.components(callee.result_type)))]


def _leave_if_failed(f: GraphText, op: Op, status: str) -> None:
    failed, done = f.new_label("failed"), f.new_label("ok")
    f.do(f"br i1 {f.value(f'icmp eq i32 {status}, 0')}, label %{done}, label %{failed}, !prof !0")
    f.start(failed)
    site = f.module.errors.add(Site(op.span))
    f.do(f"call void {f.module.runtime('rt.push_call')}(ptr %error, i32 {site})")
    f.do(f"switch i32 {status}, label %{f.failure(RAISED)} [i32 {PENDING}, label %{f.failure(PENDING)}]")
    f.start(done)
