"""Python as `tutorials/differences.md` says that compiled code differs from it: what names, methods and comparisons do there."""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import itertools
import operator
import types
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import numpy as np

from tests.fuzz.program import changed_function_of

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_NUMBERS = (bool, int, float, complex)


@attrs.frozen
class _Choices:
    """Where compiled code may do one or the other."""

    views_are_copied: bool  # what `reshape` and `ravel` give
    stored_is_copied: bool
    empty_sums: tuple[float, float]  # those of generators without items, and of such with a number to start from
    paths_meet: bool  # parts of `a if c else b` and `a or b` have one type: where compiled code knows their types, it is that of all
    zero: int  # which is the larger or smaller one of 0.0 and -0.0: NumPy's, the one of this operand, or in reductions the other one (2)


def functions_of(text: str) -> Iterator[Callable[..., Any]]:
    """The program as Python would run it with the differences of the table, in all ways that the table leaves open."""
    return (_function(text, number) for number in range(len(_choices(text))))


@functools.lru_cache(maxsize=1)
def _choices(text: str) -> list[_Choices]:
    zeros = range(3) if any(name in text for name in ("max", "min", "clip")) else (0,)
    sums = (0, 0.0, 0j, *(np.dtype(letter).type(0) for letter in "?bhlBHLfdFD")) if "sum(" in text else (0,)
    pairs = [(x, x) for x in sums] + [(0, x) for x in sums if text.count("sum(") > 1]
    return [_Choices(*each) for each in itertools.product((False, True), (False, True), pairs, (False, True), zeros)]


@functools.lru_cache(maxsize=1024)
def _function(text: str, number: int) -> Callable[..., Any]:
    """The program with one of the choices. It is kept, with what it has compiled, for the next arguments."""
    chosen = _choices(text)[number]
    return changed_function_of(text, _AsDocumented(chosen), {**_NAMES, "documented_sum": _sum(*chosen.empty_sums)})


class _AsDocumented(ast.NodeTransformer):
    def __init__(self, choices: _Choices) -> None:
        self.choices = choices

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Name) and function.id in ("sum", "max", "min"):
            function.id = f"documented_{function.id}"
        if not isinstance(function, ast.Attribute):
            return node
        if ast.unparse(function) in ("np.cov", "np.corrcoef", "np.put", "np.polyval"):
            node.func = ast.Name(f"documented_{function.attr}", ast.Load())
        if function.attr in ("cumsum", "cumprod", "accumulate"):
            return ast.Call(ast.Name("documented_scan", ast.Load()), [function, *node.args], node.keywords)
        if self.choices.zero and function.attr in ("maximum", "minimum", "fmax", "fmin") and len(node.args) >= 2:
            return _call("with_zeros_of", node, node.args[self.choices.zero - 1])
        if self.choices.zero == 1 and function.attr == "clip":
            named = isinstance(function.value, ast.Name) and function.value.id == "np"
            return _call("with_zeros_of", node, node.args[0] if named else function.value)
        if self.choices.zero and function.attr in ("max", "min", "clip"):
            return _call("with_zeros_of", node)
        return _call("copied", node) if self.choices.views_are_copied and function.attr in ("reshape", "ravel") else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        if self.choices.stored_is_copied and any(isinstance(target, ast.Subscript) for target in node.targets):
            node.value = _call("copied", node.value)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return _call("documented_choice", node.test, _later(node.body), _later(node.orelse)) if self.choices.paths_meet else node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        name = f"documented_{type(node.op).__name__}"
        return _call(name, *map(_later, node.values)) if self.choices.paths_meet else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) > 1:
            return node
        if type(node.ops[0]) not in _COMPARISONS:
            return node
        return ast.Call(ast.Name(f"documented_{type(node.ops[0]).__name__}", ast.Load()), [node.left, node.comparators[0]], [])


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _later(value: ast.expr) -> ast.expr:
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(nothing, value)


