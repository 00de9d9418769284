"""What is measured of functions of whole arrays: single expressions, ten programs, and memory."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from tests.benchmarks.array_problems import PROBLEMS
from tests.benchmarks.expressions import EXPRESSIONS, SIZES, Expression
from tests.benchmarks.report import Row, compare, format_seconds, median_of_ratios

if TYPE_CHECKING:
    from tests.benchmarks.measures import Effort

OURS, PEER, NUMPY = "tracer", "numba", "numpy"
COMPILE_LIMIT = 1 / 10
Ask = Callable[..., dict]
"""Has a worker measure: `ask("program", name, rounds)` gives its answer."""


def _ratio_notes(run: dict[str, dict[str, float]]) -> str:
    """What the smallest and the largest size take, and the ratios there."""
    notes = []
    for size in (SIZES[0], SIZES[-1]):
        times = run[str(size)]
        ratios = "/".join(f"{times[OURS] / times[name]:.2f}" for name in (PEER, NUMPY) if name in times)
        notes.append(f"{size:.0e}: {format_seconds(times[OURS])}, {ratios}".replace("e+0", "e"))
    return "; ".join(notes)


def _compile_row(name: str, seconds: dict[str, float], note: str = "") -> Row:
    return compare(f"{name}, compile", seconds[OURS], seconds.get(PEER), PEER, COMPILE_LIMIT, note)


def _unprepared_note(seconds: float, peer: float | None) -> str:
    """What the compilation takes where no program of this version has run before."""
    return f"new cache: {format_seconds(seconds)}" + (f", {seconds / peer:.2f}" if peer else "")


def expression_rows(found: Expression, answer: dict, unprepared: float) -> Iterator[Row]:
    """What a worker answered of an expression: the run time against both, and the compile time; `unprepared`: without kernels
    of elementary functions on disk."""
    middle = answer["run"][str(SIZES[1])]
    yield compare(found.name, middle[OURS], middle.get(PEER), PEER, found.numba_limit, _ratio_notes(answer["run"]))
    yield compare(found.name, middle[OURS], middle[NUMPY], NUMPY, found.numpy_limit)
    yield _compile_row(found.name, answer["compile"], _unprepared_note(unprepared, answer["compile"].get(PEER)))


def program_rows(name: str, answer: dict) -> Iterator[Row]:
    """What a worker answered of a program: the run time against both, and the compile time."""
    run = answer["run"]
    yield compare(name, run[OURS], run.get(PEER), PEER, 1.2)
    yield compare(name, run[OURS], run[NUMPY], NUMPY, 1.0)
    yield _compile_row(name, answer["compile"])


def measures(ask: Ask, compilers: Callable[[], list[str]]) -> dict[str, Callable[[Effort], Iterator[Row]]]:
    """Every measure by its name."""

    def expression(found: Expression) -> Callable[[Effort], Iterator[Row]]:
        def measure(effort: Effort) -> Iterator[Row]:
            with tempfile.TemporaryDirectory() as folder:
                unprepared = ask("compile_seconds", found.name, folder)["seconds"]
                answer = ask("expression", found.name, folder, effort.rounds, *compilers())
            return expression_rows(found, answer, unprepared)

        return measure

    def program(name: str) -> Callable[[Effort], Iterator[Row]]:
        return lambda effort: program_rows(name, ask("program", name, effort.rounds, *compilers()))

    def memory(effort: Effort) -> Iterator[Row]:
        found = {name: ask("memory", name) for name in (OURS, NUMPY)}
        ratios = {
            name: (answer["inputs"] + answer["added"]) / (answer["inputs"] + answer["output"]) for name, answer in found.items()
        }
        note = f"of inputs and output; NumPy: {ratios[NUMPY]:.2f}"
        yield Row("peak memory of a fused expression", None, None, "", ratios[OURS], 1.05, note)

    return {
        **{found.name: expression(found) for found in EXPRESSIONS},
        **{problem.name: program(problem.name) for problem in PROBLEMS},
        "memory": memory,
    }


def summary(rows: Sequence[Row]) -> list[Row]:
    """The medians over the programs, when all ten were measured."""
    names = {problem.name for problem in PROBLEMS}
    against = {
        reference: [row for row in rows if row.measure in names and row.reference_name == reference] for reference in (PEER, NUMPY)
    }
    compiled = [row for row in rows if row.measure.removesuffix(", compile") in names and row.limit == COMPILE_LIMIT]
    if any(len(found) < len(names) for found in (*against.values(), compiled)):
        return []
    made = median_of_ratios("programs, median", against[PEER], 1.0)
    made += median_of_ratios("programs, median against NumPy", against[NUMPY], 1.0)
    seconds = [[time for row in compiled if (time := getattr(row, which)) is not None] for which in ("ours", "reference")]
    reference = statistics.median(seconds[1]) if seconds[1] else None
    return [*made, compare("programs, median compile", statistics.median(seconds[0]), reference, PEER, COMPILE_LIMIT)]
