"""Ufuncs that are not transcendental, and functions that work item by item, against NumPy."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from array_harness import assert_same, check, expression, layouts, outcome, same_items, sample, since
from tracer import NopythonError, njit
from tracer.library import array_elementwise

UNARY = (
    "sqrt fabs floor ceil trunc rint conjugate square reciprocal sign signbit spacing frexp modf isnan isinf isfinite "
    "logical_not bitwise_count absolute positive negative invert"
).split()
BINARY = (
    "copysign nextafter ldexp fmod remainder divmod floor_divide maximum minimum fmax fmin gcd lcm logical_and logical_or "
    "logical_xor left_shift right_shift add less true_divide"
).split()
DTYPES = ("bool", "int8", "int64", "uint8", "float32", "float64", "complex128")
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -3.5, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e308, 1.5e-310, 2.0**52 + 1, 3.0, 1e-45, 1e38)
EITHER_ZERO = ("maximum", "minimum", "fmax", "fmin")


def edge_items(dtype: str) -> np.ndarray:
    """Numbers of this type at which functions change."""
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return np.array([True, False])
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        small = [0, 1, 2, 3, 5, 7, 12, limits.max, limits.max - 1, limits.min, limits.min + 1, limits.min // 2]
        return np.array(small + [-1, -2, -7] * (limits.min < 0), kind)
    with np.errstate(all="ignore"):
        if kind.kind == "f":
            return np.array(SPECIAL).astype(kind)
        parts = (0.0, -0.0, 1.5, np.nan, np.inf, -np.inf)
        return np.array([complex(a, b) for a in parts for b in (*parts, -1.0)]).astype(kind)


def compare(name: str, dtypes: str, compiled: Any, *arguments: np.ndarray) -> int:
    """Whether NumPy defines the ufunc here; both are compared then."""
    expected = outcome(getattr(np, name), arguments)
    if isinstance(expected, TypeError):
        with pytest.raises(NopythonError):
            compiled(*arguments)
        return 0
    results = compiled(*arguments)
    for ours, theirs in zip(*((r,) if isinstance(r, np.ndarray) else r for r in (results, expected))):
        if theirs.dtype == np.float16:  # documented: there is no float16
            assert ours.dtype == np.float32
            continue
        assert ours.dtype == theirs.dtype, dtypes
        exact = not (name == "absolute" and dtypes.startswith("complex"))
        same = same_items(ours, theirs, 0.0 if exact else 1e-6 if ours.dtype == np.float32 else 1e-15)
        same = same or (name in EITHER_ZERO and np.array_equal(ours, theirs, equal_nan=True))
        assert same, [(i, a, b) for i, a, b in zip(zip(*arguments), ours, theirs) if not same_items(a, b)][:5]
    return 1


@pytest.mark.parametrize("name", UNARY)
def test_unary_ufuncs_on_edge_values(name: str) -> None:
    compiled = njit(expression(f"np.{name}(a)"))
    dtypes = [d for d in DTYPES if not (name == "sqrt" and d.startswith("complex"))]
    assert sum(compare(name, dtype, compiled, edge_items(dtype)) for dtype in dtypes) >= 2


@pytest.mark.parametrize("name", BINARY)
def test_binary_ufuncs_on_pairs_of_edge_values(name: str) -> None:
    compiled = njit(expression(f"np.{name}(a, b)", "a, b"))
    mixed = [("float64", "int64"), ("float32", "int8"), ("int8", "uint8"), ("int64", "uint64")]
    compared = 0
    for first, second in [(d, d) for d in DTYPES] + mixed:
        pairs = list(zip(*itertools.product(edge_items(first), edge_items(second))))
        compared += compare(name, f"{first}, {second}", compiled, np.array(pairs[0], first), np.array(pairs[1], second))
    assert compared >= 2


@pytest.mark.parametrize("number", [4, 2.25, True, np.int8(3), np.float32(2.5), np.uint64(7)], ids=repr)
@pytest.mark.parametrize("text", ["np.square(a)", "np.maximum(a, 3)", "np.sign(np.float64(a))", "np.isfinite(a)", "np.modf(np.float64(a))"])
def test_ufuncs_of_numbers(text: str, number: Any) -> None:
    if "square" in text and number is True:
        text = "np.logical_not(a)"
    check(expression(text), number)


OUTPUTS = [
    ("np.add(a, 1, out=b)", np.ones(1), np.ones(3)),
    ("np.add(a, a, out=b)", np.ones(3), np.ones(4)),
    ("np.add(a, 1, out=b)", np.ones((1, 3)), np.ones(3)),
    ("np.add(a, 2, dtype=np.float32, out=b)", np.ones(3), np.ones(3)),
    ("np.sqrt(a, out=b, casting='unsafe')", np.full(3, 7.0), np.ones(3, int)),
    ("np.modf(a, b)", np.full(3, 1.5), np.ones(3)),
    ("np.modf(a, out=(a, b))", np.full(3, 1.5), np.ones(3)),
    ("np.divmod(a, 2, out=(b, a))", np.full(3, 3.5), np.ones(3)),
    ("np.add(a, 1, where=b > 1, out=a)", np.ones(3), np.arange(3.0)),
    ("np.add(a, 1, where=False, out=b)", np.ones(3), np.arange(3.0)),
    ("np.divide(1.0, a, where=a != 0, out=b)", np.arange(3.0), np.full(3, -1.0)),
    ("np.add(a, 1, where=np.array([[True], [False]]), out=b)", np.ones(3), np.ones((2, 3))),
    ("np.clip(a, 0.5, 2, out=b)", np.arange(4.0), np.zeros(4)),
    ("np.round(a, 1, out=b)", np.arange(4.0) / 7, np.zeros(4)),
    ("np.add(b, 1, out=a[1:])", np.arange(4.0), np.arange(3.0)),
    ("np.add(a[:-1], 1, out=a[1:])", np.arange(4.0), np.arange(3.0)),
]


@pytest.mark.parametrize(("text", "a", "b"), OUTPUTS, ids=[t[0] for t in OUTPUTS])
def test_outputs_and_masks(text: str, a: np.ndarray, b: np.ndarray) -> None:
    check(expression(text, "a, b"), a, b, message=False)


@pytest.mark.parametrize("text", [
    "np.add(a, 2, dtype=np.int32)", "np.sqrt(a, out=np.ones(3, np.int64))", "np.isnan(a, dtype=np.float32)",
    "np.add(a, 1, where=np.ones(3, np.int64), out=a)", "np.less(a, 2, dtype=np.float64)",
])  # fmt: skip
def test_refused_outputs(text: str) -> None:
    with pytest.raises(NopythonError):
        njit(expression(text))(np.ones(3))


@pytest.mark.parametrize("sign", ["<", "==", ">="])
def test_comparisons_with_integers_of_any_size(sign: str) -> None:
    for literal in (300, -1, 2**63, -(2**70)):
        for dtype in ("int8", "uint64", "float64"):
            check(expression(f"a {sign} {literal}"), np.arange(3).astype(dtype))
    compiled = njit(expression(f"a {sign} b", "a, b"))
    check(compiled, np.arange(3, dtype=np.int8), 300)
    check(compiled, np.arange(3, dtype=np.uint64), -1)
    check(compiled, np.array([-1, 2**62]), np.array([2**63, 2**62], np.uint64))


METHODS = [
    "np.add.reduce(a)", "np.add.reduce(a, axis=1, keepdims=True)", "np.multiply.reduce(a, axis=None)", "np.maximum.reduce(a)",
    "np.minimum.reduce(a, axis=-1)", "np.logical_or.reduce(a)", "np.logical_and.reduce(a, axis=None)", "np.subtract.reduce(a)",
    "np.subtract.reduce(a, axis=None)", "np.fmax.reduce(a, axis=1)", "np.logical_xor.reduce(a)", "np.add.accumulate(a)",
    "np.maximum.accumulate(a, axis=1)", "np.logical_and.accumulate(a)", "np.add.outer(a, a[0])", "np.true_divide.reduce(a)",
]  # fmt: skip


@pytest.mark.parametrize("text", METHODS)
def test_methods_of_ufuncs(text: str) -> None:
    compiled = njit(expression(text))
    for dtype in ("int8", "float64"):
        check(compiled, sample(dtype, (2, 3)), strides=False)
    check(compiled, np.zeros((0, 3)), strides=False)


def test_methods_of_ufuncs_on_integers() -> None:
    for text in ("np.bitwise_and.reduce(a)", "np.bitwise_or.reduce(a)", "np.bitwise_xor.reduce(a, axis=1)", "np.gcd.reduce(a)"):
        for dtype in ("int64", "uint8"):
            check(expression(text), np.arange(1, 7).astype(dtype).reshape(2, 3))


def test_unbuffered_updates() -> None:
    indices = np.array([1, 1, 3, -1])
    check(expression("np.add.at(a, b, 1)", "a, b"), np.zeros(5), indices)
    check(expression("np.add.at(a, b, c)", "a, b, c"), np.zeros(5), indices, np.arange(4.0))
    check(expression("np.multiply.at(a, (b, b), c)", "a, b, c"), np.ones((5, 5)), indices, np.arange(4.0))
    check(expression("np.negative.at(a, b)", "a, b"), np.ones(5), indices)
    check(expression("np.add.at(a, 2, 1)"), np.zeros(5))
    check(expression("np.add.at(a, b, 1)", "a, b"), np.zeros(5), np.array([1, 7]))


# --- functions that work item by item


@pytest.mark.parametrize("first", ["bool", "int8", "float32", "complex128"])
@pytest.mark.parametrize("second", ["bool", "uint8", "int64", "float64"])
def test_where_of_mixed_types(first: str, second: str) -> None:
    check(expression("np.where(c, a, b)", "c, a, b"), sample("bool", (7,)), sample(first, (7,)), sample(second, (7,), 3))


@pytest.mark.parametrize("number", [-2, 300, 2**40, -(2**40), 5])
@pytest.mark.parametrize("dtype", ["u4", "i1", "i8", "f4"])
def test_where_of_ints_that_do_not_fit(dtype: str, number: int) -> None:
    """NumPy refuses them from 2.5 on."""
    a = np.array([1, 2], dtype)
    for condition in ([True, False], [True, True]):
        check(lambda c, a, n: np.where(c, a, n), np.array(condition), a, number)
        check(lambda c, a, n: np.where(c, n, a), np.array(condition), a, number)


def test_where_of_both_sorts_of_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = np.array([True]), np.ones(1, np.uint8), -1
    monkeypatch.setattr(array_elementwise, "FROM_2_5", False)
    assert njit(lambda c, a, n: np.where(c, a, n))(*arguments).dtype == np.uint8
    monkeypatch.setattr(array_elementwise, "FROM_2_5", True)
    with pytest.raises(OverflowError, match="Python integer -1 out of bounds for uint8"):
        njit(lambda c, a, n: np.where(c, a, n))(*arguments)


def test_where_of_numbers_and_layouts() -> None:
    for text in ("np.where(c, a, 0)", "np.where(c, 1.5, a)", "np.where(a, 1, 2)", "np.where(c > 0, a, a[0])"):
        for dtype in ("int8", "float32", "float64"):
            check(expression(text, "c, a"), sample("bool", (2, 3)), sample(dtype, (2, 3)))
    for array in layouts(sample("float64", (2, 3, 4))):
        check(expression("np.where(a > 0, a, -a)"), array)
    check(expression("np.where(a, b, 2.5)", "a, b"), True, 3)
    check(expression("np.where(a, b)", "a, b"), np.ones(3), np.ones(3))
    check(expression("np.where(a, a, b)", "a, b"), np.ones(3), np.ones(4), message=False)


CLIPS = ["np.clip(a, 1, 4)", "np.clip(a, None, 2)", "a.clip(max=2)", "np.clip(a, a[::-1], 3)", "np.clip(a, 0.5, 2.5)", "np.clip(a, 1, None)"]


@pytest.mark.parametrize("text", CLIPS)
def test_clip(text: str) -> None:
    for dtype in ("int8", "uint8", "int64", "float32", "float64", "complex128"):
        if dtype != "complex128" or "a[" in text:
            check(expression(text), sample(dtype, (17,)))


def test_larger_and_smaller_numbers() -> None:
    """All in one: LLVM 20 has intrinsics for them that are wrong, and quick runs on the oldest libraries take one case of a test."""
    for name in ("maximum", "minimum", "fmax", "fmin"):
        compiled = njit(expression(f"np.{name}(a, b)", "a, b"))
        for dtype in (np.float32, np.float64):
            items = np.array([0.5, 2.0, -1.0, np.nan, np.inf, -np.inf, 1e-40], dtype)
            for a, b in itertools.product(items, items):
                check(compiled, a, b)
            for a in items:
                check(compiled, items, a)
            check(njit(expression(f"np.{name}.reduce(a)")), items)


@since("2.1.0")
def test_clip_with_limits_beyond_the_type() -> None:
    for dtype in ("int8", "uint8", "int64", "uint64", "float64"):
        items = sample(dtype, (17,))
        check(expression("np.clip(a, -300, 300)"), items)
        check(expression("np.clip(a, b, c)", "a, b, c"), items, -300, 300)
        check(expression("np.clip(a, 300, 400)"), items)
    check(expression("np.clip(a, 0, 1)"), 5)
    check(expression("np.clip(a, 0, 1)"), 2.5)


@pytest.mark.parametrize("decimals", [0, 1, 3, -1, -3, 25])
def test_round(decimals: int) -> None:
    compiled = njit(expression(f"np.round(a, {decimals})"))
    for dtype in ("float32", "float64", "complex128"):
        check(compiled, np.nan_to_num(sample(dtype, (17,)), posinf=np.inf, neginf=-np.inf) * np.array(1.2345, np.dtype(dtype).type(0).real.dtype))
    for dtype in ("int8", "int64"):
        check(compiled, sample(dtype, (17,), ties=False))
    check(expression("a.round(b)", "a, b"), np.arange(5) / 7, decimals)
    check(compiled, 2.567)


ITEMWISE = [
    "np.isclose(a, a * 1.000001)", "np.isclose(a, 1.0)", "np.isclose(a, a, equal_nan=True)", "np.allclose(a, a, equal_nan=True)",
    "np.allclose(a, a + 1)", "np.array_equal(a, a[:1])", "np.array_equal(a, a)", "np.array_equal(a, a, equal_nan=True)",
    "np.array_equal(a, a[0])", "np.array_equiv(a, a[:1])", "np.array_equiv(a, a[0])", "np.nan_to_num(a)", "np.isreal(a)", "np.iscomplex(a)",
    "np.real(a)", "np.isrealobj(a)",
]  # fmt: skip


@pytest.mark.parametrize("text", ITEMWISE)
def test_itemwise_functions(text: str) -> None:
    compiled = njit(expression(text))
    for dtype in ("int8", "float32", "float64", "complex128"):
        if not (dtype == "int8" and "real" in text):
            check(compiled, sample(dtype, (2, 3)))
    for array in layouts(sample("float64", (2, 3, 4))):
        check(compiled, array)


def test_itemwise_functions_of_floats() -> None:
    items = sample("float64", (2, 5))
    for text in ("np.isposinf(a)", "np.isneginf(a)", "np.nan_to_num(a, nan=5.0, posinf=1, neginf=2)", "np.nan_to_num(a, copy=False)"):
        check(expression(text), items)
    for text in ("np.sinc(a)", "np.angle(a)", "np.angle(a, deg=True)", "np.angle(a + 1j)"):
        check(expression(text), items, rtol=1e-15)
    for number in (0.5, -2.0, 0.0):
        check(expression("np.sinc(a)"), number, rtol=1e-15)
    for text in ("np.isclose(a, 2.0)", "np.allclose(a, 2.0)", "np.nan_to_num(a)", "np.real(a)", "np.isreal(a)", "np.iscomplexobj(a)"):
        check(expression(text), 2.0)


def test_results_without_axes_are_numbers() -> None:
    for text in ("np.sqrt(a)", "a + 1", "np.round(a)", "np.isclose(a, 4.0)", "np.modf(a)"):
        check(expression(text), np.array(4.0))
    assert_same(njit(expression("np.sqrt(a)"))(np.array(4.0)), np.float64(2.0))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("text", [
    "np.add(a, 1, where=a > 1)[a > 1]", "np.sqrt(a, where=a > 0)[a > 0]", "np.add(a, a[:1].T, where=a > 0)[a > 0]", "np.add(a, 1, where=False).shape",
    "np.divmod(a, 2, where=a > 0)[1][a > 0]", "np.divmod(a, 2, np.zeros((3, 3)), np.ones((3, 3)), where=a > 1)", "np.less(a, 1, where=a > 0)[a > 0]",
    "np.add(a[0, 0], 1, where=np.array([True, True]))", "np.add(1.5, 2, where=True)",
])  # fmt: skip
def test_where_alone_leaves_the_other_items_to_the_memory(text: str) -> None:
    function = njit(expression(text))
    for items in layouts(np.array([[3.0, 1.0, 2.0], [0.5, -1.0, np.nan], [0.0, 4.0, -0.0]])):
        check(function, items, strides=False)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("name", ("bitwise_or", "hypot", "gcd", "logical_xor", "fmax", "subtract", "logaddexp"))
def test_reductions_with_masks(name: str) -> None:
    table, mask = np.arange(12).reshape(3, 4) % 5, np.arange(12).reshape(3, 4) % 3 > 0
    for text in ("axis=0, where=m", "axis=None, where=m, initial=3", "axis=-1, where=m[0], keepdims=True", "where=m[:, :1]", "where=True"):
        function = njit(expression(f"np.{name}.reduce(a, {text})", "a, m"))
        for items in (table, table.T.copy().T, table[::-1]):
            if name != "subtract" or "None" not in text:
                check(function, items, mask, rtol=1e-14)


@pytest.mark.parametrize("name", ("add", "multiply", "maximum", "logical_and", "bitwise_or", "subtract", "less"))
def test_reduceat(name: str) -> None:
    lines = njit(expression(f"np.{name}.reduceat(a, b, axis=-1)", "a, b"))
    into = njit(expression(f"np.{name}.reduceat(a, b, 0, None, np.zeros(2))", "a, b"))
    table = np.arange(12).reshape(3, 4) % 5
    for items in (*layouts(table), table > 2, table.astype(np.int8) * 40, table[:, :3] * 1.5):
        if items.dtype.kind not in ("iu" if name == "bitwise_or" else "iuf" if name in ("subtract", "less") else "biuf"):
            continue
        for places in ([0, 2, 1], [2, 2], [], [0, 7], [-1]):
            if name == "less" and items.dtype.kind != "b":
                continue
            check(lines, items, np.array(places, np.intp), strides=False)
    if name in ("add", "multiply", "maximum"):
        check(into, np.array([0.5, 2.0, 4.0]), np.array([0, 1]))
    with pytest.raises(NopythonError, match="cannot reduceat on a scalar"):
        njit(expression("np.add.reduceat(a, [0])"))(3.0)


def test_at_subarrays() -> None:
    table = np.arange(6.0).reshape(3, 2)
    for items in layouts(table):
        for text in (
            "np.add.at(a, [0, 1, 0], 2)", "np.multiply.at(a, [0, 1, 0], np.array([3.0, 5.0]))", "np.negative.at(a, [0, 0, 1])",
            "np.add.at(a, -1, a[0])", "np.add.at(a, [0, 5], 1)", "np.add.at(a, ([0], [1], [0]), 1)",
        ):  # fmt: skip
            check(expression(text), items, message="], [" not in text)


@pytest.mark.parametrize("axis", ("()", "(0, 1)", "(2, 0)", "None", "1"))
@pytest.mark.parametrize("name", ("bitwise_or", "logical_xor", "fmax", "gcd", "lcm", "subtract"))
def test_reductions_along_any_axes(name: str, axis: str) -> None:
    cube = np.arange(24).reshape(2, 3, 4) % 7 + 1
    for more in ("", ", keepdims=True", ", initial=2", ", where=a > 3, initial=3"):
        function = expression(f"np.{name}.reduce(a, axis={axis}{more})")
        compiled = njit(function)
        for a in (cube, cube.T, cube[:0], cube[..., :0]):
            check(compiled, a, strides=False)


@pytest.mark.parametrize("name", ("logical_or", "logical_and", "maximum", "fmin", "lcm", "divide"))
def test_types_and_starts_of_reductions(name: str) -> None:
    for more in ("initial=2", "initial=0", "initial=None", "dtype=np.float32", "dtype=bool", "dtype=np.int8, initial=0"):
        function = expression(f"np.{name}.reduce(a, axis=0, {more})")
        for a in (np.array([[3, 5], [4, 0]]), np.array([[2.5, 0], [3, 1]]), np.zeros((0, 2), int), np.array([[True, False]])):
            if isinstance(outcome(function, (a,)), TypeError):
                with pytest.raises(NopythonError):
                    njit(function)(a)
            else:
                check(function, a, strides=False)
