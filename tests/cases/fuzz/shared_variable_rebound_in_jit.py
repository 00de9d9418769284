"""Once went wrong: a function made in an interpreted statement bound a variable again, which was not seen."""

OBJECTS = True
INPUTS = [
    """(3,)""",
]


def program(n):
    total = 0.0
    for i in range(n):
        total += i * 0.5
    x = 1
    try:

        def f():
            nonlocal x
            x = 7

        f()
    except ValueError:
        pass
    return x, total
