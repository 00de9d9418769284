from tracer import njit, objmode


@njit
def ranked(n):
    scale = 1.0
    with objmode(order="int64"):
        order = sorted(range(n), key=lambda i: -i * scale)[0]
    for i in range(n):
        scale += i * 0.5
    return scale + order


ranked(3)
