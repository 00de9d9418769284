"""The elementary functions of NumPy's floats: accuracy, special values, vectorization, where their coefficients come from."""

from __future__ import annotations

import importlib
import re

import numpy as np
import pytest
from elementary_coefficients import QUOTIENT, SERIES, economized, lambert
from elementary_reference import RANGES, REFERENCES, anywhere, errors_in_ulps, samples

import tracer.library
from tracer import njit
from tracer.extending import OPERATORS, UFUNCS

tracer.library.load_rest()

DTYPES = [np.float64, np.float32]
MODULES = ("exp", "log", "trig", "inverse", "hyperbolic", "power", "single")
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1.5, -1.5, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-310, 2.0**-1022,
    1.7976931348623157e308, -1.7976931348623157e308, 2.0**53, -(2.0**53) - 2.0, 2.0**52 + 1.0, 2.0**53 - 1.0, 1.0 + 2.0**-52,
    1.0 - 2.0**-53, -1.0 - 2.0**-52, 1e-20, -1e-20, 20.0, -20.0, 1e5, -1e5, 1e-45, 3e38, 1e-38,
]  # fmt: skip
LIMITS = {
    np.exp: (709.782712893384, -745.1332191019412, 88.72283, -103.97208, -708.3964185322641),
    np.exp2: (1024.0, -1075.0, 128.0, -150.0, -1022.0), np.expm1: (709.782712893384, -37.5, 88.72283),
    np.sinh: (710.4758600739439, 89.41599), np.cosh: (710.4758600739439, 89.41599), np.tanh: (19.1, 9.1),
}  # fmt: skip
MORE = [np.radians, np.degrees, np.deg2rad, np.rad2deg, np.heaviside, np.logaddexp, np.logaddexp2, np.float_power]
IN_SINGLE = [np.exp, np.log, np.sin, np.cos, np.tan]  # float32 is not computed in float64
by_name = pytest.mark.parametrize("ufunc", REFERENCES, ids=lambda u: u.__name__)


def applied(ufunc: np.ufunc):
    """The ufunc in compiled code, on arrays."""
    if ufunc.nin == 1:
        return njit(lambda a: ufunc(a))
    return njit(lambda a, b: ufunc(a, b))


def rule(ufunc: np.ufunc):
    return UFUNCS.get((ufunc, "np.float")) or OPERATORS["pow", "np.float"]


def assert_equal_but_for_rounding(actual: np.ndarray, expected: np.ndarray, operands: list[np.ndarray], scale: float = 0.0) -> None:
    """NaN, infinities and signs are the same; numbers within one unit in the last place, which both may be off by.

    `scale` is the size of numbers of which a difference is taken.
    """
    assert actual.dtype == expected.dtype
    with np.errstate(all="ignore"):
        close = np.abs(actual - expected) <= 2 * np.spacing(np.maximum(np.abs(expected), actual.dtype.type(scale)))
        same = (actual == expected) | (np.isfinite(expected) & np.isfinite(actual) & close)
    same &= np.signbit(actual) == np.signbit(expected)
    same |= np.isnan(actual) & np.isnan(expected)
    wrong = [f"{[x[i] for x in operands]}: {actual[i]!r}, not {expected[i]!r}" for i in np.flatnonzero(~same)]
    assert not wrong, f"{len(wrong)} of {actual.size}:\n" + "\n".join(wrong[:12])


@pytest.mark.slow
@by_name
@pytest.mark.parametrize("dtype", DTYPES)
def test_accuracy(ufunc, dtype):
    for operands in (samples(ufunc, dtype, 150), anywhere(ufunc, dtype, 400)):
        errors = errors_in_ulps(ufunc, operands, applied(ufunc)(*operands))
        worst = errors.argmax()
        assert errors.size > 30 and errors[worst] <= (1.0 if dtype is np.float64 or ufunc in IN_SINGLE else 0.51), [x[worst] for x in operands]


@by_name
@pytest.mark.parametrize("dtype", DTYPES)
def test_special_values(ufunc, dtype):
    with np.errstate(all="ignore"):
        values = np.array(SPECIAL).astype(dtype)
        operands = [values] if ufunc.nin == 1 else [x.ravel() for x in np.meshgrid(values, values)]
        assert_equal_but_for_rounding(applied(ufunc)(*operands), ufunc(*operands), operands)


@pytest.mark.parametrize("ufunc", LIMITS, ids=lambda u: u.__name__)
@pytest.mark.parametrize("dtype", DTYPES)
def test_around_overflow_and_underflow(ufunc, dtype):
    values = []
    for limit in np.array(LIMITS[ufunc]).astype(dtype):
        below = above = limit
        for _ in range(4):
            below, above = np.nextafter(below, dtype(-np.inf)), np.nextafter(above, dtype(np.inf))
            values += [below, above]
        values += [limit, -limit]
    operand = np.array(values, dtype)
    with np.errstate(all="ignore"):
        assert_equal_but_for_rounding(applied(ufunc)(operand), ufunc(operand), [operand])


@pytest.mark.slow
@by_name
def test_subnormal_arguments_and_results(ufunc):
    tiny = np.geomspace(5e-324, 1e-300, 60)
    operands = [np.concatenate([tiny, -tiny])] * ufunc.nin
    if ufunc is np.power:
        operands = [np.linspace(0.001, 0.002, 120), np.linspace(110.0, 118.0, 120)]
    if ufunc is np.hypot:
        operands[1] = operands[1][::-1].copy()
    with np.errstate(all="ignore"):
        assert_equal_but_for_rounding(applied(ufunc)(*operands), ufunc(*operands), operands)


