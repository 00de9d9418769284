"""Entry points: which arguments they take, what they return, and that references balance."""

from __future__ import annotations

import collections
import gc
import itertools
import math
import pickle
import sys
import typing
from typing import Any

import numpy as np
import pytest
from codegen_harness import Declined, function
from test_codegen_ops import same, values_of

from ir import types as t
from ir.builder import Builder, constant
from ir.graph import Edge, Value
from ir.ops import aggregate, arithmetic, array

Point = collections.namedtuple("Point", "x y")


class Pair(typing.NamedTuple):
    first: int
    second: object


def identity(type: t.Type, **options: Any) -> Any:
    return function([type], None, lambda b, x: x, **options)


@pytest.mark.parametrize("type", t.SCALARS, ids=str)
def test_scalars_keep_class_and_bits(type: t.Scalar) -> None:
    f = identity(type)
    for value in values_of(type):
        assert same(f(value), value), value


@pytest.mark.parametrize("type", t.SCALARS, ids=str)
def test_scalars_of_other_types_are_declined(type: t.Scalar) -> None:
    f = identity(type)
    for other in t.SCALARS:
        if other is not type:
            with pytest.raises(Declined):
                f(t.class_of(other)(1))
    for value in (None, "1", (), [1], object(), np.array(1), np.float16(1), np.datetime64(1, "s")):
        with pytest.raises(Declined):
            f(value)


def test_integers_of_every_size() -> None:
    f = identity(t.int64)
    for power in range(63):
        for value in (2**power - 1, 2**power, 2**power + 1):
            assert f(value) == value and f(-value) == -value
    assert f(2**63 - 1) == 2**63 - 1 and f(-(2**63)) == -(2**63)


@pytest.mark.parametrize("code", "bhilqBHILQ")
def test_every_integer_class_of_numpy_is_taken(code: str) -> None:
    value = np.dtype(code).type(100)
    type = t.from_dtype(value.dtype)
    assert same(identity(type)(value), t.class_of(type)(100))


def test_integers_that_do_not_fit_are_declined() -> None:
    f = identity(t.int64)
    for value in (2**63, -(2**63) - 1, 2**64, 10**100):
        with pytest.raises(Declined):
            f(value)


def test_subclasses_are_declined() -> None:
    class Int(int):
        pass

    class Float(float):
        pass

    class Tuple(tuple):
        pass

    cases = [(t.int64, Int(1)), (t.float64, Float(1)), (t.float64, np.float64(1)), (t.Tuple((t.int64,)), Tuple((1,)))]
    cases.append((t.float64[:], np.zeros(2).view(np.matrix)))
    for type, value in cases:
        with pytest.raises(Declined):
            identity(type)(value)


def test_counts_and_keywords_are_declined() -> None:
    f = identity(t.int64)
    for args, kwargs in [((), {}), ((1, 2), {}), ((1,), {"x": 1}), ((), {"x": 1})]:
        with pytest.raises(Declined) as caught:
            f(*args, **kwargs)
        assert caught.value.args == (args, kwargs)


_TUPLES = [
    (t.Tuple(()), ()),
    (t.Tuple((t.int64,)), (2**62,)),
    (t.Tuple((t.none, t.boolean, t.float64)), (None, True, -0.0)),
    (t.Tuple((t.Tuple((t.int64, t.complex128)), t.np_float64)), ((1, 2j), np.float64(3))),
    (t.NamedTuple((t.int64, t.float64), Point), Point(1, 2.5)),
    (t.NamedTuple((t.int64, t.Tuple((t.none,))), Pair), Pair(1, (None,))),
    (t.Tuple((t.NamedTuple((t.int64, t.int64), Point), t.uint8)), (Point(1, 2), np.uint8(3))),
]


@pytest.mark.parametrize("type, value", _TUPLES, ids=lambda p: str(p))
def test_tuples(type: t.Tuple, value: tuple) -> None:
    result = identity(type)(value)
    assert result == value and type_tree(result) == type_tree(value)
    assert gc.is_tracked(result) or not gc.is_tracked(tuple(list(result))) or result == ()
    for wrong in (value + (1,), (1.5, 2.5, "x"), list(value), None):
        with pytest.raises(Declined):
            identity(type)(wrong)


def type_tree(value: Any) -> Any:
    return (type(value), *map(type_tree, value)) if isinstance(value, tuple) else type(value)


