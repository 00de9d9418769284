from tracer import njit, static_range


@njit
def f(n):
    total = 0
    for i in static_range(n):
        total += i
    return total


f(1)
