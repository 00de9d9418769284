"""Every op record: its reference against CPython and NumPy on edge values, its laws, its type rule."""

from __future__ import annotations

import ctypes
import ctypes.util
import itertools
import math
import operator
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ir.ops  # noqa: F401
from ir import types
from ir.builder import Builder, constant
from ir.errors import DomainError, IRError, IRTypeError
from ir.graph import Block, Graph, Op, Value, constant_key, same_constant
from ir.interp import as_type, evaluate, run
from ir.opdef import REGISTRY, Effect, LibraryCall, OpDef, register
from ir.passes import fold
from ir.types import Boolean, Complex, Float, Integer, Scalar, Type, class_of, dtype_of, from_dtype, int64

_FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 2.5, -3.75, 1e300, -1e-300, 5e-324, float("inf"), float("-inf"), float("nan"))


def edge_values(type: Type) -> list[Any]:
    """Values of the type at which things go wrong."""
    if isinstance(type, Boolean):
        values: tuple = (False, True)
    elif isinstance(type, Integer):
        near = (0, 1, 2, 3, 7, -1, -2, -5, 63, type.maximum, type.maximum - 1, type.minimum, type.minimum + 1)
        values = tuple(dict.fromkeys(v for v in near if type.minimum <= v <= type.maximum))
    elif isinstance(type, Float):
        values = _FLOATS
    else:
        assert isinstance(type, Complex)
        values = tuple(complex(a, b) for a in (0.0, -0.0, 1.5, float("nan")) for b in (-0.0, 2.0, float("inf")))
    with np.errstate(all="ignore"):
        return [class_of(type)(v) for v in values]


def make_op(opdef: OpDef, operand_types: tuple[Type, ...], **attributes: Any) -> Op:
    op = Op(opdef, [Value(t) for t in operand_types], attributes, None, None)
    op.result = Value(opdef.type_rule(operand_types, attributes), None, op)
    return op


def same(a: Any, b: Any) -> bool:
    """Of one class, with the same bits but for the payload of NaNs."""
    if a.__class__ is not b.__class__:
        return False
    if isinstance(a, (complex, np.complexfloating)):
        return same(float(a.real), float(b.real)) and same(float(a.imag), float(b.imag))
    if isinstance(a, (float, np.floating)):
        return bool(np.isnan(a) and np.isnan(b)) or (a == b and np.signbit(a) == np.signbit(b))
    return bool(a == b)


SAMPLED = [(opdef, sample) for opdef in REGISTRY.values() for sample in opdef.samples]


def sample_id(value: Any) -> str:
    return value.name if isinstance(value, OpDef) else "-".join(map(str, value))


# What each op must give, computed without our references: on exact integers (then wrapped), or by NumPy.
_EXPECTED: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": np.true_divide, "fmod": np.fmod,
    "add_overflows": operator.add, "sub_overflows": operator.sub, "mul_overflows": operator.mul,
    "accumulate_add": operator.add, "accumulate_mul": operator.mul,
    "floordiv": operator.floordiv, "mod": operator.mod, "and": operator.and_, "or": operator.or_, "xor": operator.xor,
    "shl": operator.lshift, "shr": operator.rshift, "min": min, "max": max, "neg": operator.neg,
    "invert": operator.invert, "not": operator.not_, "eq": operator.eq, "ne": operator.ne, "lt": operator.lt,
    "le": operator.le, "gt": operator.gt, "ge": operator.ge, "select": lambda c, a, b: a if c else b,
    "sqrt": np.sqrt, "fabs": np.abs, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "rint": np.rint,
    "copysign": np.copysign, "fmaximum": np.maximum, "fminimum": np.minimum,
    "fmaximumnum": np.fmax, "fminimumnum": np.fmin,
}  # fmt: skip
# Of these the C library is the judge: NumPy lacks some, and its `power` gives -0.0 ** 0.5 the sign of its square root.
_LIBM = {o.name for o in REGISTRY.values() if isinstance(o.lowering, LibraryCall)} | {"fma"}


def libm_function(name: str, arity: int, single: bool) -> Callable[..., float]:
    function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), name + "f" * single)
    number = ctypes.c_float if single else ctypes.c_double
    function.restype, function.argtypes = number, [number] * arity
    return function


