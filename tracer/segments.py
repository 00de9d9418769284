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
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FunctionType
from typing import Any

from ir.graph import Value
from ir.on_demand import OnDemand
from ir.ops import python
from tracer import errors
from tracer.cells import OUTSIDE, Cells, Closing, Sharing
from tracer.checkpoints import checkpoint, restore
from tracer.errors import NopythonError
from tracer.frames import ObjectNeeded
from tracer.interpreted import Reason, Segment, c_function, reason_of
from tracer.operands import Operands
from tracer.python_code import definition, make_function, names_read
from tracer.scope import stored_names
from tracer.source import function_source
from tracer.statement_ends import Outcome, collect, collect_again
from tracer.unbound import bound_before, certainly_bound, is_unbound, unbound_in
from tracer.values import Maybe, Range, can_be_object, is_object, is_symbolic

_BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.LShift: operator.lshift,
    ast.RShift: operator.rshift, ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
    ast.MatMult: operator.matmul,
}  # fmt: skip
_UPDATES: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.iadd, ast.Sub: operator.isub, ast.Mult: operator.imul, ast.Div: operator.itruediv,
    ast.FloorDiv: operator.ifloordiv, ast.Mod: operator.imod, ast.Pow: operator.ipow, ast.LShift: operator.ilshift,
    ast.RShift: operator.irshift, ast.BitAnd: operator.iand, ast.BitOr: operator.ior, ast.BitXor: operator.ixor,
    ast.MatMult: operator.imatmul,
}  # fmt: skip
# What has a scope of its own, or is evaluated piece by piece: done as a whole, on the variables that it reads.
_WHOLE = (
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.JoinedStr, ast.Await, ast.Yield, ast.YieldFrom,
    ast.BoolOp, ast.IfExp, ast.NamedExpr, ast.Compare,
)  # fmt: skip

callees = OnDemand("tracer.callees")

_NEEDED = Reason("an object is needed of it", "use it in compiled code only")
_ON_OBJECT = Reason("it works on a Python object", "declare what it is: `name: types.float64 = ...`, or convert it: float(...)")


