"""Loops over all indices and over all items of arrays: `np.ndindex`, `np.ndenumerate`, `np.nditer`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ir.graph import Value
from ir.ops import arithmetic
from ir.types import Array
from tracer import errors
from tracer.arrays import Shape, broadcast, strided_view, strides_of
from tracer.attributes import shape
from tracer.calls import handles
from tracer.conversions import to_int64
from tracer.gathering import stretched
from tracer.iteration import iterator
from tracer.library.flat_items import positions
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
    """The items as arrays without axes. One array in Fortran order is gone through in that order, all else in C order."""
    operands = positional[0] if isinstance(positional[0], (tuple, list)) else (positional[0],)
    unknown = [k for k in keywords if k not in ("flags", "op_flags", "order")]
    if unknown or len(positional) > 3:
        raise t.fail(errors.WrongArguments, "np.nditer", f"does not take {unknown[0] if unknown else 'op_dtypes'!r} in compiled code")
    given = dict(zip(("flags", "op_flags"), positional[1:])) | keywords
    flags, order = tuple(given.get("flags") or ()), t.known(given.get("order", "K"))
    if any(flag not in ("zerosize_ok", "refs_ok") for flag in flags) or order not in ("K", "C"):
        raise t.fail(errors.WrongArguments, "np.nditer", "takes the flag 'zerosize_ok' and the orders 'K' and 'C' only in compiled code")
    arrays = [_array(t, operand) for operand in operands]
    writes = _written(t, given.get("op_flags"), len(arrays))
    lengths = broadcast(t, [shape(t, a) for a in arrays])
    views = [stretched(t, a, lengths, t.builder.unreachable) for a in arrays]
    backwards = order == "K" and all(a.type.layout == "F" and a.type.ndim == len(lengths) for a in arrays) and len(lengths) > 1
    if "zerosize_ok" not in flags:
        _refuse_empty(t, lengths)

    def item(index: tuple[Any, ...]) -> Any:
        index = index[::-1] if backwards else index
        items = tuple(_item_view(t, view, index, not write) for view, write in zip(views, writes))
        return items if len(items) > 1 else items[0]

    return _over(t, lengths[::-1] if backwards else lengths, item, "nditer")


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


def _item_view(t: Tracer, value: Value, index: tuple[Any, ...], readonly: bool) -> Value:
    offset: Any = 0
    for place, stride in zip(index, strides_of(t, value)):
        here = t.emit(arithmetic.mul, t.lift(place), t.lift(stride))
        offset = here if offset == 0 else t.emit(arithmetic.add, offset, here)
    return strided_view(t, value, offset, (), (), layout="C", readonly=readonly or value.type.readonly)
