"""What depends on dtypes and on the bytes of items: `result_type`, `common_type`, `sort_complex`, `real_if_close`, `byteswap`, `packbits`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, Integer, Scalar, Type
from tracer.array_steps import assign_items, generate, map_items, view_of
from tracer.extending import implements, primitive, static_function, typed_by_values
from tracer.library.array_reductions import as_operand
from tracer.library.array_types import item_type, layout_of, normalize_axis
from tracer.library.operators_complex import parts
from tracer.typeof import typeof

# --- dtypes of several operands


@implements(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> Any:
    """The dtype that operands and dtypes are converted to together: Python's numbers are weak."""
    return _promoted(tuple(x if isinstance(x, (type, np.dtype, str)) else typeof(as_operand(x)) for x in arrays_and_dtypes))


@static_function
def _promoted(operands: tuple[Any, ...]) -> np.dtype:
    return np.result_type(*map(_for_promotion, operands))


def _for_promotion(operand: Any) -> Any:
    if not isinstance(operand, Type):
        return np.dtype(operand)
    if isinstance(operand, Scalar) and operand.weak:
        return types.PYTHON_CLASSES[operand](0)
    return types.dtype_of(operand.dtype if isinstance(operand, Array) else operand)


@implements(np.common_type)
def common_type(*arrays: Any) -> Any:
    """The class of floats, or of complex numbers, that the items of all arrays are converted to: `np.float64` for integers."""
    return _inexact_class(tuple(typeof(a) for a in arrays))


@static_function
def _inexact_class(operands: tuple[Type, ...]) -> type:
    return np.common_type(*(np.empty(0, types.dtype_of(item_type(a))) for a in operands))


@implements(np.sort_complex)
def sort_complex(a: Any) -> Any:
    """The items in order along the last axis, as complex numbers."""
    return np.sort(np.array(a)).astype(_complex_of(item_type(typeof(as_operand(a)))), copy=False)


@static_function
def _complex_of(kind: Scalar) -> np.dtype:
    return np.sort_complex(np.empty(0, types.dtype_of(kind))).dtype


@implements(np.real_if_close)
def real_if_close(a: Any, tol: Any = 100) -> Any:
    """The real parts where all imaginary parts are near zero; real arrays as they are.

    ValueError where they are not: the types of results cannot depend on values.
    """
    a = np.asarray(a)
    if not isinstance(typeof(a).dtype, Complex):
        return a
    typed_by_values()
    limit = _epsilon(typeof(a)) * tol if tol > 1 else tol
    if not np.all(np.absolute(a.imag) < limit):
        raise ValueError("imaginary parts are not close to zero; in compiled code real_if_close gives real parts or fails")
    return a.real


@static_function
def _epsilon(type: Array) -> Any:
    return np.finfo(types.dtype_of(type.dtype)).eps


# --- bytes and bits


@implements(np.ndarray.byteswap)
def byteswap(a: Any, inplace: Any = False) -> Any:
    """The items with their bytes in the other order: a new array, or the array itself."""
    if inplace:
        if typeof(a).readonly:
            raise ValueError("array to be byte-swapped is read-only")
        assign_items(a, _swapped, a)
        return a
    return map_items(_swapped, a) if a.ndim > 0 else np.asarray(_swapped(a[()]))


def _swapped(x: Any) -> Any:
    kind = typeof(x)
    if isinstance(kind, Boolean):
        return x
    if isinstance(kind, Complex):
        real, imag = parts(x)
        return primitive.complex_(_swapped(real), _swapped(imag))
    unsigned = _unsigned(kind)
    bits = primitive.bitcast(x, to=unsigned) if not isinstance(kind, Integer) else primitive.cast(x, to=unsigned)
    made = primitive.cast(0, to=unsigned)
    for shift in _shifts(unsigned):
        byte = primitive.and_(primitive.shr(bits, shift), 255)
        made = primitive.or_(made, primitive.shl(byte, unsigned.bits - 8 - shift))
    return primitive.bitcast(made, to=kind) if not isinstance(kind, Integer) else primitive.cast(made, to=kind)


