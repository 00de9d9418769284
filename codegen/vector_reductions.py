"""What a loop of vectors carries from round to round: in each lane, what its items came to; behind the loop, all lanes together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codegen.vector_text import TYPE, VALUE, Unknown, VectorText

_PHI = re.compile(rf"  (%[\w.]+) = phi {TYPE} \[{VALUE}, %[\w.]+\], \[{VALUE}, %([\w.]+)\]")
_BINARY = re.compile(rf"  %[\w.]+ = (fadd|fmul|add|mul|and|or|xor) ((?:\w+ )*){TYPE} {VALUE}, {VALUE}")
_FUNCTION = re.compile(
    rf"  %[\w.]+ = call ((?:\w+ )*){TYPE} @llvm\.(maximum|minimum|maxnum|minnum|smax|smin|umax|umin)\.(\w+)\(\w+ {VALUE}, \w+ {VALUE}\)"
)
_JOIN = re.compile(rf"  %[\w.]+ = phi {TYPE} \[{VALUE}, %[\w.]+\], \[{VALUE}, %[\w.]+\]")
_NEUTRAL = {"fadd": "-0.0", "fmul": "1.0", "add": "0", "mul": "1", "xor": "0"}  # for the others, the initial value is as good
_ANY_ORDER = {"reassoc", "fast"}


class Reduction:
    """A parameter of a loop's header that each round combines with a term, in an order that does not matter.

    `step` is the name of the instruction that combines them. Where only some rounds do, it is on a branch, and `joined` is the name of
    the phi behind.
    """

    def __init__(self, name: str, type: str, initial: str, following: str) -> None:
        self.name, self.type, self.initial, self.step = name, type, initial, following
        self.carried = f"{name}.lanes"  # a vector
        self.joined = self.term = self.made = ""
        self._opcode = self._flags = self._function = self._suffix = ""

    def find(self, lines: dict[str, str], used: Sequence[str]) -> None:
        """See how the next state is made, of the lines of the loop by the names that they define. Raises Unknown."""
        join = _JOIN.fullmatch(lines.get(self.step, ""))
        if join is not None and self.name in (join[2], join[3]):
            self.joined, self.step = self.step, join[2] if join[3] == self.name else join[3]
        if self.step not in lines:
            raise Unknown("what a round leaves behind is another state")
        # The state is one operand of one instruction, and of the phi.
        uses = [(self.name, 1 + bool(self.joined)), (self.step, 1 + bool(self.joined)), (self.joined, 1)]
        if any(name and used.count(name) != count for name, count in uses):
            raise Unknown("what a round leaves behind is used in another way")

    def read(self, line: str) -> None:
        """Take the instruction that makes the next state. Raises Unknown if the order of the rounds matters to it."""
        if (found := _BINARY.fullmatch(line)) is not None:
            self._opcode, flags, type, a, b = found.groups()
            if self._opcode in ("fadd", "fmul") and not _ANY_ORDER & set(flags.split()):
                raise Unknown("the order of the rounds matters")
            self._flags = flags if self._opcode[0] == "f" else ""  # of integers, other orders may wrap around on the way
        elif (found := _FUNCTION.fullmatch(line)) is not None:
            self._flags, type, self._function, self._suffix, a, b = found.groups()
        else:
            raise Unknown(line)
        if type != self.type or self.name not in (a, b):
            raise Unknown(line)
        self.term = b if a == self.name else a

    @property
    def start(self) -> str:
        """What all lanes begin with."""
        return _NEUTRAL.get(self._opcode, self.initial)

    def combine(self, type: str, width: str, a: str, b: str, text: VectorText) -> str:
        """An instruction that combines two values of a type: vectors, where there is a width as in "v8"."""
        if not self._function:
            return f"{self._opcode} {self._flags}{type} {a}, {b}"
        name = f"llvm.{self._function}.{width}{self._suffix}"
        text.declarations[name] = f"declare {type} @{name}({type}, {type})"
        return f"call {self._flags}{type} @{name}({type} {a}, {type} {b})"

    def halve(self, lines: list[str], vector: str, lanes: int, most: int, text: VectorText) -> str:
        """Append what combines the halves of a vector until it has `most` lanes; the name of what is left."""
        while lanes > most:
            whole, half = f"<{lanes} x {self.type}>", lanes // 2
            parts = []
            for first in (0, half):
                part = text.fresh()
                indices = ", ".join([f"i32 {first + i}" for i in range(half)])
                lines.append(f"  {part} = shufflevector {whole} {vector}, {whole} poison, <{half} x i32> <{indices}>")
                parts.append(part)
            vector, lanes = text.fresh(), half
            lines.append(f"  {vector} = {self.combine(f'<{half} x {self.type}>', f'v{half}', *parts, text)}")
        return vector

    def finish(self, vector: str, lanes: int, text: VectorText) -> list[str]:
        """Combine the lanes of a vector, and define the reduction's own name as the result."""
        lines: list[str] = []
        left = self.halve(lines, vector, lanes, 1, text)
        single = text.fresh()
        lines.append(f"  {single} = extractelement <1 x {self.type}> {left}, i64 0")
        lines.append(f"  {self.name} = {self.combine(self.type, '', self.initial, single, text)}")
        return lines


def reduction(phi: str, latch: str) -> Reduction:
    """The parameter of a header that a line is about."""
    found = _PHI.fullmatch(phi)
    if found is None or found[5] != latch:
        raise Unknown(phi)
    name, type, initial, step, _ = found.groups()
    return Reduction(name, type, initial, step)


def results(reductions: Sequence[Reduction]) -> str:
    """The type in which a function returns the results."""
    if not reductions:
        return "void"
    return reductions[0].type if len(reductions) == 1 else f"{{{', '.join([each.type for each in reductions])}}}"
