from tracer import njit


def first(x):
    return second(x, 1)


def second(x, y):
    return third((x, y))


def third(pair):
    return fourth(pair)


def fourth(pair):
    return fifth(pair[0], pair)


def fifth(x, pair):
    return sixth(x) + pair


def sixth(x):
    return x


@njit
def f(x):
    return first(x)


f(1)
