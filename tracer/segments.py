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
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any, NamedTuple

from ir.graph import Value
from ir.on_demand import OnDemand
from ir.ops import python
from tracer import errors
from tracer.checkpoints import checkpoint, restore
from tracer.errors import NopythonError
from tracer.python_code import definition, make_function, names_read
from tracer.scope import stored_names
from tracer.source import function_source
from tracer.statement_ends import Outcome, collect, collect_again
from tracer.unbound import NOT_BOUND, UNBOUND_NAME, bound_before, certainly_bound, forgetting, is_unbound, local, perhaps_unbound, unbound_in
from tracer.values import UNBOUND, Maybe, Range, can_be_object, is_object, is_symbolic

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
captures = OnDemand("tracer.captures")


class ObjectNeeded(Exception):
    """Something that exists only while tracing has to be an object: the trace starts again, and the interpreter makes it."""


class Reason(NamedTuple):
    """Why the interpreter does something, and what would make it native."""

    message: str
    hint: str


def reason_of(error: NopythonError) -> Reason:
    """What an error says, without its traceback, which would keep the arguments of a call alive."""
    hint = _NO_LOWERING if isinstance(error.problem, (errors.NoLowering, errors.MissingSource, errors.UnsupportedSyntax)) else error.problem.text("hint")
    return Reason(error.problem.text("message"), hint)


_NEEDED = Reason("an object is needed of it", "use it in compiled code only")
_ASSIGNED_OUTSIDE = Reason("the function assigns this variable from outside", "return the value, or keep it in an array")
_ON_OBJECT = Reason("it works on a Python object", "declare what it is: `name: types.float64 = ...`, or convert it: float(...)")
_NO_LOWERING = "tracer.implements gives it a native form"


class Segments:
    """The interpreted parts of one function that is traced in object mode."""

    def __init__(self, function: FunctionType) -> None:
        self.function = function
        self.source = function_source(function)
        self.failed: dict[ast.AST, Reason] = {}
        self.made: dict[tuple, Segment] = {}
        self.origins: dict[int, tuple[Any, ast.AST]] = {}

    # --- what exists only while tracing

    def remember(self, binding: Any, node: ast.AST) -> None:
        """Note which node made what exists only while tracing."""
        for part in _parts(binding):
            if not can_be_object(part):
                self.origins.setdefault(id(part), (part, node))

    def remember_parameter(self, keywords: Any, node: ast.arg | None) -> None:
        """Note the dict of `**keywords`, whose values are known at run time only."""
        if node is not None:
            self.origins[id(keywords)] = keywords, node

    def need_object(self, binding: Any) -> None:
        """Start the trace again where a binding, or a part of it, must be an object and the interpreter can make it one."""
        for part in _parts(binding):
            _, node = self.origins.get(id(part), (None, None))
            if node is not None and node not in self.failed:
                self.failed[node] = _NEEDED
                raise ObjectNeeded

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
        bound = self._bound(t, ast.copy_location(ast.Expr(node), node)) if isinstance(node, _WHOLE) else []
        if bound and isinstance(node, ast.GeneratorExp):
            raise t.fail(errors.UnsupportedSyntax, "an assignment in a generator expression")  # done when its items are taken
        if bound:
            return self._interpret_binding(t, node, bound)
        operands = _Operands(self, t)
        made = operands.replaced_whole(node) if isinstance(node, _WHOLE) else operands.replaced(node)
        return self.interpret(t, node, made, operands)

    def interpret(self, t: Any, node: ast.expr, made: ast.expr, operands: _Operands) -> Value:
        """An op that evaluates `made`, the expression with parameters in place of its operands."""
        t.at(node)
        key = (node, tuple(map(id, operands.constants)), *operands.names, *operands.perhaps)
        segment = self.made.get(key)
        if segment is None:
            target = None if operands.perhaps or operands.missing else _direct(made, operands)
            has_frame = target is None
            if target is None:
                body = [*operands.prologue(), ast.Return(made)]
                target = self._function(operands, body, node)
            if any(map(is_object, operands.values)) and not operands.calls_outer:
                self.failed[node] = _ON_OBJECT
            segment = self.made[key] = self._segment(target, node, has_frame)
            segment.calls_compiled = operands.calls_compiled
        return t.emit(python.interpret, *operands.values, function=segment)

    def outer_variable(self, t: Any, name: str) -> Value:
        """The value that a global has now, or a variable of an enclosing function: one that the function assigns."""
        segment = self.made.get((name, ()))
        if segment is None:
            node = ast.copy_location(ast.Name(name, ast.Load()), t.node)
            self.failed[node] = _ASSIGNED_OUTSIDE
            target = self._function(_Operands(self, t), [ast.Return(node)], node)
            segment = self.made[name, ()] = self._segment(target, node, True)
        return t.emit(python.interpret, function=segment)

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
        bound = self._bound(t, node)
        outcome = Outcome(bound)
        body = outcome.body(copy.deepcopy(node))
        certain = certainly_bound([node]) - unbound_in(node)
        result = self._run(t, node, body, bound, certain, shown or node)
        self._leave(t, outcome.ends, result, node)

    def _interpret_binding(self, t: Any, node: ast.expr, bound: list[str]) -> Value:
        """An expression that binds variables: a function of those it reads, whose result are its value and those it binds."""
        t.at(node)
        body = [
            ast.Assign([ast.Name("$result", ast.Store())], node), Outcome(bound).result("value", ast.Name("$result", ast.Load())),
        ]  # fmt: skip
        certain = {node.target.id} if isinstance(node, ast.NamedExpr) else set()
        result = self._run(t, ast.copy_location(ast.Expr(node), node), body, bound, certain, node)
        return self.item(t, self.item(t, result, "$end"), 1)

    def _bound(self, t: Any, node: ast.stmt) -> list[str]:
        """The variables of this function that a statement binds."""
        scope = t.frame.scope
        return sorted(stored_names([node]) - scope.globals - scope.nonlocals)

    def _run(self, t: Any, node: ast.stmt, body: list[ast.stmt], bound: list[str], certain: set[str], shown: ast.AST) -> Value:
        """Call a function of what the statement reads, and bind what it binds; the result, see `tracer.statement_ends.collect`."""
        operands = _Operands(self, t)
        operands.read(sorted(names_read([node]) | (set(bound) - certain)), optional=True)
        operands.check_captures(node)
        body = [*operands.prologue(), *body]
        t.at(shown)
        operands.constant("$outcome", collect)
        operands.constant("$again", collect_again)
        segment = self._segment(self._function(operands, body, shown), shown, True)
        result = t.emit(python.interpret, *operands.values, function=segment)
        certain |= bound_before(t, bound) - unbound_in(node)
        for name in bound:
            value = self.item(t, result, name)
            t.assign(name, value if name in certain else Maybe(value, t.negate(is_unbound(t, value))))
        return result

    def _leave(self, t: Any, ends: Iterable[str], result: Value, node: ast.stmt) -> None:
        """Go on where the statement ended."""
        end = self.item(t, result, "$end") if ends else None
        for kind in sorted(ends):
            is_kind = Segment(functools.partial(_ended, kind), f"ended by {kind}", node.lineno, "", "", False)
            test = t.emit(python.object_truth, t.emit(python.interpret, end, function=is_kind))
            taken, others = t.fork(test, kind, "next")
            t.enter(taken)
            if kind == "return":
                t.frame.returns.append((t.here(), self.item(t, end, 1), node))
            elif kind == "break":
                t.frame.loops[-1].breaks.append(t.here())
            else:
                t.frame.loops[-1].continues.append(t.here())
            t.builder.block = None
            t.enter(others)

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

    def keywords(self, t: Any, node: ast.arg, given: dict[str, Any]) -> Value:
        """The dict of `**keywords` as an object."""
        made = functools.partial(_dict_of, tuple(given))
        segment = Segment(made, f"**{node.arg}", node.lineno, *self.failed[node], False)
        return t.emit(python.interpret, *map(t.lift, given.values()), function=segment)

    def item(self, t: Any, result: Value, key: Any) -> Value:
        """One of the objects in a result."""
        getter = Segment(operator.itemgetter(key), f"result[{key!r}]", t.node.lineno, "", "", False)
        return t.emit(python.interpret, result, function=getter)


