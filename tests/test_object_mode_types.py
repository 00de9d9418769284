"""Objects that get a type again, what the user is told, and how object mode behaves around calls, threads and generators."""

from __future__ import annotations

import gc
import io
import math
import sys
import threading
import warnings
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tracer
from tracer import NopythonError, ObjectModeWarning, jit, njit, objmode, resuming, trace, types

pytestmark = pytest.mark.filterwarnings("ignore::tracer.errors.ObjectModeWarning")


def untraceable(x: Any) -> Any:
    """Gives its argument back, unknown to the compiler."""
    return eval("x", {"x": x})


def ops(graph: Any) -> list[str]:
    return [op.name for op in graph.ir.ops()]


def test_conversions_of_objects_are_typed() -> None:
    def total(things: Any, n: int) -> Any:
        result = 0.0
        for i in range(n):
            x = float(things[i])
            for _ in range(3):
                result += x * x + x * i + len(things) + int(things[i]) * 0.5
                x = x * 0.5 + x * x - i * x
        return result, bool(things), complex(things[0])

    fast = jit(total)
    things = [1, "2", 2.5, np.float64(3)]
    for _ in range(3):
        result = fast(things, 4)
        assert result == total(things, 4) and [type(x) for x in result] == [float, bool, complex]
    (graph,) = fast.graphs.values()
    assert "add" in ops(graph) and graph.signature.result is types.Tuple((types.float64, types.boolean, types.complex128))
    with pytest.raises(ValueError, match="could not convert"):
        fast(["x"], 1)
    with pytest.raises(OverflowError, match="64 bits"):
        fast([10**30], 1)


def test_an_int_of_any_size_outside_of_loops() -> None:
    def large(text: Any, n: int) -> Any:
        s = 0.0
        for i in range(n):
            s += i * 0.5
        return int(text) + 1, s

    assert jit(large)("9" * 30, 3) == large("9" * 30, 3) == (10**30, 1.5)


@pytest.mark.parametrize("value", (2**63 - 1, 2**63, 2**64, -(2**63), -(2**63) - 1))
def test_an_int_of_any_size_as_an_argument(value: int) -> None:
    def divided(x: Any, n: int) -> Any:
        s = 0.0
        for i in range(n):
            s += i * 0.5
        return x // 3, s

    fast = jit(divided)
    for argument in (value, 5, value):
        assert fast(argument, 3) == divided(argument, 3)


@pytest.mark.parametrize("value", ((2**63, 1), (1, (2, -(2**70))), slice(None, 2**64)), ids=repr)
def test_an_int_of_any_size_in_an_argument(value: Any) -> None:
    def given(x: Any, n: int) -> Any:
        s = 0.0
        for i in range(n):
            s += i * 0.5
        return x, s

    small = (3, 1) if isinstance(value, tuple) else slice(None, 3)
    for order in ((value, small, value), (small, value, small)):
        fast = jit(given)
        for argument in order:
            assert fast(argument, 3) == given(argument, 3)
    with pytest.raises(OverflowError, match="64-bit integers"):
        njit(given)(value, 3)


def test_annotation_gives_a_type() -> None:
    def trace_of(m: Any) -> Any:
        q: types.float64[:, :] = untraceable(m)
        s = 0.0
        for i in range(len(q)):
            s += q[i, i]
        return s

    fast = jit(trace_of)
    m = np.arange(9.0).reshape(3, 3)
    for given in (m, m.T, m[::2, ::2]):
        assert fast(given) == trace_of(given)
    assert all("unbox_like" in ops(graph) for graph in fast.graphs.values())
    with pytest.raises(TypeError, match=r"q is declared float64\[:, :\], and got int64\[:, ::1\]") as caught:
        fast(m.astype(np.int64))
    assert caught.traceback[-1].lineno + 1 == trace_of.__code__.co_firstlineno + 1
    with pytest.raises(TypeError, match="and got list"):
        fast([[1.0]])


