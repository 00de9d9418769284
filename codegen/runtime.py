"""Functions shared by all compiled code, in LLVM IR, compiled once in a process at first use.

They convert between Python objects and machine values, hand errors to Python, and are the slots of the callable
native type. What is here is small, or slow anyway, and so need not be compiled again into every entry point.
"""

from __future__ import annotations

import ctypes
import sys
from typing import NamedTuple

import numpy as np

from codegen import objects
from codegen import runtime_arrays as arrays
from codegen import runtime_calls as calls
from codegen import runtime_memory as memory
from codegen import runtime_values as values
from codegen.effort import Effort
from codegen.engine import engine
from ir.forking import llvm_lock
from codegen.signals import signals_pending
from codegen.stack import stack_limit

_MAKES = "willreturn memory(argmem: readwrite, inaccessiblemem: readwrite)"  # new memory, and notes in an error record
SIGNATURES = {
    "rt.unbox_int": "{i64, i1} @rt.unbox_int(ptr)",
    "rt.box_tuple": "ptr @rt.box_tuple(ptr, ptr, i64)",
    "rt.box_slice": "ptr @rt.box_slice(ptr)",
    "rt.box_array": "ptr @rt.box_array(ptr, ptr, ptr, ptr, i64, ptr, i32)",
    "rt.alloc": "noalias ptr @rt.alloc(i64, i1)",
    "rt.alloc_array": f"noalias align 64 ptr @rt.alloc_array(ptr, i64, i64, i64, i1, i32) {_MAKES}",
    "rt.alloc_axes": f"noalias align 64 ptr @rt.alloc_axes(ptr, ptr, i64, i64, i1, i32) {_MAKES}",
    "rt.broadcast": "i64 @rt.broadcast(ptr, i64, i64, i32) willreturn memory(argmem: write) cold",
    "rt.stretch_item": f"noalias ptr @rt.stretch_item(ptr, ptr, i64, i64, i32) {_MAKES} cold",
    "rt.stretch": f"noalias ptr @rt.stretch(ptr, ptr, ptr, i64, i64, i32) {_MAKES} cold",
    "rt.retain": "void @rt.retain(ptr)",
    "rt.release": "void @rt.release(ptr)",
    "rt.release_two": "void @rt.release_two(ptr, ptr)",
    "rt.release_four": "void @rt.release_four(ptr, ptr, ptr, ptr)",
    "rt.handler_malloc": "ptr @rt.handler_malloc(ptr, i64)",
    "rt.handler_calloc": "ptr @rt.handler_calloc(ptr, i64, i64)",
    "rt.handler_realloc": "ptr @rt.handler_realloc(ptr, ptr, i64)",
    "rt.handler_free": "void @rt.handler_free(ptr, ptr, i64)",
    "rt.is_dtype": "i1 @rt.is_dtype(ptr, ptr)",
    "rt.as_item": "ptr @rt.as_item(ptr)",
    "rt.as_recarray": "ptr @rt.as_recarray(ptr)",
    "rt.box_object": "ptr @rt.box_object(ptr)",
    "rt.box_numpy": "ptr @rt.box_numpy(ptr, ptr, i64)",
    "rt.copy": "void @rt.copy(ptr, ptr, ptr, ptr, ptr, i64, i64)",
    "rt.interpret": "ptr @rt.interpret(ptr, ptr, i64)",
    **{name: f"ptr @{name}(ptr, ptr, i64)" for name in ("rt.set_cell", *values.OF_THE_INTERPRETER)},
    "rt.call_method": "{ptr, i1} @rt.call_method(ptr, ptr, ptr, i64)",
    "rt.complete": "ptr @rt.complete(ptr)",
    "rt.call_python": "i32 @rt.call_python(ptr, ptr, i64)",
    "rt.fail": "ptr @rt.fail(ptr, ptr, i32)",
    "rt.push_call": "void @rt.push_call(ptr, i32)",
    "rt.poll": "i32 @rt.poll() memory(inaccessiblemem: readwrite) cold",
    "rt.poll_unlocked": "i32 @rt.poll_unlocked() memory(inaccessiblemem: readwrite) cold",
    "rt.stack_limit": "ptr @rt.stack_limit()",
    "rt.dispatch": "ptr @rt.dispatch(ptr, ptr, i64, ptr)",
    "rt.new": "ptr @rt.new(ptr, ptr, ptr)",
    "rt.traverse": "i32 @rt.traverse(ptr, ptr, ptr)",
    "rt.clear": "i32 @rt.clear(ptr)",
    "rt.descr_get": "ptr @rt.descr_get(ptr, ptr, ptr)",
}
_RELEASES = ("rt.release", "rt.release_two", "rt.release_four")
WITHOUT_OBJECTS = {
    "rt.retain": "willreturn memory(argmem: readwrite)",
    **dict.fromkeys(_RELEASES, "willreturn memory(argmem: readwrite, inaccessiblemem: readwrite)"),
}
"""What holds of the counts where only blocks are counted: the count is all of their memory that compiled code could see.
The last reference to a Python object, on the other hand, may be followed by anything."""
_HOT_DECLARATIONS = """
declare i64 @PyLong_AsLongLongAndOverflow(ptr, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare void @PyErr_SetString(ptr, ptr)
declare void @PyErr_SetObject(ptr, ptr)
declare ptr @PyObject_Call(ptr, ptr, ptr)
declare i32 @PyGILState_Ensure()
declare void @PyGILState_Release(i32)
@py.None = external global i8
@rt.deferred = external global i8
@py.int = external global i8
@py.TypeError = external global i8
"""
_COLD_DECLARATIONS = """
declare ptr @rt.dispatch(ptr, ptr, i64, ptr)
declare ptr @rt.complete(ptr)
@rt.deferred = external global i8
declare ptr @PyLong_FromVoidPtr(ptr)
declare ptr @PyLong_AsVoidPtr(ptr)
declare ptr @PyTuple_New(i64)
declare ptr @PySlice_New(ptr, ptr, ptr)
declare ptr @PyType_GenericAlloc(ptr, i64)
declare ptr @PyType_GenericNew(ptr, ptr, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare ptr @PyObject_VectorcallMethod(ptr, ptr, i64, ptr)
declare ptr @_PyType_Lookup(ptr, ptr)
declare i32 @PyCell_Set(ptr, ptr)
declare ptr @PyIter_Next(ptr)
declare ptr @PyErr_Occurred()
@py.method_descriptor = external global i8
declare void @PyErr_Fetch(ptr, ptr, ptr)
declare void @PyErr_NormalizeException(ptr, ptr, ptr)
declare void @PyErr_SetObject(ptr, ptr)
declare void @PyErr_Clear()
declare i32 @PyException_SetTraceback(ptr, ptr)
declare ptr @PyMethod_New(ptr, ptr)
declare ptr @PyThreadState_GetDict()
declare ptr @PyDict_GetItemWithError(ptr, ptr)
declare i32 @PyDict_SetItem(ptr, ptr, ptr)
declare i32 @Py_MakePendingCalls()
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare i32 @PyGILState_Ensure()
declare void @PyGILState_Release(i32)
@signals.pending = external global i32
declare ptr @PyArray_NewFromDescr(ptr, ptr, i32, ptr, ptr, ptr, i32, ptr)
declare i32 @PyArray_SetBaseObject(ptr, ptr)
declare i8 @PyArray_EquivTypes(ptr, ptr)
declare ptr @PyArray_Return(ptr)
declare ptr @PyArray_View(ptr, ptr, ptr)
@np.void = external global i8
@np.record = external global i8
@np.recarray = external global i8
@py.tuple = external global i8
@py.None = external global i8
@np.ndarray = external global i8
declare noalias ptr @rt.alloc(i64, i1)
declare void @rt.release(ptr)
@memory.handler = external global i8
@stack.key = external global i8
@stack.measure = external global i8
"""

