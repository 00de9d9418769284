"""What an option costs: the same function with and without it, in one process, in turns, on the same arrays."""

from __future__ import annotations

import importlib
import math
import statistics
from collections.abc import Callable, Iterator
from time import thread_time
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks import checked_kernels, tight_loops
from tests.benchmarks.problems import PROBLEMS, Problem, check_outcomes, outcome
from tests.benchmarks.report import Row

if TYPE_CHECKING:
    from tests.benchmarks.measures import Effort

CHECKS_MEAN, CHECKS_WORST, POLLS_MEAN = 1.05, 1.25, 1.01
_SHORTEST = 2e-3  # seconds that one measurement takes at least


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).random(shape)


def _places(count: int, below: int) -> np.ndarray:
    return np.random.default_rng(4).integers(0, below, count)


def _lower(n: int) -> np.ndarray:
    return np.tril(_random(n, n)) + n * np.eye(n)


def _sized(function: Callable, arguments: Callable[[int], tuple], large: int, small: int) -> Problem:
    return Problem(function, lambda: arguments(large), lambda: arguments(small))


k, t = checked_kernels, tight_loops
CHECKED = (
    _sized(k.stencil_3d, lambda n: (_random(n, n, n), np.zeros((n, n, n))), 60, 8),
    _sized(k.gather, lambda n: (_random(n), _places(n, n), np.zeros(n)), 100_000, 100),
    _sized(k.prefix, lambda n: (_random(n), np.zeros(n), n), 100_000, 100),
    _sized(k.histogram, lambda n: (_random(n), np.zeros(200, np.int64)), 100_000, 100),
    _sized(k.product, lambda n: (_random(n, n), _random(n, n), np.zeros((n, n))), 100, 8),
    _sized(k.sieve_steps, lambda n: (np.zeros(n, np.bool_),), 200_000, 100),
    _sized(k.transpose, lambda n: (_random(n, n + 3), np.zeros((n + 3, n))), 200, 8),
    _sized(k.forward_substitution, lambda n: (_lower(n), _random(n), np.zeros(n)), 400, 8),
    _sized(k.pairs, lambda n: (_random(n), np.zeros(n // 2)), 100_000, 100),
    _sized(k.backward, lambda n: (_random(n), _random(n)), 100_000, 100),
    _sized(k.shifted, lambda n: (_random(n), np.zeros(n), 7), 20_000, 100),
    _sized(k.merge, lambda n: (np.sort(_random(n)), np.sort(_random(n + 3)), np.zeros(2 * n + 3)), 50_000, 100),
    _sized(k.binary_search, lambda n: (np.sort(_random(n)), _random(n), np.zeros(n, np.int64)), 20_000, 100),
    _sized(k.convolution, lambda n: (_random(n), _random(25), np.zeros(n)), 20_000, 100),
    _sized(k.shortest_paths, lambda n: (_random(n, n),), 100, 8),
)  # fmt: skip
_OF_KERNELS = ("mandelbrot", "nbody", "sieve", "levenshtein", "monte_carlo", "bisection", "matrix_multiply", "prefix_sum")
POLLED = (
    _sized(t.collatz, lambda n: (n,), 20_000, 100),
    _sized(t.common_divisors, lambda n: (n,), 250, 10),
    Problem(t.random_walk, lambda: (2463534242,), lambda: (1,)),
    _sized(t.series, lambda n: (n,), 1_000_000, 100),
    _sized(t.residues, lambda n: (n,), 3_000_000, 100),
    _sized(t.fibonacci, lambda n: (n,), 27, 10),
    _sized(t.short_rows, lambda n: (_random(n, 5),), 100_000, 10),
    _sized(t.row_sum, lambda n: (_random(n),), 1_000_000, 10),
    *(problem for problem in PROBLEMS if problem.name in _OF_KERNELS),
)  # fmt: skip


def _times(functions: list[Callable], problem: Problem, rounds: int) -> list[list[float]]:
    """Seconds of a call of each function in each round; which comes first changes."""
    arguments = problem.large()
    once = []
    for function in functions:
        function(*arguments)
        start = thread_time()
        function(*arguments)
        once.append(thread_time() - start)
    calls = math.ceil(_SHORTEST / max(min(once), 1e-7))
    found: list[list[float]] = [[] for _ in functions]
    for turn in range(rounds):
        for which in (range(len(functions)), range(len(functions))[::-1])[turn % 2]:
            start = thread_time()
            for _ in range(calls):
                functions[which](*arguments)
            found[which].append((thread_time() - start) / calls)
    return found


def option(which: str, name: str, rounds: str) -> dict:
    """Seconds with the option and without it, for a worker; both must do what the interpreter does."""
    problems, keyword = _KINDS[which]
    (problem,) = [problem for problem in problems if problem.name == name]
    njit = importlib.import_module("tracer").njit
    functions = [njit(**{keyword: value})(problem.function) for value in (True, False)]
    expected = outcome(problem.function, problem.small())
    for function in functions:
        check_outcomes(expected, outcome(function, problem.small()))
    with_it, without = _times(functions, problem, 4 * int(rounds))
    ratio = statistics.median(a / b for a, b in zip(with_it, without))
    return {"with": statistics.median(with_it), "without": statistics.median(without), "ratio": ratio}


_KINDS = {"checks": (CHECKED, "boundscheck"), "polls": (POLLED, "interruptible")}


def _mean(rows: list[Row]) -> float:
    return math.exp(statistics.fmean(math.log(row.ratio) for row in rows if row.ratio))


def measures(ask: Callable[..., dict]) -> dict[str, Callable[[Effort], Iterator[Row]]]:
    """The rows, by the name of the measure."""

    def row(which: str, name: str, effort: Effort, against: str, limit: float | None) -> Row:
        found = ask("option", which, name, effort.rounds)
        return Row(f"{which}, {name}", found["with"], found["without"], against, found["ratio"], limit)

    def checks(effort: Effort) -> Iterator[Row]:
        rows = [row("checks", problem.name, effort, "unchecked", CHECKS_WORST) for problem in CHECKED]
        yield from rows
        yield Row("checks, geometric mean", None, None, "", _mean(rows), CHECKS_MEAN)

    def polls(effort: Effort) -> Iterator[Row]:
        rows = [row("polls", problem.name, effort, "unpolled", None) for problem in POLLED]
        yield from rows
        yield Row("polls, geometric mean", None, None, "", _mean(rows), POLLS_MEAN)

    return {"checks": checks, "polls": polls}
