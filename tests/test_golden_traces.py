"""Golden traces: what small functions become, and that every way to run them gives the same result.

A file `tests/cases/trace/NAME.txt` holds the source of one function, calls of it with their results, and the graph
that is traced for the types of the first call's arguments. `--update` rewrites the results and the graph:

    def add(a, b):
        return a + b

    >>> add(1, 2)
    3

    graph add(a: int64, b: int64) -> int64 ...
"""

from __future__ import annotations

import collections
import linecache
import math
import pathlib
import sys
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from ir import interp
from ir.parser import parse
from ir.printer import print_graph
from ir.verify import verify
from tracer import trace

pytestmark = pytest.mark.quick_cases(None)

CASES = pathlib.Path(__file__).parent / "cases" / "trace"
PATHS = sorted(CASES.glob("*.txt"))
PROMPT = ">>> "


@attrs.frozen
class Case:
    """A function, its source, and the calls in the file."""

    function: Callable[..., Any]
    source: str
    calls: tuple[str, ...]
    namespace: dict[str, Any]

    def arguments(self, call: str) -> tuple[Any, ...]:
        """Newly made arguments of a call that is written in the file."""
        inner = call.partition("(")[2].rpartition(")")[0]
        return eval(f"({inner},)" if inner.strip() else "()", self.namespace)  # our own file


def read(path: pathlib.Path) -> Case:
    """The case in a file; its function is the last one in the source."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first_call = next(i for i, line in enumerate(lines) if line.startswith(PROMPT))
    source = "\n".join(lines[:first_call]).rstrip() + "\n"
    calls = tuple(line.removeprefix(PROMPT) for line in lines if line.startswith(PROMPT))
    filename = f"<{path.stem}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"__name__": path.stem, "np": np, "math": math, "namedtuple": collections.namedtuple}
    exec(compile(source, filename, "exec"), namespace)
    return Case(namespace[calls[0].partition("(")[0]], source, calls, namespace)


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> str:
    """The result or the exception, as a session shows it, and what is left in the arrays."""
    try:
        with np.errstate(all="ignore"):
            shown = repr(function(*arguments))
    except (ArithmeticError, ValueError, LookupError, NameError, AssertionError) as error:
        shown = f"{type(error).__name__}: {error}"
    arrays = [repr(a) for a in arguments if isinstance(a, np.ndarray) and a.flags.writeable]
    return "\n".join([shown, *arrays])


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_trace(path: pathlib.Path, golden: Callable) -> None:
    if path.stem == "unbound" and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 has another text for UnboundLocalError")
    case = read(path)
    graph = trace(case.function)(*case.arguments(case.calls[0]))
    shown = []
    for call in case.calls:
        results = {
            "Python": outcome(case.function, case.arguments(call)),
            "the interpreter": outcome(lambda *a: interp.run(graph.ir, *a), case.arguments(call)),
            "the interpreter on the optimized graph": outcome(lambda *a: interp.run(graph.optimized, *a), case.arguments(call)),
            "machine code": outcome(graph, case.arguments(call)),
        }
        assert len(set(results.values())) == 1, f"{call}: {results}"
        shown.append(f"{PROMPT}{call}\n{results['Python']}\n")
    golden(path, "\n".join([case.source, *shown, print_graph(graph.ir)]).rstrip() + "\n")


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_the_text_of_a_trace_parses_back(path: pathlib.Path) -> None:
    case = read(path)
    graph = trace(case.function)(*case.arguments(case.calls[0]))
    for traced in (graph.ir, graph.optimized):
        text = print_graph(traced, source_lines=False)
        parsed = parse(text)
        verify(parsed)
        assert print_graph(parsed, source_lines=False) == text


def test_traces_are_short_enough_to_be_read() -> None:
    assert len(PATHS) >= 15
    for path in PATHS:
        lines = path.read_text(encoding="utf-8").splitlines()
        graph = next(i for i, line in enumerate(lines) if line.startswith("graph "))
        assert len(lines) - graph <= 32, path.name
