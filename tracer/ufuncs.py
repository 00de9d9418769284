"""NumPy's ufuncs on numbers and arrays: which loop NumPy chooses, and the library's rule for that loop."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ir import types
from ir.builder import constant
from ir.graph import Value
from ir.on_demand import OnDemand
from ir.ops import aggregate, array, memory
from ir.records import Record
from ir.types import Array, Scalar
from tracer import errors, library
from tracer.arrays import (
    assign_over, broadcast, elementwise_map, is_array, new_array, result_layout, shape_of_operand,
)  # fmt: skip
from tracer.attributes import shape
from tracer.conversions import is_scalar
from tracer.extending import KERNELS, OPERATORS, UFUNCS, common_kind
from tracer.frames import PathEnded
from tracer.operators import BINARY, UNARY, binary, convert_operand, unary
from tracer.shapes import cast_scalar
from tracer.tracing import Tracer

kernels = OnDemand("tracer.kernels")

_BINARY_NAMES: dict[np.ufunc, str] = {o.ufunc: o.name for o in BINARY.values() if o.name != "matmul"}
_UNARY_NAMES: dict[np.ufunc, str] = {ufunc: name for name, (_, _, ufunc) in UNARY.items()}


def call_ufunc(t: Tracer, ufunc: np.ufunc, positional: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """`ufunc(*operands)`, with `out`, `dtype`, `casting` and `where` as NumPy has them."""
    name = f"np.{ufunc.__name__}"
    unknown = [k for k in keywords if k not in ("out", "dtype", "casting", "where")]
    if unknown:
        raise t.fail(errors.WrongArguments, name, f"does not take {unknown[0]!r} in compiled code")
    if not ufunc.nin <= len(positional) <= ufunc.nin + ufunc.nout:
        expected = f"from {ufunc.nin} to {ufunc.nin + ufunc.nout} positional arguments"
        raise t.fail(errors.WrongArguments, name, f"takes {expected} but {len(positional)} were given")
    operands = [operand_of(t, name, x) for x in positional[: ufunc.nin]]
    outputs = _outputs(t, ufunc, positional[ufunc.nin :], keywords.get("out"))
    dtype = t.known(keywords.get("dtype"))
    casting = t.known(keywords.get("casting", "same_kind"))
    where = _mask(t, name, keywords.get("where", True))
    if ufunc.nout == 1:
        return _evaluate(t, ufunc, operands, 0, outputs[0], dtype, casting, where)
    # All results are there before the first is written: an output may be an operand too.
    results = [_evaluate(t, ufunc, operands, index, None, dtype, casting, True) for index in range(ufunc.nout)]
    return tuple(x if out is None else _delivered(t, ufunc, x, out, casting, where) for x, out in zip(results, outputs))


def _mask(t: Tracer, name: str, where: Any) -> Any:
    where = t.known(where)
    if not isinstance(where, bool):
        where = operand_of(t, name, where)
        kind = where.type.dtype if is_array(where) else t.lift(where).type
        if not isinstance(kind, types.Boolean):
            source = types.dtype_of(kind)
            raise t.fail(
                errors.StaticError,
                f"TypeError: Cannot cast array data from {source!r} to dtype('bool') according to the rule 'safe'",
            )
    return where


def _delivered(t: Tracer, ufunc: np.ufunc, made: Any, out: Value, casting: str, where: Any) -> Value:
    """One of several results, in its output array. (Where there is none, what `where` leaves out may be anything.)"""
    result = made.type.dtype if is_array(made) else t.lift(made).type
    return _into(t, ufunc, out, [made], result, casting, where, lambda items: items[0])


def operand_of(t: Tracer, name: str, x: Any) -> Any:
    """An operand as a number, known or not, or an array Value."""
    x = t.unwrap(x, f"{name}: unsupported operand None")
    if type(x) is np.ndarray:
        return t.lift_array(x)
    if isinstance(x, (tuple, list)):
        return t.call(np.array, (x,), {})
    if not is_scalar(x) and not is_array(x):
        raise t.fail(errors.UnsupportedOperands, name, operands=(x,))
    return x


def _outputs(t: Tracer, ufunc: np.ufunc, positional: tuple[Any, ...], keyword: Any) -> list[Any]:
    given = list(positional)
    if keyword is not None:
        given = list(keyword) if isinstance(keyword, tuple) else [keyword]
    given += [None] * (ufunc.nout - len(given))
    lifted = [t.lift(x) if is_array(x) else x for x in given]
    for out in lifted:
        if out is not None and not is_array(out):
            raise t.fail(errors.StaticError, "TypeError: return arrays must be of ArrayType")
    return lifted


def _evaluate(
    t: Tracer, ufunc: np.ufunc, operands: list[Any], index: int, out: Value | None, dtype: Any, casting: str, where: Any
) -> Any:  # fmt: skip
    """One result of a ufunc: an array if an operand is one, else a number."""
    signature = tuple(_for_resolution(x) for x in operands)
    loop = resolve(ufunc, signature, None if dtype is None else np.dtype(dtype), casting)
    if isinstance(loop, str):
        raise t.fail(errors.StaticError, loop)
    if loop is None:
        raise t.fail(errors.UnsupportedOperands, _sign(ufunc), operands=tuple(operands))
    operands, kinds = _compared_exactly(ufunc, operands, loop[: ufunc.nin])
    result = loop[ufunc.nin + index]
    operands = [_to_loop(t, x, to) for x, to in zip(operands, kinds)]

    def point(items: list[Any]) -> Any:
        items = [convert_item(t, x, to) for x, to in zip(items, kinds)]
        made = _apply(t, ufunc, kinds, items)
        made = t.lift(made[index] if ufunc.nout > 1 else made)
        return cast_scalar(t, made, result) if made.type is not result else made

    rule = _rule(ufunc, common_kind(kinds))
    by_kernel = rule in KERNELS and where is True and kernels.are_items(operands, kinds)
    if out is not None:
        run = functools.partial(kernels.kernel_assign, t, ufunc, rule, kinds) if by_kernel and out.type.dtype is result else None
        return _into(t, ufunc, out, operands, result, casting, where, point, run)
    if where is not True:
        return _masked(t, ufunc, operands, result, casting, where, point)
    if not any(is_array(x) and x.type.ndim for x in operands):
        return point([t.emit(array.load, x) if is_array(x) else x for x in operands])
    if by_kernel:
        return kernels.kernel_map(t, ufunc, rule, kinds, result, operands)
    return elementwise_map(t, operands, point, ufunc.__name__)


def _masked(t: Tracer, ufunc: np.ufunc, operands: list[Any], result: Scalar, casting: str, where: Any, point: Any) -> Any:
    """A ufunc with `where` alone: what it leaves out is whatever is in the memory, as in NumPy."""
    inputs = [x for x in [*operands, where] if is_array(x)]
    lengths = broadcast(t, [shape_of_operand(t, x) for x in inputs])
    to = Array(result, len(lengths), result_layout(inputs, len(lengths)))
    out = _into(t, ufunc, new_array(t, t.emit(memory.alloc, *lengths, to=to, zero=False), lengths), operands, result, casting, where, point)
    return out if lengths else t.emit(array.load, out)


def _compared_exactly(
    ufunc: np.ufunc, operands: list[Any], kinds: tuple[Scalar, ...]
) -> tuple[list[Any], tuple[Scalar, ...]]:  # fmt: skip
    """In comparisons with integers a Python int need not fit the other's type: it is compared as it is."""
    name = _BINARY_NAMES.get(ufunc)
    if name is None or not BINARY[name].is_comparison or not all(isinstance(k, types.Integer) for k in kinds):
        return operands, kinds
    largest = max(kind.maximum for kind in (*kinds, types.int64))
    if any(type(x) is int and not types.int64.minimum <= x <= largest for x in operands):
        # Infinite, next to numbers of 64 bits.
        infinite = [math.copysign(math.inf, x) if type(x) is int else x for x in operands]
        return infinite, (types.np_float64, types.np_float64)
    return operands, tuple(types.int64 if _beyond(x, k) else k for x, k in zip(operands, kinds))


