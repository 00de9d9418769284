"""The tracer's core: the current path, forks and joins, names, and the table of node handlers.

Tracing executes a function's AST with symbolic values. A condition known only at run time forks the path:
each arm is traced with its own copy of the variables, and where arms meet, variables that differ become
parameters of a new block. There is no type inference besides this: the trace is the inference.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np

from ir import types
from ir.builder import Builder, constant
from ir.graph import Block, Constant, Edge, ExceptionTemplate, FormattedPart, FormattedText, Graph, Placeholder, Value
from ir.opdef import OpDef
from ir.ops import aggregate, arithmetic
from ir.span import Span
from ir.types import Array, Float, NoneType, Optional, Tuple
from tracer import errors
from tracer.descriptions import describe_operands, line_of, operand_nodes
from tracer.errors import NopythonError
from tracer.frames import Frame, PathEnded, Plan, State
from tracer.options import Options
from tracer.shapes import (
    CannotJoin, as_type, component_types, describe, is_number, join_shapes, materialize, number_type, rebuild, same_static, shape_of,
)  # fmt: skip
from tracer.typeof import UnsupportedValue, typeof
from tracer.unbound import unbound_error
from tracer.values import UNBOUND, ExceptionValue, Maybe, Text, TextPart, as_tuple, can_be_object, holds_no_closure, make_tuple

EXPRESSIONS: dict[type[ast.AST], Callable[[Tracer, Any], Any]] = {}
STATEMENTS: dict[type[ast.AST], Callable[[Tracer, Any], None]] = {}


def expression(*nodes: type[ast.AST]) -> Callable[[Callable], Callable]:
    """Register the function that evaluates these expression nodes."""
    return _registering(EXPRESSIONS, nodes)


def statement(*nodes: type[ast.AST]) -> Callable[[Callable], Callable]:
    """Register the function that executes these statement nodes."""
    return _registering(STATEMENTS, nodes)


def _registering(table: dict, nodes: Iterable[type[ast.AST]]) -> Callable[[Callable], Callable]:
    def register(function: Callable) -> Callable:
        table.update(dict.fromkeys(nodes, function))
        return function

    return register


class Tracer:
    """Traces one graph. `session` is shared by all graphs of a compilation and keeps the finished ones."""

    def __init__(self, graph: Graph, session: Any, options: Options) -> None:
        self.graph = graph
        self.session = session
        self.options = options
        self.builder = Builder(graph)
        self.frames: list[Frame] = []
        self.kept: list[Frame] = []  # of functions that have returned, but whose variables a closure sees
        self.node: ast.AST | None = None
        self.dimensions: dict[tuple[Value, int], Value] = {}
        self.settled: dict[tuple, dict[str, Any]] = {}
        self.object_mode: Any = None  # a tracer.resuming.ObjectMode, where the interpreter does what cannot be traced

    # --- ops and spans

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def emit(self, opdef: OpDef, *operands: Value, **attributes: Any) -> Any:
        """Append an op at the current position; its result or None."""
        if self.options.fastmath and operands and isinstance(operands[0].type, Float) and self._rounds_as_written(opdef):
            attributes["exact"] = True
        return self.builder.emit(opdef, *operands, **attributes)

    def _rounds_as_written(self, opdef: OpDef) -> bool:
        """Whether an op is a step of the library's in which fast arithmetic would lose digits, or NaN: a module says so."""
        return opdef.pure and any("ROUNDS_AS_WRITTEN" in frame.globals for frame in self.frames)

    def at(self, node: ast.AST) -> Span:
        """Make `node` the source of the ops emitted from now on."""
        self.node = node
        span = self.builder.span = self.frames[-1].span(node)
        return span

    def fail(self, problem: Callable[..., Any], /, *arguments: Any, **fields: Any) -> NopythonError:
        """The error for a problem at the current position; the caller raises it."""
        fields.setdefault("span", self.builder.span)
        if "operands" in fields:
            nodes = fields.pop("nodes", None)
            nodes = operand_nodes(self.node) if nodes is None else nodes
            fields["operands"] = describe_operands(nodes, fields["operands"])
        return NopythonError(problem(*arguments, **fields))

    # --- static and run-time values

    def lift(self, binding: Any) -> Value:
        """The binding as one run-time value."""
        if isinstance(binding, Value):
            return binding
        if isinstance(binding := as_tuple(binding), tuple):
            items = [self.lift(item) for item in binding]
            shape = as_type(shape_of(make_tuple(type(binding), items)))
            return self.emit(aggregate.tuple_make, *items, to=shape)
        if binding is None:
            return Constant(types.none, value=None)
        if is_number(binding):
            return self.lift_number(binding)
        if isinstance(binding, Text):
            raise self.fail(errors.TextAsValue)
        if type(binding) is np.ndarray:
            return self.lift_array(binding)
        if self.object_mode is not None and can_be_object(binding):
            return Constant(types.object_, value=binding)
        raise self.fail(errors.NotAValue, binding)

    def lift_array(self, array: np.ndarray) -> Constant:
        """A global array, or one from a closure: the compiled code works on its memory, as long as the code lives."""
        try:
            return Constant(typeof(array), value=array)
        except UnsupportedValue as unsupported:
            raise self.fail(errors.StaticError, f"this array {unsupported.reason}", unsupported.hint) from None

    def lift_number(self, number: Any) -> Constant:
        """A static number as a constant of its own type."""
        kind = number_type(number)
        if kind is types.int64 and not kind.minimum <= number <= kind.maximum:
            raise self.fail(errors.IntegerTooLarge, number)
        return constant(number, kind)

    def explode(self, value: Value) -> Any:
        """The binding for a run-time value: tuples item by item, None as itself."""
        kind = value.type
        if isinstance(kind, Tuple):
            items = [self.explode(self.emit(aggregate.tuple_item, value, index=i)) for i in range(len(kind))]
            return make_tuple(getattr(kind, "instance_class", tuple), items)
        return None if isinstance(kind, NoneType) else value

    def known(self, binding: Any) -> Any:
        """A lifted literal as the Python object it came from; anything else unchanged."""
        return binding.value if isinstance(binding, Constant) and not isinstance(binding.type, Array) else binding

    def raise_(self, exception_class: type[BaseException], *arguments: Any, cause: Any = UNBOUND) -> None:
        """End this path with an exception. `cause` is what follows `from`."""
        self.leaves()
        operands: list[Value] = []
        templates = tuple(self.template(a, operands) for a in arguments)
        has_cause = cause is not UNBOUND
        cause = self.template(cause, operands) if has_cause else None
        self.builder.raise_(ExceptionTemplate(exception_class, templates, has_cause, cause), *operands)

    def leaves(self) -> None:
        """An exception is about to be raised: what was put off is done now."""
        if self.object_mode is not None:
            self.object_mode.cells.flush(self)

    def template(self, binding: Any, operands: list[Value]) -> Any:
        """The binding with placeholders for its run-time values, which are appended to `operands`."""
        if isinstance(binding, Constant):
            return binding.value
        if isinstance(binding, Value):
            operands.append(binding)
            return Placeholder(len(operands) - 1)
        if isinstance(binding, tuple):
            return make_tuple(type(binding), [self.template(item, operands) for item in binding])
        if isinstance(binding, Text):
            return FormattedText(tuple(self.template(part, operands) for part in binding.parts))
        if isinstance(binding, TextPart):
            return FormattedPart(self.template(binding.argument, operands), binding.conversion, binding.format_spec)
        if isinstance(binding, ExceptionValue):
            arguments = tuple(self.template(a, operands) for a in binding.arguments)
            return ExceptionTemplate(binding.exception_class, arguments)
        return binding

    def raise_if(self, condition: Value, exception_class: type[BaseException], *arguments: Any) -> None:
        """Emit a check: the path goes on where the condition does not hold."""
        failing, going_on = self.builder.new_block("raise"), self.builder.new_block("next")
        self.builder.branch(condition, Edge(failing), Edge(going_on))
        self.builder.start(failing)
        self.raise_(exception_class, *arguments)
        self.builder.start(going_on)

    def unwrap(self, binding: Any, message: str) -> Any:
        """The value in an optional, after a check that raises TypeError for None; anything else unchanged."""
        if not isinstance(binding, Value) or not isinstance(binding.type, Optional):
            return binding
        has_value = self.emit(aggregate.optional_has, binding)
        self.raise_if(self.negate(has_value), TypeError, message)
        return self.explode(self.emit(aggregate.optional_value, binding))

    def loops_around(self) -> int:
        """How many loops are being traced around the current position."""
        return sum(len(frame.loops) for frame in self.frames)

    def negate(self, condition: Value) -> Value:
        """The opposite of a condition."""
        if isinstance(condition, Constant):
            return constant(not condition.value, condition.type)
        return self.emit(arithmetic.logical_not, condition)

    # --- paths

    @property
    def alive(self) -> bool:
        """Whether control comes to the current position."""
        return self.builder.block is not None

    def snapshot(self) -> State:
        """The current path, with its variables as they are now."""
        return State(self.builder.block, {f: f.variables.copy() for f in (*self.frames, *self.kept)})

    def here(self) -> State:
        """The current path, when tracing goes on elsewhere."""
        return State(self.builder.block, self.variables())

    def variables(self) -> dict[Frame, dict[str, Any]]:
        """The variables of every frame, as they are now."""
        return {f: f.variables for f in (*self.frames, *self.kept)}

    def resume(self, state: State) -> None:
        """Go on tracing from a path."""
        self.builder.block = state.block
        self._take_variables(state)

    def start(self, block: Block, variables: dict[Frame, dict[str, Any]]) -> None:
        """Begin a new block with a copy of these variables."""
        self.builder.start(block)
        for frame, names in variables.items():
            frame.variables = names.copy()

    def fork(self, condition: Value, then: str = "then", otherwise: str = "else") -> tuple[State, State]:
        """Branch on a condition; the two paths, each with its own variables."""
        blocks = self.builder.new_block(then), self.builder.new_block(otherwise)
        variables = self.variables()
        self.builder.branch(condition, Edge(blocks[0]), Edge(blocks[1]))
        return State(blocks[0], variables), State(blocks[1], {f: v.copy() for f, v in variables.items()})

    def enter(self, state: State) -> None:
        """Start the block of a forked path."""
        self.builder.start(state.block)
        self._take_variables(state)

    def end_call(self, frame: Frame, kept: int) -> Any:
        """The result of an inlined function. If no closure of the library gets out, nobody sees its variables any more."""
        result = frame.variables.get("$result")
        if frame.is_library and holds_no_closure(result):
            self.kept[kept:] = [other for other in self.kept[kept:] if not other.is_library]
        return result

    def _take_variables(self, state: State) -> None:
        for frame in self.kept:
            if frame not in state.variables:
                frame.variables = {}  # its function was called on another path
        for frame, variables in state.variables.items():
            frame.variables = variables

    def join(self, states: list[State], live: frozenset[str] | None, label: str = "join") -> None:
        """Go on where the paths meet. Of the innermost frame's variables only the live ones are kept
        (None: all). Without any path the position is dead."""
        states = [s for s in states if s.block is not None]
        if len(states) <= 1:
            if states:
                self.resume(states[0])
            else:
                self.builder.block = None
            return
        joined, plan = self._plan_join(states, live)
        block = self.builder.new_block(label)
        for index, state in enumerate(states):
            self.resume(state)
            arguments: list[Value] = []
            for frame, name, shape in plan:
                materialize(self, state.variables.get(frame, {}).get(name, UNBOUND), shape, arguments)
            self.builder.jump(block, *arguments)
            if index == 0:
                block.params = [Value(kind) for _, _, shape in plan for kind in component_types(shape)]
        self.start(block, joined)
        self.bind_parameters(block, plan)

    def bind_parameters(self, block: Block, plan: Plan) -> None:
        """Set the planned variables from the parameters of a block."""
        params = iter(block.params)
        for frame, name, shape in plan:
            binding = rebuild(self, shape, params)
            frame.variables[name] = binding
            if not frame.is_library:
                name_value(binding, name)

    def _plan_join(self, states: list[State], live: frozenset[str] | None) -> tuple[dict[Frame, dict[str, Any]], Plan]:
        joined: dict[Frame, dict[str, Any]] = {}
        plan: Plan = []
        innermost = self.frames[-1]
        for frame in (*self.frames, *self.kept):
            variants = [s.variables.get(frame, {}) for s in states]
            kept = joined[frame] = {}
            names = dict.fromkeys(name for v in variants for name in v)
            for name in names:
                if live is not None and frame is innermost and name not in live and name[0] != "$":
                    continue
                bindings = [v.get(name, UNBOUND) for v in variants]
                first = bindings[0]
                if all(b is first for b in bindings) or _same_statics(bindings):
                    kept[name] = first
                else:
                    plan.append((frame, name, self._join_bindings(name, bindings)))
        return joined, plan

    def _join_bindings(self, name: str, bindings: list[Any]) -> Any:
        try:
            return reduce(join_shapes, map(self._joinable_shape, bindings))
        except CannotJoin as conflict:
            if self.object_mode is not None:
                self.object_mode.segments.need_object(tuple(bindings))
                if all(map(can_be_object, bindings)):
                    return types.object_
            lines = self._assignments(name)
            known = lines if len(lines) == len(bindings) else [line_of(b) for b in bindings]
            what = "value" if name.startswith("$") else name
            texts = [f"{what} (line {line})" if line else what for line in known]
            places = tuple((text, describe(shape_of(b))) for text, b in zip(texts, bindings))
            fields = (name, describe(conflict.first), describe(conflict.second))
            raise NopythonError(errors.CannotUnify(*fields, span=self.builder.span, operands=places)) from None

    def _assignments(self, name: str) -> list[int]:
        """The lines that assign a variable of the innermost frame."""
        stores = (n for n in ast.walk(self.frame.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
        return sorted(n.lineno for n in stores if n.id == name)

    def _joinable_shape(self, binding: Any) -> Any:
        if isinstance(binding, Text):
            if self.object_mode is not None:
                self.object_mode.segments.need_object(binding)
            raise self.fail(errors.TextAsValue)
        return shape_of(binding)

    # --- names

    def read(self, name: str, frame: Frame | None = None) -> Any:
        """The binding of a name seen from the frame, as Python looks names up."""
        found = self._lookup(name, frame or self.frame)
        return self.object_mode.seen(found) if self.object_mode is not None and self.object_mode.applies(self) else found

    def _lookup(self, name: str, frame: Frame) -> Any:
        owner = frame.owner(name)
        if owner is None:
            mode = self.session.object_mode
            if mode is not None and mode.assigns_outside(frame, name):
                return mode.outer_variable(self, name)
            binding = frame.lookup_outside(name)
            if binding is UNBOUND:
                raise self.fail(errors.NameNotDefined, name, frame.known_names())
            return binding
        binding = owner.variables.get(name, UNBOUND)
        if binding is UNBOUND:
            self.raise_(*unbound_error(name, frame.is_own(owner)))
            raise PathEnded
        if isinstance(binding, Maybe):
            self.raise_if(self.negate(binding.bound), *unbound_error(name, frame.is_own(owner)))
            binding = owner.variables[name] = binding.value
        return binding

    def assign(self, name: str, binding: Any) -> None:
        """Bind a name in the scope it belongs to."""
        if self.object_mode is not None and self.object_mode.assigned(self, name, binding):
            return
        frame = self.frame
        if name in frame.scope.globals:
            raise self.fail(errors.AssignsGlobal, name)
        owner = frame.owner(name)
        if owner is None or (owner not in self.frames and owner not in self.kept):
            raise self.fail(errors.AssignsCell, name)
        self.bind(name, binding, owner)

    def bind(self, name: str, binding: Any, owner: Frame) -> None:
        """Give a variable of a frame its value."""
        if name in owner.casts:
            binding = owner.casts[name](self, binding)
        if isinstance(binding, Value) and binding.name is None and not owner.is_library:
            binding.name = name
        owner.variables[name] = binding

    def hidden(self, purpose: str) -> str:
        """A fresh variable name that no program can use."""
        self.frame.hidden += 1
        return f"${purpose}.{self.frame.hidden}"

    # --- values that depend on a condition

    def conditional(self, condition: Any, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
        """`then()` if the condition holds, else `otherwise()`: both are traced when only run time can tell."""
        condition = self.known(condition)
        if not isinstance(condition, Value):
            return then() if condition else otherwise()
        span, name = self.builder.span, self.hidden("value")
        ends: list[State] = []
        for state, arm in zip(self.fork(condition), (then, otherwise)):
            self.enter(state)
            self.builder.span = span
            try:
                result = arm()
            except PathEnded:
                continue
            self.frame.variables[name] = result
            ends.append(self.here())
        self.builder.span = span
        self.join(ends, None)
        if not self.alive:
            raise PathEnded
        return self.frame.variables.pop(name)

    def has_value(self, optional: Value) -> Value:
        """Whether an optional is not None."""
        return self.emit(aggregate.optional_has, optional)

    def optional_value(self, optional: Value) -> Value:
        """The value of an optional on a path where it has one."""
        return self.emit(aggregate.optional_value, optional)

    def text(self, *parts: Any) -> Text:
        """A message with run-time values in it."""
        return Text(tuple(TextPart(p, "", "") if isinstance(p, Value) else p for p in parts))

    def call(self, function: Any, positional: Iterable[Any], keywords: dict[str, Any]) -> Any:
        """The result of a call, whatever is called."""
        return self.session.call(self, function, tuple(positional), keywords)

    # --- evaluation

    def evaluate(self, node: ast.expr) -> Any:
        """The binding that an expression evaluates to."""
        handler = EXPRESSIONS.get(type(node))
        if self.object_mode is not None and not isinstance(node, (ast.Name, ast.Constant)) and self.object_mode.applies(self):
            return self.object_mode.evaluate(self, node, handler)
        if handler is None:
            raise self.missing_syntax(node)
        return handler(self, node)

    def missing_syntax(self, node: ast.AST) -> NopythonError:
        """The error for syntax that is not traced."""
        self.at(node)
        return self.fail(errors.UnsupportedSyntax, _syntax_name(node))

    def execute(self, statements: list[ast.stmt]) -> None:
        """Execute statements until control leaves them."""
        for node in statements:
            if self.builder.block is None:
                return
            handler = STATEMENTS.get(type(node))
            try:
                if self.object_mode is not None and self.object_mode.applies(self):
                    self.object_mode.execute(self, node, handler)
                elif handler is None:
                    raise self.missing_syntax(node)
                else:
                    handler(self, node)
            except PathEnded:
                self.builder.block = None
                return


def name_value(binding: Any, name: str) -> None:
    """Call the run-time value after the variable it is bound to, unless it has a name or the variable is hidden."""
    if isinstance(binding, Value):
        if binding.name is None:
            binding.name = name[1:].partition(".")[0] if name[0] == "$" else name
    elif isinstance(binding, Maybe):
        name_value(binding.value, name)


def _same_statics(bindings: list[Any]) -> bool:
    first = bindings[0]
    if isinstance(first, (Value, Maybe)):
        return isinstance(first, Constant) and all(
            isinstance(b, Constant) and b.type is first.type and same_static(b.value, first.value) for b in bindings
        )
    return all(same_static(first, b) for b in bindings[1:])


def _syntax_name(node: ast.AST) -> str:
    return _SYNTAX_NAMES.get(type(node).__name__, type(node).__name__)


_SYNTAX_NAMES = {
    "Try": "try", "TryStar": "try ... except*", "With": "with", "AsyncFor": "async for", "AsyncWith": "async with",
    "AsyncFunctionDef": "async def", "ClassDef": "class", "Import": "import", "ImportFrom": "import", "Global": "global",
    "Match": "match", "Yield": "yield", "YieldFrom": "yield from", "Await": "await", "ListComp": "a list comprehension",
    "SetComp": "a set comprehension", "DictComp": "a dict comprehension", "GeneratorExp": "a generator expression",
    "List": "a list", "Dict": "a dict", "Set": "a set", "TypeAlias": "type",
}  # fmt: skip
