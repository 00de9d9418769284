import numpy as np

from tracer import njit


@njit
def f(a):
    return a.searchsorted(1.0)


f(np.zeros(2))
