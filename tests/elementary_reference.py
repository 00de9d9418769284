"""Elementary functions to 50 digits, by the standard library's decimal arithmetic, and how far off ours are.

    python tests/elementary_reference.py [function ...]

prints the largest errors found, in units in the last place, for float64 and float32. Decimal's own exp, ln and sqrt are correctly
rounded; the others are Taylor series, after the argument has been made small by formulas for half of it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from decimal import Decimal, getcontext, localcontext

import numpy as np

DIGITS = 50
_SMALL = Decimal("1e-12")
Number = Callable[..., Decimal]


def _pi(digits: int) -> Decimal:
    """By J. Machin's formula: 16 atan(1/5) - 4 atan(1/239), in integers."""
    unit = 10 ** (digits + 10)

    def inverse_tangent(n: int) -> int:
        term = total = unit // n
        k = 1
        while term:
            term //= -n * n
            k += 2
            total += term // k
        return total

    return Decimal(16 * inverse_tangent(5) - 4 * inverse_tangent(239)) / Decimal(unit)


with localcontext() as _context:
    _context.prec = 420
    PI = _pi(410)
getcontext().prec = DIGITS
LN2 = Decimal(2).ln()


def _series(first: Decimal, factor: Callable[[int], Decimal]) -> Decimal:
    """first * (1 + factor(1) * (1 + factor(2) * ...)), until the terms are too small to count."""
    total = term = first
    n = 1
    while abs(term) > abs(total) * Decimal(10) ** -(DIGITS + 5) and term != 0:
        term *= factor(n)
        total += term
        n += 1
    return total


def expm1(x: Decimal) -> Decimal:
    """exp(x) - 1."""
    return _series(x, lambda n: x / (n + 1)) if abs(x) < 1 else x.exp() - 1


def log1p(x: Decimal) -> Decimal:
    """log(1 + x)."""
    if abs(x) < Decimal("0.01"):
        s = x / (2 + x)
        return 2 * _inverse_hyperbolic_tangent(s)
    return (1 + x).ln()


def _inverse_hyperbolic_tangent(s: Decimal) -> Decimal:
    return sum((s ** (2 * k + 1) / (2 * k + 1) for k in range(1, 20)), s)


def _quadrant(x: Decimal) -> tuple[Decimal, int]:
    """x less the nearest multiple of pi/2, and the number of that multiple modulo 4."""
    with localcontext() as context:
        context.prec = 400
        k = (x / (PI / 2)).to_integral_value()
        return x - k * (PI / 2), int(k) % 4


def _sine_series(r: Decimal) -> Decimal:
    r = +r
    return _series(r, lambda n: -r * r / (2 * n * (2 * n + 1)))


def _cosine_series(r: Decimal) -> Decimal:
    r = +r
    return _series(Decimal(1), lambda n: -r * r / (2 * n * (2 * n - 1)))


def sin(x: Decimal) -> Decimal:
    """The sine."""
    r, quadrant = _quadrant(x)
    value = _cosine_series(r) if quadrant % 2 else _sine_series(r)
    return -value if quadrant >= 2 else value


def cos(x: Decimal) -> Decimal:
    """The cosine."""
    r, quadrant = _quadrant(x)
    value = _sine_series(r) if quadrant % 2 else _cosine_series(r)
    return -value if quadrant in (1, 2) else value


def arctan(x: Decimal) -> Decimal:
    """The inverse of the tangent: atan(x) = 2 atan(x / (1 + sqrt(1 + x**2)))."""
    halvings = 0
    while abs(x) > Decimal("0.01"):
        x = x / (1 + (1 + x * x).sqrt())
        halvings += 1
    return 2**halvings * sum(((-1) ** k * x ** (2 * k + 1) / (2 * k + 1) for k in range(1, 16)), x)


def arctan2(y: Decimal, x: Decimal) -> Decimal:
    """The angle of a point off the axes."""
    angle = arctan(abs(y) / abs(x))
    return (angle if x > 0 else PI - angle).copy_sign(y)


def arcsin(x: Decimal) -> Decimal:
    """The inverse of the sine, |x| < 1."""
    return arctan(x / ((1 - x) * (1 + x)).sqrt())


def arccos(x: Decimal) -> Decimal:
    """The inverse of the cosine, |x| < 1."""
    return 2 * arctan(((1 - x) / (1 + x)).sqrt())


def arcsinh(x: Decimal) -> Decimal:
    """The inverse of the hyperbolic sine."""
    size = abs(x)
    return log1p(size + size * size / (1 + (1 + size * size).sqrt())).copy_sign(x)


def arccosh(x: Decimal) -> Decimal:
    """The inverse of the hyperbolic cosine, x > 1."""
    return log1p((x - 1) + ((x - 1) * (x + 1)).sqrt())


