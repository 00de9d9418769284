"""Lowerings of ops on the memory of arrays: new blocks, views, counts of owners, and shapes that must fit together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy._core._exceptions import _ArrayMemoryError

from codegen import abi
from codegen.boxing import array_strides
from codegen.emit import RAISED, GraphText, Parts, lowers
from codegen.errors import Site
from codegen.runtime_memory import DATA_OFFSET
from ir.graph import ExceptionTemplate, FormattedPart, FormattedText, Graph, Op, Placeholder, Value
from ir.on_demand import OnDemand
from ir.types import Array, dtype_of, int64

kernels = OnDemand("codegen.kernels")

_TOO_BIG = ExceptionTemplate(
    ValueError, ("array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.",)
)



def _raise_unless(f: GraphText, condition: str, op: Op, exception: ExceptionTemplate, lengths: Parts = ()) -> None:
    """Go on if the condition holds, else raise an exception whose placeholders are the lengths."""
    failed, done = f.new_label("failed"), f.new_label("ok")
    f.do(f"br i1 {condition}, label %{done}, label %{failed}, !prof !0")
    f.start(failed)
    f.record_exception(Site(op.span, exception, (int64,) * len(lengths)), lengths)
    f.jump(f.failure(RAISED))
    f.start(done)


@lowers("alloc")
def _alloc(f: GraphText, op: Op) -> Parts:
    type: Array = op.result.type
    lengths = [f.part(v) for v in op.operands]
    block = _new_block(f, op, type, lengths, bool(op.attributes.get("zero")))
    return [block, f.offset(block, DATA_OFFSET), *lengths]


def _new_block(f: GraphText, op: Op, type: Array, lengths: Parts, zero: bool) -> str:
    """A new block for an array. The sizes are multiplied, and failures recorded, in the runtime: it is much text."""
    about = f"i64 {abi.item_size(type)}, i1 {str(zero).lower()}, i32 {_alloc_sites(f, op, type)}"
    if len(lengths) <= 2:
        n, m = (*lengths, "1", "1")[:2]
        block = f.value(f"call ptr {f.module.runtime('rt.alloc_array')}(ptr %error, i64 {n}, i64 {m}, {about})")
    else:
        table = _table(f, lengths)
        block = f.value(f"call ptr {f.module.runtime('rt.alloc_axes')}(ptr %error, ptr {table}, i64 {len(lengths)}, {about})")
    f.expect(f.value(f"icmp ne ptr {block}, null"), f.failure(RAISED))
    return block


def _alloc_sites(f: GraphText, op: Op, type: Array) -> int:
    """The number of the site for no memory; the one behind it is for a size that cannot be."""
    # Tables of what is in Fortran order are the other way round.
    numbers = range(type.ndim)[:: -1 if type.layout == "F" and op.name == "stretch" else 1]
    shape = tuple(map(Placeholder, numbers))
    # NumPy's own class makes the message. It is a MemoryError, and has no public name.
    exception = ExceptionTemplate(_ArrayMemoryError, (shape, dtype_of(type.dtype)))
    f.module.record_values = max(f.module.record_values, type.ndim, 2)
    number = f.module.errors.add(Site(op.span, exception, (int64,) * type.ndim))
    f.module.errors.add(Site(op.span, _TOO_BIG))
    return number


def _table(f: GraphText, numbers: Parts) -> str:
    """The address of integers in stack memory."""
    table = f.allocate(f"[{max(len(numbers), 1)} x i64]")
    f.store_each(table, ["i64"] * len(numbers), numbers)
    return table


@lowers("stretch")
def _stretch(f: GraphText, op: Op) -> Parts:
    """The array, which nobody owns once more; or a copy, on a branch that hardly any call takes: the runtime makes it."""
    type: Array = op.result.type
    own, lengths = f.parts(op.operands[0]), [f.part(v) for v in op.operands[1:]]
    pairs = [(a, b) for a, b in zip(own[2:], lengths) if a != b]
    if not pairs:
        return ["null", *own[1:]]
    same = f.both([f.value(f"icmp eq i64 {a}, {b}") for a, b in pairs])
    before, apart, ready = f.label, f.new_label("stretch"), f.new_label("ready")
    f.do(f"br i1 {same}, label %{ready}, label %{apart}, !prof !0")
    f.start(apart)
    block = _stretched(f, op, own, lengths)
    made = [block, f.offset(block, DATA_OFFSET)]
    kept = ["null", own[1]]
    if type.layout == "A":
        made += array_strides(f, _contiguous(type), ["", "", *lengths])
        kept += own[2 + type.ndim :]
    f.do(f"br i1 {f.value(f'icmp ne ptr {block}, null')}, label %{ready}, label %{f.failure(RAISED)}, !prof !0")
    f.start(ready)
    components = ["ptr", "ptr", *["i64"] * (len(made) - 2)]
    owner, data, *strides = [f.value(f"phi {c} [{a}, %{before}], [{b}, %{apart}]") for c, a, b in zip(components, kept, made)]
    return [owner, data, *lengths, *strides]


def _stretched(f: GraphText, op: Op, own: Parts, lengths: Parts) -> str:
    """A new block with the items of an array at other lengths. That of one axis has a single item."""
    type: Array = op.result.type
    about = f"i64 {abi.item_size(type)}, i32 {_alloc_sites(f, op, _contiguous(type))}"
    if type.ndim == 1:
        return f.value(f"call ptr {f.module.runtime('rt.stretch_item')}(ptr %error, ptr {own[1]}, i64 {lengths[0]}, {about})")
    # An array in Fortran order is one in C order with its axes the other way round.
    forward = -1 if type.layout == "F" else 1
    table = _table(f, [*lengths[::forward], *own[2 : 2 + type.ndim][::forward], *array_strides(f, type, own)[::forward]])
    stretch = f.module.runtime("rt.stretch")
    return f.value(f"call ptr {stretch}(ptr %error, ptr {own[1]}, ptr {table}, i64 {type.ndim}, {about})")


def _contiguous(type: Array) -> Array:
    """The type of a new array that takes the place of one of this type."""
    return Array(type.dtype, type.ndim, "F" if type.layout == "F" else "C")


@lowers("kernel")
def _kernel(f: GraphText, op: Op) -> None:
    """Call code of another module. Its name is that of the function, so that texts can be read."""
    body: Graph = op.attributes["body"]
    code, address = kernels.kernel_for(body)
    f.module.kept.append(code)
    parameters = [f"{c} {part}" for value in op.operands for c, part in zip(abi.components(value.type), f.parts(value))]
    f.do(f"call void {f.module.kernel(body, address)}({', '.join(parameters)}) nounwind")


@lowers("local")
def _local(f: GraphText, op: Op) -> Parts:
    size = abi.item_size(op.result.type) * math.prod(v.value for v in op.operands)
    # The largest alignment that needs no other stack frame than usual.
    data = f.allocate(f"[{size} x i8]", 16)
    if op.attributes.get("zero"):
        f.module.declare("llvm.memset.p0.i64", "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        f.do(f"call void @llvm.memset.p0.i64(ptr align 16 {data}, i8 0, i64 {size}, i1 false)")
    return ["null", data, *map(f.part, op.operands)]


def _any(f: GraphText, conditions: Sequence[str]) -> str:
    result = conditions[0]
    for condition in conditions[1:]:
        result = f.value(f"or i1 {result}, {condition}")
    return result


@lowers("view")
def _view(f: GraphText, op: Op) -> Parts:
    parts = f.parts(op.operands[0])
    offset, *rest = [f.part(v) for v in op.operands[1:]]
    # Not `inbounds`: a view without items may start anywhere.
    data = parts[1] if offset == "0" else f.value(f"getelementptr i8, ptr {parts[1]}, i64 {offset}")
    return [parts[0], data, *rest]


def retain(f: GraphText, values: Sequence[Value]) -> None:
    """One more count for each array in the values."""
    for value in values:
        for owner in f.owners(value):
            f.do(f"call void {f.module.runtime('rt.retain')}(ptr {owner})")


@lowers("retain")
def _retain(f: GraphText, op: Op) -> None:
    retain(f, op.operands)


@lowers("release")
def _release(f: GraphText, op: Op) -> None:
    f.release(f.owners(op.operands[0]))


@lowers("overlaps")
def _overlaps(f: GraphText, op: Op) -> Parts:
    (written, strides), (read, other_strides) = ((v, array_strides(f, v.type, f.parts(v))) for v in op.operands)
    lengths, other_lengths = (f.parts(v)[2 : 2 + v.type.ndim] for v in (written, read))
    low, high = _extent(f, written, lengths, strides)
    other_low, other_high = _extent(f, read, other_lengths, other_strides)
    conditions = [f.value(f"icmp ult ptr {low}, {other_high}"), f.value(f"icmp ult ptr {other_low}, {high}")]
    conditions += [f.value(f"icmp ne i64 {length}, 0") for length in (*lengths, *other_lengths)]
    if written.type.ndim == read.type.ndim and abi.item_size(written.type) == abi.item_size(read.type):
        pairs = [*zip(lengths, other_lengths), *zip(strides, other_strides)]
        differ = [f.value(f"icmp ne ptr {f.parts(written)[1]}, {f.parts(read)[1]}")]
        conditions.append(_any(f, differ + [f.value(f"icmp ne i64 {a}, {b}") for a, b in pairs]))
    return [f.both(conditions)]


def _extent(f: GraphText, array: Value, lengths: Parts, strides: Parts) -> tuple[str, str]:
    """The first address that an array with items uses, and the one behind its last."""
    data = f.parts(array)[1]
    below, above = "0", str(abi.item_size(array.type))
    for length, stride in zip(lengths, strides):
        reach = f.value(f"mul i64 {f.value(f'sub i64 {length}, 1')}, {stride}")
        if array.type.layout == "A":
            below = f.value(f"add i64 {below}, {f.intrinsic('llvm.smin', 'i64', ['0', reach])}")
            reach = f.intrinsic("llvm.smax", "i64", ["0", reach])
        above = f.value(f"add i64 {above}, {reach}")
    return tuple(f.value(f"getelementptr i8, ptr {data}, i64 {offset}") for offset in (below, above))


@lowers("broadcast")
def _broadcast(f: GraphText, op: Op) -> Parts:
    lengths = [f.part(v) for v in op.operands]
    ranks, into = op.attributes["ranks"], op.attributes["into"]
    exception = _misfit(ranks, into)
    if ranks == (1, 1) and not into:
        return [_common_length(f, op, lengths, exception)]
    shapes = _shapes(ranks, lengths)
    conditions: list[str] = []
    result = list(shapes[1]) if into else _common_shape(f, shapes, conditions)
    if into:
        for length, wanted in zip(shapes[0][::-1], shapes[1][::-1]):
            conditions.append(_fits(f, length, wanted))
    if conditions:
        _raise_unless(f, f.both(conditions), op, exception, lengths)
    return result


def _common_length(f: GraphText, op: Op, lengths: Parts, exception: ExceptionTemplate) -> str:
    """The length that two are stretched to. Nearly all are the same, and the runtime looks at others."""
    n, m = lengths
    if n == m:
        return n
    before, apart, ready = f.label, f.new_label("differ"), f.new_label("ready")
    f.do(f"br i1 {f.value(f'icmp eq i64 {n}, {m}')}, label %{ready}, label %{apart}, !prof !0")
    f.start(apart)
    f.module.record_values = max(f.module.record_values, 2)
    site = f.module.errors.add(Site(op.span, exception, (int64,) * 2))
    found = f.value(f"call i64 {f.module.runtime('rt.broadcast')}(ptr %error, i64 {n}, i64 {m}, i32 {site})")
    f.do(f"br i1 {f.value(f'icmp sge i64 {found}, 0')}, label %{ready}, label %{f.failure(RAISED)}, !prof !0")
    f.start(ready)
    return f.value(f"phi i64 [{n}, %{before}], [{found}, %{apart}]")


def _fits(f: GraphText, length: str, wanted: str) -> str:
    return f.value(f"or i1 {f.value(f'icmp eq i64 {length}, {wanted}')}, {f.value(f'icmp eq i64 {length}, 1')}")


def _common_shape(f: GraphText, shapes: Sequence[Parts], conditions: list[str]) -> list[str]:
    """The common shape, if the conditions that are added hold."""
    result: list[str] = []  # from the last axis to the first
    for shape in shapes:
        for i, length in enumerate(reversed(shape)):
            if i == len(result):
                result.append(length)
            elif length != result[i]:
                so_far = result[i]
                single = f.value(f"icmp eq i64 {so_far}, 1")
                conditions.append(f.value(f"or i1 {single}, {_fits(f, length, so_far)}"))
                result[i] = f.value(f"select i1 {single}, i64 {length}, i64 {so_far}")
    return result[::-1]


def _shapes(ranks: Sequence[int], lengths: Sequence) -> list[list]:
    rest = iter(lengths)
    return [[next(rest) for _ in range(rank)] for rank in ranks]


def _misfit(ranks: Sequence[int], into: bool) -> ExceptionTemplate:
    """The ValueError for shapes that do not fit, which are its placeholders."""
    texts = [_shape_text(shape) for shape in _shapes(ranks, range(sum(ranks)))]
    if into:
        parts = ["could not broadcast input array from shape ", *texts[0], " into shape ", *texts[1]]
    else:
        parts = ["operands could not be broadcast together with shapes ", *(p for text in texts for p in (*text, " "))]
    return ExceptionTemplate(ValueError, (FormattedText(tuple(parts)),))


def _shape_text(numbers: Sequence[int]) -> list[str | FormattedPart]:
    """A shape as NumPy's messages show it, of the placeholders with these numbers."""
    parts: list[str | FormattedPart] = ["("]
    for number in numbers:
        parts += [FormattedPart(Placeholder(number)), ","]
    if len(numbers) > 1:
        parts.pop()
    return [*parts, ")"]


