"""LLVM IR of the shared functions for calls and errors, and of the slots of the callable native type."""

from __future__ import annotations

from codegen import objects as o
from codegen.records import (
    DICT, ENTRIES, KEEP, MISMATCH, RECORD_DEPTH, RECORD_TRACE, SLOW, TRACE_INNERMOST, TRACE_OUTERMOST, VECTORCALL,
)  # fmt: skip

ERRORS = f"""
; turn the record (status 1) or the pending Python exception (status 2) into an exception with a traceback, and raise it;
; or go on in Python where the record says so
define ptr @rt.fail(ptr %handler, ptr %record, i32 %status) nounwind cold {{
  %arguments = alloca [2 x ptr]
  %type.at = alloca ptr
  %value.at = alloca ptr
  %traceback.at = alloca ptr
  %second.at = getelementptr ptr, ptr %arguments, i64 1
  %pending = icmp eq i32 %status, 2
  br i1 %pending, label %fetch, label %recorded
recorded:
  call void @Py_IncRef(ptr @py.None)
  store ptr @py.None, ptr %second.at
  br label %decode
fetch:
  call void @PyErr_Fetch(ptr %type.at, ptr %value.at, ptr %traceback.at)
  call void @PyErr_NormalizeException(ptr %type.at, ptr %value.at, ptr %traceback.at)
  %type = load ptr, ptr %type.at
  call void @Py_DecRef(ptr %type)
  %value = load ptr, ptr %value.at
  store ptr %value, ptr %second.at
  %traceback = load ptr, ptr %traceback.at
  %has = icmp ne ptr %traceback, null
  br i1 %has, label %attach, label %decode
attach:
  %ignored = call i32 @PyException_SetTraceback(ptr %value, ptr %traceback)
  call void @Py_DecRef(ptr %traceback)
  br label %decode
decode:
  %address = call ptr @PyLong_FromVoidPtr(ptr %record)
  store ptr %address, ptr %arguments
  %bad = call i1 @release_if_incomplete(ptr %arguments, i64 2)
  br i1 %bad, label %end, label %call
call:
  %made = call ptr @PyObject_Vectorcall(ptr %handler, ptr %arguments, i64 2, ptr null)
  call void @release(ptr %arguments, i64 2)
  %null = icmp eq ptr %made, null
  br i1 %null, label %end, label %look
look:
  %class.at = getelementptr i8, ptr %made, i64 {o.TYPE}
  %class = load ptr, ptr %class.at
  %goes.on = icmp eq ptr %class, @rt.deferred
  br i1 %goes.on, label %complete, label %set
complete:
  %result = call ptr @rt.complete(ptr %made)
  ret ptr %result
set:
  call void @PyErr_SetObject(ptr %class, ptr %made)
  call void @Py_DecRef(ptr %made)
  br label %end
end:
  ret ptr null
}}

; note in the record that the call at this site failed: the innermost sites and, in a ring, the outermost
define void @rt.push_call(ptr %record, i32 %site) nounwind cold {{
  %depth.at = getelementptr i8, ptr %record, i64 {RECORD_DEPTH}
  %depth = load i64, ptr %depth.at
  %next = add i64 %depth, 1
  store i64 %next, ptr %depth.at
  %inner = icmp ult i64 %depth, {TRACE_INNERMOST}
  %beyond = sub i64 %depth, {TRACE_INNERMOST}
  %ring = urem i64 %beyond, {TRACE_OUTERMOST}
  %outer = add i64 %ring, {TRACE_INNERMOST}
  %index = select i1 %inner, i64 %depth, i64 %outer
  %trace = getelementptr i8, ptr %record, i64 {RECORD_TRACE}
  %at = getelementptr i32, ptr %trace, i64 %index
  store i32 %site, ptr %at
  ret void
}}

; the lowest stack address this thread may use, measured once in a thread and kept in its state
define ptr @rt.stack_limit() nounwind {{
  %state = call ptr @PyThreadState_GetDict()
  %no.state = icmp eq ptr %state, null
  br i1 %no.state, label %unknown, label %lookup
lookup:
  %kept = call ptr @PyDict_GetItemWithError(ptr %state, ptr @stack.key)
  %absent = icmp eq ptr %kept, null
  br i1 %absent, label %measure, label %known
known:
  %limit = call ptr @PyLong_AsVoidPtr(ptr %kept)
  ret ptr %limit
measure:
  %new = call ptr @PyObject_Vectorcall(ptr @stack.measure, ptr null, i64 0, ptr null)
  %failed = icmp eq ptr %new, null
  br i1 %failed, label %unknown, label %keep
keep:
  %status = call i32 @PyDict_SetItem(ptr %state, ptr @stack.key, ptr %new)
  %first = call ptr @PyLong_AsVoidPtr(ptr %new)
  call void @Py_DecRef(ptr %new)
  ret ptr %first
unknown:
  ; nothing is below this address: recursion is refused rather than unguarded
  call void @PyErr_Clear()
  ret ptr inttoptr (i64 -1 to ptr)
}}
"""

