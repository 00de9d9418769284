"""One measurement in a process of its own: `python -m tests.benchmarks.worker MEASURE COMPILER...`, answer as JSON.

A compiler is named by the package that has `njit`: `tracer` or `numba`.
"""

import contextlib
import importlib
import json
import statistics
import sys
import tempfile
import timeit
from collections.abc import Callable
from time import perf_counter

import numpy as np

from tests.benchmarks import array_worker, interrupt_measures, native, object_measures, option_measures, snippets
from tests.benchmarks.problems import PROBLEMS, Problem, check_outcomes, outcome

LLVM_STAGES = ("parse", "optimize", "codegen", "link")


def plain_add(a, b):
    """What the interpreter needs for a call."""
    return a + b


def _first_call(njit: Callable, function: Callable, arguments: tuple) -> tuple[Callable, float]:
    """Compile by calling; return the compiled function and the seconds."""
    start = perf_counter()
    compiled = njit(function)
    compiled(*arguments)
    return compiled, perf_counter() - start


def first(compiler: str) -> dict:
    """Seconds for the first compilation of `a + b` in this process, the compiler already imported."""
    njit = importlib.import_module(compiler).njit
    with tempfile.TemporaryDirectory() as folder:
        function = next(snippets.fresh_functions(folder, snippets.ADD))
        return {"seconds": _first_call(njit, function, (1, 2))[1]}


def later(compiler: str, copies: str) -> dict:
    """For each source: seconds per copy in a warm process, and where the compiler tells, those spent in LLVM."""
    njit = importlib.import_module(compiler).njit
    answer = {name: {"seconds": [], "llvm": []} for name in snippets.SOURCES}
    with tempfile.TemporaryDirectory() as folder:
        fresh = {name: snippets.fresh_functions(folder, source) for name, source in snippets.SOURCES.items()}
        for name, functions in fresh.items():
            _first_call(njit, next(functions), snippets.arguments_of(name))
        for _ in range(int(copies)):
            for name, functions in fresh.items():
                compiled, seconds = _first_call(njit, next(functions), snippets.arguments_of(name))
                answer[name]["seconds"].append(seconds)
                for graph in getattr(compiled, "graphs", {}).values():
                    answer[name]["llvm"].append(sum(graph.timings[stage] for stage in LLVM_STAGES))
    return answer


def calls(compiler: str, repeats: str) -> dict:
    """Nanoseconds for a call of compiled functions, and of a Python function beside them."""
    njit = importlib.import_module(compiler).njit
    array = np.ones(4)
    with tempfile.TemporaryDirectory() as folder:
        add, _ = _first_call(njit, next(snippets.fresh_functions(folder, snippets.ADD)), (1, 2))
        item, _ = _first_call(njit, next(snippets.fresh_functions(folder, snippets.FIRST)), (array,))
    timers = {
        "f(1, 2)": timeit.Timer("f(1, 2)", globals={"f": add}),
        "f(array)": timeit.Timer("f(a)", globals={"f": item, "a": array}),
        "python": timeit.Timer("f(1, 2)", globals={"f": plain_add}),
    }
    number = 50_000
    for timer in timers.values():
        timer.timeit(number)
    rounds = [{name: timer.timeit(number) / number for name, timer in timers.items()} for _ in range(int(repeats))]
    return {name: statistics.median(round_[name] for round_ in rounds) for name in timers}


def long_trace(compiler: str, copies: str) -> dict:
    """Seconds that tracing a function of 500 lines takes, per fresh copy; its result is checked first."""
    package = importlib.import_module(compiler)
    array = np.linspace(0.0, 1.0, 17)
    with tempfile.TemporaryDirectory() as folder:
        functions = snippets.fresh_functions(folder, snippets.long_source())
        plain = next(functions)
        check_outcomes(outcome(plain, (array, 17)), outcome(package.njit(plain), (array, 17)))
        graphs = [package.trace(next(functions))(array, 17) for _ in range(int(copies))]
    return {"seconds": [graph.timings["trace"] for graph in graphs]}


def _timed(function: Callable, work: list, inputs: tuple) -> float:
    """Seconds of one call, on work arrays restored to the inputs before the clock starts."""
    for target, source in zip(work, inputs, strict=True):
        if isinstance(source, np.ndarray):
            np.copyto(target, source)
    start = perf_counter()
    function(*work)
    return perf_counter() - start


def _medians(functions: dict[str, Callable], inputs: tuple, rounds: int) -> dict[str, float]:
    """Median seconds of each function, called in turn; the turn rotates, and all work on the very same memory."""
    work = [value.copy() if isinstance(value, np.ndarray) else value for value in inputs]
    for function in functions.values():
        _timed(function, work, inputs)
    seconds = {name: [] for name in functions}
    names = list(functions)
    for _ in range(rounds):
        for name in names:
            seconds[name].append(_timed(functions[name], work, inputs))
        names.append(names.pop(0))
    return {name: statistics.median(values) for name, values in seconds.items()}


def _check_all(functions: dict[str, Callable], problem: Problem) -> None:
    """Everyone must agree with the interpreter on the small input, and with each other on the large one."""
    small = problem.small()
    expected = outcome(problem.function, small)
    large = problem.large()
    agreed = None
    for function in functions.values():
        check_outcomes(expected, outcome(function, small))
        agreed = agreed or outcome(function, large)
        check_outcomes(agreed, outcome(function, large))


def kernel(name: str, rounds: str, *compilers: str) -> dict:
    """Median seconds of one kernel per compiler and in C; compile seconds; the interpreter's on the small input."""
    (problem,) = [problem for problem in PROBLEMS if problem.name == name]
    small = problem.small()
    functions, compile_seconds = {}, {}
    for compiler in compilers:
        njit = importlib.import_module(compiler).njit
        _first_call(njit, plain_add, (1, 2))
        copied = [value.copy() if isinstance(value, np.ndarray) else value for value in small]
        functions[compiler], compile_seconds[compiler] = _first_call(njit, problem.function, tuple(copied))
    with tempfile.TemporaryDirectory() as folder:
        library = native.compile_library(folder)
        if library:
            functions["c"] = native.c_function(library, problem)
        _check_all(functions, problem)
        large_medians = _medians(functions, problem.large(), int(rounds))
    beside_python = {compilers[0]: functions[compilers[0]], "python": problem.function}
    return {
        "run": large_medians,
        "compile": compile_seconds,
        "small": _medians(beside_python, small, min(int(rounds), 5)),
    }


MEASURES = {
    "first": first,
    "later": later,
    "calls": calls,
    "long_trace": long_trace,
    "kernel": kernel,
    "expression": array_worker.expression,
    "compile_seconds": array_worker.compile_seconds,
    "program": array_worker.program,
    "memory": array_worker.memory,
    "object_mode": object_measures.object_mode,
    "option": option_measures.option,
    "interrupt": interrupt_measures.interrupt,
}


def main(arguments: list[str]) -> None:
    """Run the measure named by the first argument and print its answer as the last line."""
    with contextlib.redirect_stdout(sys.stderr):
        answer = MEASURES[arguments[0]](*arguments[1:])
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
