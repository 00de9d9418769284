"""The body of a parallel loop, rewritten for vectors: what does not depend on how the items left over are reached."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codegen.vector_text import BITS, TYPE, VALUE, Unknown, VectorText

ROUND_BITS = 512  # of a vector; LLVM takes several registers where the CPU has smaller ones

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

Path = tuple[tuple[str, bool], ...]
"""The conditions on the way to a block, from the outermost on, and whether they hold."""


class LoopBody:
    """A loop for a number of lanes. Subclasses say how items are loaded and stored, and what goes around the body."""

    def __init__(self, blocks: Sequence[tuple[str, list[str]]], lanes: int) -> None:
        (self.label, header), *body = blocks
        self.index, self.next, self.latch, self.stop, first, self.exit = _counted(header)
        self.lanes = lanes
        self.text = VectorText(self.label, lanes)
        self.text.types[self.index] = "i64"
        self.text.first_lane.add(self.index)
        if self.stop.startswith("%"):
            self.text.given[self.stop] = "i64"
        self.here = f"{self.label}.vectors"  # the label of the block that is written
        self.edges: dict[str, list[tuple[str, Path]]] = {first: [(self.label, ())]}  # how control comes to each block
        self.allocations: list[str] = []
        self.calls: set[tuple[str, int]] = set()
        self.start()
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
                self.load(*found.groups())
            elif (found := _STORE.fullmatch(line)) is not None:
                self.store(path, *found.groups())
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
            self.text.choose(result, type, self.mask(path[common:]), arriving[source], chosen)
            chosen = result

    def mask(self, path: Path, lanes: str = "") -> str:
        """A vector of the lanes, of all or of these, for which all conditions are as they are on the path."""
        text, masks = self.text, self.text.vector_type("i1")
        result = lanes
        for condition, holds in path:
            mask = text.vector(condition, "i1")
            if not holds:
                mask = text.value(f"xor {masks} {mask}, splat (i1 true)")
            result = text.value(f"and {masks} {result}, {mask}") if result else mask
        return result or "splat (i1 true)"

    def moves(self, type: str, address: str) -> bool:
        """Whether the address is that of the first lane's item, and the next item lies behind it."""
        size = self.text.items.get(address)
        if type == "i1" or (size is not None and size * 8 != BITS[type]):
            raise Unknown("parts of items")
        return size is not None

    def _call(self, path: Path, name: str, type: str, function: str, arguments: str) -> None:
        """Call the form of a function for vectors, where any lane comes by."""
        text = self.text
        operands = _ARGUMENT.findall(arguments)
        given = ", ".join([f"{text.vector_type(t)} {text.vector(a, t)}" for t, a in operands])
        mask, result = self.mask(path, self.active()), text.vector_type(type)
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

    # --- what subclasses say

    def start(self) -> None:
        """Append what comes first in a round."""

    def active(self) -> str:
        """A vector of the lanes that there are in a round; empty where all are always."""
        return ""

    def load(self, name: str, type: str, address: str, alignment: str) -> None:
        """Load an item into each lane."""
        raise NotImplementedError

    def store(self, path: Path, type: str, value: str, address: str, alignment: str) -> None:
        """Store an item from each lane for which the path is taken."""
        raise NotImplementedError

    def around(self, inner: str, outer: str) -> list[str]:
        """The lines, from the header's label to that of the block behind the loop; with metadata for the loop over vectors, and
        for one around it."""
        raise NotImplementedError


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
