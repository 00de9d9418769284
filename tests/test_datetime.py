"""datetime64 and timedelta64 in compiled code, against NumPy: units, NaT, arithmetic, comparisons, conversions."""

from __future__ import annotations

import itertools
import operator
import pickle
import re
from typing import Any

import numpy as np
import pytest

from array_harness import assert_same, check, duplicate, expression, outcome
import tracer
from ir import types
from ir.errors import VerificationError
from ir.graph import Constant
from ir.interp import run
from ir.parser import parse, parse_type
from ir.printer import print_graph
from ir.types import NOT_A_TIME
from ir.verify import verify
from tracer import NopythonError, njit
from tracer.library import times
from tracer.options import Options
from tracer.session import trace_function
from tracer.typeof import typeof

NAT = "NaT"
DATES = np.array(["2020-02-29", NAT, "1969-05-05", "1582-10-15", "1970-01-01", "2100-12-31", "-0044-03-15"], "M8[D]")
SPANS = np.array([5, -3, NAT, 0, 90061, -86400, 7], "m8[s]")
COUNTS = np.array([0, 2, -2, 3, 7, -5, 1])

SCALARS = [
    np.datetime64("2020-01-01"), np.datetime64("2020-01-01T05:06:07.123456789"), np.datetime64("NaT"), np.datetime64(NAT, "ms"),
    np.timedelta64(-7, "s"), np.timedelta64(3), np.timedelta64(4, "25s"), np.timedelta64(NAT, "Y"), np.datetime64(5, "as"),
]  # fmt: skip


@pytest.mark.parametrize("value", SCALARS, ids=repr)
def test_scalars_come_and_go(value: Any) -> None:
    result = check(lambda x: x, value)
    assert result.dtype == value.dtype
    assert check(lambda x: (x, x.dtype.itemsize, np.isnat(x)), value)[1] == 8


def test_another_unit_is_another_type() -> None:
    compiled = njit(lambda x: x)
    for value in (np.datetime64(1, "s"), np.datetime64(1, "ms"), np.timedelta64(1, "s"), np.timedelta64(1, "2s"), np.int64(1)):
        assert compiled(value).dtype == value.dtype
    for value in (DATES, DATES.astype("M8[s]"), SPANS, SPANS.astype("m8[2s]"), SPANS.astype("m8[s]")):
        assert compiled(value) is value
    assert len(compiled.signatures) == 9


def test_types() -> None:
    assert typeof(DATES) is types.DateTime("D")[::1] and str(typeof(SPANS)) == "timedelta64[s][::1]"
    for each in (types.DateTime("ns"), types.TimeDelta("25s"), types.TimeDelta("generic")[:, ::1]):
        assert parse_type(str(each)) is each and pickle.loads(pickle.dumps(each)) is each
    with pytest.raises(TypeError):
        types.Time("s")(1) + 1


def test_text_of_graphs() -> None:
    graph = trace_function(lambda x: x + np.timedelta64(3, "25s"), (types.DateTime("s"),), {}, Options())
    text = "\n".join(line.partition("#")[0].rstrip() for line in print_graph(graph).splitlines())
    assert ":timedelta64[" in text and print_graph(parse(text)).strip() == text


def test_interpreted() -> None:
    """The reference interpreter agrees on graphs with times."""

    def function(dates: np.ndarray, span: Any) -> Any:
        last = dates[0]
        for date in dates:
            if date > last:
                last = date
        return last + span, (dates - last).astype("m8[h]"), np.isnat(dates)

    graph = trace_function(function, (typeof(DATES), typeof(SPANS[0])), {}, Options())
    verify(graph)
    for ours, theirs in zip(run(graph, DATES, SPANS[0]), function(DATES, SPANS[0])):
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs, equal_nan=True)


