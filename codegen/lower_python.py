"""Lowerings of what the interpreter does, and of values that are Python objects."""

from __future__ import annotations

import sys

from codegen import abi
from codegen.boxing import box, box_all
from codegen.emit import PENDING, GraphText, Parts, lowers
from codegen.entry import unbox
from codegen.errors import Site
from codegen.lower_memory import retain
from ir.graph import Op
from ir.ops.python import PythonCode


def _leave_unless(f: GraphText, op: Op, condition: str, no_frame: str = "") -> None:
    """Go on if the condition holds, else leave with the exception that Python has set. `no_frame`: whether the op's function, which
    usually has a frame, had none."""
    failed, done = f.new_label("failed"), f.new_label("ok")
    f.do(f"br i1 {condition}, label %{done}, label %{failed}, !prof !0")
    f.start(failed)
    function = op.attributes.get("function")
    shows_itself = isinstance(function, PythonCode) and function.has_frame
    f.record_site(Site(None if shows_itself else op.span), (no_frame, Site(op.span)) if no_frame else None)
    f.jump(f.failure(PENDING))
    f.start(done)


def _acquire(f: GraphText) -> str | None:
    """Take the interpreter's lock, where the function runs without it."""
    return f.value(f"call i32 {f.module.function('PyGILState_Ensure', 'i32', '')}()") if f.module.options.nogil else None


def _let_go(f: GraphText, held: str | None) -> None:
    if held:
        f.do(f"call void {f.module.function('PyGILState_Release', 'void', 'i32')}(i32 {held})")


def _call_with(f: GraphText, op: Op, runtime_function: str, result: str, *more: str) -> str:
    parts = [part for v in op.operands for part in f.parts(v)]
    retain(f, op.operands)  # boxing takes over a count of each
    items = box_all(f, [v.type for v in op.operands], parts)
    function = op.attributes["function"]
    function = f.module.object(function.target if isinstance(function, PythonCode) else function)
    called = f.module.runtime(runtime_function)
    return f.value(f"call {result} {called}({', '.join([f'ptr {each}' for each in (function, *more, items)])}, i64 {len(op.operands)})")


@lowers("poll")
def _poll(f: GraphText, op: Op) -> None:
    # What handlers write is in nobody's way: else LLVM would load from memory again after each poll.
    flag = f.value(f"load volatile i32, ptr {f.module.known_object('signals.pending')}")
    come, done = f.new_label("signal"), f.new_label("ok")
    f.do(f"br i1 {f.value(f'icmp eq i32 {flag}, 0')}, label %{done}, label %{come}, !prof !0")
    f.start(come)
    called = f.module.runtime("rt.poll_unlocked" if f.module.options.nogil else "rt.poll")
    _leave_unless(f, op, f.value(f"icmp eq i32 {f.value(f'call i32 {called}()')}, 0"))
    f.jump(done)
    f.start(done)


@lowers("python_call")
def _python_call(f: GraphText, op: Op) -> None:
    held = _acquire(f)
    status = _call_with(f, op, "rt.call_python", "i32")
    _let_go(f, held)
    _leave_unless(f, op, f.value(f"icmp eq i32 {status}, 0"))


@lowers("interpret")
def _interpret(f: GraphText, op: Op) -> Parts:
    held, function, no_frame = _acquire(f), op.attributes["function"], ""
    method, runtime = getattr(function, "method", ""), getattr(function, "runtime", "")
    if method:
        pair = _call_with(f, op, "rt.call_method", "{ptr, i1}", f.module.object(sys.intern(method)))
        made, no_frame = (f.value(f"extractvalue {{ptr, i1}} {pair}, {i}") for i in range(2))
    else:
        made = _call_with(f, op, runtime or "rt.interpret", "ptr")
    _let_go(f, held)
    _leave_unless(f, op, f.value(f"icmp ne ptr {made}, null"), no_frame)
    return [f.offset(made, abi.COUNTED)]


@lowers("box")
def _box(f: GraphText, op: Op) -> Parts:
    held = _acquire(f)
    retain(f, op.operands)
    made = box(f, op.operands[0].type, f.parts(op.operands[0]))
    _let_go(f, held)
    _leave_unless(f, op, f.value(f"icmp ne ptr {made}, null"))
    return [f.offset(made, abi.COUNTED)]


@lowers("unbox_like")
def _unbox_like(f: GraphText, op: Op) -> Parts:
    exact, f.module.options.exact_arguments = f.module.options.exact_arguments, False
    parts = _unbox(f, op)
    f.module.options.exact_arguments = exact
    return parts


@lowers("unbox")
def _unbox(f: GraphText, op: Op) -> Parts:
    to = op.attributes["to"]
    components = abi.components(to)
    held = _acquire(f)
    other, done, outer = f.new_label("other"), f.new_label("unboxed"), f.mismatch
    f.mismatch = other
    pointer = f.value(f"getelementptr i8, ptr {f.part(op.operands[0])}, i64 -{abi.COUNTED}")
    found = list(unbox(f, to, pointer))
    _own(f, op, found)
    f.mismatch = outer
    found_end = f.label
    f.jump(done)
    f.start(other)
    f.jump(done)
    f.start(done)
    matches = f.value(f"phi i1 [true, %{found_end}], [false, %{other}]")
    parts = [f.value(f"phi {c} [{p}, %{found_end}], [{abi.zero(c)}, %{other}]") for c, p in zip(components, found)]
    _let_go(f, held)
    return [matches, *parts]


def _own(f: GraphText, op: Op, parts: list[str]) -> None:
    """Turn what the caller would own into counted references: the object may go away before what was in it."""
    for position in (p for group in abi.owner_positions(op.attributes["to"]) for p in group):
        borrowed = parts[position]
        counted = f.value(f"getelementptr i8, ptr {borrowed}, i64 {abi.COUNTED - abi.BORROWED}")
        missing = f.value(f"icmp eq ptr {borrowed}, null")
        parts[position] = f.value(f"select i1 {missing}, ptr null, ptr {counted}")
        f.do(f"call void {f.module.runtime('rt.retain')}(ptr {parts[position]})")


@lowers("object_truth")
def _truth(f: GraphText, op: Op) -> Parts:
    held = _acquire(f)
    pointer = f.value(f"getelementptr i8, ptr {f.part(op.operands[0])}, i64 -{abi.COUNTED}")
    status = f.value(f"call i32 {f.module.function('PyObject_IsTrue', 'i32', 'ptr')}(ptr {pointer})")
    _let_go(f, held)
    _leave_unless(f, op, f.value(f"icmp sge i32 {status}, 0"))
    return [f.value(f"icmp ne i32 {status}, 0")]


@lowers("same_object")
def _same(f: GraphText, op: Op) -> Parts:
    a, b = (f.part(v) for v in op.operands)
    return [f.value(f"icmp eq ptr {a}, {b}")]
