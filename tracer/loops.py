"""Loops: traced until the types of their variables settle.

The variables that a loop assigns and that are live in it are parameters of its header block. The body is
traced with the types they have at the entry. When a path back to the header brings a wider type, what was
traced is thrown away and the loop is traced again with the joined types. The types that were found are
remembered, so that an outer loop's second round starts its inner loops with them.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ir import types
from ir.builder import constant
from ir.graph import Block, Constant, Value
from ir.ops import arithmetic, compare, python
from ir.types import Scalar
from tracer import errors
from tracer.checkpoints import checkpoint, restore
from tracer.continuations import jumps_of
from tracer.expressions import narrow
from tracer.frames import Frame, LoopContext, PathEnded, Plan, State
from tracer.interpreted import c_function
from tracer.iteration import as_sequence, display_items
from tracer.operators import binary, truth
from tracer.resuming import any_round, goes_on_apart, peel, peels, round_begins, tracked_loop
from tracer.shapes import CannotJoin, component_types, describe, join_shapes, materialize, settle, shape_of
from tracer.targets import assign_target
from tracer.tracing import Tracer, statement
from tracer.values import UNBOUND, Range, Sequence, is_object, is_symbolic


class Loop(NamedTuple):
    """One loop, whatever its kind: `test` gives the condition of another round (None: endless), `enter` binds the
    target at the beginning of a round, `step` goes on to the next. `hidden` are the names of its own variables,
    `finish` is done when the test ends it, `marks` are attributes of the jump that ends a round."""

    node: ast.For | ast.While
    test: Callable[[], Any]
    enter: Callable[[], None]
    step: Callable[[], None]
    hidden: tuple[str, ...] = ()
    finish: Callable[[], None] | None = None
    marks: Mapping[str, Any] = {}


@statement(ast.While)
def _while(t: Tracer, node: ast.While) -> None:
    def test() -> Any:
        return truth(t, t.evaluate(node.test))

    with tracked_loop(t, node, None):
        run_loop(t, Loop(node, test, lambda: narrow(t, node.test, True), lambda: None))


@statement(ast.For)
def _for(t: Tracer, node: ast.For) -> None:
    literal = isinstance(node.iter, (ast.List, ast.Set))
    iterable = display_items(t, node.iter.elts) if literal else t.evaluate(node.iter)
    t.at(node.iter)
    if isinstance(node.iter, ast.Set):
        iterable = _in_order_of_a_set(t, node.iter, iterable)
    if isinstance(iterable, range):
        iterable = Range(iterable.start, iterable.stop, iterable.step)
    if is_object(iterable):
        _for_object(t, node, iterable)
        return
    if isinstance(iterable, Range) and not is_symbolic(iterable.step) and iterable.step in (1, -1):
        _for_counter(t, node, iterable)
        return
    sequence = as_sequence(t, iterable)
    if sequence.static_items is not None:
        _unrolled(t, node, sequence)
    else:
        _for_sequence(t, node, sequence)


_SET_REMEDY = "loop over a tuple, (a, b), or over np.unique([a, b]) where equal items count once"


def _in_order_of_a_set(t: Tracer, node: ast.Set, items: tuple[Any, ...]) -> tuple[Any, ...]:
    """The items of a set as a loop meets them: by their hashes, each once. Both have to be known."""
    known = tuple(map(t.known, items))
    try:
        if not any(map(is_symbolic, known)):
            return tuple(set(known))
    except TypeError:  # not hashable
        pass
    t.at(node)
    raise t.fail(errors.UnsupportedSyntax, "a set of values that are not known while tracing", _SET_REMEDY)


def _for_counter(t: Tracer, node: ast.For, numbers: Range) -> None:
    """A range with step 1 or -1: its counter is the loop variable itself."""
    index = t.hidden(node.target.id if isinstance(node.target, ast.Name) else "i")
    stop = numbers.stop
    t.frame.variables[index] = t.lift(numbers.start)
    with tracked_loop(t, node, lambda: rest_of_range(t, t.frame.variables[index], stop, numbers.step)):
        _run_for(t, node, index, "lt" if numbers.step == 1 else "gt", stop, numbers.step, lambda i: i, marks=numbers.marks)


def _for_sequence(t: Tracer, node: ast.For, sequence: Sequence) -> None:
    index = t.hidden("i")
    t.frame.variables[index] = constant(0, types.int64)
    rest = None if sequence.rest is None else lambda: sequence.rest(t.frame.variables[index])
    with tracked_loop(t, node, rest):
        if sequence.space is None:
            _run_for(t, node, index, "lt", sequence.length, 1, sequence.item, sequence.finish)
        else:
            _for_index_space(t, node, index, sequence)


def _for_index_space(t: Tracer, node: ast.For, index: str, sequence: Sequence) -> None:
    """A loop over all indices on several axes: they are counted on as an odometer is, without divisions."""
    lengths, item = sequence.space
    places = [t.hidden("axis") for _ in lengths]
    t.frame.variables.update(dict.fromkeys(places, constant(0, types.int64)))

    def count_on() -> None:
        variables, carry = t.frame.variables, constant(1, types.int64)
        for place, length in zip(places[::-1], lengths[::-1]):
            following = t.emit(arithmetic.add, variables[place], carry)
            full = t.emit(compare.ge, following, length)
            variables[place] = t.emit(compare.select, full, constant(0, types.int64), following)
            carry = t.emit(compare.select, full, constant(1, types.int64), constant(0, types.int64))

    _run_for(
        t, node, index, "lt", sequence.length, 1, lambda _: item(tuple(t.frame.variables[p] for p in places)), sequence.finish,
        tuple(places), count_on,
    )  # fmt: skip
    for place in places:
        t.frame.variables.pop(place, None)


def _run_for(
    t: Tracer, node: ast.For, index: str, sign: str, stop: Any, step: int, item: Callable[[Any], Any],
    finish: Callable[[], None] | None = None, hidden: tuple[str, ...] = (), count_on: Callable[[], None] = lambda: None,
    marks: Mapping[str, Any] = {},
) -> None:  # fmt: skip
    """A loop with a counter. `hidden` are further variables of its own, which `count_on` moves on."""
    stop = t.lift(stop)

    def test() -> Any:
        t.at(node.iter)
        return binary(t, sign, t.frame.variables[index], stop)

    def enter() -> None:
        t.at(node.target)
        assign_target(t, node.target, item(t.frame.variables[index]))
        round_begins(t, node)

    def advance() -> None:
        t.at(node.iter)
        variables = t.frame.variables
        variables[index] = t.emit(arithmetic.add, variables[index], constant(step, types.int64))
        count_on()

    run_loop(t, Loop(node, test, enter, advance, (index, *hidden), finish, marks))
    t.frame.variables.pop(index, None)


def _for_object(t: Tracer, node: ast.For, iterable: Value) -> None:
    """A loop over a Python object: its iterator is asked for one item after the other."""
    iterator, item = t.hidden("iterator"), t.hidden("item")
    variables = t.frame.variables
    variables[iterator] = t.emit(python.interpret, iterable, function=c_function(iter, "iter", node.lineno))
    end = Constant(types.object_, value=_END)
    following = c_function(next, "next", node.lineno, "rt.next")

    def test() -> Any:
        t.at(node.iter)
        variables = t.frame.variables
        variables[item] = t.emit(python.interpret, variables[iterator], end, function=following)
        return t.negate(t.emit(python.same_object, variables[item], end))

    def enter() -> None:
        t.at(node.target)
        assign_target(t, node.target, t.frame.variables.pop(item))
        round_begins(t, node)

    with tracked_loop(t, node, lambda: (ast.Name(iterator, ast.Load()), {iterator: t.frame.variables[iterator]})):
        run_loop(t, Loop(node, test, enter, lambda: None))
    for name in (iterator, item):
        t.frame.variables.pop(name, None)


_END = object()


# --- the general loop


def run_loop(t: Tracer, loop: Loop) -> None:
    """Trace a loop and what follows it."""
    frame = t.frame
    before = checkpoint(t)
    key = (frame.path, loop.node)
    lefts, breaks = _first_round(t, loop) if peels(t, loop.node) or _goes_once(loop.node) else ([], [])
    if not t.alive:
        _, earlier = _with_same_types(t, loop, [], breaks[:-1], breaks[-1:])
        _leave(t, loop, lefts, [*earlier, *breaks[-1:]])
        return
    entered = checkpoint(t)
    shapes = _entry_shapes(t, loop, t.settled.get(key, {}))
    while True:
        header, plan, context = _begin(t, loop, shapes)
        with any_round(t):
            left = _trace_round(t, loop, context)
        back = t.here() if t.alive else None
        wider = shapes if back is None else _joined(t, loop, shapes, back)
        if wider == shapes:
            break
        if _changes_type(shapes, wider) and peel(t, loop.node):
            restore(t, before)
            run_loop(t, loop)
            return
        shapes = wider
        restore(t, entered)
    t.settled[key] = {name: shape for (_, name), shape in shapes.items()}
    if back is not None:
        t.at(loop.node)
        arguments: list[Value] = []
        for frame, name, shape in plan:
            materialize(t, back.variables[frame].get(name, UNBOUND), shape, arguments)
        t.builder.jump(header, *arguments, **loop.marks)
    lefts, breaks = _with_same_types(t, loop, lefts, breaks, [s for s in (left, *context.breaks) if s is not None])
    _leave(t, loop, [*lefts, left], [*breaks, *context.breaks])


def _with_same_types(
    t: Tracer, loop: Loop, lefts: list[State | None], breaks: list[State], others: list[State]
) -> tuple[list[State | None], list[State]]:  # fmt: skip
    """The ways out of the first round whose variables have the types that they have on the other ways out. On those that have
    not, as where there is no round, the rest of the function is another one."""
    frame, live = t.frame, t.frame.scope.live_after[loop.node] | t.frame.scope.live_at_header[loop.node]
    expected = {name: settle(shape_of(others[0].variables[frame].get(name, UNBOUND))) for name in sorted(live)} if others else {}

    def stays(state: State, where: str) -> bool:
        found = state.variables[frame]
        if all(settle(shape_of(found.get(name, UNBOUND))) == shape for name, shape in expected.items()):
            return True
        t.resume(state) if state.block in t.graph.blocks else t.enter(state)
        t.at(loop.node)
        left = goes_on_apart(t, loop.node, where)
        t.builder.block = None
        return not left

    return [s for s in lefts if s is not None and stays(s, "else")], [s for s in breaks if stays(s, "after")]


def _first_round(t: Tracer, loop: Loop) -> tuple[list[State | None], list[State]]:
    """Trace the first round by itself, with the types that its variables have at the entry; how it leaves the loop."""
    context = LoopContext()
    left = _trace_round(t, loop, context)
    return [left], context.breaks


def _goes_once(node: ast.For | ast.While) -> bool:
    """Whether this is `while True: ... break`, as in what is left of a round: its variables need no type for all rounds."""
    if not isinstance(node, ast.While) or not isinstance(node.test, ast.Constant) or node.test.value is not True:
        return False
    return isinstance(node.body[-1], ast.Break) and not any(isinstance(jump, ast.Continue) for jump in jumps_of(node.body))


def _changes_type(shapes: dict[tuple[Frame, str], Any], wider: dict[tuple[Frame, str], Any]) -> bool:
    """Whether a variable that had a number's type at the entry gets another one."""
    return any(isinstance(settle(shape), Scalar) and wider[place] != shape for place, shape in shapes.items())


