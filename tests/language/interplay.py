"""Features that meet: narrowing and rebinding, closures in loops, unrolled loops in run-time ones, idioms of real code."""

from __future__ import annotations

import math
from collections import namedtuple

import numpy as np

from language.registry import each, program

State = namedtuple("State", "best count")
SEED = np.uint64(0xCBF29CE484222325)
PRIME = np.uint64(1099511628211)
MODES = {"fast": 2, "exact": 3}


@each(-1, 1)
def narrowing_ends_with_an_assignment(n):
    x = n if n > 0 else None
    if x is not None:
        x = None
        y = x is None
    else:
        x = 5
        y = x > 3
    return x, y


@each(-1, 1)
def narrowing_ends_with_a_call(n):
    x = None

    def set_x():
        nonlocal x
        x = n * 2

    if n > 0:
        set_x()
    if x is None:
        set_x()
        return x
    return x + 100


@each(0, 1, 10, 27)
def walk_until_none(n):
    def following(k):
        if k <= 1:
            return None
        return k // 2

    steps = 0
    k = n
    while k is not None:
        steps += k
        k = following(k)
    return steps, k


@each(0, 1, 4)
def optional_set_and_cleared_in_nested_loops(n):
    last = None
    changes = 0
    for i in range(n):
        for j in range(i):
            if last is None:
                last = i * j
            elif last > 2:
                last = None
                changes += 1
                break
            else:
                last += j
    return last, changes


@each(3, 0)
def field_of_named_tuple_becomes_optional(n):
    state = State(None, 0)
    for i in range(n):
        best = i if state.best is None or i % 2 == 0 else state.best
        state = State(best, state.count + 1)
    return state


@each(3)
def items_of_a_tuple_widen_in_a_loop(n):
    t = (0, None, 1)
    for i in range(n):
        t = (t[0] + i, i if i > 1 else t[1], t[2] * 1.0)
    return t[0], t[1], t[2]


@each(4)
def closure_over_a_loop_variable_that_rebinds(n):
    total = 0
    for i in range(n):

        def add(x):
            nonlocal total
            total += x * i
            if total > 10:
                return True
            return False

        if add(i):
            break
    else:
        total = -1
    return total, i


@each(5)
def function_rebinds_inside_while_with_break(n):
    value = 1
    rounds = 0

    def grow():
        nonlocal value, rounds
        rounds += 1
        value = value * 1.5
        return value

    while True:
        if grow() > n:
            break
        if rounds > 20:
            return -1.0, rounds
    return value, rounds


@each(0, 1, 2, 3)
def return_from_an_unrolled_loop_in_a_loop(n):
    for i in range(4):
        for x in (0, 1, 2):
            if i + x == n + 2:
                return i * 10 + x
            if x > i:
                break
        else:
            continue
    return -1


@each(2, 5)
def while_in_an_unrolled_loop(n):
    total = 0
    for step in (1, 2, 3):
        k = n
        while k > 0:
            k -= step
            if k == 1:
                break
            total += step
        else:
            total += 100
    return total


@each(3)
def recursion_inside_loops_with_closures(n):
    def power(x, k):
        return 1 if k == 0 else x * power(x, k - 1)

    total = 0
    for i in range(n):
        for k in range(3):
            total += power(i, k) + power(2, k)
    return total


@each(np.array([3, 1, 2], np.uint8), np.array([255, 0, 128], np.uint8))
def hash_of_bytes(data):
    h = SEED
    for x in data:
        h = (h ^ x) * PRIME
    return h


@each(12345, 1)
def xorshift_within_32_bits(seed):
    x = seed
    for _ in range(5):
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
    return x


@each(12345, 1)
def masks_of_64_bits(x):
    return x & 0xFFFFFFFFFFFFFFFF, x & 0x7FFFFFFFFFFFFFFF, x | 0x4000000000000000


@program((2.0,), (2.0, 3))
def text_parameter_with_a_default(x, n=2, mode="fast"):
    if mode == "fast":
        return x * MODES[mode] * n
    return x.nothing_of_the_kind


@each(3)
def static_conversions_and_methods(n):
    return float("inf"), int("7") + n, "a,b".split(",")[1] == "b", "fast".upper() == "FAST", math.tau > 6, (5).bit_length()


@each(np.zeros((2, 3, 4)))
def shape_at_run_time(a):
    total = 0
    for axis in range(a.ndim):
        total = total * 10 + a.shape[axis]
    for extent in a.shape:
        total = total * 10 + extent
    return total


@program((np.zeros(3), True), (np.zeros(3, np.bool_), 2.5), (np.zeros(3, np.int16), True))
def stores_of_other_kinds(a, v):
    a[0] = v
    a[1] = a[0]
    a[2] = 1 if v else 0
    return a[1]


@program((np.array([[1.0, 2.0], [3.0, 4.0]]),), (np.array([[True, False], [False, True]]),))
def transposed_in_place(a):
    for i in range(len(a)):
        for j in range(i):
            a[i, j], a[j, i] = a[j, i], a[i, j]
    return a


@program((np.arange(3.0), np.arange(3.0)))
def identity_of_arrays(a, b):
    return a is a, a is None, b is not None


@each(np.arange(3), np.zeros(0))
def length_as_condition(a):
    total = 0
    if len(a):
        total += 1
    if not a.size:
        total += 10
    i = len(a)
    while i:
        i -= 1
        total += 100
    return total


@program((np.zeros((3, 3)), 1, 2))
def starred_index(a, i, j):
    t = (i, j)
    a[(*t,)] = 5
    a[(i, *(j,))] += 1
    return a[1, 2]


