"""Index spaces of ops on whole arrays: which item of each input belongs to a point, and the loops over all points."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import attrs

from ir.arrays import has_unit_stride, length_key, length_of
from ir.builder import Builder
from ir.graph import Block, Graph, Op, Value
from ir.loops import LoopBuilder, OpenLoop, integer
from ir.ops import arithmetic, array, control, elementwise, memory
from ir.types import Array, Type

SINGLE, WHOLE, UNKNOWN = "single", "whole", "unknown"  # how an axis of an input follows the axis of the space

_AXIS_NAMES = "ijklmnopq"


@attrs.frozen(eq=False, repr=False)
class Input:
    """An input of an op, and how each axis of the space leads to an index on an axis of it.

    `axes` has, for each axis of the space, SINGLE (its only item, or no axis at all), WHOLE (the same index), UNKNOWN
    (one of both, which is seen at run time).
    """

    value: Value
    axes: tuple[str, ...] = ()

    @property
    def is_array(self) -> bool:
        return isinstance(self.value.type, Array)

    @property
    def is_single(self) -> bool:
        """Whether all points take the same item."""
        return all(axis is SINGLE for axis in self.axes)

    @property
    def is_unknown(self) -> bool:
        return UNKNOWN in self.axes

    def indices(self, builder: Builder, index: Sequence[Value | None]) -> list[Value] | None:
        """Its indices at an index of the space, or None where they need one that is None."""
        first = len(self.axes) - self.value.type.ndim  # type: ignore[attr-defined]
        result: list[Value] = []
        for axis, at in list(zip(self.axes, index))[first:]:
            if axis is SINGLE:
                result.append(integer(0))
            elif at is None:
                return None
            else:
                result.append(at)
        return result


@attrs.frozen(eq=False, repr=False)
class Space:
    """The points of an op: its lengths, its inputs, the graph that is run at each point, and the order of the loops.

    `order` lists the axes from the outermost loop to the innermost. `called`: the graph is called rather than copied.
    """

    lengths: list[Value]
    inputs: list[Input]
    graph: Graph
    indexed: bool
    order: list[int]
    called: bool = False
    group: int | None = None  # of the memory accesses in the innermost loop

    @property
    def ndim(self) -> int:
        return len(self.lengths)

    def is_contiguous(self, axis: int) -> bool:
        """Whether neighbours on an axis of the space are neighbours in the memory of all arrays that have it."""
        return all(
            each.axes[axis] is SINGLE or has_unit_stride(each.value, axis - (self.ndim - each.value.type.ndim))  # type: ignore[attr-defined]
            for each in self.inputs
            if each.is_array
        )


def identity(item: Type) -> Graph:
    """A graph that returns what it takes: to fill and to copy arrays."""
    param = Value(item, "item")
    graph = Graph("identity", None, [Block("entry", [param])], item)
    Builder(graph).return_(param)
    return graph


def make_space(builder: LoopBuilder, op: Op, lengths: list[Value], inputs: Sequence[Value], order: list[int]) -> Space:
    """The space of an op with these lengths and inputs."""
    keys = [length_key(length) for length in lengths]
    found = [Input(v, _axes(builder, v, keys) if isinstance(v.type, Array) else ()) for v in inputs]
    return Space(lengths, found, op.attributes["callee"], bool(op.attributes["indexed"]), order)


def _axes(builder: LoopBuilder, value: Value, keys: Sequence[Hashable]) -> tuple[str, ...]:
    ndim: int = value.type.ndim  # type: ignore[attr-defined]
    missing = len(keys) - ndim
    own = [length_key(length_of(value, axis)) for axis in range(ndim)]
    return (SINGLE,) * missing + tuple(_axis(builder, key, wanted) for key, wanted in zip(own, keys[missing:]))


def _axis(builder: LoopBuilder, key: Hashable, wanted: Hashable) -> str:
    """Lengths were checked before: an axis that does not have the length of the space has the length 1."""
    if key == wanted:
        return WHOLE
    if isinstance(key, int):
        return SINGLE if key == 1 else WHOLE
    if wanted == 1:
        return SINGLE
    return WHOLE if builder.same_lengths(key, wanted) else UNKNOWN


def loop_order(layouts: Sequence[Array], ndim: int) -> list[int]:
    """The axes as their items lie in memory: the first axis is innermost where all arrays are of Fortran order."""
    full = [t.layout for t in layouts if t.ndim == ndim]
    axes = list(range(ndim))
    return axes[::-1] if full and set(full) == {"F"} else axes


def with_single_items(builder: LoopBuilder, space: Space) -> Space:
    """The space with inputs of which all points take the same item replaced by that item."""
    inputs = []
    for each in space.inputs:
        if each.is_array and each.is_single:
            zeros = [integer(0)] * each.value.type.ndim  # type: ignore[attr-defined]
            each = Input(builder.emit(array.load, each.value, *zeros))
        inputs.append(each)
    return attrs.evolve(space, inputs=inputs)


def flattened(builder: LoopBuilder, space: Space, results: Sequence[Value] = ()) -> tuple[Space, list[Value]]:
    """The space with one axis, if all items are side by side in the same order in all arrays; and views of the results."""
    arrays = [each for each in space.inputs if each.is_array]
    layouts = {value.type.layout for value in (*(each.value for each in arrays), *results)}  # type: ignore[attr-defined]
    whole = all(set(each.axes) == {WHOLE} for each in arrays)
    if space.ndim < 2 or space.indexed or not whole or len(layouts) > 1 or "A" in layouts:
        return space, list(results)
    total = space.lengths[0]
    for length in space.lengths[1:]:
        total = builder.emit(arithmetic.mul, total, length)
    inputs = [Input(_flat_view(builder, i.value, total), (WHOLE,)) if i.is_array else i for i in space.inputs]
    return attrs.evolve(space, lengths=[total], inputs=inputs, order=[0]), [_flat_view(builder, r, total) for r in results]


def _flat_view(builder: LoopBuilder, value: Value, total: Value) -> Value:
    kind: Array = value.type  # type: ignore[assignment]
    to = Array(kind.dtype, 1, "C", kind.readonly, kind.aligned)
    return builder.emit(memory.view, value, integer(0), total, to=to)


class Point:
    """A place in a nest of loops that is being written: the indices of the open loops, and the items loaded so far."""

    def __init__(self, builder: LoopBuilder, space: Space) -> None:
        self.builder, self.space = builder, space
        self.index: list[Value | None] = [None] * space.ndim
        self.items = [None if each.is_array else each.value for each in space.inputs]

    def at(self, axis: int, index: Value, called: bool = False) -> Point:
        """The same place with an index on one more axis; with `called`, the graph is called there rather than copied."""
        inner = Point(self.builder, attrs.evolve(self.space, called=True) if called else self.space)
        inner.index, inner.items = list(self.index), list(self.items)
        inner.index[axis] = index
        return inner

    def load(self) -> None:
        """Load the items whose indices are known; what the loops further in do not change is loaded here, once."""
        for i, each in enumerate(self.space.inputs):
            if self.items[i] is None:
                indices = each.indices(self.builder, self.index)
                if indices is not None:
                    self.items[i] = self.builder.emit(array.load, each.value, *indices, **self.marks())

    def marks(self) -> dict[str, int]:
        """The attributes of memory accesses in the innermost loop."""
        innermost = self.space.group is not None and None not in self.index
        return {"parallel": self.space.group} if innermost else {}  # type: ignore[dict-item]

    def result(self, *leading: Value) -> Value:
        """What the graph makes here."""
        self.load()
        indices = self.index if self.space.indexed else []
        arguments = [*leading, *indices, *self.items]
        if self.space.called:
            return self.builder.emit(control.call, *arguments, callee=self.space.graph)
        return self.builder.inline(self.space.graph, arguments)  # type: ignore[arg-type]


def axis_name(axis: int) -> str:
    """The name of the index on an axis."""
    return _AXIS_NAMES[axis % len(_AXIS_NAMES)]


def open_axis(builder: LoopBuilder, point: Point, axis: int, *carried: Value, names: Sequence[str] = ()) -> tuple[OpenLoop, Point]:
    """Begin the loop over one axis; and the place in it."""
    point.load()
    loop = builder.open(point.space.lengths[axis], carried, names, name=axis_name(axis))
    return loop, point.at(axis, loop.index)


def write_points(builder: LoopBuilder, space: Space, target: Value) -> None:
    """Store what the graph makes at each point into the target, an array with the lengths of the space, which shares no memory
    with the inputs: by the kernel of an elementary function, or by loops."""
    space, (target,) = flattened(builder, space, [target])
    if _is_for_kernel(space, target):
        builder.emit(elementwise.kernel, target, *(each.value for each in space.inputs), body=space.graph)
        return
    space = attrs.evolve(space, group=builder.new_group())
    point = Point(builder, space)
    loops = []
    for axis in space.order:
        loop, point = open_axis(builder, point, axis)
        loops.append(loop)
    made = point.result()
    builder.emit(array.store, target, *point.index, made, **point.marks())
    close_all(builder, loops, **closing_marks(space))


def write_new(builder: LoopBuilder, space: Space, target: Value) -> None:
    """The same for an array that was just made: where nothing is done with the items of another one, a copy needs no loop."""
    flat, (made,) = flattened(builder, space, [target])
    if flat.ndim == 1 and _copies(flat.graph) and flat.inputs[0].is_array and _have_layout([made, flat.inputs[0].value], "C"):
        builder.emit(memory.copy, made, flat.inputs[0].value)
    else:
        write_points(builder, flat, made)


def _copies(graph: Graph) -> bool:
    """Whether a graph returns the only item that it takes."""
    if graph.is_deferred or len(graph.params) != 1:
        return False
    last = graph.entry.ops[0]
    return last.opdef is control.return_ and last.operands[0] is graph.params[0]


def _have_layout(arrays: Sequence[Value], layout: str) -> bool:
    return all(v.type.layout == layout and v.type.aligned for v in arrays)  # type: ignore[attr-defined]


def _is_for_kernel(space: Space, target: Value) -> bool:
    """Whether the items are side by side, and there is code for all that is done with them."""
    arrays = [target, *(each.value for each in space.inputs)]
    return space.graph.is_deferred and all(
        isinstance(v.type, Array) and v.type.ndim == 1 and v.type.layout == "C" and v.type.aligned for v in arrays
    )  # fmt: skip


def closing_marks(space: Space) -> dict[str, object]:
    """The attributes of the jump that closes the innermost loop."""
    return {} if space.group is None else {"parallel": space.group}


def close_all(builder: LoopBuilder, loops: list[OpenLoop], **attributes: object) -> None:
    """End open loops, from the innermost on, which gets the attributes."""
    for loop in reversed(loops):
        builder.close(loop, **attributes)
        attributes = {}


def in_known_form(builder: LoopBuilder, space: Space) -> Space:
    """The space with all inputs at the lengths of the points: where only the run time tells whether one is stretched, it is asked
    there, and a copy takes the place of one that is."""
    space = with_single_items(builder, space)
    return attrs.evolve(space, inputs=[_known(builder, space, each) if each.is_unknown else each for each in space.inputs])


def _known(builder: LoopBuilder, space: Space, each: Input) -> Input:
    missing = space.ndim - each.value.type.ndim  # type: ignore[attr-defined]
    lengths = [
        builder.length(each.value, axis - missing) if each.axes[axis] is SINGLE else space.lengths[axis]
        for axis in range(missing, space.ndim)
    ]
    value = builder.emit(memory.stretch, each.value, *lengths, to=each.value.type)
    value.name = each.value.name
    return Input(value, tuple(WHOLE if axis is UNKNOWN else axis for axis in each.axes))
