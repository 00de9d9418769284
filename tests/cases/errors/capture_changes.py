import warnings

from tracer import ObjectModeWarning, jit


@jit
def ranked(names, n):
    scale = 1.0
    names.sort(key=lambda name: len(name) * scale)
    for i in range(n):
        scale += i * 0.5
    return scale


warnings.simplefilter("error", ObjectModeWarning)
ranked(["b", "aa"], 3)
