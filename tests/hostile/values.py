"""The values: each is made anew for each call, by a function without arguments, under a name."""

from __future__ import annotations

import array
import collections
import ctypes
import datetime
import decimal
import enum
import fractions
import functools
import io
import itertools
import math
import mmap
import pathlib
import struct
import sys
import tempfile
import threading
import types
import uuid
import weakref
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided


class Evil(Exception):
    """What the hostile objects raise: it may pass through, and nothing may be made of it."""


Make = Callable[[], Any]


def numbers() -> Iterator[tuple[str, Make]]:
    for bits in (0, 1, 7, 8, 15, 16, 29, 30, 31, 32, 53, 60, 62, 63, 64, 65, 127, 128, 1023, 1024, 10**6):
        for sign, off in itertools.product((1, -1), (-1, 0, 1)):
            yield f"int {sign} * (2**{bits} + {off})", lambda b=bits, s=sign, o=off: s * ((1 << b) + o)
    for text in ("0.0", "-0.0", "1e-320", "-5e-324", "1.7976931348623157e308", "inf", "-inf", "nan", "0.1", "1e300"):
        yield f"float {text}", lambda t=text: float(t)
        yield f"complex {text}", lambda t=text: complex(float(t), -float(t))
        for name in ("float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble"):
            yield f"{name} {text}", lambda t=text, n=name: _quiet(getattr(np, n), float(t))
    for pattern in (0x7FF0000000000001, 0xFFF8DEADBEEF0000, 0x7FFFFFFFFFFFFFFF):
        yield f"float of bits {pattern:x}", lambda p=pattern: struct.unpack("<d", struct.pack("<Q", p))[0]
        yield f"np.float64 of bits {pattern:x}", lambda p=pattern: np.array([p], np.uint64).view(np.float64)[0]
    yield from {"True": lambda: True, "False": lambda: False, "np.True_": lambda: np.True_, "np.False_": lambda: np.False_}.items()
    for name in "int8 int16 int32 int64 uint8 uint16 uint32 uint64 longlong ulonglong intc".split():
        for edge in ("min", "max"):
            yield f"{name} {edge}", lambda n=name, e=edge: getattr(np, n)(getattr(np.iinfo(getattr(np, n)), e))
    for unit in ("Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "25s", "2147483647ns"):
        for count in (0, 1, -1, 2**63 - 1, -(2**63)):
            yield f"timedelta64 {count} {unit}", lambda u=unit, c=count: np.array([c]).view(f"m8[{u}]")[0]
            yield f"datetime64 {count} {unit}", lambda u=unit, c=count: np.array([c]).view(f"M8[{u}]")[0]
    yield "timedelta64 generic", lambda: np.timedelta64(5)
    yield "datetime64 generic NaT", lambda: np.datetime64("NaT")


def _quiet(make: Callable[[float], Any], value: float) -> Any:
    with np.errstate(all="ignore"):
        return make(value)


ITEMS = ["?", "b", "B", "h", "H", "i", "I", "l", "L", "q", "Q", "e", "f", "d", "g", "F", "D", "G", "m8[s]", "M8[D]", "m8", "S3", "U3", "O", "V5"]
ITEMS += [">i4", ">f8", ">c16", ">M8[s]", [("x", "f8"), ("y", "i4")], [("x", ">f8")], [(("title", "x"), "f8")], [("x", "O")]]
ITEMS += [{"names": ["x"], "formats": ["f8"], "offsets": [3], "itemsize": 16}, [("x", "f8", (2, 2))], [("r", [("x", "i1"), ("y", "f8")])], []]


def arrays() -> Iterator[tuple[str, Make]]:
    layouts: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "1-d": lambda a: a, "0-d": lambda a: a[:1].reshape(()), "empty": lambda a: a[:0], "2-d": lambda a: a.reshape(2, 6),
        "Fortran": lambda a: a.reshape(2, 6).T, "strided": lambda a: a[::3], "reversed": lambda a: a[::-1],
        "read-only": _read_only, "unaligned": _unaligned, "zero strides": lambda a: as_strided(a, (5,), (0,)),
        "huge of zero strides": lambda a: as_strided(a, (2**40,), (0,), writeable=False),
        "huge empty": lambda a: as_strided(a, (2**20, 0, 2**20), (0, 0, 0)), "64 axes": lambda a: a[:1].reshape((1,) * 64 if np.__version__ >= "2" else (1,) * 32),
        "overlapping": lambda a: as_strided(a, (4, 4), (a.itemsize, a.itemsize)), "memory of another": lambda a: a if a.dtype.hasobject or not a.nbytes else np.frombuffer(bytes(a.nbytes + 8), np.uint8)[: a.nbytes].view(a.dtype),
    }  # fmt: skip
    for code in ITEMS:
        for layout, view in layouts.items():
            yield f"array {code} {layout}", lambda c=code, v=view: v(_items(c))
    for name, cls in array_classes().items():
        yield f"array of class {name}", lambda c=cls: np.arange(12.0).view(c)
    yield "masked array", lambda: np.ma.array([1.0, 2.0], mask=[0, 1])
    yield "matrix", lambda: np.asmatrix(np.eye(2))
    yield "recarray", lambda: np.rec.array([(1.0, 2)], dtype=[("x", "f8"), ("y", "i4")])
    yield "record", lambda: np.zeros(2, [("x", "f8"), ("y", "i4")])[1]
    yield "record of rec", lambda: np.rec.array([(1.0, 2)], dtype=[("x", "f8"), ("y", "i4")])[0]
    yield "void", lambda: np.void(b"abcd")
    yield "memmap", _memory_map
    yield "np.ndarray.__new__", lambda: np.ndarray.__new__(np.ndarray, (3,), float, np.zeros(3))
    yield "array in a closed mmap's place", lambda: np.frombuffer(mmap.mmap(-1, 4096), np.float64)
    yield "np.char.chararray", lambda: np.char.array(["a", "b"])
    yield "flatiter", lambda: np.arange(3.0).flat
    yield "nditer", lambda: np.nditer(np.arange(3.0))
    yield "poly1d", lambda: np.poly1d([1, 2])


