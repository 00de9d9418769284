"""A function that only computes, rewritten for vectors: all lanes at once, where a loop would call it for one after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from codegen.vector_body import Body, Path
from codegen.vector_text import TYPE, VALUE, Unknown

_STRUCT = re.compile(rf"  (%[\w.]+) = insertvalue {{{TYPE}}} poison, {TYPE} {VALUE}, 0")
_RETURN = re.compile(rf"  ret {{{TYPE}}} (%[\w.]+)")


class FunctionBody(Body):
    """The blocks of a function of numbers, whose result is one number, for those lanes that the vector `%mask` tells.

    Raises Unknown where there is something in it that has no form with vectors.
    """

    def __init__(self, blocks: Mapping[str, list[str]], parameters: Sequence[str], lanes: int) -> None:
        super().__init__("lanes", lanes, "begin")
        self._structs: dict[str, tuple[str, str]] = {}  # what is returned as a struct, and its type
        self._returned: list[tuple[Path, str, str]] = []
        for i, type in enumerate(parameters):
            self.text.types[f"%p{i}"] = type
            self.text.vectors.add(f"%p{i}")
        self.edges[""] = [("", ())]
        for label, lines in blocks.items():
            self.block(label, lines)
        self.result = self._chosen()

    def active(self) -> str:
        return "%mask"

    def replaces(self, path: Path, line: str, name: str, instruction: str) -> bool:
        found = _STRUCT.fullmatch(line)
        if found is not None:
            self._structs[name] = (found[4], found[2])
        return found is not None

    def end(self, label: str, path: Path, line: str) -> None:
        found = _RETURN.fullmatch(line)
        if found is None:
            super().end(label, path, line)
        else:
            self._returned.append((path, *self._structs[found[2]]))

    def _chosen(self) -> str:
        """In each lane the result that belongs to the conditions on its path."""
        _, value, type = self._returned[-1]
        result = self.text.vector(value, type)
        for path, value, type in self._returned[:-1]:
            chosen = self.text.fresh()
            self.text.choose(chosen, type, self.mask(path), value, result)
            result = chosen
        return result

    def load(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        raise Unknown("items side by side")

    def store(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        raise Unknown("a store")
