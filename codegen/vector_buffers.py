"""Loops of vectors for all CPUs: the items left over are copied to buffers of one vector, and go through the same loop.

    loop:                                  loop:     full = n without what is left over; to rest if it is 0
      i = phi [0], [i + 1]                 start:    first, last = phi [0, false], [full, true]
      if not i < n, to exit                vectors:  i = phi [first], [i + 8]
      x = load double, ptr (a, i)                    x = load <8 x double>, ptr (last ? buffer of a : (a, i))
      y = fmul double x, 2.0        ->               y = fmul <8 x double> x, splat (2.0)
      store double y, ptr (b, i)                     store <8 x double> y, ptr (last ? buffer of b : (b, i))
      to loop                                        to vectors while i + 8 < full; to back if last, else to rest
                                           rest:     to done if nothing is left over
                                           fill:     copy what is left over of a to its buffer, to start
                                           back:     copy what is left over of b from its buffer
                                           done:     to exit
"""

from __future__ import annotations

import re

from codegen.vector_body import LoopBody, Path
from codegen.vector_text import BITS, ROUND_BITS, Unknown

_COPY = "llvm.memcpy.p0.p0.i64"
_NAME = re.compile(r"%[\w.]+")


class BufferedLoop(LoopBody):
    """Loads and stores whole vectors, those of the last round in buffers."""

    def start(self) -> None:
        self.loads: list[tuple[str, str, str, str]] = []  # of items: type, address, buffer, alignment
        self.stores: list[tuple[str, str, str]] = []  # of items: type, address, buffer
        if self.reductions:
            raise Unknown("what is in the buffers' other lanes would count")

    def load(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        if self.stores:
            raise Unknown("a load after a store would not see it in its buffer")
        buffer = self._buffer(type)
        self.loads.append((type, address, buffer, alignment))
        place = self.text.value(f"select i1 %{self.label}.last, ptr {buffer}, ptr {address}")
        self.text.make(name, type, f"load {self.text.vector_type(type)}, ptr {place}, align {alignment}")

    def store(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        if path:
            raise Unknown("a store for some of the lanes")
        buffer = self._buffer(type)
        self.stores.append((type, address, buffer))
        place = self.text.value(f"select i1 %{self.label}.last, ptr {buffer}, ptr {address}")
        self.text.lines.append(f"  store {stored}, ptr {place}, align {alignment}")

    def gather(self, path: Path, name: str, type: str, addresses: str, alignment: str) -> None:
        raise Unknown("items that do not lie side by side")

    def scatter(self, path: Path, type: str, stored: str, addresses: str, alignment: str) -> None:
        raise Unknown("items that do not lie side by side")

    def _buffer(self, type: str) -> str:
        name = f"%{self.label}.buffer{len(self.allocations)}"
        self.allocations.append(f"  {name} = alloca {self.text.vector_type(type)}, align {ROUND_BITS // 8}")
        return name

    def around(self, inner: str, outer: str) -> list[str]:
        at, lanes, text = f"%{self.label}.", self.lanes, self.text
        fill, back = self._fill(), self._back()
        return [
            f"{self.label}:",
            *text.before,
            f"  {at}left = and i64 {self.stop}, {lanes - 1}",
            f"  {at}full = sub i64 {self.stop}, {at}left",
            f"  {at}any = icmp sgt i64 {at}full, 0",
            f"  br i1 {at}any, label {at}start, label {at}rest",
            f"{self.label}.start:",
            f"  {at}first = phi i64 [0, %{self.label}], [{at}full, {at}fill]",
            f"  {at}last = phi i1 [false, %{self.label}], [true, {at}fill]",
            f"  br label {at}vectors",
            f"{self.label}.vectors:",
            f"  {self.index} = phi i64 [{at}first, {at}start], [{self.next}, %{self.here}]",
            *text.lines,
            f"  {self.next} = add i64 {self.index}, {lanes}",
            f"  {at}more = icmp slt i64 {self.next}, {at}full",
            f"  br i1 {at}more, label {at}vectors, label {at}after{inner}",
            f"{self.label}.after:",
            f"  br i1 {at}last, label {at}back, label {at}rest",
            f"{self.label}.rest:",
            f"  {at}even = icmp eq i64 {at}left, 0",
            f"  br i1 {at}even, label {at}end, label {at}fill",
            f"{self.label}.fill:",
            *fill,
            f"  br label {at}start{outer}",
            f"{self.label}.back:",
            *back,
            f"  br label {at}end",
            f"{self.label}.end:",
        ]

    def _fill(self) -> list[str]:
        """Copy what is left over to the buffers, behind which its first item stands in all lanes: to compute with
        anything else could be slow, or wrong."""
        renamed = {name: f"{name}.{self.label}.left" for name in self.text.types}
        renamed[self.index] = f"%{self.label}.full"
        lines = [_NAME.sub(lambda found: renamed.get(found[0], found[0]), line) for line in self.text.addressing]
        for type, address, buffer, alignment in self.loads:
            item = self.text.fresh()
            lines.append(f"  {item} = load {type}, ptr {renamed[address]}, align {alignment}")
            vector = self.text.broadcast(lines, item, type)
            lines.append(f"  store {self.text.vector_type(type)} {vector}, ptr {buffer}")
            lines += self._copy(buffer, renamed[address], type)
        return lines

    def _back(self) -> list[str]:
        return [line for type, address, buffer in self.stores for line in self._copy(address, buffer, type)]

    def _copy(self, to: str, source: str, type: str) -> list[str]:
        size = self.text.fresh()
        return [
            f"  {size} = mul i64 %{self.label}.left, {max(8, BITS[type]) // 8}",
            f"  call void @{_COPY}(ptr {to}, ptr {source}, i64 {size}, i1 false)",
        ]


