"""Functions of NumPy that work item by item but are no ufuncs: choosing, limiting, rounding, comparing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, Float, Integer, Scalar
from tracer.array_steps import assign_items, cast_item, fold_items, generate, map_items
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_reductions import NOTHING, as_operand, has_axes, pointwise, shape_of, single, size_of
from tracer.library.array_types import common_type, inexact_type, item_type, ndim_of, power_of_ten
from tracer.library.array_ufuncs import CLIP, is_nan
from tracer.library.numpy_versions import FROM_2_5
from tracer.library.operators_complex import parts
from tracer.library.rounding import rounded
from tracer.typeof import typeof


@implements(np.where)
def where(condition: Any, x: Any = NOTHING, y: Any = NOTHING) -> Any:
    """An item of x where the condition holds, else of y. Without both: the indices where it holds."""
    if x is NOTHING and y is NOTHING:
        return np.nonzero(condition)
    if x is NOTHING or y is NOTHING:
        raise ValueError("either both or neither of x and y should be given")
    condition, x, y = as_operand(condition), as_operand(x), as_operand(y)
    kind = common_type(typeof(x), typeof(y))
    x, y = _choice(x, kind), _choice(y, kind)
    return map_items(lambda c, a, b: primitive.select(bool(c), cast_item(a, kind), cast_item(b, kind)), condition, x, y)


def _choice(x: Any, kind: Any) -> Any:
    """What `np.where` chooses from: a Python int must fit the other one's type. (Before NumPy 2.5 it wraps.)"""
    return _class_of(kind)(x) if FROM_2_5 and _narrows(typeof(x), kind) else x


@static_function
def _narrows(type: Any, kind: Scalar) -> bool:
    return type is types.int64 and isinstance(kind, Integer) and kind.numpy is not types.np_int64


@static_function
def _class_of(kind: Scalar) -> type:
    return types.dtype_of(kind).type


# --- limits


@implements(np.clip)
def clip(
    a: Any, a_min: Any = NOTHING, a_max: Any = NOTHING, out: Any = None, *, min: Any = NOTHING, max: Any = NOTHING, dtype: Any = None
) -> Any:
    """Items beyond a limit replaced by the limit; None is no limit."""
    if a_min is NOTHING and a_max is NOTHING:
        return _clip(as_operand(a), None if min is NOTHING else min, None if max is NOTHING else max, out, dtype)
    if a_min is NOTHING:
        raise TypeError("clip() missing 1 required positional argument: 'a_min'")
    if a_max is NOTHING:
        raise TypeError("clip() missing 1 required positional argument: 'a_max'")
    if min is not NOTHING or max is not NOTHING:
        raise ValueError("Passing `min` or `max` keyword argument when `a_min` and `a_max` are provided is forbidden.")
    return _clip(as_operand(a), a_min, a_max, out, dtype)


@implements(np.ndarray.clip, np.generic.clip)
def clip_method(a: Any, min: Any = None, max: Any = None, out: Any = None, dtype: Any = None) -> Any:
    """Items beyond a limit replaced by the limit; None is no limit."""
    return _clip(a, min, max, out, dtype)


def _clip(a: Any, low: Any, high: Any, out: Any, dtype: Any) -> Any:
    kind = item_type(typeof(a))
    if isinstance(kind, Integer):
        low, high = _low_limit(low, kind), _high_limit(high, kind)
    if low is None and high is None:
        return np.positive(a, out=out, dtype=dtype)
    if low is None:
        return np.minimum(a, high, out=out, dtype=dtype)
    if high is None:
        return np.maximum(a, low, out=out, dtype=dtype)
    return CLIP(a, low, high, out=out, dtype=dtype)


def _low_limit(limit: Any, kind: Any) -> Any:
    """A Python int below all numbers of the type is no limit; one above them is refused later."""
    if limit is None or not isinstance(limit, int) or isinstance(limit, bool):
        return limit
    number = known(limit)
    if number is not None:
        return None if number <= kind.minimum else limit
    return primitive.max_(limit, kind.minimum)


def _high_limit(limit: Any, kind: Any) -> Any:
    if limit is None or not isinstance(limit, int) or isinstance(limit, bool):
        return limit
    number = known(limit)
    if number is not None:
        return None if number >= kind.maximum else limit
    return primitive.min_(limit, kind.maximum) if kind.bits < 64 else limit


# --- rounding


