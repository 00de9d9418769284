"""Loops over arrays whose rounds do not depend on each other, written with vectors from the start.

LLVM's vectorizer makes a loop of vectors and keeps the scalar one for the items that are left over, so that all passes and the
selection of instructions see each body twice. Here the text of the scalar loop is rewritten: each instruction on items becomes one
on vectors, and there is no second body. What is done about the items left over depends on the CPU and the loop: see codegen.vector_split,
codegen.vector_buffers and codegen.vector_even.

Branches become selections: what is not needed is computed in vain, but the calls that codegen.vector_calls makes possible are made
for those lanes only that need them. A loop with anything else in it is left to LLVM as it was.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence

from codegen.engine import engine
from codegen.text import ModuleText
from codegen.vector_body import LoopBody, is_short
from codegen.vector_buffers import BufferedLoop
from codegen.vector_even import EvenLoop
from codegen.vector_reductions import results
from codegen.vector_split import SplitLoop
from codegen.vector_text import ROUND_BITS, Blocks, Unknown

# Vectors that are kept on the stack around a call in a loop lie on lines of the cache: else they would take three times as long.
ALIGNED_STACK = f"alignstack({ROUND_BITS // 8})"
_MOST_LANES = 64
_VECTORS_IN_A_ROUND = 4  # of a short reduction: the next vector need not wait for the one before
_COUNT = re.compile(r" slt i64 %[\w.]+, (\d+)$")
_NAME = re.compile(r"%[\w.]+")


class VectorLoop:
    """Vectors in place of the loop of some blocks of a function."""

    def __init__(self, body: LoopBody, labels: Sequence[str], module: ModuleText, nested: bool) -> None:
        self.header = labels[0]
        self.labels = frozenset(labels)
        self.stays = body.is_short and (nested or isinstance(body, EvenLoop))  # not worth a call
        self._body = body
        self._module = module
        for function, lanes in body.calls:
            module.vector_forms[function].lanes.add(lanes)

    @property
    def allocations(self) -> list[str]:
        """What the function needs at its begin."""
        return self._body.allocations

    def lines(self) -> list[str]:
        """What stands in place of the loop's blocks."""
        return [*self._around(self._module.vectorized_loop(), self._module.vectorized_loop()), f"  br label %{self._body.exit}"]

    @property
    def exit(self) -> str:
        """The label of the block behind the loop."""
        return self._body.exit

    def rename(self, lines: Sequence[str]) -> list[str]:
        """The lines of the block behind the loop, where they say that control comes from the loop."""
        return [line.replace(f"%{self.header}]", f"%{self.header}.end]") for line in lines]

    def call(self, name: str) -> list[str]:
        """A call of `function`, in place of the loop's blocks."""
        arguments = ", ".join([f"{type} {value}" for value, type in self._body.text.given.items()])
        reductions, type = self._body.reductions, results(self._body.reductions)
        lines = [f"  call void @{name}({arguments})"]
        if len(reductions) == 1:
            lines = [f"  {reductions[0].name} = call {type} @{name}({arguments})"]
        elif reductions:
            lines = [f"  %{self.header}.results = call {type} @{name}({arguments})"]
            lines += [f"  {each.name} = extractvalue {type} %{self.header}.results, {i}" for i, each in enumerate(reductions)]
        return [f"{self.header}:", *lines, f"  br label %{self._body.exit}"]

    def function(self, name: str) -> list[str]:
        """The loop as a function of its own."""
        parameters = ", ".join([f"{type} {value}" for value, type in self._body.text.given.items()])
        reductions, type = self._body.reductions, results(self._body.reductions)
        stack = "" if self._body.is_short and not self._body.calls else f"{ALIGNED_STACK} "  # a short one keeps all in registers
        head = f"define {type} @{name}({parameters}) nounwind {stack}{{"
        end = [f"  ret {type}{' ' + reductions[0].name if reductions else ''}"]
        if len(reductions) > 1:
            built, end = "poison", []
            for i, each in enumerate(reductions):
                end.append(f"  %result{i} = insertvalue {type} {built}, {each.type} {each.name}, {i}")
                built = f"%result{i}"
            end.append(f"  ret {type} {built}")
        return [head, "begin:", *self.allocations, f"  br label %{self.header}", *self._around("", ""), *end, "}"]

    def _around(self, inner: str, outer: str) -> list[str]:
        lines = self._body.around(inner, outer)
        for name, declaration in self._body.text.declarations.items():
            self._module.declare(name, declaration)
        return lines

    def declaration(self, name: str) -> str:
        """How other modules know the function."""
        return f"declare {results(self._body.reductions)} @{name}({', '.join(self._body.text.given.values())}) nounwind"


