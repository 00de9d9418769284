import numpy as np

from tracer import njit


@njit
def f(a):
    return float(a)


f((1, 2))
