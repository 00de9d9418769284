"""Where CPython notes that a signal has come and its Python handler has not run yet.

The C handler of a signal only sets flags, which the interpreter's loop looks at. Compiled loops look at one of them, too: no
function of the C API could be called as often. The flag is a private field of the exported structure `_PyRuntime`, and is
taken for it only where what lies around it is what should: numbers and objects that Python tells by other ways.
"""

from __future__ import annotations

import _signal
import ctypes
import struct
import sys
import threading

from codegen.symbols import address_of

_SEARCHED = 1 << 13  # bytes from the start of the structure
_WORD = 8


def signals_pending() -> int | None:
    """The address of an int that is not 0 while a signal waits for its handler; None where it is not found."""
    start = address_of(ctypes.pythonapi, "_PyRuntime")
    if start is None:
        return None
    if sys.version_info >= (3, 12):
        return _behind_handlers(start)
    return _before_switch_interval(start)


def _behind_handlers(start: int) -> int | None:
    """Since 3.12: `signals.is_tripped`, behind the table of all handlers and two ints, and before Python's SIG_DFL."""
    # An entry of the table is an int, which changes, and the handler. There is no signal 0.
    handlers = [id(_signal.getsignal(number)) for number in range(1, _signal.NSIG)]
    words = _words(start, _SEARCHED)
    length = 2 * _signal.NSIG
    for at in range(len(words) - length - 2):
        if words[at + 3] == handlers[0] and list(words[at + 3 : at + length : 2]) == handlers:
            return start + _WORD * (at + length + 1) if words[at + length + 2] == id(_signal.SIG_DFL) else None
    return None


def _before_switch_interval(start: int) -> int | None:
    """Up to 3.11: `ceval.signals_pending`, behind the main thread and the functions called at exit (32, and how many there
    are), and before the interval at which threads are switched, in microseconds."""
    words = _words(start, 512)
    interval = round(sys.getswitchinterval() * 1e6)
    thread = threading.main_thread().ident
    for at in range(len(words) - 36):
        if words[at] == thread and words[at + 35] == interval:
            return start + _WORD * (at + 34)
    return None


def _words(start: int, size: int) -> tuple[int, ...]:
    return struct.unpack(f"{size // _WORD}Q", ctypes.string_at(start, size))
