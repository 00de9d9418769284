"""Once went wrong: two lists that are added gave a tuple."""

OBJECTS = True
INPUTS = [
    """(3,)""",
]


def program(n):
    made = [2] + [n]
    count = np.sum(np.arange(n))
    return made, count
