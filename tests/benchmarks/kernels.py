"""Ten loop kernels in plain Python: the same source is given to every compiler and to the interpreter.

Arrays are allocated by the caller; integers stay below 2**63, so that Python's and the machine's agree.
"""

import math


def mandelbrot(left, bottom, step, limit, counts):
    """Store in `counts[i, j]` after how many steps z*z + c leaves the disc of radius 2 (at most `limit`)."""
    rows, columns = counts.shape
    for i in range(rows):
        imaginary = bottom + i * step
        for j in range(columns):
            real = left + j * step
            x = 0.0
            y = 0.0
            count = 0
            while count < limit and x * x + y * y <= 4.0:
                x, y = x * x - y * y + real, 2.0 * x * y + imaginary
                count += 1
            counts[i, j] = count


def nbody(position, velocity, mass, step, steps):
    """Move bodies under their mutual gravity, symplectic Euler: each pair changes velocities, then positions follow."""
    bodies = len(mass)
    for _ in range(steps):
        for i in range(bodies):
            for j in range(i + 1, bodies):
                dx = position[i, 0] - position[j, 0]
                dy = position[i, 1] - position[j, 1]
                dz = position[i, 2] - position[j, 2]
                square = dx * dx + dy * dy + dz * dz
                force = step / (square * math.sqrt(square))
                velocity[i, 0] -= dx * mass[j] * force
                velocity[i, 1] -= dy * mass[j] * force
                velocity[i, 2] -= dz * mass[j] * force
                velocity[j, 0] += dx * mass[i] * force
                velocity[j, 1] += dy * mass[i] * force
                velocity[j, 2] += dz * mass[i] * force
        for i in range(bodies):
            for axis in range(3):
                position[i, axis] += step * velocity[i, axis]


def stencil(grid, other, sweeps):
    """Jacobi's iteration of the five-point Laplacian, from `grid` to `other` and back in each sweep."""
    rows, columns = grid.shape
    for _ in range(sweeps):
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                other[i, j] = 0.25 * (grid[i - 1, j] + grid[i + 1, j] + grid[i, j - 1] + grid[i, j + 1])
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                grid[i, j] = 0.25 * (other[i - 1, j] + other[i + 1, j] + other[i, j - 1] + other[i, j + 1])


def matrix_multiply(a, b, c):
    """c = a @ b as the nest of three loops that its definition is."""
    rows, inner = a.shape
    columns = b.shape[1]
    for i in range(rows):
        for j in range(columns):
            total = 0.0
            for k in range(inner):
                total += a[i, k] * b[k, j]
            c[i, j] = total


def prefix_sum(values, sums):
    """sums[i] = values[0] + ... + values[i]."""
    total = 0.0
    for i in range(len(values)):
        total += values[i]
        sums[i] = total


def sieve(composite):
    """Mark the composite numbers below `len(composite)` (Eratosthenes); return how many primes there are."""
    n = len(composite)
    primes = 0
    for i in range(2, n):
        if not composite[i]:
            primes += 1
            j = i * i
            while j < n:
                composite[j] = True
                j += i
    return primes


def levenshtein(source, target, row):
    """The edit distance of two arrays of characters; `row` has one place more than `target` (Wagner and Fischer)."""
    columns = len(target)
    for j in range(columns + 1):
        row[j] = j
    for i in range(len(source)):
        diagonal = row[0]
        row[0] = i + 1
        for j in range(columns):
            above = row[j + 1]
            best = diagonal
            if source[i] != target[j]:
                best += 1
            if above + 1 < best:
                best = above + 1
            if row[j] + 1 < best:
                best = row[j] + 1
            row[j + 1] = best
            diagonal = above
    return row[columns]


def floyd_warshall(distance):
    """Turn edge lengths into the lengths of the shortest paths between all pairs of vertices."""
    n = len(distance)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = distance[i, k] + distance[k, j]
                if through < distance[i, j]:
                    distance[i, j] = through


def monte_carlo(count, seed):
    """Estimate pi from random points in a square, drawn by a linear congruential generator modulo 2**31."""
    state = seed
    hits = 0
    for _ in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        x = state / 2147483648.0
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        y = state / 2147483648.0
        if x * x + y * y < 1.0:
            hits += 1
    return 4.0 * hits / count


def bisection(targets, roots, steps):
    """roots[i] solves x**3 + x = targets[i] for a target of at least zero, by halving an interval `steps` times."""
    for i in range(len(targets)):
        target = targets[i]
        low = 0.0
        high = 1.0 + target
        for _ in range(steps):
            middle = 0.5 * (low + high)
            if middle * middle * middle + middle < target:
                low = middle
            else:
                high = middle
        roots[i] = 0.5 * (low + high)
