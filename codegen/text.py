"""Building blocks of LLVM text: names, blocks, declarations, references to Python objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codegen.effort import Effort, Plan
from codegen.errors import ErrorTable
from codegen.options import Options
from codegen.runtime import SIGNATURES, WITHOUT_OBJECTS
from codegen.vector_text import ROUND_BITS
from ir.graph import Block, Graph


# What a loop's metadata says, by the numbers of the nodes. Loops whose number of rounds is not known are not unrolled,
# which would cost more to compile than it gains; but where a loop is vectorized, the scalar loop that runs when its
# arrays overlap goes two rounds at a time. Loops that hardly ever run are neither unrolled nor vectorized.
_BRANCH_WEIGHTS = '!0 = !{!"branch_weights", i32 1048575, i32 1}'
_NODES = f"""{_BRANCH_WEIGHTS}
!1 = !{{i64 0, i64 -9223372036854775808}}"""
_LOOP_NODES = f"""!2 = !{{!"llvm.loop.unroll.runtime.disable"}}
!3 = !{{!"llvm.loop.unroll.disable"}}
!4 = !{{!"llvm.loop.vectorize.enable", i1 false}}
!5 = !{{!"llvm.loop.isvectorized", i32 1}}
!6 = !{{!"llvm.loop.unroll.count", i32 2}}
!7 = !{{!"llvm.loop.vectorize.followup_vectorized", !5, !3}}
!8 = !{{!"llvm.loop.vectorize.followup_epilogue", !5, !6}}"""
_COMMON_LOOP, _RARE_LOOP, _UNROLLED_LOOP, _FIRST_NODE = "!2, !7, !8", "!3, !4", "!6", 9
_VECTORIZED_LOOP = "!3, !5"


class ModuleText:
    """What the functions of one module share.

    `addresses` are the symbols that this module alone refers to; `kept` holds the objects behind them alive.
    """

    def __init__(
        self, options: Options, errors: ErrorTable | None = None, record_values: int = 0, prefix: str = ""
    ) -> None:  # fmt: skip
        self.options = options
        self._prefix = prefix  # of symbols, in which modules that are linked together differ
        self.errors = ErrorTable() if errors is None else errors
        self.declarations: dict[str, str] = {}
        self.addresses: dict[str, int] = {}
        self.kept: list[Any] = []
        self.functions: list[str] = []
        self.hot: list[str] = []  # functions that are compiled well, where the others are compiled quickly
        self.has_vectors = False  # outside of the hot functions
        self._hot_declarations: dict[str, str] = {}
        self.record_values = record_values  # the most components that a `raise` stores
        self.counts_objects = False  # whether there are counted references to Python objects
        self.nodes: list[str] = []  # of metadata, from number _FIRST_NODE on
        self.kernels: dict[int, Graph] = {}  # by their addresses: what they run at each item
        self.vector_forms: dict[str, Any] = {}  # what codegen.vector_calls is to write of functions
        self.computations: dict[str, list[str]] = {}  # the lines of functions that only compute
        self.used: list[str] = []  # functions that nothing calls before loops are vectorized
        self.vectorized: set[Block] = set()  # headers of loops that are made of vectors already
        self.plan = Plan(Effort.WHOLE)
        self.often_short = False  # whether loops run over a few items as often as over many, as in another loop
        self.round_bits = ROUND_BITS  # how much loops that are made of vectors compute in a round
        self._symbols: dict[int, str] = {}

    def declare(self, name: str, text: str) -> str:
        """`@name`, declared by `text` in the module."""
        if name not in self.declarations:
            self.declarations[name] = text
        return "@" + name

    def declare_hot(self, name: str, text: str) -> None:
        """Declare one of the `hot` functions for the others."""
        self._hot_declarations[name] = text

    def forget_hot(self, name: str) -> None:
        """One of the `hot` functions is left out."""
        del self._hot_declarations[name]

    def runtime(self, name: str) -> str:
        """A function of codegen.runtime."""
        attributes = "" if self.counts_objects else WITHOUT_OBJECTS.get(name, "")
        return self.declare(name, f"declare {SIGNATURES[name]} nounwind {attributes}")

    def function(self, name: str, result: str, parameters: str, attributes: str = "nounwind") -> str:
        """A function of Python's or NumPy's C API, or of the C library."""
        return self.declare(name, f"declare {result} @{name}({parameters}) {attributes}")

    def known_object(self, name: str) -> str:
        """An object that codegen.objects names."""
        return self.declare(name, f"@{name} = external global i8")

    def object(self, value: Any) -> str:
        """Any Python object; it lives as long as the code."""
        name = self._symbols.get(id(value))
        if name is None:
            name = self._symbols[id(value)] = f"{self._prefix}object.{len(self._symbols)}"
            self.kept.append(value)
            self.addresses[name] = id(value)
            self.declarations[name] = f"@{name} = external global i8"
        return "@" + name

    def pointer(self, address: int) -> str:
        """A memory address."""
        name = f"{self._prefix}data.{len(self.addresses)}"
        self.addresses[name] = address
        return self.declare(name, f"@{name} = external global i8")

    def symbol(self, name: str, address: int) -> str:
        """A function or object with this name at this address."""
        self.addresses[name] = address
        return self.declare(name, f"@{name} = external global i8")

    def kernel(self, body: Graph, address: int) -> str:
        """The kernel at this address, which runs a graph. Two of one name differ in their types."""
        if address not in self.kernels:
            self.kernels[address] = body
        number = list(self.kernels).index(address)
        return self.symbol(f"kernel.{body.name}.{number}", address)

    def access_group(self) -> int:
        """A node for the memory accesses of a loop whose rounds do not depend on each other."""
        return self._node("distinct !{}")

    def loop(self, rare: bool, parallel: int | None = None, vectors: int | None = None, unrolled: bool = False) -> str:
        """Metadata for the jump that closes a loop; `rare`: one that hardly ever runs; `parallel`: its access group;
        `vectors`: how many a round of the vectorized loop takes, where that is not left to LLVM; `unrolled`: two rounds are made one.

        LLVM vectorizes a loop whose accesses are all in its group without asking whether its arrays overlap.
        """
        about = _RARE_LOOP if rare else _UNROLLED_LOOP if unrolled else _COMMON_LOOP
        if parallel is not None:
            accesses = self._node(f'!{{!"llvm.loop.parallel_accesses", !{parallel}}}')
            about += f", !{accesses}"
        if vectors is not None:
            interleaving = self._node(f'!{{!"llvm.loop.interleave.count", i32 {vectors}}}')
            about += f", !{interleaving}"
        number = _FIRST_NODE + len(self.nodes)
        return f", !llvm.loop !{self._node(f'distinct !{{!{number}, {about}}}')}"

    def vectorized_loop(self) -> str:
        """Metadata for the jump that closes a loop which has been made of vectors, or goes around one."""
        number = _FIRST_NODE + len(self.nodes)
        return f", !llvm.loop !{self._node(f'distinct !{{!{number}, {_VECTORIZED_LOOP}}}')}"

    def _node(self, text: str) -> int:
        self.nodes.append(text)
        return _FIRST_NODE + len(self.nodes) - 1

    def text(self) -> str:
        """The whole module, but for the hot functions."""
        nodes = (f"!{i} = {text}" for i, text in enumerate(self.nodes, _FIRST_NODE))
        used = ", ".join([f"ptr @{function}" for function in self.used])  # LLVM would remove them
        kept = [f'@llvm.compiler.used = appending global [{len(self.used)} x ptr] [{used}], section "llvm.metadata"'] if used else []
        declared = (*self.declarations.values(), *self._hot_declarations.values())
        about_loops = [_LOOP_NODES, *nodes] if self.nodes else []
        return "\n".join([*declared, *kept, *self.functions, _NODES, *about_loops, ""])

    def hot_text(self) -> str:
        """A module of the hot functions; empty if there are none."""
        if not self.hot:
            return ""
        functions = "\n".join(self.hot)
        declared = [text for name, text in self.declarations.items() if f"@{name}" in functions]
        return "\n".join([*declared, functions, _BRANCH_WEIGHTS, ""])


class FunctionText:
    """Appends instructions to the current block of one LLVM function."""

    def __init__(self, module: ModuleText) -> None:
        self.module = module
        self.lines: list[str] = []
        self.allocations: list[str] = []
        self.label = ""
        self.mismatch = "mismatch"  # the label that unboxing goes to for an object of another type
        self._count = 0

    def fresh(self) -> str:
        """A new name for a value."""
        self._count += 1
        return f"%v{self._count}"

    def new_label(self, hint: str = "t") -> str:
        """A new name for a block."""
        self._count += 1
        return f"{hint}.{self._count}"

    def value(self, instruction: str) -> str:
        """Append an instruction and return the name of its result."""
        self._count += 1
        name = f"%v{self._count}"
        self.lines.append(f"  {name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        """Append an instruction without a result."""
        self.lines.append("  " + instruction)

    def start(self, label: str) -> None:
        """Append to a new block from now on."""
        self.lines.append(label + ":")
        self.label = label

    def jump(self, label: str, metadata: str = "") -> None:
        self.lines.append(f"  br label %{label}{metadata}")

    def expect(self, condition: str, failure: str) -> None:
        """Go on in a new block if the condition holds, as it nearly always does, else at the label `failure`."""
        after = self.new_label("ok")
        self.lines.append(f"  br i1 {condition}, label %{after}, label %{failure}, !prof !0")
        self.start(after)

    def allocate(self, type: str, alignment: int = 8) -> str:
        """The address of stack memory, allocated once however often this place is passed."""
        name = self.fresh()
        self.allocations.append(f"  {name} = alloca {type}, align {alignment}")
        return name

    def offset(self, pointer: str, byte_count: int | str) -> str:
        """An address so many bytes after another one."""
        return self.value(f"getelementptr inbounds i8, ptr {pointer}, i64 {byte_count}") if byte_count != 0 else pointer

    def store_each(self, pointer: str, types: Sequence[str], values: Sequence[str], step: int = 8) -> None:
        """Store values one after the other, `step` bytes apart."""
        for i, (type, value) in enumerate(zip(types, values)):
            self.do(f"store {type} {value}, ptr {self.offset(pointer, step * i)}")

    def both(self, conditions: Sequence[str]) -> str:
        """Whether all the conditions hold."""
        result = conditions[0]
        for condition in conditions[1:]:
            result = self.value(f"and i1 {result}, {condition}")
        return result
