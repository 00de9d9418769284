"""Loops of vectors for all CPUs: the items left over are copied to buffers of one vector, and go through the same loop.

    loop:                                  loop:     full = n without what is left over; to rest if it is 0
      i = phi [0], [i + 1]                 start:    first, last = phi [0, false], [full, true]
      if not i < n, to exit                          p, q = phi [a, b], [buffer of a - full, buffer of b - full]
      x = load double, ptr (a, i)          vectors:  i = phi [first], [i + 8]
      y = fmul double x, 2.0        ->               x = load <8 x double>, ptr (p, i)
      store double y, ptr (b, i)                     y = fmul <8 x double> x, splat (2.0)
      to loop                                        store <8 x double> y, ptr (q, i)
                                                     to vectors while i + 8 < full; to back if last, else to rest
                                           rest:     to done if nothing is left over
                                           fill:     copy what is left over of a to its buffer, to start
                                           back:     copy what is left over of b from its buffer
                                           done:     to exit
"""

from __future__ import annotations

import re
from typing import NamedTuple

from codegen.engine import engine
from codegen.vector_body import LoopBody, Path
from codegen.vector_text import BITS, ROUND_BITS, Unknown

_COPY = "llvm.memcpy.p0.p0.i64"
_NAME = re.compile(r"%[\w.]+")


class _Items(NamedTuple):
    """Items that lie side by side: where the first lane's is, and where those go that are left over."""

    type: str
    address: str
    pointer: str
    buffer: str
    alignment: str
    loaded: bool

    @property
    def size(self) -> int:
        return BITS[self.type] // 8


