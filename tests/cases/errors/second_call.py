from tracer import njit


@njit
def f(x):
    return x + unknown


try:
    f(1)
except Exception:
    pass
f(1)
