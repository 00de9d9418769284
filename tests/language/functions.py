"""Calls: nested functions, closures, `nonlocal`, lambdas, higher-order functions, recursion."""

from __future__ import annotations

import functools
import operator

import numpy as np

from language.registry import each, program

SCALE = 3
OFFSETS = (1, 2.5)


def square(x):
    return x * x


def compose(f, g):
    return lambda x: f(g(x))


@each(3, 2.5, 1j)
def plain_call(x):
    return square(x) + square(x + 1)


@each(3)
def call_with_different_types(n):
    return square(n), square(n / 2), square(n > 2), square(n * 1j)


@each(4)
def global_constants(n):
    return n * SCALE + OFFSETS[0], OFFSETS[1] * n


@each(3)
def nested_function(n):
    def add(x, y):
        return x + y

    return add(n, 1), add(n, 2.5), add(add(n, n), add(1, 2))


@each(3)
def closure_reads(n):
    k = n * 2

    def scaled(x):
        return x * k

    return scaled(1) + scaled(2.5)


@each(3)
def closure_sees_later_assignments(n):
    k = 1

    def read():
        return k + n

    first = read()
    k = 10
    second = read()
    n = 100
    return first, second, read()


@each(5)
def nonlocal_counter(n):
    count = 0

    def step(by=1):
        nonlocal count
        count += by

    for i in range(n):
        step()
        if i % 2:
            step(by=10)
    return count


@each(5)
def nonlocal_changes_type(n):
    total = 0

    def add(x):
        nonlocal total
        total = total + x

    add(n)
    add(0.5)
    return total


@each(4)
def nonlocal_changes_type_in_a_loop(n):
    total = 0

    def add(x):
        nonlocal total
        total = total + x / 2

    for i in range(n):
        add(i)
    return total


@each(3)
def nonlocal_through_two_levels(n):
    a = n

    def outer():
        b = 1

        def inner():
            nonlocal a, b
            a += 1
            b += a
            return b

        return inner() + inner() + b

    return outer() + outer(), a


@each(3)
def functions_that_make_functions(n):
    def make_adder(k):
        def add(x):
            return x + k

        return add

    add_one, add_n = make_adder(1), make_adder(n)
    return add_one(10), add_n(10), make_adder(0.5)(n)


@each(3)
def counters_are_independent(n):
    def make():
        count = 0

        def step():
            nonlocal count
            count += n
            return count

        return step

    a, b = make(), make()
    return a(), a(), b(), a()


@each(3, 2.5)
def lambdas(x):
    double = lambda y: y * 2  # noqa: E731
    add = lambda a, b=10: a + b  # noqa: E731
    return double(x), add(x), add(x, b=1), (lambda: x)(), (lambda *a: len(a))(x, x)


@each(3)
def lambda_captures_the_loop_variable(n):
    total = 0
    for i in range(n):
        f = lambda x: x * i  # noqa: E731, B023
        total += f(10)
    return total


@each(2.0)
def function_arguments(x):
    def twice(f, y):
        return f(f(y))

    return twice(square, x), twice(lambda y: y + 1, x), twice(abs, -x)


@each(3)
def composed_functions(n):
    return compose(square, lambda x: x + 1)(n), compose(compose(square, square), float)(n)


@each(4)
def functions_in_a_tuple(n):
    operations = (square, abs, lambda x: -x)
    return operations[0](n), operations[1](-n), operations[-1](n)


@each(-3, 3)
def function_chosen_by_static_condition(n):
    f = square if SCALE > 2 else undefined_name  # noqa: F821
    return f(n)


@each(7)
def partial_and_operator_functions(n):
    add_two = functools.partial(operator.add, 2)
    subtract = functools.partial(two_arguments, b=1)
    return add_two(n), subtract(n), operator.mul(n, n), operator.neg(n), operator.lt(n, 3)


def two_arguments(a, b):
    return a - b


@each(np.arange(4.0))
def mutating_callee(a):
    def clear(array, i):
        array[i] = 0

    clear(a, 1)
    set_item(a, 2, 50)
    return a[1] + a[2]


def set_item(a, i, value):
    a[i] = value


@each(5)
def callee_without_result(n):
    result = nothing(n)
    return result is None, result


def nothing(n):
    n + 1


@each(-1, 5)
def callee_with_early_returns(n):
    return pick(n), pick(n * 2.5)


