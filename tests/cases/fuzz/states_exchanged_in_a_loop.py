"""Once went wrong: compiler: RuntimeError: LLVM IR parsing error."""

INPUTS = [
    """(3, 5, 2.5, np.array([1.0, -2.0, 0.5, 4.0]))""",
]


def program(a, b, w, items):
    i, j, k = (a, b, 3)
    p, q = (a, True)

    def f0(c):
        return i
    y = b
    n0 = 0
    while n0 < 4:
        n0 += 1
        if p:
            i, j = (j, i)
            (j if y else i) % 11
    for i in range(f0(b)):
        pass
