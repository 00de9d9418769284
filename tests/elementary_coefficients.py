"""Where the polynomial coefficients of tracer/library/elementary_*.py come from; run it to print them.

Every function there is approximated by a polynomial that stands for a power series with rational coefficients. The series is
economized (C. Lanczos, Applied Analysis, 1956, chapter VII): expanded in Chebyshev polynomials of the interval, cut off, and
turned back into powers, all in exact fractions. What results is within a few percent of the minimax polynomial of that degree
where the Chebyshev coefficients fall off as fast as they do here. The coefficients are then rounded to doubles.

    python tests/elementary_coefficients.py
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

_TERMS = 90  # of a power series; what is left out is below 2**-90 of the sum on all of the intervals


def economized(series: Callable[[int], Fraction], low: Fraction, high: Fraction, count: int) -> tuple[float, ...]:
    """`count` coefficients, constant term first, that approximate `sum(series(n) * z**n)` for low <= z <= high."""
    center, half = (low + high) / 2, (high - low) / 2
    shifted = _shifted([series(n) for n in range(_TERMS)], center, half)
    powers = _from_chebyshev(_to_chebyshev(shifted)[:count])
    # From powers of u, where z = center + half * u, back to powers of z.
    return tuple(float(c) for c in _shifted(powers, -center / half, 1 / half))


def _shifted(powers: list[Fraction], offset: Fraction, factor: Fraction) -> list[Fraction]:
    """The coefficients of `p(offset + factor * u)` as a polynomial in u, by Horner's rule."""
    result: list[Fraction] = []
    for c in reversed(powers):
        moved = [Fraction(0), *(r * factor for r in result)]
        for n, r in enumerate(result):
            moved[n] += r * offset
        moved[0] += c
        result = [_shortened(r) for r in moved]
    return result


def _shortened(x: Fraction) -> Fraction:
    """x to 300 bits behind the point: far below what counts, and fast."""
    return Fraction(round(x * 2**300), 2**300)


def _to_chebyshev(powers: list[Fraction]) -> list[Fraction]:
    """Coefficients of Chebyshev polynomials T_n, by Horner's rule with `2 u T_n = T_(n+1) + T_(n-1)`."""
    result: list[Fraction] = []
    for c in reversed(powers):
        times = [Fraction(0)] * (len(result) + 1)
        for n, r in enumerate(result):
            if n == 0:
                times[1] += r
            else:
                times[n + 1] += r / 2
                times[n - 1] += r / 2
        times[0] += c
        result = times
    return result


def _from_chebyshev(coefficients: list[Fraction]) -> list[Fraction]:
    """Powers of u, with `T_(n+1) = 2 u T_n - T_(n-1)`."""
    previous, current = [Fraction(1)], [Fraction(0), Fraction(1)]
    result = [Fraction(0)] * max(2, len(coefficients))
    for n, c in enumerate(coefficients):
        basis = previous if n == 0 else current
        for i, b in enumerate(basis):
            result[i] += c * b
        if n > 0:
            after = [Fraction(0), *(2 * b for b in current)]
            for i, b in enumerate(previous):
                after[i] -= b
            previous, current = current, after
    return result[: len(coefficients)]


def _inverse_factorial(n: int) -> Fraction:
    return Fraction(1, math.factorial(n))


def _exponential(n: int) -> Fraction:
    """(exp(r) - 1 - r) / r**2."""
    return _inverse_factorial(n + 2)


def _exponential_rest(n: int) -> Fraction:
    """(exp(r) - 1 - r - r**2 / 2) / r**3."""
    return _inverse_factorial(n + 3)


def _logarithm(n: int) -> Fraction:
    """(log((1 + s) / (1 - s)) - 2 s) / s**3 in z = s**2."""
    return Fraction(2, 2 * n + 3)


def _logarithm_rest(n: int) -> Fraction:
    """(log((1 + s) / (1 - s)) - 2 s - 2/3 s**3) / s**5 in z = s**2."""
    return Fraction(2, 2 * n + 5)


def _logarithm_near_one(n: int) -> Fraction:
    """(log(1 + f) - f + f**2 / 2) / f**3."""
    return Fraction((-1) ** n, n + 3)


def _sine(n: int) -> Fraction:
    """(sin(r) - r) / r**3 in z = r**2."""
    return (-1) ** (n + 1) * _inverse_factorial(2 * n + 3)


def _cosine(n: int) -> Fraction:
    """(cos(r) - 1 + r**2 / 2) / r**4 in z = r**2."""
    return (-1) ** n * _inverse_factorial(2 * n + 4)


