"""Generator expressions with one `for` and no condition: sequences whose items are computed on demand.

List comprehensions are the same where only their items matter.
"""

from __future__ import annotations

import ast
import sys
import weakref
from collections.abc import Callable
from typing import Any

from tracer import errors
from tracer.calls import closure_frame
from tracer.iteration import as_sequence, iterator
from tracer.scope import binds_around, stored_names
from tracer.targets import assign_target
from tracer.tracing import Tracer
from tracer.values import Closure, Sequence

Generator = ast.GeneratorExp | ast.ListComp
_BODIES: weakref.WeakKeyDictionary[Generator, ast.Lambda] = weakref.WeakKeyDictionary()


def generator_sequence(t: Tracer, node: Generator, element: Callable[[Tracer, ast.expr], Any] = Tracer.evaluate) -> Sequence:
    """The items of a generator expression; `element` evaluates each. Its first iterable is evaluated at once, as Python does."""
    generator = node.generators[0]
    if len(node.generators) > 1 or generator.ifs or generator.is_async:
        raise t.fail(errors.UnsupportedSyntax, "a generator expression with a condition or several loops")
    if binds_around(node):
        raise t.fail(errors.UnsupportedSyntax, "an assignment in a generator expression")
    source = as_sequence(t, t.evaluate(generator.iter))
    inlined = isinstance(node, ast.ListComp) and sys.version_info >= (3, 12)  # in Python, without a frame of its own
    kind = "<listcomp>" if isinstance(node, ast.ListComp) else "<genexpr>"
    closure = Closure(_body(node), t.frame, (), {}, t.frame.name if inlined else f"{t.frame.name}.<locals>.{kind}")

    def evaluate(item: Any) -> Any:
        span = t.builder.span
        frame = closure_frame(closure)
        frame.caller = span.caller if inlined and span is not None else span
        frame.path = (*t.frame.path, "generator")
        frame.is_inlined = inlined
        t.frames.append(frame)
        try:
            assign_target(t, generator.target, item)
            return element(t, node.elt)
        finally:  # an item may end the path
            t.frames.pop()
            t.builder.span = span

    static = None if source.static_items is None else tuple(map(evaluate, source.static_items))
    return iterator(t, Sequence(source.length, lambda index: evaluate(source.item(index)), static, "generator", source.finish))


def _body(node: Generator) -> ast.Lambda:
    """The generator's own scope: its targets are local to it."""
    body = _BODIES.get(node)
    if body is None:
        names = sorted(stored_names([node.generators[0].target]))
        arguments = ast.arguments([], [ast.arg(n) for n in names], None, [], [], None, [])
        body = _BODIES[node] = ast.copy_location(ast.Lambda(arguments, node.elt), node)
    return body
