"""The planted faults of `tests/mutants`: each has its place, and the command tells those that are noticed from others."""

from __future__ import annotations

import ast
import collections
import pathlib

import pytest

from tests.mutants import Mutant
from tests.mutants.running import ROOT, Planting, planted, suite_passes
from tests.mutants.table import MUTANTS


@pytest.mark.quick_cases(None)
@pytest.mark.parametrize("file", sorted({m.file for m in MUTANTS}))
def test_each_fault_has_one_place_and_changes_the_program(file: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    before = ast.dump(ast.parse(source))
    for mutant in MUTANTS:
        if mutant.file == file:
            assert ast.dump(ast.parse(planted(source, mutant))) != before, mutant.breaks


def test_the_named_tests_exist() -> None:
    for test in {test for m in MUTANTS for test in m.tests}:
        file, _, function = test.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not function or f"\ndef {function}(" in text, test


def test_all_parts_have_faults() -> None:
    parts = collections.Counter(m.file.partition("/")[0] for m in MUTANTS)
    assert parts.keys() == {"tracer", "ir", "codegen"} and min(parts.values()) >= 40
    assert len({(m.file, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)


TEST = """
import tracer.half


def test_half():
    assert tracer.half.half(4) == 2
    {more}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "old, new, more, word",
    [
        ("n // 2", "n // 3", "", "found"),
        ("n // 2", "n / 2", "", "SURVIVED"),
        ("return", "import os; os.abort(); return", "", "crashed"),
        ("return", "while True: pass\n    return", "", "hung"),
    ],
)  # fmt: skip
def test_outcomes(tmp_path: pathlib.Path, old: str, new: str, more: str, word: str) -> None:
    for name, text in {"tracer/half.py": "def half(n):\n    return n // 2\n", "tests/test_half.py": TEST.format(more=more)}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert suite_passes(tmp_path, ["tests/test_half.py"])
    outcome = Planting(tmp_path, Mutant("tracer/half.py", old, new, "", ())).run(["tests/test_half.py"], 5.0)
    assert outcome.word == word and outcome.noticed is (word != "SURVIVED")
    assert outcome.by == ("tests/test_half.py::test_half" if word == "found" else "")


def test_a_fault_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="has 2 times, not once"):
        planted("a = 1\nb = 1\n", Mutant("m.py", "= 1", "= 2", "", ()))
