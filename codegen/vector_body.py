"""Blocks of a function, rewritten for vectors; the body of a parallel loop, but for how the items left over are reached."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from codegen.vector_reductions import Reduction, reduction
from codegen.vector_text import SUFFIX, TYPE, VALUE, Unknown, VectorText

SHORT_LINES = 24  # of a loop's text, where several vectors in a round are worth the time to compile them

_INDEX = re.compile(r"  (%[\w.]+) = phi i64 \[0, %[\w.]+\], \[(%[\w.]+), %([\w.]+)\]")
_TEST = re.compile(rf"  (%[\w.]+) = icmp slt i64 (%[\w.]+), {VALUE}")
_PHI = re.compile(rf"  (%[\w.]+) = phi {TYPE} (\[.*)")
_INCOMING = re.compile(rf"\[{VALUE}, %([\w.]+)\]")
_NAME = re.compile(r"%[\w.]+")
_LOAD = re.compile(rf"  (%[\w.]+) = load {TYPE}, ptr {VALUE}, align (\d+).*")
_STORE = re.compile(rf"  store {TYPE} {VALUE}, ptr {VALUE}, align (\d+).*")
_CALL = re.compile(rf'  (%[\w.]+) = call {TYPE} @([\w.]+)\(([^()]*)\) .*"vector-function-abi-variant".*')
_ARGUMENT = re.compile(f"{TYPE} {VALUE}")
_BRANCH = re.compile(rf"  br i1 {VALUE}, label %([\w.]+), label %([\w.]+)")
_JUMP = re.compile(r"  br label %([\w.]+)(?:, !llvm.loop .*)?")

Path = tuple[tuple[str, bool], ...]
"""The conditions on the way to a block, from the outermost on, and whether they hold."""


def is_short(blocks: Sequence[tuple[str, list[str]]]) -> bool:
    """Whether a loop's text is so short that another copy of its body costs little."""
    return sum(len(lines) for _, lines in blocks) <= SHORT_LINES


