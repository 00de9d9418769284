"""Functions shared by all compiled code, in LLVM IR, compiled once in a process at first use.

They convert between Python objects and machine values, hand errors to Python, and are the slots of the callable
native type. What is here is small, or slow anyway, and so need not be compiled again into every entry point.
"""

from __future__ import annotations

import sys
import threading

import attrs

from codegen import objects as o
from codegen.engine import Module, engine
from codegen.stack import stack_limit

PYTHON_LIBRARY = "python"
RUNTIME_LIBRARY = "runtime"
MISMATCH = "inttoptr (i64 1 to ptr)"  # what an entry returns when the arguments are not of its types

# The fields of an instance of a native type, after the object header; see codegen.native.
VECTORCALL, DICT, WEAKREFS, SLOW, KEEP, ENTRIES, INSTANCE_SIZE = (o.PAYLOAD + 8 * i for i in range(7))

# The record through which compiled code reports an exception; see codegen.errors.
RECORD_STACK_LIMIT, RECORD_SITE, RECORD_DEPTH, RECORD_TRACE = 0, 8, 16, 24
TRACE_INNERMOST, TRACE_OUTERMOST = 48, 16  # frames that are kept of a deep chain of calls
RECORD_VALUES = RECORD_TRACE + 4 * (TRACE_INNERMOST + TRACE_OUTERMOST)

SIGNATURES = {
    "rt.unbox_int": "{i64, i1} @rt.unbox_int(ptr)",
    "rt.box_tuple": "ptr @rt.box_tuple(ptr, ptr, i64)",
    "rt.box_array": "ptr @rt.box_array(ptr, ptr, ptr, ptr, i64, ptr, i32)",
    "rt.is_dtype": "i1 @rt.is_dtype(ptr, ptr)",
    "rt.box_object": "ptr @rt.box_object(ptr)",
    "rt.box_numpy": "ptr @rt.box_numpy(ptr, ptr, i64)",
    "rt.call_python": "i32 @rt.call_python(ptr, ptr, i64)",
    "rt.fail": "ptr @rt.fail(ptr, ptr, i32)",
    "rt.push_call": "void @rt.push_call(ptr, i32)",
    "rt.stack_limit": "ptr @rt.stack_limit()",
    "rt.dispatch": "ptr @rt.dispatch(ptr, ptr, i64, ptr)",
    "rt.new": "ptr @rt.new(ptr, ptr, ptr)",
    "rt.traverse": "i32 @rt.traverse(ptr, ptr, ptr)",
    "rt.clear": "i32 @rt.clear(ptr)",
    "rt.descr_get": "ptr @rt.descr_get(ptr, ptr, ptr)",
}
_HOT_DECLARATIONS = """
declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare void @PyErr_SetString(ptr, ptr)
declare void @PyErr_SetObject(ptr, ptr)
declare ptr @PyObject_Call(ptr, ptr, ptr)
@py.None = external global i8
@rt.deferred = external global i8
@py.int = external global i8
@py.TypeError = external global i8
"""
_COLD_DECLARATIONS = """
declare ptr @rt.dispatch(ptr, ptr, i64, ptr)
declare ptr @PyLong_FromVoidPtr(ptr)
declare ptr @PyLong_AsVoidPtr(ptr)
declare ptr @PyTuple_New(i64)
declare ptr @PyType_GenericAlloc(ptr, i64)
declare ptr @PyType_GenericNew(ptr, ptr, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare void @PyErr_Fetch(ptr, ptr, ptr)
declare void @PyErr_NormalizeException(ptr, ptr, ptr)
declare void @PyErr_SetObject(ptr, ptr)
declare void @PyErr_Clear()
declare i32 @PyException_SetTraceback(ptr, ptr)
declare ptr @PyMethod_New(ptr, ptr)
declare ptr @PyThreadState_GetDict()
declare ptr @PyDict_GetItemWithError(ptr, ptr)
declare i32 @PyDict_SetItem(ptr, ptr, ptr)
declare ptr @PyArray_NewFromDescr(ptr, ptr, i32, ptr, ptr, ptr, i32, ptr)
declare i32 @PyArray_SetBaseObject(ptr, ptr)
@py.tuple = external global i8
@py.None = external global i8
@np.ndarray = external global i8
@stack.key = external global i8
@stack.measure = external global i8
"""


