from tracer import njit


@njit
def f(n):
    visits = 0

    def visit(k):
        nonlocal visits
        visits += 1
        for i in range(k):
            visit(i)

    visit(n)
    return visits


f(3)
