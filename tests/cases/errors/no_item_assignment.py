from tracer import njit


@njit
def f(pair):
    pair[0] = 1
    return pair


f((1, 2))
