"""List displays and comprehensions in places where only their items matter: there they are as good as tuples and generators.

These are the arguments of NumPy's functions, of methods of arrays and of builtins that take an iterable, the index of an
array, what is stored into one, and the iterable of a loop. Elsewhere a list can be seen to be one, and is refused.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tracer.arrays import is_array
from tracer.calls import is_numpy
from tracer.indexing import dtype_of_indices
from tracer.iteration import unpack
from tracer.records import names_of
from tracer.tracing import Tracer
from tracer.values import Flat, Method, Sequence

_CONSUMERS = frozenset({
    sum, min, max, any, all, len, tuple, enumerate, zip, reversed, math.fsum, math.prod, math.dist, getattr(math, "sumprod", sum),
    np.array, np.asarray, np.fromiter,
})  # fmt: skip


_DISPLAYS: dict[type[ast.expr], Callable[[Tracer, Any], Any]] = {}


def as_display(*nodes: type[ast.expr]) -> Callable[[Callable], Callable]:
    """Register what these nodes evaluate to where only their items matter."""

    def register(function: Callable) -> Callable:
        _DISPLAYS.update(dict.fromkeys(nodes, function))
        return function

    return register


def display(t: Tracer, node: ast.expr) -> Any:
    """What an expression evaluates to, with list displays (also those in displays) as tuples, comprehensions as generators."""
    evaluate = _DISPLAYS.get(type(node))
    return t.evaluate(node) if evaluate is None else evaluate(t, node)


@as_display(ast.List, ast.Tuple)
def _items(t: Tracer, node: ast.List | ast.Tuple) -> tuple[Any, ...]:
    items: list[Any] = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            items.extend(unpack(t, t.evaluate(element.value), element))
        else:
            items.append(display(t, element))
    return tuple(items)


def argument_evaluator(function: Any) -> Callable[[Tracer, ast.expr], Any]:
    """How the arguments of a call are evaluated: displays are welcome where the callable uses nothing but their items."""
    if isinstance(getattr(function, "__self__", None), np.ufunc) and function.__name__ == "at":
        return _index_items
    if isinstance(function, Method):
        return _array_display if is_array(function.receiver) else Tracer.evaluate
    try:
        if function in _CONSUMERS:
            return display
    except TypeError:  # not hashable
        return Tracer.evaluate
    return _array_display if is_numpy(function) else Tracer.evaluate


def _array_display(t: Tracer, node: ast.expr) -> Any:
    """A display for a function of arrays. A comprehension of unknown length is an array there."""
    made = display(t, node)
    return t.call(np.array, (made,), {}) if isinstance(node, ast.ListComp) and isinstance(made, Sequence) else made


def index_display(t: Tracer, container: Any, node: ast.expr) -> Any:
    """The index in `container[...]`. In that of an array a list is an array of indices, where a tuple has one for each axis."""
    if isinstance(container, _JOINERS):
        return _joined_items(t, node)
    return _index_items(t, node) if is_array(container) or isinstance(container, Flat) else t.evaluate(node)


_JOINERS = (type(np.r_), type(np.c_))


def _joined_items(t: Tracer, node: ast.expr) -> Any:
    """What `np.r_[...]` joins: a list is an array."""
    if isinstance(node, ast.Tuple) and not any(isinstance(element, ast.Starred) for element in node.elts):
        return tuple(_joined_items(t, element) for element in node.elts)
    return t.call(np.array, (display(t, node),), {}) if isinstance(node, (ast.List, ast.ListComp)) else t.evaluate(node)


def _index_items(t: Tracer, node: ast.expr) -> Any:
    if isinstance(node, (ast.List, ast.ListComp)):
        items = display(t, node)
        if names_of(t, items) is not None:
            return items
        return t.call(np.array, (items,), dtype_of_indices(items))
    if isinstance(node, ast.Tuple) and any(isinstance(element, (ast.List, ast.ListComp)) for element in node.elts):
        return tuple(_index_items(t, element) for element in node.elts)
    return t.evaluate(node)