@lowers("copy")
def _copy(f: GraphText, op: Op) -> None:
    target, source = op.operands
    ndim = target.type.ndim
    lengths, own = (f.parts(v)[2 : 2 + ndim] for v in (target, source))
    if lengths == own and target.type.layout == source.type.layout != "A":
        size = str(abi.item_size(target.type))
        for length in lengths:
            size = f.value(f"mul i64 {size}, {length}")
        f.module.declare("llvm.memcpy.p0.p0.i64", "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        f.do(f"call void @llvm.memcpy.p0.p0.i64(ptr {f.parts(target)[1]}, ptr {f.parts(source)[1]}, i64 {size}, i1 false)")
        return
    strides, source_strides = (array_strides(f, v.type, f.parts(v)) for v in (target, source))
    stretched = [f.value(f"icmp eq i64 {length}, 1") for length in own]
    source_strides = [f.value(f"select i1 {one}, i64 0, i64 {stride}") for one, stride in zip(stretched, source_strides)]
    tables = [_table(f, numbers) for numbers in (lengths, strides, source_strides)]
    addresses = ", ".join(f"ptr {p}" for p in (f.parts(target)[1], f.parts(source)[1], *tables))
    f.do(f"call void {f.module.runtime('rt.copy')}({addresses}, i64 {ndim}, i64 {abi.item_size(target.type)})")
