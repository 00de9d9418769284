"""Fusing and expanding ops on whole arrays: the interpreter before and after the passes, and machine code, must agree."""

from __future__ import annotations

import math
import random
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from array_graphs import PARAMS, ArrayGraphGenerator
from codegen_harness import compiled

from ir import types as t
from ir.graph import Graph
from ir.interp import run
from ir.ops import elementwise
from ir.parser import parse
from ir.passes import PIPELINE, optimize
from ir.passes.expand import expand_array_ops
from ir.passes.fuse import fuse_array_ops
from ir.printer import print_graph
from ir.verify import verify

BODIES = """
graph double(x: np.float64) -> np.float64
  entry0:
    y: np.float64 = add x, x
    return y

graph add(x: np.float64, y: np.float64) -> np.float64
  entry0:
    z: np.float64 = add x, y
    return z

graph sum(s: np.float64, x: np.float64) -> np.float64
  entry0:
    t: np.float64 = accumulate_add s, x
    return t
"""


def graph_of(signature: str, *lines: str, bodies: str = BODIES) -> Graph:
    """A graph of one block, which may use the graphs of `bodies`."""
    text = f"graph f{signature}\n  entry0:\n" + "".join(f"    {line}\n" for line in lines)
    graph = parse(text + bodies)
    verify(graph)
    return graph


# --- random graphs

SHAPES = ((3, 4), (1, 5), (4, 1), (1, 1), (0, 3), (3, 0), (5, 2), (2, 7))


def random_arguments(choose: random.Random, may_alias: bool) -> list[Any]:
    """One object for each of the parameters: small whole numbers, of which all sums are exact."""
    n, m = choose.choice(SHAPES)

    def numbers(*shape: int) -> np.ndarray:
        size = math.prod(shape)
        return np.array([float(choose.randint(-3, 3)) for _ in range(size)]).reshape(shape)

    a = numbers(n, m)
    strided = [numbers(2 * n, 2 * m)[::2, ::2], numbers(n, m)[::-1, ::-1], numbers(m, n).T, numbers(n, m)]
    if may_alias:
        strided += [a[::-1], a[:, ::-1], a[::-1, ::-1]] * 2
    rows = [numbers(m), numbers(2 * m)[::-2], numbers(1)] + ([a[n - 1], a[0, ::-1]] if may_alias and n else [])
    unknown = [numbers(*shape) for shape in ((n, m), (1, m), (n, 1), (1, 1))]
    return [
        a, choose.choice(strided), np.asfortranarray(numbers(n, m)), np.ascontiguousarray(choose.choice(unknown)),
        choose.choice(rows), np.array(float(choose.randint(-3, 3))), np.float64(choose.randint(-3, 3)),
    ]  # fmt: skip


def fresh(arguments: Sequence[Any]) -> list[Any]:
    """Copies that share memory as the originals do: views of one array stay views of one array."""
    memory: dict[int, np.ndarray] = {}
    result = []
    for argument in arguments:
        if not isinstance(argument, np.ndarray):
            result.append(argument)
            continue
        base = argument
        while isinstance(base.base, np.ndarray):
            base = base.base
        copy = memory.setdefault(id(base), base.copy(order="K"))
        offset = argument.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        start = copy.__array_interface__["data"][0] + offset
        described = type("Described", (), {"__array_interface__": argument.__array_interface__ | {
            "data": (start, False), "strides": argument.strides}, "owner": copy})  # fmt: skip
        result.append(np.asarray(described()) if argument.size else argument.copy(order="K"))
    return result


def observed(call: Callable[..., Any], arguments: Sequence[Any]) -> tuple:
    """What a call shows: its result, the layout of the array in it, and what became of the arrays it was given."""
    passed = fresh(arguments)
    number, array = call(*passed)
    shown = (float(number), array.shape, array.flags.c_contiguous, array.tolist())
    return (*shown, *(a.tolist() for a in passed if isinstance(a, np.ndarray)))


@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(0, 150, 25)], ids=str)
def test_random_graphs_keep_their_results(seeds: range) -> None:
    for seed in seeds:
        graph, optimized = ArrayGraphGenerator(seed).make(), ArrayGraphGenerator(seed).make()
        verify(graph)
        optimize(optimized, verify=True)
        choose = random.Random(seed)
        for round_ in range(8):
            arguments = random_arguments(choose, may_alias=round_ % 2 == 1)
            expected = observed(lambda *a, g=graph: run(g, *a), arguments)
            assert observed(lambda *a, g=optimized: run(g, *a), arguments) == expected, (seed, round_)


@pytest.mark.parametrize("seed", range(200, 224))
def test_machine_code_of_random_graphs(seed: int) -> None:
    graph, optimized = ArrayGraphGenerator(seed).make(), ArrayGraphGenerator(seed).make()
    optimize(optimized)
    function = compiled(optimized, exact_arguments=False)
    choose = random.Random(seed)
    for round_ in range(12):
        arguments = random_arguments(choose, may_alias=round_ % 2 == 1)
        expected = observed(lambda *a: run(graph, *a), arguments)
        assert observed(function, arguments) == expected, round_


@pytest.mark.parametrize("transform", [fuse_array_ops, expand_array_ops], ids=lambda f: f.__name__)
def test_each_pass_alone_keeps_results(transform: Callable[[Graph], None]) -> None:
    changed_something = 0
    for seed in range(300, 330):
        graph, changed = ArrayGraphGenerator(seed).make(), ArrayGraphGenerator(seed).make()
        transform(changed)
        verify(changed)
        changed_something += print_graph(changed) != print_graph(graph)
        choose = random.Random(seed)
        for round_ in range(4):
            arguments = random_arguments(choose, may_alias=round_ % 2 == 1)
            expected = observed(lambda *a, g=graph: run(g, *a), arguments)
            assert observed(lambda *a, g=changed: run(g, *a), arguments) == expected, (seed, round_)
    assert changed_something > 20


def test_graphs_with_array_ops_parse_back() -> None:
    for seed in range(400, 420):
        graph = ArrayGraphGenerator(seed).make()
        text = print_graph(graph, source_lines=False)
        again = parse(text)
        verify(again)
        assert print_graph(again, source_lines=False) == text
        fuse_array_ops(graph)
        text = print_graph(graph, source_lines=False)
        assert print_graph(parse(text), source_lines=False) == text


def test_the_generator_makes_all_ops() -> None:
    seen: dict[str, int] = {}
    for seed in range(60):
        for op in ArrayGraphGenerator(seed).make().ops():
            seen[op.name] = seen.get(op.name, 0) + 1
    assert all(seen.get(name, 0) > 10 for name in ("map", "assign", "reduce", "view", "transpose", "store", "broadcast"))
    assert len(PARAMS) == len(random_arguments(random.Random(0), False))
