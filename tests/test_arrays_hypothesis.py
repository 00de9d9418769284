"""Functions of arrays on shapes, strides and arguments that Hypothesis draws, against NumPy.

Each function is compiled for a few types of arguments, which are the same in each run, and these forms meet many arrays.
With `--slow` there are more of both.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from array_harness import check, expression, outcome
from drawn_arrays import LAYOUTS, Signature, arrays, shapes, stretched
from tracer import NopythonError, njit

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(
        np.lib.NumpyVersion(np.__version__) < "2.4.0", reason="older versions of NumPy let indices pass that are out of range of empty axes"
    ),
]

INTEGERS = ("int8", "int64", "uint8", "uint64")
FLOATS = ("float32", "float64")
ORDERED = ("bool", *INTEGERS, *FLOATS)
NUMBERS = (*ORDERED, "complex128")
TIMES = ("m8[s]",)
ANY = (0, 1, 2, 3, 4)
SOME = (1, 2, 3)
PHASES = (Phase.generate, Phase.shrink)


class Case(NamedTuple):
    """A compiled function and the types of the arrays that it is given."""

    function: Any
    signatures: tuple[Signature, ...]


def cases_of(text: str, parameters: str, dtypes: Sequence[str], dimensions: Sequence[int], arrays: int, count: int) -> list[Case]:
    """Some of the forms that a text has, with its `{axis}` and the like filled in: always the same ones."""
    source, made = random.Random(text), []
    for _ in range(count):
        dtype = source.choice(dtypes)
        taken = tuple(Signature(dtype, source.choice(dimensions), source.choice(LAYOUTS)) for _ in range(arrays))
        made.append(Case(njit(expression(filled(text, source, taken[0].ndim), parameters)), taken))
    return made


def filled(text: str, source: random.Random, ndim: int) -> str:
    """A text with what stands in braces chosen from what an array of `ndim` axes takes, or just not."""
    choices = {
        "axis": range(-ndim, ndim + (ndim < 2)), "axes": [(0, -1), (), None, (1, 0)] if ndim > 1 else [(0,) * ndim, None],
        "flag": [True, False], "order": ["C", "F", "A", "K"],
    }  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda found: repr(source.choice(choices[found[1]])), text)


def examine(request: pytest.FixtureRequest, cases: Callable[[int], list[Case]], draw: Callable[[Any, Case], tuple[Any, ...]], **options: Any) -> None:
    """Compare on arguments that are drawn, the same ones in each run."""
    exhaustive = request.config.getoption("--slow")
    chosen = cases(30 if exhaustive else 2)

    @settings(max_examples=600 if exhaustive else 8, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=PHASES)
    @given(st.data())
    def run(data: Any) -> None:
        case = data.draw(st.sampled_from(chosen))
        known = all(s.layout != "A" for s in case.signatures)
        compare(case.function, *draw(data, case), **{"rtol": tolerance(case), "strides": known, **options})

    run()


def tolerance(case: Case) -> float:
    """How far results may lie apart that are rounded in another order."""
    return 1e-5 if any(s.dtype in ("float32", "int8", "uint8", "bool") for s in case.signatures) else 1e-12


def compare(function: Any, *arguments: Any, **options: Any) -> None:
    """Both give the same; or the compiler refuses what NumPy raises for."""
    try:
        check(function, *arguments, **options)
    except NopythonError as error:
        expected = outcome(function.py_func, arguments)
        assert isinstance(expected, Exception), str(error)


def one_array(data: Any, case: Case) -> tuple[Any, ...]:
    """An array and an integer."""
    return data.draw(arrays(case.signatures[0])), data.draw(st.integers(-3, 6))


# --- functions of one array

REDUCTIONS = [
    *(f"np.{name}(a, axis={{axis}}, keepdims={{flag}})" for name in (
        "sum prod max min mean var std any all argmin argmax ptp median nansum nanprod nanmax nanmin nanmean nanvar nanmedian".split()
    )),
    *(f"np.{name}(a, axis={{axes}}, keepdims={{flag}})" for name in "sum max mean std all ptp nanmin count_nonzero".split()),
    "np.sum(a, axis={axis}, initial=2)", "np.max(a, axis={axes}, initial=1)", "np.prod(a, dtype=np.float64, axis={axis})",
    "np.cumsum(a, axis={axis})", "np.cumprod(a, axis={axis})", "np.cumsum(a, dtype=np.float32)", "np.nancumsum(a, axis={axis})",
    "a.sum(axis={axis}, where=a > 1)", "a.mean(axis={axes}, where=a > 0)", "np.min(a, axis={axis}, initial=9, where=a > 2)",
    "np.average(a, axis={axis})", "np.percentile(a, n * 10 + 30, axis={axis})", "np.maximum.reduce(a, axis={axis})",
    "np.add.accumulate(a, axis={axis})", "np.logical_xor.reduce(a, axis={axis})",
]  # fmt: skip


@pytest.mark.parametrize("text", REDUCTIONS)
def test_reductions(request: pytest.FixtureRequest, text: str) -> None:
    dtypes = ORDERED if re.search("median|percentile|arg|ptp|nanm|> ", text) else NUMBERS
    examine(request, lambda count: cases_of(text, "a, n", dtypes, ANY, 1, count), one_array, strides=False, message="percentile" not in text)


SHAPES = [
    "np.ravel(a, order={order})", "a.reshape(-1)", "np.reshape(a, a.shape[::-1])", "a.reshape((n, -1))", "np.transpose(a)", "a.T",
    "np.swapaxes(a, {axis}, {axis})", "np.moveaxis(a, {axis}, {axis})", "np.expand_dims(a, {axis})", "np.squeeze(a, axis={axis})",
    "np.broadcast_to(a, (n, *a.shape))", "np.flip(a, {axis})", "np.roll(a, n, {axis})", "np.roll(a, n)", "np.copy(a, order={order})",
    "np.asfortranarray(a)", "np.ascontiguousarray(a)", "a.flatten({order})", "np.atleast_2d(a)", "np.rot90(a, n)", "np.zeros_like(a)",
    "np.full_like(a, 1)", "a.astype(np.complex64)", "a.astype(np.int16, order={order})", "a.real", "a.imag", "a.conj()", "a.nbytes, a.itemsize, a.size",
    "a.flags.c_contiguous, a.flags.f_contiguous, a.ndim, a.shape", "a.view(np.uint8)", "np.repeat(a, 2, axis={axis})", "np.tile(a, 2)",
    "np.concatenate((a, a), axis={axis})", "np.stack((a, a), axis={axis})", "np.append(a, a)", "np.delete(a, n, axis={axis})",
    "np.diff(a, axis={axis})", "np.split(a, 2, axis={axis})[1]", "np.pad(a, 2)", "np.pad(a, 1, mode='wrap')", "np.pad(a, 3, 'reflect')", "np.pad(a, 2, 'minimum')", "np.pad(a, (1, 2), 'linear_ramp')", "np.array(a)", "np.array([a, a])",
    "np.resize(a, (n, 3))", "np.triu(a, n)", "np.diagonal(a, n)", "np.trace(a, n)", "a.item(n)", "a.fill(3)", "np.vstack((a, a))",
]  # fmt: skip


@pytest.mark.parametrize("text", SHAPES)
def test_making_and_shapes(request: pytest.FixtureRequest, text: str) -> None:
    strides = {"strides": False} if re.search(r"n, -1|tile|reshape|concatenate|stack|triu|ravel|asfortran", text) else {}  # copies where NumPy may give views, and the reverse
    dimensions = SOME if "triu" in text else ANY
    dtypes = ("int64", "float64") if "pad" in text else NUMBERS
    examine(request, lambda count: cases_of(text, "a, n", dtypes, dimensions, 1, count), one_array, rtol=1e-300 if "minimum" in text else 0.0, **strides)  # of two zeros, either is the smaller one


SEARCHES = [
    "np.sort(a, axis={axis})", "np.argsort(a, axis={axis}, kind='stable')", "np.unique(a)", "np.unique(a, return_index=True, return_inverse=True, return_counts=True)",
    "np.unique(a, axis={axis}, return_inverse=True, return_counts=True)", "np.add.reduceat(a, [0, 2, 1], axis={axis})", "np.nonzero(a)", "np.argwhere(a > 1)", "np.flatnonzero(a)", "np.where(a > 1, a, 3)", "np.clip(a, 1, 3)", "np.searchsorted(np.sort(a.ravel()), a)",
    "np.take(a, [0, -1], axis={axis})", "np.take(a, n)", "np.compress(a.ravel() > 1, a)", "np.partition(a.ravel(), 0)[:1]", "np.isin(a, [0, 1, 2])",
    "np.digitize(a, [0, 2, 4])", "np.bincount(a.ravel())", "np.histogram(a, 3, (-5, 5))", "np.interp(a, [0.0, 1.0, 3.0], [3.0, -1.0, 2.0])",
    "np.extract(a > 0, a)", "np.count_nonzero(a, axis={axis})", "np.argmax(a)", "np.choose(np.array([0, 1, 0]), a[:60])", "np.select([a > 1, a > 0], [a, -a])", "np.round(a, n)", "np.nan_to_num(a)",
]  # fmt: skip


@pytest.mark.parametrize("text", SEARCHES)
def test_searching_and_sorting(request: pytest.FixtureRequest, text: str) -> None:
    dtypes = INTEGERS if "bincount" in text else ORDERED[1:] if "round" in text else ORDERED  # round makes float16 of booleans
    examine(request, lambda count: cases_of(text, "a, n", dtypes, ANY, 1, count), one_array, strides=False, message=not re.search("take|choose", text))


# --- functions of two arrays

UFUNCS = [
    *(f"a {sign} b" for sign in "+ - * / // % ** & | ^ << >> < == !=".split()),
    *(f"np.{name}(a, b)" for name in "maximum fmin hypot arctan2 logaddexp copysign fmod gcd logical_and heaviside divmod isclose float_power".split()),
    "np.add(a, b, dtype=np.float64)", "np.where(a > b, a, b)", "np.clip(a, b, 3)", "np.broadcast_arrays(a, b)[1]",
]  # fmt: skip


def two_arrays(data: Any, case: Case) -> tuple[Any, ...]:
    """Two arrays whose shapes broadcast together, mostly."""
    first, second = case.signatures
    found = data.draw(stretched((first.ndim, second.ndim)))
    return tuple(data.draw(arrays(s, shape)) for s, shape in zip(case.signatures, found))


@pytest.mark.parametrize("text", UFUNCS)
def test_ufuncs_broadcast(request: pytest.FixtureRequest, text: str) -> None:
    if re.search("[&|^]|<<|>>|gcd", text):
        dtypes = ("bool", *INTEGERS)
    elif re.search("hypot|arctan2|log|heaviside|copysign", text):
        dtypes = ("int64", *FLOATS)  # others would make float16
    else:
        dtypes = ORDERED if re.search("> |clip", text) else NUMBERS
    examine(request, lambda count: cases_of(text, "a, b", dtypes, ANY, 2, count), two_arrays, strides=False, message="clip" not in text)


OUTPUTS = [
    "np.add(a, b, out=a)", "np.multiply(a, b, a)", "np.subtract(a, a[::-1], out=a)", "np.maximum(a, b, out=a, where=b > 1)",
    "np.square(b, out=a, casting='unsafe')", "np.sum(b, axis=0, out=a)", "np.clip(b, 0, 2, out=a)", "np.copyto(a, b)",
    "np.copyto(a, b, where=b > 1)", "np.put(a, [0, -1], b)", "np.add(b, 1, out=a.T)",
]  # fmt: skip


@pytest.mark.parametrize("text", OUTPUTS)
def test_outputs(request: pytest.FixtureRequest, text: str) -> None:
    examine(request, lambda count: cases_of(f"({text}, a)", "a, b", ("int64", "float64", "float32", "uint8"), (1, 2, 3), 2, count), two_arrays, strides=False, message=False)


PRODUCTS = ["a @ b", "np.dot(a, b)", "np.vdot(a, b)", "np.outer(a, b)", "np.inner(a, b)", "np.kron(a, b)", "np.tensordot(a, b, 1)"]


def factors(data: Any, case: Case) -> tuple[Any, ...]:
    """Two arrays, of which the last axis of one and the last but one of the other are as long, mostly."""
    first, second = case.signatures
    left, right = data.draw(shapes(first.ndim, 3)), data.draw(shapes(second.ndim, 3))
    if left and right and data.draw(st.integers(0, 4)):
        axis = max(0, len(right) - 2)
        right = (*right[:axis], left[-1], *right[axis + 1 :])
    a, b = data.draw(arrays(first, left)), data.draw(arrays(second, right))
    finite = all(np.isfinite(x).all() for x in (a, b))
    return (a, b) if finite or (a.all() and b.all()) else (np.nan_to_num(a), np.nan_to_num(b))  # BLAS may leave out 0 * NaN


@pytest.mark.parametrize("text", PRODUCTS)
def test_products(request: pytest.FixtureRequest, text: str) -> None:
    examine(request, lambda count: cases_of(text, "a, b", NUMBERS, SOME, 2, count), factors, strides=False)


# --- indices

LOADS = [
    "a[i]", "a[i:j]", "a[i:j:k]", "a[::k]", "a[..., i]", "a[None, i:]", "a[i, ..., None]", "a[a > 1]", "a[[i, j]]", "a[..., [0, -1]]", "a[i:, [0, 0]]",
    "a[[i, j], [0, 1]]", "a[[i], ..., [j]]", "a[[[i], [j]], [0, 1]]", "a[a[:, 0] > 1]", "a[None, ..., i:j]", "a.flat[i]", "a.flat[i:j]", "a.item(i)", "a[a > 1, None]",
]  # fmt: skip


def array_and_bounds(data: Any, case: Case) -> tuple[Any, ...]:
    """An array and three integers that are good for its indices, mostly."""
    array = data.draw(arrays(case.signatures[0]))
    return array, *(data.draw(st.integers(-5, 5)) for _ in range(3))


@pytest.mark.parametrize("text", LOADS)
def test_loads(request: pytest.FixtureRequest, text: str) -> None:
    strides = {"strides": False} if "[[" in text or "[0" in text else {}  # copies are in C order
    dimensions = (2,) if ":, 0]" in text else ANY
    examine(request, lambda count: cases_of(text, "a, i, j, k", ORDERED, dimensions, 1, count), array_and_bounds, rtol=0.0, **strides)


def stores(a: Any, i: Any, j: Any, k: Any) -> Any:
    a[i:j:k] = a[::-1][i:j:k]


def moves(a: Any, i: Any, j: Any, k: Any) -> Any:
    a[1:] = a[:-1]
    a[..., i:] = a[..., : a.shape[-1] - i]


def adds(a: Any, i: Any, j: Any, k: Any) -> Any:
    a[i:j] += a[i:j][::-1]
    a *= a[:1]
    a.T[...] -= a.T[::-1]


def masks(a: Any, i: Any, j: Any, k: Any) -> Any:
    a[a > 2] = i
    a[a == 1] += 2
    a[..., [0, -1]] = a[..., [-1, 0]]


def items(a: Any, i: Any, j: Any, k: Any) -> Any:
    a[i] = j
    a.flat[j] = k
    a[[i, j]] += 1


def visits(a: Any, i: Any, j: Any, k: Any) -> Any:
    total = 0.0
    for index, x in np.ndenumerate(a):
        total += x * (index[0] + 1)
    for index in np.ndindex(a.shape):
        total -= a[index]
    for row in a:
        total += row.sum()
    for x in a.flat:
        total += x
    for x in np.nditer(a):
        total += x.item()
    return total


@pytest.mark.parametrize("function", (stores, moves, adds, masks, items, visits))
def test_statements(request: pytest.FixtureRequest, function: Any) -> None:
    def cases(count: int) -> list[Case]:
        source = random.Random(function.__name__)
        compiled = njit(function)
        return [Case(compiled, (Signature(source.choice(("int8", "int64", "float64")), source.choice(SOME), source.choice(LAYOUTS)),)) for _ in range(count)]

    examine(request, cases, array_and_bounds, rtol=1e-12)


# --- making arrays, and times

MAKING = [
    "np.empty((i, j)).shape", "np.zeros((i, j), np.int8)", "np.ones(i, bool)", "np.full((i, k), j)", "np.arange(i, j, k)", "np.arange(i)", "np.linspace(i, j, k)",
    "np.linspace(i, j, k, endpoint=False)", "np.eye(i, j, k)", "np.identity(i)", "np.indices((i, j))", "np.tri(i, j, k)", "np.logspace(i, j, k)", "np.geomspace(i, j, k)",
    "np.zeros(i).reshape(j, k)", "np.asarray([i, j, k])", "np.array([(i, j), (k, 2.5)], order='F')", "np.meshgrid(np.arange(i), np.arange(j))",
    "np.full_like(np.zeros((2, 3)), i, shape=(j, k))", "np.vander(np.arange(i), j)", "np.hanning(i)",
]  # fmt: skip


@pytest.mark.parametrize("text", MAKING)
def test_making(request: pytest.FixtureRequest, text: str) -> None:
    bounds = st.tuples(*[st.integers(-3, 9)] * 3)
    examine(request, lambda count: [Case(njit(expression(text, "i, j, k")), ())], lambda data, case: data.draw(bounds), rtol=1e-13, message=not re.search("arange|reshape", text))


TIMED = [
    "a + b", "a - b", "a / b", "a // b", "a % b", "a < b", "a == b", "np.maximum(a, b)", "np.sort(a, axis={axis})", "np.sum(a, axis={axis})", "np.max(a)",
    "np.isnat(a)", "np.cumsum(a)", "np.mean(a)", "np.unique(a)", "np.argmin(a)", "a * 2", "-a", "abs(a)", "np.where(a > b, a, b)",
]  # fmt: skip


@pytest.mark.parametrize("text", TIMED)
def test_times(request: pytest.FixtureRequest, text: str) -> None:
    def draw(data: Any, case: Case) -> tuple[Any, ...]:
        return tuple(x.astype(TIMES[0]) for x in two_arrays(data, case))

    examine(request, lambda count: cases_of(text, "a, b", ("float64", "int64"), ANY, 2, count), draw, strides=False)
