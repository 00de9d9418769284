"""How far results are from the exact ones, as tables: what `tutorials/accuracy.md` shows.

    python tests/accuracy.py [--count N] [elementary] [scalars] [complex] [sums]

All errors are in units in the last place of the exact result, the largest found (for sums: also the mean); beside ours stand
NumPy's, or those of Python's `math` and `cmath`. The references are mpmath's, and `math.fsum` on exact products.
"""

from __future__ import annotations

import argparse
import cmath
import math
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from elementary_reference import MP, REFERENCES, anywhere, errors_in_ulps, samples, ulps

from tracer import njit

Row = tuple[Any, ...]


def worst(errors: np.ndarray) -> float:
    """The largest of the errors."""
    return float(errors.max(initial=0.0))


# --- elementary functions of arrays


def elementary(count: int) -> Iterator[Row]:
    """On arguments of the usual sizes, and on any: subnormal, huge, next to multiples of pi/2 and to 1."""
    yield "function", "float64", "NumPy", "any", "NumPy", "float32", "NumPy", "any", "NumPy"
    for ufunc in REFERENCES:
        yield ufunc.__name__, *(error for dtype in (np.float64, np.float32) for error in _elementary(ufunc, dtype, count))


def _elementary(ufunc: np.ufunc, dtype: type, count: int) -> Iterator[float]:
    compiled = njit((lambda a: ufunc(a)) if ufunc.nin == 1 else (lambda a, b: ufunc(a, b)))
    for operands in (samples(ufunc, dtype, count), anywhere(ufunc, dtype, 4 * count)):
        for function in (compiled, ufunc):
            yield worst(errors_in_ulps(ufunc, operands, function(*operands)))


# --- functions of `math` on Python's floats

SCALARS: dict[Any, Callable[..., Any]] = {
    math.exp: MP.exp, math.expm1: MP.expm1, math.log: MP.log, math.log2: lambda x: MP.log(x) / MP.log(2), math.log10: MP.log10,
    math.log1p: MP.log1p, math.sqrt: MP.sqrt, math.sin: MP.sin, math.cos: MP.cos, math.tan: MP.tan, math.asin: MP.asin,
    math.acos: MP.acos, math.atan: MP.atan, math.sinh: MP.sinh, math.cosh: MP.cosh, math.tanh: MP.tanh, math.asinh: MP.asinh,
    math.acosh: MP.acosh, math.atanh: MP.atanh, math.erf: MP.erf, math.erfc: MP.erfc, math.gamma: MP.gamma,
    math.lgamma: lambda x: MP.log(abs(MP.gamma(x))), math.atan2: MP.atan2, math.hypot: MP.hypot, math.pow: MP.power,
}  # fmt: skip


def scalar_arguments(function: Any, count: int) -> Iterator[tuple[float, ...]]:
    """Arguments of many sizes for which the function is a finite number, not zero."""
    source = np.random.default_rng(11)
    arity = 2 if function in (math.atan2, math.hypot, math.pow) else 1
    for spread in (0.1, 1.0, 10.0, 300.0):
        for _ in range(count):
            arguments = tuple(float(x) for x in source.normal(size=arity) * spread ** source.uniform(-1, 1, arity))
            try:
                result = function(*arguments)
            except (ValueError, OverflowError):
                continue
            if result != 0.0 and not (function is math.lgamma and abs(result) < 0.01):  # next to its zeros, nobody is exact
                yield arguments


def scalars(count: int) -> Iterator[Row]:
    """Python's functions are the C library's, and so are ours, but for a few that are more exact."""
    yield "function", "ours", "Python"
    for function, reference in SCALARS.items():
        arguments = list(scalar_arguments(function, count))
        compiled = njit((lambda x: function(x)) if len(arguments[0]) == 1 else (lambda x, y: function(x, y)))
        exact = [reference(*map(MP.mpf, each)) for each in arguments]
        errors = ([ulps(f(*each), value, np.float64) for each, value in zip(arguments, exact)] for f in (compiled, function))
        yield function.__name__, *(max(found) for found in errors)


# --- complex functions

COMPLEX: dict[np.ufunc, Callable[..., Any]] = {
    np.exp: MP.exp, np.log: MP.log, np.sqrt: MP.sqrt, np.sin: MP.sin, np.cos: MP.cos, np.tan: MP.tan, np.arcsin: MP.asin, np.arccos: MP.acos,
    np.arctan: MP.atan, np.sinh: MP.sinh, np.cosh: MP.cosh, np.tanh: MP.tanh, np.arcsinh: MP.asinh, np.arccosh: MP.acosh,
    np.arctanh: MP.atanh, np.multiply: lambda z, w: z * w, np.divide: lambda z, w: z / w, np.power: MP.power, np.absolute: abs,
}  # fmt: skip
_IN_CMATH = {np.arcsin: "asin", np.arccos: "acos", np.arctan: "atan", np.arcsinh: "asinh", np.arccosh: "acosh", np.arctanh: "atanh"}
_OPERATORS = {
    np.multiply: lambda z, w: z * w, np.divide: lambda z, w: z / w, np.power: lambda z, w: z**w, np.absolute: lambda z: abs(z),
}  # fmt: skip


