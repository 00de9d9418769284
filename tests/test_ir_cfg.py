"""Control flow: orders, dominators against their definition, loops, counted loops."""

from __future__ import annotations

import random

import pytest
from graph_generator import GraphGenerator

from ir.cfg import ControlFlow, counted_loop, reverse_postorder
from ir.graph import Block, Constant, Edge, Graph, Op, Value
from ir.naming import block_names
from ir.ops import control
from ir.parser import parse
from ir.types import boolean


def graph_of_edges(targets: list[list[int]]) -> Graph:
    """A graph of empty blocks with these edges."""
    graph = Graph("f", blocks=[Block("block") for _ in targets])
    condition = Value(boolean)
    graph.entry.params.append(condition)
    for block, numbers in zip(graph.blocks, targets):
        opdef = (control.unreachable, control.jump, control.branch)[len(numbers)]
        edges = tuple(Edge(graph.blocks[n]) for n in numbers)
        block.ops.append(Op(opdef, [condition] * (len(numbers) == 2), {}, None, None, edges))
    return graph


def random_graph(seed: int) -> Graph:
    choose = random.Random(seed)
    count = choose.randint(1, 12)
    return graph_of_edges([[choose.randrange(1, count) for _ in range(choose.randint(0, 2))] if count > 1 else []
                           for _ in range(count)])  # fmt: skip


def reachable_without(graph: Graph, removed: Block | None) -> set[Block]:
    found: set[Block] = set()
    pending = [graph.entry]
    while pending:
        block = pending.pop()
        if block not in found and block is not removed:
            found.add(block)
            pending.extend(edge.block for edge in block.edges)
    return found


@pytest.mark.parametrize("seed", range(100))
def test_dominators_against_their_definition(seed: int) -> None:
    graph = random_graph(seed)
    flow = ControlFlow(graph)
    assert set(flow.blocks) == reachable_without(graph, None)
    for above in flow.blocks:
        without = reachable_without(graph, above)
        for below in flow.blocks:
            assert flow.dominates(above, below) is (below not in without)
    for block, immediate in flow.dominators.items():
        assert immediate is not block and flow.dominates(immediate, block)
        for other in flow.blocks:
            if other is not block and flow.dominates(other, block):
                assert flow.dominates(other, immediate)


@pytest.mark.parametrize("seed", range(100))
def test_order_and_predecessors(seed: int) -> None:
    graph = random_graph(seed)
    flow = ControlFlow(graph)
    assert flow.blocks == reverse_postorder(graph)
    for block in flow.blocks:
        assert flow.blocks[flow.number[block]] is block
        if block is not graph.entry:
            assert any(flow.number[above] < flow.number[block] for above, _ in flow.predecessors[block])
        for above, edge in flow.predecessors[block]:
            assert edge.block is block and edge in above.edges
    edges = [edge for block in flow.blocks for edge in block.edges]
    assert len(edges) == sum(map(len, flow.predecessors.values()))
    tree = flow.dominator_tree()
    assert sorted(flow.number[b] for below in tree.values() for b in below) == list(range(1, len(flow.blocks)))


def test_the_first_target_comes_first() -> None:
    graph = graph_of_edges([[1, 2], [3], [3], []])
    assert [graph.blocks.index(b) for b in reverse_postorder(graph)] == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(60))
def test_loops_of_structured_graphs(seed: int) -> None:
    graph = GraphGenerator(seed).make()
    flow = ControlFlow(graph)
    loops = flow.loops()
    assert len(loops) == len({edge.block for _, edge in flow.back_edges()})
    for loop in loops:
        assert all(flow.dominates(loop.header, block) for block in loop.blocks)
        assert all(any(e.block is loop.header for e in latch.edges) for latch in loop.latches)
        for block in loop.blocks - {loop.header}:
            assert all(above in loop.blocks for above, _ in flow.predecessors[block])
        around = [outer for outer in loops if outer is not loop and loop.blocks < outer.blocks]
        assert loop.parent is (min(around, key=lambda outer: len(outer.blocks)) if around else None)


LOOP = """
graph f(n: int64, m: int64) -> int64
  entry0:
    jump loop1({start}, 0)
  loop1(i: int64, j: int64):
    k: int64 = add i, 1
    more: bool = {condition}
    branch more, {targets}
  body2:
    next: int64 = {step}
    jump loop1(next, i)
  exit3:
    return i
"""


def recognized(
    start: str = "0", condition: str = "lt i, n", step: str = "add i, 1", targets: str = "body2, exit3"
) -> tuple | None:
    """The induction variable, start, stop and step that are found in the loop."""
    graph = parse(LOOP.format(start=start, condition=condition, step=step, targets=targets))
    flow = ControlFlow(graph)
    (loop,) = flow.loops()
    counted = counted_loop(flow, loop)
    if counted is None:
        return None
    text = [v.value if isinstance(v, Constant) else v.name for v in (counted.induction, counted.start, counted.stop)]
    return *text, counted.step


def test_counted_loops() -> None:
    assert recognized() == ("i", 0, "n", 1)
    assert recognized(start="m", step="add 3, i") == ("i", "m", "n", 3)
    assert recognized(condition="gt n, i") == ("i", 0, "n", 1)
    assert recognized(start="n", condition="gt i, -1", step="sub i, 1") == ("i", "n", -1, -1)
    assert recognized(start="n", condition="lt m, i", step="add i, -2") == ("i", "n", "m", -2)


def test_loops_that_are_not_counted() -> None:
    assert recognized(condition="gt i, n") is None  # counts away from its stop
    assert recognized(step="mul i, 2") is None
    assert recognized(step="add i, n") is None
    assert recognized(step="sub 1, i") is None
    assert recognized(step="add i, 0") is None
    assert recognized(step="add j, 1") is None
    assert recognized(condition="lt i, k") is None  # the stop moves along
    assert recognized(condition="lt j, i") is None
    assert recognized(condition="ne i, n") is None
    assert recognized(targets="exit3, body2") is None


def test_a_loop_with_two_entries_has_no_start() -> None:
    graph = parse(
        "graph f(c: bool, n: int64) -> int64\n  entry0:\n    branch c, loop2(1), other1\n  other1:\n    jump loop2(2)\n"
        "  loop2(i: int64):\n    %0: bool = lt i, n\n    branch %0, body3, exit4\n  body3:\n    %1: int64 = add i, 1\n"
        "    jump loop2(%1)\n  exit4:\n    return i\n"
    )
    flow = ControlFlow(graph)
    counted = counted_loop(flow, flow.loops()[0])
    assert counted is not None and counted.start is None and counted.step == 1


def test_block_names_tell_the_position() -> None:
    graph = graph_of_edges([[1], []])
    graph.blocks[1].label = "loop9"
    assert list(block_names(graph).values()) == ["block0", "loop1"]
