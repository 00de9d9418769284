"""Compiling in object mode: the plan that a function shares with its continuations, warnings, and what is not worth it."""

from __future__ import annotations

import warnings
from typing import Any

from ir.cfg import ControlFlow
from ir.graph import Graph as IRGraph
from ir.graph import Resumption
from ir.opdef import Effect
from ir.ops import aggregate, arithmetic, array, compare, control, convert, memory, python
from ir.types import Object
from tracer import errors
from tracer.compiler import Graph, compile_function
from tracer.errors import NopythonError, ObjectModeWarning
from tracer.options import Options
from tracer.resuming import ObjectMode, Plan
from tracer.segments import Segment


class NothingGained(NopythonError):
    """Machine code would do nothing but call the interpreter."""


def takes_objects(key: Any) -> bool:
    """Whether an argument is an object that compiled code does not understand."""
    positional, named = key
    return any(isinstance(kind, Object) for kind in (*positional, *(kind for _, kind in named)))


def new_plan(dispatcher: Any) -> Plan:
    """What a function in object mode and all that continues it will share."""
    plan = Plan(dispatcher.continue_with)
    plan.dispatchers.append(dispatcher)
    return plan


def compile_with_segments(dispatcher: Any, key: Any, plan: Plan, options: Options) -> Graph:
    """The compiled function, in which the interpreter does what cannot be traced.

    Raises NothingGained where nothing is left that machine code would do faster, and NopythonError where even the
    interpreter cannot do a part alone.
    """
    mode = ObjectMode(dispatcher.py_func, plan)
    graph = compile_function(dispatcher.py_func, key[0], dict(key[1]), options, object_mode=mode)
    new = plan.note([op.attributes["function"] for op in graph.ir.ops() if op.opdef in (python.interpret, python.python_call)])
    for segment in new:
        _warn(dispatcher, segment)
    if not gains(graph.ir):
        raise NothingGained(errors.Interpreted(dispatcher.__name__))
    return graph


def _warn(dispatcher: Any, segment: Segment) -> None:
    text = f"{dispatcher.__name__}, line {segment.line}: {segment} is interpreted: {segment.reason}"
    if segment.hint:
        text += f" (hint: {segment.hint})"
    warnings.warn(text, ObjectModeWarning, stacklevel=6)


_CHEAP = frozenset({
    aggregate.tuple_make, aggregate.tuple_item, arithmetic.add, arithmetic.sub, compare.lt, compare.gt, compare.le, compare.ge,
    convert.cast, control.jump, control.branch, control.raise_, control.return_, array.shape, array.check_index, memory.view,
    python.box, python.unbox, python.same_object, python.object_truth,
})  # fmt: skip


def gains(graph: IRGraph) -> bool:
    """Whether machine code is worth it: a loop computes something, or there is an op on whole arrays, a call of a compiled
    function, or an end where types will be known."""
    flow = ControlFlow(graph)
    looped = {block for loop in flow.loops() for block in loop.blocks}
    for block in graph.blocks:
        for op in block.ops:
            if "callee" in op.attributes or isinstance(op.attributes.get("exception"), Resumption):
                return True
            if block in looped and op.opdef not in _CHEAP and not op.effects & Effect.PYTHON:
                return True
    return False