@pytest.mark.slow
def test_angles_next_to_multiples_of_a_right_angle():
    count = np.random.default_rng(3).integers(1, 2**24, 300)
    angles = (count * (np.pi / 2)).astype(np.float64)
    for ufunc in (np.sin, np.cos, np.tan):
        assert errors_in_ulps(ufunc, [angles], applied(ufunc)(angles)).max() <= 1.0


@pytest.mark.slow
def test_huge_angles_among_others():
    angles = np.random.default_rng(4).uniform(-10, 10, 1000)
    angles[::7] = np.geomspace(1e7, 1e308, angles[::7].size)
    for ufunc in (np.sin, np.cos, np.tan):
        assert errors_in_ulps(ufunc, [angles], applied(ufunc)(angles)).max() <= 1.0


@pytest.mark.slow
@by_name
@pytest.mark.parametrize("dtype", DTYPES)
def test_plain_python_gives_the_same(ufunc, dtype):
    operands = samples(ufunc, dtype, 3)
    compiled = applied(ufunc)(*operands)
    for i, result in enumerate(compiled):
        arguments = [x[i] for x in operands]
        if ufunc in (np.sin, np.cos, np.tan) and abs(arguments[0]) > 1e6:
            continue  # left to the C library
        with np.errstate(all="ignore"):
            plain = rule(ufunc)(*arguments)
        assert type(plain) is dtype and plain == result, arguments


@pytest.mark.slow
@by_name
def test_loops_are_vectorized(ufunc):
    function = rule(ufunc)
    if ufunc.nin == 1:

        def loop(a, out):
            for i in range(a.size):
                out[i] = function(a[i])
    else:

        def loop(a, out):
            for i in range(a.size):
                out[i] = function(a[i], a[i])

    compiled = njit(loop)
    compiled(np.ones(3), np.ones(3))
    assert re.search(r"call <\d+ x double> @llvm\.fma", next(iter(compiled.inspect_llvm().values())))


@pytest.mark.slow
@by_name
def test_fast_math_does_not_reach_the_steps_of_functions(ufunc):
    compiled = njit(fastmath=True)((lambda a: ufunc(a)) if ufunc.nin == 1 else (lambda a, b: ufunc(a, b)))
    for operands in (samples(ufunc, np.float64, 40), anywhere(ufunc, np.float64, 100)):
        apart = [np.repeat(x, 2)[::2] for x in operands]  # the loop is a part of the program, see tests/test_kernels.py
        np.testing.assert_array_equal(compiled(*apart), applied(ufunc)(*operands))


def test_everything_has_a_range():
    assert set(RANGES) == set(REFERENCES)


@pytest.mark.slow
@pytest.mark.parametrize("name", SERIES)
def test_coefficients(name):
    assert constants(name) == {economized(*SERIES[name])}


def constants(name):
    modules = [importlib.import_module(f"tracer.library.elementary_{module}") for module in MODULES]
    return {getattr(module, name) for module in modules if hasattr(module, name)}


def test_coefficients_of_a_quotient():
    names, terms = QUOTIENT
    for name, polynomial in zip(names, lambert(terms)):
        assert constants(name) == {tuple(float(c) for c in polynomial)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ufunc", MORE, ids=lambda u: u.__name__)
def test_functions_made_from_others(ufunc, dtype):
    with np.errstate(all="ignore"):
        values = np.array([*SPECIAL, 700.0, -700.0, 3.25, -7.5]).astype(dtype)
        operands = [values] if ufunc.nin == 1 else [x.ravel() for x in np.meshgrid(values, values)]
        scale = 4.0 if "logaddexp" in ufunc.__name__ else 0.0
        assert_equal_but_for_rounding(applied(ufunc)(*operands), ufunc(*operands), operands, scale)


@pytest.mark.parametrize("size", [3, 16, 100])
def test_powers_of_negative_numbers_beside_others(size):
    """They take a branch for vectors, from which special ones take another; whole and broken exponents stand side by side."""
    source = np.random.default_rng(size)
    compiled = njit(lambda a, b: a**b)
    for special in (0.0, 0.1, 1.0):
        base = source.choice([-1.0, 1.0], size) * source.uniform(0.1, 5.0, size)
        exponent = source.choice([1.0, 2.0, 3.0, -1.0, -5.0, 2.5, 7.0, 0.0, 601.0, 1e3], size)
        base = np.where(source.random(size) < special, source.choice(SPECIAL, size), base)
        with np.errstate(all="ignore"):
            assert_equal_but_for_rounding(compiled(base, exponent), np.power(base, exponent), [base, exponent])


def test_powers_of_one_with_huge_exponents():
    base = np.array([1.0, -1.0, 1.0, -1.0] * 8)
    exponent = np.array([1.7976931348623157e308, 1.7976931348623157e308, -1.5e308, np.inf] * 8)
    np.testing.assert_array_equal(njit(lambda a, b: a**b)(base, exponent), np.ones(32))


@pytest.mark.parametrize("exponent", [2.0, 0.5, -1.0, 3.0, 2, -1])
def test_powers_with_a_known_exponent(exponent):
    compiled = njit(lambda a: a**exponent)
    operand = np.array(SPECIAL)
    with np.errstate(all="ignore"):
        # NumPy has C's pow for an array of exponents; where the exponent is one number, 0.5 is its sqrt, without C's special values.
        expected = np.power(operand, np.full_like(operand, exponent))
        assert_equal_but_for_rounding(compiled(operand), expected, [operand])