_HAS_VECTORCALL = sys.version_info >= (3, 11)
_HOT = ("rt.unbox_int", "rt.dispatch", "rt.complete", "rt.copy", "rt.alloc", "rt.alloc_array", "rt.alloc_axes", "rt.broadcast", "rt.stretch_item", "rt.stretch", "rt.retain", *_RELEASES)
_HOT += () if _HAS_VECTORCALL else ("PyObject_Vectorcall",)


def hot_text() -> str:
    """The LLVM IR of what every call goes through."""
    vectorcall = "declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)\n" if _HAS_VECTORCALL else calls.VECTORCALL_310
    return "".join([_HOT_DECLARATIONS, vectorcall, values.unbox_int(), memory.BLOCKS, arrays.NEW, arrays.COPY, arrays.STRETCH, calls.DISPATCH])


def cold_text() -> str:
    """The LLVM IR of the rest: compiled without optimization, as it is written in optimal form and calls into Python."""
    boxing = [values.ARRAYS, memory.HANDLER, memory.BOXING]
    return "".join([_COLD_DECLARATIONS, values.ITEMS, values.ITERATION, *boxing, calls.ERRORS, calls.POLL, calls.CALLABLE, calls.traverse()])


class Runtime(NamedTuple):
    """The compiled shared functions, what they refer to, and the names of the libraries to link with for both."""

    addresses: dict[str, int]
    libraries: tuple[str, str]
    kept: tuple


