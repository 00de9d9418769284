import warnings

from tracer import ObjectModeWarning, jit


@jit
def report(a, unit):
    total = a.sum()
    return "{total} {unit}".format(**locals())


warnings.simplefilter("error", ObjectModeWarning)
report(1.5, "s")
