"""What an `interpret` op calls, and why."""

from __future__ import annotations

from typing import Any, NamedTuple

from ir.ops import python
from tracer import errors
from tracer.errors import NopythonError

_NO_LOWERING = "tracer.implements gives it a native form"


class Reason(NamedTuple):
    """Why the interpreter does something, and what would make it native."""

    message: str
    hint: str


def reason_of(error: NopythonError) -> Reason:
    """What an error says, without its traceback, which would keep the arguments of a call alive."""
    hint = _NO_LOWERING if isinstance(error.problem, (errors.NoLowering, errors.MissingSource, errors.UnsupportedSyntax)) else error.problem.text("hint")
    return Reason(error.problem.text("message"), hint)


class Segment(python.PythonCode):
    """What one `interpret` op calls: `target` with the operands, which the source `text` at `line` stands for.

    `reason` says why it is interpreted, `hint` what would make it native. Where `closing` (a tracer.cells.Closing) is set, the
    function is made in each call, and is the first operand. One that `is_quiet` runs no code that looks into cells.
    """

    __slots__ = ("text", "line", "reason", "hint", "closing", "is_quiet", "__qualname__")
    __module__ = None  # type: ignore[assignment]  # it is named by its source alone

    def __init__(self, target: Any, text: str, line: int, reason: str, hint: str, has_frame: bool) -> None:
        super().__init__(target, has_frame)
        self.text, self.line = text, line
        self.reason, self.hint = reason, hint
        self.closing: Any = None
        self.is_quiet = False
        self.__qualname__ = f"[{text}]"

    def __str__(self) -> str:
        return f"`{self.text}`"

    def __repr__(self) -> str:
        return f"<line {self.line}: {self.text} is interpreted: {self.reason}>"


def c_function(function: Any, text: str, line: int, runtime: str = "") -> Segment:
    """A segment that calls a C function; `runtime` is the name of a function of the runtime that does the same."""
    segment = Segment(function, text, line, "", "", False)
    segment.runtime = runtime
    return segment
