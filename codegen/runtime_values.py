"""LLVM IR of the shared functions that convert between Python objects and machine values."""

from __future__ import annotations

from codegen import objects as o
from ir.ops.python import LONGEST_UNPACKED


def unbox_int() -> str:
    """An int of 64 bits out of a Python object, and whether it is one; the layout of int differs between versions."""
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


ITEMS = f"""
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

; a slice of three references, which are taken over
define ptr @rt.box_slice(ptr %items) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 3)
  br i1 %bad, label %fail, label %make
make:
  %start = load ptr, ptr %items
  %to.stop = getelementptr i8, ptr %items, i64 8
  %stop = load ptr, ptr %to.stop
  %to.step = getelementptr i8, ptr %items, i64 16
  %step = load ptr, ptr %to.step
  %r = call ptr @PySlice_New(ptr %start, ptr %stop, ptr %step)
  call void @release(ptr %items, i64 3)
  ret ptr %r
fail:
  ret ptr null
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
; the result of calling a Python object with items, whose references are taken over; null where it raised
define ptr @rt.interpret(ptr %callable, ptr %items, i64 %n) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 %n)
  br i1 %bad, label %fail, label %go
go:
  %r = call ptr @PyObject_Vectorcall(ptr %callable, ptr %items, i64 %n, ptr null)
  call void @release(ptr %items, i64 %n)
  ret ptr %r
fail:
  ret ptr null
}}

; the same for a callable that makes the second item the contents of the first one, a cell
define ptr @rt.set_cell(ptr %callable, ptr %items, i64 %n) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 %n)
  br i1 %bad, label %fail, label %go
go:
  %cell = load ptr, ptr %items
  %value.at = getelementptr ptr, ptr %items, i64 1
  %value = load ptr, ptr %value.at
  %status = call i32 @PyCell_Set(ptr %cell, ptr %value)
  call void @release(ptr %items, i64 %n)
  call void @Py_IncRef(ptr @py.None)
  ret ptr @py.None
fail:
  ret ptr null
}}

; the same for a callable that does nothing but call a method of the first item with the others: it runs only where that is not
; a method written in C, which needs no frame, but for those of arrays, which may warn, with the caller's line. Also: whether
; there was no frame
define {{ptr, i1}} @rt.call_method(ptr %callable, ptr %name, ptr %items, i64 %n) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 %n)
  br i1 %bad, label %fail, label %look
look:
  %self = load ptr, ptr %items
  %type.at = getelementptr i8, ptr %self, i64 {o.TYPE}
  %type = load ptr, ptr %type.at
  %is.array = icmp eq ptr %type, @np.ndarray
  br i1 %is.array, label %python, label %find
find:
  %found = call ptr @_PyType_Lookup(ptr %type, ptr %name)
  %missing = icmp eq ptr %found, null
  br i1 %missing, label %python, label %check
check:
  %class.at = getelementptr i8, ptr %found, i64 {o.TYPE}
  %class = load ptr, ptr %class.at
  %is.c = icmp eq ptr %class, @py.method_descriptor
  br i1 %is.c, label %c, label %python
c:
  %q = call ptr @PyObject_VectorcallMethod(ptr %name, ptr %items, i64 %n, ptr null)
  br label %done
python:
  %r = call ptr @PyObject_Vectorcall(ptr %callable, ptr %items, i64 %n, ptr null)
  br label %done
done:
  %result = phi ptr [%q, %c], [%r, %python]
  %direct = phi i1 [true, %c], [false, %python]
  call void @release(ptr %items, i64 %n)
  br label %end
fail:
  br label %end
end:
  %given = phi ptr [%result, %done], [null, %fail]
  %no.frame = phi i1 [%direct, %done], [true, %fail]
  %pair = insertvalue {{ptr, i1}} poison, ptr %given, 0
  %both = insertvalue {{ptr, i1}} %pair, i1 %no.frame, 1
  ret {{ptr, i1}} %both
}}

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

ITERATION = f"""
; as rt.interpret for `next(iterator, end)`
define ptr @rt.next(ptr %callable, ptr %items, i64 %n) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 %n)
  br i1 %bad, label %fail, label %go
go:
  %iterator = load ptr, ptr %items
  %item = call ptr @PyIter_Next(ptr %iterator)
  %none = icmp eq ptr %item, null
  br i1 %none, label %ended, label %done
ended:
  %error = call ptr @PyErr_Occurred()
  %raised = icmp ne ptr %error, null
  br i1 %raised, label %done, label %over
over:
  %end.at = getelementptr ptr, ptr %items, i64 1
  %end = load ptr, ptr %end.at
  call void @Py_IncRef(ptr %end)
  br label %done
done:
  %result = phi ptr [%item, %go], [null, %ended], [%end, %over]
  call void @release(ptr %items, i64 %n)
  ret ptr %result
