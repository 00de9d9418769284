"""Once went wrong: the lines of the traceback of a generator's item, and the name of a lambda there."""

OBJECTS = True
INPUTS = [
    """(np.ones(3), 0)""",
    """(np.ones(0), 0)""",
    """(np.ones(0), 1)""",
]


def helper(n):
    raise ValueError("helper", n)


def program(a, n):
    double = lambda q: q if q else helper(q)
    any(helper(q) for q in range(len(a)))
    return double(n)
