import numpy as np

from tracer import njit


@njit
def f(a, mask):
    return a[mask]


f(np.zeros(2), np.array(True))
