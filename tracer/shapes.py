"""Shapes: what a variable must look like where several paths meet, and the conversions to it.

A shape is an `ir` Type (a run-time value), `Literal` (a known number that may still become another type), a
`TupleShape`, a `MaybeShape` (bound on some paths), or a `StaticShape` (the same Python object on every path).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ir import types
from ir.builder import constant
from ir.graph import Constant, Value
from ir.ops import aggregate, array, compare, convert, python
from ir.records import RecordItem
from ir.types import Array, Complex, Float, Integer, NoneType, Object, Optional, Scalar, Tuple, Type
from tracer.frames import enclosing_frame
from tracer.scope import function_scope
from tracer.time_values import cast_time
from tracer.values import UNBOUND, Closure, Maybe, SliceParts, as_tuple, is_symbolic, make_tuple

if TYPE_CHECKING:
    from tracer.tracing import Tracer


class Shape:
    """What a variable looks like to a join: compared by the fields, which are the `__slots__` of the class."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, *values: Any) -> None:
        for name, value in zip(self.__slots__, values, strict=True):
            setattr(self, name, value)

    def _fields(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((type(self), self._fields()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._fields()))})"


class Literal(Shape):
    """A number known while tracing. It takes another number type if that represents it exactly."""

    __slots__ = ("value", "type")
    value: Any
    type: Scalar

    def __str__(self) -> str:
        return str(self.type)


class TupleShape(Shape):
    """A tuple, or a named tuple of the class `instance_class`, item by item."""

    __slots__ = ("instance_class", "items")
    instance_class: type
    items: tuple[Any, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.items))}{',' * (len(self.items) == 1)})"


class DictShape(Shape):
    """The keyword arguments that `**kwargs` collected: static names, each with the shape of its value."""

    __slots__ = ("names", "items")
    names: tuple[str, ...]
    items: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{{{', '.join(f'{n}: {s}' for n, s in zip(self.names, self.items))}}}"


class ClosureShape(Shape):
    """A nested function that sees run-time values: its definition, and the shapes of what it captures.

    Passed to a graph, the captured values become parameters, and the function is made again around them.
    """

    __slots__ = ("node", "qualified_name", "names", "items", "outer")
    node: Any
    qualified_name: str
    names: tuple[str, ...]
    items: tuple[Any, ...]
    outer: Any  # the frame of the real function around it, for globals and cells

    def with_items(self, items: tuple[Any, ...]) -> ClosureShape:
        """The same function with what it captures in these shapes."""
        return ClosureShape(self.node, self.qualified_name, self.names, items, self.outer)

    def __str__(self) -> str:
        return f"the function {self.qualified_name}"


class EnclosingShape(Shape):
    """The nested function itself, or one around it, where it captures its own name: the place in the nest."""

    __slots__ = ("depth",)
    depth: int


class MaybeShape(Shape):
    """A variable bound on some paths; `shape` is None while nothing is known but that it may be unbound."""

    __slots__ = ("shape",)
    shape: Any

    def __str__(self) -> str:
        return f"{self.shape} or unbound"


class StaticShape(Shape):
    """One Python object, the same on every path."""

    __slots__ = ("value",)
    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StaticShape) and same_static(self.value, other.value)

    def __hash__(self) -> int:
        try:
            return hash(self.value)
        except TypeError:  # not hashable: then only the same object is equal
            return id(self.value)

    def __str__(self) -> str:
        name = getattr(self.value, "qualified_name", None) or getattr(self.value, "__qualname__", None)
        return f"the {'class' if isinstance(self.value, type) else 'function'} {name}" if name else repr(self.value)


class CannotJoin(Exception):
    """Two shapes have no common one. The tracer adds the variable and the places."""

    def __init__(self, first: Any, second: Any) -> None:
        super().__init__(first, second)
        self.first, self.second = first, second


