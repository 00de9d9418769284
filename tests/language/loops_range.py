"""Loops over `range` in every form."""

from __future__ import annotations

import numpy as np

from language.registry import each, program

MAX, MIN = 2**63 - 1, -(2**63)


@each(0, 1, 10, -5)
def one_argument(n):
    total = 0
    for i in range(n):
        total = total * 3 + i
    return total


@program((0, 5), (5, 0), (-3, 3), (3, 3), (-5, -1))
def two_arguments(a, b):
    total = 0
    for i in range(a, b):
        total = total * 3 + i
    return total


@program((0, 10, 3), (10, 0, -3), (0, 10, -1), (10, 0, 1), (0, 9, 3), (9, 0, -3), (5, 5, 1), (5, 5, -1), (-7, 8, 4), (0, 10, 100))
def three_arguments(a, b, c):
    total = 0
    for i in range(a, b, c):
        total = total * 3 + i
    return total


@program((0, 10, 0), (1, 2, 3))
def step_zero(a, b, c):
    total = 0
    for i in range(a, b, c):
        total += i
    return total


@each(3)
def literal_step_zero(n):
    total = n
    if n > 2:
        for i in range(0, n, 0):
            total += i
    return total


@each(17)
def literal_steps(n):
    total = 0
    for i in range(0, n, 2):
        total = total * 3 + i
    for i in range(n, 0, -1):
        total = total * 3 % 10007 + i
    for i in range(n, -n, -5):
        total = total * 3 % 10007 + i
    for i in range(-n, n, 7):
        total = total * 3 % 10007 + i
    return total


@each(1)
def literal_ranges(x):
    total = 0
    for i in range(5):
        total += i * x
    for i in range(5, 2):
        total += 1000
    for i in range(5, 2, -1):
        total = total * 2 + i
    for i in range(0):
        total = -1
    return total


