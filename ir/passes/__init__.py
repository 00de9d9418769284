"""The pipeline: which passes run, in which order. A pass takes a graph and changes it in place."""

from __future__ import annotations

from collections.abc import Callable

from ir.graph import Graph
from ir.passes.bounds import eliminate_bounds_checks
from ir.passes.cse import eliminate_common_subexpressions
from ir.passes.dce import eliminate_dead_code
from ir.passes.fold import fold
from ir.passes.simplify_cfg import simplify_control_flow
from ir.verify import verify as verify_graph

Pass = Callable[[Graph], None]

# Folding makes branches constant and values equal, simplification of the control flow makes long blocks and takes
# away parameters, so that more expressions are common and more is known about indices. What the removed checks
# needed, and was left without use before, goes at the end.
PIPELINE: tuple[Pass, ...] = (
    fold,
    simplify_control_flow,
    eliminate_common_subexpressions,
    eliminate_bounds_checks,
    fold,
    eliminate_dead_code,
    simplify_control_flow,
)


def optimize(graph: Graph, verify: bool = False, observer: Callable[[str, Graph], None] | None = None) -> Graph:
    """Run the pipeline on a graph and on all graphs that it calls, in place; returns the graph.

    Args:
        verify: check the rules of the IR before, between and after the passes (VerificationError).
        observer: is called with the name of each pass and the graph that it has just changed.
    """
    graphs = dict.fromkeys([graph, *graph.callees()])
    if verify:
        verify_graph(graph)
    for each in graphs:
        for transform in PIPELINE:
            transform(each)
            if verify:
                verify_graph(each)
            if observer is not None:
                observer(transform.__name__, each)
    return graph
