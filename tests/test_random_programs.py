"""Random programs: CPython, the reference interpreter and machine code must do the same. `--slow` runs many more."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from language.outcomes import run, same_outcome
from loop_generator import generate_loops
from program_generator import generate

from ir import interp
from ir.verify import verify
from tracer import trace

STEP_LIMIT = 500_000
INPUTS = (
    (3, 5, 2.5, np.array([1.0, -2.0, 0.5, 4.0])), (0, -1, -0.0, np.array([0.0, 3.0, -1.0, 2.0])), (7, 2, 0.75, np.array([2.5, 1.0, 0.0, -3.5])),
    (-6, 4, 1e3, np.array([8.0])),
)  # fmt: skip
_MATRIX = np.arange(20.0).reshape(4, 5)
ARRAYS = (
    (np.arange(6), _MATRIX, 6, 1), (np.array([2, 0, 1]), np.ones((3, 3)), 2, 2), (np.arange(5), _MATRIX[:2, :2].copy(), 9, -1),
    (np.zeros(0, np.int64), np.zeros((0, 3)), 0, 1), (np.arange(4), _MATRIX, -3, 0),
)  # fmt: skip
STRIDED_ARRAYS = (
    (np.arange(12)[::-2], _MATRIX[::2, ::-1], 6, 1), (np.arange(9)[::3], np.asfortranarray(_MATRIX)[1:, :3], 3, -1),
    (np.arange(4)[::-1], _MATRIX.T[1:4], 4, 2),
)  # fmt: skip


def function_of(text: str, name: str) -> Callable[..., Any]:
    """The function `program` of the text, with its source where the compiler looks for it."""
    filename = f"<{name}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), namespace)
    return namespace["program"]


def differences(text: str, name: str, inputs: tuple[tuple, ...]) -> list[str]:
    """What the compiled program does other than Python. The inputs all have the types of the first."""
    function = function_of(text, name)
    graph = trace(function)(*inputs[0])
    verify(graph.ir)
    verify(graph.optimized)
    routes = {
        "the interpreter on the traced graph": lambda *a: interp.run(graph.ir, *a, step_limit=STEP_LIMIT),
        "the interpreter on the optimized graph": lambda *a: interp.run(graph.optimized, *a, step_limit=STEP_LIMIT),
        "machine code": graph,
    }
    found = []
    for arguments in inputs:
        expected = run(function, arguments)
        for route, compiled in routes.items():
            actual = run(compiled, arguments)
            if not same_outcome(actual, expected):
                found.append(f"{route} gives {actual}\n  Python {expected}\n  for {arguments}")
    return found


def check(text: str, name: str, *inputs: tuple[tuple, ...]) -> None:
    """Fail with the program and what differs."""
    found = [line for group in inputs for line in differences(text, name, group)]
    assert not found, text + "\n" + "\n".join(found)


@pytest.mark.seeds(15, 60, 2000)
def test_program(seed: int) -> None:
    check(generate(seed), f"program {seed}", INPUTS)


@pytest.mark.seeds(12, 50, 4000)
def test_loops_over_arrays(seed: int) -> None:
    check(generate_loops(seed), f"loops {seed}", ARRAYS, STRIDED_ARRAYS)
