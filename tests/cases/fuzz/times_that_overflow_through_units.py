"""Once went wrong: machine code: ValueError where OverflowError was expected."""

INPUTS = [
    """(10, 1, 0.5, np.datetime64(400, "ns"), np.timedelta64(-3, "M"), np.timedelta64(0, "h"), times("M8[M]", 9, 307622), times("m8[h]", 9, 490470), records((9,), True, "C", 443058), records((2, 9), True, "C", 663097), array("float64", (9,), "C", 718987))""",
]


def program(n, k, w, d, s, t, ds, ts, x, y, a):
    v1 = ds + -(np.datetime64('2020-02-29') - d)

    def f10(p11, p12=w):
        v13 = np.dot((3,), a)
    v14 = f10(1)
