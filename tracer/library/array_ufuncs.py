"""NumPy's ufuncs on floats, integers, booleans and complex numbers that are not transcendental: one item at a time.

All are free of branches, so that the loops they are traced into are vectorized. What is an operator as well (`add`, `absolute`,
`equal`, `left_shift`, ...) stands in operators_*.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ir.types import Boolean, Complex, Float, Integer, Time, float64, int64, uint64
from tracer.extending import primitive, ufunc_rule
from tracer.library.array_types import integer_of_width
from tracer.library.floating import scale
from tracer.library.math_integers import euclid
from tracer.library.methods import count_ones
from tracer.library.operators_complex import complex_mul, parts
from tracer.library.times import earlier, is_nat, later
from tracer.typeof import typeof

_INTEGERS = ("np.int", "np.uint")
_REAL = ("np.bool", "np.int", "np.uint", "np.float")
_ALL = (*_REAL, "np.complex")
CLIP: np.ufunc = np._core.umath.clip  # type: ignore[attr-defined]


# --- arithmetic

for _name in ("sqrt", "fabs", "floor", "ceil", "trunc", "rint", "copysign"):
    ufunc_rule(getattr(np, _name), "np.float")(getattr(primitive, _name))
ufunc_rule(np.fmod, "np.float")(primitive.fmod)


@ufunc_rule(np.floor, "np.bool", *_INTEGERS)
@ufunc_rule(np.ceil, "np.bool", *_INTEGERS)
@ufunc_rule(np.trunc, "np.bool", *_INTEGERS)
@ufunc_rule(np.conjugate, *_REAL)
def identity(x: Any) -> Any:
    """The operand itself."""
    return x


@ufunc_rule(np.rint, "np.complex")
def complex_rint(z: Any) -> Any:
    """Both parts to the nearest integer."""
    real, imag = parts(z)
    return primitive.complex_(primitive.rint(real), primitive.rint(imag))


@ufunc_rule(np.conjugate, "np.complex")
def conjugate(z: Any) -> Any:
    """The complex conjugate."""
    real, imag = parts(z)
    return primitive.complex_(real, primitive.neg(imag))


@ufunc_rule(np.square, "np.float", *_INTEGERS)
def square(x: Any) -> Any:
    """`x * x`."""
    return primitive.mul(x, x)


@ufunc_rule(np.square, "np.complex")
def complex_square(z: Any) -> Any:
    """`z * z`."""
    return complex_mul(z, z)


@ufunc_rule(np.reciprocal, "np.float")
def reciprocal(x: Any) -> Any:
    """`1 / x`."""
    return primitive.div(1.0, x)


@ufunc_rule(np.reciprocal, *_INTEGERS)
def integer_reciprocal(x: Any) -> Any:
    """`1 / x` without its fraction; the smallest number for 0 where it has 32 bits or more and a sign, else 0."""
    kind = typeof(x)
    of_zero = kind.minimum if kind.bits >= 32 else 0
    unit = primitive.eq(x, 1)
    if kind.signed:
        unit = primitive.or_(unit, primitive.eq(x, -1))
    number = primitive.select(unit, x, primitive.cast(0, to=kind))
    return primitive.select(primitive.eq(x, 0), primitive.cast(of_zero, to=kind), number)


@ufunc_rule(np.reciprocal, "np.complex")
def complex_reciprocal(z: Any) -> Any:
    """`1 / z` by Smith's method (Algorithm 116, CACM 5:8, 1962)."""
    real, imag = parts(z)
    real_is_larger = primitive.le(primitive.fabs(imag), primitive.fabs(real))
    larger, smaller = primitive.select(real_is_larger, real, imag), primitive.select(real_is_larger, imag, real)
    ratio = primitive.div(smaller, larger)
    denominator = primitive.add(larger, primitive.mul(smaller, ratio))
    first, second = primitive.div(1.0, denominator), primitive.div(ratio, denominator)
    return primitive.complex_(
        primitive.select(real_is_larger, first, second), primitive.neg(primitive.select(real_is_larger, second, first))
    )