def _beyond(x: Any, kind: Scalar) -> bool:
    """Whether a Python int may be out of the range of an integer type, but not of int64."""
    if type(x) is int:
        return not kind.minimum <= x <= kind.maximum and x <= types.int64.maximum
    return isinstance(x, Value) and x.type is types.int64


def _into(
    t: Tracer, ufunc: np.ufunc, out: Value, operands: list[Any], result: Scalar, casting: str, where: Any, point: Any,
    run: Any = None,
) -> Value:  # fmt: skip
    """A ufunc with `out=`: the items are converted if the casting rule allows it; `run`: what does it if they need not be."""
    to = out.type.dtype
    if not np.can_cast(types.dtype_of(result), types.dtype_of(to), casting):
        source, target = types.dtype_of(result), types.dtype_of(to)
        raise t.fail(
            errors.StaticError,
            f"TypeError: Cannot cast ufunc '{ufunc.__name__}' output from {source!r} to {target!r} with casting rule '{casting}'",
        )
    refuse_readonly(t, out, "output array is read-only")
    _refuse_more_axes(t, operands, out)
    if run is not None:
        run(operands, out)
        return out
    if where is True:
        assign_over(t, out, operands, lambda items: convert_item(t, point(items), to), name=ufunc.__name__)
        return out

    def choose(items: list[Any]) -> Any:
        condition, before, *rest = items
        truth = cast_scalar(t, t.lift(condition), types.boolean)
        return t.conditional(truth, lambda: convert_item(t, point(rest), to), lambda: before)

    mask = t.lift(where) if is_array(where) else where
    assign_over(t, out, [mask, out, *operands], choose, name=ufunc.__name__)
    return out


