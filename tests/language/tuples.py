"""Tuples and named tuples: as arguments, results, variables in branches and loops, nested, indexed, compared."""

from __future__ import annotations

from collections import namedtuple
from typing import NamedTuple

import numpy as np

from language.registry import each, program

Point = namedtuple("Point", "x y")
Segment = namedtuple("Segment", ["start", "end", "weight"])


class Sphere(NamedTuple):
    """A named tuple with annotations and a default."""

    center: tuple
    radius: float = 1.0


@each(3, 2.5)
def literal_tuple(x):
    return x, x + 1, (x, (x * 2,)), ()


@each((1, 2), (1.5, (2, True)), ((), 3))
def round_trip(t):
    return t


@each((1, 2.5, 3))
def literal_indices(t):
    return t[0], t[1], t[-1], t[len(t) - 1]


@program(((10, 20, 30), 0), ((10, 20, 30), 2), ((10, 20, 30), -1), ((10, 20, 30), -3), ((10, 20, 30), 3), ((10, 20, 30), -4))
def run_time_index(t, i):
    return t[i]


@program((0,), (2,), (3,), (-4,))
def run_time_index_of_literals(i):
    primes = (2, 3, 5)
    return primes[i]


@each(0, 1, 2)
def run_time_index_of_mixed_numbers(i):
    return (1, 2, 3)[i] + (1.5, 2.5, 3.5)[i]


@each(1, 5)
def run_time_index_of_tuples(i):
    return ((1, 2.5), (3, 4.5))[i]


@each((1, 2.5, 3, True))
def slices(t):
    return t[1:], t[:2], t[::2], t[::-1], t[-2:], t[5:]


@each((1, 2), ())
def concatenation_and_repetition(t):
    return t + (3,), (0,) + t, t * 2, 3 * t, len(t + t)


@program(((1, 2), (1, 3)), ((1, 2), (1, 2)), ((2, 0), (1, 9)), ((1.0, 2), (1, 2)))
def comparisons(s, t):
    return s == t, s != t, s < t, s <= t, s > t, s >= t


@program(((1, 2), (1, 2, 3)), ((3,), (1, 2)))
def comparisons_of_different_lengths(s, t):
    return s == t, s != t, s < t, s >= t


@each((3, 1, 2), (2.5, 1.0, 7.0))
def builtins_of_tuples(t):
    return len(t), max(t), min(t), sum(t), any(t), all(t), 1 in t, 7 in t


@each((1, (2, (3.5, True))))
def nested_access(t):
    a, (b, (c, d)) = t
    return t[1][1][0], t[1][0] + a, c * b, d


@each(-1, 1)
def branch_joins_items(n):
    if n > 0:
        t = (1, 2)
    else:
        t = (0.5, n)
    return t[0] * 1.0, t[1]


@each(4)
def variable_in_a_loop(n):
    state = (0, 1)
    for _ in range(n):
        state = (state[1], state[0] + state[1])
    return state


@each(3)
def items_change_type_in_a_loop(n):
    t = (0, 0)
    for i in range(n):
        t = (t[0] + 1, t[1] + i / 2)
    return t


@each(Point(1, 2), Point(1.5, True))
def fields(p):
    return p.x, p.y, p[0] + p[1], len(p)


@each(Point(1, 2.5))
def made_named_tuples(p):
    q = Point(p.x + 1, p.y)
    r = Point(y=p.x, x=0)
    return q, r, Point(*p), p == q, q > p


@each(2)
def raised_named_tuples(n):
    raise KeyError(Point(n, (Point(n + 1, 2), 0.5)), f"{Point(1, n)}")


@each(Point(1, 2))
def named_tuple_unpacked(p):
    x, y = p
    first, *rest = p
    return x - y, first, len(rest)


@each(Segment(Point(0, 1), Point(2.5, 3), 2))
def nested_named_tuples(s):
    dx = s.end.x - s.start.x
    return Segment(s.end, s.start, dx), s.start.y, s.end


@each(Sphere((1, 2), 2.0))
def annotated_named_tuple(s):
    return Sphere(s.center), s.radius, s.center[1], Sphere(radius=1, center=(0.5,))


@each(3)
def named_tuple_in_a_loop(n):
    p = Point(0, 1.0)
    for i in range(n):
        p = Point(p.x + i, p.y * 2)
    return p


@each(-1, 1)
def named_tuple_in_branches(n):
    p = Point(n, 1) if n > 0 else Point(0, n)
    return p.x, p


@each(Point(3, 4))
def replaced_fields(p):
    return p._replace(y=10), p._replace(x=0.5, y=p.x), p._fields == ("x", "y")


@each(Point(3, 4))
def named_tuple_is_a_tuple(p):
    return isinstance(p, tuple), isinstance(p, Point), isinstance(p, Segment), p + (1,), p[:1]


@each((1, 2))
def tuple_is_not_named(t):
    return isinstance(t, tuple), isinstance(t, Point), Point(*t)


@each((np.arange(3.0), 2))
def array_in_a_tuple(t):
    a, i = t
    a[i] = 10
    return a[i] + t[0][0]


@each(np.arange(4.0))
def array_in_a_result(a):
    return a, len(a), (a, 1)


@each(Point(np.arange(3), 1))
def array_in_a_named_tuple(p):
    p.x[p.y] = 7
    return p


@each(((1, 2), (3, 4)))
def tuple_of_tuples_at_run_time(t):
    total = 0
    for i in range(2):
        for j in range(2):
            total = total * 10 + t[i][j]
    return total


@each((None, 1))
def none_in_a_tuple(t):
    return t[0] is None, t[1], t


@each((1, 2))
def tuple_call(t):
    return tuple(t), tuple(), tuple((1, 2.5)) + t


@each((5, 2, 9, 2))
def methods_of_tuples(t):
    return t.count(2), t.index(9)


@program((True, (1, 2)), (False, (1, 2)))
def truth_of_tuples(flag, t):
    if t and flag:
        return 1
    return 2 if not () else 3


@each(5)
def swap_through_a_tuple(n):
    t = (n, 1)
    for _ in range(n):
        t = t[::-1]
    return t


@each(2)
def long_tuple(i):
    table = (0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610)
    total = 0
    for k in range(len(table)):
        total += table[k] * i
    return total, table[i * 3]


@each(np.array([[1, 2], [3, 4]]))
def shape_is_a_tuple(a):
    rows, columns = a.shape
    return rows * 10 + columns, a.shape == (2, 2), a.shape + (1,), a.shape[::-1]
