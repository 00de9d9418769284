"""Locks that a process made by `fork` can go on with.

A child has only the thread that forked. What another thread had locked would stay locked in it forever, with whatever
that thread had half done.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

llvm_lock = threading.RLock()
"""Held while LLVM works, whose own state must be whole in a child: `fork` waits for it."""

_waited_for: list[Any] = [llvm_lock]
_reopened: weakref.WeakSet = weakref.WeakSet()


def reopened_lock() -> Any:
    """A lock that is open in a child, unless the thread that forked holds it: for what is consistent at any time."""
    lock = threading.RLock()
    _reopened.add(lock)
    return lock


def wait_for(lock: Any) -> None:
    """Have `fork` wait for another lock. It is taken after those that were named before."""
    _waited_for.append(lock)


def _before() -> None:
    for lock in _waited_for:
        lock.__enter__()


def _after() -> None:
    for lock in reversed(_waited_for):
        lock.__exit__(None, None, None)


def _in_child() -> None:
    _after()
    for lock in list(_reopened):
        if not lock._is_owned():
            lock._at_fork_reinit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_in_child)
