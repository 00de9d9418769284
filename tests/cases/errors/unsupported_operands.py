from tracer import njit


@njit
def f(x, pair):
    return x + pair


f(1.5, (1, 2))
