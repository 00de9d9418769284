"""Whole small algorithms, as users write them."""

from __future__ import annotations

import math

import numpy as np

from language.registry import each, program


@each(30, 2, 1)
def sieve(n, count=0):
    composite = 0
    for i in range(2, n):
        if not composite >> i & 1:
            count += 1
            for j in range(i * i, min(n, 63), i):
                composite |= 1 << j
    return count if n < 63 else -1


@each(np.zeros(30, np.bool_))
def sieve_in_an_array(composite):
    primes = 0
    for i in range(2, len(composite)):
        if not composite[i]:
            primes += 1
            for j in range(i * i, len(composite), i):
                composite[j] = True
    return primes


@program((0j, 20), (0.3 + 0.5j, 50), (1 + 1j, 20))
def mandelbrot(c, limit):
    z = 0j
    for i in range(limit):
        z = z * z + c
        if abs(z) > 2:
            return i
    return limit


@program((-0.5, 0.5, 20))
def mandelbrot_in_reals(x0, y0, limit):
    x = y = 0.0
    n = 0
    while x * x + y * y <= 4.0 and n < limit:
        x, y = x * x - y * y + x0, 2.0 * x * y + y0
        n += 1
    return n, x, y


@program((np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2), np.zeros((2, 2))),
         (np.arange(6).reshape(2, 3), np.arange(6.0).reshape(2, 3).T, np.zeros((2, 2), np.float32)))  # fmt: skip
def matrix_product(a, b, c):
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            total = 0.0
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total
    return c


@program((np.array([3, 1, 4, 1, 5]), np.array([2, 7, 1, 8]), np.zeros(5, np.int64)),
         (np.zeros(0, np.int64), np.array([1]), np.zeros(2, np.int64)))  # fmt: skip
def levenshtein(a, b, row):
    for j in range(len(b) + 1):
        row[j] = j
    for i in range(len(a)):
        diagonal = row[0]
        row[0] = i + 1
        for j in range(len(b)):
            above = row[j + 1]
            change = diagonal + (0 if a[i] == b[j] else 1)
            row[j + 1] = min(change, above + 1, row[j] + 1)
            diagonal = above
    return row[len(b)]


@each(np.array([[0.0, 3, 1], [3, 0, 9], [1, 9, 0]]))
def floyd_warshall(d):
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                d[i, j] = min(d[i, j], d[i, k] + d[k, j])
    return d


@program((np.array([1, 3, 5, 7, 9]), 5), (np.array([1, 3, 5, 7, 9]), 4), (np.array([1.5]), 2.0), (np.zeros(0), 1.0))
def bisect(a, x):
    low, high = 0, len(a)
    while low < high:
        middle = (low + high) // 2
        if a[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


@program((1.0, 2.0))
def bisect_root(low, high):
    def f(x):
        return x * x - 2

    while high - low > 1e-9:
        middle = (low + high) / 2
        if f(low) * f(middle) <= 0:
            high = middle
        else:
            low = middle
    return low


@program((np.array([1.0, -2.0, 3.0]), 2.0), (np.array([5]), 7))
def horner(coefficients, x):
    result = 0
    for c in coefficients:
        result = result * x + c
    return result


@each(8, 1, 0)
def trapezoid(n):
    def f(x):
        return 4.0 / (1.0 + x * x)

    if n == 0:
        raise ValueError("no intervals")
    h = 1.0 / n
    return h * (f(0.0) / 2 + sum(f(i * h) for i in range(1, n)) + f(1.0) / 2)


@each(np.arange(8.0))
def prefix_sums(a):
    for i in range(1, len(a)):
        a[i] += a[i - 1]
    return a[-1] if len(a) else 0.0


@program((np.array([4.0, 1.0, 3.0, 2.0]), 2), (np.array([4, 1, 3, 2]), 0))
def quickselect(a, k):
    low, high = 0, len(a) - 1
    while low < high:
        pivot = a[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                a[i], a[j] = a[j], a[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return a[k]


@each(12345)
def linear_congruential(seed):
    state = seed
    inside = 0
    for _ in range(50):
        state = (state * 1103515245 + 12345) % 2147483648
        x = state / 2147483648
        state = (state * 1103515245 + 12345) % 2147483648
        y = state / 2147483648
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / 50


@each(np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 2.0], [0.0, 2.0, 3.0]]))
def pairwise_energy(bodies):
    energy = 0.0
    for i in range(len(bodies)):
        for j in range(i + 1, len(bodies)):
            dx = bodies[i, 0] - bodies[j, 0]
            dy = bodies[i, 1] - bodies[j, 1]
            energy -= bodies[i, 2] * bodies[j, 2] / math.sqrt(dx * dx + dy * dy)
    return energy


@each(np.arange(16.0).reshape(4, 4))
def stencil(a):
    total = 0.0
    for i in range(1, a.shape[0] - 1):
        for j in range(1, a.shape[1] - 1):
            total += a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1] - 4 * a[i, j] * a[i, j]
    return total


@program((10, 3), (5, 0), (0, 0), (3, 5))
def binomial(n, k):
    if k < 0 or k > n:
        return 0
    result = 1
    for i in range(1, k + 1):
        result = result * (n - k + i) // i
    return result


@each(0, 1, 255, 2**62)
def count_bits(n):
    count = 0
    while n:
        n &= n - 1
        count += 1
    return count


@each(2.0, 10.0, 1e-6)
def newton_root(x):
    guess = x if x > 1 else 1.0
    for _ in range(60):
        better = (guess + x / guess) / 2
        if better == guess:
            break
        guess = better
    return guess


@each(np.array([1.0, 2.0, 4.0, 8.0]), np.array([3.0]))
def mean_and_variance(a):
    mean = 0.0
    squares = 0.0
    for n, x in enumerate(a, 1):
        delta = x - mean
        mean += delta / n
        squares += delta * (x - mean)
    return mean, squares / len(a)


@each(np.array([5, 3, 5, 1, 3, 5]))
def majority(a):
    candidate, votes = None, 0
    for x in a:
        if votes == 0:
            candidate = x
        votes += 1 if x == candidate else -1
    return candidate


@program((np.array([1, 2, 3, 4, 6]), 6), (np.array([1, 2]), 100))
def two_sum(a, target):
    i, j = 0, len(a) - 1
    while i < j:
        s = a[i] + a[j]
        if s == target:
            return i, j
        if s < target:
            i += 1
        else:
            j -= 1
    return None


@program((0.1, 4), (0.5, 2))
def runge_kutta(h, steps):
    def derivative(t, y):
        return y - t * t + 1

    t, y = 0.0, 0.5
    for _ in range(steps):
        k1 = derivative(t, y)
        k2 = derivative(t + h / 2, y + h / 2 * k1)
        k3 = derivative(t + h / 2, y + h / 2 * k2)
        k4 = derivative(t + h, y + h * k3)
        y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += h
    return y


@each(1, 4, 9)
def digits(n):
    total = 0
    for i in range(10**n - 5 if n < 3 else 995, 10**n if n < 3 else 1000):
        while i:
            i, digit = divmod(i, 10)
            total += digit
    return total