class BufferedLoop(LoopBody):
    """Loads and stores whole vectors, those of the last round in buffers."""

    def start(self) -> None:
        self._items: list[_Items] = []
        self._masks = engine().has_masks
        if self.reductions:
            raise Unknown("what is in the buffers' other lanes would count")

    def load(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        if not all(each.loaded for each in self._items):
            raise Unknown("a load after a store would not see it in its buffer")
        pointer = self._pointer(type, address, alignment, loaded=True)
        self.text.make(name, type, f"load {self.text.vector_type(type)}, ptr {pointer}, align {alignment}")

    def store(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        if path:
            raise Unknown("a store for some of the lanes")
        pointer = self._pointer(type, address, alignment, loaded=False)
        self.text.lines.append(f"  store {stored}, ptr {pointer}, align {alignment}")

    def gather(self, path: Path, name: str, type: str, addresses: str, alignment: str) -> None:
        raise Unknown("items that do not lie side by side")

    def scatter(self, path: Path, type: str, stored: str, addresses: str, alignment: str) -> None:
        raise Unknown("items that do not lie side by side")

    def _pointer(self, type: str, address: str, alignment: str, loaded: bool) -> str:
        """What stands for the address in the loop: a place in the array, or in the buffer."""
        buffer, pointer = f"%{self.label}.buffer{len(self.allocations)}", f"%{self.label}.at{len(self.allocations)}"
        self.allocations.append(f"  {buffer} = alloca {self.text.vector_type(type)}, align {ROUND_BITS // 8}")
        self._items.append(_Items(type, address, pointer, buffer, alignment, loaded))
        return pointer

    def around(self, inner: str, outer: str) -> list[str]:
        at, lanes, text, items = f"%{self.label}.", self.lanes, self.text, self._items
        fill, back = self._fill(), self._back()
        body = [line for line in text.lines if not line.startswith(tuple(f"  {each.address} = " for each in items))]
        return [
            f"{self.label}:",
            *text.before,
            f"  {at}left = and i64 {self.stop}, {lanes - 1}",
            f"  {at}full = sub i64 {self.stop}, {at}left",
            *self._lanes_left(),
            f"  {at}any = icmp sgt i64 {at}full, 0",
            f"  br i1 {at}any, label {at}begin, label {at}rest",
            f"{self.label}.begin:",
            *self._addresses("begin", "0"),
            f"  br label {at}start",
            f"{self.label}.start:",
            f"  {at}first = phi i64 [0, {at}begin], [{at}full, {at}fill]",
            f"  {at}last = phi i1 [false, {at}begin], [true, {at}fill]",
            *(f"  {e.pointer}.start = phi ptr [{self._at(e, 'begin')}, {at}begin], [{e.pointer}.moved, {at}fill]" for e in items),
            f"  br label {at}vectors",
            f"{self.label}.vectors:",
            f"  {self.index} = phi i64 [{at}first, {at}start], [{self.next}, %{self.here}]",
            *(f"  {e.pointer} = getelementptr [{e.size} x i8], ptr {e.pointer}.start, i64 {self.index}" for e in items),
            *body,
            f"  {self.next} = add i64 {self.index}, {lanes}",
            f"  {at}more = icmp slt i64 {self.next}, {at}full",
            f"  br i1 {at}more, label {at}vectors, label {at}after{inner}",
            f"{self.label}.after:",
            f"  br i1 {at}last, label {at}back, label {at}rest",
            f"{self.label}.rest:",
            f"  {at}even = icmp eq i64 {at}left, 0",
            f"  br i1 {at}even, label {at}end, label {at}fill",
            f"{self.label}.fill:",
            *self._addresses("fill", f"{at}full"),
            *fill,
            f"  {at}before = sub i64 0, {at}full",
            *(f"  {e.pointer}.moved = getelementptr [{e.size} x i8], ptr {e.buffer}, i64 {at}before" for e in items),
            f"  br label {at}start{outer}",
            f"{self.label}.back:",
            *self._addresses("back", f"{at}full"),
            *back,
            f"  br label {at}end",
            f"{self.label}.end:",
        ]

    def _at(self, items: _Items, block: str) -> str:
        return f"{items.address}.{self.label}.{block}"

    def _addresses(self, block: str, index: str) -> list[str]:
        """The instructions that make addresses, for another index and under other names, in a block that is entered only where
        there is such an item: what is loaded for an address may not be there where no round comes."""
        renamed = {name: f"{name}.{self.label}.{block}" for name in self.text.types}
        renamed[self.index] = index
        return [_NAME.sub(lambda found: renamed.get(found[0], found[0]), line) for line in self.text.addressing]

    def _lanes_left(self) -> list[str]:
        """A vector of the lanes that have an item in the last round."""
        if not self._masks:
            return []
        at, lanes = f"%{self.label}.", self.lanes
        lines = [f"  {at}above = shl i64 1, {at}left", f"  {at}below = sub i64 {at}above, 1"]
        bits = f"{at}below"
        if lanes < BITS["i64"]:
            bits = f"{at}bits"
            lines.append(f"  {bits} = trunc i64 {at}below to i{lanes}")
        return [*lines, f"  {at}lanes = bitcast i{lanes} {bits} to <{lanes} x i1>"]

    def _fill(self) -> list[str]:
        """Copy what is left over to the buffers, behind which its first item stands in all lanes: to compute with
        anything else could be slow, or wrong."""
        lines: list[str] = []
        for each in self._items:
            if not each.loaded:
                continue
            item, source = self.text.fresh(), self._at(each, "fill")
            lines.append(f"  {item} = load {each.type}, ptr {source}, align {each.alignment}")
            vector, type = self.text.broadcast(lines, item, each.type), self.text.vector_type(each.type)
            if self._masks:
                loaded = self.text.fresh()
                lines.append(f"  {loaded} = call {type} {self._masked_load(each.type)}({self._given(each, source)}, {type} {vector})")
                vector = loaded
            lines.append(f"  store {type} {vector}, ptr {each.buffer}")
            if not self._masks:
                lines += self._copy(each, each.buffer, source)
        return lines

    def _back(self) -> list[str]:
        lines: list[str] = []
        for each in self._items:
            target = self._at(each, "back")
            if each.loaded:
                continue
            if not self._masks:
                lines += self._copy(each, target, each.buffer)
                continue
            made, type = self.text.fresh(), self.text.vector_type(each.type)
            lines.append(f"  {made} = load {type}, ptr {each.buffer}")
            lines.append(f"  call void {self._masked_store(each.type)}({type} {made}, {self._given(each, target)})")
        return lines

    def _given(self, items: _Items, address: str) -> str:
        """What masked loads and stores are told of memory: its address and alignment, and the lanes that are there."""
        return f"ptr {address}, i32 {items.alignment}, <{self.lanes} x i1> %{self.label}.lanes"

    def _masked_load(self, type: str) -> str:
        vector, function = self._masked("load", type)
        self.text.declarations[function] = f"declare {vector} @{function}(ptr, i32, <{self.lanes} x i1>, {vector})"
        return f"@{function}"

    def _masked_store(self, type: str) -> str:
        vector, function = self._masked("store", type)
        self.text.declarations[function] = f"declare void @{function}({vector}, ptr, i32, <{self.lanes} x i1>)"
        return f"@{function}"

    def _copy(self, items: _Items, to: str, source: str) -> list[str]:
        size = self.text.fresh()
        return [
            f"  {size} = mul i64 %{self.label}.left, {items.size}",
            f"  call void @{_COPY}(ptr {to}, ptr {source}, i64 {size}, i1 false)",
        ]
