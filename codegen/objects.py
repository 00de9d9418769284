"""Where CPython and NumPy keep things inside their objects, checked against real objects, and the objects' addresses.

All offsets are in bytes from the start of the object, for CPython 3.10 to 3.13 with 64-bit pointers and the
interpreter's lock, and for NumPy 2.
"""

from __future__ import annotations

import ctypes
import struct
import sys

import numpy as np
from numpy._core._multiarray_umath import _ARRAY_API

from codegen.symbols import python_function
from ir import types

TYPE = 8
PAYLOAD = object.__basicsize__  # what follows the header: a float's value, a NumPy scalar's, a complex's real part
TUPLE_SIZE = 16
TUPLE_ITEMS = tuple.__basicsize__
SLICE_PARTS = PAYLOAD  # the start, the stop and the step
LONG_SIZE = 16  # ob_size before 3.12, lv_tag since
LONG_DIGITS = int.__basicsize__
TYPE_VECTORCALL_OFFSET, TYPE_FLAGS, TYPE_ALLOC = 56, 168, 304
HAVE_VECTORCALL = 1 << 11
COUNT_MASK = (1 << 63) - 1  # the top bit of a vectorcall count is PY_VECTORCALL_ARGUMENTS_OFFSET
COMPACT_TAG_LIMIT = 16  # 3.12: lv_tag below this is an int of at most one digit
HAS_LONG_TAG = sys.version_info >= (3, 12)

ARRAY_DATA, ARRAY_NDIM, ARRAY_SHAPE, ARRAY_STRIDES, ARRAY_DESCR, ARRAY_FLAGS, ARRAY_HANDLER = 16, 24, 32, 40, 56, 64, 88
DTYPE_KIND, DTYPE_BYTEORDER, DTYPE_SIZE, DTYPE_ALIGNMENT = 24, 26, 40, 48
TIME_UNIT, TIME_MULTIPLE = PAYLOAD + 8, PAYLOAD + 12  # behind the count of a datetime64 or timedelta64
_TIME_UNITS = ("Y", "M", "W", "", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "generic")  # in NumPy's order
VOID_DATA, VOID_DESCR, VOID_FLAGS = 24, 32, 40  # in a np.void, behind a header with a size
FLAG_C, FLAG_F, FLAG_OWNDATA, FLAG_ALIGNED, FLAG_WRITEABLE = 0x1, 0x2, 0x4, 0x100, 0x400
HANDLER_NAME = b"mem_handler"  # of the capsules in which NumPy keeps memory handlers (NEP 49)

# Places in NumPy's table of C functions; they are part of its ABI and do not change.
_NUMPY_FUNCTIONS = {"PyArray_NewFromDescr": 94, "PyArray_SetBaseObject": 282, "PyArray_EquivTypes": 182, "PyArray_Return": 76, "PyArray_View": 137}

_PYTHON_FUNCTIONS = (
    "PyLong_FromLongLong PyLong_AsLongLongAndOverflow PyLong_FromVoidPtr PyLong_AsVoidPtr PyFloat_FromDouble "
    "PyComplex_FromDoubles PyTuple_New PySlice_New PyType_GenericAlloc PyType_GenericNew Py_IncRef Py_DecRef "
    "PyErr_Fetch PyErr_NormalizeException PyErr_SetObject PyErr_SetString PyErr_Clear PyException_SetTraceback PyMethod_New "
    "PyEval_SaveThread PyEval_RestoreThread PyGILState_Ensure PyGILState_Release PyThreadState_GetDict "
    "PyDict_GetItemWithError PyDict_SetItem PyObject_Call PyObject_IsTrue Py_MakePendingCalls PyObject_VectorcallMethod "
    "_PyType_Lookup PyCell_Set PyIter_Next PyErr_Occurred"
).split()
_PYTHON_FUNCTIONS += ["PyObject_Vectorcall"] if sys.version_info >= (3, 11) else ["PyThreadState_Get", "_PyObject_MakeTpCall"]


