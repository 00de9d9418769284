"""The passes: golden texts, equality of results before and after on random graphs, and compile time.

A file in `cases/passes` names passes in its first line, then holds the text of a graph, the line `after:`, and the
text that the passes make of it.
"""

from __future__ import annotations

import pathlib
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from graph_generator import FLOATS, INTEGERS, GraphGenerator

from ir.errors import IRError, StepLimitError
from ir.graph import Graph
from ir.interp import run
from ir.parser import parse
from ir.passes import PIPELINE, optimize
from ir.printer import print_graph
from ir.verify import verify

CASES = sorted((pathlib.Path(__file__).parent / "cases" / "passes").glob("*.txt"))
PASSES = {transform.__name__: transform for transform in reversed(PIPELINE)} | {"optimize": optimize}  # the first of a name


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden(path: pathlib.Path, golden: Callable[[pathlib.Path, str], None]) -> None:
    before = path.read_text(encoding="utf-8").partition("\nafter:\n")[0]
    header, _, text = before.partition("\n")
    graph = parse(text)
    verify(graph)
    for name in header.removeprefix("passes:").split():
        PASSES[name](graph)
    verify(graph)
    golden(path, f"{before.rstrip()}\n\nafter:\n\n{print_graph(graph, source_lines=False)}")


def test_each_pass_has_golden_cases() -> None:
    used = {name for path in CASES for name in path.read_text(encoding="utf-8").partition("\n")[0].split()[1:]}
    assert used == set(PASSES)


def outcome(graph: Graph, arguments: list[Any], step_limit: int) -> tuple | None:
    """What running the graph shows: the result or exception, and the arrays. None when it takes too long."""
    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        result = repr(run(graph, *arguments, step_limit=step_limit))
    except StepLimitError:
        return None
    except IRError:
        raise  # the graph is wrong
    except (IndexError, ValueError, UnboundLocalError) as error:
        result = f"{type(error).__name__}{error.args}"
    return result, *(a.tobytes() for a in arguments if isinstance(a, np.ndarray))


def random_arguments(choose: random.Random) -> list[Any]:
    numbers = (*INTEGERS, 3, 4, 5)
    return [
        np.arange(float(choose.choice((0, 1, 2, 3, 5, 8)))),
        np.arange(16)[::2][: choose.choice((0, 1, 2, 4, 8))],
        choose.choice(numbers), choose.choice(numbers), choose.choice(FLOATS),
    ]  # fmt: skip


@pytest.mark.parametrize("seeds", [range(start, start + 20) for start in range(0, 160, 20)], ids=str)
def test_random_graphs_keep_their_results(seeds: range) -> None:
    compared = 0
    for seed in seeds:
        graph, optimized = GraphGenerator(seed).make(), GraphGenerator(seed).make()
        optimize(optimized, verify=True)
        choose = random.Random(seed)
        for _ in range(10):
            arguments = random_arguments(choose)
            expected = outcome(graph, arguments, step_limit=3000)
            if expected is not None:
                assert outcome(optimized, arguments, step_limit=4000) == expected, (seed, arguments)
                compared += 1
    assert compared > 5 * len(seeds)


@pytest.mark.parametrize("transform", dict.fromkeys(PIPELINE), ids=lambda transform: transform.__name__)
def test_each_pass_alone_keeps_results(transform: Callable[[Graph], None]) -> None:
    for seed in range(1000, 1025):
        graph, changed = GraphGenerator(seed).make(), GraphGenerator(seed).make()
        transform(changed)
        verify(changed)
        choose = random.Random(seed)
        for _ in range(5):
            arguments = random_arguments(choose)
            expected = outcome(graph, arguments, step_limit=3000)
            assert expected is None or outcome(changed, arguments, step_limit=6000) == expected, (seed, arguments)


def test_the_observer_sees_each_pass_on_each_graph() -> None:
    graph = parse(
        "graph f() -> int64\n  entry0:\n    a: int64 = call g()\n    return a\n"
        "graph g() -> int64\n  entry0:\n    a: int64 = add 1, 2\n    return a\n"
    )
    seen: list[tuple[str, str]] = []
    optimize(graph, observer=lambda name, changed: seen.append((name, changed.name)))
    assert seen == [(transform.__name__, name) for name in ("f", "g") for transform in PIPELINE]
    assert "return 3" in print_graph(graph)


MATRIX_MULTIPLY = """
graph matmul(a: float64[:, ::1], b: float64[:, ::1], c: float64[:, ::1]) -> none
  entry0:
    n: int64 = shape a {axis=0}
    m: int64 = shape b {axis=1}
    l: int64 = shape a {axis=1}
    jump loop1(0)
  loop1(i: int64):
    %1: bool = lt i, n
    branch %1, body2, exit9
  body2:
    jump loop3(0)
  loop3(j: int64):
    %2: bool = lt j, m
    branch %2, body4, exit8
  body4:
    jump loop5(0, 0.0:np.float64)
  loop5(k: int64, s: np.float64):
    %3: bool = lt k, l
    branch %3, body6, exit7(s)
  body6:
    %4: int64 = check_index i, n {axis=0}
    %5: int64 = check_index k, l {axis=1}
    %6: np.float64 = load a, %4, %5
    %7: int64 = shape b {axis=0}
    %8: int64 = check_index k, %7 {axis=0}
    %9: int64 = check_index j, m {axis=1}
    %10: np.float64 = load b, %8, %9
    %11: np.float64 = mul %6, %10
    s.1: np.float64 = add s, %11
    %12: int64 = add k, 1
    jump loop5(%12, s.1)
  exit7(t: np.float64):
    %13: int64 = shape c {axis=0}
    %14: int64 = shape c {axis=1}
    %15: int64 = check_index i, %13 {axis=0}
    %16: int64 = check_index j, %14 {axis=1}
    store c, %15, %16, t
    %17: int64 = add j, 1
    jump loop3(%17)
  exit8:
    %18: int64 = add i, 1
    jump loop1(%18)
  exit9:
    return none
"""


def test_passes_are_fast() -> None:
    """The pipeline takes about 0.7 ms for a loop nest; the limit leaves room for a busy machine."""
    seconds = []
    for _ in range(20):
        graph = parse(MATRIX_MULTIPLY)
        start = time.perf_counter()
        optimize(graph)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 3e-3
