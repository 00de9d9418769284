"""The type of every kind of value, and what is said of values that have none."""

import collections
import enum
import typing

import numpy as np
import pytest

from ir import types
from tracer.typeof import UnsupportedValue, typeof

pytestmark = pytest.mark.quick_cases(None)

Point = collections.namedtuple("Point", "x y")


class Pair(typing.NamedTuple):
    first: int
    second: float = 0.0


class Level(enum.IntEnum):
    LOW = 1


class Length(float):
    pass


class Triple(tuple):
    pass


class Frame:
    def to_numpy(self):
        return np.zeros(1)


class Tensor:
    def __array__(self):
        return np.zeros(1)


SCALARS = [
    (True, types.boolean), (1, types.int64), (-(2**63), types.int64), (2**100, types.int64), (1.5, types.float64),
    (float("nan"), types.float64), (1j, types.complex128), (None, types.none), (np.True_, types.np_bool),
    (np.int8(1), types.int8), (np.int16(1), types.int16), (np.int32(1), types.int32), (np.int64(1), types.np_int64),
    (np.uint8(1), types.uint8), (np.uint16(1), types.uint16), (np.uint32(1), types.uint32), (np.uint64(1), types.uint64),
    (np.float32(1), types.float32), (np.float64(1), types.np_float64), (np.complex64(1), types.complex64),
    (np.complex128(1), types.np_complex128),
    # NumPy's other names for the same widths
    (np.longlong(1), types.np_int64), (np.ulonglong(1), types.uint64), (np.intc(1), types.int32), (np.intp(1), types.np_int64),
    (np.bool_(0), types.np_bool), (np.double(1), types.np_float64),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), SCALARS, ids=lambda x: repr(x)[:40])
def test_scalar(value, expected):
    assert typeof(value) is expected


def test_python_and_numpy_scalars_differ():
    assert typeof(1.0) is not typeof(np.float64(1.0))
    assert typeof(1) is not typeof(np.int64(1))


@pytest.mark.parametrize("scalar", types.NUMPY_SCALARS, ids=str)
def test_array_item_has_the_type_that_the_array_says(scalar):
    array = np.zeros(2, types.dtype_of(scalar))
    assert typeof(array).item is typeof(array[0]) is scalar


TUPLES = [
    (slice(3), "slice(none, int64, none)"), (slice(np.uint8(1), True, 2), "slice(uint8, bool, int64)"), (slice(np.longlong(1)), "slice(none, np.int64, none)"),
    ((), "()"), ((1,), "(int64,)"), ((1, 2.0, None), "(int64, float64, none)"), (((1, True), np.int8(2)), "((int64, bool), int8)"),
    ((np.zeros(2), 1), "(float64[::1], int64)"), (Point(1, 2.0), "Point(x: int64, y: float64)"),
    (Point((1,), Point(1, 2)), "Point(x: (int64,), y: Point(x: int64, y: int64))"), (Pair(1), "Pair(first: int64, second: float64)"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), TUPLES, ids=[text for _, text in TUPLES])
def test_tuple(value, expected):
    assert str(typeof(value)) == expected
    assert typeof(value) is typeof(value)


def test_namedtuples_of_different_classes_differ():
    other = collections.namedtuple("Point", "x y")
    assert typeof(Point(1, 2)) is not typeof(other(1, 2))
    assert typeof(Point(1, 2)) is not typeof((1, 2))


def readonly(array):
    array.flags.writeable = False
    return array


matrix, cube = np.zeros((4, 5)), np.zeros((2, 3, 4))
ARRAYS = [
    ("0-d", np.zeros(()), "float64[()]"),
    ("1-d", np.zeros(3), "float64[::1]"),
    ("1-d, empty", np.zeros(0), "float64[::1]"),
    ("1-d, stepped", np.zeros(6)[::2], "float64[:]"),
    ("1-d, reversed", np.zeros(6)[::-1], "float64[:]"),
    ("1-d, one item of a stepped array", np.zeros(6)[::6], "float64[::1]"),
    ("1-d, broadcast", np.broadcast_to(1.0, 3), "readonly float64[:]"),
    ("2-d", matrix, "float64[:, ::1]"),
    ("2-d, Fortran", np.asfortranarray(matrix), "float64[::1, :]"),
    ("2-d, transposed", matrix.T, "float64[::1, :]"),
    ("2-d, part", matrix[:, 1:], "float64[:, :]"),
    ("2-d, rows", matrix[1:3], "float64[:, ::1]"),
    ("2-d, one row", matrix[:1], "float64[:, ::1]"),
    ("2-d, one row, transposed", matrix[:1].T, "float64[:, ::1]"),
    ("2-d, one column", matrix[:, :1], "float64[:, :]"),
    ("2-d, empty", matrix[:0], "float64[:, ::1]"),
    ("2-d, empty part", matrix[:, :0], "float64[:, ::1]"),
    ("3-d, axes swapped", cube.swapaxes(1, 2), "float64[:, :, :]"),
    ("3-d, Fortran", cube.T, "float64[::1, :, :]"),
    ("32-d", np.zeros((1,) * 32), f"float64[{', '.join([':'] * 31)}, ::1]"),
    ("bool", np.zeros(3, bool), "bool[::1]"),
    ("int64", np.zeros(3, "q"), "int64[::1]"),
    ("complex64", np.zeros((3, 3), "F"), "complex64[:, ::1]"),
    ("read-only", readonly(np.zeros(3)), "readonly float64[::1]"),
    ("of bytes", np.frombuffer(b"12345678"), "readonly float64[::1]"),
    ("unaligned", np.zeros(9, np.uint8)[1:].view(np.float64), "unaligned float64[::1]"),
    ("dates", np.zeros((2, 3), "M8[D]"), "datetime64[D][:, ::1]"),
    ("a length of time", np.timedelta64(1, "25s"), "timedelta64[25s]"),
    ("a length of time of any unit", np.timedelta64(1), "timedelta64[generic]"),
    ("field of a record", np.zeros(3, [("a", "i1"), ("b", "f8")])["b"], "unaligned float64[:]"),
    ("dtype with metadata", np.zeros(3, np.dtype("f8", metadata={"unit": "m"})), "float64[::1]"),
]


