from tracer import njit


@njit
def shift(n):
    if n == 0:
        return (0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    a, b, c, d, e, f, g, h, i, j, k, l, m, o, p = shift(n - 1)
    return (a, a, b, c, d, e, f, g, h, i, j, k, l, m, o)


shift(3)
