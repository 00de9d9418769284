"""Blocks, loops, calls and recursion in machine code."""

from __future__ import annotations

import sys
import threading
import traceback
from typing import Any

import pytest
from codegen_harness import compiled, function, make_graph, span

from codegen import compile_graph
from ir import types as t
from ir.builder import Builder, constant
from ir.graph import Block, Edge, ExceptionTemplate, Graph, Value
from ir.ops import aggregate, arithmetic, compare, control


def int_constant(value: int) -> Value:
    return constant(value, t.int64)


def test_loop_swaps_its_variables() -> None:
    """Block arguments are assigned all at once: a, b = b, a + b."""

    def build(b: Builder, n: Value) -> None:
        loop, body, end = b.new_block("loop", (t.int64,) * 3), b.new_block("body"), b.new_block("end")
        b.jump(loop, n, int_constant(0), int_constant(1))
        b.start(loop)
        left, x, y = loop.params
        b.branch(b.emit(compare.gt, left, int_constant(0)), Edge(body), Edge(end))
        b.start(body)
        b.jump(loop, b.emit(arithmetic.sub, left, int_constant(1)), y, b.emit(arithmetic.add, x, y))
        b.start(end)
        b.return_(x)

    fibonacci = function([t.int64], t.int64, build)
    assert [fibonacci(n) for n in (0, 1, 2, 10, 50, -3)] == [0, 1, 1, 55, 12586269025, 0]


def test_both_targets_of_a_branch_are_one_block() -> None:
    def build(b: Builder, condition: Value, x: Value, y: Value) -> None:
        end = b.new_block("end", (t.int64,))
        b.branch(condition, Edge(end, [x]), Edge(end, [y]))
        b.start(end)
        b.return_(end.params[0])

    pick = function([t.boolean, t.int64, t.int64], t.int64, build)
    assert (pick(True, 1, 2), pick(False, 1, 2)) == (1, 2)


def test_the_entry_block_is_a_loop() -> None:
    def build(b: Builder, n: Value, total: Value) -> None:
        body, end = b.new_block("body"), b.new_block("end")
        entry = b.block
        b.branch(b.emit(compare.gt, n, int_constant(0)), Edge(body), Edge(end))
        b.start(body)
        b.jump(entry, b.emit(arithmetic.sub, n, int_constant(1)), b.emit(arithmetic.add, total, n))
        b.start(end)
        b.return_(total)

    assert function([t.int64, t.int64], t.int64, build)(100, 5) == 5055


def test_blocks_in_any_order_and_unreachable_ones() -> None:
    def build(b: Builder, x: Value) -> None:
        first, second, never = b.new_block("first"), b.new_block("second", (t.int64,)), b.new_block("never")
        b.jump(first)
        b.start(second)
        b.return_(second.params[0])
        b.start(never)
        b.unreachable()
        b.start(first)
        b.jump(second, b.emit(arithmetic.add, x, x))

    assert function([t.int64], t.int64, build)(21) == 42


def test_a_bare_none_is_returned() -> None:
    assert function([], None, lambda b: constant(None, t.none))() is None


def test_undefined_values_pass_through_blocks() -> None:
    def build(b: Builder, condition: Value, x: Value) -> None:
        bound, end = b.new_block("bound"), b.new_block("end", (t.boolean, t.int64))
        missing = b.emit(aggregate.undefined, to=t.int64)
        b.branch(condition, Edge(bound), Edge(end, [constant(False, t.boolean), missing]))
        b.start(bound)
        b.jump(end, constant(True, t.boolean), x)
        b.start(end)
        b.return_(b.emit(compare.select, end.params[0], end.params[1], int_constant(-1)))

    f = function([t.boolean, t.int64], t.int64, build)
    assert (f(True, 3), f(False, 3)) == (3, -1)


def test_calls_pass_and_return_aggregates() -> None:
    pair = t.Tuple((t.int64, t.complex128))
    swap = make_graph([pair, t.none], None, lambda b, p, n: b.emit(
        aggregate.tuple_make, b.emit(aggregate.tuple_item, p, index=1), b.emit(aggregate.tuple_item, p, index=0), n,
        to=t.Tuple((t.complex128, t.int64, t.none)),
    ))  # fmt: skip
    f = function([pair], None, lambda b, p: b.emit(control.call, p, constant(None, t.none), callee=swap))
    assert f((3, 1 - 2j)) == (1 - 2j, 3, None)


