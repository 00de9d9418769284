"""Callable objects whose calls go straight to machine code, without a C extension.

`native_class` makes a CPython type through `PyType_FromSpec` whose instances carry a `vectorcall` pointer (PEP 590) to
`rt.dispatch`, compiled in codegen.runtime. That walks the instance's table of entry points; each looks at the types of
the arguments and either answers or declines; when all decline, the instance's slow callable is called.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ir.forking import reopened_lock
from codegen.records import DICT, ENTRIES, INSTANCE_SIZE, KEEP, SLOW, VECTORCALL, WEAKREFS
from codegen.runtime import Runtime, runtime
from codegen.symbols import python_function


class Entry(Protocol):
    """What `set_entries` takes: an object that keeps the code at the address `entry` in memory."""

    entry: int


class _Slot(ctypes.Structure):
    _fields_ = [("slot", ctypes.c_int), ("function", ctypes.c_void_p)]


class _Spec(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("basicsize", ctypes.c_int), ("itemsize", ctypes.c_int), ("flags", ctypes.c_uint),
        ("slots", ctypes.c_void_p),
    ]  # fmt: skip


class _Member(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("type", ctypes.c_int), ("offset", ctypes.c_ssize_t), ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    ]  # fmt: skip


class _GetSet(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("get", ctypes.c_void_p), ("set", ctypes.c_void_p), ("doc", ctypes.c_char_p),
        ("closure", ctypes.c_void_p),
    ]  # fmt: skip


# From CPython's typeslots.h, object.h and structmember.h; all are part of the stable ABI.
_TP_CALL, _TP_CLEAR, _TP_DESCR_GET, _TP_NEW, _TP_TRAVERSE, _TP_MEMBERS, _TP_GETSET = 50, 51, 54, 65, 71, 72, 73
_HAVE_VECTORCALL, _HAVE_GC, _METHOD_DESCRIPTOR, _HAVE_VERSION_TAG = 1 << 11, 1 << 14, 1 << 17, 1 << 18
_T_OBJECT_EX, _T_PYSSIZET, _READONLY = 16, 19, 1

_SLOW_MEMBER, _KEEP_MEMBER = "_native_slow", "_native_keep"
_NOT_COPIED = {"__dict__", "__weakref__", "__slots__"}

_kept_alive: list[Any] = []  # CPython refers to names and slot tables as long as the types live


class NativeClass:
    """A class whose instances are called natively. The CPython type behind it is made for the first instance, because
    that compiles the runtime, and importing a package should not wait for it."""

    def __init__(self, cls: type) -> None:
        if cls.__bases__ != (object,) or "__slots__" in vars(cls) or "__call__" in vars(cls):
            raise TypeError(f"{cls.__name__} must derive from object only and define neither __slots__ nor __call__")
        self.__name__, self.__qualname__, self.__module__, self.__doc__ = (
            cls.__name__, cls.__qualname__, cls.__module__, cls.__doc__,
        )  # fmt: skip
        self._plain = cls
        self._made: list[type] = []

    @property
    def type(self) -> type:
        """The CPython type."""
        if not self._made:
            with _creation:
                if not self._made:
                    self._made.append(_native_type(self._plain))
        return self._made[0]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.type(*args, **kwargs)

    def __instancecheck__(self, instance: object) -> bool:
        return bool(self._made) and isinstance(instance, self._made[0])

    def __repr__(self) -> str:
        return f"<native class {self.__module__}.{self.__qualname__}>"


_creation = reopened_lock()


def native_class(cls: type) -> NativeClass:
    """A class with the attributes of the plain class `cls` whose instances are called natively.

    Instances have a `__dict__`, weak references, take part in garbage collection and bind as methods. What a call does
    is set by `set_entries` and `set_slow`. The type is not a subclass of `cls`, because before CPython 3.12 subclasses
    lose the fast call: methods of `cls` cannot use `super()`, and `cls` derives from object alone, has no `__slots__`
    and does not define `__call__`. TypeError otherwise.
    """
    return NativeClass(cls)


def _native_type(cls: type) -> type:
    made = _make_type(f"{cls.__module__}.{cls.__qualname__}", runtime())
    for name, value in vars(cls).items():
        if name not in _NOT_COPIED:
            setattr(made, name, value)
    made.__qualname__ = cls.__qualname__
    return made


def _make_type(name: str, shared: Runtime) -> type:
    members = (_Member * 6)(
        _Member(b"__vectorcalloffset__", _T_PYSSIZET, VECTORCALL, _READONLY),
        _Member(b"__dictoffset__", _T_PYSSIZET, DICT, _READONLY),
        _Member(b"__weaklistoffset__", _T_PYSSIZET, WEAKREFS, _READONLY),
        # Object members that may be written are released by the deallocator that CPython gives to heap types.
        _Member(_SLOW_MEMBER.encode(), _T_OBJECT_EX, SLOW, 0),
        _Member(_KEEP_MEMBER.encode(), _T_OBJECT_EX, KEEP, 0),
    )
    getters = (_GetSet * 2)(
        _GetSet(b"__dict__", python_function("PyObject_GenericGetDict"), python_function("PyObject_GenericSetDict"))
    )
    functions = {
        _TP_MEMBERS: ctypes.addressof(members),
        _TP_GETSET: ctypes.addressof(getters),
        _TP_CALL: python_function("PyVectorcall_Call"),
        _TP_NEW: shared.addresses["rt.new"],
        _TP_TRAVERSE: shared.addresses["rt.traverse"],
        _TP_CLEAR: shared.addresses["rt.clear"],
        _TP_DESCR_GET: shared.addresses["rt.descr_get"],
    }
    slots = (_Slot * (len(functions) + 1))(*(_Slot(slot, address) for slot, address in functions.items()))
    flags = _HAVE_VERSION_TAG | _HAVE_GC | _HAVE_VECTORCALL | _METHOD_DESCRIPTOR
    spec = _Spec(name.encode(), INSTANCE_SIZE, 0, flags, ctypes.addressof(slots))
    _kept_alive.append((members, getters, slots, spec, spec.name))
    make = ctypes.pythonapi.PyType_FromSpec
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p]
    return make(ctypes.addressof(spec))


def set_entries(instance: Any, entries: Sequence[Entry]) -> None:
    """Let calls of `instance` try these entries, in this order.

    Earlier tables and entries stay alive with the instance, because another thread may be inside them.
    """
    table = (ctypes.c_void_p * (len(entries) + 1))(*(e.entry for e in entries))
    if not hasattr(instance, _KEEP_MEMBER):
        setattr(instance, _KEEP_MEMBER, [])
    getattr(instance, _KEEP_MEMBER).append((table, tuple(entries)))
    # One aligned store: a call that runs meanwhile sees the old table or the new one.
    ctypes.c_void_p.from_address(id(instance) + ENTRIES).value = ctypes.addressof(table)


def set_slow(instance: Any, slow: Callable[..., Any]) -> None:
    """Let `instance` call `slow` with the same arguments when no entry takes them."""
    setattr(instance, _SLOW_MEMBER, slow)