OPERATORS = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "truediv": lambda a, b: a / b,
    "floordiv": lambda a, b: a // b, "mod": lambda a, b: a % b,
}  # fmt: skip
COMPARISONS = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
}  # fmt: skip
PAIRS = [
    ("add", DATES, SPANS), ("add", SPANS, DATES), ("add", SPANS, SPANS[::-1]), ("add", DATES.astype("M8[Y]"), np.timedelta64(9, "D")),
    ("add", SPANS, 3), ("add", DATES, COUNTS), ("sub", DATES, SPANS), ("sub", DATES, DATES[::-1]), ("sub", SPANS, SPANS[::-1]),
    ("sub", DATES, np.datetime64("2000-01-01T12")), ("sub", DATES.astype("M8[M]"), DATES[::-1].astype("M8[M]")),
    ("mul", SPANS, COUNTS), ("mul", COUNTS, SPANS), ("mul", SPANS, 2.5), ("mul", 3, SPANS), ("mul", SPANS, np.int8(-3)),
    ("mul", SPANS, np.array([np.nan, 1e300, -np.inf, 0.1, 2.6, -2.6, 1])), ("mul", SPANS, np.float32(0.1)),
    ("truediv", SPANS, COUNTS), ("truediv", SPANS, 2.5), ("truediv", SPANS, SPANS[::-1]), ("truediv", SPANS, np.timedelta64(1, "h")),
    ("floordiv", SPANS, COUNTS), ("floordiv", SPANS, 2.5), ("floordiv", SPANS, SPANS[::-1]), ("floordiv", SPANS, np.timedelta64(7, "ms")),
    ("mod", SPANS, SPANS[::-1]), ("mod", SPANS, np.timedelta64(-7, "ms")), ("mod", SPANS, np.timedelta64(0, "s")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "a", "b"), PAIRS, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(PAIRS)])
def test_operators(name: str, a: Any, b: Any) -> None:
    compiled = njit(OPERATORS[name])
    check(compiled, a, b)
    if name != "floordiv":  # which gives np.longlong, the twin of np.int64, for single lengths
        for x, y in zip(np.broadcast_to(a, 7), np.broadcast_to(b, 7)):
            check(compiled, x, y)


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons(name: str) -> None:
    compiled = njit(COMPARISONS[name])
    for a, b in ((DATES, DATES[::-1]), (DATES, np.datetime64("1970-01-01T00:00:00")), (SPANS, SPANS), (SPANS, np.timedelta64(5, "s"))):
        check(compiled, a, b)
        for x, y in zip(np.broadcast_to(a, 7), np.broadcast_to(b, 7)):
            check(compiled, x, y)


UNARY = [operator.neg, operator.abs, operator.pos, np.sign, np.isnat, np.isfinite, np.isinf, np.isnan]


@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_one_operand(function: Any) -> None:
    # Releases of NumPy differ in the sign of NaT.
    spans = SPANS[~np.isnat(SPANS)] if function is np.sign else SPANS
    check(lambda x: function(x), spans)
    check(lambda x: function(x), spans[2])
    if function not in (operator.neg, operator.abs, operator.pos, np.sign):
        check(lambda x: function(x), DATES)


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin], ids=lambda f: f.__name__)
def test_larger_and_smaller(function: Any) -> None:
    check(lambda a, b: function(a, b), SPANS, SPANS[::-1])
    check(lambda a, b: function(a, b), DATES, np.datetime64("1970-01-01T00"))


def test_divmod() -> None:
    check(lambda a, b: np.divmod(a, b), SPANS, SPANS[::-1])
    assert njit(lambda a, b: divmod(a, b))(SPANS[1], SPANS[0]) == divmod(SPANS[1], SPANS[0])


UNITS = ("Y", "M", "W", "D", "h", "m", "s", "ms", "7D", "25s", "5M", "3Y")


@pytest.mark.parametrize("source", UNITS)
def test_units_of_dates(source: str) -> None:
    """Every day of four centuries that matters: the ends of months, leap years, dates before 1970."""
    days = np.concatenate([np.arange(-800000, 800000, 1237), DATES.view(np.int64)]).view("M8[D]")
    given = days.astype(f"M8[{source}]")
    for unit in UNITS:
        check(lambda a: a.astype(f"M8[{unit}]"), given)
    check(lambda a: a[3].astype("M8[M]"), given)


@pytest.mark.parametrize("source", UNITS)
def test_units_of_lengths(source: str) -> None:
    given = np.array([0, 1, -1, 13, -13, 400, NAT, 12345], f"m8[{source}]")
    for unit in UNITS:
        check(lambda a: a.astype(f"m8[{unit}]"), given)


def test_every_day_has_its_month() -> None:
    days = np.arange("1895-01-01", "2105-01-01", dtype="M8[D]")
    check(lambda a: (a.astype("M8[M]"), a.astype("M8[Y]"), a.astype("M8[M]").astype("M8[D]")), days)


