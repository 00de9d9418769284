from tracer import njit


@njit
def f(x):
    if x > 0:
        result = (x, 1)
    else:
        result = x
    return result


f(1)
