"""Memory of arrays that compiled code makes: what it is as Python's arrays, and that it lives exactly as long as it should."""

from __future__ import annotations

import gc
import itertools
import pickle
import sys
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from codegen_harness import compiled, function, make_graph

from codegen.runtime import array_at, live_blocks
from ir import types as t
from ir.builder import Builder, constant
from ir.errors import IRTypeError
from ir.graph import Op, Value
from ir.interp import evaluate, run
from ir.ops import aggregate, array, memory, python
from ir.passes import manage_lifetimes
from ir.types import Type
from ir.verify import verify
from tracer.typeof import typeof

VECTOR = t.float64[::1]
ALL_TYPES = t.NUMPY_SCALARS
SHAPES = [(), (0,), (1,), (5,), (0, 3), (3, 0), (2, 3), (1, 4), (4, 1), (2, 0, 3), (2, 3, 4), (2, 1, 3, 2)]


def index(value: int) -> Value:
    return constant(value, t.int64)


def maker(to: t.Array, zero: bool = True, **options: Any) -> Callable[..., np.ndarray]:
    return function([t.int64] * to.ndim, None, lambda b, *n: b.emit(memory.alloc, *n, to=to, zero=zero), **options)


def same_layout(made: np.ndarray, expected: np.ndarray) -> bool:
    """Whether all that NumPy tells about two arrays agrees."""
    return (
        type(made) is np.ndarray and made.dtype is expected.dtype and made.shape == expected.shape
        and made.strides == expected.strides and str(made.flags) == str(expected.flags)
        and (made.base is None) is (expected.base is None)
    )  # fmt: skip


# --- new arrays


@pytest.mark.parametrize("dtype", ALL_TYPES, ids=str)
@pytest.mark.parametrize("layout", "CF")
def test_new_arrays_are_as_numpy_makes_them(dtype: t.Scalar, layout: str) -> None:
    for ndim, shapes in itertools.groupby(sorted(SHAPES, key=len), len):
        make = maker(t.Array(dtype, ndim, layout))
        for shape in shapes:
            made, expected = make(*shape), np.zeros(shape, t.dtype_of(dtype), layout)
            assert same_layout(made, expected), (shape, made.flags, expected.flags)
            assert not made.any() and made.flags.owndata and made.ctypes.data % 64 == 0


def test_a_new_array_is_a_full_citizen() -> None:
    made = maker(VECTOR)(5)
    made[:] = np.arange(5.0)
    assert pickle.loads(pickle.dumps(made)).tolist() == made.tolist()
    made.resize(8, refcheck=False)
    assert made.tolist() == [0, 1, 2, 3, 4, 0, 0, 0] and live_blocks() >= 1
    made.resize(2, refcheck=False)
    assert made.tolist() == [0, 1]
    made.__setstate__((1, (3,), np.dtype("f8"), False, np.ones(3).tobytes()))
    assert made.tolist() == [1, 1, 1]


def _several(*build: Callable[[Builder, Value], Value]) -> tuple[np.ndarray, ...]:
    """Arrays that are made, in one function, of one new matrix of 10 rows and 20 columns."""

    def together(b: Builder) -> Value:
        a = b.emit(memory.alloc, index(10), index(20), to=t.float64[:, ::1], zero=True)
        made = [make(b, a) for make in build]
        return b.emit(aggregate.tuple_make, *made, to=t.Tuple(tuple(v.type for v in made)))

    graph = make_graph([], None, together)
    manage_lifetimes(graph)
    return compiled(graph)()


def itself(b: Builder, a: Value) -> Value:
    return a


def row(b: Builder, a: Value) -> Value:
    return b.emit(array.subarray, a, index(3))


def flat(b: Builder, a: Value) -> Value:
    return b.emit(memory.view, a, index(0), index(200), to=VECTOR)


def test_an_array_that_goes_to_python_twice_is_one_object() -> None:
    first, second = _several(itself, itself)
    assert first is second and first.flags.owndata
    first, view, whole, third = _several(itself, row, flat, itself)
    assert third is first and view.base is first and whole.base is first and whole.shape == (200,)
    view, other, first, third = _several(row, row, itself, itself)
    assert view is not other and view.base is other.base is not None
    assert first is third and first.flags.owndata and first.base is None
    first[3] = 7
    assert view[0] == 7