class Segments:
    """The interpreted parts of one function that is traced in object mode. `cells` are of the variables that functions made there share with it."""

    def __init__(self, function: FunctionType, sharing: Sharing | None = None) -> None:
        self.function = function
        self.source = function_source(function)
        self.failed: dict[ast.AST, Reason] = {}
        self.made: dict[tuple, Segment] = {}
        self.origins: dict[int, tuple[Any, ast.AST]] = {}
        self.cells = Cells(self, sharing)

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
            _, node = self.origins.get(id(part), (None, getattr(part, "node", None)))
            if node is not None and node not in self.failed:
                self.failed[node] = _NEEDED
                raise ObjectNeeded

    def as_object(self, t: Any, binding: Any) -> Any:
        """The binding as something that can be handed to the interpreter: a value, or a static object."""
        if isinstance(binding, Range):
            parts = [t.lift(x) for x in (binding.start, binding.stop, binding.step)]
            return t.emit(python.interpret, *parts, function=c_function(range, "range", t.node.lineno))
        self.need_object(binding)
        if not can_be_object(binding):
            raise t.fail(errors.NotAValue, describe_trace_time(binding))
        return t.lift(binding) if is_symbolic(binding) or isinstance(binding, Value) else binding

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
        operands = Operands(self, t)
        made = operands.replaced_whole(node) if isinstance(node, _WHOLE) else operands.replaced(node)
        return self.interpret(t, node, made, operands)

    def interpret(self, t: Any, node: ast.expr, made: ast.expr, operands: Operands) -> Value:
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
            segment.method = _method_called(made, operands)
        return self._call(t, segment, operands.values)

    def outer_variable(self, t: Any, name: str) -> Value:
        """The value that a global has now, or a variable of an enclosing function: one that the function assigns."""
        segment = self.made.get((name, ()))
        if segment is None:
            node = ast.copy_location(ast.Name(name, ast.Load()), t.node)
            self.failed[node] = OUTSIDE
            target = self._function(Operands(self, t), [ast.Return(node)], node)
            segment = self.made[name, ()] = self._segment(target, node, True)
        return self._call(t, segment, ())

    def compiled_callee(self, t: Any, node: ast.expr) -> Any:
        """The compiled form of the user's function that is called, if it has one."""
        function = callees.static_callee(t, node)
        compiled = callees.compiled_form(function)
        own = compiled is not None and function is self.function and t.object_mode is not None
        return t.object_mode.plan.dispatchers[0] if own else compiled

    def _function(self, operands: Operands, body: list[ast.stmt], node: ast.AST) -> Any:
        names = [*operands.constant_names, *operands.names]
        node = definition(self.function.__name__.strip("<>"), names, body, node)
        made = make_function(node, self.function, self.source.lines, shared=self.cells.names)
        if not self.cells.names.isdisjoint(made.__code__.co_freevars):
            return Closing(made, operands.constants)
        return functools.partial(made, *operands.constants) if operands.constants else made

    def _segment(self, target: Any, node: ast.AST, has_frame: bool) -> Segment:
        reason, hint = self.failed.get(node, ("", ""))
        text = ast.unparse(node).split("\n")[0]
        text = text if len(text) <= 60 else text[:57] + "..."
        if not isinstance(target, Closing):
            return Segment(target, text, node.lineno, reason, hint, has_frame)
        segment = Segment(FunctionType.__call__, text, node.lineno, reason, hint, has_frame)
        segment.closing = target
        return segment

    def _call(self, t: Any, segment: Segment, values: Sequence[Value]) -> Value:
        if segment.closing is not None:
            return segment.closing.call(t, segment, values, self.cells)
        return t.emit(python.interpret, *values, function=segment)

    # --- statements

    def interpret_statement(self, t: Any, node: ast.stmt, shown: ast.AST | None = None) -> None:
        """A statement as a whole: a function of the variables it reads, whose result are those it binds. `shown` is what
        stands for it in texts."""
        if self._interpret_store(t, node):
            return
        bound = self._bound(t, node)
        outcome = Outcome(bound)
        body = outcome.body(copy.deepcopy(node))
        certain = certainly_bound([node]) - unbound_in(node)
        result = self._run(t, node, body if bound or outcome.ends else [node], bound, certain, shown or node)
        self._leave(t, outcome.ends, result, node)

    def _interpret_store(self, t: Any, node: ast.stmt) -> bool:
        """A store to one item or attribute, or an update of a variable: the operands are traced. False if it is none of these."""
        operands = Operands(self, t)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            if name not in t.frame.scope.locals - self.cells.names:
                return False
            old, value = operands.parameter(t.read(name)), operands.operand(node.value)
            body = [ast.AugAssign(ast.Name(old.id, ast.Store()), node.op, value), ast.Return(old)]
            t.assign(name, self._done(t, node, operands, body, _UPDATES[type(node.op)], old, value))
            return True
        if not isinstance(node, ast.Assign) or len(node.targets) > 1 or not isinstance(node.targets[0], (ast.Subscript, ast.Attribute)):
            return False
        target, value = node.targets[0], operands.operand(node.value)
        place = operands.operand(target.value)
        if isinstance(target, ast.Subscript):
            index = operands.operand(target.slice)
            stored, function = ast.Subscript(place, index, ast.Store()), operator.setitem
        else:
            index = ast.Constant(target.attr)
            stored, function = ast.Attribute(place, target.attr, ast.Store()), setattr
        self._done(t, node, operands, [ast.Assign([stored], value)], function, place, index, value)
        return True

    def _done(self, t: Any, node: ast.stmt, operands: Operands, body: list[ast.stmt], function: Any, *parts: ast.expr) -> Value:
        """What a C function makes of the parts; or where these are not all at hand, a function with this body."""
        t.at(node)
        given = [operands.given(part) for part in parts]
        if None not in given:
            return t.emit(python.interpret, *given, function=self._segment(function, node, False))
        made = self._function(operands, [*operands.prologue(), *body], node)
        return self._call(t, self._segment(made, node, True), operands.values)

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
        operands = Operands(self, t)
        operands.read(sorted(names_read([node]) | (set(bound) - certain)), optional=True)
        operands.check_captures(node)
        body = [*operands.prologue(), *body]
        t.at(shown)
        operands.constant("$outcome", collect)
        operands.constant("$again", collect_again)
        segment = self._segment(self._function(operands, body, shown), shown, True)
        result = self._call(t, segment, operands.values)
        certain |= bound_before(t, bound) - unbound_in(node)
        for name in bound:
            value = self.item(t, result, name)
            t.bind(name, value if name in certain else Maybe(value, t.negate(is_unbound(t, value))), t.frame)
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
        operands = Operands(self, t)
        source = operands.parameter(value)
        parts = [ast.Name(name, ast.Store()) for name in names]
        body = [
            ast.copy_location(ast.Assign([ast.copy_location(ast.Tuple(parts, ast.Store()), target)], source), target),
            ast.Return(ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())),
        ]
        segment = Segment(self._function(operands, body, target), ast.unparse(target), target.lineno, "", "", True)
        short = len(names) in range(1, python.LONGEST_UNPACKED + 1)
        segment.runtime = f"rt.unpack{len(names)}" if short and len(operands.values) == 1 else ""
        made = t.emit(python.interpret, *operands.values, function=segment)
        names_of_items = [f"rt.item{i}" if short else "" for i in range(len(names))]
        getters = (c_function(operator.itemgetter(i), f"item {i}", target.lineno, name) for i, name in enumerate(names_of_items))
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


def _parts(binding: Any) -> Iterator[Any]:
    """The bindings in tuples, and of variables that may be unbound."""
    if isinstance(binding, tuple):
        for item in binding:
            yield from _parts(item)
    elif isinstance(binding, Maybe):
        yield from _parts(binding.value)
    else:
        yield binding


def describe_trace_time(binding: Any) -> Any:
    """What an error says of something that exists only while tracing."""
    return getattr(binding, "qualified_name", None) or type(binding).__name__


def _are(nodes: Sequence[ast.AST], operands: Operands) -> bool:
    """Whether the nodes are the operands, in their order."""
    return not operands.constants and [getattr(n, "id", None) for n in nodes] == [f"$v{i}" for i in range(len(operands.values))]


def _method_called(made: ast.expr, operands: Operands) -> str:
    """The name of the method, where an expression calls one of the first operand with the others."""
    if not isinstance(made, ast.Call) or not isinstance(made.func, ast.Attribute) or made.keywords:
        return ""
    return made.func.attr if _are([made.func.value, *made.args], operands) else ""


def _direct(made: ast.expr, operands: Operands) -> Any:
    """A C function that does the same as the expression, where there is one."""

    def are(*nodes: ast.AST) -> bool:
        return _are(nodes, operands)

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
