"""Structured arrays and records in compiled code, against NumPy: fields by name, references, stores, recarrays."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tracer
from ir import types
from ir.interp import run
from ir.parser import parse, parse_type
from ir.printer import print_graph
from ir.records import Field, Opaque, Record, RecordItem
from ir.verify import verify
from tracer import NopythonError, jit, njit
from tracer.options import Options
from tracer.session import trace_function
from tracer.typeof import UnsupportedValue, typeof

PLAIN = np.dtype([("x", "f8"), ("n", "i4")])
ALIGNED = np.dtype([("x", "f8"), ("n", "i4")], align=True)
INNER = np.dtype([("a", "i2"), ("b", "f4")])
WIDE = np.dtype(
    [("id", "i8"), ("at", "f8", (3,)), ("in", INNER), ("m", "i4", (2, 2)), ("name", "S5"), ("t", "M8[s]"), ("z", "c16"), ("ok", "?"),
     ("parts", INNER, (2,)), ("size", "u1")]
)  # fmt: skip
OVERLAPPING = np.dtype({"names": ["low", "all"], "formats": ["i2", "i4"], "offsets": [0, 0], "itemsize": 6})


def filled(dtype: np.dtype, count: int = 4) -> np.ndarray:
    """Records with different values in all fields."""
    made = np.zeros(count, dtype)
    for position, name in enumerate(dtype.names):
        field = made[name]
        if field.dtype.names is not None:
            for inner in field.dtype.names:
                field[inner] = np.arange(field[inner].size).reshape(field[inner].shape) + position
        elif field.dtype.kind == "S":
            field[:] = [f"n{i}".encode() for i in range(count)]
        else:
            field[...] = (np.arange(field.size).reshape(field.shape) + position).astype(field.dtype)
    return made


KINDS = [PLAIN, ALIGNED, WIDE]


def check(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run the function in Python and compiled, on copies of the arguments, and compare results and arguments."""
    expected_arguments, given = copied(arguments), copied(arguments)
    expected, result = outcome(function, expected_arguments), outcome(njit(function), given)
    assert_same(result, expected)
    for ours, theirs in zip(given, expected_arguments):
        assert_same(ours, theirs)
    return result


