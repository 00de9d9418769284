"""Every program of `tests/language`: CPython, the reference interpreter and machine code must do the same.

Compared are the result with its exact type, signed zeros and NaN, the class and arguments of an exception, and what
is left in the arrays that were passed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import language
import numpy as np
import pytest
from language.outcomes import run, same, same_outcome
from language.registry import PROGRAMS, Program

from ir import interp
from ir.verify import verify
from tracer import Graph, NopythonError, njit, trace, typeof
from tracer.library.messages import FLOAT_POW_COMPLEX, NEGATIVE_EXPONENT

for _module in pkgutil.iter_modules(language.__path__):
    importlib.import_module(f"language.{_module.name}")


def routes(graph: Graph, compiled: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """All ways to run a program besides Python itself."""
    return {
        "the interpreter on the traced graph": partial(interp.run, graph.ir),
        "the interpreter on the optimized graph": partial(interp.run, graph.optimized),
        "the compiled graph": graph,
        "njit": compiled,
    }


def verified(graph: Graph) -> Graph:
    """The graph, after a check of its form before and after the passes."""
    verify(graph.ir)
    verify(graph.optimized)
    return graph


def differences(program: Program) -> list[str]:
    """What any of the ways does other than Python, for any input."""
    found = []
    compiled = njit(program.function)
    graphs: dict[tuple, Graph] = {}
    for arguments in program.inputs:
        expected = run(program.function, arguments)
        types = tuple(map(typeof, arguments))
        if types not in graphs:
            graphs[types] = verified(trace(program.function)(*types))
        graph = graphs[types]
        for route, function in routes(graph, compiled).items():
            actual = run(function, arguments)
            if not same_outcome(actual, expected):
                found.append(f"{program.name}{arguments!r}: {route} gives {actual}, Python {expected}")
    return found


@pytest.mark.quick_cases(120)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_program(program: Program) -> None:
    found = differences(program)
    assert not found, "\n".join(found)


def test_there_are_many_programs_and_no_name_twice() -> None:
    names = [program.name for program in PROGRAMS]
    assert len(names) > 250
    assert len(set(names)) == len(names)


# --- what is deliberately not as in Python


@attrs.frozen
class Difference:
    """A call whose result is not Python's: the reason, and what Python and compiled code give."""

    reason: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    python: Any
    compiled: Any
    machine_only: bool = False  # the interpreter asks NumPy itself


def _add(a, b):
    return a + b


def _multiply(a, b):
    return a * b


def _power(a, b):
    return a**b


def _shift(a, b):
    return a << b


def _negated(a):
    return -a


def _truncated(x):
    return int(x)


def _smaller(a, b):
    return a if a < b else b


def _smallest(a, b):
    return min(a, b)


def _branch(n):
    if n > 0:
        return 1
    return 2.5


def _halved_often(n):
    x = 1
    for _ in range(n):
        x = x / 2
    return x


def _total(a):
    total = 0
    for x in a:
        total += x
    return total


def _largest(a):
    return max(a, default=0)


def _rest(a, b):
    first, *rest = a, b, 2.5
    return rest


def _both(a, b):
    return a and b


def _item(a, i):
    return a[i]


def _strides(a):
    return a.strides


def _store(a, v):
    a[0] = v
    return a[0]


_WRAPS = "Python's integers have 64 bits here, and wrap"
_JOINS = "a variable that is bound on several paths has one type, which holds all the values"
DIFFERENCES = (
    Difference(_WRAPS, _add, (2**63 - 1, 1), 2**63, -(2**63)),
    Difference(_WRAPS, _multiply, (2**62, 6), 6 * 2**62, -(2**63)),
    Difference(_WRAPS, _power, (3, 41), 3**41, 3**41 - 2 * 2**64),
    Difference(_WRAPS, _shift, (3, 63), 3 << 63, -(2**63)),
    Difference(_WRAPS, _shift, (3, 64), 3 << 64, 0),
    Difference(_WRAPS, _negated, (-(2**63),), 2**63, -(2**63)),
    Difference(_WRAPS, _truncated, (1e20,), 10**20, OverflowError("the result does not fit in a 64-bit integer")),
    Difference("an integer to a negative power is a float in Python", _power, (2, -1), 0.5, ValueError(NEGATIVE_EXPONENT)),
    Difference("a fractional power of a negative number is complex in Python", _power, (-4.0, 0.5), (-4.0) ** 0.5,
               ValueError(FLOAT_POW_COMPLEX)),
    Difference(_JOINS, _smaller, (2.5, 1), 1, 1.0),
    Difference(_JOINS, _smallest, (2.5, 1), 1, 1.0),
    Difference(_JOINS, _branch, (1,), 1, 1.0),
    Difference(_JOINS, _halved_often, (0,), 1, 1.0),
    Difference(_JOINS, _total, (np.zeros(0),), 0, np.float64(0.0)),
    Difference(_JOINS, _largest, (np.zeros(0, np.int8),), 0, np.int8(0)),
    Difference(_JOINS, _both, (0, 2.5), 0, 0.0),
    Difference("an index beyond 64 bits is out of bounds", _item, (np.zeros(2), np.uint64(2**63)),
               OverflowError("Python int too large to convert to C long"),
               IndexError("index 9223372036854775807 is out of bounds for axis 0 with size 2")),
    Difference("an empty contiguous array has the strides that its shape gives", _strides, (np.zeros((2, 0), np.int8),), (0, 0), (0, 1),
               machine_only=True),
    Difference("`*rest` collects a tuple", _rest, (1, 2), [2, 2.5], (2, 2.5)),
    Difference("NumPy's integers wrap when they are stored, in signed arrays too", _store, (np.zeros(1, np.int16), np.int32(70000)),
               OverflowError("Python integer 70000 out of bounds for int16"), np.int16(4464)),
)  # fmt: skip


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: f"{d.function.__name__[1:]}{d.arguments!r}")
def test_deliberate_difference(difference: Difference) -> None:
    """Python itself gives what the table says, and all the other ways give what it says for compiled code."""
    python = run(difference.function, difference.arguments)
    assert same(python.result, difference.python), python
    graph = trace(difference.function)(*difference.arguments)
    for route, function in routes(graph, njit(difference.function)).items():
        if difference.machine_only and route.startswith("the interpreter"):
            continue
        actual = run(function, difference.arguments)
        assert same(actual.result, difference.compiled), f"{route} gives {actual}"


# --- what is refused, with an error that says so


def _filtered(a):
    return sum(x for x in a if x > 1)


def _two_loops(a):
    return sum(x * y for x in a for y in a)


def _squares(a):
    return [x * x for x in a]


def _caught(a):
    try:
        return a[5]
    except IndexError:
        return 0


REFUSED = (
    (_filtered, "generator expression with a condition"), (_two_loops, "several loops"), (_squares, "list comprehension"), (_caught, "try"),
)  # fmt: skip


@pytest.mark.parametrize("function, reason", REFUSED, ids=lambda x: x.__name__[1:] if callable(x) else "")
def test_what_is_not_there_yet_is_refused(function: Callable[..., Any], reason: str) -> None:
    with pytest.raises(NopythonError, match=reason):
        njit(function)(np.arange(3.0))
