"""Once went wrong: jit: result."""

INPUTS = [
    """(array("int32", (0,), "C", 1), -0.0, np.complex64(complex(-0.0, -0.0)))""",
    """(array("bool", (0,), "C", 1), -0.0, np.complex64(complex(-0.0, -0.0)))""",
    """(array("uint8", (3,), "C", 1), -0.0, np.complex64(complex(-0.0, -0.0)))""",
]


def program(a, x, z):
    return sum(a, x), sum(a, z)
