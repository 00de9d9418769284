"""Run many random programs of array statements, and keep those that go wrong, made small, as cases of the tests.

    python tests/random_arrays.py --start 100000 --count 5000

Each failure is printed and written to `tests/cases/random_arrays/`, where `tests/test_random_arrays.py` finds it.
Run it twice with different starts to use two cores. `--refused` also prints the programs that do not compile.
"""

from __future__ import annotations

import argparse
import ast
import collections
import pathlib
import re
import sys
import time
import warnings

ROOT = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT.parent), str(ROOT)]

from array_program_generator import generate_program  # noqa: E402
from array_program_runs import Difference, differences, refusal  # noqa: E402
from shrinking import shrink  # noqa: E402

from codegen.runtime import track_blocks  # noqa: E402

CASES = ROOT / "cases" / "random_arrays"


def terminates(text: str) -> bool:
    """Whether every `while` still counts its rounds first."""
    for loop in ast.walk(ast.parse(text)):
        if isinstance(loop, ast.While):
            counted = re.match(r"(\w+) < \d", ast.unparse(loop.test))
            if not counted or ast.unparse(loop.body[0]) != f"{counted[1]} += 1":
                return False
    return True


def fails_alike(text: str, difference: Difference) -> bool:
    """Whether the program has a difference of this kind for these inputs."""
    try:
        return terminates(text) and any(d.kind == difference.kind for d in differences(text, [difference.inputs]))
    except SyntaxError:
        return False
    except Exception as error:  # noqa: BLE001 (a fault of the compiler is what is looked for)
        return difference.kind == crash_kind(error)


def crash_kind(error: BaseException) -> str:
    """The kind of a difference that is a fault inside of the compiler."""
    first = str(error).partition("\n")[0]
    return f"compiler: {type(error).__name__}: {re.sub(r'[0-9]+ faults?', 'faults', first)[:60]}"


def found_in(text: str, inputs: list[str]) -> list[Difference]:
    """The differences, and a fault of the compiler as one."""
    try:
        return differences(text, inputs)
    except Exception as error:  # noqa: BLE001 (as above)
        return [Difference(crash_kind(error), repr(error), inputs[0])]


def case_text(text: str, difference: Difference) -> str:
    """The file that keeps a case."""
    return f'"""Once went wrong: {difference.kind}."""\n\nINPUTS = ["""{difference.inputs}"""]\n\n\n{text}'


def main() -> int:
    """Run the programs; 1 if any went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this time")
    parser.add_argument("--refused", action="store_true", help="print programs that are not compiled")
    parser.add_argument("--keep", type=pathlib.Path, default=CASES, help="where failures are written")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    track_blocks()
    counts: collections.Counter[str] = collections.Counter()
    end = time.monotonic() + options.seconds
    for seed in range(options.start, options.start + options.count):
        if time.monotonic() > end:
            break
        text, inputs = generate_program(seed)
        counts["programs"] += 1
        counts["failures"] += report(seed, text, inputs, options.keep)
        reason = refusal(text, inputs) if options.refused else None
        if reason is not None:
            counts["refused"] += 1
            print(f"--- program {seed} is refused:\n{reason[:1200]}\n", flush=True)
    print(dict(counts))
    return int(counts["failures"] > 0)


def report(seed: int, text: str, inputs: list[str], folder: pathlib.Path) -> bool:
    """Print and keep what goes wrong, if anything does."""
    found = found_in(text, inputs)
    if not found:
        return False
    small = shrink(text, lambda candidate: fails_alike(candidate, found[0]))
    again = [d for d in found_in(small, [found[0].inputs]) if d.kind == found[0].kind]
    print(f"--- program {seed}: {found[0].kind}\n{small}\n{(again or found)[0].text}\n", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"program_{seed}.py").write_text(case_text(small, found[0]), encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())
