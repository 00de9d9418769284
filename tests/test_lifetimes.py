"""Arrays in compiled code live as long as they are used and no longer: on every path, in threads, and when things fail."""

from __future__ import annotations

import ctypes
import gc
import os
import pathlib
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from codegen_harness import Compiled, compiled, make_graph
from memory_generator import MemoryGenerator

from codegen.runtime import live_blocks
from ir import types as t
from ir.builder import Builder, constant
from ir.errors import VerificationError
from ir.graph import ExceptionTemplate, Graph, Placeholder, Value
from ir.interp import run
from ir.opdef import REGISTRY
from ir.ops import aggregate, array, compare, memory
from ir.ownership import follow_counts
from ir.parser import parse
from ir.passes import manage_lifetimes, optimize
from ir.printer import print_graph
from ir.verify import verify
from tracer import njit, trace
from tracer.extending import primitive

VECTOR = t.float64[::1]
ROOT = pathlib.Path(__file__).resolve().parent.parent


def counted(text: str, **options: Any) -> Compiled:
    """The first of the graphs in the text, with owners counted, as a function."""
    graph = parse(text)
    for each in dict.fromkeys([graph, *graph.callees()]):
        manage_lifetimes(each)
    verify(graph)
    return compiled(graph, **options)


@pytest.fixture(scope="module", autouse=True)
def freed_memory_is_overwritten() -> Iterator[None]:
    """What is read after it was freed is not what it was: glibc overwrites it."""
    overwrite, pattern = -6, 0xA5
    change = getattr(ctypes.CDLL(None), "mallopt", lambda *_: 0)
    change(overwrite, pattern)
    yield
    change(overwrite, 0)


# --- the checker


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("release a\n    release a", "gives away a"),
        ("release a\n    x: np.float64 = load a, 0", "uses a, whose memory may have been given back"),
        ("retain a\n    release a", "leaves while it owns a"),
        ("branch c, then1, join2\n  then1:\n    release a\n    jump join2\n  join2:", "join is reached with and without owning a"),
        ("release a\n    jump loop1\n  loop1:\n    b: float64[::1] = alloc n\n    branch c, loop1, exit2\n  exit2:\n    release b",
         "loop is reached with and without owning b"),
        ("b: float64[::1] = alloc n\n    branch c, then1, else2\n  then1:\n    release a\n    jump join3\n  else2:\n    release b\n    jump join3\n"
         "  join3:", "join is reached with and without owning a"),
        ("b: float64[::1] = stretch a, n\n    release a\n    x: np.float64 = load b, 0", "uses b, whose memory may have been given back"),
        ("b: float64[::1] = stretch a, n\n    jump join1(b)\n  join1(x: float64[::1]):\n    release x\n    release a",
         "gives away b, which may be the memory of another array"),
    ],
)  # fmt: skip
def test_the_verifier_finds_counts_that_do_not_balance(body: str, fault: str) -> None:
    text = f"graph f(n: int64, c: bool) -> none\n  entry0:\n    a: float64[::1] = alloc n\n    {body}\n    return none\n"
    with pytest.raises(VerificationError, match=fault):
        verify(parse(text))


def test_balanced_counts_pass() -> None:
    verify(parse("graph f(n: int64) -> none\n  entry0:\n    a: float64[::1] = alloc n\n    release a\n    return none\n"))


# --- who owns what


EXCHANGE = """
graph f(n: int64, m: int64) -> (float64[::1], float64[::1])
  entry0:
    a: float64[::1] = alloc n {zero=true}
    b: float64[::1] = alloc n {zero=true}
    store b, 0, 1.0:np.float64
    jump loop1(0, a, b)
  loop1(i: int64, x: float64[::1], y: float64[::1]):
    more: bool = lt i, m
    branch more, body2, exit3
  body2:
    next: int64 = add i, 1
    jump loop1(next, y, x)
  exit3:
    r: (float64[::1], float64[::1]) = tuple x, y
    return r
"""