def complex_functions(count: int) -> Iterator[Row]:
    """The distance in the plane, in units in the last place of the exact number's size."""
    yield "function", "complex128", "NumPy", "complex", "Python"
    source = np.random.default_rng(5)
    for ufunc, reference in COMPLEX.items():
        operands = [_complex_numbers(source, count) for _ in range(ufunc.nin)]
        scalar = _OPERATORS.get(ufunc) or getattr(cmath, _IN_CMATH.get(ufunc, ufunc.__name__))
        exact = [reference(*map(MP.mpmathify, each)) for each in zip(*(z.tolist() for z in operands))]
        compiled, single = (_compiled(f, ufunc.nin) for f in (ufunc, scalar))
        results = (compiled(*operands), ufunc(*operands), *(_one_by_one(f, operands) for f in (single, scalar)))
        yield ufunc.__name__, *(max(map(_distance, found, exact)) for found in results)


def _compiled(function: Any, arity: int) -> Any:
    return njit((lambda z: function(z)) if arity == 1 else (lambda z, w: function(z, w)))


def _one_by_one(function: Any, operands: list[np.ndarray]) -> list[complex]:
    return [function(*each) for each in zip(*(z.tolist() for z in operands))]


def _complex_numbers(source: np.random.Generator, count: int) -> np.ndarray:
    parts = source.normal(size=(2, count)) * 10.0 ** source.uniform(-4, 1, (2, count))
    return parts[0] + 1j * parts[1]


def _distance(result: complex, exact: Any) -> float:
    size = MP.frexp(abs(exact))[1]
    return float(abs(MP.mpmathify(complex(result)) - exact) / MP.ldexp(1, int(size) - 53))


# --- sums

SUMS: dict[str, tuple[Callable[..., Any], Callable[[list[Fraction], list[Fraction]], Fraction]]] = {
    "sum": (lambda a, b: np.sum(a), lambda a, b: sum(a)),
    "sum, strided": (lambda a, b: np.sum(a[::2]), lambda a, b: sum(a[::2])),
    "mean": (lambda a, b: np.mean(a), lambda a, b: sum(a) / len(a)),
    "var": (lambda a, b: np.var(a), lambda a, b: sum(x * x for x in a) / len(a) - (sum(a) / len(a)) ** 2),
    "cumsum, last": (lambda a, b: np.cumsum(a)[-1], lambda a, b: sum(a)),
    "dot": (lambda a, b: np.dot(a, b), lambda a, b: sum(x * y for x, y in zip(a, b))),
    "(a * b).sum()": (lambda a, b: (a * b).sum(), lambda a, b: sum(x * y for x, y in zip(a, b))),
    "math.fsum": (lambda a, b: math.fsum(a), lambda a, b: sum(a)),
}  # fmt: skip


def sums(count: int) -> Iterator[Row]:
    """Of numbers between 0 and 1, over arrays of each length: the mean and the largest error."""
    yield "function", "length", "mean", "largest", "NumPy: mean", "largest"
    for name, (function, exact) in SUMS.items():
        compiled = njit(function)
        for length in (100, 2000):
            yield name, length, *_sum_errors(compiled, function, exact, length, max(10, count // 20))


def _sum_errors(compiled: Any, function: Any, exact: Any, length: int, trials: int) -> tuple[float, ...]:
    source = np.random.default_rng(9)
    found: tuple[list[float], list[float]] = [], []
    for _ in range(trials):
        a, b = source.random((2, length))
        fraction = exact(list(map(Fraction, a.tolist())), list(map(Fraction, b.tolist())))
        wanted = MP.mpf(fraction.numerator) / fraction.denominator
        for errors, each in zip(found, (compiled, function)):
            errors.append(ulps(float(each(a, b)), wanted, np.float64))
    return tuple(f(errors) for errors in found for f in (np.mean, max))


# --- the command

TABLES: dict[str, Callable[[int], Iterator[Row]]] = {
    "elementary": elementary, "scalars": scalars, "complex": complex_functions, "sums": sums,
}  # fmt: skip


def printed(row: Row) -> str:
    """A row of a table as text."""
    first, *rest = row
    cells = (f"{x:.2f}" if isinstance(x, float) else str(x) for x in rest)
    return f"{first:14}" + "".join(f"{cell:>12}" for cell in cells)


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description="How far results are from the exact ones.")
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], help="default: all")
    parser.add_argument("--count", type=int, default=2000, help="arguments from each range")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in options.tables or TABLES:
        for row in TABLES[name](options.count):
            print(printed(row), flush=True)
        print()


if __name__ == "__main__":
    main()
