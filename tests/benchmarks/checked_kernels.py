"""Fifteen loops over arrays, each with indices of another form: what index checks cost."""


def stencil_3d(grid, other):
    """The mean of the six neighbours of each inner point."""
    planes, rows, columns = grid.shape
    for i in range(1, planes - 1):
        for j in range(1, rows - 1):
            for k in range(1, columns - 1):
                total = grid[i - 1, j, k] + grid[i + 1, j, k] + grid[i, j - 1, k]
                other[i, j, k] = (total + grid[i, j + 1, k] + grid[i, j, k - 1] + grid[i, j, k + 1]) / 6.0


def gather(values, places, found):
    """found[i] = values[places[i]]: an index that is data."""
    for i in range(len(places)):
        found[i] = values[places[i]]


def prefix(values, sums, n):
    """Sums up to each place, where the number of places is an argument."""
    total = 0.0
    for i in range(n):
        total += values[i]
        sums[i] = total


def histogram(values, counts):
    """How many values there are in each of the classes."""
    classes = len(counts)
    for i in range(len(values)):
        counts[int(values[i] * classes)] += 1


def product(a, b, c):
    """c += a @ b, in the order of loops that goes through memory in order."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


def sieve_steps(composite):
    """Mark the composite numbers: ranges with a step known at run time."""
    n = len(composite)
    for i in range(2, int(n**0.5) + 1):
        if not composite[i]:
            for j in range(i * i, n, i):
                composite[j] = True


def transpose(a, b):
    """b = a.T, one item after the other."""
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            b[j, i] = a[i, j]


def forward_substitution(lower, b, x):
    """Solve lower @ x = b: triangular loops."""
    for i in range(len(b)):
        total = b[i]
        for j in range(i):
            total -= lower[i, j] * x[j]
        x[i] = total / lower[i, i]


def pairs(values, means):
    """The mean of each two neighbours: a range with step 2."""
    for i in range(0, len(values) - 1, 2):
        means[i // 2] = 0.5 * (values[i] + values[i + 1])


def backward(coefficients, values):
    """A recurrence from the end to the beginning: a range with step -1."""
    for i in range(len(values) - 2, -1, -1):
        values[i] += coefficients[i] * values[i + 1]


def shifted(values, out, lag):
    """Differences at a distance that is an argument."""
    for i in range(lag, len(values)):
        out[i] = values[i] - values[i - lag]


def merge(a, b, out):
    """Merge two sorted arrays: indices that a `while` moves."""
    i = 0
    j = 0
    k = 0
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            out[k] = a[i]
            i += 1
        else:
            out[k] = b[j]
            j += 1
        k += 1
    while i < len(a):
        out[k] = a[i]
        i += 1
        k += 1
    while j < len(b):
        out[k] = b[j]
        j += 1
        k += 1


def binary_search(values, wanted, places):
    """The place of each number in a sorted array."""
    for i in range(len(wanted)):
        low = 0
        high = len(values)
        while low < high:
            middle = (low + high) // 2
            if values[middle] < wanted[i]:
                low = middle + 1
            else:
                high = middle
        places[i] = low


def convolution(values, weights, out):
    """out[i] = sum of values[i + k] * weights[k]."""
    for i in range(len(values) - len(weights) + 1):
        total = 0.0
        for k in range(len(weights)):
            total += values[i + k] * weights[k]
        out[i] = total


def shortest_paths(distance):
    """Floyd and Warshall's algorithm."""
    n = len(distance)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = distance[i, k] + distance[k, j]
                if through < distance[i, j]:
                    distance[i, j] = through