def expected_result(opdef: OpDef, result_type: Scalar, values: tuple) -> Any:
    """The result by Python and NumPy."""
    function = _EXPECTED[opdef.name]
    if opdef.name == "select":
        return function(*values)
    if isinstance(values[0], (int, np.integer, np.bool_)):
        exact = function(*map(int, values))
        if opdef.name.endswith("_overflows"):
            kind = from_dtype(values[0].dtype) if isinstance(values[0], np.integer) else int64
            return class_of(result_type)(not kind.minimum <= exact <= kind.maximum)
        return class_of(result_type)(wrapped(exact, result_type))
    kind = np.float32 if isinstance(values[0], np.float32) else np.float64
    with np.errstate(all="ignore"):
        return class_of(result_type)(function(*map(kind, values)))


def wrapped(exact: int, type: Type) -> int:
    if not isinstance(type, Integer):
        return exact
    exact %= 1 << type.bits
    return exact - (1 << type.bits) if exact > type.maximum else exact


@pytest.mark.parametrize(("opdef", "sample"), [s for s in SAMPLED if s[0].name not in _LIBM], ids=sample_id)
def test_reference(opdef: OpDef, sample: tuple[Type, ...]) -> None:
    op = make_op(opdef, sample)
    compared = 0
    for values in itertools.product(*map(edge_values, sample)):
        if opdef.domain is not None and not opdef.domain(*values):
            with pytest.raises(DomainError):
                evaluate(op, values)
            continue
        assert same(evaluate(op, values), expected_result(opdef, op.result.type, values)), values
        compared += 1
    assert compared >= 2


@pytest.mark.skipif(not ctypes.util.find_library("m"), reason="needs the C mathematics library")
@pytest.mark.parametrize(("opdef", "sample"), [s for s in SAMPLED if s[0].name in _LIBM], ids=sample_id)
def test_reference_against_the_c_library(opdef: OpDef, sample: tuple[Type, ...]) -> None:
    single = sample[0].bits == 32
    function = libm_function(opdef.name, len(sample), single)
    op = make_op(opdef, sample)
    exact = opdef.name == "fma"
    for values in [*itertools.product(*map(edge_values, sample)), *random_floats(len(sample), single)]:
        actual, expected = float(evaluate(op, values)), function(*map(float, values))
        close = math.isclose(actual, expected, rel_tol=1e-6 if single else 1e-12)
        assert same(actual, expected) or (not exact and close), values


def random_floats(count: int, single: bool) -> list[tuple]:
    """Tuples with random bits; half of those of three are near to a * b + c = 0, where fma differs most."""
    choose = random.Random(7)
    code, kind = ("f", np.float32) if single else ("d", float)
    found = []
    for _ in range(400):
        values = [kind(struct.unpack(code, choose.randbytes(4 if single else 8))[0]) for _ in range(count)]
        if count == 3 and choose.random() < 0.5:
            with np.errstate(all="ignore"):
                values[2] = kind(-values[0] * values[1] * kind(1 + choose.choice((0, 1e-16, 1e-9, 1e-7))))
        found.append(tuple(values))
    return found


def test_every_op_is_tested_by_samples_or_by_name() -> None:
    with_own_tests = {
        "jump", "branch", "return", "unreachable", "raise", "call", "python_call", "cast", "bitcast", "complex", "real",
        "imag", "tuple", "item", "some", "nothing", "has_value", "value", "undefined", "shape", "stride", "check_index",
        "wrap_index", "load", "store", "subarray", "transpose", "relax",
        "alloc", "local", "view", "retain", "release", "overlaps", "broadcast", "copy", "stretch",  # tests/test_memory.py
        "map", "map_raising", "assign", "reduce",  # tests/test_array_passes.py
        "kernel",  # tests/test_kernels.py
        "box", "unbox", "unbox_like", "interpret", "object_truth", "same_object",  # tests/test_ir_python.py
        "foreign",  # tests/test_foreign.py
        "poll",  # tests/test_polls.py
    }  # fmt: skip
    assert {opdef.name for opdef in REGISTRY.values() if opdef.samples} == set(_EXPECTED) | _LIBM
    missing = set(REGISTRY) - with_own_tests - set(_EXPECTED) - _LIBM
    assert not missing, f"{missing} need samples on their records or tests of their own here"


