"""Call every public entry with every hostile value, each entry in a process of its own:

    python -m tests.hostile                      all of it
    python -m tests.hostile --only "njit itself" one entry
    python -m tests.hostile --step 50            every fiftieth value

Prints each call that crashed, hung, raised a fault of the compiler or gave another result than the interpreter, and
ends with status 1 if there was one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator

from tests.hostile.entries import ROOT, all_entries

MOST_CRASHES = 20


def faults_of_sample(step: int, offset: int = 0) -> Iterator[str]:
    """What is wrong with calls of all entries, each with every so many-th value, in one process."""
    yield from _faults_of_process(["SAMPLE", "0", str(step), str(offset)], [])


def _faults_of_process(arguments: list[str], reached: list[int]) -> Iterator[str]:
    """What a worker reports; where it does not come to its end, the last call, whose number is left in `reached`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.worker", *arguments], cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=3000
    )  # fmt: skip
    last: dict = {"entry": arguments[0], "number": int(arguments[1]) - 1, "value": "nothing yet"}
    for line in done.stdout.splitlines():
        last = json.loads(line)
        if "fault" in last:
            yield f"{last['entry']} with {last['value']}: {last['fault']}"
    if "done" not in last:
        reached.append(last["number"])
        yield f"{last['entry']} with {last['value']}: the process ended with status {done.returncode}\n{done.stderr[-2000:]}"


def faults(entry: str, step: int = 1, offset: int = 0) -> Iterator[str]:
    """What is wrong with the calls of an entry, a process being started anew behind each call that ends one."""
    first = 0
    for _ in range(MOST_CRASHES):
        reached: list[int] = []
        yield from _faults_of_process([entry, str(first), str(step), str(offset)], reached)
        if not reached:
            return
        first = reached[0] + 1


def main() -> int:
    """Run as the arguments say; the status is 1 if there is any fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--only", action="append", help="an entry's name; again for several")
    parser.add_argument("--step", type=int, default=1, help="take one value in so many")
    options = parser.parse_args()
    count = 0
    names = options.only or list(all_entries())
    for offset, name in enumerate(names):
        for fault in faults(name, options.step, offset):
            count += 1
            print(fault.encode("ascii", "backslashreplace").decode(), flush=True)
    print(f"{len(names)} entries, {count} faults")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
