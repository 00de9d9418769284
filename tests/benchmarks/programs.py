"""Ten programs on whole arrays, as users of NumPy write them: the same source for every compiler and for NumPy itself."""

import numpy as np


def heat_equation(start, conductivity, steps):
    """Temperatures of a plate whose edges are kept as they are: explicit steps, the size of which follows from stability.

    Returns the last temperatures, the mean temperature after each step and the largest change of the last step.
    """
    u = start.copy()
    rows, columns = u.shape
    dx = 1.0 / (rows - 1)
    dy = 1.0 / (columns - 1)
    dt = 0.2 * min(dx, dy) ** 2 / np.max(conductivity)
    inner = conductivity[1:-1, 1:-1]
    means = np.zeros(steps)
    change = 0.0
    for step in range(steps):
        center = u[1:-1, 1:-1]
        d2x = (u[2:, 1:-1] - 2.0 * center + u[:-2, 1:-1]) / dx**2
        d2y = (u[1:-1, 2:] - 2.0 * center + u[1:-1, :-2]) / dy**2
        update = dt * inner * (d2x + d2y)
        change = np.max(np.abs(update))
        u[1:-1, 1:-1] = center + update
        means[step] = np.mean(u)
    return u, means, change


def conjugate_gradient(matrix, right, steps):
    """Solve a symmetric positive definite system with Jacobi's preconditioner.

    Returns the solution, the norm of each residual, and how many steps were made.
    """
    n = right.shape[0]
    x = np.zeros(n)
    diagonal = np.empty(n)
    for i in range(n):
        diagonal[i] = matrix[i, i]
    residual = right - np.dot(matrix, x)
    z = residual / diagonal
    direction = z.copy()
    rho = np.dot(residual, z)
    norms = np.zeros(steps + 1)
    norms[0] = np.sqrt(np.dot(residual, residual))
    done = 0
    for step in range(steps):
        image = np.dot(matrix, direction)
        alpha = rho / np.dot(direction, image)
        x = x + alpha * direction
        residual = residual - alpha * image
        norms[step + 1] = np.sqrt(np.dot(residual, residual))
        done += 1
        if norms[step + 1] < 1e-10 * norms[0]:
            break
        z = residual / diagonal
        following = np.dot(residual, z)
        direction = z + (following / rho) * direction
        rho = following
    return x, norms, done


def softmax_layer(inputs, labels, weights, bias, rate, rounds):
    """Train a dense layer with softmax and cross entropy by gradient descent with momentum.

    Returns the weights, the bias, the loss of each round and the share of inputs that are classified rightly.
    """
    count = inputs.shape[0]
    classes = bias.shape[0]
    wanted = np.zeros((count, classes))
    for i in range(count):
        wanted[i, labels[i]] = 1.0
    w, b = weights.copy(), bias.copy()
    w_speed, b_speed = np.zeros_like(w), np.zeros_like(b)
    losses = np.zeros(rounds)
    for number in range(rounds):
        scores = np.dot(inputs, w) + b
        for i in range(count):
            scores[i] = scores[i] - np.max(scores[i])
        powers = np.exp(scores)
        totals = np.sum(powers, axis=1)
        chances = powers / totals.reshape(count, 1)
        losses[number] = -np.sum(wanted * np.log(chances + 1e-12)) / count
        error = (chances - wanted) / count
        w_speed = 0.9 * w_speed - rate * (np.dot(inputs.T, error) + 1e-4 * w)
        b_speed = 0.9 * b_speed - rate * np.sum(error, axis=0)
        w = w + w_speed
        b = b + b_speed
    scores = np.dot(inputs, w) + b
    right = 0
    for i in range(count):
        if np.argmax(scores[i]) == labels[i]:
            right += 1
    return w, b, losses, right / count