@pytest.mark.parametrize("dtype", ["i8", "i4", "f8", "f4", "?", "u1"])
def test_numbers_of_times(dtype: str) -> None:
    check(lambda a: a.astype(dtype), SPANS[3:])
    check(lambda a: a.astype(dtype), np.array([5, 0, -1], "M8[s]"))
    check(lambda a: a.astype("m8[s]"), np.array([0, 1, 2.6, 3], dtype))


@pytest.mark.parametrize("convert", [int, float])
@pytest.mark.parametrize("value", [np.timedelta64(NAT, "s"), np.timedelta64(NAT, "Y"), np.datetime64(NAT, "ns"), np.datetime64(NAT)], ids=repr)
def test_nat_is_no_number(convert: Any, value: Any) -> None:
    check(lambda x: int(x), value) if convert is int else check(lambda x: float(x), value)
    for length in (0, 5, -(2**63) + 1):
        assert njit(lambda x: (int(x), float(x)))(np.timedelta64(length, "Y")) == (length, float(length))


def test_floats_without_a_time() -> None:
    check(lambda a: a.astype("m8[ms]"), np.array([np.nan, 1.9, -1.9, 1e300, np.inf, -np.inf]))


def test_views_share_memory() -> None:
    def add_a_day(a: np.ndarray) -> np.ndarray:
        counts = a.view(np.int64)
        counts[:] += 1
        return counts.view("M8[s]")

    check(add_a_day, DATES)
    check(lambda a: a.view("m8[D]"), DATES)
    check(lambda x: (x.view(np.int64), x.view("M8[s]"), x.astype(np.int64)), SPANS[0])


CONSTANT = np.datetime64("2000-01-01")
SOME = np.array(["2001-01-01", "NaT"], "M8[D]")


def test_constants() -> None:
    check(lambda a: (a > np.datetime64("2000-01-01"), a - CONSTANT, a[:2] - SOME), DATES)
    check(lambda a: a + np.timedelta64(3, "D") * 2, DATES)
    check(lambda: (np.timedelta64(3, "D") + np.timedelta64(1, "h"), np.datetime64("NaT"), CONSTANT))


def test_made_of_numbers() -> None:
    check(lambda n: (np.timedelta64(n, "s"), np.datetime64(n, "D"), np.timedelta64(n), np.datetime64(n, "25s")), 12)
    check(lambda n: np.timedelta64(n, "ms"), np.int32(5))
    check(lambda x: (np.timedelta64(x, "m"), np.timedelta64(x, "ms"), np.timedelta64(x)), SPANS[4])
    check(lambda x: (np.datetime64(x, "Y"), np.datetime64(x)), DATES[0])
    with pytest.raises(NopythonError, match="requires a specified unit"):
        njit(lambda n: np.datetime64(n))(5)
    with pytest.raises(NopythonError, match="Could not convert object to NumPy timedelta"):
        njit(lambda x: np.timedelta64(x, "s"))(2.5)


REDUCTIONS = [
    lambda a: a.sum(), lambda a: a.max(), lambda a: a.min(), lambda a: np.argmax(a), lambda a: a.argmin(), lambda a: a.mean(),
    lambda a: np.cumsum(a), lambda a: np.ptp(a), lambda a: np.nanmax(a), lambda a: np.nanmin(a), lambda a: np.diff(a), lambda a: np.any(a), lambda a: np.all(a), lambda a: int(np.count_nonzero(a)),
    lambda a: np.fmax.reduce(a), lambda a: a.sum(axis=0), lambda a: a.max(axis=-1), lambda a: np.sort(a), lambda a: np.argsort(a),
]  # fmt: skip


@pytest.mark.parametrize("function", REDUCTIONS, ids=range(len(REDUCTIONS)))
def test_reductions(function: Any) -> None:
    compiled = njit(function)
    check(compiled, SPANS)
    check(compiled, SPANS[3:])
    check(compiled, np.stack([SPANS[3:], SPANS[3:] * 2]))


def test_of_dates() -> None:
    check(lambda a: (a.max(), a.min(), np.argmin(a), np.sort(a), np.unique(a)), DATES)
    check(lambda a: (a.max(), a.min(), np.argmin(a), np.sort(a)[::-1], np.ptp(a)), DATES[2:])
    check(lambda a: np.searchsorted(np.sort(a), np.datetime64("1970-01-01")), DATES)
    large = np.random.default_rng(1).integers(-(10**6), 10**6, 3000).astype("M8[D]")
    large[::50] = NAT
    check(lambda a: (np.sort(a), np.argsort(a, kind="stable")), large)


