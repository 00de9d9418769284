"""Arrays of evenly spaced numbers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir import types
from ir.types import Array, Boolean, Complex, DateTime, Integer, Scalar, Time, TimeDelta, Type, np_int64
from tracer.array_steps import cast_item, generate
from tracer.extending import implements, known, primitive, reject, static_function
from tracer.library.array_reductions import has_axes
from tracer.library.array_types import class_of_item, common_type, item_type
from tracer.library.times import count_of, is_nat, of_count
from tracer.typeof import typeof

_TOO_LARGE = "Maximum allowed size exceeded"
_NO_LENGTH = "arange: cannot compute length"


@implements(np.arange)
def arange(start: Any = None, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """The numbers from start on, in steps, below stop. As NumPy has it, the first two and their difference decide.

    Raises ZeroDivisionError or ValueError where the number of items is not known or too large.
    """
    start, stop, step = _number(start), _number(stop), _number(step)
    if _has_times(typeof(start), typeof(stop), typeof(step), dtype):
        return _arange_of_times(start, stop, step, dtype)
    if stop is None:
        if start is None:
            raise TypeError("arange() requires stop to be specified.")
        return _arange(0, start, 1 if step is None else step, dtype)
    return _arange(0 if start is None else start, stop, 1 if step is None else step, dtype)


def _number(x: Any) -> Any:
    """An array without axes as its item."""
    return x[()] if isinstance(typeof(x), Array) and x.ndim == 0 else x


def _arange(start: Any, stop: Any, step: Any, dtype: Any) -> Any:
    found = _arange_type(typeof(start), typeof(stop), typeof(step))
    kind = found if dtype is None or isinstance(found, Complex) else item_type(dtype)
    if isinstance(kind, Complex) and not isinstance(found, Complex):
        return _arange(start, stop, step, kind.part).astype(kind)
    if isinstance(kind, (Boolean, Complex)):
        reject("np.arange makes real numbers in compiled code", "use dtype=int and convert the result")
    length = _arange_length(start, stop, step)
    convert = class_of_item(kind)
    if known(start) is not None and start == 0 and known(step) is not None and step == 1:
        return generate((length,), lambda i: cast_item(i, kind))
    first, second = convert(start), convert(start + step)
    delta = second - first
    if isinstance(kind, Integer) or (_is_integer(typeof(start)) and _is_integer(typeof(step))):
        return generate((length,), lambda i: first + cast_item(i, kind) * delta)
    return generate((length,), lambda i: _evenly(i, first, second, delta, kind))


@static_function
def _has_times(start: Type, stop: Type, step: Type, dtype: Any) -> bool:
    kinds = [start, stop, step] + ([] if dtype is None else [item_type(dtype)])
    return any(isinstance(kind, Time) for kind in kinds)


def _arange_of_times(start: Any, stop: Any, step: Any, dtype: Any) -> Any:
    """Points in time, or lengths: `start` may be left out for these only."""
    if stop is None:
        return _arange_of_times(None, start, step, dtype)
    if has_axes((start, stop, step)):
        reject("np.arange takes single times, not arrays of them")
    kind, unit = _type_of_times(typeof(start), typeof(stop), typeof(step), dtype)
    if start is None and isinstance(kind, DateTime):
        raise ValueError("arange requires both a start and a stop for NumPy datetime64 ranges")
    first = cast_item(0 if start is None else start, kind)
    delta = cast_item(1 if step is None else step, unit)
    last = first + cast_item(stop, unit) if _is_length(typeof(stop), kind) else cast_item(stop, kind)
    if primitive.or_(primitive.or_(is_nat(first), is_nat(last)), is_nat(delta)):
        raise ValueError("arange: cannot use NaT (not-a-time) datetime values")
    begin, width = count_of(first), count_of(delta)
    if width == 0:
        raise ValueError("arange: step may not be zero")
    length = _count(int(begin), int(count_of(last)), int(width))
    return generate((length,), lambda i: of_count(begin + cast_item(i, np_int64) * width, kind))


@static_function
def _type_of_times(start: Type, stop: Type, step: Type, dtype: Any) -> tuple[Time, Time]:
    """The type of the items, and that of a step."""
    given = [kind for kind in (start, stop, step) if isinstance(kind, Time)]
    is_date = any(isinstance(kind, DateTime) for kind in given)
    if dtype is not None:
        kind = item_type(dtype)
    else:
        units = np.result_type(*(types.dtype_of(TimeDelta(kind.unit)) for kind in given))
        kind = (DateTime if is_date else TimeDelta)(types.from_dtype(units).unit)
    return kind, TimeDelta(kind.unit)


@static_function
def _is_length(stop: Type, kind: Time) -> bool:
    """Whether the end is given as a distance from a date."""
    return isinstance(kind, DateTime) and not isinstance(stop, DateTime)


def _evenly(i: Any, first: Any, second: Any, delta: Any, kind: Any) -> Any:
    """The first two items are exactly what was asked for, the others are computed from them."""
    item = primitive.select(i == 1, second, first + cast_item(i, kind) * delta)
    return primitive.select(i == 0, first, item)


@static_function
def _arange_type(*operands: Type) -> Scalar:
    found = [np.dtype(t.name) for t in operands if isinstance(t, Scalar)]
    if len(found) < len(operands):
        raise TypeError("arange() takes numbers")
    return types.from_dtype(np.result_type(np.int64, *found))


@static_function
def _is_integer(type: Type) -> bool:
    return isinstance(type, (Integer, Boolean))


def _arange_length(start: Any, stop: Any, step: Any) -> Any:
    if _is_integer(typeof(start)) and _is_integer(typeof(stop)) and _is_integer(typeof(step)):
        if step == 0:
            (stop - start) / step  # ZeroDivisionError, but for NumPy's numbers
            if start == stop:
                raise ValueError(_NO_LENGTH)
            raise ValueError(_TOO_LARGE)
        return _count(int(start), int(stop), int(step))
    distance = stop - start
    quotient = distance / step
    if quotient == 0.0 and distance != 0:
        return 0 if np.signbit(quotient) else 1
    whole = np.ceil(quotient)
    if whole != whole:
        raise ValueError(_NO_LENGTH)
    if not -9.3e18 < whole < 9.2e18:
        raise ValueError(_TOO_LARGE)
    return max(int(whole), 0)


def _count(start: int, stop: int, step: int) -> int:
    """The number of integers, rounded up."""
    distance = primitive.sub(stop, start)
    if step == 1:
        return primitive.max_(distance, 0)
    return max(-(primitive.neg(distance) // step), 0)


# --- linspace and its relatives


@implements(np.linspace)
def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None, axis: Any = 0
) -> Any:  # fmt: skip
    """`num` numbers from start to stop, evenly spaced, by NumPy's own steps: start + i * step, and stop as it is at the end.

    `start` and `stop` may be arrays; their axes follow the new one, which is moved to `axis`.
    """
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    kind = _spaced_type(typeof(_plain(start)), typeof(_plain(stop)))
    to = kind if dtype is None else item_type(dtype)
    intervals = num - 1 if endpoint else num
    first, last = _in_type(start, kind), _in_type(stop, kind)
    made, step = _spaced(first, last, num, intervals, endpoint, kind, to)
    made = _moved(made, axis)
    return (made, step) if retstep else made


@static_function
def _spaced_type(start: Type, stop: Type) -> Scalar:
    """The type of numbers between two: NumPy's releases differ where integers meet small floats."""
    return types.from_dtype(np.linspace(_example(start), _example(stop), 2).dtype)


