"""`raise` and `assert` with arguments of every kind, and the exceptions of operations."""

from __future__ import annotations

import numpy as np

from language.registry import each, program

KNOWN = ValueError("made before", 1)


class CustomError(ValueError):
    """An exception class of the user's."""


@each(0, 1, 2, 3, 4, 5)
def exception_classes(n):
    if n == 0:
        raise ValueError
    if n == 1:
        raise TypeError()
    if n == 2:
        raise IndexError("out")
    if n == 3:
        raise CustomError("custom", n)
    if n == 4:
        raise ArithmeticError(n, "of", n * 2)
    return n


@each(1, 5)
def value_arguments(x):
    if x < 3:
        raise ValueError("small", x, x / 2, x > 0, None, (x, "tuple"), 1j * x)
    return x


@each(np.float32(1.5), np.int8(-3), np.True_)
def numpy_arguments(x):
    if x:
        raise ValueError(x, (x,))
    return 1


@each(1, 2.5, -0.0, 1e300, float("nan"))
def formatted_argument(x):
    raise ValueError(f"x is {x}, twice {x * 2!r}, {x:8.3f}|")


@each(7)
def format_specifications(n):
    raise ValueError(f"{n:>5d}|{n:<5}|{n:^5}|{n:05d}|{n:x}|{n:+}|{n!s:>4}|{n / 3:.3e}|{n:,}")


@each(np.int32(7))
def formatted_numpy_scalar(n):
    raise ValueError(f"{n} {n!r} {n:4d} {(n, 1)}")


@each(3)
def formatted_text_as_one_of_several(n):
    raise ValueError("code", n, f"n={n}")


@each(3)
def formatted_static_parts(n):
    name = "size"
    raise ValueError(f"{name}: {n} {name!r:>8} {1 + 1} {{braces}}")


@each(3)
def percent_formatting_of_static_text(n):
    if n > 0:
        raise ValueError("%s %d" % ("text", 3), "{} {}".format(1, 2))


@each(1)
def known_exception(n):
    if n > 0:
        raise KNOWN
    return n


@each(-1, 1)
def exception_in_a_variable(n):
    error = ValueError("not positive", n)
    if n < 0:
        raise error
    return n


@each(1)
def raise_from(n):
    if n > 0:
        raise ValueError("outer", n) from TypeError("inner", n * 2)
    return n


@each(1)
def raise_from_none(n):
    if n > 0:
        raise KeyError(n) from None
    return n


@each(0, 1, 2)
def asserts(n):
    assert n != 0
    assert n != 1, "one"
    return n


@each(0, 1, 2, 3)
def asserts_with_values(n):
    assert n != 0, n
    assert n != 1, (n, "one")
    assert n != 2, f"two: {n}"
    return n


@each(0, 3, 7)
def assert_whose_message_raises(n):
    if n > 5:
        text = 1
    elif n < 5:
        pass
    else:
        assert n == 5, text
    assert n != 3, text
    return n


@each(0, 5)
def assert_whose_message_always_raises(n):
    assert n, text
    text = 1
    return n


@each(5)
def static_asserts(n):
    assert True
    assert isinstance(n, int), "never"
    return n


@each(5)
def static_assert_that_fails(n):
    assert isinstance(n, float), "not a float"
    return n


@each(0, 5)
def raise_in_a_loop(n):
    for i in range(10):
        if i == n:
            raise LookupError("found", i)
    return n


@each(0, 3)
def raise_in_a_callee(n):
    return checked(n) + checked(n - 3)


def checked(n):
    if n < 0:
        raise ValueError("negative", n)
    return n


@each(5)
def raise_in_a_closure(n):
    def fail(x):
        raise RuntimeError(x, n)

    if n > 3:
        fail(n * 2)
    return n


@each(4)
def raise_in_recursion(n):
    return sink(n)


def sink(n):
    if n == 0:
        raise OverflowError("bottom", n)
    return sink(n - 1) + 1


@each(np.arange(5))
def effects_before_the_exception_stay(a):
    for i in range(len(a)):
        a[i] *= 10
        if i == 2:
            raise ValueError(i)
    return 0


@program((1, 0), (1, 2), (0, 0))
def division_by_zero(a, b):
    return a / b


@program((1, 0), (7, -2), (-7, 2))
def floor_division_by_zero(a, b):
    return a // b


@program((1, 0), (7, -2), (-7, 2))
def modulo_by_zero(a, b):
    return a % b


@program((1.5, 0.0), (1.5, -0.0), (1.5, 0.5))
def float_division_by_zero(a, b):
    return a / b


@program((1.5, 0.0), (-7.5, 2.0))
def float_modulo_by_zero(a, b):
    return divmod(a, b)


@program((1, 0), (1, 1))
def bool_division_by_zero(a, b):
    return a / (b > 0)


@program((1j, 0j), (1j, 0), (1j, 2j))
def complex_division_by_zero(a, b):
    return a / b


@program((0.0, -1.0), (10.0, 400.0), (2.0, 3.0))
def power_errors(a, b):
    return a**b


@program((1, -1), (1, 3), (1, 70))
def shift_errors(a, b):
    return a >> b


@each(float("inf"), float("nan"), 2.5)
def conversion_errors(x):
    return int(x)


@each(0, 1)
def error_of_a_static_operation(n):
    if n > 0:
        return 1 // 0
    return n


@each(0, 1)
def error_of_a_static_index(n):
    if n > 0:
        return (1, 2)[5]
    return n


@each(1)
def order_of_errors(n):
    a = n // (n - 1)
    raise ValueError(a)


@each(3)
def nothing_after_a_raise_is_traced(n):
    if n > 1:
        return n
    raise ValueError("unreached")
    return n.nothing_of_the_kind


@each(-1, 1)
def all_paths_raise(n):
    if n > 0:
        raise ValueError("positive")
    raise TypeError("not positive")


@each(1)
def raise_class_from_a_variable(n):
    kind = KeyError if isinstance(n, int) else TypeError
    raise kind(n)


@each(2)
def not_implemented(n):
    raise NotImplementedError("later")


@each(2, 200)
def one_of_two_exceptions(n):
    if n > 1:
        raise ValueError(n) if n > 100 else LookupError("small", n)
    return n