@ufunc_rule(np.fmod, *_INTEGERS)
def integer_fmod(a: Any, b: Any) -> Any:
    """The remainder with the sign of a; 0 for b = 0."""
    kind = typeof(a)
    divisor = primitive.select(primitive.eq(b, 0), primitive.cast(1, to=kind), b)
    remainder = primitive.mod(a, divisor)
    if not kind.signed:
        return remainder
    opposite = primitive.lt(primitive.xor(a, divisor), 0)
    moved = primitive.and_(primitive.ne(remainder, 0), opposite)
    return primitive.select(moved, primitive.sub(remainder, divisor), remainder)


@ufunc_rule(np.gcd, *_INTEGERS)
def gcd(a: Any, b: Any) -> Any:
    """The greatest common divisor."""
    return primitive.cast(euclid(_magnitude(a), _magnitude(b)), to=typeof(a))


@ufunc_rule(np.lcm, *_INTEGERS)
def lcm(a: Any, b: Any) -> Any:
    """The least common multiple; it wraps."""
    x, y = _magnitude(a), _magnitude(b)
    divisor = euclid(x, y)
    divisor = primitive.select(primitive.eq(divisor, 0), primitive.cast(1, to=uint64), divisor)
    return primitive.cast(primitive.mul(primitive.floordiv(x, divisor), y), to=typeof(a))


@ufunc_rule(np.bitwise_count, *_INTEGERS)
def bitwise_count(x: Any) -> Any:
    """The number of ones in |x|."""
    return count_ones(_magnitude(x))


def _magnitude(x: Any) -> Any:
    if not typeof(x).signed:
        return primitive.cast(x, to=uint64)
    wide = primitive.cast(x, to=int64)
    return primitive.cast(primitive.max_(wide, primitive.neg(wide)), to=uint64)


# --- signs


@ufunc_rule(np.sign, *_INTEGERS)
def integer_sign(x: Any) -> Any:
    """1, 0 or -1."""
    kind = typeof(x)
    positive = primitive.cast(primitive.gt(x, 0), to=kind)
    return primitive.sub(positive, primitive.cast(primitive.lt(x, 0), to=kind)) if kind.signed else positive


@ufunc_rule(np.sign, "np.float")
def sign(x: Any) -> Any:
    """1.0, 0.0 or -1.0; NaN for NaN."""
    kind = typeof(x)
    negative = primitive.select(primitive.lt(x, 0.0), primitive.cast(-1.0, to=kind), primitive.sub(x, x))
    signed = primitive.select(primitive.gt(x, 0.0), primitive.cast(1.0, to=kind), negative)
    return signed


@ufunc_rule(np.sign, "np.complex")
def complex_sign(z: Any) -> Any:
    """`z / |z|`, 0 for 0; NaN where a part is NaN and none is infinite, or both are infinite."""
    real, imag = parts(z)
    kind = typeof(real)
    size = primitive.hypot(real, imag)
    both = primitive.and_(_is_infinite(real), _is_infinite(imag))
    undefined = primitive.or_(both, primitive.ne(size, size))
    real, imag = _sign_of_part(real, size), _sign_of_part(imag, size)
    nan = primitive.cast(math.nan, to=kind)
    return primitive.complex_(primitive.select(undefined, nan, real), primitive.select(undefined, nan, imag))


def _sign_of_part(part: Any, size: Any) -> Any:
    """`part / size`; a size of 1 stands for an infinite part, next to which the other one counts for nothing."""
    kind = typeof(part)
    zero, one = primitive.cast(0.0, to=kind), primitive.cast(1.0, to=kind)
    limit = primitive.select(_is_infinite(part), primitive.copysign(one, part), zero)
    found = primitive.select(_is_infinite(size), limit, primitive.div(part, size))
    return primitive.select(primitive.eq(size, 0.0), zero, found)


@ufunc_rule(np.signbit, "np.float")
def signbit(x: Any) -> Any:
    """Whether the sign bit is set."""
    return primitive.lt(_bits(x), 0)


# --- the representation of floats


def _bits(x: Any) -> Any:
    return primitive.bitcast(x, to=integer_of_width(typeof(x)))


def _float_of(bits: Any, like: Any) -> Any:
    return primitive.bitcast(bits, to=typeof(like))


