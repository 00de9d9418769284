from tracer import njit


def f(x):
    return x


njit(fast_math=True)(f)
