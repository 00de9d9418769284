"""Ops on whole arrays: an index space, and a small graph that says what happens at each of its points.

The attribute `callee` is that graph. It takes the index on each axis first if the op is `indexed`, then one item of
each input: arrays are stretched over the index space as NumPy broadcasts (an axis of length 1, or a missing one, gives
its only item at every index; all other lengths are those of the space, which has been checked), anything else
is passed as it is. The passes fuse chains of these ops by composing their graphs, and make loops of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ir.opdef import Custom, Effect, Expanded, OpDef, expect, register
from ir.types import Array, Scalar, Type, dtype_of, int64


def _item(type: Type) -> Type:
    return type.item if isinstance(type, Array) else type


def _check_body(attributes: dict[str, Any], leading: Sequence[Type], ndim: int, inputs: Sequence[Type]) -> Type:
    """The result type of the graph, after a check of what it takes."""
    body = attributes["callee"]
    expected = (*leading, *(int64,) * (ndim if attributes["indexed"] else 0), *map(_item, inputs))
    taken = tuple(p.type for p in body.params)
    expect(taken == expected, f"{body.name} must take ({', '.join(map(str, expected))}), not ({', '.join(map(str, taken))})")
    expect(all(t.ndim <= ndim for t in inputs if isinstance(t, Array)), f"no input has more than {ndim} axes")
    return body.result_type


def _lengths(operands: Sequence[Type], ndim: int) -> None:
    expect(len(operands) >= ndim and all(t is int64 for t in operands[:ndim]), f"takes {ndim} lengths first, of int64")


def points(attributes: dict[str, Any], shape: Sequence[int], inputs: Sequence[Any]) -> Iterator[tuple]:
    """Each index of the space in C order, with what the graph takes there."""
    stretched = [np.broadcast_to(x, shape) if isinstance(x, np.ndarray) else x for x in inputs]
    for index in itertools.product(*map(range, shape)):
        items = [_item_at(x, index) if isinstance(x, np.ndarray) else x for x in stretched]
        yield index, ((*index, *items) if attributes["indexed"] else tuple(items))


def _item_at(array: np.ndarray, index: tuple[int, ...]) -> Any:
    item = array[index]
    return item.copy() if isinstance(item, np.void) else item  # which would change with the array


def _map_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    to = attributes["to"]
    expect(isinstance(to, Array) and to.layout in ("C", "F"), "makes a C or Fortran array")
    expect(not to.readonly and to.aligned, "makes a writeable, aligned array")
    _lengths(operands, to.ndim)
    made = _check_body(attributes, (), to.ndim, operands[to.ndim :])
    expect(made is to.item, f"the items are {made}, not {to.item}")
    return to


def _map(attributes: dict[str, Any], *operands: Any) -> np.ndarray:
    to = attributes["to"]
    shape = operands[: to.ndim]
    result = np.empty(shape, dtype_of(to.dtype), order=to.layout)
    for index, arguments in points(attributes, shape, operands[to.ndim :]):
        result[index] = attributes["apply"](*arguments)
    return result


map_ = register(
    OpDef(
        "map", "a new array of what the graph makes at each point: map(lengths..., inputs...)", _map_rule,
        Effect.READS | Effect.ALLOCATES, attributes=("to", "callee", "indexed"), reference=_map, lowering=Expanded(),
    )
)  # fmt: skip
map_raising = register(
    OpDef(
        "map_raising", "as map, with a graph that can raise", _map_rule,
        Effect.READS | Effect.ALLOCATES | Effect.RAISES, attributes=("to", "callee", "indexed"), reference=_map,
        lowering=Expanded(),
    )
)  # fmt: skip


def _assign_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    expect(bool(operands) and isinstance(operands[0], Array), "takes the array to write first")
    array = operands[0]
    expect(not array.readonly, "the array is read-only")
    made = _check_body(attributes, (), array.ndim, operands[1:])
    expect(made is array.item, f"the items are {made}, not {array.item}")


def _assign(attributes: dict[str, Any], array: np.ndarray, *inputs: Any) -> None:
    made = [(index, attributes["apply"](*arguments)) for index, arguments in points(attributes, array.shape, inputs)]
    for index, item in made:
        array[index] = item


assign = register(
    OpDef(
        "assign",
        "write what the graph makes at each point into an array: assign(array, inputs...). The inputs may share memory with "
        "the array: all are read as they were before",
        _assign_rule, Effect.READS | Effect.WRITES | Effect.RAISES | Effect.ALLOCATES, attributes=("callee", "indexed"),
        reference=_assign, lowering=Expanded(),
    )
)  # fmt: skip


def _kernel_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> None:
    plain = all(isinstance(t, Array) and t.layout == "C" and t.ndim == 1 and t.aligned for t in operands)
    expect(len(operands) > 1 and plain, "takes contiguous, aligned arrays of one axis")
    expect(not operands[0].readonly, "the array is read-only")
    body = attributes["body"]
    taken, expected = tuple(p.type for p in body.params), tuple(map(_item, operands[1:]))
    expect(taken == expected, f"{body.name} must take ({', '.join(map(str, expected))}), not ({', '.join(map(str, taken))})")
    expect(body.result_type is operands[0].item, f"the items are {body.result_type}, not {operands[0].item}")


kernel = register(
    OpDef(
        "kernel",
        "as assign, by code that was compiled once for all programs: kernel(array, inputs...). All are contiguous arrays of one axis "
        "and of the same length; an input is the array itself, or shares no memory with it",
        _kernel_rule, Effect.READS | Effect.WRITES, attributes=("body",), reference=lambda attributes, array, *inputs: _assign(
            attributes | {"indexed": False}, array, *inputs
        ), lowering=Custom("kernel"),
    )
)  # fmt: skip


def _reduce_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    to, axes, ndim = attributes["to"], attributes["axes"], attributes["ndim"]
    _lengths(operands, ndim)
    expect(all(0 <= axis < ndim for axis in axes) and list(axes) == sorted(set(axes)), f"the axes are some of {ndim}, in order")
    expect(len(axes) == ndim or isinstance(to, Array), "gives a number, or an array of the axes that are left")
    state = to if len(axes) == ndim else to.item
    expect(isinstance(state, Scalar), "gives a number, or an array of the axes that are left")
    expect(len(operands) > ndim and operands[ndim] is state, f"takes the initial {state} after the lengths")
    if len(axes) < ndim:
        expect(to.ndim == ndim - len(axes) and to.layout in ("C", "F"), "makes a C or Fortran array")
    made = _check_body(attributes, (state,), ndim, operands[ndim + 1 :])
    expect(made is state, f"the graph makes {made}, not {state}")
    return to


def _reduce(attributes: dict[str, Any], *operands: Any) -> Any:
    to, axes, ndim = attributes["to"], attributes["axes"], attributes["ndim"]
    shape, initial = operands[:ndim], operands[ndim]
    kept = [axis for axis in range(ndim) if axis not in axes]
    state = np.full([shape[axis] for axis in kept], initial, np.asarray(initial).dtype, order=getattr(to, "layout", "C"))
    for index, arguments in points(attributes, shape, operands[ndim + 1 :]):
        at = tuple(index[axis] for axis in kept)
        state[at] = attributes["apply"](type(initial)(state[at]), *arguments)
    return state if kept else type(initial)(state[()])


reduce_ = register(
    OpDef(
        "reduce",
        "fold the points along `axes` of an index space of `ndim` axes: reduce(lengths..., initial, inputs...). The graph takes the "
        "state so far, then what it takes in map, and gives the next state. States that started from `initial` can be combined by "
        "the graph's own operation in any order; with `compensated` the states are sums, and are added up with their rounding errors. "
        "The result is the last state if all axes are reduced, else an array of them over the axes that are left",
        _reduce_rule, Effect.READS | Effect.ALLOCATES, attributes=("to", "callee", "indexed", "ndim", "axes", "compensated"),
        reference=_reduce, lowering=Expanded(),
    )
)  # fmt: skip
