"""Operators on complex numbers, Python's (which raise) and NumPy's."""

from __future__ import annotations

import math
from typing import Any

from ir.types import boolean, complex128, np_complex128
from tracer.extending import known, operator_rule, out_of_line, primitive, reject
from tracer.library import messages
from tracer.typeof import typeof

_COMPLEX = ("complex", "np.complex")
_UNROLLED = tuple(range(1, 17))
_SMALL_EXPONENT = 100.0  # up to here both CPython and NumPy multiply


def parts(z: Any) -> Any:
    """The real and the imaginary part."""
    return primitive.real(z), primitive.imag(z)


@operator_rule("add", *_COMPLEX)
def complex_add(a: Any, b: Any) -> Any:
    """`a + b`."""
    (ar, ai), (br, bi) = parts(a), parts(b)
    return primitive.complex_(primitive.add(ar, br), primitive.add(ai, bi))


@operator_rule("sub", *_COMPLEX)
def complex_sub(a: Any, b: Any) -> Any:
    """`a - b`."""
    (ar, ai), (br, bi) = parts(a), parts(b)
    return primitive.complex_(primitive.sub(ar, br), primitive.sub(ai, bi))


@operator_rule("mul", *_COMPLEX)
def complex_mul(a: Any, b: Any) -> Any:
    """`a * b`, by the schoolbook formula."""
    (ar, ai), (br, bi) = parts(a), parts(b)
    real = primitive.sub(primitive.mul(ar, br), primitive.mul(ai, bi))
    return primitive.complex_(real, primitive.add(primitive.mul(ar, bi), primitive.mul(ai, br)))


@operator_rule("truediv", "complex")
def complex_truediv(a: Any, b: Any) -> Any:
    """`a / b`, by Smith's method (Algorithm 116, CACM 5:8, 1962)."""
    (ar, ai), (br, bi) = parts(a), parts(b)
    if primitive.and_(primitive.eq(br, 0.0), primitive.eq(bi, 0.0)):
        raise ZeroDivisionError(messages.COMPLEX_TRUEDIV)
    real_is_larger = primitive.ge(primitive.fabs(br), primitive.fabs(bi))
    larger, smaller = _ordered(real_is_larger, br, bi)
    first, second = _ordered(real_is_larger, ar, ai)
    ratio = primitive.div(smaller, larger)
    denominator = primitive.add(larger, primitive.mul(smaller, ratio))
    real = primitive.add(first, primitive.mul(second, ratio))
    imag = _cross_difference(real_is_larger, first, second, ratio)
    return primitive.complex_(primitive.div(real, denominator), primitive.div(imag, denominator))


@operator_rule("truediv", "np.complex")
def np_complex_truediv(a: Any, b: Any) -> Any:
    """NumPy's `a / b`: Smith's method with one division less; b = 0 divides both parts by zero."""
    (ar, ai), (br, bi) = parts(a), parts(b)
    real_is_larger = primitive.ge(primitive.fabs(br), primitive.fabs(bi))
    larger, smaller = _ordered(real_is_larger, br, bi)
    first, second = _ordered(real_is_larger, ar, ai)
    ratio = primitive.div(smaller, larger)
    scale = primitive.div(1.0, primitive.add(larger, primitive.mul(smaller, ratio)))
    real = primitive.mul(primitive.add(first, primitive.mul(second, ratio)), scale)
    imag = primitive.mul(_cross_difference(real_is_larger, first, second, ratio), scale)
    zero = primitive.and_(primitive.eq(br, 0.0), primitive.eq(bi, 0.0))
    magnitude = primitive.fabs(br)
    real = primitive.select(zero, primitive.div(ar, magnitude), real)
    imag = primitive.select(zero, primitive.div(ai, magnitude), imag)
    return primitive.complex_(real, imag)


def _ordered(condition: Any, a: Any, b: Any) -> Any:
    """`(a, b)` if the condition holds, else `(b, a)`."""
    return primitive.select(condition, a, b), primitive.select(condition, b, a)


def _cross_difference(real_is_larger: Any, first: Any, second: Any, ratio: Any) -> Any:
    """The numerator of the imaginary part, with the sign of zero that the order of the difference gives."""
    product = primitive.mul(first, ratio)
    return primitive.select(real_is_larger, primitive.sub(second, product), primitive.sub(product, second))


@operator_rule("neg", *_COMPLEX)
def complex_neg(a: Any) -> Any:
    """`-a`."""
    real, imag = parts(a)
    return primitive.complex_(primitive.neg(real), primitive.neg(imag))


