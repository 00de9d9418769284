"""Many calls from many threads for a long time: memory stays flat, each result is right, reference counts come back.

    python -m tests.soak                                        10 minutes, 8 threads, at least 10**6 calls
    python -m tests.soak --seconds 60 --calls 100000            a short one
    python -m tests.soak --compiling                            functions are compiled anew all the time, too

Prints the memory of the process in each tenth of the time, and ends with status 1 if it grew, a result was wrong, a
block of memory or a reference was left, or there were too few calls.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from codegen.runtime import live_blocks, track_blocks
from tracer import TracerError, jit, njit

PARTS = 10
ALLOWED = 4 << 20  # bytes that the process may grow after its first half: arenas of the C library's allocator, by threads


class Point(NamedTuple):
    """An argument and result."""

    x: float
    y: Any


def total(values):
    total = 0.0
    for v in values:
        total += v
    return total


def moved(point, by):
    return Point(point.x + by, point.y * by)


def blended(a, b):
    c = a * 2 + b
    return c[1:], c.sum(), a


def recursive(n):
    return 1 if n < 2 else n * recursive(n - 1)


def failing(values, i):
    return values[i]


def allocating(n):
    made = np.zeros((n, n))
    made[0] = 1
    return made.T @ made


def joined(a):
    return np.concatenate((a, a[::-1]))


def record(item):
    return item["x"] + item["n"]


def texts(x):
    return str(x) + "!"


def cases() -> list[tuple[Callable, Callable, tuple]]:
    """Compiled functions, the functions themselves, and arguments that all threads share."""
    a, b = np.arange(200.0), np.ones(200)
    item = np.ones(3, [("x", "f8"), ("n", "i4")])[1]
    made = [
        (total, (a,)), (total, (a[::3],)), (total, (np.arange(9),)), (moved, (Point(1.5, a), 2.5)), (blended, (a, b)), (blended, (a[::2], b[::2])),
        (recursive, (15,)), (failing, (a, 1000)), (failing, (a, 5)), (allocating, (12,)), (joined, (a,)), (record, (item,)), (recursive, ("no",)),
    ]  # fmt: skip
    found = [(wrap(function), function, args) for function, args in made for wrap in (njit, njit(nogil=True))]
    return found + [(jit(texts), texts, (5,)), (jit(texts), texts, ([1],))]


def outcome(function: Callable, args: tuple) -> Any:
    """The result as something that can be compared, or the class of the exception."""
    try:
        return plain(function(*args))
    except (IndexError, TypeError, TracerError) as error:
        return "error", IndexError if isinstance(error, IndexError) else TypeError


def plain(value: Any) -> Any:
    """Arrays as their bytes, also inside tuples."""
    if isinstance(value, tuple):
        return type(value), tuple(map(plain, value))
    return (value.shape, value.tolist()) if isinstance(value, np.ndarray) else value


def resident() -> int:
    """The bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Soak:
    """The threads, and what they found."""

    def __init__(self, compiling: bool) -> None:
        self.cases = [(fast, function, args, outcome(function, args)) for fast, function, args in cases()]
        self.compiling = compiling
        self.stop = threading.Event()
        self.calls = 0
        self.compiled = 0
        self.wrong: list[str] = []

    def work(self, number: int) -> None:
        """Call all cases in turn until the time is over."""
        counted, at = 0, number
        while not self.stop.is_set():
            fast, function, args, expected = self.cases[at % len(self.cases)]
            for _ in range(100):
                if outcome(fast, args) != expected:
                    self.wrong.append(function.__name__)
            counted, at = counted + 100, at + 1
            if self.compiling and number == 0:
                self.compile(counted)
        self.calls += counted

    def compile(self, salt: int) -> None:
        """Compile a function that nobody has compiled before, and drop it."""
        fast = njit(lambda x: x * 3 + salt)
        if fast(2) != 6 + salt:
            self.wrong.append("compiled")
        self.compiled += 1


def reference_counts(soak: Soak) -> list[int]:
    """Of all arguments but numbers, which others have as well."""
    gc.collect()
    return [sys.getrefcount(arg) for _, _, args, _ in soak.cases for arg in args if not isinstance(arg, (int, float, str))]


def run(seconds: float, threads: int, least_calls: int, compiling: bool) -> list[str]:
    """Soak for so long; what is wrong."""
    soak = Soak(compiling)
    for fast, _, args, _ in soak.cases:
        outcome(fast, args)
    track_blocks()
    counts, blocks, workers, memory = reference_counts(soak), live_blocks(), [], []
    for number in range(threads):
        workers.append(threading.Thread(target=soak.work, args=(number,)))
        workers[-1].start()
    for part in range(PARTS):
        time.sleep(seconds / PARTS)
        memory.append(resident())
        print(f"{(part + 1) * seconds / PARTS:7.1f} s: {memory[-1] / 2**20:8.1f} MiB", flush=True)
    soak.stop.set()
    for worker in workers:
        worker.join()
    grown = memory[-1] - memory[PARTS // 2 - 1]
    print(f"{soak.calls} calls, {soak.compiled} functions compiled, {grown / 2**20:+.1f} MiB in the second half")
    if soak.compiled:
        print(f"{(memory[-1] - memory[0]) / soak.compiled / 1024:.1f} KiB for each function compiled and dropped")
    faults = [f"wrong result: {name}" for name in soak.wrong[:20]]
    if grown > ALLOWED and not compiling:
        faults.append(f"memory grew by {grown} bytes")
    if reference_counts(soak) != counts:
        faults.append("reference counts of arguments changed")
    if live_blocks() > blocks:
        faults.append(f"{live_blocks() - blocks} blocks of memory are left")
    if soak.calls < least_calls:
        faults.append(f"only {soak.calls} calls")
    return faults


def main() -> int:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--calls", type=int, default=10**6, help="how many there must be at least")
    parser.add_argument("--compiling", action="store_true", help="compile functions all the time; growth is reported, not judged")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    faults = run(options.seconds, options.threads, options.calls, options.compiling)
    print("\n".join(faults) or "no faults")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
