"""LLVM IR of the shared functions for the memory of arrays: counted blocks, and arrays as Python objects.

A *block* is memory from malloc: a header of 64 bytes, then the data, which starts at a multiple of 64. The header has the
number of owners, the size of the data in bytes, the address that malloc gave, and the ndarray that owns the block, while
there is one; plus 1 if that was only made as the base of a view. So an array that goes to Python twice is one object, as
it would be in Python. This reference is not counted: the ndarray ends with a call of our `rt.handler_free`.

The *owner* of an array is the address of a block; or the address of a Python object plus 1 that belongs to the caller,
who keeps it as long as the call lasts; or the address of one plus 2, of which compiled code has a counted reference, as
of all values of the type `object`; or null where there is no array.
"""

from __future__ import annotations

import ctypes
import sys

from codegen import objects as o

DATA_OFFSET = 64  # of the data in a block
_SIZE, _RAW, _ARRAY = 8, 16, 24  # in the header, after the number of owners
_ROOM = 2 * DATA_OFFSET  # for the header, and to align it
_LARGE, _PAGE, _MADV_HUGEPAGE = 1 << 22, 4096, 14
TRACKED_LIVE = 8  # in the memory behind `blocks.tracked`: whether to count blocks, and their number


class _Allocator(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("context", "malloc", "calloc", "realloc", "free")]


class MemoryHandler(ctypes.Structure):
    """NumPy's `PyDataMem_Handler` (NEP 49), through which an ndarray gives back memory that it owns."""

    _fields_ = [("name", ctypes.c_char * 127), ("version", ctypes.c_uint8), ("allocator", _Allocator)]

    def fill(self, addresses: dict[str, int]) -> None:
        """Enter the functions, once they are compiled."""
        self.name, self.version = b"tracer", 1
        functions = (addresses["rt.handler_" + name] for name in ("malloc", "calloc", "realloc", "free"))
        self.allocator = _Allocator(None, *functions)


def _huge_pages() -> str:
    """Ask for huge pages for large blocks, as NumPy does: page faults take most of the time to fill one."""
    if sys.platform != "linux":
        return "  br label %done"
    return f"""  %large = icmp uge i64 %size, {_LARGE}
  br i1 %large, label %advise, label %done
advise:
  %below = sub i64 0, %address
  %to.page = and i64 %below, {_PAGE - 1}
  %page = getelementptr i8, ptr %raw, i64 %to.page
  %rest = sub i64 %total, %to.page
  %ignored = call i32 @madvise(ptr %page, i64 %rest, i32 {_MADV_HUGEPAGE})
  br label %done"""


