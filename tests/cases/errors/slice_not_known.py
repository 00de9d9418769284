from tracer import njit


@njit
def f(n):
    return (1, 2, 3)[n:]


f(1)
