"""Expressions: what every kind of expression node evaluates to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from ir.graph import Value
from ir.types import NoneType, Optional
from tracer import errors
from tracer.arrays import is_array
from tracer.attributes import get_attribute
from tracer.calls import call_arguments
from tracer.displays import argument_evaluator, as_display, display, index_display
from tracer.frames import Frame
from tracer.generators import generator_sequence
from tracer.iteration import display_items
from tracer.library.membership import array_contains, range_contains
from tracer.operators import binary, equal_items, truth, unary
from tracer.subscripts import get_item
from tracer.tracing import Tracer, expression
from tracer.values import UNBOUND, Closure, Maybe, Range, Text, TextPart, is_array_value, is_object, is_symbolic, made_slice

_BINARY_NAMES: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
    ast.MatMult: "matmul",
}  # fmt: skip
_COMPARISON_NAMES: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
}  # fmt: skip
_UNARY_NAMES: dict[type[ast.unaryop], str] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}


@expression(ast.Constant)
def _constant(t: Tracer, node: ast.Constant) -> Any:
    return node.value


@expression(ast.Name)
def _name(t: Tracer, node: ast.Name) -> Any:
    variables = t.frames[-1].variables
    binding = variables.get(node.id)
    if binding is not None and binding.__class__ is not Maybe and binding is not UNBOUND:
        if node.id in t.frames[-1].scope.locals:
            return binding
    t.at(node)
    return t.read(node.id)


@expression(ast.BinOp)
def _binary(t: Tracer, node: ast.BinOp) -> Any:
    a = _operand(t, node.left)
    b = _operand(t, node.right)
    if isinstance(node.left, ast.List) or isinstance(node.right, ast.List):
        _refuse_lists(t, node, a, b)
    t.at(node)
    return binary(t, _BINARY_NAMES[type(node.op)], a, b)


def _operand(t: Tracer, node: ast.expr) -> Any:
    return display(t, node) if isinstance(node, ast.List) else t.evaluate(node)


def _refuse_lists(t: Tracer, node: ast.BinOp, a: Any, b: Any) -> None:
    """A list display is an operand only together with an array."""
    for operand, other in ((node.left, b), (node.right, a)):
        if isinstance(operand, ast.List) and not is_array(other):
            raise t.missing_syntax(operand)


def operator_name(node: ast.operator) -> str:
    """The name of the operator in an augmented assignment."""
    return _BINARY_NAMES[type(node)]


@expression(ast.UnaryOp)
def _unary(t: Tracer, node: ast.UnaryOp) -> Any:
    operand = t.evaluate(node.operand)
    t.at(node)
    if isinstance(node.op, ast.Not):
        return negated(t, truth(t, operand))
    return unary(t, _UNARY_NAMES[type(node.op)], operand)


def negated(t: Tracer, condition: Any) -> Any:
    """The opposite of a truth value."""
    return t.negate(condition) if isinstance(condition, Value) else not condition


@expression(ast.BoolOp)
def _bool_op(t: Tracer, node: ast.BoolOp) -> Any:
    return _bool_operands(t, node, node.values)


def _bool_operands(t: Tracer, node: ast.BoolOp, values: list[ast.expr]) -> Any:
    """`a and b`, `a or b`: the operand that decides, not its truth."""
    first = t.evaluate(values[0])
    if len(values) == 1:
        return first
    t.at(node)
    is_and = isinstance(node.op, ast.And)
    condition = truth(t, first)
    if not isinstance(condition, Value):
        return _bool_operands(t, node, values[1:]) if condition == is_and else first

    def rest() -> Any:
        narrow(t, values[0], is_and)
        return _bool_operands(t, node, values[1:])

    def decided() -> Any:
        return _known_truth(t, first, not is_and)

    return t.conditional(condition, rest, decided) if is_and else t.conditional(condition, decided, rest)


def _known_truth(t: Tracer, binding: Any, holds: bool) -> Any:
    """The operand on the path where its truth is known: an optional that is true holds a value."""
    if holds and isinstance(binding, Value) and isinstance(binding.type, Optional):
        return t.explode(t.optional_value(binding))
    return binding


@expression(ast.Compare)
def _compare(t: Tracer, node: ast.Compare) -> Any:
    return _comparison_chain(t, node, t.evaluate(node.left), 0)


def _comparison_chain(t: Tracer, node: ast.Compare, left: Any, index: int) -> Any:
    """`a < b < c`: each operand evaluated once, the rest only while the comparisons hold."""
    right_node = node.comparators[index]
    right = _iterable_literal(t, right_node) if isinstance(node.ops[index], (ast.In, ast.NotIn)) else t.evaluate(right_node)
    t.at(node)
    result = _compare_once(t, node.ops[index], left, right)
    if index + 1 == len(node.ops):
        return result
    condition = truth(t, result)
    if not isinstance(condition, Value):
        return _comparison_chain(t, node, right, index + 1) if condition else result
    return t.conditional(condition, lambda: _comparison_chain(t, node, right, index + 1), lambda: result)


def _iterable_literal(t: Tracer, node: ast.expr) -> Any:
    """A list or set display whose identity cannot be seen is as good as a tuple."""
    if isinstance(node, (ast.List, ast.Set)):
        return display_items(t, node.elts)
    return t.evaluate(node)


def _compare_once(t: Tracer, op: ast.cmpop, a: Any, b: Any) -> Any:
    if isinstance(op, (ast.Is, ast.IsNot)):
        same = _identical(t, a, b)
        return same if isinstance(op, ast.Is) else negated(t, same)
    if isinstance(op, (ast.In, ast.NotIn)):
        found = contains(t, b, a)
        return found if isinstance(op, ast.In) else negated(t, found)
    return binary(t, _COMPARISON_NAMES[type(op)], a, b)


def _identical(t: Tracer, a: Any, b: Any) -> Any:
    if not is_symbolic(a) and not is_symbolic(b):
        return a is b
    if is_object(a) or is_object(b):
        raise t.fail(errors.UnsupportedIdentity, operands=(a, b))
    if a is b:
        return True
    for x, y in ((a, b), (b, a)):
        if x is None:
            if isinstance(y, Value) and isinstance(y.type, Optional):
                return t.negate(t.has_value(y))
            return isinstance(y, Value) and isinstance(y.type, NoneType)
        if isinstance(x, bool) and isinstance(y, Value) and str(y.type) == "bool":
            return y if x else t.negate(y)
    if all(isinstance(x, Value) or type(x) is int for x in (a, b)):  # small ints are the same objects everywhere
        raise t.fail(errors.UnsupportedIdentity, operands=(a, b))
    return False


def contains(t: Tracer, container: Any, item: Any) -> Any:
    """`item in container` for tuples, ranges and one-dimensional arrays."""
    if isinstance(container, range) and is_symbolic(item):
        container = Range(container.start, container.stop, container.step)
    if isinstance(container, Range):
        return t.call(range_contains, (container.start, container.stop, container.step, item), {})
    if isinstance(container, np.ndarray) and is_symbolic(item):
        container = t.lift(container)
    if is_array_value(container):
        return t.call(array_contains, (container, item), {})
    if not is_symbolic(container) and not is_symbolic(item):
        try:
            return item in container
        except TypeError as error:
            raise t.fail(errors.StaticError, f"TypeError: {error}") from None
    if not isinstance(container, (tuple, frozenset, set, list)):
        raise t.fail(errors.UnsupportedMembership, operands=(container,))
    items = tuple(container)
    return _contains_from(t, items, item)


def _contains_from(t: Tracer, items: tuple[Any, ...], item: Any) -> Any:
    if not items:
        return False
    same = truth(t, equal_items(t, items[0], item))
    return t.conditional(same, lambda: True, lambda: _contains_from(t, items[1:], item))


@expression(ast.IfExp)
def _ternary(t: Tracer, node: ast.IfExp) -> Any:
    condition = truth(t, t.evaluate(node.test))
    t.at(node)

    def arm(branch: ast.expr, holds: bool) -> Callable[[], Any]:
        def evaluate() -> Any:
            narrow(t, node.test, holds)
            return t.evaluate(branch)

        return evaluate

    return t.conditional(condition, arm(node.body, True), arm(node.orelse, False))


def narrow(t: Tracer, test: ast.expr, holds: bool, later: tuple[ast.expr, ...] = ()) -> None:
    """On the path where `x is None` is decided, an optional variable is None or its value; also for `x` alone,
    `not`, and the operands of an `and` that holds or an `or` that does not. What is evaluated `later` than the test may
    have bound the variable again."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        narrow(t, test.operand, not holds, later)
    elif isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) == holds:
            for position, operand in enumerate(test.values, 1):
                narrow(t, operand, holds, (*test.values[position:], *later))
    elif isinstance(test, ast.Compare) and len(test.ops) == 1:
        against_none = isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None
        if against_none and isinstance(test.ops[0], (ast.Is, ast.IsNot)):
            _narrow_name(t, test.left, isinstance(test.ops[0], ast.Is) == holds, later)
    elif holds:
        _narrow_name(t, test, False, later)


