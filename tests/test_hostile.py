"""Hostile values: a sample of `python -m tests.hostile`, and each fault that it found."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.hostile.__main__ import faults_of_sample
from tests.hostile.entries import Entry
from tests.hostile.values import deep
from tests.hostile.worker import fault, same
from tracer import Dispatcher, NopythonError, ObjectModeWarning, jit, njit, trace, types
from tracer.notation import SignatureError
from tracer.typeof import MOST_ITEMS, MOST_LEVELS, UnsupportedValue, typeof

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOO_BIG = "array is too big"


@pytest.mark.slow
def test_a_sample_of_all_entries_and_values() -> None:
    """In a process of its own: so a crash is a failure of this test."""
    assert list(faults_of_sample(step=300)) == []


def raise_without_message(value: Any) -> None:
    raise ValueError


def test_outcomes_are_compared_as_documented() -> None:
    def is_same(expected: Any, found: Any) -> bool:
        return same(("value", expected), ("value", found))

    assert is_same(2**63, -(2**63)) and is_same(2**64 + 1, 1) and is_same((1, 2**63), (1, -(2**63)))
    assert not is_same(-(2**63), 2**63) and not is_same(1, 2) and not is_same(1, 1.0) and not is_same(1, 2**64 + 1)
    assert is_same(np.ma.masked, np.ma.masked) and not is_same(np.ma.masked, np.zeros(()))
    one, next_to_it = np.float32(1), np.nextafter(np.float32(1), np.float32(2))
    for exact in (True, False):
        entry = Entry(lambda v: next_to_it, lambda v: one, exact)
        assert bool(fault(entry, int)) is exact and fault(entry._replace(interpreted=lambda v: np.float32(1.1)), int)
    raising = Entry(raise_without_message, raise_without_message)
    assert fault(raising, int) is None and fault(raising._replace(interpreted=None), int) == "ValueError without a message"


@pytest.mark.parametrize("make", [njit, jit, trace])
@pytest.mark.parametrize(("options", "said"), [
    ({"locals": np.array(["abc"])}, "locals= is a dict from names of variables to types, not an object of class ndarray"),
    ({"locals": [("x", types.int64)]}, "locals= is a dict from names of variables to types, not an object of class list"),
    ({"locals": {"x": "int64"}}, "locals= is a dict from names of variables to types: 'x' has 'int64'"),
    ({"locals": {1: types.int64}}, "locals= .*: an object of class int has an object of class Integer"),
    ({"fastmath": np.zeros(2**20, "U1")}, "fastmath= is True, False or a set of flags .* not an object of class ndarray"),
    ({"fastmath": "fast"}, "fastmath= .* not 'fast'"), ({"fastmath": {1}}, "fastmath= .* not an object of class set"),
    ({"fastmath": {"quick"}}, "unknown fastmath flag 'quick'"), ({"error_model": np.ones(3)}, "error_model is .* not an object of class ndarray"),
    ({"overflow": "never"}, "overflow is 'wrap' or 'raise', not 'never'"),
])  # fmt: skip
def test_options_that_are_none(make: Callable, options: dict[str, Any], said: str) -> None:
    with pytest.raises((TypeError, ValueError), match=said):
        make(lambda x: x, **options) if make is trace else make(**options)


@pytest.mark.parametrize("value", [np.array(["abc"]), {}, None, object], ids=["array", "dict", "None", "class"])
def test_the_class_of_compiled_functions_makes_none(value: Any) -> None:
    fast = njit(lambda x: x)
    for make in (type(fast), fast.__init__, Dispatcher):
        with pytest.raises(TypeError, match="made by njit and jit"):
            make(value, value, value, value)
    assert fast(5) == 5


def test_a_compiled_function_whose_function_was_replaced() -> None:
    for value in (deep(1000), Says(type(lambda: 0)), 5):
        fast = njit(lambda x: x + 1)
        fast.py_func = value
        with pytest.raises(NopythonError, match="an object of class (tuple|Says|int) cannot be traced"):
            fast(1)


# --- values that are not what they say


class Says:
    def __init__(self, cls: type) -> None:
        object.__setattr__(self, "cls", cls)

    @property
    def __class__(self) -> Any:
        return object.__getattribute__(self, "cls")


@pytest.mark.parametrize("cls", [int, float, tuple, np.ndarray, np.float64, np.void, type, types.Type], ids=str)
def test_an_object_that_says_it_is_of_another_class(cls: type) -> None:
    with pytest.raises(UnsupportedValue, match="Says has no type"):
        typeof(Says(cls))
    with pytest.raises(NopythonError, match="Says"):
        njit(lambda x: x)(Says(cls))
    with pytest.raises(TypeError, match="can be compiled, not|can be traced, not|signature"):
        njit(Says(cls))


def test_a_proxy_of_what_is_gone() -> None:
    class Gone:
        pass

    with pytest.raises(NopythonError, match="weakref"):
        njit(lambda x: x)(weakref.proxy(Gone()))


def test_subclasses_of_numpy_scalars_have_rules_of_their_own() -> None:
    class Own(np.float64):
        pass

    with pytest.raises(NopythonError, match="is a subclass of"):
        njit(lambda x: x)(Own(1))


# --- values that are too large


def test_tuples_that_are_too_large() -> None:
    shared: tuple = (1,)
    for _ in range(45):
        shared = (shared, shared)
    for value, reason in ((deep(MOST_LEVELS + 1), "levels"), (deep(20_000), "levels"), (shared, "items"), (tuple(range(MOST_ITEMS + 1)), "items")):
        with pytest.raises(NopythonError, match=reason):
            njit(lambda x: x)(value)
        with pytest.warns(ObjectModeWarning):
            assert jit(lambda x: len(x))(value) == len(value)


def test_tuples_that_are_as_large_as_they_may_be() -> None:
    nest, row = deep(MOST_LEVELS), tuple(range(MOST_ITEMS))
    assert njit(lambda x: x)(nest) == nest and njit(lambda x: x[7])(row) == 7


@pytest.mark.parametrize("count", [MOST_ITEMS + 1, 2**62, -1, True, 1.0, None, "3"], ids=str)
def test_types_of_tuples_that_are_too_large(count: Any) -> None:
    with pytest.raises(TypeError, match="items"):
        types.UniTuple(types.int64, count)
    with pytest.raises(SignatureError, match="write UniTuple|not a type"):
        njit(f"UniTuple(int64, {count!r})(int64)")


class Point(NamedTuple):
    x: int


@pytest.mark.parametrize(
    "make",
    [
        lambda: types.Array("float64", 1, "C"), lambda: types.Array(types.float64, -1, "C"), lambda: types.Array(types.float64, 65, "C"),
        lambda: types.Array(types.float64, 1.0, "C"), lambda: types.Array(types.float64, 1, "Z"), lambda: types.Array(types.float64, 1, None),
        lambda: types.Array(types.float64, 1, []), lambda: types.Optional(5), lambda: types.Tuple((1,)), lambda: types.NamedTuple((1,), Point),
        lambda: types.NamedTuple((types.int64,), int), lambda: types.NamedTuple((types.int64,), 5), lambda: types.NamedTuple((types.int64,) * 9, time.struct_time), lambda: types.UniTuple(5, 3),
    ],
)  # fmt: skip
def test_types_that_there_are_not(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        make()


# --- sizes that overflow


def concatenated(a, n):
    return np.concatenate((np.broadcast_to(a, (n,)), np.broadcast_to(a, (n,)), np.broadcast_to(a, (n,)), np.broadcast_to(a, (n,)), a))


def stacked(a, n):
    return np.hstack((np.broadcast_to(a, (2 * n - 1,)), np.broadcast_to(a, (2 * n - 1,)), a))


def padded(a, n):
    return np.pad(a, (n + (n - 1), n + (n - 1)))


def counted(a, n):
    return np.bincount(np.array([n + (n - 1)]))


def repeated(a, n):
    return np.repeat(np.ones(4), np.array([n, n, n, n]))


@pytest.mark.parametrize("function", [concatenated, stacked, padded, counted, repeated])
@pytest.mark.parametrize("kind", [np.float64, np.int8])
def test_lengths_whose_sum_does_not_fit(function: Callable, kind: type) -> None:
    with pytest.raises(ValueError, match=TOO_BIG):
        njit(function)(np.ones(1, kind), 2**62)


@pytest.mark.parametrize("kind", [np.float64, np.int8])
@pytest.mark.parametrize("shape", [(2**40, 2**40), (2**32, 2**32), (2**62, 4), (2**31, 2**31, 2), (0, 2**62, 2**62)])
def test_shapes_whose_product_does_not_fit(kind: type, shape: tuple[int, ...]) -> None:
    def work(shape):
        made = np.empty(shape, kind)
        made[...] = 1
        return made

    with pytest.raises(ValueError, match=TOO_BIG):
        njit(work)(shape)


EXHAUSTED = """
import resource
import numpy as np
from tracer import njit

