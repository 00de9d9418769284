"""Lowerings of array ops. Addresses are formed with `getelementptr` only, which keeps LLVM's pointer provenance."""

from __future__ import annotations

from collections.abc import Sequence

from codegen import abi
from codegen.boxing import array_strides
from codegen.emit import RAISED, GraphText, Parts, lowers
from codegen.errors import Site
from ir.graph import ExceptionTemplate, FormattedPart, FormattedText, Op, Placeholder, Value
from ir.records import Record
from ir.types import Array, Boolean, Scalar, dtype_of, int64


def _shape(array: Array, parts: Parts) -> Parts:
    return parts[2 : 2 + array.ndim]


@lowers("array_shape")
def _array_shape(f: GraphText, op: Op) -> Parts:
    return [f.parts(op.operands[0])[2 + op.attributes["axis"]]]


@lowers("array_stride")
def _array_stride(f: GraphText, op: Op) -> Parts:
    array = op.operands[0]
    return [array_strides(f, array.type, f.parts(array))[op.attributes["axis"]]]


def _out_of_bounds(axis: int | None) -> ExceptionTemplate:
    if axis is None:
        return ExceptionTemplate(IndexError, ("tuple index out of range",))
    index, length = FormattedPart(Placeholder(0)), FormattedPart(Placeholder(1))
    text = FormattedText(("index ", index, f" is out of bounds for axis {axis} with size ", length))
    return ExceptionTemplate(IndexError, (text,))


@lowers("check_index")
def _check_index(f: GraphText, op: Op) -> Parts:
    index, length = f.part(op.operands[0]), f.part(op.operands[1])
    failed, done = f.new_label("outside"), f.new_label("ok")
    arrivals = [(index, f.label)]
    if not op.attributes.get("nonnegative"):
        # Most indices do not count from the end: those that do are on a branch, so that others take one comparison.
        negative = f.new_label("negative")
        f.do(f"br i1 {f.value(f'icmp ult i64 {index}, {length}')}, label %{done}, label %{negative}, !prof !0")
        f.start(negative)
        arrivals.append((f.value(f"add i64 {index}, {length}"), negative))
    f.do(f"br i1 {f.value(f'icmp ult i64 {arrivals[-1][0]}, {length}')}, label %{done}, label %{failed}, !prof !0")
    f.start(failed)
    f.record_exception(Site(op.span, _out_of_bounds(op.attributes["axis"]), (int64, int64)), [index, length])
    f.jump(f.failure(RAISED))
    f.start(done)
    if len(arrivals) == 1:
        return [index]
    return [f.value("phi i64 " + ", ".join(f"[{value}, %{label}]" for value, label in arrivals))]


def _wrap(f: GraphText, index: str, length: str) -> str:
    negative = f.value(f"icmp slt i64 {index}, 0")
    return f.value(f"add i64 {index}, {f.value(f'select i1 {negative}, i64 {length}, i64 0')}")


@lowers("wrap_index")
def _wrap_index(f: GraphText, op: Op) -> Parts:
    return [_wrap(f, f.part(op.operands[0]), f.part(op.operands[1]))]


def _item_number(f: GraphText, array: Array, parts: Parts, indices: Sequence[str]) -> str:
    """The position in memory of an item of a contiguous array, in items. No index and no step of this can overflow."""
    shape = _shape(array, parts)
    axes = list(range(len(indices)))
    if array.layout == "F":
        axes.reverse()
    number = indices[axes[0]]
    for axis in axes[1:]:
        scaled = f.value(f"mul nuw nsw i64 {number}, {shape[axis]}")
        number = f.value(f"add nuw nsw i64 {scaled}, {indices[axis]}")
    return number


def _byte_offset(f: GraphText, strides: Sequence[str], indices: Sequence[str]) -> str:
    terms = [f.value(f"mul nsw i64 {index}, {stride}") for index, stride in zip(indices, strides)]
    total = terms[0]
    for term in terms[1:]:
        total = f.value(f"add nsw i64 {total}, {term}")
    return total


