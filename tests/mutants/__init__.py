"""Planted faults: small changes that break the compiler, each of which the tests must notice.

    python -m tests.mutants                 plant each, run the tests that should notice, print a table
    python -m tests.mutants hoist unbox     those only whose file or description has one of the words
    python -m tests.mutants --whole         run the whole default suite on each: takes many hours

A fault is planted in a copy of the tree. A crash or a hang of the tests counts as noticed; a fault that survives is a missing
test. `tests/test_mutants.py` holds that each fault still has its place in the source.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One fault: `old`, which stands once in `file`, becomes `new`.

    `breaks` says what is wrong then; `tests` are the files or functions, as pytest names them, that should notice.
    """

    file: str
    old: str
    new: str
    breaks: str
    tests: tuple[str, ...]
