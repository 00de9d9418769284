"""A subset of what compiled code does, under valgrind: reads and writes outside of blocks, and of freed ones.

    python -m tests.memory_check               runs the program below under valgrind (some minutes)
    python -m tests.memory_check --plain       runs it without, in a second

Status 1 and valgrind's report where compiled code, or what it calls, touches memory that is not its own. Python allocates
with malloc for this, so that each object is a block that valgrind knows.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from tests.soak import cases, outcome
from tracer import njit

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAULT = 99
SUPPRESSIONS = """
{
   the loader and the C library look at whole words of strings
   Memcheck:Addr8
   ...
   obj:*/ld-linux*
}
"""


def shapes(a, n):
    b = np.empty((n, n))
    b[:, 0] = a[:n]
    b[:, 1:] = 0.5
    c = np.concatenate((b, b.T[::-1]))
    return np.sort(c.ravel())[::2], c[c > 0], np.repeat(a, 3), np.pad(a, 2), b @ b


def strided(a):
    for i in range(len(a)):
        a[i] = a[-1 - i] * 2
    return a.sum(), a.max(), a.argmin()


def program() -> None:
    """Each case of the soak a few times, and arrays of many lengths, so that ends of vectors are met."""
    for fast, function, args in cases():
        for _ in range(3):
            if outcome(fast, args) != outcome(function, args):
                raise AssertionError(function.__name__)
    made, swapped = njit(shapes), njit(strided)
    for n in (*range(2, 12), 33):
        made(np.arange(float(n)), n)
        for kind in (np.float64, np.int8, np.float32, np.complex128):
            base = np.ones(2 * n, kind)
            for view in (base, base[::2], base[::-1], base[1:]):
                swapped(view)
    print("the program ran to its end")


def under_valgrind() -> int:
    """Run the program under valgrind; its status."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("valgrind is not installed (on Debian and Ubuntu: apt install valgrind)", file=sys.stderr)
        return 2
    environment = {**os.environ, "PYTHONMALLOC": "malloc", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.NamedTemporaryFile("w", suffix=".supp") as file:
        file.write(SUPPRESSIONS)
        file.flush()
        command = [
            valgrind, "--quiet", f"--error-exitcode={FAULT}", "--smc-check=all-non-file", "--leak-check=no", "--undef-value-errors=no",
            f"--suppressions={file.name}", sys.executable, "-W", "ignore", "-m", "tests.memory_check", "--plain",
        ]  # fmt: skip
        return subprocess.call(command, cwd=ROOT, env=environment)


if __name__ == "__main__":
    if "--plain" in sys.argv:
        program()
    else:
        sys.exit(under_valgrind())
