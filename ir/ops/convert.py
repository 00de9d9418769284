"""Conversions between number types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ir.opdef import Custom, OpDef, expect, register
from ir.types import Boolean, Complex, Float, Integer, Scalar, Type, class_of, dtype_of, wrap


def _cast_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    expect(len(operands) == 1 and isinstance(operands[0], Scalar), "takes one number")
    to = attributes["to"]
    expect(isinstance(to, Scalar), f"cannot cast to {to}")
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
    pair = {type(to), type(source)}
    expect(pair == {Integer, Float} and to.bits == source.bits, f"cannot reinterpret {source} as {to}")
    return to


def _bitcast(attributes: dict[str, Any], value: Any) -> Any:
    to = attributes["to"]
    source = np.float64 if isinstance(value, float) else np.int64 if isinstance(value, int) else type(value)
    return class_of(to)(source(value).view(dtype_of(to)).item())


bitcast = register(
    OpDef(
        "bitcast", "the same bits as the type `to`, an integer or a float of the same width", _bits_rule,
        attributes=("to",), reference=_bitcast, lowering=Custom("bitcast"),
    )
)  # fmt: skip
