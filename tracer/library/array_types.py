"""What is decided about arrays while tracing: their types, dtypes, axes."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from ir import types
from ir.records import Record
from ir.types import Array, Scalar, Tuple, Type
from tracer.extending import primitive, static_function
from tracer.library.times import make_time


@static_function
def item_type(dtype: Any) -> Scalar:
    """The type of the items of an array of this dtype: a dtype, a class of numbers or a type of ours."""
    if isinstance(dtype, (Scalar, Record)):
        return dtype.numpy
    if isinstance(dtype, Array):
        return dtype.dtype
    if dtype is None:
        return types.np_float64
    found = types.from_dtype(np.dtype(dtype))
    if found is None:
        raise TypeError(f"arrays of dtype {np.dtype(dtype)} are not supported in compiled code")
    return found


@static_function
def class_of_item(item: Scalar) -> Any:
    """The class of a number, or what makes a time of a unit: calling it converts as a store into an array does."""
    return functools.partial(make_time, item) if isinstance(item, types.Time) else types.class_of(item)


@static_function
def array_type(item: Scalar, ndim: int, layout: str = "C") -> Array:
    """The type of a new array."""
    return Array(item, ndim, layout)


@static_function
def leaf_type(type: Type) -> Scalar:
    """The type of the items of an array made of numbers, arrays and tuples of them: the one that holds them all."""
    found = {_dtype_of_leaf(t) for t in _leaves(type)}
    return types.from_dtype(np.result_type(*found)) if found else types.np_float64


def _leaves(type: Type) -> Iterator[Type]:
    if isinstance(type, Tuple):
        for item in type.items:
            yield from _leaves(item)
    else:
        yield type


def _dtype_of_leaf(type: Type) -> np.dtype:
    if not isinstance(type, (Scalar, Array)):
        raise TypeError(f"arrays hold numbers, not values of the type {type}")
    return types.dtype_of(type.dtype if isinstance(type, Array) else type)


@static_function
def common_type(*operands: Type) -> Scalar:
    """`np.result_type` of numbers and arrays: Python's numbers are weak."""
    return types.from_dtype(np.result_type(*map(_for_promotion, operands)))


def _for_promotion(type: Type) -> Any:
    if isinstance(type, Scalar) and type.weak and type is not types.boolean:
        return types.PYTHON_CLASSES[type](0)
    return _dtype_of_leaf(type)


@static_function
def layout_of(order: str | None, type: Type = None) -> str:
    """The layout of a new array for NumPy's `order`: "K" and "A" keep that of an array of this type."""
    if order in (None, "C"):
        return "C"
    if order == "F":
        return "F"
    if order not in ("K", "A"):
        raise ValueError(f"order must be one of 'C', 'F', 'A', or 'K' (got '{order}')")
    return "F" if isinstance(type, Array) and type.layout == "F" else "C"


@static_function
def normalize_axis(axis: Any, ndim: int) -> int:
    """An axis counted from the start; NumPy's AxisError is a ValueError and an IndexError."""
    if isinstance(axis, (bool, np.bool_)):
        raise TypeError("an integer is required for the axis")
    number = operator.index(axis)
    if not -ndim <= number < ndim:
        raise np.exceptions.AxisError(number, ndim)
    return number % ndim


@static_function
def normalize_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes that `axis=` of a reduction names, in order; None names all."""
    if axis is None:
        return tuple(range(ndim))
    axes = [normalize_axis(a, ndim) for a in (axis if isinstance(axis, tuple) else (axis,))]
    if len(set(axes)) != len(axes):
        raise ValueError("duplicate value in 'axis'")
    return tuple(sorted(axes))


@static_function
def integer_of_width(kind: Scalar) -> Scalar:
    """NumPy's signed integer with as many bits as a number."""
    return types.Integer(kind.bits)


@static_function
def ndim_of(type: Type) -> int:
    """The number of axes: none for a number."""
    return type.ndim if isinstance(type, Array) else 0


@static_function
def layout_of_array(type: Array) -> str:
    """ "C", "F" or "A"."""
    return type.layout


@static_function
def reduced_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """As `normalize_axes`; ufunc reductions take the axis 0 of a number too (means, variances and medians do not)."""
    if ndim == 0 and axis in (0, -1):
        return ()
    return normalize_axes(axis, ndim)


@static_function
def sum_type(operand: Type, dtype: Any, out: Type | None) -> Scalar:
    """The type that sums and products are computed in: small integers are widened."""
    kind = item_type(operand)
    if dtype is not None:
        return _accepted(kind, item_type(dtype))
    if isinstance(out, Array):
        return _with_output(kind, out)
    if isinstance(kind, types.Boolean):
        return types.np_int64
    if isinstance(kind, types.Integer) and kind.bits < 64:
        return types.np_int64 if kind.signed else types.uint64
    return kind


def _accepted(operand: Scalar, given: Scalar) -> Scalar:
    """What `dtype=` of a sum says: times are added as times."""
    if isinstance(operand, types.Time) and not isinstance(given, types.Time):
        raise TypeError(f"sums and means of {operand} are times: dtype= must be one too")
    return given


@static_function
def result_kind(operand: Type, out: Type | None) -> Scalar:
    """The type that extremes are found in: an output counts as an operand."""
    kind = item_type(operand)
    return _with_output(kind, out) if isinstance(out, Array) else kind


def _with_output(operand: Scalar, out: Array) -> Scalar:
    """The type that NumPy reduces items in where there is an output, which it takes for an operand."""
    return types.from_dtype(np.promote_types(types.dtype_of(operand), types.dtype_of(out.dtype)))


