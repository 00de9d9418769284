"""Types that are only known once a segment has run: compiled code hands back its variables, and what is left of the
function is compiled for the types at hand.

Before a loop that reads an object, and behind a statement in a loop that makes one, the type of the object matters. The
first time, nothing is known: the code ends there, and the rest of the function is called, as a function of its own
(tracer.continuations). The type that was seen is remembered for this place: from then on the object is unboxed there, and only an
object of another type makes the code end there again.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from codegen.objects import Deferred
from ir import types
from ir.graph import Constant, Graph, Resumption, Value
from ir.on_demand import OnDemand
from ir.ops import aggregate, python
from ir.types import Scalar, Type
from tracer import errors
from tracer.cells import Sharing
from tracer.checkpoints import checkpoint, restore
from tracer.continuations import Place, RestOfFunction, nodes_of_rest, renamed, rest_of_body
from tracer.errors import NopythonError, user_error
from tracer.frames import PathEnded, State
from tracer.gains import headers, round_gains
from tracer.interpreted import Reason, Segment, c_function, reason_of
from tracer.python_code import all_names, names_read
from tracer.quiet_loops import QuietLoops
from tracer.scope import stored_names
from tracer.segments import Segments
from tracer.shapes import CannotJoin, join_shapes, settle, shape_of
from tracer.typeof import type_in_object_mode
from tracer.unbound import NOT_BOUND, UNBOUND_NAME, forgetting, local, perhaps_unbound
from tracer.values import UNBOUND, Maybe, can_change, can_pass, is_object, is_symbolic

typed_objects = OnDemand("tracer.typed_objects")

Key = tuple[str, int, int]
"""A place by where it is in the source."""


class Plan:
    """What was seen of a function in object mode, shared by the function and all that continues it.

    `observed` has for each place the types of variables: None for those that stay objects. `compile_rest` makes a
    function of the rest callable. `dispatchers` are the functions, `retired` what they had compiled before more was known,
    `sharing` says which variables are in cells.
    """

    def __init__(self, function: Any, compile_rest: Callable[[Any], Any]) -> None:
        self.observed: dict[Key, dict[str, Type | None]] = {}
        self.continuations: dict[tuple, Any] = {}
        self.dispatchers: list[Any] = []
        self.retired: list[Any] = []
        self.compile_rest = compile_rest
        self._segments: dict[tuple[int, str], Segment] = {}
        self._completed: collections.Counter[Key] = collections.Counter()
        self.sharing = Sharing(function)

    def has_patience(self, key: Key) -> bool:
        """Whether a loop, of which not all is known, may yet come to what would make it worth machine code."""
        return self._completed[key] < _PATIENCE

    def complete(self, key: Key) -> None:
        """The loop has run to its end, and nothing more is known of it."""
        self._completed[key] += 1
        if self._completed[key] == _PATIENCE:
            self._forget()

    def unknown(self, found: list[Any]) -> list[Segment]:
        """Those segments that were not noted yet and stand for something in the source."""
        named = {_place(segment): segment for segment in found if isinstance(segment, Segment) and segment.reason}
        return [segment for key, segment in named.items() if key not in self._segments]

    def note(self, segment: Segment) -> None:
        """Remember a segment: the user has been told."""
        self._segments[_place(segment)] = segment

    def listed(self) -> list[Segment]:
        """All segments that were found, by line."""
        return [self._segments[key] for key in sorted(self._segments)]

    def _forget(self) -> None:
        for dispatcher in self.dispatchers:
            dispatcher._forget_types()

    def observe(self, key: Key, name: str, value: Any) -> None:
        """Remember the type of a variable. Where it differs from time to time it stays an object."""
        known = self.observed.setdefault(key, {})
        before = known.get(name, UNBOUND)
        found = type_in_object_mode(value) if before is UNBOUND else None
        if before is UNBOUND or before is not found:
            known[name] = found
            self._forget()


def _place(segment: Segment) -> tuple[int, str]:
    return segment.line, str(segment)


class ActiveLoop(NamedTuple):
    """A loop that is being traced. `rest` gives what is left of its iterable, as an expression, and the values of the
    names in it; it is None where that cannot be had."""

    node: ast.For | ast.While
    rest: Callable[[], tuple[ast.expr, dict[str, Any]] | None] | None


_PATIENCE = 2  # how often a loop may end before it is weighed without what it has not come to
_HINT = "compute on numbers and arrays in the loop, and do the rest before it or behind it"


class ObjectMode:
    """The trace of one function in object mode: its segments, the loops around, and the places where it may end."""

    def __init__(self, function: Any, plan: Plan) -> None:
        self.segments = Segments(function, plan.sharing)
        self.cells = self.segments.cells
        self.quiet_loops = QuietLoops(self)
        self.plan = plan
        self.loops: list[ActiveLoop] = []
        self.peeled: set[ast.stmt] = set()  # loops whose first round is traced by itself
        self.repeated = 0  # how many loops are traced whose rounds are all the same
        self.worth_it = False  # whether the statement that is traced, or one in it, is worth machine code
        self.unknown = False  # whether there is an end in it where more will be known

    def begin(self, graph: Graph) -> None:
        """The function's own graph is traced, perhaps again."""
        self.graph = graph
        self.loops = []
        self.repeated = 0
        self.worth_it = self.unknown = False
        self.segments.origins.clear()

    def take_parameters(self, t: Any) -> None:
        """The parameters are bound: defaults that may change, and the dict of `**keywords` where one is needed, become objects."""
        variables = t.frame.variables
        node = t.frame.node.args.kwarg
        keywords = None if node is None else variables[node.arg]
        t.frame.variables = variables = {n: b if b is keywords else self.seen(b) for n, b in variables.items()}
        if node is not None:
            if node in self.segments.failed:
                variables[node.arg] = self.segments.keywords(t, node, variables[node.arg])
            else:
                self.segments.remember_parameter(variables[node.arg], node)
        self.cells.take(t)

    def assigns_outside(self, frame: Any, name: str) -> bool:
        """Whether the name is a global, or a variable of an enclosing function or in a cell, that the function, or one in it, assigns."""
        outer = frame.outermost()
        outer = outer.origin or outer
        return outer.node is self.segments.source.node and name in outer.scope.globals | outer.scope.nonlocals

    def outer_variable(self, t: Any, name: str) -> Value:
        """The value that such a variable has now."""
        if not self.applies(t):
            raise t.fail(errors.CaptureChanges, name)
        return self.cells.read(t, name) if name in self.cells.names else self.segments.outer_variable(t, name)

    def assigned(self, t: Any, name: str, binding: Any) -> bool:
        """A variable is assigned: where it is in a cell, write it there; whether that is all there is to do."""
        cells = self.cells
        if not self.applies(t) or name not in cells.names | cells.outside:
            return False
        if name not in cells.deferred:
            cells.write(t, name, binding)
        return name in cells.assigned_inside | cells.outside

    def returns(self, t: Any, result: Any) -> None:
        """A result is about to be returned: it must be something that can be."""
        if self.applies(t):
            self.segments.need_object(result)
            self.cells.flush(t)

    def deleted(self, t: Any, name: str) -> bool:
        """A variable is deleted: where it is in a cell, empty that; whether that is all there is to do."""
        if not self.applies(t) or name not in self.cells.names:
            return False
        self.cells.empty(t, name)
        return name in self.cells.assigned_inside

    def applies(self, t: Any) -> bool:
        """Whether the tracer is in the function itself, not in one that is traced in its place."""
        return len(t.frames) == 1 and t.graph is self.graph

    def evaluate(self, t: Any, node: ast.expr, handler: Callable[[Any, Any], Any] | None) -> Any:
        """Trace an expression, or let the interpreter do what cannot be traced of it."""
        value = self.seen(self.segments.evaluate(t, node, handler))
        self.segments.remember(value, node)
        return typed_objects.converted(t, node, value) if is_object(value) else value

    def seen(self, binding: Any) -> Any:
        """What the function sees of a binding: an object that segments may change is not known while tracing."""
        return Constant(types.object_, value=binding) if can_change(binding) else binding

    def declared(self, t: Any, node: ast.AnnAssign, value: Value) -> Any:
        """An object that is assigned with an annotation."""
        kind = typed_objects.annotation_type(t, node)
        t.at(node)
        return value if kind is None else typed_objects.declared(t, node.target.id, value, kind)

    def execute(self, t: Any, node: ast.stmt, handler: Callable[[Any, Any], None] | None) -> None:
        """Trace a statement, or let the interpreter do what cannot be traced of it."""
        is_loop = isinstance(node, (ast.For, ast.While))
        if is_loop:
            if handler is not None and self.quiet_loops.trace(t, node, handler):
                return
            self.before_loop(t, node)
        outer = self.worth_it, self.unknown
        self.worth_it = self.unknown = False
        if node not in self.segments.failed:
            before, loop_count = checkpoint(t), len(self.loops)
            try:
                if handler is None:
                    raise t.missing_syntax(node)
                handler(t, node)
                if isinstance(node, ast.FunctionDef):
                    self.segments.remember(t.frame.variables.get(node.name), node)
                failure = self._judge(t, node, before) if is_loop else None
            except NopythonError as error:
                failure = reason_of(error)
            if failure is not None:
                restore(t, before)
                del self.loops[loop_count:]
                self.segments.failed[node] = failure
        self.worth_it, self.unknown = outer[0] or self.worth_it, outer[1] or self.unknown
        if node in self.segments.failed:
            self.segments.interpret_statement(t, node)
        if t.alive:
            self.after_statement(t, node)

    def _judge(self, t: Any, node: ast.stmt, before: Any) -> Reason | None:
        """Why the interpreter does a loop faster, once all types in it are known; None where it does not."""
        blocks = t.graph.blocks[before.blocks :]
        self.worth_it = self.worth_it or round_gains(blocks)
        segments = [op.attributes["function"] for b in blocks for op in b.ops if op.opdef is python.interpret]
        if self.worth_it or not segments:
            return None
        key = self._key(Place(node, "before"))
        goes_round = bool(headers(blocks))
        if self.unknown and (not goes_round or self.plan.has_patience(key)):
            if t.alive and goes_round:
                t.emit(python.interpret, function=c_function(functools.partial(self.plan.complete, key), "is it worth it", node.lineno))
            return None
        reasons = [segment.reason for segment in segments if segment.reason] or ["it runs over an object"]
        return Reason(f"little is left of the loop for machine code: {reasons[0]}", _HINT)

    def before_loop(self, t: Any, node: ast.stmt) -> None:
        """A loop is about to begin: the objects that it reads get their types."""
        names = sorted(names_read([node]))
        self._observe(t, Place(node, "before"), names)

    def after_statement(self, t: Any, node: ast.stmt) -> None:
        """A statement was traced: in a loop, and where it makes an array of a dtype, what it has bound gets its type."""
        if (self.loops or typed_objects.makes_array(t, node)) and not isinstance(node, (ast.If, ast.For, ast.While)):
            self._observe(t, Place(node, "after"), sorted(stored_names([node])))

    def in_loop(self, t: Any, node: ast.For) -> None:
        """A round of a loop has begun: the objects that its target names get their types."""
        self._observe(t, Place(node, "inside"), sorted(stored_names([node.target])))

    def _observe(self, t: Any, place: Place, names: list[str]) -> None:
        if not isinstance(t.frame.node, ast.FunctionDef) or not self.applies(t):
            return
        variables = t.frame.variables
        known = self.plan.observed.get(self._key(place), {})
        objects = [n for n in names if is_object(variables.get(n)) and not isinstance(variables[n], Constant)]
        # What has a type came in with it: parameters that are objects stay objects.
        objects = [n for n in objects if variables[n] not in t.graph.params]
        wanted = [n for n in objects if known.get(n, UNBOUND) is not None]
        if not wanted:
            return
        t.at(place.statement)
        if any(n not in known for n in wanted):
            if _Exit(self, t, place, wanted).emit():
                self.unknown = True
                raise PathEnded
            return
        for name in wanted:
            self._guard(t, place, name, known[name])

    def _guard(self, t: Any, place: Place, name: str, expected: Type) -> None:
        variables = t.frame.variables
        pair = t.emit(python.unbox, variables[name], to=expected)
        matches, value = (t.emit(aggregate.tuple_item, pair, index=i) for i in range(2))
        same, other = t.fork(matches, "typed", "other")
        t.enter(other)
        left = _Exit(self, t, place, [name]).emit()
        stays = None if left else t.here()
        t.builder.block = None
        t.enter(same)
        t.frame.variables[name] = t.explode(value)
        if stays is not None:
            t.join([t.here(), stays], None)

    def _key(self, place: Place) -> Key:
        return place.where, place.statement.lineno, place.statement.col_offset


