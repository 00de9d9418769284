"""The decorators: dispatch on types, ways of calling, options, what a compiled function tells about itself."""

from __future__ import annotations

import functools
import gc
import inspect
import os
import pathlib
import pickle
import subprocess
import sys
import threading
import time
import traceback
import warnings
import weakref
from typing import Any, NamedTuple

import numpy as np
import pytest

import tracer
from codegen import cache
from codegen.engine import Engine, engine
from tracer import NopythonError, ObjectModeWarning, implements, jit, njit, trace, types
from tracer.compiler import compile_function
from tracer.errors import TracerWarning

pytestmark = pytest.mark.quick_cases(None)


def scaled(x, factor=2, *, offset=0.5):
    """x times factor plus offset."""
    return x * factor + offset


def add(a, b):
    return a + b


def divide(a, b):
    return a / b


@njit
def pickled(x):
    return x + 1


# --- calling


def test_every_way_of_passing_arguments_gives_what_python_gives() -> None:
    fast = njit(scaled)
    for args, kwargs in [
        ((3,), {}), ((3, 4), {}), ((3,), {"factor": 4}), ((), {"x": 3}), ((), {"factor": 1.5, "x": 3}),
        ((3,), {"offset": 2}), ((3, 4), {"offset": 2.5}), ((), {"offset": 1, "factor": 2, "x": 7}), ((2.5, True), {}),
    ]:  # fmt: skip
        expected = scaled(*args, **kwargs)
        for _ in range(2):
            got = fast(*args, **kwargs)
            assert (got, type(got)) == (expected, type(expected))


def test_star_arguments() -> None:
    def total(*values):
        result = 0
        for value in values:
            result += value
        return result

    fast = njit(total)
    assert fast() == 0
    assert fast(1, 2.5) == 3.5
    assert fast(1, 2, 3) == 6


@pytest.mark.parametrize("args", [(), (1, 2, 3)])
def test_wrong_argument_counts_are_type_errors(args: tuple) -> None:
    with pytest.raises(TypeError, match="add"):
        njit(add)(*args)
    with pytest.raises(TypeError, match="argument"):
        njit(add)(1, 2, c=3)


def test_each_combination_of_types_is_compiled_once() -> None:
    fast = njit(add)
    fast(1, 2)
    fast(3, 4)
    fast(1.0, 2)
    assert fast.signatures == [(types.int64, types.int64), (types.float64, types.int64)]
    assert list(fast.graphs) == fast.signatures == fast.nopython_signatures
    assert fast.overloads.keys() == fast.graphs.keys()


def test_arguments_that_cannot_be_compiled_for_are_refused() -> None:
    fast = njit(add)
    for value in ("text", object(), np.array([object()]), np.zeros(2, np.float16), [1, 2], {1: 2}, np.ma.zeros(3)):
        with pytest.raises(NopythonError, match="'a'"):
            fast(value, 1)
    with pytest.raises(OverflowError, match="'b'"):
        fast(1, 1 << 64)


def test_a_memory_map_is_an_array(tmp_path) -> None:
    mapped = np.memmap(tmp_path / "data", np.float64, "w+", shape=(3,))
    mapped[:] = (1, 2, 3)

    @njit
    def total(a):
        s = 0.0
        for x in a:
            s += x
        return s

    assert total(mapped) == 6.0


def test_methods() -> None:
    class Point(NamedTuple):
        x: float
        y: float

        @njit
        def dot(self, other):
            return self.x * other.x + self.y * other.y

    class Plain:
        @njit
        def method(self, x):
            return x

        @staticmethod
        @njit
        def static(x):
            return x + 1

    assert Point(1.0, 2.0).dot(Point(3.0, 4.0)) == 11.0
    assert Plain.static(1) == 2
    with pytest.raises(NopythonError, match="'self'"):
        Plain().method(1)


def test_what_decoration_keeps() -> None:
    fast = njit(scaled)
    assert (fast.__name__, fast.__doc__, fast.__module__) == (scaled.__name__, scaled.__doc__, scaled.__module__)
    assert inspect.signature(fast) == inspect.signature(scaled)
    assert fast.py_func is scaled is fast.__wrapped__
    assert njit(fast).py_func is scaled