def _dict_of(names: tuple[str, ...], *values: Any) -> dict[str, Any]:
    return dict(zip(names, values))


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
        self.missing: list[str] = []  # those that certainly are

    def prologue(self) -> list[ast.stmt]:
        """What a function of the operands begins with, so that variables are bound in it as they are where it stands."""
        if self.perhaps:
            self.constant(UNBOUND_NAME, NOT_BOUND)
        return [*local(self.missing), *forgetting(self.perhaps)]

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
        self.segments.need_object(binding)
        if not can_be_object(binding):
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
                    self.missing.append(name)
                    continue
                if isinstance(binding, Maybe) and optional:
                    self.perhaps.append(name)
                    self._bind(name, perhaps_unbound(self.t, binding))
                    continue
                self._bind(name, self.t.read(name))

    def replaced_whole(self, node: ast.expr) -> ast.expr:
        """The expression as it is, on the variables that it reads."""
        self.read(sorted(names_read([ast.copy_location(ast.Expr(node), node)])), optional=True)
        self.check_captures(node)
        return node

    def check_captures(self, node: ast.AST) -> None:
        """Refuse to make functions that would miss later changes of what they see."""
        changing = captures.changing_captures(self.segments.source.node, node, self.t.frame.scope.locals)
        if changing:
            raise self.t.fail(errors.CaptureChanges, min(changing))

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


def _parts(binding: Any) -> Iterator[Any]:
    """The bindings in tuples, and of variables that may be unbound."""
    if isinstance(binding, tuple):
        for item in binding:
            yield from _parts(item)
    elif isinstance(binding, Maybe):
        yield from _parts(binding.value)
    else:
        yield binding


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


def _ended(kind: str, end: tuple[str, Any]) -> bool:
    return end[0] == kind


def unpacked_object(t: Any, value: Value, target: ast.Tuple | ast.List) -> tuple[Value, ...]:
    """The items of an object that is assigned to several targets, as many as there are."""
    t.at(target)
    if any(isinstance(e, ast.Starred) for e in target.elts):
        raise t.fail(errors.LengthNotKnown, operands=(value,))
    return t.object_mode.segments.unpacked(t, value, target)


def c_function(function: Any, text: str, line: int) -> Segment:
    """A segment that calls a C function."""
    return Segment(function, text, line, "", "", False)