def same_static(a: Any, b: Any) -> bool:
    """Whether two static objects are interchangeable: identical, or equal immutable values of one class."""
    if a is b:
        return True
    if type(a) is not type(b) or not isinstance(a, (int, float, complex, str, bytes, tuple, frozenset, Type, np.generic)):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same_static, a, b))
    return repr(a) == repr(b)


def is_number(value: Any) -> bool:
    """Whether a static object is a number that has a type here."""
    return type(value) in _NUMBER_TYPES or type(value) in _TIME_CLASSES


_NUMBER_TYPES: dict[type, Scalar] = {types.class_of(t): t for t in types.SCALARS}
# C's `long long` is a class of its own where `long` has 64 bits too.
_NUMBER_TYPES.setdefault(np.longlong, types.np_int64)
_NUMBER_TYPES.setdefault(np.ulonglong, types.uint64)
_TIME_CLASSES = (np.datetime64, np.timedelta64)


def number_type(value: Any) -> Scalar:
    """The type of a static number."""
    return _NUMBER_TYPES.get(type(value)) or types.from_dtype(value.dtype)


def shape_of(binding: Any) -> Any:
    """The shape that a binding has now."""
    if isinstance(binding, Constant) and isinstance(binding.type, Scalar):
        return Literal(binding.value, binding.type)
    if isinstance(binding, Value):
        return binding.type
    if isinstance(binding, tuple):
        return TupleShape(type(binding), tuple(map(shape_of, binding)))
    if isinstance(binding, Maybe):
        return MaybeShape(shape_of(binding.value))
    if isinstance(binding, dict) and any(map(is_symbolic, binding.values())):
        return DictShape(tuple(binding), tuple(map(shape_of, binding.values())))
    if binding is UNBOUND:
        return MaybeShape(None)
    if isinstance(binding, Closure):
        return _closure_shape(binding, ())
    if binding is None:
        return types.none
    if is_number(binding):
        return Literal(binding, number_type(binding))
    return StaticShape(binding)


def captured(closure: Closure) -> dict[str, Any]:
    """What a nested function sees of the variables around it."""
    seen = {}
    for name in sorted(function_scope(closure.node).free):
        owner = closure.frame.owner(name)
        if owner is not None and name in owner.variables:
            seen[name] = owner.variables[name]
    return seen


def _closure_shape(closure: Closure, around: tuple[Closure, ...]) -> Any:
    """StaticShape for a function that captures nothing known only at run time."""
    nest = (*around, closure)
    variables = captured(closure)
    items = [_captured_shape(binding, nest) for binding in variables.values()]
    defaults = [shape_of(d) for d in (*closure.defaults, *closure.keyword_defaults.values())]
    if all(isinstance(s, (StaticShape, EnclosingShape, Literal)) or s is types.none for s in (*items, *defaults)):
        return StaticShape(closure)
    names = (*variables, *(f"default {i}" for i in range(len(defaults))))
    outer = closure.frame.outermost()
    return ClosureShape(closure.node, closure.qualified_name, names, (*items, *defaults), outer.origin or outer)


def _captured_shape(binding: Any, nest: tuple[Closure, ...]) -> Any:
    if not isinstance(binding, Closure):
        return shape_of(binding)
    for depth, outer in enumerate(nest):
        if outer.node is binding.node:
            return EnclosingShape(depth)
    return _closure_shape(binding, nest)


def settle(shape: Any) -> Any:
    """The shape with literals as run-time values of their types: what a loop variable starts with."""
    if isinstance(shape, Literal):
        return shape.type
    if isinstance(shape, TupleShape):
        return TupleShape(shape.instance_class, tuple(map(settle, shape.items)))
    if isinstance(shape, DictShape):
        return DictShape(shape.names, tuple(map(settle, shape.items)))
    if isinstance(shape, ClosureShape):
        return shape.with_items(tuple(map(settle, shape.items)))
    if isinstance(shape, MaybeShape):
        return MaybeShape(settle(shape.shape))
    return shape


