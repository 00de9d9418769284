from tracer import njit


def grow(n, items):
    if n == 0:
        return 0
    return grow(n - 1, (items, n))


@njit
def f(n):
    return grow(n, ())


f(3)
