"""Measurements of functions of whole arrays, each in a process of its own; `tests.benchmarks.worker` calls them."""

import importlib
import os
import resource
import statistics
import sys
from collections.abc import Callable
from time import perf_counter, thread_time

import numpy as np

from tests.benchmarks.array_problems import PROBLEMS
from tests.benchmarks.expressions import EXPRESSIONS, SIZES

NUMPY = "numpy"
LEAST_SECONDS = 1e-3  # that a timed run of calls takes at least
MEMORY_BYTES = 100_000_000


def _add(a):
    """What is compiled first, so that what a compiler loads at its first use does not count."""
    return np.sqrt(a + 1.0)


def _compilers(names: tuple[str, ...]) -> dict[str, Callable]:
    """The `njit` of each package, in use."""
    found = {name: importlib.import_module(name).njit for name in names}
    for njit in found.values():
        njit(_add)(np.ones(3))
    return found


def _first_call(compiled: Callable, arguments: tuple) -> float:
    """Seconds of this thread, in which both compile: what else the machine does, or BLAS in threads of its own, does not count."""
    start = thread_time()
    compiled(*arguments)
    return thread_time() - start


def _calls_needed(function: Callable, arguments: tuple) -> int:
    """How many calls take as long as the clock needs to tell."""
    count = 1
    while True:
        start = perf_counter()
        for _ in range(count):
            function(*arguments)
        if perf_counter() - start >= LEAST_SECONDS:
            return count
        count *= 4


def _medians(functions: dict[str, Callable], arguments: tuple, rounds: int) -> dict[str, float]:
    """Median seconds of a call of each function: they take turns, and the turn rotates."""
    counts = {name: _calls_needed(function, arguments) for name, function in functions.items()}
    seconds = {name: [] for name in functions}
    names = list(functions)
    for _ in range(rounds):
        for name in names:
            function, count = functions[name], counts[name]
            start = perf_counter()
            for _ in range(count):
                function(*arguments)
            seconds[name].append((perf_counter() - start) / count)
        names.append(names.pop(0))
    return {name: statistics.median(values) for name, values in seconds.items()}


def check_close(expected: object, actual: object, tolerance: float) -> None:
    """Raise AssertionError unless two results agree, item by item."""
    if isinstance(expected, tuple):
        for one, other in zip(expected, actual, strict=True):
            check_close(one, other, tolerance)
        return
    expected, actual = np.asarray(expected), np.asarray(actual)
    assert expected.dtype == actual.dtype or expected.ndim == 0, f"{actual.dtype} where {expected.dtype} was expected"
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def compile_seconds(name: str, folder: str) -> dict:
    """Seconds of CPU time for our first compilation of an expression, with what is kept on disk in this folder."""
    os.environ["TRACER_CACHE_DIR"] = folder
    (found,) = [each for each in EXPRESSIONS if each.name == name]
    (njit,) = _compilers(("tracer",)).values()
    return {"seconds": _first_call(njit(found.function), found.arguments(10))}


def expression(name: str, folder: str, rounds: str, *compilers: str) -> dict:
    """Median seconds of an expression for each size and compiler, and in NumPy; compile seconds of CPU time, with what is kept on
    disk in this folder."""
    os.environ["TRACER_CACHE_DIR"] = folder
    (found,) = [each for each in EXPRESSIONS if each.name == name]
    functions, compile_seconds = {}, {}
    for compiler, njit in _compilers(compilers).items():
        functions[compiler] = njit(found.function)
        compile_seconds[compiler] = _first_call(functions[compiler], found.arguments(10))
    functions[NUMPY] = found.function
    run = {}
    for size in SIZES:
        arguments = found.arguments(size)
        for function in functions.values():
            check_close(found.function(*arguments), function(*arguments), 1e-11)
        run[str(size)] = _medians(functions, arguments, int(rounds) if size < SIZES[-1] else 3)
    return {"run": run, "compile": compile_seconds}


def program(name: str, rounds: str, *compilers: str) -> dict:
    """Median seconds of a program for each compiler and in NumPy; compile seconds of CPU time."""
    (problem,) = [each for each in PROBLEMS if each.name == name]
    functions, compile_seconds = {}, {}
    for compiler, njit in _compilers(compilers).items():
        functions[compiler] = problem.compiled(njit)
        compile_seconds[compiler] = _first_call(functions[compiler], problem.small())
    functions[NUMPY] = problem.function
    for arguments in (problem.small(), problem.large()):
        expected = problem.function(*arguments)
        for function in functions.values():
            check_close(expected, function(*arguments), 1e-7)
    return {"run": _medians(functions, problem.large(), int(rounds)), "compile": compile_seconds}


def fused(a, b):
    """An expression that NumPy needs several temporary arrays for."""
    return np.sqrt(a * a + b * b) * 2.0 - a


def memory(compiler: str) -> dict:
    """Bytes that a call of an expression on two large arrays adds to the memory of the process at most."""
    function = fused if compiler == NUMPY else _compilers((compiler,))[compiler](fused)
    function(np.ones(3), np.ones(3))
    a, b = np.ones(MEMORY_BYTES // 8), np.ones(MEMORY_BYTES // 8)
    before = _peak_bytes()
    result = function(a, b)
    return {"inputs": a.nbytes + b.nbytes, "output": result.nbytes, "added": _peak_bytes() - before}


def _peak_bytes() -> int:
    """The most memory that this process has had. The two inputs alone exceed all that was before them."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
