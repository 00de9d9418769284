"""Machine code of every op against the reference on its record."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from codegen_harness import function

import ir.ops  # noqa: F401  fills the registry
from codegen.emit import CUSTOM
from ir import types as t
from ir.builder import constant
from ir.graph import Op, Value
from ir.interp import evaluate
from ir.opdef import REGISTRY, Custom, Intrinsic, LibraryCall, OpDef
from ir.ops import aggregate, arithmetic, compare, convert

_FLOATS = (
    0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e300, -1e-310, math.pi, math.inf, -math.inf, math.nan, 2.0**63, -(2.0**63), 1e20,
)  # fmt: skip
_BIT_PAIRS = [(t.int64, t.float64), (t.uint64, t.np_float64), (t.int32, t.float32), (t.uint32, t.float32)]
_SAMPLED = [op for op in REGISTRY.values() if op.samples]


def values_of(type: t.Scalar) -> list[Any]:
    """Values at the edges of a type and in between."""
    make = t.class_of(type)
    if isinstance(type, t.Boolean):
        return [make(False), make(True)]
    if isinstance(type, t.Integer):
        numbers = {type.minimum, type.minimum + 1, -7, -2, -1, 0, 1, 2, 3, 7, 63, 100, type.maximum - 1, type.maximum}
        return [make(n) for n in sorted(numbers) if type.minimum <= n <= type.maximum]
    with np.errstate(over="ignore"):
        if isinstance(type, t.Complex):
            return [make(complex(a, b)) for a, b in itertools.product((0.0, -0.0, 1.5, math.inf, math.nan), repeat=2)]
        return [make(x) for x in _FLOATS]


def same(a: Any, b: Any, ulps: int = 0) -> bool:
    """Equal in class, and in value with the sign of zero; NaN equals NaN."""
    if a.__class__ is not b.__class__:
        return False
    if isinstance(a, (complex, np.complexfloating)):
        return same(a.real, b.real) and same(a.imag, b.imag)
    if isinstance(a, (float, np.floating)):
        if a != a or b != b:
            return a != a and b != b
        if a == b:
            return math.copysign(1, a) == math.copysign(1, b)
        return bool(math.isfinite(a) and math.isfinite(b) and abs(a - b) <= ulps * max(np.spacing(abs(a)), np.spacing(abs(b))))
    return bool(a == b)


def test_every_op_has_a_lowering() -> None:
    for op in REGISTRY.values():
        assert op.lowering is not None, op
        if isinstance(op.lowering, Custom):
            assert op.lowering.name in CUSTOM, op


@pytest.mark.parametrize(
    "op, types", [(op, types) for op in _SAMPLED for types in op.samples], ids=lambda p: getattr(p, "name", None) or str(p)
)
def test_op_agrees_with_its_reference(op: OpDef, types: tuple[t.Scalar, ...]) -> None:
    compiled = function(types, None, lambda b, *operands: b.emit(op, *operands))
    # The C library's functions are not NumPy's. The logarithm of gamma is ill-conditioned between the poles.
    ulps = {"lgamma": 128}.get(op.name, 4) if isinstance(op.lowering, LibraryCall) else 0
    result = op.type_rule(types, {})
    checked = 0
    for operands in itertools.product(*map(values_of, types)):
        if op.domain is not None and not op.domain(*operands):
            continue
        expected = evaluate(Op(op, [], {}, Value(result), None), operands)
        actual = compiled(*operands)
        either_zero = op.name.startswith(("fmaximum", "fminimum")) and actual == expected == 0.0
        assert either_zero or same(actual, expected, ulps), f"{op.name}{operands}: {actual!r}, expected {expected!r}"
        checked += 1
    assert checked


@pytest.mark.parametrize("op", [arithmetic.floordiv, arithmetic.mod], ids=lambda op: op.name)
@pytest.mark.parametrize("divisor", [1, 2, 3, 7, 8, -1, -2, -8, 2**62, -(2**63)])
def test_division_by_constants(op: OpDef, divisor: int) -> None:
    compiled = function([t.int64], None, lambda b, x: b.emit(op, x, constant(divisor, t.int64)))
    for a in values_of(t.int64):
        expected = arithmetic.wrap(a // divisor if op is arithmetic.floordiv else a % divisor, t.int64)
        assert compiled(a) == expected, (a, divisor)


@pytest.mark.parametrize("op", [arithmetic.floordiv, arithmetic.mod], ids=lambda op: op.name)
@pytest.mark.parametrize("kind", [k for k in t.SCALARS if isinstance(k, t.Integer)], ids=str)
def test_division_by_powers_of_two(op: OpDef, kind: t.Integer) -> None:
    for exponent in {0, 1, kind.bits // 2, kind.bits - 1 - kind.signed}:
        divisor = t.class_of(kind)(2**exponent)
        compiled = function([kind], None, lambda b, x: b.emit(op, x, constant(divisor, kind)))
        for a in values_of(kind):
            expected = int(a) // 2**exponent if op is arithmetic.floordiv else int(a) % 2**exponent
            assert same(compiled(a), t.class_of(kind)(expected)), (a, divisor)


@pytest.mark.parametrize("source", t.SCALARS, ids=str)
@pytest.mark.parametrize("to", t.SCALARS, ids=str)
def test_casts(source: t.Scalar, to: t.Scalar) -> None:
    if isinstance(source, t.Complex) != isinstance(to, t.Complex):
        return
    compiled = function([source], None, lambda b, x: b.emit(convert.cast, x, to=to))
    for value in values_of(source):
        expected = evaluate(Op(convert.cast, [], {"to": to}, Value(to), None), [value])
        assert same(compiled(value), expected), (value, compiled(value), expected)


@pytest.mark.parametrize("pair", _BIT_PAIRS, ids=str)
def test_bitcasts_invert_each_other(pair: tuple[t.Scalar, t.Scalar]) -> None:
    for source, to in (pair, pair[::-1]):
        there = function([source], None, lambda b, x: b.emit(convert.bitcast, x, to=to))
        back = function([to], None, lambda b, x: b.emit(convert.bitcast, x, to=source))
        for value in values_of(source):
            expected = np.array(value, t.dtype_of(source)).view(t.dtype_of(to))[()]
            assert same(there(value), t.class_of(to)(expected)), value
            if value == value:  # the sign and payload of a NaN may change on the way through a Python object
                assert same(back(there(value)), value)


def test_complex_numbers_are_taken_apart_and_put_together() -> None:
    for type in (t.complex128, t.np_complex128, t.complex64):
        swap = function([type], None, lambda b, z: b.emit(
            aggregate.complex_make, b.emit(aggregate.complex_imag, z), b.emit(aggregate.complex_real, z)))  # fmt: skip
        for z in values_of(type):
            with np.errstate(invalid="ignore"):
                assert same(swap(z), t.class_of(type)(complex(z.imag, z.real)))


def test_select_of_aggregates() -> None:
    pair = t.Tuple((t.int64, t.complex128))
    pick = function([t.boolean, pair, pair], None, lambda b, c, x, y: b.emit(compare.select, c, x, y))
    assert pick(True, (1, 2j), (3, 4j)) == (1, 2j)
    assert pick(False, (1, 2j), (3, 4j)) == (3, 4j)


def test_fast_math_flags_reach_the_instructions() -> None:
    def build(b: Any, x: Value, y: Value) -> Value:
        return b.emit(arithmetic.div, b.emit(arithmetic.mul, x, y), y)

    exact = function([t.float64, t.float64], None, build)
    fast = function([t.float64, t.float64], None, build, fastmath=True)
    assert math.isnan(exact(1.0, 0.0))
    assert fast(3.0, 7.0) == 3.0
    assert " fast " in fast.executable.llvm
    assert "fmul double" in exact.executable.llvm and "fdiv double" in exact.executable.llvm
    some = function([t.float64, t.float64], None, build, fastmath={"nnan", "arcp"})
    assert "fdiv arcp nnan double" in some.executable.llvm
    with pytest.raises(ValueError, match="fastmath takes LLVM's flags"):
        function([t.float64, t.float64], None, build, fastmath={"quick"})


def test_all_kinds_of_lowering_occur() -> None:
    kinds = {type(op.lowering) for op in _SAMPLED}
    assert {Custom, Intrinsic, LibraryCall} <= kinds
