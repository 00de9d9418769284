"""Elementary functions of arrays, whose code is compiled once for all programs and kept."""

from __future__ import annotations

import concurrent.futures
import ctypes
import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from codegen_harness import compiled

import tracer.kernels
import tracer.library
from codegen import kernels
from codegen.engine import Engine, engine
from ir import interp, spaces
from ir.builder import Builder
from ir.clone import clone
from ir.deferred import Definition, DeferredGraph
from ir.graph import Block, Graph, Value
from ir.ops import array, elementwise
from ir.parser import parse
from ir.passes import optimize
from ir.printer import print_graph
from ir.types import Array, Float, np_float64
from ir.verify import verify
from tracer import njit, trace
from tracer.extending import KERNELS, OPERATORS, UFUNCS

tracer.library.load_rest()

UFUNC_KERNELS = sorted(
    {u for (u, kind), rule in UFUNCS.items() if rule in KERNELS and kind == "np.float"} - {np.float_power}, key=lambda u: u.__name__
)  # fmt: skip
SPECIAL = [
    0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e-310, 2.0**-1022, 1.7e308, -1.7e308, 0.5, 2.5, -3.0, 1e5, 1e22,
    709.5, -745.0,
]  # fmt: skip


def power(a, b):
    return a**b


FUNCTIONS = [*UFUNC_KERNELS, power]
by_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)


def arity(function: Callable) -> int:
    return 2 if function is power else function.nin


def of_arrays(function: Callable) -> Callable:
    if arity(function) == 1:
        return lambda a: function(a)
    return lambda a, b: function(a, b)


def operands(function: Callable, dtype: type = np.float64) -> list[np.ndarray]:
    """All special values, and numbers in between; for two operands in all pairs."""
    with np.errstate(over="ignore"):
        numbers = np.array([*SPECIAL, *np.random.default_rng(5).normal(0.0, 30.0, 33)]).astype(dtype)
    if arity(function) == 1:
        return [numbers]
    a, b = np.meshgrid(numbers, numbers)
    return [np.ascontiguousarray(a.ravel()), np.ascontiguousarray(b.ravel())]


def kernel_ops(graph) -> list:
    graphs = [graph.optimized, *graph.optimized.callees()]
    return [op for each in graphs for op in each.ops() if op.opdef is elementwise.kernel]


