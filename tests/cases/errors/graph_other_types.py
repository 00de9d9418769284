from tracer import trace


def f(x, y):
    return x + y


graph = trace(f)(1, 2.0)
graph(1.0, 2.0)
