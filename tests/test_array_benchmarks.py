"""The benchmarks of arrays measure what they claim: compiled programs and expressions compute what NumPy does."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.benchmarks import array_measures, array_worker
from tests.benchmarks.array_problems import PROBLEMS
from tests.benchmarks.expressions import EXPRESSIONS
from tests.benchmarks.measures import ROOT
from tests.benchmarks.report import Row
from tracer import njit


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_compiled_program_agrees_with_numpy(problem) -> None:
    with np.errstate(all="ignore"):
        expected = problem.function(*problem.small())
    array_worker.check_close(expected, problem.compiled(njit)(*problem.small()), 1e-9)


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda expression: expression.name)
def test_compiled_expression_agrees_with_numpy(expression) -> None:
    for size in (1, 7, 1000):
        arguments = expression.arguments(size)
        with np.errstate(all="ignore"):
            expected = expression.function(*arguments)
        array_worker.check_close(expected, njit(expression.function)(*arguments), 1e-12)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_programs_are_of_the_size_that_is_claimed(problem) -> None:
    lines = [problem.function.__code__, *(vars(sys.modules[problem.function.__module__])[name].__code__ for name in problem.helpers)]
    count = sum(max(line for _, _, line in code.co_lines() if line) - code.co_firstlineno + 1 for code in lines)
    assert 20 <= count <= 80


def test_different_results_are_noticed() -> None:
    one = np.array([1.0, 2.0])
    for other in (one + 1e-3, one.astype(np.float32), (one,)):
        with pytest.raises((AssertionError, ValueError)):
            array_worker.check_close((one, one), (one, other), 1e-9)
    with pytest.raises(ValueError):
        array_worker.check_close((one, one), (one,), 1e-9)


def test_summary_waits_for_all_programs() -> None:
    rows = []
    for problem in PROBLEMS:
        rows += array_measures.program_rows(
            problem.name, {"run": {"tracer": 1.0, "numba": 2.0, "numpy": 4.0}, "compile": {"tracer": 1.0, "numba": 20.0}}
        )
    assert [(row.ratio, row.verdict) for row in array_measures.summary(rows)] == [(0.5, "ok"), (0.25, "ok"), (0.05, "ok")]
    assert array_measures.summary(rows[:-3]) == []
    alone = [Row(row.measure, row.ours, None, row.reference_name, None, row.limit) for row in rows]
    assert all(row.verdict == "" for row in array_measures.summary(alone))


@pytest.mark.slow
def test_command_measures_one_expression_and_memory(tmp_path) -> None:
    report = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--only", "np.sum(a)", "--only", "memory", "--json", report]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(report.read_text())["rows"]
    assert {row["measure"] for row in rows} == {"np.sum(a)", "np.sum(a), compile", "peak memory of a fused expression"}
    assert all(row["ratio"] is None or row["ratio"] > 0 for row in rows)
