"""Signals are handled while compiled loops run: in each kind of loop, in every thread, with all that it holds released."""

from __future__ import annotations

import _signal
import ctypes
import functools
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from graph_generator import GraphGenerator
from test_ir_passes import outcome, random_arguments

from codegen import signals
from ir.passes import optimize, polls
from tracer import jit, njit, trace, typeof

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONG = 10**13  # rounds: hours
SOON = 0.05  # seconds


class Alarm(Exception):
    """What the handler of the tests raises."""


def raise_alarm(number: int, frame: Any) -> None:
    raise Alarm


@pytest.fixture
def alarm() -> Iterator[Callable[..., None]]:
    """Sets a handler of SIGALRM, and when the signal comes."""
    before = signal.getsignal(signal.SIGALRM)

    def set_alarm(handler: Callable[[int, Any], None], seconds: float = SOON, interval: float = 0.0) -> None:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, seconds, interval)

    yield set_alarm
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, before)


def endless(n):
    while True:
        if n == 1:
            return n
        n = n * 5 % 1000003 | 2


def search(n):
    x = 7
    while x < n:
        x = x * 5 % 1000003
    return x


def counted(n):
    total = 1.0
    for i in range(n):
        total = total * 0.5 + i
    return total


def down(n):
    total = 1.0
    for i in range(n, 0, -3):
        total = total * 0.5 + i
    return total


def nest(n):
    total = 0.0
    for i in range(n):
        for j in range(i % 3):
            total = total * 0.5 + j
    return total


def over_array(n):
    row = np.ones(5)
    total = 0.0
    for i in range(n):
        for x in row:
            total += x * i
    return total


def new_arrays(n):
    kept = np.ones(100)
    for i in range(n):
        kept = kept + np.full(kept.size, i)
    return kept


def generator(n):
    return sum(i * i % 7 for i in range(n))


def unrolled(n):
    total = 0
    for i in range(n):
        for k in (1, 2, 3):
            total ^= i * k
    return total


def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def even(n, depth):
    return 0 if depth == 0 else odd(n, depth - 1) + odd(n, depth - 1)


def odd(n, depth):
    return 1 if depth == 0 else even(n, depth - 1) + even(n, depth - 1)


def mutual(n):
    return even(n, n)


def whole_arrays(n):
    a = np.ones(1000)
    for _ in range(n):
        a += np.sqrt(a)
    return a


LOOPS = (endless, search, counted, down, nest, over_array, new_arrays, generator, unrolled, fibonacci, mutual, whole_arrays)


@pytest.mark.quick_cases(None)
@pytest.mark.parametrize("options", [{}, {"nogil": True}], ids=["", "nogil"])
@pytest.mark.parametrize("function", LOOPS, ids=lambda function: function.__name__)
def test_an_exception_of_a_handler_leaves_the_loop(function, options, alarm) -> None:
    fast = njit(**options)(function)
    fast.compile("(int64,)")
    alarm(raise_alarm)
    with pytest.raises(Alarm) as caught:
        fast(80 if function in (fibonacci, mutual) else LONG)
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert function.__name__ in frames and frames[-1] == "raise_alarm"
    assert fast(1) is not None


def object_loop(things, n):
    count = 0
    for _ in range(n):
        count += len(things)
    return count


@pytest.mark.filterwarnings("ignore:object_loop")
def test_object_mode(alarm) -> None:
    fast = jit(object_loop)
    assert fast({1: 2}, 3) == 3
    alarm(raise_alarm)
    with pytest.raises(Alarm):
        fast({1: 2}, LONG)


def filled(a, n):
    i = 0
    while i < n:
        a[i % len(a)] = i
        i = i + 1 if i % 2 else i * 1 + 1


def test_what_was_stored_stays(alarm) -> None:
    fast, a = njit(filled), np.full(5, -1)
    fast(a, 3)
    assert a.tolist() == [0, 1, 2, -1, -1]
    alarm(raise_alarm)
    with pytest.raises(Alarm):
        fast(a, LONG)
    assert a.min() > 0 and np.ptp(a) == 4  # the last five rounds, all of each


