import numpy as np

from tracer import njit


@njit
def f(a):
    return a.tolist()


f(np.zeros(2))
