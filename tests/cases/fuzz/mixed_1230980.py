"""Once went wrong: machine code: message of TypeError."""

INPUTS = [
    """(6, 0, 0.5, (0.5+0j), np.dtype("float64").type(-0.0), np.dtype("uint16").type(200), array("complex128", (4,), "backwards", 63515), array("complex128", (4,), "backwards", 669366), array("int16", (2, 4), "reversed", 72946))""",
]


def program(n, k, w, z, s, r, a, b, m):
    o = None

    def f2(p3, p4=w):
        nonlocal o, n, k, w
        if s:
            o = len(b)
    v8 = f2(p3=int)
    if k ^ o:
        pass
