"""Loops that do next to nothing in a round, which is where looking for signals would show."""


def collatz(count):
    """The number of steps that the numbers below `count` take to 1: a `while` whose end nobody can foretell."""
    steps = 0
    for start in range(1, count):
        n = start
        while n != 1:
            n = 3 * n + 1 if n & 1 else n >> 1
            steps += 1
    return steps


def common_divisors(count):
    """The sum of greatest common divisors: short loops of slow divisions."""
    total = 0
    for a in range(1, count):
        for b in range(1, count):
            x = a
            y = b
            while y:
                x, y = y, x % y
            total += x
    return total


def random_walk(seed):
    """Steps of a xorshift generator until it gives a small number: `while True`."""
    state = seed
    steps = 0
    while True:
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        steps += 1
        if state < 1500:
            return steps


def series(count):
    """A sum of floats over a range: one addition waits for the other."""
    total = 0.0
    for i in range(1, count):
        total += 1.0 / (i * i)
    return total


def residues(count):
    """A sum of integers over a range, which LLVM vectorizes."""
    total = 0
    for i in range(count):
        total += (i * i) & 0xFF
    return total


def fibonacci(n):
    """Recursion that branches."""
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def short_rows(a):
    """A nest whose inner loop has few rounds."""
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total += a[i, j]
    return total


def row_sum(a):
    """The sum of an array, which ends soon and is not polled at all."""
    total = 0.0
    for x in a:
        total += x
    return total
