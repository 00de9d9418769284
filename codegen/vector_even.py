"""Loops of vectors whose number of rounds is known and even: nothing is left over, and a short one is straight-line code.

    loop:                                  loop:     to vectors
      i, s = phi [0, 0.0], [i + 1, t]      vectors:  i, s = phi [0, splat (0.0)], [i + 8, t]
      if not i < 64, to exit                         x = load <8 x double>, ptr (a, i)
      x = load double, ptr (a, i)       ->           t = fadd <8 x double> s, x
      t = fadd reassoc double s, x                   to vectors while i + 8 < 64
      to loop                              end:      s = the sum of the lanes of t
"""

from __future__ import annotations

from codegen.vector_body import LoopBody, Path
from codegen.vector_text import Unknown


class EvenLoop(LoopBody):
    """Loads and stores whole vectors."""

    def load(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        if path:
            raise Unknown("items of some lanes")
        self.text.make(name, type, f"load {self.text.vector_type(type)}, ptr {address}, align {alignment}")

    def store(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        if path:
            raise Unknown("items of some lanes")
        self.text.lines.append(f"  store {stored}, ptr {address}, align {alignment}")

    def around(self, inner: str, outer: str) -> list[str]:
        at, text = f"%{self.label}.", self.text
        starts = self.starts()
        if self.stop == str(self.lanes):
            return [
                f"{self.label}:",
                *text.before,
                f"  br label {at}vectors",
                f"{self.label}.vectors:",
                f"  {self.index} = bitcast i64 0 to i64",
                *(f"  {each.carried} = bitcast {type} {start} to {type}" for each, type, start in starts),
                *text.lines,
                f"  br label {at}end",
                f"{self.label}.end:",
                *(line for each in self.reductions for line in each.finish(each.made, self.lanes, text)),
            ]
        return [
            f"{self.label}:",
            *text.before,
            f"  br label {at}vectors",
            f"{self.label}.vectors:",
            f"  {self.index} = phi i64 [0, %{self.label}], [{self.next}, %{self.here}]",
            *(f"  {each.carried} = phi {type} [{start}, %{self.label}], [{each.made}, %{self.here}]" for each, type, start in starts),
            *text.lines,
            f"  {self.next} = add i64 {self.index}, {self.lanes}",
            f"  {at}more = icmp slt i64 {self.next}, {self.stop}",
            f"  br i1 {at}more, label {at}vectors, label {at}end{inner}",
            f"{self.label}.end:",
            *(line for each in self.reductions for line in each.finish(each.made, self.lanes, text)),
        ]
