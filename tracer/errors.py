"""What can be wrong with a function that is to be compiled: the exceptions, and one small class for each problem.

The names that code written for Numba catches are here too. Numba sorts its errors by the pass that finds them; here
a trace finds them all, so each of those names catches every compile error.
"""

from __future__ import annotations

import attrs

from tracer.diagnostics import InternalError, NopythonError, Problem, TracerError


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


@attrs.frozen(eq=False)
class NoLowering(Problem):
    """A call of something that has neither Python source nor a lowering."""

    name: str

    message = "{name} has no native lowering"
    hint = "jit runs this call in the interpreter and compiles the rest; njit does not"


__all__ = [
    "ConstantInferenceError", "InternalError", "LoweringError", "NopythonError", "NumbaDeprecationWarning", "NumbaError",
    "NumbaPerformanceWarning", "NumbaWarning", "PerformanceWarning", "RequireLiteralValue", "TracerDeprecationWarning",
    "TracerError", "TracerWarning", "TypingError", "UnsupportedError",
]  # fmt: skip
