from tracer import njit


class Model:
    pass


model = Model.__new__(Model)


@njit
def f(x):
    return x, Model


f(1)
