from tracer import njit


@njit
def f(x):
    if x < 0:
        raise ValueError(f"negative: {x}", x)
    return x


f(-1.5)
