from tracer import njit


def f(x):
    return (x, x)


njit("int64(float64)")(f)
