from tracer import njit


def g(x):
    return x


@njit
def f(pair):
    return g(**pair)


f((1, 2))
