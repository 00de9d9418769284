"""Loops over arrays whose rounds do not depend on each other, written with vectors from the start.

LLVM's vectorizer makes a loop of vectors and keeps the scalar one for the items that are left over, so that all passes and the
selection of instructions see each body twice. Here the text of the scalar loop is rewritten: each instruction on items becomes one
on vectors, and there is no second body. The items left over are copied to buffers of one vector, and go through the same loop:

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

Branches become selections: what is not needed is computed in vain, but the calls that codegen.vector_calls makes possible are made
for those lanes only that need them. A loop with anything else in it is left to LLVM as it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from codegen.text import ModuleText
from codegen.vector_text import BITS, TYPE, VALUE, Unknown, VectorText

ROUND_BITS = 512  # of a vector; LLVM takes several registers where the CPU has smaller ones
_COPY = "llvm.memcpy.p0.p0.i64"

_INDEX = re.compile(r"  (%[\w.]+) = phi i64 \[0, %[\w.]+\], \[(%[\w.]+), %([\w.]+)\]")
_TEST = re.compile(rf"  (%[\w.]+) = icmp slt i64 (%[\w.]+), {VALUE}")
_PHI = re.compile(rf"  (%[\w.]+) = phi {TYPE} (\[.*)")
_INCOMING = re.compile(rf"\[{VALUE}, %([\w.]+)\]")
_LOAD = re.compile(rf"  (%[\w.]+) = load {TYPE}, ptr {VALUE}, align (\d+).*")
_STORE = re.compile(rf"  store {TYPE} {VALUE}, ptr {VALUE}, align (\d+).*")
_CALL = re.compile(rf'  (%[\w.]+) = call {TYPE} @([\w.]+)\(([^()]*)\) .*"vector-function-abi-variant".*')
_ARGUMENT = re.compile(f"{TYPE} {VALUE}")
_BRANCH = re.compile(rf"  br i1 {VALUE}, label %([\w.]+), label %([\w.]+)")
_JUMP = re.compile(r"  br label %([\w.]+)(?:, !llvm.loop .*)?")
_NAME = re.compile(r"%[\w.]+")

Path = tuple[tuple[str, bool], ...]
"""The conditions on the way to a block, from the outermost on, and whether they hold."""


class Vectorized(NamedTuple):
    """A function with vectors in place of a loop: its lines, and what it needs at its begin."""

    lines: list[str]
    allocations: list[str]


def vectorize(lines: list[str], labels: Sequence[str], module: ModuleText) -> Vectorized | None:
    """The function with vectors in place of the loop of these blocks, or None where the loop stays as it is.

    `labels` are those of its blocks in reverse postorder, the header first.
    """
    blocks = _blocks(lines)
    inside = dict.fromkeys(labels)
    try:
        loop = _Rewriting([(label, blocks[label]) for label in labels], ROUND_BITS // 64)
        if loop.text.widest < 64:
            loop = _Rewriting([(label, blocks[label]) for label in labels], ROUND_BITS // loop.text.widest)
    except Unknown:
        return None
    outside = [line for label, each in blocks.items() if label not in inside for line in each]
    if any(name in loop.text.types for line in outside for name in _NAME.findall(line)):
        return None
    for name, declaration in loop.declarations():
        module.declare(name, declaration)
    for function, lanes in loop.calls:
        module.vector_forms[function].lanes.add(lanes)
    header, result = labels[0], []
    for label, each in blocks.items():
        if label == header:
            result += loop.finished(module.vectorized_loop(), module.vectorized_loop())
        elif label not in inside:
            arrival = (f"%{header}]", f"%{header}.done]") if label == loop.exit else ("", "")
            result += [f"{label}:"] if label else []
            result += [line.replace(*arrival) for line in each] if arrival[0] else each
    return Vectorized(result, loop.allocations)


def _blocks(lines: list[str]) -> dict[str, list[str]]:
    """The lines of each block by its label; those in front of the first label have none."""
    blocks: dict[str, list[str]] = {}
    block = blocks[""] = []
    for line in lines:
        if line.endswith(":"):
            block = blocks[line[:-1]] = []
        else:
            block.append(line)
    return blocks


class _Rewriting:
    """A loop for a number of lanes."""

    def __init__(self, blocks: Sequence[tuple[str, list[str]]], lanes: int) -> None:
        (self.label, header), *body = blocks
        self.index, self.next, self.latch, self.stop, first, self.exit = _counted(header)
        self.lanes = lanes
        self.text = VectorText(self.label, lanes)
        self.text.types[self.index] = "i64"
        self.text.first_lane.add(self.index)
        self.here = f"{self.label}.vectors"  # the label of the block that is written
        self.edges: dict[str, list[tuple[str, Path]]] = {first: [(self.label, ())]}  # how control comes to each block
        self.allocations: list[str] = []
        self.loads: list[tuple[str, str, str, str]] = []  # of items: type, address, buffer, alignment
        self.stores: list[tuple[str, str, str]] = []  # of items: type, address, buffer
        self.calls: set[tuple[str, int]] = set()
        for label, lines in body:
            self._block(label, lines)

    def _block(self, label: str, lines: list[str]) -> None:
        """Rewrite a block after those that lead to it."""
        path = _common_path([path for _, path in self.edges[label]])
        for line in lines[:-1]:
            if line.startswith(f"  {self.next} = "):
                if line != f"  {self.next} = add i64 {self.index}, 1":
                    raise Unknown(line)
            elif (found := _PHI.fullmatch(line)) is not None:
                self._phi(label, *found.groups())
            elif (found := _LOAD.fullmatch(line)) is not None and found[3] in self.text.items:
                self._load(*found.groups())
            elif (found := _STORE.fullmatch(line)) is not None:
                self._store(path, *found.groups())
            elif (found := _CALL.fullmatch(line)) is not None:
                self._call(path, *found.groups())
            else:
                self.text.rewrite(line)
        self._end(label, path, lines[-1])

    def _end(self, label: str, path: Path, line: str) -> None:
        if (found := _BRANCH.fullmatch(line)) is not None:
            condition, then, otherwise = found.groups()
            for target, holds in ((then, True), (otherwise, False)):
                self.edges.setdefault(target, []).append((label, (*path, (condition, holds))))
            return
        found = _JUMP.fullmatch(line)
        if found is None:
            raise Unknown(line)
        if found[1] != self.label:
            self.edges.setdefault(found[1], []).append((label, path))
        elif label != self.latch or path:
            raise Unknown(line)

    # --- instructions that depend on the path, and items of arrays

    def _phi(self, label: str, name: str, type: str, arguments: str) -> None:
        """A choice by the conditions on the paths."""
        arriving = {source: value for value, source in _INCOMING.findall(arguments)}
        paths = self.edges[label]
        if len(paths) < 2:
            raise Unknown("a phi of one value")
        common = len(_common_path([path for _, path in paths]))
        chosen = arriving[paths[-1][0]]
        for number, (source, path) in enumerate(paths[:-1], 1):
            result = name if number == len(paths) - 1 else self.text.fresh()
            self.text.choose(result, type, self._mask(path[common:]), arriving[source], chosen)
            chosen = result

    def _mask(self, path: Path) -> str:
        """A vector of the lanes for which all conditions are as they are on the path."""
        text, masks = self.text, self.text.vector_type("i1")
        result = ""
        for condition, holds in path:
            mask = text.vector(condition, "i1")
            if not holds:
                mask = text.value(f"xor {masks} {mask}, splat (i1 true)")
            result = text.value(f"and {masks} {result}, {mask}") if result else mask
        return result or "splat (i1 true)"

    def _load(self, name: str, type: str, address: str, alignment: str) -> None:
        if self.stores:
            raise Unknown("a load after a store would not see it in its buffer")
        buffer = self._buffer(type, address)
        self.loads.append((type, address, buffer, alignment))
        place = self.text.value(f"select i1 %{self.label}.last, ptr {buffer}, ptr {address}")
        self.text.make(name, type, f"load {self.text.vector_type(type)}, ptr {place}, align {alignment}")

    def _store(self, path: Path, type: str, value: str, address: str, alignment: str) -> None:
        if path or address not in self.text.items:
            raise Unknown("a store for some of the lanes, or of one item")
        buffer = self._buffer(type, address)
        self.stores.append((type, address, buffer))
        place = self.text.value(f"select i1 %{self.label}.last, ptr {buffer}, ptr {address}")
        stored = self.text.vector(value, type)
        self.text.lines.append(f"  store {self.text.vector_type(type)} {stored}, ptr {place}, align {alignment}")

    def _buffer(self, type: str, address: str) -> str:
        if self.text.items[address] * 8 != max(8, BITS[type]):
            raise Unknown("parts of items")
        name = f"%{self.label}.buffer{len(self.allocations)}"
        self.allocations.append(f"  {name} = alloca {self.text.vector_type(type)}, align {ROUND_BITS // 8}")
        return name

    def _call(self, path: Path, name: str, type: str, function: str, arguments: str) -> None:
        """Call the form of a function for vectors, where any lane comes by."""
        text = self.text
        operands = _ARGUMENT.findall(arguments)
        given = ", ".join([f"{text.vector_type(t)} {text.vector(a, t)}" for t, a in operands])
        mask, result = self._mask(path), text.vector_type(type)
        bits = text.value(f"bitcast {text.vector_type('i1')} {mask} to i{self.lanes}")
        idle = text.value(f"icmp eq i{self.lanes} {bits}, 0")
        active, done = (f"{self.label}.{what}{len(text.lines)}" for what in ("active", "idle"))
        called = text.fresh()
        text.lines += [
            f"  br i1 {idle}, label %{done}, label %{active}, !prof !0",
            f"{active}:",
            f"  {called} = call {result} @{function}.lanes{self.lanes}({given}, {text.vector_type('i1')} {mask})",
            f"  br label %{done}",
            f"{done}:",
        ]
        text.make(name, type, f"phi {result} [zeroinitializer, %{self.here}], [{called}, %{active}]")
        self.here = done
        self.calls.add((function, self.lanes))

    # --- what is around the body

    def declarations(self) -> list[tuple[str, str]]:
        """The functions that the lines call."""
        return [*self.text.declarations.items(), (_COPY, f"declare void @{_COPY}(ptr, ptr, i64, i1)")]

    def finished(self, inner: str, outer: str) -> list[str]:
        """The lines, with metadata for the inner loop, and for the one that goes round for what is left over."""
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
            f"  br i1 {at}even, label {at}done, label {at}fill",
            f"{self.label}.fill:",
            *fill,
            f"  br label {at}start{outer}",
            f"{self.label}.back:",
            *back,
            f"  br label {at}done",
            f"{self.label}.done:",
            f"  br label %{self.exit}",
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


def _counted(header: list[str]) -> tuple[str, str, str, str, str, str]:
    """Of a loop that counts from 0 by 1: index, next index, label of the latch, stop, labels of the body and the exit."""
    if len(header) != 3:
        raise Unknown("the header does more than count")
    index, test, branch = _INDEX.fullmatch(header[0]), _TEST.fullmatch(header[1]), _BRANCH.fullmatch(header[2])
    if index is None or test is None or branch is None or test[2] != index[1] or branch[1] != test[1]:
        raise Unknown("not counted from 0 by 1")
    return index[1], index[2], index[3], test[3], branch[2], branch[3]


def _common_path(paths: list[Path]) -> Path:
    """The conditions under which control comes by one of the paths; they must make up all cases of what they differ in."""
    left = set(paths)
    while len(left) > 1:
        longest = max(left, key=len)
        if not longest:
            raise Unknown("paths that overlap")
        *shared, (condition, holds) = longest
        other = (*shared, (condition, not holds))
        if other not in left:
            raise Unknown("paths that are not all cases")
        left -= {longest, other}
        left.add(tuple(shared))
    return next(iter(left))