def _items(code: Any) -> np.ndarray:
    dtype = np.dtype(code)
    if dtype.itemsize == 0:
        return np.zeros(12, dtype)
    if dtype.hasobject:
        return np.zeros(12, dtype)
    return np.frombuffer(bytearray(bytes(range(1, 13)) * dtype.itemsize), np.uint8).copy().view(dtype) if dtype.kind != "b" else np.ones(12, bool)


def _read_only(a: np.ndarray) -> np.ndarray:
    a.flags.writeable = False
    return a


def _unaligned(a: np.ndarray) -> np.ndarray:
    if a.dtype.hasobject or not a.nbytes:
        return a
    return np.concatenate([np.zeros(1, np.uint8), np.frombuffer(a.tobytes(), np.uint8)])[1:].view(a.dtype)


def _memory_map() -> np.ndarray:
    file = tempfile.TemporaryFile()
    file.write(bytes(96))
    file.flush()
    return np.memmap(file, np.float64, "r+", shape=(12,))


def array_classes() -> dict[str, type]:
    class Plain(np.ndarray):
        pass

    class Finalizing(np.ndarray):
        def __array_finalize__(self, obj: Any) -> None:
            if isinstance(obj, Finalizing):
                raise Evil("__array_finalize__")

    class Interface(np.ndarray):
        __array_priority__ = 1e308
        __array_interface__ = property(lambda self: (_ for _ in ()).throw(Evil("__array_interface__")))  # type: ignore[assignment]

    class Ufunc(np.ndarray):
        def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
            raise Evil("__array_ufunc__")

        def __getitem__(self, index: Any) -> Any:
            raise Evil("__getitem__")

    class Shapeless(np.ndarray):
        shape = property(lambda self: (10**9,))  # type: ignore[assignment]
        dtype = property(lambda self: np.dtype("f4"))  # type: ignore[assignment]

    return {cls.__name__: cls for cls in (Plain, Finalizing, Interface, Ufunc, Shapeless)}


