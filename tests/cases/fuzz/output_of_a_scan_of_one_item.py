"""Once went wrong: machine code: ValueError where tuple was expected."""

INPUTS = [
    """(-3, 5, -0.0, (-0+5j), np.dtype("uint8").type(3), np.dtype("uint64").type(0), array("bool", (5,), "unaligned", 429358), array("int64", (5,), "unaligned", 398505), array("uint16", (2, 5), "F", 654203), array("int8", (3, 5, 5), "unaligned", 728157))""",
]


def program(n, k, w, z, s, r, a, b, m, c):
    a = np.diff(np.all(m, axis=1))
    np.cumsum(a, out=b)
    return (z,)
