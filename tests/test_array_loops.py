"""Loops that ops on whole arrays become: exactness of sums, use of vectors, time to compile."""

from __future__ import annotations

import math
import pathlib
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from array_graphs import NORM, graph_of, names
from codegen_harness import compiled

from ir.interp import run
from ir.passes import optimize
from ir.passes.expand import expand_array_ops
from ir.passes.fuse import fuse_array_ops
from tracer import trace

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUM = (
    "n: int64 = shape a {axis=0}", "s: np.float64 = reduce sum(n, 0.0:np.float64, a) {ndim=1, axes=(0), compensated=true}", "return s",
)  # fmt: skip


def rounding(value: float, exact: float) -> float:
    return abs(value - exact) / np.spacing(abs(exact))


@pytest.mark.parametrize("kind", ("float64[::1]", "float64[:]"))
def test_sums_are_at_least_as_exact_as_those_of_numpy(kind: str) -> None:
    """In the mean over many arrays: single ones may be rounded luckily. One block or two are added up much as in NumPy."""
    function = compiled(optimize(graph_of(f"(a: {kind}) -> np.float64", *SUM)), exact_arguments=False)
    generator = np.random.default_rng(3)
    for size in (3, 20, 64, 100, 128, 150, 1000, 10_000):
        ours, theirs = [], []
        for _ in range(150):
            a = generator.random(2 * size)[::2] if kind == "float64[:]" else generator.random(size)
            exact = math.fsum(a)
            ours.append(rounding(function(a), exact))
            theirs.append(rounding(float(np.sum(a)), exact))
        allowed = np.mean(theirs) + (0.1 if size <= 128 else 0.0)
        assert np.mean(ours) <= allowed and max(ours) <= max(theirs) + 0.5, size


@pytest.mark.parametrize(
    "items",
    ([], [-0.0], [math.inf], [math.inf, 1.0], [math.inf, -math.inf], [math.nan, 1.0], [1e308, 1e308], [1e308, -1e308, 1.0],
     [1.0, 1e100, 1.0, -1e100], [5e-324] * 300, [math.inf] * 300, [1e308] * 300),
    ids=lambda items: f"{items[:4]}x{len(items)}",
)  # fmt: skip
def test_sums_of_extreme_numbers(items: list[float]) -> None:
    function = compiled(optimize(graph_of("(a: float64[::1]) -> np.float64", *SUM)))
    with np.errstate(all="ignore"):
        expected = 2.0 if items[1:2] == [1e100] else float(np.sum(np.array(items)))
    assert repr(float(function(np.array(items)))) == repr(expected)


def test_large_graphs_are_copied_into_one_loop_only() -> None:
    steps = "".join(f"    x{i + 1}: np.float64 = add x{i}, 1.0:np.float64\n" for i in range(60))
    graph = graph_of(
        "(a: float64[::1]) -> np.float64", *SUM,
        bodies=f"graph sum(s: np.float64, x0: np.float64) -> np.float64\n  entry0:\n{steps}"
        "    t: np.float64 = accumulate_add s, x60\n    return t\n",
    )  # fmt: skip
    optimize(graph, verify=True)
    assert names(graph).count("call") == 1 and 60 <= names(graph).count("add") < 100
    a = np.arange(200.0)
    assert compiled(graph)(a) == run(graph, a) == float(np.sum(a + 60))


_MONOIDS = {
    "sum": ("float64", "np.float64", "0.0:np.float64", "accumulate_add s, x", np.sum),
    "product": ("float64", "np.float64", "1.0:np.float64", "accumulate_mul s, x", np.prod),
    "largest": ("float64", "np.float64", "-inf:np.float64", "fmaximum s, x", np.max),
    "integers": ("int64", "np.int64", "0:np.int64", "accumulate_add s, x", np.sum),
    "least integer": ("int64", "np.int64", "9223372036854775807:np.int64", "min s, x", np.min),
    "any": ("bool", "np.bool", "false:np.bool", "or s, x", np.any),
    "all": ("bool", "np.bool", "true:np.bool", "and s, x", np.all),
}


