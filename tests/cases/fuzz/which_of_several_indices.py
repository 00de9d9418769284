"""Once went wrong: machine code: message of IndexError."""

INPUTS = [
    """(8, 2, 0.0, 2j, np.dtype("float32").type(np.inf), np.dtype("int64").type(-3), array("float32", (5,), "gaps", 47101), array("uint64", (5,), "F", 839546), array("int64", (5, 5), "reversed", 813674), array("float64", (5, 3, 5), "transposed", 621759))""",
]


def program(n, k, w, z, s, r, a, b, m, c):
    v1 = np.tensordot(m, np.tri(3), 0)[0][np.ix_(np.searchsorted(a, a, side='right') % 2, np.flatnonzero(a)[::-1])]
