"""Loops of vectors whose items all have one bit had vectors of no lanes at all."""

INPUTS = [
    """(np.bool_(True), np.bool_(False), np.uint32(3))""",
]


def program(s, t, n):
    return np.any(np.full(3, s)), np.all(np.full(3, t)), np.any(np.ptp(np.full((3, 1), n), keepdims=True))