def _narrow_name(t: Tracer, node: ast.expr, is_none: bool, later: tuple[ast.expr, ...]) -> None:
    if not isinstance(node, ast.Name):
        return
    owner = t.frame.owner(node.id)
    binding = owner.variables.get(node.id) if owner else None
    if not isinstance(binding, Value) or not isinstance(binding.type, Optional) or _may_bind(owner, node.id, later):
        return
    owner.variables[node.id] = None if is_none else t.explode(t.optional_value(binding))


def _may_bind(owner: Frame, name: str, expressions: tuple[ast.expr, ...]) -> bool:
    """Whether expressions may bind a variable of a frame: by `:=`, or by a call of a function inside of it that rebinds it."""
    parts = [part for expression in expressions for part in ast.walk(expression)]
    if any(isinstance(part, ast.NamedExpr) and part.target.id == name for part in parts):
        return True
    return name in owner.scope.rebound_inside and any(isinstance(part, ast.Call) for part in parts)


@expression(ast.Tuple)
def _tuple(t: Tracer, node: ast.Tuple) -> Any:
    return display_items(t, node.elts)


@expression(ast.GeneratorExp)
def _generator(t: Tracer, node: ast.GeneratorExp) -> Any:
    t.at(node)
    return generator_sequence(t, node)