def test_asarray_with_a_dtype_is_typed_without_a_loop() -> None:
    def norm(rows: Any) -> Any:
        a = np.asarray(rows, dtype=np.float64)
        return (a * a + 1.0).sum()

    fast = jit(norm)
    for rows in ([1, 2], [[1, 2], [3, 4]], 5, (1.5, 2)):
        for _ in range(2):
            assert fast(rows) == norm(rows) and type(fast(rows)) is type(norm(rows))
    assert "reduce" in " ".join(name for graph in fast.graphs.values() for name in ops(graph))
    with pytest.raises(ValueError, match="could not convert"):
        fast(["x"])


def test_other_annotations_mean_nothing() -> None:
    def count(things: Any) -> Any:
        n: "no type at all" = untraceable(things)  # noqa: F722
        m: list[int] = untraceable(things)
        k: int = untraceable(things)
        return n, m, k

    assert jit(count)("abc") == ("abc",) * 3


@pytest.mark.parametrize("compiler", [jit, njit])
def test_objmode_block(compiler: Any) -> None:
    def norm(a: Any, scale: Any) -> Any:
        doubled = a * scale
        with objmode(rows="int64", m="float64[:, :]"):
            m = untraceable(doubled)
            rows = len(str(m.shape[0]))
        s = 0.0
        for i in range(len(a)):
            s += m[i, 0]
        return s, rows

    fast, a = compiler(norm), np.arange(6.0).reshape(3, 2)
    for _ in range(3):
        assert fast(a, 2.0) == norm(a, 2.0)


def test_objmode_checks_the_types() -> None:
    @njit
    def wrong(a: Any) -> Any:
        with objmode(x="float64"):
            x = untraceable(a)
        return x

    assert wrong(1.5) == 1.5
    with pytest.raises(TypeError, match="x is declared float64, and got int64"):
        wrong(3)

    @njit
    def unknown(a: Any) -> Any:
        with objmode(x="float65"):
            x = untraceable(a)
        return x

    with pytest.raises(NopythonError, match="float65"):
        unknown(1)

    @njit
    def missing(a: Any) -> Any:
        with objmode(x="float64"):
            untraceable(a)
        return x  # noqa: F821

    with pytest.raises((NopythonError, NameError)):
        missing(1)


def test_objmode_in_python() -> None:
    with tracer.objmode(x="float64", y=types.int64):
        x = 1
    assert x == 1


# --- what the user is told


def segmented(things: Any, n: int) -> Any:
    total = 0.0
    for i in range(n):
        total += i * 0.5 * i
        things.append(i)
    return total


APPEND_LINE = segmented.__code__.co_firstlineno + 4


def test_a_warning_for_each_segment_at_its_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fast = jit(segmented)
        for _ in range(3):
            fast([], 3)
    (found,) = caught
    assert found.category is ObjectModeWarning and found.filename == __file__ and found.lineno == APPEND_LINE
    text = str(found.message)
    assert "segmented" in text and "`things.append(i)`" in text and f"line {APPEND_LINE}" in text and "hint: " in text
    (segment,) = fast.segments
    assert (segment.line, segment.text) == (APPEND_LINE, "things.append(i)") and segment.reason and segment.hint


def test_the_warning_as_an_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ObjectModeWarning)
        fast = jit(segmented)
        for _ in range(2):
            with pytest.raises(ObjectModeWarning) as caught:
                fast([], 3)
            assert len(caught.traceback) == 1 and not fast.segments
    assert fast([], 3) == segmented([], 3) and fast.segments


