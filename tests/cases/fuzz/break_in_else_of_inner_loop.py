"""Once went wrong: a `break` that belongs to a loop around the statement that was looked at."""

OBJECTS = True
INPUTS = [
    """(3,)""",
]


def program(n):
    items = [q for q in [n] if q]
    i = j = 0
    while i < 3:
        i += 1
        while j < len(items):
            j += 1
        else:
            break
    return i, j
