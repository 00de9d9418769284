"""Source spans: where in the user's files an op, a value or an error comes from."""

from __future__ import annotations

from collections.abc import Iterator

import attrs


@attrs.frozen(eq=False, repr=False)
class Span:
    """A range of source text inside one function, and the call that led there.

    Lines count from 1, columns from 0, as in `ast`. `caller` is the span of the call through which this
    code was traced inline; it is None in the body of a graph's own function.
    """

    filename: str
    function: str
    line: int
    column: int
    end_line: int
    end_column: int
    caller: Span | None = None

    def chain(self) -> Iterator[Span]:
        """This span and the inline calls around it, innermost first."""
        span: Span | None = self
        while span is not None:
            yield span
            span = span.caller