@each(-1, 1)
def local_function_chosen_at_run_time(n):
    def up(x):
        return x + 1

    def down(x):
        return x - 1

    return up(n) if n > 0 else down(n)


@each(5)
def flags_in_loops(n):
    done = False
    seen = 0
    while not done:
        for flag in (True, False):
            if flag and seen > n:
                done = True
                break
            seen += 1
    return seen, done


@each(0, 3)
def value_after_every_kind_of_loop_exit(n):
    exits = 0
    for i in range(5):
        if i == n:
            exits += 1
            continue
        if i == n + 2:
            exits += 10
            break
    else:
        exits += 100
    while exits < 50:
        exits += 7
        if exits % 5 == 0:
            break
    else:
        exits = -exits
    return exits, i


@each(2, 30)
def type_is_settled_by_an_outer_loop(n):
    total = 0
    step = 1
    for i in range(n):
        for j in range(3):
            total += step * j
        if i == 1:
            step = step / 2
    return float(total), float(step)


@each(3)
def names_of_builtins_as_variables(n):
    max = n
    len = max + 1
    range = 5
    list = (max, len, range)
    return list


@program((0.0, 1), (0.3, 2))
def mutual_recursion_through_arguments(x, n):
    def even(f, k):
        return x if k == 0 else odd(f, k - 1) + f(k)

    def odd(f, k):
        return -x if k == 0 else even(f, k - 1) * 0.5

    return even(lambda k: k * 2.0, n)


@each(1, 6)
def assertion_narrows_and_raises(n):
    best = None
    for i in range(n):
        if i > 3:
            best = i if best is None else max(best, i)
    assert best is not None, f"nothing among {n}"
    return best + 1


@program((np.array([4.0, 9.0]), 0), (np.array([4.0, -9.0]), 1), (np.array([4.0]), 1))
def error_of_a_callee_in_a_condition(a, i):
    return True if math.sqrt(a[i]) > 2.5 else False


@each(7)
def long_expression(n):
    return (
        n + 1
        - (n * 2 if n > 3 else n // 2)
        + sum((n, n + 1, n + 2))
        - max(n, 5) * min(n, 3)
        + (n and n - 1 or 7)
        + int(n > 2)
        + (10, 20, 30)[n % 3]
    )


@each(3)
def dictionary_and_list_of_constants(n):
    return MODES["fast"] * n, MODES["exact"], "fast" in MODES, len(MODES), (1, 2, 3)[1] + n


# --- closures over run-time values that reach functions which are traced by themselves


def integrate(f, n):
    total = 0.0
    for i in range(n):
        total += f(i * 0.5)
    return total


def summed(f, n):
    return 0.0 if n == 0 else f(n) + summed(f, n - 1)


def multiplier(a):
    return lambda t: t * a


def applied(f, *args):
    return f(*args)


@program((2.0, 3), (0.5, 0))
def lambda_with_a_captured_value_as_argument(a, n):
    return integrate(lambda t: t * a, n)


@program((2.0, 3), (0.5, 0))
def counting_closure_as_argument(a, n):
    calls = 0

    def f(t):
        nonlocal calls
        calls += 1
        return t * a

    return integrate(f, n), calls


@program((2.0, 3))
def made_closures_as_arguments(a, n):
    return integrate(multiplier(a), n), integrate(multiplier(2.0), n), multiplier(3)(a)


@program((2.0, 3))
def lambda_with_a_captured_value_reaches_a_recursive_function(a, n):
    return summed(lambda k: k * a, n), summed(multiplier(a), n)


@program((2.0, 4))
def recursive_function_with_a_captured_value(x, n):
    def f(k):
        return x if k == 0 else f(k - 1) + 1.0

    return f(n), f(0)


@program((2.0, 4))
def mutually_recursive_functions_with_a_captured_value(x, n):
    def f(k):
        return x if k == 0 else g(k - 1) + 1.0

    def g(k):
        return -x if k == 0 else f(k - 1) * 0.5

    return f(n), g(n)


@program((np.arange(4.0), 2.0))
def captured_array_and_tuple(a, w):
    pair = (w, len(a))

    def weighted(i):
        a[int(i)] += 1
        return a[int(i)] * pair[0] + pair[1]

    return applied(weighted, 2), integrate(weighted, 3)


@program((2.0, 3))
def closures_of_closures_as_arguments(a, n):
    def outer(f):
        b = a + 1
        return applied(lambda t: f(t) * b, a)

    return outer(lambda t: t + a), outer(multiplier(n)), applied(applied, multiplier(a), 5)


@program((2.0, 3), (2.0, -3))
def captured_optional(a, n):
    limit = a if n > 0 else None
    return applied(lambda t: t if limit is None else min(t, limit), 10.0)


@each(4)
def captured_variable_changes_between_calls(n):
    k = 1.0
    first = integrate(lambda t: t + k, n)
    k = n * 2.0
    return first, integrate(lambda t: t + k, n)


@each((5, 2.5), (4, -1.0), (0, 0.5))
def functions_that_capture_each_other_as_arguments(pair):
    n, x = pair

    def even(k):
        return x if k == 0 else odd(k - 1)

    def odd(k):
        return -x if k == 0 else even(k - 1)

    return applied(even, n), applied(odd, n)


@each(5)
def static_functions_that_capture_each_other_as_arguments(n):
    def even(k):
        return True if k == 0 else odd(k - 1)

    def odd(k):
        return False if k == 0 else even(k - 1)

    return applied(even, n), applied(odd, n)
