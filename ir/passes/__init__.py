"""The pipeline: which passes run, in which order. A pass takes a graph and changes it in place.

Those that have nothing to do in plain arithmetic are loaded with the first graph that may need them, because loading the
compiler is most of a program's first compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ir.graph import Graph
from ir.on_demand import OnDemand
from ir.opdef import Expanded
from ir.passes.cse import eliminate_common_subexpressions
from ir.passes.dce import eliminate_dead_code
from ir.passes.fold import fold
from ir.passes.select_values import select_values
from ir.passes.simplify_cfg import simplify_control_flow
from ir.passes.thread_jumps import thread_jumps
from ir.types import NoneType, Optional, Scalar, Tuple, Type

verification = OnDemand("ir.verify")

Pass = Callable[[Graph], None]


class _LatePass:
    """The pass of this name, imported for the first graph that concerns it; up to then, graphs stay as they are."""

    def __init__(self, module: OnDemand, name: str, concerns: Callable[[Graph], bool]) -> None:
        self.__name__ = name
        self._module = module
        self._concerns = concerns
        self._loaded: Any = None

    def __call__(self, graph: Graph) -> None:
        if self._loaded is None:
            if not self._concerns(graph):
                return
            self._loaded = getattr(self._module, self.__name__)
        self._loaded(graph)


class _Where:
    """A pass for those graphs only that it concerns at this place of the pipeline."""

    def __init__(self, transform: Pass, concerns: Callable[[Graph], bool]) -> None:
        self.__name__ = transform.__name__
        self._transform = transform
        self._concerns = concerns

    def __call__(self, graph: Graph) -> None:
        if self._concerns(graph):
            self._transform(graph)


def _branches(graph: Graph) -> bool:
    return len(graph.blocks) > 1


def _branches_or_fails(graph: Graph) -> bool:
    return len(graph.blocks) > 1 or any(op.opdef.can_fail for op in graph.ops())


def _has_more_than_numbers(graph: Graph) -> bool:
    values = (v for op in graph.ops() for v in (*op.operands, op.result) if v is not None)
    return not all(_is_number(value.type) for value in values)


def _has_array_ops(graph: Graph) -> bool:
    return any(isinstance(op.opdef.lowering, Expanded) for op in graph.ops())


def _is_number(type: Type) -> bool:
    """Whether values are numbers, or tuples of them: of anything else, arrays may be a part."""
    if isinstance(type, Tuple):
        return all(map(_is_number, type))
    return isinstance(type.value if isinstance(type, Optional) else type, Scalar | NoneType)


eliminate_bounds_checks = _LatePass(OnDemand("ir.passes.bounds"), "eliminate_bounds_checks", _branches_or_fails)
hoist_index_checks = _LatePass(OnDemand("ir.passes.hoist"), "hoist_index_checks", _branches_or_fails)
split_checked_loops = _LatePass(OnDemand("ir.passes.split"), "split_checked_loops", _branches_or_fails)
fuse_array_ops = _LatePass(OnDemand("ir.passes.fuse"), "fuse_array_ops", _has_array_ops)
share_reductions = _LatePass(OnDemand("ir.passes.share"), "share_reductions", _has_array_ops)
expand_array_ops = _LatePass(OnDemand("ir.passes.expand"), "expand_array_ops", _has_array_ops)
insert_polls = _LatePass(OnDemand("ir.passes.polls"), "insert_polls", _branches)
manage_lifetimes = _LatePass(OnDemand("ir.passes.lifetimes"), "manage_lifetimes", _has_more_than_numbers)

# The first three make long blocks with few parameters, in which expressions are common and conditions known; the
# next three use what was learned about conditions, so that the most is known about indices; what the decided
# comparisons and the removed checks leave behind is cleared away at the end. Lengths that are the same value save loops
# for arrays that might be stretched: so common subexpressions are looked for again before there are loops.
PIPELINE: tuple[Pass, ...] = (
    fold,
    simplify_control_flow,
    eliminate_common_subexpressions,
    fold,
    thread_jumps,
    simplify_control_flow,
    eliminate_bounds_checks,
    hoist_index_checks,
    split_checked_loops,
    fold,
    _Where(eliminate_common_subexpressions, _has_array_ops),
    eliminate_dead_code,
    fuse_array_ops,
    share_reductions,
    expand_array_ops,
    select_values,
    fold,
    eliminate_dead_code,
    simplify_control_flow,
    insert_polls,
    manage_lifetimes,
)


def optimize(
    graph: Graph, verify: bool = False, observer: Callable[[str, Graph], None] | None = None, interruptible: bool = True
) -> Graph:
    """Run the pipeline on a graph and on all graphs that it calls, in place; returns the graph.

    Args:
        verify: check the rules of the IR before, between and after the passes (VerificationError).
        observer: is called with the name of each pass and the graph that it has just changed.
        interruptible: signals are handled in loops that may take long.
    """
    if verify:
        verification.verify(graph)
    pipeline = PIPELINE if interruptible else tuple(each for each in PIPELINE if each is not insert_polls)
    done: set[Graph] = set()
    pending = [graph]
    while pending:
        each = pending.pop()
        done.add(each)
        for transform in pipeline:
            transform(each)
            if verify:
                verification.verify(each)
            if observer is not None:
                observer(transform.__name__, each)
        # Only now: the graphs of ops on whole arrays were copied into loops, and most are not called any more.
        pending += [g for g in each.callees() if g not in done and g not in pending]
    return graph
