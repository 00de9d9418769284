"""Once went wrong: machine code: OverflowError where tuple was expected."""

INPUTS = [
    """(7, 3, 2.0, np.datetime64('NaT', "M"), np.timedelta64(400, "h"), np.timedelta64(400, "ns"), times("M8[25s]", 4, 866478), times("m8[ns]", 4, 1624), records((4,), True, "C", 981756), records((3, 4), True, "C", 195374), array("float64", (4,), "C", 436086))""",
]


def program(n, k, w, d, s, t, ds, ts, x, y, a):
    v3 = x['at'] - d
    return (t,)
