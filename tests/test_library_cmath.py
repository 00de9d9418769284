"""Every function of `cmath` against CPython: special values, branch cuts, signs of zero, exceptions."""

from __future__ import annotations

import cmath
import math
import random

import numpy as np
import pytest
from library_harness import INF, MODES, NAN, check, pairs, runner, singles

from tracer import njit
from tracer.extending import IMPLEMENTATIONS

UNARY = [
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "isfinite", "isinf", "isnan", "log", "log10", "phase",
    "polar", "sin", "sinh", "sqrt", "tan", "tanh",
]  # fmt: skip
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.3, -2.3, 0.5, -0.5, INF, -INF, NAN]
EXTREME = [
    1e-320, -1e-320, 1e-308, 1e-160, 1e-17, 1e17, -1e155, 5e153, 1e308, -1.7e308, 5e307, 4.4e307, 709.0, 710.5,
    -710.5, 712.0, 1.0 + 2e-16,
]  # fmt: skip


def edge_values() -> list[complex]:
    """All pairs of special parts, and of extreme with ordinary ones."""
    parts = pairs(SPECIAL) + pairs(EXTREME) + pairs(EXTREME, SPECIAL) + pairs(SPECIAL, EXTREME)
    return [complex(a, b) for a, b in parts]


def random_values(count: int) -> list[complex]:
    """Around the unit circle, and of all sizes."""
    source = random.Random(4)
    moderate = [complex(source.uniform(-3, 3), source.uniform(-3, 3)) for _ in range(count)]
    near_one = [cmath.rect(source.uniform(0.7, 1.75), source.uniform(-3.2, 3.2)) for _ in range(count)]
    wide = [complex(source.gauss(0, 10.0 ** source.randrange(-200, 150)), source.gauss(0, 1)) for _ in range(count)]
    return moderate + near_one + wide


def angle_underflows(z: complex) -> bool:
    """Where Python's `phase` reports the C library's underflow as an OverflowError; here the angle is 0."""
    return z.imag != 0.0 and math.isfinite(z.real) and math.atan2(z.imag, z.real) == 0.0


def close_parts(actual, expected) -> bool:
    """Whether results of plain Python, where primitives are NumPy's functions, are within rounding of C's."""
    if isinstance(expected, complex):
        expected, actual = (expected.real, expected.imag), (actual.real, actual.imag)
    expected = expected if isinstance(expected, tuple) else (expected,)
    actual = actual if isinstance(actual, tuple) else (actual,)
    return all(
        a == e or (a != a and e != e) or math.isclose(a, e, rel_tol=1e-13, abs_tol=1e-13)
        for a, e in zip(actual, expected)
    )


@pytest.mark.parametrize("name", UNARY)
def test_special_values(name):
    function = getattr(cmath, name)
    values = [
        complex(a, b)
        for a, b in pairs([0.0, -0.0, INF, -INF, NAN])
        + pairs([2.3, -2.3], [INF, -INF, NAN])
        + pairs([INF, -INF, NAN], [2.3, -2.3])
    ]
    check(IMPLEMENTATIONS[function], function, singles(values), ulps=4)


@pytest.mark.parametrize("name", UNARY)
def test_plain(name):
    function, implementation = getattr(cmath, name), IMPLEMENTATIONS[getattr(cmath, name)]
    for z in edge_values()[::2] + random_values(60):
        if name == "phase" and angle_underflows(z):
            continue
        try:
            wanted = function(z)
        except (ValueError, OverflowError) as error:
            with pytest.raises(type(error), match=str(error)), np.errstate(all="ignore"):
                implementation(z)
        else:
            with np.errstate(all="ignore"):
                got = implementation(z)
            assert type(got) is type(wanted) and close_parts(got, wanted), (z, got, wanted)


@pytest.mark.parametrize("name", UNARY)
def test_compiled(name):
    function = getattr(cmath, name)
    values = [z for z in edge_values() + random_values(500) if name != "phase" or not angle_underflows(z)]
    check(runner(function, "compiled", 1), function, singles(values))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["exp", "sqrt", "log", "polar", "isnan", "atan"])
def test_of_other_numbers(name, mode):
    function = getattr(cmath, name)
    values = [2, True, 0.5, -0.5, np.float32(0.25), np.int8(-3), np.complex64(1 + 2j), np.complex128(3j)]
    check(runner(function, mode, 1), function, singles(values), ulps=0 if mode == "compiled" else 8, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_rect(mode):
    sizes = [0.0, -0.0, 1.0, -2.5, 1e308, INF, -INF, NAN]
    angles = [0.0, -0.0, 1.0, -2.3, 3.14, 1e17, INF, -INF, NAN]
    check(runner(cmath.rect, mode, 2), cmath.rect, pairs(sizes, angles), ulps=0 if mode == "compiled" else 4, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_log_with_base(mode):
    values = [0, 1, 2.0, -1.0, 1j, -2 - 3j, complex(INF, 1), complex(NAN, 0), complex(-1.0, -0.0), 10]
    check(runner(cmath.log, mode, 2), cmath.log, pairs(values), ulps=0 if mode == "compiled" else 64, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_isclose(mode):
    def close(a, b, relative, absolute):
        return cmath.isclose(a, b, rel_tol=relative, abs_tol=absolute)

    plain = IMPLEMENTATIONS[cmath.isclose]
    actual = njit(close) if mode == "compiled" else lambda a, b, r, t: plain(a, b, rel_tol=r, abs_tol=t)
    values = [0j, 1 + 1j, 1 + (1 + 1e-9) * 1j, complex(1, INF), complex(INF, NAN), complex(NAN, 1), 1e-12j]
    tolerances = [(1e-9, 0.0), (0.0, 1e-11), (0.1, 0.0), (-1.0, 0.0), (0.0, -1.0)]
    check(actual, close, [(a, b, *t) for a, b in pairs(values) for t in tolerances], mode=mode)
    check(runner(cmath.isclose, mode, 2), cmath.isclose, [(1.0, 1.0 + 1e-10), (1, 1j)], mode=mode)


def test_everything_in_cmath_is_implemented():
    functions = {name: f for name, f in vars(cmath).items() if callable(f) and name[0] != "_"}
    assert [name for name, f in functions.items() if f not in IMPLEMENTATIONS] == []
