import numpy as np

from tracer import njit


def area(width, height):
    return width * height


@njit
def f(a):
    return area(*a)


f(np.zeros(2))
