from tracer import njit


@njit
def f(n):
    nested = (0,)
    for i in range(n):
        nested = (nested, i)
    return nested


f(1)
