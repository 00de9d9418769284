"""Run many random programs in every way there is, and keep those that go wrong, made small, as cases of the tests.

    python -m tests.fuzz --programs 5000 --jobs 2 --start 1000

Each program runs on 20 inputs in a process that may crash or hang. A long run says now and then from which --start another one
could go on. A failure is printed and written to `tests/cases/fuzz/`,
where `tests/test_fuzz.py` finds it. `--coverage` measures which lines of the compiler the programs reach.
"""

from __future__ import annotations

import argparse
import collections
import functools
import pathlib
import resource
import sys
import threading
import time
from collections.abc import Iterator

from tests.fuzz import coverage
from tests.fuzz.cases import CASES, keep
from tests.fuzz.families import FAMILIES, program_of, seed_of
from tests.fuzz.workers import Report, Worker, examine, report_of_end

PROGRESS = 500  # after so many programs, the run says where another one could go on


def main() -> int:
    """Run the programs; 1 if any went wrong."""
    options = arguments()
    if options.coverage:
        return coverage.report(seeds(options), options.inputs)
    run = Run(options)
    threads = [threading.Thread(target=run.work) for _ in range(options.jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.summarize()
    return int(bool(run.kinds))


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=int, default=0, help="the number of the first program")
    parser.add_argument("--programs", type=int, default=1000, help="how many programs")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--inputs", type=int, default=20, help="on how many inputs each program runs")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--family", choices=FAMILIES, action="append", help="only programs of this family (again for several)")
    parser.add_argument("--refused", action="store_true", help="print programs that are not compiled")
    parser.add_argument("--keep", type=pathlib.Path, default=CASES, help="where failures are written")
    parser.add_argument("--coverage", action="store_true", help="count the lines of the compiler that are reached (CPython 3.12 or newer)")
    return parser.parse_args()


def seeds(options: argparse.Namespace) -> Iterator[int]:
    """The seeds of the programs, for as long as there is time."""
    end = time.monotonic() + options.seconds
    chosen = tuple(family for family in FAMILIES if not options.family or family in options.family)
    for number in range(options.start, options.start + options.programs):
        if time.monotonic() > end:
            return
        yield seed_of(number, chosen)


class Run:
    """Programs that several processes run, and what came of them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.seeds = enumerate(seeds(options), options.start)
        self.running: set[int] = set()  # numbers of programs, as in --start
        self.lock = threading.Lock()
        self.began = time.monotonic()
        self.counts: collections.Counter[str] = collections.Counter()
        self.kinds: collections.Counter[str] = collections.Counter()

    def work(self) -> None:
        """Run one program after the other in one process."""
        inputs = self.options.inputs
        worker = Worker(functools.partial(examine, inputs=inputs, ask_refusal=self.options.refused))
        try:
            while (following := self._next()) is not None:
                number, seed = following
                report = worker.run(seed)
                made = functools.partial(program_of, inputs=inputs)
                self._note(number, report_of_end(seed, report, made) if isinstance(report, str) else report)
        finally:
            worker.close()

    def _next(self) -> tuple[int, int] | None:
        with self.lock:
            following = next(self.seeds, None)
            if following is not None:
                self.running.add(following[0])
            return following

    def _note(self, number: int, report: Report) -> None:
        with self.lock:
            self.counts[report.family] += 1
            if not self._programs() % PROGRESS:
                print(f"--- {self._programs()} programs; all are done before --start {min(self.running)}", flush=True)
            self.running.remove(number)
            self.counts["inputs"] += report.inputs
            if report.refused:
                self.counts[f"{report.family}, refused"] += 1
                print(f"--- program {report.seed} ({report.family}) is refused:\n{report.refused[:1200]}\n", flush=True)
            if report.problem:
                self._problem(report)

    def _problem(self, report: Report) -> None:
        self.kinds[report.kind] += 1
        print(f"--- program {report.seed} ({report.family}): {report.kind}\n{report.small.text}\n{report.problem}\n", flush=True)
        if self.kinds[report.kind] == 1 and report.small.inputs:  # further ones of a kind are most likely the same fault
            keep(f"{report.family}_{report.seed}", report.small, report.kind, self.options.keep)

    def _programs(self) -> int:
        return sum(self.counts[family] for family in FAMILIES)

    def summarize(self) -> None:
        """Print how many programs ran, and what went wrong how often."""
        programs = self._programs()
        seconds = time.monotonic() - self.began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        each = (used.ru_utime + used.ru_stime) / max(programs, 1) * 1e3
        print(f"{programs} programs on {self.counts['inputs']} inputs in {seconds:.0f} s: {each:.0f} ms of processor time for each")
        print(dict(self.counts))
        for kind, count in self.kinds.most_common():
            print(f"{count:6} {kind}")


if __name__ == "__main__":
    sys.exit(main())