@operator_rule("pos", *_COMPLEX)
@operator_rule("complex", "complex")
def identity(a: Any) -> Any:
    """The operand itself."""
    return a


@operator_rule("abs", "complex")
def complex_abs(a: Any) -> Any:
    """The modulus; OverflowError where finite parts give an infinite one."""
    real, imag = parts(a)
    result = primitive.hypot(real, imag)
    finite = primitive.and_(primitive.lt(primitive.fabs(real), math.inf), primitive.lt(primitive.fabs(imag), math.inf))
    if primitive.and_(primitive.eq(result, math.inf), finite):
        raise OverflowError(messages.COMPLEX_ABS)
    return result


@operator_rule("abs", "np.complex")
def np_complex_abs(a: Any) -> Any:
    """The modulus."""
    real, imag = parts(a)
    return primitive.hypot(real, imag)


# --- comparisons and conversions


@operator_rule("eq", *_COMPLEX)
def complex_eq(a: Any, b: Any) -> Any:
    """`a == b`."""
    (ar, ai), (br, bi) = parts(a), parts(b)
    return primitive.and_(primitive.eq(ar, br), primitive.eq(ai, bi))


@operator_rule("ne", *_COMPLEX)
def complex_ne(a: Any, b: Any) -> Any:
    """`a != b`."""
    (ar, ai), (br, bi) = parts(a), parts(b)
    return primitive.or_(primitive.ne(ar, br), primitive.ne(ai, bi))


def _lexicographic(name: str) -> None:
    comparison = getattr(primitive, name)

    def compare(a: Any, b: Any) -> Any:
        (ar, ai), (br, bi) = parts(a), parts(b)
        ordered = primitive.and_(primitive.eq(ai, ai), primitive.eq(bi, bi))
        by_real = primitive.and_(comparison(ar, br), ordered)
        return primitive.select(primitive.eq(ar, br), comparison(ai, bi), by_real)

    operator_rule(name, "np.complex")(compare)


for _name in ("lt", "le", "gt", "ge"):
    _lexicographic(_name)


@operator_rule("bool", *_COMPLEX)
def complex_bool(a: Any) -> Any:
    """Whether a part differs from zero."""
    real, imag = parts(a)
    return primitive.cast(primitive.or_(primitive.ne(real, 0.0), primitive.ne(imag, 0.0)), to=boolean)


@operator_rule("int", *_COMPLEX)
@operator_rule("float", *_COMPLEX)
def complex_has_no_order(a: Any) -> Any:
    """A complex number has no int or float."""
    reject("a complex number does not convert to a real one", hint="take .real or abs()")


@operator_rule("complex", "np.complex")
def complex_from_numpy(a: Any) -> Any:
    """The value as a Python complex."""
    return primitive.cast(a, to=complex128)


# --- powers


@operator_rule("pow", "complex")
def complex_pow(base: Any, exponent: Any) -> Any:
    """`base ** exponent`: by multiplication for small integers, else by polar coordinates."""
    number = known(exponent)
    if number is not None and number.imag == 0.0 and number.real in _UNROLLED:
        return _checked(_unrolled_power(complex(1.0, 0.0), base, int(number.real)))
    real, imag = parts(exponent)
    if _is_small_integer(real, imag):
        return _integer_pow(base, real)
    return polar_pow(base, exponent)


