"""Locks and modules that a process made by `fork` can go on with.

A child has only the thread that forked. What another thread had locked would stay locked in it forever, with whatever
that thread had half done; so would a module that it was importing, in the middle of a first compilation maybe.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
import types
import weakref
from typing import Any

llvm_lock = threading.RLock()
"""Held while LLVM works, whose own state must be whole in a child: `fork` waits for it."""

_waited_for: list[Any] = [llvm_lock]
_taken: list[Any] = []  # by the thread that forks: who has the first one has all
_reopened: weakref.WeakSet = weakref.WeakSet()
_loads = threading.RLock()  # who holds it waits for nothing, so that it can be taken after all others
_being_loaded: list[tuple[int, str]] = []  # the thread, and the module
_PACKAGE = "tracer"


def reopened_lock() -> Any:
    """A lock that is open in a child, unless the thread that forked holds it: for what is consistent at any time."""
    lock = threading.RLock()
    _reopened.add(lock)
    return lock


def wait_for(lock: Any) -> None:
    """Have `fork` wait for another lock. It is taken after those that were named before."""
    _waited_for.append(lock)


def load(name: str) -> types.ModuleType:
    """Import a module; `fork` waits until that is done."""
    entry = threading.get_ident(), name
    with _loads:
        _being_loaded.append(entry)
    try:
        return importlib.import_module(name)
    finally:
        _being_loaded.remove(entry)


def _loaded_elsewhere() -> set[str]:
    """Modules that other threads import right now. The package itself is imported by a statement, maybe of this thread."""
    own = threading.get_ident()
    found = {name for thread, name in _being_loaded if thread != own}
    if getattr(getattr(sys.modules.get(_PACKAGE), "__spec__", None), "_initializing", False):
        found.add(_PACKAGE)
    return found


def _before() -> None:
    awaited: set[str] = set()
    while True:
        _take_all()
        missing = _loaded_elsewhere() - awaited
        if not missing:
            return
        _after()  # what is imported may need one of the locks
        awaited |= missing
        for name in missing:
            with contextlib.suppress(ImportError):  # which the other thread has raised
                importlib.import_module(name)  # waits, unless that thread waits for this one


def _take_all() -> None:
    for lock in (*_waited_for, _loads):
        lock.__enter__()
        _taken.append(lock)


def _after() -> None:
    while _taken:  # not all of them where a signal's handler ended the waiting: Python forks all the same
        _taken.pop().__exit__(None, None, None)


def _in_child() -> None:
    _after()
    _being_loaded[:] = [entry for entry in _being_loaded if entry[0] == threading.get_ident()]
    for lock in list(_reopened):
        if not lock._is_owned():
            lock._at_fork_reinit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
