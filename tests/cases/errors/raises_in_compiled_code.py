from tracer import njit


def divide(a, b):
    return a // b


@njit
def f(x):
    y = x - 1
    return divide(x, y)


f(1)
