"""The table of figures: each a time of ours against a reference, with the ratio that is to be reached."""

import statistics
from collections.abc import Sequence

import attrs


@attrs.frozen
class Row:
    """One figure: seconds of ours and of the reference, their ratio, and the largest acceptable ratio.

    What is None is not known: there was nothing to compare with, or the row is only a ratio or only information.
    """

    measure: str
    ours: float | None
    reference: float | None
    reference_name: str
    ratio: float | None
    limit: float | None
    note: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `MISS`, or empty where nothing was to be reached or compared."""
        if self.ratio is None or self.limit is None:
            return ""
        return "ok" if self.ratio <= self.limit else "MISS"


@attrs.frozen
class Failure:
    """A measure that could not be taken."""

    measure: str
    reason: str


def compare(
    measure: str, ours: float, reference: float | None, name: str, limit: float | None = None, note: str = ""
) -> Row:
    """The row of two times in seconds."""
    ratio = None if reference is None else ours / reference
    return Row(measure, ours, reference, name, ratio, limit, note)


def median_of_ratios(measure: str, rows: Sequence[Row], limit: float) -> list[Row]:
    """The median of the ratios of rows as a row of its own; none when no row has a ratio."""
    ratios = [row.ratio for row in rows if row.ratio is not None]
    if not ratios:
        return []
    return [Row(measure, None, None, "", statistics.median(ratios), limit)]


def format_seconds(seconds: float | None) -> str:
    """Three significant digits with the unit that fits; nothing for None."""
    if seconds is None:
        return ""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 0.9995:
            return f"{_three_digits(seconds * factor)} {unit}"
    return f"{_three_digits(seconds * 1e9)} ns"


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _cells(row: Row) -> list[str]:
    reference = format_seconds(row.reference)
    name = row.reference_name if reference else ""
    ours = format_seconds(row.ours)
    return [row.measure, ours, reference, name, _ratio(row.ratio), _ratio(row.limit), row.verdict, row.note]


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text."""
    heads = ["measure", "ours", "reference", "", "ratio", "at most", "", ""]
    lines = [heads, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    text_columns = {0, 3, 6, 7}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in text_columns else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
