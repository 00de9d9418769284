"""Loops of vectors for CPUs that load and store some lanes of a vector: the last round has fewer lanes.

    loop:                                  loop:     full = n without what is left over; to start, or to rest if it is 0
      i = phi [0], [i + 1]                 start:    first, last, lanes = phi [0, full, all], [full, n, as many as are left over]
      if not i < n, to exit                vectors:  i = phi [first], [i + 8]
      x = load double, ptr (a, i)                    x = load <8 x double>, ptr (a, i), of the lanes
      y = fmul double x, 2.0        ->               y = fmul <8 x double> x, splat (2.0)
      store double y, ptr (b, i)                     store <8 x double> y, ptr (b, i), of the lanes
      to loop                                        to vectors while i + 8 < last
                                           rest:     to start if any are left, else to exit
"""

from __future__ import annotations

from codegen.vector_body import LoopBody, Path
from codegen.vector_text import SUFFIX


class MaskedLoop(LoopBody):
    """Loads and stores the lanes that there are."""

    def active(self) -> str:
        return f"%{self.label}.lanes"

    def load(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        vector, function = self._intrinsic("load", type)
        lanes = f"<{self.lanes} x i1>"
        self.text.declarations[function] = f"declare {vector} @{function}(ptr, i32, {lanes}, {vector})"
        given = f"ptr {address}, i32 {alignment}, {lanes} {self.mask(path, self.active())}, {vector} zeroinitializer"
        self.text.make(name, type, f"call {vector} @{function}({given})")

    def store(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        vector, function = self._intrinsic("store", type)
        mask, masks = self.mask(path, self.active()), f"<{self.lanes} x i1>"
        self.text.declarations[function] = f"declare void @{function}({vector}, ptr, i32, {masks})"
        self.text.lines.append(f"  call void @{function}({stored}, ptr {address}, i32 {alignment}, {masks} {mask})")

    def _intrinsic(self, what: str, type: str) -> tuple[str, str]:
        return self.text.vector_type(type), f"llvm.masked.{what}.v{self.lanes}{SUFFIX.get(type, type)}.p0"

    def around(self, inner: str, outer: str) -> list[str]:
        at, lanes, text, masks = f"%{self.label}.", self.lanes, self.text, f"<{self.lanes} x i1>"
        narrowed = [f"  {at}narrow = trunc i64 {at}bits to i{lanes}"] if lanes < 64 else []
        starts = self.starts()
        return [
            f"{self.label}:",
            *text.before,
            f"  {at}left = and i64 {self.stop}, {lanes - 1}",
            f"  {at}full = sub i64 {self.stop}, {at}left",
            f"  {at}others = shl i64 -1, {at}left",
            f"  {at}bits = xor i64 {at}others, -1",
            *narrowed,
            f"  {at}some = bitcast i{lanes} {at}{'narrow' if narrowed else 'bits'} to {masks}",
            f"  {at}any = icmp sgt i64 {at}full, 0",
            f"  br i1 {at}any, label {at}start, label {at}rest",
            f"{self.label}.start:",
            f"  {at}first = phi i64 [0, %{self.label}], [{at}full, {at}rest]",
            f"  {at}last = phi i64 [{at}full, %{self.label}], [{self.stop}, {at}rest]",
            f"  {self.active()} = phi {masks} [splat (i1 true), %{self.label}], [{at}some, {at}rest]",
            *(f"  {each.carried}.start = phi {type} [{start}, %{self.label}], [{each.carried}.rest, {at}rest]" for each, type, start in starts),
            f"  br label {at}vectors",
            f"{self.label}.vectors:",
            f"  {self.index} = phi i64 [{at}first, {at}start], [{self.next}, %{self.here}]",
            *(f"  {each.carried} = phi {type} [{each.carried}.start, {at}start], [{each.made}, %{self.here}]" for each, type, _ in starts),
            *text.lines,
            f"  {self.next} = add i64 {self.index}, {lanes}",
            f"  {at}more = icmp slt i64 {self.next}, {at}last",
            f"  br i1 {at}more, label {at}vectors, label {at}rest{inner}",
            f"{self.label}.rest:",
            f"  {at}done = phi i64 [0, %{self.label}], [{self.next}, %{self.here}]",
            *(f"  {each.carried}.rest = phi {type} [{start}, %{self.label}], [{each.made}, %{self.here}]" for each, type, start in starts),
            f"  {at}less = icmp slt i64 {at}done, {self.stop}",
            f"  br i1 {at}less, label {at}start, label {at}end{outer}",
            f"{self.label}.end:",
            *(line for each in self.reductions for line in each.finish(f"{each.carried}.rest", lanes, text)),
        ]
