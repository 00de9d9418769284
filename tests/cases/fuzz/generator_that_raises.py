"""Once went wrong: an item of a generator that always raises, in a function of the library."""

INPUTS = [
    """(np.ones(3),)""",
    """(np.ones(0),)""",
]


def helper(n):
    raise ValueError("helper", n)


def program(a):
    return any(helper(q) for q in range(len(a)))
