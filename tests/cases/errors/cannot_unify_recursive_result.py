from tracer import njit


@njit
def nest(n):
    if n == 0:
        return (0,)
    return (nest(n - 1), n)


nest(3)