@pytest.mark.parametrize("function", [counted, nest, over_array])
def test_a_handler_that_returns_lets_the_loop_go_on(function, alarm) -> None:
    fast = njit(function)
    expected = fast(3_000_000)
    calls = []
    alarm(lambda number, frame: calls.append(number), 0.001, 0.001)
    while len(calls) < 3:
        before = len(calls)
        assert fast(3_000_000) == expected
        if before == len(calls):
            pytest.fail("a call of many milliseconds did not run the handler")


def test_handlers_may_call_compiled_code(alarm) -> None:
    fast, inner = njit(search), njit(counted)
    inner(1)

    def handler(number: int, frame: Any) -> None:
        raise Alarm(inner(100_000))

    alarm(handler)
    with pytest.raises(Alarm) as caught:
        fast(LONG)
    assert caught.value.args == (counted(100_000),)


@pytest.mark.parametrize("options", [{}, {"nogil": True}], ids=["", "nogil"])
def test_the_main_thread_handles_signals_while_another_one_computes(options, alarm) -> None:
    fast = njit(**options)(search_again)
    fast.compile("(int64,)")
    results: list[int] = []
    finished: list[bool] = []
    thread = threading.Thread(target=lambda: results.append(fast(100_000_000)))
    alarm(lambda number, frame: finished.append(bool(results)))
    thread.start()
    thread.join()
    assert finished == [False] and results == [100_000_000]


def search_again(n):
    x = 7
    rounds = 0
    while rounds < n:
        x = x * 5 % 1000003
        rounds += 1 if x else 2
    return rounds