def _carried(t: Tracer, loop: Loop) -> list[tuple[Frame, str]]:
    """The variables that change from round to round and are needed in the next."""
    frame = t.frame
    scope = frame.scope
    live = scope.live_at_header[loop.node] | scope.captured
    names = [(frame, name) for name in sorted(scope.assigned[loop.node] & live & scope.locals)]
    names += [(frame, name) for name in loop.hidden]
    for other in (*t.frames[:-1], *t.kept):  # a nested function called in the loop may rebind theirs
        names += [(other, name) for name in sorted(other.scope.rebound_inside & other.scope.locals)]
    return names


def _entry_shapes(t: Tracer, loop: Loop, remembered: dict[str, Any]) -> dict[tuple[Frame, str], Any]:
    shapes = {}
    for frame, name in _carried(t, loop):
        shape = shape_of(frame.variables.get(name, UNBOUND))
        if name in remembered:
            try:
                shape = join_shapes(shape, remembered[name])
            except CannotJoin:
                pass  # another call path settled on something else: start afresh
        shapes[frame, name] = shape
    return shapes


def _begin(t: Tracer, loop: Loop, shapes: dict[tuple[Frame, str], Any]) -> tuple[Block, Plan, LoopContext]:
    """Jump from the entry to a new header block, and go on tracing there."""
    t.at(loop.node)
    plan: Plan = [(frame, name, settle(shape)) for (frame, name), shape in shapes.items()]
    arguments: list[Value] = []
    for frame, name, shape in plan:
        materialize(t, frame.variables.get(name, UNBOUND), shape, arguments)
    header = t.builder.new_block("loop", tuple(kind for _, _, shape in plan for kind in component_types(shape)))
    t.builder.jump(header, *arguments)
    t.start(header, t.variables())
    t.bind_parameters(header, plan)
    return header, plan, LoopContext()


