"""Once went wrong: lambdas of an interpreted comprehension did not see their variable bound again."""

OBJECTS = True
INPUTS = [
    """(3,)""",
]


def program(n):
    total = 0.0
    for i in range(n):
        total += i * 0.5
    x = 1
    made = [lambda: x for i in range(n)]
    x = 3
    return [f() for f in made], total