def test_records_are_complete() -> None:
    for opdef in REGISTRY.values():
        control = opdef.effects & Effect.TERMINATES or opdef.name == "call"
        assert opdef.doc and opdef.lowering is not None
        assert bool(control) is (opdef.reference is None), opdef.name
        assert opdef.terminator is bool(opdef.effects & Effect.TERMINATES)
        assert opdef.pure is (opdef.effects == Effect.NONE)
        assert not opdef.pure or (opdef.removable and opdef.repeatable and not opdef.writes)
    with pytest.raises(ValueError, match="registered twice"):
        register(OpDef("add", "Another op of this name.", REGISTRY["add"].type_rule))


# --- laws


@pytest.mark.parametrize("opdef", [o for o in REGISTRY.values() if o.laws is not None], ids=sample_id)
def test_laws_hold(opdef: OpDef) -> None:
    laws = opdef.laws
    checked = 0
    for sample in opdef.samples:
        op, kind = make_op(opdef, sample), type(sample[0])
        for value in edge_values(sample[0]):
            if laws.involution:
                assert same(evaluate(op, [evaluate(op, [value])]), value)
            if laws.idempotent:
                assert same(evaluate(op, [value, value]), value)
            for table, operands, gives in (
                (laws.neutral, lambda number: (value, number), lambda number: value),
                (laws.absorbing, lambda number: (value, number), lambda number: number),
                (laws.on_equal, lambda number: (value, value), lambda number: number),
            ):
                if kind in table and (opdef.domain is None or opdef.domain(*operands(in_type(table[kind], sample[0])))):
                    number = in_type(table[kind], op.result.type if table is laws.on_equal else sample[0])
                    assert same(evaluate(op, operands(number)), gives(number)), (value, number)
            checked += 1
    assert checked > 0


def in_type(number: float, type: Scalar) -> Any:
    return class_of(type)(wrapped(int(number), type) if isinstance(type, Integer) else number)


@pytest.mark.parametrize("opdef", [o for o in REGISTRY.values() if o.commutative], ids=sample_id)
def test_commutative_ops_commute(opdef: OpDef) -> None:
    for sample in opdef.samples:
        op = make_op(opdef, sample)
        for a, b in itertools.product(edge_values(sample[0]), repeat=2):
            assert same(evaluate(op, (a, b)), evaluate(op, (b, a)))


@pytest.mark.parametrize(("opdef", "sample"), SAMPLED, ids=sample_id)
def test_folding_agrees_with_running(opdef: OpDef, sample: tuple[Type, ...]) -> None:
    """With every mix of constants and parameters among the operands, and with equal operands."""
    choose = random.Random(opdef.name)
    choices = list(itertools.product(*map(edge_values, sample)))
    for values in choose.sample(choices, min(len(choices), 40)):
        if opdef.domain is not None and not opdef.domain(*values):
            continue
        for known in itertools.product((False, True), repeat=len(sample)):
            graph = graph_of(opdef, sample, values, known)
            before = run(graph, *values)
            fold(graph)
            assert same(run(graph, *values), before), (values, known)


def graph_of(opdef: OpDef, sample: tuple[Type, ...], values: tuple, known: tuple[bool, ...]) -> Graph:
    params = [Value(t) for t in sample]
    graph = Graph("f", blocks=[Block("entry", params)])
    builder = Builder(graph)
    operands = [constant(v, p.type) if k else p for v, p, k in zip(values, params, known)]
    if len(sample) == 2 and not any(known) and same(*values):
        operands = [params[0], params[0]]
    result = builder.emit(opdef, *operands)
    builder.return_(result)
    graph.result_type = result.type
    return graph


# --- conversions

_PAIRS = [(a, b) for a in types.SCALARS for b in types.SCALARS if isinstance(a, Complex) == isinstance(b, Complex)]


@pytest.mark.parametrize(("source", "to"), _PAIRS, ids=str)
def test_cast(source: Scalar, to: Scalar) -> None:
    op = make_op(REGISTRY["cast"], (source,), to=to)
    for value in edge_values(source):
        assert same(evaluate(op, [value]), expected_cast(value, source, to)), value


def expected_cast(value: Any, source: Scalar, to: Scalar) -> Any:
    if isinstance(to, Integer):
        if isinstance(source, Float):
            exact = 0 if math.isnan(value) else to.maximum if value == math.inf else to.minimum if value == -math.inf else int(value)
            return class_of(to)(min(max(exact, to.minimum), to.maximum))
        return class_of(to)(wrapped(int(value), to))
    with np.errstate(all="ignore"):
        return class_of(to)(np.array(value, dtype_of(source)).astype(dtype_of(to))[()])


