"""Runs programs of array statements in Python, in the interpreter of the graph and as machine code, and compares all that they do."""

from __future__ import annotations

import gc
import linecache
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from array_program_inputs import arguments_of
from language.outcomes import Outcome, run

from codegen.runtime import live_blocks
from ir import interp
from ir.errors import StepLimitError
from ir.verify import verify
from tracer import NopythonError, trace, typeof

STEP_LIMIT = 60_000
TOLERANCE = {np.dtype(np.float32): 1e-4, np.dtype(np.complex64): 1e-4}


@attrs.frozen
class Difference:
    """What one route did other than Python. Two differences of one `kind` are taken to have one cause."""

    kind: str
    text: str
    inputs: str


def function_of(text: str) -> Callable[..., Any]:
    """The function `program` of the text, with its source where the compiler looks for it."""
    filename = f"<array program {hash(text)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"np": np}
    exec(compile(text, filename, "exec"), namespace)
    return namespace["program"]


def differences(text: str, inputs: list[str]) -> list[Difference]:
    """What the compiled program does other than Python. A program that is refused for these types counts as one that is not."""
    function = function_of(text)
    graphs: dict[tuple, Any] = {}
    found = []
    for given in inputs:
        arguments = arguments_of(given)
        signature = tuple(map(typeof, arguments))
        if signature not in graphs:
            graphs[signature] = _traced(function, arguments)
        graph = graphs[signature]
        if isinstance(graph, NopythonError):
            continue
        found += _compared(function, graph, arguments, given)
    return found


def refusal(text: str, inputs: list[str]) -> str | None:
    """Why the program is not compiled for the first inputs."""
    graph = _traced(function_of(text), arguments_of(inputs[0]))
    return str(graph) if isinstance(graph, NopythonError) else None


def _traced(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        graph = trace(function)(*arguments)
    except NopythonError as error:
        return error
    verify(graph.ir)
    verify(graph.optimized)
    return graph


def _compared(function: Callable[..., Any], graph: Any, arguments: tuple[Any, ...], given: str) -> list[Difference]:
    routes = {
        "machine code": graph,
        "the interpreter on the traced graph": lambda *a: interp.run(graph.ir, *a, step_limit=STEP_LIMIT),
        "the interpreter on the optimized graph": lambda *a: interp.run(graph.optimized, *a, step_limit=STEP_LIMIT),
    }
    expected = run(function, arguments)
    found = []
    for route, compiled in routes.items():
        before = live_blocks()
        try:
            actual = run(compiled, arguments)
        except StepLimitError:
            continue
        reason = different(actual, expected)
        if reason:
            text = f"{route}: {reason}\n  gives  {actual}\n  Python {expected}\n  for {given}"
            found.append(Difference(f"{route.split(' on ')[0]}: {reason}", text, given))
        del actual
        if live_blocks() > before:
            gc.collect()
            if live_blocks() > before:
                found.append(Difference("memory", f"{route} leaves {live_blocks() - before} blocks of memory for {given}", given))
    return found


def different(actual: Outcome, expected: Outcome) -> str:
    """In what two runs differ; empty if in nothing."""
    reason = _different(actual.result, expected.result)
    if reason:
        return reason
    for ours, theirs in zip(actual.arguments, expected.arguments):
        reason = _different(ours, theirs)
        if reason:
            return f"arguments afterwards: {reason}"
    return "" if _places(actual) == _places(expected) else "views and copies"


def _different(a: Any, b: Any) -> str:
    if type(a) is not type(b):
        return f"{type(a).__name__} where {type(b).__name__} was expected"
    if isinstance(b, BaseException):
        return "" if str(a) == str(b) or all("broadcast" in str(error) for error in (a, b)) else "message"
    if isinstance(b, tuple):
        if len(a) != len(b):
            return "length"
        return next(filter(None, map(_different, a, b)), "")
    if isinstance(b, np.ndarray):
        if a.dtype != b.dtype:
            return f"{a.dtype} where {b.dtype} was expected"
        if a.shape != b.shape:
            return "shape"
        if a.flags.writeable and not b.flags.writeable:
            return "writeable flag"
    return "" if close(np.asarray(a), np.asarray(b)) else "value"


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether items are equal, floats but for rounding on the scale of the largest one; NaN equals NaN."""
    if b.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)):
        return False
    # Which part of a complex product is infinite and which is NaN varies among NumPy's own loops.
    if b.dtype.kind == "f" and not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    rtol = TOLERANCE.get(b.dtype, 1e-10)
    scale = float(np.abs(b[finite]).max(initial=1.0))
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(a[finite] - b[finite]) <= rtol * scale))


def _places(outcome: Outcome) -> list[tuple[int, ...]]:
    """For each array in the result: which arguments it is, and which it shares memory with."""
    results = outcome.result if isinstance(outcome.result, tuple) else (outcome.result,)
    arrays = [a for a in outcome.arguments if isinstance(a, np.ndarray)]
    return [_place(result, arrays) for result in results if isinstance(result, np.ndarray)]


def _place(result: np.ndarray, arrays: list[np.ndarray]) -> tuple[int, ...]:
    if not result.size:
        return ()
    return tuple(i for i, a in enumerate(arrays) if np.may_share_memory(a, result))
