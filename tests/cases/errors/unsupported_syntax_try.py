from tracer import njit


@njit
def f(x):
    try:
        return 1 / x
    except ZeroDivisionError:
        return 0.0


f(1)
