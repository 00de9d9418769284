"""Differences from Python that `tutorials/differences.md` lists and that depend on more than the items of a result.

Where one of them may be the cause, a run is compared with the interpreter of the traced graph instead: all that the compiler does
afterwards still has to agree.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from tests.language.outcomes import Outcome

_COPIED = re.compile(r"\b(?:reshape|ravel)\(")
_MASKED_STORE = re.compile(r"^ *\w+\[.*[<>=!]=? .*\] = ", re.MULTILINE)
_READ_ONLY = re.compile(r"diagonal|broadcast")
_COMPLEX = re.compile(r"complex|c8|c16|\dj\b|\bz\b")
_NOT_FINITE = re.compile(r"\b(?:nan|inf|infinity)j?", re.IGNORECASE)
_SINGLE = re.compile(r"bool|int8|int16|float32|complex64")


def may_differ(reason: str, text: str, actual: Outcome, expected: Outcome) -> bool:
    """Whether a program may differ from Python for this reason."""
    arrays = [a for a in expected.arguments if isinstance(a, np.ndarray)]
    if _COPIED.search(text) and ("value" in reason or reason == "views and copies"):
        return True  # a view here or there
    if _MASKED_STORE.search(text) and "value" in reason and _overlap(arrays):
        return True
    if "read-only" in str(actual.result) or reason == "writeable flag":
        return bool(_READ_ONLY.search(text)) or not all(a.flags.writeable for a in arrays)
    return False


def is_product_of_infinities(text: str, actual: Outcome, expected: Outcome) -> bool:
    """Whether complex numbers that are not finite are about, in whose products NumPy's own loops differ."""
    is_complex = _COMPLEX.search(text) or any(map(np.iscomplexobj, expected.arguments))
    return bool(is_complex and _NOT_FINITE.search(f"{actual} {expected}"))


def _overlap(arrays: Sequence[np.ndarray]) -> bool:
    return any(itertools.starmap(np.may_share_memory, itertools.combinations(arrays, 2)))


def is_single(text: str, given: str) -> bool:
    """Whether steps on the way may have single precision: also those on numbers that NumPy takes as `float16`."""
    return bool(_SINGLE.search(text + given))


def texts_may_differ(text: str, given: str, compared: Sequence[str]) -> bool:
    """Whether two texts of a function in object mode may tell of products of complex numbers that are not finite, or of an int of
    more than 64 bits."""
    not_finite = _NOT_FINITE.search(given) or all(map(_NOT_FINITE.search, compared))
    return bool(_COMPLEX.search(text + given) and not_finite) or "does not fit in a 64-bit integer" in compared[0]
