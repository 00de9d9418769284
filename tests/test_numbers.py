"""What a number is, in compiled code: its text, subnormal numbers, fast arithmetic only where it is asked for, and how exact
results are (`tests/accuracy.py` prints the tables of `tutorials/accuracy.md`)."""

from __future__ import annotations

import math
import random
import struct
from typing import Any

import numpy as np
import pytest
from accuracy import TABLES, printed

from tracer import njit

FLOATS = [
    0.0, -0.0, 1.0, 0.1, 1e16, 1e15, 123456789012345.6, 1e22, 1e23, 9007199254740993.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
    math.pi, -1e-5, 1e-4, 0.3, 2 / 3, math.inf, -math.inf, math.nan, 1e100, 4.35, 2.675,
]  # fmt: skip


def any_floats(count: int) -> list[float]:
    """Floats of any bits."""
    source = random.Random(8)
    return [struct.unpack("d", source.randbytes(8))[0] for _ in range(count)]


def message(function: Any, *arguments: Any) -> str:
    with pytest.raises(ValueError) as caught:
        function(*arguments)
    return str(caught.value)


# --- texts


def test_texts_of_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    def show(x: Any) -> None:
        print(x, (x, -x), sep=" | ")

    def refuse(x: Any) -> None:
        raise ValueError(f"{x} {x!r} {x:.3e} {x:>12.4f} {x:g}")

    for kind in (float, np.float64, np.float32):
        shown, refused = njit(show), njit(refuse)
        for x in (*FLOATS, *any_floats(150)):
            with np.errstate(all="ignore"):
                number = kind(x)
            show(number)
            expected = capsys.readouterr().out
            shown(number)
            assert capsys.readouterr().out == expected
            assert message(refused, number) == message(refuse, number)


def test_texts_of_integers_and_complex_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    def show(x: Any) -> None:
        print(x, (x, x), end="!\n")

    def refuse(x: Any) -> None:
        raise ValueError("at", x, f"{x}")

    integers = [f(x) for f in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint64) for x in (np.iinfo(f).min, np.iinfo(f).max)]
    others = [complex(a, b) for a in (0.0, -0.0, 1.5, math.inf, math.nan) for b in (0.0, -0.0, -2.5e-7, math.nan)]
    for x in (*integers, 2**63 - 1, -(2**63), True, np.True_, *others, *map(np.complex64, others), None, (1, 2.5, None)):
        show(x)
        expected = capsys.readouterr().out
        njit(show)(x)
        assert capsys.readouterr().out == expected
        with pytest.raises(ValueError) as caught:
            njit(refuse)(x)
        assert repr(caught.value) == repr(ValueError("at", x, f"{x}"))


# --- subnormal numbers


@pytest.mark.parametrize("kind", (np.float64, np.float32))
def test_subnormal_numbers_are_kept(kind: type) -> None:
    """As operands and as results, one at a time and in vectors."""
    smallest, normal = np.finfo(kind).smallest_subnormal, np.finfo(kind).smallest_normal
    a = (np.arange(1, 66) * smallest).astype(kind)
    b = (normal * np.linspace(0.5, 2.0, a.size)).astype(kind)
    half, two = kind(0.5), kind(2)
    for function in (
        lambda a, b: a + a, lambda a, b: b - a, lambda a, b: a * two, lambda a, b: b * half, lambda a, b: a / two, lambda a, b: b / two,
        lambda a, b: np.sqrt(a), lambda a, b: np.abs(-a), lambda a, b: np.maximum(a, -b), lambda a, b: a > 0, lambda a, b: np.sign(a),
    ):  # fmt: skip
        expected, actual = function(a, b), njit(function)(a, b)
        assert actual.tobytes() == expected.tobytes() and expected.any()
        for x, y in zip(a[::9], b[::9]):
            assert njit(function)(x, y) == function(x, y)
    assert njit(lambda a: a.sum())(a) == a.sum() != 0
    assert njit(lambda a: np.cumsum(a))(a).tobytes() == np.cumsum(a).tobytes()


# --- fast arithmetic

FLAGS = {"fast", "nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"}


def flags(function: Any, *arguments: Any, **options: Any) -> set[str]:
    """The fast-math flags in the LLVM text."""
    compiled = njit(**options)(function)
    compiled(*arguments)
    return FLAGS & {word for graph in compiled.graphs.values() for word in graph.text("llvm-input").split()}


def test_fast_arithmetic_only_where_it_is_asked_for() -> None:
    a = np.linspace(0.1, 2.0, 50)
    functions = [
        lambda a: np.exp(a) * np.sin(a) ** 2 / a, lambda a: np.sqrt(a * a + 1) - np.log1p(a), lambda a: a[0] * a[1] + a[2],
        lambda a: math.fma(a[0], a[1], a[2]) if hasattr(math, "fma") else a[0] % a[1], lambda a: np.cumsum(a), lambda a: np.hypot(a, a[0]),
        lambda a: (a + 1j) * (a - 1j) / (a + 2j), lambda a: np.linalg.norm(a.reshape(5, 10)), lambda a: np.tanh(a) @ a, lambda a: np.interp(a, a, a),
    ]  # fmt: skip
    for function in functions:
        assert flags(function, a) <= {"reassoc", "nsz"}, function
    assert flags(lambda x, y: (x + y) * (x - y) / y, 1.5, 2.5) == set()
    assert flags(lambda x, y: (x + y) * (x - y) / y, 1.5, 2.5, fastmath=True) == {"fast"}
    assert flags(lambda x, y: (x + y) * (x - y) / y, 1.5, 2.5, fastmath={"nnan", "contract"}) == {"nnan", "contract"}


def test_only_sums_are_reordered_and_only_extremes_leave_zeros_open() -> None:
    a = np.linspace(0.1, 2.0, 50)
    assert flags(lambda a: a.sum(), a) == {"reassoc"}
    assert flags(lambda a: np.max(a), a) == {"nsz"}
    assert flags(lambda a: np.cumsum(a) + np.sort(a), a) == set()


# --- exactness

MOST = {"elementary": 1.0, "scalars": 6.0, "complex": 8.0, "sums": 2.5}  # units in the last place, of ours
NOT_BETTER = {"power", "cumsum, last"}  # errors that grow with the exponent and the length, as NumPy's and Python's do


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.exhaustive] * (name == "elementary")) for name in TABLES])
def test_tables(name: str) -> None:
    head, *rows = TABLES[name](20)
    assert len(rows) >= 16
    columns = [i for i, title in enumerate(head) if title not in ("function", "NumPy", "Python", "length", "NumPy: mean")][: {"sums": 2}.get(name)]
    for row in rows:
        assert printed(row).startswith(row[0])
        for i in columns:
            assert row[i] <= MOST[name] or row[0] in NOT_BETTER, (head[i], row)
