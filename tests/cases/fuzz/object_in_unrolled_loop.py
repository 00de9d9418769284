"""Once went wrong: a loop in a loop over a tuple, where an object gets its type."""

OBJECTS = True
INPUTS = [
    """(3,)""",
]


def program(n):
    total = 0
    for first, step in ((n, 1), (5, 2), (7, 3)):
        number = opaque(first)
        for i in range(4):
            if i == step:
                break
            total += number * i
    else:
        total += 100
    return total