def pick(n):
    if n < 0:
        return n * 0.5
    for i in range(10):
        if i > n:
            return i * 1.0
    return -1.0


@each(3)
def callee_returning_several(n):
    q, r = quotient_and_remainder(n * 7, 4)
    (a, b), c = nested_result(n)
    return q, r, a, b, c


def quotient_and_remainder(a, b):
    return a // b, a % b


def nested_result(n):
    return (n, n / 2), n > 2


# --- recursion


def factorial_of(n):
    return 1 if n <= 1 else n * factorial_of(n - 1)


def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def hofstadter_female(n):
    return 1 if n == 0 else n - hofstadter_male(hofstadter_female(n - 1))


def hofstadter_male(n):
    return 0 if n == 0 else n - hofstadter_female(hofstadter_male(n - 1))


@each(0, 1, 10, 20)
def recursive_factorial(n):
    return factorial_of(n)


@each(5.0)
def recursive_factorial_of_float(x):
    return factorial_of(x)


@each(0, 1, 12)
def recursive_fibonacci(n):
    return fibonacci(n)


@each(0, 7, 8)
def mutual_recursion(n):
    return is_even(n), is_odd(n)


@program((2, 3), (1, 0))
def nested_recursion(m, n):
    return ackermann(m, n)


@each(0, 9)
def mutual_recursion_of_numbers(n):
    return hofstadter_female(n), hofstadter_male(n)


@each(300)
def deep_recursion(n):
    return depth(n)


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


@each(6)
def recursion_through_a_closure(n):
    def f(k):
        if k <= 1:
            return 1
        return k * f(k - 1)

    return f(n), f(n - 1)


@each(5)
def recursion_through_an_argument(n):
    def apply(f, k):
        return 0 if k == 0 else f(k) + apply(f, k - 1)

    return apply(square, n), apply(abs, n), apply(lambda x: x * 2.5, n)


@program((10, 3), (-3, 2))
def recursion_with_several_results(a, b):
    return euclid(a, b)


def euclid(a, b):
    if b == 0:
        return a, 1, 0
    g, x, y = euclid(b, a % b)
    return g, y, x - (a // b) * y


@each(5)
def recursion_widens_its_result(n):
    return alternating(n)


def alternating(n):
    if n == 0:
        return 0
    return alternating(n - 1) / 2 + 1


@each(4)
def recursion_with_optional_result(n):
    r = down_to_two(n)
    return r is None, r


def down_to_two(n):
    if n < 0:
        return None
    if n == 2:
        return 2
    return down_to_two(n - 1)


@each(np.array([5, 2, 8, 1, 9, 3]), np.array([2.5, -1.0]))
def recursive_quicksort(a):
    quicksort(a, 0, len(a) - 1)
    return a


def quicksort(a, low, high):
    if low >= high:
        return
    pivot, i = a[high], low
    for j in range(low, high):
        if a[j] < pivot:
            a[i], a[j] = a[j], a[i]
            i += 1
    a[i], a[high] = a[high], a[i]
    quicksort(a, low, i - 1)
    quicksort(a, i + 1, high)


@each(3, 5)
def hanoi(n):
    moves = 0

    def move(k):
        nonlocal moves
        if k > 0:
            move_down(k - 1)
            moves += 1

    def move_down(k):
        for _ in range(k):
            move_nothing()

    def move_nothing():
        pass

    move(n)
    return moves, towers(n, 1, 2, 3)


def towers(n, a, b, c):
    if n == 0:
        return 0
    return towers(n - 1, a, c, b) + (a * 100 + b) % 7 + towers(n - 1, c, b, a)


def decorate(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args) + 1

    return wrapper


@decorate
def decorated(x):
    return x * 2


@each(3, 1.5)
def decorated_callee(x):
    return decorated(x)


@each(4)
def decorator_in_traced_code(n):
    def plus_n(f):
        return lambda x: f(x) + n

    @plus_n
    def g(x):
        return x * 10

    return g(2)


class _Line:
    """An object that is called like a function; its attributes are known while tracing."""

    def __init__(self, slope, offset):
        self.slope, self.offset = slope, offset

    def __call__(self, x, shift=0):
        return self.slope * x + self.offset + shift


_LINE = _Line(2, 3.5)


@each(2, -1.5)
def callable_object(x):
    return _LINE(x) + _LINE(x, shift=1)
