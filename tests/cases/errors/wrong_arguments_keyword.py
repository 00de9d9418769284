from tracer import njit


def area(width, height=1):
    return width * height


@njit
def f(x):
    return area(x, hight=2)


f(1)