@static_function
def mean_type(operand: Type, dtype: Any) -> Scalar:
    """The type that means are computed in: floats for integers."""
    kind = item_type(operand)
    if dtype is not None:
        return _accepted(kind, item_type(dtype))
    return types.np_float64 if isinstance(kind, (types.Boolean, types.Integer)) else kind


@static_function
def variance_type(operand: Type, dtype: Any) -> Scalar:
    """The type that variances are computed in."""
    kind = mean_type(operand, dtype)
    if isinstance(kind, types.Time):
        raise TypeError(f"ufunc 'square' not supported for the input types: {kind}")
    if isinstance(kind, (types.Boolean, types.Integer)):
        raise TypeError("variances are computed in floats or complex numbers: dtype= must be one of them")
    return kind


@static_function
def variance_result(kind: Scalar, dtype: Any) -> Scalar:
    """The type of a variance that is computed in `kind`: that of `dtype=`, else a real one."""
    return real_type(kind) if dtype is None else kind


@static_function
def real_type(kind: Scalar) -> Scalar:
    """The type of the parts of a complex number; that of any other number itself."""
    return kind.part if isinstance(kind, types.Complex) else kind


@static_function
def inexact_type(operand: Type) -> Scalar:
    """The type in which functions that are not exact take a number: floats for integers."""
    kind = item_type(operand)
    if isinstance(kind, types.Time):
        raise TypeError(f"this function is not defined for {kind}")
    return kind if isinstance(kind, (types.Float, types.Complex)) else types.np_float64


@static_function
def power_of_ten(exponent: int) -> float:
    """`10.0 ** abs(exponent)`, with the rounding errors of multiplications beyond 10**22."""
    result = 10.0 ** min(abs(exponent), 22)
    for _ in range(22, min(abs(exponent), 400)):
        result *= 10.0
    return result


@static_function
def accumulation_type(ufunc: np.ufunc, operand: Type, dtype: Any, out: Type) -> Scalar:
    """The type of the states when a ufunc of two numbers is folded."""
    if dtype is not None:
        return _folded_as(ufunc, item_type(dtype))
    if ufunc in (np.add, np.multiply):
        return sum_type(operand, None, out)
    kind = item_type(operand)
    given = types.dtype_of(_with_output(kind, out) if isinstance(out, Array) else kind)
    found = tuple(np.dtype("float32") if t == np.float16 else t for t in ufunc.resolve_dtypes((given, given, None)))
    if found[-1] == np.bool_ != found[0] and ufunc not in (np.logical_and, np.logical_or, np.logical_xor):
        raise TypeError(f"No loop matching the specified signature and casting was found for ufunc {ufunc.__name__}")
    return item_type(found[-1])


def _folded_as(ufunc: np.ufunc, kind: Scalar) -> Scalar:
    """The type that `dtype=` names; TypeError where the ufunc of two such numbers gives none of that type."""
    wanted = types.dtype_of(kind)
    if ufunc.resolve_dtypes((wanted, wanted, None))[-1] != wanted:
        raise TypeError(f"No loop matching the specified signature and casting was found for ufunc {ufunc.__name__}")
    return kind


@static_function
def identity_of(ufunc: np.ufunc) -> Any:
    """The neutral number of a ufunc of two numbers, or None."""
    return ufunc.identity


@static_function
def is_reorderable(ufunc: np.ufunc) -> bool:
    """Whether a ufunc of two numbers may be folded along several axes."""
    return ufunc.identity is not None or ufunc in (np.maximum, np.minimum, np.fmax, np.fmin)


_DISCRETE = ("inverted_cdf", "closest_observation", "lower", "higher", "nearest")


@static_function
def is_discrete(method: str) -> bool:
    """Whether a method of quantiles gives one of the items."""
    return method in _DISCRETE


@static_function
def quantile_method(method: str, fraction: Type, unit: float) -> str:
    """The method by which quantiles are found: those of integers as fractions, which are 0 and 1, are items."""
    is_item = method == "linear" and unit == 1.0 and isinstance(item_type(fraction), (types.Integer, types.Boolean))
    return "lower" if is_item else method


@static_function
def quantile_type(operand: Type, fraction: Type, method: str) -> Scalar:
    """The type of quantiles: that of the items for discrete methods; else floats, where Python's fractions are weak."""
    kind = item_type(operand)
    if method in _DISCRETE or isinstance(kind, types.Time):
        return kind
    weak = isinstance(fraction, Scalar) and fraction.weak
    return kind if isinstance(kind, types.Float) and (weak or item_type(fraction) is kind) else types.np_float64


@static_function
def other_axes(ndim: int, axes: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that are not among these."""
    return tuple(axis for axis in range(ndim) if axis not in axes)


@static_function
def is_selected(operand: Type) -> bool:
    """Whether an item at a place in order is found by selection: sorting numbers of 64 bits takes longer."""
    kind = item_type(operand)
    return kind.bits == 64 and isinstance(kind, (types.Float, types.Integer))


def together(length: Any, more: Any) -> Any:
    """The sum of two lengths. ValueError where it does not fit 64 bits: stretched arrays can be that long."""
    total = primitive.add(length, more)
    if total < 0:
        raise ValueError("array is too big; `arr.size * arr.dtype.itemsize` is larger than the maximum possible size.")
    return total


for _function in (np.iinfo, np.finfo, np.issubdtype, np.can_cast, np.promote_types, np.min_scalar_type, np.isdtype, np.datetime_data):
    static_function(_function)
