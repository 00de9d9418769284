from tracer import njit


@njit
def f(x):
    def inner(y):
        return apply(lambda z: z + (x, y))

    return inner(x)


def apply(function):
    return function(1)


f(1)
