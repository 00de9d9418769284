"""The text form: what is printed, and that it parses back to the same text."""

from __future__ import annotations

import collections
import linecache
import math
from typing import Any

import numpy as np
import pytest
from graph_generator import GraphGenerator

from ir import types
from ir.builder import Builder, constant
from ir.errors import ParseError
from ir.graph import (
    Block, Constant, Edge, ExceptionTemplate, FormattedPart, FormattedText, Graph, Op, Placeholder, Value,
    same_constant,
)  # fmt: skip
from ir.ops import arithmetic, array, compare, control, python
from ir.parser import parse, parse_type
from ir.printer import literal, print_graph
from ir.span import Span
from ir.types import NamedTuple, Optional, Tuple, Type
from ir.verify import verify

Point = collections.namedtuple("Point", "x y")
TYPES: tuple[Type, ...] = (
    *types.SCALARS, types.none, Optional(types.int64), Tuple(()), Tuple((types.int8,)),
    Tuple((types.float64, Tuple((types.boolean, types.none)))), Optional(Tuple((types.int64, types.np_int64))),
    types.Slice((types.none, types.int64, types.none)), Optional(types.Slice((types.int64,) * 3)),
    types.float64[()], types.float64[:], types.float64[::1], types.int8[:, :], types.complex64[:, ::1],
    types.boolean[::1, :, :], types.Array(types.float64, 2, "C", True, False), types.Array(types.uint8, 0, "C", True),
)  # fmt: skip
CONSTANTS = [
    constant(value, type)
    for type in types.SCALARS
    for value in {
        "bool": (True, False),
        "int": (0, 7, type.maximum, type.minimum) if isinstance(type, types.Integer) else (),
        "uint": (0, 7, type.maximum) if isinstance(type, types.Integer) else (),
        "float": (0.0, -0.0, 0.1, 1e16, 1e-7, 5e-324, -2.5, math.inf, -math.inf, math.nan, -math.nan),
        "complex": (
            0j, complex(-0.0, 0.0), complex(0.0, -0.0), 1 + 2j, complex(1e30, -1e-5), complex(math.inf, -math.inf),
            complex(math.nan, 1.0), complex(-math.nan, -math.nan), complex(1.0, math.nan), complex(0.0, math.inf),
        ),
    }[type.kind]
]  # fmt: skip


def graph_returning(value: Value) -> Graph:
    """A graph that returns the value, which is a constant or its parameter."""
    params = [] if isinstance(value, Constant) else [value]
    graph = Graph("f", blocks=[Block("entry", params)], result_type=value.type)
    Builder(graph).return_(value)
    return graph


def round_trip(graph: Graph) -> Graph:
    """The graph parsed back from its text, after a look that its text is the same."""
    text = print_graph(graph)
    parsed = parse(text)
    assert print_graph(parsed, source_lines=False) == print_graph(graph, source_lines=False)
    return parsed


@pytest.mark.parametrize("type", TYPES, ids=str)
def test_types_parse_back(type: Type) -> None:
    assert parse_type(str(type)) is type
    assert round_trip(graph_returning(Value(type, "x"))).params[0].type is type


def test_named_tuple_types_get_a_class() -> None:
    point = NamedTuple((types.float64, types.int64), Point)
    parsed = parse_type(str(point))
    assert str(parsed) == str(point) == "Point(x: float64, y: int64)"
    assert parsed.instance_class(1.0, 2).y == 2
    assert parse_type(str(point)) is parsed


