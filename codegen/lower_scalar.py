"""Lowerings of integer arithmetic, conversions, complex numbers, tuples and optional values."""

from __future__ import annotations

from codegen import abi
from codegen.effort import Effort
from codegen.emit import GraphText, Parts, lowers
from codegen.engine import engine
from ir.graph import Constant, Op, Value
from ir.types import Boolean, Complex, Float, Integer, Scalar


def _power_of_two(value: Value) -> int | None:
    """The exponent where the value is a constant power of two."""
    if isinstance(value, Constant):
        number = int(value.value)
        if number > 0 and number & (number - 1) == 0:
            return number.bit_length() - 1
    return None


def _safe_divisor(f: GraphText, type: Integer, component: str, divisor: str) -> str:
    """The divisor, or 1 in place of those for which the machine's division traps."""
    if type.signed:  # -1 and 0: the smallest number divided by -1 overflows
        trapping = f.value(f"icmp ult {component} {f.value(f'add {component} {divisor}, 1')}, 2")
    else:
        trapping = f.value(f"icmp eq {component} {divisor}, 0")
    return f.value(f"select i1 {trapping}, {component} 1, {component} {divisor}")


def _signs_differ(f: GraphText, component: str, remainder: str, divisor: str) -> str:
    """Whether a remainder is not zero and has the other sign than the divisor: then division did not round down."""
    inexact = f.value(f"icmp ne {component} {remainder}, 0")
    mixed = f.value(f"icmp slt {component} {f.value(f'xor {component} {remainder}, {divisor}')}, 0")
    return f.value(f"and i1 {inexact}, {mixed}")


@lowers("floordiv")
def _floordiv(f: GraphText, op: Op) -> Parts:
    type = op.result.type
    c = abi.components(type)[0]
    a, b = f.part(op.operands[0]), f.part(op.operands[1])
    exponent = _power_of_two(op.operands[1])
    if exponent is not None:
        return [f.value(f"{'ashr' if type.signed else 'lshr'} {c} {a}, {exponent}")]
    safe = _safe_divisor(f, type, c, b)
    if not type.signed:
        return [f.value(f"udiv {c} {a}, {safe}")]
    quotient = f.value(f"sdiv {c} {a}, {safe}")
    remainder = f.value(f"srem {c} {a}, {safe}")
    correction = f.value(f"sext i1 {_signs_differ(f, c, remainder, safe)} to {c}")
    floored = f.value(f"add {c} {quotient}, {correction}")
    negated = f.value(f"sub {c} 0, {a}")
    is_minus_one = f.value(f"icmp eq {c} {b}, -1")
    return [f.value(f"select i1 {is_minus_one}, {c} {negated}, {c} {floored}")]


@lowers("mod")
def _mod(f: GraphText, op: Op) -> Parts:
    type = op.result.type
    c = abi.components(type)[0]
    a, b = f.part(op.operands[0]), f.part(op.operands[1])
    if _power_of_two(op.operands[1]) is not None:
        return [f.value(f"and {c} {a}, {int(op.operands[1].value) - 1}")]
    safe = _safe_divisor(f, type, c, b)
    if not type.signed:
        return [f.value(f"urem {c} {a}, {safe}")]
    remainder = f.value(f"srem {c} {a}, {safe}")
    moved = f.value(f"add {c} {remainder}, {safe}")
    return [f.value(f"select i1 {_signs_differ(f, c, remainder, safe)}, {c} {moved}, {c} {remainder}")]


@lowers("overflows")
def _overflows(f: GraphText, op: Op) -> Parts:
    a, b = op.operands
    component = abi.components(a.type)[0]
    name = f"llvm.{'s' if a.type.signed else 'u'}{op.name.removesuffix('_overflows')}.with.overflow.{component}"
    pair = f"{{{component}, i1}}"
    f.module.declare(name, f"declare {pair} @{name}({component}, {component})")
    called = f.value(f"call {pair} @{name}({component} {f.part(a)}, {component} {f.part(b)})")
    return [f.value(f"extractvalue {pair} {called}, 1")]


@lowers("min", "max")
def _extremum(f: GraphText, op: Op) -> Parts:
    type = op.result.type
    name = f"llvm.{'s' if type.signed else 'u'}{op.opdef.lowering.name}"
    return [f.intrinsic(name, abi.components(type)[0], [f.part(v) for v in op.operands])]


@lowers("maximum", "minimum", "maxnum", "minnum")
def _float_extremum(f: GraphText, op: Op) -> Parts:
    # Which zero comes out is left open, as in NumPy: putting that right takes longer than all the rest.
    name = f"llvm.{op.opdef.lowering.name}"
    return [f.intrinsic(name, abi.components(op.result.type)[0], [f.part(v) for v in op.operands], promise="nsz ")]


@lowers("neg")
def _neg(f: GraphText, op: Op) -> Parts:
    c, a = abi.components(op.result.type)[0], f.part(op.operands[0])
    if isinstance(op.result.type, Float):
        return [f.value(f"fneg {f.flags}{c} {a}")]
    return [f.value(f"sub {c} 0, {a}")]


@lowers("invert")
def _invert(f: GraphText, op: Op) -> Parts:
    return [f.value(f"xor {abi.components(op.result.type)[0]} {f.part(op.operands[0])}, -1")]


@lowers("not")
def _not(f: GraphText, op: Op) -> Parts:
    return [f.value(f"xor i1 {f.part(op.operands[0])}, true")]


