"""Elementary functions of NumPy's complex numbers against NumPy: values, branch cuts, zeros, infinities."""

from __future__ import annotations

import numpy as np
import pytest

import tracer.library
from tracer import njit
from tracer.extending import UFUNCS

tracer.library.load_rest()

FUNCTIONS = [
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh,
    np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh,
]  # fmt: skip
by_function = pytest.mark.parametrize("ufunc", FUNCTIONS, ids=lambda u: u.__name__)
by_dtype = pytest.mark.parametrize("dtype", [np.complex128, np.complex64])


def applied(ufunc: np.ufunc):
    return njit(lambda a: ufunc(a))


def random_numbers(count: int) -> np.ndarray:
    source = np.random.default_rng(5)
    parts = source.normal(size=(2, count)) * 10.0 ** source.uniform(-4, 1, (2, count))
    return parts[0] + 1j * parts[1]


@by_function
@by_dtype
def test_values(ufunc, dtype):
    z = random_numbers(400).astype(dtype)
    actual, expected = applied(ufunc)(z), ufunc(z.astype(np.clongdouble))
    assert actual.dtype == dtype
    tolerance = 1e-14 if dtype is np.complex128 else 1e-7
    assert (np.abs(actual - expected) <= tolerance * np.abs(expected)).all()


@by_function
def test_branch_cuts(ufunc):
    """On the axes the sign of a zero decides on which side of a cut an argument is."""
    sizes = np.array([0.25, 0.5, 1.5, 3.0])
    zeros = np.array([0.0, -0.0])
    along, across = (x.ravel() for x in np.meshgrid(np.concatenate([sizes, -sizes]), zeros))
    z = np.empty(2 * along.size, np.complex128)
    z.real, z.imag = np.concatenate([along, across]), np.concatenate([across, along])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(applied(ufunc)(z), ufunc(z), rtol=1e-14, atol=1e-16)


@by_function
def test_infinities_and_nans(ufunc):
    """Where C99 (Annex G) says what the result is, NumPy and we agree; signs of zeros and infinities may be open."""
    parts = np.array([0.0, 1.0, -2.0, np.inf, -np.inf, np.nan])
    real, imag = (x.ravel() for x in np.meshgrid(parts, parts))
    z = np.empty(real.size, np.complex128)
    z.real, z.imag = real, imag
    with np.errstate(all="ignore"):
        actual, expected = applied(ufunc)(z), ufunc(z)
        if ufunc is np.arccosh:  # older versions of NumPy do as C99 did before a correction, DR 471
            expected = np.where((z.real == 0) & np.isnan(z.imag), complex(np.nan, np.pi / 2), expected)
        if ufunc is np.expm1:  # C99 has no cexpm1; NumPy multiplies infinity with zero
            expected = np.where(np.isfinite(z), expected, np.exp(z) - 1.0)
    for a, e, argument in zip(actual, expected, z):
        for part, wanted in ((a.real, e.real), (a.imag, e.imag)):
            same = (np.isnan(part) and np.isnan(wanted)) or abs(part) == abs(wanted)
            assert same or abs(abs(part) - abs(wanted)) <= 1e-14 * abs(wanted) < np.inf, (argument, a, e)


@by_function
def test_plain_python_gives_about_the_same(ufunc):
    rule = UFUNCS[ufunc, "np.complex"]
    for z in random_numbers(5):
        result = rule(z)
        assert type(result) is np.complex128 and abs(result - ufunc(z)) <= 1e-13 * abs(ufunc(z))
