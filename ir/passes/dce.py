"""Dead code elimination."""

from __future__ import annotations

from ir.graph import Block, Edge, Graph, Value


def eliminate_dead_code(graph: Graph) -> None:
    """Remove ops and block parameters that nothing depends on which can be observed.

    Before::

        entry0:
          %0: int64 = mul n, n
          jump loop1(0, 0)
        loop1(i: int64, unused: int64):
          %1: bool = lt i, n
          branch %1, body2, exit3
        body2:
          %2: int64 = add i, 1
          %3: int64 = add unused, i
          jump loop1(%2, %3)

    After::

        entry0:
          jump loop1(0)
        loop1(i: int64):
          %0: bool = lt i, n
          branch %0, body2, exit3
        body2:
          %1: int64 = add i, 1
          jump loop1(%1)

    Liveness starts from the ops with effects and spreads to what they use; a parameter that only feeds itself
    around a loop is never reached.
    """
    live, incoming = _roots(graph)
    _spread(live, incoming)
    seen = set(live)
    for block in graph.blocks:
        block.ops = [op for op in block.ops if not op.opdef.removable or op.result in seen]
        if block is not graph.blocks[0] and any(param not in seen for param in block.params):
            _remove_params(block, seen, incoming)


def _roots(graph: Graph) -> tuple[dict[Value, None], dict[Value, tuple[int, list[Edge]]]]:
    """The operands of ops with effects; and for each block parameter its position and the edges that give it."""
    live: dict[Value, None] = {}
    edges: dict[Block, list[Edge]] = {block: [] for block in graph.blocks}
    for block in graph.blocks:
        for op in block.ops:
            if not op.opdef.removable:
                for operand in op.operands:
                    live[operand] = None
        for edge in block.ops[-1].targets:
            edges[edge.block].append(edge)
    incoming = {param: (i, edges[block]) for block in graph.blocks for i, param in enumerate(block.params)}
    return live, incoming


def _spread(live: dict[Value, None], incoming: dict[Value, tuple[int, list[Edge]]]) -> None:
    pending = list(live)
    while pending:
        value = pending.pop()
        if value.op is not None:
            needed = value.op.operands
        elif value in incoming:
            position, edges = incoming[value]
            needed = [edge.arguments[position] for edge in edges]
        else:
            continue  # a constant
        for operand in needed:
            if operand not in live:
                live[operand] = None
                pending.append(operand)


def _remove_params(block: Block, live: set[Value], incoming: dict[Value, tuple[int, list[Edge]]]) -> None:
    kept = [i for i, param in enumerate(block.params) if param in live]
    _, edges = incoming[block.params[0]]
    block.params = [block.params[i] for i in kept]
    for edge in edges:
        edge.arguments = [edge.arguments[i] for i in kept]
