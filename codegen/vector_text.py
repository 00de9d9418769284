"""Instructions on numbers, rewritten for vectors of numbers: one instruction of LLVM text becomes one on all lanes."""

from __future__ import annotations

import re
from collections.abc import Callable

ROUND_BITS = 512  # of a vector; LLVM takes several registers where the CPU has smaller ones
BITS = {"double": 64, "float": 32, "i64": 64, "i32": 32, "i16": 16, "i8": 8, "i1": 1}

SUFFIX = {"double": "f64", "float": "f32"}  # of intrinsics; integers have their own names

TYPE = "(double|float|i64|i32|i16|i8|i1)"
VALUE = r"([%\w.+-]+)"
_FLAGS = r"(?:(?:fast|nnan|ninf|nsz|arcp|contract|afn|reassoc|nuw|nsw|exact) )*"
_ARGUMENTS = r"\(([^()]*)\)"
_INTRINSICS = frozenset(
    "fma fabs sqrt floor ceil trunc rint nearbyint roundeven copysign minnum maxnum minimum maximum "
    "smin smax umin umax ctpop fptosi.sat fptoui.sat".split()
)
_ARGUMENT = re.compile(f"{TYPE} {VALUE}")
_RESULT = re.compile(r"  (%[\w.]+) = ((\w+) .*)")


Blocks = dict[str, list[str]]


class Unknown(Exception):
    """An instruction that has no form with vectors here."""


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


class VectorText:
    """The body of a loop that is rewritten for a number of lanes.

    A name made in the loop is of one of three kinds: `vectors` have an item for each lane; those in `first_lane` grow by one
    from lane to lane, and the first one's is kept; all others are the same in all lanes. `items` are the addresses that move
    evenly with the lanes, with the bytes that they move by; `pointers` are vectors of addresses.
    """

    def __init__(self, label: str, lanes: int) -> None:
        self.label = label
        self.lanes = lanes
        self.widest = 8  # bits of an item of a vector; a flag takes as much as a byte
        self.types: dict[str, str] = {}  # of what is made in the loop
        self.reduced: dict[str, str] = {}  # what is known behind the loop only, with its type
        self.vectors: set[str] = set()
        self.first_lane: set[str] = set()
        self.items: dict[str, int] = {}
        self.pointers: set[str] = set()
        self.spread: set[str] = set()  # indices that grow by a known number, other than one
        self.before: list[str] = []  # vectors of what does not change in the loop
        self.lines: list[str] = []
        self.addressing: list[str] = []  # the instructions that stayed as they are
        self.declarations: dict[str, str] = {}
        self.given: dict[str, str] = {}  # what is made before the loop and used in it, with its type
        self._broadcasts: dict[tuple[str, str], str] = {}
        self._count = 0

    def fresh(self) -> str:
        """A new name."""
        self._count += 1
        return f"%{self.label}.v{self._count}"

    def vector_type(self, type: str) -> str:
        """The type of a vector with this type of items."""
        self.widest = max(self.widest, BITS[type])
        return f"<{self.lanes} x {type}>"

    def vector(self, value: str, type: str) -> str:
        """An operand as a vector."""
        if value in self.vectors:
            return value
        if value in self.reduced:
            raise Unknown("a reduction is used in the loop")
        if not value.startswith("%"):
            return f"splat ({type} {value})"
        if value not in self.types:
            self.given[value] = type
            if (value, type) not in self._broadcasts:
                self._broadcasts[value, type] = self.broadcast(self.before, value, type)
            return self._broadcasts[value, type]
        made = self.broadcast(self.lines, value, type)
        if value not in self.first_lane:
            return made
        steps = ", ".join([f"i64 {lane}" for lane in range(self.lanes)])
        return self.value(f"add {self.vector_type(type)} {made}, <{steps}>")

    def broadcast(self, lines: list[str], value: str, type: str) -> str:
        """A vector with the same value in all lanes."""
        single, result = self.fresh(), self.fresh()
        vector = self.vector_type(type)
        lines.append(f"  {single} = insertelement {vector} poison, {type} {value}, i64 0")
        lines.append(f"  {result} = shufflevector {vector} {single}, {vector} poison, <{self.lanes} x i32> zeroinitializer")
        return result

    def value(self, instruction: str) -> str:
        """Append an instruction and return the name of its result."""
        name = self.fresh()
        self.lines.append(f"  {name} = {instruction}")
        return name

    def rewrite(self, line: str) -> None:
        """Append a line that makes a value. Raises Unknown."""
        result = _RESULT.match(line)
        if result is None:
            raise Unknown(line)
        name, text, opcode = result.groups()
        for pattern, form in _FORMS.get(opcode, ()):
            found = pattern.fullmatch(text)
            if found is not None:
                form(self, name, line, *found.groups())
                return
        raise Unknown(line)

    def keep(self, name: str, type: str, line: str, *operands: tuple[str, str]) -> None:
        """An instruction that stays as it is, being about all lanes or the first one; operands with their types."""
        self.given.update({value: of for value, of in operands if value.startswith("%") and value not in self.types})
        self.types[name] = type
        self.addressing.append(line)
        self.lines.append(line)

    def make(self, name: str, type: str, text: str) -> None:
        """An instruction whose result is a vector."""
        self.types[name] = type
        self.vectors.add(name)
        self.lines.append(f"  {name} = {text}")

    def moves_evenly(self, type: str, address: str) -> bool:
        """Whether the address is that of the first lane's item, and those of the others lie behind it."""
        if type == "i1":
            raise Unknown("bits in memory")
        return self.items.get(address) == BITS[type] // 8

    def moves(self, type: str, address: str) -> bool:
        """Whether each lane has an address of its own."""
        return address in self.items or address in self.pointers

    def addresses(self, address: str) -> str:
        """The addresses of all lanes, as a vector."""
        if address not in self.pointers:
            raise Unknown("parts of items, as those of complex numbers: LLVM loads all, and sorts them")
        return address

    def choose(self, name: str, type: str, condition: str, a: str, b: str) -> None:
        """A choice in each lane; the condition is a vector."""
        vector = self.vector_type(type)
        x, y = self.vector(a, type), self.vector(b, type)
        self.make(name, type, f"select {self.vector_type('i1')} {condition}, {vector} {x}, {vector} {y}")

    def varies(self, *values: str) -> bool:
        """Whether any of the values is not the same in all lanes."""
        return any(value in self.vectors or value in self.first_lane for value in values)


