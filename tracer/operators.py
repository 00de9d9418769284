"""Operators: which common type the operands convert to, and which rule of the library applies to it.

Two Python numbers follow Python. Where a NumPy scalar takes part, NumPy itself is asked (`ufunc.resolve_dtypes`,
which implements NEP 50 and sees Python's numbers as weak), so the promotion rules are NumPy's by construction.
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ir import types
from ir.builder import constant
from ir.graph import Constant, Value
from ir.on_demand import OnDemand
from ir.ops import arithmetic, compare, python
from ir.records import Record
from ir.types import Array, Boolean, Complex, Float, Integer, NoneType, Object, Optional, Scalar, Time, Type
from tracer import errors
from tracer.extending import OPERATORS, common_kind, kind_of, library
from tracer.frames import PathEnded
from tracer.library.array_truth import single_item
from tracer.shapes import cast_scalar, is_number
from tracer.tracing import Tracer
from tracer.values import SliceParts, as_tuple, is_array_value, is_object, is_symbolic

records = OnDemand("tracer.records")


class BinaryOperator(NamedTuple):
    """An operator's sign, what Python does, and the ufunc that defines it for NumPy scalars."""

    name: str
    sign: str
    python: Callable[[Any, Any], Any]
    ufunc: np.ufunc
    is_comparison: bool = False
    is_bitwise: bool = False


BINARY: dict[str, BinaryOperator] = {
    o.name: o
    for o in (
        BinaryOperator("add", "+", operator.add, np.add),
        BinaryOperator("sub", "-", operator.sub, np.subtract),
        BinaryOperator("mul", "*", operator.mul, np.multiply),
        BinaryOperator("truediv", "/", operator.truediv, np.true_divide),
        BinaryOperator("floordiv", "//", operator.floordiv, np.floor_divide),
        BinaryOperator("mod", "%", operator.mod, np.remainder),
        BinaryOperator("pow", "**", operator.pow, np.power),
        BinaryOperator("divmod", "divmod", divmod, np.divmod),
        BinaryOperator("lshift", "<<", operator.lshift, np.left_shift, is_bitwise=True),
        BinaryOperator("rshift", ">>", operator.rshift, np.right_shift, is_bitwise=True),
        BinaryOperator("and", "&", operator.and_, np.bitwise_and, is_bitwise=True),
        BinaryOperator("or", "|", operator.or_, np.bitwise_or, is_bitwise=True),
        BinaryOperator("xor", "^", operator.xor, np.bitwise_xor, is_bitwise=True),
        BinaryOperator("matmul", "@", operator.matmul, np.matmul),
        BinaryOperator("eq", "==", operator.eq, np.equal, is_comparison=True),
        BinaryOperator("ne", "!=", operator.ne, np.not_equal, is_comparison=True),
        BinaryOperator("lt", "<", operator.lt, np.less, is_comparison=True),
        BinaryOperator("le", "<=", operator.le, np.less_equal, is_comparison=True),
        BinaryOperator("gt", ">", operator.gt, np.greater, is_comparison=True),
        BinaryOperator("ge", ">=", operator.ge, np.greater_equal, is_comparison=True),
    )
}
UNARY: dict[str, tuple[str, Callable[[Any], Any], np.ufunc]] = {
    "neg": ("-", operator.neg, np.negative), "pos": ("+", operator.pos, np.positive),
    "invert": ("~", operator.invert, np.invert), "abs": ("abs", abs, np.absolute),
}  # fmt: skip
_SWAPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}
_LARGEST_STATIC_BITS = 4096


def binary(t: Tracer, name: str, a: Any, b: Any) -> Any:
    """`a <operator> b`, with the position of the tracer as its source."""
    if not is_symbolic(a) and not is_symbolic(b):
        return _static(t, BINARY[name], a, b)
    if is_object(a) or is_object(b):
        raise _unsupported(t, name, a, b)
    if name in ("eq", "ne") and (_has_records(a) or _has_records(b)):
        return records.compare_records(t, name, a, b)
    if is_array_value(a) or is_array_value(b):
        if name == "pow" and type(b) is int and b == 2:
            return t.call(np.square, (a,), {})  # as NumPy does: of booleans too, with another dtype than np.power
        return t.call(BINARY[name].ufunc, (a, b), {})
    if isinstance(a, (tuple, slice)) or isinstance(b, (tuple, slice)):
        a, b = as_tuple(a), as_tuple(b)
        return _on_tuples(t, name, a, b)
    if BINARY[name].is_comparison:
        known = t.known(a), t.known(b)
        if not any(map(is_symbolic, known)):
            return _static(t, BINARY[name], *known)
    if name in ("eq", "ne") and (a is None or b is None):
        return _compare_with_none(t, name, b if a is None else a)
    if name in ("eq", "ne") and (_is_optional(a) or _is_optional(b)):
        return _compare_optionals(t, name, a, b)
    if _is_optional(a):
        a = t.unwrap(a, _refused(t, name, None, b))
    if _is_optional(b):
        b = t.unwrap(b, _refused(t, name, a, None))
    if not _is_operand(a) or not _is_operand(b):
        raise _unsupported(t, name, a, b)
    if name in ("and", "or", "xor"):
        a, b = _wrapped_mask(a, b), _wrapped_mask(b, a)
    if BINARY[name].is_comparison and (decided := _compare_with_huge(name, a, b)) is not None:
        return decided
    a, b = _as_unsigned(name, a, b), _as_unsigned(name, b, a)
    return _on_scalars(t, name, t.lift(a), t.lift(b))