def test_an_object_that_is_gone_is_not_given_out() -> None:
    """Also not while it is being deallocated, when a callback asks for it."""
    alive: list[Any] = []

    def keep(a: np.ndarray) -> None:
        alive.append(weakref.ref(a, lambda _: alive.append(None)))
        assert a[0, 0] == len(alive) - 1
        a[0, 0] = 2
        del a

    def build(b: Builder) -> Value:
        a = b.emit(memory.alloc, index(10), index(20), to=t.float64[:, ::1], zero=True)
        b.emit(python.python_call, a, function=keep)
        b.emit(python.python_call, a, function=keep)
        return a

    graph = make_graph([], None, build)
    manage_lifetimes(graph)
    made = compiled(graph)()
    assert len(alive) == 4 and made[0, 0] == 2 and made.flags.owndata


def test_memory_that_something_else_refers_to_is_not_moved() -> None:
    def build(b: Builder) -> None:
        a = b.emit(memory.alloc, index(100), to=VECTOR, zero=True)
        b.emit(python.python_call, a, function=resize)
        b.return_(b.emit(array.load, a, index(99)))

    def resize(a: np.ndarray) -> None:
        with pytest.raises(MemoryError):
            a.resize(10**6, refcheck=False)
        a[99] = 5

    graph = make_graph([], t.np_float64, build)
    manage_lifetimes(graph)
    assert compiled(graph)() == 5


def test_resized_arrays_keep_what_fits() -> None:
    make = maker(VECTOR)
    for before, after in ((5, 3), (5, 500), (1 << 23, 2), (3, 0)):
        a = make(before)
        a[:5] = np.arange(min(before, 5))
        a.resize(after, refcheck=False)
        assert a.tolist()[:5] == list(range(min(before, after, 5))) + [0] * (min(after, 5) - min(before, after, 5))
        assert a.shape == (after,) and not a[5:].any()


def test_large_arrays() -> None:
    """From a size where the system is asked for huge pages; zeros also where memory is used again."""
    for zero in (True, False):
        make = maker(VECTOR, zero)
        for _ in range(3):
            made = make(3 << 19)
            assert not zero or not made.any()
            made[:] = 1.0
            del made


@pytest.mark.parametrize("shape", [(2**40, 2**19), (2**30, 2**29), (2**60, 2**10), (0, 2**62), (2**62, 0), (2**61, 1), (3, 2**60)], ids=str)
@pytest.mark.parametrize("layout", "CF")
def test_too_large_arrays(shape: tuple[int, int], layout: str) -> None:
    with pytest.raises((MemoryError, ValueError)) as expected:
        np.empty(shape, order=layout)
    with pytest.raises((MemoryError, ValueError)) as raised:
        maker(t.Array(t.float64, 2, layout), False)(*shape)
    assert type(raised.value) is type(expected.value) and str(raised.value) == str(expected.value)


def test_sizes_that_overflow_on_the_way() -> None:
    """Also where the array never becomes a Python object, of which NumPy would ask the same."""

    def first_item(b: Builder, *lengths: Value) -> None:
        a = b.emit(memory.alloc, *lengths, to=t.float64[:, :, ::1], zero=False)
        b.emit(array.store, a, *[index(0)] * 3, constant(np.float64(1.0), t.np_float64))
        b.return_(b.emit(array.load, a, *[index(0)] * 3))

    graph = make_graph([t.int64] * 3, t.np_float64, first_item)
    manage_lifetimes(graph)
    first = compiled(graph)
    assert first(1, 2, 3) == 1.0
    for shape in ((2**40, 2**40, 2), (2**40, 2**40, 0), (2**33, 2**33, 2**33)):
        with pytest.raises(ValueError, match="array is too big"):
            first(*shape)


def test_new_arrays_hold_their_dtype() -> None:
    for kind in (t.float64[::1], t.Array(t.from_dtype(np.dtype("M8[s]")), 1, "C")):
        make, dtype = maker(kind, True), t.dtype_of(kind.dtype)
        assert make(3).dtype is dtype
        gc.collect()
        before = sys.getrefcount(dtype)
        held = 0 if before > 2**31 else 100  # since CPython 3.12, NumPy's dtypes of numbers are never counted
        made = [make(3) for _ in range(50)]
        views = [array_at(id(a) + 1, a.ctypes.data, (1,), a.strides, dtype, True) for a in made]
        assert sys.getrefcount(dtype) == before + held
        del made, views
        assert sys.getrefcount(dtype) == before


