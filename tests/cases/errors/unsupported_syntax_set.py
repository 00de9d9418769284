from tracer import njit


@njit
def f(a, b):
    total = 0
    for x in {a, b}:
        total += x
    return total


f(1, 2)