def test_pickle_and_partial() -> None:
    assert pickle.loads(pickle.dumps(pickled)) is pickled
    assert functools.partial(njit(add), 1)(2) == 3


def test_a_dropped_function_is_freed() -> None:
    def local(x):
        return x + 1

    fast = njit(local)
    fast(1)
    gone = weakref.ref(fast)
    del fast
    gc.collect()
    assert gone() is None


def test_first_calls_from_many_threads() -> None:
    def work(n, x):
        total = x
        for i in range(n):
            total = total + i
        return total

    fast = njit(work)
    expected = {kind: work(100, kind(1)) for kind in (int, float, np.float32, np.int64, complex)}
    wrong: list = []
    barrier = threading.Barrier(10)

    def run(kind: type) -> None:
        barrier.wait()
        for _ in range(50):
            if fast(100, kind(1)) != expected[kind]:
                wrong.append(kind)

    threads = [threading.Thread(target=run, args=(kind,)) for kind in expected for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(fast.signatures) == 5


def test_threads_that_need_one_form_compile_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, barrier = [], threading.Barrier(4)

    def slowly(*args, **kwargs):
        compiled.append(args[1])
        time.sleep(0.05)  # so that the other threads come meanwhile
        return compile_function(*args, **kwargs)

    monkeypatch.setattr(tracer.dispatch, "compile_function", slowly)
    fast = njit(add)

    def run() -> None:
        barrier.wait()
        fast(1, 2)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert compiled == [(types.int64, types.int64)]


def test_functions_compile_at_the_same_time() -> None:
    sources = [njit(functools.partial(lambda k: (lambda x: x * k + 1), k)()) for k in range(8)]
    results = [0] * 8

    def run(k: int) -> None:
        results[k] = sources[k](10)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [10 * k + 1 for k in range(8)]


# --- signatures


def test_declared_signatures_convert_without_loss() -> None:
    fast = njit("float64(int64, float64)")(add)
    assert fast.signatures == [(types.int64, types.float64)]
    assert (fast(1, 2), type(fast(1, 2))) == (3.0, float)
    assert fast(True, np.float32(0.5)) == 1.5
    with pytest.raises(TypeError, match="no compiled form"):
        fast(1.5, 2.0)
    assert fast.signatures == [(types.int64, types.float64)]
    for narrow, wide in ((types.float32, np.float64(1)), (types.int32, np.int64(1)), (types.uint8, np.int8(1)), (types.complex64, 1j)):
        with pytest.raises(TypeError, match="no compiled form"):
            njit([(narrow,)])(lambda x: x)(wide)


def test_declared_arrays_take_what_promises_more() -> None:
    @njit("float64(float64[:])")
    def first(a):
        return a[0]

    a = np.arange(4.0)
    readonly = a.copy()
    readonly.flags.writeable = False
    assert first(a) == 0.0 and first(a[::2]) == 0.0 and first(a[::-1]) == 3.0
    with pytest.raises(TypeError):
        first(readonly)
    reader = types.Array(types.np_float64, 1, "A", readonly=True)
    either = njit([(types.float64[:], types.float64), (reader, types.float64)])(lambda a, x: (a, x))
    assert either(readonly, 1)[0] is readonly and either(a, 1)[0] is a


def test_several_signatures_and_forms_of_writing_them() -> None:
    fast = jit([(types.int64, types.int64), "float64(float64, float64)"], nopython=True)(add)
    assert len(fast.signatures) == 2
    assert njit(types.float64(types.float64, types.float64))(add)(1.0, 2.0) == 3.0
    with pytest.raises(TypeError, match="flaot64"):
        njit("flaot64(int64)")
    with pytest.raises(NopythonError, match="declared type int64"):
        njit("int64(float64, float64)")(add)


# --- what a compiled function tells


def test_graphs_can_be_looked_at(capsys) -> None:
    graph = trace(add)(1, 2.0)
    assert graph(3, 4.0) == 7.0
    for stage, expected in {
        "traced": "graph add(a: int64, b: float64)", "optimized": "add", "llvm": "define", "llvm-input": "define", "asm": "ret",
    }.items():  # fmt: skip
        graph.show(stage)
        assert expected in capsys.readouterr().out
    with pytest.raises(ValueError, match="no stage"):
        graph.show("nothing")
    assert set(graph.timings) == {"trace", "passes", "emit", "parse", "optimize", "codegen", "link"}


def test_a_graph_refuses_other_types() -> None:
    graph = trace(add)(types.int64, types.float64)
    for args in [(1, 2), (1,), (1.0, 2.0), ("a", 1.0)]:
        with pytest.raises(TypeError, match=r"add\(int64, float64\)"):
            graph(*args)
    with pytest.raises(TypeError, match="by name"):
        graph(a=1, b=2.0)


def test_inspection(capsys) -> None:
    fast = njit(add)
    fast(1, 2)
    fast(1.0, 2.0)
    fast.inspect_types()
    printed = capsys.readouterr().out
    assert "add (int64, int64)" in printed and "add (float64, float64)" in printed and "return a + b" in printed
    assert set(fast.inspect_llvm()) == set(fast.inspect_asm()) == set(fast.signatures)
    assert "double" in fast.inspect_llvm((types.float64, types.float64))
    with pytest.raises(KeyError):
        fast.inspect_asm((types.int8, types.int8))


def test_recompile_and_disable_compile() -> None:
    namespace = {"k": 1}
    exec(compile("def f(x):\n    return x + k\n", __file__ + ".made", "exec"), namespace)
    import linecache

    linecache.cache[__file__ + ".made"] = (31, None, ["def f(x):\n", "    return x + k\n"], __file__ + ".made")
    fast = njit(namespace["f"])
    assert fast(1) == 2
    namespace["k"] = 10
    assert fast(1) == 2
    fast.recompile()
    assert fast(1) == 11
    fast.disable_compile()
    with pytest.raises(TypeError, match="no compiled form"):
        fast(1.5j)


# --- options


def test_options_are_checked() -> None:
    with pytest.raises(TypeError, match="unknown option 'fast'"):
        njit(fast=True)
    with pytest.raises(ValueError, match="error_model"):
        njit(error_model="c")(add)
    with pytest.raises(ValueError, match="fastmath"):
        njit(fastmath={"quick"})(add)
    with pytest.warns(TracerWarning, match="parallel"):
        njit(parallel=True)(add)


def test_error_model() -> None:
    with pytest.raises(ZeroDivisionError):
        njit(divide)(1.0, 0.0)
    numpy_like = njit(error_model="numpy")(divide)
    assert numpy_like(1.0, 0.0) == np.inf and np.isnan(numpy_like(0, 0)) and type(numpy_like(1, 2)) is float


def test_boundscheck_off_still_wraps_negative_indices() -> None:
    fast = njit(boundscheck=False)(lambda a, i: a[i])
    assert fast(np.arange(4), -1) == 3
    with pytest.raises(IndexError):
        njit(lambda a, i: a[i])(np.arange(4), 4)


def test_locals_cast_variables() -> None:
    def mean(n):
        total = 0
        for i in range(n):
            total += i
        return total

    assert type(njit(locals={"total": types.float64})(mean)(4)) is float


def test_fastmath_nogil_and_inline() -> None:
    def total(a):
        s = 0.0
        for x in a:
            s += x
        return s

    a = np.arange(1000.0)
    fast = njit(fastmath=True)(total)
    assert fast(a) == total(a) and "fast" in fast.graphs[fast.signatures[0]].text("llvm-input")
    assert njit(nogil=True)(total)(a) == total(a)
    helper = njit(inline="always")(lambda x: x * 2)
    graph = trace(lambda x: helper(x))(1)
    assert graph(2) == 4 and not any("callee" in op.attributes for op in graph.ir.ops())


def test_nogil_lets_other_threads_run() -> None:
    @njit(nogil=True)
    def spin(n, x):
        for _ in range(n):
            x = x * 0.999999 + 1.0
        return x

    spin(1, 1.0)
    ticks = []
    done = threading.Event()

    def count() -> None:
        while not done.is_set():
            ticks.append(None)
            done.wait(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    spin(100_000_000, 1.0)
    seen = len(ticks)
    done.set()
    thread.join()
    assert seen > 3


_CACHED = """
from tracer import njit
@njit(cache=True)
def f(x):
    return x * 3 + {constant}
print(f(2), f.graphs[f.signatures[0]].timings["codegen"] == 0.0)
"""


def test_cached_code_is_used_until_it_would_differ(tmp_path) -> None:
    def run(constant: int) -> str:
        script = tmp_path / "script.py"
        script.write_text(_CACHED.format(constant=constant))
        environment = {**os.environ, "TRACER_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True).stdout

    assert run(1) == "7 False\n"
    assert run(1) == "7 True\n"
    assert run(5) == "11 False\n"
    for damage in (lambda code: b"damaged" + code[7:], lambda code: code[:-7] + b"damaged", lambda code: code[:-1], lambda code: b""):
        for kept in (tmp_path / "cache").rglob("*"):
            if kept.is_file():
                kept.write_bytes(damage(kept.read_bytes()))
        assert run(5) == "11 False\n"
        assert run(5) == "11 True\n"


def test_entries_are_kept_for_other_functions_of_the_same_types(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(engine(), "_entries", {})
    emit, texts = Engine._emit, []
    monkeypatch.setattr(Engine, "_emit", lambda self, text, *rest: (texts.append(text), emit(self, text, *rest))[1])
    assert njit(lambda a, b: a * 3 + b)(2, 3.0) == 9.0
    bodies = len(texts) - 1
    engine()._entries.clear()
    assert njit(lambda a, b: a - b)(2, 3.0) == -1.0
    assert len(texts) == 2 * bodies + 1
    assert len(list((tmp_path / "entries").iterdir())) == 1


def test_of_too_many_entries_the_newer_half_is_kept(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_CACHE_DIR", str(tmp_path))
    keys = [b"%d" % number for number in range(9)]
    for age, key in enumerate(keys):
        cache.store(key, b"code", folder="some", most=8)
        os.utime(tmp_path / "some" / cache._name(key), ns=(age, age))
    assert [key for key in keys if cache.load(key, folder="some")] == keys[-4:]
    assert cache.load(keys[-1]) is None


def test_everything_runs_interpreted_by_a_switch() -> None:
    script = "import sys; from tracer import njit\n@njit\ndef f(x): return sys._getframe().f_code.co_name, str(x)\nprint(f(1))"
    environment = {**os.environ, "TRACER_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "('f', '1')\n"


# --- jit


def test_jit_runs_in_the_interpreter_what_cannot_be_compiled_and_says_so_once() -> None:
    @jit
    def label(x):
        return str(x) + "!"

    with pytest.warns(ObjectModeWarning, match="str has no native lowering"):
        assert label(1) == "1!"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert label(2) == "2!"
    assert jit(nopython=True)(add)(1, 2) == 3 and jit()(add)(1, 2) == 3
    with pytest.raises(NopythonError):
        jit(nopython=True)(label.py_func)(1)


def test_jit_without_source_is_the_interpreter() -> None:
    space: dict[str, Any] = {}
    exec("def f(x):\n    return x, str(x)", space)
    with pytest.warns(ObjectModeWarning, match="its source is not known"):
        assert jit(space["f"])([1]) == ([1], "[1]")


TOLD = r'''
import numpy as np


def text(a, o):
    return "\d", a.sum()


def identity(a, o):
    total = 0.0
    for v in a:
        total += v * v
    return o is 1, total


other = lambda a, o: (o is 1, a.sum(), "\d")


def divides(a, o):
    total = 0.0
    for v in a:
        total += v * v
    return np.float64(o[0]) / o[1], total


def caught(a, o):
    total = 0.0
    for v in a:
        total += v * v
    try:
        return np.array(o) / [0], total
    except RuntimeWarning as warning:
        return str(warning), total
'''


@pytest.mark.parametrize("name", ["text", "identity", "other", "divides", "caught"])
def test_warnings_that_are_errors(tmp_path: pathlib.Path, name: str) -> None:
    """Python's own of the source are those of the import; those of segments are what the interpreter makes of them."""
    path = tmp_path / "told.py"
    path.write_text(TOLD)
    space: dict[str, Any] = {"__name__": "told"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(TOLD, str(path), "exec"), space)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ObjectModeWarning)
        before = list(warnings.filters)
        plain, fast = space[name], jit(space[name])
        for o in ([2.5, 0], [2.5, 2], 1):
            outcomes = []
            for function in (plain, fast):
                try:
                    outcomes.append(function(np.arange(3.0), o))
                except (RuntimeWarning, TypeError) as error:
                    outcomes.append((type(error), str(error)))
            assert repr(outcomes[0]) == repr(outcomes[1])
        assert warnings.filters == before


class Base:
    def scaled(self, a):
        return a * 2


class Scale(Base):
    def __init__(self, __n, *, __k=2):
        self.__n, self.__k = __n, __k

    def total(self, a, *, __start=0.5):
        __t = __start
        seen = [lambda: (__t, self.__n)]
        for v in a:
            __t += v * self.__k
        __t = __t * 1
        return seen[0](), self.__class__.__name__, [v.__class__ for v in (__t, self.__k)]

    def scaled(self, a):
        total = 0.0
        for v in a:
            total += v * v
        return super().scaled(a), total, __class__.__name__


@pytest.mark.filterwarnings("ignore::tracer.ObjectModeWarning")
def test_private_names_and_super_in_methods() -> None:
    total, scaled = jit(Scale.total), jit(Scale.scaled)
    for it in (Scale(3), Scale("x", _Scale__k=2.5)):
        for _ in range(2):
            assert total(it, np.arange(3.0)) == it.total(np.arange(3.0))
            assert total(it, np.arange(3.0), _Scale__start=2) == it.total(np.arange(3.0), _Scale__start=2)
            assert repr(scaled(it, np.arange(3.0))) == repr(it.scaled(np.arange(3.0)))


def squares(a, o):
    total = 0.0
    for v in a:
        total += v * v
    return total, str(o)


def nested(depth, function, *arguments):
    return function(*arguments) if depth == 0 else nested(depth - 1, function, *arguments)


@pytest.mark.parametrize("decorate", [jit, njit])
@pytest.mark.parametrize("left", [20, 60, 200, 500])
@pytest.mark.filterwarnings("ignore:.* is interpreted:tracer.ObjectModeWarning")
def test_a_function_is_compiled_where_calls_are_deeply_nested(decorate, left: int) -> None:
    """There is room for Python to run it, but not for the compiler."""
    function = decorate(squares if decorate is jit else add)
    arguments = (np.arange(3.0), [1]) if decorate is jit else (1, 2)
    depth = sys.getrecursionlimit() - left - sum(1 for _ in inspect.stack(0))
    assert nested(depth, function, *arguments) == function.py_func(*arguments)
    assert len(function.graphs) == 1


def test_what_is_called_while_a_function_is_compiled_may_compile_it_for_other_types() -> None:
    """In the thread that holds the lock, also where that is one for compiling deep in recursion."""
    found: list[Any] = []

    class Late(type):
        @property
        def number(cls) -> int:
            if not found:
                found.append(None)
                found[0] = nested(sys.getrecursionlimit() // 2, outer, 1)
            return 3

    class Odd(metaclass=Late):
        pass

    outer = jit(lambda a: (a, Odd.number))
    thread = threading.Thread(target=lambda: found.append(nested(sys.getrecursionlimit() // 2, outer, 2.5)), daemon=True)
    thread.start()
    thread.join(30)
    assert found == [(1, 3), (2.5, 3)]


def again(a, n, o):
    total = 0.0
    for v in a:
        total += v * v
    return str(total) if n == 0 else o[n % 2](a, n - 1, o) + "."


@pytest.mark.filterwarnings("ignore:.* is interpreted:tracer.ObjectModeWarning")
def test_recursion_through_segments_ends_as_in_python() -> None:
    def outcome(function) -> tuple[Any, ...]:
        assert function(np.arange(3.0), 50, [function, again]) == "5.0" + "." * 50
        with pytest.raises(RecursionError) as caught:
            function(np.arange(3.0), 10**6, [function, again])
        entries = traceback.extract_tb(caught.value.__traceback__)[2:]
        return str(caught.value), {(entry.filename, entry.name, entry.lineno) for entry in entries}

    fast = jit(again)
    expected = outcome(again)
    for _ in range(3):
        found = outcome(fast)
        assert found[1] == expected[1]
        assert found[0].startswith("maximum recursion depth exceeded")


def test_forceobj_is_the_interpreter() -> None:
    assert jit(forceobj=True)(lambda x: [x, str(x)])(1) == [1, "1"]


# --- extension and names


def test_implements_is_public() -> None:
    def opaque(x):
        raise AssertionError("is never run")

    @implements(opaque)
    def _opaque(x, times=2):
        return x * times

    assert njit(lambda x: opaque(x) + opaque(x, times=3))(2) == 10
    with pytest.raises(ValueError, match="implemented already"):
        implements(opaque)(_opaque)


def test_names_that_are_not_there_yet_say_so() -> None:
    with pytest.raises(AttributeError, match="not there yet"):
        tracer.vectorize  # noqa: B018
    with pytest.raises(ImportError, match="not there yet"):
        from tracer import guvectorize  # noqa: F401
    with pytest.raises(AttributeError, match="did you mean 'njit'"):
        tracer.nijt  # noqa: B018


@pytest.mark.parametrize("thing", [3, len, np.sin, int, functools.partial(add, 1), staticmethod(add)])
def test_only_functions_are_compiled(thing: object) -> None:
    with pytest.raises(TypeError):
        njit(thing)


FIRST_COMPILATIONS = """
import threading
from tracer import njit

def first(a, b):
    return a * 2 + b

def second(x):
    return x + 1.5 if x > 0 else 0.5

def third(n):
    total = 0
    for i in range(n):
        total += i
    return total

work = [(first, (3, 4), 10), (second, (1.0,), 2.5), (third, (5,), 10)] * 3
together = threading.Barrier(len(work))
right = []

def run(function, arguments, expected):
    together.wait()
    right.append(njit(function)(*arguments) == expected)

threads = [threading.Thread(target=run, args=item) for item in work]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(right), all(right))
"""


def test_threads_can_load_the_compiler_together(tmp_path: pathlib.Path) -> None:
    (tmp_path / "program.py").write_text(FIRST_COMPILATIONS, encoding="utf-8")
    variables = {**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).resolve().parent.parent)}
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("9 True", "")


@pytest.mark.parametrize("decorator", (njit, jit))
def test_keyword_arguments_of_a_compiled_function(decorator: Any) -> None:
    def collected(a, **rest):
        return a + rest["x"] * len(rest)

    def named(a, *, scale=2, **rest):
        return a * scale + len(rest)

    for function in (collected, named):
        compiled = decorator(function)
        for keywords in ({"x": 2}, {"x": 2.5, "y": 1}, {"y": 1, "x": 2}, {"x": 3, "scale": 4}):
            for _ in range(2):
                assert repr(compiled(5, **keywords)) == repr(function(5, **keywords))
        with pytest.raises(TypeError):
            compiled(5, 2)  # the form for x=2 is not for a second positional argument
    only = decorator(named)
    assert only(5) == 10 and only(5, scale=3) == 15 and only(5) == 10


def test_arguments_by_name_again_and_again() -> None:
    def both(a, b=2, *, c=3.0):
        return a, b, c

    def rest(*args, k=5, **named):
        total = 0.0
        for i in range(len(args)):
            total += i * 0.5
        return args, k, total, named["x"]

    def mixed(*args, k=5, **named):
        total = 0.0
        for i in range(100):
            total += i * 0.5
        return args, k, total, untyped(named)

    calls = ((1,), {}), ((1, 2), {}), ((1,), {"b": 7}), ((), {"b": 1.5, "a": 2}), ((), {"a": 2, "b": 1.5}), ((1,), {"c": 4}), ((1,), {"c": 4, "b": 1})
    fast = njit(both)
    for _ in range(3):
        for args, named in calls:
            assert fast(*args, **named) == both(*args, **named)
        with pytest.raises(TypeError, match="multiple values"):
            fast(1, a=2)
        with pytest.raises(TypeError, match="unexpected keyword"):
            fast(1, d=2)
    fast = njit(rest)
    for _ in range(3):
        for args, named in (((), {"x": 1}), ((1, 2), {"x": 2.5, "y": 1}), ((1, 2), {"y": 1, "k": 2, "x": 3})):
            assert fast(*args, **named) == rest(*args, **named)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ObjectModeWarning)
        fast = jit(mixed)
        for _ in range(3):
            for args, named in (((), {}), ((1, 2), {"x": 7, "y": 2}), ((1,), {"y": 2, "k": 2.5, "x": 7}), (("a", [1]), {"k": {2}, "x": [3]})):
                assert fast(*args, **named) == mixed(*args, **named)


def untyped(x):
    return eval("x", {"x": x})
