"""Hyperbolic functions of NumPy's floats: sinh, cosh, tanh, arcsinh, arccosh, arctanh."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.extending import primitive, ufunc_rule
from tracer.library.elementary_exp import exponential
from tracer.library.elementary_steps import LOG2_E, SHIFT, bits_of, clamped, float_of, is_single, narrowed, widened
from tracer.library.floating import fast_two_sum

_TANH_IS_ONE = 20.0


@ufunc_rule(np.tanh, "np.float")
def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    if is_single(x):
        return narrowed(_tanh(widened(x)))
    return _tanh(x)


def _tanh(x: Any) -> Any:
    """(e**2x - 1) / (e**2x + 1), both as sums of two numbers, for |x|."""
    size = primitive.fabs(x)
    double = 2.0 * primitive.select(primitive.gt(size, _TANH_IS_ONE), _TANH_IS_ONE, size)
    shifted = primitive.fma(double, LOG2_E, SHIFT)
    exact, rest = exponential(double, None, shifted - SHIFT)
    power = float_of(primitive.add(primitive.shl(bits_of(shifted), 52), 1023 << 52), x)
    exact, rest = exact * power, rest * power
    numerator = _sum(power - 1.0, exact, rest)
    denominator = _sum(power + 1.0, exact, rest)
    return primitive.copysign(divided(*numerator, *denominator), x)


def _sum(a: Any, b: Any, c: Any) -> Any:
    """a + b + c for |a| >= |b| >= |c|, or a = 0, as a number and its rest."""
    high, low = fast_two_sum(a, b)
    return fast_two_sum(high, low + c)


def divided(a: Any, a_low: Any, b: Any, b_low: Any) -> Any:
    """(a + a_low) / (b + b_low), rounded nearly once."""
    inverse = primitive.div(1.0, b)
    quotient = a * inverse
    remainder = primitive.fma(-quotient, b, a) + primitive.fma(-quotient, b_low, a_low)
    return primitive.fma(remainder, inverse, quotient)