def test_nothing_to_reduce() -> None:
    check(lambda a: a.sum(), SPANS[:0])
    check(lambda a: a.max(), SPANS[:0])


def test_no_mean_of_dates() -> None:
    for function in (lambda a: a.sum(), lambda a: a + a, lambda a: a * 2, lambda a: -a):
        with pytest.raises(NopythonError):
            njit(function)(DATES)
    without = (
        lambda a: a.std(), lambda a: 2.0 / a, lambda a: np.sqrt(a), lambda a: a[0].item(), lambda a: a**2,
        lambda a: np.interp(a[0], a, a), lambda a: np.histogram(a), lambda a: np.digitize(a, a), lambda a: np.cov(a), lambda a: a & a, lambda a: a @ a,
    )  # fmt: skip
    for function in without:
        with pytest.raises(NopythonError):
            njit(function)(SPANS)


SELECTIONS = [
    lambda a, i: a[i], lambda a, i: a[1:5:2], lambda a, i: a[i > 0], lambda a, i: a[::-1].copy(), lambda a, i: np.where(i > 0, a, a[0]),
    lambda a, i: np.concatenate((a, a[:2])), lambda a, i: np.array((a[0], a[1])), lambda a, i: np.zeros_like(a),
    lambda a, i: np.full_like(a, a[2]), lambda a, i: np.full(3, 7, "M8[s]"), lambda a, i: np.ones(2, "m8[s]"),
    lambda a, i: np.zeros((2, 3), dtype="M8[ms]"), lambda a, i: a.reshape(7, 1).T, lambda a, i: np.clip(a, a[4], a[4] + 1),
    lambda a, i: (a[0].dtype == a.dtype, a.itemsize), lambda a, i: np.repeat(a, 2), lambda a, i: np.asarray(a[0]),
]  # fmt: skip


@pytest.mark.parametrize("function", SELECTIONS, ids=range(len(SELECTIONS)))
def test_selections(function: Any) -> None:
    check(function, SPANS, COUNTS)
    check(function, DATES, COUNTS)


def test_stores() -> None:
    def fill(a: np.ndarray, b: np.ndarray) -> None:
        a[0] = np.timedelta64(3, "m")
        a[1] = 4
        a[2:4] = np.timedelta64(1, "h")
        a[4] += np.timedelta64(1, "s")
        a[5:] = b[5:]
        a += np.timedelta64(1, "s")

    check(fill, SPANS, SPANS[::-1].astype("m8[m]"))

    def store_a_float(a: np.ndarray, x: float) -> None:
        a[0] = x

    def in_place(a: np.ndarray) -> None:
        a *= 2
        a //= 3
        a -= np.timedelta64(1, "ms")
        a /= 2
        a %= np.timedelta64(3, "s")

    check(in_place, SPANS)
    check(lambda a: np.multiply(a, 2, out=np.zeros(7, "m8[ms]")), SPANS)
    check(store_a_float, SPANS, 2.5)
    check(lambda a: a.fill(np.timedelta64(2, "m")), SPANS)


def test_loops() -> None:
    def total(spans: np.ndarray) -> Any:
        found = np.timedelta64(0, "s")
        for span in spans:
            if not np.isnat(span) and span > np.timedelta64(0, "s"):
                found += span
        return found

    def either(flag: bool) -> Any:
        span = np.timedelta64(1, "D") if flag else np.timedelta64(1, "s")
        return span + np.timedelta64(1, "ms")

    def weeks(start: Any, count: int) -> np.ndarray:
        made = np.empty(count, "M8[D]")
        for i in range(count):
            made[i] = start + np.timedelta64(i, "W")
        return made

    check(total, SPANS)
    check(lambda a, x: sum(a, x), SPANS[3:], SPANS[0])
    assert njit(either)(True) == np.timedelta64(86400001, "ms") and njit(either)(False) == np.timedelta64(1001, "ms")
    check(weeks, np.datetime64("2024-02-01"), 9)
    check(lambda x: 1 if x else 2, SPANS[3])
    check(lambda x: 1 if x else 2, SPANS[0])


def test_signatures() -> None:
    compiled = njit(tracer.types.NPTimedelta("ms")(tracer.types.NPTimedelta("ms")))(lambda x: x)
    assert compiled(np.timedelta64(5, "s")) == np.timedelta64(5, "s")
    assert compiled(np.timedelta64(5, "s")).dtype == "m8[ms]"
    with pytest.raises(TypeError):
        compiled(np.timedelta64(5, "ns"))


