import numpy as np

from tracer import njit


@njit
def f(a):
    first, *rest = a
    return first


f(np.zeros(2))