def _choice(test: Any, body: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
    """`body() if test else orelse()`, with the type that holds both."""
    taken, other = (body, orelse) if test else (orelse, body)
    return _meeting(taken(), [other])


def _until(wanted: bool) -> Callable[..., Any]:
    """`or`, which goes on until a part holds, or `and`, until one does not; with the type that holds all parts."""

    def documented(*parts: Callable[[], Any]) -> Any:
        for number, part in enumerate(parts, 1):
            result = part()
            if bool(result) is wanted:
                break
        return _meeting(result, [*parts[: number - 1], *parts[number:]])

    return documented


def _meeting(result: Any, others: list[Callable[[], Any]]) -> Any:
    """The number as one of the type that holds it and what others would give. They are not run in Python, so that they may fail."""
    found = [result]
    for other in others:
        with contextlib.suppress(ArithmeticError, AttributeError, LookupError, NameError, RecursionError, TypeError, ValueError):
            found.append(other())
    return _of_common_type(result, tuple(found))


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _of_matrices(function: Callable[..., Any]) -> Callable[..., Any]:
    """`np.cov` or `np.corrcoef`, which give a matrix for a matrix."""

    def documented(m: Any, *others: Any, **options: Any) -> Any:
        result = function(m, *others, **options)
        return np.atleast_2d(result) if np.ndim(m) == 2 else result

    return documented


def _polyval(p: Any, x: Any) -> Any:
    """`np.polyval`, which gives the same type also where there are no coefficients."""
    return np.polyval(p, x) if len(p) else np.polyval(np.zeros(1, np.asarray(p).dtype), x)


def _scan(function: Callable[..., Any], *arguments: Any, out: Any = None, **options: Any) -> Any:
    """A scan, which refuses an output of another shape also for one item."""
    if out is None:
        return function(*arguments, **options)
    if function(*arguments, **options).shape != out.shape:
        raise ValueError("provided out is the wrong size for the accumulation.")
    return function(*arguments, out=out, **options)


def _with_zeros_of(value: Any, *operand: Any) -> Any:
    """The value with other zeros: those of the operand, or with the other sign."""
    if getattr(getattr(value, "dtype", None), "kind", "") not in tuple("fc"):
        return value
    zeros = (value == 0) & np.all([np.broadcast_to(each, np.shape(value)) == 0 for each in operand], axis=0)
    return np.where(zeros, operand[0] if operand else -value, value)[()].astype(value.dtype)


def _put(a: Any, indices: Any, values: Any, mode: str = "raise") -> Any:
    """`np.put`, which stores nothing if an index is out of range."""
    if mode == "raise":
        np.arange(np.size(a))[np.asarray(indices)]
    return np.put(a, indices, values, mode)


def _sum(empty: float, empty_from_start: float) -> Callable[..., Any]:
    """`sum`, of no items the number 0 of their type."""

    def documented(items: Any, *start: Any, **options: Any) -> Any:
        generated = isinstance(items, types.GeneratorType)
        taken = list(items) if generated else items
        if generated and not taken:
            return builtins.sum((*start, *options.values()), empty_from_start if start or options else empty)
        result = builtins.sum(taken, *start, **options)
        return _of_common_type(result, (*start, *options.values(), items.dtype.type(0))) if _has_no_items(items) else result

    return documented


def _largest(choose: Callable[..., Any]) -> Callable[..., Any]:
    """`max` or `min`, which give numbers the type that holds all that they choose from."""

    def documented(*items: Any, **options: Any) -> Any:
        result = choose(*items, **options)
        if len(items) == 1 and _has_no_items(items[0]):
            return items[0].dtype.type(result)
        return _of_common_type(result, items) if len(items) > 1 and "key" not in options else result

    return documented


def _has_no_items(items: Any) -> bool:
    return isinstance(items, np.ndarray) and items.shape == (0,)


def widened(expected: Any, actual: Any) -> Any:
    """What was expected, with each number in the type that holds it and the actual one: where paths meet, a variable has one type.
    In exceptions as well, of the same class."""
    if isinstance(expected, BaseException) and type(expected) is type(actual):
        return type(expected)(*widened(expected.args, actual.args))
    if isinstance(expected, tuple) and isinstance(actual, tuple) and len(expected) == len(actual):
        items = [widened(each, other) for each, other in zip(expected, actual)]
        return tuple.__new__(type(expected), items)
    return _of_common_type(expected, (expected, actual))


def _of_common_type(number: Any, others: tuple[Any, ...]) -> Any:
    if all(type(other) in _NUMBERS for other in others):
        return builtins.max(map(type, others), key=_NUMBERS.index)(number)
    if all(type(other) in _NUMBERS or isinstance(other, (np.number, np.bool_)) for other in others):
        return np.result_type(*map(np.asarray, others)).type(number)
    return number


def _compared(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A comparison of tuples by their items, without regard to which objects they are; an order that does not hold where NaN is a part
    of a complex number."""

    def documented(a: Any, b: Any) -> Any:
        if operation in _EQUALITY:
            return _are_equal(a, b) is (operation is operator.eq) if isinstance(a, tuple) and isinstance(b, tuple) else operation(a, b)
        result = operation(a, b)
        if not any(isinstance(x, (np.ndarray, np.generic)) and np.iscomplexobj(x) for x in (a, b)):
            return result
        return (result & ~(np.isnan(a) | np.isnan(b)))[()]

    return documented


_EQUALITY = (operator.eq, operator.ne)


def _are_equal(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_are_equal, a, b))
    return bool(a == b)


_NAMES: dict[str, Any] = {
    "copied": _copied, "with_zeros_of": _with_zeros_of, "documented_scan": _scan,
    "documented_cov": _of_matrices(np.cov), "documented_corrcoef": _of_matrices(np.corrcoef),
    "documented_choice": _choice, "documented_Or": _until(True), "documented_And": _until(False), "documented_put": _put, "documented_polyval": _polyval, "documented_max": _largest(builtins.max), "documented_min": _largest(builtins.min),
    **{f"documented_{operator.__name__}": _compared(operation) for operator, operation in _COMPARISONS.items()},
}  # fmt: skip