def test_loops_hand_over_without_counting() -> None:
    graph = parse(EXCHANGE)
    manage_lifetimes(graph)
    assert print_graph(graph).strip() == EXCHANGE.strip()
    x, y = compiled(graph)(3, 5)
    assert x.tolist() == [1, 0, 0] and y.tolist() == [0, 0, 0] and live_blocks() >= 2


def test_graphs_without_new_arrays_count_nothing() -> None:
    graph = parse("graph f(a: float64[::1], b: float64[::1], c: bool) -> np.float64\n  entry0:\n    branch c, x1, join2(a)\n"
                  "  x1:\n    jump join2(b)\n  join2(d: float64[::1]):\n    e: np.float64 = load d, 0\n    return e\n")  # fmt: skip
    before = print_graph(graph)
    manage_lifetimes(graph)
    assert print_graph(graph) == before
    assert compiled(graph)(np.zeros(2), np.ones(2), True) == 1


def test_arguments_are_returned_as_they_are() -> None:
    a, b = np.zeros(3), np.ones(3)
    f = counted("graph f(a: float64[::1], b: float64[::1], c: bool) -> (float64[::1], float64[::1]?)\n  entry0:\n"
                "    d: float64[::1] = select c, a, b\n    e: float64[::1]? = some d\n"
                "    g: (float64[::1], float64[::1]?) = tuple d, e\n    return g\n")  # fmt: skip
    references = sys.getrefcount(a), sys.getrefcount(b)
    for _ in range(100):
        assert f(a, b, True)[0] is a and f(a, b, False)[1] is b
    assert (sys.getrefcount(a), sys.getrefcount(b)) == references


def test_a_select_keeps_the_one_it_chooses() -> None:
    f = counted("graph f(c: bool, n: int64) -> float64[::1]\n  entry0:\n    a: float64[::1] = alloc n {zero=true}\n"
                "    b: float64[::1] = alloc n {zero=true}\n    store b, 0, 1.0:np.float64\n"
                "    d: float64[::1] = select c, a, b\n    return d\n")  # fmt: skip
    kept = [f(c, 50) for c in (True, False) * 20]
    assert [x[0] for x in kept] == [0, 1] * 20


def test_optionals() -> None:
    f = counted("graph f(c: bool, n: int64) -> float64[::1]?\n  entry0:\n    a: float64[::1] = alloc n {zero=true}\n"
                "    gone: float64[::1]? = nothing\n    some: float64[::1]? = some a\n    branch c, x1(some), x1(gone)\n"
                "  x1(d: float64[::1]?):\n    return d\n")  # fmt: skip
    assert f(True, 3).tolist() == [0, 0, 0] and f(False, 3) is None


def test_constants_are_shared() -> None:
    table = np.arange(5.0)

    def build(b: Builder, c: Value) -> Value:
        new = b.emit(memory.alloc, constant(500, t.int64), to=VECTOR, zero=True)
        return b.emit(compare.select, c, constant(table, VECTOR), new)

    graph = make_graph([t.boolean], None, build)
    manage_lifetimes(graph)
    f = compiled(graph)
    references = sys.getrefcount(table)
    for _ in range(10):
        assert f(True) is table and f(False).shape == (500,)
    assert sys.getrefcount(table) == references


def test_calls() -> None:
    f = counted("""
graph f(n: int64) -> (float64[::1], float64[::1])
  entry0:
    a: float64[::1] = alloc n {zero=true}
    b: float64[::1] = call same(a)
    c: float64[::1] = call same(b)
    p: (float64[::1], float64[::1]) = call pair(c, n)
    q: float64[::1] = item p {index=1}
    store q, 0, 2.0:np.float64
    r: (float64[::1], float64[::1]) = tuple c, q
    return r
graph same(a: float64[::1]) -> float64[::1]
  entry0:
    return a
graph pair(a: float64[::1], n: int64) -> (float64[::1], float64[::1])
  entry0:
    b: float64[::1] = alloc n {zero=true}
    r: (float64[::1], float64[::1]) = tuple a, b
    return r
""")
    a, b = f(60)
    assert not a.any() and b[0] == 2
    before = live_blocks()
    for _ in range(100):
        f(60)
    assert live_blocks() == before


