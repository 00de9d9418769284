"""The inputs of the programs on whole arrays: one size for everyone to agree on, one to be measured with."""

import types
from collections.abc import Callable

import attrs
import numpy as np

from tests.benchmarks import programs


@attrs.frozen
class ArrayProblem:
    """A program with makers of its arguments; `helpers` are functions of its module that it calls."""

    function: Callable
    large: Callable[[], tuple]
    small: Callable[[], tuple]
    helpers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the program."""
        return self.function.__name__

    def compiled(self, njit: Callable) -> Callable:
        """The program compiled, with the functions that it calls compiled too: a copy, so that NumPy's stays as it is."""
        names = dict(vars(programs))
        names.update({name: njit(names[name]) for name in self.helpers})
        return njit(types.FunctionType(self.function.__code__, names, self.name))


def _source(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


def _heat(n: int, steps: int) -> tuple:
    source = _source()
    return source.random((n, n)), 0.5 + source.random((n, n)), steps


def _system(n: int, steps: int) -> tuple:
    source = _source()
    factor = source.standard_normal((n, n))
    return factor @ factor.T / n + np.eye(n), source.random(n), steps


def _training(count: int, features: int, classes: int, rounds: int) -> tuple:
    source = _source()
    inputs = source.standard_normal((count, features))
    labels = np.argmax(inputs @ source.standard_normal((features, classes)), axis=1)
    return inputs, labels, 0.01 * source.standard_normal((features, classes)), np.zeros(classes), 0.1, rounds


def _clusters(count: int, k: int, rounds: int) -> tuple:
    source = _source()
    centers = 4.0 * source.standard_normal((k, 3))
    points = centers[source.integers(0, k, count)] + source.standard_normal((count, 3))
    return points, points[:k].copy(), rounds


def _series(n: int, window: int) -> tuple:
    time = np.linspace(0.0, 20.0, n)
    return np.sin(time) + 0.1 * time + 0.3 * _source().standard_normal(n), window, 4


def _options(n: int) -> tuple:
    source = _source()
    return 80.0 + 40.0 * source.random(n), np.full(n, 100.0), 0.1 + source.random(n), 0.03, 0.1 + 0.3 * source.random(n)


def _links(n: int, rounds: int) -> tuple:
    source = _source()
    links = source.random((n, n)) < 0.02
    links[::50] = False
    return links, source.random(n), 0.85, rounds


PROBLEMS = (
    ArrayProblem(programs.heat_equation, lambda: _heat(200, 100), lambda: _heat(12, 5)),
    ArrayProblem(programs.conjugate_gradient, lambda: _system(400, 20), lambda: _system(10, 5)),
    ArrayProblem(programs.softmax_layer, lambda: _training(2000, 20, 10, 20), lambda: _training(30, 4, 3, 3)),
    ArrayProblem(programs.covariance, lambda: (_source().random((20_000, 20)),), lambda: (_source().random((40, 3)),)),
    ArrayProblem(
        programs.distance_matrix,
        lambda: (_source(1).random((600, 8)), _source(2).random((800, 8)), 0.7),
        lambda: (_source(1).random((9, 2)), _source(2).random((7, 2)), 0.5),
    ),
    ArrayProblem(programs.k_means, lambda: _clusters(20_000, 8, 10), lambda: _clusters(60, 3, 4)),
    ArrayProblem(
        programs.mandelbrot_arrays,
        lambda: (-2.0, 0.5, -1.25, 1.25, 200, 200, 100),
        lambda: (-2.0, 0.5, -1.25, 1.25, 12, 10, 20),
    ),
    ArrayProblem(programs.ssa_filter, lambda: _series(2000, 100), lambda: _series(60, 12)),
    ArrayProblem(programs.black_scholes, lambda: _options(200_000), lambda: _options(50), ("normal_distribution",)),
    ArrayProblem(programs.page_rank, lambda: _links(600, 50), lambda: _links(30, 20)),
)
