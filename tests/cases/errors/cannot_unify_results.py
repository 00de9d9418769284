import numpy as np

from tracer import njit


@njit
def f(a):
    if a[0] > 0:
        return a
    return a[0]


f(np.zeros(2))
