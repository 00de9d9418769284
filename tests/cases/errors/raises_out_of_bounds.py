import numpy as np

from tracer import njit


@njit
def f(a, i):
    return a[i]


f(np.zeros(3), 3)