@contextlib.contextmanager
def tracked_loop(t: Any, node: Any, rest: Any) -> Iterator[None]:
    """While a loop is traced, what is left of it can be asked for: see ActiveLoop."""
    mode = t.object_mode
    tracked = mode is not None and mode.applies(t)
    if tracked:
        mode.loops.append(ActiveLoop(node, rest))
    try:
        yield
    finally:
        if tracked:
            mode.loops.pop()


def round_begins(t: Any, node: ast.For) -> None:
    """The target of a loop was bound."""
    if t.object_mode is not None and t.object_mode.applies(t):
        t.object_mode.in_loop(t, node)


def peel(t: Any, node: ast.For | ast.While) -> bool:
    """From now on the first round of this loop is traced by itself; False where that is not wanted, or done already.

    What is an `int` at the entry and a `float` after a round has two types in one loop. In its first round it is the `int` still:
    where an object in that round turns out to be of another class than before, what is left of the function goes on with the `int`.
    """
    mode = t.object_mode
    if mode is None or not mode.applies(t) or node in mode.peeled or not mode.plan.observed:
        return False
    mode.peeled.add(node)
    return True


def peels(t: Any, node: ast.For | ast.While) -> bool:
    """Whether the first round of a loop is traced by itself."""
    mode = t.object_mode
    return mode is not None and mode.applies(t) and node in mode.peeled