def test_two_threads_at_once() -> None:
    fast = njit(nogil=True)(counted)
    results: list[float] = []
    threads = [threading.Thread(target=lambda: results.append(fast(2_000_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [fast(2_000_000)] * 4


SCRIPT = """\
import signal
from tracer import njit

signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start what runs in the background with the signal ignored

@njit
def forever(n):
    while n != 1:
        n = n * 3 % 1000003
    return n

forever.compile("(int64,)")
print("now", flush=True)
forever(0)
"""


def test_keyboard_interrupt(tmp_path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    running = subprocess.Popen([sys.executable, script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "now\n"
    time.sleep(SOON)
    running.send_signal(signal.SIGINT)
    try:
        said = running.communicate(timeout=60)[1]
    finally:
        running.kill()  # which nothing else would end
    assert running.returncode == -signal.SIGINT
    assert "in forever\n    while n != 1:\n" in said and said.endswith("KeyboardInterrupt\n")


def test_the_flag_is_the_one_that_a_signal_sets(alarm) -> None:
    """It is read right behind the signal, before any bytecode, which would run the handler."""
    handled = []
    alarm(lambda number, frame: handled.append(number), 0.0)
    flag = ctypes.c_int.from_address(signals.signals_pending())
    steps = [
        functools.partial(getattr, flag, "value"),
        functools.partial(ctypes.pythonapi.PyErr_SetInterruptEx, int(signal.SIGALRM)),
        functools.partial(getattr, flag, "value"),
    ]
    assert list(map(functools.partial.__call__, steps)) == [0, 0, 1]
    assert handled == [signal.SIGALRM] and flag.value == 0


def in_memory(words: list[int]) -> tuple[Any, int]:
    """Memory with these words a little behind its start, and the address of the first one; 0 is all around."""
    memory = (ctypes.c_uint64 * 3000)()
    memory[7 : 7 + len(words)] = words
    return memory, ctypes.addressof(memory) + 8 * 7


def words_behind_handlers() -> list[int]:
    """As `_PyRuntime.signals` is from Python 3.12 on: pairs of an int and a handler, two ints, the flag, SIG_DFL."""
    handlers = [id(_signal.getsignal(number)) for number in range(1, signal.NSIG)]
    pairs = [word for handler in [0, *handlers] for word in (1, handler)]
    return [*pairs, 5, 0, id(_signal.SIG_DFL)]


def words_before_interval() -> list[int]:
    """As `_PyRuntime` is up to Python 3.11: the main thread, 32 functions and their number, the flag, the interval."""
    return [threading.main_thread().ident, *range(100, 132), 2, 0, round(sys.getswitchinterval() * 1e6)]


@pytest.mark.parametrize(("find", "words", "flag"), [
    (signals._behind_handlers, words_behind_handlers, 2 * signal.NSIG + 1),
    (signals._before_switch_interval, words_before_interval, 34),
])  # fmt: skip
def test_the_flag_is_taken_only_from_known_surroundings(find, words, flag) -> None:
    memory, first = in_memory(words())
    assert find(ctypes.addressof(memory)) == first + 8 * flag
    for wrong in (flag + 1, 3 if flag > 34 else 0):
        other = words()
        other[wrong] += 1
        memory, _ = in_memory(other)
        assert find(ctypes.addressof(memory)) is None, wrong


def test_without_the_flag_signals_are_handled_after_the_call(tmp_path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WITHOUT_FLAG)
    done = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "handled with [1.]\n", done


WITHOUT_FLAG = """\
import signal
import numpy as np
from codegen import runtime
runtime.signals_pending = lambda: None
from tracer import njit

@njit
def long(a, n):
    x = 7
    while n > 0:
        x = x * 5 % 1000003
        n -= 1
    a[0] = x > 0

result = np.zeros(1)
long(np.zeros(1), 3)
signal.signal(signal.SIGALRM, lambda number, frame: print("handled with", result))
signal.setitimer(signal.ITIMER_REAL, 0.05)
long(result, 100_000_000)
"""


def polls_of(function, *arguments: Any, **options: Any) -> int:
    graph = trace(function, **options)(*arguments) if options else trace(function)(*arguments)
    return sum(op.name == "poll" for op in graph.optimized.ops())


def row_sum(a):
    total = 0.0
    for i in range(len(a)):
        total += a[i]
    return total


def product(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


def strided(a, start, step):
    for i in range(1, step):
        while start < len(a):
            a[start] = i
            start += i


def standing(a, start, step):
    while start < len(a):
        a[start] = 1.0
        start += step


def few_rounds(n):
    for i in range(10):
        for j in range(10):
            n ^= i * j
    return n


def linear(n):
    return 0 if n == 0 else linear(n - 1) + 1


def repeated_store(a, n):
    for i in range(n):
        a[0] = i


def stored_counter(a, n):
    x = np.int64(0)
    while x < n:
        a[0] = x
        x = x + np.int64(1)


def ragged(a, n):
    total = 0.0
    for i in range(n):
        for _ in range(i % 3):
            for x in a:
                total += x
    return total


def first_items(a):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i, 0]
    return total


def lengths(a):
    total = 0
    for row in a:
        total += len(row)
    return total


def checked_lengths(a, n):
    total = 0
    i = 0
    while i < n:
        total += len(a[i]) ^ i
        i += 1
    return total


def checked_items(a, n):
    total = 0
    i = 0
    while i < n:
        total += len(a[i : i + 1]) ^ (a[i] > 0)
        i += 1
    return total


STRETCHED = np.broadcast_to(1.0, 2**40)


@pytest.mark.quick_cases(None)
@pytest.mark.parametrize(("function", "array"), [
    (row_sum, STRETCHED), (row_sum, STRETCHED[::-2]), (first_items, np.broadcast_to(1.0, (2**40, 3))),
    (lambda a: np.arange(5)[a], np.broadcast_to(1, 2**40)),
], ids=["line", "backwards", "first items", "indices"])  # fmt: skip
def test_arrays_that_take_no_memory_may_be_endless(function, array, alarm) -> None:
    fast = njit(function)
    fast.compile((typeof(array),))
    alarm(raise_alarm)
    with pytest.raises(Alarm):
        fast(array)


@pytest.mark.quick_cases(None)
@pytest.mark.parametrize(("function", "arguments", "count"), [
    (row_sum, (np.ones(3),), 0), (few_rounds, (3,), 0), (linear, (3,), 0), (whole_arrays, (1,), 1), (fibonacci, (3,), 1),
    (product, (np.ones((2, 2)),) * 3, 1), (nest, (3,), 1), (counted, (3,), 1), (search, (3,), 1),
    (strided, (np.ones(3), 1, 3), 1), (standing, (np.ones(3), 1, 3), 1),
    (repeated_store, (np.zeros(1, np.int64), 3), 1), (stored_counter, (np.zeros(1, np.int64), 3), 1),
    (ragged, (np.ones(3), 3), 2),
    (row_sum, (np.ones(6)[::2],), 0), (row_sum, (STRETCHED[:3],), 1), (lengths, (np.ones((3, 2)),), 1), (first_items, (np.ones((3, 2)),), 0),
    (first_items, (np.broadcast_to(1.0, (3, 2)),), 1), (checked_lengths, (np.ones((3, 2)), 3), 2), (checked_items, (np.ones(3), 3), 0),
])  # fmt: skip
def test_polls_stand_only_where_they_are_needed(function, arguments, count) -> None:
    assert polls_of(function, *arguments) == count


def test_without_polls() -> None:
    graphs = njit(interruptible=False)(counted)
    assert graphs(10) == counted(10)
    (graph,) = graphs.graphs.values()
    assert not any(op.name == "poll" for op in graph.optimized.ops())


def loop_up(start, stop):
    total = 0
    for i in range(start, stop):
        if i % 5 == 3:
            continue
        total = total * 3 + i
        if total % 7 == 2:
            break
    return total, i


def loop_by_seven(start, stop):
    total = 0
    while start < stop:
        total = total * 3 + start
        start += 7
    return total, start


def loop_down(start, stop):
    total = 0
    while stop > start:
        total = total * 3 + stop
        stop -= 1
    return total, stop


@pytest.mark.parametrize("rounds", [1, 2, 3])
@pytest.mark.parametrize("function", [loop_up, loop_by_seven, loop_down])
def test_loops_that_are_cut_give_the_same(function, rounds, monkeypatch) -> None:
    monkeypatch.setattr(polls, "ROUNDS", rounds)
    cut = njit(function)
    plain = njit(interruptible=False)(function)
    for start in (-(2**63), -(2**63) + 2, -3, 0, 2**63 - 9):
        for length in (1, 2, 3, 4, 6, 7, 8, 15, 100):
            for stop in {min(start + length, 2**63 - 7), max(start - length, -(2**63) + 7)}:
                assert _result(cut, start, stop) == _result(plain, start, stop), (start, stop)


def _result(function: Callable, *arguments: int) -> Any:
    try:
        return function(*arguments)
    except UnboundLocalError as error:
        return str(error)


@pytest.mark.parametrize("rounds", [1, 2])
def test_random_graphs_keep_their_results(rounds, monkeypatch) -> None:
    monkeypatch.setattr(polls, "ROUNDS", rounds)
    monkeypatch.setattr(polls, "_BRIEF", 0)
    compared = 0
    for seed in range(60):
        graph, polled = GraphGenerator(seed).make(), GraphGenerator(seed).make()
        optimize(polled, verify=True)
        choose = random.Random(seed)
        for _ in range(5):
            arguments = random_arguments(choose)
            expected = outcome(graph, arguments, step_limit=3000)
            if expected is not None:
                compared += 1
                assert outcome(polled, arguments, step_limit=50_000) == expected, seed
    assert compared > 100


def summed(a):
    return np.sum(a)


def summed_again(a, n):
    result = 0.0
    for _ in range(n):
        result += np.sum(a)
    return result


def test_sums_over_arrays_end_soon_and_loops_around_them_do_not():
    assert "\n    poll" not in trace(summed)(np.ones(3)).text("optimized")
    assert "\n    poll" in trace(summed_again)(np.ones(3), 2).text("optimized")
