"""Once went wrong: a function made in an interpreted statement did not see its variable bound again."""

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
            return x
    except ValueError:
        pass
    x = n
    return f(), total