@implements(np.round, np.around, np.ndarray.round, np.generic.round)
def round_items(a: Any, decimals: Any = 0, out: Any = None) -> Any:
    """Rounded to this number of decimals, ties to even; as NumPy, by scaling."""
    a = as_operand(a)
    kind = item_type(typeof(a))
    digits = int(decimals)
    if out is not None and single(out).size != size_of(shape_of(a)):
        raise ValueError("invalid output shape")
    if isinstance(kind, Boolean):
        if digits != 0:
            raise TypeError("Cannot cast ufunc 'multiply' output from dtype('float64') to dtype('bool') with casting rule 'same_kind'")
        return np.rint(a, out=out)
    result = pointwise(lambda x: _rounded(x, digits, kind), a)
    return result if out is None else np.positive(result, out=single(out))


def store_items(result: Any, out: Any) -> Any:
    """Write a result to `out=`; the array itself."""
    assign_items(out, lambda x: x, result)
    return out


def _rounded(x: Any, decimals: Any, kind: Any) -> Any:
    if isinstance(kind, Complex):
        real, imag = parts(x)
        return primitive.complex_(_rounded(real, decimals, kind.part), _rounded(imag, decimals, kind.part))
    x = cast_item(x, kind)
    digits = known(decimals)
    if digits is None:
        return rounded(x, decimals)
    if isinstance(kind, Integer):
        return x if digits >= 0 else rounded(x, decimals)
    if digits == 0:
        return primitive.rint(x)
    unit = primitive.cast(power_of_ten(digits), to=kind)
    if digits > 0:
        return primitive.div(primitive.rint(primitive.mul(x, unit)), unit)
    return primitive.mul(primitive.rint(primitive.div(x, unit)), unit)


# --- comparisons with a tolerance


@implements(np.isclose)
def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: Any = False) -> Any:
    """Whether |a - b| <= atol + rtol * |b|, or both are equal (NaN too with `equal_nan`)."""
    a, b = as_operand(a), as_operand(b)
    kind = common_type(typeof(a), typeof(b))
    kind = common_type(kind, inexact_type(typeof(b)))
    return pointwise(
        lambda x, y, r, t: _is_close(cast_item(x, kind), cast_item(y, kind), r, t, equal_nan), a, b, rtol, atol
    )


def _is_close(x: Any, y: Any, rtol: Any, atol: Any, equal_nan: Any) -> Any:
    near = np.bool_(abs(x - y) <= atol + rtol * abs(y))
    near = primitive.and_(near, np.isfinite(y))
    near = primitive.or_(near, np.bool_(x == y))
    if equal_nan:
        near = primitive.or_(near, primitive.and_(np.isnan(x), np.isnan(y)))
    return near


@implements(np.allclose)
def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: Any = False) -> Any:
    """Whether `isclose` holds for all items."""
    return bool(np.all(isclose(a, b, rtol, atol, equal_nan)))


@implements(np.array_equal)
def array_equal(a1: Any, a2: Any, equal_nan: Any = False) -> Any:
    """Whether both have the same shape and equal items (NaN too with `equal_nan`)."""
    a, b = as_operand(a1), as_operand(a2)
    if ndim_of(typeof(a)) != ndim_of(typeof(b)):
        return False
    if shape_of(a) != shape_of(b):
        return False
    return _all_equal(a, b, equal_nan)


@implements(np.array_equiv)
def array_equiv(a1: Any, a2: Any) -> Any:
    """Whether all items are equal when both are stretched to one shape."""
    a, b = as_operand(a1), as_operand(a2)
    if not _fit(shape_of(a), shape_of(b)):
        return False
    return _all_equal(a, b, False)


def _fit(a: Any, b: Any) -> Any:
    """Whether shapes can be stretched to one."""
    if len(a) == 0 or len(b) == 0:
        return True
    if a[-1] != b[-1] and a[-1] != 1 and b[-1] != 1:
        return False
    return _fit(a[:-1], b[:-1])


def _all_equal(a: Any, b: Any, equal_nan: Any) -> Any:
    return bool(fold_items(lambda s, x, y: primitive.and_(s, _equal(x, y, equal_nan)), np.bool_(True), a, b))


def _equal(x: Any, y: Any, equal_nan: Any) -> Any:
    same = np.bool_(x == y)
    return primitive.or_(same, primitive.and_(np.isnan(x), np.isnan(y))) if equal_nan else same


