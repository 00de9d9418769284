"""Once went wrong: machine code: printed text."""

INPUTS = [
    """(-4, 3, 0.5, (0.5+3j), np.dtype("uint16").type(200), np.dtype("uint8").type(200), array("int8", (0,), "C", 748715), array("float32", (0,), "C", 912688), array("complex64", (3, 0), "transposed", 871832))""",
]


def program(n, k, w, z, s, r, a, b, m):
    for i2 in (math,):
        pass
    else:

        def f6(p7, p8=w):
            pass
        v9 = f6
        v10 = f6
        for i12 in range(n):
            pass
        else:
            print(sum(b), sep='-')
        print