def test_no_common_type() -> None:
    with pytest.raises(NopythonError):
        njit(lambda c, x: x if c else 1.5)(True, SPANS[0])
    with pytest.raises(NopythonError):
        njit(lambda a, b: a < b)(DATES[0], SPANS[0])


RANGES = [
    lambda d: np.arange(d[0], d[0] + 5), lambda d: np.arange(d[0], 5), lambda d: np.arange(np.timedelta64(4, "s")),
    lambda d: np.arange(d[0], d[0] + np.timedelta64(1, "D"), np.timedelta64(6, "h")), lambda d: np.arange(d[1], d[0]),
    lambda d: np.arange(5, dtype="m8[ms]"), lambda d: np.arange(d[0], d[0] - 7, -2), lambda d: np.arange(d[0], d[0] - 7),
]  # fmt: skip


@pytest.mark.parametrize("function", RANGES, ids=range(len(RANGES)))
def test_ranges(function: Any) -> None:
    check(function, DATES)


def test_readonly_and_layouts() -> None:
    matrix = np.asfortranarray(np.arange(12).reshape(3, 4).astype("m8[s]"))
    check(lambda a: (a + a, a.T, a[1], a.sum(axis=0)), matrix)
    locked = SPANS.copy()
    locked.flags.writeable = False
    check(lambda a: a[1:], locked)
    check(lambda a: a, np.array(np.datetime64("2020-01-01")))
    empty = SPANS[:0]
    check(lambda a: (a + a, a.astype("m8[ms]")), empty)


@pytest.mark.parametrize("name", ("sum", "cumsum", "mean", "var", "prod"))
def test_times_are_not_added_as_numbers(name: str) -> None:
    with pytest.raises(NopythonError, match="times"):
        njit(lambda a: getattr(np, name)(a, dtype=np.float32))(np.zeros(2, "m8[s]"))


SPANS_IN_SECONDS = [np.array(items, "m8[s]") for items in ([5, 3, 8, 1], [5, 3, 8], [5, "NaT", 8], [], ["NaT"], [-5, -2])]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", ("median", "nanmedian", "percentile", "nanpercentile", "quantile"))
def test_medians_and_quantiles(name: str) -> None:
    rest = "" if "median" in name else ", 0.3"
    everything, rows = njit(expression(f"np.{name}(a{rest})")), njit(expression(f"np.{name}(a{rest}, axis=-1, keepdims=True)"))
    for items in (*SPANS_IN_SECONDS, SPANS_IN_SECONDS[0].reshape(2, 2)):
        check(everything, items, message=False)
        check(rows, items, strides=False, message=False)
        if name in ("percentile", "quantile"):
            check(everything, items.astype("M8[s]"), message=False)
    with pytest.raises(NopythonError, match="not defined for datetime64"):
        njit(expression("np.median(a)"))(np.zeros(1, "M8[s]"))


def test_points_in_time_become_lengths_of_the_same_count() -> None:
    check(lambda a: (a.astype("m8[ms]"), a[0].astype("m8[s]"), a.astype("m8[D]")), DATES)
    check(lambda a: (a.astype("M8[s]"), a[0].astype("M8[D]")), SPANS[3:])


def test_ranges_have_single_times_as_bounds() -> None:
    with pytest.raises(NopythonError, match="takes single times"):
        njit(lambda a: np.arange(a[0], a[1], dtype="m8[s]"))(np.zeros((2, 2), "m8[s]"))


def _stores_a_number(value: np.timedelta64) -> bool:
    days = np.zeros(1, "m8[D]")
    days[0] = value
    return not np.isnat(days[0])


MONTHS = [np.timedelta64(3, "M"), np.timedelta64(NAT, "M"), np.timedelta64(3, "W"), np.timedelta64(3)]
INTO_DAYS = [
    lambda a, x: a.fill(x), lambda a, x: np.put(a, [1], x), lambda a, x: np.timedelta64(x, "D"),
    lambda a, x: np.full(2, x, a.dtype), lambda a, x: np.array([x, x]).astype(a.dtype),
]  # fmt: skip