class Body:
    """Blocks for a number of lanes. Subclasses say how items are loaded and stored, and where control leaves the blocks."""

    def __init__(self, label: str, lanes: int, here: str) -> None:
        self.label = label  # what new names begin with
        self.lanes = lanes
        self.text = VectorText(label, lanes)
        self.here = here  # the label of the block that is written
        self.edges: dict[str, list[tuple[str, Path]]] = {}  # how control comes to each block
        self.calls: set[tuple[str, int]] = set()

    def block(self, label: str, lines: list[str]) -> None:
        """Rewrite a block after those that lead to it."""
        path = _common_path([path for _, path in self.edges[label]])
        for line in lines[:-1]:
            name, _, instruction = line[2:].partition(" = ")
            if not self.replaces(path, line, name, instruction):
                self._rewrite(label, path, line, instruction.partition(" ")[0])
        self.end(label, path, lines[-1])

    def replaces(self, path: Path, line: str, name: str, instruction: str) -> bool:
        """Whether the line is not to be rewritten as others are."""
        return False

    def _rewrite(self, label: str, path: Path, line: str, opcode: str) -> None:
        if opcode == "phi":
            self._phi(label, *_found(_PHI, line))
        elif opcode == "load":
            self._load(path, line)
        elif not opcode:
            self._store(path, *_found(_STORE, line))
        elif opcode == "call" and "vector-function-abi-variant" in line:
            self._call(path, *_found(_CALL, line))
        else:
            self.text.rewrite(line)

    def end(self, label: str, path: Path, line: str) -> None:
        """Note where a block's last line leads to."""
        if (found := _BRANCH.fullmatch(line)) is not None:
            condition, then, otherwise = found.groups()
            for target, holds in ((then, True), (otherwise, False)):
                self.edges.setdefault(target, []).append((label, (*path, (condition, holds))))
            return
        found = _JUMP.fullmatch(line)
        if found is None:
            raise Unknown(line)
        self.jump(label, path, found[1])

    def jump(self, label: str, path: Path, target: str) -> None:
        """Control goes on in another block."""
        self.edges.setdefault(target, []).append((label, path))

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

    def _load(self, path: Path, line: str) -> None:
        name, type, address, alignment = _found(_LOAD, line)
        if self.text.moves_evenly(type, address):
            self.load(path, name, type, address, alignment)
        elif self.text.moves(type, address):
            self.gather(path, name, type, self.text.addresses(address), alignment)
        elif path:
            raise Unknown("an item that is there for some lanes only")
        else:
            self.text.rewrite(line)

    def _store(self, path: Path, type: str, value: str, address: str, alignment: str) -> None:
        stored = f"{self.text.vector_type(type)} {self.text.vector(value, type)}"
        if self.text.moves_evenly(type, address):
            self.store(path, type, stored, address, alignment)
        elif self.text.moves(type, address):
            self.scatter(path, type, stored, self.text.addresses(address), alignment)
        else:
            raise Unknown("one place for all lanes")

    def gather(self, path: Path, name: str, type: str, addresses: str, alignment: str) -> None:
        """Load an item into each lane, from a vector of addresses."""
        vector, pointers, lanes = self.text.vector_type(type), f"<{self.lanes} x ptr>", f"<{self.lanes} x i1>"
        function = f"llvm.masked.gather.v{self.lanes}{SUFFIX.get(type, type)}.v{self.lanes}p0"
        self.text.declarations[function] = f"declare {vector} @{function}({pointers}, i32, {lanes}, {vector})"
        given = f"{pointers} {addresses}, i32 {alignment}, {lanes} {self.mask(path, self.active())}, {vector} zeroinitializer"
        self.text.make(name, type, f"call {vector} @{function}({given})")

    def scatter(self, path: Path, type: str, stored: str, addresses: str, alignment: str) -> None:
        """Store an item from each lane, to a vector of addresses."""
        vector, pointers, lanes = self.text.vector_type(type), f"<{self.lanes} x ptr>", f"<{self.lanes} x i1>"
        function = f"llvm.masked.scatter.v{self.lanes}{SUFFIX.get(type, type)}.v{self.lanes}p0"
        self.text.declarations[function] = f"declare void @{function}({vector}, {pointers}, i32, {lanes})"
        mask = self.mask(path, self.active())
        self.text.lines.append(f"  call void @{function}({stored}, {pointers} {addresses}, i32 {alignment}, {lanes} {mask})")

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

    def active(self) -> str:
        """A vector of the lanes that there are in a round; empty where all are always."""
        return ""

    def load(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        """Load items that lie side by side."""
        raise NotImplementedError

    def store(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        """Store a vector, given with its type, to places that lie side by side, from each lane for which the path is taken."""
        raise NotImplementedError


class LoopBody(Body):
    """A loop for a number of lanes. Subclasses say how items are loaded and stored, and what goes around the body."""

    def __init__(self, blocks: Sequence[tuple[str, list[str]]], lanes: int) -> None:
        (label, header), *body = blocks
        super().__init__(label, lanes, f"{label}.vectors")
        self.index, self._counted_on, self.latch, self.stop, first, self.exit, phis = _counted(header)
        self.next = f"%{label}.next"  # the index of the next round
        self.is_short = is_short(blocks)
        self.text.types[self.index] = "i64"
        self.text.first_lane.add(self.index)
        if self.stop.startswith("%"):
            self.text.given[self.stop] = "i64"
        self.edges[first] = [(label, ())]
        self.allocations: list[str] = []
        self.reductions = self._reductions(phis, [line for _, lines in body for line in lines])
        self._steps = {each.step: each for each in self.reductions}
        self._joined = {each.joined for each in self.reductions}
        self.start()
        for name, lines in body:
            self.block(name, lines)

    def _reductions(self, phis: Sequence[str], lines: Sequence[str]) -> list[Reduction]:
        """What the loop carries beside its counter: each must be one operand of one instruction, which makes the next."""
        found = [reduction(phi, self.latch) for phi in phis]
        used = [name for line in lines for name in _NAME.findall(line)] if found else []
        made = {line[2:].partition(" = ")[0]: line for line in lines}
        for each in found:
            each.find(made, used)
            self.text.reduced[each.name] = each.type
            if each.initial.startswith("%"):
                self.text.given[each.initial] = each.type
        return found

    def replaces(self, path: Path, line: str, name: str, instruction: str) -> bool:
        if name == self._counted_on and instruction != f"add i64 {self.index}, 1":
            raise Unknown(line)
        if name in self._steps:
            self._combine(path, line, self._steps[name])
        return name in self._steps or name in self._joined

    def jump(self, label: str, path: Path, target: str) -> None:
        if target != self.label:
            super().jump(label, path, target)
        elif label != self.latch or path:
            raise Unknown(f"br label %{target}")

    def _combine(self, path: Path, line: str, each: Reduction) -> None:
        """One round of a reduction; lanes that do not take part keep what was there before."""
        each.read(line)
        vector, term = self.text.vector_type(each.type), self.text.vector(each.term, each.type)
        each.made = self.text.value(each.combine(vector, f"v{self.lanes}", each.carried, term, self.text))
        if path or self.active():
            mask = f"{self.text.vector_type('i1')} {self.mask(path, self.active())}"
            each.made = self.text.value(f"select {mask}, {vector} {each.made}, {vector} {each.carried}")

    def starts(self) -> list[tuple[Reduction, str, str]]:
        """The reductions, each with the type of the vector that it carries, and what that is at first."""
        return [(each, self.text.vector_type(each.type), self.text.vector(each.start, each.type)) for each in self.reductions]

    # --- what subclasses say

    def start(self) -> None:
        """Append what comes first in a round."""

    def load_some(self, path: Path, name: str, type: str, address: str, alignment: str) -> None:
        """As `load`, for CPUs with masks: of the lanes that there are, and for which the path is taken."""
        vector, function = self._masked("load", type)
        lanes = f"<{self.lanes} x i1>"
        self.text.declarations[function] = f"declare {vector} @{function}(ptr, i32, {lanes}, {vector})"
        given = f"ptr {address}, i32 {alignment}, {lanes} {self.mask(path, self.active())}, {vector} zeroinitializer"
        self.text.make(name, type, f"call {vector} @{function}({given})")

    def store_some(self, path: Path, type: str, stored: str, address: str, alignment: str) -> None:
        """As `store`, for CPUs with masks."""
        vector, function = self._masked("store", type)
        mask, masks = self.mask(path, self.active()), f"<{self.lanes} x i1>"
        self.text.declarations[function] = f"declare void @{function}({vector}, ptr, i32, {masks})"
        self.text.lines.append(f"  call void @{function}({stored}, ptr {address}, i32 {alignment}, {masks} {mask})")

    def _masked(self, what: str, type: str) -> tuple[str, str]:
        return self.text.vector_type(type), f"llvm.masked.{what}.v{self.lanes}{SUFFIX.get(type, type)}.p0"

    def around(self, inner: str, outer: str) -> list[str]:
        """The lines, from the header's label to that of the block behind the loop; with metadata for the loop over vectors, and
        for one around it."""
        raise NotImplementedError


def _found(pattern: re.Pattern, line: str) -> tuple[str, ...]:
    found = pattern.fullmatch(line)
    if found is None:
        raise Unknown(line)
    return found.groups()


class _Counter(NamedTuple):
    """How a loop counts from 0 by 1: labels of the latch, the body and the exit; the other phis of its header."""

    index: str
    next: str
    latch: str
    stop: str
    first: str
    exit: str
    phis: list[str]


def _counted(header: list[str]) -> _Counter:
    if len(header) < 3:
        raise Unknown("not counted")
    test, branch = _TEST.fullmatch(header[-2]), _BRANCH.fullmatch(header[-1])
    if test is None or branch is None or branch[1] != test[1]:
        raise Unknown("not counted")
    phis = header[:-2]
    counter = next((line for line in phis if line.startswith(f"  {test[2]} = ")), "")
    index = _INDEX.fullmatch(counter)
    if index is None:
        raise Unknown("not counted from 0 by 1")
    return _Counter(index[1], index[2], index[3], test[3], branch[2], branch[3], [line for line in phis if line is not counter])


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
