from tracer import njit

namespace = {}
exec("def f(x): return x", namespace)
njit(namespace["f"])(1)
