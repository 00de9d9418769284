"""Statements, except loops."""

from __future__ import annotations

import ast
import contextlib
from typing import Any

import numpy as np

from ir.graph import ExceptionTemplate, Value
from tracer import errors
from tracer.attributes import get_attribute
from tracer.displays import display, index_display
from tracer.expressions import make_closure, narrow, operator_name
from tracer.frames import PathEnded, State
from tracer.indexing import is_flag, one_for_each_axis
from tracer.iteration import display_items
from tracer.operators import binary, truth
from tracer.resuming import with_one_type
from tracer.storing import augment_where, checked_mask
from tracer.subscripts import get_item, set_item
from tracer.targets import assign_target
from tracer.tracing import Tracer, statement
from tracer.ufuncs import assign_operator
from tracer.values import UNBOUND, ExceptionValue, holds_object, is_array_value


@statement(ast.Expr)
def _expression_statement(t: Tracer, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):
        t.evaluate(node.value)


@statement(ast.Pass, ast.Nonlocal)
def _nothing(t: Tracer, node: ast.stmt) -> None:
    return None


@statement(ast.Global)
def _global(t: Tracer, node: ast.Global) -> None:
    """A `global` statement by itself only changes where names are looked up; assigning is refused there."""


# --- assignment


@statement(ast.Assign)
def _assign(t: Tracer, node: ast.Assign) -> None:
    value = _assigned(t, node)
    for target in node.targets:
        assign_target(t, target, value)


def _assigned(t: Tracer, node: ast.Assign) -> Any:
    """The right side. A list display that is stored into arrays, or unpacked, is as good as a tuple."""
    if all(isinstance(target, (ast.Subscript, ast.Attribute)) for target in node.targets):
        return display(t, node.value)
    if isinstance(node.value, ast.List) and all(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets):
        return display_items(t, node.value.elts)
    return t.evaluate(node.value)


@statement(ast.AugAssign)
def _augmented(t: Tracer, node: ast.AugAssign) -> None:
    name = operator_name(node.op)
    target = node.target
    if isinstance(target, ast.Name):
        t.at(target)
        old = t.read(target.id)
        value = t.evaluate(node.value)
        t.at(node)
        if is_array_value(old):
            assign_operator(t, name, old, value)
        else:
            t.assign(target.id, binary(t, name, old, value))
    elif isinstance(target, ast.Subscript):
        _augmented_item(t, node, name, target)
    elif isinstance(target, ast.Attribute):
        _augmented_attribute(t, node, name, target)
    else:
        t.at(target)
        raise t.fail(errors.UnsupportedTarget)


def _augmented_item(t: Tracer, node: ast.AugAssign, name: str, target: ast.Subscript) -> None:
    container = t.evaluate(target.value)
    index = index_display(t, container, target.slice)
    t.at(target)
    mask = None
    if is_array_value(container) and not _is_view(container, index) and not any(isinstance(inner, ast.Call) for inner in ast.walk(node.value)):
        mask = checked_mask(t, container, index)
    if mask is not None:
        # The operand cannot write into the array, so it may as well be evaluated before the items are read.
        value = t.evaluate(node.value)
        t.at(node)
        if augment_where(t, name, container, mask, value):
            return
        old = get_item(t, container, index)
    else:
        old = get_item(t, container, index)
        value = t.evaluate(node.value)
        t.at(node)
    if not is_array_value(old):
        set_item(t, container, index, binary(t, name, old, value))
        return
    assign_operator(t, name, old, value)
    if not _is_view(container, index):
        set_item(t, container, index, old)


def _augmented_attribute(t: Tracer, node: ast.AugAssign, name: str, target: ast.Attribute) -> None:
    """`array.real += value`: the attribute is a view."""
    container = t.evaluate(target.value)
    t.at(target)
    if not is_array_value(container) or target.attr not in ("real", "imag"):
        raise t.fail(errors.UnsupportedTarget)
    part = get_attribute(t, container, target.attr)
    value = t.evaluate(node.value)
    t.at(node)
    assign_operator(t, name, part, value)


def _is_view(container: Any, index: Any) -> bool:
    """Whether `container[index]` shares the memory of the container: it does unless there is a sequence or a boolean in the index."""
    return not any(isinstance(part, (list, tuple, np.ndarray)) or is_array_value(part) or is_flag(part) for part in one_for_each_axis(index))


@statement(ast.AnnAssign)
def _annotated(t: Tracer, node: ast.AnnAssign) -> None:
    """Annotations of local variables mean nothing in Python, and are not even evaluated."""
    if node.value is None:
        return
    value = t.evaluate(node.value)
    if holds_object(value) and isinstance(node.target, ast.Name) and t.object_mode is not None:
        value = t.object_mode.declared(t, node, value)
    assign_target(t, node.target, value)


