import warnings

from tracer import ObjectModeWarning, jit


@jit
def ranked(names, n):
    scale = 1.0
    names.sort(key=lambda name: len(name) * scale)
    del scale
    if n > 3:
        scale = n * 0.5
    try:
        return scale
    except NameError:
        return 0.0


warnings.filterwarnings("error", ".*runs in the interpreter", ObjectModeWarning)
warnings.filterwarnings("ignore", ".*is interpreted", ObjectModeWarning)
ranked(["b", "aa"], 3)
