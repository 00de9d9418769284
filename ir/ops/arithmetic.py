"""Arithmetic on two operands of the same number type. Integers wrap."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ir.on_demand import OnDemand
from ir.opdef import Custom, Intrinsic, Laws, Lowering, OpDef, Opcode, register, same_types
from ir.types import (
    Boolean, Float, Integer, Type, boolean, class_of, dtype_of, float32, float64, int8, int64, np_bool, np_float64,
    np_int64, uint8, uint64, wrap,
)  # fmt: skip

if TYPE_CHECKING:
    from fractions import Fraction

fractions = OnDemand("fractions")

_BOOLEANS = ((boolean,), (np_bool,))
_INTEGERS = ((int8,), (int64,), (np_int64,), (uint8,), (uint64,))
_FLOATS = ((float32,), (float64,), (np_float64,))


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
    commutative: bool = False, domain: Callable[..., bool] | None = None, laws: Laws | None = None,
) -> OpDef:  # fmt: skip
    samples = tuple(t * 2 for t in _samples(accepted))
    return register(
        OpDef(name, doc, _rule(2, *accepted), reference=_on_python(function), lowering=lowering, samples=samples,
              commutative=commutative, domain=domain, laws=laws)
    )  # fmt: skip


def _samples(accepted: tuple[type, ...]) -> tuple[tuple[Type, ...], ...]:
    known = {Integer: _INTEGERS, Float: _FLOATS, Boolean: _BOOLEANS}
    return tuple(sample for kind in accepted for sample in known[kind])


_NUMBER = (Integer, Float)

add = _binary(
    "add", "a + b", Opcode("add", "add", "fadd"), lambda a, b: a + b, _NUMBER, commutative=True,
    laws=Laws(neutral={Integer: 0, Float: -0.0}),
)  # fmt: skip
sub = _binary(
    "sub", "a - b", Opcode("sub", "sub", "fsub"), lambda a, b: a - b, _NUMBER,
    laws=Laws(neutral={Integer: 0, Float: 0.0}, on_equal={Integer: 0}),
)  # fmt: skip
mul = _binary(
    "mul", "a * b", Opcode("mul", "mul", "fmul"), lambda a, b: a * b, _NUMBER, commutative=True,
    laws=Laws(neutral={Integer: 1, Float: 1.0}, absorbing={Integer: 0}),
)  # fmt: skip
accumulate_add = _binary(
    "accumulate_add", "a + b as a step of a sum whose terms may be added in any order", Opcode("add", "add", "fadd reassoc"),
    lambda a, b: a + b, _NUMBER, commutative=True, laws=Laws(neutral={Integer: 0, Float: -0.0}),
)  # fmt: skip
accumulate_mul = _binary(
    "accumulate_mul", "a * b as a step of a product whose factors may be multiplied in any order",
    Opcode("mul", "mul", "fmul reassoc"), lambda a, b: a * b, _NUMBER, commutative=True,
    laws=Laws(neutral={Integer: 1, Float: 1.0}),
)  # fmt: skip
div = _binary(
    "div", "a / b for floats; division by zero gives IEEE 754 results", Opcode(float="fdiv"), np.divide, (Float,),
    laws=Laws(neutral={Float: 1.0}),
)  # fmt: skip
fmod = _binary(
    "fmod", "the remainder of a / b with the sign of a, as C's fmod", Opcode(float="frem"), np.fmod, (Float,)
)
floordiv = _binary(
    "floordiv", "a // b for integers, b not zero; the one overflow wraps", Custom("floordiv"), lambda a, b: a // b,
    (Integer,), domain=lambda a, b: b != 0, laws=Laws(neutral={Integer: 1}),
)  # fmt: skip
mod = _binary(
    "mod", "a % b for integers with the sign of b, b not zero", Custom("mod"), lambda a, b: a % b,
    (Integer,), domain=lambda a, b: b != 0, laws=Laws(on_equal={Integer: 0}),
)  # fmt: skip
bit_and = _binary(
    "and", "a & b", Opcode("and", "and"), lambda a, b: a & b, (Integer, Boolean), commutative=True,
    laws=Laws(neutral={Integer: -1, Boolean: 1}, absorbing={Integer: 0, Boolean: 0}, idempotent=True),
)  # fmt: skip
bit_or = _binary(
    "or", "a | b", Opcode("or", "or"), lambda a, b: a | b, (Integer, Boolean), commutative=True,
    laws=Laws(neutral={Integer: 0, Boolean: 0}, absorbing={Integer: -1, Boolean: 1}, idempotent=True),
)  # fmt: skip
bit_xor = _binary(
    "xor", "a ^ b", Opcode("xor", "xor"), lambda a, b: a ^ b, (Integer, Boolean), commutative=True,
    laws=Laws(neutral={Integer: 0, Boolean: 0}, on_equal={Integer: 0, Boolean: 0}),
)  # fmt: skip


def _in_shift_range(a: Any, b: Any) -> bool:
    bits = 64 if isinstance(a, int) else a.dtype.itemsize * 8
    return bool(0 <= b < bits)


shl = _binary(
    "shl", "a << b, 0 <= b < bits", Opcode("shl", "shl"), lambda a, b: a << b, (Integer,), domain=_in_shift_range,
    laws=Laws(neutral={Integer: 0}),
)  # fmt: skip
shr = _binary(
    "shr", "a >> b, 0 <= b < bits", Opcode("ashr", "lshr"), lambda a, b: a >> b, (Integer,), domain=_in_shift_range,
    laws=Laws(neutral={Integer: 0}),
)  # fmt: skip
minimum = _binary(
    "min", "the smaller integer", Custom("min"), min, (Integer,), commutative=True, laws=Laws(idempotent=True)
)
maximum = _binary(
    "max", "the larger integer", Custom("max"), max, (Integer,), commutative=True, laws=Laws(idempotent=True)
)

def _overflow_rule(operands: Sequence[Type], attributes: dict[str, Any]) -> Type:
    return boolean if same_types(operands, 2, Integer).weak else np_bool


def _overflows(name: str, sign: str, function: Callable[[int, int], int], commutative: bool) -> OpDef:
    """Whether the exact result of an operation does not fit its type."""

    def reference(attributes: dict[str, Any], a: Any, b: Any) -> bool:
        limits = np.iinfo(a.dtype if isinstance(a, np.integer) else np.int64)
        return class_of(attributes["type"])(not limits.min <= function(int(a), int(b)) <= limits.max)

    return register(
        OpDef(
            f"{name}_overflows", f"whether the exact a {sign} b does not fit the integer type, so that `{name}` wraps", _overflow_rule,
            reference=reference, lowering=Custom("overflows"), samples=tuple(t * 2 for t in _INTEGERS), commutative=commutative,
        )
    )  # fmt: skip


add_overflows = _overflows("add", "+", lambda a, b: a + b, True)
sub_overflows = _overflows("sub", "-", lambda a, b: a - b, False)
mul_overflows = _overflows("mul", "*", lambda a, b: a * b, True)

_INVOLUTION = Laws(involution=True)


def _unary(name: str, doc: str, lowering: Lowering, function: Callable, *accepted: type) -> OpDef:
    return register(
        OpDef(name, doc, _rule(1, *accepted), reference=_on_python(function), lowering=lowering, samples=_samples(accepted),
              laws=_INVOLUTION)
    )  # fmt: skip


neg = _unary("neg", "-a", Custom("neg"), lambda a: -a, Integer, Float)
invert = _unary("invert", "~a", Custom("invert"), lambda a: ~a, Integer)
logical_not = _unary("not", "not a", Custom("not"), lambda a: not a, Boolean)


def _fma(attributes: dict[str, Any], a: Any, b: Any, c: Any) -> Any:
    """In exact fractions, rounded once."""
    type = attributes["type"]
    x, y, z = float(a), float(b), float(c)
    if not (math.isfinite(x) and math.isfinite(y)) or x == 0.0 or y == 0.0:
        return class_of(type)(x * y + z)  # the product is exact: a zero, an infinity or a NaN
    if not math.isfinite(z):
        return class_of(type)(z)
    exact = fractions.Fraction(x) * fractions.Fraction(y) + fractions.Fraction(z)
    with np.errstate(over="ignore"):
        return class_of(type)(dtype_of(type).type(_round_to_float(exact, type.bits)))


def _round_to_float(exact: Fraction, bits: int) -> float:
    """The nearest number of the binary format with `bits` bits, ties to even; too large ones become infinite."""
    if exact == 0:
        return 0.0
    precision, smallest = {32: (24, -149), 64: (53, -1074)}[bits]
    size = abs(exact)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if size < fractions.Fraction(2) ** exponent:
        exponent -= 1
    unit = max(exponent - precision + 1, smallest)
    digits = round(size / fractions.Fraction(2) ** unit)
    rounded = math.ldexp(digits, unit) if digits.bit_length() + unit <= 1024 else math.inf
    return rounded if exact > 0 else -rounded


fma = register(
    OpDef(
        "fma", "a * b + c rounded once (IEEE 754 fusedMultiplyAdd)", _rule(3, Float), lowering=Intrinsic("llvm.fma"),
        reference=_fma, samples=((float32,) * 3, (float64,) * 3),
    )
)  # fmt: skip
