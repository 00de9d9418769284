from tracer import implements, njit


def power(x, n):
    return x**n


@implements(power)
def traced_power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


@njit
def f(x, n):
    return power(x, n)


f(1.5, 3)