Form = Callable[..., None]
_FORMS: dict[str, list[tuple[re.Pattern, Form]]] = {}


def form(opcodes: str, pattern: str) -> Callable[[Form], Form]:
    """Register the function for instructions that begin with one of the opcodes and match the pattern."""

    def register(function: Form) -> Form:
        compiled = re.compile(pattern)
        for opcode in opcodes.split():
            _FORMS.setdefault(opcode, []).append((compiled, function))
        return function

    return register


@form("fadd fsub fmul fdiv add sub mul and or xor shl ashr lshr", rf"(\w+ {_FLAGS}){TYPE} {VALUE}, {VALUE}")
def _binary(v: VectorText, name: str, line: str, opcode: str, type: str, a: str, b: str) -> None:
    if opcode.startswith("add ") and type == "i64" and (a in v.first_lane) is not (b in v.first_lane) and not {a, b} & v.vectors:
        v.first_lane.add(name)
        v.keep(name, type, line, (a, type), (b, type))
    elif opcode.startswith("mul ") and a in v.first_lane and b == "1":
        v.first_lane.add(name)
        v.keep(name, type, line, (a, type))
    elif v.varies(a, b):
        if {a, b} & v.spread or (opcode.startswith("mul ") and a in v.first_lane and b.isdecimal()):
            v.spread.add(name)
        x, y = v.vector(a, type), v.vector(b, type)
        v.make(name, type, f"{opcode}{v.vector_type(type)} {x}, {y}")
    else:
        v.keep(name, type, line, (a, type), (b, type))


@form("fneg", rf"(fneg {_FLAGS}){TYPE} {VALUE}")
def _negation(v: VectorText, name: str, line: str, opcode: str, type: str, a: str) -> None:
    if v.varies(a):
        v.make(name, type, f"{opcode}{v.vector_type(type)} {v.vector(a, type)}")
    else:
        v.keep(name, type, line, (a, type))


