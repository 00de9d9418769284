"""Single functions and expressions of NumPy on one or two long arrays, with what is to be reached at 100,000 items."""

from collections.abc import Callable

import attrs
import numpy as np

SIZES = (100, 100_000, 10_000_000)


def sum_of(a):
    return np.sum(a)


def max_of(a):
    return np.max(a)


def std_of(a):
    return np.std(a)


def exp_of(a):
    return np.exp(a)


def log_of(a):
    return np.log(a)


def sin_of(a):
    return np.sin(a)


def cos_of(a):
    return np.cos(a)


def pow_of(a, b):
    return a**b


def tanh_of(a):
    return np.tanh(a)


def norm_sum(a, b):
    return np.sqrt(a * a + b * b).sum()


def linear(a, b):
    return a * 2 + b * 3 - 1


def larger(a, b):
    return np.where(a > b, a, b)


def standardized(a):
    return (a - a.mean()) / a.std()


def sorted_copy(a):
    return np.sort(a)


def sorted_order(a):
    return np.argsort(a)


@attrs.frozen
class Expression:
    """What is measured, under the name it has in the table; the largest ratios to the times of Numba and of NumPy."""

    name: str
    function: Callable
    numba_limit: float
    numpy_limit: float | None = None

    def arguments(self, size: int) -> tuple:
        """Positive numbers of moderate size, the same each time."""
        source = np.random.default_rng(3)
        count = self.function.__code__.co_argcount
        return tuple(0.1 + 3.0 * source.random(size) for _ in range(count))


EXPRESSIONS = (
    Expression("np.sum(a)", sum_of, 1 / 3, 1.1),
    Expression("np.max(a)", max_of, 1 / 3, 1.1),
    Expression("np.std(a)", std_of, 1 / 3, 1.1),
    Expression("np.exp(a)", exp_of, 1 / 4, 0.7),
    Expression("np.log(a)", log_of, 1 / 4, 1.0),
    Expression("np.sin(a)", sin_of, 1 / 4, 1.0),
    Expression("np.cos(a)", cos_of, 1 / 4, 1.0),
    Expression("a**b", pow_of, 1 / 4, 1.0),
    Expression("np.tanh(a)", tanh_of, 1 / 4, 1.0),
    Expression("np.sqrt(a*a + b*b).sum()", norm_sum, 0.7, 1 / 3),
    Expression("a*2 + b*3 - 1", linear, 0.7, 1 / 3),
    Expression("np.where(a > b, a, b)", larger, 0.7, 1 / 3),
    Expression("(a - a.mean())/a.std()", standardized, 0.7, 1 / 3),
    Expression("np.sort(a)", sorted_copy, 0.8),
    Expression("np.argsort(a)", sorted_order, 0.8),
)
