"""Loops for reductions: plain ones, sums that keep track of their rounding errors, and those in the result's memory.

The sum of rounding errors is that of T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot product", SIAM J. Sci.
Comput. 26, 2005 (algorithm Sum2), on the sums of short blocks, with D. E. Knuth's two_sum (TAOCP 2, 4.2.2, theorem B).
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ir.builder import constant
from ir.graph import Op, Value
from ir.loops import LoopBuilder, integer
from ir.opdef import LibraryCall
from ir.ops import aggregate, arithmetic, array, compare, memory
from ir.spaces import (
    Input, Point, Space, close_all, closing_marks, flattened, identity, in_known_form, loop_order, make_space, open_axis,
    write_points,
)  # fmt: skip
from ir.types import Array, Complex, Type

# Items that are added up without compensation, in an order that suits the machine's vectors. Where they do not lie side
# by side there are no vectors, and the items are added one after the other: a short block keeps the error below that of
# NumPy's pairwise sums.
VECTOR_BLOCK, SCALAR_BLOCK = 64, 8
LARGE_GRAPH = 40  # ops


def write_reduction(builder: LoopBuilder, op: Op) -> Value | None:
    """Write the loops of a `reduce`; the result, if it is a number. An array is made as the op's own result."""
    ndim, axes = op.attributes["ndim"], op.attributes["axes"]
    lengths, initial, inputs = op.operands[:ndim], op.operands[ndim], op.operands[ndim + 1 :]
    space = make_space(builder, op, lengths, inputs, loop_order([v.type for v in inputs if isinstance(v.type, Array)], ndim))
    compensated = bool(op.attributes["compensated"])
    if len(axes) == ndim:
        return _fold_all(builder, in_known_form(builder, space), initial, compensated)
    result: Value = op.result  # type: ignore[assignment]
    kept = [axis for axis in range(ndim) if axis not in axes]
    builder.emit_as(result, memory.alloc, *(lengths[axis] for axis in kept), to=result.type, zero=False)
    target = _Target(result, kept, initial, compensated)
    if space.order[-1] in kept:
        _fill(builder, [lengths[axis] for axis in kept], initial, result)
        _fold_in_memory(builder, in_known_form(builder, space), target)
    else:
        _fold_each(builder, in_known_form(builder, space), target)
    return None


@attrs.frozen(eq=False, repr=False)
class _Target:
    """An array of states over the axes that are kept."""

    array: Value
    kept: list[int]
    initial: Value
    compensated: bool

    def indices(self, point: Point) -> list[Value]:
        """Where in the array the state of a point is."""
        return [point.index[axis] for axis in self.kept]  # type: ignore[misc]


def _fill(builder: LoopBuilder, lengths: list[Value], item: Value, target: Value) -> None:
    order = loop_order([target.type], len(lengths))  # type: ignore[list-item]
    write_points(builder, Space(lengths, [Input(item)], identity(item.type), False, order), target)


def _fold_all(builder: LoopBuilder, space: Space, initial: Value, compensated: bool) -> Value:
    space, _ = flattened(builder, space)
    return _fold(builder, Point(builder, space), space.order, initial, compensated)


def _fold(
    builder: LoopBuilder, point: Point, axes: Sequence[int], initial: Value, compensated: bool, many: bool = False
) -> Value:  # fmt: skip
    """The state after all points along the axes, in loops from the first axis to the last, which is innermost.

    `many`: this is done again and again, perhaps along short axes."""
    if compensated and axes:
        return _fold_sum(builder, point, axes, initial, many)
    loops, state = [], initial
    for axis in axes:
        loop, point = open_axis(builder, point, axis, state, names=["state"])
        (state,) = loop.carried
        loops.append(loop)
    state = point.result(state)
    for loop in reversed(loops):
        (state,) = builder.close(loop, [state], **closing_marks(point.space))
    return state


def _fold_each(builder: LoopBuilder, space: Space, target: _Target) -> None:
    """Loops over the kept axes, in them the loops over the others."""
    point, loops = Point(builder, space), []
    for axis in space.order:
        if axis in target.kept:
            loop, point = open_axis(builder, point, axis)
            loops.append(loop)
    reduced = [axis for axis in space.order if axis not in target.kept]
    state = _fold(builder, point, reduced, target.initial, target.compensated, many=True)
    builder.emit(array.store, target.array, *target.indices(point), state)
    close_all(builder, loops, **closing_marks(space))


def _fold_in_memory(builder: LoopBuilder, space: Space, target: _Target) -> None:
    """Loops in the order of the memory, with the states in the result: the innermost axis is kept."""
    space = attrs.evolve(space, group=builder.new_group())
    point, loops = Point(builder, space), []
    for axis in space.order:
        loop, point = open_axis(builder, point, axis)
        loops.append(loop)
    place = target.indices(point)
    state = builder.emit(array.load, target.array, *place, **point.marks())
    builder.emit(array.store, target.array, *place, point.result(state), **point.marks())
    close_all(builder, loops, **closing_marks(space))


# --- sums with their errors