class _Float(float):
    def __float__(self) -> float:
        raise Evil("__float__")

    def __add__(self, other: Any) -> Any:
        raise Evil("__add__")


class _Int(int):
    def __index__(self) -> int:
        raise Evil("__index__")


class _Complex(complex):
    pass


class _Float64(np.float64):
    pass


class Pair(NamedTuple):
    x: Any
    y: Any


class _SubPair(Pair):
    pass


class _NewPair(Pair):
    def __new__(cls, *args: Any) -> Any:
        raise Evil("__new__")


class _LyingFields(tuple):
    _fields = ("a", "b", "c")


class _OddFields(tuple):
    _fields = property(lambda self: (_ for _ in ()).throw(Evil("_fields")))


class _NamedByNumbers(tuple):
    _fields = (1, None)


class _DuplicateFields(tuple):
    _fields = ("x", "x")


class _Tuple(tuple):
    def __len__(self) -> int:
        return 10**9

    def __iter__(self) -> Any:
        raise Evil("__iter__")


def deep(levels: int, bottom: Any = 1) -> tuple:
    made: tuple = (bottom,)
    for _ in range(levels - 1):
        made = (made,)
    return made


def tuples() -> Iterator[tuple[str, Make]]:
    for count in (0, 1, 2, 100):
        yield f"tuple of {count}", lambda n=count: tuple(range(n))
    yield "tuple of 2000 kinds", lambda: tuple((1, 2.5, None, True)[i % 4] for i in range(2000))
    for levels in (2, 50, 1000, 20_000):
        yield f"tuple nested {levels} times", lambda n=levels: deep(n)
    yield "tuple of a huge int", lambda: (1, 2**70)
    yield "tuple of a list", lambda: ([1], 2)
    yield "tuple that holds itself", _tuple_in_itself
    yield "tuple of evil", lambda: (evil_object(), 1)
    yield "tuple of arrays", lambda: (np.arange(3.0), np.arange(3)[::-1])
    for cls in (Pair, _SubPair):
        yield f"{cls.__name__}", lambda c=cls: c(1, 2.5)
        yield f"{cls.__name__} by tuple.__new__", lambda c=cls: tuple.__new__(c, (1,))
        yield f"{cls.__name__} of itself", lambda c=cls: c(c(1, 2), c(3, np.arange(3)))
    yield "namedtuple whose __new__ raises", lambda: tuple.__new__(_NewPair, (1, 2.0))
    for cls in (_LyingFields, _OddFields, _NamedByNumbers, _DuplicateFields, _Tuple):
        yield f"tuple class {cls.__name__}", lambda c=cls: tuple.__new__(c, (1, 2))
    yield "struct_time", lambda: __import__("time").gmtime(0)
    yield "version_info", lambda: sys.version_info
    yield "float_info", lambda: sys.float_info


def _tuple_in_itself() -> tuple:
    holder: list[Any] = []
    made = (holder,)
    holder.append(made)
    return made


class _EvilMeta(type):
    def __eq__(cls, other: Any) -> bool:
        return True

    def __hash__(cls) -> int:
        return hash(int)


class _RaisingMeta(type):
    def __hash__(cls) -> int:
        raise Evil("__hash__ of a class")

    def __instancecheck__(cls, instance: Any) -> bool:
        raise Evil("__instancecheck__")


class _EverythingRaises:
    def __getattribute__(self, name: str) -> Any:
        raise Evil(name)

    def _no(self, *args: Any, **kwargs: Any) -> Any:
        raise Evil("a special method")

    __len__ = __getitem__ = __float__ = __index__ = __int__ = __complex__ = __bool__ = __iter__ = __hash__ = __eq__ = _no  # type: ignore[assignment]
    __array__ = __call__ = __add__ = __radd__ = __mul__ = __rmul__ = __lt__ = __repr__ = __str__ = __getattr__ = _no  # type: ignore[assignment]
    __array_interface__ = property(_no)
    __class__ = property(_no)  # type: ignore[assignment]


class _Recursing:
    def __len__(self) -> int:
        return len(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self, name + "_")

    def __float__(self) -> float:
        return float(self)

    def __index__(self) -> int:
        return self.__index__()

    def __eq__(self, other: Any) -> bool:
        return self == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self)