def test_a_large_integer_is_rounded_once_to_float32() -> None:
    op = make_op(REGISTRY["cast"], (types.int64,), to=types.float32)
    value = 2**60 + 2**36 + 1  # just above the middle of two floats, but exactly there after rounding to a double
    assert evaluate(op, [value]) == np.float32(2.0**60 + 2.0**37)


@pytest.mark.parametrize("to", types.SCALARS, ids=str)
def test_bitcast_there_and_back(to: Scalar) -> None:
    partner = {32: (types.int32, types.float32), 64: (types.int64, types.float64)}.get(to.bits)
    if partner is None or not isinstance(to, (Integer, Float)):
        with pytest.raises(IRTypeError):
            make_op(REGISTRY["bitcast"], (types.float64,), to=to)
        return
    source = partner[isinstance(to, Integer)]
    there, back = make_op(REGISTRY["bitcast"], (source,), to=to), make_op(REGISTRY["bitcast"], (to,), to=source)
    for value in edge_values(source):
        image = evaluate(there, [value])
        assert image.__class__ is class_of(to)
        assert np.array(image, dtype_of(to)).tobytes() == np.array(value, dtype_of(source)).tobytes()
        assert same(evaluate(back, [image]), value)


def test_as_type_converts_numbers_only() -> None:
    assert as_type(1, types.float64).__class__ is float
    assert as_type(np.int64(3), types.int64).__class__ is int
    assert as_type((1, 2), types.Tuple((types.int64, types.int64))) == (1, 2)


# --- compound values


@pytest.mark.parametrize("part", (types.float64, types.np_float64, types.float32), ids=str)
def test_complex_parts(part: Float) -> None:
    make = make_op(REGISTRY["complex"], (part, part))
    real, imag = (make_op(REGISTRY[name], (make.result.type,)) for name in ("real", "imag"))
    for a, b in itertools.product(edge_values(part), repeat=2):
        z = evaluate(make, [a, b])
        assert z.__class__ is class_of(make.result.type)
        assert same(evaluate(real, [z]), a) and same(evaluate(imag, [z]), b)


def test_tuples_and_optionals() -> None:
    pair = types.Tuple((types.int64, types.float64))
    assert evaluate(make_op(REGISTRY["tuple"], pair.items, to=pair), [1, 2.0]) == (1, 2.0)
    assert evaluate(make_op(REGISTRY["item"], (pair,), index=1), [(1, 2.0)]) == 2.0
    optional = types.Optional(types.int64)
    assert evaluate(make_op(REGISTRY["some"], (types.int64,)), [3]) == 3
    assert evaluate(make_op(REGISTRY["nothing"], (), to=optional), []) is None
    has = make_op(REGISTRY["has_value"], (optional,))
    assert evaluate(has, [0]) is True and evaluate(has, [None]) is False
    assert evaluate(make_op(REGISTRY["value"], (optional,)), [3]) == 3
    assert make_op(REGISTRY["undefined"], (), to=types.int64).result.type is types.int64


# --- arrays


def test_array_ops() -> None:
    a = np.arange(24.0).reshape(2, 3, 4)
    kind = types.float64[:, :, ::1]
    for axis in range(3):
        assert evaluate(make_op(REGISTRY["shape"], (kind,), axis=axis), [a]) == a.shape[axis]
        assert evaluate(make_op(REGISTRY["stride"], (kind,), axis=axis), [a]) == a.strides[axis]
    int64 = types.int64
    load = make_op(REGISTRY["load"], (kind, int64, int64, int64))
    assert load.result.type is types.np_float64 and same(evaluate(load, [a, 1, 2, 3]), np.float64(23))
    row = make_op(REGISTRY["subarray"], (kind, int64))
    assert row.result.type is types.float64[:, ::1] and evaluate(row, [a, 1]).base is not None
    turned = make_op(REGISTRY["transpose"], (kind,))
    assert turned.result.type is types.float64[::1, :, :] and evaluate(turned, [a]).shape == (4, 3, 2)
    loose = make_op(REGISTRY["relax"], (kind,), to=types.float64[:, :, :])
    assert evaluate(loose, [a]) is a
    for outside in ([a, 2, 0, 0], [a, 0, -1, 0]):
        with pytest.raises(DomainError):
            evaluate(load, outside)
    store = Op(REGISTRY["store"], [], {}, None, None)
    evaluate(store, [a, 0, 0, 0, np.float64(-1)])
    assert a[0, 0, 0] == -1
    with pytest.raises(DomainError):
        evaluate(store, [a, 0, 3, 0, np.float64(-1)])


