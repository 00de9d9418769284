"""np.where converts Python's integers without a check of their range."""

INPUTS = ["""(array("uint8", (2, 3), "C", 1), array("float32", (2, 3), "F", 2), array("complex64", (), "C", 3), 300, 2, 0.5)"""]


def program(a, b, c, n, k, w):
    return np.where(a > 2, -1, a), np.where(a > 2, a, n), np.where(b > 0, 2, b), np.where(a > 2, -True, w), np.where(b > 0, c, k)
