from tracer import njit


def area(width, height):
    return width * height


@njit
def f(x):
    return area(x)


f(1)
