from tracer import njit


@njit
def f(path):
    with open("data") as file:
        return path


f(1)