def _strided_address(f: GraphText, type: Array, parts: Parts, indices: Sequence[str]) -> str:
    """The address of an item of an array with any strides.

    They are counted in numbers of the machine where they are multiples of that, as NumPy's flag for alignment tells of
    all axes that have a second item. So LLVM sees that a stride may be 1, and makes a fast loop for that.
    """
    strides = array_strides(f, type, parts)
    size = 1 if isinstance(type.item, Record) else _memory_component(type.item)[1]
    if not type.aligned or size == 1 or dtype_of(type.dtype).alignment < size:
        return f.offset(parts[1], _byte_offset(f, strides, indices))
    steps = [_step(f, stride, size) for stride in strides]
    return f.value(f"getelementptr inbounds [{size} x i8], ptr {parts[1]}, i64 {_byte_offset(f, steps, indices)}")


def _step(f: GraphText, stride: str, size: int) -> str:
    if stride.lstrip("-").isdigit():
        return str(int(stride) // size)
    return f.value(f"ashr i64 {stride}, {size.bit_length() - 1}")


def _address(f: GraphText, array: Value, indices: Sequence[str]) -> str:
    """The address of an item."""
    type, parts = array.type, f.parts(array)
    if not indices:
        return parts[1]
    if type.layout == "A":
        return _strided_address(f, type, parts, indices)
    number = _item_number(f, type, parts, indices)
    return f.value(f"getelementptr inbounds [{abi.item_size(type)} x i8], ptr {parts[1]}, i64 {number}")


def _memory_component(item: Scalar) -> tuple[str, int]:
    """The LLVM type that a component of an item has in memory, and its size."""
    component = abi.components(item)[0]
    return ("i8", 1) if component == "i1" else (component, {"float": 4, "double": 8}.get(component) or int(component[1:]) // 8)


@lowers("array_load")
def _load(f: GraphText, op: Op) -> Parts:
    array, item = op.operands[0], op.result.type
    address = _address(f, array, [f.part(v) for v in op.operands[1:]])
    if isinstance(item, Record):
        group = f.access_metadata(op)
        return [f.value(f"load {c}, ptr {f.offset(address, at)}, align 1{group}") for c, at in abi.pieces(item)]
    component, size = _memory_component(item)
    alignment = size if array.type.aligned else 1
    group = f.access_metadata(op)
    parts = [
        f.value(f"load {component}, ptr {f.offset(address, size * i)}, align {alignment}{group}")
        for i in range(len(abi.components(item)))
    ]
    return [f.value(f"icmp ne i8 {parts[0]}, 0")] if isinstance(item, Boolean) else parts


@lowers("array_store")
def _store(f: GraphText, op: Op) -> None:
    array, stored = op.operands[0], op.operands[-1]
    address = _address(f, array, [f.part(v) for v in op.operands[1:-1]])
    if isinstance(stored.type, Record):
        group = f.access_metadata(op)
        for (c, at), part in zip(abi.pieces(stored.type), f.parts(stored)):
            f.do(f"store {c} {part}, ptr {f.offset(address, at)}, align 1{group}")
        return
    component, size = _memory_component(stored.type)
    alignment = size if array.type.aligned else 1
    parts, group = f.parts(stored), f.access_metadata(op)
    if isinstance(stored.type, Boolean):
        parts = [f.value(f"zext i1 {parts[0]} to i8")]
    for i, part in enumerate(parts):
        f.do(f"store {component} {part}, ptr {f.offset(address, size * i)}, align {alignment}{group}")


@lowers("array_subarray")
def _subarray(f: GraphText, op: Op) -> Parts:
    array, type = op.operands[0], op.operands[0].type
    parts = f.parts(array)
    indices = [f.part(v) for v in op.operands[1:]]
    strides = array_strides(f, type, parts)
    # Not `inbounds`, as for items: an array without items may have strides that lead out of its memory.
    data = f.value(f"getelementptr i8, ptr {parts[1]}, i64 {_byte_offset(f, strides, indices)}") if indices else parts[1]
    kept = slice(len(indices), None)
    result = [parts[0], data, *_shape(type, parts)[kept]]
    return result + strides[kept] if op.result.type.layout == "A" else result


@lowers("array_transpose")
def _transpose(f: GraphText, op: Op) -> Parts:
    type, parts = op.operands[0].type, f.parts(op.operands[0])
    strides = parts[2 + type.ndim :]
    return [*parts[:2], *_shape(type, parts)[::-1], *strides[::-1]]


@lowers("array_relax")
def _relax(f: GraphText, op: Op) -> Parts:
    type, parts = op.operands[0].type, f.parts(op.operands[0])
    needs_strides = op.result.type.layout == "A" and type.layout != "A"
    return [*parts, *array_strides(f, type, parts)] if needs_strides else parts
