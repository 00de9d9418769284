"""The entry point of a specialisation: checks and unboxes the arguments of a vectorcall, calls, boxes the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from codegen import abi, objects
from codegen.boxing import box, dtype_object
from codegen.records import MISMATCH, RECORD_DEPTH, RECORD_STACK_LIMIT, RECORD_VALUES
from codegen.text import FunctionText, ModuleText
from ir import types as t
from ir.records import Record, RecordItem

ENTRY = "entry"


class Target(NamedTuple):
    """The compiled function that an entry calls: its name, parameter and result types.

    `can_fail`: it takes the address of an error record first and returns a status first. `guards_stack`: the record
    must hold the stack's limit.
    """

    name: str
    parameters: tuple[t.Type, ...]
    result: t.Type
    can_fail: bool
    guards_stack: bool

    @property
    def result_struct(self) -> str:
        """What the function returns, as LLVM text."""
        return result_struct(self.result, self.can_fail)


def result_struct(result: t.Type, can_fail: bool) -> str:
    """The LLVM type that a function with this result returns: the status if it can fail, and the components."""
    fields = (("i32",) if can_fail else ()) + abi.components(result)
    return f"{{{', '.join(fields)}}}" if fields else "void"


def emit_entry(module: ModuleText, target: Target) -> None:
    """Append the entry for `target` to the module.

    Called as `entry(self, arguments, count, names)` with names null. Returns a new reference; null with a Python
    exception set; or the address 1 if the arguments are not of the parameters' types, with nothing done.
    """
    f = FunctionText(module)
    results = _call(f, target, _arguments(f, target.parameters))
    f.do(f"ret ptr {box(f, target.result, results)}")
    _finish(f)


def emit_forwarding_entry(module: ModuleText, parameters: Sequence[t.Type], function: object) -> None:
    """Append an entry that calls a Python object with the same arguments, if they are of the parameters' types."""
    f = FunctionText(module)
    _arguments(f, parameters)
    call = module.function("PyObject_Vectorcall", "ptr", "ptr, ptr, i64, ptr")
    f.do(f"ret ptr {f.value(f'call ptr {call}(ptr {module.object(function)}, ptr %arguments, i64 %count, ptr null)')}")
    _finish(f)


def _arguments(f: FunctionText, parameters: Sequence[t.Type]) -> list[str]:
    """Check and unbox the arguments."""
    f.start("begin")
    count = f.value(f"and i64 %count, {objects.COUNT_MASK}")
    f.expect(f.value(f"icmp eq i64 {count}, {len(parameters)}"), f.mismatch)
    parts: list[str] = []
    classes = f.module.options.classes or (None,) * len(parameters)
    for i, (type, expected) in enumerate(zip(parameters, classes, strict=True)):
        argument = f.value(f"load ptr, ptr {f.offset('%arguments', 8 * i)}")
        if expected is not None:
            _expect_class(f, argument, f.module.pointer(expected))
        parts += unbox(f, type, argument)
    return parts


def _finish(f: FunctionText) -> None:
    module = f.module
    f.start("mismatch")
    f.do(f"ret ptr {MISMATCH}")
    head = f"define ptr @{ENTRY}(ptr %self, ptr %arguments, i64 %count, ptr %names) nounwind {{"
    module.functions += [head, f.lines[0], *f.allocations, *f.lines[1:], "}"]


def _call(f: FunctionText, target: Target, parts: Sequence[str]) -> list[str]:
    """Call the compiled function, and leave the entry if it fails."""
    m = f.module
    types = [c for p in target.parameters for c in abi.components(p)]
    parameters = ", ".join((["ptr"] if target.can_fail else []) + types)
    m.declare(target.name, f"declare {target.result_struct} @{target.name}({parameters}) nounwind")
    arguments = [f"{c} {v}" for c, v in zip(types, parts)]
    record = "null"
    if target.can_fail:
        record = f.allocate(f"[{RECORD_VALUES + 8 * m.record_values} x i8]")
        f.do(f"store i64 0, ptr {f.offset(record, RECORD_DEPTH)}")
        arguments.insert(0, f"ptr {record}")
    if target.guards_stack:
        limit = f.value(f"call ptr {m.runtime('rt.stack_limit')}()")
        f.do(f"store ptr {limit}, ptr {f.offset(record, RECORD_STACK_LIMIT)}")
    thread = f.value(f"call ptr {m.function('PyEval_SaveThread', 'ptr', '')}()") if m.options.nogil else None
    struct = target.result_struct
    call = f"call {struct} @{target.name}({', '.join(arguments)})"
    result = f.do(call) if struct == "void" else f.value(call)
    if thread:
        f.do(f"call void {m.function('PyEval_RestoreThread', 'void', 'ptr')}(ptr {thread})")
    if target.can_fail:
        _leave_on_failure(f, f.value(f"extractvalue {struct} {result}, 0"), record)
    first = int(target.can_fail)
    return [f.value(f"extractvalue {struct} {result}, {first + i}") for i in range(len(abi.components(target.result)))]


