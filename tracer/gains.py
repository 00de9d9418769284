"""Whether machine code is worth it: the interpreter is faster on its own than it is called for each operation."""

from __future__ import annotations

from collections.abc import Sequence

from ir.cfg import ControlFlow
from ir.graph import Block, Graph, Op, Resumption
from ir.opdef import Effect
from ir.ops import aggregate, arithmetic, array, compare, control, convert, memory, python
from ir.types import Scalar

# In ops on Python's numbers that machine code saves the interpreter, of some 12 ns each: what an op on a number of NumPy's saves; what
# a call out of machine code costs more than the interpreter's own, with what it takes to make objects of numbers, and for a method in C.
_NUMPY, _CALL, _METHOD = 3, 4, 3
_COUNTER = 2  # ops for the counter of a loop, which costs the interpreter next to nothing
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


def round_gains(blocks: Sequence[Block]) -> bool:
    """Whether the blocks of a loop, and what is before it, save more in a round than they cost: ops of machine code against calls of
    the interpreter."""
    starts = headers(blocks)
    looped = set(blocks[min(starts, default=0) :])
    saved = -_COUNTER * len(starts)
    for block in blocks:
        for op in block.ops:
            if _is_whole(op):
                return True
            saved += _saving(op) if block in looped else 0
    return saved >= 0


def headers(blocks: Sequence[Block]) -> set[int]:
    """The places of the blocks that are jumped back to."""
    places = {block: place for place, block in enumerate(blocks)}
    return {places[edge.block] for place, block in enumerate(blocks) for edge in block.edges if places.get(edge.block, place + 1) <= place}


def _saving(op: Op) -> int:
    """What an op saves: one where the interpreter works on its own numbers, more where it works on NumPy's, less than nothing where the
    interpreter does it all the same."""
    if op.opdef is python.interpret:
        return -_METHOD if getattr(op.attributes["function"], "method", "") else -_CALL
    if op.effects & Effect.PYTHON:
        return -1
    if not _is_work(op):
        return 0
    values = (*op.operands, op.result) if op.result is not None else op.operands
    return _NUMPY if any(isinstance(value.type, Scalar) and not value.type.weak for value in values) else 1


def _is_whole(op: Op) -> bool:
    """Whether one op stands for a loop of its own."""
    if op.opdef is control.call:
        return op.attributes["callee"].span is None or not op.attributes["callee"].span.is_hidden or bool(headers(op.attributes["callee"].blocks))
    return "callee" in op.attributes or "symbol" in op.attributes or getattr(op.attributes.get("function"), "calls_compiled", False)


def _is_work(op: Op) -> bool:
    return op.opdef not in _CHEAP and not op.effects & Effect.PYTHON
