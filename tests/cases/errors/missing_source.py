from tracer import njit

namespace = {}
exec("def helper(x): return x", namespace)
helper = namespace["helper"]


@njit
def f(x):
    return helper(x)


f(1)
