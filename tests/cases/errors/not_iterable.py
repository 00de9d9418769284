from tracer import njit


@njit
def f(n):
    for i in n:
        return i


f(1)
