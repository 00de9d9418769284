"""Every function of `math` against CPython: values, signs of zero, types, exceptions and their messages.

Where both call the same function of the C library, results are equal bit for bit when compiled; in plain Python
the primitives are NumPy's functions, a few units in the last place away.
"""

from __future__ import annotations

import math
import random
import sys

import numpy as np
import pytest
from library_harness import (
    FLOATS, INF, INTS, MODES, NAN, check, outcome, pairs, random_floats, random_ints, runner, same, singles,
)  # fmt: skip

from tracer import njit
from tracer.extending import IMPLEMENTATIONS

PLAIN_ULPS = 4
UNIT = [x / 64 for x in range(-70, 71)] + [1.0 - 2**-53, -1.0 + 2**-53, 1.0 + 2**-52]
ARGUMENTS = FLOATS + UNIT + random_floats(150, 21) + random_floats(50, 22, -3, 3)
UNARY = [
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cos", "cosh", "degrees", "erf", "erfc", "exp", "exp2", "expm1",
    "fabs", "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "radians", "sin", "sinh", "sqrt", "tan", "tanh",
    "frexp", "modf", "ulp",
]  # fmt: skip
EXACT = {"degrees", "fabs", "isfinite", "isinf", "isnan", "radians", "sqrt", "frexp", "modf", "ulp"}
OWN_IN_3_10 = {"erf", "erfc"}


def ulps_for(name: str, mode: str) -> int:
    """The tolerance: none for the same C function, compiled."""
    if name in EXACT:
        return 0
    if name in OWN_IN_3_10 and sys.version_info < (3, 11):
        return 8
    return 0 if mode == "compiled" else PLAIN_ULPS


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [n for n in UNARY if hasattr(math, n)])
def test_unary(name, mode):
    function = getattr(math, name)
    check(runner(function, mode, 1), function, singles(ARGUMENTS), ulps=ulps_for(name, mode), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [n for n in UNARY if hasattr(math, n)])
def test_unary_of_other_numbers(name, mode):
    function = getattr(math, name)
    values = [0, 1, -1, 2, True, False, np.int8(1), np.uint64(3), np.float32(0.5), np.float64(0.25), np.True_]
    check(runner(function, mode, 1), function, singles(values), ulps=ulps_for(name, mode), mode=mode)