def test_a_namedtuple_is_not_another_one() -> None:
    Other = collections.namedtuple("Other", "x y")
    f = identity(t.NamedTuple((t.int64, t.int64), Point))
    for wrong in ((1, 2), Other(1, 2), Point(1, 2.0)):
        with pytest.raises(Declined):
            f(wrong)


@pytest.mark.parametrize("inner, values", [
    (t.int64, [0, -5]), (t.float32, [np.float32(1.5)]), (t.complex128, [1 - 2j]),
    (t.Tuple((t.int64, t.Optional(t.float64))), [(1, 2.0), (1, None)]),
], ids=str)  # fmt: skip
def test_optionals(inner: t.Type, values: list) -> None:
    f = identity(t.Optional(inner))
    assert f(None) is None
    for value in values:
        assert f(value) == value and type_tree(f(value)) == type_tree(value)
    with pytest.raises(Declined):
        f("x")
    default = constant(values[0], inner)

    def build(b: Builder, x: Value) -> None:
        some, end = b.new_block("some"), b.new_block("end", (inner,))
        b.branch(b.emit(aggregate.optional_has, x), Edge(some), Edge(end, [default]))
        b.start(some)
        b.jump(end, b.emit(aggregate.optional_value, x))
        b.start(end)
        b.return_(end.params[0])

    get = function([t.Optional(inner)], inner, build)
    assert [get(v) for v in [None, *values]] == [values[0], *values]
    wrap = function([inner], None, lambda b, x: b.emit(aggregate.optional_some, x))
    assert wrap(values[0]) == values[0]
    assert function([], None, lambda b: b.emit(aggregate.optional_nothing, to=t.Optional(inner)))() is None


@pytest.mark.parametrize("type, value", [
    *((s, v) for s in t.SCALARS for v in values_of(s)[-2:]), *_TUPLES, (t.none, None), (t.Optional(t.int64), None),
    (t.Optional(t.int64), 3), (t.float64, -0.0), (t.float32, np.float32(0.1)),
], ids=str)  # fmt: skip
def test_constants(type: t.Type, value: Any) -> None:
    result = function([], None, lambda b: constant(value, type))()
    assert type_tree(result) == type_tree(value)
    assert same(result, value) if isinstance(type, t.Scalar) else result == value


def arrays_of(dtype: Any) -> list[np.ndarray]:
    """Arrays in many shapes and layouts."""
    base = np.arange(120).astype(dtype)
    cube = base.reshape(4, 5, 6)
    readonly = base[:7].copy()
    readonly.flags.writeable = False
    raw = np.zeros(8 * base.itemsize + 1, np.uint8)[1:]
    unaligned = raw.view(dtype)
    unaligned[:] = base[:8]
    return [
        base, base[::2], base[::-1], base[:0], base[3:4], cube, cube.T, np.asfortranarray(cube), cube[:, ::2, ::-1],
        cube[::-1], cube[1], cube[:, 2], cube[..., 3], np.array(5, dtype), base[7:8].reshape(()), readonly, unaligned,
        unaligned.reshape(2, 4), cube[:, :0, :], np.broadcast_to(base[:3], (2, 3)), cube[:1, :, :1].T,
    ]  # fmt: skip


def array_type(a: np.ndarray) -> t.Array:
    """What `typeof` gives: the rule that exact entries check."""
    layout = "C" if a.flags.c_contiguous else "F" if a.flags.f_contiguous else "A"
    return t.Array(t.from_dtype(a.dtype), a.ndim, layout, not a.flags.writeable, a.flags.aligned)


_DTYPES = [t.dtype_of(s) for s in t.NUMPY_SCALARS]


@pytest.mark.parametrize("dtype", _DTYPES, ids=str)
def test_arrays_come_back_as_themselves(dtype: np.dtype) -> None:
    for a in arrays_of(dtype):
        assert identity(array_type(a))(a) is a


def test_arrays_are_told_apart() -> None:
    arrays = [a for d in ("float64", "int64") for a in arrays_of(d)]
    for type in {array_type(a) for a in arrays}:
        f = identity(type)
        for a in arrays:
            if array_type(a) is type:
                assert f(a) is a
            else:
                with pytest.raises(Declined):
                    f(a)


