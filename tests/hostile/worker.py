"""Calls entries with values in this process, and writes what came of it: one JSON text a line.

    python -m tests.hostile.worker ENTRY [FIRST [STEP [OFFSET]]]
    python -m tests.hostile.worker SAMPLE FIRST STEP OFFSET         all entries, each with other values

Each line before a call names it, so that whoever reads knows which call the process did not survive.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import pathlib
import resource
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.hostile.entries import Entry, all_entries
from tests.hostile.values import Evil, all_values
from tracer.errors import InternalError, TracerError

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = tuple(str(ROOT / layer) + os.sep for layer in ("tracer", "ir", "codegen"))
CLEAR = (TypeError, ValueError, OverflowError, MemoryError, RecursionError, ReferenceError, TracerError, Evil)
"""What our own code may raise for bad input. Others, as AttributeError, would be faults of ours, unless the
interpreter raises the same."""
ENTRIES = all_entries()
SECONDS = 20
MOST_MEMORY = 8 << 30  # bytes: so that arrays of 2**40 items end in MemoryError
_VISIT_ALL = ("total", "summed", "indexed", "class of a compiled function", "second __init__", "types.Tuple", "types.NamedTuple")  # and iterate over it
_CLASSES = ((np.memmap, np.ndarray), (np.ndarray, np.recarray))  # of arrays that are equal as far as differences.md goes
_TOO_LONG = ("huge of", "range", "mutating")


class Hangs(BaseException):
    """A call took longer than any should."""


def outcome(call: Callable[[Any], Any], make: Callable[[], Any]) -> tuple[str, Any]:
    """("value", ...) or ("error", ...) for a call with a fresh value."""
    try:
        return "value", call(make())
    except Exception as error:
        return "error", error


def fault(entry: Entry, make: Callable[[], Any]) -> str | None:
    """What is wrong with a call's outcome; None if it is what the interpreter does, or a clear error."""
    kind, found = outcome(entry.call, make)
    expected = outcome(entry.interpreted, make) if entry.interpreted else None
    if kind == "error":
        return _fault_of_error(found, expected)
    if expected is None or same(expected, (kind, found)) or (not entry.exact and _nearly(expected, found)):
        return None
    if expected[0] == "error":
        return f"gave {shown(found)} where the interpreter raises {type(expected[1]).__name__}: {shown(expected[1])}"
    return f"gave {shown(found)}, and the interpreter {shown(expected[1])}"


def _fault_of_error(error: Exception, expected: tuple[str, Any] | None) -> str | None:
    name = type(error).__name__
    if isinstance(error, (SystemError, InternalError, AssertionError)):
        return f"{name}: {shown(error)}\n{_frames(error)}"
    if expected is not None and expected[0] == "error" and type(expected[1]) is type(error):
        return None
    if isinstance(error, CLEAR):
        return None if isinstance(error, (Evil, MemoryError, RecursionError)) or shown(error).strip() else f"{name} without a message"
    if isinstance(error, KeyError) and "was not compiled for" in shown(error):
        return None
    last = traceback.extract_tb(error.__traceback__)[-1:]
    if not last or last[0].filename.startswith(OURS):
        return f"{name}: {shown(error)}\n{_frames(error)}"
    return None


def _frames(error: Exception) -> str:
    return "".join(traceback.format_tb(error.__traceback__)[-3:])


def shown(value: Any) -> str:
    """A text for a value, whatever it does."""
    try:
        return f"{type(value).__name__} {str(value)[:300]!r}" if not isinstance(value, BaseException) else str(value)[:300]
    except Exception as error:
        return f"<{type(error).__name__} while it was shown>"


def same(expected: tuple[str, Any], found: tuple[str, Any]) -> bool:
    """Whether two outcomes cannot be told apart, as far as the differences that are documented go."""
    return expected[0] == found[0] == "value" and _same(expected[1], found[1])


def _nearly(expected: tuple[str, Any], found: Any) -> bool:
    """Whether two floats differ in their last digits only."""
    value = expected[1]
    return type(value) is type(found) and isinstance(value, np.inexact) and bool(abs(value - found) <= 4 * np.finfo(value).eps * abs(value))


def _same(a: Any, b: Any) -> bool:
    """Whether compiled code may give `b` where the interpreter gives `a`."""
    own, other = type(a), type(b)
    if issubclass(own, np.generic) and issubclass(other, np.generic):
        return a.dtype == b.dtype and (repr(a) == repr(b) or a.tobytes() == b.tobytes())  # NumPy has two classes for int64
    if own is not other:
        return (own, other) in _CLASSES or type(own) is not type and type.__repr__(own) == type.__repr__(other)
    if issubclass(own, tuple):
        items, others = tuple.__iter__(a), tuple.__iter__(b)
        return tuple.__len__(a) == tuple.__len__(b) and (_is_nest(a) or all(map(_same, items, others)))
    if issubclass(own, np.ndarray):
        return a.dtype == b.dtype and np.ndarray.shape.__get__(a) == np.ndarray.shape.__get__(b) and _same_items(a, b)
    if own is int:
        return a == b or (not -(2**63) <= a < 2**63 and (a - b) % 2**64 == 0)  # Python's ints have 64 bits
    if own in (float, complex):
        return repr(a) == repr(b)
    return True  # an object of the same class: it was made twice


def _is_nest(a: tuple) -> bool:
    return tuple.__len__(a) == 1 and issubclass(type(tuple.__getitem__(a, 0)), tuple)


def _same_items(a: np.ndarray, b: np.ndarray) -> bool:
    if not 0 < a.size <= 10**6 or a.dtype.hasobject:
        return True
    has_padding = a.dtype.names is not None or a.dtype.kind in "fc" and a.dtype.char in "gG"
    return repr(a.tolist()) == repr(b.tolist()) if has_padding else np.ndarray.tobytes(a) == np.ndarray.tobytes(b)


def value_is_long(value: str) -> bool:
    """Whether a loop over the value's items would take days."""
    return any(part in value for part in _TOO_LONG)


def on_alarm(*_: Any) -> None:
    signal.alarm(1)  # again, if somebody catches it
    raise Hangs


def run(name: str, first: int, step: int, offset: int, write: Callable[[Any], None]) -> None:
    """Call one entry with every value from number `first` on."""
    entry = ENTRIES[name]
    signal.signal(signal.SIGALRM, on_alarm)
    for number, (value, make) in enumerate(all_values().items()):
        if number < first or number % step != offset % step or (value_is_long(value) and name.endswith(_VISIT_ALL)):
            continue
        write({"entry": name, "number": number, "value": value})
        signal.alarm(SECONDS)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = fault(entry, make)
        except Hangs as error:
            found = f"took more than {SECONDS} s\n" + "".join(traceback.format_tb(error.__traceback__)[-6:])
        finally:
            signal.alarm(0)
        if found:
            write({"entry": name, "number": number, "value": value, "fault": found})


def main() -> None:
    """Run as the arguments say."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    warnings.simplefilter("ignore")
    output = os.fdopen(os.dup(1), "w")

    def write(line: Any) -> None:
        output.write(json.dumps(line) + "\n")
        output.flush()

    first, step, offset = list(map(int, sys.argv[2:])) + [0, 1, 0][len(sys.argv) - 2 :]
    names = list(ENTRIES) if sys.argv[1] == "SAMPLE" else [sys.argv[1]]
    for i, name in enumerate(names):
        run(name, first, step, offset + 7 * i, write)
    write({"done": True})


if __name__ == "__main__":
    main()
