"""Conversions of times (`np.datetime64`, `np.timedelta64`) to and from other numbers, while tracing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ir import types
from ir.graph import Constant, Value
from ir.on_demand import OnDemand
from ir.types import Scalar, Time

if TYPE_CHECKING:
    from tracer.tracing import Tracer

times = OnDemand("tracer.library.times")


def cast_time(t: Tracer, value: Value, to: Scalar) -> Value:
    """A time in another type, or another number as a time, as NumPy's `astype` converts; constants at once."""
    if isinstance(value, Constant):
        with np.errstate(all="ignore"):
            made = np.asarray(value.value).astype(types.dtype_of(to))[()]
        return Constant(to, value=types.PYTHON_CLASSES[to](made) if to.weak else made)
    return t.lift(t.call(times.cast_time, (value, to), {}))


def keeps_kind(source: Time, to: Time) -> bool:
    """Whether NumPy converts single times so: not days to months. (It does convert arrays, and where it infers a unit.)"""
    return to.unit == "generic" or source.kind != to.kind or np.can_cast(types.dtype_of(source), types.dtype_of(to), "same_kind")