def _make_runtime() -> Runtime:
    objects.check_layouts()
    key = "tracer: lowest usable stack address"
    handler = memory.MemoryHandler()
    capsule = objects.handler_capsule(handler)
    ours = {"stack.key": key, "stack.measure": stack_limit, "rt.deferred": objects.Deferred, "memory.handler": capsule}
    addresses = objects.addresses() | {name: id(value) for name, value in ours.items()}
    addresses["signals.pending"] = signals_pending() or ctypes.addressof(_no_signal)
    addresses["blocks.tracked"] = ctypes.addressof(_tracked)
    python = engine().define_symbols(addresses)
    hot = engine().compile(hot_text(), _HOT, libraries=[python.name], persist=True)
    cold = engine().compile(
        cold_text(), [name for name in SIGNATURES if name not in _HOT], hot.addresses, [python.name], Effort.NONE,
        persist=True,
    )
    addresses = hot.addresses | cold.addresses
    handler.fill(addresses)
    shared = engine().define_symbols(addresses)
    made = Runtime(addresses, (python.name, shared.name), (python, hot, cold, shared, key, stack_limit, handler, capsule))
    # Arrays may outlive this module when the interpreter ends, and give back their memory through the handler.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(made))
    return made


_tracked = (ctypes.c_int64 * 2)()
_no_signal = ctypes.c_int32()  # is polled where Python's own flag was not found: signals are then handled after the call
_runtime: list[Runtime] = []


def runtime() -> Runtime:
    """The shared functions of this process."""
    if not _runtime:
        with llvm_lock:  # for all of it: a child of `fork` has none of it or all
            if not _runtime:
                _runtime.append(_make_runtime())
    return _runtime[0]


def track_blocks() -> None:
    """Count from now on how many blocks of memory there are: for tests, as it costs each allocation some time."""
    _tracked[0] = 1


def live_blocks() -> int:
    """How many more blocks there are than when `track_blocks` was called."""
    return _tracked[memory.TRACKED_LIVE // 8]


def array_at(
    owner: int, data: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype, writeable: bool
) -> np.ndarray:
    """The ndarray that the components of an array describe, as compiled code returns it to Python."""
    axes = ctypes.c_int64 * max(len(shape), 1)
    box = ctypes.PYFUNCTYPE(
        ctypes.py_object, ctypes.c_void_p, ctypes.c_void_p, axes, axes, ctypes.c_int64, ctypes.py_object, ctypes.c_int
    )(runtime().addresses["rt.box_array"])
    flags = objects.FLAG_WRITEABLE if writeable else 0
    return box(owner, data, axes(*shape), axes(*strides), len(shape), dtype, flags)
