"""Compiled functions in other processes, threads and interpreters."""

from __future__ import annotations

import concurrent.futures
import contextlib
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

from codegen import emit, runtime, stack
from ir import forking
from tracer import NopythonError, jit, njit, supported, trace

ROOT = pathlib.Path(__file__).resolve().parent.parent
METHODS = [name for name in ("spawn", "fork", "forkserver") if name in multiprocessing.get_all_start_methods()]
NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@njit
def doubled(x):
    return x + x


@njit
def inverse(n):
    return 1 // n


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


def child_says(work: Callable[[], bool], seconds: float = 30) -> bool:
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


@pytest.mark.parametrize("method", METHODS)
def test_executors_of_processes(method: str) -> None:
    """In children that begin anew, first calls compile; exceptions of compiled code come back with their classes."""
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        assert list(pool.map(doubled, [1, 2.5, np.float32(3), 1j])) == [2, 5.0, np.float32(6), 2j]
        assert pool.submit(doubled, np.arange(6)[::-2]).result().tolist() == [10, 6, 2]
        with pytest.raises(ZeroDivisionError, match="by zero"):
            pool.submit(inverse, 0).result()
        with pytest.raises(NopythonError, match="strings|not supported|unsupported"):
            pool.submit(doubled, "text").result()


def report(pipe: Any, function: Callable, *args: Any) -> None:
    pipe.send(function(*args))


@pytest.mark.parametrize("method", METHODS)
def test_processes_take_compiled_functions_as_arguments(method: str) -> None:
    context = multiprocessing.get_context(method)
    here, there = context.Pipe(False)
    process = context.Process(target=report, args=(there, doubled, 2.5))
    process.start()
    assert here.recv() == 5.0
    process.join()
    assert process.exitcode == 0
    process = context.Process(target=doubled, args=(1,))
    process.start()
    process.join()
    assert process.exitcode == 0


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


@contextlib.contextmanager
def in_another_thread(work: Callable[[threading.Event], Any]) -> Iterator[None]:
    """A thread is where `work` has set the event."""
    there = threading.Event()
    thread = threading.Thread(target=work, args=(there,))
    thread.start()
    assert there.wait(60)
    try:
        yield
    finally:
        thread.join()


def holds(lock: Any) -> Callable[[threading.Event], None]:
    def work(there: threading.Event) -> None:
        with lock:
            there.set()
            time.sleep(0.2)

    return work


def compiles_here_and_in_threads() -> bool:
    """Whether first calls come to their end in this thread, in another one, and in one with a small stack."""
    results = [njit(lambda x: x + 5)(1)]
    for size in (0, 256 * 1024):
        before = threading.stack_size(size)
        thread = threading.Thread(target=lambda: results.append(njit(lambda x: x - 5)(6)), daemon=True)
        thread.start()
        threading.stack_size(before)
        thread.join(20)
    return results == [6, 1, 1]


@NEEDS_FORK
@pytest.mark.parametrize("lock", [forking.llvm_lock, stack._making], ids=["LLVM", "small stacks"])
def test_a_fork_waits_for_a_lock_of_another_thread(lock: Any) -> None:
    assert doubled(1) == 2
    with in_another_thread(holds(lock)):
        assert child_says(compiles_here_and_in_threads)
    assert compiles_here_and_in_threads()


class Alarm(Exception):
    """What a handler raises."""


@NEEDS_FORK
def test_a_signal_while_a_fork_waits_leaves_no_lock_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python forks all the same, and tells the exception to nobody but the hook."""
    told = []

    def raise_alarm(number: int, frame: Any) -> None:
        raise Alarm

    monkeypatch.setattr(sys, "unraisablehook", lambda told_of: told.append(told_of.exc_type))
    before = signal.signal(signal.SIGALRM, raise_alarm)
    with in_another_thread(holds(stack._making)):
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        child = os.fork()
        if child == 0:
            os._exit(0)
    signal.signal(signal.SIGALRM, before)
    assert os.waitpid(child, 0)[1] == 0 and told == [Alarm]
    with in_another_thread(holds(forking.llvm_lock)):
        pass
    assert compiles_here_and_in_threads()


def test_what_another_thread_sets_for_stacks_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that made one with a small stack sets the size back, while that one compiles."""
    before, start = threading.stack_size(1 << 19), threading.Thread.start

    def start_and_set(thread: threading.Thread) -> None:
        start(thread)
        threading.stack_size(1 << 20)

    stack._elsewhere(int, ())
    assert threading.stack_size(1 << 19) == 1 << 19
    monkeypatch.setattr(threading.Thread, "start", start_and_set)
    stack._elsewhere(int, ())
    assert threading.stack_size(before) == 1 << 20


@NEEDS_FORK
def test_a_lock_is_open_in_a_child_unless_it_is_held_there() -> None:
    lock = forking.reopened_lock()
    with in_another_thread(holds(lock)):
        assert child_says(lambda: lock.acquire(timeout=5))

    def still_held() -> bool:
        lock.release()
        return not lock._is_owned()

    with lock:
        assert child_says(still_held)


@NEEDS_FORK
def test_a_fork_in_the_middle_of_a_compilation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that compiles holds the function's own lock then, and is between two uses of LLVM."""
    fast, flow = njit(counted_up.py_func), emit.ControlFlow

    def compile_slowly(there: threading.Event) -> None:
        def slow_flow(graph: Any) -> Any:
            if threading.get_ident() == own:
                there.set()
                time.sleep(0.2)
            return flow(graph)

        own = threading.get_ident()
        monkeypatch.setattr(emit, "ControlFlow", slow_flow)
        fast(10)

    with in_another_thread(compile_slowly):
        assert child_says(lambda: fast(10) == fast(np.int64(10)) == 1 and compiles_here_and_in_threads())
    assert fast(10) == 1


