from tracer import njit


def make():
    counter = 0

    @njit
    def count(by):
        nonlocal counter
        counter += by
        return counter

    return count


make()(1)
