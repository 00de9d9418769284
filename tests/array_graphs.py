"""Random graphs of ops on whole arrays, for tests: chains of maps, assignments and reductions over views."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ir import types
from ir.builder import Builder, constant
from ir.graph import Block, Edge, Graph, Value
from ir.opdef import OpDef
from ir.ops import aggregate, arithmetic, array, compare, convert, elementwise, memory
from ir.parser import parse
from ir.types import Array, Type
from ir.verify import verify

_ITEM = types.np_float64
_C, _F, _ANY = types.float64[:, ::1], types.float64[::1, :], types.float64[:, :]
# `a`, `b` and `d` have the same shape, of which `u` may lack what is stretched; `row` has the length of a row, or 1.
PARAMS: tuple[tuple[str, Type], ...] = (
    ("a", _C), ("b", _ANY), ("d", _F), ("u", _C), ("row", types.float64[:]), ("z", types.float64[()]), ("x", types.np_float64),
)  # fmt: skip


def only_numbers(inputs: list[Value]) -> list[Value]:
    """The inputs that have the same item at all points."""
    return [v for v in inputs if not isinstance(v.type, Array) or v.type.ndim == 0]


class ArrayGraphGenerator:
    """Makes one graph from a seed. All numbers in it stay whole and small, so that sums do not depend on their order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        params = [Value(t, name) for name, t in PARAMS]
        self.result = types.Tuple((_ITEM, _C))
        self.graph = Graph(f"random{seed}", blocks=[Block("entry", params)], result_type=self.result)
        self.builder = Builder(self.graph)
        a, b, d, u, row, z, x = params
        self.n, self.m = (self.emit(array.shape, a, axis=axis) for axis in (0, 1))
        self.planes, self.inputs = [a, b, d], [a, b, d, u, row, z, x]
        self.writeable = [a, b]

    def make(self, statements: int = 7) -> Graph:
        """The graph. It returns a number and an array."""
        kinds = [self.map, self.map, self.chain, self.chain, self.chain, self.assign, self.fold, self.fold_axis, self.look, self.store]
        for _ in range(statements):
            self.random.choice(kinds)()
        inputs = [*self.random.sample(self.inputs, 2), self.planes[-1]]
        total = self.emit(
            elementwise.reduce_, self.n, self.m, constant(0.0, _ITEM), *inputs, to=_ITEM, ndim=2, axes=(0, 1), indexed=False,
            compensated=True, callee=self.body(inputs, state=True),
        )  # fmt: skip
        made = self.emit(elementwise.map_, self.n, self.m, *inputs, to=_C, callee=self.body(inputs), indexed=False)
        self.builder.return_(self.emit(aggregate.tuple_make, total, made, to=self.result))
        return self.graph

    def emit(self, opdef: OpDef, *operands: Value, **attributes: object) -> Value:
        return self.builder.emit(opdef, *operands, **attributes)

    def chosen(self) -> list[Value]:
        return [self.random.choice([*self.inputs, *self.planes[-2:]]) for _ in range(self.random.randint(0, 3))]

    # --- graphs for the points

    def body(self, inputs: list[Value], state: bool = False, indices: int = 0) -> Graph:
        """A graph that takes these inputs, and makes a number that is not much larger than they are."""
        leading = [Value(_ITEM, "state")] * state
        index = [Value(types.int64) for _ in range(indices)]
        items = [Value(v.type.item if isinstance(v.type, Array) else v.type) for v in inputs]
        graph = Graph("body", blocks=[Block("entry", [*leading, *index, *items])], result_type=_ITEM)
        builder = Builder(graph)
        numbers = [*items, *(builder.emit(convert.cast, i, to=_ITEM) for i in index)]
        number = numbers[0] if numbers else constant(float(self.random.randint(-2, 2)), _ITEM)
        for other in numbers[1:]:
            number = builder.emit(self.random.choice((arithmetic.add, arithmetic.sub)), number, other)
        if self.random.random() < 0.3:
            number = self.smaller(builder, number)
        number = self.bounded(builder, number)
        builder.return_(builder.emit(arithmetic.accumulate_add, leading[0], number) if state else number)
        return graph

    def smaller(self, builder: Builder, number: Value) -> Value:
        """With branches, so that the graph has several blocks."""
        then, otherwise, join = Block("then"), Block("else"), Block("join", [Value(_ITEM)])
        builder.branch(builder.emit(compare.lt, number, constant(1.0, _ITEM)), Edge(then), Edge(otherwise))
        builder.start(then)
        builder.jump(join, builder.emit(arithmetic.neg, number))
        builder.start(otherwise)
        builder.jump(join, constant(2.0, _ITEM))
        builder.start(join)
        return join.params[0]

    def bounded(self, builder: Builder, number: Value) -> Value:
        """The number, or 3 where it is large, so that chains of sums stay exact."""
        size = builder.emit(arithmetic.mul, number, number)
        return builder.emit(compare.select, builder.emit(compare.lt, size, constant(1e6, _ITEM)), number, constant(3.0, _ITEM))

    # --- statements

    def map(self, more: Sequence[Value] = ()) -> None:
        inputs = [*self.chosen(), *more]
        kind = self.random.choice((_C, _C, _F))
        indices = 2 * (self.random.random() < 0.2)
        lengths = self.lengths()
        if self.random.random() < 0.2:  # a column: one item in each row
            inputs = only_numbers(inputs)
            made = self.emit(elementwise.map_, lengths[0], constant(1, types.int64), *inputs, to=kind, indexed=bool(indices),
                             callee=self.body(inputs, indices=indices))  # fmt: skip
            self.inputs.append(made)
            return
        made = self.emit(elementwise.map_, *lengths, *inputs, to=kind, indexed=bool(indices), callee=self.body(inputs, indices=indices))
        self.planes.append(made)
        self.inputs.append(made)
        self.writeable.append(made)

    def chain(self) -> None:
        """Maps of which each is used once, by the next one or by another op, some with an assignment between them."""
        made: list[Value] = []
        for _ in range(self.random.randint(1, 3)):
            lengths, kind = self.lengths(), self.random.choice((_C, _C, _F))
            inputs = [*self.chosen(), *made]
            if not made and self.random.random() < 0.3:
                lengths, inputs = [lengths[0], constant(1, types.int64)], only_numbers(inputs)
            indices = 2 * (self.random.random() < 0.2)
            made = [self.emit(elementwise.map_, *lengths, *inputs, to=kind, indexed=bool(indices), callee=self.body(inputs, indices=indices))]
            if self.random.random() < 0.3:
                self.assign()
        self.random.choice((self.map, self.assign, self.fold, self.fold_axis))(made)

    def lengths(self) -> list[Value]:
        """The shape of the planes: as it is known, asked of another array, or what a broadcast gives."""
        way = self.random.random()
        if way < 0.4:
            return [self.n, self.m]
        plane = self.random.choice(self.planes)
        shape = [self.emit(array.shape, plane, axis=axis) for axis in (0, 1)]
        if way < 0.7:
            return shape
        made = self.emit(memory.broadcast, self.n, self.m, *shape, ranks=(2, 2), into=False)
        return [self.emit(aggregate.tuple_item, made, index=axis) for axis in (0, 1)]

    def assign(self, more: Sequence[Value] = ()) -> None:
        target = self.random.choice(self.writeable)
        inputs = [*self.chosen(), *more, *[target] * self.random.randint(0, 1)]
        self.emit(elementwise.assign, target, *inputs, callee=self.body(inputs), indexed=False)

    def fold(self, more: Sequence[Value] = ()) -> None:
        inputs = [*self.chosen(), *more]
        self.inputs.append(
            self.emit(elementwise.reduce_, self.n, self.m, constant(1.0, _ITEM), *inputs, to=_ITEM, ndim=2, axes=(0, 1),
                      indexed=False, compensated=False, callee=self.body(inputs, state=True))
        )  # fmt: skip

    def fold_axis(self, more: Sequence[Value] = ()) -> None:
        inputs = [*self.chosen(), *more, self.random.choice(self.planes)]
        axis = self.random.choice((0, 1))
        made = self.emit(
            elementwise.reduce_, self.n, self.m, constant(0.0, _ITEM), *inputs, to=types.float64[::1], ndim=2, axes=(axis,),
            indexed=False, compensated=self.random.random() < 0.5, callee=self.body(inputs, state=True),
        )  # fmt: skip
        if axis == 0:
            self.inputs.append(made)
            return
        zero, one, stride = (constant(i, types.int64) for i in (0, 1, 8))
        column = self.emit(memory.view, made, zero, self.n, one, stride, stride, to=_ANY)
        self.inputs.append(column)

    def look(self) -> None:
        """A view that shows the items of a plane turned round, or the transpose of a transpose."""
        plane = self.random.choice(self.planes)
        if self.random.random() < 0.3:
            turned = self.emit(array.transpose, self.emit(array.transpose, plane))
        else:
            turned = self.reversed(plane)
        self.planes.append(turned)
        self.inputs.append(turned)
        if plane in self.writeable:
            self.writeable.append(turned)

    def reversed(self, plane: Value) -> Value:
        zero, one = constant(0, types.int64), constant(1, types.int64)
        offset, strides = zero, []
        for axis, length in enumerate((self.n, self.m)):
            stride = self.emit(array.stride, plane, axis=axis)
            if self.random.random() < 0.7:
                last = self.emit(arithmetic.maximum, self.emit(arithmetic.sub, length, one), zero)
                offset = self.emit(arithmetic.add, offset, self.emit(arithmetic.mul, last, stride))
                stride = self.emit(arithmetic.neg, stride)
            strides.append(stride)
        return self.emit(memory.view, plane, offset, self.n, self.m, *strides, to=_ANY)

    def store(self) -> None:
        """One item of a new array, where there is one: in a block of its own, with another one behind it."""
        made = self.emit(memory.alloc, self.n, self.m, to=_C, zero=True)
        self.planes.append(made)
        self.inputs.append(made)
        self.writeable.append(made)
        there, after = Block("there"), Block("after")
        some = self.emit(compare.lt, constant(0, types.int64), self.emit(arithmetic.mul, self.n, self.m))
        self.builder.branch(some, Edge(there), Edge(after))
        self.builder.start(there)
        target = self.random.choice(self.writeable)
        self.emit(array.store, target, constant(0, types.int64), constant(0, types.int64), constant(2.0, _ITEM))
        self.builder.jump(after)
        self.builder.start(after)


