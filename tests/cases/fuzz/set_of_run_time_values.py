"""Once went wrong: a loop over a set met its items in the order in which they stand, and equal ones twice."""

OBJECTS = True
INPUTS = [
    """(3, np.zeros(8))""",
    """(1, np.zeros(8))""",
]


def program(n, a):
    for k in {n, 1, n, 2}:
        a[k] = a.sum() * 2 + k
    return a
