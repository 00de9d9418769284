"""Whether machine code is worth it: the interpreter is faster on its own than it is called for each operation."""

from __future__ import annotations

from collections.abc import Iterable

from ir.cfg import ControlFlow
from ir.graph import Block, Graph, Op, Resumption
from ir.opdef import Effect
from ir.ops import aggregate, arithmetic, array, compare, control, convert, memory, python

_SEGMENT = 3  # what calling the interpreter costs more than staying in it, in ops that machine code saves it
_CHEAP = frozenset({
    aggregate.tuple_make, aggregate.tuple_item, control.jump, control.branch, control.raise_, control.return_, control.unreachable,
    array.shape, array.check_index, memory.view, python.box, python.unbox, python.same_object, convert.cast,
})  # fmt: skip
_COUNTING = frozenset({arithmetic.add, arithmetic.sub, compare.lt, compare.gt, compare.le, compare.ge})


def gains(graph: Graph) -> bool:
    """Whether machine code for the graph is worth it: a loop computes something, or there is an op on whole arrays, a call
    of a compiled function, a declared type, or an end where types will be known."""
    flow = ControlFlow(graph)
    looped = {block for loop in flow.loops() for block in loop.blocks}
    for block in graph.blocks:
        for op in block.ops:
            if _is_whole(op) or op.opdef is python.unbox_like or isinstance(op.attributes.get("exception"), Resumption):
                return True
            if block in looped and _is_work(op) and op.opdef not in _COUNTING:
                return True
    return False


def round_gains(blocks: Iterable[Block]) -> bool:
    """Whether the blocks of a loop save more than they cost: ops of machine code against calls of the interpreter."""
    saved = 0
    for block in blocks:
        for op in block.ops:
            if _is_whole(op):
                return True
            saved += -_SEGMENT if op.effects & Effect.PYTHON else 1 if _is_work(op) else 0
    return saved > 0


def _is_whole(op: Op) -> bool:
    """Whether one op stands for a loop of its own."""
    return "callee" in op.attributes or "symbol" in op.attributes or getattr(op.attributes.get("function"), "calls_compiled", False)


def _is_work(op: Op) -> bool:
    return op.opdef not in _CHEAP and not op.effects & Effect.PYTHON
