"""Reads the text that `ir.printer` writes, so that passes are tested on text alone.

Source comments are skipped. Named tuples get a class made from their name and fields; exceptions and functions are
looked up by their dotted names among the builtins and the modules that are loaded.
"""

from __future__ import annotations

import builtins
import collections
import functools
import operator
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import attrs

import ir.ops  # noqa: F401  (fills the registry)
from ir.builder import constant
from ir.errors import ParseError
from ir.graph import Block, Constant, Edge, ExceptionTemplate, FormattedPart, FormattedText, Graph, Op, Placeholder, Value
from ir.naming import base_name
from ir.opdef import REGISTRY, OpDef
from ir.records import Opaque, RecordItem, read_record
from ir.types import (
    SCALARS, Array, DateTime, NamedTuple, Optional, Scalar, Slice, Time, TimeDelta, Tuple, Type, boolean, complex128, float64, int64,
    none, object_, time_of_count,
)  # fmt: skip

_NUMBER = r"(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|nan\b|inf\b|nan(?=j)|inf(?=j))"
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<comment>\#.*)
      | (?P<string>f?"(?:\\.|[^"\\])*")
      | (?P<number>-?{_NUMBER}(?:[+-]{_NUMBER})?j(?![\w.]) | -?{_NUMBER}(?![\w.]))
      | (?P<placeholder>\$\d+)
      | (?P<name>%\d+ | \d+[a-zA-Z]+ | (?:[^\W\d]|<\w)[\w.<>]*)
      | (?P<sign>-> | [()\[\]{{}},:=?])
    )""",
    re.VERBOSE,
)
_FIELD = re.compile(r'\{((?:"(?:\\.|[^"\\])*"|[^{}!:"])+)(?:!([rsa]))?(?::([^{}]*))?\}')
_SCALAR_TYPES: dict[str, Scalar] = {str(t): t for t in SCALARS}
_TIMES = {each.kind: each for each in (DateTime, TimeDelta)}
_WORDS: dict[str, tuple[Any, Type]] = {"true": (True, boolean), "false": (False, boolean), "none": (None, none)}
_PYTHON_WORDS = {"True": True, "False": False, "None": None, "none": None}


def parse(text: str) -> Graph:
    """The first graph of the text; the others are those that it calls.

    Raises ParseError, which shows the line that cannot be read.
    """
    sections: list[list[_Line]] = []
    for number, source in enumerate(text.splitlines(), 1):
        line = _Line(number, source)
        if not line.tokens:
            continue
        if line.peek() == "graph":
            sections.append([])
        elif not sections:
            raise line.error("a graph begins with 'graph name(parameters) -> type'")
        sections[-1].append(line)
    if not sections:
        raise ParseError("there is no graph in the text")
    graphs: dict[str, Graph] = {}
    parsers = [_GraphParser(section, graphs) for section in sections]
    for parser in parsers:
        parser.declare()
    for parser in parsers:
        parser.define()
    return parsers[0].graph


def parse_type(text: str) -> Type:
    """The type that prints as this text."""
    line = _Line(1, text)
    found = line.type()
    line.end()
    return found


@attrs.frozen
class _Token:
    kind: str
    text: str


class _Line:
    """The tokens of one line, and a position among them."""

    def __init__(self, number: int, source: str) -> None:
        self.number = number
        self.source = source
        self.position = 0
        self.tokens: list[_Token] = []
        at = 0
        while at < len(source.rstrip()):
            match = _TOKEN.match(source, at)
            if match is None:
                raise self.error(f"{source[at:].strip()[:20]!r} is not part of the language")
            if match.lastgroup != "comment":
                self.tokens.append(_Token(match.lastgroup or "", match[match.lastgroup or 0]))
            at = match.end()

    def error(self, message: str) -> ParseError:
        """The error that the message describes, with this line."""
        return ParseError(f"line {self.number}: {message}\n    {self.source.strip()}")

    def peek(self, ahead: int = 0) -> str | None:
        """The text of a token to come."""
        index = self.position + ahead
        return self.tokens[index].text if index < len(self.tokens) else None

    def kind(self) -> str | None:
        return self.tokens[self.position].kind if self.position < len(self.tokens) else None

    def next(self, expected: str = "more") -> str:
        """Go over the next token, which is described by `expected` when it is missing."""
        text = self.peek()
        if text is None:
            raise self.error(f"the line ends where {expected} is expected")
        self.position += 1
        return text

    def expect(self, text: str) -> None:
        """Go over a token that must be this one."""
        found = self.next(repr(text))
        if found != text:
            raise self.error(f"{text!r} is expected before {found!r}")

    def accept(self, text: str) -> bool:
        """Go over the token if it is this one."""
        if self.peek() != text:
            return False
        self.position += 1
        return True

    def name(self, what: str) -> str:
        if self.kind() != "name":
            raise self.error(f"{what} is expected before {self.peek()!r}" if self.peek() else f"{what} is missing")
        return self.next()

    def end(self) -> None:
        if self.peek() is not None:
            raise self.error(f"nothing more is expected before {self.peek()!r}")

    def items(self, item: Callable[[], Any], close: str) -> list[Any]:
        """Items between commas up to the closing sign; a comma may stand behind the last one."""
        found = []
        while not self.accept(close):
            found.append(item())
            if self.peek() != close:
                self.expect(",")
        return found

    # --- types

    def type(self) -> Type:
        """A type as it is printed."""
        is_item = self.accept("item")
        readonly = self.accept("readonly")
        aligned = not self.accept("unaligned")
        found = self.plain_type()
        if is_item and self.accept("["):
            return RecordItem(self._array(found, False, True).dtype, readonly, aligned)
        while True:
            if self.accept("["):
                found = self._array(found, readonly, aligned)
            elif self.accept("?"):
                found = Optional(found)
            else:
                return found

    def plain_type(self) -> Type:
        """A type that is no array and not optional."""
        if self.accept("("):
            return Tuple(tuple(self.items(self.type, ")")))
        if self.accept("{"):
            return read_record(self, _unquoted)
        if self.kind() == "string":
            return Opaque(_unquoted(self.next()[1:-1]))
        name = self.name("a type")
        if self.peek() == "(" and name not in _SCALAR_TYPES:
            self.next()
            if name == "slice":
                return Slice(self.items(self.type, ")"))
            fields = self.items(self._field, ")")
            return NamedTuple(tuple(t for _, t in fields), _named_tuple(name, tuple(n for n, _ in fields)))
        if name in ("none", "object"):
            return none if name == "none" else object_
        if name in _TIMES and self.accept("["):
            unit = self.name("a unit of time")
            self.expect("]")
            return _TIMES[name](unit)
        if name not in _SCALAR_TYPES:
            raise self.error(f"there is no type {name!r}")
        return _SCALAR_TYPES[name]

    def _field(self) -> tuple[str, Type]:
        name = self.name("the name of a field")
        self.expect(":")
        return name, self.type()

    def _array(self, dtype: Type, readonly: bool, aligned: bool) -> Type:
        if self.accept("("):
            self.expect(")")
            self.expect("]")
            return Array(dtype, 0, "C", readonly, aligned)
        slices = [slice(None, None, 1) if s else slice(None) for s in self.items(self._slice, "]")]
        try:
            plain = dtype[tuple(slices)]
        except TypeError as error:
            raise self.error(str(error)) from None
        return Array(plain.dtype, plain.ndim, plain.layout, readonly, aligned)

    def _slice(self) -> bool:
        self.expect(":")
        if not self.accept(":"):
            return False
        self.expect("1")
        return True

    # --- literals

    def literal(self) -> Constant:
        """A constant, with its type behind it where the text alone does not tell."""
        value, type = self._literal_value()
        if self.accept(":"):
            type = self.type()
        if type is None:
            raise self.error("a tuple needs its type behind it, as in (1, 2.0):(int64, float64)")
        if isinstance(type, Scalar):
            return constant(_number(value, type), type)
        return Constant(type, value=value)

    def _literal_value(self) -> tuple[Any, Type | None]:
        if self.kind() == "number":
            text = self.next()
            is_float = any(sign in text for sign in ".einf") and not text.endswith("j")
            return text, complex128 if text.endswith("j") else float64 if is_float else int64
        if self.peek() in _WORDS:
            return _WORDS[self.next()]
        self.expect("(")
        return tuple(c.value for c in self.items(self.literal, ")")), None

    # --- exceptions

    def exception(self) -> ExceptionTemplate:
        """An exception with placeholders, as `ValueError(f"bad {$0}") from none`."""
        is_instance = self.peek() == "instance" and self.peek(1) != "("
        if is_instance:
            self.next()
        exception_class = self.python_object(self.name("an exception"))
        self.expect("(")
        arguments = tuple(self.items(self._template, ")"))
        if is_instance:
            return ExceptionTemplate(exception_class, arguments, instance=exception_class(*arguments))
        if self.accept("from"):
            return ExceptionTemplate(exception_class, arguments, True, self._template())
        return ExceptionTemplate(exception_class, arguments)

    def _template(self) -> Any:
        kind, text = self.kind(), self.peek()
        if kind == "placeholder":
            return Placeholder(int(self.next()[1:]))
        if kind == "string":
            quoted = self.next()
            return _formatted(quoted[2:-1], self) if quoted[0] == "f" else _unquoted(quoted[1:-1])
        if kind == "number":
            return _python_number(self.next())
        if text in _PYTHON_WORDS:
            return _PYTHON_WORDS[self.next()]
        if self.accept("("):
            return tuple(self.items(self._template, ")"))
        if self.peek(1) == "(":
            return self.exception()
        return self.python_object(self.name("an argument"))

    def python_object(self, dotted: str) -> Any:
        """The builtin or the member of a loaded module with this name."""
        if hasattr(builtins, dotted):
            return getattr(builtins, dotted)
        parts = dotted.split(".")
        for i in range(len(parts) - 1, 0, -1):
            module = sys.modules.get(".".join(parts[:i]))
            if module is not None:
                try:
                    return operator.attrgetter(".".join(parts[i:]))(module)
                except AttributeError:
                    break
        raise self.error(f"there is no {dotted!r} among the builtins and the loaded modules")


class _GraphParser:
    """Parses one graph: first its blocks, values and signature, then its ops, which may refer to what follows."""

    def __init__(self, lines: list[_Line], graphs: dict[str, Graph]) -> None:
        self.lines = lines
        self.graphs = graphs
        self.values: dict[str, Value] = {}
        self.blocks: dict[str, Block] = {}
        self.ops: list[tuple[_Line, Block, Value | None]] = []
        self.graph: Graph

    def declare(self) -> None:
        """Make the graph with its parameters and blocks, and the values that its ops define."""
        header, *lines = self.lines
        header.expect("graph")
        name = header.name("the name of the graph")
        header.expect("(")
        params = header.items(functools.partial(self._param, header), ")")
        header.expect("->")
        result_type = None if header.accept("?") else header.type()
        header.end()
        self.graph = Graph(base_name(name), result_type=result_type)
        if name in self.graphs:
            raise header.error(f"there are two graphs {name!r}")
        self.graphs[name] = self.graph
        for line in lines:
            self._declare_line(line)
        if not self.graph.blocks:
            raise header.error("the graph has no blocks")
        self.graph.blocks[0].params[:0] = params

    def _param(self, line: _Line) -> Value:
        name = line.name("a parameter")
        line.expect(":")
        return self._new_value(line, name, line.type())

    def _new_value(self, line: _Line, name: str, type: Type) -> Value:
        if name in self.values:
            raise line.error(f"{name!r} is defined twice")
        self.values[name] = Value(type, None if name.startswith("%") else base_name(name))
        return self.values[name]

    def _declare_line(self, line: _Line) -> None:
        tokens = line.tokens
        if tokens[-1].text == ":" and tokens[0].kind == "name":
            self._declare_block(line)
        elif not self.graph.blocks:
            raise line.error("the line of a block, as 'entry0:', is expected")
        elif len(tokens) > 1 and tokens[1].text == ":":
            name = line.name("a value")
            line.expect(":")
            value = self._new_value(line, name, line.type())
            line.expect("=")
            self.ops.append((line, self.graph.blocks[-1], value))
        else:
            self.ops.append((line, self.graph.blocks[-1], None))

    def _declare_block(self, line: _Line) -> None:
        name = line.name("a block")
        params = line.items(functools.partial(self._param, line), ")") if line.accept("(") else []
        line.expect(":")
        if name in self.blocks:
            raise line.error(f"there are two blocks {name!r}")
        self.blocks[name] = Block(name.rstrip("0123456789"), params)
        self.graph.blocks.append(self.blocks[name])

    def define(self) -> None:
        """Parse the ops."""
        for line, block, result in self.ops:
            op = self._op(line, result)
            if result is not None:
                result.op = op
            block.ops.append(op)

    def _op(self, line: _Line, result: Value | None) -> Op:
        name = line.name("an op")
        opdef = REGISTRY.get(name)
        if opdef is None:
            raise line.error(f"there is no op {name!r}")
        op = Op(opdef, [], {}, result, None)
        self._body(line, op)
        if line.accept("{"):
            op.attributes.update(line.items(functools.partial(self._attribute, line), "}"))
        if "to" in opdef.attributes and "to" not in op.attributes and result is not None:
            op.attributes["to"] = result.type
        for attribute in opdef.attributes:
            if attribute != "to":
                op.attributes.setdefault(attribute, False)  # false ones are not printed
        line.end()
        return op

    def _body(self, line: _Line, op: Op) -> None:
        """What stands between the name of an op and its attributes."""
        attributes = op.opdef.attributes
        called = next((name for name in ("callee", "body", "function") if name in attributes), None)
        if called is not None:
            head = line.name("what is called")
            op.attributes[called] = line.python_object(head) if called == "function" else self._called(line, head)
            line.expect("(")
            op.operands = line.items(functools.partial(self._operand, line), ")")
            return
        if "exception" in attributes:
            op.attributes["exception"] = line.exception()
        op.operands, op.targets = self._operands_and_targets(line, op.opdef)

    def _operands_and_targets(self, line: _Line, opdef: OpDef) -> tuple[list[Value], tuple[Edge, ...]]:
        operands: list[Value] = []
        targets: list[Edge] = []
        while line.peek() not in (None, "{"):
            if operands or targets:
                line.expect(",")
            if opdef.terminator and line.peek() in self.blocks:
                targets.append(self._edge(line))
            else:
                operands.append(self._operand(line))
        return operands, tuple(targets)

    def _called(self, line: _Line, name: str) -> Graph:
        if name not in self.graphs:
            raise line.error(f"there is no graph {name!r}")
        return self.graphs[name]

    def _operand(self, line: _Line) -> Value:
        name = line.peek()
        if line.kind() != "name" or name in _WORDS:
            return line.literal()
        if name not in self.values:
            raise line.error(f"there is no value {name!r}")
        line.next()
        return self.values[name]

    def _edge(self, line: _Line) -> Edge:
        block = self.blocks[line.next()]
        arguments = line.items(functools.partial(self._operand, line), ")") if line.accept("(") else []
        return Edge(block, arguments)

    def _attribute(self, line: _Line) -> tuple[str, Any]:
        name = line.name("an attribute")
        line.expect("=")
        if name == "to":
            return name, line.type()
        return name, self._attribute_value(line)

    def _attribute_value(self, line: _Line) -> Any:
        if line.kind() == "string":
            return _unquoted(line.next()[1:-1])
        if line.accept("("):
            return tuple(line.items(functools.partial(self._attribute_value, line), ")"))
        return line.literal().value


@functools.lru_cache(maxsize=None)
def _named_tuple(name: str, fields: tuple[str, ...]) -> type:
    return collections.namedtuple(name, fields)  # type: ignore[misc]


def _number(value: Any, type: Scalar) -> Any:
    if not isinstance(value, str):
        return value
    if isinstance(type, Time):
        return time_of_count(int(value), type)
    return {"int": int, "uint": int, "float": float, "complex": complex}[type.kind](value)


def _python_number(text: str) -> int | float | complex:
    if text.endswith("j"):
        return complex(text)
    return float(text) if any(sign in text for sign in ".einf") else int(text)


def _unquoted(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("unicode_escape")


def _formatted(text: str, line: _Line) -> FormattedText:
    """The parts of an f-string from what is between its quotes."""
    parts: list[str | FormattedPart] = []
    plain, at, text = "", 0, _unquoted(text)
    while at < len(text):
        if text[at : at + 2] in ("{{", "}}"):
            plain += text[at]
            at += 2
            continue
        match = _FIELD.match(text, at)
        if match is None:
            plain += text[at]
            at += 1
            continue
        parts += [plain] if plain else []
        parts.append(FormattedPart(_field_argument(match[1], line), match[2] or "", match[3] or ""))
        plain, at = "", match.end()
    return FormattedText(tuple(parts + [plain] if plain else parts))


def _field_argument(text: str, line: _Line) -> Any:
    inner = _Line(line.number, text)
    argument = inner._template()
    inner.end()
    return argument


__all__: Sequence[str] = ["parse", "parse_type"]
