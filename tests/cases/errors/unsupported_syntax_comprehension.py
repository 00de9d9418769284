from tracer import njit


@njit
def f(n):
    squares = {i: i * i for i in range(n)}
    return n


f(1)