def covariance(data):
    """Covariances and correlations of the columns, moments of their standard scores, and the squared Mahalanobis distances of
    the rows by covariances that are shrunk towards those of independent columns."""
    count, columns = data.shape
    means = np.sum(data, axis=0) / count
    centered = data - means
    products = np.dot(centered.T, centered) / (count - 1)
    variances = np.empty(columns)
    for i in range(columns):
        variances[i] = products[i, i]
    deviations = np.sqrt(variances)
    correlations = products / np.outer(deviations, deviations)
    correlations = np.minimum(np.maximum(correlations, -1.0), 1.0)
    scores = centered / deviations
    skewness = np.sum(scores**3, axis=0) / count
    kurtosis = np.sum(scores * scores * scores * scores, axis=0) / count - 3.0
    outliers = np.sum(np.abs(scores) > 3.0)
    shrunk = 0.9 * products
    for i in range(columns):
        shrunk[i, i] += 0.1 * variances[i]
    solved = np.linalg.solve(shrunk, centered.T)
    distances = np.sum(centered * solved.T, axis=1)
    return products, correlations, distances, skewness, kurtosis, outliers


def distance_matrix(points, others, radius):
    """Distances between all points of two sets; for each point the nearest other one, how many are near and how near they are on
    average, and an estimate of the density; how much the distances vary, and the largest distance to a nearest point."""
    squares = np.sum(points * points, axis=1)
    other_squares = np.sum(others * others, axis=1)
    products = np.dot(points, others.T)
    distances = squares.reshape(-1, 1) + other_squares - 2.0 * products
    distances = np.sqrt(np.maximum(distances, 0.0))
    nearest = np.argmin(distances, axis=1)
    near = np.sum(distances < radius, axis=1)
    nearness = np.sum(np.where(distances < radius, distances, 0.0), axis=1)
    nearness = nearness / np.maximum(near, 1)
    kernel = np.exp(-(distances / radius) ** 2 / 2.0)
    density = np.sum(kernel, axis=1) / others.shape[0]
    mean = np.mean(distances)
    spread = np.sqrt(np.sum((distances - mean) ** 2) / distances.size)
    farthest = 0.0
    for i in range(points.shape[0]):
        farthest = max(farthest, distances[i, nearest[i]])
    return distances, nearest, near, nearness, density, spread / mean, farthest


def k_means(points, centers, rounds):
    """Lloyd's iterations: each point goes to the nearest center, each center to the mean of its points.

    Returns the centers, the number of each point's center, and the sum of the squared distances of each round.
    """
    count, axes = points.shape
    k = centers.shape[0]
    current = centers.copy()
    labels = np.zeros(count, np.int64)
    spreads = np.zeros(rounds)
    squares = np.sum(points * points, axis=1)
    for number in range(rounds):
        center_squares = np.sum(current * current, axis=1)
        distances = center_squares - 2.0 * np.dot(points, current.T)
        labels = np.argmin(distances, axis=1)
        total = 0.0
        moved = np.zeros((k, axes))
        for j in range(k):
            own = labels == j
            size = np.sum(own)
            if size > 0:
                members = points[own]
                moved[j] = np.sum(members, axis=0) / size
                total += np.sum(squares[own] + distances[:, j][own])
            else:
                moved[j] = current[j]
        shift = np.sum((moved - current) ** 2)
        current = moved
        spreads[number] = total
        if shift == 0.0:
            break
    return current, labels, spreads


def mandelbrot_arrays(left, right, bottom, top, columns, rows, limit):
    """After how many steps each point of a grid escapes, and a smooth measure of it; arrays shrink to the points inside."""
    x = np.linspace(left, right, columns)
    y = np.linspace(bottom, top, rows)
    c = (x + 1j * y.reshape(-1, 1)).ravel()
    counts = np.zeros(rows * columns, np.int64)
    sizes = np.zeros(rows * columns)
    places = np.arange(rows * columns)
    z = np.zeros(rows * columns, np.complex128)
    for step in range(limit):
        z = z * z + c
        square = z.real * z.real + z.imag * z.imag
        escaped = square > 4.0
        if np.any(escaped):
            gone = places[escaped]
            counts[gone] = step + 1
            sizes[gone] = square[escaped]
            inside = ~escaped
            z = z[inside]
            c = c[inside]
            places = places[inside]
        if places.size == 0:
            break
    outside = counts > 0
    smooth = np.zeros(rows * columns)
    smooth[outside] = counts[outside] + 1.0 - np.log2(np.log(sizes[outside]) / 2.0)
    return counts.reshape(rows, columns), smooth.reshape(rows, columns)


