"""What the programs for object mode work on."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from object_harness import note

Programs = dict[str, tuple[str, list[Callable[[], tuple[Any, ...]]]]]
"""Source by name, with calls that make the arguments anew."""


def numbers() -> np.ndarray:
    """A short array."""
    return np.arange(1.0, 6.0)


class Frame:
    """Columns by name, as attributes and as items."""

    def __init__(self, **columns: np.ndarray) -> None:
        self.columns = columns

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def __setitem__(self, name: str, column: np.ndarray) -> None:
        self.columns[name] = column

    def __getattr__(self, name: str) -> np.ndarray:
        return self.__dict__["columns"][name]

    def iterrows(self) -> Iterator[dict[str, Any]]:
        """Each row, by the names of the columns."""
        for row in zip(*self.columns.values()):
            yield dict(zip(self.columns, row))

    @property
    def values(self) -> np.ndarray:
        """All columns as one matrix."""
        return np.stack(list(self.columns.values()), axis=1)


class Holder:
    """An object with an array and a sum."""

    def __init__(self, n: float) -> None:
        self.n, self.arr, self.total = n, np.arange(float(n)), 0.0


class Settings:
    """An object with numbers that programs change."""

    def __init__(self) -> None:
        self.scale, self.count = 2.0, 0


@contextlib.contextmanager
def context(*values: Any) -> Iterator[tuple[Any, ...]]:
    """Notes that it is entered and left, and swallows divisions by zero."""
    note("in", *values)
    try:
        yield values
    except ZeroDivisionError:
        note("swallowed")
    finally:
        note("out")


def noting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, noting each call."""

    @functools.wraps(function)
    def noted(*arguments: Any, **named: Any) -> Any:
        note("called")
        return function(*arguments, **named)

    return noted


NAMES = {
    "state": {"count": 0}, "settings": Settings(), "shared": [],
    "context": context, "noting": noting, "functools": functools, "G": 0,
}  # fmt: skip
