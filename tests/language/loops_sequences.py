"""Loops over tuples (unrolled), arrays, `enumerate`, `zip` and `reversed`."""

from __future__ import annotations

import numpy as np

from language.registry import each, program
from tracer import literal_unroll, static_range


@program((1, 2.5, True), (3, 4, 5))
def mixed_tuple(a, b, c):
    total = 0
    for x in (a, b, c, 1, 2.5):
        total = total + x
    return total


@each((1, 2, 3), (1.5, 2, 3j), (4,), ())
def tuple_argument(items):
    total = 0
    for x in items:
        total = total + x * 2
    return total, len(items)


@each(0, 1, 2, 9)
def unrolled_break(n):
    total = 0
    for x in (1, 2.5, 3):
        if x > n:
            break
        total += x
    return total * 1.0


@each(0, 1, 2, 9)
def unrolled_break_and_else(n):
    for x in (1, 2, 3):
        if x == n:
            r = x * 100
            break
    else:
        r = -1
    return r


@each(0, 1, 2)
def unrolled_continue(n):
    total = 0
    for x in (0, 1, 2, 3):
        if x == n:
            continue
        total = total * 10 + x
    return total


@each(-1, 0, 2)
def unrolled_return(n):
    for i, x in enumerate((5, 2.5, 7)):
        if i == n:
            return x * 1.0
    return 0.0


@each(3)
def unrolled_variable_after(n):
    x = 0
    for x in (n, n + 1, n + 2.5):
        pass
    return x


@each(3)
def unrolled_empty(n):
    x = n
    for x in ():
        x = "never" + 1
    else:
        x += 1
    return x


@each(2)
def unrolled_in_a_loop(n):
    total = 0
    for i in range(n):
        for x in (1, 2, 3):
            if x > i + 1:
                continue
            total += x
        for f in (abs, float, int):
            total += f(-i)
    return total


@each(4)
def loop_in_an_unrolled_one(n):
    total = 0
    for step in (1, 2, -1):
        for i in range(0, n, step):
            total = total * 3 + i
            if total > 100:
                break
        else:
            total += 7
    return total


@each(1.5, 2)
def unrolled_over_functions(x):
    total = 0.0
    for f in (abs, float, lambda y: y * y, double):
        total += f(x)
    return total


def double(x):
    return x + x


@each(3)
def unrolled_over_nested_tuples(n):
    total = 0
    for name, (weight, kind) in (("a", (1, int)), ("b", (2.5, float))):
        if name == "a":
            total += kind(n) * weight
        else:
            total += kind(n) / weight
    return total


@each(2)
def static_range_unrolls(n):
    total = 0
    powers = (1, 10.0, 100)
    for i in static_range(3):
        total += powers[i] * n
    return total


@each((1, 2.5, 3))
def literal_unroll_of_a_tuple(items):
    total = 0
    for x in literal_unroll(items):
        total += x
    return total


@each(np.arange(5), np.arange(5.0)[::-1], np.array([True, False, True]), np.array([1 + 2j, 3j]))
def items_of_array(a):
    total = 0
    for x in a:
        total = total + x
    return total


@each(np.arange(6).reshape(2, 3), np.arange(6.0).reshape(3, 2).T)
def rows_of_array(a):
    total = 0.0
    for row in a:
        for x in row:
            total = total * 2 + x
        total += len(row)
    return total


@each(np.arange(24).reshape(2, 3, 4), np.arange(24).reshape(2, 3, 4)[::-1, ::2, ::-1])
def planes_of_array(a):
    total = 0
    for plane in a:
        for row in plane:
            for x in row:
                total = (total * 3 + x) % 100003
    return total


@each(np.zeros((3, 2)))
def rows_are_views(a):
    k = 0
    for row in a:
        k += 1
        row[0] = k
        row[-1] += k * 10
    return a[1]


@each(np.array([5, 3, 8, 1]), np.array([2.5]))
def enumerate_array(a):
    total = 0
    for i, x in enumerate(a):
        total = total + (i + 1) * x
    return total


@program((np.array([5, 3, 8]), 10), (np.array([1.5, 2.5]), -1))
def enumerate_with_start(a, start):
    total = 0
    for i, x in enumerate(a, start):
        total = total + i * x
    for i, x in enumerate(a, start=3):
        total = total + i * x
    return total


