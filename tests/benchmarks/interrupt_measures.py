"""How long a signal waits for its handler in each kind of loop, and in the same function uncompiled."""

from __future__ import annotations

import importlib
import signal
import statistics
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tests.benchmarks import tight_loops
from tests.benchmarks.report import Row

if TYPE_CHECKING:
    from tests.benchmarks.measures import Effort

FOREVER = 10**13
_LATEST = 0.05  # seconds, of signals in what does not end by itself


class Interrupted(Exception):
    """What the handler raises."""


class Kind(NamedTuple):
    """A loop, with arguments; it either takes hours or ends with an array."""

    function: Callable
    arguments: Callable[[], tuple]
    ends: bool = True


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).random(shape)


def walk(a):
    """Through an array once: loops of this kind are left alone."""
    total = 0.0
    for i in range(len(a)):
        total = total * 0.5 + a[i]
    return total


def walks(a, n):
    """Through an array again and again."""
    total = 0.0
    for _ in range(n):
        for i in range(len(a)):
            total = total * 0.5 + a[i]
    return total


def nest(n):
    """Two loops with counters."""
    total = 0.0
    for i in range(n):
        for j in range(1000):
            total = total * 0.5 + i * j
    return total


def long_rounds(a):
    """Through an array, with much work for each item."""
    for i in range(len(a)):
        x = a[i]
        for _ in range(30):
            x = x * 0.99 + np.sin(x)
        a[i] = x
    return a


def long_expression(a, b):
    """One loop over the items, for a dozen functions."""
    return np.sqrt(a * a + b * b) * np.exp(-a) + np.arctan2(np.sin(a), np.cosh(b)) ** 1.5


def whole_arrays(a, n):
    """Short operations on an array, again and again."""
    for _ in range(n):
        a += np.sqrt(a)
    return a


KINDS = {
    "counted": Kind(tight_loops.series, lambda: (FOREVER,), False),
    "while": Kind(tight_loops.collatz, lambda: (FOREVER,), False),
    "nest": Kind(nest, lambda: (FOREVER,), False),
    "recursion": Kind(tight_loops.fibonacci, lambda: (90,), False),
    "array walks": Kind(walks, lambda: (_random(1000), FOREVER), False),
    "array operations": Kind(whole_arrays, lambda: (np.ones(1000), FOREVER), False),
    "one array walk": Kind(walk, lambda: (_random(10**7),)),
    "long rounds": Kind(long_rounds, lambda: (_random(10**6),)),
    "long expression": Kind(long_expression, lambda: (_random(10**7), _random(10**7))),
    "sort": Kind(lambda a: np.sort(a), lambda: (_random(10**7),)),
    "gather": Kind(lambda a, i: a[i], lambda: (_random(10**7), np.random.default_rng(6).integers(0, 10**7, 10**7))),
    "table of pairs": Kind(lambda a, b: (a[:, None] - b[None, :]).max(), lambda: (_random(20_000), _random(2000))),
    "matrix product": Kind(lambda a, b: a @ b, lambda: (_random(1500, 1500),) * 2),
    "product of ints": Kind(lambda a, b: a @ b, lambda: (np.arange(360_000).reshape(600, 600),) * 2),
}


def delays(function: Callable, kind: Kind, signals: int) -> list[float]:
    """Seconds from signals, at different times of a call, to their handler."""
    arguments = kind.arguments()
    duration = _LATEST
    if kind.ends:
        start = perf_counter()
        function(*arguments)
        duration = min(perf_counter() - start, 20 * _LATEST)
    found = (_delay(function, arguments, duration * (turn + 1) / (signals + 1)) for turn in range(signals))
    return [delay for delay in found if delay is not None]


def _delay(function: Callable, arguments: tuple, after: float) -> float | None:
    """Seconds from one signal to its handler; None where the call ended before."""
    handled: list[float] = []

    def handler(number: int, frame: Any) -> None:
        handled.append(perf_counter())
        raise Interrupted

    before = signal.signal(signal.SIGALRM, handler)
    due = perf_counter() + after
    try:
        signal.setitimer(signal.ITIMER_REAL, after)
        function(*arguments)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    except Interrupted:
        pass
    finally:
        signal.signal(signal.SIGALRM, before)
    return handled[0] - due if handled else None


def interrupt(name: str, signals: str) -> dict:
    """The delays of a kind of loop, compiled and not, for a worker."""
    kind = KINDS[name]
    fast = importlib.import_module("tracer").njit(kind.function)
    fast.compile(tuple(map(importlib.import_module("tracer").typeof, kind.arguments())))
    return {"ours": delays(fast, kind, int(signals)), "python": delays(kind.function, kind, int(signals))}


def measures(ask: Callable[..., dict]) -> dict[str, Callable[[Effort], Iterator[Row]]]:
    """The rows, by the name of the measure."""

    def row(name: str, effort: Effort) -> Row:
        found = ask("interrupt", name, 2 * effort.rounds + 1)
        ours, python = (statistics.median(found[which]) for which in ("ours", "python"))
        note = f"longest {max(found['ours']) * 1e3:.1f} ms, {max(found['python']) * 1e3:.1f} ms"
        return Row(f"interrupt, {name}", ours, python, "Python", None, None, note)

    def interrupts(effort: Effort) -> Iterator[Row]:
        for name in KINDS:
            yield row(name, effort)

    return {"interrupts": interrupts}
