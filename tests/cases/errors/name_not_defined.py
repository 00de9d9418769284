from tracer import njit


@njit
def f(x):
    return x + offest


f(1)
