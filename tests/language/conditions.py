"""Branches, truth values, comparisons, and operators that choose an operand."""

from __future__ import annotations

import numpy as np

from language.registry import each, program

INF, NAN = float("inf"), float("nan")


@each(-5, 0, 5, -0.5, NAN)
def sign(x):
    if x > 0:
        return 1
    elif x < 0:
        return -1
    else:
        return 0


@each(0, 5, 15, 25, 35, -1)
def elif_ladder(x):
    if x < 0:
        return True
    elif x < 10:
        grade = 1
    elif x < 20:
        grade = 2
    elif x < 30:
        grade = 3
    else:
        grade = 4
    return grade > 2


@each(np.int64(3))
def number_with_a_type(x):
    """It keeps its type where paths meet; only a literal takes that of the other path."""
    return np.int64(5) if x > 0 else np.int16(x), np.float64(0.5) if x > 0 else np.float32(x)


@program((1, 2), (2, 1), (0, 0), (1.0, 2.0), (2.0, -0.0), (NAN, 1.0))
def ternary(a, b):
    return a if a > b else b


@program((1, 2), (3, 2), (5, 2))
def ternary_nested(a, b):
    return (1 if a < b else 2.5 if a < 2 * b else 3) * 1.0


@program((0, 0), (0, 3), (2, 0), (2, 3))
def and_or_of_integers(a, b):
    return a and b, a or b, not a, bool(a and not b)


@program((0, 0.0), (0, 2.5), (7, 0.0), (7, 2.5))
def and_or_of_mixed_types(a, b):
    return bool(a and b), bool(a or b), not (a and b)


@program((0, 2, 3), (1, 0, 3), (1, 2, 0), (0, 0, 0), (1, 2, 3))
def and_or_chains(a, b, c):
    return a and b and c, a or b or c, a and b or c, a or b and c, (a or b) and c


@program((True, False), (False, False), (True, True))
def and_or_of_bools(a, b):
    return a and b, a or b, not a or b


@each(0, 1, 9)
def or_default(n):
    return n or 42


@each(0, 3)
def and_does_not_evaluate_the_rest(n):
    return n != 0 and 10 // n > 2


@each(0, 3)
def or_does_not_evaluate_the_rest(n):
    return n == 0 or 10 // n > 2


@each(1, 4, 7, -3)
def chained_comparison(x):
    return 0 < x < 5, 0 < x <= 4 < 9, 5 > x > 3 > 2, x == x != 3


@program((1, 2, 3), (3, 2, 1), (2, 2, 2), (1, 3, 2))
def chained_comparison_of_variables(a, b, c):
    return a < b < c, a <= b <= c, a > b > c, a == b == c, a < b > c, a != b != c


@program((1, 5), (9, 5))
def chained_comparison_evaluates_once(a, b):
    count = 0

    def middle():
        nonlocal count
        count += 1
        return b

    inside = a < middle() < 10
    return inside, count


@program((9, 5))
def chained_comparison_stops_early(a, b):
    count = 0

    def last():
        nonlocal count
        count += 1
        return 100

    inside = a < b < last()
    return inside, count


