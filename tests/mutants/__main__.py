"""The command that plants the faults: see the package's docstring."""

from __future__ import annotations

import argparse
import sys

from tests.mutants.running import ROOT, Planting, suite_passes
from tests.mutants.table import MUTANTS


def main() -> int:
    """Plant the chosen faults, one after the other; 1 if one survives, 2 if the tests fail without any."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Plant faults and see whether the tests notice.")
    parser.add_argument("words", nargs="*", help="only faults whose file or description has one of these")
    parser.add_argument("--whole", action="store_true", help="run the whole default suite on each fault")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds after which the tests count as hanging")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.words or any(word in f"{m.file} {m.breaks}" for word in options.words)]
    if not suite_passes(ROOT, sorted({test for m in chosen for test in m.tests})):
        print("the tests fail without a fault: nothing can be told", file=sys.stderr)
        return 2
    survivors = 0
    for number, mutant in enumerate(chosen, 1):
        outcome = Planting(ROOT, mutant).run(("tests",) if options.whole else mutant.tests, options.timeout)
        survivors += not outcome.noticed
        print(f"{number:4} {outcome.word:9}{outcome.seconds:6.1f} s  {mutant.file:38} {mutant.breaks}", flush=True)
        if outcome.by:
            print(f"{'':23}{outcome.by}", flush=True)
    print(f"{len(chosen)} faults, {len(chosen) - survivors} found, {survivors} survived")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
