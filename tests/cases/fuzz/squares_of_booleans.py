"""Squares of booleans are int8, other powers int64."""

INPUTS = ["""(array("bool", (3,), "C", 1), array("float32", (2, 3), "F", 2), array("complex64", (), "C", 3), 1, 2, 0.5)"""]


def program(a, b, c, n, k, w):
    return a**2, a**3, np.vstack((a, a**2)), b**2, c**2