POLL = """
; handle signals: Python's handlers run in the main thread only. In another one, let the main thread have the lock.
; Returns 0, or -1 with an exception set.
define i32 @rt.poll() nounwind {
  %status = call i32 @Py_MakePendingCalls()
  %failed = icmp ne i32 %status, 0
  br i1 %failed, label %done, label %look
look:
  %flag = load volatile i32, ptr @signals.pending
  %handled = icmp eq i32 %flag, 0
  br i1 %handled, label %done, label %yield
yield:
  %state = call ptr @PyEval_SaveThread()
  call void @PyEval_RestoreThread(ptr %state)
  br label %done
done:
  ret i32 %status
}

; the same where the interpreter's lock is not held
define i32 @rt.poll_unlocked() nounwind {
  %held = call i32 @PyGILState_Ensure()
  %status = call i32 @rt.poll()
  call void @PyGILState_Release(i32 %held)
  ret i32 %status
}
"""

DISPATCH = f"""
@no.slow = internal constant [48 x i8] c"this compiled function has nothing to call yet\\00\\00"

; vectorcall of a native type: the first entry whose types the arguments have, else the slow callable
define ptr @rt.dispatch(ptr %self, ptr %arguments, i64 %count, ptr %names) nounwind {{
  %table.at = getelementptr i8, ptr %self, i64 {ENTRIES}
  %table = load atomic ptr, ptr %table.at acquire, align 8
  %positional = icmp eq ptr %names, null
  br i1 %positional, label %loop, label %slow
loop:
  %at = phi ptr [%table, %0], [%next, %try]
  %entry = load ptr, ptr %at
  %end = icmp eq ptr %entry, null
  br i1 %end, label %slow, label %try
try:
  %result = call ptr %entry(ptr %self, ptr %arguments, i64 %count, ptr %names)
  %next = getelementptr ptr, ptr %at, i64 1
  %mismatch = icmp eq ptr %result, {MISMATCH}
  br i1 %mismatch, label %loop, label %done
done:
  ret ptr %result
slow:
  %slow.at = getelementptr i8, ptr %self, i64 {SLOW}
  %callable = load ptr, ptr %slow.at
  %unset = icmp eq ptr %callable, null
  br i1 %unset, label %fail, label %forward
forward:
  call void @Py_IncRef(ptr %callable)
  %forwarded = call ptr @PyObject_Vectorcall(ptr %callable, ptr %arguments, i64 %count, ptr %names)
  call void @Py_DecRef(ptr %callable)
  %nothing = icmp eq ptr %forwarded, null
  br i1 %nothing, label %end.of.slow, label %inspect
inspect:
  %type.at = getelementptr i8, ptr %forwarded, i64 8
  %type = load ptr, ptr %type.at
  %deferred = icmp eq ptr %type, @rt.deferred
  br i1 %deferred, label %defer, label %end.of.slow
defer:
  %completed = call ptr @rt.complete(ptr %forwarded)
  ret ptr %completed
end.of.slow:
  ret ptr %forwarded
fail:
  call void @PyErr_SetString(ptr @py.TypeError, ptr @no.slow)
  ret ptr null
}}

; what a Deferred asks for, whose reference is taken over: a call, or an exception where there is no callable
define ptr @rt.complete(ptr %deferred) nounwind noinline cold {{
  %callable.at = getelementptr i8, ptr %deferred, i64 {o.TUPLE_ITEMS}
  %callable = load ptr, ptr %callable.at
  %operand.at = getelementptr i8, ptr %deferred, i64 {o.TUPLE_ITEMS + 8}
  %operand = load ptr, ptr %operand.at
  %raises = icmp eq ptr %callable, @py.None
  br i1 %raises, label %raise, label %call
raise:
  %class.at = getelementptr i8, ptr %operand, i64 8
  %class = load ptr, ptr %class.at
  call void @PyErr_SetObject(ptr %class, ptr %operand)
  call void @Py_DecRef(ptr %deferred)
  ret ptr null
call:
  %result = call ptr @PyObject_Call(ptr %callable, ptr %operand, ptr null)
  call void @Py_DecRef(ptr %deferred)
  ret ptr %result
}}
"""

