"""Functions of many kinds for `tests/test_reproducible.py`; run as a program, what they become.

    python tests/reproducible_programs.py ORDER

prints JSON: for each function the text of its graph before and after the passes and the LLVM text. ORDER is `forwards`,
`backwards` or a number, from which a shuffled order follows. The machine code is left in TRACER_CACHE_DIR.
"""

from __future__ import annotations

import json
import math
import random
import sys

import numpy as np

from tracer import jit, njit


def loops(n, scale):
    total, count = 0.0, 0
    for i in range(n):
        if i % 3 == 0:
            continue
        total += scale * i
        count += 1
    return total, count


def arrays(a, b):
    n = min(a.size, b.size)
    for i in range(1, n - 1):
        a[i] = (b[i - 1] + b[i] + b[i + 1]) / 3
    return np.sqrt(a * a + 1.0).sum() + (b - b.mean()).std()


def closures(x, y):
    z = x * y

    def first(t):
        return t + z - x

    def second(t):
        return first(t) * y

    return second(x) + first(y)


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def elementary(a):
    return np.sin(a) * np.exp(-a) + np.log1p(a * a) ** 0.5


def sorting(a):
    order = np.argsort(a)
    return np.sort(a)[::-1], order, np.cumsum(a[order]), a[a > 0]


def linear(m, v):
    return np.linalg.solve(m, v) @ m.T


def errors(a, i, text=("x", "y")):
    if i > 100:
        raise ValueError(f"{i} of {a.size}: {text[0]}")
    return a[i] / i


def complex_numbers(z):
    return abs(z) * z.conjugate() + math.hypot(z.real, z.imag)


def tuples(pair, flag):
    a, b = pair
    if flag:
        a, b = b, a
    return (a, b, (b, a)) if a < b else (b, a, (a, b))


def segments(text, values):
    scale = json.loads(text)["scale"]
    kinds = {"a", "b", "c", "d"}
    total = 0.0
    for v in values:
        total += scale * v * v
    return total + len(kinds)


def _array() -> np.ndarray:
    return np.linspace(-2.0, 3.0, 50)


CASES = {
    "loops": (njit, loops, (10, 2.5)), "arrays": (njit, arrays, (_array(), _array())), "closures": (njit, closures, (1.5, 2)),
    "fibonacci": (njit, fibonacci, (10,)), "is_even": (njit, is_even, (10,)), "elementary": (njit, elementary, (_array(),)),
    "sorting": (njit, sorting, (_array(),)), "linear": (njit, linear, (np.eye(3), np.ones(3))), "errors": (njit, errors, (_array(), 3)),
    "complex_numbers": (njit, complex_numbers, (1 + 2j,)), "tuples": (njit, tuples, ((1, 2.5), True)),
    "segments": (jit, segments, ('{"scale": 0.5}', _array())),
}  # fmt: skip


def texts(name: str) -> list[list[str]]:
    """What a function becomes: for each of its compiled forms, the texts of all stages."""
    decorator, function, arguments = CASES[name]
    compiled = decorator(function, cache=True) if decorator is not jit else jit(cache=True)(function)
    for _ in range(2):
        compiled(*(a.copy() if isinstance(a, np.ndarray) else a for a in arguments))
    return [[g.text(stage) for stage in ("traced", "optimized", "llvm-input", "asm")] for g in compiled.graphs.values()]


if __name__ == "__main__":
    names = list(CASES)
    if sys.argv[1] == "backwards":
        names.reverse()
    elif sys.argv[1] != "forwards":
        random.Random(int(sys.argv[1])).shuffle(names)
    found = {name: texts(name) for name in names}
    again = {name: texts(name) for name in names}
    print(json.dumps([dict(sorted(found.items())), dict(sorted(again.items()))]))