def test_lengths_that_are_too_large_for_one_axis() -> None:
    make = maker(t.complex128[::1], False)
    for length in (2**59, 2**60, 2**63 - 1):
        with pytest.raises(ValueError, match=r"^array is too big; `arr.size \* arr.dtype.itemsize` is larger than the maximum"):
            make(length)
    with pytest.raises(MemoryError, match=r"^Unable to allocate 4.00 EiB for an array with shape \(288230376151711744,\) and data type complex128$"):
        make(2**58)


# --- views


def _view_of_new(to: t.Array, *numbers: int) -> Callable[[], np.ndarray]:
    def build(b: Builder) -> Value:
        a = b.emit(memory.alloc, index(100), to=VECTOR, zero=True)
        for i in range(100):
            b.emit(array.store, a, index(i), constant(float(i), t.np_float64))
        return b.emit(memory.view, a, *map(index, numbers), to=to)

    graph = make_graph([], None, build)
    manage_lifetimes(graph)
    return compiled(graph)


@pytest.mark.parametrize(
    ("to", "numbers", "expected"),
    [
        (t.float64[:], (8, 10, 16), np.arange(100.0)[1:21:2]),
        (t.float64[:], (99 * 8, 100, -8), np.arange(100.0)[::-1]),
        (VECTOR, (0, 99), np.arange(100.0)[:99]),
        (VECTOR, (8, 99), np.arange(100.0)[1:]),
        (t.float64[:, ::1], (8, 3, 4), np.arange(100.0)[1:13].reshape(3, 4)),
        (t.float64[::1, :], (8, 3, 4), np.arange(100.0)[1:13].reshape(4, 3).T),
        (t.float64[:, :], (0, 3, 4, 0, 8), np.lib.stride_tricks.as_strided(np.arange(100.0), (3, 4), (0, 8))),
        (t.Array(t.float64, 1, "C", True), (16, 2), np.arange(100.0)[2:4]),
        (t.Array(t.float64, 0, "C"), (24,), np.arange(100.0)[3:4].reshape(())),
        (VECTOR, (800, 0), np.arange(100.0)[100:]),
        (t.uint8[::1], (8, 16), np.arange(100.0).view(np.uint8)[8:24]),
    ],
    ids=str,
)
def test_views_of_new_arrays(to: t.Array, numbers: tuple[int, ...], expected: np.ndarray) -> None:
    made = _view_of_new(to, *numbers)()
    if to.readonly:
        expected.flags.writeable = False
    assert same_layout(made, expected), (made.flags, expected.flags)
    assert np.array_equal(made, expected)
    assert made.base.flags.owndata and made.base.nbytes == 800 and made.base.base is None


def test_a_view_of_all_of_a_new_array_owns_it() -> None:
    made = _view_of_new(t.float64[:, ::1], 0, 20, 5)()
    assert same_layout(made, np.zeros((20, 5))) and made[3, 2] == 17
    made = _view_of_new(t.Array(t.float64, 1, "C", True), 0, 100)()
    assert made.base is None and not made.flags.writeable


def test_the_record_of_view() -> None:
    a = np.arange(24.0).reshape(4, 6)
    for to, numbers, expected in [
        (t.float64[:], (8, 3, 48), a[:3, 1]),
        (t.float64[:, ::1], (0, 6, 4), a.reshape(6, 4)),
        (t.float64[::1, :], (0, 6, 4), a.reshape(4, 6).T),
        (t.float64[:, ::1], (0, 0, 4), a[:0, :4]),
        (t.Array(t.float64, 1, "C", True), (0, 24), a.ravel()),
    ]:
        graph = make_graph([t.float64[:, ::1]], None, lambda b, x: b.emit(memory.view, x, *map(index, numbers), to=to))  # noqa: B023
        for made in (run(graph, a), compiled(graph)(a)):
            assert np.array_equal(made, expected) and made.flags.writeable is not to.readonly
            assert expected.size == 0 or np.shares_memory(made, a)


# --- overlaps and broadcast


def _some_arrays() -> list[np.ndarray]:
    a = np.arange(24.0)
    return [a, a[:12], a[12:], a[11:], a[::2], a[1::2], a[::-1], a[:0], a[5:6], a[20:4:-3], np.lib.stride_tricks.as_strided(a, (5,), (0,))]