def names_in(blocks: Blocks) -> dict[str, set[str]]:
    """The names of values in each block."""
    return {label: set(_NAME.findall("\n".join(lines))) for label, lines in blocks.items()}


def vectorize(
    blocks: Blocks, names: Mapping[str, set[str]], labels: Sequence[str], module: ModuleText, nested: bool
) -> VectorLoop | None:  # fmt: skip
    """Vectors for the loop of the blocks with these labels, or None where the loop must stay as it is; `nested`: in another one.

    The labels are in reverse postorder, the header's first; `names` are those in each block.
    """
    try:
        loop = _rewritten([(label, blocks[label]) for label in labels], nested, module.round_bits)
    except Unknown:
        return None
    inside = set(labels)
    if any(label not in inside and not each.isdisjoint(loop.text.types) for label, each in names.items()):
        return None
    return VectorLoop(loop, labels, module, nested)


def _rewritten(blocks: Sequence[tuple[str, list[str]]], nested: bool, bits: int) -> LoopBody:
    """The loop in the form, and for as many lanes, as suit it; `bits` of the widest items in a round. Raises Unknown."""
    count = _COUNT.search(blocks[0][1][-2])
    rounds = int(count[1]) if count is not None else 0
    lanes = bits // 64
    if rounds and rounds % lanes == 0:
        loop = EvenLoop(blocks, lanes)
        usual = _lanes_of(loop, bits)
        if loop.is_short and rounds <= _MOST_LANES and rounds.bit_count() == 1:
            return EvenLoop(blocks, rounds)
        if rounds % usual == 0:
            return loop if usual == lanes else EvenLoop(blocks, usual)
    if not engine().has_masks:
        return _for_widest(BufferedLoop, blocks, bits)
    reduces = len(blocks[0][1]) > 3  # more than a counter, its test and the branch
    if not nested and not reduces and not is_short(blocks):
        with contextlib.suppress(Unknown):  # such as stores of some lanes
            return _for_widest(BufferedLoop, blocks, bits)
    loop = SplitLoop(blocks, lanes)
    usual = _lanes_of(loop, bits)
    parts = min(_MOST_LANES // usual, _VECTORS_IN_A_ROUND) if loop.is_short and reduces else 1
    return loop if (usual, parts) == (lanes, 1) else SplitLoop(blocks, usual, parts)


def _lanes_of(loop: LoopBody, bits: int) -> int:
    """How many lanes of the loop's widest items there are in so many bits; a mask has at most 64."""
    return min(bits // loop.text.widest, _MOST_LANES)


def _for_widest(form: Callable[..., LoopBody], blocks: Sequence[tuple[str, list[str]]], bits: int) -> LoopBody:
    """The loop for as many lanes as a vector of its widest items has."""
    loop = form(blocks, bits // 64)
    usual = _lanes_of(loop, bits)
    return loop if usual == bits // 64 else form(blocks, usual)


def with_vectors(blocks: Blocks, loops: Sequence[VectorLoop], names: Mapping[VectorLoop, str]) -> list[str]:
    """The lines of a function with vectors in place of loops; those that have a name are called as functions."""
    headers = {loop.header: loop for loop in loops}
    gone = {label for loop in loops for label in loop.labels}
    inline = [loop for loop in loops if loop not in names]
    exits = {loop.exit for loop in inline}
    result: list[str] = []
    for label, lines in blocks.items():
        if label in headers:
            loop = headers[label]
            result += loop.call(names[loop]) if loop in names else loop.lines()
        elif label not in gone:
            result += [f"{label}:"] if label else []
            if label in exits:
                for each in inline:
                    lines = each.rename(lines) if each.exit == label else lines
            result += lines
    return result