@ufunc_rule(np.spacing, "np.float")
def spacing(x: Any) -> Any:
    """The distance to the next number away from zero, with the sign of x."""
    size = primitive.fabs(x)
    distance = primitive.sub(_float_of(primitive.add(_bits(size), 1), x), size)
    return primitive.select(primitive.lt(x, 0.0), primitive.neg(distance), distance)


@ufunc_rule(np.nextafter, "np.float")
def nextafter(x: Any, y: Any) -> Any:
    """The neighbour of x in the direction of y."""
    outwards = primitive.eq(primitive.gt(y, x), primitive.gt(x, 0.0))
    bits = _bits(x)
    moved = _float_of(primitive.select(outwards, primitive.add(bits, 1), primitive.sub(bits, 1)), x)
    least = _float_of(primitive.cast(1, to=typeof(bits)), x)
    moved = primitive.select(primitive.eq(x, 0.0), primitive.copysign(least, y), moved)
    moved = primitive.select(primitive.eq(x, y), y, moved)
    unordered = primitive.or_(primitive.ne(x, x), primitive.ne(y, y))
    return primitive.select(unordered, primitive.add(x, y), moved)


@ufunc_rule(np.ldexp, "np.float")
def ldexp(x: Any, exponent: Any) -> Any:
    """`x * 2**exponent`, rounded once: a float32 is exact in between."""
    return scale(primitive.cast(x, to=float64), primitive.cast(exponent, to=int64))


_MANTISSA = 52
_EXPONENT_MASK = 0x7FF << _MANTISSA
_HALF = 1022 << _MANTISSA
_SUBNORMAL_SHIFT = 54


@ufunc_rule(np.frexp, "np.float")
def frexp(x: Any) -> Any:
    """A fraction of a size in [0.5, 1) and an exponent of two; zeros, infinities and NaN have the exponent 0."""
    wide = primitive.cast(x, to=float64)
    small = primitive.lt(primitive.fabs(wide), 2.0**-1022)
    scaled = primitive.select(small, primitive.mul(wide, 2.0**_SUBNORMAL_SHIFT), wide)
    bits = primitive.bitcast(scaled, to=int64)
    field = primitive.and_(primitive.shr(bits, _MANTISSA), 0x7FF)
    exponent = primitive.sub(primitive.sub(field, 1022), primitive.select(small, _SUBNORMAL_SHIFT, 0))
    fraction = primitive.bitcast(primitive.or_(primitive.and_(bits, ~_EXPONENT_MASK), _HALF), to=float64)
    plain = primitive.or_(primitive.eq(wide, 0.0), primitive.ne(primitive.sub(wide, wide), 0.0))
    return primitive.select(plain, wide, fraction), primitive.select(plain, 0, exponent)


@ufunc_rule(np.modf, "np.float")
def modf(x: Any) -> Any:
    """The fraction and the integer part, both with the sign of x."""
    whole = primitive.trunc(x)
    fraction = primitive.select(primitive.eq(whole, x), primitive.cast(0.0, to=typeof(x)), primitive.sub(x, whole))
    return primitive.copysign(fraction, x), whole


# --- tests


def _is_infinite(x: Any) -> Any:
    return primitive.eq(primitive.fabs(x), math.inf)


def is_nan(x: Any) -> Any:
    """Whether a float is NaN, or a part of a complex number."""
    if isinstance(typeof(x), Complex):
        real, imag = parts(x)
        return primitive.or_(primitive.ne(real, real), primitive.ne(imag, imag))
    return is_nat(x) if isinstance(typeof(x), Time) else primitive.ne(x, x)


@ufunc_rule(np.isnan, *_ALL)
def isnan(x: Any) -> Any:
    """Whether x is NaN."""
    return is_nan(x) if isinstance(typeof(x), (Float, Complex)) else False


@ufunc_rule(np.isinf, *_ALL)
def isinf(x: Any) -> Any:
    """Whether x, or a part of it, is infinite."""
    if isinstance(typeof(x), Complex):
        real, imag = parts(x)
        return primitive.or_(_is_infinite(real), _is_infinite(imag))
    return _is_infinite(x) if isinstance(typeof(x), Float) else False