def _fibonacci() -> Graph:
    """fib(n) = n if n < 2 else fib(n - 1) + fib(n - 2)"""
    graph = Graph("fib", span(1, "fib"), [Block("entry", [Value(t.int64)])], t.int64)
    b = Builder(graph)
    n = graph.params[0]
    small, large = b.new_block("small"), b.new_block("large")
    b.branch(b.emit(compare.lt, n, int_constant(2)), Edge(small), Edge(large))
    b.start(small)
    b.return_(n)
    b.start(large)
    b.span = span(3, "fib")
    one = b.emit(control.call, b.emit(arithmetic.sub, n, int_constant(1)), callee=graph)
    two = b.emit(control.call, b.emit(arithmetic.sub, n, int_constant(2)), callee=graph)
    b.return_(b.emit(arithmetic.add, one, two))
    return graph


def test_recursion() -> None:
    assert compiled(_fibonacci())(20) == 6765


def _endless(name: str = "f") -> tuple[Graph, Graph]:
    """f(n) = g(n + 1) + 1; g(n) = f(n)"""
    f, g = (Graph(n, span(1, n), [Block("entry", [Value(t.int64)])], t.int64) for n in "fg")
    b = Builder(g)
    b.span = span(7, "g")
    b.return_(b.emit(control.call, g.params[0], callee=f))
    b = Builder(f)
    b.span = span(3, "f")
    inner = b.emit(control.call, b.emit(arithmetic.add, f.params[0], int_constant(1)), callee=g)
    b.return_(b.emit(arithmetic.add, inner, int_constant(1)))
    return f, g


@pytest.mark.parametrize("options", [{}, {"nogil": True}], ids=str)
def test_endless_recursion_raises(options: dict[str, Any]) -> None:
    f = compiled(_endless()[0], **options)
    for _ in range(3):
        with pytest.raises(RecursionError, match="maximum recursion depth") as caught:
            f(0)
    frames = [(frame.name, frame.lineno) for frame in traceback.extract_tb(caught.value.__traceback__)][1:]
    assert ("f", 3) in frames and ("g", 7) in frames
    assert len(frames) == 48 + 16 + 1


@pytest.mark.parametrize("size", [64 * 1024, 256 * 1024, 1024 * 1024, 64 * 1024 * 1024])
def test_endless_recursion_in_a_thread(size: int) -> None:
    f = compiled(_endless()[0])
    outcomes: list[Any] = []

    def work() -> None:
        try:
            f(0)
        except RecursionError as error:
            outcomes.append(type(error))

    before = threading.stack_size(size)
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert outcomes == [RecursionError]


def test_deep_recursion_that_ends_is_fine() -> None:
    """Deeper than Python's own limit."""
    graph = Graph("depth", span(1), [Block("entry", [Value(t.int64)])], t.int64)
    b = Builder(graph)
    stop, go = b.new_block("stop"), b.new_block("go")
    b.branch(b.emit(compare.le, graph.params[0], int_constant(0)), Edge(stop), Edge(go))
    b.start(stop)
    b.return_(int_constant(0))
    b.start(go)
    below = b.emit(control.call, b.emit(arithmetic.sub, graph.params[0], int_constant(1)), callee=graph)
    b.return_(b.emit(arithmetic.add, below, int_constant(1)))
    depth = 10 * sys.getrecursionlimit()
    assert compiled(graph)(depth) == depth


def test_a_callee_that_cannot_fail_has_no_status() -> None:
    plain = make_graph([t.int64], None, lambda b, x: b.emit(arithmetic.add, x, x))
    text = compile_graph(make_graph([t.int64], None, lambda b, x: b.emit(control.call, x, callee=plain))).llvm
    assert "%error" not in text and "i32" not in text.partition("!0")[0]

    def raising(b: Builder, x: Value) -> None:
        b.raise_(ExceptionTemplate(ValueError, ("no",)))

    failing = make_graph([t.int64], t.int64, raising)
    text = compile_graph(make_graph([t.int64], None, lambda b, x: b.emit(control.call, x, callee=failing))).llvm
    assert "%error" in text and "rt.push_call" in text
