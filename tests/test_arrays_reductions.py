"""Reductions along axes, and cumulative sums and products, against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from array_harness import check, expression, layouts, sample, since
from tracer import NopythonError, njit

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

DTYPES = ("bool", "int8", "int64", "uint8", "float32", "float64", "complex128")
SHAPES = ((), (5,), (37,), (0,), (2, 3, 4))
AXES = ("1", "-1", "(0, 2)", "()", "None")
EXTREMES = ("max", "min", "argmax", "argmin", "ptp")
SUMS = ("sum", "prod", "any", "all", "mean", "var", "std")


def finite(array: np.ndarray) -> np.ndarray:
    """Without infinities and NaN."""
    return np.nan_to_num(array, nan=1, posinf=3, neginf=2) if array.dtype.kind in "fc" else array


def tolerance(dtype: str) -> float:
    """How far results may lie apart that are rounded in another order."""
    return 2e-6 if dtype in ("float32", "complex64") else 1e-14


def with_dtypes(names: tuple[str, ...], everywhere: str) -> list[tuple[str, str]]:
    """One function on all dtypes, the others, which are made of the same parts, on some."""
    some = ("int8", "float32", "complex128")
    return [(name, dtype) for name in names for dtype in (DTYPES if name == everywhere else some)]


@pytest.mark.parametrize(("name", "dtype"), with_dtypes(SUMS, "sum"))
def test_sums_of_all_items_and_along_axes(name: str, dtype: str) -> None:
    everything, rows = njit(expression(f"np.{name}(a)")), njit(expression(f"a.{name}(axis=-1, keepdims=True)"))
    for shape in SHAPES:
        items = finite(sample(dtype, shape))
        check(everything, items, rtol=tolerance(dtype))
        if items.ndim:
            check(rows, items, rtol=tolerance(dtype))


@pytest.mark.parametrize(("name", "dtype"), with_dtypes(EXTREMES, "argmax"))
def test_extremes_of_all_items_and_along_axes(name: str, dtype: str) -> None:
    everything, rows = njit(expression(f"np.{name}(a)")), njit(expression(f"np.{name}(a, axis=-1, keepdims=True)"))
    for shape in SHAPES:
        items = sample(dtype, shape) + np.zeros((), dtype)  # zeros of one sign only: either may be the result
        check(everything, items)
        if items.ndim:
            check(rows, items)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("name", ("sum", "var", "argmin"))
def test_layouts(name: str, axis: str) -> None:
    if name == "argmin" and axis.startswith("("):
        return
    compiled = njit(expression(f"np.{name}(a, axis={axis}), np.{name}(a, axis={axis}, keepdims=True)"))
    for array in layouts(finite(sample("float64", (2, 3, 4)))):
        check(compiled, array, rtol=1e-14, strides=name != "argmin")


@pytest.mark.parametrize("name", SUMS + EXTREMES)
def test_empty_axes(name: str) -> None:
    first, second = njit(expression(f"np.{name}(a, axis=0)")), njit(expression(f"np.{name}(a, axis=1)"))
    for shape in ((0, 3), (3, 0), (0, 0)):
        check(first, np.zeros(shape))
        check(second, np.zeros(shape))


OPTIONS = [
    "np.sum(a, initial=5)", "np.sum(a, axis=0, initial=1.5)", "np.sum(a, where=a > 2)", "np.sum(a, where=False)", "np.sum(a, where=b)",
    "np.sum(a, axis=0, where=a > 1, keepdims=True)", "np.sum(a, dtype=np.float32)", "np.sum(a, dtype=np.int64)", "np.sum(a > 1, dtype=bool)",
    "np.prod(a, initial=5)", "np.prod(a, axis=1, where=a > 0)", "np.any(a, where=a > 2)", "np.all(a, axis=1, where=a > 0)",
    "np.max(a, initial=3)", "np.max(a, axis=0, initial=1.5)", "np.min(a, where=a > 2, initial=9)", "np.max(a, where=a > 2)",
    "np.mean(a, where=a > 2)", "np.mean(a, where=a > 7)", "np.mean(a, axis=0, where=a > 1, keepdims=True)", "np.mean(a, dtype=np.float32)",
    "np.mean(a, dtype=np.int64)", "np.var(a, ddof=1)", "np.var(a, ddof=7)", "np.var(a, ddof=1.5)", "np.var(a, correction=1)",
    "np.var(a, correction=1, ddof=1)", "np.std(a, axis=0, mean=np.mean(a, axis=0, keepdims=True))", "np.std(a, ddof=1, axis=1, where=a > 0)",
    pytest.param("np.count_nonzero(a)", marks=since("2.3.0")), "np.count_nonzero(a, axis=0)", "np.count_nonzero(a, axis=(0, 1), keepdims=True)", "np.average(a)",
    "np.average(a, axis=1, weights=b, returned=True)", "np.average(a, weights=b)", "np.average(a, axis=1, weights=b[:2])",
    "np.average(a, weights=a * 0)", "np.average(a, returned=True)", "np.average(a, axis=(0, 1), weights=a)", "np.average(a, axis=0, keepdims=True)",
]  # fmt: skip


@pytest.mark.parametrize("text", OPTIONS)
def test_options(text: str) -> None:
    b = "np.array([True, False, True])" if "where=b" in text else "np.arange(1, 4)"
    compiled = njit(expression(text.replace("=b[:2]", "=np.arange(1, 3)").replace("=b)", f"={b})").replace("=b,", f"={b},")))
    check(compiled, np.arange(6.0).reshape(2, 3), rtol=1e-6 if "float32" in text else 1e-14)
    if any(part in text for part in ("initial", "average", "dtype")) and "a * 0" not in text:
        check(compiled, np.arange(6).reshape(2, 3), rtol=1e-6 if "float32" in text else 1e-14)


OUTPUTS = [
    ("np.sum(a, axis=0, out=b)", (3,), "float64"), ("np.sum(a, axis=0, out=b)", (3,), "int64"), ("np.sum(a, axis=0, out=b)", (4,), "float64"),
    ("np.sum(a, axis=0, out=b)", (1, 3), "float64"), ("np.sum(a, out=b)", (), "float64"), ("np.max(a, axis=0, out=b)", (3,), "float32"),
    ("np.argmax(a, axis=0, out=b)", (3,), "int32"), ("np.mean(a, axis=0, out=b)", (3,), "int64"), ("np.std(a, axis=1, out=b)", (2,), "float32"),
    ("np.any(a, axis=0, out=b)", (3,), "float64"), ("np.cumsum(a, out=b)", (6,), "int64"), ("np.cumsum(a, out=b)", (5,), "float64"),
    ("np.cumsum(a, axis=0, out=b)", (2, 3), "float32"), ("np.sum(a, 0, None, b)", (3,), "float64"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shape", "dtype"), OUTPUTS)
def test_outputs(text: str, shape: tuple[int, ...], dtype: str) -> None:
    check(expression(text, "a, b"), np.arange(6.0).reshape(2, 3), np.zeros(shape, dtype), rtol=1e-6, message=False)


@pytest.mark.parametrize("text", ["np.sum(a)", "np.max(a)", "np.mean(a)", "np.any(a)", "np.std(a)", "np.argmax(a)", "np.cumsum(a)"])
def test_reductions_of_numbers_and_tuples(text: str) -> None:
    for number in (5, 2.5, True, np.float32(3)):
        check(expression(text), number)
    check(expression(text.replace("(a)", "((a, 2.5, 1))")), 5, rtol=1e-15)


def test_methods_of_numpy_numbers() -> None:
    for text in ("a.sum()", "a.max()", "a.mean()", "a.all()", "a.clip(0, 1)", "a.round(1)"):
        check(expression(text), np.float64(2.25))


@pytest.mark.parametrize("text", [
    "np.sum(a, axis=2)", "np.max(a, axis=-3)", "np.sum(a, axis=(0, 0))", "np.argmax(a, axis=(0, 1))", "np.sum(a, where=np.ones(3, np.int64))",
    "np.ptp(a > 1)", "np.var(a, dtype=np.int64)", "np.argmax(a, axis=0, out=np.zeros(3))",
])  # fmt: skip
def test_refused_arguments(text: str) -> None:
    with pytest.raises(NopythonError):
        njit(expression(text))(np.ones((2, 3)))


def test_masks_must_fit() -> None:
    compiled = njit(expression("np.sum(a, where=b)", "a, b"))
    largest = njit(expression("np.max(a, axis=0, where=b, initial=0)", "a, b"))
    for function in (compiled, largest):
        for shape in ((3, 1), (2, 2), (4,), (0,), (2, 3), (1, 3), (2, 1), (0, 3)):
            check(function, np.ones((2, 3)), np.ones(shape, bool))
        check(function, np.ones((1, 3)), np.ones((2, 3), bool))
        check(function, np.ones((2, 1)), np.ones(3, bool), message=False)
        check(function, np.ones(3), np.ones((2, 3), bool), message=False)
        check(function, np.ones((2, 3)), np.array([True, False, True]))


@pytest.mark.parametrize("name", SUMS)
def test_masks_that_are_numbers(name: str) -> None:
    for where in (True, False, np.True_):
        check(expression(f"np.{name}(a, where=w), np.{name}(a, axis=0, where=w)", "a, w"), np.arange(6.0).reshape(2, 3), where)


@pytest.mark.parametrize("name", ("var", "std", "nanvar", "nanstd"))
def test_types_of_variances(name: str) -> None:
    tables = (
        np.array([[1.5, 2, -5, 100.7], [0, 1, np.nan, 3]]), np.array([[1, 200]], np.uint8), np.array([1.5 + 2j, -3]), np.float32([1.5, 2.5]), np.zeros((2, 0)),
    )  # fmt: skip
    for dtype in ("np.float64", "np.complex128", "np.float32", "np.complex64"):
        compiled = njit(expression(f"np.{name}(a, dtype={dtype}), np.{name}(a, axis=-1, dtype={dtype}, ddof=1)"))
        for a in tables:
            check(compiled, a, rtol=1e-6)


@pytest.mark.parametrize("name", ("argmax", "argmin", "nanargmax", "max", "min", "nanmin", "ptp"))
def test_outputs_of_extremes(name: str) -> None:
    table = np.array([[3, 7, 5], [4, 2, 6]])
    for a in (table, table > 3, table * (1.0 if "arg" in name else 1)):
        for dtype in ("i8", "i2", "?") if "arg" in name or a.dtype == bool else ("i8", "i2", "f4"):
            if name != "ptp" or dtype != "?":
                check(expression(f"(np.{name}(a, axis=0, out=out), out)", "a, out"), a, np.zeros(3, dtype))
    for shape in ((2,), (), (1, 3)):
        check(expression(f"np.{name}(a, axis=0, out=out)", "a, out"), table, np.zeros(shape, int), message=shape != (2,))


def test_outputs_are_looked_at_first() -> None:
    """Before it is noticed that there are no items."""
    compiled = njit(expression("np.max(a, axis=0, out=out)", "a, out"))
    kept = njit(expression("np.max(a, axis=0, out=out, keepdims=True)", "a, out"))
    for shape in ((), (1,), (3,), (1, 3)):
        check(compiled, np.zeros((0, 3)), np.zeros(shape), message=shape != (1,))
        check(kept, np.zeros((0, 3)), np.zeros(shape), message=shape != (1,))
    for function in (lambda a, out: np.nanmean(a, out=out), lambda a, out: np.nanvar(a, out=out), lambda a, out: np.nanstd(a, out=out)):
        check(function, np.ones(3), np.zeros((), int))


def test_python_builtins_on_arrays_are_still_pythons() -> None:
    for name in ("sum", "max", "min", "any", "all", "len"):
        check(expression(f"{name}(a)"), np.array([3.0, 1.0, 2.0]))


@pytest.mark.parametrize("place", [0, 1, 2047, 2048, 2049, 6000, 9999])
def test_places_of_extremes_in_long_arrays(place: int) -> None:
    items = np.random.default_rng(place).random(10000)
    for value in (2.0, -2.0, np.nan, np.inf, -np.inf):
        items[place], items[min(place + 1, 9999)] = value, value
        check(_PLACES, items)
        check(_PLACES, items.reshape(100, 100))
    check(_PLACES, np.full(5000, -np.inf))
    check(_PLACES, np.full(5000, np.inf))


_PLACES = njit(expression("np.argmax(a), np.argmin(a)"))


# --- accuracy


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_are_not_less_accurate_than_numpys(dtype: str) -> None:
    compiled = njit(expression("np.sum(a)"))
    for count in (100, 1000, 30011):
        ours, theirs = 0.0, 0.0
        for seed in range(60):
            source = np.random.default_rng(seed)
            items = (source.standard_normal(count) * np.exp(source.standard_normal(count))).astype(dtype)
            exact = math.fsum(items.tolist())
            unit = float(np.spacing(np.dtype(dtype).type(math.fsum(map(abs, items.tolist())))))
            ours += ((float(compiled(items)) - exact) / unit) ** 2
            theirs += ((float(np.sum(items)) - exact) / unit) ** 2
        assert ours <= theirs, (count, (ours / 60) ** 0.5, (theirs / 60) ** 0.5)


def test_sums_of_infinities() -> None:
    compiled = njit(expression("np.sum(a), np.sum(a, axis=0)"))
    for items in ([np.inf, 1.0], [np.inf, -np.inf], [np.nan, 1.0], [1e308, 1e308], [-0.0, -0.0], [-1e308] * 4):
        check(compiled, np.array(items * 100))


@pytest.mark.parametrize("text", ["np.var(a)", "np.std(a)"])
def test_variances_far_from_zero(text: str) -> None:
    for offset in (0.0, 1e3, 1e6):
        check(expression(text), np.random.default_rng(1).random(1000) + offset, rtol=1e-12)


# --- cumulative sums and products


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ("cumsum", "cumprod"))
def test_scans(name: str) -> None:
    flat, rows = njit(expression(f"np.{name}(a)")), njit(expression(f"a.{name}(axis=-1), np.{name}(a, axis=0)"))
    for dtype in DTYPES:
        for shape in ((7,), (0,), (2, 3)) if dtype in ("int8", "float64") else ((7,),):
            items = finite(sample(dtype, shape))
            check(flat, items, rtol=tolerance(dtype))
            check(rows, items, rtol=tolerance(dtype))
    middle = njit(expression(f"np.{name}(a, axis=1)"))
    for array in layouts(finite(sample("float64", (2, 3, 4)))):
        check(middle, array, rtol=1e-14)
    check(flat, 5)
    check(expression(f"np.{name}(a, dtype=np.float32)"), np.arange(3.0))
    check(flat, np.array([-0.0, -0.0]))


def test_sums_of_negative_zeros() -> None:
    """A sum starts from 0.0, and from what `initial` says."""
    for length in (0, 1, 7, 64, 200):
        for kind in (np.float64, np.float32):
            zeros = np.full(length, -0.0, kind)
            for function in (lambda a: np.sum(a), lambda a: np.sum(a, initial=-0.0), lambda a: np.sum(np.stack((a, a)), axis=1, initial=-0.0)):
                actual, expected = njit(function)(zeros), function(zeros)
                assert np.array_equal(np.signbit(actual), np.signbit(expected)) and np.all(actual == 0.0), (length, kind)


NARROWED = [
    "np.cumsum(a, axis=0, out=out)", "np.cumprod(a, axis=0, out=out)", "np.add.accumulate(a, axis=0, out=out)", "np.nancumsum(a, axis=0, out=out)",
    "np.sum(a, axis=0, out=out[0])", "np.prod(a, axis=0, out=out[0])", "np.add.reduce(a, axis=0, out=out[0])", "np.nansum(a, axis=0, out=out[0])",
    "np.subtract.accumulate(a, axis=0, out=out)", "np.add.reduceat(a, [0], axis=0, out=out[:1])",
]  # fmt: skip


@pytest.mark.parametrize("text", NARROWED)
def test_an_output_is_an_operand(text: str) -> None:
    """Items are added in the type that the operand and the output have in common, and converted at the end."""
    for a in (np.array([[5.75, 0.25], [0.5, 0.75], [-0.5, 1.25]]), np.array([[3, 5], [90, 100], [-2, 4]], np.int8), np.array([[True], [True], [False]])):
        for dtype in ("i1", "i8", "f4", "f8", "c16"):
            check(expression(f"({text}, out)[1]", "a, out"), a, np.zeros(a.shape, dtype))
