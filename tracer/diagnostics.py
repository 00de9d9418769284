"""What can be wrong with a function that is to be compiled, and how it is shown: on one screen, the reason first.

A `Problem` says what is wrong and where; `render` makes the text. The exceptions that carry problems are in
tracer/errors.py, the problems themselves in tracer/problems.py.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

import attrs

from ir.span import Span
from ir.types import Type
from tracer.source import PACKAGE_FOLDERS, STANDARD_LIBRARY, is_installed, parsed

WIDTH = 100  # columns; longer lines are cut
CALLS_SHOWN = 4  # of the chain of calls: the rest, in its middle, is only counted
OPERANDS_SHOWN = 3
INDENT = "  "


# --- what is wrong -----------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, kw_only=True)
class Problem:
    """One kind of mistake. A subclass declares its fields, a `message` and a `hint`.

    Both are class attributes, templates filled from the fields (`"{name} has no native lowering"`), or properties
    that return the text. `operands` are what was operated on: source text or a name, and its type or a description.
    `cause` is a problem elsewhere that this one comes from.
    """

    span: Span | None = None
    operands: tuple[tuple[str, Type | str], ...] = attrs.field(default=(), converter=tuple)
    cause: Problem | None = None

    message = ""
    hint = ""

    def text(self, attribute: str) -> str:
        """The text of `message` or `hint`."""
        template = getattr(type(self), attribute)
        if isinstance(template, str):
            return template.format_map({f.name: getattr(self, f.name) for f in attrs.fields(type(self))})
        return getattr(self, attribute)


@attrs.frozen(eq=False, repr=False)
class FailsInside(Problem):
    """A call of an installed package's function, in whose code the trace fails: not where the user can change it."""

    name: str

    message = "{name} has no native lowering"
    hint = "jit runs this function in the interpreter; njit does not"


@attrs.frozen(eq=False, repr=False)
class TracedFunction:
    """A function that was being traced, with its argument types as text, and the call in its caller that led there."""

    function: str
    call: Span | None = None


def leave_call(
    problem: Problem, chain: Sequence[TracedFunction], function: str, call: Span | None, name: str
) -> tuple[Problem, list[TracedFunction]]:  # fmt: skip
    """The problem and its chain of calls once it has left `function`, see `NopythonError.leave`."""
    longer = [*chain, TracedFunction(function, call)]
    places = _visible(list(_places(problem.span, longer)))
    if call is None or is_installed(call.filename) or not places or not is_installed(places[0][0].filename):
        return problem, longer
    name = name or _callee_text(call) or function.partition("(")[0]
    return FailsInside(name, span=call, cause=problem), []


# --- the rendering -------------------------------------------------------------------------------------------------------


def render(problem: Problem, tracing_chain: Sequence[TracedFunction] = ()) -> str:
    """The text of an error: the reason, the place with carets, the operands, the calls that led there, the hint.

    At most about twenty lines of at most WIDTH columns. `tracing_chain` lists the functions that were being traced,
    innermost first; calls that were traced inline are in `problem.span` itself.
    """
    places = _visible(list(_places(problem.span, tracing_chain)))
    lines = [_style(line, _BOLD) for line in _wrapped(problem.text("message"), 3)]
    if places:
        span, function = places[0]
        lines.append(_cut(f"{INDENT}--> {_place(span)} in {function}"))
        lines += _source_excerpt(span, carets=True)
    lines += _operand_lines(problem.operands)
    lines += _cause_lines(problem.cause)
    lines += _call_lines(places[1:])
    hint = problem.text("hint")
    if hint:
        lines += [_style(line, _HINT) for line in _wrapped("hint: " + hint, 3)]
    return "\n".join(lines)


def render_internal(fault: str, span: Span | None, dump: str) -> str:
    """The text of an InternalError."""
    lines = [f"internal error: {fault}", "This is a bug in the compiler, not in your code."]
    if span is not None:
        lines += [f"It happened while compiling {_place(span)} in {span.function}."]
        lines += _source_excerpt(span, carets=True)
    if dump:
        lines += ["The ops at hand:", textwrap.indent(dump.rstrip(), INDENT)]
    return "\n".join([*lines, "Please report it with this text and the function that was compiled."])


def _places(span: Span | None, chain: Sequence[TracedFunction]) -> Iterator[tuple[Span, str]]:
    """Every place on the way from the problem out to the entry, with the text of the function it is in."""
    inner = span
    for frame in (*chain, TracedFunction("")):
        if inner is not None:
            for inline in inner.chain():
                # Only the function at the outer end of the inline calls has a graph, and so argument types.
                yield inline, (frame.function or inline.function) if inline.caller is None else inline.function
        inner = frame.call


