"""Compiled functions in other processes, threads and interpreters."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import multiprocessing
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tracer import jit, njit, supported, trace

ROOT = pathlib.Path(__file__).resolve().parent.parent
METHODS = [name for name in ("spawn", "fork", "forkserver") if name in multiprocessing.get_all_start_methods()]
NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@njit
def doubled(x):
    return x + x


@jit
def shown(x):
    return str(x) + "!"


@njit(nogil=True)
def counted_up(n):
    total = 0
    for i in range(n):
        total = total ^ (i * i)
    return total


def sum_of(values):
    return doubled(np.arange(5)).sum() + values


@pytest.fixture(autouse=True)
def _no_warnings_of_fork() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # 3.12: of a fork beside threads
        yield


def child_says(work: Callable[[], bool], seconds: float = 60) -> bool:
    """What `work` says in a forked child; False also if it raises or hangs."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(int(seconds))
            status = int(not work())
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- processes


@pytest.mark.parametrize("method", METHODS)
def test_multiprocessing(method: str) -> None:
    """Functions are pickled by name, whether they were compiled or not; what they return and raise comes back."""
    assert doubled(1) == 2
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(doubled, [1, 2.5, np.float32(3)]) == [2, 5.0, np.float32(6)]
        assert pool.apply(shown, (5,)) == "5!"
        assert pool.apply(doubled, (np.arange(3),)).tolist() == [0, 2, 4]
        with pytest.raises(Exception, match="unsupported|not supported|strings"):
            pool.apply(doubled, ("text",))


@pytest.mark.parametrize("executor", [concurrent.futures.ThreadPoolExecutor, concurrent.futures.ProcessPoolExecutor])
def test_executors(executor: type) -> None:
    with executor(2) as pool:
        assert list(pool.map(doubled, range(20))) == [2 * n for n in range(20)]
        assert pool.submit(counted_up, 1000).result() == counted_up.py_func(1000)


def test_a_function_that_no_name_leads_to_is_not_pickled() -> None:
    local = njit(lambda x: x)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(local)
    with pytest.raises(Exception, match="pickle"):
        pickle.dumps(trace(sum_of)(1))


@NEEDS_FORK
def test_a_child_uses_and_compiles() -> None:
    assert doubled(1) == 2

    def work() -> bool:
        fresh = njit(lambda x: x * 3)
        return doubled(2) == 4 and doubled(2.5) == 5.0 and fresh(2) == 6 and shown(1) == "1!"

    assert child_says(work)
    assert child_says(lambda: child_says(work))


@NEEDS_FORK
@pytest.mark.parametrize("attempt", range(3))
def test_a_fork_while_others_compile(attempt: int) -> None:
    """The locks of threads that are not in the child are open there, and LLVM is whole."""
    assert doubled(1) == 2
    stop = threading.Event()
    shared = [njit(lambda x: x - 1)]

    def compile_always() -> None:
        while not stop.is_set():
            shared[0] = fresh = njit(lambda x: (x * 3 + 1, x // 2, x * x))
            fresh(1)
            fresh(2.5)

    threads = [threading.Thread(target=compile_always) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(4):
            time.sleep(0.01 * (attempt + 1))
            assert child_says(lambda: shared[0](4) is not None and njit(lambda x: x + 5)(1) == 6)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


# --- threads


def test_first_calls_of_one_function_from_many_threads() -> None:
    for _ in range(3):
        fast, barrier, wrong = njit(lambda x, n: x * n + n), threading.Barrier(16), []

        def run(kind: type, fast: Any = fast, barrier: threading.Barrier = barrier, wrong: list = wrong) -> None:
            barrier.wait()
            for n in range(50):
                found = fast(kind(3), n)
                if found != kind(3) * n + n or type(found) is not type(kind(3) * n + n):
                    wrong.append((kind, n, found))

        threads = [threading.Thread(target=run, args=(kind,)) for kind in (int, float, complex, np.float64) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong and len(fast.signatures) == 4


def test_code_runs_while_another_thread_compiles_and_recompiles() -> None:
    fast, stop, wrong = njit(lambda a: a + a[0]), threading.Event(), []
    values = np.arange(4.0) + 1

    def run() -> None:
        while not stop.is_set():
            if fast(values).tolist() != [2.0, 3.0, 4.0, 5.0]:
                wrong.append(1)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for kind in ("f4", "i8", "i4", "c16", "u1"):
        fast(np.ones(2, kind))
        fast.recompile()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong


# --- interpreters


def test_the_free_threaded_build_is_refused() -> None:
    with pytest.raises(ImportError, match="free-threaded"):
        supported.check("3.13.0 experimental free-threading build (main, Oct  7 2024)")
    supported.check("3.13.0 (main, Oct  7 2024)")


SUBINTERPRETER = """
import importlib.util
for name in ("_interpreters", "_xxsubinterpreters"):
    try:
        interpreters = importlib.import_module(name)
        break
    except ImportError:
        pass
made = interpreters.create()
text = "import sys; sys.path.insert(0, {root!r})\\nimport tracer"
try:
    outcome = interpreters.run_string(made, text)
except Exception as error:
    outcome = error
print(outcome)
import tracer
print(tracer.typeof(2.5))
"""


def test_subinterpreters_are_refused() -> None:
    if not any(importlib.util.find_spec(name) for name in ("_interpreters", "_xxsubinterpreters")):
        pytest.skip("this Python has no module that makes subinterpreters")
    text = SUBINTERPRETER.format(root=str(ROOT))
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert "cannot be used in a subinterpreter" in done.stdout and done.stdout.endswith("\nfloat64\n"), done
