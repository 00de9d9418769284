"""Ops that run the interpreter, and objects as values: references, text form, machine code, counts."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from codegen_harness import compiled, make_graph

from ir import types
from ir.errors import IRError, IRTypeError
from ir.interp import run
from ir.ops import aggregate, python
from ir.ops.python import PythonCode
from ir.parser import parse, parse_type
from ir.passes import optimize
from ir.printer import print_graph
from ir.verify import verify

VALUES = {
    types.int64: -7, types.float64: 2.5, types.complex128: 1 - 2j, types.boolean: True, types.np_float64: np.float64(0.5),
    types.float32: np.float32(1.5), types.uint8: np.uint8(200), types.np_bool: np.False_, types.none: None,
    types.Tuple((types.int64, types.float64)): (1, 2.0), types.Optional(types.int64): None,
}  # fmt: skip


def describe(*operands: Any) -> tuple:
    return [(type(x), x) for x in operands], "called"


def test_objects_in_the_text_of_a_graph() -> None:
    graph = make_graph((types.object_, types.int64), None, lambda b, o, n: b.emit(python.interpret, o, n, function=sorted))
    text = print_graph(graph, source_lines=False)
    assert text == (
        "graph f(a0: object, a1: int64) -> object\n  entry0:\n    %0: object = interpret sorted(a0, a1)\n    return %0\n"
        .replace("a0", "%0").replace("a1", "%1").replace("%0: object = interpret", "%2: object = interpret").replace("return %0", "return %2")
    )
    assert print_graph(parse(text), source_lines=False) == text
    assert parse_type("object") is types.object_ and parse_type("(object, int64)") is types.Tuple((types.object_, types.int64))


@pytest.mark.parametrize("kind", VALUES, ids=str)
def test_interpret_calls_with_boxed_operands(kind: types.Type) -> None:
    value = VALUES[kind]
    for function in (describe, PythonCode(describe, True), PythonCode(describe, False)):
        graph = make_graph((kind,), None, lambda b, x: b.emit(python.interpret, x, x, function=function))
        verify(graph)
        expected = describe(value, value)
        assert run(graph, value) == expected
        optimize(graph)
        assert compiled(graph)(value) == expected


@pytest.mark.parametrize("kind", [k for k in VALUES if k is not types.Optional(types.int64)], ids=str)
def test_box_and_unbox(kind: types.Type) -> None:
    def there_and_back(b: Any, x: Any) -> Any:
        return b.emit(python.unbox, b.emit(python.box, x), to=kind)

    graph = make_graph((kind,), None, there_and_back)
    verify(graph)
    optimize(graph)
    found = compiled(graph)(VALUES[kind])
    assert found == (True, VALUES[kind]) and type(found[1]) is type(VALUES[kind])


@pytest.mark.parametrize("op", [python.unbox, python.unbox_like], ids=lambda op: op.name)
def test_unbox_of_another_type_says_so(op: Any) -> None:
    def first(b: Any, o: Any) -> Any:
        return b.emit(aggregate.tuple_item, b.emit(op, o, to=types.int64), index=0)

    graph = make_graph((types.object_,), None, first)
    optimize(graph)
    fast = compiled(graph)
    for value, is_int in [(3, True), (-(2**63), True), (2**63, False), (True, False), (1.0, False), ("1", False), (None, False)]:
        assert fast(value) is is_int
    with pytest.raises(IRError):
        run(graph, 3)


def test_unbox_like_takes_arrays_that_promise_more() -> None:
    wanted = types.float64[:, :]
    arrays = [(np.ones((2, 3)), True), (np.ones((2, 3)).T, True), (np.ones((4, 6))[::2, ::2], True), (np.ones(3), False), (np.ones((2, 2), np.float32), False)]
    for op, exact in ((python.unbox, True), (python.unbox_like, False)):

        def flag(b: Any, o: Any) -> Any:
            return b.emit(aggregate.tuple_item, b.emit(op, o, to=wanted), index=0)

        graphs = [make_graph((types.object_,), None, flag), make_graph((types.object_,), None, lambda b, o: b.emit(op, o, to=wanted))]
        matches, unboxed = (compiled(optimize(graph)) for graph in graphs)
        for array, fits in arrays:
            contiguous = array.flags.c_contiguous or array.flags.f_contiguous
            before = sys.getrefcount(array)
            assert matches(array) is (fits and not (exact and contiguous))
            if matches(array):
                assert unboxed(array)[1] is array
            assert sys.getrefcount(array) == before


def test_truth_and_identity() -> None:
    class Odd:
        def __bool__(self) -> bool:
            raise KeyError("odd")

    truth = make_graph((types.object_,), None, lambda b, o: b.emit(python.object_truth, o))
    same = make_graph((types.object_, types.object_), None, lambda b, o, p: b.emit(python.same_object, o, p))
    fast_truth, fast_same = compiled(truth), compiled(same)
    things = [[], [0], "", "a", None, 0.0, Odd]
    for thing in things:
        assert fast_truth(thing) is run(truth, thing) is bool(thing)
        assert [fast_same(thing, other) for other in things] == [thing is other for other in things]
        assert run(same, thing, thing) is True
    with pytest.raises(KeyError, match="odd"):
        fast_truth(Odd())


def test_references_balance_also_when_the_call_raises() -> None:
    def fail(o: Any, x: Any) -> None:
        raise ValueError(x)

    for function, raises in ((describe, False), (fail, True)):
        graph = make_graph((types.object_,), None, lambda b, o: b.emit(python.interpret, b.emit(python.interpret, o, function=describe), o, function=function))
        optimize(graph)
        fast, thing = compiled(graph), object()
        before = sys.getrefcount(thing)
        for _ in range(5):
            if raises:
                with pytest.raises(ValueError, match="object"):
                    fast(thing)
            else:
                assert fast(thing)[1] == "called"
        assert sys.getrefcount(thing) == before


def test_operands_are_checked() -> None:
    for op, kind, attributes in ((python.box, types.object_, {}), (python.unbox, types.int64, {"to": types.int64}), (python.unbox, types.object_, {"to": types.object_}), (python.object_truth, types.int64, {}), (python.same_object, types.object_, {})):
        with pytest.raises(IRTypeError):
            make_graph((kind,), None, lambda b, x: b.emit(op, x, **attributes))
