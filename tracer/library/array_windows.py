"""The modified Bessel function of order 0, and the window made of it. (NumPy's other windows are traced as they are.)

The Chebyshev series are those of S. L. Moshier's Cephes library, which NumPy takes too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ir.types import Complex
from tracer.array_steps import cast_item
from tracer.extending import implements, primitive
from tracer.library.array_reductions import as_operand, pointwise
from tracer.library.array_types import inexact_type
from tracer.typeof import typeof

_NEAR = (
    -4.4153416464793395e-18, 3.3307945188222384e-17, -2.431279846547955e-16, 1.715391285555133e-15, -1.1685332877993451e-14, 7.676185498604936e-14,
    -4.856446783111929e-13, 2.95505266312964e-12, -1.726826291441556e-11, 9.675809035373237e-11, -5.189795601635263e-10, 2.6598237246823866e-09,
    -1.300025009986248e-08, 6.046995022541919e-08, -2.670793853940612e-07, 1.1173875391201037e-06, -4.4167383584587505e-06, 1.6448448070728896e-05,
    -5.754195010082104e-05, 0.00018850288509584165, -0.0005763755745385824, 0.0016394756169413357, -0.004324309995050576, 0.010546460394594998,
    -0.02373741480589947, 0.04930528423967071, -0.09490109704804764, 0.17162090152220877, -0.3046826723431984, 0.6767952744094761,
)  # fmt: skip
_FAR = (
    -7.233180487874754e-18, -4.830504485944182e-18, 4.46562142029676e-17, 3.461222867697461e-17, -2.8276239805165836e-16, -3.425485619677219e-16,
    1.7725601330565263e-15, 3.8116806693526224e-15, -9.554846698828307e-15, -4.150569347287222e-14, 1.54008621752141e-14, 3.8527783827421426e-13,
    7.180124451383666e-13, -1.7941785315068062e-12, -1.3215811840447713e-11, -3.1499165279632416e-11, 1.1889147107846439e-11, 4.94060238822497e-10,
    3.3962320257083865e-09, 2.266668990498178e-08, 2.0489185894690638e-07, 2.8913705208347567e-06, 6.889758346916825e-05, 0.0033691164782556943,
    0.8044904110141088,
)  # fmt: skip


@implements(np.i0)
def i0(x: Any) -> Any:
    """The modified Bessel function of the first kind of order 0."""
    x = as_operand(x)
    kind = inexact_type(typeof(x))
    if isinstance(kind, Complex):
        raise TypeError("i0 not supported for complex values")
    return np.asarray(pointwise(lambda item: cast_item(_bessel(cast_item(item, kind)), kind), x))


def _bessel(x: Any) -> Any:
    size = primitive.fabs(x)
    half, eight, two = (cast_item(number, typeof(x)) for number in (0.5, 8.0, 2.0))
    near = _chebyshev(size * half - two, _NEAR)
    far = _chebyshev(cast_item(32.0, typeof(x)) / size - two, _FAR) / np.sqrt(size)
    return np.exp(size) * primitive.select(bool(size <= eight), near, far)


def _chebyshev(x: Any, coefficients: Any) -> Any:
    """The sum of a Chebyshev series by Clenshaw's recurrence."""
    kind = typeof(x)
    current, before, last = cast_item(coefficients[0], kind), cast_item(0.0, kind), cast_item(0.0, kind)
    for coefficient in coefficients[1:]:
        before, last = current, before
        current = x * before - last + cast_item(coefficient, kind)
    return cast_item(0.5, kind) * (current - last)


@implements(np.kaiser)
def kaiser(M: Any, beta: Any) -> Any:
    """The Kaiser window of so many points."""
    length, shape = float(M), float(beta)
    if length == 1.0:
        return np.ones(1)
    middle = (length - 1.0) / 2.0
    places = (np.arange(0.0, length) - middle) / middle
    return i0(shape * np.sqrt(1.0 - places**2.0)) / i0(np.float64(shape))
