from tracer import njit


@njit
def f(x):
    return hash(x)


f(1)