@ufunc_rule(np.isfinite, *_ALL)
def isfinite(x: Any) -> Any:
    """Whether x, and each part of it, is neither infinite nor NaN."""
    if isinstance(typeof(x), Complex):
        real, imag = parts(x)
        return primitive.and_(isfinite(real), isfinite(imag))
    return primitive.lt(primitive.fabs(x), math.inf) if isinstance(typeof(x), Float) else True


@ufunc_rule(np.logical_and, *_ALL)
def logical_and(a: Any, b: Any) -> Any:
    """Whether both are true."""
    return primitive.and_(bool(a), bool(b))


@ufunc_rule(np.logical_or, *_ALL)
def logical_or(a: Any, b: Any) -> Any:
    """Whether one is true."""
    return primitive.or_(bool(a), bool(b))


@ufunc_rule(np.logical_xor, *_ALL)
def logical_xor(a: Any, b: Any) -> Any:
    """Whether exactly one is true."""
    return primitive.xor(bool(a), bool(b))


@ufunc_rule(np.logical_not, *_ALL)
def logical_not(a: Any) -> Any:
    """Whether it is false."""
    return primitive.not_(bool(a))


# --- the larger and the smaller of two

ufunc_rule(np.maximum, "np.float")(primitive.fmaximum)
ufunc_rule(np.minimum, "np.float")(primitive.fminimum)
ufunc_rule(np.fmax, "np.float")(primitive.fmaximumnum)
ufunc_rule(np.fmin, "np.float")(primitive.fminimumnum)
for _ufunc in (np.maximum, np.fmax):
    ufunc_rule(_ufunc, *_INTEGERS)(primitive.max_)
    ufunc_rule(_ufunc, "np.bool")(primitive.or_)
for _ufunc in (np.minimum, np.fmin):
    ufunc_rule(_ufunc, *_INTEGERS)(primitive.min_)
    ufunc_rule(_ufunc, "np.bool")(primitive.and_)


@ufunc_rule(np.maximum, "np.complex")
def complex_maximum(a: Any, b: Any) -> Any:
    """The larger one in lexicographic order; the first NaN."""
    return primitive.select(primitive.or_(a >= b, is_nan(a)), a, b)


@ufunc_rule(np.minimum, "np.complex")
def complex_minimum(a: Any, b: Any) -> Any:
    """The smaller one in lexicographic order; the first NaN."""
    return primitive.select(primitive.or_(a <= b, is_nan(a)), a, b)


@ufunc_rule(np.fmax, "np.complex")
def complex_fmax(a: Any, b: Any) -> Any:
    """The larger one in lexicographic order, of two numbers that are not NaN; else the first."""
    return primitive.select(primitive.or_(a >= b, is_nan(b)), a, b)


@ufunc_rule(np.fmin, "np.complex")
def complex_fmin(a: Any, b: Any) -> Any:
    """The smaller one in lexicographic order, of two numbers that are not NaN; else the first."""
    return primitive.select(primitive.or_(a <= b, is_nan(b)), a, b)


def larger(a: Any, b: Any) -> Any:
    """The larger of two items of one type; NaN if one is."""
    kind = typeof(a)
    if isinstance(kind, Float):
        return primitive.fmaximum(a, b)
    if isinstance(kind, Integer):
        return primitive.max_(a, b)
    if isinstance(kind, Time):
        return later(a, b)
    return primitive.or_(a, b) if isinstance(kind, Boolean) else complex_maximum(a, b)


def smaller(a: Any, b: Any) -> Any:
    """The smaller of two items of one type; NaN if one is."""
    kind = typeof(a)
    if isinstance(kind, Float):
        return primitive.fminimum(a, b)
    if isinstance(kind, Integer):
        return primitive.min_(a, b)
    if isinstance(kind, Time):
        return earlier(a, b)
    return primitive.and_(a, b) if isinstance(kind, Boolean) else complex_minimum(a, b)


@ufunc_rule(CLIP, *_ALL, "np.datetime64", "np.timedelta64")
def clip(x: Any, low: Any, high: Any) -> Any:
    """x, or the limit that it is beyond; NaN if one of the three is."""
    return smaller(larger(x, low), high)
