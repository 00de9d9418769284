"""The option `overflow="raise"`: Python's ints that would need more than 64 bits raise OverflowError, and nothing else changes."""

from __future__ import annotations

import functools
import itertools
import math
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tracer import jit, njit, trace

EDGES = (
    0, 1, 2, 3, 5, 10, 62, 63, 64, 65, 3037000499, 3037000500, 2**31, 2**32, 2**62 - 1, 2**62, 2**63 - 2, 2**63 - 1,
    -1, -2, -3, -7, -3037000500, -(2**31), -(2**32), -(2**62), -(2**62) - 1, -(2**63) + 1, -(2**63),
)  # fmt: skip
BINARY = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "//": lambda a, b: a // b,
    "%": lambda a, b: a % b, "divmod": lambda a, b: divmod(a, b), "&": lambda a, b: a & b, ">>": lambda a, b: a >> b,
}  # fmt: skip
UNARY = {
    "-": lambda a: -a, "abs": lambda a: abs(a), "~": lambda a: ~a, "+": lambda a: +a, "** 2": lambda a: a**2, "** 3": lambda a: a**3,
    "<< 1": lambda a: a << 1, "<< 62": lambda a: a << 62, "+ 1": lambda a: a + 1, "- 1": lambda a: a - 1, "3 *": lambda a: 3 * a,
}  # fmt: skip
raising = functools.partial(njit, overflow="raise")


def fits(value: Any) -> bool:
    return all(-(2**63) <= each < 2**63 for each in (value if isinstance(value, tuple) else (value,)))


def check(fast: Callable, function: Callable, *arguments: int) -> None:
    """The value of Python where it fits, its exception, or OverflowError."""
    try:
        expected = function(*arguments)
    except (ZeroDivisionError, ValueError) as error:
        with pytest.raises(type(error)):
            fast(*arguments)
        return
    if not fits(expected):
        with pytest.raises(OverflowError, match="does not fit in 64 bits"):
            fast(*arguments)
        return
    result = fast(*arguments)
    assert result == expected and type(result) is type(expected), arguments


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name: str) -> None:
    fast = raising()(BINARY[name])
    for a, b in itertools.product(EDGES, EDGES):
        check(fast, BINARY[name], a, b)


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name: str) -> None:
    fast = raising()(UNARY[name])
    for a in EDGES:
        check(fast, UNARY[name], a)


def test_powers_and_shifts() -> None:
    power, shift = (lambda a, b: a**b), (lambda a, b: a << b)
    fast_power, fast_shift = raising()(power), raising()(shift)
    for a, b in itertools.product(EDGES, (0, 1, 2, 3, 4, 7, 31, 32, 39, 40, 62, 63, 64, 65, 200)):
        check(fast_power, power, a, b)
        check(fast_shift, shift, a, b)
    for huge in (2**40, 2**63 - 1):
        assert fast_power(1, huge) == 1 and fast_power(0, huge) == 0 and fast_power(-1, huge) == (-1) ** (huge % 2)
        assert fast_shift(0, huge) == 0
        for fast in (fast_power, fast_shift):
            with pytest.raises(OverflowError):
                fast(2, huge)
    with pytest.raises(ValueError):
        fast_power(2, -1)
    with pytest.raises(ValueError):
        fast_shift(2, -1)


def total(n):
    return sum(i * 2**40 for i in range(n))


def product(n):
    return math.prod(i + 1 for i in range(n))


def augmented(n):
    x = 1
    while n > 0:
        x *= 3
        n -= 1
    return x


def of_booleans(a, b):
    return (a + b) * (2**62 + 1)


def helper(n):
    return n + 1


def called(n):
    return helper(n) - 1


@pytest.mark.parametrize("function, arguments", [
    (total, (3,)), (total, (10_000,)), (product, (20,)), (product, (21,)), (augmented, (39,)), (augmented, (40,)),
    (of_booleans, (True, False)), (of_booleans, (True, True)), (called, (2**63 - 2,)), (called, (2**63 - 1,)),
])  # fmt: skip
@pytest.mark.parametrize("make", [raising(), jit(overflow="raise")], ids=["njit", "jit"])
def test_functions(make, function, arguments) -> None:
    fast = make(function)
    if function is called and arguments == (2**63 - 1,):
        with pytest.raises(OverflowError, match=r"9223372036854775807 \+ 1 does not fit"):
            fast(*arguments)
    else:
        check(fast, function, *arguments)


def test_traceback_shows_the_operation() -> None:
    with pytest.raises(OverflowError) as caught:
        trace(called, overflow="raise")(1)(2**63 - 1)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [(f.name, f.line) for f in frames[-2:]] == [("called", "return helper(n) - 1"), ("helper", "return n + 1")]
    assert str(caught.value) == "9223372036854775807 + 1 does not fit in 64 bits"


def numpy_numbers(a, b):
    return a + b, a * b, a - b, -a, abs(a)


def test_numpys_numbers_wrap() -> None:
    smallest = np.int64(-(2**63))
    with np.errstate(all="ignore"):
        assert raising()(numpy_numbers)(smallest, np.int64(-1)) == numpy_numbers(smallest, np.int64(-1))
    a = np.array([2**63 - 1, -(2**63)])
    for function in (lambda a: a + 1, lambda a: a * a, lambda a: a.sum(), lambda a: np.prod(a), lambda a: np.cumsum(a)):
        np.testing.assert_array_equal(raising()(function)(a), function(a))


def test_the_default_wraps() -> None:
    assert njit(lambda a, b: a + b)(2**63 - 1, 1) == -(2**63)
    assert njit(overflow="wrap")(lambda a, b: a * b)(2**62, 4) == 0


def test_division_as_numpy_does_it_wraps() -> None:
    assert njit(overflow="raise", error_model="numpy")(lambda a, b: a // b)(-(2**63), -1) == -(2**63)


def row_sum(a):
    count = 0.0
    for i in range(1, len(a), 2):
        count += a[i]
    return count


def test_counters_of_loops_are_not_checked() -> None:
    graph = trace(row_sum, overflow="raise")(np.ones(5))
    assert graph(np.ones(5)) == 2.0
    assert not any(op.name.endswith("_overflows") for op in graph.optimized.ops())


def test_known_numbers_are_decided_while_compiling() -> None:
    function = raising()(lambda a: ((a & 0xFF) * 3, (a & 0xFF) + (a % 1000), (a % 1000) - (a & 0xFF)))
    assert function(2**63 - 1) == (255 * 3, 255 + 807, 807 - 255)
    (graph,) = function.graphs.values()
    assert not any(op.name.endswith("_overflows") for op in graph.optimized.ops())


def stores(a, n):
    x = 2**60
    for i in range(n):
        x += x
        a[i] = x


def test_what_was_stored_before_stays() -> None:
    a = np.zeros(5, np.int64)
    with pytest.raises(OverflowError):
        raising()(stores)(a, 5)
    assert a.tolist() == [2**61, 2**62, 0, 0, 0]


def test_other_words_are_refused() -> None:
    with pytest.raises(ValueError, match="overflow is 'wrap' or 'raise', not 'saturate'"):
        njit(overflow="saturate")
