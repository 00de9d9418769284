"""A graph had a jump to a block that it did not have, as what came behind the message was not traced."""

INPUTS = [
    """(2, np.ones(3))""",
    """(1, np.ones(3))""",
    """(2, np.ones(1))""",
    """(3, np.ones(3))""",
]


def program(n, a):
    if n > 2:
        v = n
    else:
        assert len(a) > n, v
    assert n > 1, a[n + 7]
    return n
