"""Variables of a function of the library that one path calls were taken over by the other path."""

INPUTS = ["""(array("int32", (), "C", 1), array("complex64", (3,), "C", 2), array("float32", (2, 3), "C", 3), 0, 1, 0.5)"""]


def program(a, b, c, n, k, w):
    if n:
        pass
    elif w > 0:
        x = np.swapaxes(c, 0, 1) - np.mean(c, axis=None)
        m1 = 0
        while m1 < 3 and np.all(a):
            m1 += 1
            c -= b.real.sum()
    w = w + 1
    return c
