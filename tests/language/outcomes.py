"""What a run of a program did: its result or its exception, and what it left in the arrays it was given."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np

_LINE = 64  # copies keep their address modulo this, so that they are as well aligned as the originals


def copy_arguments(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """The arguments with every array copied: with its strides, flags and alignment, and views of one memory still so."""
    memories: dict[int, tuple[np.ndarray, int]] = {}
    return tuple(_copy(argument, memories) for argument in arguments)


def _copy(value: Any, memories: dict[int, tuple[np.ndarray, int]]) -> Any:
    if isinstance(value, tuple):
        items = [_copy(item, memories) for item in value]
        return tuple(items) if type(value) is tuple else type(value)(*items)
    if not isinstance(value, np.ndarray):
        return value
    root = _root(value)
    low, _ = np.lib.array_utils.byte_bounds(root)
    if id(root) not in memories:
        memories[id(root)] = _copied_memory(root)
    buffer, offset = memories[id(root)]
    address = value.__array_interface__["data"][0]
    start = offset + address - low if value.size else 0
    copied = np.ndarray(value.shape, value.dtype, buffer.data, start, value.strides)
    copied.flags.writeable = value.flags.writeable
    return copied


def _root(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _copied_memory(root: np.ndarray) -> tuple[np.ndarray, int]:
    """A buffer with the bytes of the array, and the offset of its lowest byte there."""
    low, high = np.lib.array_utils.byte_bounds(root)
    buffer = np.zeros(high - low + _LINE, np.uint8)
    offset = (low - buffer.ctypes.data) % _LINE
    if root.size:
        buffer[offset : offset + high - low] = np.frombuffer(ctypes.string_at(low, high - low), np.uint8)
    return buffer, offset


@attrs.frozen(eq=False)
class Outcome:
    """The result or the exception, and the arguments afterwards."""

    result: Any
    arguments: tuple[Any, ...]

    def __str__(self) -> str:
        arrays = [a for a in self.arguments if isinstance(a, np.ndarray)]
        left = "".join(f"; left {a!r}" for a in arrays)
        kind = type(self.result).__name__
        return f"{self.result!r} ({kind}){left}"


def run(function: Callable[..., Any], arguments: Sequence[Any]) -> Outcome:
    """Call the function with copies of the arguments."""
    copies = copy_arguments(arguments)
    try:
        with np.errstate(all="ignore"):
            return Outcome(function(*copies), copies)
    except (ArithmeticError, AttributeError, ValueError, TypeError, LookupError, NameError, AssertionError, RuntimeError, MemoryError) as error:
        return Outcome(error, copies)


def same(a: Any, b: Any) -> bool:
    """Whether two objects are alike in class and value; zeros also in sign, arrays also in strides and flags."""
    if isinstance(b, BaseException):
        return type(a) is type(b) and same(a.args, b.args) and same(a.__cause__, b.__cause__)
    if type(a) is not type(b):
        return False
    if isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(b, np.ndarray):
        return _same_array(a, b)
    if isinstance(b, (complex, np.complexfloating)):
        return _same_float(a.real, b.real) and _same_float(a.imag, b.imag)
    if isinstance(b, (float, np.floating)):
        return _same_float(a, b)
    if isinstance(b, (np.datetime64, np.timedelta64)) and np.isnat(b):
        return a.dtype == b.dtype and bool(np.isnat(a))
    return bool(a == b)


def _same_float(a: Any, b: Any) -> bool:
    if a != a or b != b:
        return a != a and b != b
    return a == b and math.copysign(1.0, a) == math.copysign(1.0, b)


def _same_array(a: np.ndarray, b: np.ndarray) -> bool:
    forms = [(x.dtype, x.shape, x.strides if x.size else None, x.flags.writeable, x.flags.aligned) for x in (a, b)]
    if forms[0] != forms[1]:
        return False
    return all(map(same, a.ravel().tolist(), b.ravel().tolist()))


def same_outcome(a: Outcome, b: Outcome) -> bool:
    """Whether two runs did the same. A result that is one of the arguments is the same one."""
    if not same(a.result, b.result) or not same(a.arguments, b.arguments):
        return False
    return not isinstance(b.result, np.ndarray) or _place(a) == _place(b)


def _place(outcome: Outcome) -> tuple[int, ...]:
    """Where the resulting array is among the arguments: which it is itself, and which it shares memory with."""
    arrays = [a for a in outcome.arguments if isinstance(a, np.ndarray)]
    identical = tuple(i for i, a in enumerate(arrays) if a is outcome.result)
    return (*identical, -1, *(i for i, a in enumerate(arrays) if np.shares_memory(a, outcome.result)))