@pytest.fixture
def in_line(monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Compiles a function as if there were no kernels."""

    def compiled(function: Callable, *arguments, **options):
        with monkeypatch.context() as patch:
            patch.setattr(spaces, "_is_for_kernel", lambda space, target: False)
            graph = trace(function, **options)(*arguments)
        assert not kernel_ops(graph)
        return graph

    return compiled


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> pathlib.Path:
    """As in a new process, with a cache directory of its own, where the compiler's own functions are already."""
    monkeypatch.setenv("TRACER_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(kernels, "_kernels", {})
    monkeypatch.setattr(tracer.kernels, "_definitions", {})
    monkeypatch.setattr(tracer.kernels, "STARTED", float("inf"))  # whoever edits files while the tests run
    return tmp_path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that LLVM compiles from now on."""
    texts: list[str] = []
    emit = Engine._emit

    def noted(self, text, *rest):
        texts.append(text)
        return emit(self, text, *rest)

    monkeypatch.setattr(Engine, "_emit", noted)
    return texts


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return (a.dtype, a.shape, a.strides, a.tobytes()) == (b.dtype, b.shape, b.strides, b.tobytes())


# --- results


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@by_function
def test_a_kernel_gives_the_same_bits_as_the_loop_in_its_place(function, dtype, in_line) -> None:
    arguments = operands(function, dtype)
    graph = trace(of_arrays(function))(*arguments)
    assert len(kernel_ops(graph)) == 1
    assert same_bits(graph(*arguments), in_line(of_arrays(function), *arguments)(*arguments))


@by_function
def test_fast_arithmetic_changes_no_bit_and_shares_the_code(function, in_line) -> None:
    arguments = operands(function)
    plain, fast = (trace(of_arrays(function), fastmath=flag)(*arguments) for flag in (False, True))
    assert same_bits(fast(*arguments), plain(*arguments))
    assert same_bits(in_line(of_arrays(function), *arguments, fastmath=True)(*arguments), plain(*arguments))
    (body,) = (op.attributes["body"] for op in kernel_ops(fast))
    floats = [op for op in body.ops() if op.opdef.pure and op.operands and isinstance(op.operands[0].type, Float)]
    assert floats and all(op.attributes.get("exact") for op in floats)
    assert len({kernels.kernel_for(kernel_ops(each)[0].attributes["body"])[1] for each in (plain, fast)}) == 1


def forms(values: np.ndarray) -> Iterator[tuple[str, np.ndarray, bool]]:
    """Arrays of all kinds with these items, 48 of them; whether a kernel does it."""
    yield "plain", values, True
    yield "empty", values[:0], True
    yield "no axes", values[0].reshape(()), False
    yield "one", values[:1], True
    yield "strided", np.repeat(values, 2)[::2], False
    yield "reversed", values[::-1], False
    yield "C", values.reshape(6, 8), True
    yield "F", np.asfortranarray(values.reshape(6, 8)), True
    yield "part", np.tile(values.reshape(6, 8), 2)[:, 3:7], False
    yield "three axes", values.reshape(2, 3, 8), True
    frozen = values.copy()
    frozen.flags.writeable = False
    yield "read-only", frozen, True
    raw = np.zeros(values.nbytes + 1, np.uint8)
    raw[1:] = values.view(np.uint8)
    yield "unaligned", raw[1:].view(values.dtype), False


FORM_NAMES = [name for name, _, _ in forms(np.zeros(48))]


@pytest.mark.parametrize("name", FORM_NAMES)
@pytest.mark.parametrize("function", [np.exp, np.sin, power], ids=lambda f: f.__name__)
def test_arrays_of_all_kinds(function, name, in_line) -> None:
    values = np.resize(np.array(SPECIAL), 48)
    ((array, by_kernel),) = [(array, kernel) for each, array, kernel in forms(values) if each == name]
    arguments = (array,) * arity(function)
    before = array.tobytes()
    graph = trace(of_arrays(function))(*arguments)
    assert bool(kernel_ops(graph)) == by_kernel
    result, expected = graph(*arguments), in_line(of_arrays(function), *arguments)(*arguments)
    assert array.tobytes() == before
    assert same_bits(np.asarray(result), np.asarray(expected))
    with np.errstate(all="ignore"):
        assert np.shape(result) == np.shape(function(*arguments))
        assert np.asarray(result).flags.c_contiguous == np.asarray(function(*arguments)).flags.c_contiguous


def by_argument(a, b):
    np.exp(a, out=b)


def by_slice(a, b):
    b[:] = np.exp(a)


def in_place(a, b):
    np.exp(b, out=b)
    b[:] = np.sin(b)


def moved(a, b):
    np.exp(b[:-1], out=b[1:])


def moved_back(a, b):
    b[:-1] = np.exp(b[1:])


def row_by_row(a, b):
    for i in range(len(a)):
        b[i] = np.exp(a[i])


def power_in_place(a, b):
    b **= a


def both(a, b):
    np.power(a, b, out=b)
    b[:] = a**b


def stretched(a, b):
    np.exp(a[:1], out=b)
    b[:] = np.exp(a[:1])


WRITERS = [by_argument, by_slice, in_place, moved, moved_back, power_in_place, both, stretched, row_by_row]


@pytest.mark.parametrize("masks", [True, False])
@pytest.mark.parametrize("function", WRITERS, ids=lambda f: f.__name__)
def test_results_go_into_arrays(function, masks, in_line, monkeypatch) -> None:
    if masks and not engine().has_masks:
        pytest.skip("needs a CPU with masks")
    monkeypatch.setattr(Engine, "has_masks", masks)
    monkeypatch.setattr(kernels, "_kernels", {})
    a, b = np.linspace(0.1, 1.0, 44), np.linspace(0.2, 1.5, 44)
    if function is row_by_row:
        a, b = a.reshape(4, 11), b.reshape(4, 11)
    found, expected = b.copy(), b.copy()
    graph = trace(function)(a, b)
    graph(a, found)
    in_line(function, a, b)(a, expected)
    assert kernel_ops(graph) and same_bits(found, expected)
    function(a, expected := b.copy())
    assert np.allclose(found, expected, rtol=1e-13)
    interpreted = b.copy()
    interp.run(graph.optimized, a, interpreted)
    assert np.allclose(interpreted, expected, rtol=1e-13)


def test_one_array_for_both_operands(in_line) -> None:
    def function(a, b):
        b[:] = a**a

    a = np.linspace(0.1, 1.0, 44)
    found, expected = a.copy(), a.copy()
    trace(function)(a, a)(a, found)
    in_line(function, a, a)(a, expected)
    assert same_bits(found, expected)


def test_where_is_asked() -> None:
    def function(a, mask, out):
        np.exp(a, where=mask, out=out)

    a, out = np.linspace(0.1, 1.0, 44), np.full(44, 7.0)
    mask = np.arange(44) % 3 == 0
    njit(function)(a, mask, out)
    assert set(out[~mask]) == {7.0} and np.allclose(out[mask], np.exp(a[mask]), rtol=1e-15)


def test_results_of_another_type_are_converted() -> None:
    a = np.linspace(0.1, 1.0, 44)
    for function in (by_slice, by_argument):
        found = np.ones(44, np.float32)
        graph = trace(function)(a, found)
        graph(a, found)
        assert not kernel_ops(graph) and np.array_equal(found, njit(lambda a: np.exp(a))(a).astype(np.float32))
    frozen = a.copy()
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        njit(by_argument)(a, frozen)
    with pytest.raises(ValueError, match="broadcast"):
        njit(by_argument)(a, a[:-1].copy())


def test_two_operands_may_be_stretched(in_line) -> None:
    a, b = np.arange(1.0, 9.0), np.array([2.5])
    for arguments in ((a, b), (b, a), (a, a), (b, b), (a.reshape(1, 8), a.reshape(8, 1))):
        f = of_arrays(power)
        assert same_bits(njit(f)(*arguments), in_line(f, *arguments)(*arguments))
    with pytest.raises(ValueError):
        njit(of_arrays(power))(a, a[:3])


@pytest.mark.parametrize("function", [np.exp, np.sin, np.log], ids=lambda f: f.__name__)
def test_all_lengths_and_nothing_beside_them(function) -> None:
    """The kernel itself, on memory with guards on both sides."""
    (op,) = kernel_ops(trace(of_arrays(function))(np.ones(3)))
    code, address = kernels.kernel_for(op.attributes["body"])
    parts = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64) * 2
    run = ctypes.CFUNCTYPE(None, *parts)(address)
    values = np.linspace(0.25, 9.0, 80)
    expected = njit(of_arrays(function))(values)
    for length in range(81):
        memory = np.full(length + 16, 7.0)
        run(None, memory[8:].ctypes.data, length, None, values.ctypes.data, length)
        assert np.array_equal(memory[8 : 8 + length], expected[:length]) and set(memory[:8]) | set(memory[8 + length :]) == {7.0}
    del code


def test_what_is_not_just_the_function_is_a_loop() -> None:
    a, numbers = np.ones(5), np.arange(5)
    of_ints, fused, by_scalar = (lambda a: np.exp(a)), (lambda a: np.exp(a) * 2.0), (lambda a: a**2.5)
    for function, argument in ((of_ints, numbers), (fused, a), (by_scalar, a)):
        assert not kernel_ops(trace(function)(argument))
    assert np.allclose(njit(of_ints)(numbers), np.exp(numbers), rtol=1e-15)


def test_in_loops_and_beside_other_loops() -> None:
    def function(m, n):
        total = 0.0
        for i in range(n):
            row = np.exp(m[i])
            total += row[0] + np.sqrt(row * 2.0).sum()
        return total, np.sin(m), np.sin(m[0])

    m = np.linspace(0.0, 2.0, 60).reshape(4, 15)
    graph = trace(function)(m, 4)
    assert len(kernel_ops(graph)) == 3
    for found, expected in zip(graph(m, 4), function(m, 4)):
        assert np.allclose(found, expected, rtol=1e-14)
    called = re.findall(r"call void @(kernel[.\w]+)", graph.text("llvm-input"))
    assert len(called) == 3 and len(set(called)) == 2  # one symbol for both sines


def test_a_loop_of_kernels_looks_for_signals_in_each_round() -> None:
    def function(m, n):
        total = 0.0
        for i in range(n):
            total += np.exp(m[i])[0]
        return total

    graph = trace(function)(np.ones((3, 5)), 3)
    (block,) = [block for block in graph.optimized.blocks if any(op.opdef is elementwise.kernel for op in block.ops)]
    assert "poll" in [op.name for op in block.ops]


# --- graphs


def test_graphs_are_read_back_from_their_texts() -> None:
    def function(a, b):
        return np.exp(a), a**b

    a = np.linspace(-3.0, 3.0, 21)
    graph = trace(function)(a, a)
    for each in (graph.ir, graph.optimized):
        text = print_graph(each, source_lines=False)
        verify(each)
        read = parse(text)
        assert print_graph(read, source_lines=False) == text
        expected = interp.run(each, a, a)
        assert all(map(same_bits, interp.run(read, a, a), expected))
    assert all(map(same_bits, compiled(read)(a, a), graph(a, a)))  # by kernels that have no name


def test_a_graph_is_not_traced_where_there_is_code(nothing_kept) -> None:
    a = np.ones(3)
    trace(lambda a: np.cosh(a))(a)
    kernels._kernels.clear()
    tracer.kernels._definitions.clear()
    graph = trace(lambda a: np.cosh(a))(a)
    (op,) = kernel_ops(graph)
    body = op.attributes["body"]
    assert isinstance(body, DeferredGraph) and body.definition._graph is None
    assert "cosh" in graph.text("optimized") and body.definition._graph is not None  # who looks sees it
    assert ".vectors:" in graph.text("llvm-input") or not engine().has_masks
    several = trace(lambda a, b: (np.cosh(a), np.cosh(b), np.cosh(a * 2.0)))(a, a)
    assert len(kernel_ops(several)) == 2
    bodies = [op.attributes["body"] for op in kernel_ops(several)]
    assert not any(body._blocks for body in bodies)  # though the third one was looked into


CALLING = """
graph rule(x: np.float64) -> np.float64
  entry0:
    %0: np.float64 = call rare(x)
    return %0

graph rare(x: np.float64) -> np.float64
  entry0:
    %0: np.float64 = add 1.0:np.float64, 2.0:np.float64
    %1: np.float64 = mul x, %0
    return %1
"""


def test_passes_leave_the_traced_graph_as_it_was() -> None:
    def made():
        return parse(CALLING)

    real, items = np_float64, Array(np_float64, 1, "A")
    graph = Graph("f", None, [Block("entry", [Value(items, "a")])], Array(np_float64, 1, "C"))
    body = DeferredGraph(Definition("rule", "rule", [real], real, made, lambda: None), None, ["a"], {})
    builder = Builder(graph)
    length = builder.emit(array.shape, graph.params[0], axis=0)
    builder.return_(builder.emit(elementwise.map_, length, graph.params[0], to=graph.result_type, callee=body, indexed=False))
    before = print_graph(graph)
    assert "add 1.0" in before
    assert "add 1.0" not in print_graph(optimize(clone(graph)))
    assert print_graph(graph) == before


def test_few_items_go_through_masks() -> None:
    if not engine().has_masks:
        pytest.skip("needs a CPU with masks")
    assert ".fewer:" in trace(lambda a: np.exp(a))(np.ones(3)).text("llvm-input")


def test_places_of_ops_are_those_of_the_call() -> None:
    def function(a):
        b = a + 1.0
        return np.exp(a) * b

    graph = trace(function)(np.ones(3))
    (call,) = [op for op in graph.ir.ops() if op.attributes.get("callee") is not None and op.attributes["callee"].is_deferred]
    lines = {op.span.line for op in call.attributes["callee"].ops()}
    assert lines == {function.__code__.co_firstlineno + 2}


def test_rules_of_kernels_round_as_written() -> None:
    assert OPERATORS["pow", "np.float"] in KERNELS and len(UFUNC_KERNELS) > 15
    for rule in KERNELS:
        assert rule.__globals__.get("ROUNDS_AS_WRITTEN"), rule
        assert rule.__module__.startswith("tracer.library.")


def test_vectors_on_the_stack_lie_on_lines_of_the_cache() -> None:
    def rows(m, out):
        for i in range(len(m)):
            np.sin(m[i], out=out[i])

    m = np.ones((2, 8))
    texts = [trace(lambda a: np.sin(a))(m).text("llvm-input")]
    if engine().has_masks:
        texts.append(trace(rows)(m, m.copy()).text("llvm-input"))
    for text in texts:
        assert any("alignstack(64)" in line for line in text.splitlines() if line.startswith("define")), text


# --- what is kept


def entries(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_code_is_found_on_disk(nothing_kept, made) -> None:
    a = np.linspace(0.1, 5.0, 50)
    first = njit(lambda a: np.log2(a))(a)
    assert len(entries(nothing_kept)) == 1
    count = sum("fma" in text for text in made)
    assert count == 1
    kernels._kernels.clear()
    assert same_bits(njit(lambda a: np.log2(a))(a), first)
    assert sum("fma" in text for text in made) == count
    assert same_bits(njit(lambda a: np.log2(a[::1]))(a), first)  # and in memory
    assert len(entries(nothing_kept)) == 1


@pytest.mark.parametrize("damage", ["cut", "other bits", "empty", "another entry"])
def test_a_damaged_file_is_made_anew(nothing_kept, made, damage) -> None:
    a = np.linspace(0.1, 5.0, 50)
    first = njit(lambda a: np.log2(a))(a)
    ((name, content),) = entries(nothing_kept).items()
    if damage == "another entry":
        njit(lambda a: np.log10(a))(a)
        (changed,) = [other for each, other in entries(nothing_kept).items() if each != name]
    else:
        changed = {"cut": content[:-9], "other bits": content[:-900] + b"\0" * 900, "empty": b""}[damage]
    (nothing_kept / name).write_bytes(changed)
    kernels._kernels.clear()
    assert same_bits(njit(lambda a: np.log2(a))(a), first)
    assert entries(nothing_kept)[name] == content


def test_a_folder_that_cannot_be_written(nothing_kept, monkeypatch) -> None:
    monkeypatch.setenv("TRACER_CACHE_DIR", os.devnull + "/nowhere")
    assert np.allclose(njit(lambda a: np.log2(a))(np.full(9, 8.0)), 3.0)
    assert not entries(nothing_kept)


def test_another_version_of_the_sources_takes_the_place(nothing_kept, monkeypatch, made) -> None:
    a = np.linspace(0.1, 5.0, 50)
    njit(lambda a: np.log2(a))(a)
    ((name, before),) = entries(nothing_kept).items()
    now = tracer.kernels.sources()
    monkeypatch.setattr(tracer.kernels, "_sources", [now._replace(state=now.state + "\nand a new file")])
    kernels._kernels.clear()
    count = len(made)
    njit(lambda a: np.log2(a))(a)
    assert sum("fma" in text for text in made[count:]) == 1
    assert list(entries(nothing_kept)) == [name] and entries(nothing_kept)[name] != before


def test_the_state_of_the_sources_is_seen(monkeypatch, tmp_path) -> None:
    def state(started: float = float("inf")):
        monkeypatch.setattr(tracer.kernels, "_sources", [])
        monkeypatch.setattr(tracer.kernels, "STARTED", started)
        return tracer.kernels.sources()

    (tmp_path / "inner").mkdir()
    file = tmp_path / "inner" / "exp.py"
    file.write_text("HIGHEST = 709.8")
    os.utime(file, ns=(10**18, 10**18))
    monkeypatch.setattr(tracer, "__path__", [str(tmp_path)])
    first = state()
    assert str(file) in first.state and state() == first
    os.utime(file, ns=(10**18, 10**18 + 1))
    assert state().state != first.state
    file.write_text("HIGHEST = 709.75")
    os.utime(file, ns=(10**18, 10**18))
    assert state().state != first.state and state().folders == first.folders
    assert state(started=9e8) is None  # changed since it was loaded
    monkeypatch.setattr(tracer, "__path__", ["/nowhere.zip/tracer"])
    assert state() is None


def test_kernels_of_one_function_are_told_by_their_types(nothing_kept) -> None:
    for dtype in (np.float64, np.float32, np.float64):
        a = np.linspace(0.1, 5.0, 50, dtype=dtype)
        assert np.allclose(njit(lambda a: np.log2(a))(a), np.log2(a), rtol=1e-6)
        if len(kernels._kernels) == 2:
            kernels._kernels.clear()
    assert len(entries(nothing_kept)) == 2


def test_code_for_other_cpus_is_other_code(monkeypatch) -> None:
    keys = set()
    for masks in (False, True):
        monkeypatch.setattr(Engine, "has_masks", masks)
        keys.add(engine().cache_key("a kernel", kernels.Effort.VECTORS))
    assert len(keys) == 2


# --- threads and processes


def test_threads_that_come_first_together(nothing_kept) -> None:
    a = np.linspace(0.1, 5.0, 1000)
    functions = [lambda a, f=f: f(a) for f in (np.exp, np.sinh, np.log1p, np.arctan) * 4]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda f: njit(f)(a), functions))
    for f, result in zip(functions, results):
        assert np.allclose(result, f(a), rtol=1e-15)
    assert len(kernels._kernels) == len(entries(nothing_kept)) == 4


PROGRAM = """
import json, os, sys
import numpy as np
from codegen.engine import Engine
from tracer import njit

texts = []
emit = Engine._emit
def noted(self, text, *rest):
    texts.append(text)
    return emit(self, text, *rest)
Engine._emit = noted

@njit(cache=True)
def first(a):
    return np.exp(a)

@njit
def second(a):
    return np.sin(a)

a = np.linspace(0.0, 2.0, 100)
found = [first(a).tobytes().hex(), second(a).tobytes().hex()]
if hasattr(os, "fork"):
    child = os.fork()
    if not child:
        same = [first(a).tobytes().hex(), njit(lambda a: np.sin(a))(a).tobytes().hex()] == found
        os._exit(0 if same and np.allclose(njit(lambda a: np.tanh(a))(a), np.tanh(a)) else 1)
    assert os.waitpid(child, 0)[1] == 0
print(json.dumps([found, sum(".vectors" in text for text in texts), len(texts)]))
"""


def run_program(folder: pathlib.Path) -> tuple[list[str], int, int]:
    root = pathlib.Path(__file__).resolve().parent.parent
    environment = {**os.environ, "TRACER_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": str(root)}
    folder.mkdir(exist_ok=True)
    (folder / "program.py").write_text(PROGRAM)
    done = subprocess.run([sys.executable, folder / "program.py"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_processes_find_what_others_left(tmp_path) -> None:
    results, vectors, texts = run_program(tmp_path)
    assert vectors >= 2 or not engine().has_masks
    again, vectors, fewer = run_program(tmp_path)
    assert again == results and vectors == 0 and fewer < texts
    for path in filter(pathlib.Path.is_file, list((tmp_path / "cache").rglob("*"))):  # cached functions refer to kernels that may be gone, and the other way round
        content = path.read_bytes()
        path.unlink()
        assert run_program(tmp_path)[0] == results
        path.write_bytes(content)


def test_the_same_code_in_each_process(tmp_path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        run_program(folder)
    assert entries(folders[0] / "cache") == entries(folders[1] / "cache")