def test_recursion() -> None:
    f = counted("""
graph f(n: int64, a: float64[::1]) -> float64[::1]
  entry0:
    done: bool = lt n, 1
    branch done, stop1, go2
  stop1:
    return a
  go2:
    b: float64[::1] = alloc 100 {zero=true}
    x: np.float64 = load a, 0
    y: np.float64 = add x, 1.0:np.float64
    store b, 0, y
    m: int64 = sub n, 1
    c: float64[::1] = call f(m, b)
    return c
""")
    a = np.zeros(1)
    before = live_blocks()
    deep = f(50, a)
    assert deep[0] == 50 and f(0, a) is a
    del deep
    with pytest.raises(RecursionError):
        f(10**9, a)
    gc.collect()
    assert live_blocks() == before


# --- failing


FAILING = """
graph f(a: float64[::1], n: int64, m: int64, i: int64) -> (float64[::1], float64[::1])
  entry0:
    b: float64[::1] = alloc n {zero=true}
    c: float64[::1] = alloc m {zero=true}
    j: int64 = shape b {axis=0}
    k: int64 = check_index i, j {axis=0}
    x: np.float64 = load b, k
    store a, 0, x
    d: float64[::1] = call g(c, i)
    s: (int64,) = broadcast n, m {ranks=(1, 1), into=false}
    python_call fail_on_two(d, i)
    e: float64[::1] = alloc m
    r: (float64[::1], float64[::1]) = tuple d, e
    no: bool = eq i, 3
    branch no, bad1, good2
  bad1:
    raise KeyError("three")
  good2:
    return r
graph g(a: float64[::1], i: int64) -> float64[::1]
  entry0:
    b: float64[::1] = alloc 70 {zero=true}
    n: int64 = shape b {axis=0}
    k: int64 = check_index i, n {axis=0}
    store b, k, 1.0:np.float64
    no: bool = eq i, 1
    branch no, bad1, good2
  bad1:
    raise ZeroDivisionError("one")
  good2:
    c: float64[::1] = call h(b)
    return c
graph h(a: float64[::1]) -> float64[::1]
  entry0:
    return a
"""


def fail_on_two(array: np.ndarray, i: int) -> None:
    assert array.shape == (70,) and array[i] == 1
    if i == 2:
        raise OSError("two")


@pytest.mark.parametrize("nogil", [False, True])
def test_failures_in_the_middle_of_a_block(nogil: bool) -> None:
    graph = parse(FAILING.replace("fail_on_two", "print"))
    for op in graph.ops():
        if "function" in op.attributes:
            op.attributes["function"] = fail_on_two
    optimize(graph, verify=True)
    f, a = compiled(graph, nogil=nogil), np.zeros(3)
    before = live_blocks()
    for _ in range(3):
        for n, m, i, error in [
            (9, 9, 0, None), (9, 1, 0, None), (2**62, 1, 0, ValueError), (2**58, 1, 0, MemoryError), (9, 2**58, 0, MemoryError),
            (9, 9, 9, IndexError), (99, 99, 80, IndexError), (9, 9, 1, ZeroDivisionError), (9, 8, 0, ValueError),
            (9, 9, 2, OSError), (9, 9, 3, KeyError),
        ]:  # fmt: skip
            if error is None:
                d, e = f(a, n, m, i)
                assert d[i] == 1 and e.shape == (m,)
                del d, e
            else:
                with pytest.raises(error):
                    f(a, n, m, i)
            if live_blocks() != before:
                gc.collect()
            assert live_blocks() == before, (n, m, i)