def _refuse_more_axes(t: Tracer, operands: list[Any], out: Value) -> None:
    """End the path with ValueError where the operands together have more axes than the output."""
    shapes = [shape_of_operand(t, x) for x in operands]
    if max(map(len, shapes)) > out.type.ndim:
        found, wanted = _shape_text(shape(t, out)), _shape_text(broadcast(t, shapes))
        text = t.text("non-broadcastable output operand with shape ", *found, " doesn't match the broadcast shape ", *wanted)
        t.raise_(ValueError, text)
        raise PathEnded


def _shape_text(lengths: tuple[Value, ...]) -> list[Any]:
    """A shape as NumPy's messages show it."""
    parts = [part for length in lengths for part in (",", length)][1:]
    return ["(", *parts, ",)" if len(lengths) == 1 else ")"]


def refuse_readonly(t: Tracer, array: Value, message: str) -> None:
    """End the path with ValueError where an array must not be written."""
    if array.type.readonly:
        t.raise_(ValueError, message)
        raise PathEnded


def convert_item(t: Tracer, item: Any, to: Scalar) -> Value:
    """An item in another type, converted as NumPy's `astype` does."""
    value = t.lift(item)
    if value.type is to:
        return value
    if isinstance(to, Record) or isinstance(value.type, Record):
        raise t.fail(errors.StaticError, "records are not converted to another type here", "copy them field by field")
    if isinstance(value.type, types.Complex) and not isinstance(to, (types.Complex, types.Boolean)):
        value = t.emit(aggregate.complex_real, value)
    if isinstance(to, types.Boolean) and isinstance(value.type, types.Complex):
        value = t.lift(binary(t, "ne", value, 0))
    return cast_scalar(t, value, to)


def _to_loop(t: Tracer, x: Any, to: Scalar) -> Any:
    """A number in the type of the loop, converted once; arrays are converted item by item."""
    if is_array(x):
        return x
    if type(x) is int and isinstance(to, types.Float):
        x = float(x)  # it may be beyond all integers
    elif type(x) is int and to is types.uint64 and x > types.int64.maximum:
        return constant(x, to)
    value = t.lift(x)
    if isinstance(value.type, types.Complex) and not isinstance(to, types.Complex):
        return value
    return convert_operand(t, value, to)