def test_foreign_dtypes_are_declined() -> None:
    f = identity(t.int64[::1])
    for a in (np.zeros(3, ">i8"), np.zeros(3, "m8[s]"), np.zeros(3, object), np.zeros(3, [("x", "i8")]), [1], None):
        with pytest.raises(Declined):
            f(a)


def test_copies_and_twins_of_dtypes_are_taken() -> None:
    for a in (pickle.loads(pickle.dumps(np.arange(3.0))), np.arange(3.0).astype(np.dtype("f8", metadata={"unit": "m"}))):
        assert a.dtype is not np.dtype("float64")
        assert identity(t.float64[::1])(a) is a
        result = function([t.float64[::1]], None, lambda b, a: b.emit(array.load, a, constant(1, t.int64)))(a)
        assert same(result, np.float64(1))
    for name in ("longlong", "long"):
        a = np.arange(3).astype(name)
        if a.itemsize == 8:
            assert identity(t.int64[::1])(a) is a
    for a in (np.zeros(2, "longdouble"), np.zeros(2, "float16"), np.zeros(2, "uint64"), np.zeros(2, ">f8"), np.zeros(2, "V8")):
        with pytest.raises(Declined):
            identity(t.float64[::1])(a)


def test_signatures_that_were_written_down_take_more() -> None:
    loose = identity(t.Array(t.float64, 2, "A", readonly=True, aligned=False), exact_arguments=False)
    for a in arrays_of("float64"):
        if a.ndim == 2:
            assert loose(a) is a
    writeable = identity(t.Array(t.float64, 1, "A"), exact_arguments=False)
    for a in arrays_of("float64"):
        if a.ndim == 1 and a.flags.writeable and a.flags.aligned:
            assert writeable(a) is a
        else:
            with pytest.raises(Declined):
                writeable(a)
    contiguous = identity(t.float64[:, ::1], exact_arguments=False)
    with pytest.raises(Declined):
        contiguous(np.zeros((3, 4)).T)
    assert identity(t.float64[::1, :], exact_arguments=False)(both := np.zeros((3, 1))) is both


