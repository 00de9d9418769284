import numpy as np

from tracer import njit


@njit
def f(a, x):
    return a[x / 2]


f(np.zeros(2), 2)
