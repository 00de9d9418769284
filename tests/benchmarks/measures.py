"""What is measured, in processes that take turns: first ours, then Numba's, again and again; medians are reported."""

import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator

import attrs

from tests.benchmarks import array_measures, interrupt_measures, object_measures, option_measures
from tests.benchmarks.problems import PROBLEMS
from tests.benchmarks.report import Row, compare, format_seconds, median_of_ratios
from tests.benchmarks.snippets import SOURCES

OURS = "tracer"
PEER = "numba"
ROOT = pathlib.Path(__file__).resolve().parents[2]
IMPORT_PROBE = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
TIME_LIMIT = 600


class WorkerFailed(Exception):
    """A measuring process ended without an answer; the message is the end of what it said."""


@attrs.frozen
class Effort:
    """How often things are repeated: processes per compiler, copies per process, rounds of a kernel."""

    imports: int
    processes: int
    copies: int
    rounds: int


FULL = Effort(imports=11, processes=5, copies=25, rounds=15)
QUICK = Effort(imports=3, processes=2, copies=3, rounds=3)


def peer_available() -> bool:
    """Whether Numba can be imported here."""
    return importlib.util.find_spec(PEER) is not None


def compilers() -> list[str]:
    """The packages that take turns."""
    return [OURS, PEER] if peer_available() else [OURS]


def _run(arguments: list[str]) -> str:
    # An installed package has its bytecode; where writing it is switched off, the checkout alone would lack it.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # Everyone uses BLAS, and everyone with one thread: with more, the figures show what else the machine does.
    variables |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=TIME_LIMIT)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-8:]
        raise WorkerFailed("\n".join(said) or f"exit status {done.returncode}")
    return done.stdout.splitlines()[-1]


def _worker(*arguments: object) -> dict:
    return json.loads(_run(["-m", "tests.benchmarks.worker", *map(str, arguments)]))


def _take_turns(measure: Callable[[str], object], rounds: int) -> dict[str, list]:
    """Measure each compiler in turn; the first round only warms the file cache and is thrown away."""
    answers = {compiler: [] for compiler in compilers()}
    for _ in range(rounds + 1):
        for compiler, collected in answers.items():
            collected.append(measure(compiler))
    return {compiler: collected[1:] for compiler, collected in answers.items()}


def _against_peer(measure: str, medians: dict[str, float], limit: float, note: str = "") -> Row:
    return compare(measure, medians[OURS], medians.get(PEER), PEER, limit, note)


def import_time(effort: Effort) -> Iterator[Row]:
    """The import statement in fresh processes."""
    answers = _take_turns(lambda package: float(_run(["-c", IMPORT_PROBE.format(package)])), effort.imports)
    medians = {compiler: statistics.median(seconds) for compiler, seconds in answers.items()}
    yield _against_peer("import", medians, 0.55)


def first_compile(effort: Effort) -> Iterator[Row]:
    """`a + b` as the first thing a process compiles, the import not counted."""
    answers = _take_turns(lambda compiler: _worker("first", compiler)["seconds"], effort.processes)
    medians = {compiler: statistics.median(seconds) for compiler, seconds in answers.items()}
    yield _against_peer("first compile, a + b", medians, 1 / 8)


def later_compiles(effort: Effort) -> Iterator[Row]:
    """Fresh functions in a warm process, and our share of the time against LLVM's."""
    answers = _take_turns(lambda compiler: _worker("later", compiler, effort.copies), effort.processes)
    limits = {"a + b": 1 / 8, "sum loop": 1 / 8, "matrix-multiply nest": 1 / 4}
    shares = []
    for name in SOURCES:
        medians = {
            compiler: statistics.median(seconds for answer in collected for seconds in answer[name]["seconds"])
            for compiler, collected in answers.items()
        }
        yield _against_peer(f"compile, {name}", medians, limits[name])
        llvm = [seconds for answer in answers[OURS] for seconds in answer[name]["llvm"]]
        totals = [seconds for answer in answers[OURS] for seconds in answer[name]["seconds"]]
        if llvm:
            own = statistics.median(total - part for total, part in zip(totals, llvm, strict=True))
            shares.append(compare(f"own share, {name}", own, statistics.median(llvm), "LLVM", 1.0))
    yield from shares


def call_overhead(effort: Effort) -> Iterator[Row]:
    """Calls from Python with two ints and with one small array, and of a plain Python function."""
    answers = _take_turns(lambda compiler: _worker("calls", compiler, effort.rounds), effort.processes)

    def medians(what: str) -> dict[str, float]:
        return {name: statistics.median(answer[what] for answer in found) for name, found in answers.items()}

    ints = medians("f(1, 2)")
    yield _against_peer("call f(1, 2)", ints, 1 / 4)
    python = statistics.median(answer["python"] for found in answers.values() for answer in found)
    yield compare("call f(1, 2)", ints[OURS], python, "Python", 1.0)
    yield _against_peer("call f(small array)", medians("f(array)"), 1 / 3)


def long_trace(effort: Effort) -> Iterator[Row]:
    """Tracing a function of 500 lines, against the budget of 100 ms."""
    seconds = _worker("long_trace", OURS, effort.copies)["seconds"]
    yield compare("trace 500 lines", statistics.median(seconds), 0.1, "budget", 1.0)


def _kernel(name: str, effort: Effort) -> Row:
    answer = _worker("kernel", name, effort.rounds, *compilers())
    run, compiled, small = answer["run"], answer["compile"], answer["small"]
    notes = [f"{small['python'] / small[OURS]:.0f}x Python"]
    if "c" in run:
        notes.append(f"{run[OURS] / run['c']:.2f} of C")
    beside = f" / {format_seconds(compiled[PEER])}" if PEER in compiled else ""
    notes.append(f"compiled in {format_seconds(compiled[OURS])}{beside}")
    return _against_peer(name, run, 1.1, ", ".join(notes))


def kernel_measure(name: str) -> Callable[[Effort], Iterator[Row]]:
    """The measure of one kernel."""

    def measure(effort: Effort) -> Iterator[Row]:
        yield _kernel(name, effort)

    return measure


ARRAYS = array_measures.measures(_worker, compilers)
KERNELS = {problem.name: kernel_measure(problem.name) for problem in PROBLEMS}
MEASURES = {
    "import": import_time,
    "first": first_compile,
    "compile": later_compiles,
    "call": call_overhead,
    "trace": long_trace,
    **KERNELS,
    **ARRAYS,
    **object_measures.measures(_worker, compilers),
    **option_measures.measures(_worker),
    **interrupt_measures.measures(_worker),
}
GROUPS = {"kernels": list(KERNELS), "arrays": list(ARRAYS)}


def summaries(rows: list[Row]) -> list[Row]:
    """The medians over the kernels and over the programs on arrays, where all ten were measured."""
    kernels = [row for row in rows if row.measure in KERNELS]
    median = median_of_ratios("kernels, median", kernels, 1.0) if len(kernels) == len(KERNELS) else []
    return median + array_measures.summary(rows)