@form("icmp fcmp", rf"(\w+ {_FLAGS}\w+ ){TYPE} {VALUE}, {VALUE}")
def _comparison(v: VectorText, name: str, line: str, opcode: str, type: str, a: str, b: str) -> None:
    if v.varies(a, b):
        x, y = v.vector(a, type), v.vector(b, type)
        v.vector_type("i1")
        v.make(name, "i1", f"{opcode}{v.vector_type(type)} {x}, {y}")
    else:
        v.keep(name, "i1", line, (a, type), (b, type))


@form("select", rf"select i1 {VALUE}, {TYPE} {VALUE}, \w+ {VALUE}")
def _selection(v: VectorText, name: str, line: str, condition: str, type: str, a: str, b: str) -> None:
    if v.varies(condition, a, b):
        v.choose(name, type, v.vector(condition, "i1"), a, b)
    else:
        v.keep(name, type, line, (condition, "i1"), (a, type), (b, type))


@form("bitcast trunc zext sext fptrunc fpext sitofp uitofp", rf"(\w+) {TYPE} {VALUE} to {TYPE}")
def _conversion(v: VectorText, name: str, line: str, opcode: str, source: str, a: str, to: str) -> None:
    if v.varies(a):
        v.make(name, to, f"{opcode} {v.vector_type(source)} {v.vector(a, source)} to {v.vector_type(to)}")
    else:
        v.keep(name, to, line, (a, source))


@form("call", rf"(call {_FLAGS}){TYPE} @llvm\.([a-z.]+?)((?:\.[if]\d+)+){_ARGUMENTS}")
def _intrinsic(v: VectorText, name: str, line: str, call: str, type: str, function: str, suffix: str, arguments: str) -> None:
    operands = _ARGUMENT.findall(arguments)
    if not v.varies(*(value for _, value in operands)):
        v.keep(name, type, line, *((value, of) for of, value in operands))
        return
    if function not in _INTRINSICS:
        raise Unknown(line)
    result, full = v.vector_type(type), f"llvm.{function}{suffix.replace('.', f'.v{v.lanes}')}"
    given = ", ".join([f"{v.vector_type(t)} {v.vector(a, t)}" for t, a in operands])
    v.make(name, type, f"{call}{result} @{full}({given})")
    v.declarations[full] = f"declare {result} @{full}({', '.join([v.vector_type(t) for t, _ in operands])})"


@form("getelementptr", rf"getelementptr inbounds \[(\d+) x i8\], ptr {VALUE}, i64 {VALUE}")
def _address(v: VectorText, name: str, line: str, size: str, base: str, index: str) -> None:
    if base in v.types:
        raise Unknown(line)
    if index in v.spread:
        raise Unknown("items at a known distance: LLVM loads what is between them, too")
    if index in v.vectors:
        v.pointers.add(name)
        v.make(name, "ptr", f"getelementptr [{size} x i8], ptr {base}, {v.vector_type('i64')} {index}")
        v.given.update({base: "ptr"} if base.startswith("%") else {})
        return
    if index in v.first_lane:
        v.items[name] = int(size)
    v.keep(name, "ptr", line, (base, "ptr"), (index, "i64"))


@form("getelementptr", rf"getelementptr inbounds i8, ptr {VALUE}, i64 (\d+)")
def _part(v: VectorText, name: str, line: str, base: str, offset: str) -> None:
    if base in v.pointers:
        v.pointers.add(name)
        v.make(name, "ptr", f"getelementptr i8, <{v.lanes} x ptr> {base}, i64 {offset}")
        return
    if base in v.items:
        v.items[name] = v.items[base]
    v.keep(name, "ptr", line, (base, "ptr"))


@form("load", rf"load {TYPE}, ptr {VALUE}, align \d+(?:, !llvm.access.group !\d+)?")
def _load(v: VectorText, name: str, line: str, type: str, address: str) -> None:
    if address in v.items or not address.startswith("%"):
        raise Unknown(line)
    v.keep(name, type, line.partition(", !")[0], (address, "ptr"))
