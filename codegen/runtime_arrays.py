"""LLVM IR of the shared functions that make arrays and copy them. What they do is asked for at many places of a graph, and so
is too much text to be written at each."""

from __future__ import annotations

from codegen.records import RECORD_SITE, RECORD_VALUES
from codegen.runtime_memory import DATA_OFFSET

NEW = f"""
; a block for an array of one or two axes (the other length is 1) and items of this size; or null, and why in the error record
define noalias ptr @rt.alloc_array(ptr %error, i64 %n, i64 %m, i64 %size, i1 %zero, i32 %site) nounwind {{
  %first = call {{i64, i1}} @with_axis(i64 %size, i64 %n)
  %line = extractvalue {{i64, i1}} %first, 0
  %second = call {{i64, i1}} @with_axis(i64 %line, i64 %m)
  %whole = extractvalue {{i64, i1}} %second, 0
  %big.first = extractvalue {{i64, i1}} %first, 1
  %big.second = extractvalue {{i64, i1}} %second, 1
  %big = or i1 %big.first, %big.second
  %empty.first = icmp eq i64 %n, 0
  %empty.second = icmp eq i64 %m, 0
  %empty = or i1 %empty.first, %empty.second
  %bytes = select i1 %empty, i64 0, i64 %whole
  br i1 %big, label %refuse, label %make
make:
  %block = call ptr @rt.alloc(i64 %bytes, i1 %zero)
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %refuse, label %done
done:
  ret ptr %block
refuse:
  call void @note_lengths(ptr %error, i64 %n, i64 %m)
  call void @refused(ptr %error, i32 %site, i1 %big)
  ret ptr null
}}

; the same for any number of axes, whose lengths are in a table
define noalias ptr @rt.alloc_axes(ptr %error, ptr %lengths, i64 %ndim, i64 %size, i1 %zero, i32 %site) nounwind {{
  br label %axis
axis:
  %i = phi i64 [0, %0], [%following, %axis]
  %so.far = phi i64 [%size, %0], [%product, %axis]
  %big.before = phi i1 [false, %0], [%big, %axis]
  %empty.before = phi i1 [false, %0], [%empty, %axis]
  %at = getelementptr i64, ptr %lengths, i64 %i
  %length = load i64, ptr %at
  %found = call {{i64, i1}} @with_axis(i64 %so.far, i64 %length)
  %product = extractvalue {{i64, i1}} %found, 0
  %over = extractvalue {{i64, i1}} %found, 1
  %big = or i1 %big.before, %over
  %none = icmp eq i64 %length, 0
  %empty = or i1 %empty.before, %none
  %following = add i64 %i, 1
  %more = icmp slt i64 %following, %ndim
  br i1 %more, label %axis, label %ask
ask:
  %bytes = select i1 %empty, i64 0, i64 %product
  br i1 %big, label %refuse, label %make
make:
  %block = call ptr @rt.alloc(i64 %bytes, i1 %zero)
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %refuse, label %done
done:
  ret ptr %block
refuse:
  %values = getelementptr i8, ptr %error, i64 {RECORD_VALUES}
  %table.size = shl i64 %ndim, 3
  call void @llvm.memcpy.p0.p0.i64(ptr %values, ptr %lengths, i64 %table.size, i1 false)
  call void @refused(ptr %error, i32 %site, i1 %big)
  ret ptr null
}}

; a size with one more axis, and whether it is too big. As in NumPy, axes of length 0 do not hide that the others are too
; long. A negative length, such as a sum of lengths that wrapped, is too long as well.
define internal {{i64, i1}} @with_axis(i64 %size, i64 %length) nounwind alwaysinline {{
  %none = icmp eq i64 %length, 0
  %factor = select i1 %none, i64 1, i64 %length
  %product = call {{i64, i1}} @llvm.umul.with.overflow.i64(i64 %size, i64 %factor)
  %bytes = extractvalue {{i64, i1}} %product, 0
  %over = extractvalue {{i64, i1}} %product, 1
  %negative = icmp slt i64 %bytes, 0
  %big = or i1 %over, %negative
  %result = insertvalue {{i64, i1}} %product, i1 %big, 1
  ret {{i64, i1}} %result
}}

define internal void @note_lengths(ptr %error, i64 %n, i64 %m) nounwind alwaysinline {{
  %values = getelementptr i8, ptr %error, i64 {RECORD_VALUES}
  store i64 %n, ptr %values
  %next = getelementptr i8, ptr %values, i64 8
  store i64 %m, ptr %next
  ret void
}}

; note in an error record that there is no memory, or at the site behind that one that no memory can be so big
define internal void @refused(ptr %error, i32 %site, i1 %big) nounwind alwaysinline {{
  %one = zext i1 %big to i32
  %number = add i32 %site, %one
  %site.at = getelementptr i8, ptr %error, i64 {RECORD_SITE}
  store i32 %number, ptr %site.at
  ret void
}}
"""

