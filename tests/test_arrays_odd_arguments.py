"""Arguments that are right, or wrong, in ways seldom met: arrays without axes as integers, tuples as arrays, booleans as places."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from array_harness import check, expression, outcome, since, statement

from tracer import NopythonError, njit

LINE = np.array([3.0, 1.0, 2.0, 5.0])
TABLE = np.arange(6.0).reshape(2, 3)
THREE = np.array(3)


@pytest.mark.parametrize("text", (
    "np.zeros(n)", "np.ones((n, 2))", "np.full(n, n)", "np.eye(n)", "np.identity(n)", "np.tri(n)", "np.arange(n)", "np.arange(n, 10, 2)", "np.indices((n,))",
    "np.diag_indices(n)", "np.reshape(np.arange(6), (n, 2))", "np.tile(5, n)", "np.roll(np.arange(5), n)", "np.repeat(5, n)", "np.vander([1, 2], n)",
    "np.ones_like(5, shape=n)", "np.pad([1, 2], n)", "np.pad([1, 2], (n, 0), 'edge')", "np.broadcast_to(2, n)", 
    "np.resize([1, 2], (n, 2))", "np.linspace(0, 1, n)", "np.geomspace(1, 4, n)", "np.histogram([1.0, 2.0], n)[0]", "np.moveaxis(np.zeros((n, 1)), 0, 1)",
))  # fmt: skip
def test_integers_in_arrays_without_axes(text: str) -> None:
    for n in (THREE, np.array(3, np.int8), 3):
        check(expression(text, "n"), n, strides=False, rtol=1e-12)


@pytest.mark.parametrize("text", ("np.zeros(a)", "np.resize(a, a)", "np.broadcast_to(5, a)", "np.resize(a, 2.5)", "np.zeros(a[0] * 1.0)", "np.nan_to_num(1.0 * a, nan=1.0 * a)"))
def test_shapes_that_are_not_known(text: str) -> None:
    with pytest.raises(NopythonError):
        njit(expression(text))(np.array([2, 3]))


@pytest.mark.parametrize("name", ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "add", "maximum", "hypot", "bitwise_and", "gcd"))
def test_ufuncs_of_pythons_integers(name: str) -> None:
    for a, b in ((1, 2), (2, 2), (-(2**63), 2**63 - 1), (True, 5), (0, False)):
        if (name, a) != ("add", 1) or a + b < 2**63:
            check(expression(f"np.{name}(a, b)", "a, b"), a, b)


@pytest.mark.parametrize("text", (
    "np.flipud((a, a))", "np.fliplr((a, a))", "np.flipud(3.5)", "np.real((a, a))", "np.imag((a, a * 1j))", "np.matrix_transpose((a, a))", "np.transpose(a, 0)",
    "np.transpose(a, -1)", "a.transpose(0)", "np.split(a, 2.5)", "np.digitize(a, [[1, 2]])", "np.digitize(a, a[0])", "np.polyint([[1.0, 2.0]])",
    "np.histogram2d([[1.0]], [[2.0]])", "np.argpartition(a[0], 0)",
    "np.argpartition(np.array(2.5), 0)", "np.argpartition(np.array(2.5), 1)", "np.cov(a, dtype=np.float32)", "np.cov((a, a * 2), dtype=np.complex64)",
    "np.linspace(0, 1, -1)", "np.tril(a, np.array(1))", "np.triu(a, a)", "np.inner(2.0, (1, -1))", "np.dot(a[0], [1, 2])", "np.dot([1, 2, 3, 4], a)",
    "np.correlate(a, 2.0)", "np.correlate(1, a)", "np.convolve(a, 2.0)", "np.stack(a[:0])", "np.stack(a)", "np.nan_to_num(a[0], copy=False)", "np.zeros(np.uint64(2**63))",
    "np.histogram_bin_edges(a, 3)", "np.histogram_bin_edges(a, np.array(3))", "np.histogram_bin_edges(a, a)", "np.histogram_bin_edges(a, [[1.0]])",
    "np.argpartition(a, np.array(1))", "np.partition(a, np.array([[1]]))", "np.lib.stride_tricks.sliding_window_view(a, np.array(2))", "np.linalg.matrix_rank(a)",
    "np.linalg.matrix_rank(a.reshape(2, 2), [0.0, 9.0])", "np.linalg.matrix_rank(np.stack((a, a)).reshape(2, 2, 2), [0.0, 9.0])", "np.polyint(a[0], 0)",
    "np.histogramdd(a, np.array([0, 1]))", "np.lexsort(a)", "np.gradient([1.0, 4, 9, 2], np.array([1, 3, 4, 9], np.uint64))", "np.linspace(a, a > 2, 3)",
    "np.linspace(a.astype(np.float32), [1, 2, 3, 4], 3)", "np.linspace(a.astype(np.float32), 2, 3)", "np.linspace(np.int8(2), np.float32(3), 3)",
    "np.stack(a.reshape(2, 2), dtype=np.float32)", "np.concatenate(a.reshape(2, 2), dtype=complex)", "np.concatenate(a.reshape(2, 2), dtype=int)",
    "np.concatenate(a.reshape(2, 2), out=np.zeros(4))", "np.concatenate(a.reshape(2, 2), out=np.zeros(3))", "np.stack(a.reshape(2, 2), out=np.zeros((2, 2)))", "np.bincount([1, 2], [[1.0]])", "np.bincount([1, 2], 3.0)", "np.bincount([[1, 2]])",
    "np.take(a, [0, 1], out=np.zeros(2))", "np.take(a, [0, 1], out=np.zeros(2, int))", "np.take(a, [0, 1], out=np.zeros(2, complex))",
    "np.compress([True, False], a, out=np.zeros(1))", "np.compress([True, False], a.astype(int), out=np.zeros(1))", "np.round(a, 1, out=np.zeros(4))",
    "np.round(a[:1], 1, out=np.zeros(4))", "np.round(a, out=np.zeros((1, 4)))", "np.ediff1d(a, to_end=[7, 8], to_begin=1)", "np.ediff1d(a, to_end=1j)",
    "np.ediff1d(a.astype(int), to_begin=2.5)", "np.ediff1d(a.astype(int), to_begin=np.int8(2))", "np.mean(a, where=True)", "np.digitize(2.5, a[:0])",
))  # fmt: skip
def test_odd_arguments(text: str) -> None:
    if "matrix_transpose" in text and not hasattr(np, "matrix_transpose"):
        return
    function = expression(text)
    if isinstance(outcome(function, (LINE,)), Exception):
        with pytest.raises((NopythonError, ValueError, IndexError, TypeError)):
            njit(function)(LINE)
    else:
        check(function, LINE, strides=False, rtol=1e-6)


@pytest.mark.parametrize("text", ("np.argpartition(a, True)", "np.partition(a, a > 2)", "np.partition(a, 0.0 > 1)"))
def test_booleans_are_no_places(text: str) -> None:
    """NumPy takes them for 0 and 1 with a warning, before it refuses them."""
    with pytest.raises(ValueError, match="Booleans unacceptable"):
        njit(expression(text))(LINE)


@pytest.mark.skipif(not hasattr(np, "matvec"), reason="needs NumPy 2.2")
@pytest.mark.parametrize("text", ("np.matvec(a, a)", "np.vecmat(a, a)", "np.matvec(a, 1)", "np.vecmat(1, a)"))
def test_products_need_axes(text: str) -> None:
    for a in (LINE, np.array(2.0)):
        check(expression(text), a)


def test_stores_of_odd_values() -> None:
    for text in ("a.fill((0,))", "a.fill(np.array(7))", "a.fill(True)"):
        check(statement(text), LINE)
    frozen = LINE.copy()
    frozen.flags.writeable = False
    check(statement("a.sort()"), frozen)
    check(statement("a.partition(9)"), frozen)


TRIMMED = np.zeros((4, 5))
TRIMMED[1:3, 2], TRIMMED[2, 3] = 1, np.nan


@pytest.mark.skipif("axis" not in inspect.signature(np.trim_zeros).parameters, reason="needs NumPy 2.2")
@pytest.mark.parametrize(
    "arguments",
    (
        "", "'f'", "'b'", "'fb', axis=0", "'b', axis=-1", pytest.param("'f', axis=(0, 1)", marks=since("2.3.0")),
        pytest.param("axis=()", marks=since("2.3.0")),
    ),
)  # fmt: skip
def test_zeros_are_trimmed_along_all_axes(arguments: str) -> None:
    compiled = njit(expression(f"np.trim_zeros(a, {arguments})"))
    for a in (TRIMMED, TRIMMED.T, TRIMMED > 0, TRIMMED * 0, TRIMMED[:0], TRIMMED[::-1, ::2], TRIMMED[2], np.zeros(3)):
        if a.ndim == 2 or "(0, 1)" not in arguments:
            check(compiled, a)


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="needs NumPy 2.1")
def test_outputs_of_cumulative_sums() -> None:
    for dtype in ("f8", "i1", "c16"):
        check(expression("np.cumulative_sum(a, out=out), np.cumulative_prod(a, out=out)", "a, out"), LINE, np.zeros(4, dtype))
    check(expression("np.cumulative_sum(a, out=out, include_initial=True)", "a, out"), LINE, np.zeros(5))


@pytest.mark.parametrize("text", ("np.concatenate((a, b), axis=None)", "np.union1d(a, b)", "np.setxor1d(a, b, True)", "np.setxor1d(a, b)", "np.append(a, b)"))
def test_numbers_among_arrays(text: str) -> None:
    for a in (np.array([1, 2], np.float32), np.array([1, 2], np.int8), np.array([[1, 2j]], np.complex64), np.array([True])):
        for b in (2, 2.5, 1j, True, np.int8(3), np.float64(2), 300 if a.dtype != np.int8 else 7):
            if not isinstance(outcome(expression(text, "a, b"), (a, b)), ValueError):  # NumPy before 2.1
                check(expression(text, "a, b"), a, b)
    check(expression("np.concatenate((a, (1, 2.5), 3), axis=None)"), np.array([1, 2], np.float32))
    check(expression("np.concatenate((), axis=None)"), LINE)


@pytest.mark.parametrize("text", ("np.quantile(a, 0)", "np.quantile(a, 1)", "np.quantile(a, q)", "np.quantile(a, [0, 1, 1])", "np.nanquantile(a, 1)", "np.percentile(a, 1)"))
def test_integers_as_fractions(text: str) -> None:
    for a in (np.array([3, 1, 2], np.int8), np.array([2**64 - 1, 2**63], np.uint64), np.array([2.5, 1]), np.array([2.5, 1], np.float32), np.array([1, np.nan])):
        for q in (0, 1, True, np.int8(1)) if "q" in text.replace("quantile", "") else (0,):
            check(expression(text, "a, q"), a, q)


@since("2.3.0")
@pytest.mark.filterwarnings("ignore:Mean of empty:RuntimeWarning", "ignore:Degrees:RuntimeWarning", "ignore:invalid:RuntimeWarning")
@pytest.mark.parametrize("name", ("sum", "prod", "max", "min", "any", "all", "mean", "var", "std", "ptp", "median", "nansum", "nanmax", "cumsum", "cumprod"))
def test_outputs_that_are_read_only(name: str) -> None:
    """Which NumPy says before anything else, as what does not fit, or that there are no items."""
    for text in (f"np.{name}(a, out=out)", f"np.{name}(a, axis=0, out=out)"):
        for a, shape in ((TABLE, (3,)), (TABLE, (4, 4)), (TABLE, ()), (TABLE[:0], (3,)), (TABLE[:0], (2, 2))):
            out = np.zeros(shape)
            out.flags.writeable = False
            check(expression(text, "a, out"), a, out)


@pytest.mark.parametrize("text", ("np.clip(a, 2)", "np.clip(a, a_max=2)", *[pytest.param(text, marks=since("2.1.0")) for text in ("np.clip(a, 1, 2, max=3)", "np.clip(a, 1, 2, min=3)", "np.clip(a, 1, max=3)")]))
def test_limits_that_are_missing(text: str) -> None:
    check(expression(text), LINE)
