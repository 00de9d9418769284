"""The C versions of the kernels, compiled on the spot where the machine has a C compiler."""

import ctypes
import pathlib
import shutil
import subprocess
from collections.abc import Callable

import numpy as np

from tests.benchmarks.problems import Problem

SOURCE = pathlib.Path(__file__).with_name("kernels.c")
# Contraction to fused multiply-add is off because Python's meaning rounds after every operation: with it the
# results would differ, and escape counts of the Mandelbrot set with them.
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")


def compile_library(folder: str) -> ctypes.CDLL | None:
    """Compile the kernels into a shared library in `folder`; None where there is no C compiler.

    Raises subprocess.CalledProcessError when the compiler refuses the source.
    """
    compiler = shutil.which("cc")
    if not compiler:
        return None
    library = pathlib.Path(folder) / "kernels.so"
    subprocess.run([compiler, *FLAGS, str(SOURCE), "-o", str(library), "-lm"], check=True)
    return ctypes.CDLL(str(library))


def _c_arguments(arguments: tuple) -> list:
    converted = []
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            converted.append(ctypes.c_void_p(argument.ctypes.data))
            converted.extend(ctypes.c_int64(extent) for extent in argument.shape)
        elif isinstance(argument, float):
            converted.append(ctypes.c_double(argument))
        else:
            converted.append(ctypes.c_int64(argument))
    return converted


def c_function(library: ctypes.CDLL, problem: Problem) -> Callable:
    """The C version of a kernel, called as its Python source is."""
    symbol = getattr(library, problem.name)
    symbol.restype = getattr(ctypes, problem.c_result) if problem.c_result else None
    return lambda *arguments: symbol(*_c_arguments(arguments))
