from tracer import njit


@njit
def f(a, b):
    return a in b


f(1, 2.0)
