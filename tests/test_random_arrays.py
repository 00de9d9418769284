"""Random programs of array statements do what NumPy does: interpreted before and after the passes, and as machine code.

`--slow` runs many more. `python tests/random_arrays.py --start 100000 --count 5000` runs any number, makes what fails small
and keeps it in `tests/cases/random_arrays/`, whose programs run always.
"""

from __future__ import annotations

import ast
import pathlib
import runpy

import pytest
from array_program_generator import generate_program
from array_program_runs import differences
from random_arrays import terminates
from shrinking import shrink

pytestmark = pytest.mark.filterwarnings("ignore")
CASES = sorted((pathlib.Path(__file__).parent / "cases" / "random_arrays").glob("*.py"))


def check(text: str, inputs: list[str]) -> None:
    """Fail with the program and what differs."""
    found = differences(text, inputs)
    assert not found, text + "\n" + "\n".join(d.text for d in found)


@pytest.mark.seeds(40, 120, 5000)
def test_program(seed: int) -> None:
    check(*generate_program(seed))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: pathlib.Path) -> None:
    text = path.read_text(encoding="utf-8")
    check(text[text.index("def program") :], runpy.run_path(str(path))["INPUTS"])


def test_the_same_seed_gives_the_same_program() -> None:
    assert generate_program(5) == generate_program(5) != generate_program(6)


def test_most_programs_change_or_make_arrays() -> None:
    lengths = [len(generate_program(seed)[0].splitlines()) for seed in range(30)]
    assert sum(length > 6 for length in lengths) > 15


def test_shrinking_keeps_only_what_fails() -> None:
    text = "def program(a, b):\n    x = a + 1\n    for i in range(3):\n        if b:\n            y = abs((x * 2) + bad(a))\n    return x\n"
    small = shrink(text, lambda candidate: "bad(" in candidate and _parses(candidate))
    assert "bad(a)" in small and "abs" not in small and "return" not in small and "for" not in small


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def test_loops_that_do_not_count_their_rounds_are_not_tried() -> None:
    assert terminates("m = 0\nwhile m < 3 and x:\n    m += 1\n    x = 2\n")
    assert not terminates("m = 0\nwhile m < 3 and x:\n    x = 2\n")
