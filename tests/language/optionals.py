"""None, and variables that are None on some paths."""

from __future__ import annotations

import numpy as np

from language.registry import each, program


@each(None, 3, 2.5, (1, 2))
def is_none_of_argument(x):
    return x is None, x is not None


@each(3)
def returns_none(n):
    n += 1
    return None


@each(3)
def bare_return(n):
    return


@each(-1, 1)
def returns_none_or_number(n):
    if n > 0:
        return n
    return None


@each(-1, 1)
def returns_none_or_float(n):
    if n > 0:
        return n / 2


@each(-1, 0, 1)
def returns_none_or_tuple(n):
    if n > 0:
        return n, n / 2
    elif n == 0:
        return None
    return 0, 0.0


@each(-1, 0, 1)
def returns_none_or_an_array_item(n):
    if n < 0:
        return None
    return np_ones[n]


@each(-1, 1)
def none_in_one_branch(n):
    x = None
    if n > 0:
        x = n * 2
    return x


@each(-1, 1)
def narrowed_by_is_none(n):
    x = n if n > 0 else None
    if x is None:
        return -1
    return x + 1


@each(-1, 1)
def narrowed_by_is_not_none(n):
    x = n if n > 0 else None
    if x is not None:
        y = x * 10
    else:
        y = 0
    return y


@each(-1, 0, 1)
def narrowed_by_truth(n):
    x = n if n >= 0 else None
    if x:
        return x + 1
    return 100


@each(-1, 1)
def narrowed_by_not(n):
    x = n if n > 0 else None
    if not x is None:  # noqa: E714
        return x * 3
    return 0


@program((1, 1), (1, -1), (-1, 1), (-1, -1))
def narrowed_by_and_or(a, b):
    x = a if a > 0 else None
    y = b if b > 0 else None
    if x is not None and y is not None:
        return x + y
    if x is None or y is None:
        pass
    if x is None and y is None:
        return -100
    return x if x is not None else y


@each(-1, 1)
def narrowed_inside_and(n):
    x = n if n > 0 else None
    return x is not None and x > 0, x is None or x + 1 > 1


@each(-1, 1)
def narrowed_by_ternary(n):
    x = n if n > 0 else None
    return 0 if x is None else x * 2


@each(-1, 1)
def narrowed_by_assert(n):
    x = n if n > 0 else None
    assert x is not None, "nothing"
    return x * 2


@each(-1, 1)
def narrowed_by_early_return(n):
    x = n if n > 0 else None
    if x is None:
        return 0
    total = 0
    for i in range(x):
        total += i + x
    return total


@each(np.array([3, 1, 2]), np.array([0.5]), np.zeros(0))
def best_of_an_array(a):
    best = None
    for i in range(len(a)):
        if best is None or a[i] > best:
            best = a[i]
    return best


@each(0, 1, 4)
def last_of_a_range(n):
    last = None
    for i in range(n):
        last = i
    return last


@each(0, 3)
def while_none(n):
    found = None
    i = 0
    while found is None:
        if i * i >= n:
            found = i
        i += 1
    return found, i


@each(4)
def becomes_none_again(n):
    x = None
    changes = 0
    for i in range(n):
        if x is None:
            x = i / 2
            changes += 1
        else:
            x = None
    return x, changes


@each(-1, 1)
def or_with_a_default(n):
    x = n if n > 0 else None
    return x or 42


@each(-1, 1)
def compared_with_none(n):
    x = n if n > 0 else None
    return x == None, x != None, x == 1, x != 1  # noqa: E711


@program((-1, 2), (1, 2))
def none_argument_of_a_callee(n, m):
    return add_or_not(n, None), add_or_not(n, m), add_or_not(n)


def add_or_not(a, b=None):
    return a if b is None else a + b


@each(-1, 1)
def optional_argument_of_a_callee(n):
    return add_or_not(10, n if n > 0 else None)


@each(-1, 1)
def optional_result_of_a_callee(n):
    root = positive(n)
    return -1.0 if root is None else root * 2


def positive(n):
    return n + 0.5 if n > 0 else None


@each(-1, 1)
def optional_in_a_tuple(n):
    t = (n, None) if n < 0 else (n, n * 2)
    return t, t[1] is None


@each(-1, 1)
def optional_array(n, a=None):
    a = np_ones if n > 0 else None
    if a is None:
        return 0.0
    return a[0]


np_ones = (1.0, 2.0)


@program((np.arange(3.0), 1), (np.arange(3.0), -1))
def array_or_none(a, n):
    b = a if n > 0 else None
    if b is not None:
        b[0] = 10
        return b[0] + len(b)
    return None


@each(1)
def none_is_not_a_number(n):
    return None is None, None == n, (None, 1) == (None, n), n is None


@each(None, 1)
def optional_chain(x):
    y = x
    z = y
    return z is None, z


@each(-2, 0, 2)
def isinstance_of_optional(n):
    x = n * 0.5 if n > 0 else None
    return isinstance(x, float), isinstance(x, int), x is None


@each(-1, 1)
def branch_on_optional_bool(n):
    flag = n > 0 if n != 5 else None
    if flag is None:
        return 0
    if flag:
        return 1
    return 2


@each(2, 3)
def none_beside_a_number(n):
    o = None if n > 2 else n
    return n ^ o


@each(2, 3)
def none_compared_by_size(n):
    o = None if n > 2 else 1.5
    return o < n


@each(2, 3)
def none_in_an_update(n):
    o = None if n > 2 else 1.5
    n += o
    return n


@each(2, 3)
def none_in_a_call(n):
    o = None if n > 2 else n
    return divmod(n, o), abs(o)


@each(2, 3)
def magnitude_of_none(n):
    o = None if n > 2 else n
    return abs(o)


@each(-1, 1, 3)
def bound_again_by_a_call_in_the_test(n):
    o = n if n > 0 else None

    def forget():
        nonlocal o
        o = None
        return 5

    if o is not None and o != forget():
        return o is None, 1
    return o is None, 0


@each(-1, 1, 3)
def bound_again_in_the_test(n):
    o = n if n > 0 else None
    if o is not None and (o := None if n > 2 else 3) != 7:
        return o is None, 1
    return o is None, 0


@each(-1, 1, 3)
def bound_again_in_the_test_of_an_expression(n):
    o = n if n > 0 else None
    return (0 if o is None else o) if o is not None and (o := None if n > 2 else 3) != 7 else -1


@each(-1, 1, 2, 9)
def bound_again_in_the_test_of_a_loop(n):
    o = n if n > 0 else None

    def more(k):
        nonlocal o
        o = None if k > 3 else k
        return True

    rounds = 0
    while o is not None and more(o + 1):
        rounds += 1 if o is None else 10
    return rounds, o is None


@each(-1, 1)
def bound_to_a_number_in_the_test(n):
    o = n if n > 0 else None

    def fill():
        nonlocal o
        o = 7
        return True

    if o is None and fill():
        return 0 if o is None else o
    return -1


@each(-1, 1, 3)
def known_behind_a_test_with_calls(n):
    o = n if n > 0 else None
    if o is not None and abs(o) > 1:
        return o + 1
    return 0
