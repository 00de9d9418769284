"""A graph becomes an LLVM function: blocks, block arguments as phis, calls, and the dispatch to the lowerings of ops.

A function that can fail takes the address of an error record first, and returns a status before the components of the
result: 0, or 1 where the record describes an exception, or 2 where a Python exception is set.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from codegen import abi
from codegen.computations import is_computation
from codegen.effort import is_rare
from codegen.engine import engine
from codegen.entry import result_struct
from codegen.errors import Site
from codegen.records import RECORD_SITE, RECORD_STACK_LIMIT, RECORD_VALUES
from codegen.stack import STACK_PLACE
from codegen.text import FunctionText, ModuleText
from codegen.vector_loops import ALIGNED_STACK, VectorLoop, names_in, vectorize, with_vectors
from codegen.vector_text import split_blocks
from ir.cfg import ControlFlow, Loop
from ir.graph import Block, Constant, Edge, ExceptionTemplate, Graph, Op, Value
from ir.opdef import Custom, Intrinsic, LibraryCall, Opcode
from ir.ops import memory
from ir.ownership import Part, follow_counts, last_releases
from ir.types import Array, Float, Integer, Object, Optional, Tuple, Type

RAISED, PENDING = 1, 2
_BITS_IN_A_ROUND = 512  # of a vectorized loop
_RECURSION_ERROR = ExceptionTemplate(RecursionError, ("maximum recursion depth exceeded in compiled code",))

Parts = Sequence[str]
CustomLowering = Callable[["GraphText", Op], Parts | None]
CUSTOM: dict[str, CustomLowering] = {}


def lowers(*names: str) -> Callable[[CustomLowering], CustomLowering]:
    """Register the function as the lowering of `Custom(name)` for each of the names."""

    def register(function: CustomLowering) -> CustomLowering:
        for name in names:
            CUSTOM[name] = function
        return function

    return register


class Program:
    """The graphs of one module: their LLVM names, and which of them can fail or recur."""

    def __init__(self, graph: Graph) -> None:
        self.graphs = [graph, *(g for g in graph.callees() if g is not graph)]
        self.names = {g: f"graph.{i}" for i, g in enumerate(self.graphs)}
        calls = {g: _called(g) for g in self.graphs}
        self.recursive = {g for g in self.graphs if calls[g] and g in g.callees()}
        self.can_fail = {g for g in self.graphs if g in self.recursive or _fails_itself(g)}
        grown = True
        while grown:
            callers = {g for g in self.graphs if g not in self.can_fail and calls[g] & self.can_fail}
            self.can_fail |= callers
            grown = bool(callers)


    def has_objects(self) -> bool:
        """Whether Python objects are among the values."""
        values = (v for g in self.graphs for v in (*g.params, *(op.result for op in g.ops() if op.result is not None)))
        return any(map(_holds_object, {value.type for value in values}))


def _holds_object(type: Type) -> bool:
    if isinstance(type, Tuple):
        return any(map(_holds_object, type.items))
    return isinstance(type, Object) or (isinstance(type, Optional) and _holds_object(type.value))


def _called(graph: Graph) -> set[Graph]:
    return {op.attributes["callee"] for op in graph.ops() if "callee" in op.attributes}


def _fails_itself(graph: Graph) -> bool:
    return any(op.opdef.can_fail and "callee" not in op.attributes for op in graph.ops())


class GraphText(FunctionText):
    """The LLVM function of one graph."""

    def __init__(self, module: ModuleText, program: Program, graph: Graph) -> None:
        super().__init__(module)
        self.program = program
        self.graph = graph
        self.can_fail = graph in program.can_fail
        self.flags = self._flags = module.options.float_flags
        self._parts: dict[Value, Parts] = {}
        self._blocks = _reverse_postorder(graph)
        self._labels = {block: f"b{i}" for i, block in enumerate(self._blocks)}
        self._passed: set[Block] = set()
        self._incoming: dict[Block, list[tuple[str, list[str]]]] = {block: [] for block in self._blocks}
        self._phi_places: list[tuple[int, Block]] = []
        self._owned_before = follow_counts(graph).before
        self._owned: tuple[Part, ...] = ()  # what a failure of the op at hand has to release
        self._failure_labels: dict[tuple[int, tuple[Part, ...]], str] = {}
        self._groups: dict[int, int] = {}
        self._vector_loops: list[VectorLoop] = []
        self._item_sizes: dict[int, set[int]] = {}  # in bytes, of what each parallel loop loads and stores
        self.choices: dict[Op, int] = {}  # how many floats were chosen by a comparison so far
        self._block = graph.entry
        self._common: set[Block] | None = None
        self._found_loops: list[Loop] | None = None

    def emit(self) -> None:
        """Make the function's lines; `write` adds them to the module."""
        self._begin()
        edges = self._edge_counts()
        for block in self._blocks:
            self._block = block
            self._passed.add(block)
            self.start(self._labels[block])
            self._bind_parameters(block, edges[block])
            self._lower_ops(block)
        self._write_failures()
        for place, block in reversed(self._phi_places):
            self.lines[place:place] = self._phis(block)
        self._vectorize_loops()
        if is_computation(self.graph):
            self.module.computations[self.program.names[self.graph]] = self.lines

    def _vectorize_loops(self) -> None:
        """Prepare vectors for the loops that can be made of them."""
        parallel = [loop for loop in self._loops if loop.header in self.module.plan.parallel]
        blocks = split_blocks(self.lines) if parallel else {}
        names = names_in(blocks)
        for loop in parallel:
            labels = [self._labels[block] for block in self._blocks if block in loop.blocks]
            made = vectorize(blocks, names, labels, self.module, loop.parent is not None or self.module.often_short)
            if made is not None:
                self._vector_loops.append(made)
                self.module.vectorized.add(loop.header)

    def write(self, apart: bool) -> None:
        """Add the function to the module; `apart`: what takes long to run goes to the text that is compiled well."""
        module, name, stack = self.module, self.program.names[self.graph], ""
        if self._vector_loops:
            names = {loop: f"{name}.{loop.header}" for loop in self._vector_loops if apart and not loop.stays}
            self.lines = with_vectors(split_blocks(self.lines), self._vector_loops, names)
            self.allocations += [a for loop in self._vector_loops if loop not in names for a in loop.allocations]
            if len(names) < len(self._vector_loops):
                module.has_vectors, stack = True, f"{ALIGNED_STACK} "
            for loop, called in names.items():
                module.hot += loop.function(called)
                module.declare_hot(called, loop.declaration(called))
        result, parameters = result_struct(self.graph.result_type, self.can_fail), ", ".join(self._parameters())
        is_first = self.graph is self.program.graphs[0]
        is_hot = apart and not is_first and is_computation(self.graph)
        linkage = "" if is_first or is_hot else "internal "
        head = f"define {linkage}{result} @{name}({parameters}) nounwind {stack}{{"
        function = [head, "begin:", *self.allocations, *self.lines, "}"]
        if is_hot:
            module.hot += function
            module.declare_hot(name, f"declare {result} @{name}({parameters}) nounwind")
        else:
            module.functions += function

    def _parameters(self) -> list[str]:
        texts = ["ptr noalias noundef %error"] if self.can_fail else []
        number = 0
        for param in self.graph.params:
            is_array = isinstance(param.type, Array)
            for i, component in enumerate(abi.components(param.type)):
                length = is_array and 2 <= i < 2 + param.type.ndim
                attribute = "range(i64 0, -9223372036854775808)" if length else "noundef"
                texts.append(f"{component} {attribute} %p{number}")
                number += 1
        return texts

    def _begin(self) -> None:
        """What comes before the first block: names of the parameters, and the check of the stack."""
        number = 0
        arguments: list[str] = []
        for param in self.graph.params:
            count = len(abi.components(param.type))
            arguments += [f"%p{number + i}" for i in range(count)]
            number += count
        self.label = "begin"
        if self.graph in self.program.recursive:
            self._guard_stack()
        self._incoming[self.graph.entry].append((self.label, arguments))
        self.jump(self._labels[self.graph.entry])

    def _guard_stack(self) -> None:
        name, parameters, arguments = STACK_PLACE
        self.module.declare(name, f"declare ptr @{name}({parameters})")
        here = self.value(f"call ptr @{name}({arguments})")
        limit = self.value(f"load ptr, ptr {self.offset('%error', RECORD_STACK_LIMIT)}")
        deep, after = self.new_label("deep"), self.new_label("ok")
        self.do(f"br i1 {self.value(f'icmp uge ptr {here}, {limit}')}, label %{after}, label %{deep}, !prof !0")
        self.start(deep)
        self.record_exception(Site(self.graph.span, _RECURSION_ERROR), ())
        self.jump(self.failure(RAISED))
        self.start(after)

    def _edge_counts(self) -> dict[Block, int]:
        counts = dict.fromkeys(self._blocks, 0)
        counts[self.graph.entry] = 1
        for block in self._blocks:
            for edge in block.edges:
                counts[edge.block] += 1
        return counts

    def _bind_parameters(self, block: Block, edge_count: int) -> None:
        """Name the block's parameters: phis, or the arguments themselves where only one edge leads here."""
        arguments = iter(self._incoming[block][0][1]) if edge_count == 1 else None
        if arguments is None:
            self._phi_places.append((len(self.lines), block))
        for param in block.params:
            components = abi.components(param.type)
            self._parts[param] = [next(arguments) if arguments else self.fresh() for _ in components]

    def _phis(self, block: Block) -> list[str]:
        incoming = self._incoming[block]
        components = [c for p in block.params for c in abi.components(p.type)]
        names = [n for p in block.params for n in self._parts[p]]
        return [
            f"  {name} = phi {component} {', '.join([f'[{a[i]}, %{label}]' for label, a in incoming])}"
            for i, (name, component) in enumerate(zip(names, components))
        ]

    def parts(self, value: Value) -> Parts:
        """The components of a value."""
        found = self._parts.get(value)
        if found is None:
            if not isinstance(value, Constant):
                raise KeyError(f"a value of type {value.type} is used before it is defined in graph {self.graph.name}")
            found = abi.literals(value.type, value.value, self.module.object, self.module.pointer)
            self._parts[value] = found
        return found

    def part(self, value: Value) -> str:
        """The only component of a value."""
        return self.parts(value)[0]

    def _lower_ops(self, block: Block) -> None:
        """Lower a block's ops. Releases in a row are made together; those before a `raise` by the block for failures that it goes to."""
        unneeded = last_releases(block)
        for are_releases, ops in itertools.groupby(block.ops, _is_release):
            if are_releases:
                self.release([owner for op in ops if op not in unneeded for owner in self.owners(op.operands[0])])
            else:
                for op in ops:
                    self._lower(op)

    def owners(self, value: Value) -> Parts:
        """The owners of the memory of all arrays in a value."""
        parts = self.parts(value)
        return [parts[position] for position in itertools.chain(*abi.owner_positions(value.type))]

    def release(self, owners: Parts) -> None:
        """Give back a count of each of these owners. Several take one call: calls are what LLVM needs most time for."""
        pending = [owner for owner in owners if owner != "null"]
        while pending:
            several, pending = pending[:4], pending[4:]
            function, room = _RELEASES[len(several)]
            arguments = ", ".join([f"ptr {owner}" for owner in several + ["null"] * (room - len(several))])
            self.do(f"call void {self.module.runtime(function)}({arguments})")

    def _lower(self, op: Op) -> None:
        how = op.opdef.lowering
        self._owned = self._owned_before.get(op, ())
        self.flags = "" if "exact" in op.attributes else self._flags
        if isinstance(how, Opcode):
            parts = [self._opcode(how, op)]
        elif isinstance(how, Custom):
            parts = CUSTOM[how.name](self, op)
        elif isinstance(how, Intrinsic):
            parts = [self.intrinsic(how.name, abi.components(op.result.type)[0], [self.part(v) for v in op.operands])]
        elif isinstance(how, LibraryCall):
            parts = [self._library_call(how, op)]
        else:
            raise NotImplementedError(f"the op {op.name} has no lowering")
        if op.result is not None:
            self._parts[op.result] = parts

    def _opcode(self, how: Opcode, op: Op) -> str:
        type = op.operands[0].type
        operands = ", ".join([self.part(v) for v in op.operands])
        component = abi.components(type)[0]
        if isinstance(type, Float):
            opcode, _, predicate = how.float.partition(" ")
            return self.value(f"{opcode} {self.flags}{predicate}{' ' if predicate else ''}{component} {operands}")
        signed = isinstance(type, Integer) and type.signed
        return self.value(f"{how.signed if signed else how.unsigned} {component} {operands}")

    def intrinsic(self, name: str, component: str, operands: Parts, suffix: str = "", promise: str = "") -> str:
        """Call an intrinsic that is overloaded on one type, for its operands and its result; `promise`: fast-math flags."""
        full = f"{name}.{_SUFFIX.get(component, component)}{suffix}"
        self.module.declare(full, f"declare {component} @{full}({', '.join([component] * len(operands))})")
        flags = self.flags if component in _SUFFIX else ""
        return self.value(f"call {promise}{flags}{component} @{full}({', '.join([f'{component} {o}' for o in operands])})")

    def _library_call(self, how: LibraryCall, op: Op) -> str:
        component = abi.components(op.result.type)[0]
        operands = [self.part(v) for v in op.operands]
        single = component == "float"
        if single and how.single is None:
            operands = [self.value(f"fpext float {o} to double") for o in operands]
            return self.value(f"fptrunc double {self.library_call(how.double, 'double', operands)} to float")
        return self.library_call(how.single if single else how.double, component, operands)

    def library_call(self, name: str, component: str, operands: Parts) -> str:
        """Call a function of the C mathematics library; what it does to errno does not count."""
        parameters = ", ".join([component] * len(operands))
        called = self.module.function(name, component, parameters, "nounwind willreturn memory(none)")
        return self.value(f"call {self.flags}{component} {called}({', '.join([f'{component} {o}' for o in operands])})")

    def goto(self, edge: Edge) -> str:
        """The label that a jump from here along the edge names; the edge's arguments go into the phis there."""
        arguments = [part for value in edge.arguments for part in self.parts(value)]
        self._incoming[edge.block].append((self.label, arguments))
        return self._labels[edge.block]

    def is_passed(self, block: Block) -> bool:
        """Whether a jump from here to the block closes a loop: blocks are emitted in reverse postorder."""
        return block in self._passed

    @property
    def is_for_lanes(self) -> bool:
        """Whether a loop that may be vectorized calls the function, or one that such a loop calls."""
        return f"{self.program.names[self.graph]}.scalar" in self.module.vector_forms

    @property
    def in_common_loop(self) -> bool:
        """Whether the op at hand is in a loop that LLVM may vectorize: the innermost one around it is not marked as rare."""
        if self._common is None:
            self._common = set()
            for loop in self._loops:  # inner ones come later
                if is_rare(loop):
                    self._common -= loop.blocks
                else:
                    self._common |= loop.blocks
        return self._block in self._common

    @property
    def _loops(self) -> list[Loop]:
        # Not a cached_property, which has one lock for all objects before Python 3.12: no child of a fork could take it.
        if self._found_loops is None:
            self._found_loops = ControlFlow(self.graph).loops() if len(self._blocks) > 1 else []
        return self._found_loops

    def access_group(self, op: Op) -> int | None:
        """The metadata node of the memory accesses that an op belongs to, or that the loop it closes is about."""
        number = op.attributes.get("parallel")
        if not number:
            return None
        if number not in self._groups:
            self._groups[number] = self.module.access_group()
        return self._groups[number]

    def access_metadata(self, op: Op) -> str:
        """What is written behind a memory access: in which parallel loop it is, if in any."""
        group = self.access_group(op)
        if group is None:
            return ""
        self._item_sizes.setdefault(op.attributes["parallel"], set()).add(abi.item_size(op.operands[0].type))
        return f", !llvm.access.group !{group}"

    def loop_metadata(self, op: Op) -> str:
        """What is written behind the jump that closes a loop.

        The rounds of a parallel loop that carries only its counter do not wait for each other, and the CPU overlaps them
        by itself. Where LLVM takes several vectors in a round it makes a second vectorized loop for what is left over, and
        such a loop takes a quarter more time to compile; so rounds are as short as keeps their own cost small. Not where
        items of different sizes meet: there several vectors of one array make up one of another.
        """
        sizes = self._item_sizes.get(op.attributes.get("parallel", 0), ())
        independent = len(sizes) == 1 and len(op.targets[0].block.params) == 1
        vectors = max(1, _BITS_IN_A_ROUND // engine().usual_vector_bits) if independent else None
        unrolled = op.targets[0].block in self.module.plan.unrolled
        return self.module.loop(bool(op.attributes.get("rare")), self.access_group(op), vectors, unrolled)

    def failure(self, status: int) -> str:
        """The label of the block that releases what is owned here and leaves the function with this status."""
        return self._failure_label(status, self._owned)

    def _failure_label(self, status: int, owned: tuple[Part, ...]) -> str:
        return self._failure_labels.setdefault((status, owned), f"fail.{len(self._failure_labels)}")

    def _write_failures(self) -> None:
        """The blocks for failures. Each releases what came last, and goes on to the one for the rest: functions with many
        arrays would else be mostly releases."""
        pending = list(self._failure_labels)
        while pending:
            status, owned = pending.pop()
            self.start(self._failure_labels[status, owned])
            if not owned:
                self._return([str(status)])
                continue
            self._release(owned[-1:])
            rest = status, owned[:-1]
            if rest not in self._failure_labels:
                pending.append(rest)
            self.jump(self._failure_label(*rest))

    def _release(self, owned: Sequence[Part]) -> None:
        for value, part in owned:
            self.release([self.parts(value)[position] for position in abi.owner_positions(value.type)[part]])

    def record_exception(self, site: Site, parts: Parts) -> None:
        """Store which exception this is, and the values that it needs."""
        components = [c for type in site.types for c in abi.components(type)]
        self.module.record_values = max(self.module.record_values, len(components))
        for i, (component, part) in enumerate(zip(components, parts)):
            self.do(f"store {component} {part}, ptr {self.offset('%error', RECORD_VALUES + 8 * i)}")
        self.record_site(site)

    def record_site(self, site: Site, instead: tuple[str, Site] | None = None) -> None:
        """Store where an exception comes from; `instead`: under a condition, it is another site."""
        number = str(self.module.errors.add(site))
        if instead is not None:
            condition, other = instead
            number = self.value(f"select i1 {condition}, i32 {self.module.errors.add(other)}, i32 {number}")
        self.do(f"store i32 {number}, ptr {self.offset('%error', RECORD_SITE)}")

    def return_(self, type: Type, parts: Parts) -> None:
        """Leave the function with a result."""
        self._return([*(["0"] if self.can_fail else []), *parts])

    def _return(self, parts: Parts) -> None:
        """Leave the function with a status and a result, or with a status alone, where nobody looks at the rest."""
        fields = [*(["i32"] if self.can_fail else []), *abi.components(self.graph.result_type)]
        if not fields:
            self.do("ret void")
            return
        struct = f"{{{', '.join(fields)}}}"
        built = "poison"
        for i, (field, part) in enumerate(zip(fields, parts)):
            built = self.value(f"insertvalue {struct} {built}, {field} {part}, {i}")
        self.do(f"ret {struct} {built}")


def _is_release(op: Op) -> bool:
    return op.opdef is memory.release


_RELEASES = {1: ("rt.release", 1), 2: ("rt.release_two", 2), 3: ("rt.release_four", 4), 4: ("rt.release_four", 4)}
_SUFFIX = {"float": "f32", "double": "f64"}


def _reverse_postorder(graph: Graph) -> list[Block]:
    """The blocks that can be reached, each after those that dominate it."""
    seen = {graph.entry}
    order: list[Block] = []
    stack = [(graph.entry, iter(graph.entry.edges))]
    while stack:
        block, edges = stack[-1]
        for edge in edges:
            if edge.block not in seen:
                seen.add(edge.block)
                stack.append((edge.block, iter(edge.block.edges)))
                break
        else:
            order.append(block)
            stack.pop()
    return order[::-1]