def _example(type: Type) -> Any:
    if isinstance(type, Scalar) and type.weak:
        return types.PYTHON_CLASSES[type](0)
    return np.zeros((), types.dtype_of(type.dtype if isinstance(type, Array) else type))


def _plain(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, tuple) else x


def _in_type(x: Any, kind: Any) -> Any:
    """A number or an array in the type that is computed in."""
    x = _plain(x)
    return np.multiply(x, 1.0, dtype=class_of_item(kind)) if isinstance(typeof(x), Array) else class_of_item(kind)(x)


def _spaced(first: Any, last: Any, num: Any, intervals: Any, endpoint: Any, kind: Any, to: Any) -> Any:
    delta = last - first
    count = _real_number(intervals, kind)
    step = delta / count if intervals > 0 else delta * class_of_item(kind)(np.nan)
    shape = delta.shape if isinstance(typeof(delta), Array) else ()
    vanished = np.any(step == 0) if isinstance(typeof(delta), Array) else step == 0

    def item(*given: Any) -> Any:
        i, first, last, delta, step = given[0], *given[-4:]
        at = _real_number(i, kind)
        if intervals <= 0:
            made = at * delta + first
        elif vanished:
            made = at / count * delta + first
        else:
            made = at * step + first
        if endpoint:
            made = primitive.select(num > 1 and i == num - 1, last, made)
        if isinstance(to, Integer):
            made = np.floor(made)
        return cast_item(made, to)

    return generate((num, *shape), item, first, last, delta, step), step


def _real_number(i: Any, kind: Any) -> Any:
    """An integer as a number of a float type, or of the type of the parts of a complex one."""
    return cast_item(i, kind.part if isinstance(kind, Complex) else kind)


def _moved(a: Any, axis: Any) -> Any:
    return a if axis == 0 else np.moveaxis(a, 0, axis)


@implements(np.logspace)
def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0, dtype: Any = None, axis: Any = 0
) -> Any:  # fmt: skip
    """Powers of `base` with evenly spaced exponents."""
    exponents = linspace(start, stop, num, endpoint, False, None, axis)
    powers = np.power(base, exponents)
    return powers if dtype is None else powers.astype(dtype, copy=False)


@implements(np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: Any = 0) -> Any:
    """Numbers with evenly spaced logarithms, both ends exact. ValueError where an end is zero."""
    start, stop, num = _plain(start), _plain(stop), operator.index(num)
    if np.any(start == 0) or np.any(stop == 0):
        raise ValueError("Geometric sequence cannot include zero")
    kind = common_type(typeof(start), typeof(stop), types.float64, item_type(dtype))
    first, last = _in_type(start, kind), _in_type(stop, kind)
    sign = np.sign(first)
    magnitude = first / sign
    ratio_end = last / sign
    made = logspace(np.log10(magnitude), np.log10(ratio_end), num, endpoint, 10.0, item_type(kind))
    if num > 0:
        made[0] = magnitude
        if num > 1 and endpoint:
            made[-1] = ratio_end
    made *= sign
    return _moved(made if dtype is None else made.astype(dtype, copy=False), axis)
