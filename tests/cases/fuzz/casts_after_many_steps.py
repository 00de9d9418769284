"""Once went wrong: machine code: arguments afterwards: value."""

INPUTS = [
    """(-1, 1, 2.0, (2+1j), np.dtype("float64").type(-2.25), np.dtype("bool").type(0), array("float64", (17,), "reversed", 927947), array("uint16", (17,), "transposed", 182490), array("uint32", (17, 17), "C", 827805))""",
]


def helper(n, x=0.5, *, scale=2):
    pass

def changed(items):
    pass

def program(n, k, w, z, s, r, a, b, m):
    for i4 in m:
        v5 = np.where(m > 0, m, 0).max(axis=1) * (m @ m)[0, k % 3]
    if int(np.count_nonzero(a)) != helper((n ^ 0) % 20, float(n)):
        b[:] = a[::-1]
    else:
        for i10 in np.ndindex(2, min(a.ndim % 5, 3)):
            changed(b)
        v11 = Point(y=math.hypot(w, math.hypot(w, w)), x=int(r == r) if o is None else helper(n % 20))
