"""Fusing and expanding ops on whole arrays: the interpreter before and after the passes, and machine code, must agree."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from array_graphs import BODIES, NORM, PARAMS, ArrayGraphGenerator, graph_of, names
from codegen_harness import compiled

from ir import types as t
from ir.arrays import DefinitionOrder, may_share_memory
from ir.errors import IRTypeError
from ir.graph import Graph
from ir.interp import run
from ir.ops import elementwise
from ir.parser import parse
from ir.passes import optimize
from ir.passes.expand import expand_array_ops
from ir.passes.fuse import fuse_array_ops
from ir.printer import print_graph
from ir.verify import verify

# --- random graphs

SHAPES = ((3, 4), (1, 5), (4, 1), (1, 1), (0, 3), (3, 0), (5, 2), (2, 7))


def random_arguments(choose: random.Random, may_alias: bool) -> list[Any]:
    """One object for each of the parameters: small whole numbers, of which all sums are exact."""
    n, m = choose.choice(SHAPES)

    def numbers(*shape: int) -> np.ndarray:
        size = math.prod(shape)
        return np.array([float(choose.randint(-3, 3)) for _ in range(size)]).reshape(shape)

    a = numbers(n, m)
    strided = [numbers(2 * n, 2 * m)[::2, ::2], numbers(n, m)[::-1, ::-1], numbers(m, n).T, numbers(n, m)]
    if may_alias:
        strided += [a[::-1], a[:, ::-1], a[::-1, ::-1]] * 2
    rows = [numbers(m), numbers(2 * m)[::-2], numbers(1)] + ([a[n - 1], a[0, ::-1]] if may_alias and n else [])
    unknown = [numbers(*shape) for shape in ((n, m), (1, m), (n, 1), (1, 1))]
    return [
        a, choose.choice(strided), np.asfortranarray(numbers(n, m)), np.ascontiguousarray(choose.choice(unknown)),
        choose.choice(rows), np.array(float(choose.randint(-3, 3))), np.float64(choose.randint(-3, 3)),
    ]  # fmt: skip


def fresh(arguments: Sequence[Any]) -> list[Any]:
    """Copies that share memory as the originals do: views of one array stay views of one array."""
    memory: dict[int, np.ndarray] = {}
    result = []
    for argument in arguments:
        if not isinstance(argument, np.ndarray):
            result.append(argument)
            continue
        base = argument
        while isinstance(base.base, np.ndarray):
            base = base.base
        copy = memory.setdefault(id(base), base.copy(order="K"))
        offset = argument.__array_interface__["data"][0] - base.__array_interface__["data"][0]
        start = copy.__array_interface__["data"][0] + offset
        described = type("Described", (), {"__array_interface__": argument.__array_interface__ | {
            "data": (start, False), "strides": argument.strides}, "owner": copy})  # fmt: skip
        result.append(np.asarray(described()) if argument.size else argument.copy(order="K"))
    return result


def observed(call: Callable[..., Any], arguments: Sequence[Any]) -> tuple:
    """What a call shows: its result, the layout of the array in it, and what became of the arrays it was given."""
    passed = fresh(arguments)
    number, array = call(*passed)
    shown = (float(number), array.shape, array.flags.c_contiguous, array.tolist())
    return (*shown, *(a.tolist() for a in passed if isinstance(a, np.ndarray)))


@pytest.mark.seeds(10, 40, 1000)
def test_random_graphs_keep_their_results(seed: int) -> None:
    graph, optimized = ArrayGraphGenerator(seed).make(), ArrayGraphGenerator(seed).make()
    verify(graph)
    optimize(optimized, verify=True)
    choose = random.Random(seed)
    for round_ in range(8):
        arguments = random_arguments(choose, may_alias=round_ % 2 == 1)
        expected = observed(lambda *a: run(graph, *a), arguments)
        assert observed(lambda *a: run(optimized, *a), arguments) == expected, round_


@pytest.mark.seeds(3, 10, 300, start=200)
def test_machine_code_of_random_graphs(seed: int) -> None:
    graph, optimized = ArrayGraphGenerator(seed).make(), ArrayGraphGenerator(seed).make()
    optimize(optimized)
    function = compiled(optimized, exact_arguments=False)
    choose = random.Random(seed)
    for round_ in range(12):
        arguments = random_arguments(choose, may_alias=round_ % 2 == 1)
        expected = observed(lambda *a: run(graph, *a), arguments)
        assert observed(function, arguments) == expected, round_


@pytest.mark.parametrize("transform", [fuse_array_ops, expand_array_ops], ids=lambda f: f.__name__)
def test_each_pass_alone_keeps_results(transform: Callable[[Graph], None]) -> None:
    changed_something = 0
    for seed in range(300, 314):
        graph, changed = ArrayGraphGenerator(seed).make(), ArrayGraphGenerator(seed).make()
        transform(changed)
        verify(changed)
        changed_something += print_graph(changed) != print_graph(graph)
        choose = random.Random(seed)
        for round_ in range(4):
            arguments = random_arguments(choose, may_alias=round_ % 2 == 1)
            expected = observed(lambda *a, g=graph: run(g, *a), arguments)
            assert observed(lambda *a, g=changed: run(g, *a), arguments) == expected, (seed, round_)
    assert changed_something > 9


def test_which_arrays_may_share_memory() -> None:
    graph = parse("""