@pytest.mark.parametrize("value", CONSTANTS, ids=literal)
def test_numbers_parse_back(value: Constant) -> None:
    parsed = round_trip(graph_returning(value)).entry.ops[0].operands[0]
    assert same_constant(parsed, value)
    assert parsed.value.__class__ is value.value.__class__


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        (types.int64, 1, "1"),
        (types.float64, 1.0, "1.0"),
        (types.float64, 1e22, "1e+22"),
        (types.boolean, True, "true"),
        (types.complex128, 1 + 2j, "1+2j"),
        (types.none, None, "none"),
        (types.int8, np.int8(-1), "-1:int8"),
        (types.np_float64, np.float64(1), "1.0:np.float64"),
        (types.np_bool, np.bool_(False), "false:np.bool"),
        (types.float32, np.float32(0.1), "0.1:float32"),
        (types.complex64, np.complex64(1j), "1j:complex64"),
        (Optional(types.int64), None, "none:int64?"),
        (Tuple((types.int64, types.float32)), (1, np.float32(2)), "(1, 2.0:float32):(int64, float32)"),
        (Tuple((types.none,)), (None,), "(none,):(none,)"),
    ],
)
def test_literals(type: Type, value: Any, text: str) -> None:
    assert literal(Constant(type, value=value)) == text
    assert round_trip(graph_returning(Constant(type, value=value))).entry.ops[0].operands[0].value == value


def test_names_are_unique_and_words_of_the_language_are_kept_apart() -> None:
    names = ["s", "s", "inf", "true", None, "s.1", "$hidden", "infj", "größe", "entry0"]
    params = [Value(types.int64, name) for name in names]
    graph = Graph("f", blocks=[Block("entry", params)], result_type=types.int64)
    Builder(graph).return_(params[2])
    text = print_graph(graph)
    assert text.splitlines()[0] == (
        "graph f(s: int64, s.1: int64, inf.1: int64, true.1: int64, %0: int64, s.2: int64, %1: int64, infj.1: int64, "
        "größe: int64, entry0: int64) -> int64"
    )
    assert round_trip(graph).entry.ops[0].operands[0] is not None


def sum_graph(filename: str) -> Graph:
    """A sum over an array, with spans; the addition comes from code that was traced inline."""
    graph = Graph("total", Span(filename, "total", 1, 0, 5, 12), result_type=types.np_float64)
    array_param = Value(types.float64[::1], "a")
    graph.blocks = [Block("entry", [array_param])]
    builder = Builder(graph)

    def at(line: int, caller: Span | None = None) -> Span:
        builder.span = Span(filename if caller is None else "library.py", "total", line, 4, line, 9, caller)
        return builder.span

    at(3)
    length = builder.emit(array.shape, array_param, axis=0)
    loop, body, leave = builder.new_block("loop", (types.int64, types.np_float64)), Block("body"), Block("exit")
    i, s = loop.params
    i.name, s.name = "i", "s"
    builder.jump(loop, constant(0, types.int64), constant(0.0, types.np_float64))
    builder.start(loop)
    builder.branch(builder.emit(compare.lt, i, length), Edge(body), Edge(leave))
    builder.start(body)
    item = builder.emit(array.load, array_param, builder.emit(array.check_index, i, length, axis=0, nonnegative=False))
    at(77, caller=at(4))
    total = builder.emit(arithmetic.add, s, item)
    total.name = "s"
    at(3)
    builder.jump(loop, builder.emit(arithmetic.add, i, constant(1, types.int64)), total)
    builder.start(leave)
    at(5)
    builder.return_(s)
    return graph


def test_source_lines_stand_at_the_right_where_they_first_occur() -> None:
    filename = "/some/where/example.py"
    lines = ["def total(a):\n", "    s = 0.0\n", "    for x in a:\n", "        s += x\n", "    return s\n"]
    linecache.cache[filename] = (len("".join(lines)), None, lines, filename)
    assert print_graph(sum_graph(filename)) == (
        "graph total(a: float64[::1]) -> np.float64  # example.py:1\n"
        "  entry0:\n"
        "    %0: int64 = shape a {axis=0}            # 3  for x in a:\n"
        "    jump loop1(0, 0.0:np.float64)\n"
        "  loop1(i: int64, s: np.float64):\n"
        "    %1: bool = lt i, %0\n"
        "    branch %1, body2, exit3\n"
        "  body2:\n"
        "    %2: int64 = check_index i, %0 {axis=0}\n"
        "    %3: np.float64 = load a, %2\n"
        "    s.1: np.float64 = add s, %3             # 4  s += x\n"
        "    %4: int64 = add i, 1                    # 3\n"
        "    jump loop1(%4, s.1)\n"
        "  exit3:\n"
        "    return s                                # 5  return s\n"
    )
    verify(round_trip(sum_graph(filename)))


