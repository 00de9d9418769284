"""Once went wrong: jit: result."""

OBJECTS = True
INPUTS = [
    """(3, 2, -0.0, (-0+2j), np.dtype("complex64").type(-0.5j), np.dtype("float64").type(-0.0), array("uint16", (6,), "transposed", 468155), array("int32", (6,), "unaligned", 679151), array("uint64", (2, 6), "F", 359685))""",
]


@njit
def gathered(first, *rest, **named):
    return first + len(named)

def program(n, k, w, z, s, r, a, b, m):
    o = None
    v1 = np.arange(divmod(k, n)[1] % 4).tolist()
    v2 = {'a': round(w - 3.0), 'c': k}
    v3 = str(list(dict(v2).values()))
    v5 = np.logical_or(np.hypot(max(r, s), 3.0), np.float32(math.floor(w) * 0.5))