def _has_records(binding: Any) -> bool:
    return is_array_value(binding) and isinstance(binding.type.dtype, Record)


def _is_operand(binding: Any) -> bool:
    return is_number(binding) or (isinstance(binding, Value) and isinstance(binding.type, Scalar))


def _unsupported(t: Tracer, name: str, a: Any, b: Any) -> Exception:
    return t.fail(errors.UnsupportedOperands, BINARY[name].sign, operands=(a, b))


def _refused(t: Tracer, name: str, a: Any, b: Any) -> str:
    """What Python says where one operand is None."""
    first, second = map(_class_name, (a, b))
    if BINARY[name].is_comparison:
        return f"'{BINARY[name].sign}' not supported between instances of '{first}' and '{second}'"
    sign = f"{BINARY[name].sign}=" if isinstance(t.node, ast.AugAssign) else _SIGNS.get(name, BINARY[name].sign)
    return f"unsupported operand type(s) for {sign}: '{first}' and '{second}'"


_SIGNS = {"pow": "** or pow()", "divmod": "divmod()"}


def _class_name(binding: Any) -> str:
    kind = binding.type if isinstance(binding, Value) else None
    kind = kind.value if isinstance(kind, Optional) else kind
    return types.class_of(kind).__name__ if isinstance(kind, Scalar) else type(binding).__name__


def _wrapped_mask(operand: Any, other: Any) -> Any:
    """A mask of 64 bits for a Python int, as 0xFFFFFFFFFFFFFFFF, is a wrapped integer like all others."""
    large = type(operand) is int and types.int64.maximum < operand <= types.uint64.maximum
    if large and isinstance(other, Value) and other.type.weak:
        return operand - (1 << 64)
    return operand


def _as_unsigned(name: str, operand: Any, other: Any) -> Any:
    """An int of 64 bits without a sign is a np.uint64 beside one, and compared with any of NumPy's integers."""
    large = type(operand) is int and types.int64.maximum < operand <= types.uint64.maximum
    if large and isinstance(other, Value) and isinstance(other.type, Integer) and not other.type.weak:
        return np.uint64(operand) if other.type is types.uint64 or BINARY[name].is_comparison else operand
    return operand


def _compare_with_huge(name: str, a: Any, b: Any) -> bool | None:
    """A comparison with an int literal beyond the other's type, and all that it is compared with, needs no run-time value."""
    for literal, other, swapped in ((a, b, False), (b, a, True)):
        if type(literal) is not int or not isinstance(other, Value) or not isinstance(other.type, (Integer, Boolean)):
            continue
        highest = (types.int64 if other.type.weak else types.uint64).maximum
        if not types.int64.minimum <= literal <= highest:
            return bool(BINARY[_SWAPPED[name] if swapped else name].python(literal, 0))
    return None


def _is_optional(binding: Any) -> bool:
    return isinstance(binding, Value) and isinstance(binding.type, Optional)


def _compare_optionals(t: Tracer, name: str, a: Any, b: Any) -> Any:
    """None equals None only."""
    if not _is_optional(a):
        a, b = b, a
    return t.conditional(
        t.has_value(a),
        lambda: truth(t, binary(t, name, t.explode(t.optional_value(a)), b)),
        lambda: truth(t, binary(t, name, None, b)),
    )


def _compare_with_none(t: Tracer, name: str, other: Any) -> Any:
    if not _is_optional(other):
        return (name == "eq") is (other is None)
    flag = t.has_value(other)
    return flag if name == "ne" else t.negate(flag)


