"""Indices of the form `factor * counter + offset`, in which neither the factor nor the offset changes in a loop."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from ir.graph import Constant, Value
from ir.ops import arithmetic

_LARGEST_NUMBER = 1 << 31


class Affine(NamedTuple):
    """`factor * counter + number + plus[0] + ... - minus[0] - ...`; the factor is a positive number, or a value."""

    factor: int | Value = 1
    number: int = 0
    plus: tuple[Value, ...] = ()
    minus: tuple[Value, ...] = ()

    @property
    def terms(self) -> tuple[Value, ...]:
        """The values in the offset."""
        return (*self.plus, *self.minus)


def affine(value: Value, counter: Value, inside: Container[Value], bounded: Container[Value]) -> Affine | None:
    """The form of a value, or None.

    Args:
        inside: the values that may change in the loop.
        bounded: values that are known not to wrap wherever the form is used, as they are checked to be indices.
    """
    found = _form(value, counter, inside, bounded)
    return found if found is not None and abs(found.number) < _LARGEST_NUMBER and len(found.terms) <= 2 else None


def _form(value: Value, counter: Value, inside: Container[Value], bounded: Container[Value]) -> Affine | None:
    if value is counter:
        return Affine()
    op = value.op
    if op is None or len(op.operands) != 2:
        return None
    a, b = op.operands
    if op.opdef is arithmetic.add:
        form, other = _form(a, counter, inside, bounded), b
        if form is None:
            form, other = _form(b, counter, inside, bounded), a
        return None if form is None or other in inside else _plus(form, other, 1)
    form = _form(a, counter, inside, bounded)
    if op.opdef is arithmetic.mul:
        if form is None:
            form, b = _form(b, counter, inside, bounded), a
        return _times(form, b) if form is not None and b not in inside else None
    if form is None or b in inside:
        return None
    if op.opdef is arithmetic.sub:
        return _plus(form, b, -1)
    return _divided(form, b) if op.opdef is arithmetic.floordiv and a in bounded else None


def _plus(form: Affine, other: Value, sign: int) -> Affine:
    if isinstance(other, Constant):
        return form._replace(number=form.number + sign * int(other.value))
    if sign > 0:
        return form._replace(plus=(*form.plus, other))
    return form._replace(minus=(*form.minus, other))


def _times(form: Affine, factor: Value) -> Affine | None:
    if form != Affine():
        return None
    if isinstance(factor, Constant):
        return Affine(int(factor.value)) if 0 < factor.value < _LARGEST_NUMBER else None
    return Affine(factor)


def _divided(form: Affine, divisor: Value) -> Affine | None:
    """Division without a remainder in the factor: `(6 * counter + 4) // 3` is `2 * counter + 1`."""
    if form.terms or not isinstance(form.factor, int) or not isinstance(divisor, Constant) or divisor.value <= 0:
        return None
    number = int(divisor.value)
    return Affine(form.factor // number, form.number // number) if form.factor % number == 0 else None