def test_graphs_and_lines_show_what_is_interpreted() -> None:
    graph = trace(segmented, nopython=False)([], 3)
    assert "interpret [things.append(i)](things, i)" in graph.text() and "# interpreted: " in graph.text()
    fast = jit(segmented)
    fast([], 3)
    file = io.StringIO()
    fast.inspect_types(file=file)
    text = file.getvalue()
    assert text.startswith("segmented (object, int64)  ") and f":{segmented.__code__.co_firstlineno}" in text
    lines = text.splitlines()
    append = next(i for i, line in enumerate(lines) if line.endswith("things.append(i)"))
    assert "interpret [things.append(i)](things, i)" in lines[append + 1] and "[interpreted: " in lines[append + 1]
    page = fast.inspect_types(pretty=True)
    assert 'class="interpreted"' in page._repr_html_() and "things.append(i)" in page._repr_html_()
    assert str(page).startswith("<!DOCTYPE html>") and str(page).count('class="interpreted"') == 1
    file = io.StringIO()
    assert fast.inspect_types(file=file, pretty=True) is None and file.getvalue() == str(page) + "\n"


@pytest.mark.parametrize("value", [[1.0], {"a": 1}, "text", b"x", {1, 2}, object(), np.array([1, None]), print, (1, "a")], ids=repr)
def test_arguments_of_any_type(value: Any) -> None:
    def both(x: Any, n: int) -> Any:
        s = 0
        for i in range(n):
            s += i * i
        return x, s, type(x).__name__

    expected = both(value, 3)
    fast = jit(both)
    for _ in range(2):
        result = fast(value, 3)
        assert result[0] is value and result[1:] == expected[1:]
    with pytest.raises(NopythonError, match="'x'|argument"):
        njit(both)(value, 3)


def test_each_class_of_objects_has_a_form_and_typed_arguments_keep_theirs() -> None:
    def first(things: Any) -> Any:
        s = 0.0
        for i in range(len(things)):
            s += things[i] * 0.5 * i
        return s

    fast = jit(first)
    assert [fast(x) for x in ([1, 2], (1, 2), np.array([1.0, 2.0]), [1, 2])] == [1.0] * 4
    assert any(isinstance(signature[0], types.Array) for signature in fast.signatures)


# --- calls, threads, generators


def looping(log: list, n: int) -> Any:
    s = 0.0
    for i in range(n):
        s += i * 0.5
    log.append(s)
    return s


def test_functions_that_segments_call_are_compiled() -> None:
    def outer(log: Any, n: int) -> Any:
        return [looping(log, n), len(log)]

    fast = jit(outer)
    for _ in range(3):
        log: list = []
        assert fast(log, 10) == [22.5, 1] and log == [22.5]
    assert "call" in str(fast.segments) or fast.segments


def fibonacci(calls: Any, n: int) -> Any:
    calls.append(n)
    return n if n < 2 else fibonacci(calls, n - 1) + fibonacci(calls, n - 2)


def test_recursion_in_segments() -> None:
    first: list = []
    second: list = []
    assert jit(fibonacci)(first, 10) == fibonacci(second, 10) and first == second


def test_interpreted_statements_do_not_see_what_is_not_bound() -> None:
    def reads(bound: Any, text: Any) -> Any:
        s = 0.0
        for i in range(3):
            s += i * 0.5
        if bound:
            x = len(text)
        try:
            result = f"{text}{x}"
        except NameError as error:
            result = type(error).__name__
        return result, s

    def deletes(bound: Any, text: Any) -> Any:
        s = 0.0
        for i in range(3):
            s += i * 0.5
        if bound:
            x = len(text)
        with io.StringIO(text) as file:
            y = file.read()
            del x
        return y, s

    def binds(bound: Any, text: Any) -> Any:
        s = 0.0
        for i in range(3):
            s += i * 0.5
        try:
            if bound:
                x = len(text)
        finally:
            s += len(text)
        return x, s

    for function in (reads, deletes, binds):
        fast = jit(function)
        for bound in (True, False):
            try:
                expected = function(bound, "ab")
            except NameError as error:
                with pytest.raises(type(error)):
                    fast(bound, "ab")
            else:
                assert fast(bound, "ab") == expected


