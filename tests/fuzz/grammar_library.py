"""The tables of the family `library`: NumPy's functions with their options, and those of `math` and `cmath`.

What may be rounded otherwise than in NumPy is of the kind `approximate`, and is only returned: a comparison or an index that is made
of it could go the other way.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from tests.fuzz.grammar import KINDS, LEAVES, MIXED, NO_TYPES, is_array
from tests.fuzz.tables import numbers_and_arrays


def _is_approximate(value: Any) -> bool:
    """Numbers, arrays and tuples of them."""
    if isinstance(value, tuple):
        return 0 < len(value) < 5 and all(map(_is_approximate, value))
    if isinstance(value, np.ndarray):
        return value.size <= 400 and value.dtype.kind in "biufc" and value.dtype not in NO_TYPES
    return isinstance(value, (int, float, complex, np.generic)) and getattr(value, "dtype", None) not in NO_TYPES


def _is_writable(value: Any) -> bool:
    """Vectors that can be written: `np.add.at` of NumPy writes others, too."""
    return is_array(1)(value) and value.flags.writeable


HELPERS = MIXED.helpers + '''
def finite(m):
    return np.where(np.isfinite(m), m, 1).real.astype(np.float64)


def well(m):
    q = finite(m[: min(m.shape), : min(m.shape)])
    return q @ q.T + 3 * np.eye(len(q))


'''

_KINDS = {
    **KINDS, "cube": is_array(3), "indices": lambda x: is_array(1, "i")(x) and x.dtype == np.int64, "mask": is_array(1, "b"), "out": _is_writable,
    "approximate": _is_approximate,
}  # fmt: skip

_LEAVES = {
    **LEAVES, "cube": ("c", "np.zeros((2, 1, 3))"), "array": ("a", "m", "b", "c"), "matrix": ("m", "m", "np.arange(6).reshape(2, 3)"),
    "indices": ("np.arange(3)", "np.array([0, -1])", "np.array([1, 0, 1])"), "mask": ("(a > 1)", "(b != 0)"), "out": ("np.zeros(3)",), "approximate": ("math.exp(w)", "np.sin(a)"),
}  # fmt: skip

_REDUCTIONS = ("sum", "prod", "max", "min", "any", "all", "argmax", "argmin", "count_nonzero", "ptp")
_FORMS = {
    **MIXED.forms,
    "array": (
        *MIXED.forms["array"], "<cube>", "<cube>",
        *(f"np.{name}(<cube>, axis={axis})" for name in _REDUCTIONS for axis in ("0", "1", "-1")),
        *(f"np.{name}(<cube>, axis={axis}, keepdims=True)" for name in ("sum", "max", "all", "count_nonzero") for axis in ("(0, 2)", "None", "(1, -1)")),
        *(f"np.{name}(<array>, axis=-1, where=<array> > <small>)" for name in ("sum", "any", "all", "prod")),
        *(f"np.{name}(<array>, axis=0, initial=<small>, where=<array> != 0)" for name in ("max", "min", "sum")),
        *(f"<cube>.{name}" for name in ("sum(axis=1)", "max(2)", "cumsum(0)", "argsort(axis=1, kind='stable')", "argmin(axis=-1)", "swapaxes(0, 1)", "transpose(2, 0, 1)", "reshape(-1, 2)")),
        "np.sum(<array>, dtype=np.complex64)", "np.sum(<array>, axis=0, dtype=np.int16)", "np.sort(<cube>, axis=1)", "np.argsort(<cube>, axis=0, kind='stable')", "np.cumsum(<cube>, axis=1)", "np.cumprod(<array>, axis=-1)",
        "np.moveaxis(<cube>, 0, -1)", "np.flip(<cube>, (0, 2))", "np.rot90(<cube>, <small>, (0, 1))", "np.take_along_axis(<cube>, np.argsort(<cube>, axis=1, kind='stable'), 1)", "np.expand_dims(<array>, (0, -1))",
        "np.stack((<array>, <array>), axis=-1)", "np.concatenate((<array>, <array>), axis=0)", "np.where(<array> > <np>, <array>, <array>)", "np.select([<array> > 2, <array> < 1], [<array>, 0 - <array>], 9)",
        "np.tile(<array>, (2, 1))", "np.pad(<array>, 1)", "np.repeat(<array>, 2, axis=-1)", "np.broadcast_to(<vector>, (2, len(<vector>)))", "np.roll(<array>, <int>, axis=0)", "np.diff(<array>, axis=0)",
        "<cube>[:, <indices>]", "<cube>[<indices>, 0]", "<cube>[0, :, <indices>]", "<cube>[<indices>, :, <indices>]", "<cube>[..., None, 0]", "<cube>[<cube> > 1]", "<cube>[:, <matrix> > 1]", "<cube>[<vector> > 0]", "<matrix>[<matrix> > <small>]",
        "np.ix_(<indices>, <indices>)[0]", "<matrix>[np.ix_(<indices>, <indices>)]", "np.indices((<small>, 2))[1]", "np.argwhere(<array>)", "np.nonzero(<array>)[0]", "np.nan_to_num(<array>)", "np.rint(<array>)", "np.trunc(<array>)",
        "np.add.reduce(<cube>, axis=1)", "np.maximum.accumulate(<array>)", "np.logical_xor.reduce(<matrix>)", "np.subtract.outer(<vector>, <vector>)", "np.bitwise_or.reduce(<array>, axis=-1)", "np.add.reduceat(<vector>, [0, 1])",
        "np.apply_along_axis(np.sum, 0, <matrix>)", "np.meshgrid(<vector>, <vector>)[1]", "np.block([[<matrix>, <matrix>]])", "np.dstack((<matrix>, <matrix>))", "np.kron(<matrix>, <vector>)", "np.einsum('ij->ji', <matrix>)",
        "np.partition(<vector> + 0, 0)[:1]", "np.unravel_index(<small>, (2, 3))[1]", "np.ediff1d(<vector>)", "np.resize(<array>, (2, 3))", "np.insert(<vector>, 1, <small>)", "np.delete(<vector>, <indices>)", "np.delete(<matrix>, 0, axis=1)",
        "np.fmod(<array>, 3)", "np.remainder(<array>, <np>)", "np.left_shift(<array>, <small>)", "np.invert(<array>)", "np.signbit(<array>)", "np.isfinite(<array>)", "np.float_power(<array>, 2)", "np.copysign(<array>, -1)", "np.heaviside(<array>, 1)",
        "np.split(np.arange(6), 3)[<small> % 3]", "np.array_split(<vector>, 2)[1]", "np.packbits(<mask>)", "<array>.view()", "<array>.flatten()", "np.ravel(<array>).copy()", "<array>.real", "<array>.imag + 0", "np.rollaxis(<cube>, 2)", "np.trim_zeros(<vector>)",
    ),
    "cube": (
        "<cube>[::-1]", "<cube>[:, ::-1, 1:]", "(<cube> + <matrix>)", "(<cube> * <cube>)", "<cube>.transpose(1, 2, 0)", "<cube>.copy()", "np.sort(<cube>, axis=-1)", "<matrix>[None]", "np.stack((<matrix>, <matrix>))",
        "np.where(<cube> > <small>, <cube>, <vector>)", "(<cube> - <cube>.max(axis=0))", "<cube>.reshape(1, -1, 2)", "np.cumsum(<cube>, axis=0)", "np.swapaxes(<cube>, 0, 2)", "<vector>[:, None, None]", "<cube>[<indices>]", "np.clip(<cube>, 0, 2)",
    ),
    "indices": (
        "np.argsort(<vector>, kind='stable')", "np.flatnonzero(<array>)", "np.nonzero(<vector>)[0]", "np.searchsorted(np.sort(<vector> + 0), <vector>)", "np.searchsorted(np.sort(<vector> + 0), <vector>, side='right')", "(<indices> % 2)", "<indices>[::-1]",
        "np.lexsort((<vector>, <vector>))", "np.unique(<vector> + 0, return_inverse=True)[1]", "np.unique(<indices>, return_counts=True)[1]", "np.bincount(<indices> % 3)", "np.digitize(<vector>, [0, 1, 2])", "np.arange(len(<vector>))",
        "np.where(<vector> > 1)[0]", "np.intersect1d(<indices>, <indices>)", "np.union1d(<indices>, <indices>)", "np.setdiff1d(<indices>, <indices>)", "np.cumsum(<indices>)", "np.argmax(<matrix>, axis=0)", "np.tril_indices(<small>)[0]",
        "np.histogram(<indices>, 3)[0]", "np.ravel_multi_index((<indices> % 2, <indices> % 2), (2, 2))",
    ),
    "mask": (
        "(<vector> > <np>)", "(<mask> & <mask>)", "(~<mask>)", "np.isin(<vector>, <vector>)", "np.isclose(<vector>, <small>)", "(<vector> == <vector>[::-1])", "np.logical_or(<mask>, <vector>)", "np.isnan(<vector>)", "<matrix>.any(axis=0)",
        "np.all(<matrix> != 0, axis=1)", "np.diff(<mask>)", "np.in1d(<vector>, [0, 1])" if hasattr(np, "in1d") else "(<mask> | <mask>)",
    ),
    "vector": (
        *MIXED.forms["vector"], "<vector>[<mask>]", "<vector>[<indices>]", "<vector>[<indices> % len(<vector>)]", "np.take(<vector>, <indices>, mode='wrap')", "np.take(<vector>, <indices>, mode='clip')", "np.compress(<mask>, <vector>)", "np.extract(<mask>, <vector>)",
        "np.choose(<indices> % 2, (<vector>, <vector>))", "np.put_along_axis", "<matrix>[<indices>, <indices>]", "<matrix>[np.arange(2), <indices>[:2]]", "np.diagonal(<matrix>).copy()", "np.sort(<matrix>, axis=None)", "np.convolve(<vector>, [1, 2])", "np.unique(<array>)",
        "np.append(<vector>, <small>)", "np.setxor1d(<vector> + 0, <vector> + 0)", "np.diag(<matrix>)", "np.full_like(<vector>, <small>)", "np.vdot(<vector>, <vector>) * np.ones(2)", "np.tri(3)[<small>]", "<array>.ravel()[::2]",
        "np.array([[<int>, <int>], [1, 2]])[<small>]", "np.vander(np.arange(<small>), 3)[:, 0]", "np.maximum(<vector>, <vector>, where=<vector> > 0, out=<vector> + 0)", "np.fromfunction(lambda q: q * 2, (<small>,))", "np.piecewise(<vector>, [<vector> > 1], [1, 0])",
    ),
    "matrix": (
        *MIXED.forms["matrix"], "<cube>[<small>]", "<cube>.sum(axis=-1)", "<cube>[:, 0]", "np.outer(<vector>, <vector>)", "<matrix>[<indices>]", "<matrix>[:, <indices>]", "np.diag(<vector>)", "np.tril(<matrix>, <small>)", "np.triu(<matrix>)", "np.vstack((<vector>, <vector>))", "np.column_stack((<vector>, <vector>))",
        "np.sort(<matrix>, axis=0)", "np.unique(<matrix> + 0, axis=0)", "np.flip(<matrix>)", "np.fliplr(<matrix>)", "np.einsum('ij,kj', <matrix!>, <same>)", "np.tensordot(<matrix>, <vector>, 0)[0]", "np.matmul(<cube>, <matrix>)[0]", "np.cross(<matrix>, <vector>)", "np.inner(<matrix>, <matrix>)",
    ),
    "np": (
        *MIXED.forms["np"], "np.sum(<cube>)", "np.max(<array>, initial=<small>)", "np.sum(<array>, where=<array> > 0)", "<cube>[<small>, 0, <small>]", "np.count_nonzero(<cube>)", "np.ptp(<array>)", "np.trace(<matrix>)", "np.vdot(<vector>, <vector>)", "np.inner(<vector>, <vector>)", "np.dot(<vector>, <vector>)",
        "np.searchsorted(np.sort(<vector> + 0), <np>)", "np.nanmax(<array>)", "np.nansum(<array>)", "np.nanargmin(<array>)", "np.array_equal(<array>, <array>)", "np.allclose(<vector>, <vector>)", "np.gcd(<np>, 6)", "np.lcm(<np>, 4)", "np.fmax(<np>, <np>)", "np.spacing(<np>)", "np.nextafter(<np>, 2)", "np.ldexp(<np>, <small>)",
        "np.bitwise_count(<np>)" if hasattr(np, "bitwise_count") else "np.trunc(<np>)", "np.frexp(<np>)[0]", "np.modf(<np>)[1]", "np.divmod(<np>, <np>)[0]", "np.round(<np>, 1)", "np.positive(<np>)", "np.reciprocal(<np>)", "np.logical_not(<np>)", "np.einsum('i,i', <vector!>, <same>)", "np.median(<vector>)",
    ),
    "int": (
        *MIXED.forms["int"], "math.isqrt(abs(<int>))", "math.lcm(<small>, <int> % 30)", "math.perm(<small>, 2)", "math.factorial(<small>)", "math.prod((<small>, 3))", "math.ceil(<float>)", "math.trunc(<float>)", "math.frexp(<float>)[1]", "np.ndim(<array>)", "np.size(<array>)", "int(np.searchsorted([1, 2, 3], <int>))",
        "operator.index(<indices>[0])", "<cube>.shape[<small>]", "sum(<cube>.shape)", "int(<array>.any())", "max(<int>, *(<int>, 2))", "min((<int>, <int>))", "pow(<int>, 2)",
    ),
    "float": (
        *MIXED.forms["float"], "math.modf(<float>)[1]", "math.remainder(<float>, 2)", "math.nextafter(<float>, 1)", "math.ulp(<float>)", "math.fsum((<float>, <float>))", "cmath.phase(<complex>) * 0", "math.ldexp(<float>, -<small>)", "math.frexp(<float>)[0]", "<complex>.real", "<float>.real",
    ),
    "bool": (
        *MIXED.forms["bool"], "math.isclose(<float>, <float>)", "math.isinf(<float>)", "math.isfinite(<float>)", "cmath.isnan(<complex>)", "cmath.isfinite(<complex>)", "bool(<mask>.all())", "(<int> in <indices>)", "np.shares_memory(<array>, <array>)", "np.iscomplexobj(<array>)", "bool(<cube>.any())", "<float>.is_integer()",
    ),
    "approximate": (
        *(f"math.{name}(<float>)" for name in ("exp", "log", "log1p", "log2", "sin", "tan", "atan", "sinh", "tanh", "asin", "acosh", "gamma", "lgamma", "erf", "erfc", "expm1", "degrees", "log10", "cosh", "atanh")),
        *(f"cmath.{name}(<complex>)" for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "tanh", "asin", "acos", "atan", "atanh", "polar", "log10")),
        *(f"np.{name}(<array>)" for name in ("exp", "log", "log2", "log1p", "sin", "cos", "tan", "arctan", "arcsin", "sinh", "tanh", "arcsinh", "exp2", "cbrt", "expm1", "sqrt", "degrees", "sinc", "angle", "log10")),
        *(f"np.{name}(<array>, axis={axis})" for name in ("mean", "var", "std", "median", "nanmean", "nanstd", "cumsum", "prod", "nansum", "average") for axis in ("0", "-1")),
        *(f"np.{name}(<array>)" for name in ("mean", "var", "std", "median", "sum", "nanvar", "prod")),
        "math.atan2(<float>, <float>)", "math.pow(<float>, <small>)", "math.dist((<float>, <float>), (0.0, <float>))", "math.hypot(<float>, <float>, <float>)", "cmath.rect(<float>, <float>)", "(<complex> ** 2)", "math.sumprod([<float>, 2.0], [<float>, 1.0])" if hasattr(__import__("math"), "sumprod") else "math.log(<float>, 3)",
        "np.linalg.solve(well(<matrix>), finite(<matrix>)[: min(<matrix>.shape)])", "np.linalg.inv(well(<matrix>))", "np.linalg.det(well(<matrix>))", "np.linalg.cholesky(well(<matrix>))", "np.linalg.eigvalsh(well(<matrix>))", "np.linalg.svd(finite(<matrix>), compute_uv=False)",
        "tuple(np.linalg.slogdet(well(<matrix>)))", "np.abs(np.linalg.qr(well(<matrix>))[1])", "np.linalg.pinv(well(<matrix>))", "np.linalg.cond(well(<matrix>))", "np.linalg.matrix_power(well(<matrix>), 2)", "np.linalg.lstsq(well(<matrix>), np.ones(min(<matrix>.shape)), rcond=None)[0]", "np.linalg.matrix_rank(well(<matrix>))",
        *(f"np.linalg.norm(<matrix>, {order})" for order in ("'fro'", "1", "np.inf", "-1")), *(f"np.linalg.norm(<vector>, {order})" for order in ("2", "1", "np.inf", "0", "3")), "np.linalg.norm(<cube>, axis=1)", "np.linalg.multi_dot((<matrix>, <matrix>, <vector>))",
        "np.percentile(<array>, 30, axis=0)", "np.quantile(<vector>, [0.25, 0.5])", "np.quantile(<vector>, 0.3, method='lower')", "np.polyval(<vector>, <float>)", "np.interp(<vector>, [0.0, 1.0, 3.0], [2.0, 0.0, 1.0])", "np.gradient(<vector>)", "np.convolve(<vector>, <vector>)", "np.correlate(<vector>, <vector>, 'full')",
        "np.cov(<matrix>)", "np.corrcoef(<vector>, <vector>)", "np.trapezoid(<vector>)" if hasattr(np, "trapezoid") else "np.trapz(<vector>)", "np.histogram(finite(<vector>), 4)", "np.einsum('ijk,ijk->ik', <cube!>, <same>)", "np.tensordot(<cube>, <matrix>, ([2], [1]))", "(<cube> @ <vector>)", "(<cube> @ <matrix>)", "(<array> ** 0.5)",
        "np.logaddexp(<array>, 1)", "np.arctan2(<array>, <np>)", "np.hypot(<array>, <array>)", "np.power(<array>, 3)", "np.float_power(2, <array>)", "np.linspace(<float>, <int>, 5)", "np.geomspace(1, 8, 4)", "np.logspace(0, <small>, 3)", "np.hanning(<small>)", "np.average(<vector>, weights=np.arange(len(<vector>)))", "np.unwrap(<vector>)",
        "np.polyfit(np.arange(4.0), finite(np.resize(<vector>, 4)), 1)", "np.polymul(<vector>, [1, 2])", "np.polydiv([1.0, 3.0, 2.0], [1.0, 1.0])[0]", "np.std(<array>, ddof=1)", "np.var(<cube>, axis=(0, 2), keepdims=True)", "np.mean(<array>, where=<array> > 0)", "np.mean(<cube>, axis=1, dtype=np.complex128)", "np.add.accumulate(<array>, axis=-1)",
    ),
}  # fmt: skip

_STATEMENTS = (
    *MIXED.statements, "<cube!>[<small>] += <small>", "<cube!>[:, 0] = <small>", "<cube!>[..., <indices>] = <small>", "<cube!>[<cube!> > 1] = <small>", "<cube!>[<cube!> > <small>] -= 1", "<matrix!>[<matrix!> > 2] = <small>", "<matrix!>[<indices>, 0] = <small>", "<vector!>[<mask>] = <small>", "<vector!>[<mask>] += <small>",
    "<vector!>[<indices>] = <vector>[<indices>]", "<vector!>[<indices>] += 1", "np.add.at(<out!>, <indices>, 1)", "np.maximum.at(<out!>, <indices>, <small>)", "np.put(<vector!>, [0], <small>)", "np.put(<vector!>, [0, 7], <small>, mode='clip')", "np.copyto(<cube!>, <small>, where=<cube!> > 1)", "np.sum(<cube>, axis=0, out=<matrix!>)", "np.cumsum(<vector!>, out=<vector!>)",
    "np.maximum(<cube>, <small>, out=<cube!>)", "<cube!>.sort(axis=0)", "<vector!>.sort()", "<matrix!>.sort(axis=-1)", "np.multiply(<vector!>, 2, out=<vector!>, where=<vector!> > 0)", "np.fill_diagonal(<matrix!>, <small>)", "np.put_along_axis(<matrix!>, np.argmax(<matrix!>, axis=0)[None], 0, 0)", "<cube!>.flat[<small>] = 1",
    "<matrix!>[:] = <matrix!>[::-1]", "<cube!>[0], <cube!>[-1] = <cube!>[-1].copy(), <cube!>[0].copy()", "<array!>.real = <small>", "np.place(<vector!>, <vector!> > 1, [1, 2])", "np.clip(<cube!>, 0, <small>, out=<cube!>)", "<matrix!>.T[0] = <small>", "<mask!> ^= True", "<indices!> += 1", "np.negative(<cube!>, out=<cube!>)",
)  # fmt: skip

_ITERABLES = (
    *MIXED.iterables, ("np.ndenumerate(<matrix!>)", ("any", "np")), ("np.nditer(<vector!>)", ("array",)), ("np.ndindex(<matrix!>.shape)", ("any",)), ("<cube!>", ("matrix",)), ("enumerate(<cube!>)", ("int", "matrix")), ("zip(<matrix!>, <matrix!>)", ("array", "array")),
    ("<indices!>", ("np",)), ("<matrix!>.T", ("array",)), ("<cube!>.flat", ("np",)), ("np.ndindex(*<cube!>.shape[:2])", ("any",)), ("zip(range(<small>), <vector!>, <indices!>)", ("int", "np", "np")),
)  # fmt: skip

LIBRARY = attrs.evolve(
    MIXED, parameters=(*MIXED.parameters, "c"), inputs=numbers_and_arrays(1, 1, 2, 3), helpers=HELPERS, kinds=_KINDS, leaves=_LEAVES, forms=_FORMS, rare_forms={}, statements=_STATEMENTS, iterables=_ITERABLES, results=("approximate",), length=(1, 4),
    assigned=("int", "float", "bool", "complex", "np", "np", "vector", "vector", "matrix", "array", "array", "array", "cube", "indices", "mask", "approximate", "approximate", "approximate"),
)  # fmt: skip
