"""What exists only while tracing, around run-time values, handed to functions: ranges, generators, partial functions, messages."""

from __future__ import annotations

import functools

import numpy as np

from language.registry import each


def size_and_first(r):
    return len(r), r[0]


def total(items):
    result = 0
    for item in items:
        result += item
    return result


def applied(f, *items):
    return f(*items)


def minus(a, b, c=1):
    return a - b * c


def refused(message):
    raise ValueError(message)


def count_of(**named):
    return len(named["items"])


@each(4)
def ranges(n):
    return size_and_first(range(n, 9)), total(range(n)), count_of(items=range(n)), size_and_first(range(9, n, -2))


@each(4)
def iterators(n):
    return total(q * 2 for q in range(n)), total(i + q for i, q in enumerate(range(n))), total(np.arange(n).flat)


@each(4)
def partial_functions(n):
    return applied(functools.partial(minus, n), 3), applied(functools.partial(minus, c=n), 3, 2)


@each(4)
def a_message(n):
    return refused(f"no {n}")


@each(4)
def methods_and_functions_that_see_a_range(n):
    r = range(n)

    def more(k):
        return k + len(r)

    return applied(np.arange(n).sum), applied(more, 2), applied(functools.partial(more, n))


@each(3)
def loops_of_the_library_below_a_function_that_rebinds(n):
    def count():
        nonlocal n
        n += 1
        return n

    first = np.setdiff1d(np.arange(count()), [1])
    return first, np.isin(np.arange(3), n), np.sort(first)[: count()], n
