"""Numbers that begin as literals, in functions over objects whose classes differ from call to call: no conversion shows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tracer import jit

pytestmark = pytest.mark.filterwarnings("ignore::tracer.errors.ObjectModeWarning")

ITEMS: list[list[Any]] = [
    [1.5, 2.5], [Fraction(1, 2), Fraction(1, 3)], [1, 2], [True, False], [np.float32(1), np.float32(2)], [1j, 2j], [Decimal(1)], [],
    [2.5, Fraction(1, 3)], [10**30, 1], [np.int8(3), np.int8(4)], [0.0, -0.0],
]  # fmt: skip


def total(items):
    t = 0
    for x in items:
        t += x
    return t


def while_there_are(items):
    t = 0.0
    i, n = 0, len(items)
    while i < n:
        t = t + items[i]
        i += 1
    return t


def two_states(items):
    t, p = 0, 1
    for x in items:
        t += x
        p *= x
    return t, p


def nested(items):
    t = 0
    for _ in range(2):
        u = 0
        for x in items:
            u += x
        t += u
    return t, u


def left_early(items):
    t = 0
    for x in items:
        if t == 3:
            break
        t += x
    else:
        t += 1
    return t


def some_rounds(items):
    t = 0
    for i in range(len(items)):
        x = items[i]
        if i % 2:
            continue
        t += x * i
    return t


def on_a_branch(items):
    t = 0
    for x in items:
        if x:
            t += x
    return t


def on_either_branch(items):
    t = u = 0
    for x in items:
        if x == 1:
            t += x
        else:
            u = u + x
    return t, u


def begins_on_a_branch(items):
    if len(items) > 1:
        t = 0
    else:
        t = 0.5
    for x in items:
        t += x
    return t


def one_after_the_other(items):
    t = 0
    for x in items:
        t += x
    u = 0
    for x in items:
        u += x * t
    if u == 0:
        u = 1
    return t, u


def returns_from_a_round(items):
    t = 0
    for x in items:
        if t == 2.5:
            return t, x
        t += x
    return t


FUNCTIONS = (
    total, while_there_are, two_states, nested, left_early, some_rounds, on_a_branch, on_either_branch, begins_on_a_branch,
    one_after_the_other, returns_from_a_round,
)  # fmt: skip
PAIRS = list(itertools.permutations(range(len(ITEMS)), 2))


def outcome(function: Callable, items: list[Any]) -> Any:
    """The result with its types, or the exception."""
    try:
        result = function(items)
    except (TypeError, ArithmeticError) as error:
        return type(error), str(error)
    return [(type(x), repr(x)) for x in (result if isinstance(result, tuple) else (result,))]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("part", range(0, 12, 4))  # all twelve have been run: they take more than a minute
@pytest.mark.quick_cases(2)
def test_classes_that_differ_from_call_to_call(function: Callable, part: int) -> None:
    for first, second in PAIRS[part::12]:
        fast = jit(function)
        for items in (ITEMS[first], ITEMS[second], ITEMS[first]):
            assert outcome(fast, items) == outcome(function, items), (ITEMS[first], ITEMS[second], items)