def ssa_filter(series, window, kept):
    """Singular spectrum analysis: keep the strongest components of a series.

    Returns the filtered series, what is left of it, and the share of the variance that each component has.
    """
    n = series.shape[0]
    columns = n - window + 1
    mean = np.mean(series)
    centered = series - mean
    trajectory = np.empty((window, columns))
    for i in range(window):
        trajectory[i] = centered[i : i + columns]
    values, vectors = np.linalg.eigh(np.dot(trajectory, trajectory.T))
    shares = values[::-1] / np.sum(values)
    strongest = np.ascontiguousarray(vectors[:, window - kept :])
    low_rank = np.dot(strongest, np.dot(strongest.T, trajectory))
    sums = np.zeros(n)
    counts = np.zeros(n)
    for i in range(window):
        sums[i : i + columns] += low_rank[i]
        counts[i : i + columns] += 1.0
    filtered = sums / counts + mean
    return filtered, series - filtered, shares[:kept]


def black_scholes(spot, strike, time, rate, volatility):
    """Prices of European calls and puts, their deltas, gammas and vegas, and how well put-call parity holds.

    The normal distribution function is computed by formula 26.2.17 of Abramowitz and Stegun.
    """
    root = volatility * np.sqrt(time)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * time) / root
    d2 = d1 - root
    discounted = strike * np.exp(-rate * time)
    densities = np.exp(-0.5 * d1 * d1) / np.sqrt(2.0 * np.pi)
    first = normal_distribution(d1)
    second = normal_distribution(d2)
    call = spot * first - discounted * second
    put = discounted * (1.0 - second) - spot * (1.0 - first)
    gamma = densities / (spot * root)
    vega = spot * densities * np.sqrt(time)
    parity = np.max(np.abs(call - put - spot + discounted))
    in_the_money = np.where(spot > strike, call, put)
    return call, put, first, gamma, vega, in_the_money.mean(), parity


def normal_distribution(x):
    """The share of a normal distribution that is below x."""
    size = np.abs(x)
    k = 1.0 / (1.0 + 0.2316419 * size)
    series = k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))))
    upper = np.exp(-0.5 * size * size) / np.sqrt(2.0 * np.pi) * series
    return np.where(x >= 0.0, 1.0 - upper, upper)


def page_rank(links, preferences, damping, rounds):
    """Personalized ranks of pages by the power method; pages without links lead everywhere.

    Returns the ranks, their order, how they changed in each round, the share of the best ten, and the spread.
    """
    n = links.shape[0]
    weights = links.astype(np.float64)
    degrees = np.sum(weights, axis=1)
    dangling = degrees == 0.0
    safe = np.where(dangling, 1.0, degrees)
    transition = np.ascontiguousarray((weights / safe.reshape(n, 1)).T)
    teleport = (1.0 - damping) * preferences / np.sum(preferences)
    rank = np.full(n, 1.0 / n)
    changes = np.zeros(rounds)
    for number in range(rounds):
        lost = np.sum(rank[dangling])
        following = damping * (np.dot(transition, rank) + lost / n) + teleport
        following = following / np.sum(following)
        changes[number] = np.sum(np.abs(following - rank))
        rank = following
        if changes[number] < 1e-12:
            break
    order = np.argsort(-rank)
    best = order[:10]
    share = np.sum(rank[best])
    spread = np.std(rank) / np.mean(rank)
    return rank, order, changes, share, spread
