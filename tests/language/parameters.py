"""Parameters and arguments: positional, keyword, defaults, `*args`, `**kwargs`, keyword-only, positional-only."""

from __future__ import annotations

from language.registry import each, program


@program((1,), (1, 2), (1, 2.5, 3))
def defaults(a, b=10, c=0.5):
    return a + b * c


@program((), (1,), (1.5,))
def only_defaults(a=2, b=(1, 2.5)):
    return a * b[0] + b[1]


@each(5)
def default_none(n, limit=None):
    if limit is None:
        limit = n * 2
    return limit


@program((3,), (3, None), (3, 4))
def default_none_given_or_not(n, limit=None):
    total = 0
    for i in range(n if limit is None else limit):
        total += i
    return total


@program((), (1,), (1, 2.5), (1, 2, 3, True))
def star_args(*args):
    total = 0
    for x in args:
        total = total * 10 + x
    return total, len(args)


@program((1,), (1, 2, 3.5))
def star_args_after_parameters(first, *rest):
    return first, len(rest), sum(rest)


@program((3, 4), (3,))
def positional_only(a, b=1, /):
    return a - b


def options(a, b=2, *args, c=3, d, **kwargs):
    total = a + 10 * b + 100 * c + 1000 * d + len(args)
    if "e" in kwargs:
        total = total + kwargs["e"] * 0.5
    return total, len(kwargs)


@each(1)
def keyword_arguments(x):
    return options(x, d=4), options(x, 5, d=x), options(d=1, a=x, b=x, c=x), options(x, 1, 2, 3, d=0, e=x, f=2)


@each(2)
def keyword_arguments_in_any_order(x):
    def f(a, b, *, c=1, d=2):
        return a * 1000 + b * 100 + c * 10 + d

    return f(b=x, a=1), f(1, b=x, d=5), f(d=x, c=x, b=x, a=x)


@each(3)
def spread_tuple(x):
    def f(a, b, c):
        return a * 100 + b * 10 + c

    t = (x, 2)
    return f(*t, 1), f(1, *t), f(*(1, 2, 3)), f(*t, *(x,))


@each(3)
def spread_dict(x):
    def f(a, b, c=1):
        return a * 100 + b * 10 + c

    def g(**kwargs):
        return f(**kwargs)

    return g(a=x, b=2), g(b=x, c=5, a=1), g(a=1, b=2, **FIXED)


FIXED = {"c": 7}


@each(3)
def forwarded_arguments(x):
    def f(a, b=0, *, c=0):
        return a * 100 + b * 10 + c

    def forward(*args, **kwargs):
        return f(*args, **kwargs)

    return forward(x), forward(x, 2), forward(x, c=4), forward(a=x, b=1, c=2)


@each(2)
def defaults_are_evaluated_once(x):
    count = 0

    def next_count():
        nonlocal count
        count += 1
        return count

    def f(a=next_count()):  # noqa: B008
        return a * x

    return f(), f(), f(10), count


@each(2)
def default_refers_to_a_variable(x):
    k = 10

    def f(a, b=k):
        return a * b

    k = 1000
    return f(x), f(x, k)


@each(3)
def lambda_with_default_binds_early(n):
    total = 0
    for i in range(n):
        f = lambda x, i=i: x * i  # noqa: E731
        i = 100
        total += f(10) + i
    return total


@each(3)
def star_args_reach_a_graph(n):
    return summed(n, 1, 2.5), summed(n), summed(*(n, n))


def summed(first, *rest):
    total = first
    for x in rest:
        total = total + x
    return total


@each(4)
def keyword_only_default_none(n):
    def f(x, *, scale=None):
        return x if scale is None else x * scale

    return f(n), f(n, scale=2.5)


@each(4)
def function_as_default(n):
    def f(x, g=abs):
        return g(x)

    return f(-n), f(n, lambda x: x * x)


@program((1, 2), (1.5, 2))
def parameters_are_local(a, b):
    def change(a):
        a += 100
        b = a
        return b

    c = change(a)
    return a, b, c


@each(5)
def arguments_are_evaluated_left_to_right(n):
    log = 0

    def note(x):
        nonlocal log
        log = log * 10 + x
        return x

    def f(a, b, *c, d, e):
        return a + b + len(c) + d + e

    r = f(note(1), note(2), note(3), *(note(4),), e=note(5), d=note(6))
    return r, log, n