def _trace_round(t: Tracer, loop: Loop, context: LoopContext) -> State | None:
    """Trace the test, the body and the step; the path that leaves through the test, if there is one."""
    t.at(loop.node)
    try:
        condition = loop.test()
    except PathEnded:
        t.builder.block = None
        return None
    left = None
    if isinstance(condition, Value):
        t.at(loop.node)
        body, left = t.fork(condition, "body", "exit")
        t.enter(body)
    elif not condition:
        left = t.here()
        t.builder.block = None
        return left
    _body(t, loop, context)
    return left


def _body(t: Tracer, loop: Loop, context: LoopContext) -> None:
    frame = t.frame
    frame.loops.append(context)
    try:
        loop.enter()
        t.execute(loop.node.body)
    except PathEnded:
        t.builder.block = None
    frame.loops.pop()
    ends = [*context.continues, *([t.here()] if t.alive else [])]
    t.join(ends, frame.scope.live_at_header[loop.node] | frame.scope.captured, "next")
    if t.alive:
        loop.step()


def _joined(t: Tracer, loop: Loop, shapes: dict[tuple[Frame, str], Any], back: State) -> dict[tuple[Frame, str], Any]:
    wider = {}
    for (frame, name), shape in shapes.items():
        binding = back.variables[frame].get(name, UNBOUND)
        try:
            joined = join_shapes(shape, settle(shape_of(binding)))
        except CannotJoin as conflict:
            t.at(loop.node)
            raise t.fail(
                errors.CannotUnify, name, describe(conflict.first), describe(conflict.second), in_loop=True
            ) from None
        # A literal stays one as long as all rounds bring its own type.
        wider[frame, name] = shape if settle(joined) == settle(shape) else joined
    return wider


