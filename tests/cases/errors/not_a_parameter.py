from tracer import njit


def last(numbers, n):
    if n == 0:
        return numbers[0]
    return last(numbers, n - 1)


@njit
def f(n):
    return last(range(n), n)


f(1)
