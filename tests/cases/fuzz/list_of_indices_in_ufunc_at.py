"""A list of indices was taken for one index of each axis."""

INPUTS = ["""(array("int32", (4,), "C", 1), array("float32", (2, 3), "C", 2), array("int8", (2, 2, 3), "C", 3), 1, 2, 0.5)"""]


def program(a, b, c, n, k, w):
    np.add.at(a, [0, 0, -1], k)
    np.add.at(b, ([0, 1], [k, k]), n)
    return a, b
