"""BLAS and LAPACK of this process: those that NumPy itself uses where they can be called, else SciPy's.

All functions are called through their Fortran interface: arguments are addresses, matrices are in Fortran order. Where
the library comes from NumPy's wheels it is OpenBLAS with 64-bit integers, or Apple's Accelerate; SciPy's have 32-bit ones.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import pathlib
import sys
from collections.abc import Callable, Iterator

import attrs
import numpy as np

from codegen.symbols import address_of
from ir.ops.foreign import ADDRESSES
from ir.types import Integer, int32, np_int64

_ACCELERATE = "/System/Library/Frameworks/Accelerate.framework/Accelerate"
_PROBE = "dgemm"  # in every BLAS


@attrs.frozen
class Library:
    """Where functions are found by their plain names, as `dgemm`, and the type of their integers."""

    find: Callable[[str], int | None]
    integer: Integer


def _named(library: ctypes.CDLL, pattern: str, integer: Integer) -> Library | None:
    """A library whose names are made by the pattern, if it has BLAS under such names."""
    if address_of(library, pattern.format(_PROBE)) is None:
        return None
    return Library(lambda name: address_of(library, pattern.format(name)), integer)


def _shared_libraries_of_numpy() -> Iterator[pathlib.Path]:
    """The libraries that NumPy's wheels bring along."""
    package = pathlib.Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        if folder.is_dir():
            yield from sorted(folder.glob("*openblas*"))


def _of_numpy() -> Library | None:
    """OpenBLAS from NumPy's wheel, which is loaded already."""
    for path in _shared_libraries_of_numpy():
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        for pattern in ("scipy_{}_64_", "{}_64_"):
            found = _named(library, pattern, np_int64)
            if found is not None:
                return found
    return None


def _of_apple() -> Library | None:
    """Accelerate with 64-bit integers, since macOS 13.3."""
    if sys.platform != "darwin":
        return None
    try:
        return _named(ctypes.CDLL(_ACCELERATE), "{}$NEWLAPACK$ILP64", np_int64)
    except OSError:
        return None


def _of_scipy() -> Library | None:
    """What SciPy offers to Cython code: capsules with the addresses of functions."""
    try:
        modules = [importlib.import_module(f"scipy.linalg.cython_{part}") for part in ("blas", "lapack")]
    except ImportError:
        return None
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    name_of = ctypes.pythonapi.PyCapsule_GetName
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]

    def find(name: str) -> int | None:
        for module in modules:
            capsule = module.__pyx_capi__.get(name)
            if capsule is not None:
                return pointer(capsule, name_of(capsule))
        return None

    return Library(find, int32)


@functools.cache
def library() -> Library | None:
    """The library that linear algebra is done with; None where there is none."""
    for source in (_of_numpy, _of_apple, _of_scipy):
        found = source()
        if found is not None:
            return found
    return None


def available(*names: str) -> bool:
    """Whether there are functions of these names. From then on `ir.ops.foreign` knows where they are."""
    found = library()
    for name in names:
        if name not in ADDRESSES:
            address = found.find(name) if found is not None else None
            if address is None:
                return False
            ADDRESSES[name] = address
    return True


def integer_type() -> Integer:
    """The type of the integers that the functions take by reference."""
    found = library()
    return np_int64 if found is None else found.integer
