from tracer import njit

counter = 0


@njit
def f(x):
    global counter
    counter += x
    return counter


f(1)