@program((MAX - 3, MAX, 1), (MAX - 3, MAX, 2), (MAX - 4, MAX, 3), (MIN + 3, MIN, -1), (MIN + 3, MIN, -2), (MIN, MIN + 5, 2),
         (MIN, MAX, MAX), (MAX, MIN, MIN), (MAX, MIN, -MAX), (MIN, MAX, MAX // 2), (0, MAX, MAX - 1), (MAX - 1, MAX, MAX), (MIN, MIN + 1, MAX))  # fmt: skip
def steps_near_the_limits(a, b, c):
    rounds = 0
    last = 0
    for i in range(a, b, c):
        rounds += 1
        last = i
        if rounds > 10:
            break
    return rounds, last


@program((MAX - 3, MAX), (MIN, MIN + 3), (MAX, MIN), (MAX, MAX), (MIN, MIN))
def limits_with_step_one(a, b):
    rounds = 0
    last = 0
    for i in range(a, b):
        rounds += 1
        last = i
    return rounds, last


@program((MIN + 3, MIN), (MAX, MAX - 3), (MIN, MAX))
def limits_with_step_minus_one(a, b):
    rounds = 0
    last = 0
    for i in range(a, b, -1):
        rounds += 1
        last = i
    return rounds, last


@each(5, 0)
def variable_after_the_loop(n):
    i = -1
    for i in range(n):
        pass
    return i


@each(6)
def assignment_to_the_loop_variable(n):
    total = 0
    for i in range(n):
        i = i * 10
        total += i
        i = -1
    return total, i


@each(6)
def loop_variable_changes_type_in_the_body(n):
    total = 0.0
    for i in range(n):
        i = i / 2
        total += i
    return total


@each(5)
def stop_changes_in_the_body(n):
    rounds = 0
    for i in range(n):
        n += 1
        rounds += 1
    return rounds, n


@program((4, 3), (0, 3), (3, 0))
def nested(n, m):
    total = 0
    for i in range(n):
        for j in range(m):
            total = total * 2 + i - j
    return total


@each(5)
def triangular(n):
    total = 0
    for i in range(n):
        for j in range(i, n):
            for k in range(j, i, -1):
                total += i * j - k
    return total


@each(10, 3)
def else_with_break(n):
    for i in range(n):
        if i == 7:
            r = i
            break
    else:
        r = -1
    return r


@each(3)
def else_without_break(n):
    total = 0
    for i in range(n):
        total += i
    else:
        total *= 10
    return total


@each(30)
def primes_below(n):
    count = 0
    for p in range(2, n):
        for d in range(2, p):
            if p % d == 0:
                break
        else:
            count += 1
    return count


@each(20)
def continue_and_break_in_nested_loops(n):
    total = 0
    for i in range(n):
        if i % 2:
            continue
        for j in range(n):
            if j == i:
                continue
            if j > i + 3:
                break
            if j % 3 == 1:
                continue
            total += i * j
        else:
            total += 10000
        if total > 9000:
            break
    else:
        total = -total
    return total


@each(8)
def break_out_of_two_loops(n):
    found = False
    for i in range(n):
        for j in range(n):
            if i * j == 12:
                found = True
                break
        if found:
            break
    return found, i, j


@each(5, 50)
def return_in_nested_loops(n):
    for i in range(n):
        for j in range(i):
            for k in range(j):
                if i * j * k == 60:
                    return i, j, k
    return None


@each(4)
def same_variable_in_nested_loops(n):
    total = 0
    for i in range(n):
        for i in range(n, n + 2):
            total += i
    return total, i


@each(6)
def accumulators_of_several_types(n):
    a, b, c, d = 0, 0.0, 0j, False
    for i in range(n):
        a += i
        b += i / 2
        c += i * 1j
        d = d or i == 3
    return a, b, c, d


@each(10)
def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@each(3)
def unused_loop(n):
    for _ in range(n):
        pass
    return n


@program((np.int32(5), np.int64(2)), (np.uint8(3), True))
def numpy_and_bool_bounds(a, b):
    total = 0
    for i in range(b, a):
        total = total * 3 + i
    return total, len(range(a))


@program((10, 3), (0, 1), (-5, 2), (7, -2), (7, 2))
def length_of_ranges(a, step):
    return len(range(a)), len(range(2, a)), len(range(0, a, step)), len(range(a, 0, step))


@program((3, 4), (0, 0))
def reversed_ranges(n, m):
    total = 0
    for i in reversed(range(n)):
        total = total * 7 + i
    for i in reversed(range(n, m)):
        total = total * 7 + i
    for i in reversed(range(m, -n, -1)):
        total = total * 7 + i
    return total


@program((0, 10, 3), (10, 0, -3), (3, 10, -1), (0, 9, 3), (9, -1, -4))
def reversed_range_with_steps(a, b, c):
    total = 0
    for i in reversed(range(a, b, c)):
        total = total * 7 + i
    for i in reversed(range(a, b, 2)):
        total = total * 5 + i
    for i in reversed(range(b, a, -3)):
        total = total * 5 + i
    return total


@program((MIN, MIN + 2), (MAX - 2, MAX), (MIN, MIN))
def reversed_range_at_the_limits(a, b):
    rounds = 0
    last = 0
    for i in reversed(range(a, b)):
        rounds += 1
        last = i
        if rounds > 5:
            break
    return rounds, last


@each(5)
def range_in_a_variable(n):
    numbers = range(1, n)
    total = 0
    for i in numbers:
        for j in numbers:
            total += i * j
    return total, len(numbers)


@each(4, 0)
def sums_over_ranges(n):
    return sum(range(n)), max(range(n + 1)), min(range(n, n + 3)), any(range(n)), all(range(1, n))


@each(5)
def range_with_expression_bounds(n):
    total = 0
    for i in range(n * 2 - 1, n // 2, -(n % 3 + 1)):
        total = total * 3 + i
    return total


@each(3)
def bounds_are_evaluated_once(n):
    calls = 0

    def bound():
        nonlocal calls
        calls += 1
        return n

    rounds = 0
    for _ in range(bound()):
        rounds += 1
    return rounds, calls


@program((100, 7),)
def while_inside_for(n, m):
    total = 0
    for i in range(n):
        k = i
        while k > m:
            k -= m
            if k == 3:
                break
        else:
            total += 1
            continue
        total += k
    return total


@each(5)
def for_inside_while(n):
    total = 0
    while n > 0:
        for i in range(n):
            if i == 3:
                break
            total += i
        else:
            n -= 1
            continue
        n -= 2
    return total


@each(4)
def loop_in_both_arms(n):
    if n > 3:
        total = 0
        for i in range(n):
            total += i
    else:
        total = 1
        for i in range(n):
            total *= i
    return total


@program((3,), (0,))
def division_in_the_else(n):
    for i in range(n):
        n -= 1
    else:
        n = 10 // (n + 1)
    return n


@each(0, 1, 3, 4, 9)
def only_the_else_of_a_loop_reads_what_it_assigned(n):
    last, steps = -1, 0
    for i in range(n):
        last = i * 2
        if i == 5:
            break
    else:
        while steps < n:
            steps += 1
        else:
            return last
    return 0


@each(0, 1, 2, 5, 8)
def what_a_jump_leaves_for_others_to_read(n):
    total, step, last = 0, 1, -1
    for i in range(n):
        total += step
        if i % 2:
            step, last = 2, i * 10
        else:
            step, last = 3, i * 20
        if i % 3 == 1:
            continue
        step = 5
        if i == 6:
            break
        last = 0
    return total, last
