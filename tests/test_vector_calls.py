"""Loops with a rare branch that calls a pure function out of line are vectorized all the same."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from tracer import njit, out_of_line, primitive


@out_of_line
def rarely(x):
    return primitive.sin(x)


@out_of_line
def rarely_of_two(x, y):
    return primitive.atan2(x, y)


@out_of_line
def slowly(x):
    while x > 1.0:
        x = x * 0.5
    return x


@out_of_line
def refusing(x):
    if x == 13.0:
        raise ValueError("unlucky")
    return primitive.sin(x)


def applied(function, **options):
    def loop(a, out):
        for i in range(a.size):
            x = a[i]
            if x > 10.0:
                out[i] = function(x)
            else:
                out[i] = primitive.fma(x, x, 1.0)

    return njit(**options)(loop)


def text_of(compiled) -> str:
    return next(iter(compiled.inspect_llvm().values()))


def is_vectorized(compiled) -> bool:
    return bool(re.search(r"call <\d+ x double> @llvm\.fma", text_of(compiled)))


@pytest.mark.parametrize("size", [0, 1, 7, 8, 100, 1003])
def test_results_on_and_off_the_branch(size):
    a = np.random.default_rng(size).uniform(0, 11, size)
    a[::17] = 12.0
    out = np.empty_like(a)
    applied(rarely)(a, out)
    expected = [math.sin(x) if x > 10.0 else math.fma(x, x, 1.0) if hasattr(math, "fma") else x * x + 1.0 for x in a.tolist()]
    np.testing.assert_allclose(out, expected, rtol=1e-15)


def test_vectorized():
    compiled = applied(rarely)
    compiled(np.ones(4), np.ones(4))
    assert is_vectorized(compiled)


@out_of_line
def rarely_twice(x):
    """Has a form for vectors, which calls another function for some of the lanes."""
    if x > 11.0:
        return primitive.select(primitive.lt(x, 12.5), rarely(x), 0.5)
    if x < 10.5:
        return x * 2.0
    return primitive.sqrt(x)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 100, 1003])
def test_function_that_is_computed_for_all_lanes(size):
    a = np.random.default_rng(size).uniform(8, 13, size)
    out = np.empty_like(a)
    compiled = applied(rarely_twice)
    compiled(a, out)
    some = [math.sin(x) if 11.0 < x < 12.5 else 0.5 if x > 11.0 else x * 2.0 if x < 10.5 else math.sqrt(x) for x in a.tolist()]
    expected = np.where(a > 10.0, some, a * a + 1.0)
    np.testing.assert_allclose(out, expected, rtol=1e-15)
    if size == 0:
        return
    text = text_of(compiled)
    lanes = re.findall(r"define <\d+ x double> @([\w.]+)\.lanes\d+\(", text)
    assert len(set(lanes)) == 2
    assert re.search(r"call <\d+ x double> @llvm\.sqrt", text)


def test_function_that_is_called_elsewhere_before():
    """Its lines are there before it is known that a loop needs it for vectors."""

    @njit
    def loop(a, out):
        first = rarely(a[0])
        for i in range(a.size):
            x = a[i]
            if x > 10.0:
                out[i] = rarely_twice(x)
            else:
                out[i] = x
        return first

    a = np.random.default_rng(5).uniform(8, 13, 50)
    out, alone = np.empty_like(a), np.empty_like(a)
    assert loop(a, out) == math.sin(a[0])
    applied(rarely_twice)(a, alone)
    np.testing.assert_array_equal(out, np.where(a > 10.0, alone, a))


@out_of_line
def rarely_of_the_first(x, unused):
    """LLVM removes the parameter from functions that it knows all calls of, but the vector forms go by it."""
    return primitive.sin(x)


@pytest.mark.parametrize(("function", "expected"), [(rarely_of_two, np.arctan2), (rarely_of_the_first, lambda x, unused: np.sin(x))])
def test_two_arguments(function, expected):
    @njit
    def loop(a, b, out):
        for i in range(a.size):
            x, y = a[i], b[i]
            if x > y:
                out[i] = function(x, y)
            else:
                out[i] = primitive.fma(x, y, 1.0)

    a, b = np.random.default_rng(1).uniform(1, 2, (2, 500))
    out = np.empty(500)
    loop(a, b, out)
    np.testing.assert_allclose(out, np.where(a > b, expected(a, b), a * b + 1.0), rtol=1e-14)
    assert is_vectorized(loop)


@pytest.mark.parametrize("function", [slowly, refusing])
@pytest.mark.parametrize("interruptible", [True, False])
def test_functions_that_may_not_return_are_called_as_they_are(function, interruptible):
    compiled = applied(function, interruptible=interruptible)
    a = np.array([1.0, 12.0, 2.0])
    out = np.empty(3)
    compiled(a, out)
    assert ".scalar" not in text_of(compiled)
    assert out[1] == (math.sin(12.0) if function is refusing else 0.75)


def test_an_exception_on_the_branch():
    with pytest.raises(ValueError, match="unlucky"):
        applied(refusing)(np.array([1.0, 13.0]), np.empty(2))


def test_no_vector_forms_without_a_loop():
    @njit
    def once(x):
        return rarely(x)

    assert once(2.0) == math.sin(2.0)
    assert ".scalar" not in text_of(once)


def test_no_vector_forms_for_loops_that_hardly_ever_run():
    @njit
    def expression(a, b):
        return a * 2.0 + b  # the loop for stretched inputs calls the graph of the items

    row, single = np.arange(5.0), np.array([3.0])
    np.testing.assert_array_equal(expression(row, single), row * 2.0 + 3.0)
    assert ".scalar" not in text_of(expression)