@program((1, 1.0), (1, 1.5), (2**53 + 1, float(2**53)), (3, NAN), (0, -0.0), (2**62, 2.0**62))
def compare_int_with_float(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


@program((True, 1), (False, 1), (True, 2))
def compare_bool_with_int(a, b):
    return a == b, a < b, a >= b


@program((1j, 1j), (1 + 0j, 1 + 0j), (1 + 2j, 1 - 2j))
def compare_complex(a, b):
    return a == b, a != b, a == b.real


@each(0, 1, 2, 5, -1)
def in_tuple(x):
    return x in (1, 2, 3), x not in (0, 5), x in (), x in (x + 1, x)


@each(2, 2.0, 2.5, True)
def in_mixed_tuple(x):
    return x in (1, 2.5, True), x in (2, None)


@each(3, 4)
def in_list_and_set_displays(x):
    return x in [1, 3, 5], x in {2, 4}, x not in [x]


@each(0, 3, 0.0, 2.5, -0.0, NAN, True, 0j, 1j, None, np.float32(0), np.int8(3), np.False_)
def truth(x):
    if x:
        return 1
    return 0


@each(0, 3, 0.0, 1j)
def not_operator(x):
    return not x, not not x


@each(5, None, 2.5)
def is_none(x):
    return x is None, x is not None, x == None, x != None  # noqa: E711


@each(True, False)
def is_true(x):
    return x is True, x is False, x is not True


@each(7, 7.0, True, 1j, np.int32(7), np.float64(1), np.zeros(3))
def isinstance_of_argument(x):
    a = isinstance(x, int)
    b = isinstance(x, float)
    c = isinstance(x, (int, float, complex))
    d = isinstance(x, (np.ndarray, np.integer))
    e = isinstance(x, bool)
    f = isinstance(x, np.floating)
    return a, b, c, d, e, f


@each(3, 4.5, np.float32(1.5))
def type_comparison(x):
    return type(x) is int, type(x) == float, type(x) is np.float32  # noqa: E721


MODE = "fast"
LEVEL = 3


@each(2, 3)
def static_branch_on_global(x):
    if MODE == "fast":
        return x * 2
    return x.this_is_never_traced + undefined_name  # noqa: F821


@each(2, 2.5)
def static_branch_on_type(x):
    if isinstance(x, int):
        return x << 1
    else:
        return x / 3


@each(2, 2.5)
def static_ternary_and_boolean(x):
    y = x << 1 if isinstance(x, int) else x * 0.5
    z = isinstance(x, float) and x.is_integer()
    w = LEVEL > 5 and undefined_name or x  # noqa: F821
    return y, z, w


@each(4)
def static_branch_in_loop(n):
    total = 0
    for i in range(n):
        if LEVEL == 3:
            total += i
        else:
            total += "text"
    return total


@each(np.arange(3.0), np.arange(6.0).reshape(2, 3), np.float64(1.5))
def static_branch_on_dimensions(a):
    if not isinstance(a, np.ndarray):
        return a
    if a.ndim == 1:
        return a[0] + a[1]
    return a[0, 0] + a[1, 1]


@each(-3, 0, 3, 8)
def early_returns(x):
    if x < 0:
        return -x
    if x == 0:
        return 100
    if x % 2:
        return x * 3
    return x


@program((1, 1), (1, -1), (-1, 1), (-1, -1))
def nested_branches(a, b):
    if a > 0:
        if b > 0:
            r = 1
        else:
            r = 2
        r *= 10
    else:
        if b > 0:
            r = 3
        else:
            r = 4
        r *= 100
    return r


@each(-1, 1)
def branches_of_different_types(x):
    if x > 0:
        y = 1
    else:
        y = 2.5
    return y * 2.0


@each(-1, 0, 1)
def branches_that_change_several(x):
    a, b, c = 1, 2, 3
    if x > 0:
        a, b = b, a
    elif x < 0:
        b, c = c, b
    return a, b, c


@each(-2, 2)
def falls_off_the_end(x):
    if x > 0:
        x += 1


@each(-2, 2)
def empty_branches(x):
    if x > 0:
        pass
    else:
        pass
    if x < 0:
        ...
    return x


@each(1, 2, 3)
def condition_with_effect(n):
    hits = 0

    def hit():
        nonlocal hits
        hits += 1
        return hits > n

    a = hit() or hit() or hit()
    b = hit() and hit()
    return hits, a, b


@program((1.5, 2.5), (NAN, 1.0), (INF, INF), (-0.0, 0.0))
def float_comparisons(a, b):
    return a < b, a <= b, a == b, a != b, a > b, a >= b




@program((1, 2), (2, 1), (1, 1))
def tuple_comparisons(a, b):
    return (a, b) == (b, a), (a, b) < (b, a), (a, 2) <= (1, b), (a, b) != (1, 2), (a,) < (a, b), (a, b) > (a,)


@program((3, 4))
def min_max_of_branches(a, b):
    if (a if a < b else b) == min(a, b) and (a if a > b else b) == max(a, b):
        return True
    return False


@each(3)
def operations_on_static_text(n):
    return len("hello") + n, "a" < "b", "ell" in "hello", "abc"[1] == "b", "x" * 3 == "xxx"


@program(*((c, f(1)) for c in (True, False) for f in (np.uint8, np.int8, np.int32, np.uint64)))
def literals_that_do_not_fit_the_other_type(c, x):
    a = 300 if c else x
    b = -1 if c else x
    d = x if c else 2**40
    return int(a) + int(b) * 1000, int(d)
