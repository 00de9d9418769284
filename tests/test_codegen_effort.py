"""How much LLVM does for a graph, and that less of it gives the same results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codegen.effort import Effort, plan_for
from codegen.options import Options
from tracer import njit, trace, types

matrix = types.float64[:, ::1]
vector = types.float64[::1]
integers = types.int64[::1]


def add(a, b):
    return a + b


def total(a):
    result = 0.0
    for x in a:
        result += x
    return result


def product(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            result = 0.0
            for k in range(a.shape[1]):
                result += a[i, k] * b[k, j]
            c[i, j] = result


def bisect(targets, roots, steps):
    for i in range(len(targets)):
        low, high = 0.0, 1.0 + targets[i]
        for _ in range(steps):
            middle = 0.5 * (low + high)
            if middle * middle < targets[i]:
                low = middle
            else:
                high = middle
        roots[i] = low


def doubled(a, b):
    for i in range(len(a)):
        b[i] = 2.0 * a[i]


def greatest(a):
    result = a[0]
    for x in a:
        result = max(result, x)
    return result


def count(a):
    result = 0
    for x in a:
        if x > 0.5:
            result += 1
    return result


def first_above(a, limit):
    for i in range(len(a)):
        if a[i] > limit:
            return i
    return -1


def halvings(n):
    steps = 0
    while n != 1:
        n = n // 2
        steps += 1
    return steps


def marked(flags):
    for i in range(2, len(flags)):
        j = i * i
        while j < len(flags):
            flags[j] = True
            j += i


def histogram(counts, places):
    for i in range(len(places)):
        counts[places[i] & 7] += 1


def places(counts):
    place = 0
    for i in range(len(counts)):
        here = counts[i]
        counts[i] = place
        place += here


def kept(a, found):
    count = 0
    for i in range(len(a)):
        found[i] = 2 * count
        if a[i] > 0:
            count += 1


def numbered(numbers):
    number = 0
    for i in range(len(numbers)):
        numbers[i] = number
        number += 3


def differences(a, b):
    before = 0
    for i in range(len(a)):
        b[i] = a[i] - before
        before = a[i]


def sorted_copy(a):
    return np.sort(a)


def order(a):
    return np.argsort(a)


def by_call(a):
    return total(a) + 1.0


def by_calls(a):
    result = 0.0
    for i in range(len(a)):
        result += total(a[i:])
    return result


def shifted(a):
    return np.exp(a) - 1.0


def shifted_twice(a):
    return shifted(a) * 2.0


def shifted_rows(a):
    return shifted(a[:, 1:])


def shifted_and_summed(a):
    return shifted(a), np.sum(a)


CASES = [  # with and without vectors
    (add, (types.float64, types.float64), Effort.BRIEF),
    (total, (vector,), Effort.PLAIN),
    (product, (matrix,) * 3, Effort.UNROLLED),
    (bisect, (vector, vector, types.int64), Effort.UNROLLED),
    (doubled, (vector,) * 2, Effort.WHOLE),
    (greatest, (vector,), Effort.WHOLE),
    (count, (vector,), Effort.WHOLE),
    (first_above, (vector, types.float64), Effort.PLAIN),
    (halvings, (types.int64,), Effort.PLAIN),
    (marked, (types.bool_[::1],), Effort.PLAIN),
    (histogram, (types.int64[::1], types.int64[::1]), Effort.PLAIN),
    (places, (integers,), Effort.PLAIN),
    (kept, (integers,) * 2, Effort.PLAIN),
    (numbered, (integers,), Effort.WHOLE),
    (differences, (integers,) * 2, Effort.WHOLE),
    (order, (vector,), Effort.UNROLLED),
    (by_call, (vector,), Effort.PLAIN),
    (by_calls, (vector,), Effort.PLAIN),
]


def settled(function: Callable, parameters: tuple, masks: bool, options: Options = Options()) -> Effort:
    """The effort if all loops that may be made of vectors are."""
    plan = plan_for(trace(function)(*parameters).optimized, options, masks)
    assert bool(plan.unrolled) is (Effort.UNROLLED in (plan.effort, plan.otherwise))
    return plan.settled(plan.parallel)


@pytest.mark.parametrize(("function", "parameters", "effort"), CASES, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.quick_cases(None)
def test_effort(function: Callable, parameters: tuple, effort: Effort) -> None:
    assert settled(function, parameters, masks=False) is effort
    reduces = function in (greatest, count)
    assert settled(function, parameters, masks=True) is (Effort.VECTORS if reduces else effort)
    # Sums may be taken in any order then; the items of a column do not lie side by side.
    relaxed = {by_calls: Effort.WHOLE, total: Effort.WHOLE, bisect: Effort.WHOLE, by_call: Effort.WHOLE, product: Effort.PLAIN}.get(function, effort)
    assert settled(function, parameters, False, Options(fastmath=True)) is relaxed


@pytest.mark.parametrize(
    ("function", "parameters", "efforts"),
    [
        (shifted, (vector,), (Effort.VECTORS, Effort.VECTORS)),
        (shifted_twice, (vector,), (Effort.VECTORS, Effort.VECTORS)),
        (shifted, (matrix,), (Effort.VECTORS, Effort.VECTORS)),  # one loop over all items
        (shifted_rows, (matrix,), (Effort.WHOLE, Effort.PLAIN)),
        (shifted_and_summed, (vector,), (Effort.PLAIN, Effort.PLAIN)),
        (sorted_copy, (vector,), (Effort.UNROLLED, Effort.UNROLLED)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.quick_cases(None)
def test_effort_when_loops_are_made_of_vectors(function: Callable, parameters: tuple, efforts: tuple[Effort, Effort]) -> None:
    for masks, effort in zip((False, True), efforts):
        assert settled(function, parameters, masks) is effort
        plan = plan_for(trace(function)(*parameters).optimized, Options(), masks)
        assert plan.settled(frozenset()) is Effort.WHOLE


@pytest.mark.parametrize("length", range(6))
@pytest.mark.quick_cases(None)
def test_rounds_of_unrolled_loops(length: int) -> None:
    rng = np.random.default_rng(length)
    arguments: list[Any] = [rng.random((3, length)), rng.random((length, 2)), np.ones((3, 2))]
    expected = [each.copy() for each in arguments]
    product(*expected)
    njit(product)(*arguments)
    np.testing.assert_array_equal(arguments[2], expected[2])
    targets, roots, wanted = rng.random(4), np.ones(4), np.ones(4)
    bisect(targets, wanted, length)
    njit(bisect)(targets, roots, length)
    np.testing.assert_array_equal(roots, wanted)


def test_what_is_shown_is_what_is_run() -> None:
    shown = trace(product)(matrix, matrix, matrix).text("llvm")
    assert shown.count("fmul") >= 3  # two rounds made one, and the one that may be left over
    assert trace(total)(vector).text("llvm").count("fadd") == 1


def compare(a, b, x, y):
    if a < b:
        x, y = y, x
    return x, y


@pytest.mark.parametrize("a", [0.0, -0.0, 1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("b", [0.0, 1.0, float("nan")])
@pytest.mark.quick_cases(None)
def test_choices_by_one_comparison(a: float, b: float) -> None:
    assert njit(compare)(a, b, 1.5, 2.5) == compare(a, b, 1.5, 2.5)


@pytest.mark.filterwarnings("ignore::tracer.errors.ObjectModeWarning")
def test_what_waits_for_the_interpreter_is_compiled_quickly() -> None:
    def texts(things: Any, n: Any) -> Any:
        total = 0.0
        for i in range(n):
            total += i * 0.5 * i
            things.append(i)
        return total

    def sums(things: Any, a: Any) -> Any:
        things.append(a)
        total = 0.0
        for x in a:
            total += x
        return total

    for function, arguments, effort in ((texts, ([], 3), Effort.BRIEF), (sums, ([], np.ones(3)), Effort.PLAIN)):
        graph = trace(function, nopython=False)(*arguments).optimized
        assert plan_for(graph, Options(), False).effort is effort