def _sums_of_ones(count: int) -> str:
    """A graph that has `count` arrays at once, each of which may fail to be made."""
    made = "".join([f"    a{k}: float64[::1] = alloc n {{zero=true}}\n" for k in range(count)])
    used = "".join([f"    x{k}: np.float64 = load a{k}, 0\n    store a, {k}, x{k}\n" for k in range(count)])
    return f"graph f(a: float64[::1], n: int64) -> float64[::1]\n  entry0:\n{made}{used}    return a\n"


STRETCHED = """
graph f(n: int64, m: int64, i: int64) -> np.float64
  entry0:
    a: float64[::1] = alloc n {zero=true}
    store a, 0, 5.0:np.float64
    b: float64[::1] = stretch a, m
    c: float64[::1] = alloc n {zero=true}
    x: np.float64 = load b, i
    y: np.float64 = load c, 0
    z: np.float64 = add x, y
    return z
"""


def test_an_array_lives_as_long_as_what_may_be_stretched_from_it() -> None:
    f, before = counted(STRETCHED), live_blocks()
    for n, m, i, expected in ((50, 50, 0, 5.0), (50, 50, 1, 0.0), (1, 50, 49, 5.0)):
        assert f(n, m, i) == expected
    with pytest.raises(MemoryError):
        f(1, 2**58, 0)
    assert live_blocks() == before


LEAVING = """
graph f(n: int64, k: int64) -> none
  entry0:
    a: float64[::1] = alloc n
    b: float64[::1] = alloc n
    c: float64[::1] = alloc n
    x: bool = eq k, 1
    branch x, then1, else2
  then1:
    raise ValueError(f"{$0}") k
  else2:
    y: bool = eq k, 2
    branch y, then3, else4
  then3:
    raise ValueError(f"{$0}") n
  else4:
    overlap: bool = overlaps a, b
    z: np.float64 = load c, 0
    return none
"""


def test_raising_releases_as_failures_do() -> None:
    f, before = counted(LEAVING), live_blocks()
    for k, text in ((1, "1"), (2, "9")):
        with pytest.raises(ValueError, match=text):
            f(9, k)
        assert live_blocks() == before
    f(9, 3)
    with pytest.raises(MemoryError):
        f(2**58, 3)
    assert live_blocks() == before
    assert f.executable.llvm.count("call void @rt.release") == 5  # three at failures, two at the end


@pytest.mark.parametrize("count", range(1, 11))
def test_arrays_that_end_together(count: int) -> None:
    made = "".join([f"    a{k}: float64[::1] = alloc n {{zero=true}}\n" for k in range(count)])
    used = "".join([f"    x{k}: np.float64 = load a{k}, 0\n" for k in range(count)])
    f = counted(
        f"graph f(n: int64, c: bool) -> none\n  entry0:\n{made}    branch c, then1, else2\n"
        f"  then1:\n    return none\n  else2:\n{used}    return none\n"
    )
    before = live_blocks()
    f(9, True)
    f(9, False)
    assert live_blocks() == before


def test_releases_are_shared_by_failures() -> None:
    counts = []
    for count in (5, 10, 20):
        graph = parse(_sums_of_ones(count))
        optimize(graph, verify=True)
        f, before = compiled(graph), live_blocks()
        f(np.ones(count), 3)
        with pytest.raises(MemoryError):
            f(np.ones(count), 2**58)
        assert live_blocks() == before
        counts.append(f.executable.llvm.count("call void @rt.release"))
    assert counts[2] - counts[1] == 2 * (counts[1] - counts[0])


def _raise_arrays(b: Builder, a: Value, n: Value) -> None:
    new = b.emit(memory.alloc, n, to=VECTOR, zero=True)
    offset, length, stride = (constant(number, t.int64) for number in (8, 2, 16))
    view = b.emit(memory.view, new, offset, length, stride, to=t.float64[:])
    values = [a, new, view, b.emit(aggregate.optional_some, new)]
    b.raise_(ExceptionTemplate(ValueError, tuple(map(Placeholder, range(len(values))))), *values)


