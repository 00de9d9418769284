"""The family `overflow`: Python's ints near the ends of 64 bits, with `overflow="raise"`; and Python's answer where it has to raise."""

from __future__ import annotations

import ast
import builtins
import random
from collections.abc import Callable
from typing import Any

import attrs

from tests.fuzz.expansion import generator
from tests.fuzz.grammar import MIXED
from tests.fuzz.program import Program, changed_function_of

_EDGES = (2**63 - 1, -(2**63), 2**62, -(2**62) - 1, 2**31, -(2**32), 3037000500, 3037000499, 10**18, -(10**18), 7, -1, 0, 2**63 - 5)
_LONG = ("p", "q", "h", "p", "q", "-1", "3", "4611686018427387904", "-9", "3037000500", "n", "1")
_AS_LONG = (
    *(f"(<long> {op} <long>)" for op in ("+", "-", "*", "+", "-", "*", "//", "%", "&", "|", "^")), "(-<long>)", "abs(<long>)", "(~<long>)", "(<long> << <small>)", "(<long> >> <small>)", "(<long> << (<int> % 70))", "(<long> ** <small>)", "(<int> ** <small>)", "(<long> + <int>)", "(<int> * <long>)", "(<long> + 1)", "(2 * <long>)", "(<long> // -1)",
    "min(<long>, <long>)", "max(<long>, <int>)", "(<long> if <bool> else <long>)", "divmod(<long>, <long>)[0]", "divmod(<long>, <int>)[1]", "sum(<long> * q for q in range(<small>))", "sum((<long>, <long>, <int>))", "<longs>[<small>]", "pow(<long>, 2)", "doubled(<long>)", "scaled(<long>, <small>)", "int(<bool>)", "(<long> or <long>)", "(lambda q: q * q)(<long>)", "(<long> - (<long>))", "raised(<small>, <long>)",
)  # fmt: skip

_HELPERS = MIXED.helpers + '''
def doubled(x):
    return x + x


def scaled(x, times):
    for _ in range(times):
        x = x * 3
    return x


def raised(n, x):
    return x if n <= 0 else raised(n - 1, x * 2 + n)


'''

_STATEMENTS = (
    *MIXED.statements, "<long!> += <long>", "<long!> -= <long>", "<long!> *= <small>", "<long!> <<= <small>", "<long!> //= <int>", "<long!> = -<long!>", "for <new> in range(<small>):\n    <long!> += <long>", "for <new> in range(<small>):\n    <long!> = <long!> * 2 + <new>", "for <new> in range(<long!>, <same> + <small>):\n    <long!> = <new>",
    "for <new> in range(<long!>, <same> - <small>, -1):\n    <long!> = <new>", "if <long> > <long>:\n    <long!> = <long> - 1", "assert <long> < <long>, <long>", "print(<long>)", "<new> = 0\nwhile <new> < 4 and <long!> > 0:\n    <new> += 1\n    <long!> = <same> * <same> + <long>",
)  # fmt: skip


def _inputs(r: random.Random, count: int) -> list[str]:
    def text() -> str:
        big = ", ".join(str(r.choice(_EDGES) if r.random() < 0.7 else r.randrange(-(2**63), 2**63) >> r.randrange(60)) for _ in range(3))
        return f'({r.randrange(-4, 12)}, {r.choice((0, 1, 2, 3))}, {r.choice((0.5, 2.0, -1.25))}, (1+2j), {big}, array("int64", ({r.choice((2, 3, 5))},), "C", {r.randrange(10**6)}))'

    return [text() for _ in range(count)]


def _is_long(value: Any) -> bool:
    return type(value) is int and -(2**63) <= value < 2**63


def checked_function_of(text: str) -> Callable[..., Any]:
    """The function `program` of the text, in which Python's ints of more than 64 bits raise OverflowError where they come up."""
    return changed_function_of(text, _Checking(), _NAMES)


class _Checking(ast.NodeTransformer):
    """Puts the results of operators and calls through `checked`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self._wrapped(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        return self._wrapped(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        return node if isinstance(node.operand, ast.Constant) else self._wrapped(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        value = ast.Call(ast.Name("checked", ast.Load()), [ast.Name(node.target.id, ast.Load())], [])
        return [node, ast.Assign([node.target], value)]

    def _wrapped(self, node: ast.expr) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("checked", ast.Load()), [node], [])


def _checked(value: Any) -> Any:
    if type(value) is int and not _is_long(value):
        raise OverflowError("does not fit in 64 bits")
    return value


def _checked_sum(items: Any, start: Any = 0) -> Any:
    for item in items:
        start = _checked(start + item)
    return start


def _checking(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        for each in result if isinstance(result, tuple) else (result,):
            _checked(each)
        return result

    return call


_NAMES: dict[str, Any] = {"checked": _checked, "sum": _checked_sum, **{name: _checking(getattr(builtins, name)) for name in ("abs", "pow", "divmod")}}


_OVERFLOW = attrs.evolve(
    MIXED, parameters=("n", "k", "w", "z", "p", "q", "h", "a"), inputs=_inputs, helpers=_HELPERS, kinds={**MIXED.kinds, "long": _is_long, "longs": lambda x: type(x) is tuple and len(x) > 2 and all(map(_is_long, x))},
    leaves={**MIXED.leaves, "long": _LONG, "longs": ("(p, q, h)",), "np": ("np.int8(100)", "np.uint8(3)", "np.int64(5)"), "array": ("a",), "vector": ("a", "np.arange(4)"), "matrix": ("np.ones((2, 3))",)},
    forms={**MIXED.forms, "long": _AS_LONG, "longs": ("(<long>, <long>, <int>)",), "bool": (*MIXED.forms["bool"], *(f"(<long> {op} <long>)" for op in ("<", "==", ">=")), "(<long> in <longs>)", "bool(<long>)")},
    rare_forms={}, statements=_STATEMENTS, change=_Checking, names=_NAMES, assigned=("long", "long", "long", "long", "int", "longs", "bool", "float", "vector"),
)  # fmt: skip
_expanded = generator(_OVERFLOW)


def generate(seed: int, inputs: int) -> Program:
    """A program."""
    return attrs.evolve(_expanded(seed, inputs), options={"overflow": "raise"})