@contextlib.contextmanager
def any_round(t: Any) -> Iterator[None]:
    """While what is traced is done again and again."""
    mode = t.object_mode
    if mode is None:
        yield
        return
    mode.repeated += 1
    try:
        yield
    finally:
        mode.repeated -= 1


def with_one_type(t: Any, node: ast.If, ends: list[State]) -> list[State]:
    """Of the paths that meet behind a condition, those whose numbers need not be converted there: on the others, what is left of the
    function is compiled for what they have. Not in loops, where paths take turns: there, numbers get one type."""
    mode = t.object_mode
    if mode is None or not mode.applies(t) or mode.repeated or len(ends) < 2:
        return ends
    frame, live = t.frame, sorted(t.frame.scope.live_after[node])
    shapes = [{name: settle(shape_of(end.variables[frame].get(name, UNBOUND))) for name in live} for end in ends]
    stay = [end for end, own in zip(ends, shapes) if not any(_is_converted(own[name], [s[name] for s in shapes]) for name in live)]
    for end in ends:
        if end not in stay:
            t.resume(end)
            t.at(node)
            if not goes_on_apart(t, node, "after"):
                stay.append(end)
            t.builder.block = None
    return stay


def _is_converted(own: Any, shapes: list[Any]) -> bool:
    """Whether a number that has its own type on one path gets another one where the paths meet."""
    if not all(isinstance(shape, Scalar) for shape in shapes):
        return False
    try:
        return functools.reduce(join_shapes, shapes) != own
    except CannotJoin:
        return False


