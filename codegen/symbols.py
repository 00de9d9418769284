"""Addresses of what compiled code refers to by name: the C mathematics library and compiler support functions.

Symbols are looked up here, through ctypes, so that finding them does not depend on which libraries happen to be
loaded with global visibility.
"""

from __future__ import annotations

import ctypes
import sys

from ir.on_demand import OnDemand

ctypes_util = OnDemand("ctypes.util")

_MATHEMATICS = (
    "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp exp2 exp10 expm1 log log2 log10 log1p cbrt erf erfc "
    "tgamma lgamma atan2 pow hypot nextafter fmod remainder ldexp frexp modf fma sqrt floor ceil trunc rint round "
    "nearbyint copysign fmin fmax fdim sincos logb ilogb scalbn"
).split()
_MEMORY = "memcpy memmove memset memcmp bcmp strlen malloc calloc free realloc madvise".split()

# Calls that LLVM makes for operations the CPU lacks; libgcc's or compiler-rt's.
_COMPILER_SUPPORT = (
    "__powisf2 __powidf2 __muldc3 __mulsc3 __divdc3 __divsc3 __multi3 __mulodi4 __muloti4 __divti3 __modti3 __udivti3 "
    "__umodti3 __divmodti4 __udivmodti4 __ashlti3 __ashrti3 __lshrti3 __fixdfti __fixsfti __fixunsdfti __fixunssfti "
    "__floattidf __floattisf __floatuntidf __floatuntisf __extendhfsf2 __truncsfhf2 __truncdfhf2"
).split()
_SUPPORT_LIBRARIES = ("libgcc_s.so.1", "libgcc_s.1.dylib", "libcompiler_rt.dylib")


def address_of(library: ctypes.CDLL, name: str) -> int | None:
    """The address of a function in a library, or None where it has none of that name."""
    try:
        return ctypes.addressof(ctypes.c_char.in_dll(library, name))
    except ValueError:
        return None


def python_function(name: str) -> int:
    """The address of a function of Python's C API."""
    address = address_of(ctypes.pythonapi, name)
    if address is None:
        raise RuntimeError(f"this Python does not export {name}")
    return address


def _libraries() -> list[ctypes.CDLL]:
    if sys.platform == "win32":
        return [ctypes.CDLL("ucrtbase"), ctypes.CDLL("vcruntime140")]
    found = [ctypes.CDLL(None)]
    names = (ctypes_util.find_library("m") if sys.platform != "linux" else "libm.so.6", *_SUPPORT_LIBRARIES)
    for name in names:
        try:
            found.append(ctypes.CDLL(name))
        except OSError:  # another platform's library
            continue
    return found


def process_symbols() -> dict[str, int]:
    """Addresses by name. A name that this platform lacks is absent, so that code which needs it fails to link."""
    names = [*_MATHEMATICS, *(name + "f" for name in _MATHEMATICS), *_MEMORY, *_COMPILER_SUPPORT]
    found: dict[str, int] = {}
    for library in _libraries():
        for name in names:
            if name not in found:
                address = address_of(library, name)
                if address is not None:
                    found[name] = address
    return found