@static_function
def _unsigned(kind: Scalar) -> Scalar:
    return types.from_dtype(np.dtype(f"u{types.dtype_of(kind).itemsize}"))


@static_function
def _shifts(kind: Scalar) -> tuple[int, ...]:
    return tuple(range(0, kind.bits, 8))


@implements(np.packbits)
def packbits(a: Any, /, axis: Any = None, bitorder: Any = "big") -> Any:
    """The truth of items as bits, eight in a byte; bits of 0 fill the last one up."""
    given = np.asarray(a)
    if not isinstance(typeof(given).dtype, (Boolean, Integer)):
        raise TypeError("Expected an input array of integer or boolean data type")
    items = np.ravel(given) if axis is None or given.ndim == 0 else given
    at, is_big = normalize_axis(0 if axis is None else axis, items.ndim), _is_big(bitorder)
    length = items.shape[at]
    lengths = (*items.shape[:at], (length + 7) // 8, *items.shape[at + 1 :])

    def packed(*index: Any) -> Any:
        first, byte = index[at] * 8, 0
        for k in range(min(8, length - first)):
            bit = bool(primitive.load(items, *index[:at], first + k, *index[at + 1 :]))
            byte = primitive.or_(byte, primitive.shl(int(bit), 7 - k if is_big else k))
        return np.uint8(byte)

    return generate(lengths, packed, layout=layout_of("K", typeof(items)))


@implements(np.unpackbits)
def unpackbits(a: Any, /, axis: Any = None, count: Any = None, bitorder: Any = "big") -> Any:
    """The bits of bytes as items; `count` of them along the axis, or all but -count."""
    given = np.asarray(a)
    if typeof(given).dtype is not types.uint8:
        raise TypeError("Expected an input array of unsigned byte data type")
    items = np.ravel(given) if axis is None or given.ndim == 0 else given
    at, is_big = normalize_axis(0 if axis is None else axis, items.ndim), _is_big(bitorder)
    length = items.shape[at]
    wanted = length * 8 if count is None else count if count >= 0 else length * 8 + count
    if wanted < 0:
        raise ValueError("-count larger than number of elements")
    lengths = (*items.shape[:at], wanted, *items.shape[at + 1 :])

    def unpacked(*index: Any) -> Any:
        place = primitive.shr(index[at], 3)
        inside = primitive.lt(place, length)
        if not inside:
            return np.uint8(0)
        byte = int(primitive.load(items, *index[:at], place, *index[at + 1 :]))
        bit = primitive.and_(index[at], 7)
        return np.uint8(primitive.and_(primitive.shr(byte, primitive.sub(7, bit) if is_big else bit), 1))

    return generate(lengths, unpacked, layout=layout_of("K", typeof(items)))


@static_function
def _is_big(bitorder: str) -> bool:
    if bitorder not in ("big", "little"):
        raise ValueError("'order' must be either 'little' or 'big'")
    return bitorder == "big"


@implements(np.ndarray.getfield)
def getfield(a: Any, dtype: Any, offset: Any = 0) -> Any:
    """Part of each item's bytes as a number of this dtype: a view."""
    if offset < 0:
        raise ValueError("offset is negative")
    size = _size_of(item_type(dtype))
    if size > a.itemsize:
        raise ValueError("new type is larger than original type")
    if offset + size > a.itemsize:
        raise ValueError("new type plus offset is larger than original type")
    return view_of(a, offset, a.shape, a.strides, dtype=item_type(dtype))


@implements(np.ndarray.setfield)
def setfield(a: Any, val: Any, dtype: Any, offset: Any = 0) -> None:
    """Write numbers of this dtype into part of each item's bytes."""
    field = getfield(a, dtype, offset)
    field[...] = val


@static_function
def _size_of(kind: Scalar) -> int:
    return types.dtype_of(kind).itemsize
