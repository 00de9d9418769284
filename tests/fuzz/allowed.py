"""Differences from Python that `tutorials/differences.md` lists and that depend on more than the items of a result."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.language.outcomes import Outcome

_MAY_BE_READ_ONLY = re.compile(r"diagonal|broadcast")
_IS_READ_ONLY = re.compile(r"(?:assignment destination|output array|sort array) is read-only")
_COMPLEX = re.compile(r"complex64|complex128")
_NOT_FINITE = re.compile(r"\b(?:nan|inf|infinity)j?", re.IGNORECASE)
_SINGLE = re.compile(r"float32|complex64|float16")
_SHORT = re.compile(r"bool|\bu?int(?:8|16)\b")
_WRITABLE = re.compile(r"(<class 'numpy\.ndarray'>, '[\w<>]+', \([\d, ]*\)), (True|False),")
HALF = 1e-3  # the precision of NumPy's `float16`, which compiled code does not have
_SHORTEST = re.compile(r"bool|\bu?int8\b")
_ELEMENTARY = re.compile(r"np\.(?:exp|log|sin|cos|tan|arc|sqrt|cbrt|hypot|deg|rad)|\*\*|/")


def is_read_only_here(reason: str, text: str, actual: Outcome) -> bool:
    """Whether an array may be read-only because it is so where another path comes from."""
    if not reason.endswith("writeable flag") and not _IS_READ_ONLY.fullmatch(str(actual.result)):
        return False
    given = [a for a in actual.arguments if isinstance(a, np.ndarray)]
    return bool(_MAY_BE_READ_ONLY.search(text)) or not all(a.flags.writeable for a in given)


def is_writable_here(text: str, expected: Outcome) -> bool:
    """Whether an array may be a new one that NumPy makes a view of what is read-only: what `np.tile` gives has no items."""
    empty = any(isinstance(a, np.ndarray) and a.size == 0 for a in expected.arguments)
    return empty and "np.tile" in text and bool(_IS_READ_ONLY.fullmatch(str(expected.result)))


def with_fewer_digits(text: str, digits: int) -> str:
    """The text with so many digits of its floats."""
    return re.sub(r"\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)", lambda found: f"{float(found[0]):.{digits - 1}e}", text)


def alike_but_for_read_only(actual: str, expected: str) -> bool:
    """Whether `tests.object_harness` says the same of two results, but that more arrays of the actual one are read-only."""
    flags = zip(*([found[2] for found in _WRITABLE.finditer(text)] for text in (actual, expected)))
    return _WRITABLE.sub(r"\1,", actual) == _WRITABLE.sub(r"\1,", expected) and ("True", "False") not in flags


def tolerance_of_steps(text: str, given: str) -> float:
    """How much results may differ by steps on the way to them: in single precision, or where NumPy takes `float16` for elementary functions."""
    if _ELEMENTARY.search(text) and _SHORTEST.search(text + given):
        return HALF
    single = _SINGLE.search(text + given) or (_SHORT.search(text + given) and _ELEMENTARY.search(text))
    return 1e-4 if single else 1e-10


def is_not_finite(value: Any) -> bool:
    """Whether a complex number has a part that is infinite or NaN."""
    return not (math.isfinite(value.real) and math.isfinite(value.imag))


def holds_not_finite(value: Any) -> bool:
    """Whether complex numbers that are not finite are in what a run gave or left."""
    if isinstance(value, (tuple, list)):
        return any(map(holds_not_finite, value))
    return isinstance(value, (complex, np.ndarray, np.complexfloating)) and np.iscomplexobj(value) and not bool(np.isfinite(value).all())


def texts_may_differ(given: str, compared: Sequence[str]) -> bool:
    """Whether two texts of a function in object mode may tell of products of complex numbers that are not finite, or of an int of
    more than 64 bits, which is refused in other words."""
    of_infinities = _COMPLEX.search(given) and all(map(_NOT_FINITE.search, compared))
    return bool(of_infinities) or ("does not fit in a 64-bit integer" in compared[0] and "OverflowError" in compared[1])
