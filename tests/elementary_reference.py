"""Elementary functions to 60 digits, by mpmath, and how far off results are: `tests/accuracy.py` prints tables of that."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

MP = mpmath.mp.clone()
MP.prec = 200
REFERENCES: dict[np.ufunc, Callable[..., Any]] = {
    np.exp: MP.exp, np.exp2: lambda x: MP.mpf(2) ** x, np.expm1: MP.expm1, np.log: MP.log, np.log2: lambda x: MP.log(x) / MP.log(2),
    np.log10: MP.log10, np.log1p: MP.log1p, np.sin: MP.sin, np.cos: MP.cos, np.tan: MP.tan, np.arcsin: MP.asin, np.arccos: MP.acos,
    np.arctan: MP.atan, np.arctan2: MP.atan2, np.sinh: MP.sinh, np.cosh: MP.cosh, np.tanh: MP.tanh, np.arcsinh: MP.asinh,
    np.arccosh: MP.acosh, np.arctanh: MP.atanh, np.cbrt: lambda x: MP.sign(x) * MP.cbrt(abs(x)), np.hypot: MP.hypot, np.power: MP.power,
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


def anywhere(ufunc: np.ufunc, dtype: type, count: int, seed: int = 0) -> list[np.ndarray]:
    """Operands of any bits: subnormal and huge ones as likely as others; and those next to multiples of pi/2, and next to 1."""
    source = np.random.default_rng(seed)
    bits = {np.float64: np.int64, np.float32: np.int32}[dtype]
    limits = np.iinfo(bits)
    operands = []
    for _ in range(ufunc.nin):
        random = source.integers(limits.min, limits.max, count, bits, endpoint=True).view(dtype)
        tiny = (source.integers(1, 2**20, count // 4) * np.finfo(dtype).smallest_subnormal).astype(dtype)
        angles = (source.integers(-(2**20), 2**20, count // 4) * (np.pi / 2)).astype(dtype)
        ones = (1 + source.integers(-(2**10), 2**10, count // 4) * np.finfo(dtype).eps).astype(dtype)
        operands.append(np.concatenate([random, tiny, angles, ones]))
    return _usable(ufunc, [source.permutation(x) for x in operands] if ufunc.nin > 1 else operands)


def _usable(ufunc: np.ufunc, operands: list[np.ndarray]) -> list[np.ndarray]:
    """Those of which the function is a number, neither zero nor infinite."""
    with np.errstate(all="ignore"):
        result = ufunc(*operands)
    usable = np.isfinite(result) & (result != 0)
    for x in operands:
        usable &= np.isfinite(x) & (x != 0)
    return [x[usable] for x in operands]


def errors_in_ulps(ufunc: np.ufunc, operands: list[np.ndarray], results: np.ndarray) -> np.ndarray:
    """The distance of each result from the exact one, in units in the last place of the exact one."""
    reference = REFERENCES[ufunc]
    exact = (reference(*map(MP.mpf, arguments)) for arguments in zip(*(x.tolist() for x in operands)))
    return np.array([ulps(result, value, results.dtype) for result, value in zip(results.tolist(), exact)])


def ulps(result: float, exact: Any, dtype: Any) -> float:
    """The distance of a result from the exact one, in units in the last place that the exact one has in the dtype."""
    if not math.isfinite(result):
        return math.inf
    precision, smallest = {8: (53, -1074), 4: (24, -149)}[np.dtype(dtype).itemsize]
    exponent = MP.frexp(exact)[1] if exact else smallest
    return float(abs(MP.mpf(result) - exact) / MP.ldexp(1, max(int(exponent) - precision, smallest)))