@as_display(ast.ListComp)
def _comprehension(t: Tracer, node: ast.ListComp) -> Any:
    t.at(node)
    made = generator_sequence(t, node, display)
    return made if made.static_items is None else made.static_items


@expression(ast.Attribute)
def _attribute(t: Tracer, node: ast.Attribute) -> Any:
    value = t.evaluate(node.value)
    t.at(node)
    return get_attribute(t, value, node.attr)


@expression(ast.Subscript)
def _subscript(t: Tracer, node: ast.Subscript) -> Any:
    value = t.evaluate(node.value)
    index = index_display(t, value, node.slice)
    t.at(node)
    return get_item(t, value, index)


@expression(ast.Slice)
def _slice(t: Tracer, node: ast.Slice) -> Any:
    return made_slice(*(None if part is None else t.evaluate(part) for part in (node.lower, node.upper, node.step)))


@expression(ast.Call)
def _call(t: Tracer, node: ast.Call) -> Any:
    function = t.evaluate(node.func)
    positional, keywords = call_arguments(t, node, argument_evaluator(function))
    span = t.at(node)
    result = t.call(function, positional, keywords)
    t.builder.span = span
    return result


@expression(ast.Lambda)
def _lambda(t: Tracer, node: ast.Lambda) -> Closure:
    return make_closure(t, node, "<lambda>")


def make_closure(t: Tracer, node: ast.Lambda | ast.FunctionDef, name: str) -> Closure:
    """The function that a `def` or `lambda` in traced code makes."""
    defaults = tuple(map(t.evaluate, node.args.defaults))
    keyword_defaults = {
        a.arg: t.evaluate(d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults) if d is not None
    }
    return Closure(node, t.frame, defaults, keyword_defaults, f"{t.frame.name}.<locals>.{name}")


@expression(ast.NamedExpr)
def _named(t: Tracer, node: ast.NamedExpr) -> Any:
    value = t.evaluate(node.value)
    t.at(node)
    t.assign(node.target.id, value)
    return value


@expression(ast.JoinedStr)
def _joined_string(t: Tracer, node: ast.JoinedStr) -> Any:
    parts: list[Any] = []
    for piece in node.values:
        parts.append(piece.value if isinstance(piece, ast.Constant) else _replacement_field(t, piece))
    if any(isinstance(part, TextPart) for part in parts):
        return Text(tuple(parts))
    return "".join(parts)


def _replacement_field(t: Tracer, node: ast.FormattedValue) -> Any:
    value = t.evaluate(node.value)
    format_spec = t.evaluate(node.format_spec) if node.format_spec else ""
    t.at(node)
    if isinstance(format_spec, Text):
        raise t.fail(errors.UnsupportedSyntax, "a format specification that is computed")
    conversion = "" if node.conversion == -1 else chr(node.conversion)
    if is_symbolic(value):
        return TextPart(value, conversion, format_spec)
    convert = {"": lambda v: v, "r": repr, "s": str, "a": ascii}[conversion]
    return format(convert(value), format_spec)
