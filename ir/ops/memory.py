"""Memory of arrays: new blocks, views of them, and the counts that say when a block is given back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ir.opdef import Custom, Effect, OpDef, expect, register
from ir.records import Record
from ir.types import Array, Object, Optional, Tuple, Type, boolean, dtype_of, int64


def holds_arrays(type: Type) -> bool:
    """Whether values of this type refer to counted memory: arrays, objects, and tuples and optionals with these in them."""
    if isinstance(type, Tuple):
        return any(map(holds_arrays, type.items))
    return isinstance(type, (Array, Object)) or (isinstance(type, Optional) and holds_arrays(type.value))


def _alloc_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    to = attributes["to"]
    expect(isinstance(to, Array) and to.layout in ("C", "F"), "makes a C or Fortran array")
    expect(not to.readonly and to.aligned, "makes a writeable, aligned array")
    expect(len(operands) == to.ndim and all(t is int64 for t in operands), f"takes {to.ndim} lengths, of int64")
    return to


def _alloc(attributes: dict[str, Any], *lengths: int) -> np.ndarray:
    to = attributes["to"]
    make = np.zeros if attributes.get("zero") else np.empty
    return make(lengths, dtype_of(to.dtype), order=to.layout)


alloc = register(
    OpDef(
        "alloc",
        "a new array with the layout of `to`, of zeros with `zero`, else with any contents. The lengths are not negative. "
        "ValueError where the size is beyond the address space, MemoryError where there is no memory",
        _alloc_rule, Effect.ALLOCATES, attributes=("to", "zero"), reference=_alloc, lowering=Custom("alloc"),
        domain=lambda *lengths: all(length >= 0 for length in lengths),
    )
)  # fmt: skip

local = register(
    OpDef(
        "local",
        "a new array as `alloc` makes it, but of constant lengths and on the stack: it ends with the function, and nothing that "
        "shares its memory leaves that or becomes the parameter of a block. Each time it is made it is in the same place",
        _alloc_rule, Effect.WRITES, attributes=("to", "zero"), reference=_alloc, lowering=Custom("local"),
        domain=lambda *lengths: all(length >= 0 for length in lengths),
    )
)  # fmt: skip


def _view_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    to = attributes["to"]
    expect(len(operands) > 1 and isinstance(operands[0], Array), "takes an array first")
    expect(isinstance(to, Array), "makes an array")
    expect(to.readonly or not operands[0].readonly, f"{operands[0]} is read-only")
    count = 1 + to.ndim * (2 if to.layout == "A" else 1)
    expect(len(operands) - 1 == count, f"takes {count} numbers for {to}: an offset, lengths and, for any layout, strides")
    expect(all(t is int64 for t in operands[1:]), "offset, lengths and strides are int64")
    return to


def _view(attributes: dict[str, Any], array: np.ndarray, offset: int, *rest: int) -> np.ndarray:
    to = attributes["to"]
    shape, strides = tuple(rest[: to.ndim]), tuple(rest[to.ndim :])
    if to.layout != "A":
        strides = contiguous_strides(shape, to)
    if 0 in shape:
        return _locked(np.empty(shape, dtype_of(to.dtype)), to)
    interface = {
        "version": 3, "typestr": f"|V{to.dtype.size}" if isinstance(to.dtype, Record) else dtype_of(to.dtype).str, "shape": shape, "strides": strides,
        "data": (array.__array_interface__["data"][0] + offset, to.readonly),
    }  # fmt: skip
    made = np.asarray(_Described(array, interface))
    return made.view(dtype_of(to.dtype)) if isinstance(to.dtype, Record) else made


def _locked(array: np.ndarray, to: Array) -> np.ndarray:
    array.flags.writeable = not to.readonly
    return array


class _Described:
    """Memory of an array, for NumPy's array interface; it keeps the owner alive."""

    def __init__(self, owner: Any, interface: dict[str, Any]) -> None:
        self.owner = owner
        self.__array_interface__ = interface


def contiguous_strides(shape: Sequence[int], type: Array) -> tuple[int, ...]:
    """The strides in bytes that the layout "C" or "F" gives this shape."""
    strides = [dtype_of(type.dtype).itemsize]
    for length in shape[:0:-1] if type.layout == "C" else shape[:-1]:
        strides.append(strides[-1] * length)
    strides = strides[: len(shape)]
    return tuple(strides[::-1] if type.layout == "C" else strides)


view = register(
    OpDef(
        "view",
        "an array on the memory of another one: view(array, offset in bytes, lengths..., strides in bytes...), of the type `to`, "
        "whose layout gives the strides unless it is any. Who emits it makes sure that all items lie in the memory",
        _view_rule, attributes=("to",), reference=_view, lowering=Custom("view"),
    )
)  # fmt: skip


def _managed_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    expect(len(operands) == 1 and holds_arrays(operands[0]), "takes a value that holds arrays")


retain = register(
    OpDef(
        "retain", "one more owner for the memory of all arrays in the value", _managed_rule, Effect.WRITES,
        reference=lambda attributes, value: None, lowering=Custom("retain"),
    )
)  # fmt: skip
release = register(
    OpDef(
        "release", "one owner less for the memory of all arrays in the value; memory without owners is given back",
        _managed_rule, Effect.WRITES, reference=lambda attributes, value: None, lowering=Custom("release"),
    )
)  # fmt: skip