def _unbox_int() -> str:
    if o.HAS_LONG_TAG:
        compact = f"""
  %compact = icmp ult i64 %size, {o.COMPACT_TAG_LIMIT}
  %low = and i64 %size, 3
  %sign = sub i64 1, %low"""
    else:
        compact = """
  %shifted = add i64 %size, 1
  %compact = icmp ult i64 %shifted, 3
  %sign = add i64 %size, 0"""
    return f"""
define {{i64, i1}} @rt.unbox_int(ptr %object) nounwind {{
  %type.at = getelementptr i8, ptr %object, i64 {o.TYPE}
  %type = load ptr, ptr %type.at
  %is.int = icmp eq ptr %type, @py.int
  br i1 %is.int, label %int, label %mismatch
int:
  %size.at = getelementptr i8, ptr %object, i64 {o.LONG_SIZE}
  %size = load i64, ptr %size.at{compact}
  br i1 %compact, label %small, label %large
small:
  %digit.at = getelementptr i8, ptr %object, i64 {o.LONG_DIGITS}
  %digit32 = load i32, ptr %digit.at
  %digit = zext i32 %digit32 to i64
  %product = mul i64 %sign, %digit
  %s0 = insertvalue {{i64, i1}} {{i64 0, i1 true}}, i64 %product, 0
  ret {{i64, i1}} %s0
large:
  %overflow.at = alloca i32
  %value = call i64 @PyLong_AsLongLongAndOverflow(ptr %object, ptr %overflow.at)
  %overflow = load i32, ptr %overflow.at
  %fits = icmp eq i32 %overflow, 0
  %l0 = insertvalue {{i64, i1}} poison, i64 %value, 0
  %l1 = insertvalue {{i64, i1}} %l0, i1 %fits, 1
  ret {{i64, i1}} %l1
mismatch:
  ret {{i64, i1}} zeroinitializer
}}
"""


_ITEMS = f"""
; a NumPy scalar: allocated through the slot of its type; its value follows the header
define ptr @rt.box_numpy(ptr %type, ptr %value, i64 %size) nounwind {{
  %slot = getelementptr i8, ptr %type, i64 {o.TYPE_ALLOC}
  %alloc = load ptr, ptr %slot
  %made = call ptr %alloc(ptr %type, i64 0)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %done, label %fill
fill:
  %payload = getelementptr i8, ptr %made, i64 {o.PAYLOAD}
  call void @llvm.memcpy.p0.p0.i64(ptr %payload, ptr %value, i64 %size, i1 false)
  br label %done
done:
  ret ptr %made
}}
define ptr @rt.box_object(ptr %object) nounwind {{
  call void @Py_IncRef(ptr %object)
  ret ptr %object
}}

; whether one of n references is null; then all are released, as an exception is set
define internal i1 @release_if_incomplete(ptr %items, i64 %n) nounwind {{
  br label %search
search:
  %i = phi i64 [0, %0], [%i1, %look]
  %end = icmp eq i64 %i, %n
  br i1 %end, label %complete, label %look
look:
  %at = getelementptr ptr, ptr %items, i64 %i
  %item = load ptr, ptr %at
  %i1 = add i64 %i, 1
  %missing = icmp eq ptr %item, null
  br i1 %missing, label %incomplete, label %search
incomplete:
  call void @release(ptr %items, i64 %n)
  ret i1 true
complete:
  ret i1 false
}}

define internal void @release(ptr %items, i64 %n) nounwind {{
  br label %loop
loop:
  %i = phi i64 [0, %0], [%i1, %body]
  %end = icmp eq i64 %i, %n
  br i1 %end, label %done, label %body
body:
  %at = getelementptr ptr, ptr %items, i64 %i
  %item = load ptr, ptr %at
  call void @Py_DecRef(ptr %item)
  %i1 = add i64 %i, 1
  br label %loop
done:
  ret void
}}

; a tuple or named tuple of the class, which takes over the references
define ptr @rt.box_tuple(ptr %class, ptr %items, i64 %n) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 %n)
  br i1 %bad, label %fail, label %make
make:
  %plain = icmp eq ptr %class, @py.tuple
  br i1 %plain, label %tuple, label %named
tuple:
  %t = call ptr @PyTuple_New(i64 %n)
  br label %made
named:
  %s = call ptr @PyType_GenericAlloc(ptr %class, i64 %n)
  br label %made
made:
  %r = phi ptr [%t, %tuple], [%s, %named]
  %null = icmp eq ptr %r, null
  br i1 %null, label %drop, label %fill
fill:
  %to = getelementptr i8, ptr %r, i64 {o.TUPLE_ITEMS}
  %bytes = mul i64 %n, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %items, i64 %bytes, i1 false)
  ret ptr %r
drop:
  call void @release(ptr %items, i64 %n)
  br label %fail
fail:
  ret ptr null
}}

; call a Python object with n new references, and release them: 0, or 2 with a Python exception set
define i32 @rt.call_python(ptr %callable, ptr %items, i64 %n) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 %n)
  br i1 %bad, label %fail, label %go
go:
  %r = call ptr @PyObject_Vectorcall(ptr %callable, ptr %items, i64 %n, ptr null)
  call void @release(ptr %items, i64 %n)
  %raised = icmp eq ptr %r, null
  br i1 %raised, label %fail, label %ok
ok:
  call void @Py_DecRef(ptr %r)
  ret i32 0
fail:
  ret i32 2
}}
"""

