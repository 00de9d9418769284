"""What a graph tells about its arrays: where lengths and strides come from, and which arrays may share memory."""

from __future__ import annotations

from collections.abc import Hashable

from ir.builder import constant
from ir.cfg import ControlFlow
from ir.graph import Block, Constant, Graph, Op, Value
from ir.ops import array, elementwise, memory
from ir.types import Array, dtype_of, int64

Place = tuple[Value, int]  # an axis of an array

_NEW = (memory.alloc, elementwise.map_, elementwise.map_raising, elementwise.reduce_)
_VIEWS = (array.subarray, array.transpose, array.relax, memory.view, memory.stretch)


def length_of(value: Value, axis: int) -> Value | Place:
    """The length of an axis as a value that is there already, else the array that must be asked for its shape."""
    while (op := value.op) is not None:
        opdef = op.opdef
        if opdef is memory.view:
            return op.operands[2 + axis]
        if opdef is memory.stretch:
            return op.operands[1 + axis]
        if opdef in _NEW:
            return op.operands[_kept_axes(op)[axis] if opdef is elementwise.reduce_ else axis]
        if not _is_plain_view(op):
            break
        value, axis = _seen_through(op, axis)
    if isinstance(value, Constant):
        return constant(value.value.shape[axis], int64)
    return value, axis


def stride_of(value: Value, axis: int) -> Value | Place:
    """As `length_of`, for the distance in bytes between neighbours on an axis."""
    while (op := value.op) is not None:
        kind: Array = value.type  # type: ignore[assignment]
        if op.opdef is memory.view and kind.layout == "A":
            return op.operands[2 + kind.ndim + axis]
        if not _is_plain_view(op):
            break
        value, axis = _seen_through(op, axis)
    return value, axis


def has_unit_stride(value: Value, axis: int) -> bool:
    """Whether neighbours on an axis are known to be neighbours in memory."""
    kind: Array = value.type  # type: ignore[assignment]
    if (kind.layout == "C" and axis == kind.ndim - 1) or (kind.layout == "F" and axis == 0):
        return True
    stride = stride_of(value, axis)
    if isinstance(stride, Constant):
        return stride.value == dtype_of(kind.dtype).itemsize
    return isinstance(stride, tuple) and stride[0] is not value and has_unit_stride(*stride)


def _is_plain_view(op: Op) -> bool:
    return op.opdef in (array.subarray, array.transpose, array.relax)


def _seen_through(op: Op, axis: int) -> Place:
    """The axis of the array that a view was made from."""
    if op.opdef is array.transpose:
        axis = op.operands[0].type.ndim - 1 - axis  # type: ignore[attr-defined]
    elif op.opdef is array.subarray:
        axis += len(op.operands) - 1
    return op.operands[0], axis


def _kept_axes(reduce: Op) -> list[int]:
    return [axis for axis in range(reduce.attributes["ndim"]) if axis not in reduce.attributes["axes"]]


def length_key(length: Value | Place) -> Hashable:
    """Equal for lengths that are known to be the same."""
    if isinstance(length, Constant):
        return length.value
    if isinstance(length, Value) and length.op is not None and length.op.opdef is array.shape:
        found = length_of(length.op.operands[0], length.op.attributes["axis"])
        return found if isinstance(found, tuple) else length_key(found)
    return length


def broadcast_lengths(broadcast: Op, axis: int) -> list[Value]:
    """The lengths that the shapes have on an axis of the result."""
    found, start = [], 0
    for rank in broadcast.attributes["ranks"]:
        position = axis - (max(broadcast.attributes["ranks"]) - rank)
        if position >= 0:
            found.append(broadcast.operands[start + position])
        start += rank
    return found


def broadcast_length(broadcast: Op, axis: int) -> Value | None:
    """The length of an axis of the shape that a `broadcast` gives, where it is a value that is there already."""
    lengths = broadcast_lengths(broadcast, axis)
    if broadcast.attributes.get("into"):
        return lengths[-1]
    longer = {key: length for length in lengths if (key := length_key(length)) != 1}
    return lengths[0] if not longer else next(iter(longer.values())) if len(longer) == 1 else None


def broadcast_fits(broadcast: Op) -> bool:
    """Whether the shapes of a `broadcast` are known to fit together."""
    into = broadcast.attributes.get("into")
    for axis in range(max(broadcast.attributes["ranks"])):
        keys = [length_key(length) for length in broadcast_lengths(broadcast, axis)]
        longer = set(keys) - {1}
        if not longer <= {keys[-1]} if into else len(longer) > 1:
            return False
    return True


def without_relaxing(value: Value) -> Value:
    """The array before ops that only promise less about it."""
    while value.op is not None and value.op.opdef is array.relax:
        value = value.op.operands[0]
    return value


def base_of(value: Value) -> Value:
    """The array whose memory a view shows, as far as the graph tells."""
    while value.op is not None and value.op.opdef in _VIEWS:
        value = value.op.operands[0]
    return value


class DefinitionOrder:
    """Which arrays of a graph are there before others, as the graph was when this was made."""

    def __init__(self, graph: Graph) -> None:
        self._flow = ControlFlow(graph)
        self._places: dict[Value, tuple[Block, int]] = {}
        for block in self._flow.blocks:
            for param in block.params:
                self._places[param] = block, -1
            for position, op in enumerate(block.ops):
                if op.result is not None and isinstance(op.result.type, Array):
                    self._places[op.result] = block, position

    def is_before(self, a: Value, b: Value) -> bool:
        """Whether `a` is certainly there when `b` is made."""
        if isinstance(a, Constant):
            return True
        if a not in self._places or b not in self._places:
            return False
        (home, position), (other_home, other_position) = self._places[a], self._places[b]
        return position < other_position if home is other_home else self._flow.dominates(home, other_home)


def may_share_memory(a: Value, b: Value, order: DefinitionOrder) -> bool:
    """Whether two arrays can have memory in common.

    New memory is neither that of other new memory nor that of an array which was there before. The latter holds in
    loops, too: where both arrays are known, the one whose definition dominates the other's is the older one.
    """
    a, b = base_of(a), base_of(b)
    if a is b:
        return True
    return not ((_is_new(a) and (_is_new(b) or order.is_before(b, a))) or (_is_new(b) and order.is_before(a, b)))


def _is_new(base: Value) -> bool:
    return base.op is not None and base.op.opdef in _NEW


def arrays_in(type: object) -> bool:
    """Whether a value of the type refers to arrays without being one."""
    return not isinstance(type, Array) and memory.holds_arrays(type)  # type: ignore[arg-type]