def _static(t: Tracer, op: BinaryOperator, a: Any, b: Any) -> Any:
    _refuse_huge(t, op.name, a, b)
    try:
        with np.errstate(all="ignore"):
            return op.python(a, b)
    except (ArithmeticError, ValueError) as error:
        t.raise_(type(error), *error.args)
    except TypeError as error:
        raise t.fail(errors.StaticError, f"{type(error).__name__}: {error}") from None
    raise PathEnded


def _refuse_huge(t: Tracer, name: str, a: Any, b: Any) -> None:
    """Integer powers and shifts of literals are exact; some would take for ever."""
    if name not in ("pow", "lshift") or type(a) is not int or type(b) is not int or b <= 0:
        return
    bits = b + a.bit_length() if name == "lshift" else b * a.bit_length()
    if bits > _LARGEST_STATIC_BITS and a not in (-1, 0, 1):
        raise t.fail(errors.IntegerTooLarge, f"{a} {BINARY[name].sign} {b}")


def _on_scalars(t: Tracer, name: str, a: Value, b: Value) -> Any:
    if name == "pow" and _is_python_integer(a) and _is_python_integer(b) and isinstance(b, Constant) and b.value < 0:
        a, b = cast_scalar(t, a, types.float64), cast_scalar(t, b, types.float64)
    op = BINARY[name]
    if op.is_comparison and (mixed := _exact_comparison(t, name, a, b)) is not None:
        return mixed
    operands = operand_types(name, a.type, b.type)
    if operands is None:
        raise _unsupported(t, name, a, b)
    if isinstance(operands, str):
        raise t.fail(errors.StaticError, operands)
    a, b = (convert_operand(t, value, to) for value, to in zip((a, b), operands))
    if name in _DIVISIONS and operands[0].weak and t.options.error_model == "numpy":
        return _divide_as_numpy(t, name, a, b)
    return _apply_as_asked(t, name, common_kind(operands), a, b)


_MAY_OVERFLOW = frozenset({"add", "sub", "mul", "floordiv", "divmod", "pow", "lshift", "neg", "abs"})


def _apply_as_asked(t: Tracer, name: str, kind: str, *operands: Any) -> Any:
    """The rule of the library, or the one that raises OverflowError where Python's int would have more than 64 bits."""
    checked = kind == "int" and name in _MAY_OVERFLOW and t.options.overflow == "raise"
    return apply(t, f"{name}_checked" if checked else name, kind, *operands)


def _is_python_integer(value: Value) -> bool:
    return value.type is types.int64 or value.type is types.boolean


_DIVISIONS = frozenset({"truediv", "floordiv", "mod", "divmod"})


def _divide_as_numpy(t: Tracer, name: str, a: Value, b: Value) -> Any:
    """Division of Python's numbers that gives inf, nan or 0 where Python raises ZeroDivisionError."""
    if name == "truediv" and isinstance(a.type, Integer):
        a, b = cast_scalar(t, a, types.float64), cast_scalar(t, b, types.float64)
    result = apply(t, name, kind_of(a.type.numpy), cast_scalar(t, a, a.type.numpy), cast_scalar(t, b, b.type.numpy))
    if isinstance(result, tuple):
        return tuple(cast_scalar(t, part, a.type) for part in result)
    return cast_scalar(t, result, a.type)


def apply(t: Tracer, name: str, kind: str, *operands: Any) -> Any:
    """The library's rule for an operator on operands of one kind."""
    rule = OPERATORS.get((name, kind))
    if rule is None and library.load_rest():
        rule = OPERATORS.get((name, kind))
    if rule is None:
        raise t.fail(errors.UnsupportedOperands, BINARY[name].sign if name in BINARY else UNARY[name][0], operands=operands)
    return t.call(rule, operands, {})


@functools.lru_cache(maxsize=4096)
def operand_types(name: str, a: Scalar, b: Scalar) -> tuple[Scalar, Scalar] | str | None:
    """What the operands convert to; None where the operator is not defined, or the text of NumPy's own refusal."""
    if name == "matmul":
        return None
    if a is types.complex128 and b is types.np_float64 and name not in ("lt", "le", "gt", "ge"):
        b = types.float64  # np.float64 is a float, which Python's complex knows how to operate on
    return _python_operand_types(name, a, b) if a.weak and b.weak else _numpy_operand_types(name, a, b)


_PYTHON_ORDER = (types.boolean, types.int64, types.float64, types.complex128)


