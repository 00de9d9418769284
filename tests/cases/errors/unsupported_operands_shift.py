from tracer import njit


@njit
def f(count, by):
    total = count * 2
    return total << by


f(1, 2.5)
