"""The rows and the text of inspect_types, on a graph made by hand."""

import ast
import linecache

import pytest

from ir import types
from ir.builder import Builder, constant
from ir.graph import Block, Edge, Graph, Value
from ir.ops import arithmetic, array, compare, python
from ir.span import Span
from tracer.inspect import inspect_types, source_rows

TEXT = """\
def total(a):
    s = 0.0
    for i in range(len(a)):
        # squares
        s += square(a[i])
    print(s)
    return s
"""
FILE = "<total.py>"


@pytest.fixture
def graph(monkeypatch):
    monkeypatch.setitem(linecache.cache, FILE, (len(TEXT), None, TEXT.splitlines(keepends=True), FILE))
    node = ast.parse(TEXT).body[0]

    def span(node, function="total", caller=None):
        return Span(FILE, function, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, caller)

    _, loop, call, end = node.body
    graph = Graph("total", span(node), result_type=types.np_float64)
    a = Value(types.float64[::1], "a")
    graph.blocks.append(Block("entry", [a]))
    b = Builder(graph)
    b.span = span(loop)
    length = b.emit(array.shape, a, axis=0)
    head, body, done = b.new_block("loop", (types.int64, types.np_float64)), b.new_block("body"), b.new_block("exit")
    (i, s), (i.name, s.name) = head.params, ("i", "s")
    b.jump(head, constant(0, types.int64), constant(0.0, types.np_float64))
    b.start(head)
    b.branch(b.emit(compare.lt, i, length), Edge(body), Edge(done))
    b.start(body)
    b.span = span(loop.body[0])
    item = b.emit(array.load, a, i)
    b.span = span(loop.body[0], "square", span(loop.body[0].value))
    squared = b.emit(arithmetic.mul, item, item)
    b.span = span(loop.body[0])
    added = b.emit(arithmetic.add, s, squared)
    added.name = "s"
    b.span = span(loop)
    b.jump(head, b.emit(arithmetic.add, i, constant(1, types.int64)), added)
    b.start(done)
    b.span = span(call)
    b.emit(python.python_call, s, function=print)
    b.span = span(end)
    b.return_(s)
    return graph


EXPECTED = """\
total (float64[::1]) -> np.float64  <total.py>:1

  1 | def total(a):
    |   a = argument                        :: float64[::1]
  2 |     s = 0.0
  3 |     for i in range(len(a)):
    |       %0 = shape a {axis=0}           :: (float64[::1]) -> int64
    |       jump loop1(0, 0.0:np.float64)
    |       i = parameter of loop1          :: int64
    |       s = parameter of loop1          :: np.float64
    |       %1 = lt i, %0                   :: (int64, int64) -> bool
    |       branch %1, body2, exit3         :: (bool)
    |       %4 = add i, 1                   :: (int64, int64) -> int64
    |       jump loop1(%4, s.1)
  4 |         # squares
  5 |         s += square(a[i])
    |           %2 = load a, i              :: (float64[::1], int64) -> np.float64
    |           %3 = mul %2, %2             :: (np.float64, np.float64) -> np.float64  in square
    |           s.1 = add s, %3             :: (np.float64, np.float64) -> np.float64
  6 |     print(s)
    |       python_call print(s)            :: (np.float64)  [runs in the interpreter]
  7 |     return s
    |       return s                        :: (np.float64)
"""


def test_text(graph):
    assert inspect_types(graph, "(float64[::1]) -> np.float64") == EXPECTED


def test_rows(graph):
    rows = source_rows(graph)
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    load, multiply, add = rows[4].ops
    assert (load.result, load.operand_types, load.result_type) == ("%2", ("float64[::1]", "int64"), "np.float64")
    assert (multiply.inlined, add.inlined) == ("square", "")
    assert [op.interpreted for row in rows for op in row.ops if op.interpreted] == [True]
    assert sum(len(row.ops) for row in rows) == sum(1 for _ in graph.ops()) + sum(len(b.params) for b in graph.blocks)


def test_without_any_place(graph):
    """A graph that was parsed from text has no spans: everything is shown, on no line."""
    graph.span = None
    for op in graph.ops():
        op.span = None
    text = inspect_types(graph, "(float64[::1])")
    assert text.startswith("total (float64[::1])\n\n  0 |\n    |   a = argument")
    assert "return s" in text


def test_only_the_lines_with_ops_where_the_function_has_no_place(graph):
    graph.span = None
    graph.entry.ops[0].span = None
    assert [row.number for row in source_rows(graph)] == [0, 3, 4, 5, 6, 7]