def join_shapes(a: Any, b: Any) -> Any:
    """The smallest shape that holds both, or CannotJoin."""
    if a == b:
        return a
    if isinstance(a, MaybeShape) or isinstance(b, MaybeShape):
        inner = [s.shape if isinstance(s, MaybeShape) else s for s in (a, b)]
        known = [s for s in inner if s is not None]
        return MaybeShape(join_shapes(*known) if len(known) == 2 else known[0] if known else None)
    if isinstance(a, TupleShape) and isinstance(b, TupleShape):
        if a.instance_class is not b.instance_class or len(a.items) != len(b.items):
            raise CannotJoin(a, b)
        return TupleShape(a.instance_class, tuple(map(join_shapes, a.items, b.items)))
    if isinstance(a, Literal) or isinstance(b, Literal):
        return _join_literal(a, b)
    a, b = as_type(a, a, b), as_type(b, a, b)
    return join_types(a, b)


def as_type(shape: Any, first: Any = None, second: Any = None) -> Type:
    """The type of a run-time value of this shape, or CannotJoin for what cannot be one."""
    if isinstance(shape, Type):
        return shape
    if isinstance(shape, Literal):
        return shape.type
    if isinstance(shape, TupleShape):
        items = tuple(map(as_type, shape.items))
        if shape.instance_class is SliceParts:
            return types.Slice(items)
        if shape.instance_class is tuple:
            return Tuple(items)
        return types.NamedTuple(items, shape.instance_class)
    if isinstance(shape, StaticShape) and type(shape.value) is slice:
        return as_type(shape_of(as_tuple(shape.value)))
    raise CannotJoin(first or shape, second or shape)


def _join_literal(a: Any, b: Any) -> Any:
    if isinstance(a, Literal) and isinstance(b, Literal):
        return join_types(a.type, b.type)
    literal, other = (a, b) if isinstance(a, Literal) else (b, a)
    target = other.value if isinstance(other, Optional) else other
    if isinstance(target, Scalar) and not isinstance(literal.value, np.generic) and represents(target, literal.value):
        return other
    return join_types(literal.type, as_type(other, a, b))


def represents(target: Scalar, value: Any) -> bool:
    """Whether `target` holds the number exactly and without a change of its kind, as 0 and 0.5 in float32."""
    if isinstance(value, (bool, np.bool_)) and not isinstance(target, types.Boolean):
        return False
    if isinstance(target, types.Time) or isinstance(value, _TIME_CLASSES):
        return isinstance(value, _TIME_CLASSES) and types.from_dtype(value.dtype) is target
    if isinstance(target, Integer):
        return isinstance(value, (int, np.integer)) and target.minimum <= value <= target.maximum
    if isinstance(target, types.Boolean):
        return isinstance(value, (bool, np.bool_))
    if isinstance(target, Float) and isinstance(value, (complex, np.complexfloating)):
        return False
    with np.errstate(all="ignore"):
        held = types.dtype_of(target).type(value)
    return bool(held == value or held != held)


def join_types(a: Type, b: Type) -> Type:
    """The smallest type that holds values of both, or CannotJoin."""
    if a is b:
        return a
    if isinstance(a, Object) or isinstance(b, Object):
        return types.object_
    if isinstance(a, NoneType) or isinstance(b, NoneType):
        other = b if isinstance(a, NoneType) else a
        return other if isinstance(other, Optional) else Optional(other)
    if isinstance(a, Optional) or isinstance(b, Optional):
        inner = [t.value if isinstance(t, Optional) else t for t in (a, b)]
        return Optional(join_types(*inner))
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return _join_scalars(a, b)
    if isinstance(a, Tuple) and isinstance(b, Tuple) and len(a) == len(b) and _same_class(a, b):
        return a.with_items(map(join_types, a.items, b.items))
    if isinstance(a, Array) and isinstance(b, Array) and a.dtype is b.dtype and a.ndim == b.ndim:
        if isinstance(a, RecordItem) or isinstance(b, RecordItem):
            return RecordItem(a.dtype, a.readonly or b.readonly, a.aligned and b.aligned)
        layout = a.layout if a.layout == b.layout else "A"
        return Array(a.dtype, a.ndim, layout, a.readonly or b.readonly, a.aligned and b.aligned)
    raise CannotJoin(a, b)


