"""List displays in places where only their items matter: there they are as good as tuples.

These are the arguments of NumPy's functions, of methods of arrays and of builtins that take an iterable, the index of an
array, what is stored into one, and the iterable of a loop. Elsewhere a list can be seen to be one, and is refused.
"""

from __future__ import annotations

import ast
import math
from typing import Any

import numpy as np

from tracer.arrays import is_array
from tracer.calls import is_numpy
from tracer.iteration import unpack
from tracer.tracing import Tracer
from tracer.values import Flat, Method

_CONSUMERS = frozenset({
    sum, min, max, any, all, len, tuple, enumerate, zip, reversed, math.fsum, math.prod, math.dist, getattr(math, "sumprod", sum),
})  # fmt: skip


def display(t: Tracer, node: ast.expr) -> Any:
    """What an expression evaluates to, with list displays (also those in displays) as tuples."""
    if not isinstance(node, (ast.List, ast.Tuple)):
        return t.evaluate(node)
    items: list[Any] = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            items.extend(unpack(t, t.evaluate(element.value), element))
        else:
            items.append(display(t, element))
    return tuple(items)


def takes_displays(function: Any) -> bool:
    """Whether a callable uses nothing but the items of its arguments."""
    if isinstance(function, Method):
        return is_array(function.receiver)
    try:
        return function in _CONSUMERS or is_numpy(function)
    except TypeError:  # not hashable
        return False


def index_display(t: Tracer, container: Any, node: ast.expr) -> Any:
    """The index in `container[...]`. In that of an array a list is an array of indices, where a tuple has one for each axis."""
    if not is_array(container) and not isinstance(container, Flat):
        return t.evaluate(node)
    if isinstance(node, ast.List):
        items = display(t, node)
        return t.call(np.array, (items,), {} if items else {"dtype": np.intp})
    if isinstance(node, ast.Tuple) and any(isinstance(element, ast.List) for element in node.elts):
        return tuple(index_display(t, container, element) for element in node.elts)
    return t.evaluate(node)