CALLABLE = f"""
@rt.no.entries = internal constant ptr null

define ptr @rt.new(ptr %type, ptr %arguments, ptr %keywords) nounwind {{
  %made = call ptr @PyType_GenericNew(ptr %type, ptr %arguments, ptr %keywords)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %done, label %fill
fill:
  %vectorcall.at = getelementptr i8, ptr %made, i64 {VECTORCALL}
  store ptr @rt.dispatch, ptr %vectorcall.at
  %entries.at = getelementptr i8, ptr %made, i64 {ENTRIES}
  store ptr @rt.no.entries, ptr %entries.at
  br label %done
done:
  ret ptr %made
}}

define i32 @rt.clear(ptr %self) nounwind {{
  %entries.at = getelementptr i8, ptr %self, i64 {ENTRIES}
  store ptr @rt.no.entries, ptr %entries.at
  call void @clear_field(ptr %self, i64 {DICT})
  call void @clear_field(ptr %self, i64 {SLOW})
  call void @clear_field(ptr %self, i64 {KEEP})
  ret i32 0
}}

define internal void @clear_field(ptr %self, i64 %offset) nounwind {{
  %at = getelementptr i8, ptr %self, i64 %offset
  %value = load ptr, ptr %at
  store ptr null, ptr %at
  call void @Py_DecRef(ptr %value)
  ret void
}}

define ptr @rt.descr_get(ptr %self, ptr %instance, ptr %class) nounwind {{
  %unbound0 = icmp eq ptr %instance, null
  %unbound1 = icmp eq ptr %instance, @py.None
  %unbound = or i1 %unbound0, %unbound1
  br i1 %unbound, label %itself, label %method
itself:
  call void @Py_IncRef(ptr %self)
  ret ptr %self
method:
  %bound = call ptr @PyMethod_New(ptr %self, ptr %instance)
  ret ptr %bound
}}
"""

# CPython 3.10 has this function in its headers only: through the type's vectorcall pointer, else `tp_call`.
VECTORCALL_310 = f"""
declare ptr @PyThreadState_Get()
declare ptr @_PyObject_MakeTpCall(ptr, ptr, ptr, i64, ptr)

define ptr @PyObject_Vectorcall(ptr %callable, ptr %arguments, i64 %count, ptr %names) nounwind {{
  %type.at = getelementptr i8, ptr %callable, i64 {o.TYPE}
  %type = load ptr, ptr %type.at
  %flags.at = getelementptr i8, ptr %type, i64 {o.TYPE_FLAGS}
  %flags = load i64, ptr %flags.at
  %bit = and i64 %flags, {o.HAVE_VECTORCALL}
  %fast = icmp ne i64 %bit, 0
  br i1 %fast, label %pointer, label %call
pointer:
  %offset.at = getelementptr i8, ptr %type, i64 {o.TYPE_VECTORCALL_OFFSET}
  %offset = load i64, ptr %offset.at
  %function.at = getelementptr i8, ptr %callable, i64 %offset
  %function = load ptr, ptr %function.at
  %set = icmp ne ptr %function, null
  br i1 %set, label %direct, label %call
direct:
  %r = call ptr %function(ptr %callable, ptr %arguments, i64 %count, ptr %names)
  ret ptr %r
call:
  %n = and i64 %count, {o.COUNT_MASK}
  %state = call ptr @PyThreadState_Get()
  %q = call ptr @_PyObject_MakeTpCall(ptr %state, ptr %callable, ptr %arguments, i64 %n, ptr %names)
  ret ptr %q
}}
"""


def traverse() -> str:
    """Visit the type, as instances of heap types must, and what the fields hold."""
    lines = ["define i32 @rt.traverse(ptr %self, ptr %visit, ptr %argument) nounwind {"]
    for offset in (o.TYPE, DICT, SLOW, KEEP):
        lines.append(f"""  %at{offset} = getelementptr i8, ptr %self, i64 {offset}
  %field{offset} = load ptr, ptr %at{offset}
  %null{offset} = icmp eq ptr %field{offset}, null
  br i1 %null{offset}, label %skip{offset}, label %visit{offset}
visit{offset}:
  %status{offset} = call i32 %visit(ptr %field{offset}, ptr %argument)
  %stop{offset} = icmp ne i32 %status{offset}, 0
  br i1 %stop{offset}, label %stopped{offset}, label %skip{offset}
stopped{offset}:
  ret i32 %status{offset}
skip{offset}:""")
    return "\n".join([*lines, "  ret i32 0", "}", ""])