def _apply(t: Tracer, ufunc: np.ufunc, kinds: tuple[Scalar, ...], items: list[Any]) -> Any:
    """The rule of a ufunc on numbers of its loop's types."""
    rule = _rule(ufunc, common_kind(kinds))
    if rule is not None and (ufunc, common_kind(kinds)) in UFUNCS:
        return t.call(rule, items, {})
    if ufunc in _BINARY_NAMES:
        return binary(t, _BINARY_NAMES[ufunc], *items)
    if ufunc in _UNARY_NAMES:
        return unary(t, _UNARY_NAMES[ufunc], *items)
    raise t.fail(errors.NoLowering, f"numpy.{ufunc.__name__}", operands=tuple(items))


def _rule(ufunc: np.ufunc, kind: str) -> Any:
    """The function that says what a ufunc computes from numbers of a kind; None if there is none."""
    rule = UFUNCS.get((ufunc, kind))
    if rule is not None:
        return rule
    if ufunc in _BINARY_NAMES or ufunc in _UNARY_NAMES:
        return OPERATORS.get((_BINARY_NAMES.get(ufunc) or _UNARY_NAMES[ufunc], kind))
    return UFUNCS.get((ufunc, kind)) if library.load_rest() else None


def _sign(ufunc: np.ufunc) -> str:
    name = _BINARY_NAMES.get(ufunc)
    if name is not None:
        return BINARY[name].sign
    name = _UNARY_NAMES.get(ufunc)
    return UNARY[name][0] if name is not None else f"np.{ufunc.__name__}"


def _for_resolution(x: Any) -> Any:
    """What NumPy is asked about for an operand: a dtype, or the class of a number that is weak in its promotion."""
    if isinstance(x, Value):
        kind = x.type.dtype if isinstance(x.type, Array) else x.type
    else:
        kind = types.from_dtype(x.dtype) if isinstance(x, np.generic) else None
    if kind is None:
        return np.dtype(bool) if isinstance(x, bool) else type(x)
    if kind.weak and not isinstance(kind, types.Boolean):
        return types.PYTHON_CLASSES[kind]
    return types.dtype_of(kind)


@functools.lru_cache(maxsize=4096)
def resolve(
    ufunc: np.ufunc, operands: tuple[Any, ...], dtype: np.dtype | None, casting: str = "same_kind"
) -> tuple[Scalar, ...] | str | None:
    """The types of the loop that NumPy chooses; None where it has none, or the text of its refusal."""
    options: dict[str, Any] = {"casting": casting}
    if dtype is not None:
        options["signature"] = (*[None] * ufunc.nin, *[dtype] * ufunc.nout)
    try:
        loop = ufunc.resolve_dtypes((*operands, *[None] * ufunc.nout), **options)
    except TypeError as error:
        return f"TypeError: {error}" if dtype is not None or "boolean" in str(error) else None
    found = tuple(map(_type_of_loop, loop))
    if None in found and set(operands) == {int}:  # two of Python's ints are compared as such, whatever their size
        return resolve(ufunc, (np.dtype(np.int64),) * len(operands), dtype, casting)
    return None if None in found else found  # type: ignore[return-value]


def _type_of_loop(dtype: np.dtype) -> Scalar | None:
    """float16 does not exist here: the next larger type takes its place."""
    return types.float32 if dtype == np.float16 else types.from_dtype(dtype)


# --- operators in place


def assign_operator(t: Tracer, name: str, target: Value, b: Any) -> None:
    """`target <operator>= b` of an array, in its memory."""
    if name == "matmul":
        made = t.call(np.matmul, (target, b), {})
        assign_over(t, target, [made], lambda items: convert_item(t, items[0], target.type.dtype))
        return
    call_ufunc(t, BINARY[name].ufunc, (target, b, target), {})