def _leave_on_failure(f: FunctionText, status: str, record: str) -> None:
    failed, done = f.new_label("failed"), f.new_label("succeeded")
    f.do(f"br i1 {f.value(f'icmp eq i32 {status}, 0')}, label %{done}, label %{failed}, !prof !0")
    f.start(failed)
    handler = f.module.object(f.module.errors)
    f.do(f"ret ptr {f.value(f'''call ptr {f.module.runtime('rt.fail')}(ptr {handler}, ptr {record}, i32 {status})''')}")
    f.start(done)


def unbox(f: FunctionText, type: t.Type, pointer: str) -> list[str]:
    """The components of a Python object; goes to the label `f.mismatch` if it is not of the type. Nothing is counted."""
    if isinstance(type, t.Scalar):
        return _unbox_scalar(f, type, pointer)
    if isinstance(type, t.NoneType):
        f.expect(f.value(f"icmp eq ptr {pointer}, {f.module.known_object('py.None')}"), f.mismatch)
        return []
    if isinstance(type, t.Optional):
        return _unbox_optional(f, type, pointer)
    if isinstance(type, t.Tuple):
        return _unbox_tuple(f, type, pointer)
    if isinstance(type, t.Object):
        return [f.offset(pointer, abi.COUNTED)]
    if isinstance(type, t.Array):
        return _unbox_array(f, type, pointer)
    raise NotImplementedError(f"no machine value for {type}")


def _expect_class(f: FunctionText, pointer: str, expected: str, twin: str | None = None) -> None:
    actual = f.value(f"load ptr, ptr {f.offset(pointer, objects.TYPE)}")
    condition = f.value(f"icmp eq ptr {actual}, {expected}")
    if twin is not None:
        condition = f.value(f"or i1 {condition}, {f.value(f'icmp eq ptr {actual}, {twin}')}")
    f.expect(condition, f.mismatch)


def _unbox_scalar(f: FunctionText, type: t.Scalar, pointer: str) -> list[str]:
    m = f.module
    if type is t.int64:
        pair = f.value(f"call {{i64, i1}} {m.runtime('rt.unbox_int')}(ptr {pointer})")
        f.expect(f.value(f"extractvalue {{i64, i1}} {pair}, 1"), f.mismatch)
        return [f.value(f"extractvalue {{i64, i1}} {pair}, 0")]
    if isinstance(type, t.Boolean):
        prefix = "py" if type.weak else "np"
        is_true = f.value(f"icmp eq ptr {pointer}, {m.known_object(prefix + '.True')}")
        is_false = f.value(f"icmp eq ptr {pointer}, {m.known_object(prefix + '.False')}")
        f.expect(f.value(f"or i1 {is_true}, {is_false}"), f.mismatch)
        return [is_true]
    symbol = objects.class_symbol(type)
    _expect_class(f, pointer, m.known_object(symbol), m.known_object(symbol + ".twin") if type in objects.TWINS else None)
    if isinstance(type, t.Time):
        unit = [f.value(f"load i32, ptr {f.offset(pointer, at)}") for at in (objects.TIME_UNIT, objects.TIME_MULTIPLE)]
        f.expect(f.both([f.value(f"icmp eq i32 {u}, {n}") for u, n in zip(unit, objects.time_metadata(type))]), f.mismatch)
    parts = abi.components(type)
    step = t.dtype_of(type).itemsize // len(parts)
    return [f.value(f"load {c}, ptr {f.offset(pointer, objects.PAYLOAD + step * i)}") for i, c in enumerate(parts)]


def _unbox_optional(f: FunctionText, type: t.Optional, pointer: str) -> list[str]:
    value, done = f.new_label("some"), f.new_label("unboxed")
    before = f.label
    nothing = f.value(f"icmp eq ptr {pointer}, {f.module.known_object('py.None')}")
    f.do(f"br i1 {nothing}, label %{done}, label %{value}")
    f.start(value)
    parts = unbox(f, type.value, pointer)
    after = f.label
    f.jump(done)
    f.start(done)
    merged = [f.value(f"phi i1 [false, %{before}], [true, %{after}]")]
    for component, part in zip(abi.components(type.value), parts):
        merged.append(f.value(f"phi {component} [{abi.zero(component)}, %{before}], [{part}, %{after}]"))
    return merged


