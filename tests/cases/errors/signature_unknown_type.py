from tracer import njit


def f(x):
    return x


njit("float64(flaot64)")(f)
