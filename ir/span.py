"""Source spans: where in the user's files an op, a value or an error comes from."""

from __future__ import annotations

from collections.abc import Iterator


class Span:
    """A range of source text inside one function, and the call that led there.

    Lines count from 1, columns from 0, as in `ast`. `caller` is the span of the call through which this
    code was traced inline; it is None in the body of a graph's own function. Tracebacks leave out what `is_hidden`.
    """

    __slots__ = ("filename", "function", "line", "column", "end_line", "end_column", "caller", "is_hidden")

    def __init__(
        self, filename: str, function: str, line: int, column: int, end_line: int, end_column: int,
        caller: Span | None = None, is_hidden: bool = False,
    ) -> None:  # fmt: skip
        self.filename = filename
        self.function = function
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.caller = caller
        self.is_hidden = is_hidden

    def chain(self) -> Iterator[Span]:
        """This span and the inline calls around it, innermost first."""
        span: Span | None = self
        while span is not None:
            yield span
            span = span.caller
