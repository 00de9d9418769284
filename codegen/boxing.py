"""Machine values to Python objects of exactly the type that Python would have given, in LLVM text."""

from __future__ import annotations

from collections.abc import Sequence

from codegen import abi, objects
from codegen.text import FunctionText
from ir import types as t
from ir.records import Record, RecordItem


def box(f: FunctionText, type: t.Type, parts: Sequence[str]) -> str:
    """A new reference to the Python object, or null with a Python exception set.

    One count of each array in the value is taken over, also if boxing fails.
    """
    if isinstance(type, t.Scalar):
        return _box_weak(f, type, parts) if type.weak else _box_numpy(f, type, parts)
    if isinstance(type, t.NoneType):
        return _reference(f, f.module.known_object("py.None"))
    if isinstance(type, t.Optional):
        return _box_optional(f, type, parts)
    if isinstance(type, t.Tuple):
        return _box_tuple(f, type, parts)
    if isinstance(type, t.Object):
        return f.value(f"getelementptr i8, ptr {parts[0]}, i64 -{abi.COUNTED}")
    if isinstance(type, t.Array):
        return _box_array(f, type, parts)
    raise NotImplementedError(f"no Python object for {type}")


def _reference(f: FunctionText, pointer: str) -> str:
    return f.value(f"call ptr {f.module.runtime('rt.box_object')}(ptr {pointer})")


def _box_weak(f: FunctionText, type: t.Scalar, parts: Sequence[str]) -> str:
    m = f.module
    if isinstance(type, t.Boolean):
        true, false = m.known_object("py.True"), m.known_object("py.False")
        return _reference(f, f.value(f"select i1 {parts[0]}, ptr {true}, ptr {false}"))
    if isinstance(type, t.Integer):
        return f.value(f"call ptr {m.function('PyLong_FromLongLong', 'ptr', 'i64')}(i64 {parts[0]})")
    if isinstance(type, t.Float):
        return f.value(f"call ptr {m.function('PyFloat_FromDouble', 'ptr', 'double')}(double {parts[0]})")
    make = m.function("PyComplex_FromDoubles", "ptr", "double, double")
    return f.value(f"call ptr {make}(double {parts[0]}, double {parts[1]})")


def _box_numpy(f: FunctionText, type: t.Scalar, parts: Sequence[str]) -> str:
    m = f.module
    if isinstance(type, t.Boolean):
        true, false = m.known_object("np.True"), m.known_object("np.False")
        return _reference(f, f.value(f"select i1 {parts[0]}, ptr {true}, ptr {false}"))
    size = t.dtype_of(type).itemsize
    memory = f.allocate(f"[{size} x i8]" if not isinstance(type, t.Time) else "[16 x i8]")
    f.store_each(memory, abi.components(type), parts, size // len(parts))
    if isinstance(type, t.Time):
        size = 16
        f.store_each(f.offset(memory, 8), ("i32", "i32"), tuple(map(str, objects.time_metadata(type))), 4)
    made_of = m.known_object(objects.class_symbol(type))
    return f.value(f"call ptr {m.runtime('rt.box_numpy')}(ptr {made_of}, ptr {memory}, i64 {size})")


def _box_optional(f: FunctionText, type: t.Optional, parts: Sequence[str]) -> str:
    some, nothing, done = f.new_label("some"), f.new_label("nothing"), f.new_label("boxed")
    f.do(f"br i1 {parts[0]}, label %{some}, label %{nothing}")
    f.start(some)
    value = box(f, type.value, parts[1:])
    some_end = f.label
    f.jump(done)
    f.start(nothing)
    none = _reference(f, f.module.known_object("py.None"))
    f.jump(done)
    f.start(done)
    return f.value(f"phi ptr [{value}, %{some_end}], [{none}, %{nothing}]")


def box_all(f: FunctionText, types: Sequence[t.Type], parts: Sequence[str]) -> str:
    """The address of an array of new references, some null with a Python exception set if boxing fails.

    All are made even if one fails: who takes them over releases them.
    """
    memory = f.allocate(f"[{max(len(types), 1)} x ptr]")
    start = 0
    for i, type in enumerate(types):
        end = start + len(abi.components(type))
        item = box(f, type, parts[start:end])
        f.do(f"store ptr {item}, ptr {f.offset(memory, 8 * i)}")
        start = end
    return memory


def _box_tuple(f: FunctionText, type: t.Tuple, parts: Sequence[str]) -> str:
    m = f.module
    memory = box_all(f, type.items, parts)
    if isinstance(type, t.Slice):
        return f.value(f"call ptr {m.runtime('rt.box_slice')}(ptr {memory})")
    made_of = m.object(type.instance_class) if isinstance(type, t.NamedTuple) else m.known_object("py.tuple")
    return f.value(f"call ptr {m.runtime('rt.box_tuple')}(ptr {made_of}, ptr {memory}, i64 {len(type.items)})")


def dtype_object(f: FunctionText, type: t.Array) -> str:
    """The dtype of an array. NumPy has one object only for its dtypes of numbers."""
    if type.dtype in t.NUMPY_SCALARS:
        return f.module.known_object(f"np.dtype.{type.dtype.name}")
    return f.module.object(t.dtype_of(type.dtype))


def _box_array(f: FunctionText, type: t.Array, parts: Sequence[str]) -> str:
    owner, data, *rest = parts
    shape = f.allocate(f"[{max(type.ndim, 1)} x i64]")
    strides = f.allocate(f"[{max(type.ndim, 1)} x i64]")
    axes = ["i64"] * type.ndim
    f.store_each(shape, axes, rest[: type.ndim])
    f.store_each(strides, axes, array_strides(f, type, parts))
    descr = dtype_object(f, type)
    flags = 0 if type.readonly else objects.FLAG_WRITEABLE
    arguments = f"ptr {owner}, ptr {data}, ptr {shape}, ptr {strides}, i64 {type.ndim}, ptr {descr}, i32 {flags}"
    made = f.value(f"call ptr {f.module.runtime('rt.box_array')}({arguments})")
    if not isinstance(type.dtype, Record):
        return made
    kind = "rt.as_item" if isinstance(type, RecordItem) else "rt.as_recarray" if type.dtype.attributes else None
    return made if kind is None else f.value(f"call ptr {f.module.runtime(kind)}(ptr {made})")


def array_strides(f: FunctionText, type: t.Array, parts: Sequence[str]) -> list[str]:
    """The strides in bytes of an array: its own components, or what its layout and shape make them."""
    if type.layout == "A":
        return list(parts[2 + type.ndim :])
    shape = parts[2 : 2 + type.ndim]
    lengths = shape[:0:-1] if type.layout == "C" else shape[:-1]
    strides = [str(abi.item_size(type))][: type.ndim]
    for length in lengths:
        strides.append(f.value(f"mul i64 {strides[-1]}, {length}"))
    return strides[::-1] if type.layout == "C" else strides