def _overlap_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(len(operands) == 2 and all(isinstance(t, Array) for t in operands), "takes two arrays")
    return boolean


def _extent(array: np.ndarray) -> tuple[int, int]:
    """The first address that an array uses, and the one behind its last."""
    low = high = array.__array_interface__["data"][0]
    for length, stride in zip(array.shape, array.strides):
        low, high = low + min(0, (length - 1) * stride), high + max(0, (length - 1) * stride)
    return low, high + array.itemsize


def _overlaps(attributes: dict[str, Any], written: np.ndarray, read: np.ndarray) -> bool:
    if written.size == 0 or read.size == 0:
        return False
    start = [a.__array_interface__["data"][0] for a in (written, read)]
    if start[0] == start[1] and (written.shape, written.strides, written.itemsize) == (read.shape, read.strides, read.itemsize):
        return False
    (a, a_end), (b, b_end) = _extent(written), _extent(read)
    return a < b_end and b < a_end


overlaps = register(
    OpDef(
        "overlaps",
        "overlaps(written, read): whether a write to one item of the first array may change an item of the second one at another "
        "position. It looks at the first and last addresses only, so it may hold where no item is shared",
        _overlap_rule, reference=_overlaps, lowering=Custom("overlaps"),
    )
)  # fmt: skip


def _broadcast_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    ranks = attributes["ranks"]
    expect(len(operands) == sum(ranks) and all(t is int64 for t in operands), f"takes {sum(ranks)} lengths, of int64")
    expect(not attributes["into"] or (len(ranks) == 2 and ranks[0] <= ranks[1]), "puts one shape into another of more axes")
    return Tuple((int64,) * max(ranks))


def _copy_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    expect(len(operands) == 2 and all(isinstance(t, Array) for t in operands), "takes the array to write, and the one to read")
    target, source = operands
    expect(not target.readonly, "the array is read-only")
    expect((target.dtype, target.ndim) == (source.dtype, source.ndim), f"{source} does not have the items and axes of {target}")


def _copy(attributes: dict[str, Any], target: np.ndarray, source: np.ndarray) -> None:
    target[...] = source


copy = register(
    OpDef(
        "copy",
        "copy(target, source): write the items of one array into another one of as many axes, which has no memory in common with "
        "it. Axes of length 1 of the source are stretched",
        _copy_rule, Effect.READS | Effect.WRITES, reference=_copy, lowering=Custom("copy"),
    )
)  # fmt: skip


def _stretch_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    to = attributes["to"]
    expect(len(operands) > 0 and isinstance(operands[0], Array) and operands[0] is to, "takes an array of the type that it makes")
    expect(len(operands) - 1 == to.ndim and all(t is int64 for t in operands[1:]), f"takes {to.ndim} lengths, of int64")
    return to


def _stretch(attributes: dict[str, Any], array: np.ndarray, *lengths: int) -> np.ndarray:
    if array.shape == lengths:
        return array
    order = "F" if attributes["to"].layout == "F" else "C"
    return _locked(np.array(np.broadcast_to(array, lengths), order=order), attributes["to"])


stretch = register(
    OpDef(
        "stretch",
        "stretch(array, lengths...): the array at these lengths, to be read: itself if it has them, else a copy in new memory, along "
        "whose axes of other lengths its only item is repeated. Its memory may be that of the array; it becomes no block parameter "
        "and leaves no graph. The exceptions are those of `alloc`",
        _stretch_rule, Effect.READS | Effect.ALLOCATES, attributes=("to",), reference=_stretch, lowering=Custom("stretch"),
        domain=lambda array, *lengths: all(own in (1, length) and length >= 0 for own, length in zip(array.shape, lengths)),
    )
)  # fmt: skip


def _split(ranks: Sequence[int], lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    start = 0
    for rank in ranks:
        yield tuple(lengths[start : start + rank])
        start += rank


def _broadcast(attributes: dict[str, Any], *lengths: int) -> tuple[int, ...]:
    shapes = list(_split(attributes["ranks"], lengths))
    try:
        result = tuple(np.broadcast_shapes(*shapes))
    except ValueError:
        result = None
    if attributes["into"]:
        if result != shapes[1]:
            raise ValueError(f"could not broadcast input array from shape {_text(shapes[0])} into shape {_text(shapes[1])}")
        return shapes[1]
    if result is None:
        raise ValueError(f"operands could not be broadcast together with shapes {' '.join(map(_text, shapes))} ")
    return result


def _text(shape: tuple[int, ...]) -> str:
    """A shape as NumPy's messages show it: without spaces."""
    return f"({','.join(map(str, shape))}{',' * (len(shape) == 1)})"


broadcast = register(
    OpDef(
        "broadcast",
        "the shape that shapes are stretched to together; `ranks` says how many of the lengths belong to each. With `into`, the "
        "first of two must fit into the second. ValueError where they do not fit",
        _broadcast_rule, Effect.RAISES, attributes=("ranks", "into"), reference=_broadcast, lowering=Custom("broadcast"),
    )
)  # fmt: skip
