import numpy as np

from tracer import njit


@njit
def f(a):
    return a[0]


f(np.array([1, None]))
