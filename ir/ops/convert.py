"""Conversions between number types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ir.opdef import Custom, OpDef, expect, register
from ir.types import Boolean, Complex, Float, Integer, Scalar, Time, Type, class_of, dtype_of, wrap


def _cast_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(len(operands) == 1 and isinstance(operands[0], Scalar), "takes one number")
    to = attributes["to"]
    expect(isinstance(to, Scalar) and not isinstance(to, Time), f"cannot cast to {to}")
    expect(not isinstance(operands[0], Time), f"cannot cast {operands[0]}")
    expect(isinstance(operands[0], Complex) == isinstance(to, Complex), "a complex number is cast to complex only")
    return to


def _cast(attributes: dict[str, Any], value: Any) -> Any:
    to = attributes["to"]
    if isinstance(to, Integer) and isinstance(value, (float, np.floating)):
        if math.isnan(value):
            return wrap(0, to)
        value = int(min(max(float(value), float(to.minimum)), float(to.maximum))) if math.isfinite(value) else (
            to.maximum if value > 0 else to.minimum)
        return wrap(min(max(value, to.minimum), to.maximum), to)
    if isinstance(to, Integer):
        return wrap(int(value), to)
    if isinstance(to, Boolean):
        return class_of(to)(value != 0)
    if isinstance(value, int):
        value = np.int64(value)  # a Python int would go to float32 through float64 and be rounded twice
    with np.errstate(all="ignore"):
        return class_of(to)(value.astype(dtype_of(to)) if isinstance(value, np.generic) else dtype_of(to).type(value))


cast = register(
    OpDef(
        "cast",
        "the value in the type `to`: integers wrap, floats round to nearest, a float becomes an integer by truncation "
        "(saturating; NaN gives 0), a boolean is `value != 0`",
        _cast_rule, attributes=("to",), reference=_cast, lowering=Custom("cast"),
    )
)  # fmt: skip


def _bits_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(len(operands) == 1, "takes one operand")
    to, source = attributes["to"], operands[0]
    bases = [Time if isinstance(kind, Time) else type(kind) for kind in (to, source)]
    pair = set(bases)
    # The bits of a time are its count of units.
    fits = pair in ({Integer, Float}, {Integer, Time}) or bases == [Time, Time]
    expect(fits and to.bits == source.bits, f"cannot reinterpret {source} as {to}")
    return to


def _bitcast(attributes: dict[str, Any], value: Any) -> Any:
    to = attributes["to"]
    if isinstance(value, (np.datetime64, np.timedelta64)):
        value = value.view(np.int64)
    if isinstance(to, Time):
        return np.int64(value).view(dtype_of(to))
    source = np.float64 if isinstance(value, float) else np.int64 if isinstance(value, int) else type(value)
    return class_of(to)(source(value).view(dtype_of(to)).item())


bitcast = register(
    OpDef(
        "bitcast", "the same bits as the type `to`, an integer, float or time of the same width", _bits_rule,
        attributes=("to",), reference=_bitcast, lowering=Custom("bitcast"),
    )
)  # fmt: skip