def goes_on_apart(t: Any, node: ast.For | ast.While, where: str) -> bool:
    """End a path behind a loop with the rest of the function, which is compiled for the types on this path; False where that cannot be."""
    mode = t.object_mode
    return mode is not None and mode.applies(t) and _Exit(mode, t, Place(node, where), []).emit()


class _Exit:
    """The end of the code at a place: what is left of the function, and the values that it needs."""

    def __init__(self, mode: ObjectMode, t: Any, place: Place, names: list[str]) -> None:
        self.mode, self.t, self.place, self.names = mode, t, place, names

    def emit(self) -> bool:
        """End the path with the rest of the function; False where that is not possible."""
        iterables, hidden = {}, {}
        for loop in self.mode.loops:
            if isinstance(loop.node, ast.For):
                found = None if loop.rest is None else loop.rest()
                if found is None:
                    return False
                iterables[loop.node] = found[0]
                hidden.update(renamed(loop.node, *found, self.mode.plan.sharing.taken))
        self.iterables = iterables
        self.nodes = nodes_of_rest(self.t.frame.node, self.place)
        if any(map(self.mode.cells.perhaps_unbound, self.nodes)):
            return False
        needed = dict(self._needed(hidden))
        self.bindings = {n: b for n, b in needed.items() if b is not UNBOUND}
        if not all(map(can_pass, self.bindings.values())) or not self._learns():
            return False
        self.perhaps = [n for n, b in self.bindings.items() if isinstance(b, Maybe)]
        for name in self.perhaps:
            self.bindings[name] = perhaps_unbound(self.t, self.bindings[name])
        if self.perhaps:
            self.bindings[UNBOUND_NAME] = NOT_BOUND
        self.missing = [n for n, b in needed.items() if b is UNBOUND and n in self.t.frame.scope.locals]
        self._finish()
        return True

    def _learns(self) -> bool:
        """Whether the rest needs any of the objects whose types are asked for. Those that it does not need are not asked for again."""
        if not self.names:
            return True
        known = self.mode.plan.observed.setdefault(self.mode._key(self.place), {})
        needed = [name for name in self.names if self._parameter(name) in self.bindings]
        known.update({name: None for name in self.names if name not in needed})
        return bool(needed)

    def _needed(self, hidden: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        frame, cells = self.t.frame, self.mode.cells
        yield from sorted(hidden.items())
        for name in sorted(names_read(self.nodes) - set(hidden)):  # what was left before may have the same names
            if name in frame.scope.locals - cells.names:
                yield name, frame.variables.get(name, UNBOUND)
        for name in sorted(cells.names & all_names(*self.nodes)) if cells.names else ():
            value = frame.variables.get(name, UNBOUND)
            yield cells.sharing.cell_parameter(name), cells.cell(self.t, name)
            yield self._parameter(name), UNBOUND if isinstance(value, Maybe) else value

    def _parameter(self, name: str) -> str:
        """The parameter for the value of a variable."""
        cells = self.mode.cells
        return cells.sharing.value_parameter(name) if name in cells.names else name

    def _finish(self) -> None:
        t = self.t
        self.mode.cells.flush(t)
        passed = {n: t.lift(b) for n, b in self.bindings.items() if is_symbolic(b) or isinstance(b, Value)}
        static = {n: b for n, b in self.bindings.items() if n not in passed}
        names = (*passed, *static)
        kinds = tuple(v.type for v in passed.values())
        iterables = tuple(map(ast.unparse, self.iterables.values()))
        key = (self.mode._key(self.place), iterables, names, kinds, tuple(map(id, static.values())))
        plan = self.mode.plan
        function = plan.continuations.get(key)
        if function is None:
            function = plan.continuations[key] = self._rest(names, tuple(static.values()))
        observed = {self._parameter(name): name for name in self.names}
        going_on = _GoingOn(plan, self.mode._key(self.place), observed, tuple(passed), function)
        t.builder.raise_(Resumption(going_on), *passed.values())

    def _rest(self, names: Sequence[str], static: tuple[Any, ...]) -> RestOfFunction:
        segments, plan = self.mode.segments, self.mode.plan
        rest = functools.partial(rest_of_body, self.t.frame.node, self.place, self.iterables)
        before = [*local(self.missing), *(forgetting(self.perhaps) if self.perhaps else ())]
        around = segments.function, segments.source.lines, self.mode.cells.names
        return RestOfFunction(lambda: [*before, *rest()], self.place.statement, names, static, around, plan.compile_rest)


class _GoingOn:
    """Called with the variables when compiled code has ended at a place: goes on with the rest of the function."""

    def __init__(self, plan: Plan, key: Key, observed: dict[str, str], names: tuple[str, ...], function: Any) -> None:
        self.plan, self.key, self.observed, self.names, self.function = plan, key, observed, names, function

    def __call__(self, *values: Any) -> Deferred:
        try:
            for parameter, value in zip(self.names, values):
                if parameter in self.observed:
                    self.plan.observe(self.key, self.observed[parameter], value)
            return Deferred((self.function.compiled(), values))
        except RecursionError as error:
            return Deferred((None, user_error(error)))

    def __str__(self) -> str:
        return f"the rest {self.key[0]} line {self.key[1]}"