class _Liar:
    def __init__(self, cls: type) -> None:
        object.__setattr__(self, "cls", cls)

    @property
    def __class__(self) -> Any:
        return object.__getattribute__(self, "cls")


class _HalfInitialised:
    __slots__ = ("a", "b")


class _Mutating:
    """Grows each time somebody asks."""

    def __init__(self) -> None:
        self.items: list[int] = []

    def __len__(self) -> int:
        self.items.append(1)
        return len(self.items)

    def __getitem__(self, index: int) -> int:
        self.items.clear()
        return 1


def evil_object() -> Any:
    return _EverythingRaises()


def objects() -> Iterator[tuple[str, Make]]:
    yield "evil metaclass", lambda: _EvilMeta("Odd", (), {})()
    yield "class of an evil metaclass", lambda: _EvilMeta("Odd", (), {})
    yield "unhashable metaclass", lambda: _RaisingMeta("Odd", (), {})()
    yield "class of an unhashable metaclass", lambda: _RaisingMeta("Odd", (), {})
    yield "everything raises", evil_object
    yield "recursing", _Recursing
    yield "mutating", _Mutating
    yield "half initialised", _HalfInitialised
    for cls in (int, float, tuple, np.ndarray, np.float64, types.FunctionType, type):
        yield f"says that it is a {cls.__name__}", lambda c=cls: _Liar(c)
    for cls in (_Float, _Int, _Complex, _Float64):
        yield f"subclass {cls.__name__}", lambda c=cls: c(1)
    texts = ["", "a", "\x00", "\ud800", "é" * 1000, "float64(int64)", "(", "float64" * 1000, "int64(" * 3000, "(" * 20_000, "[" * 300, "float64[:, ::1]", "f8[",
             "x = 1", "float64(int64)\x00", "__import__('os').system('false')", "Tuple((int64,)*10**9)", "UniTuple(int64, 100000000)", "Array(int64, 10000000, 'C')",
             "Array(int64, -1, 'C')", "int64" + "[:]" * 100, "-" * 5000 + "1", "int64.a.b", "types.__class__", "void(void)", "Optional(none)", "*", "lambda: 0",
             "int64(int64, **float64)", "int64(*int64)", "NPDatetime('s')", "float64[10**10]", "9" * 5000]  # fmt: skip
    for text in texts:
        yield f"str {ascii(text[:30])} of {len(text)}", lambda t=text: t
    plain: dict[str, Make] = {
        "None": lambda: None, "Ellipsis": lambda: ..., "NotImplemented": lambda: NotImplemented, "list": lambda: [1, 2], "nested list": lambda: [[1], [2.5]],
        "list of itself": lambda: _list_in_itself(), "dict": lambda: {1: 2}, "set": lambda: {1}, "bytes": lambda: b"abc", "bytearray": lambda: bytearray(8),
        "memoryview": lambda: memoryview(bytearray(8)), "released memoryview": _released, "range": lambda: range(10**30), "slice": lambda: slice(None, 10**30, -1),
        "generator": lambda: (i for i in range(3)), "exhausted generator": lambda: _exhausted(), "iterator": lambda: iter([1, 2]), "coroutine": _coroutine,
        "Decimal": lambda: decimal.Decimal("NaN"), "Fraction": lambda: fractions.Fraction(1, 3), "datetime": lambda: datetime.datetime(1, 1, 1),
        "enum": lambda: enum.Enum("E", "a").a, "int enum": lambda: enum.IntEnum("E", "a").a, "flag": lambda: enum.IntFlag("E", "a").a, "uuid": lambda: uuid.UUID(int=5),
        "array.array": lambda: array.array("d", [1, 2]), "ctypes array": lambda: (ctypes.c_double * 3)(1, 2, 3), "ctypes null pointer": lambda: ctypes.POINTER(ctypes.c_double)(),
        "module": lambda: math, "odd module": lambda: types.ModuleType("\ud800"), "class int": lambda: int, "class np.float64": lambda: np.float64, "dtype": lambda: np.dtype("f8"),
        "dtype odd": lambda: np.dtype([("x", "O")]), "type object": lambda: object, "object": object, "builtin": lambda: len, "ufunc": lambda: np.add, "lambda": lambda: lambda: 0,
        "partial": lambda: functools.partial(math.sin), "method": lambda: [].append, "bound": lambda: _Mutating().__len__, "property": lambda: property(), "staticmethod": lambda: staticmethod(len),
        "classmethod": lambda: classmethod(len), "frame": sys._getframe, "traceback": _traceback, "code": lambda: (lambda: 0).__code__, "cell": lambda: types.CellType(),
        "weakref": lambda: weakref.ref(_Mutating()), "proxy": _dead_proxy, "lock": threading.Lock, "file": lambda: io.BytesIO(), "path": lambda: pathlib.Path("/"), "exception": lambda: Evil("x"),
        "class Exception": lambda: Exception, "mappingproxy": lambda: types.MappingProxyType({}), "SimpleNamespace": lambda: types.SimpleNamespace(shape=(3,), dtype=np.dtype("f8")),
        "deque": lambda: collections.deque([1]), "Counter": lambda: collections.Counter("ab"), "generic alias": lambda: list[int], "union": lambda: int | str, "random": lambda: np.random.default_rng(0),
        "errstate": lambda: np.errstate(), "vectorize": lambda: np.vectorize(abs), "broadcast": lambda: np.broadcast(1, [1, 2]), "date": lambda: datetime.date(2000, 1, 1),
    }  # fmt: skip
    yield from plain.items()
    yield from functions()


