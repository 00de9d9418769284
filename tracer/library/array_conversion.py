"""Arrays of numbers, of tuples and of other arrays; copies and conversions of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Scalar, Tuple, Type
from tracer.array_steps import assign_items, cast_item, generate, type_of_items
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_types import array_type, class_of_item, item_type, layout_of, leaf_type
from tracer.typeof import typeof
from tracer.values import Sequence

_COPY_NEEDED = (
    "Unable to avoid copy while creating an array as requested.\n"
    "If using `np.array(obj, copy=False)` replace it with `np.asarray(obj)` to allow a copy when needed (no behavior change "
    "in NumPy 1.x).\nFor more details, see https://numpy.org/devdocs/numpy_2_0_migration_guide.html"
    "#adapting-to-changes-in-the-copy-keyword."
)
_FEW = 8  # numbers that are stored one by one, rather than copied from a constant array


@implements(np.array)
def array(
    object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: Any = False, ndmin: Any = 0
) -> Any:  # fmt: skip
    """An array of a number, of an array's items, or of tuples of these, nested to any depth.

    Raises ValueError where tuples and arrays of one depth differ in length.
    """
    return _prepend_axes(_converted(object, dtype, copy, order), ndmin)


@implements(np.asarray)
def asarray(a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None) -> Any:
    """The array itself where it has the dtype and the order asked for, else a new one."""
    return _converted(a, dtype, copy, "K" if order is None else order)


@implements(np.asanyarray)
def asanyarray(a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None) -> Any:
    """As `asarray`: there are no subclasses of arrays here."""
    return asarray(a, dtype, order, copy=copy)


@implements(np.ascontiguousarray)
def ascontiguousarray(a: Any, dtype: Any = None) -> Any:
    """The array in C order, with at least one axis."""
    return _prepend_axes(_converted(a, dtype, None, "C"), 1)


@implements(np.asfortranarray)
def asfortranarray(a: Any, dtype: Any = None) -> Any:
    """The array in Fortran order, with at least one axis."""
    return _prepend_axes(_converted(a, dtype, None, "F"), 1)


@implements(np.asarray_chkfinite)
def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """`asarray`; ValueError where an item is infinite or NaN."""
    made = asarray(a, dtype, order)
    if not np.isfinite(made).all():
        raise ValueError("array must not contain infs or NaNs")
    return made


@implements(np.copy)
def copy_of(a: Any, order: Any = "K", subok: Any = False) -> Any:
    """A new array of the same items."""
    return _converted(a, None, True, order)


@implements(np.ndarray.copy)
def copy_method(a: Any, order: Any = "C") -> Any:
    """A new array of the same items, in C order unless told otherwise."""
    return copy_items(a, layout_of(order, typeof(a)))


@implements(np.ndarray.astype)
def astype(a: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: Any = True, copy: Any = True) -> Any:
    """The items converted to another dtype: a new array, unless `copy=False` and nothing changes."""
    if not can_cast(typeof(a).dtype, dtype, casting):
        reject(cast_refusal(typeof(a).dtype, dtype, casting))
    return _convert_array(a, item_type(dtype), None if not copy else True, order)


@static_function
def can_cast(source: Scalar, dtype: Any, casting: str) -> bool:
    """`np.can_cast`."""
    return bool(np.can_cast(types.dtype_of(source), types.dtype_of(item_type(dtype)), casting))


@static_function
def cast_refusal(source: Scalar, to: Any, casting: str) -> str:
    """The message for a conversion that the casting rule does not allow."""
    found, wanted = types.dtype_of(source), types.dtype_of(item_type(to))
    return f"TypeError: Cannot cast array data from {found!r} to {wanted!r} according to the rule '{casting}'"


def copy_items(a: Any, layout: Any) -> Any:
    """A new array of the same items with this layout."""
    return generate(a.shape, lambda x: x, a, layout=layout, indexed=False)


def _converted(object: Any, dtype: Any, copy: Any, order: Any) -> Any:
    if isinstance(typeof(object), Array):
        return _convert_array(object, typeof(object).dtype if dtype is None else item_type(dtype), copy, order)
    if copy is not None and not copy:
        raise ValueError(_COPY_NEEDED)
    if isinstance(object, range):
        return _converted(np.arange(object.start, object.stop, object.step), dtype, None, order)
    if isinstance(object, Sequence):
        return _from_sequence(object, dtype, layout_of(order))
    if isinstance(object, tuple):
        kind = leaf_type(typeof(object)) if dtype is None else item_type(dtype)
        return _from_tuple(object, kind, layout_of(order))
    if not isinstance(typeof(object), Scalar):
        reject("an array is made of numbers, of arrays and of tuples of them")
    kind = item_type(typeof(object)) if dtype is None else item_type(dtype)
    value = class_of_item(kind)(object)
    return generate((), lambda: value, indexed=False)


def _convert_array(a: Any, kind: Any, copy: Any, order: Any) -> Any:
    same = typeof(a).dtype is kind and _has_order(typeof(a), order)
    if same and not copy:
        return a
    if copy is not None and not copy:
        raise ValueError(_COPY_NEEDED)
    layout = layout_of(order, typeof(a))
    if typeof(a).dtype is kind:
        return copy_items(a, layout)
    return generate(a.shape, lambda x: cast_item(x, kind), a, layout=layout, indexed=False)


@static_function
def _has_order(type: Array, order: str) -> bool:
    """Whether an array of this type is known to have the order that is asked for."""
    if order == "K" or type.ndim == 0:
        return True
    if order == "A":
        return type.layout != "A" or type.ndim == 0
    return type.layout == order or (type.ndim == 1 and type.layout != "A")


# --- tuples


@static_function
def nested_lengths(type: Type) -> Any:
    """The lengths that nested tuples give: None for an axis of the arrays in them, which only run time knows.

    An error message where they do not agree.
    """
    lengths, ragged = _lengths(type)
    return _inhomogeneous(lengths) if ragged else lengths


def _inhomogeneous(shape: tuple[int | None, ...]) -> str:
    return (
        "setting an array element with a sequence. The requested array has an inhomogeneous shape after "
        f"{len(shape)} dimensions. The detected shape was {shape} + inhomogeneous part."
    )


def _lengths(type: Type) -> tuple[tuple[int | None, ...], bool]:
    """The lengths up to where tuples of one depth differ, and whether they do."""
    if isinstance(type, Array):
        return (None,) * type.ndim, False
    if not isinstance(type, Tuple):
        return (), False
    rows = [_lengths(item) for item in type.items]
    depths = {len(lengths) for lengths, _ in rows}
    common: list[int | None] = [len(type)]
    for column in zip(*(lengths for lengths, _ in rows)):
        known_lengths = set(column) - {None}
        if len(known_lengths) > 1:
            return tuple(common), True
        common.append(known_lengths.pop() if known_lengths else None)
    return tuple(common), len(depths) > 1 or any(ragged for _, ragged in rows)


@static_function
def constant_array(items: tuple, kind: Scalar) -> np.ndarray:
    """The array of numbers that are known."""
    return np.array(items, types.dtype_of(kind))


@static_function
def _is_long(type: Type) -> bool:
    return sum(1 for _ in _numbers(type)) > _FEW


def _numbers(type: Type) -> Any:
    for item in type.items if isinstance(type, Tuple) else ():
        if isinstance(item, Scalar):
            yield item
        else:
            yield from _numbers(item)


def _from_tuple(items: Any, kind: Any, layout: Any) -> Any:
    lengths = nested_lengths(typeof(items))
    if isinstance(lengths, str):
        raise ValueError(lengths)
    if known(items) is not None and _is_long(typeof(items)) and leaf_type(typeof(items)) is kind:
        return copy_items(constant_array(items, kind), layout)
    shape = _filled_lengths(lengths, items) if None in lengths else lengths
    made = primitive.alloc(*shape, to=array_type(kind, len(shape), layout), zero=False)
    if None in lengths:
        _check_shapes(items, shape, ())
    _fill(made, (), items, kind)
    return made


def _filled_lengths(lengths: Any, items: Any) -> Any:
    """The lengths, with those of the first array in the place of what is not known."""
    if len(lengths) == 0:
        return ()
    if lengths[0] is None:
        return items.shape
    return (lengths[0], *_filled_lengths(lengths[1:], items[0] if lengths[0] > 0 else ()))


def _check_shapes(items: Any, shape: Any, before: Any) -> None:
    """ValueError where the arrays in the tuples do not have one shape."""
    if isinstance(items, tuple):
        for item in items:
            _check_shapes(item, shape[1:], (*before, shape[0]))
    elif isinstance(typeof(items), Array):
        _check_lengths(items.shape, shape, before)


def _check_lengths(lengths: Any, shape: Any, before: Any) -> None:
    if len(lengths) > 0:
        if lengths[0] != shape[0]:
            raise ValueError(
                "setting an array element with a sequence. The requested array has an inhomogeneous shape after "
                f"{len(before)} dimensions. The detected shape was {before} + inhomogeneous part."
            )
        _check_lengths(lengths[1:], shape[1:], (*before, shape[0]))


def _fill(made: Any, index: Any, item: Any, kind: Any) -> None:
    if isinstance(item, tuple):
        for i in range_of(len(item)):
            _fill(made, (*index, i), item[i], kind)
    elif isinstance(typeof(item), Scalar):
        primitive.store(made, *index, class_of_item(kind)(item))
    elif item.ndim > 0:
        assign_items(made[index], lambda x: cast_item(x, kind), item)
    else:
        primitive.store(made, *index, cast_item(primitive.load(item), kind))


@static_function
def range_of(count: int) -> tuple[int, ...]:
    """The numbers below `count`: a loop over them is unrolled."""
    return tuple(range(count))


# --- generators


def _from_sequence(items: Any, dtype: Any, layout: Any) -> Any:
    """The items of a generator or a comprehension: numbers, or tuples of numbers."""
    found = type_of_items(items)
    lengths = nested_lengths(found)
    if isinstance(lengths, str):
        raise ValueError(lengths)
    if None in lengths:
        reject("the items are arrays, whose lengths are not known before the first one is made", "fill an array in a loop")
    kind = leaf_type(found) if dtype is None else item_type(dtype)
    made = primitive.alloc(len(items), *lengths, to=array_type(kind, 1 + len(lengths), layout), zero=False)
    place = 0
    for item in items:
        _fill(made, (place,), item, kind)
        place += 1
    return made


@implements(np.fromiter)
def fromiter(iter: Any, dtype: Any, count: Any = -1) -> Any:
    """The first `count` numbers of an iterable, or all; ValueError where there are fewer."""
    kind = item_type(dtype)
    if len(iter) < count:
        raise ValueError(f"iterator too short: Expected {count} but iterator had only {len(iter)} items.")
    wanted = len(iter) if count < 0 else count
    made = primitive.alloc(wanted, to=array_type(kind, 1), zero=False)
    place = 0
    for item in iter:
        if place == wanted:
            break
        primitive.store(made, place, class_of_item(kind)(item))
        place += 1
    return made


def _prepend_axes(a: Any, ndim: Any) -> Any:
    """The array with axes of length 1 before its own, so that there are at least `ndim`."""
    if a.ndim >= ndim:
        return a
    return a[(None,) * (ndim - a.ndim)]