def test_exceptions_keep_their_arrays() -> None:
    graph = make_graph([t.float64[:], t.int64], t.none, _raise_arrays)
    manage_lifetimes(graph)
    f, a = compiled(graph), np.arange(6.0)[::2]
    before = live_blocks()
    with pytest.raises(ValueError) as raised:
        f(a, 10)
    first, new, view, optional = raised.value.args
    assert first is a
    assert new.tolist() == [0] * 10 and view.shape == (2,) and view.strides == (16,)
    assert np.shares_memory(new, view) and np.shares_memory(new, optional) and live_blocks() == before + 1
    del raised, new, view, optional
    gc.collect()
    assert live_blocks() == before


# --- many of them


@pytest.mark.parametrize("seeds", [range(start, start + 20) for start in range(0, 80, 20)], ids=str)
@pytest.mark.parametrize("whole", [False, True], ids=["alone", "optimized"])
def test_random_graphs(seeds: range, whole: bool) -> None:
    """Machine code, with freed memory overwritten, agrees with the interpreter, which counts nothing, and leaves nothing."""
    outcomes = set()
    for seed in seeds:
        seen: list[Any] = []
        plain, graph = (MemoryGenerator(seed, lambda *arrays: seen.append(_content(arrays))).make() for _ in range(2))
        _count(graph, whole)
        f = compiled(graph)
        for n, s in ((1, 0.0), (3, 3.5), (2, 9.0)):
            results = []
            before = live_blocks()
            for call in (lambda *x: run(plain, *x), f):  # noqa: B023
                a = np.full(3, 0.5)
                results.append((_outcome(call, a, n, np.float64(s)), a.tolist(), seen[:]))
                seen.clear()
            assert results[0] == results[1], (seed, n, s)
            if live_blocks() != before:
                gc.collect()
            assert live_blocks() == before, (seed, n, s)
            outcomes.add(results[0][0][0])
    assert {"result", "KeyError"} <= outcomes


def _count(graph: Graph, whole: bool) -> None:
    if whole:
        optimize(graph, verify=True)
        return
    for each in dict.fromkeys([graph, *graph.callees()]):
        manage_lifetimes(each)
        assert not follow_counts(each).faults
    verify(graph)


