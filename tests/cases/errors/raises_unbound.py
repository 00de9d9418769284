from tracer import njit


@njit
def f(x):
    if x > 0:
        y = x
    return y


f(-1)
