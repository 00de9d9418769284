"""The native callable type and the engine: life and death of objects and code, threads."""

from __future__ import annotations

import copy
import gc
import os
import pathlib
import subprocess
import sys
import threading
import time
import weakref
from typing import Any

import llvmlite
import pytest
from codegen_harness import Compiled, Declined, compiled, function, make_graph

from codegen import compile_graph
from codegen.engine import Effort, engine
from codegen.native import native_class, set_entries, set_slow
from ir import types as t
from ir.builder import Builder, constant
from ir.graph import Edge, Value
from ir.ops import arithmetic, compare, python

HAVE_VECTORCALL = 1 << 11


@native_class
class Example:
    """A documented class."""

    shared = 5

    def __init__(self, name: str, default: int = 3) -> None:
        self.name = name
        self.default = default

    @property
    def loud(self) -> str:
        return self.name.upper()

    @classmethod
    def make(cls) -> Any:
        return cls("made")

    @staticmethod
    def double(x: int) -> int:
        return 2 * x

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __len__(self) -> int:
        return self.default


def adder() -> Any:
    return make_graph([t.int64, t.int64], None, lambda b, x, y: b.emit(arithmetic.add, x, y))


def float_adder() -> Any:
    return make_graph([t.float64, t.float64], None, lambda b, x, y: b.emit(arithmetic.add, x, y))


def test_attributes_come_from_the_plain_class() -> None:
    example = Example("abc", default=4)
    assert (example.loud, repr(example), len(example), example.shared) == ("ABC", "<abc>", 4, 5)
    assert example.double(4) == 8 and example.make().name == "made"
    assert isinstance(example, Example) and not isinstance(Compiled, Example)
    for cls in (Example, type(example)):
        assert cls.__doc__ == "A documented class." and cls.__name__ == cls.__qualname__ == "Example"
        assert cls.__module__ == __name__
    assert type(example) is Example.type and Example.type.__flags__ & HAVE_VECTORCALL
    example.other = 1
    assert vars(example) == {"name": "abc", "default": 4, "other": 1}
    with pytest.raises(TypeError):
        Example()


def test_classes_that_cannot_be_native() -> None:
    class Slots:
        __slots__ = ("x",)

    class Derived(Exception):
        pass

    class Called:
        def __call__(self) -> None: ...

    for cls in (Slots, Derived, Called):
        with pytest.raises(TypeError, match="must derive from object only"):
            native_class(cls)


def test_native_types_are_final() -> None:
    with pytest.raises(TypeError):
        type("Derived", (Example.type,), {})


def test_a_new_instance_raises_when_called() -> None:
    with pytest.raises(TypeError, match="nothing to call yet"):
        Example("x")(1)
    bare = Example.type.__new__(Example.type)
    with pytest.raises(TypeError, match="nothing to call yet"):
        bare()


def test_entries_are_tried_in_order_then_slow() -> None:
    f = Example("f")
    set_slow(f, lambda *args, **kwargs: ("slow", args, kwargs))
    assert f(1, 2, k=3) == ("slow", (1, 2), {"k": 3})
    set_entries(f, [compile_graph(adder())])
    assert f(1, 2) == 3 and f(1.0, 2.0)[0] == "slow"
    set_entries(f, [compile_graph(adder()), compile_graph(float_adder())])
    assert f(1, 2) == 3 and f(1.5, 2.0) == 3.5 and f(1, 2.0)[0] == "slow"
    assert f(1, y=2) == ("slow", (1,), {"y": 2})
    assert f(*[1, 2]) == 3 and f(**{}) == ("slow", (), {})
    set_entries(f, [])
    assert f(1, 2)[0] == "slow"


def test_exceptions_of_the_slow_callable() -> None:
    f = Example("f")
    set_slow(f, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        f()
    set_slow(f, 3)
    with pytest.raises(TypeError, match="not callable"):
        f()


def test_the_slow_callable_may_replace_itself() -> None:
    f = Example("f")

    def slow(*args: Any) -> Any:
        set_slow(f, None)
        set_entries(f, [compile_graph(adder())])
        return f(*args)

    set_slow(f, slow)
    assert f(20, 22) == 42


def test_binding_as_a_method() -> None:
    method = Example("method")
    set_slow(method, lambda *args: args)

    class Holder:
        call = method

    holder = Holder()
    assert Holder.call is method and holder.call(1) == (holder, 1)
    bound = holder.call
    assert bound.__self__ is holder and bound.__func__ is method and bound(2) == (holder, 2)
    assert Holder.call(3) == (3,)
    assert method.__get__(None, Holder) is method


def test_weak_references() -> None:
    died: list[int] = []
    f = Example("f")
    reference = weakref.ref(f, lambda _: died.append(1))
    assert reference() is f
    del f
    assert reference() is None and died == [1]


def test_cycles_are_collected() -> None:
    gc.collect()
    f = Example("f")
    f.itself = f
    set_slow(f, lambda: f)
    executable = compile_graph(adder())
    set_entries(f, [executable])
    references = [weakref.ref(f), weakref.ref(executable)]
    del executable
    assert f in gc.get_objects()
    assert any(x is f.__dict__ for x in gc.get_referents(f)) and type(f) in gc.get_referents(f)
    del f
    gc.collect()
    assert [r() for r in references] == [None, None]


def test_instances_do_not_leak() -> None:
    def once() -> None:
        f = Example("f")
        set_slow(f, len)
        set_entries(f, [])
        f([1])

    once()
    gc.collect()
    before, class_references = sys.getallocatedblocks(), sys.getrefcount(Example.type)
    for _ in range(500):
        once()
    gc.collect()
    after, class_references_after = sys.getallocatedblocks(), sys.getrefcount(Example.type)
    assert after - before < 50 and class_references_after == class_references


def test_native_types_can_be_many_and_die() -> None:
    class Plain:
        pass

    made = [native_class(Plain).type for _ in range(5)]
    references = [weakref.ref(m) for m in made]
    assert len(set(made)) == 5 and all(type(m()) is m for m in made)
    del made
    gc.collect()
    assert all(r() is None for r in references)


def test_copying_does_not_crash() -> None:
    f = Compiled(compile_graph(adder()))
    with pytest.raises(TypeError):
        copy.copy(f)(1, 2)


def code_mappings() -> int:
    with open("/proc/self/maps") as maps:
        return sum("r-xp" in line and not line.rstrip().endswith((".so", "]")) and "/" not in line for line in maps)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_code_is_released() -> None:
    """In a process of its own: here, what other tests have left behind may go away meanwhile."""
    folder = pathlib.Path(__file__).resolve().parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(folder.parent)])}
    script = "import test_codegen_native; test_codegen_native.release_code()"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def release_code() -> None:
    """Compile, drop what was compiled, and look at the memory with code in it."""
    compile_graph(adder())  # what is made once
    gc.collect()
    before = code_mappings()
    held = [compile_graph(adder()) for _ in range(20)]
    assert code_mappings() > before
    del held
    gc.collect()
    assert code_mappings() <= before


