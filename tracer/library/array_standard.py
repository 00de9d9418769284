"""What the array API standard has under other names or in other places: `np.linalg.vector_norm`, `np.vecdot`, `np.cumulative_sum`.

Newer versions of NumPy have more of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Complex
from tracer.extending import implements, static_function
from tracer.library.array_reductions import as_operand, size_of
from tracer.library.array_types import item_type, ndim_of, normalize_axes, normalize_axis, other_axes
from tracer.typeof import typeof


def _where_there_is(*names: str) -> Any:
    """`implements` for the functions of NumPy with these names that the running version has."""
    return implements(*(getattr(np, name) for name in names if hasattr(np, name)))


@static_function
def _is_complex(type: Any) -> bool:
    return isinstance(item_type(type), Complex)


# --- products of vectors and matrices in the last axes


@_where_there_is("vecdot")
def vecdot(x1: Any, x2: Any, out: Any = None, *, axis: Any = -1) -> Any:
    """The dot products of the vectors along an axis, the first ones conjugated."""
    a, b = np.asarray(x1), np.asarray(x2)
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("vecdot: an operand does not have enough dimensions (gufunc core with signature (n),(n)->())")
    if axis != -1:
        a, b = np.moveaxis(a, axis, -1), np.moveaxis(b, axis, -1)
    made = np.matmul(_conjugated(a)[..., None, :], b[..., None])
    return _delivered(np.reshape(made, made.shape[:-2]), out)


@_where_there_is("matvec")
def matvec(x1: Any, x2: Any, out: Any = None) -> Any:
    """The products of matrices with vectors."""
    a, b = np.asarray(x1), np.asarray(x2)
    _require_axes("matvec: Input operand 0", a.ndim, 2, "(m,n),(n)->(m)")
    _require_axes("matvec: Input operand 1", b.ndim, 1, "(m,n),(n)->(m)")
    made = np.matmul(a, b[..., None])
    return _delivered(np.reshape(made, made.shape[:-1]), out)


@_where_there_is("vecmat")
def vecmat(x1: Any, x2: Any, out: Any = None) -> Any:
    """The products of vectors, conjugated, with matrices."""
    a, b = np.asarray(x1), np.asarray(x2)
    _require_axes("vecmat: Input operand 0", a.ndim, 1, "(n),(n,m)->(m)")
    _require_axes("vecmat: Input operand 1", b.ndim, 2, "(n),(n,m)->(m)")
    made = np.matmul(_conjugated(a)[..., None, :], b)
    return _delivered(np.reshape(made, (*made.shape[:-2], made.shape[-1])), out)


def _require_axes(operand: Any, found: Any, needed: Any, signature: Any) -> None:
    if found < needed:
        raise ValueError(
            f"{operand} does not have enough dimensions (has {found}, gufunc core with signature {signature} requires {needed})"
        )


def _conjugated(a: Any) -> Any:
    return np.conjugate(a) if _is_complex(typeof(a)) else a


def _delivered(made: Any, out: Any) -> Any:
    """A number where there are no axes; or the result in its output array."""
    if out is not None:
        np.copyto(out, made)
        return out
    return made if made.ndim > 0 else made[()]


# --- cumulative sums and products, conversions


@_where_there_is("cumulative_sum")
def cumulative_sum(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: Any = False) -> Any:
    """The sums of the items up to each one along an axis, with 0 before them if `include_initial`."""
    x = np.atleast_1d(x)
    found = np.cumsum(x, _only_axis(axis, x.ndim), dtype, None if include_initial else out)
    return _with_initial(found, 0, axis, out) if include_initial else found


@_where_there_is("cumulative_prod")
def cumulative_prod(x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: Any = False) -> Any:
    """The products of the items up to each one along an axis, with 1 before them if `include_initial`."""
    x = np.atleast_1d(x)
    found = np.cumprod(x, _only_axis(axis, x.ndim), dtype, None if include_initial else out)
    return _with_initial(found, 1, axis, out) if include_initial else found


@static_function
def _only_axis(axis: Any, ndim: int) -> int:
    if axis is None and ndim > 1:
        raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
    return 0 if axis is None else normalize_axis(axis, ndim)


def _with_initial(found: Any, neutral: Any, axis: Any, out: Any) -> Any:
    at = _only_axis(axis, found.ndim)
    first = np.full_like(found, neutral, shape=(*found.shape[:at], 1, *found.shape[at + 1 :]))
    return np.concatenate((first, found), axis=at, out=out)


@_where_there_is("astype")
def astype(x: Any, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Any:
    """The items converted to another dtype."""
    return x.astype(dtype, copy=copy)


@_where_there_is("fix")
def fix(x: Any, out: Any = None) -> Any:
    """The nearest integers towards zero."""
    return np.trunc(x, out=out)


# --- np.linalg


@implements(np.linalg.matmul)
def matmul(x1: Any, x2: Any, /) -> Any:
    """`x1 @ x2`."""
    return np.matmul(x1, x2)


@implements(np.linalg.tensordot)
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """`np.tensordot`."""
    return np.tensordot(x1, x2, axes)


@implements(np.linalg.vecdot)
def linalg_vecdot(x1: Any, x2: Any, /, *, axis: Any = -1) -> Any:
    """`np.vecdot`."""
    return vecdot(x1, x2, axis=axis)


@implements(np.linalg.outer)
def outer(x1: Any, x2: Any, /) -> Any:
    """The products of all pairs of items of two vectors."""
    a, b = np.asarray(x1), np.asarray(x2)
    if a.ndim != 1 or b.ndim != 1:
        raise ValueError(f"Input arrays must be one-dimensional, but they are x1.ndim={a.ndim} and x2.ndim={b.ndim}.")
    return np.outer(a, b)


@implements(np.linalg.cross)
def cross(x1: Any, x2: Any, /, *, axis: Any = -1) -> Any:
    """The cross products of vectors of three components."""
    a, b = np.asarray(x1), np.asarray(x2)
    if a.shape[axis] != 3 or b.shape[axis] != 3:
        raise ValueError(
            "Both input arrays must be (arrays of) 3-dimensional vectors, "
            f"but they are {a.shape[axis]} and {b.shape[axis]} dimensional instead."
        )
    return np.cross(a, b, axis=axis)


@implements(np.linalg.diagonal)
def diagonal(x: Any, /, *, offset: Any = 0) -> Any:
    """The diagonals of the matrices in the last two axes: a view that cannot be written."""
    return np.diagonal(x, offset, -2, -1)


@implements(np.linalg.trace)
def trace(x: Any, /, *, offset: Any = 0, dtype: Any = None) -> Any:
    """The sums of the diagonals of the matrices in the last two axes."""
    return np.trace(x, offset, -2, -1, dtype)


@implements(np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """The view with the last two axes exchanged."""
    return np.matrix_transpose(x)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    """The norms of the matrices in the last two axes."""
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    """The norms of the vectors along axes; of all items for None."""
    a = as_operand(x)
    axes = normalize_axes(axis, ndim_of(typeof(a)))
    kept = other_axes(ndim_of(typeof(a)), axes)
    if isinstance(axis, tuple) or axis is None:
        lines = np.ravel(a) if len(kept) == 0 else np.reshape(
            np.transpose(a, (*axes, *kept)), (size_of(tuple(a.shape[k] for k in axes)), *(a.shape[k] for k in kept))
        )
        found = np.linalg.norm(lines, ord, 0)
    else:
        found = np.linalg.norm(a, ord, axis)
    if not keepdims or ndim_of(typeof(a)) == 0:
        return found
    return np.reshape(found, tuple(1 if k in axes else a.shape[k] for k in range(a.ndim)))


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: Any = 2) -> Any:
    """The inverse with regard to `np.tensordot` over the first `ind` axes."""
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    a = np.asarray(a)
    size = size_of(a.shape[ind:])
    return np.reshape(np.linalg.inv(np.reshape(a, (size, -1))), (*a.shape[ind:], *a.shape[:ind]))


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """x with `np.tensordot(a, x, x.ndim) == b`; `axes` of `a` are put behind all others before."""
    a, b = np.asarray(a), np.asarray(b)
    if axes is not None:
        a = np.transpose(a, _axes_at_the_end(axes, a.ndim))
    shape = a.shape[b.ndim - a.ndim :]
    size = size_of(shape)
    if a.size != size * size:
        raise np.linalg.LinAlgError(
            "Input arrays must satisfy the requirement prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim])"
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)), np.ravel(b)), shape)


@static_function
def _axes_at_the_end(axes: Any, ndim: int) -> tuple[int, ...]:
    order = list(range(ndim))
    for axis in axes:
        order.remove(axis)
        order.insert(ndim, axis)
    return tuple(order)
