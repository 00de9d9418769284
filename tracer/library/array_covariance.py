"""Covariances and correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Complex, np_float64
from tracer.array_steps import map_items
from tracer.extending import implements, reject
from tracer.library.array_reductions import as_operand
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
    return y is None and as_operand(m).ndim == 1


def covariances(m: Any, y: Any, rowvar: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any, dtype: Any) -> Any:
    """The matrix of covariances."""
    if fweights is not None or aweights is not None:
        reject("np.cov with weights is not supported in compiled code")
    m = as_operand(m)
    if m.ndim > 2:
        raise ValueError("m has more than 2 dimensions")
    if y is None:
        kind = common_type(typeof(m), np_float64) if dtype is None else item_type(dtype)
        table = _rows(m, rowvar, kind)
    else:
        y = as_operand(y)
        if y.ndim > 2:
            raise ValueError("y has more than 2 dimensions")
        kind = common_type(typeof(m), typeof(y), np_float64) if dtype is None else item_type(dtype)
        table = np.concatenate((_rows(m, rowvar, kind), _rows(y, rowvar, kind)), 0)
    lost = (0 if bias else 1) if ddof is None else ddof
    degrees = np.maximum(table.shape[1] - lost, 0)
    centered = table - np.mean(table, axis=1, keepdims=True)
    if isinstance(kind, Complex):
        products = np.dot(centered, np.conjugate(centered.T))
    else:
        products = np.dot(centered, centered.T)
    return map_items(lambda c, d: c * (1.0 / np.float64(d)), products, degrees)


def _rows(m: Any, rowvar: Any, kind: Any) -> Any:
    """An array with a variable in each row."""
    if m.ndim == 1:
        return np.reshape(m.astype(kind), (1, len(m)))
    return m.astype(kind) if rowvar else m.T.astype(kind)


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
