"""What this package cannot run in is refused when it is imported, not found out by a crash.

Compiled code holds addresses of Python's objects, and looks into them: they must be where the known versions have them, in
the build with the GIL, and belong to the one interpreter that the process began with.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

OLDEST, NEWEST = (3, 10), (3, 13)  # whose layouts of objects are known, and with which the tests were run
_MODULES = ("_interpreters", "_xxsubinterpreters")  # from Python 3.13 on, and before


def check(version: str = sys.version, implementation: str = sys.implementation.name) -> None:
    """Raise ImportError in another Python than those that this was made for, in a free-threaded build, and in an interpreter
    that is not the process's first."""
    number = version.split()[0]
    if implementation != "cpython" or not OLDEST <= tuple(map(int, number.split(".")[:2])) <= NEWEST:
        oldest, newest = (".".join(map(str, known)) for known in (OLDEST, NEWEST))
        this = number if implementation == "cpython" else f"{implementation} {number}"
        raise ImportError(
            f"tracer needs CPython {oldest} to {newest}, whose objects compiled code looks into; this is {this}"
            " (hint: make a virtual environment with one of these, or look for a newer tracer)"
        )
    if "free-threading build" in version:
        raise ImportError(
            "tracer needs the build of Python with the GIL; this is the free-threaded one (hint: run python3, not python3t)"
        )
    if _in_subinterpreter():
        raise ImportError(
            "tracer cannot be used in a subinterpreter: compiled code belongs to the main interpreter"
            " (hint: use threads, with nogil=True, or processes)"
        )


def _in_subinterpreter() -> bool:
    interpreters = _interpreters()
    return interpreters is not None and interpreters.get_current() != interpreters.get_main()


def _interpreters() -> Any:
    """The module that makes subinterpreters; None where there is none, so that there are no subinterpreters either."""
    for name in _MODULES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


check()
