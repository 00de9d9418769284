"""Ops on whole arrays that only feed another one are computed inside of it, without an array between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from ir.arrays import DefinitionOrder, arrays_in, length_key, length_of, may_share_memory
from ir.graph import Block, Constant, Graph, Op, Value, constant_key
from ir.loops import LoopBuilder
from ir.opdef import Effect
from ir.ops import array, control, elementwise
from ir.types import Array, int64

_MOST_OPS = 400  # of a graph that others are put into: registers and code have an end

_CONSUMERS = (elementwise.map_, elementwise.map_raising, elementwise.assign, elementwise.reduce_)


def fuse_array_ops(graph: Graph) -> None:
    """Put the graphs of `map` ops into those of the ops that use their results.

    Before::

        %0: int64 = shape a {axis=0}
        %1: float64[::1] = map square(%0, a)
        %2: np.float64 = reduce sum(%0, 0.0:np.float64, %1) {ndim=1, axes=(0)}

        graph square(x: np.float64) -> np.float64 ...     returns mul x, x
        graph sum(s: np.float64, x: np.float64) -> np.float64 ...   returns accumulate_add s, x

    After::

        %0: int64 = shape a {axis=0}
        %1: np.float64 = reduce sum(%0, 0.0:np.float64, a) {ndim=1, axes=(0)}

        graph sum(s: np.float64, x: np.float64) -> np.float64
          entry0:
            %0: np.float64 = mul x, x
            %1: np.float64 = accumulate_add s, %0
            return %1

    Both stand in one block, or in blocks that follow each other but for exceptions; they have as many axes, the second
    one is the only one that uses the array, the array is not known to be stretched (its items would be computed again
    and again), and nothing between them may write to what the first one reads.
    """
    consumers = [op for op in graph.ops() if op.opdef in _CONSUMERS]
    if len(consumers) < 2:
        return
    fusion = _Fusion(graph)
    for chain in _chains(graph):
        if sum(op.opdef in _CONSUMERS for block in chain for op in block.ops) > 1:
            fusion.visit(chain)


def _chains(graph: Graph) -> list[list[Block]]:
    """The blocks, those together that control goes through one after the other unless it leaves with an exception."""
    entries = Counter(edge.block for block in graph.blocks for edge in block.edges)
    following: dict[Block, Block] = {}
    for block in graph.blocks:
        going_on = [edge.block for edge in block.edges if edge.block.ops[-1].opdef not in (control.raise_, control.unreachable)]
        if len(going_on) == 1 and entries[going_on[0]] == 1:
            following[block] = going_on[0]
    inner = set(following.values())
    chains = []
    for block in graph.blocks:
        if block not in inner:
            chain = [block]
            while chain[-1] in following:
                chain.append(following[chain[-1]])
            chains.append(chain)
    return chains


class _Fusion:
    """Who uses the results of the ops on whole arrays, kept up to date while ops are fused."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._order: DefinitionOrder | None = None
        self.users: dict[Value, set[Op]] = {}
        for op in graph.ops():
            for value in (*op.operands, *(a for edge in op.targets for a in edge.arguments)):
                self.users.setdefault(value, set()).add(op)

    @property
    def order(self) -> DefinitionOrder:
        """Made when it is first needed: fusing changes no order of what is left."""
        if self._order is None:
            self._order = DefinitionOrder(self.graph)
        return self._order

    def visit(self, chain: list[Block]) -> None:
        """Fuse what can be within blocks that follow each other."""
        ops = [op for block in chain for op in block.ops]
        position = {op: i for i, op in enumerate(ops)}
        writers = [op for op in ops if op.opdef.writes]
        gone: set[Op] = set()
        for op in ops:
            if op.opdef not in _CONSUMERS:
                continue
            while producers := self._producers(op, position, writers):
                fused = _Composition(op, producers)
                for producer in producers:
                    gone.add(producer)
                    for value in producer.operands:
                        self.users[value].discard(producer)
                fused.apply()
                for value in op.operands:
                    self.users.setdefault(value, set()).add(op)
        if gone:
            for block in chain:
                block.ops = [op for op in block.ops if op not in gone]

    def _producers(self, op: Op, position: dict[Op, int], writers: Sequence[Op]) -> list[Op]:
        space = _space_keys(op)
        graphs: list[Graph] = [op.attributes["callee"]]
        found: list[Op] = []
        for value in dict.fromkeys(_inputs(op)):
            producer = value.op
            if producer is None or producer.opdef is not elementwise.map_ or producer not in position:
                continue
            if self.users[value] != {op} or value in op.operands[: _leading(op)] or not _fits(producer, space):
                continue
            between = [w for w in writers if position[producer] < position[w] < position[op]]
            graphs.append(producer.attributes["callee"])
            if sum(map(_size, graphs)) <= _MOST_OPS and not any(self._disturbs(writer, producer) for writer in between):
                found.append(producer)
        return found

    def _disturbs(self, writer: Op, producer: Op) -> bool:
        """Whether a write may change what a `map` reads."""
        if writer.opdef not in (array.store, elementwise.assign) or _reads_hidden_memory(producer):
            return True
        written = writer.operands[0]
        return any(
            isinstance(value.type, Array) and may_share_memory(written, value, self.order)
            for value in _inputs(producer)
        )


