"""What the expander writes programs from: the tables of one sort of programs."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from typing import Any

import attrs

from tests.fuzz.inputs import DTYPES, LAYOUTS

Forms = dict[str, tuple[str, ...]]
Iterables = tuple[tuple[str, tuple[str, ...]], ...]


@attrs.frozen
class Grammar:
    """`<kind>` in a form stands for an expression of the kind, `<kind!>` for the name of such a variable, `<new>` for a new name.

    Attributes:
        parameters: the names of the arguments.
        inputs: makes so many texts of tuples of arguments, of the same types.
        helpers: functions in front of the program.
        kinds: whether a value is of a kind.
        leaves: expressions without parts.
        forms: expressions with parts.
        rare_forms: further ones, which are chosen less often.
        statements: statements that bind nothing which is read later.
        rare_statements: further ones.
        iterables: where loops take their items from, and the kinds of these.
        errors: what is raised.
        assigned: the kinds of variables, as often as they are wanted.
        first: kinds of variables that are assigned before anything else.
        results: kinds of what is returned and never read, as its last digits may differ.
        objects: whether the programs are for `jit`, with statements that only the interpreter does.
        length: how many statements a program has, beside those inside of others: from the first number to below the second.
        change: what is done to the tree of what runs on the sample arguments, with `names` that mean something then.
    """

    parameters: tuple[str, ...]
    inputs: Callable[[random.Random, int], list[str]]
    helpers: str
    kinds: dict[str, Callable[[Any], bool]]
    leaves: Forms
    forms: Forms
    rare_forms: Forms
    statements: tuple[str, ...]
    rare_statements: tuple[str, ...]
    iterables: Iterables
    errors: tuple[str, ...]
    assigned: tuple[str, ...]
    first: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    objects: bool = False
    length: tuple[int, int] = (2, 6)
    change: Callable[[], ast.NodeTransformer] | None = None
    names: dict[str, Any] = attrs.field(factory=dict)


def numbers_and_arrays(*axes: int) -> Callable[[random.Random, int], list[str]]:
    """Inputs: two ints, a float, a complex number, two of NumPy's scalars, and arrays with so many axes."""

    def texts(r: random.Random, count: int) -> list[str]:
        forms = [(r.choice(DTYPES), r.choice(LAYOUTS), each) for each in axes]
        numbers = [r.choice(DTYPES) for _ in range(2)]
        return [_text(r, number, numbers, forms) for number in range(count)]

    return texts


def _text(r: random.Random, number: int, numbers: list[str], forms: list[tuple[str, str, int]]) -> str:
    n, k, w = r.randrange(-4, 12), r.choice((0, 1, 2, 3, 5)), r.choice((0.5, 2.0, -1.25, 3.0, 0.0, -0.0))
    length = r.choice((3, 4, 5, 6)) if number < 3 else r.choice((0, 1, 17))
    arrays = [f'array("{d}", {_shape(r, axes, length)}, "{layout}", {r.randrange(10**6)})' for d, layout, axes in forms]
    scalars = ", ".join(_scalar(r, dtype) for dtype in numbers)
    return f"({n}, {k}, {w}, {complex(w, k)!r}, {scalars}, {', '.join(arrays)})"


def _scalar(r: random.Random, dtype: str) -> str:
    values = {"b": ("0", "1"), "u": ("0", "3", "200"), "i": ("-3", "0", "100"), "f": ("0.5", "-0.0", "np.inf", "-2.25"), "c": ("1+2j", "-0.5j")}
    kind = {"float": "f", "uint": "u", "int": "i", "bool": "b", "complex": "c"}[dtype.rstrip("0123456789")]
    return f'np.dtype("{dtype}").type({r.choice(values[kind])})'


def _shape(r: random.Random, axes: int, length: int) -> tuple[int, ...]:
    """Axes that fit each other often."""
    return (*(r.choice((length, 2, 3)) for _ in range(axes - 1)), length)