# --- graphs from text

BODIES = """
graph double(x: np.float64) -> np.float64
  entry0:
    y: np.float64 = add x, x
    return y

graph add(x: np.float64, y: np.float64) -> np.float64
  entry0:
    z: np.float64 = add x, y
    return z

graph sum(s: np.float64, x: np.float64) -> np.float64
  entry0:
    t: np.float64 = accumulate_add s, x
    return t
"""


def graph_of(signature: str, *lines: str, bodies: str = BODIES) -> Graph:
    """A graph of one block, which may use the graphs of `bodies`."""
    text = f"graph f{signature}\n  entry0:\n" + "".join(f"    {line}\n" for line in lines)
    graph = parse(text + bodies)
    verify(graph)
    return graph


NORM = (
    "(a: float64[::1], b: float64[::1]) -> np.float64",
    "n: int64 = shape a {axis=0}",
    "x: float64[::1] = map double(n, a)", "m: int64 = shape x {axis=0}", "k: int64 = shape b {axis=0}",
    "%0: (int64,) = broadcast m, k {ranks=(1, 1)}", "%1: int64 = item %0 {index=0}",
    "y: float64[::1] = map add(%1, x, b)", "z: float64[::1] = map double(%1, y)",
    "s: np.float64 = reduce sum(%1, 0.0:np.float64, z) {ndim=1, axes=(0), compensated=true}", "return s",
)  # fmt: skip


def names(graph: Graph) -> list[str]:
    return [op.name for op in graph.ops()]
