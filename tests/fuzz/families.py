"""The families of programs."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz import arrays, loops, scalars
from tests.fuzz.expansion import generator
from tests.fuzz.program import Program

FAMILIES: dict[str, Callable[[int, int], Program]] = {
    "mixed": generator(objects=False),
    "objects": generator(objects=True),
    "arrays": arrays.generate,
    "scalars": scalars.generate,
    "loops": loops.generate,
}
INPUTS = 4


def program_of(seed: int, inputs: int | None = None) -> tuple[str, Program]:
    """The program that has this seed in a long run, for so many inputs, and its family: they take turns."""
    names = tuple(FAMILIES)
    family = names[seed % len(names)]
    return family, FAMILIES[family](seed // len(names), inputs or INPUTS)
