"""What object mode costs: a segment, a function of segments, a typed loop behind a segment. Measured in one process."""

from __future__ import annotations

import importlib
import pickle
import statistics
import warnings
from collections.abc import Callable, Iterator
from time import thread_time
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks.report import Row, compare

if TYPE_CHECKING:
    from tests.benchmarks.measures import Effort

SIZE, REPEATS, MANY, COUNT = 400, 1000, 200_000, 1_000_000
CALL_LIMIT = 0.25e-6


class Nothing:
    """Its method is a segment that does nothing."""

    def method(self) -> None:
        return None


def call_method(thing):
    thing.method()


def words(lines):
    found = {}
    for line in lines:
        for word in line.split():
            found[word] = found.get(word, 0) + 1
    return sorted(found.items())


def diagonal(a, repeats):
    s = 0.0
    for _ in range(repeats):
        for i in range(len(a)):
            s += a[i, i] ** 2
    return s


def decompose(data, n, repeats):
    a = pickle.loads(data)
    s = 0.0
    for _ in range(repeats):
        for i in range(n):
            s += a[i, i] ** 2
    return s


def heavy(settings, n):
    scale = settings["scale"]
    s = 0.0
    for i in range(n):
        s += (i % 7) * scale
    return s


def _seconds(function: Callable, arguments: tuple, calls: int = 1) -> float:
    start = thread_time()
    for _ in range(calls):
        function(*arguments)
    return (thread_time() - start) / calls


def _medians(functions: dict[str, Callable], arguments: tuple, rounds: int, calls: int = 1) -> dict[str, float]:
    """Median seconds of a call of each function; they take turns."""
    for function in functions.values():
        for _ in range(3):
            function(*arguments)
    collected = [{name: _seconds(function, arguments, calls) for name, function in functions.items()} for _ in range(rounds)]
    return {name: statistics.median(found[name] for found in collected) for name in functions}


def _first_loop(ours: Any, data: bytes) -> float:
    """Seconds that REPEATS rounds of the loop take in the first call: of MANY rounds, without what a call with none takes."""
    calls = [[_seconds(ours.jit(decompose), (data, SIZE, repeats)) for repeats in (MANY, 0)] for _ in range(5)]
    most, none = (statistics.median(times) for times in zip(*calls))
    return (most - none) * REPEATS / MANY


def object_mode(rounds: str, *compilers: str) -> dict:
    """All figures, for a worker."""
    warnings.simplefilter("ignore")
    ours = importlib.import_module("tracer")
    times, lines = int(rounds), ["the cat and the other cat"] * 100
    a = np.random.default_rng(7).random((SIZE, SIZE))
    data = pickle.dumps(a)
    answer = {
        "segment": _medians({"ours": ours.jit(call_method), "python": call_method}, (Nothing(),), times, 10_000),
        "words": _medians({"ours": ours.jit(words), "python": words}, (lines,), times, 20),
        "loop": _medians({"diagonal": ours.njit(diagonal)}, (a, REPEATS), times),
        "later": _later(ours, data, times),
        "first": _first_loop(ours, data),
        "heavy": _medians({"ours": ours.jit(heavy), "python": heavy}, ({"scale": 2.5}, COUNT), 3),
    }
    if "numba" in compilers:
        forced = importlib.import_module("numba").jit(forceobj=True)(heavy)
        answer["heavy"]["numba"] = _medians({"numba": forced}, ({"scale": 2.5}, COUNT), 3)["numba"]
    return answer


def _later(ours: Any, data: bytes, rounds: int) -> float:
    """The same in later calls."""
    fast = ours.jit(decompose)
    calls = [[_seconds(fast, (data, SIZE, repeats)) for repeats in (MANY // 10, 0)] for _ in range(rounds + 3)][3:]
    most, none = (statistics.median(times) for times in zip(*calls))
    return (most - none) * 10 * REPEATS / MANY


def measures(ask: Callable[..., dict], compilers: Callable[[], list[str]]) -> dict[str, Callable[[Effort], Iterator[Row]]]:
    """The rows, by the name of the measure."""

    def rows(effort: Effort) -> Iterator[Row]:
        found = ask("object_mode", effort.rounds, *compilers())
        segment, heavy_times = found["segment"], found["heavy"]
        over = segment["ours"] - segment["python"]
        yield compare("a call with one segment, over Python's", max(over, 0.0), CALL_LIMIT, "budget", 1.0)
        yield compare("nothing traceable", found["words"]["ours"], found["words"]["python"], "Python", 1.3)
        loop = found["loop"]["diagonal"]
        yield compare("loop behind a segment, first call", found["first"], loop, "njit", 1.1)
        yield compare("loop behind a segment, later", found["later"], loop, "njit", 1.1)
        note = f"numba forceobj: {heavy_times['numba'] * 1e3:.0f} ms" if "numba" in heavy_times else ""
        yield compare("one segment before a heavy loop", heavy_times["ours"], heavy_times["python"], "Python", 1 / 20, note)

    return {"object": rows}
