"""Object mode: what cannot be traced is done by the interpreter, in segments as small as an operation.

Where the trace of an expression fails, its operands are traced nonetheless; the operation itself becomes an `interpret`
op, which calls a small Python function made of the same source, and gives an `object`. A statement that cannot be traced
becomes such a function of the variables that it reads.
"""

from __future__ import annotations

import ast
import copy
import functools
import operator
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, NamedTuple

from ir import types
from ir.graph import Constant, Value
from ir.on_demand import OnDemand
from ir.ops import python
from tracer import errors
from tracer.checkpoints import checkpoint, restore
from tracer.errors import NopythonError
from tracer.python_code import definition, make_function, names_read
from tracer.scope import stored_names
from tracer.shapes import convert_to
from tracer.shared_variables import rebound_and_shared
from tracer.source import function_source
from tracer.values import UNBOUND, Closure, ExceptionValue, Maybe, Method, Partial, Range, Sequence, Text, is_object, is_symbolic

_BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.LShift: operator.lshift,
    ast.RShift: operator.rshift, ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
    ast.MatMult: operator.matmul,
}  # fmt: skip
# What has a scope of its own, or is evaluated piece by piece: done as a whole, on the variables that it reads.
_WHOLE = (
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.JoinedStr, ast.Await, ast.Yield, ast.YieldFrom,
    ast.BoolOp, ast.IfExp, ast.NamedExpr, ast.Compare,
)  # fmt: skip


class Segment(python.PythonCode):
    """What one `interpret` op calls: `target` with the operands, which the source `text` at `line` stands for.

    `reason` says why it is interpreted, `hint` what would make it native.
    """

    __slots__ = ("text", "line", "reason", "hint", "__qualname__")
    __module__ = None  # type: ignore[assignment]  # it is named by its source alone

    def __init__(self, target: Any, text: str, line: int, reason: str, hint: str, has_frame: bool) -> None:
        super().__init__(target, has_frame)
        self.text, self.line = text, line
        self.reason, self.hint = reason, hint
        self.__qualname__ = f"[{text}]"

    def __str__(self) -> str:
        return f"`{self.text}`"

    def __repr__(self) -> str:
        return f"<line {self.line}: {self.text} is interpreted: {self.reason}>"


callees = OnDemand("tracer.callees")


class Reason(NamedTuple):
    """Why the interpreter does something, and what would make it native."""

    message: str
    hint: str


def reason_of(error: NopythonError) -> Reason:
    """What an error says, without its traceback, which would keep the arguments of a call alive."""
    hint = _NO_LOWERING if isinstance(error.problem, (errors.NoLowering, errors.MissingSource, errors.UnsupportedSyntax)) else error.problem.text("hint")
    return Reason(error.problem.text("message"), hint)


_ON_OBJECT = Reason("it works on a Python object", "declare what it is: `name: types.float64 = ...`, or convert it: float(...)")
_NO_LOWERING = "tracer.implements gives it a native form"


