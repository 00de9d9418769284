from tracer import njit


@njit
def f(x):
    return f"item {x}"


f(1)