def _fold_sum(builder: LoopBuilder, point: Point, axes: Sequence[int], initial: Value, many: bool) -> Value:
    """The sum is carried with its rounding error: for complex numbers, both parts with theirs."""
    parts = _parts(builder, initial)
    carried = [*parts, *(constant(0.0, p.type) for p in parts)]
    loops = []
    for axis in axes[:-1]:
        loop, point = open_axis(builder, point, axis, *carried, names=_names(carried))
        carried = loop.carried
        loops.append(loop)
    carried = _sum_line(builder, point, axes[-1], carried, many or len(axes) > 1)
    for loop in reversed(loops):
        carried = builder.close(loop, carried, **closing_marks(point.space))
    half = len(carried) // 2
    sums = [_with_error(builder, total, error) for total, error in zip(carried[:half], carried[half:])]
    return sums[0] if half == 1 else builder.emit(aggregate.complex_make, *sums)


def _names(carried: Sequence[Value]) -> list[str]:
    half = len(carried) // 2
    return ["total"] * half + ["error"] * half


def _parts(builder: LoopBuilder, number: Value) -> list[Value]:
    if isinstance(number.type, Complex):
        return [builder.emit(aggregate.complex_real, number), builder.emit(aggregate.complex_imag, number)]
    return [number]


def _nothing_like(carried: Sequence[Value]) -> Value:
    """What changes no sum of these parts when it is added."""
    part = carried[0].type
    return _nothing(part if len(carried) == 2 else Complex(2 * part.bits, part.weak))  # type: ignore[attr-defined]


def _nothing(type: Type) -> Value:
    """What changes no number when it is added."""
    return constant(complex(-0.0, -0.0) if isinstance(type, Complex) else -0.0, type)  # type: ignore[arg-type]


def _suits_vectors(space: Space, axis: int) -> bool:
    """Whether LLVM can compute several items along an axis at once."""
    calls = any("callee" in op.attributes or isinstance(op.opdef.lowering, LibraryCall) for op in space.graph.ops())
    return not calls and space.is_contiguous(axis)


def _is_large(space: Space) -> bool:
    """Whether another copy of the graph would cost more time to compile than its calls take."""
    return sum(len(block.ops) for block in space.graph.blocks) > LARGE_GRAPH


def _sum_line(builder: LoopBuilder, point: Point, axis: int, carried: list[Value], many: bool) -> list[Value]:
    """Sums along one axis: blocks whose items are added in any order, then the items that are left one by one."""
    point.load()
    stop, start = point.space.lengths[axis], integer(0)
    sizes = [VECTOR_BLOCK if _suits_vectors(point.space, axis) else SCALAR_BLOCK]
    if many and sizes[0] > SCALAR_BLOCK and not _is_large(point.space):
        sizes.append(SCALAR_BLOCK)
    for size in sizes:
        start, carried = _sum_blocks(builder, point, axis, carried, start, size)
    rest = builder.open(stop, carried, _names(carried), start=start)
    item = point.at(axis, rest.index, called=_is_large(point.space)).result(_nothing_like(carried))
    return builder.close(rest, _add(builder, rest.carried, item), rare=True)


def _sum_blocks(
    builder: LoopBuilder, point: Point, axis: int, carried: list[Value], start: Value, size: int
) -> tuple[Value, list[Value]]:  # fmt: skip
    """Sums of the whole blocks of a size along an axis, from `start` on; where they end, and the sums."""
    stop = builder.emit(arithmetic.bit_and, point.space.lengths[axis], integer(-size))
    blocks = builder.open(stop, carried, _names(carried), start=start, step=size, name="start")
    items = builder.open(integer(size), [_nothing_like(carried)], ["state"])
    inner = point.at(axis, builder.emit(arithmetic.add, blocks.index, items.index))
    (block_sum,) = builder.close(items, [inner.result(*items.carried)])
    return stop, builder.close(blocks, _add(builder, blocks.carried, block_sum))


def _add(builder: LoopBuilder, carried: Sequence[Value], number: Value) -> list[Value]:
    half = len(carried) // 2
    sums, errors = [], []
    for total, error, part in zip(carried[:half], carried[half:], _parts(builder, number)):
        following, rounding = _two_sum(builder, total, part)
        sums.append(following)
        errors.append(builder.emit(arithmetic.add, error, rounding))
    return sums + errors


def _two_sum(builder: LoopBuilder, a: Value, b: Value) -> tuple[Value, Value]:
    """The sum, rounded, and what it lacks."""
    emit, add, sub = builder.emit, arithmetic.add, arithmetic.sub
    total = emit(add, a, b)
    b_part = emit(sub, total, a)
    return total, emit(add, emit(sub, a, emit(sub, total, b_part)), emit(sub, b, b_part))


def _with_error(builder: LoopBuilder, total: Value, error: Value) -> Value:
    """The sum with its error; without it where an infinity or a NaN took part, or where it is zero: -0.0 stays -0.0."""
    zero = builder.emit(arithmetic.sub, error, error)
    counts = builder.emit(compare.eq, zero, constant(0.0, error.type))
    correction = builder.emit(compare.select, builder.emit(compare.ne, error, constant(0.0, error.type)), error, _nothing(error.type))
    return builder.emit(compare.select, counts, builder.emit(arithmetic.add, total, correction), total)