def _content(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return tuple(map(_content, value)) if isinstance(value, tuple) else value


def _outcome(f: Callable[..., Any], *arguments: Any) -> tuple[str, Any]:
    try:
        return "result", _content(f(*arguments))
    except (KeyError, ValueError, IndexError) as error:
        return type(error).__name__, _content(error.args)


@pytest.mark.slow
def test_memory_stays_flat() -> None:
    @njit
    def f(n: int, fail: int) -> Any:
        a = primitive.alloc(n, to=VECTOR, zero=True)
        for i in range(3):
            b = primitive.alloc(n + i, to=VECTOR, zero=False)
            b[0] = a[0] + i
            if i == fail:
                b[n + i] = 1.0
            a = b
        return a, b

    assert f(5000, 9)[0][0] == 3.0
    before, peak = live_blocks(), _peak()
    for i in range(100_000):
        if i % 20:
            f(5000, 9)
        else:
            with pytest.raises(IndexError):
                f(5000, i % 3)
    gc.collect()
    assert live_blocks() == before and _peak() - peak < 20_000


def _peak() -> int:
    """The most memory that this process has had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("nogil", [False, True])
def test_threads_share_arrays(nogil: bool) -> None:
    """Threads make arrays, hand them on in a list, and drop those of others."""

    @njit(nogil=nogil)
    def f(a: Any, n: int) -> Any:
        total = 0.0
        b = a
        for i in range(n):
            c = primitive.alloc(300 + i, to=VECTOR, zero=True)
            c[0] = b[0] + 1
            total += c[299]
            b = c
        return b, total

    start = np.zeros(1)
    f(start, 2)
    before = live_blocks()
    shared = [f(start, 5)[0] for _ in range(8)]
    wrong: list[Any] = []

    def work(seed: int) -> None:
        choose = np.random.default_rng(seed)
        for _ in range(2000):
            i, j = choose.integers(8, size=2)
            a = shared[i]
            b, total = f(a, 5)
            if b[0] != a[0] + 5 or total:
                wrong.append((a[0], b[0], total))
            b[0] = choose.integers(100)
            shared[j] = b

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    shared.clear()
    assert live_blocks() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_memory_after_a_fork() -> None:
    made = counted(EXCHANGE)(1000, 3)
    child = os.fork()
    if child == 0:
        try:
            again = counted(EXCHANGE)(1000, 2)
            fine = again[1][0] == 1 and made[0][0] == 1
            del again
        finally:
            os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


LATE = """
import builtins, sys
import numpy as np
from tracer import njit, types
from tracer.extending import primitive

@njit
def f(n):
    return primitive.alloc(n, to=types.float64[::1], zero=True)

class Late:
    def __del__(self):
        self.array[:] = 1

late = Late()
late.array, late.itself = f(10), late
builtins.kept = sys.kept = [f(1000), f(10**7)]
np.kept = f(100)
del f, njit
print(len(kept))
"""


def test_arrays_may_outlive_everything(tmp_path: pathlib.Path) -> None:
    """The memory of an array that is still there when the interpreter ends is given back by code that is still there."""
    script = tmp_path / "late.py"
    script.write_text(LATE)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "2\n", "")


# --- on the stack


def test_small_arrays_are_on_the_stack() -> None:
    @njit
    def f(a: Any) -> Any:
        total = 0.0
        for i in range(len(a)):
            window = primitive.alloc(4, to=VECTOR, zero=True)
            for j in range(4):
                window[(j * 3) % 4] += a[i] * j
            for j in range(4):
                total += window[j] * (j + 1)
        return total

    def expected(a: np.ndarray) -> float:
        return sum(x * j * ((j * 3) % 4 + 1) for x in a for j in range(4))

    a = np.arange(10.0)
    assert f(a) == expected(a)
    optimized = trace(f)(a).text("optimized")
    assert " = local 4" in optimized and " = alloc" not in optimized


def test_an_array_on_the_stack_is_cleared_in_each_round() -> None:
    f = counted("""
graph f(n: int64) -> np.float64
  entry0:
    jump loop1(0, 0.0:np.float64)
  loop1(i: int64, s: np.float64):
    more: bool = lt i, n
    branch more, body2, exit3
  body2:
    a: float64[:, ::1] = alloc 8, 8 {zero=true}
    row: float64[::1] = subarray a, 3
    k: int64 = mod i, 8
    x: np.float64 = load row, k
    y: np.float64 = add x, 1.0:np.float64
    store row, k, y
    z: np.float64 = load a, 3, k
    t: np.float64 = add s, z
    next: int64 = add i, 1
    jump loop1(next, t)
  exit3:
    return s
""")
    assert "alloca" in f.executable.llvm and "rt.alloc" not in f.executable.llvm
    assert f(100) == 100


def test_an_array_that_becomes_an_object_is_not_on_the_stack() -> None:
    def build(b: Builder) -> Value:
        a = b.emit(memory.alloc, constant(4, t.int64), to=VECTOR, zero=True)
        b.emit(array.store, a, constant(0, t.int64), constant(2.0, t.np_float64))
        return b.emit(REGISTRY["box"], a)

    graph = make_graph([], None, build)
    manage_lifetimes(graph)
    made = compiled(graph)()
    assert made.tolist() == [2, 0, 0, 0] and made.flags.owndata
