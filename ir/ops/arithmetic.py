"""Arithmetic on two operands of the same number type. Integers wrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ir.opdef import Custom, Intrinsic, Lowering, OpDef, Opcode, register, same_types
from ir.types import Boolean, Float, Integer, Type, class_of, dtype_of, float32, float64, int8, int64, np_int64, uint8, uint64

_INTEGERS = ((int8,), (int64,), (np_int64,), (uint8,), (uint64,))
_FLOATS = ((float32,), (float64,))


def wrap(value: Any, type: Type) -> Any:
    """`value` reduced to the range of `type`, as an object of its Python class."""
    if isinstance(type, Integer):
        value = (int(value) - type.minimum & (1 << type.bits) - 1) + type.minimum
    return class_of(type)(value)


def _rule(count: int, *accepted: type) -> Callable[[Sequence[Type], dict], Type]:
    return lambda operands, attributes: same_types(operands, count, accepted)


def _on_python(function: Callable[..., Any]) -> Callable[..., Any]:
    """A reference that computes on exact Python integers, or on NumPy floats of the operand's width."""

    def reference(attributes: dict, *operands: Any) -> Any:
        type = attributes["type"]
        if isinstance(type, (Integer, Boolean)):
            return wrap(function(*map(int, operands)), type)
        convert = dtype_of(type).type
        with np.errstate(all="ignore"):
            return class_of(type)(function(*map(convert, operands)))

    return reference


def _binary(
    name: str, doc: str, lowering: Lowering, function: Callable, accepted: tuple[type, ...], *,
    commutative: bool = False, domain: Callable[..., bool] | None = None,
) -> OpDef:  # fmt: skip
    samples = tuple(
        t * 2
        for t in (_INTEGERS if Integer in accepted else ()) + (_FLOATS if Float in accepted else ())
    )
    return register(
        OpDef(name, doc, _rule(2, *accepted), reference=_on_python(function), lowering=lowering, samples=samples,
              commutative=commutative, domain=domain)
    )  # fmt: skip


_NUMBER = (Integer, Float)

add = _binary("add", "a + b", Opcode("add", "add", "fadd"), lambda a, b: a + b, _NUMBER, commutative=True)
sub = _binary("sub", "a - b", Opcode("sub", "sub", "fsub"), lambda a, b: a - b, _NUMBER)
mul = _binary("mul", "a * b", Opcode("mul", "mul", "fmul"), lambda a, b: a * b, _NUMBER, commutative=True)
div = _binary("div", "a / b for floats; division by zero gives IEEE 754 results", Opcode(float="fdiv"), np.divide, (Float,))
fmod = _binary(
    "fmod", "the remainder of a / b with the sign of a, as C's fmod", Opcode(float="frem"), np.fmod, (Float,)
)
floordiv = _binary(
    "floordiv", "a // b for integers, b not zero; the one overflow wraps", Custom("floordiv"), lambda a, b: a // b,
    (Integer,), domain=lambda a, b: b != 0,
)  # fmt: skip
mod = _binary(
    "mod", "a % b for integers with the sign of b, b not zero", Custom("mod"), lambda a, b: a % b,
    (Integer,), domain=lambda a, b: b != 0,
)  # fmt: skip
bit_and = _binary("and", "a & b", Opcode("and", "and"), lambda a, b: a & b, (Integer, Boolean), commutative=True)
bit_or = _binary("or", "a | b", Opcode("or", "or"), lambda a, b: a | b, (Integer, Boolean), commutative=True)
bit_xor = _binary("xor", "a ^ b", Opcode("xor", "xor"), lambda a, b: a ^ b, (Integer, Boolean), commutative=True)


def _in_shift_range(a: Any, b: Any) -> bool:
    bits = 64 if isinstance(a, int) else a.dtype.itemsize * 8
    return bool(0 <= b < bits)


shl = _binary(
    "shl", "a << b, 0 <= b < bits", Opcode("shl", "shl"), lambda a, b: a << b, (Integer,), domain=_in_shift_range
)
shr = _binary(
    "shr", "a >> b, 0 <= b < bits", Opcode("ashr", "lshr"), lambda a, b: a >> b, (Integer,), domain=_in_shift_range
)
minimum = _binary(
    "min", "the smaller integer", Custom("min"), min, (Integer,), commutative=True
)
maximum = _binary("max", "the larger integer", Custom("max"), max, (Integer,), commutative=True)


def _unary(name: str, doc: str, lowering: Lowering, function: Callable, *accepted: type) -> OpDef:
    samples = (_INTEGERS if Integer in accepted else ()) + (_FLOATS if Float in accepted else ())
    return register(OpDef(name, doc, _rule(1, *accepted), reference=_on_python(function), lowering=lowering, samples=samples))


neg = _unary("neg", "-a", Custom("neg"), lambda a: -a, Integer, Float)
invert = _unary("invert", "~a; not a for booleans", Custom("invert"), lambda a: ~a, Integer)
logical_not = register(
    OpDef(
        "not", "not a", _rule(1, Boolean), lowering=Custom("not"), samples=(),
        reference=lambda attributes, a: class_of(attributes["type"])(not a),
    )
)  # fmt: skip
fma = register(
    OpDef(
        "fma", "a * b + c rounded once (IEEE 754 fusedMultiplyAdd)", _rule(3, Float), lowering=Intrinsic("llvm.fma"),
        reference=None, samples=(),
    )
)  # fmt: skip
