"""How far the machine stack of the current thread reaches, so that recursion ends in RecursionError."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import llvmlite.binding as llvm

from ir.forking import wait_for

# The intrinsic for where the stack is: its name, parameters and arguments. LLVM 20 has only the second, which costs a register.
STACK_PLACE = ("llvm.stackaddress.p0", "", "") if llvm.llvm_version_info >= (22,) else ("llvm.frameaddress.p0", "i32", "i32 0")

# What is left for a callee that does not check: library functions, and Python code called back.
_MARGIN = 256 * 1024
_ASSUMED = 256 * 1024  # where the system does not tell: less than the smallest default of any supported system


_ENOUGH = 1 << 20  # bytes, for the compiler and LLVM
_ROOMY = 8 << 20
_thread = threading.local()
_making = threading.Lock()
wait_for(_making)
_Result = TypeVar("_Result")


def with_room(work: Callable[..., _Result], *args: Any) -> _Result:
    """`work(*args)`, in a thread of its own where this one has too little room to compile: it was made with a small stack, or much
    of the depth that Python allows to recursion is used. Where it does such work already it goes on with it: it may hold locks."""
    if getattr(_thread, "works", False):
        return work(*args)
    has_room = getattr(_thread, "has_room", None)
    if has_room is None:
        has_room = _thread.has_room = _stack_bounds()[1] >= _ENOUGH
    return _here(work, args) if has_room and not _is_deep() else _elsewhere(work, args)


def _is_deep() -> bool:
    """Whether a third of the calls that Python allows to be nested are."""
    try:
        sys._getframe(sys.getrecursionlimit() // 3)
    except ValueError:
        return False
    return True


def _here(work: Callable[..., _Result], args: tuple[Any, ...]) -> _Result:
    _thread.works = True
    try:
        return work(*args)
    finally:
        _thread.works = False


def _elsewhere(work: Callable[..., _Result], args: tuple[Any, ...]) -> _Result:
    # Not by concurrent.futures, since there may not even be room to import it.
    outcome: list[Any] = [None, None]

    def run() -> None:
        try:
            outcome[0] = _here(work, args)
        except BaseException as error:
            outcome[1] = error

    thread = threading.Thread(target=run, name="tracer: compiling")
    with _making:
        before = threading.stack_size(_ROOMY)
        try:
            thread.start()
        finally:
            found = threading.stack_size(before)
            if found != _ROOMY:  # another thread has set it meanwhile
                threading.stack_size(found)
    thread.join()
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]


def stack_limit() -> int:
    """The lowest address that compiled code of the calling thread may use."""
    low, size = _stack_bounds()
    return low + min(_MARGIN, size // 4)


def _stack_bounds() -> tuple[int, int]:
    """The lowest address and the size in bytes of the calling thread's stack."""
    if sys.platform == "linux":
        return _linux_bounds()
    if sys.platform == "darwin":
        return _darwin_bounds()
    if sys.platform == "win32":
        return _windows_bounds()
    here = ctypes.addressof(ctypes.c_int())
    return here - _ASSUMED, _ASSUMED


def _linux_bounds() -> tuple[int, int]:
    libc = ctypes.CDLL(None)
    libc.pthread_self.restype = ctypes.c_void_p
    attributes = ctypes.create_string_buffer(128)  # pthread_attr_t has 56 bytes with glibc and musl
    low, size = ctypes.c_void_p(), ctypes.c_size_t()
    if libc.pthread_getattr_np(ctypes.c_void_p(libc.pthread_self()), attributes):
        raise RuntimeError("the system does not tell the bounds of this thread's stack")
    libc.pthread_attr_getstack(attributes, ctypes.byref(low), ctypes.byref(size))
    libc.pthread_attr_destroy(attributes)
    return low.value or 0, size.value


def _darwin_bounds() -> tuple[int, int]:
    libc = ctypes.CDLL(None)
    libc.pthread_self.restype = ctypes.c_void_p
    libc.pthread_get_stackaddr_np.restype = ctypes.c_void_p
    libc.pthread_get_stacksize_np.restype = ctypes.c_size_t
    thread = ctypes.c_void_p(libc.pthread_self())
    size = libc.pthread_get_stacksize_np(thread)
    return libc.pthread_get_stackaddr_np(thread) - size, size


def _windows_bounds() -> tuple[int, int]:
    low, high = ctypes.c_size_t(), ctypes.c_size_t()
    ctypes.WinDLL("kernel32").GetCurrentThreadStackLimits(ctypes.byref(low), ctypes.byref(high))
    return low.value, high.value - low.value
