"""Compares compiled functions of arrays with NumPy: value, type, dtype, shape, layout, exception, and what they write."""

from __future__ import annotations

import linecache
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tracer import njit

ERRORS = (ArithmeticError, ValueError, TypeError, IndexError, MemoryError, RuntimeError)


def check(function: Callable[..., Any], *arguments: Any, rtol: float = 0.0, strides: bool = True, message: bool = True) -> Any:
    """Run the function in Python and compiled, on copies of the arguments, and compare all that can be seen.

    The arguments are compared afterwards too. `rtol` is for results that are rounded differently; `strides` and
    `message` say whether memory layouts and the texts of exceptions are compared. Returns the compiled result.
    """
    compiled = function if hasattr(function, "py_func") else njit(function)
    plain = compiled.py_func
    given = tuple(map(duplicate, arguments)), tuple(map(duplicate, arguments))
    expected, result = outcome(plain, given[0]), outcome(compiled, given[1])
    assert_same(result, expected, rtol=rtol, strides=strides, message=message)
    for ours, theirs in zip(given[1], given[0]):
        assert_same(ours, theirs, rtol=rtol, strides=strides)
    return result


def since(version: str) -> pytest.MarkDecorator:
    """For what older versions of NumPy do otherwise: compiled code does what newer ones do, see tutorials/differences.md."""
    return pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < version, reason=f"NumPy before {version} does something else")


def expression(text: str, parameters: str = "a") -> Callable[..., Any]:
    """A function that returns this expression of its parameters, and of `np`."""
    return statement(f"return {text}", parameters)


def statement(text: str, parameters: str = "a") -> Callable[..., Any]:
    """A function that does this."""
    source = f"def evaluate({parameters}):\n    {text}\n"
    name = f"<expression {text}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    namespace: dict[str, Any] = {"np": np}
    exec(compile(source, name, "exec"), namespace)
    return namespace["evaluate"]


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """The result, or the exception that was raised."""
    try:
        with np.errstate(all="ignore"):
            return function(*arguments)
    except ERRORS as error:
        return error


def duplicate(value: Any) -> Any:
    """A copy with the same strides and flags; anything but an array as it is."""
    if isinstance(value, tuple):
        return tuple(map(duplicate, value))
    if not isinstance(value, np.ndarray):
        return value
    low = sum(min(0, (n - 1) * s) for n, s in zip(value.shape, value.strides) if n)
    high = sum(max(0, (n - 1) * s) for n, s in zip(value.shape, value.strides) if n) + value.itemsize
    if value.size == 0:
        low, high = 0, value.itemsize
    memory = np.zeros(high - low + 16, np.uint8)
    start = -low + (value.ctypes.data + low - memory.ctypes.data) % 16
    made = np.ndarray(value.shape, value.dtype, memory, start, value.strides)
    if value.size:
        made[...] = value
    made.flags.writeable = value.flags.writeable
    return made


def assert_same(result: Any, expected: Any, *, rtol: float = 0.0, strides: bool = True, message: bool = True) -> None:
    """Fail with both shown where they differ."""
    text = f"{result!r} of {type(result).__name__} where {expected!r} of {type(expected).__name__} was expected"
    assert type(result) is type(expected) or (type(result), type(expected)) == (np.int64, np.longlong), text
    if isinstance(expected, Exception):
        assert not message or str(result) == str(expected), text
    elif isinstance(expected, tuple):
        assert len(result) == len(expected), text
        for ours, theirs in zip(result, expected):
            assert_same(ours, theirs, rtol=rtol, strides=strides)
    elif isinstance(expected, np.ndarray):
        assert result.dtype == expected.dtype, f"{result.dtype} where {expected.dtype} was expected: {text}"
        assert result.shape == expected.shape, f"{result.shape} where {expected.shape} was expected: {text}"
        if strides:
            assert _strides(result) == _strides(expected), f"{result.strides} where {expected.strides} was expected: {text}"
            assert result.flags.writeable == expected.flags.writeable, text
        assert same_items(result, expected, rtol), text
    elif isinstance(expected, (float, complex, np.number, np.datetime64, int)):
        assert same_items(np.asarray(result), np.asarray(expected), rtol), text
    else:
        assert result == expected, text


def _strides(array: np.ndarray) -> tuple[int, ...]:
    """The strides that matter: those of axes with one item, or of empty arrays, are arbitrary."""
    return tuple(s for n, s in zip(array.shape, array.strides) if n > 1) if array.size else ()


def same_items(a: np.ndarray, b: np.ndarray, rtol: float = 0.0) -> bool:
    """Whether all items are equal: NaN equals NaN, and zeros differ by their signs (unless rounding is allowed for)."""
    if a.dtype.kind in "mM":
        return a.dtype == b.dtype and bool(np.array_equal(a.view(np.int64), b.view(np.int64)))
    if a.dtype.kind == "c":
        return same_items(a.real, b.real, rtol) and same_items(a.imag, b.imag, rtol)
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    if rtol:
        return bool(np.allclose(a, b, rtol=rtol, atol=rtol * 1e-300, equal_nan=True))
    nan = np.isnan(a)
    return bool(np.array_equal(nan, np.isnan(b)) and np.array_equal(a[~nan], b[~nan]) and np.array_equal(
        np.signbit(a[~nan]), np.signbit(b[~nan])))


def sample(dtype: Any, shape: tuple[int, ...], seed: int = 0, *, ties: bool = True) -> np.ndarray:
    """An array of this dtype with special values for floats; `ties` asks for equal items too."""
    source = np.random.default_rng(seed + sum(shape) * 7)
    dtype, size = np.dtype(dtype), math.prod(shape)
    if dtype.kind == "b":
        return source.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        low, high = (np.iinfo(dtype).min, np.iinfo(dtype).max) if not ties else (0 if dtype.kind == "u" else -5, 7)
        return source.integers(low, high, shape, dtype=dtype, endpoint=True)
    items = source.standard_normal(size) * 10.0
    if ties:
        items = np.round(items / 5.0)
    special = np.array([np.nan, -0.0, 0.0, np.inf, -np.inf, np.nan, 1.0])
    items[source.permutation(size)[: min(size // 3, len(special))]] = special[: min(size // 3, len(special))]
    if dtype.kind == "c":
        other = sample("float64", (size,), seed + 1, ties=ties)
        made = np.empty(size, dtype)
        made.real, made.imag = items, other
        return made.reshape(shape)
    return items.astype(dtype).reshape(shape)


def layouts(array: np.ndarray) -> Iterator[np.ndarray]:
    """The same items in C order, Fortran order, with gaps, and with negative strides."""
    yield np.ascontiguousarray(array) if array.ndim else array
    if array.ndim == 0:
        return
    if array.ndim > 1:
        yield np.asfortranarray(array)
    wide = np.zeros(tuple(2 * n for n in array.shape), array.dtype)
    gaps = wide[(slice(None, None, 2),) * array.ndim]
    gaps[...] = array
    yield gaps
    backwards = (slice(None, None, -1),) * array.ndim
    yield np.ascontiguousarray(array[backwards])[backwards]
