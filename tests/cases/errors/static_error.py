from tracer import njit

LIMIT = "ten"


@njit
def f(x):
    return x + (LIMIT + 1)


f(1)
