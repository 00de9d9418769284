"""Polynomials as arrays of their coefficients, the highest power first: `polyval`, `roots`, `poly`, `polyfit` and arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Complex
from tracer.array_steps import cast_item, generate
from tracer.extending import implements, known, primitive, reject, typed_by_values
from tracer.library.array_reductions import as_operand, pointwise
from tracer.library.array_types import common_type, inexact_type, item_type
from tracer.library.linalg_systems import epsilon
from tracer.typeof import typeof


def _coefficients(p: Any) -> Any:
    a = np.atleast_1d(p)
    if a.ndim != 1:
        reject("a polynomial is an array of one axis")
    return a


@implements(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """The value of a polynomial at x, by Horner's rule."""
    p, x = _coefficients(p), as_operand(x)
    kind = common_type(item_type(typeof(x)), typeof(p))
    return pointwise(lambda item: _horner(p, cast_item(item, kind), kind), x)


def _horner(p: Any, x: Any, kind: Any) -> Any:
    y = cast_item(0, kind)
    for i in range(len(p)):
        y = y * x + cast_item(primitive.load(p, i), kind)
    return y


# --- arithmetic


@implements(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials."""
    return _combined(np.add, _coefficients(a1), _coefficients(a2))


@implements(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials."""
    return _combined(np.subtract, _coefficients(a1), _coefficients(a2))


def _combined(ufunc: Any, a: Any, b: Any) -> Any:
    kind = common_type(typeof(a), typeof(b))
    length = max(len(a), len(b))
    before, other = length - len(a), length - len(b)
    return generate((length,), lambda i: ufunc(_coefficient(a, i - before, kind), _coefficient(b, i - other, kind)))


def _coefficient(a: Any, i: Any, kind: Any) -> Any:
    """A coefficient; 0 before the first one."""
    return cast_item(primitive.load(a, i), kind) if i >= 0 else cast_item(0, kind)


@implements(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials."""
    return np.convolve(_without_leading_zeros(a1), _without_leading_zeros(a2))


def _without_leading_zeros(p: Any) -> Any:
    """The coefficients from the first that is not 0; one 0 where there is none."""
    p = _coefficients(p)
    first = 0
    while first < len(p) and primitive.load(p, first) == 0:
        first += 1
    return p[first:] if first < len(p) else np.zeros(1, p.dtype)


@implements(np.polydiv)
def polydiv(u: Any, v: Any) -> Any:
    """The quotient and the remainder of two polynomials, by long division."""
    u, v = _coefficients(u) + 0.0, _coefficients(v) + 0.0
    kind = common_type(typeof(u[0]), typeof(v[0]))
    rest, divisor, last = u.astype(kind), v.astype(kind), len(v) - 1
    scale = 1.0 / v[0]
    steps = len(u) - len(v) + 1
    quotient = np.zeros(max(steps, 1), kind)
    for k in range(steps):
        factor = cast_item(scale * primitive.load(rest, k), kind)
        primitive.store(quotient, k, factor)
        for i in range(last + 1):
            primitive.store(rest, k + i, primitive.load(rest, k + i) - factor * primitive.load(divisor, i))
    first = 0
    while first + 1 < len(rest) and np.abs(primitive.load(rest, first)) <= _NEARLY_ZERO:
        first += 1
    return quotient, rest[first:]


_NEARLY_ZERO = 1e-8


@implements(np.polyder)
def polyder(p: Any, m: Any = 1) -> Any:
    """The m-th derivative. How often must be known."""
    times = _times(m, "Order of derivative must be positive (see polyint)")
    a = np.asarray(p)
    return a if times == 0 else polyder(a[:-1] * np.arange(len(a) - 1, 0, -1), times - 1)


@implements(np.polyint)
def polyint(p: Any, m: Any = 1, k: Any = None) -> Any:
    """The m-th antiderivative; `k` are the constants, one for each time or the same for all. How often must be known."""
    times = _times(m, "Order of integral must be positive (see polyder)")
    constants = np.zeros(times) if k is None else np.atleast_1d(k)
    if len(constants) < times and len(constants) != 1:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    a = np.asarray(p)
    if a.ndim != 1 and times > 0:
        raise ValueError("the coefficients of a polynomial have one axis")
    return _integrated(a, constants, 0, times)


def _integrated(a: Any, constants: Any, done: Any, times: Any) -> Any:
    if done == times:
        return a
    constant = constants[done] if len(constants) > 1 else constants[0]
    return _integrated(np.append(a / np.arange(len(a), 0, -1), constant), constants, done + 1, times)


def _times(m: Any, message: Any) -> Any:
    """How often: a number that is known."""
    if known(m) is None:
        reject("how often must be known while tracing")
    if known(m) < 0:
        raise ValueError(message)
    return known(m)


# --- roots


@implements(np.roots)
def roots(p: Any) -> Any:
    """The roots: the eigenvalues of the companion matrix, then those that are 0.

    ValueError where a real polynomial has complex roots, since the types of results cannot depend on values;
    `np.roots(p.astype(complex))` finds them.
    """
    p = np.atleast_1d(p)
    if p.ndim != 1:
        raise ValueError("Input must be a rank-1 array.")
    kind = inexact_type(typeof(p))
    first, last = 0, len(p) - 1
    while first <= last and primitive.load(p, first) == 0:
        first += 1
    while last >= first and primitive.load(p, last) == 0:
        last -= 1
    if first > last:
        return np.zeros(0, kind)
    made = np.zeros(len(p) - 1 - first, kind)
    if last > first:
        made[: last - first] = np.linalg.eigvals(_companion(p[first : last + 1].astype(kind, copy=False)))
    return made


def _companion(p: Any) -> Any:
    """The matrix that has the polynomial as its characteristic one."""
    made = np.eye(len(p) - 1, k=-1, dtype=p.dtype)
    made[0, :] = -p[1:] / p[0]
    return made


@implements(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    """The polynomial with these roots, or the characteristic one of a square matrix. Its first coefficient is 1."""
    given = np.atleast_1d(seq_of_zeros)
    if given.ndim > 2:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    kind = inexact_type(typeof(given))
    if given.ndim == 2:
        if given.shape[0] != given.shape[1] or given.shape[0] == 0:
            raise ValueError("input must be 1d or non-empty square 2d array.")
        zeros = np.linalg.eigvals(given)
    else:
        zeros = given
        if isinstance(kind, Complex):
            typed_by_values()
    made = np.zeros(len(zeros) + 1, kind)
    made[0] = 1
    for k in range(len(zeros)):
        factor = -cast_item(primitive.load(zeros, k), kind)
        for i in range(k + 1, 0, -1):
            primitive.store(made, i, primitive.load(made, i) + factor * primitive.load(made, i - 1))
    return made


# --- fits


@implements(np.polyfit)
def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None, cov: Any = False) -> Any:
    """The polynomial of a degree with the least sum of squared distances; `y` may have several columns.

    With `full` also what `np.linalg.lstsq` tells, with `cov` the covariance matrix. Both must be known.
    """
    x, y = np.asarray(x) + 0.0, np.asarray(y) + 0.0
    _check_fit(x, y, deg)
    order = int(deg) + 1
    limit = len(x) * epsilon(typeof(x).dtype) if rcond is None else rcond
    left, right = np.vander(x, order), y
    if w is not None:
        weights = np.asarray(w) + 0.0
        if weights.ndim != 1:
            raise TypeError("expected a 1-d array for weights")
        if len(weights) != len(y):
            raise TypeError("expected w and y to have the same length")
        left, right = left * weights[:, None], y * (weights[:, None] if y.ndim == 2 else weights)
    scale = np.sqrt((left * left).sum(axis=0))
    left = left / scale
    found, residuals, rank, singular = np.linalg.lstsq(left, right, limit)
    found = (found.T / scale).T
    if _flag(full):
        return found, residuals, rank, singular, limit
    if not _flag(cov):
        return found
    return found, _covariance(left, scale, residuals, len(x), order, cov, y.ndim)


def _check_fit(x: Any, y: Any, deg: Any) -> None:
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if x.size == 0:
        raise TypeError("expected non-empty vector for x")
    if y.ndim < 1 or y.ndim > 2:
        raise TypeError("expected 1D or 2D array for y")
    if x.shape[0] != y.shape[0]:
        raise TypeError("expected x and y to have same length")


def _flag(flag: Any) -> Any:
    if known(flag) is None:
        reject("`full` and `cov` must be known while tracing")
    return known(flag)


def _covariance(left: Any, scale: Any, residuals: Any, count: Any, order: Any, cov: Any, ndim: Any) -> Any:
    base = np.linalg.inv(np.dot(left.T, left)) / np.outer(scale, scale)
    spread = base if ndim == 1 else base[:, :, None]
    if cov == "unscaled":
        return spread * 1
    if count <= order:
        raise ValueError("the number of data points must exceed order to scale the covariance matrix")
    return spread * (residuals / (count - order))