def _arc_sine(n: int) -> Fraction:
    """(asin(r) - r) / r**3 in z = r**2."""
    k = n + 1
    return Fraction(math.comb(2 * k, k), 4**k * (2 * k + 1))


def _arc_tangent(n: int) -> Fraction:
    """(atan(r) - r) / r**3 in z = r**2."""
    return Fraction((-1) ** (n + 1), 2 * n + 3)


def _hyperbolic_sine(n: int) -> Fraction:
    """(sinh(r) - r) / r**3 in z = r**2."""
    return _inverse_factorial(2 * n + 3)


def _hyperbolic_cosine(n: int) -> Fraction:
    """(cosh(r) - 1 - r**2 / 2) / r**4 in z = r**2."""
    return _inverse_factorial(2 * n + 4)


def _inverse_cube_root(n: int) -> Fraction:
    """(3/2 + z) ** (-1/3), the constant factor in double precision: an estimate only."""
    coefficient = Fraction(1.5 ** (-1 / 3))
    for k in range(n):
        coefficient *= (Fraction(-1, 3) - k) / (k + 1) / Fraction(3, 2)
    return coefficient


def lambert(terms: int) -> tuple[list[Fraction], list[Fraction]]:
    """P and Q of the convergent with so many terms of x / (1 + z / (3 + z / (5 + ...))), z = x**2, which is tanh(x) (J. H. Lambert,
    1768), written as x + x * z * P(z) / Q(z), where Q(0) is 1."""
    value, divisor = [Fraction(2 * terms - 1)], [Fraction(1)]
    for number in range(2 * terms - 3, 0, -2):
        above = [Fraction(0)] * max(len(value), len(divisor) + 1)
        for i, c in enumerate(value):
            above[i] += number * c
        for i, c in enumerate(divisor):
            above[i + 1] += c
        value, divisor = above, value
    divisor += [Fraction(0)] * (len(value) - len(divisor))
    return [(a - b) / value[0] for a, b in zip(divisor, value)][1:], [c / value[0] for c in value]


_HALF_LN2 = Fraction(3466, 10000)

SERIES: dict[str, tuple[Callable[[int], Fraction], Fraction, Fraction, int]] = {
    "EXPONENTIAL": (_exponential, -_HALF_LN2, _HALF_LN2, 10),
    "EXPONENTIAL_REST": (_exponential_rest, -_HALF_LN2, _HALF_LN2, 10),
    "LOGARITHM": (_logarithm, Fraction(0), Fraction(2945, 100000), 7),
    "POWER_LOGARITHM": (_logarithm_rest, Fraction(0), Fraction(2945, 100000), 8),
    "SINGLE_EXPONENTIAL": (_exponential, -_HALF_LN2, _HALF_LN2, 6),
    "SINGLE_LOGARITHM": (_logarithm_near_one, Fraction(-2929, 10000), Fraction(4143, 10000), 10),
    "SHORT_EXPONENTIAL": (_exponential, -_HALF_LN2, _HALF_LN2, 7),
    "SHORT_LOGARITHM": (_logarithm, Fraction(0), Fraction(2945, 100000), 5),
    "SINE": (_sine, Fraction(0), Fraction(6170, 10000), 7),
    "COSINE": (_cosine, Fraction(0), Fraction(6170, 10000), 6),
    "SINGLE_SINE": (_sine, Fraction(0), Fraction(6300, 10000), 4),
    "SINGLE_COSINE": (_cosine, Fraction(0), Fraction(6300, 10000), 3),
    "ARC_SINE": (_arc_sine, Fraction(0), Fraction(2501, 10000), 13),
    "ARC_TANGENT": (_arc_tangent, Fraction(0), Fraction(1716, 10000), 12),
    "HYPERBOLIC_SINE": (_hyperbolic_sine, Fraction(0), Fraction(1202, 10000), 6),
    "HYPERBOLIC_COSINE": (_hyperbolic_cosine, Fraction(0), Fraction(1202, 10000), 5),
    "INVERSE_CUBE_ROOT": (_inverse_cube_root, Fraction(-1, 2), Fraction(1, 2), 7),
}
"""Name of the constant: the series, the interval, the number of coefficients."""
QUOTIENT = ("TANH_NUMERATOR", "TANH_DENOMINATOR"), 9
"""Names of the constants, and the terms of Lambert's continued fraction that they stand for."""

if __name__ == "__main__":
    for name, arguments in SERIES.items():
        print(f"{name} = (")
        for number in economized(*arguments):
            print(f"    {number!r},")
        print(")")
    for name, polynomial in zip(QUOTIENT[0], lambert(QUOTIENT[1])):
        print(f"{name} = ({', '.join(repr(float(c)) for c in polynomial)})")