def _list_in_itself() -> list:
    made: list[Any] = []
    made.append(made)
    return made


def _released() -> memoryview:
    view = memoryview(bytearray(8))
    view.release()
    return view


def _exhausted() -> Any:
    made = iter(())
    list(made)
    return made


def _coroutine() -> Any:
    async def work() -> None: ...

    made = work()
    made.close()
    return made


def _traceback() -> Any:
    try:
        raise Evil
    except Evil as error:
        return error.__traceback__


def _dead_proxy() -> Any:
    return weakref.proxy(_Mutating())


def functions() -> Iterator[tuple[str, Make]]:
    """Functions that there is no source of, or too much."""
    sources = {
        "without source": "def f(x): return x",
        "of a generator": "def f(x): yield x",
        "async": "async def f(x): return x",
        "without end": "def f(x):\n while True: pass",
        "endless recursion": "def f(x): return f(x) + 1",
    }
    for name, text in sources.items():
        yield f"function {name}", lambda t=text: executed(t)
    yield "function of replaced code", _replaced_code
    yield "function of other globals", lambda: types.FunctionType((lambda x: x + y).__code__, {})  # type: ignore[name-defined] # noqa: F821
    yield "function of an empty cell", _empty_cell
    yield "function of odd defaults", _odd_defaults
    yield "function of odd names", _odd_names


def executed(text: str) -> Any:
    namespace: dict[str, Any] = {"np": np, "math": math}
    exec(text, namespace)
    return namespace["f"]


def _replaced_code() -> Any:
    def f(x: Any) -> Any:
        return x

    f.__code__ = (lambda a, b, *c: a).__code__
    return f


def _empty_cell() -> Any:
    def f(x: Any) -> Any:
        return x + later

    if f is None:
        later = 1
    return f


def _odd_defaults() -> Any:
    def f(x: Any, y: Any = evil_object(), *, z: Any = [evil_object()]) -> Any:  # noqa: B006, B008
        return x

    return f


def _odd_names() -> Any:
    def f(x: Any) -> Any:
        return x

    f.__name__, f.__qualname__, f.__module__, f.__doc__ = "\ud800", "a\nb", None, 5  # type: ignore[assignment]
    f.__annotations__ = {"x": evil_object()}
    f.__dict__["py_func"] = evil_object()
    return f


def all_values() -> dict[str, Make]:
    """Every value by its name."""
    groups = (numbers, arrays, tuples, objects)
    return {name: make for group in groups for name, make in group()}
