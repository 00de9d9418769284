from tracer import njit


@njit
def f(x):
    return x + 2**100


f(1)