graph f(n: int64, old: float64[::1], other: float64[::1]) -> none
  entry0:
    a: float64[::1] = alloc n
    row: float64[::1] = view a, 0, n {to=float64[::1]}
    jump join1(a)
  join1(b: float64[::1]):
    c: float64[::1] = alloc n
    d: float64[::1] = view b, 0, n {to=float64[::1]}
    release c
    return none
""")
    values = {v.name: v for block in graph.blocks for v in (*block.params, *(op.result for op in block.ops if op.result))}
    order = DefinitionOrder(graph)
    shared = {x + y for x, y in ("aa", "ar", "rr", "ab", "rb", "ad", "rd", "bb", "bd", "dd", "cc", "oo", "bo", "do")}
    for x, y in itertools.product(("a", "row", "b", "c", "d", "old"), repeat=2):
        expected = bool({x[0] + y[0], y[0] + x[0]} & shared)
        assert may_share_memory(values[x], values[y], order) is expected, (x, y)
    assert may_share_memory(values["old"], values["other"], order)


def test_graphs_with_array_ops_parse_back() -> None:
    for seed in range(400, 420):
        graph = ArrayGraphGenerator(seed).make()
        text = print_graph(graph, source_lines=False)
        again = parse(text)
        verify(again)
        assert print_graph(again, source_lines=False) == text
        fuse_array_ops(graph)
        text = print_graph(graph, source_lines=False)
        assert print_graph(parse(text), source_lines=False) == text


def test_the_generator_makes_all_ops() -> None:
    seen: dict[str, int] = {}
    for seed in range(60):
        for op in ArrayGraphGenerator(seed).make().ops():
            seen[op.name] = seen.get(op.name, 0) + 1
    assert all(seen.get(name, 0) > 10 for name in ("map", "assign", "reduce", "view", "transpose", "store", "broadcast"))
    assert len(PARAMS) == len(random_arguments(random.Random(0), False))


# --- the records


def test_references_of_the_records() -> None:
    graph = graph_of(
        "(a: float64[:, ::1], row: float64[::1], out: float64[:, ::1]) -> (float64[::1, :], float64[::1], np.float64)",
        "n: int64 = shape a {axis=0}", "m: int64 = shape a {axis=1}",
        "x: float64[::1, :] = map add(n, m, a, row)", "assign double(out, row)",
        "y: float64[::1] = reduce sum(n, m, 1.0:np.float64, a) {ndim=2, axes=(0)}",
        "s: np.float64 = reduce sum(n, m, 1.0:np.float64, a) {ndim=2, axes=(0, 1), compensated=true}",
        "r: (float64[::1, :], float64[::1], np.float64) = tuple x, y, s", "return r",
    )  # fmt: skip
    a, row, out = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 4.0]), np.zeros((2, 3))
    x, y, s = run(graph, a, row, out)
    assert x.flags.f_contiguous and x.tolist() == (a + row).tolist()
    assert out.tolist() == [[2.0, 4.0, 8.0]] * 2
    assert y.tolist() == (a.sum(axis=0) + 1).tolist() and s == 16.0 and s.__class__ is np.float64


def test_an_assignment_reads_all_before_it_writes() -> None:
    graph = graph_of("(a: float64[:], b: float64[:]) -> none", "assign add(a, a, b)", "return none")
    memory = np.arange(6.0)
    run(graph, memory[1:], memory[:-1])
    assert memory.tolist() == [0.0, 1.0, 3.0, 5.0, 7.0, 9.0]


_BODY = parse("graph add(x: np.float64, y: np.float64) -> np.float64\n  entry0:\n    z: np.float64 = add x, y\n    return z\n")
_PLANE, _LINE, _ITEM = t.float64[:, ::1], t.float64[::1], t.np_float64
_ALL = {"callee": _BODY, "indexed": False}


@pytest.mark.parametrize(
    ("opdef", "operands", "attributes", "message"),
    [
        (elementwise.map_, (t.int64, _LINE, _LINE), {"to": t.float64[:]}, "C or Fortran"),
        (elementwise.map_, (_LINE, _LINE), {"to": _LINE}, "takes 1 lengths"),
        (elementwise.map_, (t.int64, _LINE), {"to": _LINE}, "must take"),
        (elementwise.map_, (t.int64, _LINE, _PLANE), {"to": _LINE}, "more than 1 axes"),
        (elementwise.map_, (t.int64, _LINE, _LINE), {"to": t.float32[::1]}, "the items are"),
        (elementwise.map_raising, (t.int64, _LINE, _LINE), {"to": _LINE, "indexed": True}, "must take"),
        (elementwise.assign, (t.Array(_ITEM, 1, "C", True), _LINE, _LINE), {}, "read-only"),
        (elementwise.assign, (t.int64, _LINE, _LINE), {}, "array to write first"),
        (elementwise.reduce_, (t.int64, _ITEM, _LINE), {"to": _ITEM, "ndim": 1, "axes": (1,)}, "in order"),
        (elementwise.reduce_, (t.int64, t.float64, _LINE), {"to": _ITEM, "ndim": 1, "axes": (0,)}, "initial"),
        (elementwise.reduce_, (t.int64, t.int64, _ITEM, _LINE), {"to": _ITEM, "ndim": 2, "axes": (0,)}, "array of the axes"),
    ],
    ids=str,
)
def test_type_rules_refuse(opdef: Any, operands: tuple, attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(IRTypeError, match=message):
        opdef.type_rule(operands, _ALL | attributes)


# --- shapes of any rank, inputs of any layout


def laid_out(values: np.ndarray, how: str) -> np.ndarray:
    if how == "F":
        return values.copy(order="F")
    if how == "strided":
        return np.repeat(values, 2, axis=-1)[..., ::2] if values.ndim else values
    if how == "negative":
        return np.ascontiguousarray(values[..., ::-1])[..., ::-1] if values.ndim else values
    return values


def array_type(ndim: int, how: str) -> str:
    if ndim == 0:
        return "float64[()]"
    axes = [":"] * ndim
    if how in ("C", "F"):
        axes[0 if how == "F" else -1] = "::1"
    return f"float64[{', '.join(axes)}]"


@pytest.mark.parametrize("how", ("C", "F", "strided", "negative"))
@pytest.mark.parametrize("shape", ((), (0,), (1,), (5,), (300,), (2, 3), (1, 4), (0, 2), (2, 3, 4), (3, 1, 2), (2, 2, 3, 2)), ids=str)
def test_maps_and_sums_of_any_rank(shape: tuple[int, ...], how: str) -> None:
    ndim = len(shape)
    lengths = [f"n{axis}: int64 = shape a {{axis={axis}}}" for axis in range(ndim)]
    space = "".join(f"n{axis}, " for axis in range(ndim))
    kind, made, turned = (array_type(ndim, layout) for layout in (how, "C", "F"))
    graph = graph_of(
        f"(a: {kind}) -> ({made}, {turned}, np.float64)", *lengths,
        f"x: {made} = map double({space}a)", f"y: {turned} = map add({space}x, a)",
        f"s: np.float64 = reduce sum({space}0.0:np.float64, y) {{ndim={ndim}, axes=({', '.join(map(str, range(ndim)))}), "
        "compensated=true}", f"r: ({made}, {turned}, np.float64) = tuple x, y, s", "return r",
    )  # fmt: skip
    a = laid_out(np.arange(float(math.prod(shape))).reshape(shape), how)
    function = compiled(optimize(graph, verify=True), exact_arguments=False)
    for call in (function, lambda *arguments: run(graph, *arguments)):
        x, y, s = call(a)
        assert x.tolist() == (a * 2).tolist() and y.tolist() == (a * 3).tolist() and s == (a * 3).sum()
        assert x.flags.c_contiguous and y.flags.f_contiguous


@pytest.mark.parametrize("how", ("C", "F", "strided"))
@pytest.mark.parametrize("axes", ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)), ids=str)
@pytest.mark.parametrize("compensated", ("true", "false"))
def test_sums_over_some_axes(axes: tuple[int, ...], how: str, compensated: str) -> None:
    made = array_type(3 - len(axes), "C")
    graph = graph_of(
        f"(a: {array_type(3, how)}) -> {made}", *(f"n{axis}: int64 = shape a {{axis={axis}}}" for axis in range(3)),
        f"s: {made} = reduce sum(n0, n1, n2, 0.0:np.float64, a) {{ndim=3, axes=({', '.join(map(str, axes))}), "
        f"compensated={compensated}}}", "return s",
    )  # fmt: skip
    function = compiled(optimize(graph, verify=True), exact_arguments=False)
    for shape in ((2, 3, 4), (1, 1, 1), (0, 2, 3), (2, 0, 3), (2, 3, 0), (3, 2, 260)):
        a = laid_out(np.arange(float(math.prod(shape))).reshape(shape), how)
        assert function(a).tolist() == run(graph, a).tolist() == a.sum(axis=axes).tolist()


# --- what becomes of the graphs


def test_a_chain_needs_no_new_array() -> None:
    graph = optimize(graph_of(*NORM))
    assert not {"map", "reduce"} & set(names(graph))
    assert "alloc" not in names(graph)  # only what turns out to be stretched is copied
    a, b = np.random.default_rng(0).random((2, 1000))
    expected = math.fsum(2 * (2 * a + b))
    function = compiled(graph)
    assert function(a, b) == pytest.approx(expected, rel=1e-15)
    assert function(a, b[:1]) == pytest.approx(math.fsum(2 * (2 * a + b[0])), rel=1e-15)
    with pytest.raises(ValueError, match="broadcast"):
        function(a, b[:7])


def test_graphs_of_points_are_not_changed_and_not_kept() -> None:
    graph = graph_of(
        "(a: float64[::1]) -> float64[::1]", "n: int64 = shape a {axis=0}", "x: float64[::1] = map double(n, a)",
        "y: float64[::1] = map double(n, x)", "z: np.float64 = call again(a)", "w: float64[::1] = map add(n, y, z)", "return w",
        bodies=BODIES + "\ngraph again(a: float64[::1]) -> np.float64\n  entry0:\n    n: int64 = shape a {axis=0}\n"
        "    b: float64[::1] = map double(n, a)\n"
        "    s: np.float64 = reduce sum(n, 0.0:np.float64, b) {ndim=1, axes=(0)}\n    return s\n",
    )  # fmt: skip
    double = next(op for op in graph.ops() if op.name == "map").attributes["callee"]
    before = print_graph(double)
    optimize(graph, verify=True)
    assert print_graph(double) == before
    assert [g.name for g in graph.callees()] == ["again"]
    assert run(graph, np.array([1.0, 2.0])).tolist() == [10.0, 14.0]


def test_a_graph_that_raises_leaves_the_target_as_it_was() -> None:
    graph = graph_of(
        "(a: float64[::1], b: float64[::1]) -> none", "assign checked(a, b)", "return none",
        bodies="graph checked(x: np.float64) -> np.float64\n  entry0:\n    %0: np.bool = lt x, 0.0:np.float64\n"
        "    branch %0, bad1, good2\n  bad1:\n    raise ValueError(\"negative\")\n  good2:\n    return x\n",
    )  # fmt: skip
    optimize(graph, verify=True)
    function = compiled(graph)
    for call in (function, lambda *arguments: run(graph, *arguments)):
        a = np.zeros(3)
        with pytest.raises(ValueError, match="negative"):
            call(a, np.array([1.0, -1.0, 2.0]))
        assert a.tolist() == [0.0, 0.0, 0.0]
        call(a, np.array([1.0, 2.0, 3.0]))
        assert a.tolist() == [1.0, 2.0, 3.0]


def test_a_map_that_raises_is_not_moved() -> None:
    graph = graph_of(
        "(a: float64[::1]) -> float64[::1]", "n: int64 = shape a {axis=0}", "x: float64[::1] = map_raising double(n, a)",
        "y: float64[::1] = map double(n, x)", "return y",
    )  # fmt: skip
    fuse_array_ops(graph)
    assert names(graph).count("map_raising") == names(graph).count("map") == 1


def test_a_graph_that_never_returns() -> None:
    graph = graph_of(
        "(a: float64[::1]) -> float64[::1]", "n: int64 = shape a {axis=0}", "x: float64[::1] = map_raising never(n, a)", "return x",
        bodies='graph never(x: np.float64) -> np.float64\n  entry0:\n    raise ValueError("never")\n',
    )  # fmt: skip
    optimize(graph, verify=True)
    with pytest.raises(ValueError, match="never"):
        run(graph, np.zeros(2))
    assert run(graph, np.zeros(0)).shape == (0,)


def test_arrays_inside_of_tuples_are_read_before_the_target_is_written() -> None:
    pair = "(float64[::1], int64)"
    graph = graph_of(
        f"(a: float64[::1], p: {pair}) -> none", "assign mirrored(a, p) {indexed=true}", "return none",
        bodies=f"graph mirrored(i: int64, p: {pair}) -> np.float64\n  entry0:\n    a: float64[::1] = item p {{index=0}}\n"
        "    n: int64 = item p {index=1}\n    %0: int64 = sub n, i\n    x: np.float64 = load a, %0\n    return x\n",
    )  # fmt: skip
    optimize(graph, verify=True)
    for call in (compiled(graph), lambda *arguments: run(graph, *arguments)):
        a = np.arange(5.0)
        call(a, (a, 4))
        assert a.tolist() == [4.0, 3.0, 2.0, 1.0, 0.0]
