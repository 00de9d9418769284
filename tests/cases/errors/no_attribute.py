import numpy as np

from tracer import njit


@njit
def f(a):
    return a.shpae[0]


f(np.zeros(2))