BLOCKS = f"""
; making, sharing and giving back blocks; nothing here needs the interpreter's lock

declare i32 @madvise(ptr, i64, i32)
declare noalias ptr @malloc(i64)
declare noalias ptr @calloc(i64, i64)
declare void @free(ptr)
@blocks.tracked = external global [2 x i64]

; a block with one owner for this many bytes of data, or null
define noalias ptr @rt.alloc(i64 %size, i1 %zero) nounwind {{
  %total = add i64 %size, {_ROOM}
  br i1 %zero, label %cleared, label %any
cleared:
  %c = call ptr @calloc(i64 1, i64 %total)
  br label %made
any:
  %m = call ptr @malloc(i64 %total)
  br label %made
made:
  %raw = phi ptr [%c, %cleared], [%m, %any]
  %failed = icmp eq ptr %raw, null
  br i1 %failed, label %none, label %align
align:
  %address = ptrtoint ptr %raw to i64
  %negative = sub i64 0, %address
  %step = and i64 %negative, {DATA_OFFSET - 1}
  %block = getelementptr i8, ptr %raw, i64 %step
  store i64 1, ptr %block
  %size.at = getelementptr i8, ptr %block, i64 {_SIZE}
  store i64 %size, ptr %size.at
  %raw.at = getelementptr i8, ptr %block, i64 {_RAW}
  store ptr %raw, ptr %raw.at
  %array.at = getelementptr i8, ptr %block, i64 {_ARRAY}
  store ptr null, ptr %array.at
  call void @track(i64 1)
{_huge_pages()}
done:
  ret ptr %block
none:
  ret ptr null
}}

define internal void @track(i64 %change) nounwind alwaysinline {{
  %on = load i64, ptr @blocks.tracked
  %off = icmp eq i64 %on, 0
  br i1 %off, label %done, label %count
count:
  %live.at = getelementptr i8, ptr @blocks.tracked, i64 {TRACKED_LIVE}
  %before = atomicrmw add ptr %live.at, i64 %change monotonic
  br label %done
done:
  ret void
}}

define internal i1 @is_block(ptr %owner) nounwind alwaysinline {{
  %address = ptrtoint ptr %owner to i64
  %tag = and i64 %address, 3
  %untagged = icmp eq i64 %tag, 0
  %some = icmp ne ptr %owner, null
  %block = and i1 %untagged, %some
  ret i1 %block
}}

define void @rt.retain(ptr %owner) nounwind {{
  %block = call i1 @is_block(ptr %owner)
  br i1 %block, label %count, label %other
count:
  %before = atomicrmw add ptr %owner, i64 1 monotonic
  br label %done
other:
  %object = call i1 @is_counted_object(ptr %owner)
  br i1 %object, label %share, label %done
share:
  call void @count_object(ptr %owner, i1 true)
  br label %done
done:
  ret void
}}

define internal i1 @is_counted_object(ptr %owner) nounwind alwaysinline {{
  %address = ptrtoint ptr %owner to i64
  %tag = and i64 %address, 3
  %counted = icmp eq i64 %tag, 2
  ret i1 %counted
}}

; this may be called without the interpreter's lock
define internal void @count_object(ptr %owner, i1 %more) nounwind noinline {{
  %object = getelementptr i8, ptr %owner, i64 -2
  %held = call i32 @PyGILState_Ensure()
  br i1 %more, label %add, label %drop
add:
  call void @Py_IncRef(ptr %object)
  br label %done
drop:
  call void @Py_DecRef(ptr %object)
  br label %done
done:
  call void @PyGILState_Release(i32 %held)
  ret void
}}

define void @rt.release(ptr %owner) nounwind {{
  %block = call i1 @is_block(ptr %owner)
  br i1 %block, label %look, label %other
other:
  %object = call i1 @is_counted_object(ptr %owner)
  br i1 %object, label %drop, label %done
drop:
  call void @count_object(ptr %owner, i1 false)
  br label %done
look:
  ; who is the only owner need not fear that another thread changes the count
  %now = load atomic i64, ptr %owner acquire, align 8
  %only = icmp eq i64 %now, 1
  br i1 %only, label %free, label %shared
shared:
  %before = atomicrmw sub ptr %owner, i64 1 acq_rel
  %last = icmp eq i64 %before, 1
  br i1 %last, label %free, label %done
free:
  call void @track(i64 -1)
  %raw.at = getelementptr i8, ptr %owner, i64 {_RAW}
  %raw = load ptr, ptr %raw.at
  call void @free(ptr %raw)
  br label %done
done:
  ret void
}}

define void @rt.release_two(ptr %a, ptr %b) nounwind {{
  call void @rt.release(ptr %a)
  call void @rt.release(ptr %b)
  ret void
}}

define void @rt.release_four(ptr %a, ptr %b, ptr %c, ptr %d) nounwind {{
  call void @rt.release_two(ptr %a, ptr %b)
  call void @rt.release_two(ptr %c, ptr %d)
  ret void
}}
"""