def _same_class(a: Tuple, b: Tuple) -> bool:
    return getattr(a, "instance_class", tuple) is getattr(b, "instance_class", tuple)


_WEAK_ORDER = (types.boolean, types.int64, types.float64, types.complex128)


def _join_scalars(a: Scalar, b: Scalar) -> Scalar:
    if a.weak and b.weak:
        return max(a, b, key=_WEAK_ORDER.index)
    try:
        return types.from_dtype(np.promote_types(types.dtype_of(a), types.dtype_of(b)))
    except TypeError:  # times and other numbers, or units without a common one
        raise CannotJoin(a, b) from None


def materialize(tracer: Tracer, binding: Any, shape: Any, into: list[Value]) -> None:
    """Append the run-time values that carry `binding` in `shape`, converting in the current block."""
    if isinstance(shape, (StaticShape, EnclosingShape)):
        return
    if isinstance(shape, ClosureShape):
        values = (*captured(binding).values(), *binding.defaults, *binding.keyword_defaults.values())
        for item, item_shape in zip(values, shape.items):
            materialize(tracer, item, item_shape, into)
        return
    if isinstance(shape, (TupleShape, DictShape)):
        items = binding.values() if isinstance(binding, dict) else as_tuple(binding)
        for item, item_shape in zip(items, shape.items):
            materialize(tracer, item, item_shape, into)
    elif isinstance(shape, MaybeShape):
        _materialize_maybe(tracer, binding, shape, into)
    else:
        into.append(convert_to(tracer, binding, as_type(shape)))


def _materialize_maybe(tracer: Tracer, binding: Any, shape: MaybeShape, into: list[Value]) -> None:
    if isinstance(binding, Maybe):
        bound, value = binding.bound, binding.value
    else:
        bound, value = constant(binding is not UNBOUND, types.boolean), binding
    into.append(bound)
    if value is UNBOUND:
        into.extend(tracer.emit(aggregate.undefined, to=t) for t in component_types(shape.shape))
    elif shape.shape is not None:
        materialize(tracer, value, shape.shape, into)


def component_types(shape: Any) -> Iterator[Type]:
    """The types of the values that `materialize` appends for a shape."""
    if isinstance(shape, (TupleShape, DictShape, ClosureShape)):
        for item in shape.items:
            yield from component_types(item)
    elif isinstance(shape, MaybeShape):
        yield types.boolean
        yield from component_types(shape.shape)
    elif shape is not None and not isinstance(shape, (StaticShape, EnclosingShape)):
        yield as_type(shape)


def rebuild(tracer: Tracer, shape: Any, values: Iterator[Value], nest: tuple[Closure, ...] = ()) -> Any:
    """The binding of this shape made of the values that `materialize` gave, or block parameters for them.

    `nest` are the nested functions that are being made around it.
    """
    if isinstance(shape, StaticShape):
        return shape.value
    if isinstance(shape, EnclosingShape):
        return nest[shape.depth]
    if isinstance(shape, ClosureShape):
        return _rebuild_closure(tracer, shape, values, nest)
    if isinstance(shape, TupleShape):
        return make_tuple(shape.instance_class, [rebuild(tracer, s, values) for s in shape.items])
    if isinstance(shape, DictShape):
        return {name: rebuild(tracer, s, values) for name, s in zip(shape.names, shape.items)}
    if isinstance(shape, MaybeShape):
        bound = next(values)
        value = UNBOUND if shape.shape is None else rebuild(tracer, shape.shape, values)
        return UNBOUND if value is UNBOUND else Maybe(value, bound)
    return tracer.explode(next(values))


