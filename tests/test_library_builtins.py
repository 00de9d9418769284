"""min, max, sum, any, all, round, pow and methods of numbers against CPython and NumPy."""

from __future__ import annotations

import collections
import math
import random
import sys

import numpy as np
import pytest
from library_harness import (
    FLOATS,
    INTS,
    MODES,
    check,
    pairs,
    random_floats,
    random_ints,
    runner,
    same,
    singles,
    wrapped,
)

from tracer import njit
from tracer.extending import IMPLEMENTATIONS

ARRAYS = [
    np.array([3, 1, 2]), np.array([2.5, -1.0, 7.0, -1.0]), np.array([1.5, np.nan, 0.5]), np.array([np.nan, 1.0]),
    np.array([5, -7, 100], np.int8), np.array([0.1] * 10, np.float32), np.array([True, False, True]),
    np.array([7, 3], np.uint64), np.array([-0.0, 0.0]), np.array([2.0]),
]  # fmt: skip
TUPLES = [(3, 1, 2), (2.5, -1.0), (0.5, math.nan, 0.1), (math.nan, 0.5), (7,), (True, False), (-0.0, 0.0), (0.0, -0.0)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("function", [min, max, any, all, sum])
def test_of_one_iterable(function, mode):
    check(runner(function, mode, 1), function, singles(ARRAYS + TUPLES), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_sum_of_complex_arrays(mode):
    arrays = [
        np.array([1 + 2j, complex(-0.0, 3)]),
        np.array([1j, 2], np.complex64),
        np.array([complex(math.inf, 0), 1]),
    ]
    check(runner(sum, mode, 1), sum, singles(arrays), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("function", [min, max])
def test_extreme_of_empty(function, mode):
    check(runner(function, mode, 1), function, [((),), (np.zeros(0),)], mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_empty_arrays_keep_their_type(mode):
    assert same(runner(sum, mode, 1)(np.zeros(0)), np.float64(0.0))
    assert same(runner(sum, mode, 1)(np.zeros(0, np.int8)), np.int8(0))
    assert runner(any, mode, 1)(np.zeros(0)) is False
    assert runner(all, mode, 1)(np.zeros(0)) is True


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("function", [min, max])
def test_extreme_of_arguments(function, mode):
    check(runner(function, mode, 2), function, pairs(FLOATS) + pairs(INTS[:12]) + pairs([True, False]), mode=mode)
    check(runner(function, mode, 3), function, zip(INTS, INTS[3:], INTS[5:]), mode=mode)
    floats32 = [np.float32(x) for x in (0.5, -0.0, 0.0, np.nan, 3)]
    check(runner(function, mode, 2), function, pairs(floats32), mode=mode)


@pytest.mark.parametrize("function", [min, max])
def test_extreme_with_key_and_default(function):
    key = lambda x: -x * x  # noqa: E731
    values = (3, -5, 4)
    assert IMPLEMENTATIONS[function](*values, key=key) == function(*values, key=key)
    assert IMPLEMENTATIONS[function](values, key=abs) == function(values, key=abs)
    assert IMPLEMENTATIONS[function]((), default=7) == 7
    assert IMPLEMENTATIONS[function](np.zeros(0), default=7.0) == 7.0
    with pytest.raises(TypeError, match="default"):
        IMPLEMENTATIONS[function](1, 2, default=0)


def test_extreme_with_key_and_default_compiled():
    def calls(a, x, y):
        squared = min(x, y, key=lambda v: v * v)
        return squared, max((x, y), key=abs), max(a, default=7.5), min(a, key=lambda v: -v, default=0.5)

    def expected(a, x, y):
        return calls(a, x, y) if len(a) else (*calls(np.ones(1), x, y)[:2], np.float64(7.5), np.float64(0.5))

    check(njit(calls), expected, [(np.array([1.0, 9.0]), 3, -2), (np.zeros(0), -3, 2)])


SUMS = [
    (1, 2, 3), (0.1,) * 10, (1, 0.1, 0.1, 1e100, 5, -1e100), (0.1, 1, 2, 0.2), (1e308, 1e308), (math.inf, -math.inf), (math.nan, 1.0),
    (-0.0, -0.0), (0.1, 1j, 0.2), (np.float64(0.1), 0.1, 0.2), (0.1, np.float64(0.1), 0.2), (True, True), (1e16, 1.0, -1e16),
    (math.inf, 1.0), (),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_sum_of_tuples(mode):
    check(runner(sum, mode, 1), sum, singles(SUMS), mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_sum_with_start(mode):
    cases = [
        ((1, 2), 5),
        ((0.1, 0.2), 0.3),
        (np.array([0.5]), -0.0),
        (np.array([0.5]), 2),
        (np.array([1]), 0.5),
        ((0.1,), 1j),
    ]
    check(runner(sum, mode, 2), sum, cases, mode=mode)


# --- round


def decimal_halves() -> list[float]:
    """Values at and beside ties of decimals."""
    ties = [
        2.675, 1.005, 0.5, 1.5, 2.5, 0.125, 0.375, 12345.675, 1e22, 5e-324, 0.05, 0.15, 0.25, 0.35, 2.0**-24,
        1234567.5,
    ]  # fmt: skip
    return [
        s * f for t in ties for s in (1, -1) for f in (t, np.nextafter(t, 9e99).item(), np.nextafter(t, -9e99).item())
    ]


@pytest.mark.parametrize("mode", MODES)
def test_round_to_integer(mode):
    def integer(x):
        result = round(x)
        if not -(2**63) <= result < 2**63:
            raise OverflowError("the result does not fit in a 64-bit integer")
        return result

    check(
        runner(round, mode, 1),
        integer,
        singles(FLOATS + decimal_halves() + random_floats(100) + INTS + [True]),
        mode=mode,
    )


@pytest.mark.parametrize("mode", MODES)
def test_round_float_to_digits(mode):
    digits = [0, 1, 2, 3, 5, 15, 22, -1, -2, -5, -22, 308, -308, 309, -309, 400, -400]
    count = 400 if mode == "plain" else 20000
    source = random.Random(1)
    near = [
        (source.randrange(-(10**7), 10**7) / source.choice((8, 16, 100, 1000, 200)), source.randrange(-7, 12))
        for _ in range(count)
    ]
    anywhere = [(x, source.randrange(-22, 23)) for x in random_floats(count // 4, 5)]
    values = (FLOATS + decimal_halves())[:: 3 if mode == "plain" else 1]
    check(runner(round, mode, 2), round, pairs(values, digits) + near + anywhere, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_round_float_to_many_digits(mode):
    source = random.Random(2)
    count = 60 if mode == "plain" else 5000
    small = [
        (source.uniform(-1, 1) * 10.0**-k, k + source.randrange(17))
        for k in (source.randrange(23, 290) for _ in range(count))
    ]
    large = [
        (source.uniform(-1, 1) * 10.0**k, -k + source.randrange(17))
        for k in (source.randrange(40, 300) for _ in range(count))
    ]
    check(runner(round, mode, 2), round, small + large, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_round_int_to_digits(mode):
    cases = pairs(INTS + random_ints(50) + list(range(-30, 31)), [0, 3, *range(-20, 0)])
    check(runner(round, mode, 2), lambda x, n: wrapped(round(x, n)), cases, mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_round_numpy_float(dtype, mode):
    with np.errstate(all="ignore"):
        values = [dtype(x) for x in FLOATS + decimal_halves()]
    check(runner(round, mode, 2), round, pairs(values[::2], [0, 1, 2, 5, 22, -1, -3, 30, 320]), mode=mode)
    check(runner(round, mode, 1), round, singles(v for v in values if not np.isfinite(v) or abs(v) < 2**62), mode=mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint8])
def test_round_numpy_int(dtype, mode):
    values = [dtype(x) for x in (0, 1, 5, 15, 25, 44, 55, 99, 120)]
    check(runner(round, mode, 2), round, pairs(values, [0, 1, 5, -1, -2, -3]), mode=mode)
    check(runner(round, mode, 1), round, singles(values), mode=mode)


@pytest.mark.parametrize("value", [1j, np.True_, np.complex64(1)])
def test_round_refuses(value):
    with pytest.raises(TypeError, match="round"):
        IMPLEMENTATIONS[round](value)


# --- pow and methods


@pytest.mark.parametrize("mode", MODES)
def test_modular_pow(mode):
    source = random.Random(3)
    count = 40 if mode == "plain" else 1000
    moduli = [1, -1, 2, 7, -7, 12, 10**9 + 7, 2**32, 2**32 + 1, 2**63 - 25, -(2**63), 2**62]
    small = [(a, e, m) for a in (0, 1, -3, 10, 2**62) for e in (0, 1, 5, -1, -3) for m in [0, *moduli]]
    large = [
        (source.randrange(-(2**63), 2**63), source.randrange(-99, 2**40), source.choice(moduli)) for _ in range(count)
    ]
    check(runner(pow, mode, 3), pow, small + large, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_pow_of_two_arguments(mode):
    check(
        runner(pow, mode, 2),
        pow,
        [(2, 10), (2.0, 0.5), (-8, 3), (2.0, 2), (1j, 2j)],
        ulps=0 if mode == "compiled" else 1,
        mode=mode,
    )


def test_modular_pow_refuses_floats():
    with pytest.raises(TypeError, match="modulus"):
        IMPLEMENTATIONS[pow](2.0, 3, 5)


@pytest.mark.parametrize("mode", MODES)
def test_methods(mode):
    def of_int(x):
        return x.bit_length(), x.bit_count(), x.conjugate()

    def of_float(x):
        return x.is_integer(), x.conjugate()

    def of_complex(x):
        return x.conjugate()

    if mode == "plain":
        plain = IMPLEMENTATIONS
        check(
            lambda x: (plain[int.bit_length](x), plain[int.bit_count](x), plain[int.conjugate](x)),
            of_int,
            singles(INTS),
            mode=mode,
        )
        check(lambda x: (plain[float.is_integer](x), plain[float.conjugate](x)), of_float, singles(FLOATS), mode=mode)
        check(plain[complex.conjugate], of_complex, singles([1 + 2j, -0.0j]), mode=mode)
        return
    check(njit(of_int), of_int, singles(INTS), mode=mode)
    check(njit(of_float), of_float, singles(FLOATS), mode=mode)
    check(
        njit(of_complex), of_complex, singles([1 + 2j, -0.0j, np.complex64(1j), np.float32(2), np.int8(3)]), mode=mode
    )


def test_sum_is_that_of_the_running_python():
    compensated = sys.version_info >= (3, 12)
    assert IMPLEMENTATIONS[sum]((0.1,) * 10) == (1.0 if compensated else 0.9999999999999999)


Point = collections.namedtuple("Point", "x y")


def test_named_tuples_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def show(n: int) -> None:
        print(Point(n, (n, 0.5)), f"{Point(1, n)}")

    njit(show)(3)
    assert capsys.readouterr().out == "Point(x=3, y=(3, 0.5)) Point(x=1, y=3)\n"