def test_jumps_of_interpreted_statements_find_the_variables() -> None:
    def leaves(things: Any, n: int, values: Any) -> Any:
        last = -1.0
        for i in range(n):
            if i % 2:
                last = i * 2.0 + values.sum()
            else:
                last = i * 3.0
            try:
                if i == len(things):
                    break
            finally:
                things.append(i)
                things.pop()
            last = 0.0
        return last

    def continues(things: Any, n: int, values: Any) -> Any:
        total = step = 0.0
        for i in range(n):
            total += step + values.sum()
            if i % 2:
                step = 2.0
            else:
                step = 3.0
            try:
                if i in things:
                    continue
            finally:
                things.append(-1)
            step = 0.5
        return total

    values = np.arange(3.0)  # whose sum makes the loops worth machine code
    for function in (leaves, continues):
        for things in ([], [1], [1, 2, 5]):
            fast = jit(function)
            for _ in range(3):
                assert fast(list(things), 6, values) == function(list(things), 6, values)
            assert not any(segment.text.startswith("for ") for segment in fast.segments)


def test_what_a_finally_binds_after_a_jump() -> None:
    def leaves(things: Any, n: int) -> Any:
        for i in things:
            try:
                if n > 1:
                    break
                if n:
                    return "returned", n
                if things:
                    continue
            finally:
                n += 1
                last = str(i)
                if n > 5:
                    break
        return last, n

    def swallows(things: Any, n: int) -> Any:
        for i in range(n):
            try:
                for _ in things:
                    try:
                        return "returned"
                    finally:
                        last = str(i)
                        continue
                if i > 2:
                    break
            finally:
                n += 1
        return last, n

    for function in (leaves, swallows):
        fast = jit(function)
        for things in ([1], [1, 2, 3, 4, 5, 6, 7]):
            for n in (0, 1, 2, 5):
                outcomes = []
                for each in (fast, function):
                    try:
                        outcomes.append(each(things, n))
                    except UnboundLocalError as error:
                        outcomes.append(error.args)
                assert outcomes[0] == outcomes[1]