@pytest.mark.parametrize("name", _MONOIDS)
def test_reductions_use_vectors(name: str) -> None:
    dtype, state, initial, step, reference = _MONOIDS[name]
    graph = graph_of(
        f"(a: {dtype}[::1]) -> {state}", "n: int64 = shape a {axis=0}",
        f"s: {state} = reduce step(n, {initial}, a) {{ndim=1, axes=(0)}}", "return s",
        bodies=f"graph step(s: {state}, x: {state}) -> {state}\n  entry0:\n    t: {state} = {step}\n    return t\n",
    )  # fmt: skip
    function = compiled(optimize(graph))
    a = (np.random.default_rng(1).random(1001) * 2).astype(dtype)
    assert function(a) == pytest.approx(reference(a), rel=1e-12)
    assert re.search(r"load <\d+ x \w+>", function.executable.optimized_llvm())


@pytest.mark.parametrize("lines", (
    ("b: float64[::1] = map double(n, a)", "return b"),
    ("x: float64[::1] = view a, 8, n", "y: float64[::1] = view a, 0, n", "assign add(x, x, y)", "return a"),
), ids=("map", "assign"))  # fmt: skip
def test_loops_use_vectors_and_need_no_checks_of_overlap(lines: tuple[str, ...]) -> None:
    graph = graph_of("(a: float64[::1], n: int64) -> float64[::1]", *lines)
    text = compiled(optimize(graph)).executable.optimized_llvm()
    assert re.search(r"(store <\d+ x double>|masked\.store\.v\d+f64)", text) and "memcheck" not in text


def test_loops_with_independent_rounds_are_written_with_vectors() -> None:
    """LLVM would add a scalar loop, which takes as long to compile again; at all lengths the items are right."""
    graph = graph_of("(a: float64[::1], n: int64) -> float64[::1]", "b: float64[::1] = map double(n, a)", "return b")
    function = compiled(optimize(graph))
    text = function.executable.optimized_llvm()
    assert re.search(r"f(mul|add) <\d+ x double>", text) and not re.search(r"f(mul|add) double", text) and "vector.body" not in text
    for size in range(40):
        a = np.arange(float(size))
        np.testing.assert_array_equal(function(a, size), a * 2)


def test_passes_are_fast() -> None:
    """About 1 ms for two operators and a sum; the limit leaves room for a busy machine."""
    seconds = []
    for _ in range(20):
        graph = graph_of(*NORM)
        start = time.perf_counter()
        optimize(graph)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 4e-3


def test_graphs_without_array_ops_cost_nothing() -> None:
    graph = graph_of("(x: np.float64) -> np.float64", "y: np.float64 = add x, x", "return y")
    blocks = graph.blocks
    fuse_array_ops(graph)
    expand_array_ops(graph)
    assert graph.blocks is blocks


def test_the_passes_are_loaded_for_a_graph_without_arrays() -> None:
    """Such as the sum of a range, of which no array is left when the map that made it was fused."""
    text = (
        "graph f(n: int64) -> np.float64\n  entry0:\n"
        "    s: np.float64 = reduce sum(n, 0.0:np.float64) {indexed=true, ndim=1, axes=(0)}\n    return s\n"
        "graph sum(s: np.float64, i: int64) -> np.float64\n  entry0:\n"
        "    x: np.float64 = cast i\n    t: np.float64 = accumulate_add s, x\n    return t\n"
    )
    script = (
        "import ir.parser, ir.passes, ir.interp\n"
        f"graph = ir.passes.optimize(ir.parser.parse({text!r}))\n"
        "print(ir.interp.run(graph, 5), 'reduce' in [op.name for op in graph.ops()])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "10.0 False\n"


def test_equal_sums_share_their_loops() -> None:
    """On arrays of several lengths, and of none; an array that is stretched is added up by itself."""

    def three(a, b, c):
        ends = np.max(a, initial=0.0), np.max(b, initial=0.0), np.min(a, initial=0.0), np.min(b, initial=0.0)
        return np.dot(a, b), np.dot(b, c), np.dot(a, a), np.sum(a * c), np.sum(b * c[:1]), ends

    graph = trace(three)(*np.ones((3, 5)))
    assert names(graph.optimized).count("call") == 7
    for length in (0, 1, 7, 64, 200):
        a, b, c = np.random.default_rng(length).integers(-9, 9, (3, length)).astype(float)
        assert graph(a, b, c) == three(a, b, c)
    with pytest.raises(ValueError, match="not aligned"):
        graph(np.ones(3), np.ones(4), np.ones(4))
    assert graph(np.ones(3), np.ones(3), np.ones(3)) == (3.0, 3.0, 3.0, 3.0, 3.0, (1.0, 1.0, 0.0, 0.0))
