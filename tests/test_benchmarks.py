"""The benchmarks measure what they claim: every version of a kernel computes what the interpreter does."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from tests.benchmarks import native, snippets
from tests.benchmarks.interrupt_measures import KINDS, delays
from tests.benchmarks.measures import ROOT
from tests.benchmarks.option_measures import CHECKED, POLLED
from tests.benchmarks.problems import PROBLEMS, check_outcomes, outcome
from tests.benchmarks.report import compare, format_seconds, median_of_ratios, table
from tracer import njit

by_name = pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> object:
    """The C versions."""
    compiled = native.compile_library(str(tmp_path_factory.mktemp("c")))
    if compiled is None:
        pytest.skip("no C compiler on this machine")
    return compiled


@by_name
def test_compiled_kernel_agrees_with_python(problem) -> None:
    arguments = problem.small()
    check_outcomes(outcome(problem.function, arguments), outcome(njit(problem.function), arguments))


@by_name
def test_c_kernel_agrees_with_python(problem, library) -> None:
    arguments = problem.small()
    check_outcomes(outcome(problem.function, arguments), outcome(native.c_function(library, problem), arguments))


@by_name
def test_kernel_changes_its_output(problem) -> None:
    """A kernel that did nothing would make every comparison above hold."""
    arguments = problem.small()
    before = [argument for argument in arguments if isinstance(argument, np.ndarray)]
    result, *after = outcome(problem.function, arguments)
    assert result is not None or any((old != new).any() for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("problem, options", [
    *((problem, {"boundscheck": False}) for problem in CHECKED), *((problem, {"interruptible": False}) for problem in POLLED),
], ids=lambda value: getattr(value, "name", ""))  # fmt: skip
def test_options_do_not_change_results(problem, options) -> None:
    arguments = problem.small()
    expected = outcome(problem.function, arguments)
    for fast in (njit(problem.function), njit(**options)(problem.function)):
        check_outcomes(expected, outcome(fast, arguments))


def test_differing_outcomes_are_noticed() -> None:
    with pytest.raises(AssertionError):
        check_outcomes([None, np.array([1.0])], [None, np.array([1.0 + 1e-9])])
    with pytest.raises(AssertionError):
        check_outcomes([None], [0])


def test_long_function_has_500_lines_and_compiles(tmp_path) -> None:
    source = snippets.long_source()
    assert len(source.splitlines()) == 500
    function = next(snippets.fresh_functions(str(tmp_path), source))
    arguments = (np.linspace(0.0, 1.0, 17), 17)
    check_outcomes(outcome(function, arguments), outcome(njit(function), arguments))


def test_table_shows_ratio_and_verdict() -> None:
    rows = [compare("one", 1e-3, 4e-3, "other", 0.5), compare("two", 3e-3, 4e-3, "other", 0.5)]
    rows += [compare("alone", 2.5e-7, None, "other", 0.5), *median_of_ratios("median", rows, 0.6)]
    lines = [line.split() for line in table(rows).splitlines()[1:]]
    assert lines == [
        ["one", "1.00", "ms", "4.00", "ms", "other", "0.250", "0.500", "ok"],
        ["two", "3.00", "ms", "4.00", "ms", "other", "0.750", "0.500", "MISS"],
        ["alone", "250", "ns", "0.500"],
        ["median", "0.500", "0.600", "ok"],
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(1.5, "1.50 s"), (0.0123, "12.3 ms"), (9.999e-4, "1.00 ms"), (3.4e-8, "34.0 ns")]
)
def test_seconds_have_three_digits(seconds, text) -> None:
    assert format_seconds(seconds) == text


@pytest.mark.slow
def test_command_measures_one_kernel(tmp_path) -> None:
    report = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--only", "prefix_sum", "--json", report]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (row,) = json.loads(report.read_text())["rows"]
    assert row["measure"] == "prefix_sum" and row["ours"] > 0


def test_interrupts_are_timed_where_there_are_any() -> None:
    kind = KINDS["while"]
    fast = njit(kind.function)
    fast(3)
    found = delays(fast, kind, 2)
    assert len(found) == 2 and min(found) > 0
    before = signal.getsignal(signal.SIGALRM)
    assert delays(fast, kind._replace(arguments=lambda: (10,)), 3) == []
    assert signal.getsignal(signal.SIGALRM) is before and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.ends])
def test_what_is_interrupted_computes_the_same(name: str) -> None:
    """On the same arguments, but fewer of them."""
    kind = KINDS[name]
    small = [np.array(a[tuple(slice(20) for _ in a.shape)]) for a in kind.arguments()]
    if small[-1].dtype == np.int64:
        small[-1] %= 20
    expected = kind.function(*(a.copy() for a in small))
    np.testing.assert_allclose(njit(kind.function)(*small), expected, rtol=1e-13)