@statement(ast.Delete)
def _delete(t: Tracer, node: ast.Delete) -> None:
    for target in node.targets:
        t.at(target)
        if not isinstance(target, ast.Name):
            raise t.fail(errors.UnsupportedTarget)
        t.read(target.id)
        if t.object_mode is not None and t.object_mode.deleted(t, target.id):
            continue
        owner = t.frame.owner(target.id)
        if owner is None:
            raise t.fail(errors.AssignsCell, target.id)
        owner.variables[target.id] = UNBOUND


# --- control


@statement(ast.If)
def _if(t: Tracer, node: ast.If) -> None:
    t.at(node)
    condition = truth(t, t.evaluate(node.test))
    if not isinstance(condition, Value):
        narrow(t, node.test, bool(condition))
        t.execute(node.body if condition else node.orelse)
        return
    t.at(node)
    ends: list[State] = []
    for state, body, holds in zip(t.fork(condition), (node.body, node.orelse), (True, False)):
        t.enter(state)
        narrow(t, node.test, holds)
        t.execute(body)
        if t.alive:
            ends.append(t.here())
    t.at(node)
    scope = t.frame.scope
    t.join(with_one_type(t, node, ends), scope.live_after[node] | scope.captured)


@statement(ast.Return)
def _return(t: Tracer, node: ast.Return) -> None:
    result = None if node.value is None else t.evaluate(node.value)
    t.at(node)
    if t.object_mode is not None:
        t.object_mode.returns(t, result)
    t.frame.returns.append((t.here(), result, node))
    t.builder.block = None


@statement(ast.Break)
def _break(t: Tracer, node: ast.Break) -> None:
    t.frame.loops[-1].breaks.append(t.here())
    t.builder.block = None


@statement(ast.Continue)
def _continue(t: Tracer, node: ast.Continue) -> None:
    t.frame.loops[-1].continues.append(t.here())
    t.builder.block = None


@statement(ast.FunctionDef)
def _function_definition(t: Tracer, node: ast.FunctionDef) -> None:
    function: Any = make_closure(t, node, node.name)
    for decorator in reversed([t.evaluate(d) for d in node.decorator_list]):
        t.at(node)
        function = t.call(decorator, (function,), {})
    t.at(node)
    t.assign(node.name, function)


# --- exceptions


@statement(ast.Raise)
def _raise(t: Tracer, node: ast.Raise) -> None:
    if node.exc is None:
        t.at(node)
        t.raise_(RuntimeError, "No active exception to reraise")
        return
    if isinstance(node.exc, ast.IfExp):
        _raise_one_of(t, node, node.exc)
        return
    exception = t.evaluate(node.exc)
    cause = UNBOUND if node.cause is None else t.evaluate(node.cause)
    t.at(node)
    raise_exception(t, exception, cause)


def _raise_one_of(t: Tracer, node: ast.Raise, choice: ast.IfExp) -> None:
    """`raise A(x) if c else B(x)`: exceptions exist only once they are raised, so each arm raises its own."""
    arms = [ast.copy_location(ast.Raise(arm, node.cause), node) for arm in (choice.body, choice.orelse)]
    condition = truth(t, t.evaluate(choice.test))
    t.at(node)
    if not isinstance(condition, Value):
        _raise(t, arms[0 if condition else 1])
        return
    for state, arm in zip(t.fork(condition), arms):
        t.enter(state)
        _raise(t, arm)


def raise_exception(t: Tracer, exception: Any, cause: Any = UNBOUND) -> None:
    """End the path with an exception class, an exception made by traced code, or one that existed before."""
    if holds_object(exception) or holds_object(cause):
        raise t.fail(errors.NotAValue, "an exception made by the interpreter")
    if isinstance(exception, ExceptionValue):
        t.raise_(exception.exception_class, *exception.arguments, cause=cause)
    elif isinstance(exception, type) and issubclass(exception, BaseException):
        t.raise_(exception, cause=cause)
    elif isinstance(exception, BaseException):
        t.leaves()
        t.builder.raise_(ExceptionTemplate(type(exception), instance=exception))
    else:
        t.raise_(TypeError, "exceptions must derive from BaseException")


@statement(ast.Assert)
def _assert(t: Tracer, node: ast.Assert) -> None:
    if not __debug__:
        return
    condition = truth(t, t.evaluate(node.test))
    t.at(node)
    if not isinstance(condition, Value):
        if not condition:
            _fail_assertion(t, node)
        return
    holds, fails = t.fork(condition, "next", "raise")
    t.enter(fails)
    narrow(t, node.test, False)
    with contextlib.suppress(PathEnded):  # the message may raise
        _fail_assertion(t, node)
    t.enter(holds)
    narrow(t, node.test, True)


def _fail_assertion(t: Tracer, node: ast.Assert) -> None:
    arguments = () if node.msg is None else (t.evaluate(node.msg),)
    t.at(node)
    t.raise_(AssertionError, *arguments)