class Segments:
    """The interpreted parts of one function that is traced in object mode."""

    def __init__(self, function: FunctionType) -> None:
        self.function = function
        self.source = function_source(function)
        self.failed: dict[ast.AST, Reason] = {}
        self.made: dict[tuple[ast.AST, tuple], Segment] = {}

    # --- expressions

    def evaluate(self, t: Any, node: ast.expr, handler: Callable[[Any, Any], Any] | None) -> Any:
        """The binding of an expression: an object where it cannot be traced."""
        if node not in self.failed:
            before = checkpoint(t)
            try:
                if handler is None:
                    raise t.missing_syntax(node)
                return handler(t, node)
            except NopythonError as error:
                restore(t, before)
                self.failed[node] = reason_of(error)
        t.at(node)
        self._refuse_shared(t, node)
        operands = _Operands(self, t)
        made = operands.replaced_whole(node) if isinstance(node, _WHOLE) else operands.replaced(node)
        return self.interpret(t, node, made, operands)

    def _refuse_shared(self, t: Any, node: ast.AST) -> None:
        """The interpreter cannot make a nested function alone if a variable that it shares with this one is bound again."""
        names = rebound_and_shared(t.frame.node, node, t.frame.scope.locals)
        if names:
            t.at(node)
            raise t.fail(errors.UnsupportedSyntax, f"a nested function that shares {sorted(names)[0]!r}, which is bound again,")

    def interpret(self, t: Any, node: ast.expr, made: ast.expr, operands: _Operands) -> Value:
        """An op that evaluates `made`, the expression with parameters in place of its operands."""
        t.at(node)
        key = (node, tuple(map(id, operands.constants)))
        segment = self.made.get(key)
        if segment is None:
            target = _direct(made, operands)
            has_frame = target is None
            if target is None:
                body = [ast.Return(made)]
                target = self._function(operands, body, node)
            if any(map(is_object, operands.values)) and not operands.calls_outer:
                self.failed[node] = _ON_OBJECT
            segment = self.made[key] = self._segment(target, node, has_frame)
            segment.calls_compiled = operands.calls_compiled
        return t.emit(python.interpret, *operands.values, function=segment)

    def compiled_callee(self, t: Any, node: ast.expr) -> Any:
        """The compiled form of the user's function that is called, if it has one."""
        function = callees.static_callee(t, node)
        compiled = callees.compiled_form(function)
        own = compiled is not None and function is self.function and t.object_mode is not None
        return t.object_mode.plan.dispatchers[0] if own else compiled

    def _function(self, operands: _Operands, body: list[ast.stmt], node: ast.AST) -> Any:
        names = [*operands.constant_names, *operands.names]
        made = make_function(
            definition(self.function.__name__.strip("<>"), names, body, node), self.function, self.source.lines
        )
        return functools.partial(made, *operands.constants) if operands.constants else made

    def _segment(self, target: Any, node: ast.AST, has_frame: bool) -> Segment:
        reason, hint = self.failed.get(node, ("", ""))
        text = ast.unparse(node).split("\n")[0]
        return Segment(target, text if len(text) <= 60 else text[:57] + "...", node.lineno, reason, hint, has_frame)

    # --- statements

    def interpret_statement(self, t: Any, node: ast.stmt, shown: ast.AST | None = None) -> None:
        """A statement as a whole: a function of the variables it reads, whose result are those it binds. `shown` is what
        stands for it in texts."""
        self._refuse_shared(t, node)
        bound = sorted(stored_names([node]))
        outcome = _Outcome(bound)
        body = [outcome.visit(copy.deepcopy(node)), outcome.result("next")]
        operands = _Operands(self, t)
        certain, read = certainly_bound([node]) - _unbound_in(node), names_read([node])
        operands.read(sorted(read | (set(bound) - certain)), optional=True)
        body = [*forgetting(operands.perhaps), *body]
        t.at(node)
        if operands.perhaps:
            operands.constant(UNBOUND_NAME, NOT_BOUND)
        operands.constant("$outcome", _collect)
        segment = self._segment(self._function(operands, body, node), shown or node, True)
        result = t.emit(python.interpret, *operands.values, function=segment)
        certain |= _bound_before(t, bound) - _unbound_in(node)
        for name in bound:
            value = self.item(t, result, name)
            t.assign(name, value if name in certain else Maybe(value, t.negate(is_unbound(t, value))))
        outcome.leave(t, self, result, node)

    def unpacked(self, t: Any, value: Value, target: ast.Tuple | ast.List) -> tuple[Value, ...]:
        """The items of an object, by a function that assigns it to as many variables as the target has parts."""
        names = [f"$item{i}" for i in range(len(target.elts))]
        operands = _Operands(self, t)
        source = operands.parameter(value)
        parts = [ast.Name(name, ast.Store()) for name in names]
        body = [
            ast.copy_location(ast.Assign([ast.copy_location(ast.Tuple(parts, ast.Store()), target)], source), target),
            ast.Return(ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())),
        ]
        segment = Segment(self._function(operands, body, target), ast.unparse(target), target.lineno, "", "", True)
        made = t.emit(python.interpret, *operands.values, function=segment)
        getters = (Segment(operator.itemgetter(i), f"item {i}", target.lineno, "", "", False) for i in range(len(names)))
        return tuple(t.emit(python.interpret, made, function=getter) for getter in getters)

    def item(self, t: Any, result: Value, key: Any) -> Value:
        """One of the objects in a result."""
        getter = Segment(operator.itemgetter(key), f"result[{key!r}]", t.node.lineno, "", "", False)
        return t.emit(python.interpret, result, function=getter)


def _collect(variables: dict[str, Any], names: tuple[str, ...], *outcome: Any) -> dict[str, Any]:
    """What an interpreted statement leaves: the variables that it bound, and how it ended."""
    kept = {name: variables.get(name, NOT_BOUND) for name in names}
    kept["$end"] = outcome
    return kept


