"""Covariances and correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Complex, Scalar, Type, np_float64
from tracer.array_steps import cast_item, map_items
from tracer.extending import implements, static_function
from tracer.library.array_types import common_type, item_type
from tracer.typeof import typeof


@implements(np.cov)
def cov(
    m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None, aweights: Any = None, *,
    dtype: Any = None,
) -> Any:  # fmt: skip
    """The covariances of variables, one in each row (column without `rowvar`). Of one array with one axis: without axes."""
    table = covariances(m, y, rowvar, bias, ddof, fweights, aweights, dtype)
    return np.reshape(table, ()) if _is_single(m, y) else table


def _is_single(m: Any, y: Any) -> Any:
    return y is None and np.asarray(m).ndim < 2


def covariances(m: Any, y: Any, rowvar: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any, dtype: Any) -> Any:
    """The matrix of covariances: with no rows or columns if `m` has no variables.

    Raises RuntimeError and ValueError for weights that do not fit, TypeError for fractions as frequencies.
    """
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    m = np.asarray(m)
    if m.ndim > 2:
        raise ValueError("m has more than 2 dimensions")
    kind = _kind(typeof(m), dtype) if y is None else _kind(typeof(m), dtype, typeof(np.asarray(y)))
    table = _rows(m, rowvar, kind)
    if y is not None:
        y = np.asarray(y)
        if y.ndim > 2:
            raise ValueError("y has more than 2 dimensions")
        if len(table) > 0:
            table = np.concatenate((table, _rows(y, rowvar or (y.ndim == 2 and y.shape[0] == 1), kind)), 0)
    lost = (0 if bias else 1) if ddof is None else ddof
    if fweights is None and aweights is None:
        centered = table - np.mean(table, axis=1, keepdims=True)
        return _products(centered, centered, np.float64(np.maximum(table.shape[1] - lost, 0)))
    if len(table) == 0:
        return np.zeros((0, 0), common_type(kind, np_float64))
    return _weighted(table, kind, lost, fweights, aweights)


@static_function
def _kind(first: Type, dtype: Any, *others: Type) -> Scalar:
    """The type of the covariances."""
    return common_type(first, *others, np_float64) if dtype is None else item_type(dtype)


def _rows(m: Any, rowvar: Any, kind: Any) -> Any:
    """An array with a variable in each row."""
    if m.ndim < 2:
        return np.reshape(m.astype(kind), (1, m.size))
    return m.astype(kind) if rowvar else m.T.astype(kind)


def _products(centered: Any, other: Any, degrees: Any) -> Any:
    """The sums of products, as means over so many degrees of freedom."""
    if isinstance(item_type(typeof(other)), Complex):
        products = np.dot(centered, np.conjugate(other.T))
    else:
        products = np.dot(centered, other.T)
    return map_items(lambda c, d: cast_item(c * (1.0 / np.float64(d)), typeof(c)), products, degrees)


def _weighted(table: Any, kind: Any, lost: Any, fweights: Any, aweights: Any) -> Any:
    """The matrix of observations with frequencies, or with weights, or both: as NumPy's documentation of `np.cov` has it."""
    if aweights is None:
        weights = _frequencies(fweights, table.shape[1])
        total = np.sum(weights)
        degrees = total - lost
    else:
        importance = _checked(aweights, table.shape[1], "aweights")
        weights = importance if fweights is None else _frequencies(fweights, table.shape[1]) * importance
        total = np.sum(weights)
        degrees = total if lost == 0 else total - lost * np.sum(weights * importance) / total
    if total == 0:
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    means = np.sum(table * weights, axis=1, keepdims=True) / total
    centered = (table - means).astype(kind)
    return _products(centered, centered * weights, np.maximum(degrees, 0.0))


def _frequencies(fweights: Any, count: Any) -> Any:
    if not np.all(fweights == np.around(fweights)):
        raise TypeError("fweights must be integer")
    return _checked(fweights, count, "fweights")


def _checked(weights: Any, count: Any, name: Any) -> Any:
    """Weights as floats, one for each observation."""
    made = np.asarray(weights, dtype=np.float64)
    if made.ndim > 1:
        raise RuntimeError(f"cannot handle multidimensional {name}")
    if made.shape[0] != count:
        raise RuntimeError(f"incompatible numbers of samples and {name}")
    if np.any(made < 0):
        raise ValueError(f"{name} cannot be negative")
    return made


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
    """The correlation coefficients of variables, one in each row (column without `rowvar`)."""
    table = covariances(x, y, rowvar, False, None, None, None, dtype)
    if _is_single(x, y):
        return table[0, 0] / table[0, 0]
    deviations = np.sqrt(np.diagonal(table).real)
    return map_items(lambda c, a, b: _limited(c / a / b), table, np.expand_dims(deviations, 1), deviations)


def _limited(x: Any) -> Any:
    """Within [-1, 1], in both parts."""
    if isinstance(typeof(x), Complex):
        return complex(np.clip(x.real, -1.0, 1.0), np.clip(x.imag, -1.0, 1.0))
    return np.clip(x, -1.0, 1.0)
