from tracer import njit


@njit
def f(count, items):
    return count


f(1, [1, 2])
