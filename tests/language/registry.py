"""The decorators that make a function of this package a program to be tested, with the inputs it is tested on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs


@attrs.frozen
class Program:
    """A function and the argument lists that it is run with."""

    function: Callable[..., Any]
    inputs: tuple[tuple[Any, ...], ...]

    @property
    def name(self) -> str:
        module = self.function.__module__.rpartition(".")[2]
        return f"{module}.{self.function.__name__}"


PROGRAMS: list[Program] = []


def program(*inputs: tuple[Any, ...]) -> Callable[[Callable], Callable]:
    """Each of `inputs` is one list of arguments."""
    assert inputs and all(isinstance(i, tuple) for i in inputs), inputs

    def register(function: Callable) -> Callable:
        PROGRAMS.append(Program(function, inputs))
        return function

    return register


def each(*values: Any) -> Callable[[Callable], Callable]:
    """For functions of one argument: each of `values` is one input."""
    return program(*((value,) for value in values))