def _rebuild_closure(tracer: Tracer, shape: ClosureShape, values: Iterator[Value], nest: tuple[Closure, ...]) -> Closure:
    """The nested function around new values, in a frame that holds nothing but these."""
    own = [name for name in shape.names if not name.startswith("default ")]
    frame = enclosing_frame(shape.outer, own)
    closure = Closure(shape.node, frame, (), {}, shape.qualified_name)
    items = [rebuild(tracer, item, values, (*nest, closure)) for item in shape.items]
    frame.variables = dict(zip(own, items))
    tracer.kept.append(frame)
    defaults = items[len(own) :]
    named = [a.arg for a, d in zip(shape.node.args.kwonlyargs, shape.node.args.kw_defaults) if d is not None]
    count = len(defaults) - len(named)
    closure.defaults, closure.keyword_defaults = tuple(defaults[:count]), dict(zip(named, defaults[count:]))
    return closure


def convert_to(tracer: Tracer, binding: Any, to: Type) -> Value:
    """The binding as one run-time value of the type `to`, which its shape joins to."""
    if isinstance(binding, Value) and binding.type is to:
        return binding
    if isinstance(to, Object):
        return _to_object(tracer, binding)
    if isinstance(to, Optional):
        return _to_optional(tracer, binding, to)
    if isinstance(to, Tuple):
        items = given if isinstance(given := as_tuple(binding), tuple) else tracer.explode(binding)
        return tracer.emit(aggregate.tuple_make, *(convert_to(tracer, b, t) for b, t in zip(items, to.items)), to=to)
    if binding is None or isinstance(to, NoneType):
        return Constant(types.none, value=None)
    value = tracer.lift(binding)
    if isinstance(to, Scalar):
        return cast_scalar(tracer, value, to)
    return tracer.emit(array.relax, value, to=to) if value.type is not to else value


def _to_object(tracer: Tracer, binding: Any) -> Value:
    if not is_symbolic(binding):
        return Constant(types.object_, value=binding)
    value = tracer.lift(binding)
    if isinstance(value, Constant):
        return Constant(types.object_, value=value.value)
    return value if isinstance(value.type, Object) else tracer.emit(python.box, value)


def cast_scalar(tracer: Tracer, value: Value, to: Scalar) -> Value:
    """A number converted to another number type without any check; constants at once."""
    if value.type is to:
        return value
    if isinstance(to, types.Time) or isinstance(value.type, types.Time):
        return cast_time(tracer, value, to)
    if isinstance(to, Complex) and not isinstance(value.type, Complex):
        real = cast_scalar(tracer, value, to.part)
        return tracer.emit(aggregate.complex_make, real, constant(0.0, to.part))
    if isinstance(value, Constant):
        return Constant(to, value=convert.cast.reference({"to": to}, value.value))
    return tracer.emit(convert.cast, value, to=to)


def _to_optional(tracer: Tracer, binding: Any, to: Optional) -> Value:
    if binding is None or (isinstance(binding, Value) and isinstance(binding.type, NoneType)):
        return tracer.emit(aggregate.optional_nothing, to=to)
    if isinstance(binding, Value) and isinstance(binding.type, Optional):
        inner = tracer.emit(aggregate.optional_value, binding)
        some = tracer.emit(aggregate.optional_some, convert_to(tracer, tracer.explode(inner), to.value))
        has = tracer.emit(aggregate.optional_has, binding)
        return tracer.emit(compare.select, has, some, tracer.emit(aggregate.optional_nothing, to=to))
    return tracer.emit(aggregate.optional_some, convert_to(tracer, binding, to.value))


def describe(shape: Any) -> str:
    """How an error names a shape."""
    if isinstance(shape, MaybeShape):
        return "unbound" if shape.shape is None else describe(shape.shape)
    return str(shape)


__all__ = [
    "CannotJoin", "Literal", "MaybeShape", "StaticShape", "TupleShape", "as_type", "cast_scalar", "component_types", "convert_to",
    "describe", "is_number", "join_shapes", "join_types", "materialize", "number_type", "rebuild", "represents", "same_static",
    "settle", "shape_of",
]  # fmt: skip
