import numpy as np

from tracer import njit


@njit
def f(a, b):
    return a[0] + (a * b)[0]


f(np.zeros(2), np.ones(2))