def test_first_calls_from_many_threads() -> None:
    def work(things: Any, n: int) -> Any:
        last = untraceable(n)
        s = 0.0
        for i in range(n):
            s += last * 0.5
            things.append(i)
        return s

    for nogil in (False, True):
        fast = jit(nogil=nogil)(work)
        results: list = []
        threads = [threading.Thread(target=lambda: results.append((fast(mine := [], 50), mine))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [(1250.0, list(range(50)))] * 8


def test_generators_and_exceptions_leave_no_references() -> None:
    def consume(source: Any, n: int) -> Any:
        items: Iterator = (x for x in source)
        s = 0.0
        for i in range(n):
            s += next(items) * 0.5 * i
        return s

    fast = jit(consume)
    source = [1.0, 2.0, 3.0]
    assert fast(source, 3) == consume(source, 3)
    before = sys.getrefcount(source)
    for _ in range(5):
        with pytest.raises(StopIteration):
            fast(source, 9)
        assert fast(source, 3) == 4.0
    assert sys.getrefcount(source) == before


def test_what_is_left_of_nested_loops_is_not_confused() -> None:
    def nested(items: Any, n: int) -> Any:
        t = 0
        r = None
        for _ in list(items):
            r = 0
            for p, q in {"a": n, "b": 2}.items():
                r += q
                t += len(p)
            t += 1
        return r, t

    fast = jit(nested)
    for _ in range(3):
        assert fast(("u", 3), 2) == nested(("u", 3), 2)


def test_unbound_names_are_not_looked_up_outside() -> None:
    """A name that is local to the function is not the global of the same name, in no segment."""

    def in_a_comprehension(values: Any, a: Any) -> Any:
        total = 0.0
        for i in range(len(a)):
            total += a[i] * 2
        found = [math.sqrt(value) for value in values]
        import math

        return found, total

    def sometimes(values: Any, a: Any) -> Any:
        total = 0.0
        for i in range(len(a)):
            total += a[i] * 2
        if total < 0:
            import math
        return {value: math for value in values}, total

    def in_a_block(values: Any, a: Any) -> Any:
        total = 0.0
        for i in range(len(a)):
            total += a[i] * 2
        with Opened(values) as items:
            found = [math for _ in items] if items else math and 1
        import math

        return found, total

    for function in (in_a_comprehension, sometimes, in_a_block):
        fast = jit(function)
        for values in ([1.0, 4.0], [], [1.0]):
            for _ in range(3):
                assert _outcome(fast, values) == _outcome(function, values)


def _outcome(function: Any, values: Any) -> Any:
    try:
        return function(values, np.ones(3))
    except NameError as error:
        return type(error), str(error)


class Opened:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __enter__(self) -> Any:
        return self.value

    def __exit__(self, *error: Any) -> None:
        return None


def test_known_arguments_that_are_refused_are_so_at_run_time() -> None:
    def rounded(x: Any, really: bool) -> Any:
        if really:
            return math.floor(float), int(float), round(min)
        return x

    fast = jit(rounded)
    assert fast(2, False) == 2
    with pytest.raises(TypeError) as caught:
        fast(2, True)
    assert caught.traceback[-1].name == "rounded"


def test_classes_that_are_made_anew_do_not_pile_up() -> None:
    """Each call has an argument of another class: what is compiled for them has an end, and the classes go."""

    def method(x: Any, a: Any) -> Any:
        total = 0.0
        for i in range(len(a)):
            total += a[i]
        return x.go(), total

    def only_calls(x: Any, a: Any) -> Any:
        return x.go(), 1.0 * len(a)

    def added(x: Any, a: Any) -> Any:
        total = 0.0
        for i in range(len(a)):
            total += a[i]
        return x + 1, total

    for function in (method, only_calls):
        fast, named, classes, alive = jit(function), jit(function), [], []
        for n in range(40):
            made: Any = type(f"C{n}", (), {"go": lambda self, n=n: n})
            classes.append(weakref.ref(made))
            alive.append(made)  # or its form would go as well, as soon as garbage is collected
            assert fast(made(), np.ones(3)) == named(a=np.ones(3), x=made()) == (n, 3.0)
        assert len(fast.signatures) < 20 > len(named.signatures)
        del made, alive
        gc.collect()
        assert not [found for found in classes if found() is not None]
    fast = jit(added)
    for n in range(40):
        assert fast(type(f"C{n}", (), {"__add__": lambda self, other, n=n: n})(), np.ones(3)) == (n, 3.0)
    for x in (1, 2.5, np.float32(1), True, np.arange(3)):  # which have types, and are not taken for objects
        for _ in range(2):
            result, expected = fast(x, np.ones(3)), added(x, np.ones(3))
            assert type(result[0]) is type(expected[0])
            assert np.array_equal(result[0], expected[0])
    assert fast.graphs[types.float64, types.float64[::1]].signature.result.items[0] is types.float64


def test_generators_are_made_where_no_yield_is_met() -> None:
    """What a call of a generator function gives does not depend on what would be done in it."""

    def totals(values: Any) -> Any:
        total = 0
        for value in values:
            total += value
            yield total

    def behind_a_return(a: Any) -> Any:
        return a.sum()
        yield

    def on_a_path(a: Any) -> Any:
        if len(a) > 100:
            yield 1
        return a.sum()

    def inside(a: Any) -> Any:
        def made() -> Any:
            return 5
            yield

        total = 0.0
        for i in range(len(a)):
            total += a[i]
        return list(made()), list((lambda: (yield total))()), total

    for _ in range(3):
        fast = jit(totals)
        for values in ([], (), [1, 2.5], [], np.ones(2)):
            assert list(fast(values)) == list(totals(values))
    for function in (behind_a_return, on_a_path):
        assert list(jit(function)(np.ones(3))) == list(function(np.ones(3))) == []
        with pytest.raises(NopythonError, match="yield"):
            njit(function)(np.ones(3))
    assert jit(inside)(np.ones(3)) == inside(np.ones(3)) == ([], [3.0], 3.0)


def test_objects_that_nothing_reads_do_not_end_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def texts(m: Any, k: Any) -> Any:
        total = 0
        for row in m:
            for item in row:
                text = "%d" % k
                total += item
            text = str(k)
        return total

    ended = []
    go_on = resuming._GoingOn.__call__
    monkeypatch.setattr(resuming._GoingOn, "__call__", lambda self, *values: (ended.append(str(self)), go_on(self, *values))[1])
    m = np.ones((100, 100), np.int64)
    fast = jit(texts)
    assert fast(m, 3) == fast(m, 4) == 10_000
    assert len(ended) < 3


class Recorder(list):
    """A list with some methods of its own."""

    def caller(self) -> str:
        return sys._getframe(1).f_code.co_name

    def append(self, item: Any) -> None:
        super().append((item, self.caller()))


def test_methods_written_in_c_need_no_frame() -> None:
    def fill(items: Any, n: Any) -> Any:
        total = 0.0
        for i in range(n):
            total += i * 0.5 + i * 0.25 - total * 0.125
            items.append(i)
        items.insert(0, n)
        return items, items.pop(), items.count(1), total

    def asks(items: Any, n: Any) -> Any:
        total = 0.0
        for i in range(n):
            total += i * 0.5 + i * 0.25 - total * 0.125
        return items.caller(), items.index(n)

    shadowed = Recorder()
    shadowed.append = shadowed.extend  # type: ignore[method-assign]
    for make in (list, Recorder, bytearray):
        fast = jit(fill)
        for n in (3, 5):
            assert fast(make(), n) == fill(make(), n)
    assert jit(asks)(Recorder([1, 2]), 2) == ("asks", 1)
    with pytest.raises(ValueError, match="is not in list") as caught:
        jit(asks)(Recorder(), 2)
    assert [entry.name for entry in caught.traceback[1:]] == ["asks"]
    with pytest.raises(TypeError, match="not iterable") as caught:
        jit(fill)(shadowed, 2)
    assert [entry.name for entry in caught.traceback[1:]] == ["fill"]
    with pytest.raises(AttributeError, match="'int' object has no attribute 'append'|'float' object has no attribute 'append'"):
        jit(fill)(2.5, 2)


def test_unbound_names_stay_local_in_what_is_left_of_a_function() -> None:
    def reads(things: Any, n: Any, values: Any) -> Any:
        while n < 0:
            n += 1
            late = untraceable(n)
        total = 0.0
        for thing in things:
            total += untraceable(thing) * values.sum()
            if total > 1000.0:
                try:
                    return late
                finally:
                    things.append(n)
        return total

    fast = jit(reads)
    for things, n in (([1.0], 0), ([1e3], -2), ([1e3], 0)):
        outcomes = []
        for function in (fast, fast, reads):
            try:
                outcomes.append(function(list(things), n, np.ones(3)))
            except UnboundLocalError as error:
                outcomes.append(str(error))
        assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.filterwarnings("ignore::tracer.ObjectModeWarning")
def test_recompile_looks_again_also_from_within() -> None:
    factor: Any = 2

    def scaled(a, o):
        count = 0
        def again() -> Any:
            nonlocal count
            count += 1
            return o and o[0]()
        calls = [again]
        total = 0.0
        for v in a:
            total += v * factor
        calls[0]()
        for v in a:
            total += v * count
        return total, [factor, count]

    fast = jit(scaled)
    for factor in (2, 2.5, "x", 3):
        for o in ([], [fast.recompile], [lambda: None]):
            fast.recompile()
            for _ in range(2):
                try:
                    expected = scaled(np.ones(3), [])
                except TypeError as error:
                    with pytest.raises(TypeError, match="multiply|ufunc|unsupported"):
                        fast(np.ones(3), o)
                else:
                    assert repr(fast(np.ones(3), o)) == repr(expected)
    assert fast.graphs


CALLS = (
    ((), {"start": 2}), ((), {"o": [1]}), ((2,), {"o": "x", "start": 300}), ((2, 3), {"q": 1, "start": 7}),
    ((2, [3]), {"z": [1], "q": 2.5, "o": 1}), ((), {"b": [2]}), ((), {"start": 2.5, "o": {}}), ((), {"start": {}, "o": 2}), ((), {}),
)  # fmt: skip


@pytest.mark.filterwarnings("ignore::tracer.ObjectModeWarning")
def test_arguments_by_name_of_every_type() -> None:
    def f(a, b=1, *args, start=0.5, o=None, **kw):
        total = 0.0
        for v in a:
            total += v * v
        seen = [lambda: start]
        start = [start, b]
        return seen[0](), o, args, kw, total

    fast, a = jit(f), np.arange(3.0)
    for _ in range(2):
        for positional, named in CALLS:
            assert repr(fast(a, *positional, **named)) == repr(f(a, *positional, **named))
            if not positional:
                assert repr(fast(a=a, **named)) == repr(f(a=a, **named))
    assert fast.graphs


class Rough:
    """An iterable that gives so many pairs, and then raises or ends."""

    def __init__(self, pairs: list[Any], error: type[BaseException] | None = None) -> None:
        self.pairs, self.error = pairs, error

    def __iter__(self) -> Iterator[Any]:
        yield from self.pairs
        if self.error is not None:
            raise self.error("at the end")


def test_loops_over_objects_take_items_apart_as_python_does() -> None:
    def sums(things: Any, a: Any) -> Any:
        total = 0.0
        for i, x in things:
            total += a[i] * 2.0 + a[i] * a[0]
            last = x
        return total, last

    a = np.arange(5.0)
    pairs = [(1, "a"), [2, "b"], (3, "c")]
    cases: list[Any] = [lambda: enumerate("ab"), lambda: {1: 2, 3: 4}.items(), lambda: zip([1], [2]), lambda: iter([]), lambda: 7]
    cases += [lambda e=e: Rough(pairs, e) for e in (None, KeyError, StopIteration)]
    cases += [lambda c=c: c for c in (pairs, [(1, 2, 3)], [(1,)], ["ab"], ["abc"], [5], [], [np.array([1, 2])])]
    for case in cases:
        outcomes = []
        for function in (jit(sums), sums):
            try:
                outcomes.append(function(case(), a))
            except Exception as error:  # noqa: BLE001 (whatever Python raises)
                outcomes.append((type(error), str(error)))
        assert repr(outcomes[0]) == repr(outcomes[1])


def test_what_iterables_raise_in_what_is_left_has_the_line_of_the_loop() -> None:
    def grows(things: Any, n: Any) -> Any:
        for key in things:
            count = 0
            while count < n:
                count += 1
                if untraceable(count) in [key, n + 1]:
                    raise KeyError(key)
                flag = bool(untraceable(n))
            n = int(np.argmax(np.abs(np.arange(n)))) % 7
            things.pop(key)
        return things, flag

    fast = jit(grows)
    lines = []
    for function in (grows, fast, fast, fast):
        with pytest.raises(RuntimeError, match="changed size") as caught:
            function({"a": 1, "b": 2}, 3)
        lines.append([(entry.name, entry.lineno) for entry in caught.traceback[1:]])
    assert lines[0] == lines[1] == lines[2] == lines[3]


def test_loops_are_not_compiled_for_what_they_never_come_to() -> None:
    def find(things: Any, wanted: Any) -> Any:
        for i, thing in enumerate(things):
            if thing == wanted:
                found = "found %d" % i
                break
        else:
            found = "none"
        return found

    fast = jit(find)
    for _ in range(4):
        assert fast([1, 2, 3], 7) == "none"
    assert any(segment.text.startswith("for ") for segment in fast.segments)
    assert fast([1, 2, 3], 2) == "found 1" and fast([1.5, "a"], "a") == "found 1" and fast([], 2) == "none"
    fast = jit(find)
    for _ in range(4):
        assert fast([1, 2, 3], 3) == "found 2"