@pytest.mark.parametrize("dtype", _DTYPES, ids=str)
def test_items_are_loaded_and_stored(dtype: np.dtype) -> None:
    for a in arrays_of(dtype):
        if a.size == 0:
            continue
        type = array_type(a)
        load = function([type, *[t.int64] * a.ndim], None, lambda b, a, *i: b.emit(array.load, a, *i))
        for index in itertools.product(*({0, n // 2, n - 1} for n in a.shape)):
            assert same(load(a, *index), a[index])
        if type.readonly:
            continue

        def build(b: Builder, a: Value, value: Value, *i: Value) -> Value:
            b.emit(array.store, a, *i, value)
            return constant(None, t.none)

        store = function([type, type.item, *[t.int64] * a.ndim], None, build)
        for index in itertools.product(*({0, n - 1} for n in a.shape)):
            expected = a.copy()
            expected[index] = t.class_of(type.item)(1)
            assert store(a, t.class_of(type.item)(1), *index) is None
            assert a.tobytes() == expected.tobytes()  # True is 1 in memory


def test_shape_and_strides() -> None:
    for a in arrays_of("int32"):
        type = array_type(a)
        for axis in range(a.ndim):
            assert function([type], None, lambda b, a: b.emit(array.shape, a, axis=axis))(a) == a.shape[axis]
            stride = function([type], None, lambda b, a: b.emit(array.stride, a, axis=axis))(a)
            if a.shape[axis] > 1 and a.size:  # NumPy gives other axes any stride
                assert stride == a.strides[axis]


def _check_view(view: np.ndarray, expected: np.ndarray, owner: np.ndarray) -> None:
    np.testing.assert_array_equal(view, expected)
    assert view.shape == expected.shape and view.dtype is expected.dtype
    assert view.flags.writeable == expected.flags.writeable and view.flags.aligned == expected.flags.aligned
    if view.size:
        assert np.shares_memory(view, owner) and view.__array_interface__["data"] == expected.__array_interface__["data"]


@pytest.mark.parametrize("dtype", ["float64", "bool", "complex64"])
def test_views(dtype: str) -> None:
    for a in arrays_of(dtype):
        type = array_type(a)
        _check_view(function([type], None, lambda b, a: b.emit(array.transpose, a))(a), a.T, a)
        relaxed = t.Array(type.dtype, type.ndim, "A", type.readonly, type.aligned)
        assert function([type], None, lambda b, a: b.emit(array.relax, a, to=relaxed))(a) is a
        for count in range(1, a.ndim):
            part = function([type, *[t.int64] * count], None, lambda b, a, *i: b.emit(array.subarray, a, *i))
            for index in itertools.product(*({0, n - 1} for n in a.shape[:count] if n)):
                if len(index) == count:
                    _check_view(part(a, *index), a[index], a)


def test_a_view_keeps_its_owner_alive() -> None:
    transpose = function([t.float64[:, ::1]], None, lambda b, a: b.emit(array.transpose, a))
    a = np.arange(6.0).reshape(2, 3).copy()
    before = sys.getrefcount(a)
    view = transpose(a)
    assert sys.getrefcount(a) == before + 1
    assert view.base is a
    expected = a.T.copy()
    del a
    gc.collect()
    np.testing.assert_array_equal(view, expected)


def test_a_readonly_type_gives_readonly_views() -> None:
    a = np.arange(6.0).reshape(2, 3)
    a.flags.writeable = False
    view = function([array_type(a)], None, lambda b, a: b.emit(array.transpose, a))(a)
    assert not view.flags.writeable


def test_a_constant_array_lives_with_the_code() -> None:
    table = np.arange(10.0)[::3].copy()
    f = function([t.int64], None, lambda b, i: b.emit(array.load, constant(table, array_type(table)), i))
    expected = table.tolist()
    del table
    gc.collect()
    assert [f(i) for i in range(4)] == expected


def test_slices() -> None:
    f = identity(t.Slice((t.int64, t.none, t.uint8)))
    assert repr(f(slice(10**12, None, np.uint8(2)))) == repr(slice(10**12, None, np.uint8(2)))
    for wrong in (slice(1, None, 2), slice(1, 2, np.uint8(2)), slice(2**64, None, np.uint8(2)), (1, None, np.uint8(2)), None):
        with pytest.raises(Declined):
            f(wrong)


def _references() -> list[tuple[t.Type, Any]]:
    a = np.arange(6.0).reshape(2, 3)
    return [
        (t.int64, 12345678901), (t.float64, 1.5), (t.complex128, 1j), (t.boolean, True), (t.none, None),
        (t.np_float64, np.float64(2)), (t.np_bool, np.True_), (t.complex64, np.complex64(1)), (array_type(a), a),
        (t.Tuple((t.int64, t.Tuple((t.float64, t.none)))), (10**15, (2.5, None))), (t.Optional(t.float64), None),
        (t.NamedTuple((t.int64, array_type(a)), Point), Point(10**12, a)),
        (t.Slice((t.int64, t.none, t.np_bool)), slice(10**12, None, np.True_)),
    ]  # fmt: skip


@pytest.mark.parametrize("type, value", _references(), ids=lambda p: str(p)[:30])
def test_references_balance(type: t.Type, value: Any) -> None:
    f = identity(type)
    shared = [None, True, np.True_, float, np.float64, np.dtype("float64"), Point]
    watched = [value, *(value if isinstance(value, tuple) else ()), *shared]
    f(value)
    gc.collect()
    before, blocks = [sys.getrefcount(w) for w in watched], sys.getallocatedblocks()
    for _ in range(1000):
        f(value)
    gc.collect()
    assert [sys.getrefcount(w) for w in watched] == before
    assert sys.getallocatedblocks() - blocks < 50


def test_many_arguments() -> None:
    kinds = [t.int64, t.float64, t.float64[::1], t.Tuple((t.int64, t.complex128)), t.np_float64]
    types = [kinds[i % 5] for i in range(40)]
    values = [[i, i + 0.5, np.full(3, float(i)), (i, 1j * i), np.float64(i)][i % 5] for i in range(40)]
    result = function(types, None, lambda b, *p: b.emit(aggregate.tuple_make, *p, to=t.Tuple(tuple(v.type for v in p))))(*values)
    for got, given in zip(result, values):
        assert got is given if isinstance(given, np.ndarray) else got == given and type(got) is type(given)


def test_an_item_that_does_not_fit_in_64_bits_cannot_be_made() -> None:
    wraps = function([t.int64], None, lambda b, x: b.emit(arithmetic.add, x, constant(1, t.int64)))
    assert wraps(2**63 - 1) == -(2**63)
    assert math.copysign(1, function([t.float64], None, lambda b, x: b.emit(arithmetic.neg, x))(0.0)) == -1
