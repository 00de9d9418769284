"""Once went wrong: a lambda in an interpreted expression did not see its variable bound again."""

OBJECTS = True
INPUTS = [
    """(3,)""",
]


def program(n):
    total = 0.0
    for i in range(n):
        total += i * 0.5
    x = 1
    g = opaque(lambda: x)
    x = n
    return g(), total
