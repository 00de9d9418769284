from tracer import njit

njit(max)(1, 2)
