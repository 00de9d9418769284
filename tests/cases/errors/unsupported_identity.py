from tracer import njit


@njit
def f(a, b):
    return a is b


f(1, 1)
