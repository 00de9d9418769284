"""Reductions without NaN, quantiles, covariances, differences and convolutions, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from array_harness import assert_same, check, expression, outcome, sample
from tracer import NopythonError, njit

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

REDUCTIONS = ("nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanargmax", "nanargmin")
METHODS = (
    "inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear median_unbiased "
    "normal_unbiased lower higher midpoint nearest"
).split()
TABLE = np.random.default_rng(5).random((4, 5, 3))


def without_infinities(array: np.ndarray) -> np.ndarray:
    """NaN stays."""
    if array.dtype.kind == "c":
        return without_infinities(array.real) + 1j * without_infinities(array.imag)
    return np.where(np.isinf(array), np.array(3, array.dtype), array) if array.dtype.kind == "f" else array


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", (*REDUCTIONS, "nancumsum", "nancumprod"))
def test_reductions_without_nan(name: str) -> None:
    everything, columns = njit(expression(f"np.{name}(a)")), njit(expression(f"np.{name}(a, axis=0)"))
    for dtype in ("int8", "float32", "complex128"):
        for shape in ((7,), (0,), (2, 3)) if dtype == "float32" else ((7,), ()):
            items = without_infinities(sample(dtype, shape))
            check(everything, items, rtol=2e-6 if dtype == "float32" else 1e-14)
            if items.ndim:
                check(columns, items, rtol=2e-6 if dtype == "float32" else 1e-14)
    for given in ([np.nan, np.nan], [[np.nan, 1.0], [np.nan, 2.0]], [np.nan, -np.inf, np.nan], [np.inf, np.nan]):
        check(everything, np.array(given))
        check(columns, np.array(given))


@pytest.mark.parametrize("text", [
    "np.nansum(a, axis=1, where=a > 0)", "np.nanmean(a, axis=1, where=a > 0)", "np.nanstd(a, axis=1, where=a > 0)", "np.nanvar(a, ddof=1)",
    "np.nanvar(a, ddof=5)", "np.nanmax(a, axis=1, keepdims=True)", "np.nanmin(a, axis=(0, 1))", "np.nanmax(a, initial=3.0, where=a > 0)",
    "np.nanargmin(a, axis=1, keepdims=True)", "np.nanmean(a, axis=1, out=np.zeros(2, np.float32))", "np.nanprod(a, dtype=np.float32)",
])  # fmt: skip
def test_options_without_nan(text: str) -> None:
    check(expression(text), np.array([[0.5, np.nan, 2.0], [3.0, 4.0, 5.5]]), rtol=1e-6 if "32" in text else 1e-14)


# --- medians and quantiles


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ("median", "nanmedian"))
def test_medians(name: str) -> None:
    everything, rows = njit(expression(f"np.{name}(a)")), njit(expression(f"np.{name}(a, axis=-1, keepdims=True)"))
    for dtype in ("bool", "int8", "float64"):
        for shape in ((7,), (8,), (1,), (2, 3)) if dtype == "float64" else ((7,),):
            items = without_infinities(sample(dtype, shape))
            check(everything, items, strides=False)
            check(rows, items, strides=False)
    for given in (np.zeros(0), np.zeros((2, 0)), np.array([np.nan, 1]), np.array([np.inf, np.inf]), np.array([-0.0])):
        check(everything, given)
    check(expression(f"np.{name}(a, axis=(0, 2)), np.{name}(a, axis=1)"), TABLE, strides=False)
    check(everything, 3.5)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("method", METHODS)
def test_methods_of_quantiles(method: str) -> None:
    for name, dtypes in (("quantile", ("int8", "float32") if method in ("linear", "nearest") else ("float64",)), ("nanquantile", ("float64",))):
        compiled = njit(expression(f"np.{name}(a, q, method={method!r})", "a, q"))
        for dtype in dtypes:
            items = np.nan_to_num(sample(dtype, (10,)), nan=3, posinf=5, neginf=-4)
            for part in (items, items[:7], items[:1]):
                for q in (0.0, 0.25, 0.3, 0.5, 0.61, 0.9, 1.0):
                    result, expected = outcome(compiled, (part, q)), outcome(compiled.py_func, (part, q))
                    assert_same(result, expected, rtol=1e-6 if dtype == "float32" else 1e-14)


@pytest.mark.parametrize("text", [
    "np.quantile(a, 0.3, axis=1)", "np.quantile(a, 0.3, axis=(0, 2), keepdims=True)", "np.quantile(a, np.array([0.2, 0.7]), axis=1)",
    "np.quantile(a, np.array([[0.2, 0.7]]), axis=0, keepdims=True)", "np.percentile(a, (20, 30))", "np.nanpercentile(a, 40, axis=0)",
    "np.percentile(a, 50, axis=0, out=np.zeros((5, 3)))", "np.quantile(a, np.float32(0.5))",
])  # fmt: skip
def test_quantiles_along_axes(text: str) -> None:
    check(expression(text), np.where(TABLE > 0.9, np.nan, TABLE), rtol=1e-14, strides=False)


@pytest.mark.parametrize("fractions", ("0.25", "[0.25, 0.5]", "[]"))
def test_quantiles_of_no_items(fractions: str) -> None:
    for method in ("linear", "lower", "inverted_cdf", "hazen"):
        for name in ("quantile", "nanquantile") if fractions == "0.25" else ("quantile",):
            compiled = njit(expression(f"np.{name}(a, {fractions}, axis=-1, method={method!r})"))
            for a in (np.zeros(0), np.zeros(0, np.uint16), np.zeros((2, 0), np.int8), np.zeros((0, 2), np.float32)):
                if name == "quantile" or a.dtype.kind == "f":
                    check(compiled, a)
    check(expression("np.median(a)"), np.zeros(0, complex))


def test_outputs_of_quantiles() -> None:
    for text in ("np.quantile(a, 0.25, axis=0, out=out)", "np.quantile(a, 0.25, axis=0, out=out, method='lower')", "np.median(a, axis=0, out=out)"):
        for a in (np.array([[4, 1, 7], [6, 3, 2]]), np.array([[4.5, 1, 7], [6, 3, 2]]), np.array([[4, 1, 7], [6, 3, 2]], np.int8)):
            for dtype in ("f8", "f4", "i8", "i1", "c16"):
                out = np.zeros(3, dtype)
                if isinstance(outcome(expression(text, "a, out"), (a, out)), TypeError):
                    with pytest.raises(NopythonError, match="Cannot cast"):
                        njit(expression(text, "a, out"))(a, out)
                else:
                    check(expression(text, "a, out"), a, out)


@pytest.mark.slow
def test_bounds_of_quantiles() -> None:
    plain, without = (njit(expression(f"np.{name}(a, q)", "a, q")) for name in ("percentile", "nanpercentile"))
    for items in (np.zeros(0), np.array([1, np.nan]), np.array([-np.inf, 1, np.inf])):
        for q in (0, 25, 50, 100, 101, -1, np.nan):
            check(plain, items, q)
            check(without, items, q)


# --- covariances


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ("cov", "corrcoef"))
def test_covariances(name: str) -> None:
    for text in (f"np.{name}(a)", f"np.{name}(a, rowvar=False)", f"np.{name}(a, a)"):
        for dtype in ("float64", "complex128") if "rowvar" in text else ("int64",):
            table = (TABLE[:, :, 0] * 10 + (1j * TABLE[:, :, 1] if dtype == "complex128" else 0)).astype(dtype)
            check(expression(text), table, rtol=1e-7, strides=False)
    check(expression(f"np.{name}(a)"), TABLE[0, :, 0], rtol=1e-9)
    check(expression(f"np.{name}(a, b)", "a, b"), TABLE[0, :, 0], TABLE[1, :, 0], rtol=1e-9)


def test_degrees_of_freedom() -> None:
    for text in ("np.cov(a, bias=True)", "np.cov(a, ddof=0)", "np.cov(a, ddof=5)"):
        check(expression(text), TABLE[:, :, 0], rtol=1e-9)
    check(expression("np.cov(a, ddof=2.5)"), TABLE[:, :, 0])


@pytest.mark.filterwarnings("ignore")
def test_covariances_of_numbers_and_of_nothing() -> None:
    for name in ("cov", "corrcoef"):
        for a in (np.array(3.0), 3.5, np.array(2, np.int8), np.zeros(0), np.zeros((0, 3)), np.zeros((3, 0))):
            check(expression(f"np.{name}(a)"), a, strides=False)
        check(expression(f"np.{name}(a, a)"), np.array(3.0), strides=False)
    check(expression("np.cov(a, b)", "a, b"), np.zeros((0, 3)), np.ones((2, 3)), strides=False)
    check(expression("np.cov(a, b, rowvar=False)", "a, b"), TABLE[:1, :2, 0].T, TABLE[:1, :1, 0], rtol=1e-9)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("arguments", (
    "fweights=f", "aweights=w", "aweights=w, ddof=0", "aweights=w, ddof=2", "fweights=f, aweights=w", "fweights=f, aweights=w, bias=True",
    "fweights=[1, 0, 2]", "dtype=np.float32, aweights=w", "fweights=-f", "aweights=-w", "fweights=f * 1.5", "fweights=f * 0", "fweights=f[:2]",
    "aweights=w[:2]", "fweights=a", "aweights=a",
))  # fmt: skip
def test_weighted_covariances(arguments: str) -> None:
    f, w = np.array([1, 2, 3]), np.array([0.5, 0.0, 2.0])
    for a in (np.array([[1, 2, 4.0], [3, -1, 2]]), np.array([[1, 2j, 4.0], [3, -1, 2]]), np.array([[1, 2, 4], [3, 6, 2]], np.uint8)):
        check(expression(f"np.cov(a, {arguments})", "a, f, w"), a, f, w, rtol=1e-5 if "32" in arguments else 1e-12, strides=False)
    check(expression(f"np.cov(a, a[0] ** 2, {arguments})", "a, f, w"), np.array([[1, 2, 4.0], [3, -1, 2]]), f, w, rtol=1e-5, strides=False)


# --- differences, integrals, convolutions


@pytest.mark.parametrize("text", [
    "np.diff(a)", "np.diff(a, axis=0)", "np.diff(a, 2)", "np.diff(a, 0)", "np.diff(a, -1)", "np.diff(a, prepend=0, append=a)",
    "np.ediff1d(a)", "np.ediff1d(a, to_end=(1, 2), to_begin=3)",
])  # fmt: skip
def test_differences(text: str) -> None:
    for dtype in ("int8", "complex128"):
        check(expression(text), sample(dtype, (3, 5)))
    if "ediff" not in text and "prepend" not in text:
        check(expression(text), sample("bool", (3, 5)))
        check(expression(text), np.asfortranarray(sample("int16", (3, 5))))
        check(expression(text), np.zeros((1, 1)))


GRADIENTS = ("", "edge_order=2", "0.5", "0.5, edge_order=2", "axis=1", "0.5, axis=(0, 2)", "0.5, 2.0, 1.0", "axis=0")


@pytest.mark.parametrize("options", GRADIENTS)
def test_gradients(options: str) -> None:
    check(expression(f"np.gradient(a, {options})" if options else "np.gradient(a)"), TABLE, rtol=1e-12, strides=False)


def test_gradients_on_uneven_grids() -> None:
    line, grid = TABLE[0, :, 0], np.array([0, 1, 1.5, 4, 5])
    check(expression("np.gradient(a, b)", "a, b"), line, grid, rtol=1e-12)
    check(expression("np.gradient(a, b, edge_order=2)", "a, b"), line, grid, rtol=1e-11)
    check(expression("np.gradient(a, b)", "a, b"), line, grid[:3])
    for items in (np.arange(4) ** 2, np.ones(1), np.ones(4, np.float32)):
        check(expression("np.gradient(a)"), items)


@pytest.mark.slow
def test_integrals_and_angles() -> None:
    for text in ("np.trapezoid(a)", "np.trapezoid(a, dx=0.5, axis=0)", "np.trapezoid(a, np.arange(5.0) ** 2, axis=1)", "np.trapezoid(a, a)"):
        check(expression(text), TABLE, rtol=1e-14)
    check(expression("np.trapezoid(a)"), np.arange(5))
    angles = np.cumsum(TABLE[0] * 3, axis=0) % 6.28
    for text in ("np.unwrap(a)", "np.unwrap(a, axis=0)", "np.unwrap(a, period=4)", "np.unwrap(a, discont=4)"):
        check(expression(text), angles, rtol=1e-13)
    check(expression("np.unwrap(a, period=4)"), np.array([0.0, 1, 2, 4, -1, 0]))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("mode", ("full", "same", "valid"))
def test_convolutions(mode: str) -> None:
    convolution = njit(expression(f"np.convolve(a, b, {mode!r})", "a, b"))
    correlation = njit(expression(f"np.correlate(a, b, {mode!r})", "a, b"))
    for dtype in ("bool", "int8", "complex128"):
        for lengths in ((7, 3), (3, 7), (6, 4), (4, 6), (1, 1), (5, 5)):
            a, b = (np.nan_to_num(sample(dtype, (n,), n), posinf=1, neginf=2) for n in lengths)
            check(convolution, a, b, rtol=1e-12)
            if dtype != "bool":
                check(correlation, a, b, rtol=1e-12)
    for a, b in ((np.zeros(0), np.ones(2)), (np.ones(2), np.zeros(0))):  # releases of NumPy name one or the other
        with pytest.raises(ValueError, match="cannot be empty"):
            convolution(a, b)


def test_cross_products() -> None:
    for a, b in ((TABLE[0, 0], TABLE[1, 0]), (TABLE[0], TABLE[1, 0]), (np.arange(3), np.arange(3) * 2 + 1)):
        check(expression("np.cross(a, b)", "a, b"), a, b, rtol=1e-12)
    check(expression("np.cross(a, b, axis=0)", "a, b"), TABLE[0].T, TABLE[1].T, rtol=1e-12, strides=False)
    with pytest.raises(ValueError, match="cross product|3-dimensional vectors"):
        njit(expression("np.cross(a, a)"))(np.ones(4))


@pytest.mark.filterwarnings("ignore")
def test_cross_products_with_two_components() -> None:
    for text in ("[a, 2], (3, a)", "[[a, 2], [1, 2]], [3, a]", "np.zeros((3, 2)), np.ones(2) * a", "[a, 2], [3, a, 4]", "(1, 2, a), (a, 3)"):
        check(expression(f"np.cross({text})"), 5, strides=False)
        check(expression(f"np.cross({text})"), -1.5, strides=False)
    for two in (np.array([np.inf, -0.0]), np.array([[1, 2], [3, 4]], np.int8), np.array([1, 2], np.uint16)):
        for three in (np.arange(3.0), np.arange(3, dtype=np.int16)):
            check(expression("np.cross(a, b)", "a, b"), two, three, strides=False)
            check(expression("np.cross(b, a, axisc=0)", "a, b"), two, three, strides=False)
    check(expression("np.cross(a, b)", "a, b"), np.ones(3), np.ones(4))


@pytest.mark.parametrize("text", ["np.quantile(a > 1, 0.5)", "np.quantile(a, 0.5, weights=a)", "np.diff(a, int(a[0]))"])
def test_refused_arguments(text: str) -> None:
    with pytest.raises(NopythonError):
        njit(expression(text))(np.ones(3))


def test_medians_of_long_lines() -> None:
    compiled = njit(expression("np.median(a), np.percentile(a, 12.5), np.nanmedian(a)"))
    source = np.random.default_rng(3)
    for items in (
        source.standard_normal(5001), source.random(5000), np.round(source.standard_normal(4000)), np.full(300, -0.0), np.arange(1000.0),
        np.exp(source.standard_normal(3000) * 200), np.append(source.random(500), np.nan), np.array([np.inf, -np.inf, 1.0] * 50),
    ):  # fmt: skip
        check(compiled, items)
    for integers in (source.integers(-(2**63), 2**63 - 1, 999), source.integers(0, 3, 999), np.array([2**63 - 1, -(2**63)] * 40)):
        check(compiled, integers)
    check(compiled, source.integers(0, 2**64 - 1, 777, dtype=np.uint64))