# --- parts of numbers


@implements(np.nan_to_num)
def nan_to_num(x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """NaN, and the infinities (None: by the largest finite numbers), replaced by numbers."""
    x = as_operand(x)
    kind = item_type(typeof(x))
    if has_axes((nan, posinf, neginf)):
        reject("nan=, posinf= and neginf= are numbers in compiled code")
    if isinstance(typeof(x), Array) and not copy:
        if isinstance(kind, (Float, Complex)):
            store_items(nan_to_num(x, True, nan, posinf, neginf), x)
        return x if x.ndim > 0 else x[()]
    if not copy:
        return np.array(x, copy=False)  # which cannot be done
    return pointwise(lambda item: _replaced(cast_item(item, kind), nan, posinf, neginf), x)


def _replaced(x: Any, nan: Any, posinf: Any, neginf: Any) -> Any:
    kind = typeof(x)
    if isinstance(kind, Complex):
        real, imag = parts(x)
        return primitive.complex_(_replaced(real, nan, posinf, neginf), _replaced(imag, nan, posinf, neginf))
    if not isinstance(kind, Float):
        return x
    largest = _largest_finite(kind)
    above = largest if posinf is None else cast_item(posinf, kind)
    below = primitive.neg(largest) if neginf is None else cast_item(neginf, kind)
    found = primitive.select(primitive.eq(x, math.inf), above, primitive.select(primitive.eq(x, -math.inf), below, x))
    return primitive.select(is_nan(x), cast_item(nan, kind), found)


def _largest_finite(kind: Any) -> Any:
    return primitive.cast(3.4028234663852886e38 if kind.bits == 32 else 1.7976931348623157e308, to=kind)


@implements(np.angle)
def angle(z: Any, deg: Any = False) -> Any:
    """The angle of a complex number, in radians or degrees."""
    return pointwise(lambda x: _angle(x, deg), as_operand(z))


def _angle(x: Any, deg: Any) -> Any:
    if isinstance(typeof(x), Complex):
        found = np.arctan2(primitive.imag(x), primitive.real(x))
    else:
        found = np.arctan2(0, x)
    return found * (180.0 / math.pi) if deg else found


@implements(np.isreal)
def isreal(x: Any) -> Any:
    """Whether the imaginary part is zero."""
    x = as_operand(x)
    return pointwise(lambda z: z.imag == 0, x)


@implements(np.iscomplex)
def iscomplex(x: Any) -> Any:
    """Whether the imaginary part is not zero."""
    x = as_operand(x)
    if isinstance(item_type(typeof(x)), Complex):
        return pointwise(lambda z: np.bool_(z.imag != 0), x)
    return generate(shape_of(x), lambda: False, indexed=False) if has_axes((x,)) else np.bool_(False)


@implements(np.isrealobj)
def isrealobj(x: Any) -> Any:
    """Whether the type is not complex."""
    return not isinstance(item_type(typeof(x)), Complex)


@implements(np.iscomplexobj)
def iscomplexobj(x: Any) -> Any:
    """Whether the type is complex."""
    return isinstance(item_type(typeof(x)), Complex)


@implements(np.isposinf)
def isposinf(x: Any, out: Any = None) -> Any:
    """Whether x is plus infinity."""
    return np.logical_and(np.isinf(x), np.logical_not(np.signbit(x)), out=out)


@implements(np.isneginf)
def isneginf(x: Any, out: Any = None) -> Any:
    """Whether x is minus infinity."""
    return np.logical_and(np.isinf(x), np.signbit(x), out=out)


@implements(np.sinc)
def sinc(x: Any) -> Any:
    """`sin(pi x) / (pi x)`, 1 for 0."""
    x = as_operand(x)
    kind = inexact_type(typeof(x))
    return pointwise(lambda item: _sinc(cast_item(item, kind)), x)


def _sinc(x: Any) -> Any:
    y = math.pi * x
    return primitive.select(np.bool_(y == 0), cast_item(1.0, typeof(x)), np.sin(y) / y)


@implements(np.real)
def real(val: Any) -> Any:
    """The real part: of an array a view."""
    return (np.asarray(val) if isinstance(val, tuple) else val).real


@implements(np.imag)
def imag(val: Any) -> Any:
    """The imaginary part: of a complex array a view."""
    return (np.asarray(val) if isinstance(val, tuple) else val).imag
