from tracer import njit


@njit
def f(x):
    if x > 0:
        label = f"positive {x}"
    else:
        label = "not positive"
    print(label)
    return x


f(1)