COPY = """
; the items of one array into another one with no memory in common: tables of lengths and of both strides in bytes
define void @rt.copy(ptr %target, ptr %source, ptr %lengths, ptr %strides, ptr %source.strides, i64 %ndim, i64 %size) nounwind {
  %item = icmp eq i64 %ndim, 0
  br i1 %item, label %one, label %axis
one:
  call void @llvm.memcpy.p0.p0.i64(ptr %target, ptr %source, i64 %size, i1 false)
  ret void
axis:
  %n = load i64, ptr %lengths
  %s = load i64, ptr %strides
  %t = load i64, ptr %source.strides
  %none = icmp sle i64 %n, 0
  br i1 %none, label %done, label %some
some:
  %last = icmp eq i64 %ndim, 1
  br i1 %last, label %line, label %outer
line:
  %dense = icmp eq i64 %s, %size
  %dense.source = icmp eq i64 %t, %size
  %both = and i1 %dense, %dense.source
  br i1 %both, label %block, label %apart
block:
  %bytes = mul i64 %n, %size
  call void @llvm.memcpy.p0.p0.i64(ptr %target, ptr %source, i64 %bytes, i1 false)
  ret void
apart:
  %words = icmp eq i64 %size, 8
  br i1 %words, label %word, label %any
word:
  %i = phi i64 [0, %apart], [%i1, %word]
  %i.to = mul i64 %i, %s
  %i.from = mul i64 %i, %t
  %to = getelementptr i8, ptr %target, i64 %i.to
  %from = getelementptr i8, ptr %source, i64 %i.from
  %x = load i64, ptr %from, align 1
  store i64 %x, ptr %to, align 1
  %i1 = add i64 %i, 1
  %more = icmp slt i64 %i1, %n
  br i1 %more, label %word, label %done
any:
  %j = phi i64 [0, %apart], [%j1, %any]
  %j.to = mul i64 %j, %s
  %j.from = mul i64 %j, %t
  %to.any = getelementptr i8, ptr %target, i64 %j.to
  %from.any = getelementptr i8, ptr %source, i64 %j.from
  call void @llvm.memcpy.p0.p0.i64(ptr %to.any, ptr %from.any, i64 %size, i1 false)
  %j1 = add i64 %j, 1
  %more.any = icmp slt i64 %j1, %n
  br i1 %more.any, label %any, label %done
outer:
  %inner.lengths = getelementptr i64, ptr %lengths, i64 1
  %inner.strides = getelementptr i64, ptr %strides, i64 1
  %inner.source = getelementptr i64, ptr %source.strides, i64 1
  %rest = sub i64 %ndim, 1
  br label %each
each:
  %k = phi i64 [0, %outer], [%k1, %each]
  %k.to = mul i64 %k, %s
  %k.from = mul i64 %k, %t
  %to.k = getelementptr i8, ptr %target, i64 %k.to
  %from.k = getelementptr i8, ptr %source, i64 %k.from
  call void @rt.copy(ptr %to.k, ptr %from.k, ptr %inner.lengths, ptr %inner.strides, ptr %inner.source, i64 %rest, i64 %size)
  %k1 = add i64 %k, 1
  %more.k = icmp slt i64 %k1, %n
  br i1 %more.k, label %each, label %done
done:
  ret void
}
"""

