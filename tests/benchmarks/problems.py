"""The inputs of the ten kernels: one size for machine code, one that the interpreter finishes in a moment."""

from collections.abc import Callable

import attrs
import numpy as np

from tests.benchmarks import kernels

Arguments = tuple


@attrs.frozen
class Problem:
    """A kernel with makers of its arguments; the same seed makes the same arguments every time.

    `c_result` is the type that the C version returns, as the name of a ctypes class.
    """

    function: Callable
    large: Callable[[], Arguments]
    small: Callable[[], Arguments]
    c_result: str | None = None

    @property
    def name(self) -> str:
        """The name of the kernel, the same in Python and C."""
        return self.function.__name__


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).random(shape)


def _mandelbrot(rows: int, limit: int) -> Arguments:
    return -2.0, -1.25, 2.5 / rows, limit, np.zeros((rows, rows), np.int64)


def _nbody(steps: int) -> Arguments:
    return 10.0 * _random(5, 3), _random(5, 3) - 0.5, 0.1 + _random(5), 0.001, steps


def _stencil(rows: int, sweeps: int) -> Arguments:
    grid = _random(rows, rows)
    return grid, grid.copy(), sweeps


def _matrix_multiply(n: int) -> Arguments:
    return _random(n, n + 1), _random(n + 1, n + 2), np.zeros((n, n + 2))


def _prefix_sum(n: int) -> Arguments:
    return _random(n), np.zeros(n)


def _sieve(n: int) -> Arguments:
    return (np.zeros(n, np.bool_),)


def _levenshtein(n: int) -> Arguments:
    letters = np.random.default_rng(2).integers(97, 101, 2 * n, np.uint8)
    return letters[:n].copy(), letters[n:].copy(), np.zeros(n + 1, np.int64)


def _floyd_warshall(n: int) -> Arguments:
    edges = _random(n, n)
    edges[edges > 0.3] = np.inf
    np.fill_diagonal(edges, 0.0)
    return (edges,)


def _bisection(n: int) -> Arguments:
    return 100.0 * _random(n), np.zeros(n), 50


PROBLEMS = (
    Problem(kernels.mandelbrot, lambda: _mandelbrot(200, 200), lambda: _mandelbrot(30, 100)),
    Problem(kernels.nbody, lambda: _nbody(100_000), lambda: _nbody(300)),
    Problem(kernels.stencil, lambda: _stencil(256, 100), lambda: _stencil(40, 10)),
    Problem(kernels.matrix_multiply, lambda: _matrix_multiply(192), lambda: _matrix_multiply(30)),
    Problem(kernels.prefix_sum, lambda: _prefix_sum(1_000_000), lambda: _prefix_sum(100_000)),
    Problem(kernels.sieve, lambda: _sieve(2_000_000), lambda: _sieve(50_000), "c_int64"),
    Problem(kernels.levenshtein, lambda: _levenshtein(2000), lambda: _levenshtein(150), "c_int64"),
    Problem(kernels.floyd_warshall, lambda: _floyd_warshall(200), lambda: _floyd_warshall(30)),
    Problem(kernels.monte_carlo, lambda: (3_000_000, 42), lambda: (50_000, 42), "c_double"),
    Problem(kernels.bisection, lambda: _bisection(20_000), lambda: _bisection(500)),
)


def outcome(function: Callable, arguments: Arguments) -> list:
    """Call on copies of the array arguments; return the result and the arrays as they are afterwards."""
    fresh = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments]
    result = function(*fresh)
    return [result, *(argument for argument in fresh if isinstance(argument, np.ndarray))]


def check_outcomes(expected: list, actual: list) -> None:
    """Raise AssertionError unless two outcomes agree to the last few bits."""
    if (expected[0] is None) != (actual[0] is None):
        raise AssertionError(f"one result is None: {expected[0]!r}, {actual[0]!r}")
    for one, other in zip(expected, actual, strict=True):
        if one is not None:
            np.testing.assert_allclose(other, one, rtol=1e-13, atol=0)
