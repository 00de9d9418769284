"""`while` loops with `else`, `break`, `continue` and `return` at every depth."""

from __future__ import annotations

from language.registry import each, program


@each(0, 1, 10)
def countdown(n):
    steps = 0
    while n > 0:
        n -= 1
        steps += 1
    return steps, n


@each(1, 27, 97)
def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


@each(0, 3, 50)
def while_true_with_break(n):
    i = 0
    while True:
        if i * i > n:
            break
        i += 1
    return i


@each(1, 10)
def while_true_with_return(n):
    k = 0
    while True:
        k += n
        if k > 20:
            return k


@each(1, 5)
def while_one(n):
    while 1:
        n += 3
        if n % 7 == 0:
            return n


@each(3)
def while_false_is_not_traced(n):
    while False:
        n = n.nothing_of_the_kind + "text"
    return n


@each(3)
def while_false_else(n):
    while False:
        pass
    else:
        n += 1
    return n


@each(3, 10)
def while_else(n):
    i = 0
    while i < n:
        if i == 5:
            found = 1
            break
        i += 1
    else:
        found = 0
    return found, i


@each(7, 9, 2, 25)
def prime_by_else(n):
    d = 2
    while d * d <= n:
        if n % d == 0:
            return False
        d += 1
    else:
        return True


@each(10)
def continue_in_while(n):
    i = total = 0
    while i < n:
        i += 1
        if i % 3 == 0:
            continue
        total += i
    return total


@each(12)
def break_and_continue(n):
    i = total = 0
    while True:
        i += 1
        if i % 2:
            continue
        if i > n:
            break
        total += i
    return i, total


@program((4, 5), (0, 3), (3, 0))
def nested_while(n, m):
    total = i = 0
    while i < n:
        j = 0
        while j < m:
            if (i + j) % 4 == 3:
                j += 2
                continue
            if j > i + 2:
                break
            total = total * 2 + i * j
            j += 1
        else:
            total += 1000
        i += 1
    return total, i


@program((3, 3, 3), (2, 4, 1))
def three_levels_with_breaks(a, b, c):
    count = i = 0
    while i < a:
        j = 0
        while j < b:
            k = 0
            while k < c:
                count += 1
                if count % 5 == 0:
                    break
                k += 1
            else:
                count += 10
                j += 1
                continue
            if count > 40:
                break
            j += 1
        else:
            count += 100
        if count > 300:
            return -count
        i += 1
    else:
        count += 1000
    return count


@program((10, 3), (10, 30))
def return_from_the_inner_loop(n, target):
    i = 0
    while i < n:
        j = 0
        while j < n:
            if i * j == target:
                return i, j
            j += 1
        i += 1
    return -1, -1


@each(5)
def condition_with_and(n):
    i = j = 0
    while i < n and j < 3:
        i += 1
        if i > 1:
            j += 1
    return i, j


@each(5, 0)
def condition_with_a_call(n):
    left = n

    def more():
        nonlocal left
        left -= 1
        return left >= 0

    rounds = 0
    while more():
        rounds += 1
    return rounds, left


@each(8)
def number_as_condition(n):
    total = 0
    while n:
        total += n
        n //= 2
    return total


@each(1.0, 100.0)
def float_condition(x):
    n = 0
    while x > 0.01:
        x /= 2
        n += 1
    return n, x


@each(6)
def integer_becomes_float_in_the_loop(n):
    x = 1
    i = 0
    while i < n:
        x = x / 2 + 1
        i += 1
    return x


@each(3)
def type_changes_once_more_in_the_outer_loop(n):
    x = 0
    i = 0
    while i < n:
        j = 0
        while j < n:
            x = x + 1 if j else x + 0.5
            j += 1
        x = x * (1 + 1j) if i > 0 else x
        i += 1
    return abs(x) > 0


@each(0, 3)
def break_leaves_the_variables(n):
    i = 10
    while i:
        i -= 1
        if i == n:
            break
    return i


@each(4)
def break_in_both_arms(n):
    r = 0
    while True:
        if n > 3:
            r = 1
            break
        else:
            r = 2
            break
    return r


@each(0, 6)
def continue_at_the_end(n):
    i = 0
    while i < n:
        i += 1
        continue
    return i


@each(9)
def else_after_continue(n):
    odd = i = 0
    while i < n:
        i += 1
        if i % 2 == 0:
            continue
        odd += 1
    else:
        odd = -odd
    return odd


@each(0, 7)
def walrus_and_break(n):
    total = 0
    while (m := n - total) > 0:
        if m == 3:
            break
        total += 1
    else:
        return -1, total
    return m, total


@each(5)
def loop_invariant_values(n):
    a = n * 2
    b = a + 1.5
    i = 0
    total = 0.0
    while i < n:
        total += a * b
        i += 1
    return total, a, b


@program((7, 3), (0, 3))
def swap_in_a_loop(a, b):
    i = 0
    while i < 5:
        a, b = b, a + b
        i += 1
    return a, b


@program((252, 105), (17, 5), (0, 9))
def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


@each(0, 1, 5)
def nothing_after_an_infinite_loop_is_traced(n):
    while True:
        n += 1
        if n > 5:
            return n
    return n.nothing_of_the_kind
