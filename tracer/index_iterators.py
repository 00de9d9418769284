"""Loops over all indices and over all items of arrays: `np.ndindex`, `np.ndenumerate`, `np.nditer`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ir.graph import Value
from ir.ops import arithmetic
from tracer import errors
from tracer.arrays import Shape, broadcast, strided_view, strides_of
from tracer.attributes import shape
from tracer.calls import handles
from tracer.conversions import to_int64
from tracer.gathering import stretched
from tracer.iteration import iterator
from tracer.library.flat_items import positions
from tracer.library.memory_order import iteration_order
from tracer.operators import binary
from tracer.records import load_item
from tracer.tracing import Tracer
from tracer.values import Sequence, is_array_value

Positional = tuple[Any, ...]
Keywords = dict[str, Any]
_READS = ("readonly",)


def _over(t: Tracer, lengths: Shape, item: Callable[[tuple[Any, ...]], Any], origin: str) -> Sequence:
    """A sequence of what `item` gives for each index of a space, the last axis changing fastest."""
    count: Any = 1
    for length in lengths:
        count = binary(t, "mul", count, length)
    made = Sequence(count, lambda index: item(t.call(positions, (lengths, index), {})), None, origin)
    made.space = (lengths, item)
    return iterator(t, made)


@handles(np.ndindex)
def _ndindex(t: Tracer, positional: Positional, keywords: Keywords) -> Sequence:
    given = positional[0] if len(positional) == 1 and isinstance(positional[0], tuple) else positional
    lengths = tuple(t.lift(to_int64(t, length, "ndindex")) for length in given)
    for length in lengths:
        negative = binary(t, "lt", length, 0)
        t.raise_if(t.lift(negative), ValueError, "negative dimensions are not allowed")
    return _over(t, lengths, lambda index: index, "ndindex")


@handles(np.ndenumerate)
def _ndenumerate(t: Tracer, positional: Positional, keywords: Keywords) -> Sequence:
    value = _array(t, positional[0])
    return _over(t, shape(t, value), lambda index: (index, load_item(t, value, index)), "ndenumerate")


@handles(np.nditer)
def _nditer(t: Tracer, positional: Positional, keywords: Keywords) -> Sequence:
    """The items as arrays without axes, by default in the order of memory."""
    operands = positional[0] if isinstance(positional[0], (tuple, list)) else (positional[0],)
    unknown = [k for k in keywords if k not in ("flags", "op_flags", "order")]
    if unknown or len(positional) > 3:
        raise t.fail(errors.WrongArguments, "np.nditer", f"does not take {unknown[0] if unknown else 'op_dtypes'!r} in compiled code")
    given = dict(zip(("flags", "op_flags"), positional[1:])) | keywords
    flags, order = tuple(given.get("flags") or ()), t.known(given.get("order", "K"))
    if any(flag not in ("zerosize_ok", "refs_ok") for flag in flags) or order not in ("K", "C", "F"):
        raise t.fail(errors.WrongArguments, "np.nditer", "takes the flag 'zerosize_ok' and the orders 'K', 'C' and 'F' only in compiled code")
    arrays = [_array(t, operand) for operand in operands]
    writes = _written(t, given.get("op_flags"), len(arrays))
    lengths = broadcast(t, [shape(t, a) for a in arrays])
    views = [stretched(t, a, lengths, t.builder.unreachable) for a in arrays]
    if "zerosize_ok" not in flags:
        _refuse_empty(t, lengths)
    lengths, strides, begins = _order(t, order, arrays, lengths, tuple(strides_of(t, view) for view in views))

    def item(index: tuple[Any, ...]) -> Any:
        places = [_place(t, begin, index, steps) for begin, steps in zip(begins, strides)]
        items = tuple(_item_view(t, view, place, not write) for view, place, write in zip(views, places, writes))
        return items if len(items) > 1 else items[0]

    return _over(t, lengths, item, "nditer")


def _order(t: Tracer, order: str, arrays: list[Value], lengths: Shape, strides: tuple[Shape, ...]) -> tuple[Any, ...]:
    """The lengths and strides of the axes, from the outermost on, and where each operand begins: see `iteration_order`."""
    layouts = {a.type.layout for a in arrays}
    if order == "F" or (order == "K" and layouts == {"F"} and len(arrays) == 1):
        return lengths[::-1], tuple(steps[::-1] for steps in strides), (0,) * len(arrays)
    if order == "C" or layouts == {"C"} or not lengths:
        return lengths, strides, (0,) * len(arrays)
    return t.call(iteration_order, (lengths, strides), {})


def _refuse_empty(t: Tracer, lengths: Shape) -> None:
    count: Any = 1
    for length in lengths:
        count = binary(t, "mul", count, length)
    message = "Iteration of zero-sized operands is not enabled"
    t.raise_if(t.lift(binary(t, "eq", count, 0)), ValueError, message)


def _written(t: Tracer, op_flags: Any, count: int) -> list[bool]:
    """Which operands may be written."""
    if not op_flags:
        return [False] * count
    each = [op_flags] * count if isinstance(op_flags[0], str) else list(op_flags)
    if len(each) != count or any(flag not in ("readonly", "readwrite", "writeonly") for flags in each for flag in flags):
        raise t.fail(errors.WrongArguments, "np.nditer", "takes 'readonly', 'readwrite' and 'writeonly' as op_flags in compiled code")
    return ["readonly" not in flags for flags in each]


def _array(t: Tracer, operand: Any) -> Value:
    if type(operand) is np.ndarray:
        return t.lift_array(operand)
    if is_array_value(operand):
        return operand
    return t.call(np.array, (operand,), {})


def _place(t: Tracer, begin: Any, index: tuple[Any, ...], strides: Shape) -> Any:
    """How many bytes behind its first item an operand has the one at an index."""
    offset = begin
    for place, stride in zip(index, strides):
        here = t.emit(arithmetic.mul, t.lift(place), t.lift(stride))
        offset = here if type(offset) is int and offset == 0 else t.emit(arithmetic.add, offset, here)
    return offset


def _item_view(t: Tracer, value: Value, offset: Any, readonly: bool) -> Value:
    return strided_view(t, value, offset, (), (), layout="C", readonly=readonly or value.type.readonly)
