"""Loops over arrays whose rounds do not depend on each other, written with vectors from the start.

LLVM's vectorizer makes a loop of vectors and keeps the scalar one for the items that are left over, so that all passes and the
selection of instructions see each body twice. Here the text of the scalar loop is rewritten: each instruction on items becomes one
on vectors, and there is no second body. What is done about the items left over depends on the CPU: see codegen.vector_masks and
codegen.vector_buffers.

Branches become selections: what is not needed is computed in vain, but the calls that codegen.vector_calls makes possible are made
for those lanes only that need them. A loop with anything else in it is left to LLVM as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from codegen.engine import engine
from codegen.text import ModuleText
from codegen.vector_body import ROUND_BITS, LoopBody
from codegen.vector_buffers import BufferedLoop
from codegen.vector_masks import MaskedLoop
from codegen.vector_text import Unknown

_NAME = re.compile(r"%[\w.]+")
Blocks = dict[str, list[str]]


class VectorLoop:
    """Vectors in place of the loop of some blocks of a function."""

    def __init__(self, body: LoopBody, labels: Sequence[str], module: ModuleText) -> None:
        self.header = labels[0]
        self.labels = frozenset(labels)
        self._body = body
        self._module = module
        for name, declaration in body.text.declarations.items():
            module.declare(name, declaration)
        for function, lanes in body.calls:
            module.vector_forms[function].lanes.add(lanes)

    @property
    def allocations(self) -> list[str]:
        """What the function needs at its begin."""
        return self._body.allocations

    def lines(self) -> list[str]:
        """What stands in place of the loop's blocks."""
        around = self._body.around(self._module.vectorized_loop(), self._module.vectorized_loop())
        return [*around, f"  br label %{self._body.exit}"]

    def rename(self, line: str, label: str) -> str:
        """A line of the block with that label, where it says that control comes from the loop."""
        return line.replace(f"%{self.header}]", f"%{self.header}.end]") if label == self._body.exit else line

    def call(self, name: str) -> list[str]:
        """A call of `function`, in place of the loop's blocks."""
        arguments = ", ".join([f"{type} {value}" for value, type in self._body.text.given.items()])
        return [f"{self.header}:", f"  call void @{name}({arguments})", f"  br label %{self._body.exit}"]

    def function(self, name: str) -> list[str]:
        """The loop as a function of its own."""
        parameters = ", ".join([f"{type} {value}" for value, type in self._body.text.given.items()])
        head = f"define void @{name}({parameters}) nounwind {{"
        return [head, "begin:", *self.allocations, f"  br label %{self.header}", *self._body.around("", ""), "  ret void", "}"]

    def declaration(self, name: str) -> str:
        """How other modules know the function."""
        return f"declare void @{name}({', '.join(self._body.text.given.values())}) nounwind"


def split_blocks(lines: Sequence[str]) -> Blocks:
    """The lines of each block by its label; those in front of the first label have none."""
    blocks: Blocks = {}
    block = blocks[""] = []
    for line in lines:
        if line.endswith(":"):
            block = blocks[line[:-1]] = []
        else:
            block.append(line)
    return blocks


def vectorize(blocks: Blocks, labels: Sequence[str], module: ModuleText) -> VectorLoop | None:
    """Vectors for the loop of the blocks with these labels, or None where the loop must stay as it is.

    The labels are in reverse postorder, the header's first.
    """
    form = MaskedLoop if engine().has_masks else BufferedLoop
    try:
        loop = form([(label, blocks[label]) for label in labels], ROUND_BITS // 64)
        if loop.text.widest < 64:
            loop = form([(label, blocks[label]) for label in labels], ROUND_BITS // loop.text.widest)
    except Unknown:
        return None
    inside = set(labels)
    outside = [line for label, each in blocks.items() if label not in inside for line in each]
    if any(name in loop.text.types for line in outside for name in _NAME.findall(line)):
        return None
    return VectorLoop(loop, labels, module)


def with_vectors(blocks: Blocks, loops: Sequence[VectorLoop], names: Mapping[VectorLoop, str]) -> list[str]:
    """The lines of a function with vectors in place of loops; those that have a name are called as functions."""
    headers = {loop.header: loop for loop in loops}
    gone = {label for loop in loops for label in loop.labels}
    inline = [loop for loop in loops if loop not in names]
    result: list[str] = []
    for label, lines in blocks.items():
        if label in headers:
            loop = headers[label]
            result += loop.call(names[loop]) if loop in names else loop.lines()
        elif label not in gone:
            result += [f"{label}:"] if label else []
            for each in inline:
                lines = [each.rename(line, label) for line in lines]
            result += lines
    return result