_ARRAYS = f"""
; whether two dtypes describe the same numbers: there are copies of NumPy's own dtypes, as in unpickled arrays, and twins
define i1 @rt.is_dtype(ptr %a, ptr %b) nounwind {{
  %kind.a.at = getelementptr i8, ptr %a, i64 {o.DTYPE_KIND}
  %kind.a = load i8, ptr %kind.a.at
  %kind.b.at = getelementptr i8, ptr %b, i64 {o.DTYPE_KIND}
  %kind.b = load i8, ptr %kind.b.at
  %same.kind = icmp eq i8 %kind.a, %kind.b
  %order.a.at = getelementptr i8, ptr %a, i64 {o.DTYPE_BYTEORDER}
  %order.a = load i8, ptr %order.a.at
  %order.b.at = getelementptr i8, ptr %b, i64 {o.DTYPE_BYTEORDER}
  %order.b = load i8, ptr %order.b.at
  %same.order = icmp eq i8 %order.a, %order.b
  %size.a.at = getelementptr i8, ptr %a, i64 {o.DTYPE_SIZE}
  %size.a = load i64, ptr %size.a.at
  %size.b.at = getelementptr i8, ptr %b, i64 {o.DTYPE_SIZE}
  %size.b = load i64, ptr %size.b.at
  %same.size = icmp eq i64 %size.a, %size.b
  %some = and i1 %same.kind, %same.order
  %all = and i1 %some, %same.size
  ret i1 %all
}}
; the array that the parts describe: its owner itself if it is that array, else a view of it
define ptr @rt.box_array(ptr %owner, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr, i32 %flags) nounwind {{
  %descr.at = getelementptr i8, ptr %owner, i64 {o.ARRAY_DESCR}
  %owner.descr = load ptr, ptr %descr.at
  %same.descr = call i1 @rt.is_dtype(ptr %owner.descr, ptr %descr)
  %data.at = getelementptr i8, ptr %owner, i64 {o.ARRAY_DATA}
  %owner.data = load ptr, ptr %data.at
  %same.data = icmp eq ptr %owner.data, %data
  %ndim.at = getelementptr i8, ptr %owner, i64 {o.ARRAY_NDIM}
  %owner.ndim32 = load i32, ptr %ndim.at
  %owner.ndim = zext i32 %owner.ndim32 to i64
  %same.ndim = icmp eq i64 %owner.ndim, %ndim
  %same0 = and i1 %same.descr, %same.data
  %same1 = and i1 %same0, %same.ndim
  %shape.at = getelementptr i8, ptr %owner, i64 {o.ARRAY_SHAPE}
  %owner.shape = load ptr, ptr %shape.at
  %strides.at = getelementptr i8, ptr %owner, i64 {o.ARRAY_STRIDES}
  %owner.strides = load ptr, ptr %strides.at
  br i1 %same1, label %lengths, label %view
lengths:
  %i = phi i64 [0, %0], [%i1, %same.length]
  %empty = phi i1 [false, %0], [%empty1, %same.length]
  %compared = icmp eq i64 %i, %ndim
  br i1 %compared, label %layout, label %length
length:
  %i1 = add i64 %i, 1
  %n.at = getelementptr i64, ptr %shape, i64 %i
  %n = load i64, ptr %n.at
  %m.at = getelementptr i64, ptr %owner.shape, i64 %i
  %m = load i64, ptr %m.at
  %same.n = icmp eq i64 %n, %m
  br i1 %same.n, label %same.length, label %view
same.length:
  %zero = icmp eq i64 %n, 0
  %empty1 = or i1 %empty, %zero
  br label %lengths
layout:
  ; NumPy gives any strides to an array without items, and to an axis of length 1
  br i1 %empty, label %itself, label %axes
axes:
  %j = phi i64 [0, %layout], [%j1, %axis], [%j1, %stride]
  %end = icmp eq i64 %j, %ndim
  br i1 %end, label %itself, label %axis
axis:
  %j1 = add i64 %j, 1
  %k.at = getelementptr i64, ptr %shape, i64 %j
  %k = load i64, ptr %k.at
  %short = icmp eq i64 %k, 1
  br i1 %short, label %axes, label %stride
stride:
  %s.at = getelementptr i64, ptr %strides, i64 %j
  %s = load i64, ptr %s.at
  %t.at = getelementptr i64, ptr %owner.strides, i64 %j
  %t = load i64, ptr %t.at
  %same.s = icmp eq i64 %s, %t
  br i1 %same.s, label %axes, label %view
itself:
  call void @Py_IncRef(ptr %owner)
  ret ptr %owner
view:
  %nd = trunc i64 %ndim to i32
  call void @Py_IncRef(ptr %descr)
  %made = call ptr @PyArray_NewFromDescr(ptr @np.ndarray, ptr %descr, i32 %nd, ptr %shape, ptr %strides, ptr %data, i32 %flags, ptr null)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %none, label %based
based:
  call void @Py_IncRef(ptr %owner)
  %status = call i32 @PyArray_SetBaseObject(ptr %made, ptr %owner)
  %bad = icmp slt i32 %status, 0
  br i1 %bad, label %drop, label %good
good:
  ret ptr %made
drop:
  call void @Py_DecRef(ptr %made)
  br label %none
none:
  ret ptr null
}}
"""