def _visible(places: list[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """The places in the user's code; all of them where there is none."""
    return [p for p in places if not p[0].filename.startswith(_LIBRARY)] or places


_LIBRARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "library") + os.sep


def _callee_text(call: Span) -> str:
    """What is called, as the source has it: `scipy.linalg.qr` of `scipy.linalg.qr(a)`."""
    lines = [linecache.getline(call.filename, n).encode() for n in range(call.line, call.end_line + 1)]
    lines[-1] = lines[-1][: call.end_column]
    try:
        node = parsed(lambda: ast.parse(b"".join([lines[0][call.column :], *lines[1:]]), mode="eval")).body
    except SyntaxError:
        return ""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _cause_lines(cause: Problem | None) -> list[str]:
    if cause is None:
        return []
    lines = [INDENT + line for line in _wrapped("inside it: " + cause.text("message"), 2)]
    if cause.span is not None:
        lines.append(_cut(f"{INDENT}{INDENT}--> {_place(cause.span)}"))
        lines += [INDENT + line for line in _source_excerpt(cause.span, carets=False)]
    return lines


def _call_lines(places: list[tuple[Span, str]]) -> list[str]:
    hidden = len(places) - CALLS_SHOWN
    lines = []
    for position, (span, function) in enumerate(places):
        if hidden > 0 and CALLS_SHOWN // 2 <= position < CALLS_SHOWN // 2 + hidden:
            if position == CALLS_SHOWN // 2:
                lines.append(f"{INDENT}... {hidden} more call{'s' * (hidden > 1)} ...")
            continue
        lines.append(_cut(f"{INDENT}called from {_place(span)} in {function}"))
        lines += _source_excerpt(span, carets=False)
    return lines


def _operand_lines(operands: Sequence[tuple[str, Type | str]]) -> list[str]:
    """`a: float64[::1]`, one line for each operand, types aligned."""
    shown = [(_shorten(" ".join(text.split()), 40), _shorten(str(type), 160)) for text, type in operands[:OPERANDS_SHOWN]]
    width = max((display_width(text) for text, _ in shown), default=0)
    lines = [_cut(f"{INDENT}{INDENT}{text}{' ' * (width - display_width(text))} : {type}") for text, type in shown]
    more = len(operands) - OPERANDS_SHOWN
    return [*lines, f"{INDENT}{INDENT}... and {more} more"] if more > 0 else lines


def _wrapped(text: str, most: int) -> list[str]:
    lines = [wrapped for line in text.splitlines() for wrapped in textwrap.wrap(line, WIDTH) or [""]]
    if len(lines) > most:
        lines = [*lines[: most - 1], _shorten(lines[most - 1], WIDTH - 4) + " ..."]
    return lines


def _shorten(text: str, width: int) -> str:
    """`text` with its middle left out if it is longer than `width` characters."""
    if len(text) <= width:
        return text
    half = (width - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"


def _cut(line: str) -> str:
    return line if display_width(line) <= 2 * WIDTH else line[: 2 * WIDTH - 4] + " ..."


def _place(span: Span) -> str:
    column = _character(linecache.getline(span.filename, span.line), span.column)
    return f"{display_path(span.filename)}:{span.line}:{column + 1}"


def display_path(filename: str) -> str:
    """The path below the folder of installed packages, the current directory or the standard library, else as it is."""
    if filename.startswith("<"):
        return filename
    for folder in PACKAGE_FOLDERS:
        _, found, below = filename.rpartition(f"{os.sep}{folder}{os.sep}")
        if found:
            return below
    here = os.path.join(os.getcwd(), "")
    return next((filename[len(d) :] for d in (here, STANDARD_LIBRARY) if filename.startswith(d)), filename)


# --- source lines and carets -----------------------------------------------------------------------------------------------


def _source_excerpt(span: Span, carets: bool) -> list[str]:
    """The first source line of the span, with its number, and carets under its columns."""
    text = linecache.getline(span.filename, span.line).rstrip()
    if not text:
        return []
    start = _character(text, span.column)
    end = _character(text, span.end_column) if span.end_line == span.line else len(text)
    shown, before, marked = _excerpt(text, start, max(end, start + 1))
    gutter = f"{INDENT}{span.line} | "
    lines = [gutter + shown]
    if carets and start < len(text):
        lines.append(" " * (len(gutter) - 2) + "| " + " " * before + _style("^" * marked, _CARET))
    return lines


def _character(text: str, column: int) -> int:
    """The position in `text` of a column in UTF-8 bytes, as `ast` counts them."""
    if text.isascii():
        return column
    return len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def _excerpt(text: str, start: int, end: int) -> tuple[str, int, int]:
    """The line without its indentation, cut to fit around the characters [start, end).

    Returns the text as shown, and the display columns before the marked part and of the marked part.
    """
    skip = min(len(text) - len(text.lstrip()), start)
    body, start, end = text[skip:], start - skip, end - skip
    width = WIDTH - 16
    left = right = ""
    if display_width(body) > width:
        first = max(0, min(start - 8, len(body) - width + 8))
        last = min(len(body), first + width - 8)
        left, right = ("... " if first else ""), (" ..." if last < len(body) else "")
        body, start, end = body[first:last], start - first, max(min(end, last) - first, start - first + 1)
    before = display_width(left) + display_width(body[:start])
    return left + _displayed(body) + right, before, max(1, display_width(body[start:end]))


def _displayed(text: str) -> str:
    """Tabs as four spaces, other control characters as a replacement character."""
    return "".join(
        "    " if c == "\t" else "\ufffd" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text
    )


def display_width(text: str) -> int:
    """The number of columns that a terminal gives `text` (Unicode Standard Annex #11); tabs count as four."""
    if text.isascii() and "\t" not in text:
        return len(text)
    return sum(map(_character_width, text))


def _character_width(character: str) -> int:
    if character == "\t":
        return 4
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


# --- colour ------------------------------------------------------------------------------------------------------------------

_BOLD, _CARET, _HINT = "1", "1;31", "36"


def _style(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if _coloured() else text


def _coloured() -> bool:
    """Text is plain, as it may end in a log, unless TRACER_COLOR is `always`, or `auto` and stderr is a terminal."""
    wanted = os.environ.get("TRACER_COLOR", "never")
    return wanted in ("1", "always") or (wanted == "auto" and sys.stderr is not None and sys.stderr.isatty())