def _leave(t: Tracer, loop: Loop, lefts: list[State | None], breaks: list[State]) -> None:
    """Trace `else`, and join the paths behind the loop."""
    scope = t.frame.scope
    ends = list(breaks)
    ended = [_ended(t, loop, left) for left in lefts if left is not None]
    if ended:
        if len(ended) == 1:
            t.resume(ended[0])
        else:
            t.join(ended, scope.live_at_header[loop.node] | scope.live_after[loop.node] | scope.captured, "exit")
        t.execute(loop.node.orelse)
        if t.alive:
            ends.append(t.here())
    t.at(loop.node)
    t.join(ends, scope.live_after[loop.node] | scope.captured, "after")


def _ended(t: Tracer, loop: Loop, left: State) -> State:
    """Where the test has ended the loop."""
    if left.block in t.graph.blocks:
        t.resume(left)
    else:
        t.enter(left)
    if isinstance(loop.node, ast.While):
        narrow(t, loop.node.test, False)
    if loop.finish is not None:
        t.at(loop.node)
        loop.finish()
    return t.here()


# --- loops over items known while tracing


def _unrolled(t: Tracer, node: ast.For, sequence: Sequence) -> None:
    """One copy of the body for each item, so that items may differ in type."""
    scope = t.frame.scope
    breaks: list[State] = []
    items = tuple(sequence.static_items)
    for number, item in enumerate(items, 1):
        context = LoopContext()
        t.frame.loops.append(context)
        t.at(node.target)
        with tracked_loop(t, node, functools.partial(rest_of_items, t, items[number:])):
            try:
                assign_target(t, node.target, item)
                round_begins(t, node)
                t.execute(node.body)
            except PathEnded:
                t.builder.block = None
        t.frame.loops.pop()
        breaks += context.breaks
        ends = [*context.continues, *([t.here()] if t.alive else [])]
        t.join(ends, scope.live_at_header[node] | scope.captured, "next")
        if not t.alive:
            break
    if t.alive:
        if sequence.finish is not None:
            sequence.finish()
        t.execute(node.orelse)
    ends = [*breaks, *([t.here()] if t.alive else [])]
    t.at(node)
    t.join(ends, scope.live_after[node] | scope.captured, "after")


# --- what is left of a loop


def rest_of_range(t: Any, index: Value, stop: Any, step: int) -> tuple[ast.expr, dict[str, Any]]:
    """What is left of `range(..., stop, step)` after the round of `index`."""
    prefix = t.hidden("rest")
    parts = {f"{prefix}.start": t.emit(arithmetic.add, index, constant(step, types.int64)), f"{prefix}.stop": t.lift(stop)}
    names = [ast.Name(name, ast.Load()) for name in parts]
    return ast.Call(ast.Name("range", ast.Load()), [*names, ast.Constant(step)], []), parts


def rest_of_items(t: Any, items: tuple[Any, ...]) -> tuple[ast.expr, dict[str, Any]]:
    """What is left of a loop over items known while tracing."""
    prefix = t.hidden("rest")
    parts = {f"{prefix}.{number}": item for number, item in enumerate(items)}
    return ast.Tuple([ast.Name(name, ast.Load()) for name in parts], ast.Load()), parts
