"""Once went wrong: machine code: ndarray where OverflowError was expected."""

INPUTS = [
    """(1, 1, 2.0, np.datetime64('NaT', "D"), np.timedelta64(400, "ns"), np.timedelta64(400, "D"), times("M8[D]", 5, 911319), times("m8[D]", 5, 560885), records((5,), True, "readonly", 784953), records((2, 5), True, "readonly", 662313), array("float64", (5,), "C", 338157))""",
]


def program(n, k, w, d, s, t, ds, ts, x, y, a):
    for i1 in a:
        ts += s
        ts *= 2
    return ts
