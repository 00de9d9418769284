"""Items taken and stored by arrays of indices and by conditions: `take`, `put`, `compress`, `place`, `choose`, `select`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Integer, Scalar, int64, np_int64, uint64
from tracer.array_steps import broadcast_lengths, cast_item, generate, map_items
from tracer.extending import implements, primitive, reject, static_function
from tracer.library.array_conversion import can_cast, cast_refusal
from tracer.library.array_reductions import size_of
from tracer.library.array_shapes import shape_text
from tracer.library.array_types import class_of_item, common_type, normalize_axis
from tracer.library.flat_items import flat_item, positions
from tracer.library.index_arrays import as_index, check_indices
from tracer.library.numpy_versions import FROM_2_5
from tracer.typeof import typeof

_EMPTY_TAKE = "cannot do a non-empty take from an empty axes."


@static_function
def index_mode(mode: Any) -> str:
    """What is done with indices out of range: "raise", "wrap" or "clip"."""
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"clipmode must be one of 'clip', 'raise', or 'wrap' (got '{mode}')")
    return mode


def fitted(index: Any, length: Any, mode: Any) -> Any:
    """An index after `mode`, for an axis that is not empty. For "raise" it has been checked."""
    if mode == "wrap":
        return primitive.mod(as_index(index), length)
    if mode == "clip":
        return primitive.max_(primitive.min_(as_index(index), primitive.sub(length, 1)), 0)
    return primitive.wrap_index(as_index(index), length)


def as_safe_indices(indices: Any) -> Any:
    """As `as_indices`, of types of which int64 holds all numbers."""
    kind = typeof(indices)
    if (kind.dtype if isinstance(kind, Array) else kind) is uint64:
        raise TypeError("Cannot cast array data from dtype('uint64') to dtype('int64') according to the rule 'safe'")
    return as_indices(indices)


def as_indices(indices: Any) -> Any:
    """Indices as an array of integers, or one number; booleans count as 0 and 1."""
    kind = typeof(indices)
    if isinstance(kind, Scalar):
        return _integer(indices, kind)
    a = np.array(indices, np.intp) if isinstance(indices, tuple) and len(indices) == 0 else np.asarray(indices)
    if isinstance(typeof(a).dtype, Boolean):
        return map_items(lambda i: primitive.cast(i, to=np_int64), a)
    if not isinstance(typeof(a).dtype, Integer):
        reject("indices are integers")
    return a


def _integer(index: Any, kind: Any) -> Any:
    if not isinstance(kind, (Integer, Boolean)):
        reject("indices are integers")
    return primitive.cast(index, to=int64)


# --- take


@implements(np.take, np.ndarray.take)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    """The items, or the subarrays, at indices on an axis; without an axis of the flattened array."""
    a = np.asarray(a)
    made = _take_flat(a, as_indices(indices), index_mode(mode)) if axis is None else _take(a, as_indices(indices), axis, index_mode(mode))
    if out is None:
        return made
    if out.shape != made.shape:
        raise ValueError("output array does not match result of ndarray.take")
    if not FROM_2_5 and not can_cast(typeof(out).dtype, typeof(a).dtype, "safe"):  # an output has to hold nothing that the array cannot
        reject(cast_refusal(typeof(out).dtype, typeof(a).dtype, "safe"))
    out[...] = made
    return out


def _take_flat(a: Any, indices: Any, mode: Any) -> Any:
    return _take(np.ravel(a), indices, 0, mode)


def _take(a: Any, indices: Any, axis: Any, mode: Any) -> Any:
    a = np.atleast_1d(a)
    number = normalize_axis(axis, a.ndim)
    length, before, behind = a.shape[number], a.shape[:number], a.shape[number + 1 :]
    if size_of(before) == 0:
        return np.empty((*before, *np.shape(indices), *behind), a.dtype)  # no index is looked at
    if length == 0 and size_of(behind) > 0 and size_of(np.shape(indices)) > 0:
        raise IndexError(_EMPTY_TAKE)
    index = _fitted_indices(indices, length, mode)
    part = a[(*_whole_axes(number), index)]
    return np.array(part, order="C") if _is_view(typeof(part), typeof(indices)) else part


def _fitted_indices(indices: Any, length: Any, mode: Any) -> Any:
    """Indices that indexing checks and counts from the end."""
    if mode == "raise":
        return indices
    if isinstance(typeof(indices), Array):
        return map_items(lambda i: primitive.cast(fitted(i, primitive.max_(length, 1), mode), to=np_int64), indices)
    return fitted(indices, length, mode)


@static_function
def _whole_axes(count: int) -> tuple[slice, ...]:
    return (slice(None),) * count


@static_function
def _is_view(part: Any, indices: Any) -> bool:
    """Whether indexing with one number has given a view."""
    return isinstance(part, Array) and not isinstance(indices, Array)


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """The item at an index on one axis, for each position on the others."""
    a, chosen = np.asarray(arr), np.asarray(indices)
    if axis is None:
        return _along_flat(a, chosen)
    number, shape = _along(a, chosen, axis)
    length = a.shape[number]

    def item(*given: Any) -> Any:
        place = primitive.wrap_index(as_index(given[-1]), length)
        return primitive.load(a, *_with(_stretched(given[:-1], a.shape), number, place))

    return generate(shape, item, chosen)


def _along_flat(a: Any, chosen: Any) -> Any:
    if chosen.ndim != 1:
        raise ValueError("when axis=None, `indices` must have a single dimension.")
    return np.ravel(a)[chosen]


def _along(a: Any, chosen: Any, axis: Any) -> Any:
    """The number of the axis and the shape of the result, after all checks."""
    if not isinstance(typeof(chosen).dtype, Integer):
        raise IndexError("`indices` must be an integer array")
    number = normalize_axis(axis, a.ndim)
    if chosen.ndim != a.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    _check_others(a, chosen, number, 0)
    shape = _along_shape(a.shape, chosen.shape, number)
    check_indices(chosen, a.shape[number], number, shape)
    return number, shape


def _check_others(a: Any, chosen: Any, number: Any, axis: Any) -> None:
    if axis < a.ndim:
        if axis != number:
            n, m = a.shape[axis], chosen.shape[axis]
            if n != m and n != 1 and m != 1:
                one = _ones(a.ndim)
                texts = shape_text(_with(one, axis, n)), shape_text(chosen.shape)
                text = f"{texts[0]} {texts[1]}" if axis < number else f"{texts[1]} {texts[0]}"
                raise IndexError(f"shape mismatch: indexing arrays could not be broadcast together with shapes {text} ")
        _check_others(a, chosen, number, axis + 1)


def _ones(count: Any) -> Any:
    return () if count == 0 else (1, *_ones(count - 1))


def _along_shape(lengths: Any, others: Any, number: Any) -> Any:
    if len(lengths) == 0:
        return ()
    here = others[0] if number == 0 else primitive.select(lengths[0] == 1, others[0], lengths[0])
    return (here, *_along_shape(lengths[1:], others[1:], number - 1))


def _stretched(index: Any, shape: Any) -> Any:
    """An index of an array that is stretched: 0 on axes of length 1."""
    if len(index) == 0:
        return ()
    return (primitive.select(shape[0] == 1, 0, index[0]), *_stretched(index[1:], shape[1:]))


def _with(items: Any, number: Any, item: Any) -> Any:
    return (*items[:number], item, *items[number + 1 :])


# --- put


@implements(np.put, np.ndarray.put)
def put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    """Store items at places that are counted in C order; the items are repeated as often as needed."""
    _refuse_readonly(a, "put: output array is read-only")
    places, values, how = np.ravel(np.asarray(as_safe_indices(ind))), _values(v, a), index_mode(mode)
    size, count = a.size, len(values)
    if len(places) == 0:
        return
    if size == 0:
        raise IndexError("cannot replace elements of an empty array")
    if count == 0:
        return
    if how == "raise":
        check_indices(places, size, 0, ())
    for k in range(len(places)):
        place = fitted(primitive.load(places, k), size, how)
        _store_flat(a, place, primitive.load(values, primitive.mod(k, count)))


def _values(v: Any, a: Any) -> Any:
    """What is stored, in C order on memory of its own."""
    kind = typeof(a).dtype
    if isinstance(typeof(v), Scalar):
        value = class_of_item(kind)(v)
        return generate((1,), lambda: value, indexed=False)
    return np.ravel(map_items(lambda x: cast_item(x, kind), np.asarray(v)))


def _refuse_readonly(a: Any, message: Any) -> None:
    if typeof(a).readonly:
        raise ValueError(message)


def _refuse_unsafe(values: Any, a: Any) -> None:
    """TypeError where an array has items that the other one cannot hold; numbers and tuples are converted."""
    if isinstance(typeof(values), Array) and typeof(values).ndim > 0:
        refusal = _unsafe(typeof(values).dtype, typeof(a).dtype)
        if refusal is not None:
            raise TypeError(refusal)


@static_function
def _unsafe(source: Scalar, to: Scalar) -> str | None:
    dtypes = types.dtype_of(source), types.dtype_of(to)
    if np.can_cast(*dtypes, "safe"):
        return None
    return f"Cannot cast array data from {dtypes[0]!r} to {dtypes[1]!r} according to the rule 'safe'"


def _store_flat(a: Any, place: Any, value: Any) -> None:
    primitive.store(a, *positions(a.shape, place), value)


@implements(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """Store an item at an index on one axis, for each position on the others."""
    chosen = np.asarray(indices)
    _refuse_readonly(arr, "assignment destination is read-only")
    if axis is None:
        _put_along_flat(arr, chosen, values)
    else:
        number, shape = _along(arr, chosen, axis)
        items = np.broadcast_to(np.array(values), shape)
        _put_along(arr, chosen, items, number, shape, ())


def _put_along_flat(a: Any, chosen: Any, values: Any) -> None:
    if chosen.ndim != 1:
        raise ValueError("when axis=None, `indices` must have a single dimension.")
    check_indices(chosen, a.size, 0, ())
    items = np.broadcast_to(np.array(values), chosen.shape)
    for k in range(len(chosen)):
        place = primitive.wrap_index(as_index(primitive.load(chosen, k)), a.size)
        _store_flat(a, place, cast_item(primitive.load(items, k), typeof(a).dtype))


def _put_along(a: Any, chosen: Any, items: Any, number: Any, shape: Any, index: Any) -> None:
    if len(index) < a.ndim:
        for i in range(shape[len(index)]):
            _put_along(a, chosen, items, number, shape, (*index, i))
    else:
        place = as_index(primitive.load(chosen, *_stretched(index, chosen.shape)))
        where = _with(_stretched(index, a.shape), number, primitive.wrap_index(place, a.shape[number]))
        primitive.store(a, *where, cast_item(primitive.load(items, *index), typeof(a).dtype))


# --- conditions


@implements(np.compress)
def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """The items, or the subarrays, where a condition of one axis is true; it may be shorter."""
    chosen = np.asarray(condition)
    if chosen.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, np.nonzero(chosen)[0], axis, out)


@implements(np.ndarray.compress)
def compress_method(a: Any, condition: Any, axis: Any = None, out: Any = None) -> Any:
    """The items, or the subarrays, where a condition of one axis is true; it may be shorter."""
    return compress(condition, a, axis, out)


@implements(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """The items of the flattened array where the flattened condition is true."""
    return take(np.ravel(np.asarray(arr)), np.flatnonzero(condition), 0)


@implements(np.place)
def place(arr: Any, mask: Any, vals: Any) -> None:
    """Store items one after the other where the mask is true; they are repeated as often as needed."""
    _refuse_unsafe(vals, arr)
    chosen, values = np.asarray(mask), _values(vals, arr)
    _refuse_readonly(arr, "array is read-only")
    if chosen.size != arr.size:
        raise ValueError("place: mask and data must be the same size")
    if len(values) == 0:
        if chosen.any():
            raise ValueError("Cannot insert from an empty array!")
        return
    found = 0
    for k in range(arr.size):
        if flat_item(chosen, k):
            _store_flat(arr, k, primitive.load(values, found))
            found = primitive.select(found + 1 == len(values), 0, found + 1)


@implements(np.putmask)
def putmask(a: Any, mask: Any, values: Any) -> None:
    """Store items where the mask is true, each at its own place; fewer items are repeated."""
    _refuse_unsafe(values, a)
    chosen, items = np.asarray(mask), _values(values, a)
    _refuse_readonly(a, "putmask: output array is read-only")
    if chosen.size != a.size:
        raise ValueError("putmask: mask and data must be the same size")
    if len(items) == 0:
        return
    for k in range(a.size):
        if flat_item(chosen, k):
            _store_flat(a, k, primitive.load(items, primitive.mod(k, len(items))))


# --- choices


@implements(np.choose)
def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """The item of one of several arrays at each position; `a` has the number of the array."""
    if isinstance(typeof(choices), Array):
        return _delivered(_choose_rows(np.asarray(as_safe_indices(a)), choices, index_mode(mode)), out)
    if not isinstance(choices, tuple):
        reject("the choices are an array, or a tuple or a list of arrays")
    how, count = index_mode(mode), len(choices)
    numbers = as_safe_indices(a)
    if how == "raise":
        _check_choices(np.asarray(numbers), count)
    arrays = _operands(choices)
    kind = common_type(*_types(arrays))
    made = map_items(lambda number, *items: _nth(primitive.max_(fitted(number, count, how), 0), items, kind), numbers, *arrays)
    return _delivered(made, out)


def _delivered(made: Any, out: Any) -> Any:
    """What was chosen: a number where there are no axes; or in an array of its shape."""
    if out is None:
        return made if made.ndim > 0 else made[()]
    if out.ndim != made.ndim or out.shape != made.shape:
        raise TypeError("choose: invalid shape for output array.")
    out[...] = made
    return out


def _choose_rows(numbers: Any, choices: Any, how: Any) -> Any:
    """The choices are the subarrays along the first axis."""
    if choices.ndim == 0:
        reject("TypeError: iteration over a 0-d array")
    count = choices.shape[0]
    if count == 0:
        raise ValueError("0-length sequence.")
    shape = broadcast_lengths(numbers.shape, choices.shape[1:])
    if how == "raise" and size_of(shape) > 0:
        _check_choices(numbers, count)
    spread = choices[(slice(None), *(None,) * (len(shape) - choices.ndim + 1))]
    rows = np.broadcast_to(spread, (count, *shape))

    def item(*given: Any) -> Any:
        return primitive.load(rows, primitive.max_(fitted(given[-1], count, how), 0), *given[:-1])

    return generate(shape, item, numbers)


@implements(np.ndarray.choose)
def choose_method(a: Any, *choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """The item of one of several arrays at each position; the array has the number of the array."""
    return choose(a, choices[0] if len(choices) == 1 else choices, out, mode)


def _check_choices(numbers: Any, count: Any) -> None:
    for i in numbers.flat:
        if i < 0 or i >= count:
            raise ValueError("invalid entry in choice array")


def _types(operands: Any) -> Any:
    return () if len(operands) == 0 else (typeof(operands[0]), *_types(operands[1:]))


def _operands(choices: Any) -> Any:
    """Arrays and numbers as they are, tuples as arrays."""
    if len(choices) == 0:
        return ()
    return (np.array(choices[0]) if isinstance(choices[0], tuple) else choices[0], *_operands(choices[1:]))


def _nth(number: Any, items: Any, kind: Any) -> Any:
    first = cast_item(items[0], kind)
    if len(items) == 1:
        return first
    return primitive.select(number == 0, first, _nth(number - 1, items[1:], kind))


@implements(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The item of the first array whose condition is true at each position, or the default."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions, choices = _operands(condlist), _operands(choicelist)
    _check_conditions(conditions, 0)
    kind = common_type(*_types(choices), typeof(default))
    count = len(conditions)

    def item(*given: Any) -> Any:
        return _first_true(given[:count], given[count:-1], cast_item(given[-1], kind), kind)

    return map_items(item, *conditions, *choices, default)


def _check_conditions(conditions: Any, number: Any) -> None:
    if len(conditions) > 0:
        kind = typeof(conditions[0])
        if not isinstance(kind.dtype if isinstance(kind, Array) else kind, Boolean):
            raise TypeError(f"invalid entry {number} in condlist: should be boolean ndarray")
        _check_conditions(conditions[1:], number + 1)


def _first_true(conditions: Any, items: Any, default: Any, kind: Any) -> Any:
    if len(conditions) == 0:
        return default
    rest = _first_true(conditions[1:], items[1:], default, kind)
    return primitive.select(bool(conditions[0]), cast_item(items[0], kind), rest)