def _unbox_tuple(f: FunctionText, type: t.Tuple, pointer: str) -> list[str]:
    m = f.module
    if isinstance(type, t.Slice):
        _expect_class(f, pointer, m.known_object("py.slice"))
        return _unbox_items(f, type, pointer, objects.SLICE_PARTS)
    named = isinstance(type, t.NamedTuple)
    _expect_class(f, pointer, m.object(type.instance_class) if named else m.known_object("py.tuple"))
    size = f.value(f"load i64, ptr {f.offset(pointer, objects.TUPLE_SIZE)}")
    f.expect(f.value(f"icmp eq i64 {size}, {len(type.items)}"), f.mismatch)
    return _unbox_items(f, type, pointer, objects.TUPLE_ITEMS)


def _unbox_items(f: FunctionText, type: t.Tuple, pointer: str, at: int) -> list[str]:
    parts: list[str] = []
    for i, item in enumerate(type.items):
        parts += unbox(f, item, f.value(f"load ptr, ptr {f.offset(pointer, at + 8 * i)}"))
    return parts


def _unbox_array(f: FunctionText, type: t.Array, pointer: str) -> list[str]:
    m = f.module
    if isinstance(type, RecordItem):
        return _unbox_record(f, type, pointer)
    has_attributes = isinstance(type.dtype, Record) and type.dtype.attributes
    _expect_class(f, pointer, m.known_object("np.ndarray"), m.known_object("np.recarray") if has_attributes else None)
    ndim = f.value(f"load i32, ptr {f.offset(pointer, objects.ARRAY_NDIM)}")
    flags = f.value(f"load i32, ptr {f.offset(pointer, objects.ARRAY_FLAGS)}")
    mask, expected = abi.array_flags(type, m.options.exact_arguments)
    conditions = [
        f.value(f"icmp eq i32 {ndim}, {type.ndim}"),
        f.value(f"icmp eq i32 {f.value(f'and i32 {flags}, {mask}')}, {expected}"),
    ]
    f.expect(f.both(conditions), f.mismatch)
    _expect_dtype(f, type, f.value(f"load ptr, ptr {f.offset(pointer, objects.ARRAY_DESCR)}"))
    data = f.value(f"load ptr, ptr {f.offset(pointer, objects.ARRAY_DATA)}")
    owner = f.offset(pointer, 1)
    parts = [owner, data, *_load_axes(f, pointer, objects.ARRAY_SHAPE, type.ndim, ", !range !1")]
    return parts + _load_axes(f, pointer, objects.ARRAY_STRIDES, type.ndim, "") if type.layout == "A" else parts


def _unbox_record(f: FunctionText, type: RecordItem, pointer: str) -> list[str]:
    """A `np.void`: the address of its memory."""
    m = f.module
    _expect_class(f, pointer, m.known_object("np.record" if type.dtype.attributes else "np.void"))
    flags = f.value(f"load i32, ptr {f.offset(pointer, objects.VOID_FLAGS)}")
    # A record of a strided array has that array's flags: what they say of strides is not about the record.
    mask, expected = (part & ~(objects.FLAG_C | objects.FLAG_F) for part in abi.array_flags(type, m.options.exact_arguments))
    f.expect(f.value(f"icmp eq i32 {f.value(f'and i32 {flags}, {mask}')}, {expected}"), f.mismatch)
    _expect_dtype(f, type, f.value(f"load ptr, ptr {f.offset(pointer, objects.VOID_DESCR)}"))
    data = f.value(f"load ptr, ptr {f.offset(pointer, objects.VOID_DATA)}")
    return [f.offset(pointer, 1), data]


def _expect_dtype(f: FunctionText, type: t.Array, descr: str) -> None:
    expected = dtype_object(f, type)
    other, done = f.new_label("other"), f.new_label("ok")
    f.do(f"br i1 {f.value(f'icmp eq ptr {descr}, {expected}')}, label %{done}, label %{other}, !prof !0")
    f.start(other)
    same = f.value(f"call i1 {f.module.runtime('rt.is_dtype')}(ptr {descr}, ptr {expected})")
    f.do(f"br i1 {same}, label %{done}, label %{f.mismatch}")
    f.start(done)


def _load_axes(f: FunctionText, pointer: str, field: int, ndim: int, metadata: str) -> list[str]:
    """The integers that a field of an ndarray points to."""
    if not ndim:
        return []
    memory = f.value(f"load ptr, ptr {f.offset(pointer, field)}")
    return [f.value(f"load i64, ptr {f.offset(memory, 8 * axis)}{metadata}") for axis in range(ndim)]
