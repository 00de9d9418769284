from tracer import njit


@njit
def f(s):
    return s + (1,)


f(slice(2, None))
