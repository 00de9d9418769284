from tracer import implements, njit, reject


def norm(x, kind):
    raise NotImplementedError


@implements(norm)
def traced_norm(x, kind):
    if kind != "euclidean":
        reject("norm() knows the kind 'euclidean' only", hint="leave out kind")
    return abs(x)


@njit
def f(x):
    return norm(x, "manhattan")


f(1.5)