HANDLER = f"""
; what NumPy calls for memory of blocks: it knows the address of their data

define ptr @rt.handler_malloc(ptr %context, i64 %size) nounwind {{
  %data = call ptr @data_of_new(i64 %size, i1 false)
  ret ptr %data
}}

define ptr @rt.handler_calloc(ptr %context, i64 %n, i64 %size) nounwind {{
  %product = call {{i64, i1}} @llvm.umul.with.overflow.i64(i64 %n, i64 %size)
  %over = extractvalue {{i64, i1}} %product, 1
  %total = extractvalue {{i64, i1}} %product, 0
  %large = icmp slt i64 %total, 0
  %bad = or i1 %over, %large
  br i1 %bad, label %none, label %make
make:
  %data = call ptr @data_of_new(i64 %total, i1 true)
  ret ptr %data
none:
  ret ptr null
}}

define internal ptr @data_of_new(i64 %size, i1 %zero) nounwind {{
  %block = call ptr @rt.alloc(i64 %size, i1 %zero)
  %failed = icmp eq ptr %block, null
  %inside = getelementptr i8, ptr %block, i64 {DATA_OFFSET}
  %data = select i1 %failed, ptr null, ptr %inside
  ret ptr %data
}}

; only for memory that nobody else refers to
define ptr @rt.handler_realloc(ptr %context, ptr %data, i64 %size) nounwind {{
  %first = icmp eq ptr %data, null
  br i1 %first, label %fresh, label %look
fresh:
  %f = call ptr @data_of_new(i64 %size, i1 false)
  ret ptr %f
look:
  %block = getelementptr i8, ptr %data, i64 -{DATA_OFFSET}
  %count = load atomic i64, ptr %block acquire, align 8
  %only = icmp eq i64 %count, 1
  br i1 %only, label %make, label %none
make:
  %new = call ptr @data_of_new(i64 %size, i1 false)
  %failed = icmp eq ptr %new, null
  br i1 %failed, label %none, label %copy
copy:
  %size.at = getelementptr i8, ptr %block, i64 {_SIZE}
  %old.size = load i64, ptr %size.at
  %less = icmp ult i64 %old.size, %size
  %common = select i1 %less, i64 %old.size, i64 %size
  call void @llvm.memcpy.p0.p0.i64(ptr %new, ptr %data, i64 %common, i1 false)
  call void @rt.release(ptr %block)
  ret ptr %new
none:
  ret ptr null
}}

define void @rt.handler_free(ptr %context, ptr %data, i64 %size) nounwind {{
  %none = icmp eq ptr %data, null
  br i1 %none, label %done, label %give.back
give.back:
  %block = getelementptr i8, ptr %data, i64 -{DATA_OFFSET}
  %array.at = getelementptr i8, ptr %block, i64 {_ARRAY}
  store ptr null, ptr %array.at
  call void @rt.release(ptr %block)
  br label %done
done:
  ret void
}}
"""

