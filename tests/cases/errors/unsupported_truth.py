import numpy as np

from tracer import njit


@njit
def f(a):
    while a:
        return 1
    return 0


f(np.zeros(2))
