"""The pipeline: which passes run, in which order. A pass takes a graph and changes it in place."""

from __future__ import annotations

from collections.abc import Callable

from ir.graph import Graph
from ir.on_demand import OnDemand
from ir.passes.bounds import eliminate_bounds_checks
from ir.passes.cse import eliminate_common_subexpressions
from ir.passes.dce import eliminate_dead_code
from ir.passes.expand import expand_array_ops
from ir.passes.fold import fold
from ir.passes.fuse import fuse_array_ops
from ir.passes.hoist import hoist_index_checks
from ir.passes.lifetimes import manage_lifetimes
from ir.passes.simplify_cfg import simplify_control_flow
from ir.passes.split import split_checked_loops
from ir.passes.thread_jumps import thread_jumps

verification = OnDemand("ir.verify")

Pass = Callable[[Graph], None]

# The first three make long blocks with few parameters, in which expressions are common and conditions known; the
# next three use what was learned about conditions, so that the most is known about indices; what the decided
# comparisons and the removed checks leave behind is cleared away at the end.
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
    eliminate_dead_code,
    fuse_array_ops,
    expand_array_ops,
    fold,
    eliminate_dead_code,
    simplify_control_flow,
    manage_lifetimes,
)


def optimize(graph: Graph, verify: bool = False, observer: Callable[[str, Graph], None] | None = None) -> Graph:
    """Run the pipeline on a graph and on all graphs that it calls, in place; returns the graph.

    Args:
        verify: check the rules of the IR before, between and after the passes (VerificationError).
        observer: is called with the name of each pass and the graph that it has just changed.
    """
    if verify:
        verification.verify(graph)
    done: set[Graph] = set()
    pending = [graph]
    while pending:
        each = pending.pop()
        done.add(each)
        for transform in PIPELINE:
            transform(each)
            if verify:
                verification.verify(each)
            if observer is not None:
                observer(transform.__name__, each)
        # Only now: the graphs of ops on whole arrays were copied into loops, and most are not called any more.
        pending += [g for g in each.callees() if g not in done and g not in pending]
    return graph
