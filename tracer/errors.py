"""What can be wrong with a function that is to be compiled: the exceptions; the problems are in tracer/problems.py.

The names that code written for Numba catches are here too. Numba sorts its errors by the pass that finds them; here
a trace finds them all, so each of those names catches every compile error.
"""

from __future__ import annotations

import importlib
from typing import Any

from tracer.diagnostics import InternalError as InternalError
from tracer.diagnostics import NopythonError, TracerError


class TracerWarning(UserWarning):
    """Base of every warning."""


class PerformanceWarning(TracerWarning):
    """Something runs slower than it could."""


class TracerDeprecationWarning(TracerWarning, DeprecationWarning):
    """A name or an option that will go away."""


NumbaError = TracerError
TypingError = UnsupportedError = LoweringError = ConstantInferenceError = RequireLiteralValue = NopythonError
NumbaWarning = TracerWarning
NumbaPerformanceWarning = PerformanceWarning
NumbaDeprecationWarning = TracerDeprecationWarning


def __getattr__(name: str) -> Any:
    """The classes of problems are made when the first of them is needed: most programs have none."""
    if name.startswith("__"):
        raise AttributeError(name)
    problems = importlib.import_module("tracer.problems")
    try:
        return getattr(problems, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
