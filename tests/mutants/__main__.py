"""The command that plants the faults: see the package's docstring."""

from __future__ import annotations

import argparse
import functools
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.mutants import Mutant
from tests.mutants.running import ROOT, Outcome, Planting, suite_passes
from tests.mutants.table import MUTANTS


def main() -> int:
    """Plant the chosen faults; 1 if one survives, 2 if the tests fail without any."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Plant faults and see whether the tests notice.")
    parser.add_argument("words", nargs="*", help="only faults whose file or description has one of these")
    parser.add_argument("--whole", action="store_true", help="run the whole default suite on each fault")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds after which the tests count as hanging")
    parser.add_argument("--jobs", type=int, default=1, help="faults that are planted at the same time, each in a copy of its own")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.words or any(word in f"{m.file} {m.breaks}" for word in options.words)]
    if not chosen:
        parser.error(f"no fault has one of {' '.join(options.words)} in its file or description")
    if options.jobs < 1:
        parser.error("--jobs must be at least 1")
    if not suite_passes(ROOT, sorted({test for m in chosen for test in m.tests})):
        print("the tests fail without a fault: nothing can be told", file=sys.stderr)
        return 2
    survivors = 0
    plant = functools.partial(_outcome_of, whole=options.whole, timeout=options.timeout)
    with ThreadPoolExecutor(options.jobs) as pool:  # the tests run in processes of their own
        for number, (mutant, outcome) in enumerate(zip(chosen, pool.map(plant, chosen)), 1):
            survivors += not outcome.noticed
            print(f"{number:4} {outcome.word:9}{outcome.seconds:6.1f} s  {mutant.file:38} {mutant.breaks}", flush=True)
            if outcome.by:
                print(f"{'':23}{outcome.by}", flush=True)
    print(f"{len(chosen)} faults, {len(chosen) - survivors} found, {survivors} survived")
    return int(survivors > 0)


def _outcome_of(mutant: Mutant, *, whole: bool, timeout: float) -> Outcome:
    return Planting(ROOT, mutant).run(("tests",) if whole else mutant.tests, timeout)


if __name__ == "__main__":
    sys.exit(main())
