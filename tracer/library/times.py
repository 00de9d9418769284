"""Arithmetic of `np.datetime64` and `np.timedelta64` on their counts of units. NaT, the least count, is kept apart.

Units that months and years do not take part in are multiples of each other. Dates in months and years are converted
through the days of the proleptic Gregorian calendar, counted as by H. Hinnant, "chrono-Compatible Low-Level Date
Algorithms"; lengths of time take a year of 146097/400 days, as NumPy does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir import types
from ir.types import NOT_A_TIME, Complex, DateTime, Float, Integer, Scalar, Time, TimeDelta, float64, np_bool, np_int64
from tracer.array_steps import cast_item
from tracer.extending import implements, operator_rule, primitive, reject, static_function, ufunc_rule
from tracer.library.numpy_versions import FROM_2_5
from tracer.time_values import keeps_kind
from tracer.typeof import typeof

_BOTH = ("np.datetime64", "np.timedelta64")
_DELTA = "np.timedelta64"


def count_of(x: Any) -> Any:
    """The count of units in a time."""
    return primitive.bitcast(x, to=np_int64)


def of_count(count: Any, kind: Any) -> Any:
    """The time of so many units."""
    return primitive.bitcast(count, to=kind)


def is_nat(x: Any) -> Any:
    """Whether a time is NaT."""
    return primitive.eq(count_of(x), NOT_A_TIME)


def _nat() -> Any:
    return primitive.cast(NOT_A_TIME, to=np_int64)


@static_function
def _delta_of(kind: Time) -> Time:
    """The length of time with the same unit."""
    return TimeDelta(kind.unit)


# --- units

_SECOND = 10**18  # in attoseconds
_DAY = 86400 * _SECOND
_YEAR = _DAY * 146097 // 400
_UNITS = {
    "Y": _YEAR, "M": _YEAR // 12, "W": _DAY * 7, "D": _DAY, "h": 3600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND,
    **{name: 10 ** (15 - 3 * i) for i, name in enumerate(("ms", "us", "ns", "ps", "fs", "as"))},
}  # fmt: skip


@static_function
def unit_length(kind: Time) -> int | None:
    """The length of the unit of a time, in attoseconds; None where that is not known."""
    code, multiple = np.datetime_data(types.dtype_of(kind))
    return _UNITS[code] * multiple if code in _UNITS else None


@static_function
def _months(kind: Time) -> int:
    """How many months the unit has; 0 if it has no fixed number."""
    code, multiple = np.datetime_data(types.dtype_of(kind))
    return {"Y": 12, "M": 1}.get(code, 0) * multiple


@static_function
def _ratio(source: Time, to: Time) -> tuple[int, int]:
    """By what to multiply a count and by what to divide it then, for another unit."""
    lengths = unit_length(source), unit_length(to)
    if None in lengths:
        return 1, 1
    common = math.gcd(*lengths)
    multiple, divisor = lengths[0] // common, lengths[1] // common
    if max(multiple, divisor) > np_int64.maximum:
        raise TypeError(f"a time in units of {source.unit} does not fit into units of {to.unit}")
    return multiple, divisor


def _is_lost(overflows: Any, count: Any, nat: Any) -> Any:
    """Whether the count of a time does not fit, or would be NaT, and none of the operands is NaT."""
    return primitive.and_(primitive.or_(overflows, primitive.eq(count, NOT_A_TIME)), primitive.not_(nat))


def _scaled(count: Any, ratio: Any) -> Any:
    multiple, divisor = ratio
    if multiple != 1:
        count = primitive.mul(count, multiple)
    return count if divisor == 1 else primitive.floordiv(count, divisor)


def _scaled_as_fits(count: Any, ratio: Any, nat: Any) -> Any:
    """The count times the ratio; NumPy looks whether it fits where no calendar is needed."""
    multiple = ratio[0]
    if FROM_2_5 and _is_lost(primitive.mul_overflows(count, multiple), primitive.mul(count, multiple), nat):
        raise OverflowError("Overflow when converting between datetime64 units")
    return _scaled(count, ratio)


def _with_unit(count: Any, source: Any, to: Any) -> Any:
    """A count in another unit."""
    if source.unit == to.unit:
        return count
    nat = primitive.eq(count, NOT_A_TIME)
    if _is_linear(source, to):
        return primitive.select(nat, _nat(), _scaled_as_fits(count, _ratio(source, to), nat))
    return primitive.select(nat, _nat(), _through_calendar(count, source, to))


@static_function
def _is_linear(source: Time, to: Time) -> bool:
    """Whether one unit is a multiple of the other: not so for dates in months and dates in days."""
    if not isinstance(source, DateTime) or None in (unit_length(source), unit_length(to)):
        return True
    return bool(_months(source)) == bool(_months(to))


def _through_calendar(count: Any, source: Any, to: Any) -> Any:
    if _months(source) > 0:
        days = _days_of_month(primitive.mul(count, _months(source)))
        return _scaled(days, _ratio(_DAYS, to))
    months = _month_of_day(_scaled(count, _ratio(source, _DAYS)))
    return primitive.floordiv(months, _months(to))


_DAYS = DateTime("D")
_DAYS_BEFORE_EPOCH = 719468  # from 0000-03-01, where the years of this calendar begin
_DAYS_IN_ERA = 146097  # of 400 years


def _days_of_month(months: Any) -> Any:
    """The number of the first day of a month, both counted from January 1970."""
    from_march = primitive.add(months, 1970 * 12 - 2)
    year, month = primitive.floordiv(from_march, 12), primitive.mod(from_march, 12)
    era, of_era = primitive.floordiv(year, 400), primitive.mod(year, 400)
    day_of_year = primitive.floordiv(primitive.add(primitive.mul(month, 153), 2), 5)
    leap_days = primitive.sub(primitive.floordiv(of_era, 4), primitive.floordiv(of_era, 100))
    day_of_era = primitive.add(primitive.add(primitive.mul(of_era, 365), leap_days), day_of_year)
    return primitive.sub(primitive.add(primitive.mul(era, _DAYS_IN_ERA), day_of_era), _DAYS_BEFORE_EPOCH)


def _month_of_day(days: Any) -> Any:
    """The number of the month that a day belongs to, both counted from January 1970."""
    shifted = primitive.add(days, _DAYS_BEFORE_EPOCH)
    era, day = primitive.floordiv(shifted, _DAYS_IN_ERA), primitive.mod(shifted, _DAYS_IN_ERA)
    leap_days = primitive.sub(primitive.floordiv(day, 36524), primitive.floordiv(day, 146096))
    year = primitive.floordiv(primitive.sub(primitive.add(day, leap_days), primitive.floordiv(day, 1460)), 365)
    before = primitive.sub(
        primitive.add(primitive.mul(year, 365), primitive.floordiv(year, 4)), primitive.floordiv(year, 100)
    )
    month = primitive.floordiv(primitive.add(primitive.mul(primitive.sub(day, before), 5), 2), 153)
    years = primitive.add(primitive.mul(era, 400), year)
    return primitive.sub(primitive.add(primitive.mul(years, 12), month), 1970 * 12 - 2)


# --- conversions


def cast_time(x: Any, to: Any) -> Any:
    """A time in another type, or another number as a time, without checks."""
    kind = typeof(x)
    if isinstance(kind, Time):
        if isinstance(to, Time):
            # A point in time becomes a length, and the reverse, with the same count.
            same_class = isinstance(kind, DateTime) == isinstance(to, DateTime)
            return of_count(_with_unit(count_of(x), kind, to) if same_class else count_of(x), to)
        return cast_item(count_of(x), to)
    if isinstance(kind, Complex):
        reject("a complex number cannot be converted to a time")
    if isinstance(kind, Float):
        return of_count(_truncated(primitive.cast(x, to=float64)), to)
    return of_count(primitive.cast(x, to=np_int64), to)


def _truncated(x: Any) -> Any:
    """A float as a count; NaT where it has none."""
    fits = primitive.lt(primitive.fabs(x), 2.0**63)
    return primitive.select(fits, primitive.cast(x, to=np_int64), _nat())


@operator_rule("int", *_BOTH)
def to_int(x: Any) -> Any:
    """`int(x)`: the count of units."""
    if is_nat(x):
        raise TypeError("int() argument must be a string, a bytes-like object or a real number, not 'NoneType'")
    return primitive.cast(count_of(x), to=types.int64)


@operator_rule("float", *_BOTH)
def to_float(x: Any) -> Any:
    """`float(x)`: the count of units."""
    if is_nat(x):
        raise TypeError("float() argument must be a string or a real number, not 'NoneType'")
    return primitive.cast(count_of(x), to=float64)


@implements(np.generic.astype)
def astype(x: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: Any = True, copy: Any = True) -> Any:
    """A number converted to another dtype."""
    return cast_item(x, _item(dtype))


@implements(np.generic.view)
def view(x: Any, dtype: Any = None, type: Any = None) -> Any:
    """The bits of a number as a number of another type."""
    to = _item(typeof(x)) if dtype is None else _item(dtype)
    if to.bits != typeof(x).bits or isinstance(to, Complex) or isinstance(typeof(x), Complex):
        reject("a number is viewed as one of the same width")
    return x if to is typeof(x) else primitive.bitcast(x, to=to) if _differ(typeof(x), to) else primitive.cast(x, to=to)


@static_function
def _item(dtype: Any) -> Scalar:
    found = dtype.numpy if isinstance(dtype, Scalar) else types.from_dtype(dtype)
    if found is None:
        raise TypeError(f"numbers of dtype {np.dtype(dtype)} are not supported in compiled code")
    return found


@static_function
def _differ(a: Scalar, b: Scalar) -> bool:
    """Whether two types of one width are not both integers."""
    return not (isinstance(a, Integer) and isinstance(b, Integer))


# --- sums


def _either(a: Any, b: Any) -> Any:
    return primitive.or_(is_nat(a), is_nat(b))


@static_function
def _overflow_in(a: Scalar, operator: str, b: Scalar, name: str) -> str:
    a_name, b_name = (each.kind if isinstance(each, Time) else "int64" for each in (a, b))
    return f"Overflow in {a_name} {operator} {b_name} {name}"


def _unless_nat(nat: Any, count: Any, kind: Any) -> Any:
    return of_count(primitive.select(nat, _nat(), count), kind)


@operator_rule("add", *_BOTH)
def add(a: Any, b: Any) -> Any:
    """A time later, or the sum of two lengths."""
    kind = typeof(a) if isinstance(typeof(a), DateTime) else typeof(b)
    nat, count = _either(a, b), primitive.add(count_of(a), count_of(b))
    if FROM_2_5 and _is_lost(primitive.add_overflows(count_of(a), count_of(b)), count, nat):
        raise OverflowError(_overflow_in(typeof(a), "+", typeof(b), "addition"))
    return _unless_nat(nat, count, kind)


@operator_rule("sub", *_BOTH)
def sub(a: Any, b: Any) -> Any:
    """A time earlier, or the length between two times."""
    kind = _delta_of(typeof(a)) if isinstance(typeof(b), DateTime) else typeof(a)
    nat, count = _either(a, b), primitive.sub(count_of(a), count_of(b))
    if FROM_2_5 and _is_lost(primitive.sub_overflows(count_of(a), count_of(b)), count, nat):
        raise OverflowError(_overflow_in(typeof(a), "-", typeof(b), "subtraction"))
    return _unless_nat(nat, count, kind)


@operator_rule("neg", _DELTA)
def neg(a: Any) -> Any:
    """The opposite; NaT is its own."""
    return of_count(primitive.neg(count_of(a)), typeof(a))


@operator_rule("pos", _DELTA)
def pos(a: Any) -> Any:
    """The same."""
    return a


@operator_rule("abs", _DELTA)
def absolute(a: Any) -> Any:
    """The length without its sign."""
    count = count_of(a)
    return of_count(primitive.select(primitive.lt(count, 0), primitive.neg(count), count), typeof(a))


@ufunc_rule(np.sign, _DELTA)
def sign(a: Any) -> Any:
    """1, 0 or -1 units; -1 for NaT."""
    count = count_of(a)
    positive, negative = (primitive.cast(x, to=np_int64) for x in (primitive.gt(count, 0), primitive.lt(count, 0)))
    return of_count(primitive.sub(positive, negative), typeof(a))


# --- products and quotients


@operator_rule("mul", _DELTA)
def mul(a: Any, b: Any) -> Any:
    """A length so many times."""
    length, factor = (a, b) if isinstance(typeof(a), Time) else (b, a)
    if isinstance(typeof(factor), Float):
        return _rounded(length, primitive.mul(primitive.cast(count_of(length), to=typeof(factor)), factor))
    count = primitive.mul(count_of(length), factor)
    if FROM_2_5 and _is_lost(primitive.mul_overflows(count_of(length), factor), count, is_nat(length)):
        raise OverflowError(_overflow_in(typeof(a), "*", typeof(b), "multiplication"))
    return _unless_nat(is_nat(length), count, typeof(length))


def _rounded(a: Any, result: Any) -> Any:
    return _unless_nat(is_nat(a), _truncated(primitive.cast(result, to=float64)), typeof(a))


def _quotient(a: Any, b: Any) -> Any:
    """A length by a number, without its fraction; NaT for 0."""
    if isinstance(typeof(b), Float):
        return _rounded(a, primitive.div(primitive.cast(count_of(a), to=typeof(b)), b))
    none = primitive.or_(is_nat(a), primitive.eq(b, 0))
    divisor = primitive.select(none, primitive.cast(1, to=np_int64), b)
    count = primitive.select(none, primitive.cast(0, to=np_int64), count_of(a))
    down, rest = primitive.floordiv(count, divisor), primitive.mod(count, divisor)
    up = primitive.and_(primitive.ne(rest, 0), primitive.lt(primitive.xor(count, divisor), 0))
    return _unless_nat(none, primitive.add(down, primitive.cast(up, to=np_int64)), typeof(a))


@operator_rule("truediv", _DELTA)
def truediv(a: Any, b: Any) -> Any:
    """A length by a number, or by another length."""
    if not isinstance(typeof(b), Time):
        return _quotient(a, b)
    ratio = primitive.div(*(cast_item(count_of(x), types.np_float64) for x in (a, b)))
    return primitive.select(_either(a, b), primitive.cast(math.nan, to=types.np_float64), ratio)


def _divisible(a: Any, b: Any) -> Any:
    """Whether two lengths can be divided; their counts, or 0 and 1."""
    fits = primitive.not_(primitive.or_(_either(a, b), primitive.eq(count_of(b), 0)))
    count = primitive.select(fits, count_of(a), primitive.cast(0, to=np_int64))
    return fits, count, primitive.select(fits, count_of(b), primitive.cast(1, to=np_int64))


@operator_rule("floordiv", _DELTA)
def floordiv(a: Any, b: Any) -> Any:
    """A length by a number, without its fraction, or how often another length is in it."""
    if not isinstance(typeof(b), Time):
        return _quotient(a, b)
    _, count, divisor = _divisible(a, b)
    return primitive.floordiv(count, divisor)


@operator_rule("mod", _DELTA)
def mod(a: Any, b: Any) -> Any:
    """What is left of a length."""
    fits, count, divisor = _divisible(a, b)
    return _unless_nat(primitive.not_(fits), primitive.mod(count, divisor), typeof(a))


@operator_rule("divmod", _DELTA)
def divide(a: Any, b: Any) -> Any:
    """How often a length is in another one, and what is left."""
    return floordiv(a, b), mod(a, b)


# --- comparisons and tests


def _comparison(name: str) -> Any:
    compare = getattr(primitive, name)

    def rule(a: Any, b: Any) -> Any:
        return primitive.and_(compare(count_of(a), count_of(b)), primitive.not_(_either(a, b)))

    return rule


for _name in ("eq", "lt", "le", "gt", "ge"):
    operator_rule(_name, *_BOTH)(_comparison(_name))


@operator_rule("ne", *_BOTH)
def differs(a: Any, b: Any) -> Any:
    """Whether two times differ: NaT differs from all."""
    return primitive.or_(primitive.ne(count_of(a), count_of(b)), _either(a, b))


ufunc_rule(np.isnat, *_BOTH)(is_nat)
ufunc_rule(np.isnan, *_BOTH)(is_nat)


@ufunc_rule(np.isfinite, *_BOTH)
def is_finite(x: Any) -> Any:
    """Whether a time is not NaT."""
    return primitive.not_(is_nat(x))


@ufunc_rule(np.isinf, *_BOTH)
def is_infinite(x: Any) -> Any:
    """No time is infinite."""
    return primitive.cast(False, to=np_bool)


# --- the later and the earlier of two


@ufunc_rule(np.maximum, *_BOTH)
def later(a: Any, b: Any) -> Any:
    """The later or longer one; NaT if one is."""
    return _unless_nat(_either(a, b), primitive.max_(count_of(a), count_of(b)), typeof(a))


@ufunc_rule(np.minimum, *_BOTH)
def earlier(a: Any, b: Any) -> Any:
    """The earlier or shorter one; NaT if one is."""
    return of_count(primitive.min_(count_of(a), count_of(b)), typeof(a))


@ufunc_rule(np.fmax, *_BOTH)
def later_known(a: Any, b: Any) -> Any:
    """The later or longer one, of two that are not NaT."""
    return of_count(primitive.max_(count_of(a), count_of(b)), typeof(a))


@ufunc_rule(np.fmin, *_BOTH)
def earlier_known(a: Any, b: Any) -> Any:
    """The earlier or shorter one, of two that are not NaT."""
    smaller = primitive.min_(count_of(a), count_of(b))
    count = primitive.select(is_nat(a), count_of(b), primitive.select(is_nat(b), count_of(a), smaller))
    return of_count(count, typeof(a))


def place_in_order(x: Any) -> Any:
    """An integer that is ordered as NumPy sorts times: NaT is the last."""
    return primitive.sub(count_of(x), 1)


def earliest(kind: Any) -> Any:
    """What no time but NaT is before."""
    return of_count(primitive.cast(NOT_A_TIME + 1, to=np_int64), kind)


def latest(kind: Any) -> Any:
    """What no time is after."""
    return of_count(primitive.cast(np_int64.maximum, to=np_int64), kind)


# --- new ones


def make_time(kind: Any, x: Any = 0) -> Any:
    """A time of the type `kind` from a number or another time."""
    if isinstance(typeof(x), Float) and typeof(x).weak:
        raise ValueError(f"Could not convert object to NumPy {kind.kind[:-2]}")
    refusal = _refusal(typeof(x), kind)
    if refusal is not None and not is_nat(x):
        raise TypeError(refusal)
    return cast_item(x, kind)


@static_function
def _refusal(given: Scalar, to: Time) -> str | None:
    """Why a time that is not NaT is not converted to the unit."""
    if not isinstance(given, Time) or keeps_kind(given, to):
        return None
    unit = "" if given.unit == "generic" else f"[{given.unit}]"
    return f"Cannot cast NumPy {to.kind} scalar from metadata {unit} to [{to.unit}] according to the rule 'same_kind'"


@implements(np.datetime64)
def datetime64(value: Any, unit: Any = None) -> Any:
    """A point in time: so many units after the begin of 1970, or another one in this unit."""
    return make_time(_made(DateTime, typeof(value), unit), value)


@implements(np.timedelta64)
def timedelta64(value: Any = 0, unit: Any = None) -> Any:
    """A length of time of so many units, or another one in this unit."""
    return make_time(_made(TimeDelta, typeof(value), unit), value)


@static_function
def _made(cls: type[Time], given: Scalar, unit: str | None) -> Time:
    if not isinstance(given, (cls, Integer, types.Boolean)):
        raise ValueError(f"Could not convert object to NumPy {cls.kind[:-2]}")
    if unit is not None:
        return types.from_dtype(np.dtype(f"{cls.kind}[{unit}]"))
    if cls is DateTime and not isinstance(given, DateTime):
        raise ValueError("Converting an integer to a NumPy datetime requires a specified unit")
    return given if isinstance(given, cls) else cls("generic")