def _leading(op: Op) -> int:
    """The number of operands that stand before the inputs."""
    if op.opdef is elementwise.assign:
        return 1
    if op.opdef is elementwise.reduce_:
        return op.attributes["ndim"] + 1
    return op.attributes["to"].ndim


def _inputs(op: Op) -> list[Value]:
    return op.operands[_leading(op) :]


def _space_keys(op: Op) -> list[object]:
    """What tells the lengths of an op's space apart."""
    if op.opdef is elementwise.assign:
        target = op.operands[0]
        return [length_key(length_of(target, axis)) for axis in range(target.type.ndim)]  # type: ignore[attr-defined]
    ndim = op.attributes["ndim"] if op.opdef is elementwise.reduce_ else op.attributes["to"].ndim
    return [length_key(length) for length in op.operands[:ndim]]


def _fits(producer: Op, space: list[object]) -> bool:
    """Whether each point of the space needs one item of the producer, and mostly another one."""
    lengths = _space_keys(producer)
    if len(lengths) != len(space):
        return False
    if producer.attributes["indexed"]:
        return lengths == space
    return all(length != 1 or wanted == 1 for length, wanted in zip(lengths, space))


def _size(graph: Graph) -> int:
    return sum(len(block.ops) for block in graph.blocks)


def _reads_hidden_memory(op: Op) -> bool:
    """Whether the graph of an op reads memory that is not among the op's inputs."""
    graph: Graph = op.attributes["callee"]
    if any(arrays_in(value.type) for value in _inputs(op)):
        return True
    return any(inner.effects & Effect.READS and "callee" not in inner.attributes
               for each in (graph, *graph.callees()) for inner in each.ops())  # fmt: skip


@attrs.define(eq=False, repr=False)
class _Composition:
    """One op made of a consumer and its producers. Their graphs stay as they are: others may use them."""

    op: Op
    producers: list[Op]

    def apply(self) -> None:
        """Give the consumer a graph that does the work of all, and the inputs of all."""
        op = self.op
        made = {producer.result for producer in self.producers}
        all_inputs = [v for producer in self.producers for v in _inputs(producer)]
        all_inputs += [v for v in _inputs(op) if v not in made]
        inputs = {_identity(v): v for v in all_inputs}
        indexed = any(each.attributes["indexed"] for each in (op, *self.producers))
        graph = self._copied(inputs) or self._graph(inputs, indexed)
        op.operands = [*op.operands[: _leading(op)], *inputs.values()]
        op.attributes = {**op.attributes, "callee": graph, "indexed": indexed}

    def _copied(self, inputs: dict[object, Value]) -> Graph | None:
        """The graph of the only producer, where the consumer just copies what it makes, and no one has looked into it."""
        callee: Graph = self.op.attributes["callee"]
        made: Graph = self.producers[0].attributes["callee"]
        copies = len(list(callee.ops())) == 1 and callee.entry.ops[0].operands == callee.params
        fits = len(self.producers) == 1 and made.is_deferred and len(made.params) == len(inputs)
        return made if fits and copies and self.op.opdef is elementwise.assign else None

    def _graph(self, inputs: dict[object, Value], indexed: bool) -> Graph:
        op = self.op
        callee: Graph = op.attributes["callee"]
        state = callee.params[:1] if op.opdef is elementwise.reduce_ else []
        leading = [Value(p.type, p.name) for p in state]
        index = [Value(int64) for _ in _space_keys(op)] if indexed else []
        items = {key: Value(v.type.item if isinstance(v.type, Array) else v.type) for key, v in inputs.items()}
        graph = Graph(callee.name, op.span, [Block("entry", [*leading, *index, *items.values()])], callee.result_type)
        builder = LoopBuilder(graph)

        def run(each: Op, first: list[Value], made: dict[Value, Value]) -> Value:
            builder.span = each.span
            around = [*first, *(index if each.attributes["indexed"] else [])]
            arguments = [*around, *(made[v] if v in made else items[_identity(v)] for v in _inputs(each))]
            for value, param in zip(arguments, each.attributes["callee"].params):
                if value.op is None and value.name is None:
                    value.name = param.name
            return builder.inline(each.attributes["callee"], arguments)

        made = {producer.result: run(producer, [], {}) for producer in self.producers}
        builder.return_(run(op, leading, made))  # type: ignore[arg-type]
        return graph


def _identity(value: Value) -> object:
    """Equal for inputs that are the same."""
    return constant_key(value) if isinstance(value, Constant) else value
