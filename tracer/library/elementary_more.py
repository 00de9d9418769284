"""Ufuncs made from the elementary functions: degrees and radians, sums in the logarithmic domain, float_power, heaviside."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tracer.extending import primitive, ufunc_rule
from tracer.library.elementary_exp import exp, exp2
from tracer.library.elementary_log import log1p
from tracer.library.elementary_power import power
from tracer.library.elementary_steps import LOG2_E, is_single
from tracer.library.operators_complex import np_complex_pow

# NumPy's factor for float32 is a quotient of two numbers of that type.
_SINGLE_DEGREES = float(np.float32(180.0) / np.float32(math.pi))

ufunc_rule(np.float_power, "np.float")(power)
ufunc_rule(np.float_power, "np.complex")(np_complex_pow)


@ufunc_rule(np.deg2rad, "np.float")
@ufunc_rule(np.radians, "np.float")
def radians(x: Any) -> Any:
    """Degrees to radians."""
    return x * (math.pi / 180.0)


@ufunc_rule(np.rad2deg, "np.float")
@ufunc_rule(np.degrees, "np.float")
def degrees(x: Any) -> Any:
    """Radians to degrees."""
    return x * (_SINGLE_DEGREES if is_single(x) else 180.0 / math.pi)


@ufunc_rule(np.logaddexp, "np.float")
def logaddexp(x: Any, y: Any) -> Any:
    """log(exp(x) + exp(y)) without overflow on the way."""
    larger, distance = _larger_and_distance(x, y)
    return larger + log1p(exp(distance))


@ufunc_rule(np.logaddexp2, "np.float")
def logaddexp2(x: Any, y: Any) -> Any:
    """log2(2**x + 2**y) without overflow on the way."""
    larger, distance = _larger_and_distance(x, y)
    return larger + log1p(exp2(distance)) * LOG2_E


def _larger_and_distance(x: Any, y: Any) -> Any:
    """The larger number (or a NaN), and minus the distance of the two: 0 for equal infinities."""
    larger = primitive.select(primitive.gt(x, y), x, y)
    distance = primitive.select(primitive.eq(x, y), x * 0.0, -primitive.fabs(x - y))
    same_infinity = primitive.and_(primitive.eq(x, y), primitive.eq(primitive.fabs(x), math.inf))
    return larger, primitive.select(same_infinity, 0.0, distance)


@ufunc_rule(np.heaviside, "np.float")
def heaviside(x: Any, at_zero: Any) -> Any:
    """0 for a negative x, 1 for a positive one, `at_zero` for 0, NaN for NaN."""
    step = primitive.select(primitive.lt(x, 0.0), 0.0, primitive.select(primitive.gt(x, 0.0), 1.0, x))
    return primitive.select(primitive.eq(x, 0.0), at_zero, step)