class Deferred(tuple):
    """What a slow callable returns for its caller, compiled code, to do without any Python frame on the stack:
    `Deferred((callable, arguments))` is called, `Deferred((None, exception))` is raised."""

    __slots__ = ()


def _word(address: int) -> int:
    return ctypes.c_size_t.from_address(address).value


def _check(condition: bool, what: str) -> None:
    if not condition:
        versions = f"Python {sys.version}, NumPy {np.__version__}"
        raise RuntimeError(f"the memory layout of {what} is not the one this compiler was made for ({versions})")


def _payload(value: object, size: int) -> bytes:
    return ctypes.string_at(id(value) + PAYLOAD, size)


def _compact_int(value: int) -> int | None:
    """`value` read from memory the way compiled code does, or None where it has more than one digit."""
    size, digit = _word(id(value) + LONG_SIZE), ctypes.c_uint32.from_address(id(value) + LONG_DIGITS).value
    if HAS_LONG_TAG:
        return (1 - (size & 3)) * digit if size < COMPACT_TAG_LIMIT else None
    sign = ctypes.c_ssize_t(size).value
    return sign * digit if -1 <= sign <= 1 else None


def check_layouts() -> None:
    """Raise RuntimeError unless real objects look as described above."""
    for small in (0, 1, -1, 255, -300, 2**30 - 1, 1 - 2**30):
        _check(_compact_int(small) == small, "int")
    for large in (2**30, -(2**30), 2**63 - 1, -(2**63), 2**80):
        _check(_compact_int(large) is None, "int")
    _check(_payload(1.5, 8) == struct.pack("d", 1.5), "float")
    _check(_payload(1.5 - 2j, 16) == struct.pack("dd", 1.5, -2), "complex")
    pair = (None, 1.5)
    every_third = slice(None, pair, 3)
    _check(_word(id(pair) + TUPLE_SIZE) == 2 and _word(id(pair) + TUPLE_ITEMS + 8) == id(pair[1]), "tuple")
    _check(_word(id(pair) + TYPE) == id(tuple), "object")
    _check([_word(id(every_third) + SLICE_PARTS + 8 * i) for i in range(3)] == [id(None), id(pair), id(every_third.step)], "slice")
    for t in types.NUMPY_SCALARS:
        value = types.class_of(t)(1)
        _check(_payload(value, value.itemsize) == value.tobytes(), f"numpy.{t.name}")
    for value in (np.timedelta64(-7, "25s"), np.datetime64(3, "as"), np.int64(1).view("m8")):
        fields = struct.unpack("qii", _payload(value, 16))
        _check(fields == (types.time_count(value), *time_metadata(types.from_dtype(value.dtype))), "numpy.timedelta64")
    plain = type("plain", (), {})
    _check(_word(id(plain) + TYPE_FLAGS) == plain.__flags__, "type")
    _check(_word(id(plain) + TYPE_ALLOC) == python_function("PyType_GenericAlloc"), "type")
    _check_array_layout()
    _check_void_layout()
    _check_dtype_layout()


def _check_array_layout() -> None:
    a = np.zeros((3, 5), np.int32)[:, ::2]
    at = id(a)
    shape, strides = _word(at + ARRAY_SHAPE), _word(at + ARRAY_STRIDES)
    flags = FLAG_ALIGNED | FLAG_WRITEABLE
    _check(
        _word(at + ARRAY_DATA) == a.ctypes.data
        and ctypes.c_int.from_address(at + ARRAY_NDIM).value == 2
        and (_word(shape), _word(shape + 8)) == a.shape
        and (_word(strides), _word(strides + 8)) == a.strides
        and _word(at + ARRAY_DESCR) == id(a.dtype)
        and ctypes.c_int.from_address(at + ARRAY_FLAGS).value & (flags | FLAG_C | FLAG_F | FLAG_OWNDATA) == flags,
        "numpy.ndarray",
    )
    owning = a.base
    _check(
        bool(ctypes.c_int.from_address(id(owning) + ARRAY_FLAGS).value & FLAG_OWNDATA)
        and np.ndarray.__basicsize__ == ARRAY_HANDLER + 8 and _word(at + ARRAY_HANDLER) == 0
        and _is_handler(ctypes.py_object.from_address(id(owning) + ARRAY_HANDLER).value),
        "numpy.ndarray",
    )  # fmt: skip


