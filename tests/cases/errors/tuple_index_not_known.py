from tracer import njit


@njit
def f(items, i):
    return items[i]


f((1, (2, 3)), 0)
