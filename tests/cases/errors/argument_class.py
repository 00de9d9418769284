from tracer import njit


class Model:
    pass


@njit
def f(model):
    return 1


f(Model())
