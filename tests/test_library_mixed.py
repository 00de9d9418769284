"""Every operator on every pair of number types, compiled, against Python and NumPy."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from library_harness import check, outcome, wrapped

from tracer import NopythonError, njit

VALUES: dict[type, list[Any]] = {
    bool: [False, True], int: [0, 3, -2, 7], float: [0.0, -1.5, 2.0], complex: [0j, 1.5 - 2j],
    **{t: [t(v) for v in (0, 1)] for t in (np.bool_,)},
    **{t: [t(v) for v in (0, 3, -2, 7)] for t in (np.int8, np.int32, np.int64)},
    **{t: [t(v) for v in (0, 3, 250)] for t in (np.uint8, np.uint64)},
    **{t: [t(v) for v in (0.0, -1.5, 2.0)] for t in (np.float32, np.float64)},
    **{t: [t(v) for v in (0, 1.5 - 2j)] for t in (np.complex64, np.complex128)},
}  # fmt: skip

GROUPS = {
    "add mul": lambda a, b: (a + b, a * b),
    "sub": lambda a, b: a - b,
    "eq ne": lambda a, b: (a == b, a != b),
    "order": lambda a, b: (a < b, a <= b, a > b, a >= b),
    "truediv": lambda a, b: a / b,
    "floordiv": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "divmod": lambda a, b: divmod(a, b),
    "pow": lambda a, b: a**b,
    "bitwise": lambda a, b: (a & b, a | b, a ^ b),
    "shift": lambda a, b: (a << b, a >> b),
}
ULPS = {"pow": 32}  # NumPy computes powers of complex64 in single precision
FRACTIONAL = "a negative number to a fractional power is complex in Python; write complex(base) ** exponent"
NEGATIVE = "an integer to a negative power is a float in Python; write float(base) ** exponent"


def expected(name: str) -> Any:
    """What Python does, and the documented differences of powers."""

    def call(a: Any, b: Any) -> Any:
        weak = type(a) in (bool, int, float) and type(b) in (bool, int, float)
        if name == "pow" and weak and b < 0 and float not in (type(a), type(b)):
            raise ValueError(NEGATIVE)
        if name == "pow" and weak and a < 0 and b != math.floor(b):
            raise ValueError(FRACTIONAL)
        return wrapped(GROUPS[name](a, b))

    return call


def is_type_error(result: Any) -> bool:
    """Whether the operand types alone make the operation impossible."""
    return isinstance(result, TypeError)


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("left", VALUES, ids=lambda t: f"{t.__module__[:2]}.{t.__name__}")
def test_pairs_of_types(left, name):
    function = GROUPS[name]
    for right in VALUES:
        cases = list(itertools.product(VALUES[left], VALUES[right]))
        if name == "pow" and right is np.complex64:
            cases = [
                (a, b) for a, b in cases if abs(a) < 100
            ]  # NumPy's single precision loses the angle of larger ones
        compiled = njit(function)
        if any(is_type_error(outcome(function, c)) for c in cases):
            with pytest.raises(NopythonError):
                compiled(*cases[0])
            continue
        check(compiled, expected(name), cases, ulps=ULPS.get(name, 0))


UNARY = {
    "neg": lambda a: -a, "pos": lambda a: +a, "invert": lambda a: ~a, "abs": lambda a: abs(a), "not": lambda a: not a,
    "truth": lambda a: 1 if a else 2,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Bitwise inversion")  # of bool, from Python 3.12 on
@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("kind", VALUES, ids=lambda t: f"{t.__module__[:2]}.{t.__name__}")
def test_unary(kind, name):
    function = UNARY[name]
    cases = [(v,) for v in VALUES[kind]]
    compiled = njit(function)
    if any(is_type_error(outcome(function, c)) for c in cases):
        with pytest.raises(NopythonError):
            compiled(*cases[0])
    else:
        check(compiled, function, cases)


# --- operands known while tracing take short cuts


def known_powers(x):
    return x**2, x**0.5, x**1, x**3, x**0, x**-1, x**2.0


def known_integer_powers(i):
    return i**0, i**1, i**2, i**3, i**10, i**63


def known_complex_powers(z):
    return z**2, z**1, z**3, z**16, z**5


def known_bounds(x):
    return x > 0, x < 2, 3 >= x, x == 1, x != 2**53, x <= 2**63 - 1, x > -(2**62)


def known_divisors(i):
    return i / 2, i / 4, i / 3, i / 1, 1 / (i + 0.5), i // 2, i % 8, i << 3, i >> 2


def test_known_float_powers():
    check(njit(known_powers), known_powers, [(v,) for v in (1.5, 2.0, 1e-160, 3.7, 1e100, math.inf, math.nan)], ulps=1)
    for x in (np.float64(2.25), np.float32(2.25)):
        check(njit(known_powers), known_powers, [(x,)], ulps=1)


def test_known_root():
    root = njit(lambda x: x**0.5)
    assert math.copysign(1.0, root(-0.0)) == 1.0 and root(-math.inf) == math.inf and root(4.0) == 2.0
    assert root(np.float64(-math.inf)) == math.inf and np.isnan(root(np.float64(-1.0)))
    with pytest.raises(ValueError, match="fractional"):
        root(-4.0)
    with pytest.raises(OverflowError):
        njit(lambda x: x**2)(1e200)


def test_known_integer_powers():
    values = [0, 1, -1, 2, 3, -7, 2**31, 2**63 - 1, -(2**63)]
    check(njit(known_integer_powers), lambda i: wrapped(known_integer_powers(i)), [(v,) for v in values])
    with np.errstate(all="ignore"):
        check(njit(known_integer_powers), known_integer_powers, [(np.int8(v),) for v in (0, 3, -7, 127)])


def test_known_complex_powers():
    values = [1 + 2j, -0.5j, 0j, complex(-0.0, 1.5), complex(0.1, -1e-200), complex(1e-200, 0)]
    check(njit(known_complex_powers), known_complex_powers, [(v,) for v in values])
    check(
        njit(lambda z: z**2),
        lambda z: z**2,
        [(z,) for z in (complex(1e200, 0), complex(math.inf, 0), complex(0, math.nan))],
    )


def test_known_bounds():
    values = [0.0, 1.0, 2.0, 3.0, -1.5, 2.0**53, 2.0**63, -(2.0**62), math.inf, -math.inf, math.nan]
    check(njit(known_bounds), known_bounds, [(v,) for v in values])


def test_known_divisors():
    values = [0, 1, -3, 7, 2**53 + 1, -(2**53) - 3, 2**60]
    check(njit(known_divisors), lambda i: wrapped(known_divisors(i)), [(v,) for v in values])