def test_overlaps() -> None:
    graph = make_graph([t.float64[:], t.float64[:]], None, lambda b, x, y: b.emit(memory.overlaps, x, y))
    overlaps = compiled(graph, exact_arguments=False)
    for x, y in itertools.product(_some_arrays(), repeat=2):
        same = (x.ctypes.data, x.shape, x.strides) == (y.ctypes.data, y.shape, y.strides)
        expected = not same and bool(np.may_share_memory(x, y))
        assert overlaps(x, y) is expected is run(graph, x, y), (x, y)


COPIES = (
    (np.zeros((3, 4)), np.arange(12.0).reshape(3, 4)), (np.zeros((3, 4), order="F"), np.arange(4.0).reshape(1, 4)),
    (np.zeros((6, 4))[::-2], np.arange(3.0).reshape(3, 1)), (np.zeros((3, 8))[:, ::2], np.arange(12.0).reshape(4, 3).T),
    (np.zeros((0, 4)), np.zeros((1, 4))), (np.zeros((2, 3), np.int8), np.arange(3, dtype=np.int8).reshape(1, 3)),
    (np.zeros((2, 3), np.complex128)[:, ::-1], np.arange(6).reshape(2, 3) * 1j), (np.zeros(()), np.array(2.5)),
    (np.zeros(5), np.array([2.5])), (np.zeros(10, np.int16)[::2], np.array([7], np.int16)), (np.zeros((2, 3)), np.ones((2, 3))),
    (np.zeros((2, 3, 4), np.float32), np.arange(8, dtype=np.float32).reshape(2, 1, 4)[:, :, ::-1]),
)  # fmt: skip


@pytest.mark.parametrize("target, source", COPIES, ids=lambda a: f"{a.dtype}{a.shape}{a.strides}")
def test_copy(target: np.ndarray, source: np.ndarray) -> None:
    def body(b: Builder, x: Value, y: Value) -> Value:
        b.emit(memory.copy, x, y)
        return x

    graph = make_graph([typeof(target), typeof(source)], None, body)
    expected = np.broadcast_to(source, target.shape)
    for execute in (compiled(graph), lambda x, y: run(graph, x, y)):
        written = np.array(target, order="K") if target.flags.forc else target
        written[...] = 0
        assert execute(written, source) is written and np.array_equal(written, expected)


def _stretching(source: t.Array, to: t.Array) -> Any:
    """A graph that writes an array at other lengths, which are its last arguments, into one of these."""

    def body(b: Builder, target: Value, array: Value, *lengths: Value) -> Value:
        b.emit(memory.copy, target, b.emit(memory.stretch, array, *lengths, to=source))
        return target

    graph = make_graph([to, source, *[t.int64] * source.ndim], None, body)
    manage_lifetimes(graph)
    verify(graph)
    return graph


@pytest.mark.parametrize("target, source", [c for c in COPIES if c[0].shape], ids=lambda a: f"{a.dtype}{a.shape}{a.strides}")
def test_stretch(target: np.ndarray, source: np.ndarray) -> None:
    graph = _stretching(typeof(source), typeof(target))
    before = live_blocks()
    for execute in (compiled(graph), lambda *arguments: run(graph, *arguments)):
        written = np.array(target, order="K") if target.flags.forc else target
        for _ in range(2):
            written[...] = 0
            assert execute(written, source, *target.shape) is written and np.array_equal(written, np.broadcast_to(source, target.shape))
    assert live_blocks() == before


@pytest.mark.parametrize("layout", ("C", "F", "A"))
@pytest.mark.parametrize("shape", [(2**58,), (2**61,), (2**57, 2), (2, 2**57), (2**41, 2**19, 0), (2**30, 2**29, 2**29)], ids=str)
def test_arrays_that_are_stretched_too_far(shape: tuple[int, ...], layout: str) -> None:
    kind = t.Array(t.float64, len(shape), layout)
    stretch = compiled(_stretching(kind, kind), exact_arguments=False)
    a, before = np.zeros([1] * len(shape)), live_blocks()
    with pytest.raises((MemoryError, ValueError)) as expected:
        np.empty(shape)
    with pytest.raises((MemoryError, ValueError)) as raised:
        stretch(a, a, *shape)
    assert raised.type is expected.type and str(raised.value) == str(expected.value)
    assert live_blocks() == before