def _python_operand_types(name: str, a: Scalar, b: Scalar) -> tuple[Scalar, Scalar] | None:
    common = max(a, b, key=_PYTHON_ORDER.index)
    op = BINARY[name]
    if op.is_bitwise:
        if isinstance(common, (Float, Complex)):
            return None
        if common is types.boolean and name in ("lshift", "rshift"):
            common = types.int64
        return common, common
    if common is types.boolean:
        common = types.int64
    if isinstance(common, Complex) and name not in ("add", "sub", "mul", "truediv", "pow", "eq", "ne"):
        return None
    return common, common


def _numpy_operand_types(name: str, a: Scalar, b: Scalar) -> tuple[Scalar, Scalar] | str | None:
    ufunc = BINARY[name].ufunc
    try:
        loop = ufunc.resolve_dtypes((_for_numpy(a), _for_numpy(b), *[None] * ufunc.nout))
    except TypeError as error:
        return str(error) if "boolean" in str(error) else None
    if isinstance(types.from_dtype(loop[0]), Complex) and name in ("lt", "le", "gt", "ge"):
        return types.from_dtype(loop[0]), types.from_dtype(loop[1])
    operands = tuple(map(types.from_dtype, loop[:2]))
    return None if None in operands else operands  # type: ignore[return-value]


def _for_numpy(scalar: Scalar) -> Any:
    if scalar.weak and not isinstance(scalar, Boolean):
        return types.PYTHON_CLASSES[scalar]
    return types.dtype_of(scalar)


def convert_operand(t: Tracer, value: Value, to: Scalar) -> Value:
    """An operand in the type that its operator works on. A Python int must fit, as NumPy demands."""
    if value.type is types.int64 and isinstance(to, Integer) and to.numpy is not types.np_int64:
        check_fits(t, value, to)
    if value.type is types.boolean and to is types.int64 and isinstance(value, Constant):
        return constant(int(value.value), to)
    return cast_scalar(t, value, to)


def check_fits(t: Tracer, value: Value, to: Integer) -> None:
    """Raise OverflowError, as NumPy does, where a Python int is out of the range of a NumPy integer type."""
    if isinstance(value, Constant):
        if not to.minimum <= value.value <= to.maximum:
            t.raise_(OverflowError, f"Python integer {value.value} out of bounds for {to.name}")
            raise PathEnded
        return
    fits = t.emit(compare.le, constant(to.minimum, types.int64), value)
    if to.maximum < types.int64.maximum:
        below = t.emit(compare.le, value, constant(to.maximum, types.int64))
        fits = t.emit(arithmetic.bit_and, fits, below)
    t.raise_if(t.negate(fits), OverflowError, t.text("Python integer ", value, f" out of bounds for {to.name}"))


def _exact_comparison(t: Tracer, name: str, a: Value, b: Value) -> Any:
    """Comparisons that no common type decides exactly: int with float in Python, integers of any width in NumPy."""
    if isinstance(a.type, Integer) and isinstance(b.type, Integer):
        return _compare_integers(t, name, a, b) if a.type is not b.type else None
    if not (a.type.weak and b.type.weak):
        return None
    pair = {type(a.type), type(b.type)}
    if pair == {Integer, Float}:
        if isinstance(a.type, Float):
            return apply(t, f"{_SWAPPED[name]}_int_float", "int", b, a)
        return apply(t, f"{name}_int_float", "int", a, b)
    return None


def _compare_integers(t: Tracer, name: str, a: Value, b: Value) -> Value:
    for value, other in ((a, b), (b, a)):
        if isinstance(value, Constant) and value.type.weak and other.type.minimum <= value.value <= other.type.maximum:
            a, b = (cast_scalar(t, x, other.type) for x in (a, b))
            return t.emit(getattr(compare, name), a, b)
    if a.type.signed == b.type.signed or min(a.type, b.type, key=lambda x: x.signed).bits < 64:
        wide = types.uint64 if not (a.type.signed or b.type.signed) else types.np_int64
        result_is_weak = a.type.weak and b.type.weak
        wide = types.int64 if result_is_weak else wide
        return t.emit(getattr(compare, name), cast_scalar(t, a, wide), cast_scalar(t, b, wide))
    if a.type.signed:
        return apply(t, f"{name}_int_uint", "np.int", cast_scalar(t, a, types.np_int64), b)
    return apply(t, f"{_SWAPPED[name]}_int_uint", "np.int", cast_scalar(t, b, types.np_int64), a)


def unary(t: Tracer, name: str, a: Any) -> Any:
    """`-a`, `+a`, `~a` or `abs(a)`."""
    sign, python, ufunc = UNARY[name]
    if not is_symbolic(a):
        try:
            return python(a)
        except TypeError as error:
            raise t.fail(errors.StaticError, f"{type(error).__name__}: {error}") from None
    a = t.unwrap(a, f"bad operand type for {'abs()' if sign == 'abs' else f'unary {sign}'}: 'NoneType'")
    if is_array_value(a):
        return t.call(ufunc, (a,), {})
    if not _is_operand(a):
        raise t.fail(errors.UnsupportedOperands, sign, operands=(a,))
    if a.type is types.boolean:
        a = cast_scalar(t, a, types.int64)
    return _apply_as_asked(t, name, kind_of(a.type), a)