def test_notes_stand_below_what_they_are_about() -> None:
    graph = graph_returning(constant(1, types.int64))
    text = print_graph(graph, notes={graph: ["whole"], graph.entry: ["block"], graph.entry.ops[0]: ["one", "two"]})
    assert text.splitlines() == [
        "graph f() -> int64", "# ^ whole", "  entry0:", "  # ^ block", "    return 1", "    # ^ one", "    # ^ two",
    ]  # fmt: skip
    assert print_graph(parse(text)) == print_graph(graph)


BRACE = FormattedText((FormattedPart(Placeholder(0)), "}"))
TEMPLATES = [
    (ExceptionTemplate(ValueError), "ValueError()"),
    (ExceptionTemplate(ValueError, ('say "hi"\n\\ €',)), 'ValueError("say \\"hi\\"\\n\\\\ \\u20ac")'),
    (ExceptionTemplate(IndexError, (Placeholder(0), 3, -2.5, None, True)), "IndexError($0, 3, -2.5, None, True)"),
    (ExceptionTemplate(KeyError, ((1, (Placeholder(0),)), int, 1j)), "KeyError((1, ($0,)), int, 1j)"),
    (ExceptionTemplate(ValueError, (), True, None), "ValueError() from None"),
    (ExceptionTemplate(ValueError, ("x",), True, ExceptionTemplate(KeyError, (Placeholder(1),))),
     'ValueError("x") from KeyError($1)'),
    (ExceptionTemplate(ValueError, (FormattedText(("{bad} ", FormattedPart(Placeholder(0), "r", ">4"), "!")),)),
     'ValueError(f"{{bad}} {$0!r:>4}!")'),
    (ExceptionTemplate(ValueError, (FormattedText((FormattedPart("a: b"), FormattedPart(7, "", "03"))),)),
     'ValueError(f"{\\"a: b\\"}{7:03}")'),
    (ExceptionTemplate(ValueError, (FormattedText((FormattedPart(FormattedText(("3,", FormattedPart(BRACE, "r")))),)),)),
     r'''ValueError(f"{f\"3,{f\\\"{$0}}}\\\"!r}\"}")'''),
    (ExceptionTemplate(ValueError, (FormattedText((FormattedPart((1, "a: b", Placeholder(1)), "s"),)),)),
     'ValueError(f"{(1, \\"a: b\\", $1)!s}")'),
    (ExceptionTemplate(np.linalg.LinAlgError, ("singular",)), 'numpy.linalg.LinAlgError("singular")'),
    (ExceptionTemplate(OSError, (1, "x"), instance=OSError(1, "x")), 'instance OSError(1, "x")'),
]  # fmt: skip


@pytest.mark.parametrize(("template", "text"), TEMPLATES, ids=[text for _, text in TEMPLATES])
def test_exceptions_parse_back(template: ExceptionTemplate, text: str) -> None:
    params = [Value(types.int64, "a"), Value(types.int64, "b")]
    graph = Graph("f", blocks=[Block("entry", params)], result_type=types.none)
    Builder(graph).raise_(template, *params)
    assert f"    raise {text} a, b\n" in print_graph(graph)
    parsed = round_trip(graph).entry.ops[0].attributes["exception"]
    made, expected = parsed.make((5, 6)), template.make((5, 6))
    assert made.__class__ is expected.__class__
    assert made.args == expected.args
    assert repr(made.__cause__) == repr(expected.__cause__)
    assert made.__suppress_context__ is expected.__suppress_context__


def test_what_cannot_be_read_back_is_printed_without_addresses() -> None:
    graph = Graph("f", blocks=[Block("entry")], result_type=types.none)
    builder = Builder(graph)
    builder.emit(python.python_call, function=object())
    builder.raise_(ExceptionTemplate(ValueError, (object(),)))
    assert "python_call <object>()\n" in print_graph(graph)
    assert "raise ValueError(<object>)\n" in print_graph(graph)


