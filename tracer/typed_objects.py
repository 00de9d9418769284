"""Objects that get a type: by a conversion, an annotation, or a block with declared types.

What the interpreter gives is an object. `float(x)`, `bool(x)`, `complex(x)` and `len(x)` of one have one type, whatever x is.
`q: types.float64[:, :] = f(a)` declares a type in object mode, where Python itself ignores what is written there. In

    with objmode(q="float64[:, ::1]"):
        q = f(a)

the interpreter does the block, also in `njit`, and `q` has the type behind it.
"""

from __future__ import annotations

import ast
import builtins
import functools
from typing import Any

import numpy as np

from ir import types
from ir.graph import Value
from ir.on_demand import OnDemand
from ir.ops import aggregate, python
from ir.types import Type
from tracer import errors
from tracer.errors import TracerError
from tracer.interpreted import Segment
from tracer.segments import Segments
from tracer.tracing import Tracer, statement
from tracer.typeof import UnsupportedValue, typeof
from tracer.values import Maybe

notation = OnDemand("tracer.notation")
callees = OnDemand("tracer.callees")

_RESULTS: dict[Any, Type] = {
    float: types.float64, bool: types.boolean, complex: types.complex128, len: types.int64, int: types.int64,
}  # fmt: skip


def converted(t: Tracer, node: ast.expr, value: Value) -> Any:
    """The object that an interpreted expression gave, typed where it is a conversion.

    An int has any size in Python: `int(x)` is typed in loops alone, where an int beyond 64 bits raises OverflowError.
    """
    function = _called(t, node)
    if function is int and not t.loops_around():
        return value
    kind = _RESULTS.get(function) if isinstance(function, (type, type(len))) else None
    if kind is None:
        return value
    matches, typed = _unboxed(t, value, kind, relaxed=False)
    if kind is types.int64:
        t.raise_if(t.negate(matches), OverflowError, "int too large for 64 bits")
    return typed


_MAKERS = (np.array, np.asarray, np.ascontiguousarray, np.asfortranarray)


def makes_array(t: Tracer, node: ast.stmt) -> bool:
    """Whether a statement assigns `np.asarray(x, dtype=...)` or the like: an array of this dtype, whatever x is."""
    call = node.value if isinstance(node, ast.Assign) else None
    if not isinstance(call, ast.Call) or (len(call.args) < 2 and all(k.arg != "dtype" for k in call.keywords)):
        return False
    function = callees.static_callee(t, call.func)
    return any(function is maker for maker in _MAKERS)


def _called(t: Tracer, node: ast.expr) -> Any:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or t.frame.owner(node.func.id) is not None:
        return None
    return t.frame.lookup_outside(node.func.id)


def _unboxed(t: Tracer, value: Value, kind: Type, relaxed: bool) -> tuple[Value, Any]:
    pair = t.emit(python.unbox_like if relaxed else python.unbox, value, to=kind)
    matches, typed = (t.emit(aggregate.tuple_item, pair, index=i) for i in range(2))
    return matches, t.explode(typed)


def declared(t: Tracer, name: str, value: Value, kind: Type) -> Any:
    """The value of an object that was declared to have a type, after a check that raises TypeError."""
    matches, typed = _unboxed(t, value, kind, relaxed=True)
    holds, fails = t.fork(matches, "typed", "raise")
    t.enter(fails)
    text = Segment(functools.partial(_mismatch, name, kind), f"type({name})", t.node.lineno, "", "", False)
    t.raise_(TypeError, t.emit(python.interpret, value, function=text))
    t.enter(holds)
    return typed


def _mismatch(name: str, kind: Type, value: Any) -> str:
    try:
        found = str(typeof(value))
    except UnsupportedValue:
        found = type(value).__qualname__
    return f"{name} is declared {kind}, and got {found}"


def annotation_type(t: Tracer, node: ast.AnnAssign) -> Type | None:
    """The type that an annotation names, if it is one of ours: annotations of any other kind mean nothing."""
    written = node.annotation
    root: Any = written
    while isinstance(root, (ast.Attribute, ast.Subscript, ast.Call)):
        root = root.func if isinstance(root, ast.Call) else root.value
    if not isinstance(root, ast.Name) or t.frame.owner(root.id) is not None:
        return None
    start = t.frame.lookup_outside(root.id)
    if not (isinstance(start, Type) or getattr(start, "__name__", "") in ("tracer", "tracer.types")):
        return None
    outer = t.frame.outermost()
    code = compile(ast.Expression(written), t.frame.filename, "eval")
    try:
        found = eval(code, {**vars(builtins), **outer.globals, **outer.cells})
    except (TypeError, AttributeError, ValueError, TracerError) as error:
        t.at(written)
        raise t.fail(errors.StaticError, f"{type(error).__name__}: {error}") from None
    return found if isinstance(found, Type) else None


class objmode:  # noqa: N801  (Numba's name)
    """`with objmode(q="float64[:, ::1]"):` has the interpreter do the block, in compiled code. The keywords are the types
    of the variables that the block sets and the code behind it reads: text, or types. TypeError at run time where a variable
    has another type. In Python itself the block is run as it is."""

    def __init__(self, **declarations: Any) -> None:
        self.types = {name: notation.as_type(written) for name, written in declarations.items()}

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: Any) -> None:
        return None


@statement(ast.With)
def _with(t: Tracer, node: ast.With) -> None:
    """Blocks of objmode; no other context manager can be traced."""
    kinds = _declarations(t, node)
    if kinds is None or t.frame.function is None:
        raise t.missing_syntax(node)
    segments = Segments(t.frame.function) if t.object_mode is None else t.object_mode.segments
    body = ast.copy_location(ast.If(ast.copy_location(ast.Constant(True), node), node.body, []), node)
    segments.interpret_statement(t, body, node)
    for name, kind in kinds.items():
        t.at(node)
        value = t.frame.variables.get(name)
        if isinstance(value, Maybe):
            value = t.read(name)
        if not isinstance(value, Value):
            raise t.fail(errors.NameNotDefined, name, t.frame.known_names())
        t.assign(name, declared(t, name, value, kind))


def _declarations(t: Tracer, node: ast.With) -> dict[str, Type] | None:
    context = node.items[0].context_expr
    if len(node.items) != 1 or not isinstance(context, ast.Call) or context.args or t.evaluate(context.func) is not objmode:
        return None
    written = {k.arg: t.evaluate(k.value) for k in context.keywords if k.arg is not None}
    t.at(context)
    try:
        return {name: notation.as_type(kind) for name, kind in written.items()}
    except TracerError as error:
        raise t.fail(errors.StaticError, f"objmode: {error}") from None
