"""Arrays as arguments: their parts, items and views. Indices here are in range; `check_index` sees to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ir.errors import DomainError
from ir.opdef import Custom, Effect, OpDef, expect, register, same_types
from ir.records import Record, RecordItem
from ir.types import Array, Integer, Type, int64


def _dimension_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    array = same_types(operands, 1, Array)
    expect(0 <= attributes["axis"] < array.ndim, f"{array} has no axis {attributes['axis']}")
    return int64


shape = register(
    OpDef(
        "shape", "the length of an axis", _dimension_rule, attributes=("axis",), lowering=Custom("array_shape"),
        reference=lambda attributes, a: a.shape[attributes["axis"]],
    )
)  # fmt: skip
stride = register(
    OpDef(
        "stride", "the distance in bytes between neighbours on an axis", _dimension_rule, attributes=("axis",),
        lowering=Custom("array_stride"), reference=lambda attributes, a: a.strides[attributes["axis"]],
    )
)  # fmt: skip


def _check_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    same_types(operands, 2, Integer)
    expect(operands[0] is int64, "takes an index and a length, both int64")
    return int64


def _check_index(attributes: dict[str, Any], index: int, length: int) -> int:
    if index < 0 and attributes.get("nonnegative"):
        raise DomainError(f"check_index was promised an index that is not negative, not {index}")
    if not -length <= index < length:
        if attributes["axis"] is None:
            raise IndexError("tuple index out of range")
        raise IndexError(f"index {index} is out of bounds for axis {attributes['axis']} with size {length}")
    return index + length if index < 0 else index


check_index = register(
    OpDef(
        "check_index",
        "the index with Python's negative wrap-around; IndexError unless -length <= index < length. `axis` is for the "
        "message (None: a tuple). `nonnegative` promises index >= 0: no wrap-around is emitted",
        _check_rule, effects=Effect.RAISES, attributes=("axis", "nonnegative"), reference=_check_index,
        lowering=Custom("check_index"),
    )
)  # fmt: skip
wrap_index = register(
    OpDef(
        "wrap_index", "index + length if index < 0 else index, unchecked", _check_rule, lowering=Custom("wrap_index"),
        reference=lambda attributes, index, length: index + length if index < 0 else index,
    )
)  # fmt: skip


def _indices(operands: Sequence[Type], count: int) -> Array:
    expect(bool(operands) and isinstance(operands[0], Array), "takes an array first")
    expect(all(t is int64 for t in operands[1:]), "indices are int64")
    expect(len(operands) - 1 == count, f"takes {count} indices for {operands[0]}")
    return operands[0]  # type: ignore[return-value]


def _load_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(bool(operands) and isinstance(operands[0], Array), "takes an array first")
    return _indices(operands, operands[0].ndim).item


def _store_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    expect(len(operands) >= 2 and isinstance(operands[0], Array), "takes an array, indices and a value")
    array = _indices(operands[:-1], operands[0].ndim)
    expect(not array.readonly, "the array is read-only")
    expect(operands[-1] is array.item, f"stores {array.item}, not {operands[-1]}")


def _store(attributes: dict[str, Any], a: np.ndarray, *rest: Any) -> None:
    a[tuple(rest[:-1])] = rest[-1]


def _load(attributes: dict[str, Any], a: np.ndarray, *indices: int) -> Any:
    item = a[tuple(indices)]
    return item.copy() if isinstance(item, np.void) else item  # which would change with the array


def _in_range(a: np.ndarray, *rest: Any) -> bool:
    """Whether all indices are in range; `rest` may have a value to store behind them."""
    return all(0 <= index < length for index, length in zip(rest, a.shape))


# `parallel` is the number of a loop whose rounds may run in any order as far as these accesses go: no store of a round
# is to an item that another round accesses.
load = register(
    OpDef(
        "load", "the item at one index for each axis", _load_rule, effects=Effect.READS, attributes=("parallel",),
        lowering=Custom("array_load"), reference=_load, domain=_in_range,
    )
)  # fmt: skip
store = register(
    OpDef(
        "store", "set the item at one index for each axis: store(a, i, j, value)", _store_rule, effects=Effect.WRITES,
        attributes=("parallel",), lowering=Custom("array_store"), reference=_store, domain=_in_range,
    )
)  # fmt: skip


def _subarray_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(bool(operands) and isinstance(operands[0], Array), "takes an array first")
    array = _indices(operands, len(operands) - 1)
    ndim = array.ndim - (len(operands) - 1)
    if ndim == 0 and isinstance(array.dtype, Record):
        return RecordItem(array.dtype, array.readonly, array.aligned)
    expect(ndim > 0, "leaves at least one axis")
    return Array(array.dtype, ndim, "C" if array.layout == "C" else "A", array.readonly, array.aligned)


subarray = register(
    OpDef(
        "subarray", "the view a[i, j] that fewer indices than axes give; of records also the one that all give", _subarray_rule,
        lowering=Custom("array_subarray"), reference=lambda attributes, a, *indices: a[(*indices, ...)], domain=_in_range,
    )
)  # fmt: skip


def _transpose_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    array = same_types(operands, 1, Array)
    layout = {"C": "F", "F": "C", "A": "A"}[array.layout] if array.ndim > 1 else array.layout
    return Array(array.dtype, array.ndim, layout, array.readonly, array.aligned)


transpose = register(
    OpDef(
        "transpose", "the view with its axes reversed", _transpose_rule, lowering=Custom("array_transpose"),
        reference=lambda attributes, a: a.T,
    )
)  # fmt: skip


def _relax_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    array, to = same_types(operands, 1, Array), attributes["to"]
    expect(isinstance(to, Array) and (to.dtype, to.ndim) == (array.dtype, array.ndim), f"{array} is not a {to}")
    expect(to.layout in ("A", array.layout), f"{array} does not have the layout of {to}")
    expect(to.readonly or not array.readonly, f"{array} is read-only")
    expect(array.aligned or not to.aligned, f"{array} is not aligned")
    return to


relax = register(
    OpDef(
        "relax", "the same array as a type that promises less about layout, writing and alignment", _relax_rule,
        attributes=("to",), lowering=Custom("array_relax"), reference=lambda attributes, a: a,
    )
)  # fmt: skip