def truth(t: Tracer, binding: Any) -> Any:
    """`bool(binding)`: a static bool or a boolean Value."""
    if not is_symbolic(binding):
        return bool(binding)
    if isinstance(binding, tuple):
        return len(binding) > 0
    if not isinstance(binding, Value):
        raise t.fail(errors.UnsupportedTruth, operands=(binding,))
    if isinstance(binding, Constant):
        return bool(binding.value)
    return _truth_of_value(t, binding)


def _truth_of_value(t: Tracer, value: Value) -> Any:
    kind: Type = value.type
    if isinstance(kind, Boolean):
        return value if kind.weak else cast_scalar(t, value, types.boolean)
    if isinstance(kind, Time):
        value, kind = cast_scalar(t, value, types.np_int64), types.np_int64
    if isinstance(kind, (Integer, Float)):
        zero = constant(0, kind)
        return cast_scalar(t, t.emit(compare.ne, value, zero), types.boolean)
    if isinstance(kind, Complex):
        return apply(t, "bool", kind_of(kind), value)
    if isinstance(kind, NoneType):
        return False
    if isinstance(kind, Array):
        return truth(t, t.call(single_item, (value,), {}))
    if isinstance(kind, Object):
        return t.emit(python.object_truth, value)
    if isinstance(kind, Optional):
        return t.conditional(
            t.has_value(value), lambda: truth(t, t.explode(t.optional_value(value))), lambda: False
        )
    raise t.fail(errors.UnsupportedTruth, operands=(value,))


# --- tuples


def _on_tuples(t: Tracer, name: str, a: Any, b: Any) -> Any:
    slices = isinstance(a, SliceParts), isinstance(b, SliceParts)
    if any(slices) and not (BINARY[name].is_comparison and all(slices)):
        if name in ("eq", "ne"):
            return name == "ne"
        raise t.fail(errors.UnsupportedOperands, BINARY[name].sign, operands=(a, b))
    both = isinstance(a, tuple) and isinstance(b, tuple)
    if both and name == "add":
        return (*a, *b)
    if name == "mul" and (type(t.known(a)) is int or type(t.known(b)) is int):
        return tuple.__mul__(*((a, t.known(b)) if isinstance(a, tuple) else (b, t.known(a))))
    if both and name in ("eq", "ne"):
        equal = tuples_equal(t, a, b)
        return equal if name == "eq" else _negated(t, equal)
    if both and name in ("lt", "le", "gt", "ge"):
        return _lexicographic(t, name, a, b)
    if name in ("eq", "ne"):
        return name == "ne"
    raise t.fail(errors.UnsupportedOperands, BINARY[name].sign, operands=(a, b))


def _negated(t: Tracer, condition: Any) -> Any:
    return (not condition) if isinstance(condition, bool) else t.negate(condition)


def tuples_equal(t: Tracer, a: tuple, b: tuple) -> Any:
    """Whether two tuples are equal: compared item by item, stopping at the first difference."""
    if len(a) != len(b):
        return False
    if not a:
        return True
    first = truth(t, equal_items(t, a[0], b[0]))
    return t.conditional(first, lambda: tuples_equal(t, tuple(a[1:]), tuple(b[1:])), lambda: False)


def equal_items(t: Tracer, a: Any, b: Any) -> Any:
    """`a == b` where values of different kinds are simply unequal."""
    if is_object(a) or is_object(b):
        raise _unsupported(t, "eq", a, b)
    if not is_symbolic(a) and not is_symbolic(b):
        return bool(a == b)
    comparable = all(_is_operand(x) or isinstance(x, tuple) or x is None for x in (a, b))
    comparable = comparable or any(isinstance(x, Value) and isinstance(x.type, Optional) for x in (a, b))
    return binary(t, "eq", a, b) if comparable else False


def _lexicographic(t: Tracer, name: str, a: tuple, b: tuple) -> Any:
    if not a or not b:
        return BINARY[name].python(len(a), len(b))
    equal = truth(t, equal_items(t, a[0], b[0]))
    return t.conditional(
        equal, lambda: _lexicographic(t, name, tuple(a[1:]), tuple(b[1:])), lambda: binary(t, name, a[0], b[0])
    )
