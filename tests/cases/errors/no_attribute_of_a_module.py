import math

from tracer import njit


@njit
def f(x):
    return math.sine(x)


f(1.0)