fail:
  ret ptr null
}}
""" + "".join([f"""
; as rt.interpret for what makes a tuple of {length} items of any iterable
define ptr @rt.unpack{length}(ptr %callable, ptr %items, i64 %n) nounwind {{
  %bad = call i1 @release_if_incomplete(ptr %items, i64 %n)
  br i1 %bad, label %fail, label %go
go:
  %value = load ptr, ptr %items
  %class.at = getelementptr i8, ptr %value, i64 {o.TYPE}
  %class = load ptr, ptr %class.at
  %is.tuple = icmp eq ptr %class, @py.tuple
  br i1 %is.tuple, label %measure, label %call
measure:
  %size.at = getelementptr i8, ptr %value, i64 {o.TUPLE_SIZE}
  %size = load i64, ptr %size.at
  %fits = icmp eq i64 %size, {length}
  br i1 %fits, label %itself, label %call
itself:
  ret ptr %value
call:
  %r = call ptr @PyObject_Vectorcall(ptr %callable, ptr %items, i64 %n, ptr null)
  call void @release(ptr %items, i64 %n)
  ret ptr %r
fail:
  ret ptr null
}}

; as rt.interpret for an item of such a tuple
define ptr @rt.item{length - 1}(ptr %callable, ptr %items, i64 %n) nounwind {{
  %tuple = load ptr, ptr %items
  %item.at = getelementptr i8, ptr %tuple, i64 {o.TUPLE_ITEMS + 8 * (length - 1)}
  %item = load ptr, ptr %item.at
  call void @Py_IncRef(ptr %item)
  call void @Py_DecRef(ptr %tuple)
  ret ptr %item
}}
""" for length in range(1, LONGEST_UNPACKED + 1)])

OF_THE_INTERPRETER = ("rt.next", *(f"rt.{name}" for i in range(LONGEST_UNPACKED) for name in (f"unpack{i + 1}", f"item{i}")))
"""Functions in place of rt.interpret for callables that do what they do."""

ARRAYS = f"""
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
  br i1 %all, label %look, label %done
look:
  ; dates and records have more to them than this
  %date = icmp eq i8 %kind.a, {ord("M")}
  %delta = icmp eq i8 %kind.a, {ord("m")}
  %record = icmp eq i8 %kind.a, {ord("V")}
  %time = or i1 %date, %delta
  %more = or i1 %time, %record
  br i1 %more, label %compare, label %done
compare:
  %equivalent = call i8 @PyArray_EquivTypes(ptr %a, ptr %b)
  %equal = icmp ne i8 %equivalent, 0
  ; which does not tell records with `align=True` from others
  %alignment.a.at = getelementptr i8, ptr %a, i64 {o.DTYPE_ALIGNMENT}
  %alignment.a = load i64, ptr %alignment.a.at
  %alignment.b.at = getelementptr i8, ptr %b, i64 {o.DTYPE_ALIGNMENT}
  %alignment.b = load i64, ptr %alignment.b.at
  %same.alignment = icmp eq i64 %alignment.a, %alignment.b
  %same = and i1 %equal, %same.alignment
  br label %done
done:
  %result = phi i1 [%all, %0], [%all, %look], [%same, %compare]
  ret i1 %result
}}
; the np.void for an array without axes, and a recarray for an array; both take the array over, which may be null
define ptr @rt.as_item(ptr %array) nounwind {{
  %failed = icmp eq ptr %array, null
  br i1 %failed, label %none, label %some
some:
  %item = call ptr @PyArray_Return(ptr %array)
  ret ptr %item
none:
  ret ptr null
}}

define ptr @rt.as_recarray(ptr %array) nounwind {{
  %failed = icmp eq ptr %array, null
  br i1 %failed, label %itself, label %look
look:
  %class.at = getelementptr i8, ptr %array, i64 {o.TYPE}
  %class = load ptr, ptr %class.at
  %plain = icmp eq ptr %class, @np.ndarray
  br i1 %plain, label %view, label %itself
view:
  %made = call ptr @PyArray_View(ptr %array, ptr null, ptr @np.recarray)
  call void @Py_DecRef(ptr %array)
  ret ptr %made
itself:
  ret ptr %array
}}

; an array on the memory of an ndarray or np.void: that itself if it is the one, else a view of it
define internal ptr @box_part(ptr %owner, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr, i32 %flags) nounwind {{
  %class.at = getelementptr i8, ptr %owner, i64 {o.TYPE}
  %class = load ptr, ptr %class.at
  %is.void = icmp eq ptr %class, @np.void
  %is.record = icmp eq ptr %class, @np.record
  %is.item = or i1 %is.void, %is.record
  br i1 %is.item, label %view, label %array
array:
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
  %i = phi i64 [0, %array], [%i1, %same.length]
  %empty = phi i1 [false, %array], [%empty1, %same.length]
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
  %made = call ptr @make_view(ptr %owner, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr, i32 %flags)
  ret ptr %made
}}
"""
