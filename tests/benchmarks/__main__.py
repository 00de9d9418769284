"""Print the table: `python -m tests.benchmarks [--quick] [--only NAME] [--json FILE]`."""

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib import metadata

import attrs

from tests.benchmarks.measures import FULL, GROUPS, MEASURES, QUICK, WorkerFailed, peer_available, summaries
from tests.benchmarks.report import Failure, table


def _versions() -> dict[str, str]:
    present = {distribution.metadata["Name"].lower() for distribution in metadata.distributions()}
    names = [name for name in ("numba", "llvmlite", "numpy") if name in present]
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def _select(only: list[str]) -> dict:
    """The measures named; `kernels` and `arrays` stand for all of their kind."""
    wanted = {name for item in only for name in GROUPS.get(item, [item])}
    return {name: measure for name, measure in MEASURES.items() if not wanted or name in wanted}


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repeats: a minute, and noisier figures")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", choices=[*GROUPS, *MEASURES],
                        help=f"measure only this, may be given again: {', '.join([*GROUPS, *MEASURES])}".replace("%", "%%"))
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    return parser.parse_args(arguments)


def _measure(selected: dict, effort: object) -> tuple[list, list[Failure]]:
    rows, failures = [], []
    for name, measure in selected.items():
        print(f"  {name} ...", file=sys.stderr, flush=True)
        try:
            rows.extend(measure(effort))
        except (WorkerFailed, subprocess.TimeoutExpired) as error:
            failures.append(Failure(name, str(error)))
    return rows + summaries(rows), failures


def main(arguments: list[str]) -> int:
    """Measure, print, and return 1 if anything could not be measured."""
    options = _parse(arguments)
    versions = _versions()
    print(", ".join(f"{name} {version}" for name, version in versions.items()), f"on {os.cpu_count()} cores", flush=True)
    if not peer_available():
        print("Numba is not installed (extra `bench`): times are measured, ratios to Numba are not.", flush=True)
    rows, failures = _measure(_select(options.only), QUICK if options.quick else FULL)
    print(table(rows))
    for reason in dict.fromkeys(failure.reason for failure in failures):
        print(f"FAILED {', '.join(failure.measure for failure in failures if failure.reason == reason)}:\n{reason}")
    misses = sum(row.verdict == "MISS" for row in rows)
    print(f"{sum(row.verdict == 'ok' for row in rows)} targets reached, {misses} missed, {len(failures)} failed")
    if options.json:
        document = {
            "versions": versions,
            "rows": [{**attrs.asdict(row), "verdict": row.verdict} for row in rows],
            "failures": [attrs.asdict(failure) for failure in failures],
        }
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
