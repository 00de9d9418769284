import numpy as np

from tracer import njit


@njit("float64(float64)")
def f(x):
    return x


f(np.zeros(2))