_ERRORS = f"""
; turn the record (status 1) or the pending Python exception (status 2) into an exception with a traceback, and raise it
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
  br i1 %null, label %end, label %set
set:
  %class.at = getelementptr i8, ptr %made, i64 {o.TYPE}
  %class = load ptr, ptr %class.at
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

_DISPATCH = f"""
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
define internal ptr @rt.complete(ptr %deferred) nounwind noinline cold {{
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

_CALLABLE = f"""
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


def _traverse() -> str:
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


# CPython 3.10 has this function in its headers only: through the type's vectorcall pointer, else `tp_call`.
_VECTORCALL_310 = f"""
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
_HAS_VECTORCALL = sys.version_info >= (3, 11)
_HOT = ("rt.unbox_int", "rt.dispatch") if _HAS_VECTORCALL else ("rt.unbox_int", "rt.dispatch", "PyObject_Vectorcall")


def hot_text() -> str:
    """The LLVM IR of what every call goes through."""
    vectorcall = "declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)\n" if _HAS_VECTORCALL else _VECTORCALL_310
    return "".join([_HOT_DECLARATIONS, vectorcall, _unbox_int(), _DISPATCH])


def cold_text() -> str:
    """The LLVM IR of the rest: compiled without optimization, as it is written in optimal form and calls into Python."""
    return "".join([_COLD_DECLARATIONS, _ITEMS, _ARRAYS, _ERRORS, _CALLABLE, _traverse()])


@attrs.frozen(eq=False)
class Runtime:
    """The compiled shared functions, linkable under `RUNTIME_LIBRARY`, and what they refer to."""

    addresses: dict[str, int]
    kept: tuple


def _make_runtime() -> Runtime:
    o.check_layouts()
    key = "tracer: lowest usable stack address"
    addresses = o.addresses() | {"stack.key": id(key), "stack.measure": id(stack_limit), "rt.deferred": id(o.Deferred)}
    python = engine().define_symbols(PYTHON_LIBRARY, addresses)
    hot = engine().compile(hot_text(), _HOT, libraries=[PYTHON_LIBRARY])
    cold = engine().compile(
        cold_text(), [name for name in SIGNATURES if name not in _HOT], hot.addresses, [PYTHON_LIBRARY], optimize=False
    )
    addresses = hot.addresses | cold.addresses
    shared = engine().define_symbols(RUNTIME_LIBRARY, addresses)
    return Runtime(addresses, (python, hot, cold, shared, key, stack_limit))


_creation = threading.Lock()
_runtime: list[Runtime] = []


def runtime() -> Runtime:
    """The shared functions of this process."""
    if not _runtime:
        with _creation:
            if not _runtime:
                _runtime.append(_make_runtime())
    return _runtime[0]