def test_callees_follow_with_unique_names() -> None:
    inner, other, outer = (Graph(name, result_type=types.int64) for name in ("make.<locals>.f", "make.<locals>.f", "g"))
    for graph, callees in ((inner, [other]), (other, [inner]), (outer, [inner, other])):
        x = Value(types.int64, "x")
        graph.blocks = [Block("entry", [x])]
        builder = Builder(graph)
        for callee in callees:
            x = Value(types.int64)
            x.op = Op(control.call, [graph.params[0]], {"callee": callee}, x, None)
            builder.block.ops.append(x.op)
        builder.return_(x)
    text = print_graph(outer)
    assert [line for line in text.splitlines() if line.startswith("graph")] == [
        "graph g(x: int64) -> int64",
        "graph make.<locals>.f(x: int64) -> int64",
        "graph make.<locals>.f.1(x: int64) -> int64",
    ]
    assert "    %0: int64 = call make.<locals>.f(x)\n    %1: int64 = call make.<locals>.f.1(x)\n" in text
    parsed = round_trip(outer)
    assert len(parsed.callees()) == 2 and parsed.callees()[0] in parsed.callees()[0].callees()


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_parse_back(seed: int) -> None:
    parsed = round_trip(GraphGenerator(seed).make())
    verify(parsed)


ERRORS = {
    "": "there is no graph in the text",
    "entry0:": "line 1: a graph begins with",
    "graph f( -> int64": "line 1: a parameter is expected before '->'",
    "graph f() -> int63": "line 1: there is no type 'int63'",
    "graph f() -> int64 int64": "line 1: nothing more is expected before 'int64'",
    "graph f() -> int64": "line 1: the graph has no blocks",
    "graph f(a: int64) -> int64\n    return a": "line 2: the line of a block, as 'entry0:', is expected",
    "graph f(a: int64) -> int64\n  entry0:\n    retrun a": "line 3: there is no op 'retrun'\n    retrun a",
    "graph f(a: int64) -> int64\n  entry0:\n    return b": "line 3: there is no value 'b'",
    "graph f(a: int64) -> int64\n  entry0:\n    return a a": "line 3: ',' is expected before 'a'",
    "graph f(a: int64) -> int64\n  entry0:\n    jump next1": "line 3: there is no value 'next1'",
    "graph f(a: int64) -> int64\n  entry0:\n    a: int64 = neg a": "line 3: 'a' is defined twice",
    "graph f(a: int64) -> int64\n  entry0:\n  entry0:": "line 3: there are two blocks 'entry0'",
    "graph f(a: int64) -> int64\n  entry0:\n    b: int64 = call g(a)": "line 3: there is no graph 'g'",
    "graph f(a: int64) -> int64\n  entry0:\n    python_call nothing.here(a)": "line 3: there is no 'nothing.here'",
    "graph f(a: int64) -> int64\n  entry0:\n    return (1, 2)": "line 3: a tuple needs its type behind it",
    "graph f(a: int64) -> int64\n  entry0:\n    return @": "line 3: '@' is not part of the language",
    "graph f(a: int64) -> int64\n  entry0:\n    b: int64 = shape a {axis=}": "line 3: ",
    "graph f(a: (int64)[:]) -> int64": "line 1: arrays of (int64,) are not supported",
    "graph f() -> int64\n  entry0:\n    return 1\ngraph f() -> int64\n  entry0:\n    return 1": "line 4: there are two graphs 'f'",
    "graph f(a: int64": "line 1: the line ends where ',' is expected",
}


@pytest.mark.parametrize(("text", "message"), ERRORS.items())
def test_errors_name_the_line(text: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)


def test_ops_are_attached_to_their_results() -> None:
    graph = parse("graph f(a: int64) -> int64\n  entry0:\n    jump loop1(%1)\n  loop1(%1: int64):\n    return a\n")
    assert graph.blocks[1].params[0] is graph.entry.ops[0].targets[0].arguments[0]
    assert all(op.result is None or op.result.op is op for op in graph.ops())
