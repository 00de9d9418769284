"""Control-flow simplification."""

from __future__ import annotations

from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Edge, Graph, Value, same_constant
from ir.ops import aggregate, control
from ir.rewriting import equal_edges, redirect, remove_unreachable, substitute, used_outside


def simplify_control_flow(graph: Graph) -> None:
    """Merge blocks that always run one after the other, skip empty ones, and drop parameters that carry nothing.

    Before::

        entry0:
          branch c, then1, else2
        then1:
          jump join3(x)
        else2:
          jump join3(x)
        join3(y: int64):
          jump last4(y)
        last4(z: int64):
          return z

    After::

        entry0:
          return x

    A parameter is replaced when all edges give it the same value, not counting itself and undefined values. An
    empty block is not skipped on the way to a loop header, so that a loop keeps its one entry, nor where both
    edges of a branch would lead to one block with different arguments.
    """
    remove_unreachable(graph)
    while True:
        flow = ControlFlow(graph)
        _replace_params(graph, flow)
        changed = _join_equal_targets(flow)
        changed |= _merge(graph, flow)
        changed |= _skip_empty(graph, ControlFlow(graph) if changed else flow)
        if not changed:
            return
        remove_unreachable(graph)


def _replace_params(graph: Graph, flow: ControlFlow) -> None:
    replaced: dict[Value, Value] = {}
    changed = True
    while changed:
        changed = False
        for block in flow.blocks[1:]:
            if block.params:
                changed |= _replace_params_of(block, flow, replaced)
    substitute(graph, replaced)


def _replace_params_of(block: Block, flow: ControlFlow, replaced: dict[Value, Value]) -> bool:
    edges = [edge for _, edge in flow.predecessors[block]]
    dropped: list[int] = []
    for i, param in enumerate(block.params):
        same = _same_value([_resolve(edge.arguments[i], replaced) for edge in edges], param, block, flow)
        if same is not None:
            replaced[param] = same
            dropped.append(i)
            if same.name is None:
                same.name = param.name
    for i in reversed(dropped):
        del block.params[i]
        for edge in edges:
            del edge.arguments[i]
    return bool(dropped)


def _resolve(value: Value, replaced: dict[Value, Value]) -> Value:
    while value in replaced:
        value = replaced[value]
    return value


def _same_value(arguments: list[Value], param: Value, block: Block, flow: ControlFlow) -> Value | None:
    """The one value that all arguments are, or None. `undefined` is as good as any value that is at hand."""
    same: Value | None = None
    undefined: Value | None = None
    for argument in arguments:
        if argument is param or argument is same:
            continue
        if argument.op is not None and argument.op.opdef is aggregate.undefined:
            undefined = argument
        elif same is None:
            same = argument
        elif not same_constant(argument, same):
            return None
    if undefined is not None and same is not None and not _available(same, block, flow):
        return None
    return same if same is not None else _undefined_at(undefined, block, flow)


def _undefined_at(undefined: Value | None, block: Block, flow: ControlFlow) -> Value | None:
    return undefined if undefined is not None and _available(undefined, block, flow) else None


def _available(value: Value, block: Block, flow: ControlFlow) -> bool:
    """Whether the value is defined on every path to the start of the block."""
    if isinstance(value, Constant):
        return True
    above: Block | None = flow.dominators.get(block)
    while above is not None:
        if value in above.params or (value.op is not None and value.op in above.ops):
            return True
        above = flow.dominators.get(above)
    return False


def _join_equal_targets(flow: ControlFlow) -> bool:
    """Turn branches whose edges are equal into jumps."""
    changed = False
    for block in flow.blocks:
        terminator = block.ops[-1]
        if len(terminator.targets) == 2 and equal_edges(*terminator.targets):
            terminator.opdef, terminator.operands = control.jump, []
            terminator.targets = terminator.targets[:1]
            changed = True
    return changed


def _merge(graph: Graph, flow: ControlFlow) -> bool:
    """Append blocks to their only predecessor where that one has no other successor."""
    merged_into: dict[Block, Block] = {}
    replaced: dict[Value, Value] = {}
    for block in flow.blocks[1:]:
        predecessors = flow.predecessors[block]
        if len(predecessors) != 1 or len(predecessors[0][0].ops[-1].targets) != 1:
            continue
        above, edge = predecessors[0]
        above = merged_into.get(above, above)
        above.ops[-1:] = block.ops
        replaced.update(zip(block.params, edge.arguments))
        merged_into[block] = above
    if not merged_into:
        return False
    graph.blocks = [block for block in graph.blocks if block not in merged_into]
    substitute(graph, replaced)
    return True


def _skip_empty(graph: Graph, flow: ControlFlow) -> bool:
    """Lead the edges to a block that only jumps on to where it jumps."""
    candidates = [b for b in graph.blocks[1:] if len(b.ops) == 1 and b.ops[0].opdef is control.jump]
    if not candidates:
        return False
    headers = {edge.block for _, edge in flow.back_edges()}
    used = used_outside(graph, {param: block for block in candidates for param in block.params})
    changed = False
    for block in candidates:
        onward = block.ops[0].targets[0]
        if onward.block in headers or onward.block is block or not used.isdisjoint(block.params):
            continue
        for above, edge in flow.predecessors.get(block, ()):
            passed = dict(zip(block.params, edge.arguments))
            arguments = [passed.get(a, a) for a in onward.arguments]
            changed |= redirect(above, edge, Edge(onward.block, arguments))
    return changed
