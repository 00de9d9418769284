"""The exceptions and warnings of this package.

`NopythonError` carries a problem (tracer/problems.py) through the compiler, which notes the calls it passes on the way
out (`leave`). No frame of the compiler reaches the user: the entry point catches the error and raises it again,
stripped, from its own single frame:

    try:
        graph = compile(...)
    except NopythonError as error:
        raise user_error(error) from None

An entry in machine code can do better, by setting the stripped error without any Python frame.
A fault of the compiler itself is an `InternalError`, keeps its traceback and does not look like the user's mistake.

The names that code written for Numba catches are here too. Numba sorts its errors by the pass that finds them; here
a trace finds them all, so each of those names catches every compile error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from ir.on_demand import OnDemand

if TYPE_CHECKING:
    from ir.span import Span
    from tracer.diagnostics import Problem, TracedFunction

diagnostics = OnDemand("tracer.diagnostics")
problems = OnDemand("tracer.problems")


class TracerError(Exception):
    """Base of every exception that this package raises on its own behalf."""


class NopythonError(TracerError):
    """A function cannot be compiled. `problem` says why; the text is the rendering."""

    def __init__(self, problem: Problem, chain: Iterable[TracedFunction] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.chain: list[TracedFunction] = list(chain)

    def leave(self, function: str, call: Span | None = None, name: str = "") -> None:
        """Note that the error leaves `function`, which `call` had called. To be called from the inside out.

        Where it leaves an installed package for the user's own code it becomes a problem of that call; `name` is
        what was called, by default as it is written there.
        """
        self.problem, self.chain = diagnostics.leave_call(self.problem, self.chain, function, call, name)

    def __str__(self) -> str:
        return diagnostics.render(self.problem, self.chain)

    def __reduce__(self) -> tuple:
        return type(self), (self.problem, self.chain)


class InternalError(TracerError):
    """A fault of the compiler, never of the user: what failed, in which function, and the ops at hand."""

    def __init__(self, fault: str, span: Span | None = None, dump: str = "") -> None:
        super().__init__(fault, span, dump)
        self.fault = fault
        self.span = span
        self.dump = dump

    def __str__(self) -> str:
        return diagnostics.render_internal(self.fault, self.span, self.dump)


_Error = TypeVar("_Error", bound=Exception)


def user_error(error: _Error) -> _Error:
    """The error without the compiler's frames, for an entry point to raise `from None`.

    With TRACER_FULL_TRACEBACK=1 in the environment the frames stay, for work on the compiler.
    """
    if os.environ.get("TRACER_FULL_TRACEBACK", "0") not in ("", "0"):
        return error
    error.__cause__ = None
    error.__suppress_context__ = True
    return error.with_traceback(None)


class TracerWarning(UserWarning):
    """Base of every warning."""


class PerformanceWarning(TracerWarning):
    """Something runs slower than it could."""


class ObjectModeWarning(TracerWarning):
    """The interpreter does a part of a function, or all of it, that `jit` could not compile, for the reason that is given."""


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
    try:
        return getattr(problems, name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