def work(n):
    made = np.ones(n)
    return made

fast = njit(work)
fast(3)
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
for function in (work, fast):
    for n in (1 << 30, 1 << 34, 1 << 59):
        try:
            function(n)
            print("no error")
        except MemoryError as error:
            print(type(error).__name__)
kept = []
try:
    while True:
        kept.append(fast(1 << 20))
except MemoryError:
    print(len(kept) > 100)
del kept
print(fast(1 << 20).sum() == 1 << 20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
def test_memory_that_the_system_does_not_give(tmp_path: pathlib.Path) -> None:
    script = tmp_path / "exhausted.py"
    script.write_text(EXHAUSTED)
    done = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["MemoryError"] * 6 + ["True", "True"], done


# --- stacks


SMALL_STACK = """
import sys, threading
from tracer import jit, njit, trace, types

def endless(n):
    return endless(n + 1) + 1

def work():
    try:
        njit(endless)(0)
    except RecursionError:
        print("RecursionError")
    print(njit(lambda x: x + 1)(1), njit("int64(int64)")(lambda x: x + 1)(1), trace(lambda x: x * 2)(3)(4), jit(lambda x: str(x))(5))
    fast = njit(lambda x: x)
    fast(1)
    fast.recompile()
    print(fast.compile("(float64,)")(2.5))

threading.stack_size(int(sys.argv[1]))
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(threading.stack_size() == int(sys.argv[1]))
"""


SMALLEST = (64 if sys.version_info[:2] in ((3, 10), (3, 12)) else 32) * 1024  # these two take more of it themselves


@pytest.mark.parametrize("size", [SMALLEST, 128 * 1024, 16 << 20])
def test_compiling_in_threads_with_small_stacks(size: int, tmp_path: pathlib.Path) -> None:
    """The compiler has a thread of its own then."""
    script = tmp_path / "small.py"
    script.write_text(SMALL_STACK)
    done = subprocess.run([sys.executable, "-W", "ignore", script, str(size)], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["RecursionError", "2", "2", "8", "5", "2.5", "True"], done


# --- sources


def load(text: str, folder: pathlib.Path, name: str = "made") -> Any:
    path = folder / f"{name}.py"
    path.write_text(text)
    space: dict[str, Any] = {}
    exec(compile(text, str(path), "exec"), space)
    return space["f"]


def test_jit_of_functions_without_source() -> None:
    for text in ("def f(x): return x", "def f(x): return f(x - 1) + 1 if x else 0"):
        space: dict[str, Any] = {}
        exec(text, space)
        with pytest.warns(match="source is not known"):
            assert jit(space["f"])(5) == 5


def test_jit_in_a_module_that_is_run(tmp_path: pathlib.Path) -> None:
    """`python -m` gives a module another name than its loader knows."""
    (tmp_path / "started.py").write_text("from tracer import jit\n\n@jit\ndef f(x):\n    return str(x)\n\nprint(f(5))\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run([sys.executable, "-m", "started"], env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout == "5\n" and "return str(x)\n" in done.stderr, done


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    if x == 0:\n        return 0\n" + "".join(f"    elif x == {i}:\n        return {i}\n" for i in range(1, 700)) + "    return -1\n",
        "def f(x):\n    return " + " + ".join(["x"] * 700) + "\n",
    ],
    ids=["elif", "sum"],
)  # fmt: skip
def test_sources_too_deep_to_trace(text: str, tmp_path: pathlib.Path) -> None:
    function = load(text, tmp_path)
    with pytest.raises(NopythonError, match="nests expressions or calls more deeply"):
        njit(function)(3)
    with pytest.warns(match="nests expressions"):
        assert jit(function)(3) == function(3)


def test_long_sources(tmp_path: pathlib.Path) -> None:
    function = load("def f(ﬁx, µ=1):\n" + "    ﬁx = ﬁx + µ\n" * 1500 + "".join(f"    é{i} = ﬁx + {i}\n" for i in range(300)) + "    return é5 + é299\n", tmp_path)
    assert njit(function)(1) == function(1)


def test_the_worker_reports_what_it_does_not_survive() -> None:
    """A fault of the harness itself would hide all others."""
    command = [sys.executable, "-m", "tests.hostile.worker", "njit itself", "0", "1000", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    lines = list(map(json.loads, done.stdout.splitlines()))
    assert lines[-1] == {"done": True} and lines[0]["number"] == 5