def _check_void_layout() -> None:
    a = np.zeros(2, [("x", "f8"), ("n", "i4")])
    item = a[1]
    at = id(item)
    flags = ctypes.c_int.from_address(at + VOID_FLAGS).value
    _check(
        _word(at + VOID_DATA) == a.ctypes.data + a.itemsize
        and _word(at + VOID_DESCR) == id(item.dtype) and bool(flags & FLAG_WRITEABLE),
        "numpy.void",
    )  # fmt: skip


def _is_handler(capsule: object) -> bool:
    is_valid = ctypes.pythonapi.PyCapsule_IsValid
    is_valid.restype, is_valid.argtypes = ctypes.c_int, [ctypes.py_object, ctypes.c_char_p]
    return bool(is_valid(capsule, HANDLER_NAME))


def handler_capsule(handler: ctypes.Structure) -> object:
    """A capsule for a memory handler, which must live as long as any array made with it."""
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return make(ctypes.addressof(handler), HANDLER_NAME, None)


def _check_dtype_layout() -> None:
    for name in ("<i4", ">f8", "c16", "?"):
        dtype = np.dtype(name)
        at = id(dtype)
        found = ctypes.string_at(at + DTYPE_KIND, 1), ctypes.string_at(at + DTYPE_BYTEORDER, 1), _word(at + DTYPE_SIZE)
        _check(found == (dtype.kind.encode(), dtype.byteorder.encode(), dtype.itemsize), "numpy.dtype")
        _check(_word(at + DTYPE_ALIGNMENT) == dtype.alignment, "numpy.dtype")


def _numpy_functions() -> dict[str, int]:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = get(_ARRAY_API, None)
    return {name: _word(table + 8 * index) for name, index in _NUMPY_FUNCTIONS.items()}


def time_metadata(time: types.Time) -> tuple[int, int]:
    """NumPy's number for the unit of a time, and the multiple of that unit: what a scalar has behind its count."""
    code, multiple = np.datetime_data(types.dtype_of(time))
    return _TIME_UNITS.index(code), multiple


def class_symbol(scalar: types.Scalar) -> str:
    """The name of the class of a scalar in compiled text."""
    if isinstance(scalar, types.Time):
        return f"np.{scalar.kind}"
    return f"py.{types.class_of(scalar).__name__}" if scalar.weak else f"np.{scalar.name}"


def _twins() -> dict[types.Scalar, type]:
    """NumPy's second class of an integer type: `numpy.longlong` where it has the 64 bits of `numpy.int64`."""
    found = {}
    for code in "bhilqBHILQ":
        scalar, numpy_class = types.from_dtype(np.dtype(code)), np.dtype(code).type
        if numpy_class is not types.class_of(scalar):
            found[scalar] = numpy_class
    return found


TWINS = _twins()


def addresses() -> dict[str, int]:
    """Functions and immortal objects of Python and NumPy by the names they have in compiled text."""
    found = {name: python_function(name) for name in _PYTHON_FUNCTIONS}
    found.update(_numpy_functions())
    objects = {"py.None": None, "py.True": True, "py.False": False, "py.tuple": tuple, "py.slice": slice, "py.TypeError": TypeError}
    objects |= {"py.method_descriptor": type(list.append)}
    objects |= {"np.ndarray": np.ndarray, "np.True": np.True_, "np.False": np.False_}
    objects |= {class_symbol(t): types.class_of(t) for t in types.SCALARS}
    objects |= {"np.datetime64": np.datetime64, "np.timedelta64": np.timedelta64}
    objects |= {"np.void": np.void, "np.record": np.record, "np.recarray": np.recarray}
    objects |= {f"np.dtype.{t.name}": types.dtype_of(t) for t in types.NUMPY_SCALARS}
    objects |= {class_symbol(t) + ".twin": twin for t, twin in TWINS.items()}
    return found | {name: id(value) for name, value in objects.items()}
