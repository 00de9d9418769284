import numpy as np

from tracer import njit


@njit
def f(a):
    return a.byteswap()


f(np.zeros(2))
