import numpy as np

from tracer import njit


@njit
def f(a):
    return a[1:]


f(np.zeros(2))