@pytest.mark.parametrize("value", MONTHS, ids=repr)
def test_months_are_days_in_arrays_only(value: np.timedelta64) -> None:
    """A single length of months, but NaT, is not stored as days; an array is converted."""

    if np.isnat(value) and _stores_a_number(value):
        pytest.skip("older versions of NumPy store a number for NaT")

    def stores(a: np.ndarray, x: np.timedelta64, way: int) -> None:
        if way == 0:
            a[0] = x
        elif way == 1:
            a[1:] = x
        elif way == 2:
            a[a > a[0]] = x
        elif way == 3:
            a[[0, 2]] = x
        elif way == 4:
            a[0] = np.array(x)
        elif way == 5:
            a[:2] = np.array([x, x])
        elif way == 6:
            a.flat[:2] = np.array([x, x])

    for way in range(7):
        check(stores, np.array([4, 5, 6], "m8[D]"), value, way)
    for function in INTO_DAYS:
        check(function, np.array([4, 5, 6], "m8[D]"), value)


def test_the_verifier_knows_times() -> None:
    graph = trace_function(lambda x: x + np.timedelta64(3, "s"), (types.TimeDelta("s"),), {}, Options())
    verify(graph)
    constant = next(c for op in graph.ops() for c in op.operands if isinstance(c, Constant) and isinstance(c.type, types.TimeDelta))
    constant.value = np.timedelta64(3, "ms")
    with pytest.raises(VerificationError, match="is not a timedelta64"):
        verify(graph)


FAR = (0, 1, -1, 7, 2**62, -(2**62), 2**63 - 1, -(2**63) + 1, 10**12, NOT_A_TIME)


def compare_all(function: Any, arguments: list[tuple], message: bool = False) -> None:
    compiled = njit(function)
    for each in arguments:
        assert_same(outcome(compiled, duplicate(each)), outcome(function, duplicate(each)), message=message)


@pytest.mark.parametrize("units", [("s", "s"), ("D", "ns"), ("Y", "M")], ids="-".join)
@pytest.mark.parametrize("symbol", ["+", "-", "<", "%"])
def test_counts_that_do_not_fit(symbol: str, units: tuple[str, str]) -> None:
    """NumPy raises or wraps, by its version."""
    function = expression(f"a {symbol} b", "a, b")
    lengths = [[np.array([3, count]).view(f"m8[{unit}]") for count in FAR] for unit in units]
    pairs = list(itertools.product(*lengths))
    compare_all(function, pairs + [(a[1], b[1]) for a, b in pairs])
    if symbol in "+-" and units[0] != "Y":
        compare_all(function, [(a.view(f"M8[{units[0]}]"), b) for a, b in pairs])


def test_products_and_sums_that_do_not_fit() -> None:
    pairs = list(itertools.product(FAR, FAR))
    compare_all(lambda a, b: a * b, [(np.timedelta64(a, "s"), np.int64(b)) for a, b in pairs], message=True)
    compare_all(lambda a, b: a * b, [(np.int64(a), np.timedelta64(b, "s")) for a, b in pairs], message=True)
    for function in (lambda x: np.sum(x), lambda x: np.cumsum(x), lambda x: np.diff(x)):
        compare_all(function, [(np.array([a, b, 3]).view("m8[s]"),) for a, b in pairs], message=True)


def test_all_of_an_array_is_converted_before_a_search() -> None:
    dates = np.array([0, 2**40, 2**41]).view("M8[m]")
    for when in (np.datetime64(1, "ns"), np.datetime64(1, "s")):
        check(lambda a, x: np.searchsorted(a, x), dates, when, message=False)


@pytest.mark.parametrize("checks", [False, True])
def test_overflow_of_times_of_both_sorts_of_numpy(checks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "FROM_2_5", checks)
    long = np.timedelta64(2**62 + 5, "s")
    assert njit(lambda a: a - a)(long) == np.timedelta64(0, "s")
    outcomes = {
        "sum": (lambda a: a + a, "timedelta64 + timedelta64 addition"),
        "difference": (lambda a: -a - a, "timedelta64 - timedelta64 subtraction"),
        "product": (lambda a: a * np.int8(4), "timedelta64 * int64 multiplication"),
        "unit": (lambda a: a.astype("m8[ms]"), "when converting between datetime64 units"),
        "nat": (lambda a: -a - (a - np.timedelta64(10, "s")), "timedelta64 - timedelta64 subtraction"),
    }
    for function, words in outcomes.values():
        if checks:
            with pytest.raises(OverflowError, match=re.escape(words)):
                njit(function)(long)
        else:
            assert isinstance(njit(function)(long), np.timedelta64)
        assert np.isnat(njit(function)(np.timedelta64("NaT", "s")))
