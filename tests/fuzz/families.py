"""The families of programs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from tests.fuzz import arrays, loops, overflow, scalars
from tests.fuzz.expansion import generator
from tests.fuzz.grammar import MIXED, OBJECTS
from tests.fuzz.grammar_language import LANGUAGE, PYTHON
from tests.fuzz.grammar_library import LIBRARY
from tests.fuzz.grammar_times import TIMES
from tests.fuzz.program import Program

FAMILIES: dict[str, Callable[[int, int], Program]] = {
    "mixed": generator(MIXED),
    "objects": generator(OBJECTS),
    "arrays": arrays.generate,
    "scalars": scalars.generate,
    "loops": loops.generate,
    "library": generator(LIBRARY),
    "language": generator(LANGUAGE),
    "python": generator(PYTHON),
    "times": generator(TIMES),
    "overflow": overflow.generate,
    "unchecked": loops.generate_unchecked,
}
_TURNS = {
    "mixed": 3, "objects": 2, "arrays": 5, "scalars": 4, "loops": 5, "library": 1, "language": 4, "python": 3, "times": 2, "overflow": 6, "unchecked": 5,
}  # fmt: skip
"""How often each comes in a round: all families get about the same time, as a program of the library takes six times as much as one of `overflow`."""
_TAKING_TURNS = ("mixed", "objects", "arrays", "scalars", "loops")  # the oldest, among whose programs seeds go around
_RANGE = 10**9  # so many seeds are for each of the others
INPUTS = 4


def seed_of(number: int, chosen: Sequence[str] = tuple(FAMILIES)) -> int:
    """The seed of the program with this number of a run in which the families take turns."""
    whole = _round_of(tuple(chosen))
    family, turn = whole[number % len(whole)]
    place = number // len(whole) * _TURNS[family] + turn
    if family in _TAKING_TURNS:
        return place * len(_TAKING_TURNS) + _TAKING_TURNS.index(family)
    return _RANGE * (tuple(FAMILIES).index(family) - len(_TAKING_TURNS) + 1) + place


@functools.cache
def _round_of(chosen: tuple[str, ...]) -> list[tuple[str, int]]:
    """Each family in turn, and which of its turns it is, until none has turns left."""
    return [(family, turn) for turn in range(max(_TURNS.values())) for family in chosen if turn < _TURNS[family]]


def family_of(seed: int) -> tuple[str, int]:
    """The family of the program that has this seed, and its place there. A seed keeps its program when families are added behind."""
    later, place = divmod(seed, _RANGE)
    if later:
        return tuple(FAMILIES)[len(_TAKING_TURNS) + later - 1], place
    return _TAKING_TURNS[seed % len(_TAKING_TURNS)], seed // len(_TAKING_TURNS)


def program_of(seed: int, inputs: int | None = None) -> tuple[str, Program]:
    """The program that has this seed, for so many inputs, and its family."""
    family, place = family_of(seed)
    return family, FAMILIES[family](place, inputs or INPUTS)
