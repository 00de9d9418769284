"""Assignments of every form."""

from __future__ import annotations

import numpy as np

from language.registry import each, program


@program((1, 2), (1.5, 2), (True, 0))
def swap(a, b):
    a, b = b, a
    return a, b


@program((1, 2, 3), (1.0, 2, True))
def rotate(a, b, c):
    a, b, c = c, a, b
    a, b, c = c, a, b
    return a, b, c


@each(3, -0.0, 2 + 1j)
def chained_targets(x):
    a = b = c = x + 1
    a += 1
    return a, b, c


@program((1, 2.5), (4, 5))
def nested_unpacking(a, b):
    (p, (q, r)), s = (a, (b, a + b)), (b,)
    return p, q, r, s


@program((1, 2, 3, 4), (1, 2.5, 3, True))
def starred_in_the_middle(a, b, c, d):
    first, *_, last = a, b, c, d
    return first, last


@program((1, 2, 3),)
def starred_at_the_start(a, b, c):
    *_, last = a, b, c
    head, *_ = a, b, c
    return head * 10 + last


@program((5, 6))
def starred_empty(a, b):
    first, second, *rest = a, b
    return first, second, len(rest)


@program((2, 3.5))
def list_target(a, b):
    [x, [y, z]] = a, (b, a)
    return x, y, z


@program((7, 3), (-7, 3), (7, -3))
def augmented_integers(a, b):
    x = a
    x += b
    x -= 1
    x *= b
    x //= 2
    x %= 1000
    x <<= 3
    x >>= 1
    x |= 5
    x &= 1023
    x ^= b
    x **= 2
    return x


@program((7.5, 2), (-7.5, 2.25))
def augmented_floats(a, b):
    x = a
    x += b
    x -= 0.5
    x *= b
    x /= 3
    x //= 0.25
    x %= 7
    x **= 2
    return x


@each(5, 2.0)
def augmented_changes_type(x):
    y = x
    y /= 2
    z = 1
    z += y
    return y, z


@each(4, 2.5)
def annotated(x):
    y: int = x + 1
    z: float
    z = y * 2
    return y, z


@each(3, 0)
def annotation_is_not_evaluated(x):
    y: this_name_does_not_exist = x * 2  # noqa: F821
    return y


@each(10, 3)
def walrus_in_condition(n):
    if (half := n // 2) > 2:
        return half
    return -half


@each(10, 0)
def walrus_in_expression(n):
    total = (a := n + 1) * (b := a + 1)
    return total, a, b


@each(20, 5)
def walrus_in_while(n):
    steps = 0
    while (n := n // 2) > 1:
        steps += 1
    return steps, n


@program((3, 4))
def walrus_in_call(a, b):
    biggest = max(x := a * 2, y := b + 1)
    return biggest, x, y


@program((2, 3), (0, 3))
def walrus_behind_and(a, b):
    found = -1
    if a and (found := b * 2) > 5:
        return found
    return found


@each(5)
def shadowed_builtin(n):
    sum = 0
    for i in range(n):
        sum += i
    return sum


@each(3)
def shadowed_parameter(x):
    x = x * 2
    x = x + 0.5
    return x


@program((3, 4))
def expression_statements(a, b):
    a + b
    "text"
    (a, b)
    ...
    a < b
    return a


@program((np.arange(5.0), 2), (np.arange(5), -1))
def item_targets(a, i):
    a[i], a[0] = a[0], a[i]
    a[1] = a[2] = 7
    a[i] += 10
    a[i] *= 2
    return a[i]


@program((np.zeros((3, 4)), 1, 2),)
def item_of_matrix_targets(a, i, j):
    a[i, j] = 5
    a[i][j] += 1
    (a[0, 0], a[1, 1]), x = (i, j), 2.5
    a[-1, -1] = x
    return x


@each(np.arange(4), np.arange(4.0))
def unpack_array(a):
    w, x, y, z = a
    return w + z, x, y


@each(np.arange(3), np.arange(5), np.zeros(0))
def unpack_array_of_wrong_length(a):
    w, x, y, z = a
    return w


@each(np.arange(6).reshape(2, 3))
def unpack_rows(a):
    (u, v, w), (x, y, z) = a
    return u * x + v * y + w * z


@program((1, 2))
def evaluation_order(a, b):
    log = 0

    def note(x):
        nonlocal log
        log = log * 10 + x
        return x

    z = note(1) + note(2) * note(3)
    p, q = note(4), note(5)
    r = note(6) if note(7) else note(8)
    return log, z, p, q, r, a, b


@each(np.arange(6))
def augmented_index_is_evaluated_once(a):
    calls = 0

    def position():
        nonlocal calls
        calls += 1
        return calls

    a[position()] += 100
    a[position()] -= 100
    return calls


@each(np.zeros(4, np.int64))
def right_side_comes_first(a):
    order = 0

    def note(x):
        nonlocal order
        order = order * 10 + x
        return x

    a[note(1)] = note(2)
    a[note(2)] += note(3)
    return order


@each(2, 3.5)
def underscore_names(x):
    _ = x
    __ = _ + 1
    return _ * __


@each(9)
def many_variables(n):
    a = n
    b = a + 1
    c = b * a
    d = c - b
    e = d // 2
    f = e % 7
    g = f + a + b + c + d + e
    h = g - f
    i = h * 2
    j = i + h + g
    return a, b, c, d, e, f, g, h, i, j