def test_overlaps_of_other_dimensions_and_sizes() -> None:
    a = np.arange(24.0)
    for x, y in itertools.product((a, a.reshape(4, 6), a.reshape(6, 4), a.view(np.int32), a[7:8].reshape(())), repeat=2):
        types = [t.Array(t.from_dtype(v.dtype), v.ndim, "C") for v in (x, y)]
        graph = make_graph(types, None, lambda b, x, y: b.emit(memory.overlaps, x, y))
        assert compiled(graph)(x, y) is run(graph, x, y) is not (x is y or x.shape == y.shape)


_LENGTHS = (0, 1, 2, 3)


@pytest.mark.parametrize(("ranks", "into"), [((1, 1), False), ((2, 1), False), ((0, 2), False), ((1, 2, 1), False), ((1, 1), True), ((1, 2), True), ((0, 1), True), ((2,), False)], ids=str)  # fmt: skip
def test_broadcast(ranks: tuple[int, ...], into: bool) -> None:
    graph = make_graph([t.int64] * sum(ranks), None, lambda b, *n: b.emit(memory.broadcast, *n, ranks=ranks, into=into))
    machine = compiled(graph)
    for lengths in itertools.product(_LENGTHS, repeat=sum(ranks)):
        shapes = [lengths[sum(ranks[:i]) : sum(ranks[: i + 1])] for i in range(len(ranks))]
        try:
            expected = np.broadcast_shapes(*shapes)
        except ValueError:
            expected = None
        if into:
            expected = shapes[1] if expected == shapes[1] else None
        for broadcast in (machine, lambda *n: run(graph, *n)):
            if expected is None:
                with pytest.raises(ValueError, match="broadcast"):
                    broadcast(*lengths)
            else:
                assert broadcast(*lengths) == expected


def test_messages_of_broadcast() -> None:
    for ranks, into, lengths, message in [
        ((2, 1), False, (3, 4, 5), "operands could not be broadcast together with shapes (3,4) (5,) "),
        ((1, 1, 0), False, (3, 5), "operands could not be broadcast together with shapes (3,) (5,) () "),
        ((1, 2), True, (3, 4, 5), "could not broadcast input array from shape (3,) into shape (4,5)"),
    ]:
        graph = make_graph([t.int64] * len(lengths), None, lambda b, *n: b.emit(memory.broadcast, *n, ranks=ranks, into=into))  # noqa: B023
        for broadcast in (compiled(graph), lambda *n: run(graph, *n)):  # noqa: B023
            with pytest.raises(ValueError) as raised:
                broadcast(*lengths)
            assert str(raised.value) == message


@pytest.mark.parametrize(
    ("op", "operands", "attributes"),
    [
        (memory.alloc, (t.float64,), {"to": VECTOR, "zero": True}),
        (memory.alloc, (t.int64,), {"to": t.float64[:], "zero": True}),
        (memory.alloc, (t.int64,), {"to": t.Array(t.float64, 1, "C", True), "zero": True}),
        (memory.local, (), {"to": VECTOR, "zero": True}),
        (memory.view, (VECTOR, t.int64), {"to": VECTOR}),
        (memory.view, (VECTOR, t.int64, t.int64), {"to": t.float64[:]}),
        (memory.view, (t.Array(t.float64, 1, "C", True), t.int64, t.int64), {"to": VECTOR}),
        (memory.retain, (t.int64,), {}),
        (memory.release, (t.Tuple((t.int64,)),), {}),
        (memory.overlaps, (VECTOR, t.int64), {}),
        (memory.stretch, (VECTOR, t.int64), {"to": t.float64[:]}),
        (memory.stretch, (VECTOR, t.int64, t.int64), {"to": VECTOR}),
        (memory.broadcast, (t.int64,), {"ranks": (1, 1), "into": False}),
        (memory.broadcast, (t.int64,) * 3, {"ranks": (2, 1), "into": True}),
    ],
    ids=str,
)
def test_type_rules_refuse(op: Any, operands: tuple[Type, ...], attributes: dict[str, Any]) -> None:
    with pytest.raises(IRTypeError):
        op.type_rule(operands, attributes)


def test_counting_means_nothing_to_the_interpreter() -> None:
    a = np.zeros(3)
    for op in (memory.retain, memory.release):
        assert evaluate(Op(op, [Value(VECTOR)], {}, None, None), [a]) is None