@lowers("select")
def _select(f: GraphText, op: Op) -> Parts:
    condition, a, b = op.operands
    compared = _comparison(condition)
    if compared is not None and isinstance(op.result.type, Float) and _is_chosen_by_again(f, compared):
        test, a, b = _opposite(f, compared), b, a
    else:
        test = f.part(condition)
    pairs = zip(abi.components(op.result.type), f.parts(a), f.parts(b))
    return [f.value(f"select i1 {test}, {c} {a}, {c} {b}") for c, a, b in pairs]


_OPPOSITES = {"lt": "uge", "le": "ugt", "gt": "ule", "ge": "ult", "eq": "une", "ne": "oeq"}


def _comparison(condition: Value) -> Op | None:
    """The comparison of floats that makes a condition."""
    op = condition.op
    if op is not None and op.name == "cast" and isinstance(op.operands[0].type, Boolean):
        op = op.operands[0].op
    return op if op is not None and op.name in _OPPOSITES and isinstance(op.operands[0].type, Float) else None


def _is_chosen_by_again(f: GraphText, compared: Op) -> bool:
    """Whether a second choice between floats by a comparison has a comparison of its own, the opposite one.

    With registers for masks, LLVM compares floats into a mask only where the result is used once; otherwise the
    condition goes through the flags and a general register, which takes ten cycles of each round of a loop.
    """
    if f.module.plan.effort is Effort.WHOLE or engine().vector_bits < 512:
        return False
    f.choices[compared] = f.choices.get(compared, 0) + 1
    return f.choices[compared] == 2


def _opposite(f: GraphText, compared: Op) -> str:
    component = abi.components(compared.operands[0].type)[0]
    operands = ", ".join([f.part(v) for v in compared.operands])
    return f.value(f"fcmp {f.flags}{_OPPOSITES[compared.name]} {component} {operands}")


@lowers("cast")
def _cast(f: GraphText, op: Op) -> Parts:
    source, to = op.operands[0].type, op.result.type
    parts = f.parts(op.operands[0])
    if isinstance(source, Complex):
        return [_cast_float(f, source.part, to.part, part) for part in parts]
    if isinstance(to, Boolean):
        return [_truth(f, source, parts[0])]
    if isinstance(source, Float):
        cast = _cast_float if isinstance(to, Float) else _saturate
        return [cast(f, source, to, parts[0])]
    if isinstance(to, Float):
        signed = isinstance(source, Integer) and source.signed
        return [_convert(f, "sitofp" if signed else "uitofp", source, to, parts[0])]
    return [_cast_integer(f, source, to, parts[0])]


def _convert(f: GraphText, instruction: str, source: Scalar, to: Scalar, part: str) -> str:
    return f.value(f"{instruction} {abi.components(source)[0]} {part} to {abi.components(to)[0]}")


def _truth(f: GraphText, source: Scalar, part: str) -> str:
    if isinstance(source, Boolean):
        return part
    c = abi.components(source)[0]
    return f.value(f"fcmp une {c} {part}, 0.0" if isinstance(source, Float) else f"icmp ne {c} {part}, 0")


def _cast_float(f: GraphText, source: Float, to: Float, part: str) -> str:
    if source.bits == to.bits:
        return part
    return _convert(f, "fpext" if to.bits > source.bits else "fptrunc", source, to, part)


def _saturate(f: GraphText, source: Float, to: Integer, part: str) -> str:
    name, result = f"llvm.fpto{'s' if to.signed else 'u'}i.sat", abi.components(to)[0]
    c = abi.components(source)[0]
    full = f"{name}.{result}.f{source.bits}"
    f.module.declare(full, f"declare {result} @{full}({c})")
    return f.value(f"call {result} @{full}({c} {part})")


def _cast_integer(f: GraphText, source: Integer | Boolean, to: Integer, part: str) -> str:
    if source.bits == to.bits:
        return part
    if to.bits < source.bits:
        return _convert(f, "trunc", source, to, part)
    signed = isinstance(source, Integer) and source.signed
    return _convert(f, "sext" if signed else "zext", source, to, part)


@lowers("bitcast")
def _bitcast(f: GraphText, op: Op) -> Parts:
    return [_convert(f, "bitcast", op.operands[0].type, op.result.type, f.part(op.operands[0]))]


@lowers("concatenate")
def _concatenate(f: GraphText, op: Op) -> Parts:
    return [part for v in op.operands for part in f.parts(v)]


@lowers("complex_part")
def _complex_part(f: GraphText, op: Op) -> Parts:
    return [f.parts(op.operands[0])[1 if op.name == "imag" else 0]]


@lowers("tuple_item")
def _tuple_item(f: GraphText, op: Op) -> Parts:
    return f.parts(op.operands[0])[abi.item_range(op.operands[0].type, op.attributes["index"])]


@lowers("optional_some")
def _optional_some(f: GraphText, op: Op) -> Parts:
    return ["true", *f.parts(op.operands[0])]


@lowers("optional_nothing")
def _optional_nothing(f: GraphText, op: Op) -> Parts:
    return ["false", *map(abi.zero, abi.components(op.result.type.value))]


@lowers("optional_has")
def _optional_has(f: GraphText, op: Op) -> Parts:
    return [f.parts(op.operands[0])[0]]


@lowers("optional_value")
def _optional_value(f: GraphText, op: Op) -> Parts:
    return f.parts(op.operands[0])[1:]


@lowers("undefined")
def _undefined(f: GraphText, op: Op) -> Parts:
    # Zero rather than LLVM's poison: the value may pass through a call, where poison would be undefined behaviour.
    return list(map(abi.zero, abi.components(op.result.type)))
