from tracer import njit


class Box:
    pass


box = Box()


@njit
def f(n):
    box.content = n
    return n


f(1)