BOXING = f"""
; the array that the parts describe. If the owner is a block, one count of it is taken over, also where this fails
define ptr @rt.box_array(ptr %owner, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr, i32 %flags) nounwind {{
  %address = ptrtoint ptr %owner to i64
  %tag = and i64 %address, 3
  %tagged = icmp ne i64 %tag, 0
  br i1 %tagged, label %object, label %block
object:
  %back = sub i64 0, %tag
  %o = getelementptr i8, ptr %owner, i64 %back
  %r = call ptr @box_part(ptr %o, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr, i32 %flags)
  %counted = icmp eq i64 %tag, 2
  br i1 %counted, label %taken, label %boxed
taken:
  call void @Py_DecRef(ptr %o)
  br label %boxed
boxed:
  ret ptr %r
block:
  %memory = getelementptr i8, ptr %owner, i64 {DATA_OFFSET}
  %size.at = getelementptr i8, ptr %owner, i64 {_SIZE}
  %size = load i64, ptr %size.at
  %item.at = getelementptr i8, ptr %descr, i64 {o.DTYPE_SIZE}
  %item = load i64, ptr %item.at
  br label %measure
measure:
  %i = phi i64 [0, %block], [%i1, %axis]
  %bytes = phi i64 [%item, %block], [%bytes1, %axis]
  %measured = icmp eq i64 %i, %ndim
  br i1 %measured, label %decide, label %axis
axis:
  %n.at = getelementptr i64, ptr %shape, i64 %i
  %n = load i64, ptr %n.at
  %bytes1 = mul i64 %bytes, %n
  %i1 = add i64 %i, 1
  br label %measure
decide:
  %same.start = icmp eq ptr %data, %memory
  %same.size = icmp eq i64 %bytes, %size
  %whole = and i1 %same.start, %same.size
  %array.at = getelementptr i8, ptr %owner, i64 {_ARRAY}
  %marked = load ptr, ptr %array.at
  %known = icmp ne ptr %marked, null
  br i1 %known, label %look, label %first
look:
  %mark.address = ptrtoint ptr %marked to i64
  %mark = and i64 %mark.address, 1
  %unmark = sub i64 0, %mark
  %array = getelementptr i8, ptr %marked, i64 %unmark
  ; while an object is deallocated, its callbacks run with a count of zero
  %references = load i32, ptr %array
  %alive = icmp ne i32 %references, 0
  %is.base = icmp ne i64 %mark, 0
  %other = and i1 %is.base, %whole
  %not.other = xor i1 %other, true
  %usable = and i1 %alive, %not.other
  br i1 %usable, label %again, label %first
again:
  %p = call ptr @box_part(ptr %array, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr, i32 %flags)
  call void @rt.release(ptr %owner)
  ret ptr %p
first:
  br i1 %whole, label %all, label %some
all:
  ; NumPy gives strides of zero to new arrays without items
  %empty = icmp eq i64 %bytes, 0
  br i1 %empty, label %flat, label %make
flat:
  %axes.bytes = mul i64 %ndim, 8
  call void @llvm.memset.p0.i64(ptr %strides, i8 0, i64 %axes.bytes, i1 false)
  br label %make
make:
  %nd = trunc i64 %ndim to i32
  %a = call ptr @box_block(ptr %owner, i32 %nd, ptr %shape, ptr %strides, ptr %descr, i32 %flags, i64 0)
  ret ptr %a
some:
  ; a view of part of the block, or of its bytes as something else: its base has all of the block as one axis
  %length.at = alloca i64
  %length = udiv i64 %size, %item
  store i64 %length, ptr %length.at
  %base = call ptr @box_block(ptr %owner, i32 1, ptr %length.at, ptr null, ptr %descr,
                              i32 {o.FLAG_C | o.FLAG_ALIGNED | o.FLAG_WRITEABLE}, i64 1)
  %failed = icmp eq ptr %base, null
  br i1 %failed, label %none, label %view
view:
  %v = call ptr @make_view(ptr %base, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr, i32 %flags)
  call void @Py_DecRef(ptr %base)
  ret ptr %v
none:
  ret ptr null
}}

; an ndarray that owns the block, whose count it takes over; `mark` is 1 for the base of a view
define internal ptr @box_block(ptr %block, i32 %ndim, ptr %shape, ptr %strides, ptr %descr, i32 %flags,
                               i64 %mark) nounwind {{
  %data = getelementptr i8, ptr %block, i64 {DATA_OFFSET}
  call void @Py_IncRef(ptr %descr)
  %made = call ptr @PyArray_NewFromDescr(ptr @np.ndarray, ptr %descr, i32 %ndim, ptr %shape, ptr %strides, ptr %data,
                                         i32 %flags, ptr null)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %drop, label %own
own:
  %flags.at = getelementptr i8, ptr %made, i64 {o.ARRAY_FLAGS}
  %before = load i32, ptr %flags.at
  %owning = or i32 %before, {o.FLAG_OWNDATA}
  store i32 %owning, ptr %flags.at
  %handler.at = getelementptr i8, ptr %made, i64 {o.ARRAY_HANDLER}
  call void @Py_IncRef(ptr @memory.handler)
  store ptr @memory.handler, ptr %handler.at
  %array.at = getelementptr i8, ptr %block, i64 {_ARRAY}
  %marked = getelementptr i8, ptr %made, i64 %mark
  store ptr %marked, ptr %array.at
  ret ptr %made
drop:
  call void @rt.release(ptr %block)
  ret ptr null
}}

; a view of the memory of an array
define internal ptr @make_view(ptr %base, ptr %data, ptr %shape, ptr %strides, i64 %ndim, ptr %descr,
                               i32 %flags) nounwind {{
  %nd = trunc i64 %ndim to i32
  call void @Py_IncRef(ptr %descr)
  %made = call ptr @PyArray_NewFromDescr(ptr @np.ndarray, ptr %descr, i32 %nd, ptr %shape, ptr %strides, ptr %data,
                                         i32 %flags, ptr null)
  %failed = icmp eq ptr %made, null
  br i1 %failed, label %none, label %based
based:
  call void @Py_IncRef(ptr %base)
  %status = call i32 @PyArray_SetBaseObject(ptr %made, ptr %base)
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
