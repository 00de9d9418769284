import numpy as np

from tracer import njit


@njit
def f(a):
    pairs = zip(a, a)
    total = 0.0
    for x, y in pairs:
        total += x * y
    for x, y in pairs:
        total += x
    return total


f(np.zeros(3))
