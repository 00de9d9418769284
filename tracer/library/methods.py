"""Methods of numbers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ir.types import Array, Complex, int64, uint64
from tracer.extending import implements, primitive
from tracer.library.floating import is_finite
from tracer.library.math_integers import as_integer
from tracer.typeof import typeof


def _implementing_methods(name: str, *classes: type) -> Any:
    """Register for the method of each class that has it, once where classes share it."""
    found = {getattr(c, name) for c in classes if hasattr(c, name)}
    return implements(*found)


@_implementing_methods("bit_length", int)
def bit_length(x: Any) -> Any:
    """The number of bits of |x|."""
    size = primitive.cast(primitive.max_(int(x), primitive.neg(int(x))), to=uint64)
    length = 0
    for step in (32, 16, 8, 4, 2, 1):
        long = primitive.ne(primitive.shr(size, step), 0)
        length = length + primitive.select(long, step, 0)
        size = primitive.select(long, primitive.shr(size, step), size)
    return length + primitive.cast(size, to=int64)


@_implementing_methods("bit_count", int)
def bit_count(x: Any) -> Any:
    """The number of ones in |x|."""
    size = primitive.cast(primitive.max_(int(x), primitive.neg(int(x))), to=uint64)
    return primitive.cast(count_ones(size), to=int64)


def count_ones(x: Any) -> Any:
    """The number of ones in an unsigned integer of 64 bits (Hacker's Delight, figure 5-2)."""
    x = primitive.sub(x, primitive.and_(primitive.shr(x, 1), 0x5555555555555555))
    x = primitive.add(primitive.and_(x, 0x3333333333333333), primitive.and_(primitive.shr(x, 2), 0x3333333333333333))
    x = primitive.and_(primitive.add(x, primitive.shr(x, 4)), 0x0F0F0F0F0F0F0F0F)
    return primitive.shr(primitive.mul(x, 0x0101010101010101), 56)


@_implementing_methods("is_integer", float, np.float64, np.float32)
def is_integer(x: Any) -> Any:
    """Whether a float is an integer."""
    whole = primitive.and_(is_finite(x), primitive.eq(primitive.floor(x), x))
    return bool(whole)


@_implementing_methods("conjugate", int, float, complex, np.generic)
def conjugate(z: Any) -> Any:
    """The complex conjugate."""
    if not isinstance(typeof(z), Complex):
        return z
    return primitive.complex_(primitive.real(z), primitive.neg(primitive.imag(z)))


@implements(operator.index)
def index(x: Any) -> Any:
    """An integer, or an array of one without axes, as a Python int."""
    return as_integer(x[()] if isinstance(typeof(x), Array) and x.ndim == 0 else x)


@implements(operator.truth)
def truth(x: Any) -> Any:
    """`bool(x)`."""
    return bool(x)


@implements(operator.not_)
def negation(x: Any) -> Any:
    """`not x`."""
    return not x
