"""Random programs: CPython, the reference interpreter and machine code must do the same. `--slow` runs many more."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from language.outcomes import run, same_outcome
from program_generator import generate

from ir import interp
from ir.verify import verify
from tracer import trace

INPUTS = (
    (3, 5, 2.5, np.array([1.0, -2.0, 0.5, 4.0])), (0, -1, -0.0, np.array([0.0, 3.0, -1.0, 2.0])), (7, 2, 0.75, np.array([2.5, 1.0, 0.0, -3.5])),
    (-6, 4, 1e3, np.array([8.0])),
)  # fmt: skip
STEP_LIMIT = 200_000


def program_of(seed: int) -> Callable[..., Any]:
    """The generated function, with its source where the compiler looks for it."""
    text = generate(seed)
    filename = f"<random program {seed}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), namespace)
    return namespace["program"]


def differences(seed: int) -> list[str]:
    """What the compiled program does other than Python."""
    function = program_of(seed)
    graph = trace(function)(*INPUTS[0])
    verify(graph.ir)
    verify(graph.optimized)
    routes = {
        "the interpreter on the traced graph": lambda *a: interp.run(graph.ir, *a, step_limit=STEP_LIMIT),
        "the interpreter on the optimized graph": lambda *a: interp.run(graph.optimized, *a, step_limit=STEP_LIMIT),
        "machine code": graph,
    }
    found = []
    for arguments in INPUTS:
        expected = run(function, arguments)
        for route, compiled in routes.items():
            actual = run(compiled, arguments)
            if not same_outcome(actual, expected):
                found.append(f"{route} gives {actual}\n  Python {expected}\n  for {arguments}")
    return found


@pytest.mark.parametrize("seed", range(100))
def test_random_program(seed: int) -> None:
    found = differences(seed)
    assert not found, generate(seed) + "\n" + "\n".join(found)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(100, 3000))
def test_more_random_programs(seed: int) -> None:
    found = differences(seed)
    assert not found, generate(seed) + "\n" + "\n".join(found)