REFERENCES: dict[np.ufunc, Number] = {
    np.exp: lambda x: x.exp(), np.exp2: lambda x: (x * LN2).exp(), np.expm1: expm1, np.log: lambda x: x.ln(),
    np.log2: lambda x: x.ln() / LN2, np.log10: lambda x: x.log10(), np.log1p: log1p, np.sin: sin, np.cos: cos,
    np.tan: lambda x: sin(x) / cos(x), np.arcsin: arcsin, np.arccos: arccos, np.arctan: arctan, np.arctan2: arctan2,
    np.sinh: lambda x: (expm1(x) - expm1(-x)) / 2, np.cosh: lambda x: (x.exp() + (-x).exp()) / 2,
    np.tanh: lambda x: expm1(2 * x) / (expm1(2 * x) + 2), np.arcsinh: arcsinh, np.arccosh: arccosh,
    np.arctanh: lambda x: log1p(2 * x / (1 - x)) / 2, np.cbrt: lambda x: (abs(x).ln() / 3).exp().copy_sign(x),
    np.hypot: lambda x, y: (x * x + y * y).sqrt(), np.power: lambda x, y: (y * x.ln()).exp(),
}  # fmt: skip

_EVERYWHERE = ((-1.0, 1.0), (-30.0, 30.0), (-1e-3, 1e-3), (-1e5, 1e5))
_ANGLES = ((-0.8, 0.8), (-4.0, 4.0), (-1e4, 1e4), (-2.6e7, 2.6e7), (-1e30, 1e30))
RANGES: dict[np.ufunc, tuple[tuple[float, ...], ...]] = {
    np.exp: ((-1.0, 1.0), (-20.0, 20.0), (-745.0, 709.7)), np.exp2: ((-1.0, 1.0), (-20.0, 20.0), (-1074.0, 1023.9)),
    np.expm1: ((-1.0, 1.0), (-40.0, 40.0), (-1e-3, 1e-3)), np.log1p: ((-0.99, 1.0), (1.0, 1e6), (-1e-3, 1e-3)),
    **dict.fromkeys((np.log, np.log2, np.log10), ((0.7, 1.45), (0.999, 1.001), (1e-3, 100.0), (1e-300, 1e300))),
    **dict.fromkeys((np.sin, np.cos, np.tan), _ANGLES),
    **dict.fromkeys((np.arcsin, np.arccos), ((-0.5, 0.5), (0.49, 0.999999), (-0.9999, -0.5))),
    np.arctan: ((-0.45, 0.45), (0.4, 2.5), (-30.0, 30.0)),
    **dict.fromkeys((np.sinh, np.cosh), ((-1.0, 1.0), (-30.0, 30.0), (18.0, 19.0), (600.0, 710.0))),
    np.tanh: ((-1.0, 1.0), (-3.0, 3.0), (-25.0, 25.0)), np.arcsinh: _EVERYWHERE, np.cbrt: _EVERYWHERE,
    np.arccosh: ((1.0, 1.001), (1.0, 2.0), (1.0, 1e6)), np.arctanh: ((-0.5, 0.5), (-1.0, 1.0), (0.99, 1.0)),
    np.power: ((0.5, 2.0, -5.0, 5.0), (0.7, 0.72, -2000.0, 2000.0), (0.9, 1.1, -3000.0, 3000.0), (1e-3, 1e3, -90.0, 90.0)),
    np.arctan2: ((-1.0, 1.0, -1.0, 1.0), (-1.0, 1.0, -1e-3, 1e-3), (-1.0, 1.0, -1e3, 1e3)),
    np.hypot: ((-1.0, 1.0, -1.0, 1.0), (-1.0, 1.0, -1e-3, 1e-3), (-1e200, 1e200, -1e200, 1e200)),
}  # fmt: skip
"""Where errors are looked for: low and high, for each operand."""


def samples(ufunc: np.ufunc, dtype: type, count: int, seed: int = 0) -> list[np.ndarray]:
    """Operands, `count` from each range; where a float32 has no result, they are left out."""
    source = np.random.default_rng(seed)
    operands = [
        np.concatenate([source.uniform(bounds[2 * i], bounds[2 * i + 1], count) for bounds in RANGES[ufunc]])
        for i in range(ufunc.nin)
    ]
    with np.errstate(all="ignore"):
        converted = [x.astype(dtype) for x in operands]
        result = np.abs(ufunc(*converted))
    usable = np.isfinite(result) & (result > np.finfo(dtype).tiny)
    for x in converted:
        usable &= np.isfinite(x) & (x != 0)
    return [x[usable] for x in converted]


def errors_in_ulps(ufunc: np.ufunc, operands: list[np.ndarray], results: np.ndarray) -> np.ndarray:
    """The distance of each result from the exact one, in units in the last place of the exact one."""
    precision, smallest = {np.float64: (53, -1074), np.float32: (24, -149)}[results.dtype.type]
    found = []
    for *arguments, result in zip(*(x.tolist() for x in operands), results.tolist()):
        exact = REFERENCES[ufunc](*map(Decimal, arguments))
        unit = math.ldexp(1.0, max(math.frexp(float(exact))[1] - precision, smallest))
        found.append(float(abs(Decimal(result) - exact) / Decimal(unit)) if math.isfinite(result) else math.inf)
    return np.array(found)


if __name__ == "__main__":
    from test_elementary import applied

    chosen = [u for u in REFERENCES if u.__name__ in sys.argv[1:] or len(sys.argv) == 1]
    print(f"{'':10}{'float64':>9}{'float32':>9}")
    for each in chosen:
        worst = []
        for kind in (np.float64, np.float32):
            values = samples(each, kind, 3000, seed=1)
            worst.append(errors_in_ulps(each, values, applied(each)(*values)).max())
        print(f"{each.__name__:10}{worst[0]:9.3f}{worst[1]:9.3f}", flush=True)
