from tracer import njit


@njit
def f(n):
    if zip((n, 1), (n, 2)):
        return 1
    return 2


f(3)