@pytest.mark.parametrize("index", (0, 4, -1, -5, 5, -6, 2**63 - 1, -(2**63)))
def test_check_index(index: int) -> None:
    check = make_op(REGISTRY["check_index"], (types.int64, types.int64), axis=0)
    if -5 <= index < 5:
        assert evaluate(check, [index, 5]) == range(5)[index]
        assert evaluate(make_op(REGISTRY["wrap_index"], (types.int64, types.int64), axis=0), [index, 5]) == range(5)[index]
    else:
        with pytest.raises(IndexError, match=f"^index {index} is out of bounds for axis 0 with size 5$"):
            evaluate(check, [index, 5])


def test_check_index_messages_and_promise() -> None:
    of_tuple = make_op(REGISTRY["check_index"], (types.int64, types.int64), axis=None)
    with pytest.raises(IndexError, match="^tuple index out of range$"):
        evaluate(of_tuple, [3, 3])
    promised = make_op(REGISTRY["check_index"], (types.int64, types.int64), axis=0, nonnegative=True)
    with pytest.raises(DomainError):
        evaluate(promised, [-1, 3])


@pytest.mark.parametrize(
    ("name", "operand_types", "attributes"),
    [
        ("add", (types.int64, types.float64), {}),
        ("add", (types.int64,), {}),
        ("add", (types.boolean, types.boolean), {}),
        ("add", (types.int64, types.np_int64), {}),
        ("div", (types.int64, types.int64), {}),
        ("sqrt", (types.int64,), {}),
        ("cast", (types.complex128,), {"to": types.float64}),
        ("cast", (types.none,), {"to": types.float64}),
        ("bitcast", (types.int32,), {"to": types.float64}),
        ("select", (types.int64, types.int64, types.int64), {}),
        ("select", (types.boolean, types.int64, types.float64), {}),
        ("tuple", (types.int64,), {"to": types.Tuple(())}),
        ("item", (types.Tuple((types.int64,)),), {"index": 1}),
        ("some", (types.none,), {}),
        ("nothing", (), {"to": types.int64}),
        ("undefined", (types.int64,), {"to": types.int64}),
        ("shape", (types.float64[:],), {"axis": 1}),
        ("check_index", (types.np_int64, types.np_int64), {"axis": 0}),
        ("load", (types.float64[:, :], types.int64), {}),
        ("load", (types.int64,), {}),
        ("store", (types.float64[:], types.int64, types.float64), {}),
        ("store", (types.Array(types.float64, 1, "C", True), types.int64, types.np_float64), {}),
        ("subarray", (types.float64[:], types.int64), {}),
        ("relax", (types.float64[:],), {"to": types.float64[::1]}),
        ("relax", (types.Array(types.float64, 1, "C", True),), {"to": types.float64[:]}),
        ("branch", (types.int64,), {}),
    ],
    ids=str,
)
def test_type_rules_refuse(name: str, operand_types: tuple[Type, ...], attributes: dict[str, Any]) -> None:
    with pytest.raises(IRTypeError):
        REGISTRY[name].type_rule(operand_types, attributes)


# --- the interpreter and constants


def test_the_builder_names_the_op_in_errors() -> None:
    graph = Graph("f", blocks=[Block("entry")])
    with pytest.raises(IRTypeError, match="^add: operands differ in type: int64, float64$"):
        Builder(graph).emit(REGISTRY["add"], constant(1, types.int64), constant(1, types.float64))


def test_an_op_without_a_reference_is_not_evaluated() -> None:
    with pytest.raises(IRError, match="jump has no reference"):
        evaluate(Op(REGISTRY["jump"], [], {}, None, None), [])


def test_constants_are_told_apart() -> None:
    nan = float("nan")
    distinct = [
        constant(0.0, types.float64), constant(-0.0, types.float64), constant(0, types.int64), constant(False, types.boolean),
        constant(nan, types.float64), constant(-nan, types.float64), constant(0.0, types.np_float64),
        constant(complex(0.0, -0.0), types.complex128), constant(0j, types.complex128),
    ]  # fmt: skip
    assert len({constant_key(c) for c in distinct}) == len(distinct)
    assert same_constant(constant(nan, types.float64), constant(nan, types.float64))
    assert same_constant(constant(2, types.int64), constant(2, types.int64))
    assert not same_constant(constant(2, types.int64), Value(types.int64))