def what_says(folder: pathlib.Path, text: str) -> str:
    """The output of a script that must not write an error."""
    script = folder / "script.py"
    script.write_text(text)
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-W", "ignore", script], env=variables, capture_output=True, text=True, timeout=100)
    assert not done.stderr, done.stderr
    return done.stdout


FORKING = """
thread.start()
there.wait()
child = os.fork()
if child == 0:
    signal.alarm(30)
    os._exit(use(2) != 7)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
thread.join()
print(status, *results)
"""

LOADING = """
import os, signal, sys, threading, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r} and not there.is_set():
            there.set()
            time.sleep(0.3)
            with sys.modules["ir.forking"].llvm_lock:  # which a module that is imported may need
                pass

there = threading.Event()
sys.meta_path.insert(0, Slow())

def use(x):
    import tracer
    return tracer.njit(lambda x: x * 3 + 1)(x)

if {imported}:
    import tracer
results = []
thread = threading.Thread(target=lambda: results.append(use(1)))
"""


@NEEDS_FORK
@pytest.mark.parametrize(
    ("module", "imported"), [("numpy", False), ("tracer.dispatch", False), ("tracer.session", True), ("ir.passes", True)]
)
def test_a_fork_while_another_thread_imports(module: str, imported: bool, tmp_path: pathlib.Path) -> None:
    """The package itself, or what the first compilation loads: a child has all of it, though not that thread."""
    assert what_says(tmp_path, LOADING.format(module=module, imported=imported) + FORKING) == "0 4\n"


MAKING = """
import os, signal, threading, time
from tracer import njit
from codegen import runtime

def slow_text():
    if threading.current_thread() is thread:
        there.set()
        time.sleep(0.2)
    return text()

def use(x):
    return njit(lambda x: x * 3 + 1)(x)

text, runtime.hot_text = runtime.hot_text, slow_text
there, results = threading.Event(), []
thread = threading.Thread(target=lambda: results.append(use(1)))
"""


@NEEDS_FORK
def test_a_fork_while_another_thread_makes_the_runtime(tmp_path: pathlib.Path) -> None:
    """Some of its names are known to LLVM by then."""
    assert what_says(tmp_path, MAKING + FORKING) == "0 4\n"


def test_threads_share_one_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    text, made = runtime.hot_text, []
    monkeypatch.setattr(runtime, "hot_text", lambda: (made.append(text()), time.sleep(0.1))[0] or made[-1])
    monkeypatch.setattr(runtime, "_runtime", [])
    threads = [threading.Thread(target=runtime.runtime) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(runtime._runtime) == 1


FAILING = """
import os, sys, threading, time

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "ir.passes":
            there.set()
            time.sleep(0.3)
            raise ImportError("not there")

there = threading.Event()
sys.meta_path.insert(0, Missing())
from tracer import njit

def use():
    try:
        njit(lambda x: x + 1)(1)
    except ImportError as error:
        return str(error)

thread = threading.Thread(target=use)
thread.start()
there.wait()
child = os.fork()
said = use()
if child == 0:
    os._exit(said != "not there")
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said)
"""


@NEEDS_FORK
def test_a_fork_while_another_thread_fails_to_import(tmp_path: pathlib.Path) -> None:
    assert what_says(tmp_path, FAILING) == "0 not there\n"


INSIDE = """
import os, sys, threading

class Forks:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy" and not children:
            children.append(os.fork())

children = []
sys.meta_path.insert(0, Forks())
import tracer
said = tracer.njit(lambda x: x + 1)(1)
if children == [0]:
    os._exit(said != 2)
print(os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]), said)
"""


@NEEDS_FORK
def test_a_fork_in_the_middle_of_the_import(tmp_path: pathlib.Path) -> None:
    assert what_says(tmp_path, INSIDE) == "0 2\n"


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


@pytest.mark.parametrize(("version", "implementation", "this"), [
    ("3.14.0 (main, Oct  7 2025)", "cpython", "3.14.0"), ("3.15.0a1+ (heads/main)", "cpython", "3.15.0a1+"),
    ("3.14.2 free-threading build (main, Dec  5 2025)", "cpython", "3.14.2"), ("4.0.0 (main)", "cpython", "4.0.0"),
    ("3.9.18 (main, Aug 24 2023)", "cpython", "3.9.18"), ("2.7.18 (default)", "cpython", "2.7.18"),
    ("3.10.14 (39dc8d3c85a7, Aug 27 2024)", "pypy", "pypy 3.10.14"), ("3.11.7 (Thu Mar 07)", "graalpy", "graalpy 3.11.7"),
])  # fmt: skip
def test_other_pythons_are_refused(version: str, implementation: str, this: str) -> None:
    with pytest.raises(ImportError) as caught:
        supported.check(version, implementation)
    assert str(caught.value) == (
        f"tracer needs CPython 3.10 to 3.13, whose objects compiled code looks into; this is {this}"
        " (hint: make a virtual environment with one of these, or look for a newer tracer)"
    )


@pytest.mark.parametrize("version", ["3.10.0 (default)", "3.11.7 (main)", "3.12.0rc1 (main)", "3.13.9 (main)"])
def test_supported_pythons_are_not_refused(version: str) -> None:
    supported.check(version, "cpython")


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