def _unrolled_power(result: Any, base: Any, count: int) -> Any:
    """`result * base ** count` for a count known while tracing, in the order of `_power_by_squaring`."""
    if count % 2 == 1:
        result = complex_mul(result, base)
    if count == 1:
        return result
    return _unrolled_power(result, complex_mul(base, base), count // 2)


def _is_small_integer(real: Any, imag: Any) -> Any:
    small = primitive.le(primitive.fabs(real), _SMALL_EXPONENT)
    whole = primitive.eq(real, primitive.floor(real))
    return primitive.and_(primitive.eq(imag, 0.0), primitive.and_(small, whole))


def _integer_pow(base: Any, exponent: Any) -> Any:
    power = _power_by_squaring(complex(1.0, 0.0), base, primitive.fabs(exponent))
    if exponent > 0.0:
        return _checked(power)
    if complex_eq(power, complex(0.0, 0.0)):
        raise ZeroDivisionError(messages.COMPLEX_POW_ZERO)
    return _checked(complex_truediv(complex(1.0, 0.0), power))


def _power_by_squaring(one: Any, base: Any, exponent: Any) -> Any:
    """`base ** exponent`, from the lowest bit of the exponent (a float, a small natural number) upwards."""
    result = one
    while primitive.gt(exponent, 0.0):
        half = primitive.floor(primitive.mul(exponent, 0.5))
        if primitive.ne(primitive.add(half, half), exponent):
            result = complex_mul(result, base)
        base = complex_mul(base, base)
        exponent = half
    return result


def _checked(z: Any) -> Any:
    """z, if no part of it is infinite; OverflowError otherwise."""
    real, imag = parts(z)
    infinite_real = primitive.eq(primitive.fabs(real), math.inf)
    if primitive.or_(infinite_real, primitive.eq(primitive.fabs(imag), math.inf)):
        raise OverflowError(messages.COMPLEX_POW_RANGE)
    return z


@out_of_line
def polar_pow(base: Any, exponent: Any) -> Any:
    """`base ** exponent` as `exp(exponent * log(base))` in polar coordinates."""
    real, imag = parts(exponent)
    if base == 0.0:
        if primitive.or_(primitive.ne(imag, 0.0), primitive.lt(real, 0.0)):
            raise ZeroDivisionError(messages.COMPLEX_POW_ZERO)
        return complex(0.0, 0.0)
    modulus = primitive.hypot(primitive.real(base), primitive.imag(base))
    angle = primitive.atan2(primitive.imag(base), primitive.real(base))
    length, phase = primitive.pow(modulus, real), primitive.mul(angle, real)
    if imag != 0.0:
        length = primitive.div(length, primitive.exp(primitive.mul(angle, imag)))
        phase = primitive.add(phase, primitive.mul(imag, primitive.log(modulus)))
    result = primitive.complex_(
        primitive.mul(length, primitive.cos(phase)), primitive.mul(length, primitive.sin(phase))
    )
    _checked(result)
    if primitive.eq(primitive.fabs(phase), math.inf):
        raise ZeroDivisionError(messages.COMPLEX_POW_ZERO)  # as CPython reports the domain error of cos(inf)
    return result


@operator_rule("pow", "np.complex")
def np_complex_pow(base: Any, exponent: Any) -> Any:
    """NumPy's `base ** exponent`: by multiplication for small integers, else `exp(exponent * log(base))`."""
    number = known(exponent)
    if number is not None and number == 2.0:
        return complex_mul(base, base)
    real, imag = parts(exponent)
    if _is_small_integer(real, imag):
        return _np_integer_pow(base, real)
    return _np_general_pow(base, exponent)


def _np_integer_pow(base: Any, exponent: Any) -> Any:
    if exponent == 1.0:
        return base
    if exponent == 2.0:
        return complex_mul(base, base)
    if exponent == 3.0:
        return complex_mul(complex_mul(base, base), base)
    real, imag = parts(base)
    if primitive.and_(primitive.eq(real, 0.0), primitive.eq(imag, 0.0)):
        return _np_power_of_zero(exponent, primitive.mul(exponent, 0.0))
    one = primitive.complex_(primitive.cast(1, to=typeof(exponent)), primitive.cast(0, to=typeof(exponent)))
    power = _power_by_squaring(one, base, primitive.fabs(exponent))
    return np_complex_truediv(one, power) if exponent < 0.0 else power


def _np_power_of_zero(real: Any, imag: Any) -> Any:
    """NumPy's power of zero: 1, 0 or NaN."""
    part = typeof(real)
    zero, one = primitive.cast(0.0, to=part), primitive.cast(1.0, to=part)
    if primitive.and_(primitive.eq(real, 0.0), primitive.eq(imag, 0.0)):
        return primitive.complex_(one, zero)
    if primitive.gt(real, 0.0):
        return primitive.complex_(zero, zero)
    nan = primitive.cast(math.nan, to=part)
    return primitive.complex_(nan, nan)


@out_of_line
def _np_general_pow(base: Any, exponent: Any) -> Any:
    """`exp(exponent * log(base))`, computed in double precision."""
    z, w = primitive.cast(base, to=np_complex128), primitive.cast(exponent, to=np_complex128)
    real, imag = parts(z)
    if primitive.and_(primitive.eq(real, 0.0), primitive.eq(imag, 0.0)):
        return primitive.cast(_np_power_of_zero(primitive.real(w), primitive.imag(w)), to=typeof(base))
    logarithm = primitive.complex_(primitive.log(primitive.hypot(real, imag)), primitive.atan2(imag, real))
    length, phase = parts(complex_mul(w, logarithm))
    length = primitive.exp(length)
    sine = primitive.select(primitive.eq(phase, 0.0), phase, primitive.mul(length, primitive.sin(phase)))
    result = primitive.complex_(primitive.mul(length, primitive.cos(phase)), sine)
    return primitive.cast(result, to=typeof(base))
