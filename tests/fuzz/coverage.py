"""Which lines of the compiler random programs reach, counted by `sys.monitoring`."""

from __future__ import annotations

import collections
import pathlib
import sys
import types
import warnings
from collections.abc import Iterable, Iterator

from tests.fuzz.cases import found_in
from tests.fuzz.families import program_of
from tests.fuzz.workers import effort

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGES = ("tracer", "ir", "codegen")


def report(seeds: Iterable[int], inputs: int) -> int:
    """Run the programs in this process; print for each package and file how much of its functions was run, and what was not."""
    if not hasattr(sys, "monitoring"):
        print("--coverage needs CPython 3.12 or newer: it counts lines with sys.monitoring", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    reached = _start()
    count = 0
    for seed in seeds:
        with effort(seed):
            found_in(program_of(seed, inputs)[1])
        count += 1
    sys.monitoring.free_tool_id(sys.monitoring.COVERAGE_ID)
    _print(count, reached)
    return 0


def _start() -> dict[str, set[int]]:
    """From now on, note each line of the compiler that runs, once."""
    monitoring = sys.monitoring
    reached: dict[str, set[int]] = collections.defaultdict(set)
    ours = tuple(f"{ROOT / package}/" for package in PACKAGES)

    def note(code: types.CodeType, line: int) -> object:
        if code.co_filename.startswith(ours):
            reached[code.co_filename].add(line)
        return monitoring.DISABLE

    monitoring.use_tool_id(monitoring.COVERAGE_ID, "fuzz")
    monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, note)
    monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)
    return reached


def _lines(path: pathlib.Path) -> set[int]:
    """The lines inside of functions: what runs at import says nothing."""
    module = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    return {line for code in _functions(module) for _, _, line in code.co_lines() if line and line != code.co_firstlineno}


def _functions(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_flags & 0x2:  # a function's code has variables of its own (CO_NEWLOCALS); a class's has not
                yield constant
            yield from _functions(constant)


def _print(count: int, reached: dict[str, set[int]]) -> None:
    print(f"after {count} programs:")
    rows = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.parent.name == "library":
                continue  # it is traced, not run
            lines = _lines(path)
            rows.append((package, path, len(lines), sorted(lines - reached[str(path)])))
        mine = [row for row in rows if row[0] == package]
        total, missed = sum(row[2] for row in mine), sum(len(row[3]) for row in mine)
        print(f"| `{package}/` | {total} | {100 * (1 - missed / total):.1f}% |")
    for _, path, total, missed in sorted(rows, key=lambda row: -len(row[3])):
        if missed:
            print(f"{path.relative_to(ROOT)}: {len(missed)} of {total} not reached: {_ranges(missed)}")


def _ranges(lines: list[int]) -> str:
    """Numbers of lines, with runs of them as ranges."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line - runs[-1][1] <= 2:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
