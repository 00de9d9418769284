"""Conversions of one value: to an array's item type, to an index, to Python's number types."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from ir import types
from ir.builder import constant
from ir.graph import Constant, Value
from ir.ops import aggregate, arithmetic, array
from ir.types import Array, Boolean, Complex, Float, Integer, Scalar, Time
from tracer import errors
from tracer.extending import kind_of
from tracer.frames import PathEnded
from tracer.operators import apply, check_fits, truth
from tracer.shapes import cast_scalar, is_number
from tracer.time_values import keeps_kind, times
from tracer.tracing import Tracer
from tracer.values import is_array_value, is_symbolic


def is_scalar(binding: Any) -> bool:
    """Whether the binding is a number, known or not."""
    return is_number(binding) or (isinstance(binding, Value) and isinstance(binding.type, Scalar))


def to_item(t: Tracer, binding: Any, to: Scalar) -> Value:
    """A number as `array[i] = binding` and `np.int8(binding)` convert it: Python's numbers are checked,
    NumPy's are cast."""
    binding = t.unwrap(binding, f"a value of type {to.name} is required, not 'NoneType'")
    if not is_scalar(binding):
        raise t.fail(errors.NotANumber, operands=(binding,))
    value = t.lift(binding)
    source = value.type
    if isinstance(to, Time) and isinstance(source, Float) and source.weak:
        t.raise_(ValueError, f"Could not convert object to NumPy {to.kind.removesuffix('64')}")
        raise PathEnded
    if isinstance(to, Time) and isinstance(source, Time) and not keeps_kind(source, to):
        return t.lift(t.call(times.make_time, (to, value), {}))
    if isinstance(to, Boolean):
        return cast_scalar(t, t.lift(truth(t, value)), to)
    if isinstance(source, Complex) and not isinstance(to, Complex):
        if source.weak:
            raise t.fail(errors.StaticError, f"TypeError: a complex number cannot be converted to {to.name}")
        value = t.emit(aggregate.complex_real, value)
        source = value.type
    if isinstance(to, Integer) and source.weak:
        if isinstance(source, Float):
            value = t.lift(apply(t, "int", kind_of(source), value))
        if value.type is types.int64 and to is not types.np_int64:
            check_fits(t, value, to)
    return cast_scalar(t, value, to)


def to_index(t: Tracer, binding: Any) -> Value:
    """An index as int64."""
    binding = t.unwrap(binding, "indices must be integers, not NoneType")
    value = t.lift(binding) if is_scalar(binding) else None
    if value is None or not isinstance(value.type, Integer):
        if isinstance(value, Value) and value.type is types.boolean and isinstance(binding, (bool, Constant)):
            return constant(int(t.known(binding)), types.int64)
        raise t.fail(errors.BadIndex, operands=(binding,), nodes=_index_nodes(t))
    if value.type is types.uint64:
        value = t.emit(arithmetic.minimum, value, constant(types.int64.maximum, types.uint64))
    return cast_scalar(t, value, types.int64)


def _index_nodes(t: Tracer) -> list[ast.AST]:
    """The source of the index, where there is one."""
    single = isinstance(t.node, ast.Subscript) and not isinstance(t.node.slice, ast.Tuple)
    return [t.node.slice] if single else []


def to_int64(t: Tracer, binding: Any, what: str) -> Any:
    """An integer argument, as of `range`: an int where it is known, else an int64 Value."""
    binding = t.unwrap(binding, f"'NoneType' object cannot be interpreted as an integer ({what})")
    known = t.known(binding)
    if not isinstance(known, Value):
        if not hasattr(type(known), "__index__"):
            raise t.fail(errors.StaticError, f"TypeError: '{type(known).__name__}' object cannot be interpreted as an integer")
        return known.__index__()
    if isinstance(known.type, Array) and known.type.ndim == 0:
        known = t.emit(array.load, known)
    if not isinstance(known.type, (Integer, Boolean)) or known.type is types.np_bool:
        raise t.fail(errors.NotAnInteger, what, operands=(binding,))
    return cast_scalar(t, known, types.int64)


def compute(t: Tracer, function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Any:
    """What a function makes of known arguments. An exception that it raises is one at run time, but for TypeError: that is refused."""
    try:
        return function(*arguments, **keywords)
    except (ArithmeticError, ValueError) as error:
        t.raise_(type(error), *error.args)
    except TypeError as error:
        raise t.fail(errors.StaticError, f"TypeError: {error}") from None
    raise PathEnded


def to_python_number(t: Tracer, name: str, to: Scalar, binding: Any) -> Any:
    """`int(x)`, `float(x)`, `complex(x)` of one number."""
    if not is_symbolic(binding):
        return compute(t, types.class_of(to), binding)
    binding = t.unwrap(binding, f"{name}() argument must be a number, not 'NoneType'")
    if is_array_value(binding):
        if binding.type.ndim:
            raise t.fail(errors.StaticError, "TypeError: only 0-dimensional arrays can be converted to Python scalars", "write a.item()")
        binding = t.emit(array.load, binding)
    if not is_scalar(binding) or (name == "complex" and isinstance(t.lift(binding).type, Time)):
        raise t.fail(errors.NotANumber, operands=(binding,))
    value = t.lift(binding)
    if value.type is to:
        return value
    if isinstance(value.type, (Boolean, Integer)) and not (value.type is types.uint64 and to is types.int64):
        return cast_scalar(t, value, to)
    return apply(t, name, kind_of(value.type), value)