@each(5)
def enumerate_range(n):
    total = 0
    for i, j in enumerate(range(n, 0, -1)):
        total = total * 3 + i * j
    return total


@each(4)
def enumerate_tuple(n):
    total = 0
    for i, x in enumerate((n, 2.5, True), 1):
        total += i * x
    return total


@program((np.arange(3), np.arange(4.0)), (np.arange(3), np.zeros(1)))
def zip_arrays(a, b):
    total = 0.0
    for x, y in zip(a, b):
        total = total * 2 + x - y
    return total


@program((np.arange(3), 5), (np.arange(7), 2))
def zip_array_with_range(a, n):
    total = 0
    for x, i in zip(a, range(n)):
        total = total * 3 + x * i
    for i, x, j in zip(range(n, 0, -1), a, range(0, 100, 7)):
        total = total * 3 + x * i - j
    return total


@each(np.array([1.5, 2.5, 3.5]))
def zip_with_tuple(a):
    total = 0.0
    for x, w in zip(a, (1, 10, 100)):
        total += x * w
    return total


@each(2)
def zip_tuples(n):
    total = 0
    for x, y in zip((n, 2.5), (3, n)):
        total += x * y
    for x in zip():
        total += 1000
    return total


@program((np.arange(3), np.arange(3)), (np.arange(3), np.arange(2)), (np.arange(2), np.arange(3)))
def zip_strict(a, b):
    total = 0
    for x, y in zip(a, b, strict=True):
        total += x * y
    return total


@each(np.arange(4), np.zeros(1), np.arange(6).reshape(3, 2)[:, 0])
def reversed_array(a):
    total = 0
    for x in reversed(a):
        total = total * 3 + x
    return total


@each(3)
def reversed_tuple(n):
    total = 0
    for x in reversed((n, 2.5, True)):
        total = total * 3 + x
    return total


@program((np.arange(3.0), np.arange(4.0)),)
def enumerate_zip_reversed(a, b):
    total = 0.0
    for i, (x, y) in enumerate(zip(a, reversed(b)), 1):
        total += i * x * y
    return total


@each(np.arange(6).reshape(3, 2))
def unpack_rows_in_the_header(a):
    total = 0
    for x, y in a:
        total = total * 5 + x - y
    return total


@each(np.arange(6).reshape(2, 3))
def enumerate_rows(a):
    total = 0
    for i, row in enumerate(a):
        for j, x in enumerate(row):
            total += i * x + j
    return total


@each(np.array([3, 1, 2]), np.array([0.5]), np.zeros(0))
def else_of_array_loop(a):
    for x in a:
        if x == 1:
            return 1
    else:
        return 2


@each(np.arange(5))
def array_changes_while_it_is_iterated(a):
    total = 0
    for i, x in enumerate(a):
        if i + 1 < len(a):
            a[i + 1] += x
        total += x
    return total


@program((np.arange(3), np.arange(3, 6)),)
def rebinding_the_iterated_name(a, b):
    total = 0
    for x in a:
        a = b
        total += x
    return total, a[0]


@program((np.arange(4), 2), (np.arange(4), -1))
def assign_loop_variable_to_item(a, i):
    for a[i] in range(5):
        pass
    return a[i]


@each(np.array([1.0, 2.0, 3.0]))
def sums_over_generators(a):
    squares = sum(x * x for x in a)
    return squares, any(x > 2 for x in a), all(x > 2 for x in a), max(x * -1 for x in a)


@each(5)
def sums_over_generators_of_ranges(n):
    return sum(i * i for i in range(n)), max(i % 3 for i in range(n)), min((i - 2) ** 2 for i in range(n))


@each(np.arange(3))
def star_arguments_of_tuple(a):
    t = (a[0], a[1], a[2])
    return max(*t), min(*t, a[2]), max(t)


@each(2)
def sets_in_their_own_order(n):
    total = 0
    for q in {100, 3, 1, 3, -5, 7}:
        total = total * 3 + q * n
    for q in {0.5, True, 1}:
        total = total + q
    return total