class _Operands:
    """The run-time values and constants that a piece of source takes as parameters."""

    def __init__(self, segments: Segments, t: Any) -> None:
        self.segments, self.t = segments, t
        self.names: list[str] = []
        self.values: list[Value] = []
        self.constant_names: list[str] = []
        self.constants: list[Any] = []
        self.calls_compiled = self.calls_outer = False
        self.perhaps: list[str] = []  # the names that may be unbound

    def constant(self, name: str, value: Any) -> None:
        self.constant_names.append(name)
        self.constants.append(value)

    def parameter(self, binding: Any) -> ast.expr:
        """A name for the binding, which becomes a parameter."""
        name = f"$v{len(self.values) + len(self.constants)}"
        self._bind(name, binding)
        return ast.Name(name, ast.Load())

    def _bind(self, name: str, binding: Any) -> None:
        if isinstance(binding, Range):
            binding = self._interpreted_range(binding)
        if isinstance(binding, (Closure, ExceptionValue, Method, Partial, Sequence, Text, Maybe)) or binding is UNBOUND:
            raise self.t.fail(errors.NotAValue, describe_trace_time(binding))
        if is_symbolic(binding) or isinstance(binding, Value):
            self.names.append(name)
            self.values.append(self.t.lift(binding))
        else:
            self.constant(name, binding)

    def _interpreted_range(self, numbers: Range) -> Value:
        t = self.t
        parts = [t.lift(x) for x in (numbers.start, numbers.stop, numbers.step)]
        return t.emit(python.interpret, *parts, function=Segment(range, "range", t.node.lineno, "", "", False))

    def read(self, names: Iterable[str], optional: bool = False) -> None:
        """Make parameters of the local variables among the names, under their own names."""
        frame = self.t.frame
        for name in names:
            if name in frame.scope.locals:
                binding = frame.variables.get(name, UNBOUND)
                if binding is UNBOUND and optional:
                    continue
                if isinstance(binding, Maybe) and optional:
                    self.perhaps.append(name)
                    self._bind(name, perhaps_unbound(self.t, binding))
                    continue
                self._bind(name, self.t.read(name))

    def replaced_whole(self, node: ast.expr) -> ast.expr:
        """The expression as it is, on the variables that it reads."""
        self.read(sorted(names_read([ast.copy_location(ast.Expr(node), node)])))
        return node

    def replaced(self, node: Any) -> Any:
        """The node with its operands evaluated, and parameters in their places."""
        made = copy.copy(node)
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(made, field, [self._operand(item) for item in value])
            elif isinstance(value, ast.AST):
                setattr(made, field, self._operand(value, is_callee=field == "func"))
        return made

    def _operand(self, node: ast.AST, is_callee: bool = False) -> ast.AST:
        if isinstance(node, (ast.Slice, ast.Starred, ast.keyword)) or (isinstance(node, ast.Tuple) and _has_slice(node)):
            return self.replaced(node)
        if not isinstance(node, ast.expr) or isinstance(node, ast.Constant):
            return node
        if self._is_outer(node):
            self.calls_outer = self.calls_outer or (is_callee and not callees.is_native(self.t, node))
            compiled = self.segments.compiled_callee(self.t, node) if is_callee else None
            if compiled is None:
                return node
            self.calls_compiled = True
            return ast.copy_location(self.parameter(compiled), node)
        if is_callee and isinstance(node, ast.Attribute):
            return self.replaced(node)  # a method is looked up where it is called
        return ast.copy_location(self.parameter(self.t.evaluate(node)), node)

    def _is_outer(self, node: ast.expr) -> bool:
        """Whether an expression is a global, a cell or a builtin, or an attribute of one: looked up when it runs."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and self.t.frame.owner(node.id) is None


def _has_slice(node: ast.Tuple) -> bool:
    return any(isinstance(element, (ast.Slice, ast.Starred)) for element in node.elts)


def describe_trace_time(binding: Any) -> Any:
    """What an error says of something that exists only while tracing."""
    return getattr(binding, "qualified_name", None) or type(binding).__name__


def _direct(made: ast.expr, operands: _Operands) -> Any:
    """A C function that does the same as the expression, where there is one."""
    if operands.constants:
        return None
    names = [f"$v{i}" for i in range(len(operands.values))]

    def are(*nodes: ast.AST) -> bool:
        return [getattr(n, "id", None) for n in nodes] == names

    if isinstance(made, ast.BinOp) and are(made.left, made.right):
        return _BINARY[type(made.op)]
    if isinstance(made, ast.Attribute) and are(made.value):
        return operator.attrgetter(made.attr)
    if isinstance(made, ast.Subscript) and are(made.value, made.slice):
        return operator.getitem
    return None


class _Outcome(ast.NodeTransformer):
    """Rewrites the jumps of a statement so that its function tells how it ended, and which variables it bound."""

    def __init__(self, bound: list[str]) -> None:
        self.bound = bound
        self.ends: set[str] = set()
        self.depth = 0

    def result(self, kind: str, value: ast.expr | None = None) -> ast.Return:
        """`return` with how the statement ended."""
        variables = ast.Call(ast.Name("locals", ast.Load()), [], [])
        arguments = [variables, ast.Constant(tuple(self.bound)), ast.Constant(kind), value or ast.Constant(None)]
        return ast.Return(ast.Call(ast.Name("$outcome", ast.Load()), arguments, []))

    def _jump(self, node: ast.stmt, kind: str, value: ast.expr | None = None) -> ast.stmt:
        self.ends.add(kind)
        return ast.copy_location(self.result(kind, value), node)

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        return self._jump(node, "return", node.value)

    def visit_Break(self, node: ast.Break) -> ast.stmt:
        return node if self.depth else self._jump(node, "break")

    def visit_Continue(self, node: ast.Continue) -> ast.stmt:
        return node if self.depth else self._jump(node, "continue")

    def _loop(self, node: Any) -> Any:
        self.depth += 1
        node.body = [self.visit(s) for s in node.body]
        self.depth -= 1
        node.orelse = [self.visit(s) for s in node.orelse]
        return node

    visit_For = visit_While = visit_AsyncFor = _loop

    def _scope(self, node: Any) -> Any:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _scope

    def leave(self, t: Any, segments: Segments, result: Value, node: ast.stmt) -> None:
        """Go on where the statement ended."""
        end = segments.item(t, result, "$end") if self.ends else None
        for kind in sorted(self.ends):
            is_kind = Segment(functools.partial(_ended, kind), f"ended by {kind}", node.lineno, "", "", False)
            test = t.emit(python.object_truth, t.emit(python.interpret, end, function=is_kind))
            taken, others = t.fork(test, kind, "next")
            t.enter(taken)
            if kind == "return":
                t.frame.returns.append((t.here(), segments.item(t, end, 1), node))
            elif kind == "break":
                t.frame.loops[-1].breaks.append(t.here())
            else:
                t.frame.loops[-1].continues.append(t.here())
            t.builder.block = None
            t.enter(others)


def _ended(kind: str, end: tuple[str, Any]) -> bool:
    return end[0] == kind


# --- variables that may be unbound: where the interpreter takes over they are the object NOT_BOUND

UNBOUND_NAME = "__not_bound__"


class _NotBound:
    """What stands in a variable that is not bound, where its value is handed over."""

    def __repr__(self) -> str:
        return "<not bound>"


NOT_BOUND = _NotBound()


def perhaps_unbound(t: Any, variable: Maybe) -> Value:
    """The value of a variable as an object, or the object NOT_BOUND."""
    nothing = Constant(types.object_, value=NOT_BOUND)
    return t.conditional(variable.bound, lambda: convert_to(t, variable.value, types.object_), lambda: nothing)


def is_unbound(t: Any, value: Value) -> Value:
    """Whether an object is UNBOUND."""
    return t.emit(python.same_object, value, Constant(types.object_, value=NOT_BOUND))


def forgetting(names: Iterable[str]) -> list[ast.stmt]:
    """Statements that unbind those of the variables that are the object NOT_BOUND."""
    marker = ast.Name(UNBOUND_NAME, ast.Load())
    return [
        ast.If(ast.Compare(ast.Name(n, ast.Load()), [ast.Is()], [marker]), [ast.Delete([ast.Name(n, ast.Del())])], []) for n in names
    ]  # fmt: skip


def _bound_before(t: Any, names: Iterable[str]) -> set[str]:
    variables = t.frame.variables
    return {n for n in names if not isinstance(b := variables.get(n, UNBOUND), Maybe) and b is not UNBOUND}


def _unbound_in(node: ast.stmt) -> set[str]:
    """The names that a statement may unbind."""
    deleted = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Del)}
    return deleted | {n.name for n in ast.walk(node) if isinstance(n, ast.ExceptHandler) and n.name}


def certainly_bound(statements: list[ast.stmt]) -> set[str]:
    """Names that are bound when control goes on behind the statements, as far as their form tells."""
    found: set[str] = set()
    for node in statements:
        if isinstance(node, ast.With):
            found |= stored_names([item.optional_vars for item in node.items if item.optional_vars is not None])
        elif isinstance(node, ast.If):
            always = isinstance(node.test, ast.Constant) and node.test.value
            found |= certainly_bound(node.body) & (set(stored_names([node])) if always else certainly_bound(node.orelse))
        elif isinstance(node, ast.Try):
            arms = [[*node.body, *node.orelse], *(handler.body for handler in node.handlers)]
            found |= certainly_bound(node.finalbody) | set.intersection(*map(certainly_bound, arms))
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
            found |= stored_names([node])
        found -= _unbound_in(node)
    return found


def unpacked_object(t: Any, value: Value, target: ast.Tuple | ast.List) -> tuple[Value, ...]:
    """The items of an object that is assigned to several targets, as many as there are."""
    t.at(target)
    if any(isinstance(e, ast.Starred) for e in target.elts):
        raise t.fail(errors.LengthNotKnown, operands=(value,))
    return t.object_mode.segments.unpacked(t, value, target)


def c_function(function: Any, text: str, line: int) -> Segment:
    """A segment that calls a C function."""
    return Segment(function, text, line, "", "", False)
