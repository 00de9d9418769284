from tracer import njit


@njit
def f(a, b):
    return a + b


f(1, 2, 3)