def copied(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Copies that share memory where the arguments do not; layouts are kept."""
    return tuple(a.copy("K") if isinstance(a, np.ndarray) else copy.copy(a) for a in arguments)


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except (ValueError, IndexError, TypeError) as error:
        return error


def assert_same(result: Any, expected: Any) -> None:
    text = f"{result!r} of {type(result)} where {expected!r} of {type(expected)} was expected"
    assert type(result) is type(expected), text
    if isinstance(expected, Exception):
        assert str(result) == str(expected), text
    elif isinstance(expected, tuple):
        assert len(result) == len(expected), text
        for ours, theirs in zip(result, expected):
            assert_same(ours, theirs)
    elif isinstance(expected, (np.ndarray, np.generic)):
        assert result.dtype == expected.dtype and result.dtype.type is expected.dtype.type, text
        assert result.shape == expected.shape and contents(result) == contents(expected), text
    else:
        assert result == expected, text


def contents(value: Any) -> Any:
    """The bytes of all fields, without what lies between them."""
    if value.dtype.names is None:
        return value.tobytes()
    return [contents(value[name]) for name in value.dtype.names]


# --- types


@pytest.mark.parametrize("dtype", [*KINDS, OVERLAPPING, np.dtype((np.record, PLAIN)), np.dtype([("a b", ">f8"), ("size", "V3")])], ids=str)
def test_types(dtype: np.dtype) -> None:
    record = types.from_dtype(dtype)
    made = types.dtype_of(record)
    assert made == dtype and made.type is dtype.type and made.isalignedstruct == dtype.isalignedstruct
    assert types.dtype_of(record) is made and types.from_dtype(made) is record
    for each in (types.Array(record, 2), types.Array(record, 1, "C", True, False), RecordItem(record, True)):
        assert parse_type(str(each)) is each and pickle.loads(pickle.dumps(each)) is each
    value = np.zeros((2, 3), dtype)
    assert typeof(value) is types.Array(record, 2, "C")
    assert typeof(value[0, 0]) is RecordItem(record, aligned=value[0, 0].flags.aligned)


def test_text() -> None:
    record = types.from_dtype(np.dtype([("x", "f8"), ("m", "i2", (2, 3)), ("s", "S5")]))
    assert str(record) == '{x: np.float64 = 0, m: int16(2, 3) = 8, s: "|S5" = 20, size = 25}'
    assert record.fields[2] == Field("s", Opaque("|S5"), (), 20) and record.field("y") is None
    assert isinstance(record, Record) and record.part(("m",)).names == ("m",)


def test_what_is_no_record() -> None:
    for value in (np.zeros(2, [("a", "O")]), np.zeros(1, [(("title", "a"), "i4")]), np.void(b"abc")):
        with pytest.raises(UnsupportedValue):
            typeof(value)


# --- reading

READS = [
    lambda a: a, lambda a: a[1], lambda a: a[-1], lambda a: a[9], lambda a: a[1:3], lambda a: a[::-2], lambda a: a.copy(),
    lambda a: a[np.array((2, 0))], lambda a: a[a[a.dtype.names[0]] > 1], lambda a: np.zeros(2, a.dtype), lambda a: np.concatenate((a, a[1:])),
    lambda a: len(a[0]), lambda a: a.reshape(2, 2)[1], lambda a: a.reshape(2, 2)[1, 0], lambda a: a.itemsize, lambda a: np.zeros_like(a),
    lambda a: a[0] == a[1], lambda a: a == a[::-1], lambda a: a != a[1], lambda a: (a[0], a[1:]), lambda a: a[2:2], lambda a: np.repeat(a, 2),
    lambda a: np.flip(a), lambda a: np.roll(a, 1), lambda a: a.nbytes, lambda a: a[0][0], lambda a: a[1][-1], lambda a: a[0][20],
]  # fmt: skip


@pytest.mark.parametrize("function", READS, ids=range(len(READS)))
@pytest.mark.parametrize("dtype", KINDS, ids=["plain", "aligned", "wide"])
def test_reading(function: Callable[..., Any], dtype: np.dtype) -> None:
    check(function, filled(dtype))


FIELDS = [
    lambda a: (a["id"], a["at"], a["m"], a["t"], a["z"], a["ok"], a["size"]), lambda a: (a[1]["id"], a[1]["t"], a[1]["z"], a[1]["ok"]),
    lambda a: (a[1]["at"], a[2]["m"], a[2]["m"][1, 0]), lambda a: (a["in"], a[1]["in"], a["in"]["b"], a["in"][1], a[1]["in"]["b"]),
    lambda a: (a["parts"], a[1]["parts"], a[1]["parts"][0], a["parts"][:, 1]["a"], a["parts"]["b"]), lambda a: a["at"].sum(axis=0),
    lambda a: a["at"][:, 1] * 2, lambda a: a["id"].mean(), lambda a: np.sort(a["id"]), lambda a: a[["id", "name"]], lambda a: a[1][["z", "id"]],
    lambda a: a["z"].real, lambda a: a["t"] + np.timedelta64(1, "h"), lambda a: np.where(a["ok"], a["id"], -1), lambda a: a[9]["id"],
    lambda a: a["id"][7], lambda a: (a.reshape(2, 2)["at"], a.reshape(2, 2).T["id"]), lambda a: a[0]["at"].dot(a[1]["at"]),
]  # fmt: skip


@pytest.mark.parametrize("function", FIELDS, ids=range(len(FIELDS)))
def test_fields(function: Callable[..., Any]) -> None:
    check(function, filled(WIDE))


def test_strided_and_overlapping() -> None:
    check(lambda a: (a["low"], a["all"], a[1]["low"]), np.arange(12, dtype="u1").view(OVERLAPPING))
    check(lambda a: (a["x"], a[1], a[:, 1]["n"]), np.asfortranarray(filled(PLAIN).reshape(2, 2)))
    base = filled(PLAIN, 9)[1::3]
    assert njit(lambda a: a["x"].sum())(base) == base["x"].sum()
    shifted = np.zeros(1 + 3 * ALIGNED.itemsize, np.uint8)[1:].view(ALIGNED)
    shifted["x"] = [1.5, 2.5, 3.5]
    assert njit(lambda a: (a["x"].sum(), a[1]["x"]))(shifted) == (7.5, 2.5)


def test_alignment_is_part_of_the_type() -> None:
    """NumPy takes the two dtypes for equal, but the memory of one may begin anywhere."""
    packed, aligned = np.dtype([("x", "f8"), ("n", "i8")]), np.dtype([("x", "f8"), ("n", "i8")], align=True)
    assert packed == aligned and types.from_dtype(packed) is not types.from_dtype(aligned)
    compiled = njit(lambda a: (a, a["x"].sum()))
    for dtype in (aligned, packed, aligned):
        array = filled(dtype)
        result, total = compiled(array)
        assert result is array and total == 6.0
    assert len(compiled.signatures) == 2


def test_loops_over_records() -> None:
    def by_index(a: np.ndarray) -> float:
        total = 0.0
        for i in range(len(a)):
            total += a[i]["x"] * a[i]["n"]
        return total

    def by_item(a: np.ndarray) -> float:
        total = 0.0
        for record in a:
            if record["n"] > 1:
                total += record["x"]
        return total

    def by_parts(a: np.ndarray) -> float:
        total = 0.0
        for x, n in a:
            total += x - n
        return total

    def last(a: np.ndarray, count: int) -> Any:
        record = a[0]
        for i in range(count):
            record = a[i]
        return record["x"], record

    def by_iterators(a: np.ndarray) -> Any:
        total = 0
        for i, record in enumerate(a):
            total += i * record["n"]
        for first, second in zip(a, a[::-1]):
            total += first["n"] * second["n"]
        for _, record in np.ndenumerate(a):
            total += record["n"]
        for record in a.flat:
            total += record["n"]
        return total + a.flat[2]["n"]

    def by_name(a: np.ndarray) -> float:
        total = 0.0
        for name in ("x", "n"):
            total += a[name].sum()
        return total

    for function in (by_index, by_item, by_parts, by_iterators, by_name):
        check(function, filled(PLAIN))
        check(function, filled(ALIGNED, 100))
    check(last, filled(PLAIN), 3)
    check(last, filled(PLAIN), 0)


# --- writing


def store_fields(a: np.ndarray) -> None:
    a[0]["id"] = 70
    a["id"][1] = 80
    a[2]["at"][1] = 9.5
    a[1]["at"] = 5.5
    a["in"][0] = (3, 4.5)
    a[1]["in"]["a"] = 9
    a[3]["in"] = a[0]["in"]
    a["ok"] = True
    a[2]["t"] = np.datetime64("2020-01-01")
    a[0]["m"] = np.ones((2, 2))
    a["z"][0] = 1j
    a["parts"][1] = a["parts"][0]
    a[2]["parts"][1]["b"] = 7
    a["size"] += 1
    a[1]["id"] *= 3
    a[-1][0] = 5


def copy_records(a: np.ndarray) -> None:
    a[0] = a[2]
    a[1:] = a[:-1]
    a[3] = a[1]


def store_tuples(a: np.ndarray) -> None:
    a[0] = (1.5, 2)
    a[1] = (7, 8.9)
    a[2:] = (0, 1)
    a["x"] += 1
    a[3]["x"] *= 2
    a["n"][:2] -= 5


def loop_stores(a: np.ndarray) -> None:
    for record in a:
        record["x"] = record["x"] * 2
        record["n"] += 1


def swap(a: np.ndarray) -> None:
    a[0]["x"], a[1]["x"] = a[1]["x"], a[0]["x"]


@pytest.mark.parametrize(
    ("function", "dtype"),
    [(store_fields, WIDE), (copy_records, WIDE), (copy_records, PLAIN)]
    + [(f, d) for f in (store_tuples, loop_stores, swap) for d in (PLAIN, ALIGNED)],
)
def test_writing(function: Callable[..., Any], dtype: np.dtype) -> None:
    check(function, filled(dtype))


def store_item(a: np.ndarray, item: Any) -> None:
    a[2] = item


def store_all(a: np.ndarray, items: Any) -> None:
    a[...] = items


def store_masked(a: np.ndarray, items: Any) -> None:
    a[a["n"] > 2] = items


def store_at(a: np.ndarray, items: Any) -> None:
    a[np.array((3, 0))] = items


def test_stores_of_other_records() -> None:
    plain, aligned = filled(PLAIN), filled(ALIGNED)
    other = filled(np.dtype([("n", "f4"), ("x", "i2")]))
    for item in (plain[1], aligned[1], other[1], (1.5, 2), (1, 2, 3), 5):
        check(store_item, plain, item)
        check(store_item, aligned, item)
    for items in (plain[::-1].copy(), aligned, other, plain[1], plain[:1], plain[:3], (2.5, 3)):
        check(store_all, plain, items)
    check(store_masked, plain, plain[1])
    check(store_at, plain, plain[1:3])
    check(store_at, plain, (1.5, 2))


def test_same_memory() -> None:
    plain = filled(PLAIN)
    expected = plain.copy()
    expected[1:] = plain[:-1].copy()
    njit(lambda a, b: store_all(a, b))(plain[1:], plain[:-1])
    assert np.array_equal(plain, expected)


def test_readonly() -> None:
    def store(a: np.ndarray) -> None:
        a[1]["x"] = 2

    def store_field(a: np.ndarray) -> None:
        a["x"] = 2

    def store_into_record(r: Any) -> None:
        r["x"] = 2

    locked = filled(PLAIN)
    locked.flags.writeable = False
    for function, argument in ((store, locked), (store_field, locked), (store_into_record, locked[1])):
        with pytest.raises(ValueError, match="assignment destination is read-only"):
            njit(function)(argument)
    result = njit(lambda a: (a[1], a[1:], a["x"]))(locked)
    assert not any(part.flags.writeable for part in result)


# --- records across calls


def test_records_as_arguments() -> None:
    def change(r: Any) -> Any:
        r["n"] = 50
        return r["x"] + r["n"], r

    for dtype in (PLAIN, ALIGNED):
        array = filled(dtype)
        total, record = njit(change)(array[1])
        assert (total, array[1]["n"]) == (51.0, 50) and type(record) is np.void
        record["x"] = 2.5
        assert array["x"][1] == 2.5  # the same memory
    own = np.void((1.5, 2), PLAIN)
    assert njit(change)(own)[0] == 51.5 and own["n"] == 50
    check(lambda r: (r["x"], len(r), r == r), filled(PLAIN)[2])
    check(lambda r: (r["x"], r["at"] if len(r) > 2 else 0), filled(PLAIN)[::2][1])


def test_results_keep_their_memory() -> None:
    def make(count: int) -> Any:
        a = np.zeros(count, PLAIN)
        for i in range(count):
            a[i]["x"] = i
        return a[count - 1]

    record = njit(make)(1000)
    gc.collect()
    np.ones(10000)
    assert record["x"] == 999.0 and type(record) is np.void and record.dtype == PLAIN
    array = filled(PLAIN)
    before = sys.getrefcount(array)
    held = njit(lambda a: (a[1], a["x"]))(array)
    assert held[0].base is not None
    del held
    gc.collect()
    assert sys.getrefcount(array) == before


def test_new_arrays() -> None:
    check(lambda n: np.zeros(n, PLAIN), 3)
    check(lambda n: np.zeros((n, 2), dtype=WIDE)["at"], 3)
    check(lambda: np.zeros((), PLAIN)[()])


GLOBAL = filled(PLAIN)


def test_constants_and_variables() -> None:
    def maybe(a: np.ndarray, flag: int) -> Any:
        record = None
        if flag:
            record = a[1]
        if record is None:
            return np.float64(-1.0)
        return record["x"]

    def in_tuples(a: np.ndarray) -> Any:
        pair = a[0], a[1]
        return pair[0]["x"] + pair[1]["x"], isinstance(pair[0], np.void), isinstance(a, np.ndarray)

    check(lambda i: GLOBAL[i]["x"] + GLOBAL["n"].sum(), 2)
    check(maybe, filled(PLAIN), 1)
    check(maybe, filled(PLAIN), 0)
    check(in_tuples, filled(PLAIN))


MADE = [
    lambda a: np.full(2, a[1]), lambda a: np.full_like(a, a[1]), lambda a: np.stack((a, a)), lambda a: np.append(a, a[:1]),
    lambda a: np.take(a, np.array((1, 0))), lambda a: np.where(a["n"] > 2, a, a[::-1]), lambda a: np.array((a[0], a[1])),
    lambda a: a.view(np.uint8), lambda a: a.view(np.uint8).view(PLAIN), lambda a: np.frombuffer(a, PLAIN), lambda a: a.flatten(),
    lambda a: (a.dtype.fields["n"][1], a.dtype["x"].itemsize, a.dtype.names.index("n")), lambda a: a.T.ravel(),
]  # fmt: skip


@pytest.mark.parametrize("function", MADE, ids=range(len(MADE)))
def test_functions_that_copy(function: Callable[..., Any]) -> None:
    check(function, filled(PLAIN))


def test_signatures() -> None:
    from_dtype = tracer.types.from_dtype
    compiled = njit([(from_dtype(PLAIN)[:],), (from_dtype(ALIGNED)[::1],)])(lambda a: a["x"].sum())
    assert compiled(filled(PLAIN)[::2]) == 2.0 and compiled(filled(ALIGNED)) == 6.0
    with pytest.raises(TypeError):
        compiled(filled(WIDE))
    of_one = njit([(from_dtype(PLAIN),), (ALIGNED,)])(lambda r: r["x"])
    assert of_one(filled(PLAIN)[2]) == 2.0 and of_one(filled(ALIGNED)[3]) == 3.0


def test_in_the_interpreter() -> None:
    """Segments take and give references, too."""
    unknown = eval("lambda x: x")  # a function without source

    def change(a: np.ndarray) -> Any:
        record = unknown(a[1])
        record["x"] = 9.0
        rest = unknown(a)
        return record["x"] + a[1]["x"] + rest["n"].sum(), record

    array = filled(PLAIN)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = jit(change)
        for _ in range(3):
            total, record = compiled(array)
            assert (total, record["n"]) == (18.0 + array["n"].sum(), array["n"][1])


def test_called_functions() -> None:
    def first(r: Any) -> Any:
        return r["x"]

    def of_each(a: np.ndarray) -> Any:
        return first(a[0]) + first(a[1])

    check(of_each, filled(PLAIN))


# --- recarrays


def test_recarrays() -> None:
    array = np.rec.array([(1, 2.5, (1, 2.5)), (3, 4.5, (2, 3.5))], dtype=[("i", "i4"), ("v", "f8"), ("in", INNER)])
    reads = (
        lambda r: r, lambda r: r.i, lambda r: r[1], lambda r: r[1].v, lambda r: r[1:], lambda r: r["v"], lambda r: r.v.sum(),
        lambda r: r[1]["in"], lambda r: r["in"], lambda r: r[0]["in"].b, lambda r: (r.v * 2, r[0].i),
    )  # fmt: skip
    for function in reads:
        check(function, array)
    compiled = njit(lambda r: r)
    assert compiled(array) is array

    def write(r: Any) -> None:
        r.i = 5
        r[1].v = 2
        r.v[0] += 1

    check(write, array)
    check(lambda r: (r.i, r.v), array[1])
    assert njit(lambda r: r.v)(array[1]) == 4.5 and type(njit(lambda r: r)(array[1])) is np.record


# --- errors


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda a: a["idd"], "did you mean 'id'"), (lambda a: a[0]["nam"], "no field of name nam"), (lambda a: a["name"], "strings of dtype"),
        (lambda a: a.idd, "idd"), (lambda a: a[["id", "no"]], "no field of name no"), (lambda a: a + 1, "not defined"),
        (lambda a: a.sum(), "records"), (lambda a: a < a, "not defined"), (lambda a: a.astype(np.float64), "records"),
        (lambda a: np.sort(a), "records have no order"), (lambda a: a[0].item(), "a number is needed"), (lambda a: a.max(), "not defined for records"),
    ],
)  # fmt: skip
def test_errors(function: Callable[..., Any], text: str) -> None:
    with pytest.raises(NopythonError, match=text):
        njit(function)(filled(WIDE))


def test_graphs_of_records() -> None:
    """The interpreter agrees, and the text parses back."""

    def change(a: np.ndarray, i: int) -> float:
        a[i]["n"] += 1
        a[0] = a[i]
        total = 0.0
        for record in a:
            total += record["x"] * record["n"]
        return total

    graph = trace_function(change, (typeof(filled(PLAIN)), types.int64), {}, Options())
    verify(graph)
    text = "\n".join(line.partition("#")[0].rstrip() for line in print_graph(graph).splitlines())
    assert print_graph(parse(text)).strip() == text
    ours, theirs = filled(PLAIN), filled(PLAIN)
    assert run(graph, ours, 2) == change(theirs, 2) and np.array_equal(ours, theirs)


def test_the_interpreter_copies_what_it_stores_and_gives_records() -> None:
    def move(a: np.ndarray) -> tuple[Any, int]:
        a[1:] = a[:-1]
        return a[2], 3

    graph = trace_function(move, (typeof(filled(PLAIN)),), {}, Options())
    ours, theirs = filled(PLAIN), filled(PLAIN)
    result, expected = run(graph, ours), move(theirs)
    assert_same(result, expected)
    assert_same(ours, theirs)
