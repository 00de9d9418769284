"""Small sources to compile, and fresh copies of them: each copy is a new module with a new function and code object."""

import importlib.util
import pathlib
from collections.abc import Callable, Iterator

import numpy as np

ADD = """
def add(a, b):
    return a + b
"""

SUM = """
def total(a):
    result = 0.0
    for i in range(len(a)):
        result += a[i]
    return result
"""

MULTIPLY = """
def multiply(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = 0.0
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total
"""

FIRST = """
def first(a):
    return a[0]
"""

SOURCES = {"a + b": ADD, "sum loop": SUM, "matrix-multiply nest": MULTIPLY}


def arguments_of(name: str) -> tuple:
    """Arguments for the source of that name."""
    matrix = np.ones((4, 4))
    return {"a + b": (1, 2), "sum loop": (np.ones(8),), "matrix-multiply nest": (matrix, matrix, matrix.copy())}[name]


# Each line works on floats f0..f3 of size about one, integers i0..i3 below 1009 and the array `a`.
_BLOCKS = (
    "f0 = f1 * 0.5 + f2 * 0.25 - {k}.0 / 1000.0",
    "i0 = (i1 * {k} + i2 + 7) % 1009",
    "if i0 % 3 == {r}:",
    "    f1 = f0 - f3 * 0.125",
    "    i1 = i1 + 1",
    "else:",
    "    f1 = f0 * f0 - 0.5",
    "for j in range({r} + 2):",
    "    f2 = f2 * 0.5 + a[(i0 + j) % n]",
    "    i2 = (i2 + j * {k}) % 1009",
    "while i1 > {k} + 10:",
    "    i1 = i1 // 2",
    "    f3 = 0.5 * (f3 + f1)",
    "    if f3 > 4.0 or f3 < -4.0:",
    "        f3 = f3 / 16.0",
    "i3 = i3 ^ (i0 + i1 * i2) % 1009",
    "a[i3 % n] = f0 + f1 - f2 if f2 < 2.0 else abs(f3)",
    "f3 = max(min(f3, 2.0), -2.0) + i3 / 1009.0",
    "f2 = f2 / (1.0 + abs(f2))",
)
LINES = 500


def long_source() -> str:
    """A function of exactly 500 lines: arithmetic, branches, loops, array items."""
    lines = ["def long_function(a, n):", "    f0, f1, f2, f3 = 0.5, 0.25, 0.75, 1.0", "    i0, i1, i2, i3 = 1, 2, 3, 4"]
    rounds = (LINES - 4) // len(_BLOCKS)
    for k in range(rounds):
        lines.extend("    " + line.format(k=k, r=k % 3) for line in _BLOCKS)
    while len(lines) < LINES - 1:
        lines.append(f"    f0 = f0 * 0.5 + f1 - {len(lines)}.0 / 1000.0")
    lines.append("    return f0 + f1 + f2 + f3 + i0 + i1 + i2 + i3")
    return "\n".join(lines) + "\n"


def fresh_functions(folder: str, source: str) -> Iterator[Callable]:
    """Endlessly yield the function that `source` defines, each time from a new module file in `folder`."""
    number = 0
    while True:
        number += 1
        path = pathlib.Path(folder) / f"copy_{abs(hash(source)):x}_{number}.py"
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        (function,) = [value for value in vars(module).values() if callable(value) and hasattr(value, "__code__")]
        yield function
