"""Names that are bound on only some paths, and `del`."""

from __future__ import annotations

from language.registry import each, program


@each(-1, 1)
def bound_in_one_branch(n):
    if n > 0:
        x = n
    return x


@each(-1, 1)
def bound_in_the_else_branch(n):
    if n > 0:
        pass
    else:
        x = n
    return x * 2


@each(0, 3)
def bound_in_a_loop(n):
    for i in range(n):
        x = i * 2
    return x


@each(0, 3)
def loop_variable_after_an_empty_loop(n):
    for i in range(n):
        pass
    return i


@each(0, 3)
def loop_variable_of_a_while(n):
    k = 0
    while k < n:
        y = k
        k += 1
    return y, k


@program((4, 0), (0, 1), (4, 1))
def two_names(n, m):
    if n > 3:
        y = 2
    for i in range(m):
        z = i
    return y + z


@each(-1, 1)
def read_only_where_it_is_bound(n):
    if n > 0:
        x = 10
    total = 0
    if n > 0:
        total = x
    return total


@each(0, 2, 4)
def bound_in_an_earlier_round(n):
    total = 0
    for i in range(n):
        if i > 0:
            total += x
        x = i * 10
    return total


@each(0, 2)
def read_before_the_first_round_binds_it(n):
    total = 0
    for i in range(n):
        total += x
        x = i
    return total


@each(1)
def always_unbound(n):
    y = x
    x = n
    return y


@each(3, 5)
def deleted(n):
    x = n
    del x
    if n > 3:
        x = 2
    return x


@each(-1, 1)
def deleted_in_one_branch(n):
    x = n
    if n > 0:
        del x
    return x


@each(1)
def deleted_twice(n):
    x = n
    del x
    del x
    return n


@each(4)
def deleted_in_a_loop(n):
    total = 0
    for i in range(n):
        x = i
        total += x
        del x
    return total


@each(1, 3)
def deleted_parameter(n):
    if n > 2:
        del n
    return n


@program((1, 2))
def deleted_tuple_of_names(a, b):
    c = a + b
    del a, b
    return c


@each(1)
def deleted_and_bound_again(n):
    x = n
    del x
    x = n * 2.5
    return x


@each(0, 3)
def deleted_loop_variable(n):
    for i in range(n):
        del i
    i = 7
    return i


@each(-1, 1)
def bound_by_walrus(n):
    if n > 0 and (x := n * 2):
        pass
    return x


@each(-1, 1)
def unbound_in_a_condition(n):
    if n > 0:
        flag = True
    if flag:
        return 1
    return 0


@each(-1, 1)
def unbound_in_an_augmented_assignment(n):
    if n > 0:
        x = 1
    x += 1
    return x


@each(-1, 1)
def unbound_function(n):
    if n > 0:

        def f(y):
            return y * 2

    return f(n)


@each(-1, 1)
def unbound_free_variable(n):
    if n > 0:
        x = n

    def f():
        return x

    return f()


@each(-1, 1)
def unbound_in_a_comprehension(n):
    if n > 0:
        x = n
    return sum([x + q for q in range(2)])


@each(-1, 1)
def unbound_in_a_comprehension_in_another(n):
    if n > 0:
        x = n
    return sum([sum([x + q for _ in range(2)]) for q in range(2)])


@each(-1, 1)
def unbound_in_a_generator_in_a_comprehension(n):
    if n > 0:
        x = n
    return sum([sum(x + q for _ in range(2)) for q in range(2)])


@each(-1, 1)
def unbound_in_a_comprehension_of_a_nested_function(n):
    if n > 0:
        x = n

    def f():
        return sum([x + q for q in range(2)])

    return f()


@each(-1, 1)
def unbound_in_a_function_in_a_comprehension(n):
    if n > 0:
        x = n
    return sum([(lambda: x + q)() for q in range(2)])


@each(-1, 0, 1)
def bound_with_several_types(n):
    if n > 0:
        x = 1
    elif n < 0:
        x = 2.5
    return x * 1.0


@each(-1, 1)
def unbound_optional(n):
    if n > 0:
        x = None
    return x is None


@each(0, 1, 5)
def unbound_after_break(n):
    for i in range(n):
        if i == 3:
            x = i
            break
    else:
        y = 1
    return x


@each(-1, 1)
def error_after_effects(n):
    total = 0
    if n > 0:
        x = 1
    total += 1
    total += x
    return total


@each(-1, 1)
def unbound_tuple(n):
    if n > 0:
        t = (1, 2.5)
    return t[0] + t[1]


@each(-1, 1)
def assert_binds_nothing(n):
    assert n > 0, (n, "is not positive")
    x = n
    return x
