"""Compares the library with CPython and NumPy: value, sign of zero, type, exception and its message.

Every case runs in two modes: the library's function called as plain Python, and compiled. `MODES` gives both
to parametrized tests; Pythons other than the main one leave out the plain mode.
"""

from __future__ import annotations

import itertools
import math
import random
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from tracer import library, njit
from tracer.extending import IMPLEMENTATIONS

library.load_rest()

MODES = (pytest.param("plain", marks=pytest.mark.slow), "compiled")
_PLAIN_CASES = 200

INF, NAN = math.inf, math.nan
FLOATS: list[float] = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, 7.25, -7.25, 0.1, -0.3, 1e-5, 100.0, 170.5, 709.7, 710.0, -745.2,
    1e15, 2.0**52 + 0.5, 2.0**53, -(2.0**53) - 2.0, 2.0**63, -(2.0**63), 1e100, -1e300, 1.7e308, sys.float_info.max, 1e-300,
    sys.float_info.min, -sys.float_info.min / 3, 5e-324, -5e-324, math.pi, math.e, math.pi / 2, -math.pi, INF, -INF, NAN,
]  # fmt: skip
INTS: list[int] = [
    0, 1, -1, 2, -2, 3, 5, -5, 7, -7, 10, 15, 25, 63, 64, 65, -64, 127, -128, 255, 1000, 12345, -98765, 2**31, -(2**31), 2**52 + 1,
    2**53 - 1, 2**53, 2**53 + 1, -(2**53) - 1, 2**62, -(2**62), 2**62 + 12345, 2**63 - 1, 2**63 - 2, -(2**63), -(2**63) + 1,
]  # fmt: skip


def random_floats(count: int, seed: int = 0, low: float = -700.0, high: float = 700.0) -> list[float]:
    """Uniform in [low, high], and as many with random exponents."""
    source = random.Random(seed)
    uniform = [source.uniform(low, high) for _ in range(count)]
    return uniform + [struct.unpack("d", source.randbytes(8))[0] for _ in range(count)]


def random_ints(count: int, seed: int = 0) -> list[int]:
    """With a random number of bits."""
    source = random.Random(seed)
    return [source.getrandbits(source.randrange(1, 64)) * source.choice((1, -1)) for _ in range(count)]


def wrapped(value: Any) -> Any:
    """Python's result as this compiler documents it: ints wrap to 64 bits."""
    if type(value) is int:
        return (value + 2**63) % 2**64 - 2**63
    return tuple(map(wrapped, value)) if isinstance(value, tuple) else value


def outcome(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """The result, or the exception that was raised."""
    try:
        with np.errstate(all="ignore"):
            return function(*arguments)
    except (ArithmeticError, ValueError, TypeError, IndexError) as error:
        return error


def ordinal(x: float) -> int:
    """Floats numbered in their order, so that neighbours differ by 1."""
    bits = struct.unpack("q", struct.pack("d", x))[0]
    return bits if bits >= 0 else -(bits & (2**63 - 1))


def _same_float(a: float, b: float, ulps: float, zero_signs: bool) -> bool:
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    if a == b:
        return a != 0.0 or not zero_signs or math.copysign(1.0, a) == math.copysign(1.0, b)
    return math.isfinite(a) and math.isfinite(b) and abs(ordinal(a) - ordinal(b)) <= ulps


def same(actual: Any, expected: Any, ulps: float = 0, zero_signs: bool = True) -> bool:
    """Whether both are alike in type and value: floats to within `ulps`, exceptions by class and arguments."""
    if isinstance(expected, Exception):
        return type(actual) is type(expected) and actual.args == expected.args
    if type(actual) is not type(expected):
        return False
    if isinstance(expected, tuple):
        return len(actual) == len(expected) and all(same(a, e, ulps, zero_signs) for a, e in zip(actual, expected))
    if isinstance(expected, (complex, np.complexfloating)):
        part_ulps = ulps * 2.0**29 if isinstance(expected, np.complex64) else ulps
        pairs = ((actual.real, expected.real), (actual.imag, expected.imag))
        return all(_same_float(float(a), float(e), part_ulps, zero_signs) for a, e in pairs)
    if isinstance(expected, (float, np.floating)):
        own_ulps = ulps * 2.0**29 if isinstance(expected, np.float32) else ulps
        return _same_float(float(actual), float(expected), own_ulps, zero_signs)
    return bool(actual == expected)


def check(
    actual: Callable[..., Any], expected: Callable[..., Any], cases: Iterable[Sequence[Any]], *, ulps: float = 0,
    zero_signs: bool = True, mode: str = "compiled",
) -> None:  # fmt: skip
    """Compare the two functions on every case and fail with the first few differences. The plain mode, a hundred
    times slower, takes a sample of many cases."""
    differences = []
    cases = list(cases)
    if mode == "plain" and len(cases) > _PLAIN_CASES:
        cases = random.Random(0).sample(cases, _PLAIN_CASES)
    for arguments in cases:
        wanted, got = outcome(expected, arguments), outcome(actual, arguments)
        if not same(got, wanted, ulps, zero_signs):
            differences.append(f"{tuple(arguments)!r}: got {got!r}, expected {wanted!r}")
    assert cases, "no cases"
    assert not differences, f"{len(differences)} of {len(cases)} differ:\n" + "\n".join(differences[:12])


def pairs(values: Iterable[Any], others: Iterable[Any] | None = None) -> list[tuple[Any, Any]]:
    """All pairs."""
    values = list(values)
    return list(itertools.product(values, values if others is None else others))


def singles(values: Iterable[Any]) -> list[tuple[Any]]:
    """Each value as an argument list."""
    return [(v,) for v in values]


def runner(function: Callable[..., Any], mode: str, count: int) -> Callable[..., Any]:
    """The library's version of a function of `count` arguments: called as plain Python, or compiled in a caller."""
    if mode == "plain":
        return IMPLEMENTATIONS[function]
    return njit(_CALLERS[count](function))


def _calling_one(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a):
        return function(a)

    return call


def _calling_two(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a, b):
        return function(a, b)

    return call


def _calling_three(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(a, b, c):
        return function(a, b, c)

    return call


_CALLERS = {1: _calling_one, 2: _calling_two, 3: _calling_three}
