"""`array[index] = item`: stores to views, through masks, and to many places by arrays of indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.arrays import base_of
from ir.builder import constant
from ir.graph import Value
from ir.ops import elementwise, memory
from ir.records import Record
from ir.types import Array
from tracer import errors
from tracer.arrays import Shape, assign_over, is_array, shape_of_operand, shape_text
from tracer.conversions import is_scalar, to_item
from tracer.gathering import Plan, check_plan, is_mask_of, make_plan, stretched
from tracer.indexing import basic_view, check_mask, index_parts, is_flag, normalize_index
from tracer.library.scatter import apart, scatter, store_where
from tracer.operators import BINARY
from tracer.records import stored_records
from tracer.tracing import Tracer
from tracer.ufuncs import call_ufunc, convert_item

_NEW = (memory.alloc, elementwise.map_, elementwise.map_raising, elementwise.reduce_)


def set_items(t: Tracer, value: Value, index: Any, item: Any) -> None:
    """`array[index] = item` where the index is not one number for each axis."""
    parts = index_parts(t, index)
    if not value.type.ndim and len(parts) == 1 and is_flag(parts[0]) and is_array(item):
        parts = [t.call(np.array, (parts[0],), {})]  # the mask of an array without axes
    if is_mask_of(parts, value):
        item = _stored(t, item, value.type)
        check_mask(t, value, parts[0], 0)
        _store_masked(t, value, parts[0], item)
        return
    # As in NumPy, the index may fail before the item does.
    base, parts = normalize_index(t, value, parts)
    target = None if any(map(is_array, parts)) else basic_view(t, base, parts)
    item = _stored(t, item, value.type)
    if target is None:
        _scatter(t, make_plan(t, base, parts), item)
    else:
        assign_over(t, target, [item], lambda items: convert_item(t, items[0], value.type.dtype))


def _stored(t: Tracer, item: Any, kind: Array) -> Any:
    """The right side of a store: a number of the array's type, or an array."""
    if isinstance(kind.dtype, Record):
        return stored_records(t, item, kind)
    item = t.unwrap(item, "float() argument must be a string or a real number, not 'NoneType'")
    if isinstance(item, (tuple, list)):
        item = t.call(np.array, (item,), {})
    if type(item) is np.ndarray:
        item = t.lift_array(item)
    if is_array(item):
        return item
    if not is_scalar(item):
        raise t.fail(errors.NotANumber, operands=(item,))
    return to_item(t, item, kind.dtype)


# --- masks


def _store_masked(t: Tracer, value: Value, mask: Value, item: Any) -> None:
    if is_array(item) and item.type.ndim > 1:
        t.raise_(
            TypeError, "NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, "
            f"input has {item.type.ndim} dimensions",
        )  # fmt: skip
        t.builder.block = None
        return
    if is_array(item) and item.type.ndim == 1:
        t.call(store_where, (value, mask, _apart(t, value, item)), {})
        return

    def choose(items: list[Any]) -> Any:
        chosen, before, *new = items
        return t.conditional(
            convert_item(t, chosen, types.boolean), lambda: convert_item(t, new[0], value.type.dtype), lambda: before
        )

    assign_over(t, value, [mask, value, item], choose, name="masked")


def checked_mask(t: Tracer, value: Value, index: Any) -> Value | None:
    """The mask that an index consists of, whose shape fits from here on; None if it is any other index."""
    parts = index_parts(t, index)
    if not is_mask_of(parts, value):
        return None
    check_mask(t, value, parts[0], 0)
    return parts[0]


def augment_where(t: Tracer, name: str, value: Value, mask: Value, operand: Any) -> bool:
    """`array[mask] <operator>= number` as one loop over the array, for a mask that fits; whether it is such a statement."""
    if name == "matmul" or value.type.readonly or not is_scalar(operand):
        return False
    call_ufunc(t, BINARY[name].ufunc, (value, operand, value), {"where": mask})
    return True


# --- arrays of indices


def _scatter(t: Tracer, plan: Plan, item: Any) -> None:
    """Stores in the order of the index space: where an index comes twice, the last one stays."""
    if is_array(item):
        item = stretched(t, _apart(t, plan.base, item), plan.lengths, lambda: _refuse(t, item, plan.lengths))
    check_plan(t, plan)
    places = tuple(s if isinstance(s, int) else -1 for s in plan.sources)
    sources = tuple(_indices(t, plan, s) for s in plan.sources)
    t.call(scatter, (plan.base, plan.lengths, places, sources, item), {})


def _refuse(t: Tracer, item: Value, lengths: Shape) -> None:
    texts = shape_text(shape_of_operand(t, item)), shape_text(lengths)
    message = t.text(
        "shape mismatch: value array of shape ", *texts[0], " could not be broadcast to indexing result of shape ", *texts[1]
    )
    t.raise_(ValueError, message)


def _indices(t: Tracer, plan: Plan, source: Any) -> Any:
    """An index array stretched over the space; anything else as it is."""
    if not is_array(source):
        return constant(0, types.int64) if isinstance(source, int) else source
    return stretched(t, _apart(t, plan.base, source), plan.lengths, lambda: t.builder.unreachable())


def _apart(t: Tracer, target: Value, read: Value) -> Value:
    """An array that is read while another is written, or a copy of it if they share memory."""
    base = base_of(read)
    if base is not base_of(target) and base.op is not None and base.op.opdef in _NEW:
        return read
    return t.call(apart, (target, read), {})
