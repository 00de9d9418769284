from tracer import njit


def f(x, y):
    return x


njit("float64(float64)")(f)
