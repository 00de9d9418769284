"""The texts of exceptions, taken from the running Python: they differ between its versions."""

from __future__ import annotations

import cmath
import math
import operator
import sys
from collections.abc import Callable
from typing import Any


def provoked(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> tuple[Any, ...]:
    """The arguments of the exception that the call raises."""
    try:
        function(*arguments, **keywords)
    except (ArithmeticError, ValueError) as error:
        return error.args
    raise LookupError(f"{function!r} raised nothing for {arguments}")


def message(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> str:
    """The text of the exception that the call raises."""
    return provoked(function, *arguments, **keywords)[0]


INT_FLOORDIV = message(operator.floordiv, 1, 0)
INT_MOD = message(operator.mod, 1, 0)
INT_DIVMOD = message(divmod, 1, 0)
INT_TRUEDIV = message(operator.truediv, 1, 0)
NEGATIVE_SHIFT = message(operator.lshift, 1, -1)
NEGATIVE_EXPONENT = "an integer to a negative power is a float in Python; write float(base) ** exponent"
NUMPY_NEGATIVE_EXPONENT = "Integers to negative integer powers are not allowed."
TOO_LARGE = "the result does not fit in a 64-bit integer"

FLOAT_TRUEDIV = message(operator.truediv, 1.0, 0.0)
FLOAT_FLOORDIV = message(operator.floordiv, 1.0, 0.0)
FLOAT_MOD = message(operator.mod, 1.0, 0.0)
FLOAT_DIVMOD = message(divmod, 1.0, 0.0)
FLOAT_POW_ZERO = message(pow, 0.0, -1.0)
FLOAT_POW_ERRNO, FLOAT_POW_RANGE = provoked(pow, 10.0, 400.0)
FLOAT_POW_COMPLEX = "a negative number to a fractional power is complex in Python; write complex(base) ** exponent"
INT_OF_INFINITY = message(int, math.inf)
INT_OF_NAN = message(int, math.nan)
ROUNDED_TOO_LARGE = message(round, 1.7e308, -308)

COMPLEX_TRUEDIV = message(operator.truediv, 1j, 0j)
COMPLEX_POW_ZERO = message(pow, 0j, -1j)
COMPLEX_POW_RANGE = message(pow, 1e200 + 0j, 2)
COMPLEX_ABS = message(abs, complex(1.7e308, 1.7e308))

POW_MODULUS_ZERO = message(pow, 2, 3, 0)
POW_NOT_INVERTIBLE = message(pow, 2, -1, 4)
MIN_EMPTY = message(min, ())
MAX_EMPTY = message(max, ())

DOMAIN = message(math.sqrt, -1.0)
RANGE = message(math.exp, 1000.0)
CMATH_DOMAIN = message(cmath.log, 0)
CMATH_RANGE = message(cmath.exp, 1e4)
NEGATIVE_TOLERANCE = message(math.isclose, 1, 1, rel_tol=-1)
UNEQUAL_DIMENSIONS = message(math.dist, (1,), (1, 2))
FSUM_INVALID = message(math.fsum, (math.inf, -math.inf))
FSUM_OVERFLOW = message(math.fsum, (1e308, 1e308))
ISQRT_NEGATIVE = message(math.isqrt, -1)
FACTORIAL_NEGATIVE = message(math.factorial, -1)
COMB_N_NEGATIVE = message(math.comb, -1, 1)
COMB_K_NEGATIVE = message(math.comb, 1, -1)
PERM_N_NEGATIVE = message(math.perm, -1, 1)
PERM_K_NEGATIVE = message(math.perm, 1, -1)

if sys.version_info >= (3, 12):
    UNEQUAL_LENGTHS = message(math.sumprod, (1,), (1, 2))
    NEGATIVE_STEPS = message(math.nextafter, 1.0, 2.0, steps=-1)
if sys.version_info >= (3, 13):
    FMA_OVERFLOW = message(math.fma, 1e308, 10.0, 0.0)
    FMA_INVALID = message(math.fma, math.inf, 0.0, 1.0)