STRETCH = f"""
; the length that two different lengths of an axis are stretched to; or -1, and why in the error record
define i64 @rt.broadcast(ptr %error, i64 %n, i64 %m, i32 %site) nounwind {{
  %n.single = icmp eq i64 %n, 1
  %m.single = icmp eq i64 %m, 1
  %fits = or i1 %n.single, %m.single
  br i1 %fits, label %done, label %misfit
done:
  %longer = select i1 %n.single, i64 %m, i64 %n
  ret i64 %longer
misfit:
  call void @note_lengths(ptr %error, i64 %n, i64 %m)
  call void @refused(ptr %error, i32 %site, i1 false)
  ret i64 -1
}}
; a block with copies of one item, for an array of this length; or null, and why in the error record
define noalias ptr @rt.stretch_item(ptr %error, ptr %item, i64 %length, i64 %size, i32 %site) nounwind {{
  %lengths = alloca i64
  %strides = alloca i64
  %item.strides = alloca i64
  %block = call ptr @rt.alloc_array(ptr %error, i64 %length, i64 1, i64 %size, i1 false, i32 %site)
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %done, label %fill
fill:
  store i64 %length, ptr %lengths
  store i64 %size, ptr %strides
  store i64 0, ptr %item.strides
  %data = getelementptr i8, ptr %block, i64 {DATA_OFFSET}
  call void @rt.copy(ptr %data, ptr %item, ptr %lengths, ptr %strides, ptr %item.strides, i64 1, i64 %size)
  br label %done
done:
  ret ptr %block
}}

; the same for an array of any number of axes, in C order. The table has the lengths, then those and the strides in bytes of the
; array that is copied; where these were, it gets the strides of the new array, and those of the other one as it is stretched.
define noalias ptr @rt.stretch(ptr %error, ptr %source, ptr %lengths, i64 %ndim, i64 %size, i32 %site) nounwind {{
  %block = call ptr @rt.alloc_axes(ptr %error, ptr %lengths, i64 %ndim, i64 %size, i1 false, i32 %site)
  %failed = icmp eq ptr %block, null
  br i1 %failed, label %done, label %begin
begin:
  %strides = getelementptr i64, ptr %lengths, i64 %ndim
  %source.strides = getelementptr i64, ptr %strides, i64 %ndim
  br label %axis
axis:
  %behind = phi i64 [%ndim, %begin], [%i, %axis]
  %step = phi i64 [%size, %begin], [%larger, %axis]
  %i = sub i64 %behind, 1
  %stride.at = getelementptr i64, ptr %strides, i64 %i
  %source.at = getelementptr i64, ptr %source.strides, i64 %i
  %length.at = getelementptr i64, ptr %lengths, i64 %i
  %source.length = load i64, ptr %stride.at
  %source.stride = load i64, ptr %source.at
  %single = icmp eq i64 %source.length, 1
  %stretched = select i1 %single, i64 0, i64 %source.stride
  store i64 %step, ptr %stride.at
  store i64 %stretched, ptr %source.at
  %length = load i64, ptr %length.at
  %larger = mul i64 %step, %length
  %first = icmp eq i64 %i, 0
  br i1 %first, label %copy, label %axis
copy:
  %data = getelementptr i8, ptr %block, i64 {DATA_OFFSET}
  call void @rt.copy(ptr %data, ptr %source, ptr %lengths, ptr %strides, ptr %source.strides, i64 %ndim, i64 %size)
  br label %done
done:
  ret ptr %block
}}
"""
