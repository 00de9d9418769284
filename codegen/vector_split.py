"""Loops of vectors for CPUs with masks: whole vectors as long as there are enough items, then rounds with fewer lanes.

    loop:                                  loop:     full = n without what is left over; to vectors, or to rest if it is 0
      i, s = phi [0, 0.0], [i + 1, t]      vectors:  i, s = phi [0, splat (0.0)], [i + 32, t]
      if not i < n, to exit                          x = load <32 x double>, ptr (a, i)
      x = load double, ptr (a, i)       ->           t = fadd <32 x double> s, x
      t = fadd reassoc double s, x                   to vectors while i + 32 < full
      to loop                              after:    r = the sum of the four parts of t that have 8 lanes
                                           rest:     j, u = phi [0, splat (0.0)], [full, r]; to end if none is left over
                                           fewer:    the same again with 8 lanes, of which those count that lie below n - j;
                                                     once, where a round of whole vectors has no more
                                           end:      s = the sum of the lanes
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from codegen.vector_body import LoopBody, Path

_NAME = re.compile(r"%[\w.]+")


class SplitLoop(LoopBody):
    """Whole vectors, several in a round where `parts` is more than 1, and behind them rounds with masks.

    This takes two copies of the body. With masks in all rounds one would do, but stores with masks to new memory take twice the time.
    """

    def __init__(self, blocks: Sequence[tuple[str, list[str]]], lanes: int, parts: int = 1) -> None:
        super().__init__(blocks, lanes * parts)
        self._again = parts > 1  # whether more items may be left over than one vector has
        self.fewer = (_FewerLanes if self._again else _LastLanes)(_renamed(blocks), lanes)
        self.calls |= self.fewer.calls
        self.text.given |= self.fewer.text.given

    def load(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        if path:
            self.load_some(path, name, type, address, alignment)
        else:
            self.text.make(name, type, f"load {self.text.vector_type(type)}, ptr {address}, align {alignment}")

    def store(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        if path:
            self.store_some(path, type, stored, address, alignment)
        else:
            self.text.lines.append(f"  store {stored}, ptr {address}, align {alignment}")

    def around(self, inner: str, outer: str) -> list[str]:
        at, text, fewer = f"%{self.label}.", self.text, self.fewer
        starts, narrow = self.starts(), fewer.starts()
        after: list[str] = []
        left = [each.halve(after, each.made, self.lanes, fewer.lanes, text) for each in self.reductions]
        lines = [
            f"{self.label}:",
            *text.before,
            *fewer.text.before,
            f"  {at}full = and i64 {self.stop}, {-self.lanes}",
            f"  {at}any = icmp sgt i64 {at}full, 0",
            f"  br i1 {at}any, label {at}vectors, label {at}rest",
            f"{self.label}.vectors:",
            f"  {self.index} = phi i64 [0, %{self.label}], [{self.next}, %{self.here}]",
            *(f"  {each.carried} = phi {type} [{start}, %{self.label}], [{each.made}, %{self.here}]" for each, type, start in starts),
            *text.lines,
            f"  {self.next} = add i64 {self.index}, {self.lanes}",
            f"  {at}more = icmp slt i64 {self.next}, {at}full",
            f"  br i1 {at}more, label {at}vectors, label {at}after{inner}",
            f"{self.label}.after:",
            *after,
            f"  br label {at}rest",
            f"{self.label}.rest:",
            f"  {at}done = phi i64 [0, %{self.label}], [{at}full, {at}after]",
            *(f"  {each.carried}.some = phi {type} [{start}, %{self.label}], [{part}, {at}after]" for (each, type, start), part in zip(narrow, left)),
            f"  {at}less = icmp slt i64 {at}done, {self.stop}",
            f"  br i1 {at}less, label {at}fewer, label {at}end",
            f"{self.label}.fewer:",
            f"  {fewer.index} = phi i64 [{at}done, {at}rest]{f', [{fewer.next}, %{fewer.here}]' if self._again else ''}",
            *(
                f"  {each.carried} = phi {type} [{each.carried}.some, {at}rest]{f', [{each.made}, %{fewer.here}]' if self._again else ''}"
                for each, type, _ in narrow
            ),
            *fewer.text.lines,
            *(self._round_again(outer) if self._again else [f"  br label {at}end"]),
            f"{self.label}.end:",
            *(f"  {each.carried}.all = phi {type} [{each.carried}.some, {at}rest], [{each.made}, %{fewer.here}]" for each, type, _ in narrow),
        ]
        for each, (other, _, _) in zip(self.reductions, narrow):
            lines += each.finish(f"{other.carried}.all", fewer.lanes, text)
        text.declarations |= fewer.text.declarations
        return lines


    def _round_again(self, outer: str) -> list[str]:
        at, fewer = f"%{self.label}.", self.fewer
        return [
            f"  {fewer.next} = add i64 {fewer.index}, {fewer.lanes}",
            f"  {at}still = icmp slt i64 {fewer.next}, {self.stop}",
            f"  br i1 {at}still, label {at}fewer, label {at}end{outer}",
        ]


class _FewerLanes(LoopBody):
    """The rounds at the end, of the lanes that there are: the mask is made anew in each."""

    load, store = LoopBody.load_some, LoopBody.store_some

    def active(self) -> str:
        return f"%{self.label}.lanes"

    def start(self) -> None:
        text, lanes, at = self.text, self.lanes, f"%{self.label}."
        self.here = f"{self.label.removesuffix(_SUFFIX)}.fewer"
        text.lines.append(f"  {at}ahead = sub i64 {self.stop}, {self.index}")
        text.lines += [f"  {at}missing = sub i64 64, {self._count()}", f"  {at}ones = lshr i64 -1, {at}missing"]
        bits = f"{at}ones" if lanes == 64 else text.value(f"trunc i64 {at}ones to i{lanes}")
        text.lines.append(f"  {self.active()} = bitcast i{lanes} {bits} to <{lanes} x i1>")

    def _count(self) -> str:
        """How many lanes there are."""
        at = f"%{self.label}."
        self.text.declarations["llvm.umin.i64"] = "declare i64 @llvm.umin.i64(i64, i64)"
        self.text.lines.append(f"  {at}count = call i64 @llvm.umin.i64(i64 {at}ahead, i64 {self.lanes})")
        return f"{at}count"


class _LastLanes(_FewerLanes):
    """The only round at the end, where less than a vector is left over."""

    def _count(self) -> str:
        return f"%{self.label}.ahead"


_SUFFIX = ".fewer"


def _renamed(blocks: Sequence[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """The same blocks with other names for all that is defined in them, and other labels."""
    own = {f"%{label}" for label, _ in blocks}
    own |= {line.split(" = ")[0].strip() for _, lines in blocks for line in lines if " = " in line}

    def rename(found: re.Match) -> str:
        return found[0] + _SUFFIX if found[0] in own else found[0]

    return [(label + _SUFFIX, [_NAME.sub(rename, line) for line in lines]) for label, lines in blocks]