@pytest.mark.parametrize(("array", "expected"), [a[1:] for a in ARRAYS], ids=[a[0] for a in ARRAYS])
def test_array(array, expected):
    assert str(typeof(array)) == expected
    assert typeof(array) is typeof(array)


def test_array_type_follows_the_flags():
    array = np.zeros(3)
    assert not typeof(array).readonly
    array.flags.writeable = False
    assert typeof(array).readonly


def test_memory_mapped_array_is_an_array(tmp_path):
    mapped = np.memmap(tmp_path / "data", np.float32, "w+", shape=(2, 3))
    assert typeof(mapped) is typeof(np.zeros((2, 3), np.float32))


def test_type_is_its_own_type():
    assert typeof(types.float64[:]) is types.float64[:]
    assert typeof((types.int64, 1.0)) is types.Tuple((types.int64, types.float64))


REFUSED = [
    (np.array([None]), "object dtype holds Python objects, not numbers", ".astype(np.float64)"),
    (np.array(["a", "bcd"]), "dtype <U3 holds strings, not numbers", "np.unique"),
    (np.array([b"a"]), "dtype |S1 holds byte strings, not numbers", ".view(np.uint8)"),
    (np.zeros(2, ">M8[D]"), "dtype >M8[D] is in the byte order of another kind of machine", ".astype('datetime64[D]')"),
    (np.zeros(2, [("a", "O")]), "structured dtype [('a', '|O')] holds Python objects", "separate arrays"),
    (np.zeros(2, [("a" * 100, "O")]), "...", "separate arrays"),
    (np.zeros(2, [(("title", "a"), "<i4")])[0], "has titles of fields", "separate arrays"),
    (np.zeros(2, "V3"), "dtype void24 holds raw bytes, not numbers", ".view(np.uint8)"),
    (np.zeros(2, np.float16), "dtype float16 is not supported", ".astype(np.float32)"),
    (np.float16(1), "dtype float16 is not supported", ".astype(np.float32)"),
    (np.longdouble(1), "dtype float128 is not supported", ".astype(np.float64)"),
    (np.zeros(2, np.clongdouble), "dtype complex256 is not supported", ".astype(np.complex128)"),
    (np.zeros(2, ">f8"), "dtype >f8 is in the byte order of another kind of machine", ".astype(np.float64)"),
    (np.zeros(2, ">i2"), "dtype >i2 is in the byte order of another kind of machine", ".astype(np.int16)"),
    (np.zeros((1, 1)).view(np.matrix), "numpy.matrix is a subclass of np.ndarray with rules of its own", "np.asarray"),
    (np.ma.array([1]), "is a subclass of np.ndarray with rules of its own", ".mask"),
    (np.zeros(3).view(np.recarray), "is a subclass of np.ndarray with rules of its own", "np.rec.array"),
    ([1], "lists are not supported as arguments", "np.array"),
    ({}, "dicts are not supported as arguments", "np.array"),
    ({1}, "sets are not supported as arguments", "np.array"),
    ("a", "strings are not supported as arguments", "global"),
    (b"a", "bytes are not supported as arguments", "np.frombuffer"),
    (range(3), "ranges are not supported as arguments", "start, stop and step"),
    (slice(1.5), "the parts of a slice are integers or None", "start, stop and step"),
    (slice("a", None), "the parts of a slice are integers or None", "start, stop and step"),
    (Level.LOW, "test_typeof.Level is a subclass of int with rules of its own", "int(...)"),
    (Length(1), "test_typeof.Length is a subclass of float with rules of its own", "float(...)"),
    (Triple((1, 2, 3)), "test_typeof.Triple is a subclass of tuple but no namedtuple", "tuple(...)"),
    (Frame(), "test_typeof.Frame has no type in compiled code", ".to_numpy()"),
    (Tensor(), "test_typeof.Tensor has no type in compiled code", "np.asarray(...)"),
    (object(), "object has no type in compiled code", "made of"),
    (int, "the class int is not a value", "global"),
    (np.dtype("f8"), "a dtype (float64) is not a value", "global"),
    (np.sin, "the function sin is not a value", "global"),
    (len, "the function len is not a value", "global"),
    (lambda: 0, "the function <lambda> is not a value", "global"),
    (np, "the module numpy is not a value", "global"),
    ((1, (2, "a")), "item 1 of a tuple: item 1 of a tuple: strings are not supported", "global"),
    (Point(1, []), "item 1 of a tuple: lists are not supported", "np.array"),
]


@pytest.mark.parametrize(("value", "reason", "hint"), REFUSED, ids=[f"{type(v).__name__}-{i}" for i, (v, _, _) in enumerate(REFUSED)])
def test_refused(value, reason, hint):
    with pytest.raises(UnsupportedValue) as caught:
        typeof(value)
    assert reason in caught.value.reason
    assert hint in caught.value.hint
    assert "\n" not in caught.value.reason + caught.value.hint
    assert len(caught.value.reason) < 120