def test_replaced_entries_live_as_long_as_the_instance() -> None:
    f = Example("f")
    first = compile_graph(adder())
    reference = weakref.ref(first)
    set_entries(f, [first])
    del first
    set_entries(f, [])
    gc.collect()
    assert reference() is not None
    del f
    gc.collect()
    assert reference() is None


def test_compiling_in_several_threads() -> None:
    results: list[int] = []

    def work(number: int) -> None:
        for i in range(10):
            graph = make_graph([t.int64], None, lambda b, x: b.emit(arithmetic.mul, x, constant(number * 100 + i, t.int64)))
            results.append(compiled(graph)(3) - 3 * (number * 100 + i))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [0] * 40


def _spin(b: Builder, n: Value) -> None:
    """Counts n down with a step that LLVM cannot take in one go."""
    loop, body, end = b.new_block("loop", (t.int64, t.int64)), b.new_block("body"), b.new_block("end")
    b.jump(loop, n, constant(1, t.int64))
    b.start(loop)
    left, x = loop.params
    b.branch(b.emit(compare.gt, left, constant(0, t.int64)), Edge(body), Edge(end))
    b.start(body)
    mixed = b.emit(arithmetic.bit_xor, b.emit(arithmetic.mul, x, constant(6364136223846793005, t.int64)), left)
    b.jump(loop, b.emit(arithmetic.sub, left, constant(1, t.int64)), mixed)
    b.start(end)
    b.return_(x)


def test_nogil_lets_other_threads_run() -> None:
    spin = function([t.int64], t.int64, _spin, nogil=True)
    with_lock = function([t.int64], t.int64, _spin)
    assert spin(1000) == with_lock(1000)
    running = threading.Event()

    def work() -> None:
        running.set()
        spin(300_000_000)
        running.clear()

    thread = threading.Thread(target=work)
    thread.start()
    running.wait()
    rounds = 0
    while running.is_set():
        rounds += 1
        time.sleep(0.001)
    thread.join()
    assert rounds > 10  # with the lock held this thread would wait for the end and see at most one round


def test_a_callee_of_another_thread_sees_the_new_table() -> None:
    """Tables change while other threads call."""
    f = Example("f")
    set_slow(f, lambda *a: -1)
    executables = [compile_graph(adder()), compile_graph(adder())]
    stop, wrong = threading.Event(), []

    def call() -> None:
        while not stop.is_set():
            if f(1, 2) not in (3, -1):
                wrong.append(1)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for i in range(300):
        set_entries(f, executables[: i % 3])
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_is_shown() -> None:
    executable = compile_graph(adder())
    assert set(executable.timings) == {"emit", "parse", "optimize", "codegen", "link"}
    assert "add i64 %p0, %p1" in executable.llvm and "add i64" in executable.optimized_llvm()
    assert "ret" in executable.assembly()


def test_text_that_is_not_llvm() -> None:
    with pytest.raises(RuntimeError, match="parsing error"):
        engine().compile("nonsense", [])
    with pytest.raises(RuntimeError):
        text = "declare void @no_such_function()\ndefine void @f() {\n call void @no_such_function()\n ret void\n}"
        engine().compile(text, ["f"])
    assert compiled(adder())(1, 2) == 3


def test_dropping_a_function_inside_its_own_call() -> None:
    holder: dict[str, Any] = {}

    def callback() -> None:
        holder.clear()
        gc.collect()

    def build(b: Builder) -> Value:
        b.emit(python.python_call, function=callback)
        return constant(7, t.int64)

    holder["f"] = function([], None, build)
    assert holder["f"]() == 7 and not holder


def test_declined_arguments_reach_the_slow_callable_unchanged() -> None:
    f = Compiled(compile_graph(adder()))
    marker = object()
    with pytest.raises(Declined) as caught:
        f(1, marker)
    assert caught.value.args == ((1, marker), {})


def test_the_key_of_kept_code_names_all_that_the_code_depends_on() -> None:
    keys = {engine().cache_key(text, effort) for text in "ab" for effort in Effort}
    assert len(keys) == 2 * len(Effort)
    assert all(part.encode() in key for key in keys for part in (*engine()._target, llvmlite.__version__))