BINARY = ["atan2", "copysign", "fmod", "pow", "remainder", "hypot", "nextafter", "isclose"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", BINARY)
def test_binary(name, mode):
    function = getattr(math, name)
    cases = pairs(FLOATS[:: 2 if mode == "plain" else 1]) + list(zip(random_floats(150, 23), random_floats(150, 24)))
    near = [(x, y) for x in UNIT[::5] for y in (3.0, 0.5, -2.0, 1e-3, 10.0)]
    ulps = PLAIN_ULPS if name in ("atan2", "pow") and mode == "plain" else 1 if name == "hypot" else 0
    check(runner(function, mode, 2), function, cases + near, ulps=ulps, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_hypot_is_that_of_python(mode):
    if sys.version_info < (3, 11):
        pytest.skip("Python 3.10 sums less exactly")
    source = random.Random(5)
    count = 300 if mode == "plain" else 20000
    cases = [(source.uniform(-9, 9), source.uniform(-9, 9)) for _ in range(count)]
    check(runner(math.hypot, mode, 2), math.hypot, cases, mode=mode)
    threes = [(source.gauss(0, 1e-300), source.gauss(0, 1e-310), source.gauss(0, 1e-305)) for _ in range(count)]
    check(runner(math.hypot, mode, 3), math.hypot, threes, mode=mode)
    check(
        runner(math.hypot, mode, 2),
        math.hypot,
        [(1e308, 1e308), (1.5e308, 1e300), (5e-324, 5e-324), (3e-310, 4e-310)],
        mode=mode,
    )


@pytest.mark.parametrize("mode", MODES)
def test_hypot_of_any_number(mode):
    def none():
        return math.hypot()

    def many(a, b, c, d, e):
        return math.hypot(a, b, c, d, e), math.hypot(a)

    plain = IMPLEMENTATIONS[math.hypot]
    actual = njit(many) if mode == "compiled" else lambda *x: (plain(*x), plain(x[0]))
    check(
        actual,
        many,
        [(1.0, 2, 3.5, True, -4.0), (0.0, 0.0, -0.0, 0.0, 0.0), (NAN, 1.0, INF, 0.0, 1.0), (1.0, NAN, 1.0, 0.0, 0.0)],
        mode=mode,
    )
    assert same(njit(none)() if mode == "compiled" else plain(), 0.0)


@pytest.mark.parametrize("mode", MODES)
def test_log_with_base(mode):
    cases = pairs([0.0, -1.0, 0.5, 1.0, 2.0, 10.0, 1e300, INF, NAN, 8, 2**62, True, -3])
    check(runner(math.log, mode, 2), math.log, cases, ulps=ulps_for("log", mode) * 2, mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["log", "log2", "log10", "sqrt"])
def test_of_large_ints(name, mode):
    function = getattr(math, name)
    check(runner(function, mode, 1), function, singles(INTS), ulps=ulps_for(name, mode), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["floor", "ceil", "trunc"])
def test_to_integer(name, mode):
    function = getattr(math, name)

    def integer(x):
        result = function(x)
        if not -(2**63) <= result < 2**63:
            raise OverflowError("the result does not fit in a 64-bit integer")
        return result

    check(runner(function, mode, 1), integer, singles(ARGUMENTS + INTS + [True, np.float64(-2.5)]), mode=mode)
    if name != "trunc":  # NumPy's other scalars have no __trunc__
        check(
            runner(function, mode, 1),
            integer,
            singles([np.float32(1.5), np.int8(-3), np.uint64(5), np.True_]),
            mode=mode,
        )


@pytest.mark.parametrize("mode", MODES)
def test_gamma(mode):
    values = [float(n) for n in range(-5, 26)]
    check(runner(math.gamma, mode, 1), math.gamma, singles(values[:29]), mode=mode)
    others = FLOATS + random_floats(100, 25, -170, 171)[:100] + values
    check(runner(math.gamma, mode, 1), math.gamma, singles(others), ulps=20, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_lgamma(mode):
    function = runner(math.lgamma, mode, 1)
    for x in [*FLOATS, *random_floats(100, 26, -30, 500), 0.5, 2.0, 1.0, 1.0 + 1e-9]:
        wanted, got = outcome(math.lgamma, (x,)), outcome(function, (x,))
        if isinstance(wanted, Exception) or not math.isfinite(wanted):
            assert same(got, wanted), x
        else:
            # Python's own function loses relative accuracy near its zeros.
            assert type(got) is float and abs(got - wanted) <= 1e-13 * max(1.0, abs(wanted)), x


@pytest.mark.parametrize("mode", MODES)
def test_ldexp(mode):
    exponents = [
        0, 1, -1, 52, -53, 500, -500, 1023, 1024, -1022, -1023, -1024, -1025, -1026, -1050, -1074, -1075, 2098, -2200, 3000, -3000, 10**6,
        -(2**62),
    ]  # fmt: skip
    mantissas = FLOATS + [1.0 + 2**-52, 1.5 + 2**-52, 0.75, 3 * 2.0**-1074]
    mantissas += [0.5 + odd * 2.0**-53 for odd in (1, 3, 5, 7)] + [1.0 - 2.0**-53, 2.0**-20 * (1.0 + 3 * 2.0**-52)]
    check(runner(math.ldexp, mode, 2), math.ldexp, pairs(mantissas, exponents), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_isclose_with_tolerances(mode):
    def close(a, b, relative, absolute):
        return math.isclose(a, b, rel_tol=relative, abs_tol=absolute)

    plain = IMPLEMENTATIONS[math.isclose]
    actual = njit(close) if mode == "compiled" else lambda a, b, r, t: plain(a, b, rel_tol=r, abs_tol=t)
    values = [0.0, 1.0, 1.0 + 1e-9, 1.0 + 2e-9, 1e-12, -1.0, 1e10, INF, -INF, NAN]
    tolerances = [(1e-9, 0.0), (0.0, 1e-11), (0.1, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 0.0)]
    check(actual, close, [(a, b, *t) for a, b in pairs(values) for t in tolerances], mode=mode)


# --- integers

NATURALS = [
    0, 1, 2, 3, 4, 5, 10, 19, 20, 33, 40, 61, 62, 66, 67, 100, 1000, 2**31, 2**32, 2**53 + 1, 3037000499**2, 2**63 -
    1,
]  # fmt: skip


def within_64_bits(function):
    """Python's function, with OverflowError where the result does not fit."""

    def checked(*arguments):
        result = function(*arguments)
        if not -(2**63) <= result < 2**63:
            raise OverflowError("the result does not fit in a 64-bit integer")
        return result

    return checked


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["gcd", "lcm"])
def test_gcd_lcm(name, mode):
    function = getattr(math, name)
    check(
        runner(function, mode, 2),
        within_64_bits(function),
        pairs(INTS) + list(zip(random_ints(200, 1), random_ints(200, 2))),
        mode=mode,
    )
    check(
        runner(function, mode, 3),
        within_64_bits(function),
        [(12, 18, 27), (0, 0, 0), (5, 0, 7), (True, 4, 6)],
        mode=mode,
    )
    check(runner(function, mode, 1), within_64_bits(function), singles([12, -12, 0, np.int8(-6)]), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_isqrt(mode):
    squares = [n * n + d for n in (3, 10**5, 2**31, 3037000499, 94906267) for d in (-1, 0, 1)]
    check(
        runner(math.isqrt, mode, 1),
        math.isqrt,
        singles(INTS + NATURALS + squares + [abs(i) for i in random_ints(300)]),
        mode=mode,
    )


@pytest.mark.parametrize("mode", MODES)
def test_factorial(mode):
    check(
        runner(math.factorial, mode, 1),
        within_64_bits(math.factorial),
        singles([*range(-2, 30), True, np.int8(5)]),
        mode=mode,
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["comb", "perm"])
def test_comb_perm(name, mode):
    function = getattr(math, name)
    small = pairs(range(-1, 70, 1 if mode == "compiled" else 3), range(-1, 70, 3))
    large = [
        (2**40, 1),
        (2**62, 1),
        (2**31, 2),
        (2**32, 2),
        (10**6, 3),
        (2**62, 2**62),
        (2**62, 2**62 - 1),
        (10**15, 2),
    ]
    manageable = [c for c in large if name == "comb" or c[1] < 10]
    check(runner(function, mode, 2), within_64_bits(function), small + manageable, mode=mode)
    if name == "perm":
        check(runner(math.perm, mode, 1), within_64_bits(math.perm), singles(range(25)), mode=mode)


def test_integers_are_required():
    for name in ("gcd", "lcm", "isqrt", "factorial"):
        with pytest.raises(TypeError, match="integer"):
            IMPLEMENTATIONS[getattr(math, name)](2.0)


# --- many numbers

SEQUENCES = [
    (0.1,) * 10, (1e16, 1.0, -1e16), (1.0, 2**-53, 2**-106), (1e308, -1e308, 5e-324), (-0.1, -0.2, -0.3), (5e-324,) * 3, (0.0, -0.0),
    (1.0, -1.0, 1e-300, -1e-300, -5e-324), (INF, 1.0), (-INF, -INF), (INF, -INF), (NAN, INF, -INF), (1e308, 1e308), (-1e308, -1e308),
    (2.0**53, 1.0, 1.0), (2.0**53, 1.0), (2.0**53, 1.0, 2**-60), (-(2.0**64),), (2.0**96, -(2.0**96), -(2.0**96)), (3, 1, True),
    (8192.0,) * 3, (-8192.0,) * 4,  # the highest bits of digits, which are carried
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_fsum(mode):
    function = runner(math.fsum, mode, 1)
    check(function, math.fsum, singles(SEQUENCES), mode=mode)
    check(
        function,
        math.fsum,
        singles([np.array(s, float) for s in SEQUENCES] + [np.zeros(0), np.array([0.1, 3], np.float32)]),
        mode=mode,
    )
    check(function, math.fsum, singles([np.array([2**62, 1, -3]), np.full(600, -8192.0), np.full(1000, 2.0**45)]), mode=mode)
    # Here a partial sum overflows, where Python gives up.
    assert same(function(np.array([1.7e308, 1.7e308, -1.7e308, -1.7e308])), 0.0)


@pytest.mark.parametrize("mode", MODES)
def test_fsum_of_random_arrays(mode):
    function = runner(math.fsum, mode, 1)
    generator = np.random.default_rng(3)
    for trial in range(6 if mode == "plain" else 300):
        size = 5 + trial % 20
        spread = (2, 30, 600)[trial % 3]
        values = generator.normal(size=size) * 2.0 ** generator.integers(-spread, spread, size=size)
        values = np.concatenate([values, -values[: size // 2] * (1 + 2.0**-50 * (trial % 2))])
        assert same(function(values), math.fsum(values)), values


@pytest.mark.parametrize("mode", MODES)
def test_prod(mode):
    cases = [
        (1, 2, 3),
        (0.5, 3),
        (2.0, 1j),
        (),
        (np.float32(0.5), 3),
        np.array([2, 3], np.int8),
        np.array([0.5, 4.0]),
        np.array([1j, 2]),
    ]
    check(runner(math.prod, mode, 1), math.prod, singles(cases), mode=mode)

    def with_start(values, start):
        return math.prod(values, start=start)

    actual = njit(with_start) if mode == "compiled" else lambda v, s: IMPLEMENTATIONS[math.prod](v, start=s)
    check(actual, with_start, [((2, 3), 7), ((2, 3), 0.5), (np.array([0.5]), 2), (np.array([0.5]), 2.0)], mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_dist(mode):
    points = [
        (1.0, 2.0, 3.0),
        (4, 6.5, True),
        (INF, NAN, 0.0),
        (NAN, 0.0, 0.0),
        (1e308, -1e308, 0.0),
        (-0.0, 0.0, 5e-324),
    ]
    ulps = 1 if sys.version_info < (3, 11) else 0
    check(runner(math.dist, mode, 2), math.dist, pairs(points), ulps=ulps, mode=mode)
    arrays = [np.array(p, float) for p in points]
    expected = lambda p, q: math.dist(tuple(p), tuple(q))  # noqa: E731
    check(
        runner(math.dist, mode, 2),
        expected,
        pairs(arrays) + [(np.zeros(0), np.zeros(0)), (np.ones(1), -np.ones(1))],
        ulps=ulps,
        mode=mode,
    )
    check(runner(math.dist, mode, 2), expected, [((1.0,), (1.0, 2.0)), (np.zeros(2), np.zeros(3))], mode=mode)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new in Python 3.12")
@pytest.mark.parametrize("mode", MODES)
def test_sumprod(mode):
    source = random.Random(8)
    floats = [tuple(source.gauss(0, 10.0 ** source.randrange(-9, 9)) for _ in range(7)) for _ in range(20)]
    cases = pairs(floats[:12]) + [
        ((1, 2, 3), (4, 5, 6)), ((1, 2.5), (3, 4)), ((0.1, 3), (2, 0.7)), ((10.0, 1e100, -1e100), (1, 1.0, 1)), ((), ()), ((1, 2), (1,)),
        ((1.0, 1j), (2.0, 3)), ((True, 0.5), (0.1, True)), (np.array([1, 2]), np.array([3, 4])), (np.array([0.1] * 5), np.array([3.0] * 5)),
    ]  # fmt: skip
    check(runner(math.sumprod, mode, 2), math.sumprod, cases, mode=mode)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new in Python 3.12")
@pytest.mark.parametrize("mode", MODES)
def test_nextafter_with_steps(mode):
    def step(x, y, n):
        return math.nextafter(x, y, steps=n)

    actual = njit(step) if mode == "compiled" else lambda x, y, n: IMPLEMENTATIONS[math.nextafter](x, y, steps=n)
    values = [0.0, -0.0, 1.0, -1.0, 5e-324, -1e-323, 1e308, INF, -INF, NAN]
    check(
        actual, step, [(x, y, n) for x, y in pairs(values) for n in (0, 1, 2, 3, 1000, 2**62, 2**63 - 1, -1)], mode=mode
    )


@pytest.mark.skipif(sys.version_info < (3, 13), reason="new in Python 3.13")
@pytest.mark.parametrize("mode", MODES)
def test_fma(mode):
    values = [0.0, -0.0, 1.0, 0.1, -3.0, 1e308, 5e-324, INF, -INF, NAN, 1.0 + 2**-52]
    check(runner(math.fma, mode, 3), math.fma, [(a, b, c) for a, b in pairs(values) for c in values], mode=mode)


def test_everything_in_math_is_implemented():
    functions = {name: f for name, f in vars(math).items() if callable(f) and name[0] != "_"}
    assert [name for name, f in functions.items() if f not in IMPLEMENTATIONS] == []


@pytest.mark.parametrize("x", [math.nan, math.inf])
def test_tracebacks_leave_out_the_library(x: float) -> None:
    def rounds(x: Any) -> Any:
        return math.floor(x)

    with pytest.raises((ValueError, OverflowError)) as caught:
        njit(rounds)(x)
    assert [entry.name for entry in caught.traceback] == ["test_tracebacks_leave_out_the_library", "rounds"]
